"""What the agent saw of a page: its elements as a tree, found by id or by words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from textual.widget import Widget
from textual.widgets import Static

from skyvern_tui.core.preview import ElementsPreview
from skyvern_tui.core.previews.elements import Element, Elements
from skyvern_tui.core.text import plural
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Span
from skyvern_tui.tui.previews.base import PreviewView
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.searching import Sought

if TYPE_CHECKING:
    from skyvern_tui.tui.viewing import Shown

_DEEPEST: Final = 24


class ElementList(LineList[int]):
    """Places of elements; what is folded is found, too."""

    scope: ClassVar = Scope.elements
    BINDINGS: ClassVar = bindings(Scope.finding, Scope.elements)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.elements = Elements(())
        self.only_interactable = False
        self._folded: set[int] = set()

    def fill(self, elements: Elements) -> None:
        """Show a tree, all open."""
        self.elements, self._folded = elements, set()
        self.rows, self.index = (), 0
        self.lay_out()
        self.move_to(0)

    def lay_out(self) -> None:
        """Show the rows that are in sight now."""
        self.set_rows(self.elements.rows(self._folded, only_interactable=self.only_interactable))

    @property
    def element(self) -> Element | None:
        """The element under the cursor."""
        return None if self.row is None else self.elements.all[self.row]

    def spans(self, row: int, width: int) -> Iterable[Span]:  # noqa: ARG002 - cut at the edge
        element = self.elements.all[row]
        depth = 0 if self.only_interactable else min(element.depth, _DEEPEST)
        glyph = "  " if not element.count or self.only_interactable else "▸ " if row in self._folded else "▾ "
        yield " " + "  " * depth + glyph, "key"
        head, _, rest = element.line.partition(" ")
        yield head, "key" if element.interactable else "quiet"
        if rest:
            yield " " + rest, "plain" if element.interactable else "quiet"

    def text_of(self, row: int) -> str:
        element = self.elements.all[row]
        return " ".join((element.line, *element.attributes.values()))

    def seek(self, sought: Sought | None) -> None:
        """Find also what is folded away."""
        if sought is not None and self._folded:
            hidden = map(self.text_of, self._out_of_sight())
            if any(map(sought.finder.is_in, hidden)):
                self._folded = set()
                self.lay_out()
        super().seek(sought)

    def _out_of_sight(self) -> Iterable[int]:
        return set(range(len(self.elements.all))) - set(self.rows)

    def action_turn(self) -> None:
        """Fold or open the element under the cursor."""
        if self.row is not None and self.elements.all[self.row].count:
            self._folded ^= {self.row}
            self.lay_out()
            self.redraw()

    def action_interactable(self) -> None:
        """Show only what can be acted on, or all."""
        self.only_interactable = not self.only_interactable
        self.lay_out()
        self.redraw()


class ElementsView(PreviewView):
    """An element tree, and the way down to the element under the cursor."""

    DEFAULT_CSS = """
    ElementsView #path { height: auto; max-height: 4; padding: 0 1; color: $text-muted; background: $surface; }
    """
    modes: ClassVar = ("elements",)

    def parts(self) -> Mapping[str, Widget]:
        return {"elements": ElementList(id="elements")}

    def compose(self) -> Iterable[Widget]:
        yield from super().compose()
        yield Static("", id="path", markup=False)

    @property
    def notes(self) -> tuple[str, ...]:
        listing = self.query_one(ElementList)
        only = ("only what can be acted on",) if listing.only_interactable else ()
        return (plural(len(listing.elements.all), "element"), *only)

    async def show(self, shown: Shown) -> None:
        """Show a tree from its top."""
        if isinstance(shown.preview, ElementsPreview):
            self.query_one(ElementList).fill(shown.preview.elements)
            self._tell_path()

    def on_line_list_moved(self) -> None:
        self._tell_path()

    def _tell_path(self) -> None:
        listing = self.query_one(ElementList)
        path = ""
        if listing.row is not None:
            above = [listing.elements.all[place] for place in listing.elements.above(listing.row)]
            path = " > ".join([*(element.tag for element in above), listing.elements.all[listing.row].line])
        self.query_one("#path", Static).update(path)

    def copied(self) -> tuple[str, str]:
        """The element's id, by which the agent names it."""
        element = self.query_one(ElementList).element
        return (element.id or element.line, f"the element {element.id}") if element else ("", "")
