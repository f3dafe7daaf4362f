"""Home: the runs, newest first, kept up to date.

Owns: the list, its filter, the pane beside it and what is said when there is nothing to
list. Must not: poll by itself; the poller does, while the screen is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from skyvern_tui.core.text import inert, one_line
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.screens.base import Page
from skyvern_tui.tui.widgets.facts import FactsPane
from skyvern_tui.tui.widgets.run_list import RunList

if TYPE_CHECKING:
    from skyvern_tui.core.runs import RunBook, RunLine
    from skyvern_tui.tui.poller import RunsPoller

FIRST_PROMPT = "Get the title of the top post"
"""The first task of the service's documentation."""
FIRST_SITE = "news"


class RunsScreen(Page):
    """The list of runs."""

    scope = Scope.runs
    more_scopes = (Scope.lists,)
    BINDINGS: ClassVar = bindings(Scope.runs)
    # A list needs more room than a timeline before something may stand beside it.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (130, "-wide")]  # noqa: RUF012 - as Textual declares it
    DEFAULT_CSS = """
    RunsScreen {
        #list-pane { width: 1fr; }
        #peek { display: none; width: 36%; max-width: 64; border-left: solid $border-blurred; padding: 0 2; }
        &.-wide.-filled #peek { display: block; }
        RunList { display: none; padding: 0; }
        &.-filled RunList { display: block; }
        #empty { height: 1fr; align: center middle; }
        #empty > Static { width: auto; max-width: 90%; }
        &.-filled #empty { display: none; }
        #panes { height: 1fr; }
        #filter { display: none; background: $surface; padding: 0 1; }
        &.-filtering #filter { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__("Runs")
        self._poller: RunsPoller | None = None
        self._needle = ""

    def body(self) -> Iterable[Widget]:
        yield Horizontal(
            Vertical(RunList(self.skyvern.clock), Vertical(Static(self._empty_words()), id="empty"), id="list-pane"),
            FactsPane(id="peek"),
            id="panes",
        )
        yield Input(
            placeholder="words in title, prompt, url, status or id", id="filter", compact=True, select_on_focus=False
        )

    def on_mount(self) -> None:
        if self.skyvern.server is not None:
            self.server_ready()

    @property
    def _list(self) -> RunList:
        return self.query_one(RunList)

    @property
    def _book(self) -> RunBook | None:
        return None if self._poller is None else self._poller.book

    def server_ready(self) -> None:
        super().server_ready()
        if self._poller is None and self.skyvern.server is not None:
            from skyvern_tui.core.runs import RunBook  # noqa: PLC0415 - wire models are loaded after the first paint
            from skyvern_tui.tui.poller import RunsPoller  # noqa: PLC0415

            self._poller = RunsPoller(self.skyvern.server, RunBook(), self._show)
            self._poll()
        self._show()

    def on_screen_suspend(self) -> None:
        self.workers.cancel_group(self, "poll")

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self._poller is not None:
            self._poll()

    def _poll(self) -> None:
        if self._poller is not None:
            self.run_worker(self._poller.run(), group="poll", exclusive=True)

    def _show(self) -> None:
        """Draw what the book holds."""
        if not self.is_live:
            return
        lines = [] if self._book is None else self._book.lines(self._needle)
        self._list.set_rows(lines)
        self.set_class(bool(lines), "-filled")
        if lines:
            if self.focused is None and not self.has_class("-filtering"):
                self._list.focus()
        else:
            self.query_one("#empty Static", Static).update(self._empty_words())
        self._show_place(len(lines))
        self._peek()
        self.refresh_bindings()

    def _show_place(self, shown: int) -> None:
        total = 0 if self._book is None else len(self._book)
        place = "Runs" if not total else f"Runs  {shown} of {total}" if self._needle else f"Runs  {total}"
        if self._poller is not None and self._poller.more:
            place += " newest"
        self.set_place(place)

    def _empty_words(self) -> Content:
        status = self.skyvern.status
        if status.failure:
            return Content.assemble(("No server\n\n", "bold $error"), status.failure)
        trouble = None if self._poller is None else self._poller.trouble
        if trouble is not None:
            return Content.assemble(
                ("The runs can't be listed\n\n", "bold $error"), trouble.message, "\n", trouble.hint
            )
        away = None if status.server is None else status.server.link.trouble
        if away is not None and (self._poller is None or not self._poller.loaded):
            return Content.assemble((f"{away.message}\n", "bold"), (away.hint, "$text-muted"))
        if self._poller is None or not self._poller.loaded:
            return Content.assemble((status.starting if status.connection is None else "connecting…", "$text-muted"))
        if self._needle:
            return Content.assemble(
                "No run has ", (inert(self._needle), "bold"), "\n\n", ("esc", "$primary"), "  show all runs"
            )
        parts: list[str | tuple[str, str]] = [
            ("No runs yet\n\n", "bold"),
            ("A run is one task done by an agent in a browser.\n\n", "$text-muted"),
            ("n", "$primary"),
            "  write a task",
        ]
        site = self.skyvern.site(FIRST_SITE)
        if site is not None:
            parts += [
                "\n",
                ("t", "$primary"),
                f"  try the first one of the docs: “{FIRST_PROMPT}”\n",
                (f"   on {one_line(site.url)}", "$text-muted"),
            ]
        return Content.assemble(*parts)

    def sites_known(self) -> None:
        self._show()

    def update_bars(self) -> None:
        super().update_bars()
        if self.is_live and not self.has_class("-filled"):
            self.query_one("#empty Static", Static).update(self._empty_words())

    def _peek(self) -> None:
        line = self._list.row
        if line is None:
            return
        run = None if self._book is None else self._book.run(line.id)
        facts: list[tuple[str, str] | tuple[str, str, str]] = []
        if line.title:
            facts.append(("title", line.title))
        facts += [(label, text) for label, text in (("prompt", line.prompt), ("url", line.url)) if text]
        if run is not None and run.failure_reason:
            facts.append(("failed because", one_line(run.failure_reason), "$error"))
        if run is not None and run.output is not None:
            from skyvern_tui.core.jsontext import json_lines  # noqa: PLC0415 - only runs with an answer need it

            facts.append(("output", "\n".join(json_lines(run.output, max_lines=40)[0]), "$success"))
        facts.append(
            ("run", f"{line.id}\n{self.skyvern.clock.local(line.created_at):%Y-%m-%d %H:%M:%S}", "$text-muted")
        )
        self.query_one("#peek", FactsPane).show(facts)

    def tick(self) -> None:
        super().tick()
        self._list.redraw()

    @on(RunList.Moved)
    def _moved(self) -> None:
        self._peek()
        self.refresh_bindings()

    @on(RunList.Chosen)
    def _chosen(self) -> None:
        self.action_open_run()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        line: RunLine | None = self._list.row if self.is_live and self._list.rows else None
        match action:
            case "open_run" | "filter":
                return line is not None or (action == "filter" and bool(self._needle))
            case "cancel_run":
                return line is not None and not line.is_final
            case "unfilter":
                return self.has_class("-filtering")
            case "first_task":
                loaded = self._poller is not None and self._poller.loaded
                return loaded and line is None and not self._needle and self.skyvern.site(FIRST_SITE) is not None
            case _:
                return True

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
        line = self._list.row
        if line is not None:
            self.skyvern.open_run(line.id, None if self._book is None else self._book.run(line.id))

    def action_refresh(self) -> None:
        """Ask now."""
        if self._poller is not None:
            self._poller.alarm.ring()

    @work(group="cancel")
    async def action_cancel_run(self) -> None:
        """Cancel the run under the cursor."""
        line = self._list.row
        if line is not None and await self.cancel(line.id, line.name):
            self.action_refresh()

    def action_filter(self) -> None:
        """Ask for words."""
        self.add_class("-filtering")
        self.query_one("#filter").focus()
        self.refresh_bindings()

    def action_unfilter(self) -> None:
        """Show all runs again."""
        self.query_one("#filter", Input).value = ""
        self.remove_class("-filtering")
        self._list.focus()
        self.refresh_bindings()

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        self._needle = event.value.strip()
        self._show()

    @on(Input.Submitted, "#filter")
    def _filter_done(self) -> None:
        if self._list.rows:
            self._list.focus()
        if not self._needle:
            self.action_unfilter()
