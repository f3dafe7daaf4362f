"""Runs going out to files and other tools, and coming back: exports, comparisons, saved runs.

Owns: the ways to these screens, for whatever screen asks. Must not: read or write a file
(the core does), or show anything itself.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from skyvern_tui.core.text import inert
from skyvern_tui.tui.screens.base import Page

if TYPE_CHECKING:
    from skyvern_tui.tui.app import SkyvernApp


class Exchange:
    """One app's ways in and out."""

    def __init__(self, app: SkyvernApp) -> None:
        self._app = app

    def export(self, run_id: str) -> None:
        """Offer a run for other tools, or as a file."""
        from skyvern_tui.tui.screens.exporting import ExportScreen  # noqa: PLC0415 - loaded when first shown
        from skyvern_tui.tui.screens.run import RunScreen  # noqa: PLC0415 - as above

        page = self._app.screen
        if isinstance(page, Page):
            seen = page.journal if isinstance(page, RunScreen) and page.run_id == run_id else None
            self._app.push_screen(ExportScreen(page, run_id, seen))

    def compare(self, left: str, right: str | None = None) -> None:
        """Show two runs side by side; without ``right`` the other is asked for."""

    def open_saved(self, path: Path) -> None:
        """Show a run that was saved to a file, or say what is wrong with the file."""
        self._app.run_worker(self._open(path), group="open", exclusive=True)

    async def _open(self, path: Path) -> None:
        from skyvern_tui.core.skyrun import NotSaved, open_run  # noqa: PLC0415 - loads the wire models
        from skyvern_tui.tui.screens.saved import SavedScreen  # noqa: PLC0415 - loaded when first shown

        try:
            saved = await asyncio.to_thread(open_run, path)
        except NotSaved as reason:
            self._refuse(path, str(reason))
        except OSError as error:
            self._refuse(path, error.strerror or str(error))
        else:
            self._app.push_screen(SavedScreen(saved, path))

    def _refuse(self, path: Path, reason: str) -> None:
        self._app.notify(f"{inert(path.name)} can't be opened: {reason}.", severity="error", timeout=12, markup=False)
