"""The artifacts of a run: the tree, and a preview of the one under the cursor.

Owns: moving between tree and preview, folding groups, and when an artifact is fetched. Must
not: fetch; it asks the viewer it was given.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual import on, work
from textual.widget import Widget

from skyvern_tui.core.clock import Clock
from skyvern_tui.core.facts import ArtifactFact
from skyvern_tui.core.journal import Journal
from skyvern_tui.core.origins import Origins
from skyvern_tui.core.shelf import Group, Item, Shelf, ShelfRow, screenshots, step_of
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.previews.base import PreviewView
from skyvern_tui.tui.server import Troubled
from skyvern_tui.tui.widgets.artifact_deeds import HandledArtifact
from skyvern_tui.tui.widgets.artifact_list import ArtifactList
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.preview_pane import PreviewPane
from skyvern_tui.tui.widgets.timeline_pane import DWELL

UNASKED_LIMIT: Final = 5_000_000
"""Bytes up to which the artifact under the cursor is fetched without being asked for."""
_AGING: Final = 15
"""Seconds after which ages are drawn again."""
_OF_THE_SHOWN: Final = frozenset({"save_file", "open_file", "copy_shown"})


class ArtifactsPane(HandledArtifact):
    """Tree and preview: side by side on a wide screen, one at a time on a narrow one.

    Classes: ``-bare`` without artifacts, ``-previewing`` while the preview was asked for.
    """

    scope: ClassVar = Scope.artifacts
    BINDINGS: ClassVar = bindings(Scope.artifacts)

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._clock = clock
        self._artifacts: Sequence[ArtifactFact] = ()
        self._origins: Origins | None = None
        self._told: object = None
        """The version of the origins by which the rows were named."""
        self._was_entered = False
        self._shelf: Shelf | None = None
        self._turned: set[str] = set()
        """Groups a person folded or opened."""
        self._by_step = False
        self._shots: list[ArtifactFact] = []
        """The screenshots in the order of time."""

    def compose(self) -> Iterable[Widget]:
        yield ArtifactList(self._clock)
        yield PreviewPane()

    def on_mount(self) -> None:
        self.set_interval(_AGING, self._age)

    def _age(self) -> None:
        if self.display and self.listing.is_on_screen:
            self.listing.redraw()

    @property
    def listing(self) -> ArtifactList:
        """The tree."""
        return self.query_one(ArtifactList)

    @property
    def selected(self) -> ArtifactFact | None:
        row = self.listing.row
        return row.fact if isinstance(row, Item) else None

    @property
    def _is_wide(self) -> bool:
        return self.screen.has_class("-wide")

    def show(self, artifacts: Sequence[ArtifactFact], *, over: bool, journal: Journal) -> None:
        """Show the artifacts of a run, oldest first; ``over`` says that no more are to come.

        The journal tells what they belong to.
        """
        if self._origins is None or self._origins.journal is not journal:
            self._origins = Origins(journal)
        self.set_class(not artifacts, "-bare")
        if not artifacts:
            self.preview.say("This run left no artifacts." if over else "No artifacts yet.")
        if artifacts is self._artifacts or list(artifacts) == list(self._artifacts):
            if self.display and self._told != self._origins.version:
                self._list()
            return
        self._artifacts, self._shelf = artifacts, None
        self._shots = screenshots(artifacts)
        self._list()
        self._renew()

    def _renew(self) -> None:
        """Fetch what is shown again if it grew: a log of a run that goes on."""
        shown = self.preview.shown
        if shown is None or self.preview.is_inside:
            return
        now = next((one for one in self._artifacts if one.id == shown.fact.id), None)
        if now is not None and (now.size, now.modified_at) != (shown.fact.size, shown.fact.modified_at):
            self._load(now, asked=False)

    def _list(self) -> None:
        told = None if self._origins is None else self._origins.version
        if self._shelf is None or told != self._told:
            self._shelf, self._told = Shelf(self._artifacts, self._origins, by_step=self._by_step), told
        self.listing.set_rows(self._shelf.rows(self._turned))

    def enter(self) -> None:
        """Take the keys; the first time at the first artifact, for a group has nothing to show."""
        self.listing.focus()
        if self._origins is not None and self._told != self._origins.version:
            self._list()
        if not self._was_entered and self._artifacts:
            self._was_entered = True
            self.listing.move_to(0)
            if not isinstance(self.listing.row, Item):
                self.step(1)
        if self._is_wide:
            self._preview(self.listing.row, asked=False)

    def leave(self) -> bool:
        """Go back from what is inside to the artifact, and from the preview to the tree; False if one is there."""
        pane = self.preview
        inside = self.is_in_preview
        if not inside and (self._is_wide or not self.has_class("-previewing")):
            return False
        view = pane.view
        if view is not None and view.leave():
            return True
        if pane.is_inside:
            self._back()
            return True
        self.remove_class("-previewing")
        self.listing.focus()
        return True

    @work(group="preview", exclusive=True)
    async def _back(self) -> None:
        await self.preview.back()

    @property
    def can_open(self) -> bool:
        """Whether there is something under the cursor to go into."""
        return bool(self._artifacts) and not self.is_in_preview

    def step(self, step: int) -> None:
        """Put the cursor on the next or previous artifact, over the heads of groups."""
        rows, place = self.listing.rows, self.listing.index + step
        while 0 <= place < len(rows) and not isinstance(rows[place], Item):
            place += step
        if 0 <= place < len(rows):
            self.listing.move_to(place)

    def open(self) -> None:
        """Fold or open the group under the cursor, or go into the artifact."""
        if self.is_in_preview:
            return
        row = self.listing.row
        if isinstance(row, Group):
            self._turned ^= {row.type}
            self._list()
        else:
            self.add_class("-previewing")
        self._preview(self.listing.row, asked=True)

    def go_to(self, artifact_id: str) -> None:
        """Put the cursor on an artifact, opening its group, and go into it."""
        if self._put_on(artifact_id):
            self.listing.focus()
            self.add_class("-previewing")
            self._preview(self.listing.row, asked=True)

    def _put_on(self, artifact_id: str) -> bool:
        fact = next((artifact for artifact in self._artifacts if artifact.id == artifact_id), None)
        if fact is None:
            return False
        key = step_of(fact) if self._by_step else fact.type
        for turned in (self._turned, self._turned ^ {key}):
            if turned != self._turned:
                self._turned = turned
                self._list()
            for place, row in enumerate(self.listing.rows):
                if isinstance(row, Item) and row.fact.id == artifact_id:
                    self.listing.move_to(place)
                    return True
        return False

    @on(LineList.Moved, "ArtifactList")
    def _moved(self, event: LineList.Moved) -> None:
        # Where the preview can't be seen nothing is fetched for it.
        if self.display and (self._is_wide or self.has_class("-previewing")):
            self._preview(event.row, asked=False)

    def _preview(self, row: ShelfRow | None, *, asked: bool) -> None:
        pane = self.preview
        self.workers.cancel_group(self, "preview")  # what still comes would cover what is shown now
        match row:
            case Group():
                pane.show_group(row)
            case Item(fact) if not asked and (fact.size or 0) > UNASKED_LIMIT:
                pane.say("Large: enter fetches it, s saves it to disk.", fact.type)
            case Item(fact):
                self._load(fact, asked=asked)

    @work(group="preview", exclusive=True)
    async def _load(self, fact: ArtifactFact, *, asked: bool) -> None:
        if self.viewer is None:
            return
        if not asked:
            await asyncio.sleep(DWELL)
        pane = self.preview
        try:
            shown = await self.viewer.shown(fact)
        except Troubled as error:
            pane.say(f"{error.trouble.message}\n{error.trouble.hint}", fact.type)
            return
        await pane.show(shown)
        if asked:
            pane.body.focus()
        self.screen.refresh_bindings()

    @on(PreviewView.Entered)
    def _entered(self, event: PreviewView.Entered) -> None:
        event.stop()
        self._show_inside(event)

    @work(group="preview", exclusive=True)
    async def _show_inside(self, event: PreviewView.Entered) -> None:
        shown = self.preview.shown
        if shown is not None and self.viewer is not None:
            inside = await self.viewer.inside(shown.fact, event.name, event.data, event.kind, event.note)
            await self.preview.enter(inside)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say what can be done with what is under the cursor, or shown."""
        view = self.preview.view if self.is_mounted else None
        usable = {
            "turn_view": lambda: view is not None and len(view.available) > 1,
            "pipe": lambda: view is not None and view.has_text,
            "scrub": lambda: (view is not None and view.can_scrub) or bool(self._shots),
            "before_after": lambda: self._screenshot_place() is not None,
        }
        if action in usable:
            return usable[action]()
        if action in _OF_THE_SHOWN:
            return self.selected is not None or self.preview.is_inside
        return super().check_action(action, parameters)

    def action_turn_tree(self) -> None:
        """Group by step or by type."""
        kept = self.selected
        self._by_step = not self._by_step
        self._turned = set()
        self._shelf = None
        self._list()
        if kept is not None:
            self._put_on(kept.id)

    def action_turn_view(self) -> None:
        """Show it the next way."""
        view = self.preview.view
        if view is not None:
            view.turn_mode()

    def action_scrub(self, step: int) -> None:
        """To the next or previous moment, page or screenshot."""
        view = self.preview.view
        if view is not None and view.can_scrub:
            view.scrub(step)
            return
        shots = self._shots
        place = self._screenshot_place()
        if shots:
            at = 0 if place is None else min(max(0, place + step), len(shots) - 1)
            if at != place:
                self._put_on(shots[at].id)

    def _screenshot_place(self) -> int | None:
        selected = self.selected
        if selected is None or not selected.type.startswith("screenshot"):
            return None
        return next((n for n, one in enumerate(self._shots) if one.id == selected.id), None)

    @on(PreviewView.Edge)
    def _to_edge(self, event: PreviewView.Edge) -> None:
        event.stop()
        shots = self._shots
        if shots:
            self._put_on(shots[event.where].id)

    @work(group="preview", exclusive=True)
    async def action_before_after(self) -> None:
        """Show a screenshot beside the one before it, or alone again."""
        from skyvern_tui.tui.previews.image import ImageView  # noqa: PLC0415 - loaded with the first picture

        place, view = self._screenshot_place(), self.preview.view
        if place is None or self.viewer is None:
            return
        shots = self._shots
        if isinstance(view, ImageView) and view.is_comparing:
            await view.compare(None)
            return
        try:
            shown = await self.viewer.shown(shots[place])
            before = await self.viewer.shown(shots[place - 1]) if place else None
        except Troubled as error:
            self._skyvern.notify(error.trouble.message, severity="warning", markup=False)
            return
        await self.preview.show(shown)
        view = self.preview.view
        if isinstance(view, ImageView) and before is not None:
            await view.compare(before)
        elif before is None:
            self._skyvern.notify("This is the first screenshot.", markup=False)

    def name_of(self, fact: ArtifactFact) -> str:
        return fact.name if self._origins is None else self._origins.file_name(fact)
