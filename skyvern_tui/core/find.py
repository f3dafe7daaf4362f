"""Looking for something in lines: where it is, the next one, and only the lines that have it.

Owns: reading what a person looks for (plain or regular expression, with or without case)
and refusing expressions that could take for ever. Must not: colour, or know what the lines
are of.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from re import _constants as codes  # type: ignore[attr-defined]  # the parser's own names; it has no public ones
from re import _parser as parser  # type: ignore[attr-defined]  # as above
from typing import Any, Final, overload

MAX_HITS: Final = 10_000
MAX_PER_LINE: Final = 200
MAX_SEARCHED: Final = 4000
"""Characters of one line that are searched."""
_MAX_PATTERN: Final = 1000
_MAX_REPEATS: Final = 4
_ENDLESS: Final = 100
"""A repetition that may go on for longer than this counts as endless."""
_REPEATS: Final = frozenset({codes.MAX_REPEAT, codes.MIN_REPEAT})


class BadPattern(ValueError):  # noqa: N818 - named for the finding
    """What was typed is no pattern, or one that could take for ever. The message says why."""


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """A place: line from 0, and the characters from ``start`` up to ``end``."""

    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of a filtered view. A gap has no number and ``hidden`` lines."""

    number: int | None
    matched: bool = False
    hidden: int = 0


class Finder:
    """What is looked for.

    Args:
        text: plain text, or a regular expression.
        regex: read ``text`` as a regular expression.
        case: whether capitals count; None means: only if ``text`` has one.

    Raises:
        BadPattern: not for plain text.
    """

    def __init__(self, text: str, *, regex: bool = False, case: bool | None = None) -> None:
        self.text = text
        self.regex = regex
        self.case = text != text.lower() if case is None else case
        if regex:
            _check(text)
        try:
            self._pattern = re.compile(text if regex else re.escape(text), 0 if self.case else re.IGNORECASE)
        except (re.error, OverflowError, RecursionError) as error:
            raise BadPattern(f"not a regular expression: {error}") from error

    def spans(self, line: str) -> list[tuple[int, int]]:
        """Return where it is in one line; empty matches don't count."""
        if not self.text:
            return []
        found: list[tuple[int, int]] = []
        for match in self._pattern.finditer(line, 0, MAX_SEARCHED):
            if match.end() > match.start():
                found.append(match.span())
                if len(found) == MAX_PER_LINE:
                    break
        return found

    def is_in(self, line: str) -> bool:
        """Tell whether it is in one line."""
        return bool(self.text) and self._pattern.search(line, 0, MAX_SEARCHED) is not None

    def places(self, lines: Iterable[str], since: int = 0) -> list[int]:
        """Return the numbers of the lines it is in; the first of them has the number ``since``."""
        if not self.text:
            return []
        search = self._pattern.search
        return [number for number, line in enumerate(lines, since) if search(line, 0, MAX_SEARCHED)]

    def hits(self, lines: Iterable[str], limit: int = MAX_HITS) -> list[Hit]:
        """Return where it is, in order; at most ``limit`` places."""
        found: list[Hit] = []
        for number, line in enumerate(lines):
            found += [Hit(number, start, end) for start, end in self.spans(line)]
            if len(found) >= limit:
                return found[:limit]
        return found


def step(hits: Sequence[Hit], line: int, column: int, *, forward: bool = True) -> int | None:
    """Return the index of the next hit after a place (or the last before it), going round; None without hits."""
    if not hits:
        return None
    place = Hit(line, column, 0)
    if forward:
        at = bisect_right(hits, (line, column), key=lambda hit: (hit.line, hit.start))
        return at % len(hits)
    return (bisect_left(hits, (place.line, place.start), key=lambda hit: (hit.line, hit.start)) - 1) % len(hits)


