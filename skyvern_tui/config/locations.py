"""Where files of this program lie.

Owns: the directories, by the platform's own rules (XDG on Linux), and the one variable
that moves the configuration file. Must not: create or read anything.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import platformdirs

APP: Final = "skyvern-tui"
CONFIG_VARIABLE: Final = "SKYVERN_TUI_CONFIG"


def config_file() -> Path:
    """Return the configuration file, whether it exists or not."""
    moved = os.environ.get(CONFIG_VARIABLE)
    return Path(moved).expanduser() if moved else platformdirs.user_config_path(APP, appauthor=False) / "config.toml"


def state_dir() -> Path:
    """Return the directory for what the app keeps by itself: drafts, templates, history, sizes of panes."""
    return platformdirs.user_state_path(APP, appauthor=False)


def mock_data_dir() -> Path:
    """Return the directory the embedded mock keeps its runs and artifacts in."""
    return platformdirs.user_data_path(APP, appauthor=False) / "mock"
