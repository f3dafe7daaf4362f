"""Writes that belong together are all there after a crash, or none is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from mock_server.store.errors import StoreError
from mock_server.store.records import ResourceRecord
from mock_server.store.store import Store

NOON = datetime.fromisoformat("2026-11-21T12:00:00.123456")


def a_resource(name: str, state: str = "pending", organization: str = "o_1") -> ResourceRecord:
    return ResourceRecord(name, organization, "thing", "run_1", {"state": state}, NOON, NOON)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store.sqlite3")
    yield store
    store.close()


def seen_by_another(path: Path) -> int:
    other = sqlite3.connect(path)
    try:
        return int(other.execute("SELECT count(*) FROM resources").fetchone()[0])
    finally:
        other.close()


def test_nothing_of_a_block_is_on_disk_before_its_end_and_all_of_it_after(store: Store, tmp_path: Path):
    """Another connection sees neither of two writes inside the block and both behind it."""
    with store.at_once():
        store.put_resource(a_resource("one"))
        store.put_resource(a_resource("two"))
        assert seen_by_another(tmp_path / "store.sqlite3") == 0
    assert seen_by_another(tmp_path / "store.sqlite3") == 2


def test_an_error_takes_the_block_back_and_the_store_goes_on(store: Store):
    """After an exception in the block nothing of it is there, the exception comes out, and writing works again."""

    def break_off() -> None:
        with store.at_once():
            store.put_resource(a_resource("one"))
            raise LookupError

    with pytest.raises(LookupError):
        break_off()
    assert store.resources("o_1", "thing") == []
    store.put_resource(a_resource("two"))
    assert [found.resource_id for found in store.resources("o_1", "thing")] == ["two"]


def test_a_full_disk_in_a_block_is_the_usual_error(store: Store):
    """A write the database refuses inside a block raises StoreError and leaves no transaction open."""
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    huge = ResourceRecord("one", "o_1", "thing", None, {"state": "x" * 1_000_000}, NOON, NOON)
    with pytest.raises(StoreError, match="free space"), store.at_once():
        store.put_resource(huge)
    assert not store._connection.in_transaction


def test_resources_are_found_by_the_state_their_body_names(store: Store):
    """Only those of the kind and state are returned, whatever their organization."""
    for resource in (a_resource("a"), a_resource("b", organization="o_2"), a_resource("c", "done")):
        store.put_resource(resource)
    assert [found.resource_id for found in store.resources_in_state("thing", "pending")] == ["a", "b"]
    assert store.resources_in_state("other", "pending") == []
