"""A JSON value as a tree to open and fold.

Owns: drawing rows, opening and folding, finding also in what is folded, copying a value or
the path to it. Must not: read JSON or lay rows out; :mod:`skyvern_tui.core.previews` does.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from textual import work

from skyvern_tui.core.find import Gathered
from skyvern_tui.core.previews.jsontree import MAX_PATHS, Node, Path, parents, search
from skyvern_tui.core.previews.treerows import TreeRows
from skyvern_tui.core.schema import path_text
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Mark, Span, fit
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.searching import Found, Sought

if TYPE_CHECKING:
    from skyvern_tui.tui.app import SkyvernApp

_TONES: Final = {"string": "string", "number": "number", "true or false": "number", "null": "quiet"}
_DEPTH: Final = 2
"""Levels that are open at first."""
_NOTHING: Final = object()


class JsonTree(LineList[Node]):
    """Give it any JSON value with :meth:`show`; what is open and where the cursor is outlive a change of the value."""

    BINDINGS: ClassVar = bindings(Scope.finding, Scope.tree)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._whole: Any = _NOTHING
        self._hits: list[Path] = []
        self._hit_set: frozenset[Path] = frozenset()
        self._here = -1

    @property
    def laid_out(self) -> TreeRows:
        """The rows."""
        return self.rows if isinstance(self.rows, TreeRows) else TreeRows(None)

    @property
    def where(self) -> str:
        """Path to what is under the cursor, as one writes it in a program; empty at the top."""
        return path_text(self.path)

    @property
    def path(self) -> Path:
        """Path to what is under the cursor."""
        return self.laid_out.path(self.index) if 0 <= self.index < len(self.laid_out) else ()

    @property
    def value(self) -> Any:
        """The value under the cursor; None when there is none."""
        return self.laid_out.value_at(self.index) if 0 <= self.index < len(self.laid_out) else None

    def show(self, value: Any, *, depth: int = _DEPTH) -> None:
        """Show a value; the first one with ``depth`` levels open."""
        if self._whole is not _NOTHING and value == self._whole and isinstance(self.rows, TreeRows):
            return
        first, path = self._whole is _NOTHING, self.path
        rows = TreeRows(value, () if first else self.laid_out.opened)
        if first:
            rows.open_to(depth)
        self._whole, self.rows = value, rows
        self.index = 0 if first else rows.place(path) or 0
        if self.sought is not None:
            self.seek(self.sought)
        self._changed()
        if first:
            self.scroll_home(animate=False, immediate=True)
        self.post_message(self.Moved(self, self.row))

    def forget(self) -> None:
        """Let the next value be shown as if it was the first."""
        self._whole = _NOTHING
        self.seek(None)

    def key_of(self, row: Node) -> object:
        return row.path

    def text_of(self, row: Node) -> str:
        return f"{row.key}: {row.text}"

    def spans(self, row: Node, width: int) -> Iterable[Span]:
        glyph = "▾ " if row.is_open else "▸ " if row.count else "  "
        head = f" {'  ' * row.depth}{glyph}"
        yield head, "key"
        used = len(head)
        if row.key:
            is_index = bool(row.path) and isinstance(row.path[-1], int)
            yield row.key, "quiet" if is_index else "key"
            yield ": ", "quiet"
            used += len(row.key) + 2
        yield fit(row.text, max(8, width - used - 1)), _TONES.get(row.kind, "quiet")

    def _marks(self, spans: Sequence[Span], index: int) -> list[Mark]:
        return super()._marks(spans, index) if self.laid_out.path(index) in self._hit_set else []

    def _changed(self) -> None:
        """Rows came or went."""
        self._view = None
        if self.sought is not None and self.sought.filtering:
            shown = {path[:length] for path in self._hit_set for length in range(1, len(path) + 1)}
            places = [place for place in range(len(self.laid_out)) if self.laid_out.path(place) in shown]
            self._view = Gathered(places, len(self.laid_out), self.sought.context)
        self._set_height()
        self.redraw()

    @property
    def found(self) -> Found:
        at = self._here
        here = 0 <= at < len(self._hits) and self._hits[at] == self.path
        return Found(at + 1 if here else 0, len(self._hits), len(self._hits) < MAX_PATHS)

    def seek(self, sought: Sought | None) -> None:
        self.sought = sought
        if sought is None:
            self._find([])
        else:
            self._search(sought)

    @work(group="seek", exclusive=True)
    async def _search(self, sought: Sought) -> None:
        found = await asyncio.to_thread(search, self.laid_out.value, sought.finder)
        if self.sought is sought:
            self._find(found)
            self.tell_found()

    def _find(self, hits: list[Path]) -> None:
        self._hits, self._hit_set, self._here = hits, frozenset(hits), -1
        path = self.path
        if hits and self.sought is not None and self.sought.filtering:
            self.laid_out.open_paths(parent for hit in hits for parent in parents(hit))
        self.index = self.laid_out.place(path) or 0
        self._changed()
        if hits:
            self._go(hits.index(path) if path in self._hit_set else 0)

    def step(self, *, forward: bool) -> None:
        if self._hits:
            if self.path in self._hit_set:
                self._here = self._hits.index(self.path)
            self._go((self._here + (1 if forward else -1)) % len(self._hits))

    def _go(self, place: int) -> None:
        self._here = place
        path = self._hits[place]
        self.laid_out.open_paths(parents(path))
        self._changed()
        self.move_to(self.laid_out.place(path) or 0)
        self.redraw()

    def _kept(self, place: int) -> None:
        self._changed()
        self.move_to(place)
        self.post_message(self.Moved(self, self.row))

    def action_turn(self) -> None:
        """Open or fold what is under the cursor."""
        if self.row is not None:
            self.laid_out.turn(self.index)
            self._kept(self.index)

    def action_open(self) -> None:
        """Open it, or go to the first thing in it."""
        row = self.row
        if row is not None and row.is_open:
            self.move_to(self.index + 1)
        elif row is not None and self.laid_out.can_open(self.index):
            self.action_turn()

    def action_close(self) -> None:
        """Fold it, or go to what it is in."""
        row = self.row
        if row is not None and row.is_open:
            self.action_turn()
        elif row is not None and len(row.path) > 1:
            self.move_to(self.laid_out.place(row.path[:-1]) or 0)

    def action_open_all(self) -> None:
        """Open everything below."""
        if self.row is not None:
            path = self.path
            self.laid_out.open_below(self.index)
            self._kept(self.laid_out.place(path) or 0)

    def action_close_all(self) -> None:
        """Fold everything."""
        path = self.path[:1]
        self.laid_out.fold_all()
        self._kept(self.laid_out.place(path) or 0)

    def action_copy_value(self) -> None:
        """Copy the value under the cursor: text as it is, anything else as JSON."""
        value = self.value
        text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
        self._copy(text, self.where or "the value")

    def action_copy_path(self) -> None:
        """Copy the path to it."""
        if self.where:
            self._copy(self.where, f"the path {self.where}")

    def _copy(self, text: str, what: str) -> None:
        cast("SkyvernApp", self.app).copy(text, what)
