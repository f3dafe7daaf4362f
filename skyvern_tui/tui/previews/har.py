"""The requests of a page: a table, a waterfall, and each request in full."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit

from textual import work
from textual.widget import Widget

from skyvern_tui.core.find import Finder
from skyvern_tui.core.jsontext import json_lines
from skyvern_tui.core.preview import HarPreview
from skyvern_tui.core.previews.hardetail import Call, Waterfall, chosen, read_har
from skyvern_tui.core.previews.plaintext import hex_lines, text_lines
from skyvern_tui.core.text import duration_words, plural, size_words
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Column, Span, fit, layout
from skyvern_tui.tui.previews.base import PreviewView
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.searching import Sought
from skyvern_tui.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from skyvern_tui.tui.viewing import Shown

_METHOD: Final = Column("method", "METHOD", 6)
_STATUS: Final = Column("status", "CODE", 4, right=True)
_URL: Final = Column("url", "URL", 0)
_SIZE: Final = Column("size", "SIZE", 8, right=True)
_TIME: Final = Column("time", "TIME", 8, right=True)
_COLUMNS: Final = {
    "table": (
        _METHOD,
        _STATUS,
        Column("type", "TYPE", 11, drop=60),
        Column("size", "SIZE", 8, right=True),
        _TIME,
        _URL,
    ),
    "waterfall": (Column("method", "METHOD", 6, drop=80), _STATUS, _TIME, _URL, Column("bar", "", 0)),
}
_GAP: Final = "  "
_SECOND: Final = 1000
"""Milliseconds."""
_CLASSES: Final = {2: "good", 3: "quiet", 4: "warn", 5: "bad"}


class HarTable(LineList[Call]):
    """Requests in the order of the file. A filter understands ``status:4xx type:json -failed`` and words."""

    BINDINGS: ClassVar = bindings(Scope.finding)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, has_header=True)
        self.way = "table"
        self.waterfall: Waterfall | None = None

    def header(self, width: int) -> Iterable[Span]:
        yield " ", "quiet"
        for column, cells in layout(_COLUMNS[self.way], width - 2):
            title = self._scale(cells) if column.name == "bar" else column.title
            yield fit(title, cells, right=column.right) + _GAP, "quiet"

    def _scale(self, cells: int) -> str:
        total = 0.0 if self.waterfall is None else self.waterfall.duration
        end = _time_words(total)
        return "0" + end.rjust(cells - 1)

    def spans(self, row: Call, width: int) -> Iterable[Span]:
        yield " ", "plain"
        for column, cells in layout(_COLUMNS[self.way], width - 2):
            if column.name == "bar":
                yield from self._bar(row, cells)
            else:
                text, tone = _cell(row, column.name)
                yield fit(text, cells, right=column.right) + _GAP, tone

    def _bar(self, row: Call, cells: int) -> Iterable[Span]:
        start, length = (0, 0) if self.waterfall is None else self.waterfall.bar(row, cells)
        waited = sum(ms for name, ms in row.phases if name in {"blocked", "dns", "connect", "ssl", "send", "wait"})
        light = min(length - 1, round(length * waited / row.entry.time)) if row.entry.time else 0
        yield " " * start, "plain"
        yield "░" * max(0, light), "busy"
        yield "█" * (length - max(0, light)), "bad" if row.entry.failed else "busy"

    def text_of(self, row: Call) -> str:
        entry = row.entry
        return f"{entry.method} {entry.status or ''} {entry.mime} {entry.url} {entry.error}"

    def matches(self, finder: Finder, since: int) -> list[int]:
        if self.sought is None or not self.sought.filtering or finder.regex:
            return super().matches(finder, since)
        fit_ = {call.number for call in chosen(self.rows, finder.text)}
        return [place for place in range(since, len(self.rows)) if self.rows[place].number in fit_]

    def seek(self, sought: Sought | None) -> None:
        """A filter of requests keeps no neighbours: they are of no help there."""
        super().seek(Sought(sought.finder, filtering=True, context=0) if sought and sought.filtering else sought)


class HarView(PreviewView):
    """The requests, and the one that was opened."""

    modes: ClassVar = ("table", "waterfall", "request")
    scope: ClassVar = Scope.har
    BINDINGS: ClassVar = bindings(Scope.har)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._data = b""
        self._uncovered = False

    def parts(self) -> Mapping[str, Widget]:
        table = HarTable(id="har")
        return {"table": table, "waterfall": table, "request": TextView(id="request-detail")}

    @property
    def available(self) -> Sequence[str]:
        return ("table", "waterfall") if self.mode != "request" else self.modes

    @property
    def notes(self) -> tuple[str, ...]:
        shown = self.query_one(HarTable).waterfall
        known = () if shown is None else (plural(len(shown.calls), "request"), _time_words(shown.duration))
        return (*known, "secrets shown") if self._uncovered else known

    async def show(self, shown: Shown) -> None:
        """Show the requests of a file; its credentials are covered until asked for."""
        if not isinstance(shown.preview, HarPreview):
            return
        self._data, self._uncovered = shown.preview.data, False
        if self.mode == "request":
            self.set_mode("table")
        self._fill(shown.preview.waterfall)

    def _fill(self, waterfall: Waterfall) -> None:
        table = self.query_one(HarTable)
        table.waterfall = waterfall
        table.set_rows(waterfall.calls)
        table.redraw()

    def set_mode(self, mode: str) -> None:
        table = self.query_one(HarTable)
        if mode in _COLUMNS:
            table.way = mode
            table.redraw()
        super().set_mode(mode)

    def leave(self) -> bool:
        if self.mode != "request":
            return False
        self.set_mode(self.query_one(HarTable).way)
        return True

    def action_detail(self) -> None:
        """Show the request under the cursor in full, or go back to all."""
        table = self.query_one(HarTable)
        if self.mode == "request":
            self.set_mode(table.way)
        elif table.row is not None:
            self._tell(table.row)
            self.set_mode("request")
            self.part.focus()

    def _tell(self, call: Call) -> None:
        lines, painted = _detail(call)
        self.query_one("#request-detail", TextView).show(lines, lambda number: painted[number])

    @work(group="uncover", exclusive=True)
    async def action_uncover(self) -> None:
        """Show credentials as they are, or cover them again."""
        self._uncovered = not self._uncovered
        waterfall = await asyncio.to_thread(read_har, self._data, uncovered=self._uncovered)
        self._fill(waterfall)
        row = self.query_one(HarTable).row
        if self.mode == "request" and row is not None:
            self._tell(row)
        self.post_message(self.Told())


def _cell(row: Call, name: str) -> Span:
    entry = row.entry
    answered = entry.status is not None and entry.status > 0
    cells = {
        "method": (entry.method, "plain"),
        "status": (str(entry.status) if answered else "✗", _CLASSES.get((entry.status or 0) // 100, "bad")),
        "type": (entry.mime.rpartition("/")[2] or "-", "quiet"),
        "size": (size_words(entry.size), "quiet"),
        "time": (_time_words(entry.time), "quiet"),
        "url": (entry.error or _short(entry.url), "bad" if entry.failed else "plain"),
    }
    return cells[name]


def _time_words(milliseconds: float | None) -> str:
    if milliseconds is None:
        return "-"
    return f"{milliseconds:.0f} ms" if milliseconds < _SECOND else duration_words(milliseconds / _SECOND)


def _short(url: str) -> str:
    """Return the address without its scheme, which tells least."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return url if not parts.netloc else f"{parts.netloc}{parts.path}{'?' if parts.query else ''}{parts.query}"


