"""Home: the runs, newest first, kept up to date.

Owns: the list, its filter, the pane beside it and what is said when there is nothing to
list. Must not: poll by itself; the poller does, while the screen is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on, work
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from skyvern_tui.core.text import inert, one_line
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.memory import server_name
from skyvern_tui.tui.screens.handling import HandledRuns
from skyvern_tui.tui.widgets.empty import FIRST_PROMPT, FIRST_SITE, empty_words
from skyvern_tui.tui.widgets.facts import FactsPane
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.run_list import RunList
from skyvern_tui.tui.widgets.split import Split

if TYPE_CHECKING:
    from skyvern_tui.client.models import Run
    from skyvern_tui.core.runs import RunBook, RunLine
    from skyvern_tui.tui.poller import RunsPoller

_ON_A_RUN: Final = frozenset(
    {
        "open_run",
        "find",
        "sort",
        "reverse",
        "mark",
        "mark_range",
        "mark_all",
        "rerun",
        "edit",
        "export",
        "compare",
        "copy",
        "note",
        "open_browser",
    }
)
"""Actions that need a run to be shown."""


class RunsScreen(HandledRuns):
    """The list of runs."""

    scope = Scope.runs
    more_scopes = (Scope.lists,)
    BINDINGS: ClassVar = bindings(Scope.runs)
    # A list needs more room than a timeline before something may stand beside it.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (130, "-wide")]  # noqa: RUF012 - as Textual declares it
    DEFAULT_CSS = """
    RunsScreen {
        #peek { padding: 0 2; }
        RunList { display: none; padding: 0; }
        &.-filled RunList { display: block; }
        #empty { height: 1fr; align: center middle; }
        #empty > Static { width: auto; max-width: 90%; }
        &.-filled #empty { display: none; }
        #panes { height: 1fr; }
        #filter-bar { display: none; height: 1; background: $surface; }
        &.-filtering #filter-bar { display: block; }
        #filter { width: 1fr; background: $surface; padding: 0 1; }
        #filter-fault { width: auto; color: $warning; padding: 0 1; }
    }
    """

    def __init__(self) -> None:
        super().__init__("Runs")
        self._poller: RunsPoller | None = None
        self._ended: dict[str, bool] = {}
        """Whether each run was over when last shown, to notice those that end."""
        self._left = ""
        """The run whose screen was left: the cursor goes there, for the next key is meant for it."""
        self._fetching = False
        self._old: RunBook | None = None
        """Runs this machine remembers, while the server tells nothing."""

    def body(self) -> Iterable[Widget]:
        listing = Vertical(
            RunList(self.skyvern.clock), Vertical(Static(self._empty_words()), id="empty"), id="list-pane"
        )
        panes = Split(listing, FactsPane(id="peek"), share=36, kept=self.split_kept("panes"), id="panes")
        panes.wanted = False  # until there is a run to show facts of
        yield panes
        yield self.filter_bar()

    def on_mount(self) -> None:
        if self.skyvern.server is not None:
            self.server_ready()

    @property
    def book(self) -> RunBook | None:
        """The runs to show: the server's, or while it never answered those this machine remembers."""
        if self._poller is not None and self._poller.loaded:
            return self._poller.book
        return self._old

    def listed(self) -> Iterable[RunLine]:
        return () if self.book is None else self.book.lines()

    def _remember(self) -> None:
        """Keep what the server told; while it tells nothing, show what was kept."""
        status = self.skyvern.status
        if self._poller is not None and self._poller.loaded:
            self._old = None
            if status.connection is not None:
                name = server_name(status.connection)
                self.skyvern.remembered.keep("server", name)
                self.skyvern.memory.seen(name, self._poller.book.runs())
        elif self._old is None and (status.failure or not status.is_well):
            from skyvern_tui.core.runs import RunBook  # noqa: PLC0415 - wire models are loaded after the first paint

            name = server_name(status.connection) if status.connection else self.skyvern.remembered.text("server")
            self._old = RunBook()
            for run in self.skyvern.memory.runs(name):
                self._old.take_run(run)

    def server_ready(self) -> None:
        super().server_ready()
        server = self.skyvern.server
        if self._poller is not None and self._poller.server is not server:
            self.workers.cancel_group(self, "poll")
            self._poller, self._old, self._ended = None, None, {}
            self.listing.marked.clear()
        if self._poller is None and server is not None:
            from skyvern_tui.core.runs import RunBook  # noqa: PLC0415 - wire models are loaded after the first paint
            from skyvern_tui.tui.poller import RunsPoller  # noqa: PLC0415 - as above

            self._poller = RunsPoller(server, RunBook(), self.show_runs)
            self._poller.sight = self._most_wanted
            self._poll()
        self.show_runs()

    def _most_wanted(self) -> Sequence[RunLine]:
        """Return the runs to ask for more of: those in sight and, under a filter, those it may yet let through."""
        hidden = self._poller.book.unknown() if self.needle and self._poller is not None else ()
        return [*self.listing.in_sight(), *hidden]

    def on_screen_suspend(self) -> None:
        self.workers.cancel_group(self, "poll")

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self._poller is not None:
            self.show_runs()
            self._poll()
        ids = [line.id for line in self.listing.rows]
        if self._left in ids:
            self.listing.move_to(ids.index(self._left))
        self._left = ""

    def learn(self, run: Run) -> None:
        """Take in what another screen saw of the run it leaves: the list need not wait for the server to know of it."""
        self._left = run.run_id
        if self._poller is not None:
            self._poller.book.take_run(run)
            self._ended[run.run_id] = run.is_final

    def _poll(self) -> None:
        if self._poller is not None:
            self.run_worker(self._poller.run(), group="poll", exclusive=True)

    def show_runs(self) -> None:
        """Draw what the book holds."""
        if not self.is_live:
            return
        self._remember()
        self._notice_ends()
        lines = self.sieved()
        self.listing.set_rows(lines)
        self.set_class(bool(lines), "-filled")
        panes = self.query_one("#panes", Split)
        if panes.wanted != bool(lines):
            panes.wanted = bool(lines)
            panes.zoom(None)
        if lines:
            if self.focused is None and not self.has_class("-filtering"):
                self.listing.focus()
        else:
            self._tell_empty()
        self.show_place()
        self.peek()
        self.refresh_bindings()

    def _notice_ends(self) -> None:
        """Tell somebody who looks elsewhere of the runs that ended since the last look."""
        for line in () if self._poller is None else self._poller.book.lines():
            if line.is_final and self._ended.get(line.id) is False:
                self.skyvern.run_ended(line.name, line.status)
            self._ended[line.id] = line.is_final

    def show_place(self) -> None:
        shown = len(self.listing.rows)
        total = 0 if self.book is None else len(self.book)
        place = "Runs" if not total else f"Runs  {shown} of {total}" if self.needle else f"Runs  {total}"
        if self._poller is not None and self._poller.more:
            place += " newest"
        if total and self.book is self._old:
            place += " remembered"
        if self.listing.marked:
            place += f"  {len(self.listing.marked)} marked"
        self.set_place(place)

    def _tell_empty(self) -> None:
        """Say what stands in the place of the list, if it is something else now: over a slow line a redraw is felt."""
        place, words = self.query_one("#empty Static", Static), self._empty_words()
        if place.content != words:
            place.update(words)

    def _empty_words(self) -> Content:
        return empty_words(self.skyvern, self._poller, self.needle)

    def sites_known(self) -> None:
        self.show_runs()

    def update_bars(self) -> None:
        super().update_bars()
        if self.is_live and not self.has_class("-filled"):
            if self._old is None and not self.skyvern.status.is_well:
                self.show_runs()  # the server does not answer: now is the time for what is remembered
            self._tell_empty()

    def peek(self) -> None:
        line = self.listing.row
        if line is None:
            return
        run = None if self.book is None else self.book.run(line.id)
        facts: list[tuple[str, str] | tuple[str, str, str]] = []
        if line.title and line.title != line.prompt:
            facts.append(("title", line.title))
        facts += [(label, text) for label, text in (("prompt", line.prompt), ("url", line.url)) if text]
        if run is not None and run.failure_reason:
            facts.append(("failed because", one_line(run.failure_reason), "$error"))
        if run is not None and run.output is not None:
            from skyvern_tui.core.jsontext import json_lines  # noqa: PLC0415 - only runs with an answer need it

            facts.append(("output", "\n".join(json_lines(run.output, max_lines=40)[0]), "$success"))
        if line.cost is not None:
            facts.append(("cost", f"{line.cost:,.4g} credits"))
        note = self.skyvern.memory.notes.get(line.id)
        if note:
            facts.append(("note", "\n".join(map(inert, note.split("\n"))), "$warning"))
        facts.append(
            ("run", f"{line.id}\n{self.skyvern.clock.local(line.created_at):%Y-%m-%d %H:%M:%S}", "$text-muted")
        )
        self.query_one("#peek", FactsPane).show(facts)

    def tick(self) -> None:
        super().tick()
        self.listing.redraw()

    @on(RunList.Moved)
    def _moved(self) -> None:
        self.peek()
        self.refresh_bindings()
        listing = self.listing
        if self._poller is not None:
            if any(row.is_final and not row.prompt and not row.title for row in listing.in_sight()):
                self._poller.alarm.ring()
            if self._poller.more and listing.index >= len(listing.rows) - 1 > 0 and not self.needle:
                self._fetch_older()

    @on(LineList.Chosen)
    def _chosen(self) -> None:
        self.action_open_run()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        if not self.is_live:
            return True
        listing, poller = self.listing, self._poller
        some = bool(listing.rows)
        fresh = poller is not None and poller.loaded and not some and not self.needle
        usable = {
            "filter": some or bool(self.needle),
            "which": some or bool(self.needle),
            "cancel_run": any(not run.is_final for run in listing.chosen()),
            "unfilter": self.has_class("-filtering") or bool(listing.marked),
            "more": poller is not None and poller.more,
            "first_task": fresh and self.skyvern.site(FIRST_SITE) is not None,
        }
        return usable.get(action, some or action not in _ON_A_RUN)

    def action_new_task(self) -> None:
        """Write a task, going on with the draft there is."""
        self.skyvern.compose_task()

    def action_first_task(self) -> None:
        """Put the first task of the docs into the form."""
        site = self.skyvern.site(FIRST_SITE)
        if site is not None:
            self.skyvern.compose_task({"prompt": FIRST_PROMPT, "url": site.url})

    def action_open_run(self) -> None:
        """Show the run under the cursor."""
        line = self.listing.row
        if line is not None:
            self.skyvern.open_run(line.id, None if self.book is None else self.book.run(line.id))

    def action_refresh(self) -> None:
        """Ask now."""
        if self._poller is not None:
            self._poller.alarm.ring()

    def action_more(self) -> None:
        """Fetch the next page of older runs."""
        self._fetch_older()

    @work(group="older")
    async def _fetch_older(self) -> None:
        from skyvern_tui.tui.server import Troubled  # noqa: PLC0415 - loaded with the client

        if self._poller is None or self._fetching:
            return
        self._fetching = True
        try:
            await self._poller.older()
        except Troubled as error:
            self.tell(error.trouble)
        finally:
            self._fetching = False
