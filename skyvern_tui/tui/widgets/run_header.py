"""What a run is and how it stands, in two lines.

Owns: their wording. Must not: know how a run is fetched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from rich.cells import cell_len
from textual.strip import Strip

from skyvern_tui.core.clock import Clock
from skyvern_tui.core.text import clock_words, duration_words, plural
from skyvern_tui.tui.drawing import Span, fit
from skyvern_tui.tui.themes import status_look
from skyvern_tui.tui.widgets.lines import TonedView

if TYPE_CHECKING:
    from skyvern_tui.core.runs import RunLine

_BAR: Final = 12
"""Cells of the bar that shows steps against their limit."""


class RunHeader(TonedView, can_focus=False):
    """Status and name; below it time, steps, engine and address."""

    DEFAULT_CSS = """
    RunHeader { height: 2; overflow: hidden hidden; background: $surface; }
    """

    def __init__(self, clock: Clock, run_id: str) -> None:
        super().__init__()
        self._clock = clock
        self._run_id = run_id
        self.line: RunLine | None = None
        self.max_steps: int | None = None

    def show(self, line: RunLine, max_steps: int | None) -> None:
        """Show the run as it stands; ``max_steps`` may be known from elsewhere than the run."""
        self.line, self.max_steps = line, line.max_steps or max_steps
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        spans = self._first(width) if y == 0 else self._second(width)
        return self.toned(spans, width, self.rich_style)

    def _first(self, width: int) -> list[Span]:
        if self.line is None:
            return [(f" ○ {self._run_id}", "quiet")]
        glyph, tone = status_look(self.line.status)
        status = f" {glyph} {self.line.status.replace('_', ' ')}  "
        return [(status, tone), (fit(self.line.name, width - cell_len(status) - 1), "strong")]

    def _second(self, width: int) -> list[Span]:
        line = self.line
        if line is None:
            return []
        facts: list[list[Span]] = []
        took = line.took(self._clock.now())
        if took is not None:
            facts.append([(duration_words(took) if line.is_final else clock_words(took), "plain")])
        elif not line.is_final:
            waited = (self._clock.now() - line.created_at).total_seconds()
            facts.append([(f"waiting {clock_words(waited)}", "plain")])
        if line.steps is not None:
            facts.append(self._steps(line.steps, over=line.is_final))
        facts += [[(text, "quiet")] for text in (line.kind, _place(line.url)) if text]
        spans: list[Span] = [("   ", "quiet")]
        used = 3
        for fact in facts:
            length = sum(cell_len(text) for text, _ in fact)
            if used + length + 3 > width:
                break  # whole facts or nothing
            spans += [(" · ", "quiet"), *fact] if used > 3 else fact  # noqa: PLR2004 - the indent
            used += length + 3
        return spans

    def _steps(self, steps: int, *, over: bool) -> list[Span]:
        if over or not self.max_steps:
            of = f" of {self.max_steps}" if self.max_steps else ""
            return [(plural(steps, "step") + of, "plain")]
        filled = min(_BAR, -(-_BAR * steps // self.max_steps))
        tone = "warn" if steps >= self.max_steps else "busy"
        return [
            (f"step {steps} of {self.max_steps} ", "plain"),
            ("━" * filled, tone),
            ("─" * (_BAR - filled), "quiet"),
        ]


def _place(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.netloc}{parts.path}" if parts.netloc else url
