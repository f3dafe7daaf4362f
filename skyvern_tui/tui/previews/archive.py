"""What is in an archive, and the calls of a browser's trace."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import work
from textual.widget import Widget

from skyvern_tui.core.preview import ArchivePreview
from skyvern_tui.core.previews.archive import Member, TraceCall, read_member
from skyvern_tui.core.previews.bounds import Unreadable
from skyvern_tui.core.text import duration_words, plural, size_words
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Column, Span, fit, layout
from skyvern_tui.tui.previews.base import PreviewView
from skyvern_tui.tui.widgets.lines import LineList

if TYPE_CHECKING:
    from skyvern_tui.tui.viewing import Shown

_FILES: Final = (
    Column("size", "SIZE", 9, right=True),
    Column("packed", "PACKED", 9, right=True, drop=50),
    Column("name", "NAME", 0),
)
_CALLS: Final = (
    Column("at", "AT", 8, right=True),
    Column("took", "TOOK", 8, right=True),
    Column("name", "CALL", 24),
    Column("detail", "", 0),
)
_GAP: Final = "  "
_SECOND: Final = 1000
"""Milliseconds."""


class MemberList(LineList[Member]):
    """Files of an archive."""

    BINDINGS: ClassVar = bindings(Scope.finding)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, has_header=True)

    def header(self, width: int) -> Iterable[Span]:
        return _titles(_FILES, width)

    def text_of(self, row: Member) -> str:
        return row.name

    def spans(self, row: Member, width: int) -> Iterable[Span]:
        yield " ", "plain"
        cells = {"size": size_words(row.size), "packed": size_words(row.packed), "name": row.name}
        mark = "bad" if row.is_bomb else "quiet" if row.is_folder else "plain"
        for column, room in layout(_FILES, width - 2):
            text = cells[column.name]
            if column.name == "name" and (row.is_encrypted or row.is_bomb):
                text = f"{'encrypted' if row.is_encrypted else 'unpacks to far more'}  {text}"
            yield fit(text, room, right=column.right) + _GAP, mark if column.width == 0 else "quiet"


class CallList(LineList[TraceCall]):
    """Calls in the order of time."""

    BINDINGS: ClassVar = bindings(Scope.finding)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, has_header=True)

    def header(self, width: int) -> Iterable[Span]:
        return _titles(_CALLS, width)

    def text_of(self, row: TraceCall) -> str:
        return f"{row.name}  {row.error or row.detail}"

    def spans(self, row: TraceCall, width: int) -> Iterable[Span]:
        yield " ", "plain"
        took = "…" if row.duration is None else duration_words(row.duration / _SECOND)
        cells = {
            "at": duration_words(row.at / _SECOND),
            "took": took,
            "name": row.name,
            "detail": row.error or row.detail,
        }
        tones = {"name": "key", "detail": "bad" if row.error else "plain"}
        for column, room in layout(_CALLS, width - 2):
            yield fit(cells[column.name], room, right=column.right) + _GAP, tones.get(column.name, "quiet")


class ArchiveView(PreviewView):
    """Files, and calls if it is a trace."""

    modes: ClassVar = ("calls", "files")
    scope: ClassVar = Scope.archive
    BINDINGS: ClassVar = bindings(Scope.archive)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._data = b""
        self._has_calls = False

    def parts(self) -> Mapping[str, Widget]:
        return {"calls": CallList(id="calls"), "files": MemberList(id="zip")}

    @property
    def available(self) -> Sequence[str]:
        return self.modes if self._has_calls else ("files",)

    @property
    def notes(self) -> tuple[str, ...]:
        files, calls = self.query_one(MemberList).rows, self.query_one(CallList).rows
        return (plural(len(files), "file"), *((plural(len(calls), "call"),) if calls else ()))

    async def show(self, shown: Shown) -> None:
        """Show what an archive holds."""
        model = shown.preview
        if not isinstance(model, ArchivePreview):
            return
        self._data, self._has_calls = model.data, bool(model.calls)
        self.query_one(MemberList).set_rows(model.members)
        self.query_one(CallList).set_rows(model.calls)
        if self.mode not in self.available:
            self.set_mode("files")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A call is no file to open."""
        return self.mode == "files" if action == "enter" else super().check_action(action, parameters)

    @work(group="member", exclusive=True)
    async def action_enter(self) -> None:
        """Show the file under the cursor as an artifact of its own."""
        member = self.query_one(MemberList).row
        if member is None or member.is_folder:
            return
        try:
            data, whole = await asyncio.to_thread(read_member, self._data, member.number)
        except Unreadable as reason:
            self.app.notify(f"{member.name}: {reason}", severity="warning", markup=False)
            return
        note = "" if whole else "the beginning only: it unpacks to more than is read"
        self.post_message(self.Entered(member.name, data, note=note))


def _titles(columns: tuple[Column, ...], width: int) -> Iterable[Span]:
    yield " ", "quiet"
    for column, cells in layout(columns, width - 2):
        yield fit(column.title, cells, right=column.right) + _GAP, "quiet"
