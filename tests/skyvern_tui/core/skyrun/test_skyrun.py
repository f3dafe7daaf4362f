"""Claims about runs kept as files."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.client.errors import BadRequestError, NotFoundError
from skyvern_tui.core.facts import Outage
from skyvern_tui.core.journal import ArtifactsSeen, Journal, OutageSeen, RunSeen, TimelineSeen
from skyvern_tui.core.skyrun import NotSaved, RunWriter, SavedGateway, open_run, read_run
from skyvern_tui.core.skyrun import reading as reading_module
from tests.skyvern_tui.builders import START, a_block, a_run, a_thought, an_action, an_artifact

NOW = datetime(2026, 1, 21, 8, 0, tzinfo=UTC)
RUN = a_run(
    status="completed",
    modified=9,
    output={"url": "https://shop.example.com/?id=3", "title": "Ä"},
    recording_url="https://files.example.com/rec.webm?sig=abc",
    screenshot_urls=["https://files.example.com/1.png?sig=abc"],
    downloaded_files=[{"url": "https://files.example.com/a.pdf?sig=abc", "filename": "a.pdf"}],
    run_request={"prompt": "p", "extra_http_headers": {"Authorization": "Bearer secret-token"}},
    something_new={"kept": True},
)
TIMELINE = [a_thought(1, when=2), a_block(1, when=3, actions=[an_action(1, when=3.5)])]
SHOT = an_artifact(1, signed_url="https://files.example.com/1.png?sig=abc")
LOST = an_artifact(2, "browser_console_log")
OUTAGE = Outage(START + timedelta(seconds=4), "connection refused", 2, START + timedelta(seconds=6))


def a_journal() -> Journal:
    """Return the journal of somebody who watched the run, an outage and a pause in it."""
    journal = Journal()
    for snapshot in (
        RunSeen(a_run(status="paused", modified=5, run_request=RUN.run_request)),
        OutageSeen(OUTAGE),
        RunSeen(RUN),
        TimelineSeen(TIMELINE),
        ArtifactsSeen([SHOT, LOST]),
    ):
        journal.apply(snapshot)
    return journal


@pytest.fixture
def file(tmp_path):
    """Return a saved run."""
    with RunWriter(tmp_path / "deep" / "run.skyrun", saved_at=NOW) as writer:
        writer.add(SHOT, b"\x89PNG-bytes")
        writer.add(LOST, None, missing="404")
        request = {"prompt": "p with the-key", "extra_http_headers": {"Authorization": "Bearer secret-token"}}
        return writer.finish(
            RUN,
            TIMELINE,
            journal=a_journal(),
            request=request,
            server="https://api.example.com",
            note="the first",
            secrets={"SKYVERN_API_KEY": "the-key"},
        )


def rewritten(file, **members) -> bytes:
    """Return the file with members replaced (None: removed); a name's first underscore stands for its dot."""
    new = {name.replace("_", ".", 1): content for name, content in members.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name in old.namelist():
            if name not in new:
                made.writestr(name, old.read(name))
        for name, content in new.items():
            if content is not None:
                made.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    return buffer.getvalue()


def test_a_run_comes_back_as_it_was_saved(file):
    """Run, timeline, artifacts, contents, note and history are the same after reading, unknown fields too."""
    saved = open_run(file)
    assert saved.run.status == "completed"
    assert saved.run.output == RUN.output
    assert saved.run.something_new == {"kept": True}
    assert list(saved.timeline) == TIMELINE
    assert saved.content("a_1") == b"\x89PNG-bytes"
    assert [one.artifact.artifact_id for one in saved.artifacts] == ["a_1", "a_2"]
    assert (saved.server, saved.note, saved.saved_at) == ("https://api.example.com", "the first", NOW)
    assert saved.unread == ()
    with pytest.raises(NotSaved, match="was not saved: 404"):
        saved.content("a_2")


def test_the_journal_of_a_saved_run_is_the_one_that_was_watched(file):
    """Outages and statuses seen in passing are in the file; the events are the same as when it was saved."""
    journal = Journal()
    for snapshot in reversed(open_run(file).snapshots()):
        journal.apply(snapshot)
    watched = a_journal()
    assert [(e.key, e.at) for e in journal.events] == [(e.key, e.at) for e in watched.events]
    assert [e.subject for e in journal.events if e.kind == "outage began"] == [OUTAGE]


def test_no_secret_is_in_the_file(file):
    """Signatures of URLs, secret headers and the key are nowhere in it; what was asked for and answered stays."""
    with zipfile.ZipFile(file) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert not [secret for secret in (b"sig=abc", b"secret-token", b"the-key") if secret in everything]
    assert b"https://shop.example.com/?id=3" in everything


async def test_a_saved_run_stands_in_for_a_server(file):
    """The gateway answers what a server would, and refuses what a file can't do."""
    gateway = SavedGateway(open_run(file))
    assert (await gateway.get_run("tsk_v2_1")).output == RUN.output
    assert [item.run_id for item in await gateway.get_runs(page=1, page_size=100)] == ["tsk_v2_1"]
    assert await gateway.get_runs(page=2, page_size=100) == []
    assert list(await gateway.get_run_timeline("tsk_v2_1")) == TIMELINE
    artifacts = await gateway.get_run_artifacts("tsk_v2_1")
    assert await gateway.get_artifact_content(artifacts[0]) == b"\x89PNG-bytes"
    assert await gateway.get_sites() == []
    with pytest.raises(NotFoundError, match="404"):
        await gateway.get_artifact_content(artifacts[1])
    with pytest.raises(NotFoundError):
        await gateway.get_run("tsk_other")
    with pytest.raises(NotFoundError):
        await gateway.get_artifact_content(an_artifact(9))
    with pytest.raises(BadRequestError, match="no server"):
        await gateway.run_task("p")
    with pytest.raises(BadRequestError, match="can't be canceled"):
        await gateway.cancel_run("tsk_v2_1")
    await gateway.aclose()


async def test_a_run_without_a_timeline_stays_one(tmp_path):
    """A run type that has no timeline is refused one, as the server refuses it."""
    with RunWriter(tmp_path / "run.skyrun", saved_at=NOW) as writer:
        file = writer.finish(RUN, None)
    with pytest.raises(BadRequestError):
        await SavedGateway(open_run(file)).get_run_timeline("tsk_v2_1")


def test_a_broken_off_save_leaves_nothing(tmp_path):
    """Leaving before the end leaves no file, and an older one as it was."""
    target = tmp_path / "run.skyrun"
    target.write_bytes(b"older")
    with RunWriter(target, saved_at=NOW) as writer:
        writer.add(SHOT, b"x")
    assert target.read_bytes() == b"older"
    assert [path.name for path in tmp_path.iterdir()] == ["run.skyrun"]


def test_a_newer_file_is_refused_by_its_version(file):
    """A file of a newer format says so and what to do; additions to this one are no obstacle."""
    about = {"format": "skyrun", "version": 2}
    with pytest.raises(NotSaved, match=r"newer version .*update skyvern-tui"):
        read_run(rewritten(file, skyrun_json=about))
    added = {"format": "skyrun", "version": 1, "mood": "good"}
    assert read_run(rewritten(file, skyrun_json=added, more_txt=b"?")).run.run_id == "tsk_v2_1"


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"skyrun_json": None}, "holds no skyrun.json"),
        ({"skyrun_json": {"format": "other"}}, "does not say so"),
        ({"skyrun_json": {"format": "skyrun", "version": True}}, "version"),
        ({"skyrun_json": b"{"}, "not readable as JSON"),
        ({"run_json": None}, "run.json is missing"),
        ({"run_json": {"status": "completed"}}, "holds no run"),
        ({"run_json": b"[" * 100_000}, "not readable as JSON"),
    ],
)
def test_what_is_no_saved_run_says_why(file, members, reason):
    """A file without a run that can be read is refused with the reason."""
    with pytest.raises(NotSaved, match=reason):
        read_run(rewritten(file, **members))


