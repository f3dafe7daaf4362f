"""What came of a run: its output, or why there is none.

Owns: the box that says what went wrong, and the output as highlighted JSON. Must not:
fetch or change the run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from skyvern_tui.core.jsontext import json_lines
from skyvern_tui.core.text import inert, one_line, size_words
from skyvern_tui.core.timeline import words
from skyvern_tui.tui.highlight import painter
from skyvern_tui.tui.themes import status_look
from skyvern_tui.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from skyvern_tui.client.models import Run

_MAX_ERRORS = 20


class OutputPane(Vertical):
    """The output of a run, and its failure above it."""

    DEFAULT_CSS = """
    OutputPane {
        #failure {
            display: none; height: auto; max-height: 60%; padding: 0 2; margin: 1 2 0 1;
            border-left: outer $error; background: $error 8%;
            &.-mild { border-left: outer $warning; background: $warning 8%; }
        }
        #waiting { padding: 1 2; color: $text-muted; }
        #files { display: none; height: auto; padding: 0 2; color: $text-muted; margin-bottom: 1; }
        TextView { display: none; padding: 1 2; }
        &.-failed #failure, &.-answered TextView, &.-filed #files { display: block; }
        &.-answered #waiting { display: none; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._shown: Any = None

    def compose(self) -> Iterable[Widget]:
        yield Static(id="failure", markup=False)
        yield Static("loading…", id="waiting", markup=False)
        yield TextView(id="output-text")
        yield Static(id="files", markup=False)

    def show(self, run: Run) -> None:
        """Show the run as it is now."""
        now = (run.status, run.output, run.failure_reason, run.errors, run.downloaded_files)
        if now == self._shown:
            return
        self._shown = now
        failed = run.is_final and run.status != "completed"
        self.set_class(failed, "-failed")
        if failed:
            box = self.query_one("#failure", Static)
            box.set_class(str(run.status) in {"canceled", "timed_out"}, "-mild")
            box.update(_failure(run))
        self.set_class(run.output is not None, "-answered")
        if run.output is not None:
            lines, _ = json_lines(run.output)
            self.query_one(TextView).show(lines, painter(lines, "json"))
        waiting = "The run ended without an output." if run.is_final else "No output yet: the run goes on."
        self.query_one("#waiting", Static).update(waiting)
        files = run.downloaded_files or []
        self.set_class(bool(files), "-filed")
        names = (f"{one_line(file.filename or file.url)}  {size_words(file.file_size)}" for file in files)
        self.query_one("#files", Static).update("downloaded\n" + "\n".join(names))


def _failure(run: Run) -> Content:
    glyph, tone = status_look(str(run.status))
    colour = {"bad": "$error", "warn": "$warning"}.get(tone, "$text-muted")
    parts: list[str | tuple[str, str]] = [(f"{glyph} {words(str(run.status))}", f"bold {colour}")]
    reason = "\n".join(inert(line) for line in (run.failure_reason or "").strip().split("\n"))
    if reason:
        parts.append(f"\n{reason}")
    for error in (run.errors or [])[:_MAX_ERRORS]:
        code, why = error.get("error_code"), error.get("reasoning") or error.get("message")
        parts.append((f"\n\n{one_line(str(code or 'error'))}", "bold"))
        if why:
            parts.append(f"  {one_line(str(why))}")
    return Content.assemble(*parts)
