"""Two runs side by side: what was asked, what came of it, the way there, what was seen.

Owns: showing a comparison and going through its differences and screenshots. Must not:
compare (the core does), or ask for anything but the two runs and the screenshots looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Static

from skyvern_tui.core.compare import Comparison, Shots
from skyvern_tui.core.compared import Line, as_text, lines_of, verdict
from skyvern_tui.core.facts import ArtifactFact
from skyvern_tui.core.text import age_words, inert, one_line, shorten
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Span, fit
from skyvern_tui.tui.screens.base import Page
from skyvern_tui.tui.server import Troubled
from skyvern_tui.tui.sides import Fetched, Source, compared, fetched
from skyvern_tui.tui.themes import status_look
from skyvern_tui.tui.widgets.bars import Bar, ChoiceBar
from skyvern_tui.tui.widgets.compare_list import CompareList
from skyvern_tui.tui.widgets.facts import FactsPane
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.picture import PictureRefused, PictureView, decode
from skyvern_tui.tui.widgets.tab_bar import TabBar

TABS: Final = ("differences", "screenshots")
KEPT: Final = 12
"""Pictures kept, so that going back and forth does not fetch again."""


class SideBar(Bar):
    """One run of the two, on a line."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self._label = label
        self._side: Fetched | None = None

    def show(self, side: Fetched) -> None:
        """Show a run."""
        self._side = side
        self.update()

    def pieces(self, width: int) -> list[Span]:
        if self._side is None:
            return [(f" {self._label}  …", "quiet")]
        line = self._side.line
        glyph, tone = status_look(line.status)
        status = f"{glyph} {line.status.replace('_', ' ')}  "
        age = age_words(line.created_at, self.skyvern.clock.now())
        age = f"{age} ago" if age != "now" else age
        right = f"  {age}  {shorten(self._side.source.where, 30)} "
        room = width - len(self._label) - 3 - len(status) - len(right)
        name = f"{line.name}  {line.id}" if line.name != line.id else line.id
        return [(f" {self._label}  ", "key"), (status, tone), (fit(name, room), "strong"), (right, "quiet")]


class ShotPane(Vertical):
    """A screenshot of one side, and when it was taken."""

    def compose(self) -> ComposeResult:
        yield Static("", markup=False)
        yield PictureView()


