"""Following a run to its end and telling what happens.

Owns: the journal of the run on the command line: which news of it become a line, what the
live line shows. Must not: decide when to poll; the client does, and says so by ``on_poll``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column

from skyvern_tui.cli.console import Narrator
from skyvern_tui.client import BadRequestError, NotFoundError, PollReport, RequestOptions, Run, Skyvern, SkyvernError
from skyvern_tui.core.facts import CLOSED
from skyvern_tui.core.journal import EventKind, Journal, RunSeen, TimelineSeen
from skyvern_tui.core.runs import max_steps_of
from skyvern_tui.core.text import clock_words, duration_words, one_line, plural, shorten
from skyvern_tui.core.timeline import Row, Timeline

_QUICK: Final = RequestOptions(timeout_in_seconds=10.0, max_retries=0)
"""The timeline is a courtesy: it may not hold up the waiting for the run."""
_LATEST_TEXT: Final = 200


class Teller(Protocol):
    """Where news of a run go."""

    def status(self, run: Run) -> None:
        """The run was seen."""
        ...

    def row(self, row: Row, begun: Run) -> None:
        """Something happened in the run."""
        ...

    def trouble(self, error: SkyvernError, next_in: float | None) -> None:
        """The server did not answer as it should; None if it will not be asked again."""
        ...


class Watch:
    """Told of each poll, it looks at the timeline too and tells what is new. ``teller`` gets each thing once."""

    def __init__(self, client: Skyvern, run: Run, teller: Teller) -> None:
        self._client = client
        self._teller = teller
        self._begun = run
        self._journal = Journal()
        self._timeline = Timeline(self._journal)
        self._told: dict[str, bool] = {}
        """Rows told, by key; True for those told with their outcome."""
        self._has_timeline = True
        self._take(run)

    def on_poll(self, report: PollReport) -> None:
        """Take in the answer of a poll."""
        if report.error is not None:
            self._teller.trouble(report.error, report.next_in)
        if report.run is not None:
            self._take(report.run)

    def _take(self, run: Run) -> None:
        self._journal.apply(RunSeen(run))
        if self._has_timeline:
            try:
                items = self._client.get_run_timeline(run.run_id, request_options=_QUICK)
                self._journal.apply(TimelineSeen(items))
            except (BadRequestError, NotFoundError):
                self._has_timeline = False  # runs of some types have none
            except SkyvernError:
                pass  # the next poll tells whether the server is there
        self._teller.status(run)
        for row in self._timeline.rows():
            self._tell(row, over=run.is_final)

    def _tell(self, row: Row, *, over: bool) -> None:
        if not _is_told(row):
            return
        closed = row.status in CLOSED
        if row.event.kind is EventKind.action and not (closed or over):
            return  # what came of an action is known in a moment
        told = self._told.get(row.key)
        # A block is told when it begins, and again if it went wrong.
        if told is None or (not told and closed and row.failed):
            self._told[row.key] = closed
            self._teller.row(row, self._begun)


def _is_told(row: Row) -> bool:
    """Tell whether a row is worth a line: the output goes elsewhere, and a thought without words is none yet."""
    kind = row.event.kind
    return kind is not EventKind.output_ready and (kind is not EventKind.thought or bool(row.text))


def rows_of(journal: Journal) -> list[Row]:
    """Return what happened in a run; files and screenshots stand for it where the run has no timeline."""
    timeline = Timeline(journal)
    plain = [row for row in timeline.rows() if _is_told(row)]
    has_more = any(row.event.kind not in {EventKind.status, EventKind.ended} for row in plain)
    return plain if has_more else [row for row in Timeline(journal).rows(evidence=True) if _is_told(row)]


def lines_of(journal: Journal, run: Run) -> list[str]:
    """Return what happened in a run as lines."""
    return [line_of(row, run) for row in rows_of(journal)]


def tell_all(journal: Journal, teller: Teller, run: Run) -> None:
    """Tell all that happened in a run that is known already."""
    teller.status(run)
    for row in rows_of(journal):
        teller.row(row, run)


def line_of(row: Row, begun: Run) -> str:
    """Return a row as a line: seconds since the run was created, what, why."""
    at = clock_words((row.at - begun.created_at).total_seconds())
    outcome = f" {row.status}:" if row.failed and row.status and row.head != row.status else ""
    return f"  {at:>6}  {'  ' * row.depth}{row.head}{outcome} {row.text}".rstrip()


class Lines:
    """Tells every change as a line; for logs, pipes and screen readers."""

    def __init__(self, say: Callable[[str, str], object]) -> None:
        self._say = say
        self._troubled = False

    def status(self, run: Run) -> None:
        """Say that the server is back, if it was away; what the run does comes as rows."""
        del run
        if self._troubled:
            self._say("  The server answers again.", "good")
            self._troubled = False

    def row(self, row: Row, begun: Run) -> None:
        self._say(line_of(row, begun), row.tone)

    def trouble(self, error: SkyvernError, next_in: float | None) -> None:
        if not self._troubled and next_in is not None:
            self._say(f"  {error.message} The run goes on; asking again.", "warn")
        self._troubled = True


class Events:
    """Tells every change as a record, for programs. ``docs/cli-output.md`` has their fields."""

    def __init__(self, tell: Callable[[dict[str, Any]], object]) -> None:
        self._tell = tell
        self._last: tuple[str, int | None] | None = None
        self._troubled = False

    def status(self, run: Run) -> None:
        """Tell of the run whenever it is another."""
        if self._troubled:
            self._tell({"event": "server_back"})
            self._troubled = False
        now = (str(run.status), run.step_count)
        if now != self._last:
            self._last = now
            self._tell({"event": "status", "run_id": run.run_id, "status": now[0], "steps": now[1]})

    def row(self, row: Row, begun: Run) -> None:
        if row.event.kind in {EventKind.status, EventKind.ended}:
            return  # told by ``status``
        self._tell(
            {
                "event": "timeline",
                "at": row.at,
                "seconds": round((row.at - begun.created_at).total_seconds(), 3),
                "depth": row.depth,
                "what": row.head,
                "text": row.text,
                "status": row.status or None,
                "failed": row.failed,
            }
        )

    def trouble(self, error: SkyvernError, next_in: float | None) -> None:
        if not self._troubled:
            self._tell({"event": "server_away", "message": error.message, "next_in": next_in})
        self._troubled = True


class Live:
    """Shows one line that changes in place: status, steps, time, the latest thing that happened."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def status(self, run: Run) -> None:
        total = max_steps_of(run)
        steps = run.step_count or 0
        self._progress.update(
            self._task,
            total=total,
            completed=min(steps, total or steps),
            status=str(run.status),
            steps=plural(steps, "step"),
        )

    def row(self, row: Row, begun: Run) -> None:
        del begun
        if row.event.kind in {EventKind.status, EventKind.ended}:
            return  # it stands at the line's beginning
        self._progress.update(self._task, latest=shorten(one_line(f"{row.head} {row.text}"), _LATEST_TEXT))

    def trouble(self, error: SkyvernError, next_in: float | None) -> None:
        again = "" if next_in is None else f", asking again in {duration_words(next_in)}"
        self._progress.update(self._task, latest=shorten(one_line(f"no answer{again}: {error.message}"), _LATEST_TEXT))


