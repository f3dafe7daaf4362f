"""The command line: stdout is data, stderr is narration, exit statuses are interface.

Must not: import ``skyvern_tui.tui`` outside the function that opens the app, or
``mock_server`` at all.
"""

from __future__ import annotations

from skyvern_tui.cli.entry import main

__all__ = ["main"]
