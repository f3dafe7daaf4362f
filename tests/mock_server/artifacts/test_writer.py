"""An artifact is whole or not there, lies where it should, and is described rightly."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from mock_server.artifacts.kinds import KINDS
from mock_server.artifacts.writer import ArtifactError, ArtifactTooLargeError, ArtifactWriter, Belonging
from mock_server.ids import IdFactory
from mock_server.store.store import Store

NOON = datetime.fromisoformat("2026-11-21T12:00:00.123456")
BELONGING = Belonging("o_1", "tsk_v2_1", "tsk_2", "stp_3", 4, "wr_5", "wrb_6", None, "act_7")


@dataclass
class FrozenClock:
    moment: datetime = NOON

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store.sqlite3")
    yield store
    store.close()


@pytest.fixture
def writer(tmp_path: Path, store: Store) -> ArtifactWriter:
    clock = FrozenClock()
    return ArtifactWriter(tmp_path / "artifacts", store, IdFactory(clock), clock, limit=1000)


def files_below(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_a_written_artifact_is_recorded_with_all_it_belongs_to(writer: ArtifactWriter, store: Store):
    """The record names the bytes by size and checksum, and everything the artifact belongs to."""
    record = writer.write("html_scrape", b"<p>\xc3\xbc", BELONGING, source_url="https://example.com/")
    assert store.artifact("o_1", record.artifact_id) == record
    assert writer.path(record).read_bytes() == b"<p>\xc3\xbc"
    assert (record.file_size, record.checksum) == (5, sha256(b"<p>\xc3\xbc").hexdigest())
    assert (record.run_id, record.task_id, record.step_id) == ("tsk_v2_1", "tsk_2", "stp_3")
    assert (record.workflow_run_id, record.workflow_run_block_id, record.action_id) == ("wr_5", "wrb_6", "act_7")
    assert record.source_url == "https://example.com/"


def test_the_path_is_laid_out_as_on_the_service_but_for_the_colons(writer: ArtifactWriter):
    """Organization, task, step and name stand in the path; no character in it is forbidden on any system."""
    record = writer.write("har", b"{}", BELONGING)
    expected = f"o_1/tsk_2/04_0_stp_3/2026-11-21T120000.123456_{record.artifact_id}_har.har"
    assert record.path == expected
    assert writer.uri(record) == f"file://{writer.root.as_posix()}/{expected}"


@pytest.mark.parametrize(
    ("filename", "suffix"),
    [("invoice.PDF", ".PDF"), ("../../etc/passwd", ""), ("a.tar.gz", ".gz"), ("x." + "y" * 40, ""), (None, "")],
)
def test_a_download_keeps_its_name_but_not_as_a_path(writer: ArtifactWriter, filename: str | None, suffix: str):
    """The name a page gave is remembered; on disk only a harmless extension of it is used."""
    record = writer.write("download", b"x", BELONGING, filename=filename)
    assert record.filename == filename
    assert Path(record.path).name == f"2026-11-21T120000.123456_{record.artifact_id}_download{suffix}"
    assert writer.path(record).is_relative_to(writer.root / "o_1" / "tsk_2")


async def test_an_adopted_file_is_moved_in(writer: ArtifactWriter, store: Store, tmp_path: Path):
    """A finished file becomes an artifact without a copy staying behind."""
    source = tmp_path / "run.webm"
    source.write_bytes(b"film" * 100)
    record = await writer.adopt("recording", source, BELONGING)
    assert not source.exists()
    assert writer.path(record).read_bytes() == b"film" * 100
    assert (record.file_size, record.checksum) == (400, sha256(b"film" * 100).hexdigest())
    assert store.artifacts("o_1", "tsk_v2_1") == [record]


async def test_more_than_the_limit_is_not_stored(writer: ArtifactWriter, store: Store, tmp_path: Path):
    """Neither bytes nor a file beyond the limit leave a record or a file."""
    source = tmp_path / "big.webm"
    source.write_bytes(b"x" * 1001)
    with pytest.raises(ArtifactTooLargeError, match=r"1,001 bytes.*1,000 bytes"):
        writer.write("trace", b"x" * 1001, BELONGING)
    with pytest.raises(ArtifactTooLargeError, match="recording"):
        await writer.adopt("recording", source, BELONGING)
    assert store.artifacts("o_1", "tsk_v2_1") == []
    assert not writer.root.exists()


@pytest.mark.parametrize(
    ("code", "message"),
    [(errno.ENOSPC, r"disk is full.*Free some space"), (errno.EACCES, r"Permission denied.*can be written")],
)
def test_a_write_that_fails_leaves_nothing(
    writer: ArtifactWriter, store: Store, monkeypatch: pytest.MonkeyPatch, code: int, message: str
):
    """A full disk or a missing right is told with what to do; no record and no half file stay."""

    def half(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(code, errno.errorcode[code] if code == errno.ENOSPC else "Permission denied")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(ArtifactError, match=message):
        writer.write("har", b"{" * 100, BELONGING)
    assert store.artifacts("o_1", "tsk_v2_1") == []
    assert files_below(writer.root) == []


def test_leftovers_of_a_killed_server_are_discarded(writer: ArtifactWriter):
    """Half-written files go; artifacts stay."""
    record = writer.write("har", b"{}", BELONGING)
    (writer.root / ".partial" / "a_9").write_bytes(b"half")
    writer.discard_leftovers()
    assert files_below(writer.root) == [record.path]


def test_every_published_type_has_a_kind():
    """The table holds the published types; only those whose files bring a name have no extension."""
    assert len(KINDS) == 40
    nameless = {name for name, kind in KINDS.items() if not kind.extension}
    assert nameless == {"download", "script_file", "unknown"}
    assert all("/" in kind.content_type for kind in KINDS.values())
    assert [name for name, kind in KINDS.items() if kind.attachment] == ["download"]


@pytest.mark.parametrize(
    ("name", "typed", "content_type"),
    [
        ("trace", True, "application/zip"),
        ("trace", False, "application/json"),
        ("pdf", False, "application/json"),
        ("screenshot_final", False, "image/png"),
    ],
)
def test_content_types_follow_the_dialect(name: str, typed: bool, content_type: str):
    """A self-hosted server calls everything it has no entry for JSON; typed content is called what it is."""
    assert KINDS[name].served_as(typed=typed) == content_type
