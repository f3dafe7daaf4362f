"""What was asked and answered, the last of it, tenant by tenant.

Owns: keeping exchanges within bounds, as cheaply as can be, and handing them out as
:class:`Entry`. Must not: look into them; ``journal_query``, ``journal_hints`` and
``journal_export`` do, when somebody asks.

An exchange is kept as one tuple of references to what was received and sent anyway. Nothing
is parsed, copied or left out before it is read, so what leaves the server has to pass
``journal_redaction``.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from mock_server.scenarios import operations

MAX_ENTRIES: Final = 2_000
MAX_BYTES: Final = 8 * 1024 * 1024
MAX_SERVER_BYTES: Final = 64 * 1024 * 1024
MAX_BODY_BYTES: Final = 64 * 1024
"""So much of one body is kept."""
OVERHEAD_BYTES: Final = 1_200
"""What the objects around an exchange take, about."""

RawHeaders = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Applied:
    """The fault an exchange met."""

    kind: str
    rule_id: str | None
    when: str
    effect: str
    """``answered`` with something else, ``late``, ``cut``, or ``none``: it changed nothing."""


Kept = tuple[
    datetime, float, str, str, bytes, RawHeaders, bytes, int, int | None, RawHeaders, bytes, int, Applied | None, int
]
"""began, seconds, method, path, query, headers, body, its length, status, headers, body, its length, fault, size."""


@dataclass(frozen=True)
class Entry:
    """One exchange, as it was."""

    number: int
    """Counts the tenant's exchanges from 1, in the order in which they ended."""
    at: datetime
    """When it began, naive UTC of the tenant's clock."""
    seconds: float
    """How long it took, on that clock."""
    method: str
    path: str
    query: bytes
    headers: RawHeaders
    body: bytes
    body_length: int
    status: int | None
    """None: no answer was begun."""
    answer_headers: RawHeaders
    answer: bytes
    answer_length: int
    fault: Applied | None

    @cached_property
    def call(self) -> operations.Call:
        """What was asked for."""
        return operations.call(self.method, self.path)

    @property
    def operation(self) -> str:
        return self.call.operation

    @property
    def ended(self) -> datetime:
        return self.at + timedelta(seconds=self.seconds)

    @property
    def cut(self) -> bool:
        """Whether the connection was cut on purpose."""
        return self.fault is not None and self.fault.effect == "cut"

    def header(self, name: bytes) -> bytes:
        """Return a header of the request; empty if it has none."""
        return next((value for own, value in self.headers if own == name), b"")

    def answer_header(self, name: bytes) -> bytes:
        """Return a header of the answer; empty if it has none."""
        return next((value for own, value in self.answer_headers if own.lower() == name), b"")


class Shelf:
    """All journals of one server, which share one bound; the longest idle are emptied first."""

    def __init__(self, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_SERVER_BYTES) -> None:
        self.max_entries = max_entries
        self._max_bytes = max_bytes
        self._size = 0
        self._used: OrderedDict[Journal, None] = OrderedDict()

    def new(self) -> Journal:
        """Return an empty journal under this bound."""
        return Journal(self)

    @property
    def size(self) -> int:
        """What all of it takes, in bytes, about."""
        return self._size

    def grew(self, journal: Journal, size: int) -> None:
        """Take note that a journal was written to; make room if need be."""
        self._size += size
        self._used[journal] = None
        self._used.move_to_end(journal)
        while self._size > self._max_bytes:
            idlest = next(iter(self._used))
            if idlest is journal:
                journal.drop_oldest()
            else:
                idlest.drop_all()

    def shrank(self, journal: Journal, size: int) -> None:
        """Take note of what a journal let go."""
        self._size -= size
        if not journal:
            self._used.pop(journal, None)


class Journal:
    """The exchanges of one tenant, the oldest of which go when there are too many."""

    __slots__ = ("__weakref__", "_count", "_entries", "_shelf", "_size")

    def __init__(self, shelf: Shelf | None = None) -> None:
        self._shelf = shelf or Shelf()
        self._entries: deque[Kept] = deque()
        self._size = 0
        self._count = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def size(self) -> int:
        """What is kept takes about so many bytes."""
        return self._size

    @property
    def last(self) -> int:
        """The number of the last exchange; 0 if there was none."""
        return self._count

    @property
    def dropped(self) -> int:
        """How many exchanges are not kept any more."""
        return self._count - len(self._entries)

    def keep(self, kept: Kept) -> None:
        """Keep an exchange whose bodies are bounded already."""
        if not self._shelf.max_entries:
            return
        size = kept[-1]
        self._entries.append(kept)
        self._count += 1
        self._size += size
        self._shelf.grew(self, size)
        while self._size > MAX_BYTES or len(self._entries) > self._shelf.max_entries:
            self.drop_oldest()

    def entries(self) -> Iterator[Entry]:
        """Yield what is kept, oldest first."""
        for number, kept in enumerate(tuple(self._entries), self.dropped + 1):
            yield Entry(number, *kept[:-1])

    def drop_oldest(self) -> None:
        """Let the oldest exchange go."""
        size = self._entries.popleft()[-1]
        self._size -= size
        self._shelf.shrank(self, size)

    def drop_all(self) -> None:
        """Let every exchange go; the count goes on."""
        size, self._size = self._size, 0
        self._entries.clear()
        self._shelf.shrank(self, size)

    def clear(self) -> None:
        """Go back to the beginning."""
        self.drop_all()
        self._count = 0
