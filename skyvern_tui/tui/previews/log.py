"""A log: lines with a time and a level, only the grave ones if one likes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from textual.widget import Widget

from skyvern_tui.core.preview import LogPreview
from skyvern_tui.core.previews.logs import LEVELS, LogLine, at_least
from skyvern_tui.core.text import plural
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Span
from skyvern_tui.tui.previews.base import PreviewView
from skyvern_tui.tui.widgets.lines import LineList

if TYPE_CHECKING:
    from skyvern_tui.tui.viewing import Shown

_TONES: Final = {"error": "bad", "warning": "warn", "debug": "quiet"}
_CLOCK: Final = 12
"""Characters of a time that are shown: hours to milliseconds."""


class LogList(LineList[LogLine]):
    """Lines of a log. Follows its end while one is there."""

    BINDINGS: ClassVar = bindings(Scope.finding)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, follow=True)

    def key_of(self, row: LogLine) -> object:
        return row.number

    def text_of(self, row: LogLine) -> str:
        return f"{row.time} {row.text}" if row.time else row.text

    def spans(self, row: LogLine, width: int) -> Iterable[Span]:  # noqa: ARG002 - cut at the edge
        if row.time:
            yield f" {row.time.replace('T', ' ').partition(' ')[2][:_CLOCK]:<{_CLOCK}} ", "quiet"
        elif row.goes_on:
            yield " " * (_CLOCK + 2), "quiet"
        else:
            yield " ", "quiet"
        yield row.text, _TONES.get(row.level, "plain")


class LogView(PreviewView):
    """A log, from a level on."""

    modes: ClassVar = ("log",)
    scope: ClassVar = Scope.log
    BINDINGS: ClassVar = bindings(Scope.log)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._lines: tuple[LogLine, ...] = ()
        self._level = LEVELS[0]
        self._of = ""

    def parts(self) -> Mapping[str, Widget]:
        return {"log": LogList(id="log")}

    @property
    def notes(self) -> tuple[str, ...]:
        levels = [sum(line.level == level for line in self._lines) for level in ("error", "warning")]
        counts = tuple(plural(n, word) for n, word in zip(levels, ("error", "warning"), strict=True) if n)
        return (f"{self._level} and above", *counts) if self._level != LEVELS[0] else counts

    async def show(self, shown: Shown) -> None:
        """Show the lines; those of a log that grew go on where it ended."""
        model = shown.preview
        if not isinstance(model, LogPreview):
            return
        listing = self.query_one(LogList)
        fresh, self._of = self._of != shown.fact.id, shown.fact.id
        if fresh:
            listing.index = 0
        self._lines = model.lines
        listing.set_rows(at_least(self._lines, self._level))
        if fresh:
            listing.move_to(0)

    def action_level(self) -> None:
        """Show from the next level on."""
        self._level = LEVELS[(LEVELS.index(self._level) + 1) % len(LEVELS)]
        self.query_one(LogList).set_rows(at_least(self._lines, self._level))
        self.post_message(self.Told())
