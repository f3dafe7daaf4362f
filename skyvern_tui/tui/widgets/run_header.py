"""What a run is and how it stands, in two lines.

Owns: their wording. Must not: know how a run is fetched.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from rich.cells import cell_len
from textual.strip import Strip

from skyvern_tui.core.clock import Clock
from skyvern_tui.core.estimate import Estimate, Progress, progress
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
        self.expected = Estimate()

    def show(self, line: RunLine, max_steps: int | None, expected: Estimate) -> None:
        """Show the run as it stands; ``max_steps`` may be known from elsewhere, ``expected`` is what to expect."""
        self.line, self.max_steps, self.expected = line, line.max_steps or max_steps, expected
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
        far = progress(line, self.expected, self._clock.now())
        if line.steps is not None:
            facts.append(self._steps(line.steps, far, over=line.is_final))
        elif far.share is not None and not line.is_final:
            facts.append(_bar(far.share, "busy"))
        if not line.is_final:
            facts += self._outlook(far)
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

    def _steps(self, steps: int, far: Progress, *, over: bool) -> list[Span]:
        of = f" of {self.max_steps}" if self.max_steps else ""
        if over:
            return [(plural(steps, "step") + of, "plain")]
        if self.max_steps:
            tone = "warn" if steps >= self.max_steps else "busy"
            return [(f"step {steps}{of} ", "plain"), *_bar(steps / self.max_steps, tone)]
        return [(f"step {steps} ", "plain"), *(_bar(far.share, "busy") if far.share is not None else ())]

    def _outlook(self, far: Progress) -> list[list[Span]]:
        """Say what is to be expected, judged by runs like this one."""
        expected = self.expected
        if far.is_late and expected.short is not None and expected.long is not None:
            short, long = duration_words(expected.short), duration_words(expected.long)
            usual = long if short == long else f"{short} to {long}"
            return [[("late", "warn"), (f": {expected.basis} took {usual}", "quiet")]]
        if far.remaining is None:
            return []
        return [
            [(f"about {duration_words(max(1.0, round(far.remaining)))} left", "plain")],
            [(expected.basis, "quiet")],
        ]


def _bar(share: float, tone: str) -> list[Span]:
    filled = min(_BAR, max(0, math.ceil(_BAR * share)))
    return [("━" * filled, tone), ("─" * (_BAR - filled), "quiet")]


def _place(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.netloc}{parts.path}" if parts.netloc else url
