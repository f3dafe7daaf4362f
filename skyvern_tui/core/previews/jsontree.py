"""JSON and JSON lines as a tree to open and close, and as a table.

Owns: reading either, the rows of a tree under what is open, searching it, and the table a
list of alike objects is. Must not: lay out the whole as text (``jsontext`` does), or follow
depth without end.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from skyvern_tui.core.find import Finder
from skyvern_tui.core.jsontext import scalar
from skyvern_tui.core.previews.bounds import MAX_ROWS, MAX_TEXT, Unreadable, cell
from skyvern_tui.core.schema import path_text

Path = tuple[str | int, ...]
"""Keys and indices from the top."""

MAX_DEPTH: Final = 60
MAX_COLUMNS: Final = 40
_SHORT: Final = 400
MAX_PATHS: Final = 10_000
"""Paths that a search returns."""
_NOTHING: Final = object()


def parse_json(data: bytes) -> tuple[Any, str]:
    """Read JSON, or JSON lines as a list. Returns the value and a note; raises :class:`Unreadable`."""
    if len(data) > MAX_TEXT * 4:
        raise Unreadable("too large to be taken apart")
    text = data.decode("utf-8-sig", errors="replace")
    try:
        return json.loads(text), ""
    except (ValueError, RecursionError) as error:
        values, faulty = _lines(text)
        if not values or faulty * 2 > len(values):
            raise Unreadable(f"not readable as JSON: {error}") from error
        return values, f"{len(values)} lines of JSON" + (f", {faulty} could not be read" if faulty else "")


def _lines(text: str) -> tuple[list[Any], int]:
    values: list[Any] = []
    faulty = 0
    for line in text.split("\n"):
        if not line.strip():
            continue
        try:
            values.append(json.loads(line))
        except (ValueError, RecursionError):
            faulty += 1
            if faulty > MAX_ROWS:
                break
    return values, faulty


@dataclass(frozen=True, slots=True)
class Node:
    """One row of a tree. Texts are safe."""

    path: Path
    depth: int
    key: str
    """Key, or index in brackets; empty at the top."""
    text: str
    """The value; for objects and lists how many there are."""
    kind: str
    """``object``, ``list``, ``string``, ``number``, ``true or false`` or ``null``."""
    count: int | None
    """Children; None for values without."""
    is_open: bool

    @property
    def where(self) -> str:
        """The path as one writes it in a program: ``items[2].price``."""
        return path_text(self.path)


def at(value: Any, path: Path) -> Any:
    """Return what is at ``path``. Raises KeyError, also where the path leads nowhere."""
    for part in path:
        found = value.get(part, _NOTHING) if isinstance(value, dict) else _NOTHING
        if isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value):
            found = value[part]
        if found is _NOTHING:
            raise KeyError(part)
        value = found
    return value


def rows(value: Any, opened: Collection[Path], *, limit: int = MAX_ROWS) -> list[Node]:
    """Return the rows of a tree: the children of the top, and of what is in ``opened``."""
    found: list[Node] = []
    stack: list[Iterator[tuple[Path, Any]]] = [children((), value)] if isinstance(value, (dict, list)) else []
    if not stack:
        return [node_of((), value, is_open=False)]
    while stack and len(found) < limit:
        following = next(stack[-1], None)
        if following is None:
            stack.pop()
            continue
        path, item = following
        is_open = path in opened and len(path) < MAX_DEPTH
        found.append(node_of(path, item, is_open=is_open))
        if is_open and isinstance(item, (dict, list)):
            stack.append(children(path, item))
    return found


def opened_to(depth: int, value: Any, *, limit: int = 1000) -> set[Path]:
    """Return what is open when the first ``depth`` levels are; at most ``limit`` paths."""
    opened: set[Path] = set()
    level: list[tuple[Path, Any]] = list(children((), value))
    for _ in range(depth):
        branches = [(path, item) for path, item in level if isinstance(item, (dict, list)) and item]
        if len(opened) + len(branches) > limit:
            break
        opened |= {path for path, _ in branches}
        level = [child for path, item in branches for child in children(path, item)]
    return opened


def search(value: Any, finder: Finder) -> list[Path]:
    """Return the paths whose key or value has what is looked for, in order."""
    found: list[Path] = []
    stack: list[Iterator[tuple[Path, Any]]] = [children((), value)]
    while stack and len(found) < MAX_PATHS:
        following = next(stack[-1], None)
        if following is None:
            stack.pop()
            continue
        path, item = following
        branch = isinstance(item, (dict, list))
        if finder.is_in(str(path[-1])) or (
            not branch and finder.is_in(item if isinstance(item, str) else scalar(item))
        ):
            found.append(path)
        if branch and len(path) < MAX_DEPTH:
            stack.append(children(path, item))
    return found


def parents(path: Path) -> list[Path]:
    """Return what must be open for ``path`` to be in sight."""
    return [path[:length] for length in range(1, len(path))]


def children(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    """Yield the paths and values of what is directly in a value."""
    if isinstance(value, dict):
        return (((*path, str(key)), item) for key, item in value.items())
    return (((*path, place), item) for place, item in enumerate(value if isinstance(value, list) else ()))


def node_of(path: Path, value: Any, *, is_open: bool) -> Node:
    """Return a value as a row of a tree."""
    key = "" if not path else f"[{path[-1]}]" if isinstance(path[-1], int) else cell(path[-1], _SHORT)
    count: int | None
    match value:
        case dict():
            text, kind, count = f"{{{len(value)}}}", "object", len(value)
        case list():
            text, kind, count = f"[{len(value)}]", "list", len(value)
        case _:
            text, kind, count = cell(scalar(value), _SHORT), _kind(value), None
    return Node(path, max(0, len(path) - 1), key, text, kind, count, is_open)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    return "string" if isinstance(value, str) else "number"


@dataclass(frozen=True, slots=True)
class Table:
    """A list of objects as a table of safe cells; a missing value is an empty cell."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def table(value: Any) -> Table | None:
    """Return a list of objects (or an object with one such list in it) as a table; None for anything else."""
    if isinstance(value, dict):
        lists = [item for item in value.values() if isinstance(item, list) and item and isinstance(item[0], dict)]
        value = lists[0] if len(lists) == 1 else None
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value[:MAX_ROWS]):
        return None
    names = list(dict.fromkeys(name for item in value[:MAX_ROWS] for name in item))
    kept = names[:MAX_COLUMNS]
    made = tuple(tuple(_cell(item.get(name)) if name in item else "" for name in kept) for item in value[:MAX_ROWS])
    notes = []
    if len(value) > len(made):
        notes.append(f"first {len(made)} of {len(value)} rows")
    if len(names) > len(kept):
        notes.append(f"first {len(kept)} of {len(names)} columns")
    return Table(tuple(cell(name, _SHORT) for name in kept), made, tuple(notes))


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return cell(value, _SHORT)
    return node_of((), value, is_open=False).text


def as_csv(made: Table) -> str:
    """Return a table as CSV, in which no cell is taken for a formula by a spreadsheet."""
    lines: Sequence[Sequence[str]] = (made.columns, *made.rows)
    return "".join(",".join(_csv(text) for text in line) + "\r\n" for line in lines)


def _csv(text: str) -> str:
    number = text.lstrip("-").replace(".", "", 1).isdigit()
    guarded = f"'{text}" if text[:1] in {"=", "+", "-", "@"} and not number else text
    return '"' + guarded.replace('"', '""') + '"' if any(c in guarded for c in ',"\n\r') else guarded
