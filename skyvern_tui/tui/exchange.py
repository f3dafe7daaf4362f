"""Runs going out to files and other tools, and coming back: exports, comparisons, saved runs.

Owns: the ways to these screens, for whatever screen asks. Must not: read or write a file
(the core does), or show anything itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from skyvern_tui.core.text import inert
from skyvern_tui.tui.screens.base import Page

if TYPE_CHECKING:
    from skyvern_tui.core.runs import RunLine
    from skyvern_tui.core.skyrun import SavedRun
    from skyvern_tui.tui.app import SkyvernApp
    from skyvern_tui.tui.sides import Source


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
        """Show two runs side by side; without ``right`` the other is asked for: a run, or a file."""
        page = self._app.screen
        first = self._source(page, left) if isinstance(page, Page) else None
        if first is None or not isinstance(page, Page):
            self._app.notify("There is no server to read the runs from.", severity="warning", markup=False)
        elif right is not None:
            self._show_both(first, self._source(page, right))
        else:
            self._ask_other(first, left)

    @staticmethod
    def _source(page: Page, run_id: str) -> Source | None:
        from skyvern_tui.tui.sides import Source  # noqa: PLC0415 - loaded when first needed

        if page.server is None:
            return None
        return Source(page.server, run_id, page.where, page.sent(run_id))

    def _ask_other(self, first: Source, left: str) -> None:
        from skyvern_tui.tui.finding import find_run  # noqa: PLC0415 - loaded when first needed
        from skyvern_tui.tui.screens.filtering import SievedRuns  # noqa: PLC0415 - as below

        home = next((page for page in self._app.screen_stack if isinstance(page, SievedRuns)), None)
        lines = [] if home is None or home.book is None else home.book.lines()

        def chosen(line: RunLine) -> None:
            if home is not None:
                self._show_both(first, self._source(home, line.id))

        find_run(
            self._app,
            [line for line in lines if line.id != left],
            chosen,
            question="compare it with: a few letters of the other run",
            otherwise=[("a run that was saved to a file", lambda: self._ask_file(first))],
        )

    def _ask_file(self, first: Source) -> None:
        from skyvern_tui.tui.screens.opening import OpenScreen  # noqa: PLC0415 - loaded when first shown

        def opened(path: Path | None) -> None:
            if path is not None:
                self._app.run_worker(self._compare_with_file(first, path), group="open", exclusive=True)

        self._app.push_screen(OpenScreen(self._app.downloads), opened)

    async def _compare_with_file(self, first: Source, path: Path) -> None:
        saved = await self._read(path)
        if saved is not None:
            from skyvern_tui.tui.screens.saved import server_of, where_of  # noqa: PLC0415 - loaded when first needed
            from skyvern_tui.tui.sides import Source  # noqa: PLC0415 - as above

            server = server_of(saved, self._app.clock)
            self._show_both(first, Source(server, saved.run.run_id, where_of(saved), saved.request))

    def _show_both(self, left: Source, right: Source | None) -> None:
        from skyvern_tui.tui.screens.compare import CompareScreen  # noqa: PLC0415 - loaded when first shown

        if right is not None:
            self._app.push_screen(CompareScreen(left, right))

    def open_saved(self, path: Path) -> None:
        """Show a run that was saved to a file, or say what is wrong with the file."""
        self._app.run_worker(self._open(path), group="open", exclusive=True)

    def open_all(self, paths: Sequence[Path]) -> None:
        """Show several saved runs on top of one another, the first on top."""

        async def one_by_one() -> None:
            for path in reversed(paths):
                await self._open(path)

        self._app.run_worker(one_by_one(), group="open", exclusive=True)

    async def _open(self, path: Path) -> None:
        saved = await self._read(path)
        if saved is not None:
            from skyvern_tui.tui.screens.saved import SavedScreen  # noqa: PLC0415 - loaded when first shown

            self._app.push_screen(SavedScreen(saved, path))

    async def _read(self, path: Path) -> SavedRun | None:
        """Read a file; what is wrong with it is said."""
        from skyvern_tui.core.skyrun import NotSaved, open_run  # noqa: PLC0415 - loads the wire models

        try:
            return await asyncio.to_thread(open_run, path)
        except NotSaved as reason:
            self._refuse(path, str(reason))
        except OSError as error:
            self._refuse(path, error.strerror or str(error))
        return None

    def _refuse(self, path: Path, reason: str) -> None:
        self._app.notify(f"{inert(path.name)} can't be opened: {reason}.", severity="error", timeout=12, markup=False)
