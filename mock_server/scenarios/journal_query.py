"""Questions to a journal.

Owns: filters, counts, the gaps between calls, and how far an exchange is from what was
expected. Must not: show an exchange; ``journal_export`` does.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any, Final
from urllib.parse import parse_qsl

from mock_server.scenarios.journal import Entry

_ABSENT: Final = object()
_COMPARED_CHARACTERS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Filter:
    """Which exchanges are meant; what is None is not asked about."""

    operation: str | None = None
    method: str | None = None
    path: str | None = None
    """The path, or a pattern with ``*``."""
    status: str | None = None
    """A status, a class (``5xx``), or ``none`` where no answer was begun."""
    run_id: str | None = None
    since: int | datetime | None = None
    """After the exchange of this number, or from this time (naive UTC) on."""
    fault: str | None = None
    """A kind of fault, ``any`` or ``none``."""

    def takes(self, entry: Entry) -> bool:
        """Tell whether an exchange is meant."""
        return (
            (self.method is None or entry.method == self.method.upper())
            and (self.path is None or fnmatchcase(entry.path, self.path))
            and self._takes_status(entry.status)
            and self._takes_time(entry)
            and self._takes_fault(entry)
            and (self.operation is None or entry.operation == self.operation)
            and (self.run_id is None or run_id(entry) == self.run_id)
        )

    def _takes_status(self, status: int | None) -> bool:
        if self.status is None:
            return True
        wanted = self.status.lower()
        if wanted == "none" or status is None:
            return wanted == "none" and status is None
        return wanted in (str(status), f"{status // 100}xx")

    def _takes_time(self, entry: Entry) -> bool:
        if isinstance(self.since, datetime):
            return entry.at >= self.since
        return self.since is None or entry.number > self.since

    def _takes_fault(self, entry: Entry) -> bool:
        if self.fault is None:
            return True
        if self.fault in ("any", "none"):
            return (entry.fault is None) is (self.fault == "none")
        return entry.fault is not None and entry.fault.kind == self.fault


def run_id(entry: Entry) -> str | None:
    """Return the run an exchange was about: named in its path, or made by it."""
    if entry.call.run_id:
        return entry.call.run_id
    if entry.method != "POST":
        return None
    answered = json_of(entry.answer)
    found = answered.get("run_id") if isinstance(answered, dict) else None
    return found if isinstance(found, str) else None


def json_of(body: bytes) -> Any:
    """Return what a body says in JSON; None if it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def counts(entries: Iterable[Entry]) -> dict[str, dict[str, int]]:
    """Count by operation and status: ``{"get_run": {"200": 3, "503": 1}}``; ``none`` where no answer was begun."""
    counted: dict[str, Counter[str]] = {}
    for entry in entries:
        status = "none" if entry.status is None else str(entry.status)
        counted.setdefault(entry.operation, Counter())[status] += 1
    return {operation: dict(sorted(counter.items())) for operation, counter in sorted(counted.items())}


def gaps(entries: Iterable[Entry]) -> list[float]:
    """Return the seconds from the end of each call to the beginning of the next, on the tenant's clock.

    The k-th is how long the client waited after its k-th call; it is negative if it did not wait for the answer.
    """
    ordered = sorted(entries, key=lambda entry: entry.at)
    return [round((later.at - earlier.ended).total_seconds(), 6) for earlier, later in pairwise(ordered)]


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where an exchange is not what was expected."""

    where: str
    expected: Any
    found: Any

    def as_json(self) -> dict[str, Any]:
        return {"where": self.where, "expected": self.expected, "found": self.found}


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an exchange should be like. Of JSON, headers and parameters, what is not named may be anything."""

    filter: Filter = Filter()
    json: Any = None
    headers: Mapping[str, str] | None = None
    query: Mapping[str, str] | None = None

    def differences(self, entry: Entry) -> list[Difference]:
        """Return where an exchange differs; none if it is as expected."""
        found = self._frame(entry)
        if self.headers:
            own = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in entry.headers}
            found += _compare("headers", {name.lower(): value for name, value in self.headers.items()}, own)
        if self.query:
            found += _compare("query", dict(self.query), dict(parse_qsl(entry.query.decode("latin-1"))))
        if self.json is not None:
            found += _compare("json", self.json, json_of(entry.body))
        return found

    def _frame(self, entry: Entry) -> list[Difference]:
        wanted = self.filter
        status = "none" if entry.status is None else str(entry.status)
        parts = (
            ("operation", wanted.operation, entry.operation, Filter(operation=wanted.operation)),
            ("method", wanted.method, entry.method, Filter(method=wanted.method)),
            ("path", wanted.path, entry.path, Filter(path=wanted.path)),
            ("status", wanted.status, status, Filter(status=wanted.status)),
            ("run_id", wanted.run_id, None, Filter(run_id=wanted.run_id)),
        )
        return [
            Difference(name, expected, run_id(entry) if name == "run_id" else found)
            for name, expected, found, part in parts
            if expected is not None and not part.takes(entry)
        ]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An exchange that is not as expected, and how far from it: 0 would be as expected, 1 is one thing that differs."""

    entry: Entry
    expected: Expectation
    differences: tuple[Difference, ...]
    distance: float


def matching(entries: Iterable[Entry], expected: Expectation) -> list[Entry]:
    """Return the exchanges that are as expected."""
    return [
        entry
        for entry in entries
        if Filter(since=expected.filter.since, fault=expected.filter.fault).takes(entry)
        and not expected.differences(entry)
    ]


def near_misses(entries: Sequence[Entry], expected: Expectation, limit: int = 3) -> list[NearMiss]:
    """Return the exchanges that come closest without being as expected, closest first, later before earlier."""
    misses = []
    for entry in entries:
        differences = expected.differences(entry)
        if differences:
            distance = sum(map(_weight, differences))
            misses.append(NearMiss(entry, expected, tuple(differences), round(distance, 3)))
    misses.sort(key=lambda miss: (miss.distance, -miss.entry.number))
    return misses[:limit]


def _weight(difference: Difference) -> float:
    """Return how much a difference counts: another operation much, two similar texts little."""
    if difference.where in ("operation", "method", "path"):
        return 3.0
    expected, found = difference.expected, difference.found
    if isinstance(expected, str) and isinstance(found, str):
        matcher = SequenceMatcher(None, expected[:_COMPARED_CHARACTERS], found[:_COMPARED_CHARACTERS], autojunk=False)
        return 1.0 - matcher.quick_ratio() * 0.9
    return 1.0


def _compare(where: str, expected: Any, found: Any) -> list[Difference]:
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        differences: list[Difference] = []
        for name, value in expected.items():
            inner = found.get(name, _ABSENT)
            if inner is _ABSENT:
                differences.append(Difference(f"{where}.{name}", value, "(absent)"))
            else:
                differences += _compare(f"{where}.{name}", value, inner)
        return differences
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [
            difference
            for index, (one, other) in enumerate(zip(expected, found, strict=True))
            for difference in _compare(f"{where}.{index}", one, other)
        ]
    same = expected == found and isinstance(expected, bool) is isinstance(found, bool)
    return [] if same else [Difference(where, expected, found)]