def test_damage_beside_the_run_is_said_and_left_out(file):
    """With a damaged timeline, artifacts or events the run still opens, and says what is missing."""
    saved = read_run(
        rewritten(
            file,
            timeline_json=[{"type": 3}],
            artifacts_json=[{"artifact": {}}, 3],
            events_json=[7, {"at": "x"}],
            request_json=[],
        )
    )
    assert saved.timeline is None
    assert saved.artifacts == ()
    assert len(saved.unread) == 6
    assert all(text.isprintable() for text in saved.unread)


def test_no_name_in_a_file_leads_outside(file):
    """A content under a name of elsewhere is not read, whether it is in the archive or on the disk."""
    with zipfile.ZipFile(file) as archive:
        entries = json.loads(archive.read("artifacts.json"))
    for name in ("../../etc/passwd", "/etc/passwd", "artifacts/../run.json", "run.json", 7):
        entries[0]["member"] = name
        saved = read_run(rewritten(file, artifacts_json=entries))
        with pytest.raises(NotSaved, match="was not saved"):
            saved.content("a_1")


def test_bombs_are_cut_off(file, monkeypatch):
    """Parts and contents that unpack to more than the bounds are refused after reading no more than these."""
    monkeypatch.setattr(reading_module, "MAX_JSON", 10_000)
    monkeypatch.setattr(reading_module, "MAX_CONTENT", 10_000)
    with pytest.raises(NotSaved, match=r"run\.json is larger than"):
        read_run(rewritten(file, run_json=b" " * 1_000_000))
    with zipfile.ZipFile(file) as archive:
        entries = json.loads(archive.read("artifacts.json"))
    entries[0]["member"] = "artifacts/bomb"
    bomb = rewritten(file, artifacts_json=entries)
    buffer = io.BytesIO(bomb)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("artifacts/bomb", b"\0" * 1_000_000)
    with pytest.raises(NotSaved, match="larger than"):
        read_run(buffer.getvalue()).content("a_1")
    monkeypatch.setattr(reading_module, "MAX_MEMBERS", 3)
    with pytest.raises(NotSaved, match="more than 3 files"):
        open_run(file)


def test_a_changed_content_is_noticed(file):
    """A content whose checksum is not the one written is refused."""
    with zipfile.ZipFile(file) as archive:
        entries = json.loads(archive.read("artifacts.json"))
    entries[0]["sha256"] = "0" * 64
    with pytest.raises(NotSaved, match="checksum differs"):
        read_run(rewritten(file, artifacts_json=entries)).content("a_1")


def outcome(data: bytes) -> str:
    """Return the id of the run in ``data``, or why there is none."""
    try:
        return read_run(data).run.run_id
    except NotSaved as reason:
        return str(reason)


@given(st.binary(max_size=200), st.integers(0, 3000))
def test_any_bytes_are_a_saved_run_or_refused(data, place):
    """Noise, and a real file with noise in it, open or are refused with a printable reason."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("skyrun.json", json.dumps({"format": "skyrun", "version": 1}))
        archive.writestr("run.json", RUN.model_dump_json())
    whole = buffer.getvalue()
    for tried in (data, whole[:place] + data + whole[place + len(data) :]):
        assert outcome(tried).isprintable()
