"""The store keeps what it is given, finds it again, and says no clearly."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mock_server.store import store as store_module
from mock_server.store.errors import StoreError, StoreTooNewError
from mock_server.store.records import ArtifactRecord, RunRecord, TimelineRecord
from mock_server.store.schema import VERSION
from mock_server.store.store import Store

NOON = datetime.fromisoformat("2026-11-21T12:00:00.123456")


def a_run(number: int = 1, **changes: object) -> RunRecord:
    run = RunRecord(
        run_id=f"tsk_v2_{number:018d}",
        organization_id="o_1",
        list_id=f"tr_{number:018d}",
        workflow_run_id=f"wr_{number:018d}",
        task_id=f"tsk_{number:018d}",
        engine="skyvern-2.0",
        run_type="task_v2",
        status="queued",
        request={"prompt": "Résumé — 100 %", "url": "https://example.com/", "max_steps": None},
        created_at=NOON + timedelta(seconds=number),
        modified_at=NOON + timedelta(seconds=number),
        queued_at=NOON + timedelta(seconds=number),
        step_count=0,
        title="Résumé",
    )
    return replace(run, **changes)


def an_artifact(number: int, **changes: object) -> ArtifactRecord:
    artifact = ArtifactRecord(
        artifact_id=f"a_{number:018d}",
        run_id=a_run().run_id,
        organization_id="o_1",
        artifact_type="html_scrape",
        path="o_1/x.html",
        file_size=3,
        checksum="0" * 64,
        created_at=NOON + timedelta(seconds=number),
        modified_at=NOON + timedelta(seconds=number),
    )
    return replace(artifact, **changes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store(path)
    yield store
    store.close()


def reopened(store: Store, path: Path) -> Store:
    store.close()
    return Store(path)


def test_a_run_comes_back_as_it_went_in(store: Store, path: Path):
    """Every field of a run survives a restart: times with microseconds, JSON, None."""
    run = a_run(
        output={"rows": [1, 2.5, None, "ü"]},
        errors=[{"error_code": "X", "reasoning": "y"}],
        finished_at=NOON,
        failure_reason="it broke",
        summary="done",
        attempt=2,
        workflow_id="w_1",
        workflow_permanent_id="wpid_1",
    )
    store.insert_run(run)
    again = reopened(store, path)
    try:
        assert again.run("o_1", run.run_id) == run
    finally:
        again.close()


def test_saving_a_run_replaces_every_changed_field(store: Store, path: Path):
    """What save_run is given is what the next server reads."""
    run = a_run()
    store.insert_run(run)
    run.status, run.started_at, run.step_count, run.output = "running", NOON, 3, ["a"]
    store.save_run(run)
    again = reopened(store, path)
    try:
        assert again.run("o_1", run.run_id) == run
    finally:
        again.close()


@pytest.mark.parametrize("restart", [False, True])
def test_a_workflow_run_id_finds_its_run(store: Store, path: Path, restart: bool):
    """A wr_ id resolves to its run, from memory and from disk."""
    run = a_run()
    store.insert_run(run)
    if restart:
        store = reopened(store, path)
    found = store.run("o_1", run.workflow_run_id or "")
    store.close()
    assert found == run


def test_organizations_do_not_see_one_another(store: Store):
    """Neither runs nor artifacts are found by another organization, except artifacts asked for by link."""
    run = a_run()
    store.insert_run(run)
    store.add_artifact(an_artifact(1))
    assert store.run("o_2", run.run_id) is None
    assert store.runs("o_2", page=1, page_size=10) == []
    assert store.artifacts("o_2", run.run_id) == []
    assert store.artifact("o_2", an_artifact(1).artifact_id) is None
    assert store.artifact(None, an_artifact(1).artifact_id) == an_artifact(1)


def test_pages_run_from_newest_to_oldest_without_gap_or_repeat(store: Store):
    """Walking the pages yields every run once, newest first."""
    for number in range(1, 8):
        store.insert_run(a_run(number))
    pages = [store.runs("o_1", page=page, page_size=3) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    seen = [run.run_id for page in pages for run in page]
    assert seen == [a_run(number).run_id for number in range(7, 0, -1)]


def test_filters_narrow_the_list(store: Store):
    """Several statuses or types are alternatives; status and type together both count."""
    store.insert_run(a_run(1, status="running"))
    store.insert_run(a_run(2, status="failed", run_type="task_v1", workflow_run_id=None))
    store.insert_run(a_run(3, status="completed"))

    def ids(**filters: tuple[str, ...]) -> list[int]:
        return [int(run.run_id[-1]) for run in store.runs("o_1", page=1, page_size=10, **filters)]

    assert ids(statuses=("running", "failed")) == [2, 1]
    assert ids(run_types=("task_v1",)) == [2]
    assert ids(statuses=("completed",), run_types=("task_v1",)) == []


@pytest.mark.parametrize(
    ("search", "found"),
    [("RÉSUMÉ", True), ("EXAMPLE.com", True), ("_v2_00", True), ("100%", False), ("_v2_0_", False), ("zebra", False)],
)
def test_search_is_a_plain_case_insensitive_substring(store: Store, search: str, found: bool):
    """Title, url and run id are searched; % and _ mean themselves; case does not matter, also beyond ASCII."""
    store.insert_run(a_run())
    assert bool(store.runs("o_1", page=1, page_size=10, search=search)) is found


def test_unfinished_runs_are_those_without_an_end_oldest_first(store: Store):
    """Recovery sees every organization's open runs in the order they came."""
    store.insert_run(a_run(3, organization_id="o_2"))
    store.insert_run(a_run(1))
    store.insert_run(a_run(2, status="completed", finished_at=NOON))
    assert [run.run_id[-1] for run in store.unfinished_runs()] == ["1", "3"]


