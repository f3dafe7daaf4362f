"""The artifacts of a run: the list, and a preview of the one under the cursor.

Owns: moving between list and preview, folding groups, and when an artifact is fetched.
Must not: fetch; it asks the viewer it was given.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final

from textual import on, work
from textual.containers import Container
from textual.widget import Widget

from skyvern_tui.core.clock import Clock
from skyvern_tui.core.facts import ArtifactFact
from skyvern_tui.core.shelf import Group, Item, ShelfRow, shelve
from skyvern_tui.tui.server import Troubled
from skyvern_tui.tui.viewing import Viewer
from skyvern_tui.tui.widgets.artifact_list import ArtifactList
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.preview_pane import PreviewPane
from skyvern_tui.tui.widgets.timeline_pane import DWELL

UNASKED_LIMIT: Final = 5_000_000
"""Bytes up to which the artifact under the cursor is fetched without being asked for."""


class ArtifactsPane(Container):
    """List and preview: side by side on a wide screen, one at a time on a narrow one.

    Classes: ``-bare`` without artifacts, ``-previewing`` while the preview was asked for.
    """

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._clock = clock
        self._artifacts: Sequence[ArtifactFact] = ()
        self._turned: set[str] = set()
        """Groups a person folded or opened."""
        self.viewer: Viewer | None = None

    def compose(self) -> Iterable[Widget]:
        yield ArtifactList(self._clock)
        yield PreviewPane()

    @property
    def listing(self) -> ArtifactList:
        """The list."""
        return self.query_one(ArtifactList)

    @property
    def selected(self) -> ArtifactFact | None:
        """The artifact under the cursor; None on a group."""
        row = self.listing.row
        return row.fact if isinstance(row, Item) else None

    @property
    def _is_wide(self) -> bool:
        return self.screen.has_class("-wide")

    def show(self, artifacts: Sequence[ArtifactFact], *, over: bool) -> None:
        """Show the artifacts of a run, oldest first; ``over`` says that no more are to come."""
        self._artifacts = artifacts
        self._list()
        self.set_class(not artifacts, "-bare")
        if not artifacts:
            self.query_one(PreviewPane).say("This run left no artifacts." if over else "No artifacts yet.")

    def _list(self) -> None:
        self.listing.set_rows(shelve(self._artifacts, self._turned))

    def enter(self) -> None:
        """Take the keys."""
        self.listing.focus()
        if self._is_wide:
            self._preview(self.listing.row, asked=False)

    def leave(self) -> bool:
        """Go back from the preview to the list; False if that is where one is."""
        pane, focused = self.query_one(PreviewPane), self.screen.focused
        inside = focused is not None and pane in focused.ancestors
        if not inside and (self._is_wide or not self.has_class("-previewing")):
            return False
        self.remove_class("-previewing")
        self.listing.focus()
        return True

    def open(self) -> None:
        """Fold or open the group under the cursor, or go into the artifact."""
        row = self.listing.row
        if isinstance(row, Group):
            self._turned ^= {row.type}
            self._list()
        else:
            self.add_class("-previewing")
        self._preview(self.listing.row, asked=True)

    def go_to(self, artifact_id: str) -> None:
        """Put the cursor on an artifact, opening its group, and go into it."""
        kind = next((artifact.type for artifact in self._artifacts if artifact.id == artifact_id), "")
        for turned in (self._turned, self._turned ^ {kind}):
            self._turned = turned
            self._list()
            for place, row in enumerate(self.listing.rows):
                if isinstance(row, Item) and row.fact.id == artifact_id:
                    self.listing.move_to(place)
                    self.open()
                    return

    @on(LineList.Moved, "ArtifactList")
    def _moved(self, event: LineList.Moved) -> None:
        # Where the preview can't be seen nothing is fetched for it.
        if self.display and (self._is_wide or self.has_class("-previewing")):
            self._preview(event.row, asked=False)

    def _preview(self, row: ShelfRow | None, *, asked: bool) -> None:
        pane = self.query_one(PreviewPane)
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
        pane = self.query_one(PreviewPane)
        try:
            shown = await self.viewer.shown(fact)
        except Troubled as error:
            pane.say(f"{error.trouble.message}\n{error.trouble.hint}", fact.type)
            return
        await pane.show(shown)
        if asked:
            pane.body.focus()