class Gathered(Sequence[Shown]):
    """The lines that match, with ``context`` lines around each and a gap for what is left out.

    Kept as stretches of lines, and a line is made when it is asked for: a filter is set anew with every letter typed.

    Args:
        places: numbers of the lines that match, in order.
        total: how many lines there are.
        context: lines kept before and after each.
    """

    def __init__(self, places: Sequence[int], total: int, context: int = 0) -> None:
        self._places, self._total = places, total
        self._firsts: list[int] = []
        self._ends: list[int] = []
        """Of each stretch the first number, and the one after the last."""
        self._tops: list[int] = []
        """Where in this view each stretch begins."""
        end, length = 0, 0
        for number in places:
            first, last = max(end, number - context), min(total, number + context + 1)
            if first > end or not self._ends:
                length += first > end
                self._firsts.append(first)
                self._ends.append(last)
                self._tops.append(length)
            else:
                self._ends[-1] = max(end, last)
            length += self._ends[-1] - first
            end = self._ends[-1]
        self._length = length + (end < total)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> Shown: ...

    @overload
    def __getitem__(self, place: slice) -> list[Shown]: ...

    def __getitem__(self, place: int | slice) -> Shown | list[Shown]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(self._length))]
        if not 0 <= place < self._length:
            raise IndexError(place)
        at = bisect_right(self._tops, place) - 1
        number = self._firsts[at] + place - self._tops[at] if at >= 0 else self._total
        if at >= 0 and number < self._ends[at]:
            near = bisect_left(self._places, number)
            return Shown(number, near < len(self._places) and self._places[near] == number)
        following = self._firsts[at + 1] if at + 1 < len(self._firsts) else self._total
        return Shown(None, hidden=following - (self._ends[at] if at >= 0 else 0))

    def line_of(self, number: int) -> int:
        """Return where a line is in this view; where it is hidden, the next one that is shown, or the last."""
        at = bisect_right(self._firsts, number) - 1
        if at >= 0 and number < self._ends[at]:
            return self._tops[at] + number - self._firsts[at]
        if at + 1 < len(self._tops):
            return self._tops[at + 1]
        return self._tops[at] + self._ends[at] - self._firsts[at] - 1 if at >= 0 else 0

    def number_at(self, line: int, *, way: int = 1) -> int | None:
        """Return the number of a line of this view; on a gap, that of the next one in a direction. None without any."""
        if not self._tops:
            return None
        at = bisect_right(self._tops, line) - 1
        if at < 0:
            return self._firsts[0]
        number = self._firsts[at] + line - self._tops[at]
        if number < self._ends[at]:
            return number
        return self._firsts[at + 1] if way > 0 and at + 1 < len(self._firsts) else self._ends[at] - 1


def gathered(matched: Sequence[bool], context: int = 0) -> list[Shown]:
    """Return the lines that match, with ``context`` lines around each and a gap for what is left out."""
    return list(Gathered([number for number, has in enumerate(matched) if has], len(matched), context))


def _check(text: str) -> None:
    """Refuse expressions whose search time explodes with the length of a line."""
    if len(text) > _MAX_PATTERN:
        raise BadPattern(f"longer than {_MAX_PATTERN} characters")
    try:
        tree = parser.parse(text)
    except (re.error, OverflowError, RecursionError, ValueError) as error:
        raise BadPattern(f"not a regular expression: {error}") from error
    if _endless(tree, inside=False) > _MAX_REPEATS:
        raise BadPattern(f"more than {_MAX_REPEATS} open repetitions would take too long")


def _endless(tree: Any, *, inside: bool) -> int:
    """Count repetitions without an end. Raises :class:`BadPattern` for a choice or repetition within one."""
    count = 0
    for operation, argument in tree:
        if operation in _REPEATS or operation is codes.POSSESSIVE_REPEAT:
            _, most, body = argument
            long = most is codes.MAXREPEAT or most > _ENDLESS
            if inside and most > 1:
                raise BadPattern("a repetition within a repetition could take too long")
            count += long + _endless(body, inside=inside or long)
        elif operation is codes.BRANCH:
            if inside:
                raise BadPattern("a choice within a repetition could take too long")
            count += sum(_endless(branch, inside=inside) for branch in argument[1])
        elif operation in {codes.GROUPREF, codes.GROUPREF_EXISTS} and inside:
            raise BadPattern("a reference within a repetition could take too long")
        elif isinstance(argument, tuple):
            count += sum(_endless(part, inside=inside) for part in argument if isinstance(part, parser.SubPattern))
    return count
