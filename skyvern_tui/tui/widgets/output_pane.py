"""What came of a run: its output, or why there is none.

Owns: the box that says what went wrong, whether the output keeps to the schema that was
asked for, and the output as tree, table or text. Must not: fetch or change the run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from skyvern_tui.core.jsontext import json_lines
from skyvern_tui.core.previews.jsontree import Table, as_csv, table
from skyvern_tui.core.rows import words
from skyvern_tui.core.schema import State, Verdict, verdict
from skyvern_tui.core.text import inert, one_line, plural, shorten, size_words
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.highlight import painter
from skyvern_tui.tui.themes import status_look
from skyvern_tui.tui.widgets.cell_table import CellTable
from skyvern_tui.tui.widgets.json_tree import JsonTree
from skyvern_tui.tui.widgets.pane import Copy, Pane, SavedText
from skyvern_tui.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from skyvern_tui.client.models import Run

_MAX_ERRORS: Final = 100
_MAX_REASON: Final = 20_000
"""Characters of a reason."""
_NAMED_FAULTS: Final = 5
"""Places named where an output does not keep to its schema; with ``Y`` all of them are copied."""
_MORE: Final = "… there is more: the tree shows all of it, s saves it"
WAYS: Final = ("tree", "table", "text")


class FailureBox(VerticalScroll, can_focus=True):
    """Why a run failed, in full; scrolled by the keys of text."""

    BINDINGS: ClassVar = bindings(Scope.text)


class OutputPane(Pane):
    """The output of a run; above it its failure, below it the files it downloaded."""

    DEFAULT_CSS = """
    OutputPane {
        layout: vertical;
        #failure {
            display: none; height: auto; max-height: 60%; padding: 0 2; margin: 1 2 0 1;
            border-left: outer $error; background: $error 8%; scrollbar-size-vertical: 1;
            &.-mild { border-left: outer $warning; background: $warning 8%; }
        }
        #waiting { padding: 1 2; color: $text-muted; }
        #verdict { display: none; height: auto; max-height: 30%; padding: 0 2; margin-top: 1; }
        #files { display: none; height: auto; max-height: 30%; padding: 0 2; color: $text-muted; margin-bottom: 1; }
        #answer { display: none; height: 1fr; }
        JsonTree, CellTable, TextView { display: none; padding: 0 1; width: 1fr; }
        &.-failed #failure, &.-filed #files, &.-judged #verdict { display: block; }
        &.-answered #waiting { display: none; }
        &.-answered #answer { display: block; }
        &.-tree JsonTree, &.-table CellTable, &.-text TextView { display: block; }
        &.-failed #failure { max-height: 60%; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._shown: Any = None
        self._run: Run | None = None
        self._table: Table | None = None
        self._verdict = Verdict(State.none)
        self._way = ""

    def compose(self) -> Iterable[Widget]:
        yield FailureBox(Static(id="failure-text", markup=False), id="failure")
        yield Static("loading…", id="waiting", markup=False)
        yield Static(id="verdict", markup=False)
        with Horizontal(id="answer"):
            yield JsonTree(id="output-tree")
            yield CellTable(id="output-table")
            yield TextView(id="output-text")
        yield Static(id="files", markup=False)

    def show(self, run: Run, sent: Mapping[str, Any] | None = None) -> None:
        """Show the run as it is now; ``sent`` is its request as it was sent, where that is known."""
        schema = (sent or {}).get("data_extraction_schema") or (run.run_request or {}).get("data_extraction_schema")
        now = (run.status, run.output, run.failure_reason, run.errors, run.downloaded_files, schema)
        if now == self._shown:
            return
        self._shown, self._run = now, run
        failed = run.is_final and run.status != "completed"
        self.set_class(failed, "-failed")
        if failed:
            self.query_one("#failure").set_class(str(run.status) in {"canceled", "timed_out"}, "-mild")
            self.query_one("#failure-text", Static).update(_failure(run))
        self._show_output(run, schema)
        waiting = "The run ended without an output." if run.is_final else "No output yet: the run goes on."
        self.query_one("#waiting", Static).update(waiting)
        files = run.downloaded_files or []
        self.set_class(bool(files), "-filed")
        names = (f"{one_line(file.filename or file.url)}  {size_words(file.file_size)}" for file in files)
        self.query_one("#files", Static).update("downloaded\n" + "\n".join(names))

    def _show_output(self, run: Run, schema: Any) -> None:
        self.set_class(run.output is not None, "-answered")
        self._verdict = Verdict(State.none) if run.output is None else verdict(run.output, schema)
        self.set_class(self._verdict.state is not State.none, "-judged")
        self.query_one("#verdict", Static).update(_judged(self._verdict))
        if run.output is None:
            return
        self._table = table(run.output)
        if self._way not in self._ways:
            self._turn_to(self._ways[0])
        self.query_one(JsonTree).show(run.output)
        self.set_class(self._table is not None, "-tabled")
        if self._table is not None:
            self.query_one(CellTable).show(self._table)
        lines, is_all = json_lines(run.output)
        if not is_all:
            lines.append(_MORE)
        self.query_one(TextView).show(lines, painter(lines, "json"))

    @property
    def _ways(self) -> list[str]:
        """The ways in which this output can be shown."""
        output = None if self._run is None else self._run.output
        has = {"tree": isinstance(output, (dict, list)) and bool(output), "table": self._table is not None}
        return [way for way in WAYS if has.get(way, True)]

    def _turn_to(self, way: str) -> None:
        self._way = way
        for name in WAYS:
            self.set_class(name == way, f"-{name}")

    @property
    def _body(self) -> Widget:
        """What has the keys."""
        if self.has_class("-answered"):
            return self.query_one(f"#output-{self._way}")
        return self.query_one("#failure") if self.has_class("-failed") else self

    def enter(self) -> None:
        self._body.focus()

    @property
    def can_turn(self) -> bool:
        return self.has_class("-answered") and len(self._ways) > 1

    def turn(self) -> None:
        """Show the output as tree, as table, as text."""
        if self.can_turn:
            ways = self._ways
            self._turn_to(ways[(ways.index(self._way) + 1) % len(ways)])
            self._body.focus()

    @property
    def can_copy(self) -> bool:
        return self._run is not None and (self._run.output is not None or bool(self._run.failure_reason))

    @property
    def can_save(self) -> bool:
        return self._run is not None and self._run.output is not None

    def copied(self) -> Copy | None:
        run = self._run
        if run is not None and run.output is not None:
            row = self.query_one(CellTable).row
            if self._way == "table" and row is not None and isinstance(run.output, list):
                return Copy(_json(run.output[row[0]]), f"row {row[0] + 1}")
            return Copy(_json(run.output), "the output")
        if run is not None and run.failure_reason:
            return Copy(run.failure_reason, "the failure reason")
        return None

    def place(self) -> Copy | None:
        faults = self._verdict.faults
        if faults:
            return Copy("\n".join(map(str, faults)), plural(len(faults), "fault"))
        return None

    def to_save(self) -> SavedText | None:
        if self._run is None or self._run.output is None:
            return None
        if self._way == "table" and self._table is not None:
            return SavedText("output.csv", as_csv(self._table).encode(errors="backslashreplace"))
        return SavedText("output.json", _json(self._run.output).encode(errors="backslashreplace"))


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _judged(found: Verdict) -> Content:
    """Say whether the output keeps to the schema, and where it does not."""
    look = {State.kept: ("✓", "$success"), State.broken: ("✗", "$error"), State.unusable: ("?", "$warning")}
    glyph, colour = look.get(found.state, ("", "$text-muted"))
    parts: list[str | tuple[str, str]] = [(f"{glyph} {found.state.value}", colour)]
    for fault in found.faults[:_NAMED_FAULTS]:
        parts += [("\n  ", ""), (fault.path or "the output", "bold"), f"  {fault.reason}"]
    more = len(found.faults) - _NAMED_FAULTS
    if more > 0:
        parts.append((f"\n  and {more} more; Y copies all of them", "$text-muted"))
    return Content.assemble(*parts)


def _failure(run: Run) -> Content:
    glyph, tone = status_look(str(run.status))
    colour = {"bad": "$error", "warn": "$warning"}.get(tone, "$text-muted")
    parts: list[str | tuple[str, str]] = [(f"{glyph} {words(str(run.status))}", f"bold {colour}")]
    reason = shorten((run.failure_reason or "").strip(), _MAX_REASON)
    if reason:
        parts.append("\n" + "\n".join(inert(line) for line in reason.split("\n")))
    errors = run.errors or []
    for error in errors[:_MAX_ERRORS]:
        code, why = error.get("error_code"), error.get("reasoning") or error.get("message")
        parts.append((f"\n\n{one_line(shorten(str(code or 'error'), _MAX_REASON))}", "bold"))
        if why:
            parts.append(f"  {one_line(shorten(str(why), _MAX_REASON))}")
    if len(errors) > _MAX_ERRORS:
        parts.append((f"\n\nand {len(errors) - _MAX_ERRORS} more", "$text-muted"))
    return Content.assemble(*parts)
