"""What this machine remembers of runs it started, shared with the terminal app.

Owns: writing and reading it from a command. Must not: fail: a machine that cannot remember
still starts runs.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from typing import Any

from skyvern_tui.client import Run
from skyvern_tui.config import Connection
from skyvern_tui.config.locations import state_dir
from skyvern_tui.core.history import History

_FILE = "history.sqlite"


def remember(connection: Connection, run: Run, request: Mapping[str, Any], at: datetime) -> None:
    """Keep a run and the request as it was sent; secrets in it are left out."""
    try:
        with closing(History(state_dir() / _FILE)) as history:
            history.seen(connection.lasting_name, [run])
            history.submitted(connection.lasting_name, run.run_id, request, at)
    except (sqlite3.Error, OSError, TypeError, ValueError):
        return


def remembered_request(run_id: str) -> Mapping[str, Any] | None:
    """Return a request as it was sent from this machine, with ``${NAME}`` for secrets; None for any other run."""
    path = state_dir() / _FILE
    if not path.exists():
        return None
    try:
        with closing(History(path)) as history:
            return history.request(run_id)
    except (sqlite3.Error, OSError, ValueError):
        return None
