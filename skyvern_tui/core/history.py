"""Runs as this machine knows them: what was seen, what was asked for, and notes. There without a server.

Owns: one SQLite file. Must not: know a screen, ask a server, read a clock, write a secret to disk, or keep what a run
left behind: a history is for finding a run again and running it again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from skyvern_tui.client.models import RUN, Run
from skyvern_tui.core.draft import BY_NAME
from skyvern_tui.core.masking import redacted

MOST: Final = 5_000
"""Runs remembered of each server; the oldest are forgotten first."""
MAX_NOTE: Final = 20_000
"""Characters of a note."""
VERSION: Final = 1
"""Of the tables; raised when they change so that an older program can't use them."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS runs (
  server TEXT NOT NULL, run_id TEXT NOT NULL, created_at TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (server, run_id)
);
CREATE INDEX IF NOT EXISTS newest ON runs (server, created_at);
CREATE TABLE IF NOT EXISTS notes (run_id TEXT PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS submitted (
  run_id TEXT PRIMARY KEY, server TEXT NOT NULL, submitted_at TEXT NOT NULL, request TEXT NOT NULL
);
"""
_KEPT: Final = (
    "run_id", "status", "run_type", "created_at", "queued_at", "started_at", "finished_at", "modified_at", "step_count",
    "failure_reason", "app_url", "run_request", "credits_used", "total_cost",
)  # fmt: skip
"""What is remembered of a run: outputs, files and links to them stay with the server."""


class History:
    """The history of this machine. Raises ``sqlite3.Error`` where the file can't be used."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        try:
            self._settle()
            path.chmod(0o600)
        except BaseException:
            self._db.close()
            raise

    def _settle(self) -> None:
        self._db.execute("PRAGMA busy_timeout = 2000")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise sqlite3.NotSupportedError("it was written by a newer version of this program; update skyvern-tui")
        self._db.executescript("PRAGMA journal_mode = WAL;" + _SCHEMA)
        self._db.execute(f"PRAGMA user_version = {VERSION}")

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

    def submitted(self, server: str, run_id: str, request: Mapping[str, Any], at: datetime) -> None:
        """Remember a request as it was sent from here: a server repeats less of it. Secrets become ``${NAME}``."""
        values = (run_id, server, at.astimezone(UTC).isoformat(), json.dumps(_without_secrets(request)))
        with self._db:
            self._db.execute("BEGIN")
            self._db.execute("INSERT OR REPLACE INTO submitted VALUES (?, ?, ?, ?)", values)
            self._db.execute(
                "DELETE FROM submitted WHERE run_id IN "
                "(SELECT run_id FROM submitted ORDER BY submitted_at DESC LIMIT -1 OFFSET ?)",
                (MOST,),
            )

    def request(self, run_id: str) -> dict[str, Any] | None:
        """Return a request as it was sent from here, with ``${NAME}`` for secrets; None for runs started elsewhere."""
        row = self._db.execute("SELECT request FROM submitted WHERE run_id = ?", (run_id,)).fetchone()
        found: dict[str, Any] | None = None if row is None else json.loads(row[0])
        return found

    def search(self, text: str, limit: int = 100) -> list[Run]:
        """Return the newest runs of any server that have every word of ``text`` in what is remembered, or in the note.

        Case of ASCII letters does not count, and signs of a query language mean themselves.
        """
        conditions, values = [], []
        for word in text.split():
            # Bodies are JSON of ASCII: what else there is was written as escapes there, and not in notes.
            for shape in (json.dumps(word)[1:-1], word):
                sign = shape.replace("!", "!!").replace("%", "!%").replace("_", "!_")
                values.append(_storable(f"%{sign}%"))
            conditions.append("(body LIKE ? ESCAPE '!' OR ifnull(text, '') LIKE ? ESCAPE '!')")
        where = " AND ".join(conditions) or "1"  # put together from our own words; what is looked for is values
        statement = f"SELECT body FROM runs LEFT JOIN notes USING (run_id) WHERE {where} "  # noqa: S608 - as said
        rows = self._db.execute(f"{statement} ORDER BY created_at DESC, run_id DESC LIMIT ?", (*values, limit))
        return [RUN.validate_json(body) for (body,) in rows]

    def note(self, run_id: str, text: str) -> None:
        """Write a note on a run; an empty one takes the note away."""
        if text.strip():
            self._db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (run_id, _storable(text.strip()[:MAX_NOTE])))
        else:
            self._db.execute("DELETE FROM notes WHERE run_id = ?", (run_id,))

    def notes(self) -> dict[str, str]:
        """Return all notes by run."""
        return dict(self._db.execute("SELECT run_id, text FROM notes"))

    def close(self) -> None:
        """Give the file back."""
        self._db.close()


def remembered(path: Path, start: str, limit: int) -> list[tuple[str, str]]:
    """Return the newest runs whose id begins so, each with its status and prompt; nothing is written to the file."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        rows = db.execute(
            "SELECT run_id, body FROM runs WHERE substr(run_id, 1, ?) = ? ORDER BY created_at DESC LIMIT ?",
            (len(start), _storable(start), limit),
        ).fetchall()
    found = []
    for run_id, text in rows:
        body = json.loads(text)
        prompt = (body.get("run_request") or {}).get("prompt") or ""
        found.append((run_id, f"{body.get('status', '')} {prompt}"))
    return found


def _body(run: Run) -> dict[str, Any]:
    body = {name: value for name, value in run.model_dump(mode="json").items() if name in _KEPT}
    if run.run_request is not None:
        body["run_request"] = _without_secrets(run.run_request)
    return body


def _without_secrets(request: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out parameters that are secrets by nature, and write ``${NAME}`` for the secrets in others."""
    plain = {name: value for name, value in request.items() if name not in BY_NAME or not BY_NAME[name].is_secret}
    return redacted(plain)


def _storable(text: str) -> str:
    """Return text SQLite takes: half a character (a lone surrogate) becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")