class CompareScreen(Page):
    """A comparison; the earlier run is on the left until the sides are swapped."""

    scope = Scope.compare
    more_scopes = (Scope.lists,)
    BINDINGS: ClassVar = bindings(Scope.compare)
    DEFAULT_CSS = """
    CompareScreen {
        SideBar { background: $surface; }
        #verdict { height: 1; padding: 0 1; text-style: bold; }
        #verdict.-same { color: $success; }
        #verdict.-differ { color: $warning; }
        #compare-tabs { height: 1fr; }
        #both { height: 5; border-top: solid $border-blurred; }
        &.-tall #both { height: 9; }
        ShotPane { width: 1fr; height: 1fr; }
        ShotPane > Static { height: 1; padding: 0 1; color: $text-muted; }
        #left-shot { border-right: solid $border-blurred; }
        #shot-place { height: 1; padding: 0 1; background: $surface; }
    }
    """

    VERTICAL_BREAKPOINTS = [(0, "-short"), (36, "-tall")]  # noqa: RUF012 - as Textual declares it

    def __init__(self, left: Source, right: Source) -> None:
        super().__init__("Compare")
        self._sources = (left, right)
        self._sides: tuple[Fetched, Fetched] | None = None
        self.comparison: Comparison | None = None
        self.only_differences = False
        self._shot = 0
        self._pictures: dict[tuple[str, str], Any] = {}

    def body(self) -> Iterable[Widget]:
        yield SideBar("left ")
        yield SideBar("right")
        yield Static("reading both runs…", id="verdict", markup=False)
        yield TabBar(TABS)
        with ContentSwitcher(initial=TABS[0], id="compare-tabs"):
            yield Vertical(CompareList(id="compared"), FactsPane(id="both"), id="differences")
            yield Vertical(
                Static("", id="shot-place", markup=False),
                Horizontal(ShotPane(id="left-shot"), ShotPane(id="right-shot")),
                id="screenshots",
            )

    def on_mount(self) -> None:
        self.listing.focus()
        self._read()

    @property
    def listing(self) -> CompareList:
        """The lines."""
        return self.query_one(CompareList)

    @property
    def tab(self) -> str:
        """Name of the tab that is shown."""
        return self.query_one("#compare-tabs", ContentSwitcher).current or TABS[0]

    @property
    def shots(self) -> tuple[Shots, ...]:
        """The moments there are screenshots of."""
        return () if self.comparison is None else self.comparison.screenshots

    @work(group="read", exclusive=True)
    async def _read(self) -> None:
        """Ask for both runs and compare them."""
        try:
            left, right = await asyncio.gather(*map(fetched, self._sources))
        except Troubled as error:
            if not self.is_leaving:
                self.query_one("#verdict", Static).update(
                    f"Not to be compared: {error.trouble.message} {error.trouble.hint}".strip()
                )
            return
        if right.line.created_at < left.line.created_at:
            left, right = right, left
        await self._compare(left, right)

    async def _compare(self, left: Fetched, right: Fetched) -> None:
        comparison = await compared(left, right)
        if self.is_leaving:
            return
        self._sides, self.comparison, self._shot = (left, right), comparison, 0
        for bar, side in zip(self.query(SideBar), self._sides, strict=True):
            bar.show(side)
        words = verdict(comparison)
        live = [side.line.name for side in self._sides if not side.line.is_final]
        if live:
            words += " Not over yet; r compares again."
        said = self.query_one("#verdict", Static)
        said.update(words)
        said.set_class(comparison.is_same, "-same")
        said.set_class(not comparison.is_same, "-differ")
        self._list()
        if not self.listing.rows[self.listing.index].differs:
            self.listing.to_difference(1)
        self.query_one(TabBar).count("screenshots", len(self.shots))
        if self.tab == TABS[1]:
            self._draw_shot()
        self.refresh_bindings()

    def _list(self) -> None:
        if self.comparison is not None:
            self.listing.set_rows(lines_of(self.comparison, only_differences=self.only_differences))
            self._show_both()

    @on(LineList.Moved, "#compared")
    def _moved(self) -> None:
        self._show_both()
        self.refresh_bindings()

    @on(LineList.Chosen, "#compared")
    def _row_chosen(self) -> None:
        self.action_view()

    @on(ChoiceBar.Picked, "TabBar")
    def _tab_picked(self, event: ChoiceBar.Picked) -> None:
        self.action_show_tab(event.value)

    def _show_both(self) -> None:
        """Show both sides of the line under the cursor in full."""
        line = self.listing.row
        if line is None:
            return
        facts: list[tuple[str, str] | tuple[str, str, str]] = [(line.section, line.name.strip(), "bold")]
        if line.change is not None:
            facts += [("left", line.left or "-"), ("right", line.right or "-")]
        self.query_one("#both", FactsPane).show(facts)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.is_live:
            return True
        usable = {
            "show_tab": (self.tab,) != parameters,
            "difference": self.tab == TABS[0] and any(line.differs for line in self.listing.rows),
            "only": self.tab == TABS[0] and self.comparison is not None,
            "swap": self.comparison is not None,
            "copy": self.comparison is not None,
            "scrub": bool(self.shots),
            "view": self.tab == TABS[0] and self._shot_at(self.listing.row) is not None,
        }
        return usable.get(action, True)

    def action_back(self) -> None:
        """Back to where one came from."""
        self.dismiss()

    def action_refresh(self) -> None:
        """Ask for both again."""
        self._read()

    def action_show_tab(self, name: str) -> None:
        """Show a tab."""
        self.query_one("#compare-tabs", ContentSwitcher).current = name
        self.query_one(TabBar).turn_to(name)
        if name == TABS[1]:
            self.set_focus(None)
            self._draw_shot()
        else:
            self.listing.focus()
        self.refresh_bindings()

    def action_turn_tab(self, step: int) -> None:
        """Show the next or previous tab."""
        self.action_show_tab(TABS[(TABS.index(self.tab) + step) % len(TABS)])

    def action_difference(self, step: int) -> None:
        """Go to the next or previous difference."""
        if not self.listing.to_difference(step):
            self.notify("There is no difference.", markup=False)

    def action_only(self) -> None:
        """Show only what differs, or everything."""
        self.only_differences = not self.only_differences
        self._list()

    @work(group="read", exclusive=True)
    async def action_swap(self) -> None:
        """Put the left run on the right."""
        if self._sides is not None:
            left, right = self._sides
            await self._compare(right, left)

    def action_copy(self) -> None:
        """Copy what is listed as text."""
        if self._sides is not None and self.comparison is not None:
            left, right = (f"{side.line.id}  {side.line.status}  {side.source.where}" for side in self._sides)
            text = f"left:  {left}\nright: {right}\n{verdict(self.comparison)}\n{as_text(self.listing.rows)}"
            self.skyvern.copy(text, "the comparison")

    def action_view(self) -> None:
        """Show the screenshots of the moment under the cursor."""
        place = self._shot_at(self.listing.row)
        if place is not None:
            self._shot = place
            self.action_show_tab(TABS[1])

    def _shot_at(self, line: Line | None) -> int | None:
        """Return the place of the screenshots that belong to a line of the timeline."""
        if line is None or self.comparison is None or line.rows == (None, None):
            return None
        place = -1
        for pair in self.comparison.timeline:
            row = pair.left or pair.right
            words = "" if row is None else f"{row.head} {row.text}".strip()
            if place + 1 < len(self.shots) and self.shots[place + 1].place == words:
                place += 1
            if (pair.left, pair.right) == line.rows:
                break
        return place if place >= 0 else None

    def action_scrub(self, step: int) -> None:
        """Show the screenshots of the next or previous moment."""
        if self.tab != TABS[1]:
            self.action_show_tab(TABS[1])
        elif self.shots:
            self._shot = (self._shot + step) % len(self.shots)
            self._draw_shot()

    def _draw_shot(self) -> None:
        place = self.query_one("#shot-place", Static)
        if not self.shots:
            place.update("Neither run has screenshots.")
            return
        shots = self.shots[self._shot]
        place.update(f"{self._shot + 1} of {len(self.shots)}  {one_line(shots.place)}")
        self._draw_pictures(shots)

    @work(group="shot", exclusive=True)
    async def _draw_pictures(self, shots: Shots) -> None:
        if self._sides is not None:
            await asyncio.gather(
                self._draw_picture("#left-shot", self._sides[0], shots.left),
                self._draw_picture("#right-shot", self._sides[1], shots.right),
            )

    async def _draw_picture(self, where: str, side: Fetched, shot: ArtifactFact | None) -> None:
        pane = self.query_one(where)
        caption, view = pane.query_one("ShotPane > Static", Static), pane.query_one(PictureView)
        if shot is None:
            caption.update("no screenshot of this moment")
            await view.remove_children()
            return
        caption.update(f"{self.skyvern.clock.local(shot.at):%H:%M:%S}  {inert(shot.type).replace('_', ' ')}")
        key = (side.line.id, shot.id)
        try:
            picture = self._pictures.pop(key, None) or (await asyncio.to_thread(decode, await side.content(shot.id)))[0]
        except Troubled as error:
            caption.update(error.trouble.message)
            await view.remove_children()
        except PictureRefused as refused:
            caption.update(str(refused))
            await view.remove_children()
        else:
            self._pictures[key] = picture
            while len(self._pictures) > KEPT:
                self._pictures.pop(next(iter(self._pictures)))
            await view.show(picture)