def test_a_timeline_item_is_replaced_in_place(store: Store):
    """Putting an item again changes its body and modified time, and keeps its place."""
    first = TimelineRecord("wrb_1", "tsk_1", "block", None, 1, {"status": "running"}, NOON, NOON)
    second = TimelineRecord("ot_2", "tsk_1", "thought", None, 1, {}, NOON + timedelta(1), NOON + timedelta(1))
    store.put_timeline(first)
    store.put_timeline(second)
    changed = replace(first, body={"status": "completed"}, modified_at=NOON + timedelta(2))
    store.put_timeline(changed)
    assert store.timeline("tsk_1") == [changed, second]


def test_artifacts_are_listed_oldest_first_and_by_type(store: Store):
    """The list keeps the order of creation and can be narrowed to several types."""
    kinds = ("har", "html_scrape", "har", "trace")
    for number, kind in enumerate(kinds):
        store.add_artifact(an_artifact(number, artifact_type=kind))
    run_id = a_run().run_id
    assert [found.artifact_type for found in store.artifacts("o_1", run_id)] == list(kinds)
    assert [found.artifact_id[-1] for found in store.artifacts("o_1", run_id, ("har", "trace"))] == ["0", "2", "3"]


def test_revisions_change_with_what_an_answer_shows(store: Store):
    """A run's revision moves with the run and its artifacts, the timeline's with the timeline, nobody else's."""
    run, other = a_run(1), a_run(2)
    store.insert_run(run)
    store.insert_run(other)
    untouched = store.revision(other.run_id)
    seen = {store.revision(run.run_id)}
    store.save_run(run)
    seen.add(store.revision(run.run_id))
    store.add_artifact(an_artifact(1, run_id=run.run_id))
    seen.add(store.revision(run.run_id))
    before = store.timeline_revision(run.run_id)
    store.put_timeline(TimelineRecord("wrb_1", run.run_id, "block", None, 1, {}, NOON, NOON))
    assert len(seen) == 3
    assert store.timeline_revision(run.run_id) != before
    assert store.revision(run.run_id) in seen
    assert store.revision(other.run_id) == untouched


def test_a_forgotten_run_comes_back_under_a_new_revision(store: Store, monkeypatch: pytest.MonkeyPatch):
    """When memory is short finished runs are forgotten, open ones are not; nothing stale can be taken for current."""
    monkeypatch.setattr(store_module, "HOT_RUNS", 3)
    finished, waiting = a_run(1, status="failed", finished_at=NOON), a_run(2)
    store.insert_run(finished)
    store.insert_run(waiting)
    item = TimelineRecord("wrb_1", finished.run_id, "block", None, 1, {}, NOON, NOON)
    seen = {store.revision(finished.run_id), store.timeline_revision(finished.run_id)}
    store.save_run(finished)
    store.put_timeline(item)
    seen |= {store.revision(finished.run_id), store.timeline_revision(finished.run_id)}
    for number in range(3, 9):
        store.insert_run(a_run(number, finished_at=NOON))
    again = store.run("o_1", finished.run_id)
    assert again == finished
    assert again is not finished
    assert not seen & {store.revision(finished.run_id), store.timeline_revision(finished.run_id)}
    assert store.run("o_1", waiting.run_id) is waiting


def test_a_store_of_a_newer_release_is_refused(path: Path):
    """An unknown schema version is named, with what to do, and the file is left as it was."""
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreTooNewError, match=rf"version {VERSION + 1}.*--data-dir"):
        Store(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_store_is_refused(path: Path):
    """Something else under the store's name is reported, not overwritten."""
    path.write_bytes(b"precious notes\n" * 100)
    with pytest.raises(StoreError, match="move the file away"):
        Store(path)
    assert path.read_bytes() == b"precious notes\n" * 100


def test_a_full_disk_is_an_error_that_says_so(store: Store):
    """A write that the database refuses raises StoreError, and what was stored stays readable."""
    store.insert_run(a_run(1))
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    huge = a_run(2, request={"prompt": "x" * 1_000_000})
    with pytest.raises(StoreError, match=r"full.*free space"):
        store.insert_run(huge)
    assert [run.run_id for run in store.runs("o_1", page=1, page_size=10)] == [a_run(1).run_id]


def test_every_insert_is_a_transaction_of_its_own(store: Store, path: Path):
    """Another connection sees a run as soon as insert_run has returned."""
    store.insert_run(a_run())
    other = sqlite3.connect(path)
    try:
        assert other.execute("SELECT count(*) FROM runs").fetchone() == (1,)
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    finally:
        other.close()
