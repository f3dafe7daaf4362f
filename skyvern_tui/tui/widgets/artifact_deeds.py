"""What can be done with the artifact under the cursor, or with what is shown inside it.

Owns: saving, opening, copying and piping it. Must not: know how artifacts are listed or shown.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from textual import work
from textual.containers import Container

from skyvern_tui.core.facts import ArtifactFact
from skyvern_tui.tui.server import Troubled
from skyvern_tui.tui.viewing import Viewer
from skyvern_tui.tui.widgets.preview_pane import PreviewPane

if TYPE_CHECKING:
    from skyvern_tui.tui.app import SkyvernApp


class HandledArtifact(Container):
    """A pane with an artifact that something can be done with."""

    viewer: Viewer | None = None

    @property
    def preview(self) -> PreviewPane:
        """The preview."""
        return self.query_one(PreviewPane)

    @property
    def selected(self) -> ArtifactFact | None:
        """The artifact under the cursor; None on a group."""
        raise NotImplementedError

    def name_of(self, fact: ArtifactFact) -> str:
        """Return what an artifact is called as a file."""
        raise NotImplementedError

    @property
    def is_in_preview(self) -> bool:
        """Whether the preview has the keys."""
        focused = self.screen.focused
        return focused is not None and self.preview in focused.ancestors_with_self

    @property
    def _skyvern(self) -> SkyvernApp:
        return cast("SkyvernApp", self.app)

    async def _content(self) -> tuple[str, bytes] | None:
        """Return name and bytes of what is shown inside an artifact, or of the artifact under the cursor."""
        shown = self.preview.shown
        if self.preview.is_inside and shown is not None:
            return shown.name, shown.data
        if self.selected is None or self.viewer is None:
            return None
        try:
            return self.name_of(self.selected), await self.viewer.content(self.selected)
        except Troubled as error:
            text = f"{error.trouble.message}\n{error.trouble.hint}"
            self._skyvern.notify(text, severity="error", markup=False)
            return None

    @work(group="save")
    async def action_save_file(self) -> None:
        """Save it among the downloads."""
        from skyvern_tui.core.saving import save  # noqa: PLC0415 - needed for saving only

        found = await self._content()
        if found is None or self.viewer is None:
            return
        folder = self._skyvern.downloads / self.viewer.run_id
        try:
            path = await asyncio.to_thread(save, folder, *found)
        except OSError as error:
            self._skyvern.notify(f"Not saved: {error}", severity="error", markup=False)
        else:
            self._skyvern.notify(f"Saved to {path}", markup=False)

    @work(group="save")
    async def action_open_file(self) -> None:
        """Have the system's program show a saved copy."""
        from skyvern_tui.core.opening import NotOpened, to_open  # noqa: PLC0415 - needed for opening only
        from skyvern_tui.core.saving import save  # noqa: PLC0415 - as above
        from skyvern_tui.tui.external import EditorError, open_file  # noqa: PLC0415 - as above

        found = await self._content()
        if found is None or self.viewer is None:
            return
        folder = self._skyvern.downloads / self.viewer.run_id / "opened"
        try:
            name, data = await asyncio.to_thread(to_open, *found)
            path = await asyncio.to_thread(save, folder, name, data)
            open_file(path)
        except (NotOpened, EditorError, OSError) as error:
            self._skyvern.notify(f"Not opened: {error}", severity="warning", markup=False)
        else:
            self._skyvern.notify(f"Opened {path}", markup=False)

    def action_copy_shown(self) -> None:
        """Copy what is selected, the line, or all of it."""
        selected = self.screen.get_selected_text()
        view = self.preview.view
        if selected:
            self._skyvern.copy(selected, "the selection")
        elif self.is_in_preview and view is not None and view.copied()[0]:
            self._skyvern.copy(*view.copied())
        elif self.selected is not None:
            self._skyvern.copy(self.selected.uri or self.selected.id, "the artifact's address")

    def action_copy_place(self) -> None:
        """Copy the artifact's id."""
        if self.selected is not None:
            self._skyvern.copy(self.selected.id, f"the id {self.selected.id}")

    def action_pipe(self) -> None:
        """Show it in the pager."""
        from skyvern_tui.tui.external import EditorError, page  # noqa: PLC0415 - needed for this only

        view = self.preview.view
        lines = [] if view is None else view.plain()
        if lines:
            try:
                page(self._skyvern, lines)
            except EditorError as error:
                self._skyvern.notify(str(error), severity="warning", markup=False)
