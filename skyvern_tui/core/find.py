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
from typing import Any, Final

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


def filtered(lines: Sequence[str], finder: Finder, *, context: int = 0, inverse: bool = False) -> list[Shown]:
    """Return the lines that have it, with ``context`` lines around each and a gap for what is left out.

    Args:
        lines: all of them.
        finder: with an empty text all lines are shown.
        context: lines kept before and after each.
        inverse: the lines that do not have it instead.
    """
    if not finder.text:
        return [Shown(number) for number in range(len(lines))]
    return gathered([finder.is_in(line) != inverse for line in lines], context)


def gathered(matched: Sequence[bool], context: int = 0) -> list[Shown]:
    """Return the lines that match, with ``context`` lines around each and a gap for what is left out."""
    shown: list[Shown] = []
    after = 0
    """The first line not shown yet."""
    for number in (number for number, has in enumerate(matched) if has):
        first = max(after, number - context)
        if first > after:
            shown.append(Shown(None, hidden=first - after))
        last = min(len(matched), number + context + 1)
        shown += [Shown(n, matched[n]) for n in range(first, last)]
        after = max(after, last)
    if after < len(matched):
        shown.append(Shown(None, hidden=len(matched) - after))
    return shown


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
