"""Two runs side by side: what was asked, what came out, what was done and how long it took.

Owns: finding the differences and lining up what belongs together. Must not: fetch, colour
or lay out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any, Final

from skyvern_tui.client.models import Run
from skyvern_tui.core.facts import ArtifactFact
from skyvern_tui.core.jsontext import scalar
from skyvern_tui.core.parameters import PARAMETERS
from skyvern_tui.core.rows import Row, Screenshots
from skyvern_tui.core.schema import path_text
from skyvern_tui.core.text import one_line, shorten

MAX_CHANGES: Final = 2000
MAX_DEPTH: Final = 60
MAX_ALIGNED: Final = 2000
"""Rows of either timeline that are lined up."""
_TEXT: Final = 400
_SAME_WORDS: Final = 400
"""Characters of a row that are compared."""


class Change(StrEnum):
    """How a value of the second run stands to the first."""

    same = "same"
    changed = "changed"
    added = "only in the second"
    removed = "only in the first"


@dataclass(frozen=True, slots=True)
class Difference:
    """One value; ``left`` and ``right`` are safe texts, empty where there is none."""

    path: str
    change: Change
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A row of one timeline and the one of the other that does the same; None where there is none."""

    left: Row | None
    right: Row | None
    change: Change


@dataclass(frozen=True, slots=True)
class Timing:
    """A duration of both runs in seconds; None where it is not known."""

    name: str
    left: float | None
    right: float | None

    @property
    def ratio(self) -> float | None:
        """How many times as long the second took."""
        return None if not self.left or self.right is None else self.right / self.left


@dataclass(frozen=True, slots=True)
class Shots:
    """Screenshots that show the same moment of both runs."""

    left: ArtifactFact | None
    right: ArtifactFact | None
    place: str
    """What happens there, in a few words."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs. ``rows`` and ``artifacts`` as the timeline and the journal have them."""

    run: Run
    rows: Sequence[Row] = ()
    artifacts: Sequence[ArtifactFact] = ()
    request: Mapping[str, Any] | None = None
    """As it was sent, if known; otherwise what the server repeats is compared."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything the two have in common and not."""

    request: tuple[Difference, ...]
    """All parameters either has, the same ones too, in the order of the form."""
    outcome: tuple[Difference, ...]
    """Status, reason, steps and the number of files."""
    output: tuple[Difference, ...]
    """Only what differs."""
    timeline: tuple[Pair, ...]
    timings: tuple[Timing, ...]
    screenshots: tuple[Shots, ...]

    @property
    def is_same(self) -> bool:
        """True when both were asked for the same and ended with the same."""
        parts = (*self.request, *self.outcome, *self.output)
        return all(difference.change is Change.same for difference in parts)


def compare(left: Side, right: Side) -> Comparison:
    """Compare two runs."""
    pairs = tuple(aligned(left.rows, right.rows))
    return Comparison(
        request=tuple(requests(*_asked(left, right))),
        outcome=tuple(_outcomes(left.run, right.run)),
        output=tuple(differences(left.run.output, right.run.output)),
        timeline=pairs,
        timings=tuple(_timings(left.run, right.run)),
        screenshots=tuple(_shots(pairs, left.artifacts, right.artifacts)),
    )


def _asked(left: Side, right: Side) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return what was asked for on both sides, of one kind: a server adds its defaults to what it repeats."""
    if left.request is not None and right.request is not None:
        return left.request, right.request
    repeated = left.run.run_request, right.run.run_request
    if repeated[0] is not None and repeated[1] is not None:
        return repeated[0], repeated[1]
    return (
        left.request if left.request is not None else left.run.run_request or {},
        right.request if right.request is not None else right.run.run_request or {},
    )


def requests(left: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield every parameter either request has, the same ones too, in the order of the form."""
    known = [parameter.name for parameter in PARAMETERS]
    names = [*known, *sorted((set(left) | set(right)) - set(known))]
    for name in names:
        a, b = left.get(name), right.get(name)
        if a is None and b is None:
            continue
        if isinstance(a, (dict, list)) and isinstance(b, (dict, list)) and a != b:
            for found in differences(a, b):
                yield Difference(f"{_safe(name)}{'' if found.path.startswith('[') else '.'}{found.path}", *_rest(found))
        else:
            yield _difference(_safe(name), a, b)


def _rest(found: Difference) -> tuple[Change, str, str]:
    return found.change, found.left, found.right


def _outcomes(left: Run, right: Run) -> Iterator[Difference]:
    for name in ("status", "failure_reason", "step_count", "run_type"):
        a, b = getattr(left, name), getattr(right, name)
        if a not in {None, ""} or b not in {None, ""}:
            yield _difference(name, None if a is None else str(a), None if b is None else str(b))
    a, b = len(left.downloaded_files or ()), len(right.downloaded_files or ())
    if a or b:
        yield _difference("downloaded_files", a, b)


def _difference(path: str, a: Any, b: Any) -> Difference:
    change = (
        Change.same if _equal(a, b) else Change.added if a is None else Change.removed if b is None else Change.changed
    )
    return Difference(path, change, _words(a), _words(b))