@contextmanager
def telling(narrator: Narrator, *, lines: bool = False) -> Iterator[Teller]:
    """Yield the teller that fits stderr: a live line on a terminal, else (or if asked) a line per change."""
    if lines or not narrator.is_live:
        yield Lines(narrator.say)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.fields[status]}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[steps]}", markup=False),
        TimeElapsedColumn(),
        # The one column that gives way on a narrow terminal.
        TextColumn(
            "{task.fields[latest]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)
        ),
    )
    with Progress(*columns, console=narrator.console, transient=True, expand=True) as progress:
        yield Live(progress, progress.add_task("", total=None, status="created", steps="", latest=""))


def summary(run: Run) -> tuple[str, str]:
    """Return how a run ended, as a sentence and a tone."""
    took = (
        ""
        if run.finished_at is None
        else f" after {duration_words((run.finished_at - run.created_at).total_seconds())}"
    )
    steps = "" if run.step_count is None else f", {plural(run.step_count, 'step')}"
    reason = f": {one_line(run.failure_reason)}" if run.failure_reason else "."
    return f"Run {run.run_id} is {run.status}{took}{steps}{reason}", "good" if run.status == "completed" else "bad"


def ending(run: Run) -> tuple[str, str]:
    """Return why a run did not complete, and what to do next."""
    reason = f": {one_line(run.failure_reason)}" if run.failure_reason else "."
    return f"The run is {run.status}{reason}", f"skyvern-tui runs timeline {run.run_id} shows what happened."
