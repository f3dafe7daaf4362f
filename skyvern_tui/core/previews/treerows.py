"""The rows of a JSON tree in sight, cheap to open and fold however many there are.

Owns: which paths are open, and the list of rows that follows from it; a row is made into
words only when it is asked for. Must not: draw or search.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, overload

from skyvern_tui.core.previews.jsontree import MAX_DEPTH, Node, Path, children, node_of, opened_to

MAX_SHOWN: Final = 500_000
"""Rows that can be open at a time."""


class TreeRows(Sequence[Node]):
    """A sequence of :class:`~skyvern_tui.core.previews.jsontree.Node`."""

    def __init__(self, value: Any, opened: Iterable[Path] = ()) -> None:
        self.value = value
        self.opened: set[Path] = set(opened)
        self._rows: list[tuple[Path, Any]] = []
        self._lay_out()

    def _lay_out(self) -> None:
        branch = isinstance(self.value, (dict, list)) and bool(self.value)
        self._rows = self._below((), self.value) if branch else [((), self.value)]

    def _below(self, path: Path, value: Any) -> list[tuple[Path, Any]]:
        """Return the rows of what is in ``value``, with those in what is open there."""
        rows: list[tuple[Path, Any]] = []
        stack = [children(path, value)]
        while stack and len(rows) < MAX_SHOWN:
            for row in stack[-1]:
                rows.append(row)
                if self._is_open(*row):
                    stack.append(children(*row))
                    break
            else:
                stack.pop()
        return rows

    def _is_open(self, path: Path, value: Any) -> bool:
        return path in self.opened and isinstance(value, (dict, list)) and len(path) < MAX_DEPTH

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> Node: ...
    @overload
    def __getitem__(self, place: slice) -> list[Node]: ...
    def __getitem__(self, place: int | slice) -> Node | list[Node]:
        if isinstance(place, slice):
            return [self._node(*row) for row in self._rows[place]]
        return self._node(*self._rows[place])

    def _node(self, path: Path, value: Any) -> Node:
        return node_of(path, value, is_open=self._is_open(path, value))

    def path(self, place: int) -> Path:
        """Return the path of a row."""
        return self._rows[place][0]

    def value_at(self, place: int) -> Any:
        """Return the value of a row."""
        return self._rows[place][1]

    def end_of(self, place: int) -> int:
        """Return the place after the last row of what is in a row."""
        depth = len(self._rows[place][0])
        end = place + 1
        while end < len(self._rows) and len(self._rows[end][0]) > depth:
            end += 1
        return end

    def can_open(self, place: int) -> bool:
        """Tell whether there is something in a row."""
        path, value = self._rows[place]
        return isinstance(value, (dict, list)) and bool(value) and len(path) < MAX_DEPTH and bool(path)

    def turn(self, place: int) -> None:
        """Open a row, or fold it; what is open in it stays so for the next time."""
        path, value = self._rows[place]
        if path in self.opened:
            self.opened.discard(path)
            del self._rows[place + 1 : self.end_of(place)]
        elif self.can_open(place):
            self.opened.add(path)
            self._rows[place + 1 : place + 1] = self._below(path, value)

    def open_below(self, place: int) -> None:
        """Open a row and everything in it."""
        path, value = self._rows[place]
        if self.can_open(place):
            budget = MAX_SHOWN
            stack = [(path, value)]
            while stack and budget > 0:
                path, value = stack.pop()
                self.opened.add(path)
                below = [row for row in children(path, value) if isinstance(row[1], (dict, list)) and row[1]]
                stack += below
                budget -= len(value)
            self._lay_out()

    def fold_all(self) -> None:
        """Fold everything."""
        self.opened.clear()
        self._lay_out()

    def open_to(self, depth: int) -> None:
        """Open the first levels."""
        self.opened |= opened_to(depth, self.value)
        self._lay_out()

    def open_paths(self, paths: Iterable[Path]) -> None:
        """Open paths, all at once."""
        fresh = set(paths) - self.opened
        if fresh:
            self.opened |= fresh
            self._lay_out()

    def place(self, path: Path) -> int | None:
        """Return where the row of a path is; None when it is folded away."""
        return next((place for place, row in enumerate(self._rows) if row[0] == path), None)
