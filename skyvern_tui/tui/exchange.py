"""Runs going out to files and other tools, and coming back: exports, comparisons, saved runs.

Owns: the ways to these screens, for whatever screen asks. Must not: read or write a file
(the core does), or show anything itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skyvern_tui.tui.app import SkyvernApp


class Exchange:
    """One app's ways in and out."""

    def __init__(self, app: SkyvernApp) -> None:
        self._app = app

    def export(self, run_id: str) -> None:
        """Offer a run for other tools, or as a file."""

    def compare(self, left: str, right: str | None = None) -> None:
        """Show two runs side by side; without ``right`` the other is asked for."""

    def open_saved(self, path: Path) -> None:
        """Show a run that was saved to a file."""
