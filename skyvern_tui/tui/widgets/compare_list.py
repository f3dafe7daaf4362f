"""Two runs side by side, line by line.

Owns: the columns of a comparison and going from difference to difference. Must not:
compare.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

from skyvern_tui.core.compare import Change
from skyvern_tui.core.compared import Line
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Span, fit
from skyvern_tui.tui.widgets.lines import LineList

_SIGNS: Final = {
    Change.same: ("  ", "quiet"),
    Change.changed: ("≠ ", "warn"),
    # Not green and red: what came may be a failure, and what went as well.
    Change.added: ("+ ", "key"),
    Change.removed: ("- ", "thought"),
}
_MOST_NAME: Final = 34
_GAP: Final = "  "


class CompareList(LineList[Line]):
    """Lines with a left and a right side; titles go over the whole width."""

    BINDINGS: ClassVar = bindings(Scope.finding)

    def key_of(self, row: Line) -> object:
        return (row.section, row.name, row.left, row.right)

    def text_of(self, row: Line) -> str:
        """Return what is found in a line."""
        return f"{row.name} {row.left} {row.right}"

    def columns(self, width: int) -> tuple[int, int]:
        """Return the cells of the name and of each side."""
        name = min(_MOST_NAME, width // 4)
        return name, max(8, (width - name - 3 - 2 * len(_GAP)) // 2)

    def spans(self, row: Line, width: int) -> Iterable[Span]:
        if row.change is None:
            yield " " + fit(row.name, width - 1), "key"
            return
        name, side = self.columns(width)
        sign, tone = _SIGNS[row.change]
        yield " " + sign, tone
        yield fit(row.name, name) + _GAP, "quiet" if row.change is Change.same else "strong"
        plain = "quiet" if row.change is Change.same else "plain"
        yield fit(row.left, side) + _GAP, tone if row.change is Change.removed else plain
        yield fit(row.right, side), tone if row.change is Change.added else plain

    def to_difference(self, step: int) -> bool:
        """Go to the next (1) or previous (-1) difference, round the end; False when there is none."""
        places = [place for place, row in enumerate(self.rows) if row.differs]
        if not places:
            return False
        if step > 0:
            self.move_to(next((place for place in places if place > self.index), places[0]))
        else:
            self.move_to(next((place for place in reversed(places) if place < self.index), places[-1]))
        return True
