"""A comparison of two runs as lines to read.

Owns: which lines there are, in which order, and their words; leaving out what is the same.
Must not: find differences (compare does), or know widths or colours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from skyvern_tui.core.compare import Change, Comparison, Difference, Pair, Timing
from skyvern_tui.core.rows import Row
from skyvern_tui.core.text import duration_words

_LABELS: Final = {
    "failure_reason": "failed because",
    "step_count": "steps",
    "run_type": "type",
    "downloaded_files": "downloads",
}
_ALIKE: Final = 1.1
"""Durations that differ by less than this factor count as the same: no two runs take equally long."""
_SAYS_NOTHING: Final = 0.005
"""A share below it is no longer told: it only says that one of the two took no time."""
_NO_LONGER_THAN: Final = 0.5
"""Seconds by which durations may differ, whatever their ratio."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is about and both sides of it, in safe text. A title has no change and no sides."""

    section: str
    name: str
    change: Change | None = None
    left: str = ""
    right: str = ""
    rows: tuple[Row | None, Row | None] = (None, None)
    """Rows of the timelines it stands for."""

    @property
    def differs(self) -> bool:
        """True for a line that "next difference" stops at."""
        return self.change is not None and self.change is not Change.same


def lines_of(comparison: Comparison, *, only_differences: bool = False) -> list[Line]:
    """Return all lines, each section with its title; without what is the same, if so wanted."""
    sections: list[tuple[str, Sequence[Line], str]] = [
        ("outcome", [_plain("outcome", one) for one in comparison.outcome], ""),
        ("timings", [_timed(one) for one in comparison.timings], ""),
        ("request", [_plain("request", one) for one in comparison.request], "nothing is known of either request"),
        ("output", [_plain("output", one) for one in comparison.output], ""),
        ("timeline", [_paired(one) for one in comparison.timeline], "neither has a timeline"),
    ]
    lines: list[Line] = []
    for name, members, nothing in sections:
        differing = sum(line.differs for line in members)
        said = f"{differing} of {len(members)} differ" if differing else nothing if not members else "the same"
        if name == "output":
            said = f"{differing} places differ" if differing > 1 else "1 place differs" if differing else "the same"
        lines.append(Line(name, f"{name}: {said}" if said else name))
        lines += [line for line in members if line.differs or not only_differences]
    return lines


def verdict(comparison: Comparison) -> str:
    """Return in one sentence how the runs stand to each other."""
    parts = {
        "what was asked": any(one.change is not Change.same for one in comparison.request),
        "how it ended": any(one.change is not Change.same for one in comparison.outcome),
        "the output": bool(comparison.output),
    }
    ways = sum(pair.change is not Change.same for pair in comparison.timeline)
    if comparison.is_same:
        return "The same: asked, ended and answered alike" + (
            f"; the ways there differ in {ways} {'place' if ways == 1 else 'places'}." if ways else "."
        )
    differing = [part for part, differs in parts.items() if differs]
    listed = differing[0] if len(differing) == 1 else f"{', '.join(differing[:-1])} and {differing[-1]}"
    return f"They differ in {listed}."


def as_text(lines: Sequence[Line]) -> str:
    """Return lines as text to be pasted elsewhere."""
    return "\n".join(_written(lines)) + "\n"


def _written(lines: Sequence[Line]) -> Iterator[str]:
    for line in lines:
        if line.change is None:
            yield f"\n{line.name}"
        elif line.change is Change.same:
            yield f"    {line.name}: {line.left}"
        elif line.change is Change.changed:
            yield f"  ~ {line.name}: {line.left} -> {line.right}"
        else:
            added = line.change is Change.added
            yield f"  {'+' if added else '-'} {line.name}: {line.right if added else line.left}"


def _plain(section: str, one: Difference) -> Line:
    name = _LABELS.get(one.path, one.path)
    return Line(section, name.replace("_", " ") if section == "outcome" else name, one.change, one.left, one.right)


def _timed(one: Timing) -> Line:
    left, right = ("" if value is None else duration_words(value) for value in (one.left, one.right))
    change = Change.same
    if one.left is None or one.right is None:
        change = Change.same if one.left is one.right else Change.added if one.left is None else Change.removed
    elif abs(one.left - one.right) > _NO_LONGER_THAN and not 1 / _ALIKE < (one.ratio or 0.0) < _ALIKE:
        change = Change.changed
    ratio = "" if one.ratio is None or change is Change.same else _rounded(one.ratio)
    return Line("timings", one.name, change, left, f"{right}  {ratio}".rstrip())


def _rounded(ratio: float) -> str:
    """Return how many times as long it took in the numbers people use: percent if less, nothing if next to nothing."""
    if ratio < 1:
        return f"{ratio:.0%}".replace("%", " %") if ratio >= _SAYS_NOTHING else ""
    return f"{ratio:.2g} times" if ratio < 100 else f"{ratio:.0f} times"  # noqa: PLR2004 - three digits and more


def _paired(pair: Pair) -> Line:
    row = pair.left or pair.right
    head = "" if row is None else f"{'  ' * min(row.depth, 4)}{row.head}"
    sides = (pair.left, pair.right)
    statuses = {side.status for side in sides if side is not None}
    left, right = (_side(side, with_status=len(statuses) > 1) for side in sides)
    return Line("timeline", head, pair.change, left, right, sides)


def _side(row: Row | None, *, with_status: bool) -> str:
    if row is None:
        return ""
    took = "" if row.duration is None else duration_words(row.duration)
    status = row.status.replace("_", " ") if with_status else ""
    return "  ".join(part for part in (status, row.text, took) if part) or row.head
