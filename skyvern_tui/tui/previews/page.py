"""A page as the text one would read, its source, its tree of elements and its links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual.widget import Widget

from skyvern_tui.core.preview import PagePreview
from skyvern_tui.core.previews.page import Branch, TextLine
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Span, fit
from skyvern_tui.tui.previews.base import PreviewView
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from skyvern_tui.tui.viewing import Shown

_TONES: Final = {"heading": "strong", "field": "busy", "code": "string", "row": "plain"}
_CELLS: Final = re.compile(r"(?:\s*\|)+\s*")
"""What is between cells, empty ones included."""
_DEEPEST: Final = 20
"""Levels that are indented."""


class LinkList(LineList[tuple[str, str]]):
    """Text and address of links."""

    BINDINGS: ClassVar = bindings(Scope.finding)

    def spans(self, row: tuple[str, str], width: int) -> Iterable[Span]:
        text, address = row
        half = max(10, width // 2 - 2)
        yield " " + fit(text, half) + "  ", "plain"
        yield address, "busy"

    def text_of(self, row: tuple[str, str]) -> str:
        return f"{row[0]}  {row[1]}"


class ElementTree(LineList[Branch]):
    """Elements and texts in the order of the page."""

    BINDINGS: ClassVar = bindings(Scope.finding)

    def spans(self, row: Branch, width: int) -> Iterable[Span]:  # noqa: ARG002 - cut at the edge
        yield " " + "  " * min(row.depth, _DEEPEST), "plain"
        yield row.text, "plain" if row.is_text else "key"

    def text_of(self, row: Branch) -> str:
        return row.text


class PageView(PreviewView):
    """A page, inert."""

    modes: ClassVar = ("outline", "source", "DOM", "links")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._has_links = False

    def parts(self) -> Mapping[str, Widget]:
        return {
            "outline": TextView(id="outline"),
            "source": TextView(id="source"),
            "DOM": ElementTree(id="dom"),
            "links": LinkList(id="links"),
        }

    @property
    def available(self) -> Sequence[str]:
        return self.modes if self._has_links else self.modes[:-1]

    async def show(self, shown: Shown) -> None:
        """Show a page from its top."""
        model = shown.preview
        if not isinstance(model, PagePreview):
            return
        lines, spans = _outline(model.page.title, model.page.lines)
        self.query_one("#outline", TextView).show(lines, lambda number: spans[number])
        self.query_one("#source", TextView).show(model.source, shown.painter)
        self.query_one(ElementTree).set_rows(model.page.tree)
        self.query_one(LinkList).set_rows(model.page.links)
        self._has_links = bool(model.page.links)
        if self.mode not in self.available:
            self.set_mode(self.modes[0])


def _outline(title: str, lines: Iterable[TextLine]) -> tuple[list[str], list[list[Span]]]:
    """Return the lines of a page and how they are drawn."""
    painted: list[list[Span]] = [[(title, "strong")], [("─" * min(len(title), 60), "quiet")]] if title else []
    before = "heading"
    for line in lines:
        is_paragraph = before == line.kind == "text"
        if painted and (line.kind == "heading" or is_paragraph):
            painted.append([("", "plain")])
        indent = "  " * (line.level - 1) + "• " if line.kind == "item" else "  " if line.kind == "code" else ""
        mark = "#" * line.level + " " if line.kind == "heading" else ""
        text = _CELLS.sub(" | ", line.text).strip(" |") if line.kind == "row" else line.text
        pieces = [(indent or mark, "quiet"), (text, _TONES.get(line.kind, "plain"))]
        painted.append([piece for piece in pieces if piece[0]] or [("", "plain")])
        before = line.kind
    return ["".join(text for text, _ in spans) for spans in painted], painted
