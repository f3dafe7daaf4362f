"""What this machine remembers of runs, for a list without a server.

Owns: when something is remembered and under which server's name. Must not: store it (the
core's history does), or fail: without a history the app goes on without one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from skyvern_tui.client.models import Run
    from skyvern_tui.config import Connection
    from skyvern_tui.core.history import History

LISTED: Final = 500
"""Runs shown of what is remembered."""


def server_name(connection: Connection) -> str:
    """Return what a server is called in the history."""
    return connection.lasting_name


class Memory:
    """The history in a folder; without one nothing is remembered beyond the app."""

    def __init__(self, folder: Path | None) -> None:
        self._history: History | None = None
        self.trouble = ""
        """Why nothing is remembered."""
        self._known: dict[tuple[str, str], tuple[str, object]] = {}
        self._notes: dict[str, str] = {}
        self._sent: dict[str, dict[str, Any]] = {}
        """Requests sent since the app began, by run."""
        if folder is None:
            return
        from skyvern_tui.core.history import History  # noqa: PLC0415 - loads the wire models

        try:
            self._history = History(folder / "history.sqlite")
            self._notes = self._history.notes()
        except (sqlite3.Error, OSError) as error:
            self.trouble = f"The history of this machine can't be used: {error}."

    @property
    def notes(self) -> Mapping[str, str]:
        """Notes by run."""
        return self._notes

    def seen(self, server: str, runs: Iterable[Run]) -> None:
        """Remember those of the runs that changed since they were last seen."""
        news = [run for run in runs if self._known.get((server, run.run_id)) != (str(run.status), run.modified_at)]
        if not news:
            return
        self._known |= {(server, run.run_id): (str(run.status), run.modified_at) for run in news}
        if self._history is not None:
            try:
                self._history.seen(server, news)
            except sqlite3.Error as error:
                self._give_up(error)

    def runs(self, server: str) -> list[Run]:
        """Return what is remembered of a server's runs, newest first."""
        if self._history is None:
            return []
        try:
            return self._history.runs(server, LISTED)
        except (sqlite3.Error, ValueError) as error:
            self._give_up(error)
            return []

    def submitted(self, connection: Connection, run_id: str, request: Mapping[str, Any], at: datetime) -> None:
        """Remember a request as it was sent from here; secrets in it are left out."""
        self._sent[run_id] = dict(request)
        if self._history is not None:
            try:
                self._history.submitted(server_name(connection), run_id, request, at)
            except (sqlite3.Error, TypeError, ValueError) as error:
                self._give_up(error)

    def request(self, run_id: str) -> Mapping[str, Any] | None:
        """Return a request as it was sent from here: whole for this session, later with ``${NAME}`` for secrets.

        None for a run that was started elsewhere.
        """
        if run_id in self._sent or self._history is None:
            return self._sent.get(run_id)
        try:
            return self._history.request(run_id)
        except (sqlite3.Error, ValueError) as error:
            self._give_up(error)
            return None

    def note(self, run_id: str, text: str) -> None:
        """Keep a note on a run; an empty one takes it away."""
        self._notes = {name: note for name, note in (self._notes | {run_id: text.strip()}).items() if note}
        if self._history is not None:
            try:
                self._history.note(run_id, text)
            except sqlite3.Error as error:
                self._give_up(error)

    def close(self) -> None:
        """Give the file back."""
        if self._history is not None:
            self._history.close()
            self._history = None

    def _give_up(self, error: Exception) -> None:
        self.trouble = f"The history of this machine can't be used: {error}."
        self.close()
