"""What was asked: as it was sent, as the server repeats it, and written for other tools.

Owns: laying the two side by side and marking where they differ. Must not: find the
differences or write requests (the core does), or show a secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final, cast

from textual.app import ComposeResult

from skyvern_tui.client.models import Run
from skyvern_tui.core.compare import Change, Difference, requests
from skyvern_tui.core.masking import redacted
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Span, fit
from skyvern_tui.tui.screens.base import Page
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.pane import Copy, Pane, SavedText
from skyvern_tui.tui.widgets.request_preview import REQUESTS, RequestPreview
from skyvern_tui.tui.widgets.split import Split

_MARKS: Final = {
    Change.same: (" ", "quiet"),
    Change.changed: ("≠", "warn"),
    Change.added: ("+", "busy"),
    Change.removed: ("-", "warn"),
}
_NAME: Final = 24


class ParameterList(LineList[Difference]):
    """One line per parameter: its value as sent and as the server repeats it."""

    BINDINGS: ClassVar = bindings(Scope.finding)

    def __init__(self) -> None:
        super().__init__(has_header=True)
        self.knows_sent = False

    def key_of(self, row: Difference) -> object:
        return row.path

    def header(self, width: int) -> Iterable[Span]:
        name, value = self._rooms(width)
        yield fit("   PARAMETER", name + 3) + "  ", "quiet"
        if self.knows_sent:
            yield fit("AS SENT", value) + "  ", "quiet"
        yield fit("AS THE SERVER REPEATS IT", value), "quiet"

    def spans(self, row: Difference, width: int) -> Iterable[Span]:
        name, value = self._rooms(width)
        mark, tone = _MARKS[row.change if self.knows_sent else Change.same]
        yield f" {mark} ", tone
        differs = self.knows_sent and row.change is not Change.same
        yield fit(row.path, name) + "  ", "strong" if differs else "plain"
        if self.knows_sent:
            yield fit(row.left or ("-" if row.change is Change.added else ""), value) + "  ", "plain"
            same = row.change is Change.same
            yield fit("same" if same else row.right or "-", value), "quiet" if same else tone
        else:
            yield fit(row.right, value), "plain"

    def _rooms(self, width: int) -> tuple[int, int]:
        """Return cells for the name and for each value."""
        name = min(_NAME, max(10, width // 4))
        left = width - name - 3 - 2
        return name, max(8, (left - 2) // 2 if self.knows_sent else left)


class RequestPane(Pane):
    """Parameters on one side, the request for other tools on the other; on a narrow screen one after the other."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._shown: Any = None

    def compose(self) -> ComposeResult:
        kept = cast("Page", self.screen).split_kept("asked")
        yield Split(ParameterList(), RequestPreview(id="as-code", forms=REQUESTS), share=45, kept=kept, id="asked")

    @property
    def _split(self) -> Split:
        return self.query_one("#asked", Split)

    @property
    def _preview(self) -> RequestPreview:
        return self.query_one(RequestPreview)

    @property
    def _list(self) -> ParameterList:
        return self.query_one(ParameterList)

    def show(self, run: Run, sent: Mapping[str, Any] | None, base_url: str, secrets: Mapping[str, str]) -> None:
        """Show the request of a run. Without ``sent`` only the server knows; ``secrets`` must not appear."""
        echoed = {name: value for name, value in (run.run_request or {}).items() if value is not None}
        if (sent, echoed, base_url) == self._shown:
            return
        self._shown = (sent, echoed, base_url)
        listing = self._list
        listing.knows_sent = sent is not None
        masked = redacted(echoed, secrets)
        listing.set_rows(list(requests({} if sent is None else redacted(sent, secrets), masked)))
        listing.redraw()
        self._preview.show(echoed if sent is None else sent, base_url, secrets)

    def enter(self) -> None:
        self._list.focus() if self._list.display else self._preview.focus_text()

    @property
    def can_turn(self) -> bool:
        return True

    def turn(self) -> None:
        """Show the request for the next tool; on a narrow screen after the last one the parameters again."""
        if self._preview.display:
            if not self._preview.next_form() and not self._list.display:
                self._split.zoom(None)
                self._list.focus()
        else:
            self._split.zoom(self._split.second)
            self._preview.focus_text()

    def leave(self) -> bool:
        if self._list.display:
            return False
        self._split.zoom(None)
        self._list.focus()
        return True

    @property
    def can_copy(self) -> bool:
        return self._shown is not None

    @property
    def can_save(self) -> bool:
        return self._shown is not None

    def copied(self) -> Copy | None:
        row = self._list.row
        if self._list.has_focus and row is not None:
            return Copy(row.left or row.right, f"{row.path}, as one line")
        return Copy(self._preview.text(), "the request") if self._shown is not None else None

    def place(self) -> Copy | None:
        row = self._list.row
        return Copy(row.path, "the parameter's name") if self._list.has_focus and row is not None else None

    def to_save(self) -> SavedText | None:
        if self._shown is None:
            return None
        return SavedText(f"request{self._preview.suffix}", self._preview.text().encode("utf-8", "replace"))