def _equal(a: Any, b: Any) -> bool:
    """Compare JSON values: true is not 1, though Python says so."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return bool(a == b)


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _safe(value)
    if isinstance(value, dict):
        return f"{{{len(value)}}}"
    return f"[{len(value)}]" if isinstance(value, list) else _safe(scalar(value))


def _safe(text: str) -> str:
    return shorten(one_line(text[: _TEXT * 4]), _TEXT)


_MISSING: Final = object()


def differences(left: Any, right: Any) -> Iterator[Difference]:
    """Yield where two JSON values differ, at most :data:`MAX_CHANGES` places.

    Objects are compared by key. Lists are lined up first, so that one entry more in front does not change all after it.
    """
    stack: list[tuple[tuple[str | int, ...], Any, Any]] = [((), left, right)]
    count = 0
    while stack and count < MAX_CHANGES:
        path, a, b = stack.pop()
        below = _below(path, a, b) if len(path) < MAX_DEPTH else None
        if below is not None:
            stack.extend(reversed(below))
        elif a is _MISSING or b is _MISSING or not _same(a, b):
            count += 1
            change = Change.added if a is _MISSING else Change.removed if b is _MISSING else Change.changed
            yield Difference(path_text(path), change, _shown(a), _shown(b))


def _shown(value: Any) -> str:
    return "" if value is _MISSING else "null" if value is None else _words(value)


def _same(a: Any, b: Any) -> bool:
    try:
        return _equal(a, b)
    except RecursionError:
        return False


def _below(path: tuple[str | int, ...], a: Any, b: Any) -> list[tuple[tuple[str | int, ...], Any, Any]] | None:
    if isinstance(a, dict) and isinstance(b, dict):
        names = [*a, *(name for name in b if name not in a)]
        return [((*path, str(name)), a.get(name, _MISSING), b.get(name, _MISSING)) for name in names]
    if isinstance(a, list) and isinstance(b, list):
        return [((*path, place), x, y) for place, x, y in _lined_up(a, b)]
    return None


def _lined_up(a: list[Any], b: list[Any]) -> Iterator[tuple[int, Any, Any]]:
    """Yield entries of two lists that belong together, with the place in the second (or the first)."""
    if len(a) > MAX_ALIGNED or len(b) > MAX_ALIGNED:
        for place in range(max(len(a), len(b))):
            yield place, a[place] if place < len(a) else _MISSING, b[place] if place < len(b) else _MISSING
        return
    matcher = SequenceMatcher(None, [_key(item) for item in a], [_key(item) for item in b], autojunk=False)
    for operation, a1, a2, b1, b2 in matcher.get_opcodes():
        if operation == "equal":
            continue
        for step in range(max(a2 - a1, b2 - b1)):
            x = a[a1 + step] if a1 + step < a2 else _MISSING
            y = b[b1 + step] if b1 + step < b2 else _MISSING
            yield (b1 if y is not _MISSING else a1) + step, x, y


def _key(value: Any) -> str:
    try:
        return repr(value)
    except (RecursionError, ValueError):
        return "…"


def aligned(left: Sequence[Row], right: Sequence[Row]) -> Iterator[Pair]:
    """Yield the rows of two timelines, those that do the same side by side, in the order of both."""
    a, b = list(left[:MAX_ALIGNED]), list(right[:MAX_ALIGNED])
    matcher = SequenceMatcher(None, [_does(row) for row in a], [_does(row) for row in b], autojunk=False)
    for operation, a1, a2, b1, b2 in matcher.get_opcodes():
        for step in range(max(a2 - a1, b2 - b1)):
            x = a[a1 + step] if a1 + step < a2 else None
            y = b[b1 + step] if b1 + step < b2 else None
            if x is not None and y is not None and operation != "equal" and x.head != y.head:
                yield Pair(x, None, Change.removed)
                yield Pair(None, y, Change.added)
                continue
            yield Pair(x, y, _how(x, y))


def _does(row: Row) -> tuple[str, int, str]:
    return (row.head, row.depth, row.text[:_SAME_WORDS])


def _how(x: Row | None, y: Row | None) -> Change:
    if x is None:
        return Change.added
    if y is None:
        return Change.removed
    return Change.same if (_does(x), x.status) == (_does(y), y.status) else Change.changed


def _timings(left: Run, right: Run) -> Iterator[Timing]:
    for name, start, end in (
        ("waiting", "created_at", "started_at"),
        ("working", "started_at", "finished_at"),
        ("in all", "created_at", "finished_at"),
    ):
        yield Timing(name, _between(left, start, end), _between(right, start, end))
    a, b = _per_step(left), _per_step(right)
    if a is not None or b is not None:
        yield Timing("per step", a, b)


def _between(run: Run, start: str, end: str) -> float | None:
    began, ended = getattr(run, start), getattr(run, end)
    return None if began is None or ended is None else max(0.0, (ended - began).total_seconds())


def _per_step(run: Run) -> float | None:
    worked = _between(run, "started_at", "finished_at")
    return None if worked is None or not run.step_count else worked / run.step_count


def _shots(pairs: Sequence[Pair], left: Sequence[ArtifactFact], right: Sequence[ArtifactFact]) -> Iterator[Shots]:
    seen: set[tuple[str | None, str | None]] = set()
    lefts, rights = Screenshots(left), Screenshots(right)
    for pair in pairs:
        a = None if pair.left is None else lefts.at(pair.left)
        b = None if pair.right is None else rights.at(pair.right)
        ids = (a.id if a else None, b.id if b else None)
        row = pair.left or pair.right
        if ids != (None, None) and ids not in seen and row is not None:
            seen.add(ids)
            yield Shots(a, b, f"{row.head} {row.text}".strip())
