"""The terminal app: screens on the headless core.

Owns: :func:`run_app`, the one way in. Importing this package loads nothing of Textual.
Must not: speak HTTP by itself.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from skyvern_tui.tui.connect import Source

__all__ = ["run_app"]

_LIKED: Final = ("THEME", "THEMES", "KEYS", "NOTICE")
"""Settings of the app that a variable can set without a file."""


def run_app(
    source: Source | None,
    *,
    saved: Sequence[Path] = (),
    downloads: Path | None = None,
    starting: str = "connecting…",
) -> int:
    """Run the terminal app until it is quit and return its exit code.

    Args:
        source: a ``Connection``; or a function without arguments that returns an awaitable of one, or an async
            context manager that yields one. The function is called after the first paint; until it is done the
            screen shows ``starting``; what it began is ended (``__aexit__``) when the app ends. An exception it
            raises is shown on screen, with its ``hint`` if it has one. None connects to nothing, for saved runs alone.
        saved: files with saved runs (``.skyrun``) to show at once. One that can't be read is said on screen.
        downloads: folder for saved artifacts; ``skyvern`` in the user's downloads by default.
        starting: for instance ``starting the local server…``.
    """
    from skyvern_tui.config.locations import config_file, state_dir  # noqa: PLC0415 - as below
    from skyvern_tui.config.preferences import Preferences  # noqa: PLC0415 - as below
    from skyvern_tui.tui import graphics  # noqa: PLC0415 - importing the package must stay cheap
    from skyvern_tui.tui.app import SkyvernApp  # noqa: PLC0415 - as above

    graphics.probe()
    preferences = Preferences()
    if config_file().exists() or any(os.environ.get(f"SKYVERN_TUI_{name}") for name in _LIKED):
        from skyvern_tui.config.settings import load_settings  # noqa: PLC0415 - costs a third of importing httpx

        preferences = load_settings().preferences()
    app = SkyvernApp(
        source, saved=saved, downloads=downloads, starting=starting, preferences=preferences, home=state_dir()
    )
    try:
        app.run()
    finally:
        # Ended by a signal in the middle of its work, Textual gives nothing back.
        leave = getattr(app._driver, "leave", None)  # noqa: SLF001 - no other way to reach it
        if leave is not None:
            leave()
    return app.return_code or 0
