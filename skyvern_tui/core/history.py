"""Runs as this machine knows them: what was seen, what was asked for, and notes. There without a server.

Owns: one SQLite file. Must not: know a screen, ask a server, or keep what a run left behind:
a history is for finding a run again and running it again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from skyvern_tui.client.models import RUN, Run
from skyvern_tui.core.draft import BY_NAME

MOST: Final = 5_000
"""Runs remembered of each server; the oldest are forgotten first."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS runs (
  server TEXT NOT NULL, run_id TEXT NOT NULL, created_at TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (server, run_id)
);
CREATE INDEX IF NOT EXISTS newest ON runs (server, created_at);
CREATE TABLE IF NOT EXISTS notes (run_id TEXT PRIMARY KEY, text TEXT NOT NULL);
"""
_KEPT: Final = (
    "run_id", "status", "run_type", "created_at", "queued_at", "started_at", "finished_at", "modified_at", "step_count",
    "failure_reason", "app_url", "run_request",
)  # fmt: skip
"""What is remembered of a run: outputs, files and links to them stay with the server."""


class History:
    """The history of this machine. Raises ``sqlite3.Error`` where the file can't be used."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript("PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 2000;" + _SCHEMA)
        path.chmod(0o600)

    def seen(self, server: str, runs: Iterable[Run]) -> None:
        """Remember runs as they are now."""
        rows = [(server, run.run_id, run.created_at.isoformat(), json.dumps(_body(run))) for run in runs]
        with self._db:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?)", rows)
            self._db.execute(
                "DELETE FROM runs WHERE server = ? AND run_id IN "
                "(SELECT run_id FROM runs WHERE server = ? ORDER BY created_at DESC LIMIT -1 OFFSET ?)",
                (server, server, MOST),
            )

    def runs(self, server: str, limit: int = MOST) -> list[Run]:
        """Return what is remembered of a server's runs, newest first."""
        rows = self._db.execute(
            "SELECT body FROM runs WHERE server = ? ORDER BY created_at DESC, run_id DESC LIMIT ?", (server, limit)
        )
        return [RUN.validate_json(body) for (body,) in rows]

    def note(self, run_id: str, text: str) -> None:
        """Write a note on a run; an empty one takes the note away."""
        if text.strip():
            self._db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (run_id, text.strip()))
        else:
            self._db.execute("DELETE FROM notes WHERE run_id = ?", (run_id,))

    def notes(self) -> dict[str, str]:
        """Return all notes by run."""
        return dict(self._db.execute("SELECT run_id, text FROM notes"))

    def close(self) -> None:
        """Give the file back."""
        self._db.close()


def _body(run: Run) -> dict[str, Any]:
    body = {name: value for name, value in run.model_dump(mode="json").items() if name in _KEPT}
    request: Mapping[str, Any] | None = run.run_request
    if request is not None:
        # A parameter that is a secret by nature is not written to disk.
        body["run_request"] = {n: v for n, v in request.items() if n not in BY_NAME or not BY_NAME[n].is_secret}
    return body
