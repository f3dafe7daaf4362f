"""What to tell of an entry when no field was named.

Owns: which columns of a group are worth telling and under which names. Must not: read values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mock_server.agent.extraction.columns import Column
from mock_server.agent.extraction.fitting import NEEDED, Matched, fit
from mock_server.agent.extraction.naming import snake
from mock_server.agent.extraction.request import Want, want
from mock_server.agent.extraction.words import stems

_WRITTEN: Final = frozenset(
    {
        *("post", "article", "story", "question", "news", "book", "movie", "film", "video", "paper", "thread", "topic"),
        *("recipe", "page", "blog", "quote", "headline", "result", "song", "episode"),
    }
)
"""Things that have a title; others have a name."""
_USUAL: Final = ("url", "price", "rating", "points", "author", "date", "comments", "availability")
_SURE: Final = 0.45
_MOST: Final = 12
_MAX_LENGTH: Final = 300
_BYWORDS: Final = frozenset({"by", "from", "in", "on", "at", "via", "posted by", "written by"})
_MEANINGLESS: Final = frozenset(
    {
        *("col", "row", "item", "text", "content", "wrapper", "inner", "container", "box", "body", "block", "left"),
        *("right", "top", "bottom", "link", "btn", "button", "clearfix", "icon", "info"),
    }
)
_USUALLY: Final = 0.5
_COUNTS: Final = frozenset({"count", "num", "number", "total", "qty", "votes_count"})
"""Bare names of the number that stands beside a rating: how many gave one."""


def described(matched: Matched, subject: str) -> list[tuple[str, Want, Column]]:
    """Return (key, want, column) for the columns worth telling, the title first."""
    group = matched.group
    if group.kind == "table" and group.header:
        return _headed(matched)
    out: list[tuple[str, Want, Column]] = []
    shown: set[tuple[str, ...]] = set()
    for name in (title_key(subject), *_USUAL):
        made = want(name, "title" if not out and name in ("title", "name") else name)
        column = _best(made, matched, NEEDED if name in ("title", "name", "url") else _SURE)
        if column is None or (name != "url" and column.sample in shown) or not _is_told(name, column):
            continue
        if name != "url":
            shown.add(column.sample)
        out.append((name, made, column))
    taken = {name for name, _, _ in out}
    for given, column in _named(matched):
        if len(out) >= _MOST:
            break
        name = "review_count" if given in _COUNTS and "rating" in taken else given
        twice = "rating" in taken and column.share("rating") > _USUALLY
        if name not in taken and column.sample not in shown and not twice and not _repeats(column, shown):
            taken.add(name)
            shown.add(column.sample)
            out.append((name, want(name), column))
    return out


def title_key(subject: str) -> str:
    """Return what the heading of such a thing is called: a post has a title, a product a name."""
    return "title" if not subject or _WRITTEN & set(stems(subject)) else "name"


def _is_told(name: str, column: Column) -> bool:
    """Return False for a column that only might be what nobody asked for by name."""
    if name == "url":
        return any(cells[0].href for cells in column.cells.values())
    if name == "rating":
        return column.share("rating") > _USUALLY
    return name != "points" or column.share("rating") == 0


def _repeats(column: Column, shown: set[tuple[str, ...]]) -> bool:
    """Return True for what only numbers the entries, or puts in one text what is told piece by piece."""
    if all(text.rstrip(".)") == str(place + 1) for place, text in enumerate(column.sample)):
        return True
    first = column.sample[0] if column.sample else ""
    return sum(bool(other) and len(other[0]) > 1 and other[0] in first for other in shown) > 1


def _headed(matched: Matched) -> list[tuple[str, Want, Column]]:
    out: dict[str, tuple[str, Want, Column]] = {}
    for column in matched.all_columns:
        name = snake(column.key) if column.key else ""
        if not name or "/" in column.path or column.path.startswith("key:"):
            continue
        if name not in out or column.many:  # all of a list rather than its first
            out[name] = (name, want(name, column.key), column)
    return list(out.values())


def _best(made: Want, matched: Matched, needed: float) -> Column | None:
    scored = [
        (fit(made, column), -place, column)
        for place, column in enumerate(matched.all_columns)
        if not column.path.endswith("*")
    ]
    best = max(scored, key=lambda entry: entry[:2], default=None)
    return best[2] if best is not None and best[0] >= needed else None


def _named(matched: Matched) -> Iterator[tuple[str, Column]]:
    """Yield further columns the page names by a label, or by a class of their own."""
    for column in matched.all_columns:
        usual = column.coverage >= _USUALLY and column.length <= _MAX_LENGTH
        if column.key and column.key.lower() not in _BYWORDS and usual:
            yield snake(column.key), column
    for column in matched.all_columns:
        last = column.path.rstrip("|i*").rsplit("/", 1)[-1].split("[")[0]
        classes = last.split(".")[1:]
        varied = column.distinct * len(column.sample) > 1
        general = column.key or column.path.startswith("kind:") or column.path.endswith("*")
        if general or not classes or not varied or column.share("image") > 0:
            continue
        name = snake(classes[0])
        if column.coverage >= 0.6 and column.length <= _MAX_LENGTH and not set(stems(name)) & _MEANINGLESS:
            yield name, column