def _detail(call: Call) -> tuple[list[str], list[list[Span]]]:
    """Return a request and its answer as lines, and how they are drawn."""
    entry, painted = call.entry, list[list[Span]]()

    def head(text: str) -> None:
        painted.extend([[("", "plain")], [(text, "strong")]])

    def pairs(title: str, of: Iterable[tuple[str, str]]) -> None:
        known = list(of)
        if known:
            head(title)
            painted.extend([(f"  {name}", "key"), (": ", "quiet"), (value, "plain")] for name, value in known)

    def body(title: str, data: bytes, *, is_text: bool) -> None:
        if data:
            head(f"{title}  {size_words(len(data))}")
            painted.extend([(line, "plain")] for line in _body_lines(data, is_text=is_text))

    painted.append([(f"{entry.method} ", "strong"), (entry.url, "plain")])
    status = f"{entry.status or '✗'} {call.status_text}".strip()
    painted.append([(status, _CLASSES.get((entry.status or 0) // 100, "bad")), (f"  {entry.error}", "bad")])
    server = f"  from {call.server}" if call.server else ""
    painted.append([(f"{entry.mime or '-'}  {size_words(entry.size)}  {_time_words(entry.time)}{server}", "quiet")])
    if call.phases:
        head("Where the time went")
        longest = max(ms for _, ms in call.phases)
        painted.extend(
            [
                (f"  {name:<9}", "key"),
                (f"{_time_words(ms):>8}  ", "quiet"),
                ("█" * max(1, round(ms / longest * 30)), "busy"),
            ]
            for name, ms in call.phases
        )
    pairs("Query", call.query)
    pairs("Request headers", call.request_headers)
    body("Request body", call.sent, is_text=True)
    pairs("Response headers", call.response_headers)
    body("Response body", call.received, is_text=call.is_text)
    return ["".join(text for text, _ in spans) for spans in painted], painted


def _body_lines(data: bytes, *, is_text: bool) -> list[str]:
    if is_text:
        try:
            return json_lines(json.loads(data))[0]
        except (ValueError, RecursionError):
            readable = text_lines(data)
            if readable is not None:
                return readable[0]
    return hex_lines(data)[0]
