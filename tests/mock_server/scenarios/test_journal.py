"""The ring of exchanges and its bounds."""

from __future__ import annotations

import tracemalloc
from datetime import datetime
from typing import Any

from mock_server.scenarios.journal import MAX_BYTES, Applied, Journal, Shelf

START = datetime.fromisoformat("2026-11-21T12:00:00")


def kept(path: str = "/v1/runs", *, size: int = 1_500, **parts: Any) -> Any:
    """One exchange in the form it is kept in."""
    whole = {
        "at": START,
        "seconds": 0.1,
        "method": "GET",
        "path": path,
        "query": b"",
        "headers": [(b"x-api-key", b"secret-of-mine")],
        "body": b"",
        "body_length": 0,
        "status": 200,
        "answer_headers": [],
        "answer": b"[]",
        "answer_length": 2,
        "fault": None,
    } | parts
    return (*whole.values(), size)


def test_entries_come_back_in_order():
    """What is kept comes back as it was, numbered from 1."""
    journal = Journal()
    journal.keep(kept("/v1/runs/tsk_1", fault=Applied("reset", "r", "before", "cut"), status=None))
    journal.keep(kept(seconds=2.5))
    first, second = journal.entries()
    assert (first.number, first.operation, first.call.run_id, first.cut) == (1, "get_run", "tsk_1", True)
    assert (second.number, second.ended.isoformat()) == (2, "2026-11-21T12:00:02.500000")
    assert second.header(b"x-api-key") == b"secret-of-mine"


def test_oldest_go_first():
    """Beyond the bound the oldest go; numbers go on."""
    journal = Shelf(max_entries=3).new()
    for number in range(10):
        journal.keep(kept(f"/v1/runs/tsk_{number}"))
    assert [entry.number for entry in journal.entries()] == [8, 9, 10]
    assert (journal.last, journal.dropped, len(journal)) == (10, 7, 3)


def test_bytes_are_bounded():
    """Large exchanges push out more than small ones; one tenant never holds more than its bytes."""
    journal = Journal()
    for _ in range(500):
        journal.keep(kept(size=100_000))
        assert journal.size <= MAX_BYTES
    assert len(journal) == MAX_BYTES // 100_000


def test_idlest_tenant_makes_room():
    """When all journals together are too large, the tenant that was longest idle loses its own, not the busy one."""
    shelf = Shelf(max_bytes=10_000)
    idle, busy = shelf.new(), shelf.new()
    for _ in range(4):
        idle.keep(kept(size=1_000))
    for _ in range(20):
        busy.keep(kept(size=1_000))
        assert shelf.size <= 10_000
    assert (len(idle), len(busy)) == (0, 10)


def test_many_tenants_are_bounded_together():
    """Ten thousand tenants with one exchange each stay within the server's bound."""
    shelf = Shelf(max_bytes=1_000_000)
    journals = [shelf.new() for _ in range(10_000)]
    for journal in journals:
        journal.keep(kept(size=1_500))
    assert shelf.size <= 1_000_000
    assert sum(map(len, journals)) == 1_000_000 // 1_500


def test_nothing_is_kept_if_it_is_off():
    """A bound of 0 keeps nothing."""
    journal = Shelf(max_entries=0).new()
    journal.keep(kept())
    assert (len(journal), journal.last) == (0, 0)


def test_clear():
    """drop_all goes on counting, clear begins again; both give the room back."""
    shelf = Shelf()
    journal = shelf.new()
    for _ in range(5):
        journal.keep(kept())
    journal.drop_all()
    assert (len(journal), journal.last, shelf.size) == (0, 5, 0)
    journal.keep(kept())
    journal.clear()
    assert (len(journal), journal.last, shelf.size) == (0, 0, 0)


def test_memory_is_flat():
    """100,000 exchanges take no more memory than the first few thousand do."""

    def fill(journal: Journal, count: int) -> None:
        for number in range(count):
            headers = [(b"host", b"127.0.0.1:%d" % number), (b"x-api-key", b"key-%d" % number)]
            journal.keep(kept(f"/v1/runs/tsk_{number}", headers=headers, answer=b"x%d" % number * 50))

    journal = Journal()
    tracemalloc.start()
    try:
        fill(journal, 4_000)
        after_few = tracemalloc.get_traced_memory()[0]
        fill(journal, 96_000)
        after_many = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert after_many < after_few * 1.2
    assert len(journal) == 2_000
