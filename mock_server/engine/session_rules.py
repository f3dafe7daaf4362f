"""What is said about browser sessions, and how long they may last.

Owns: the reasons a session cannot be had or ended, in words, and what a run in one is called.
Must not: keep sessions; ``sessions`` does.
"""

from __future__ import annotations

from typing import Final

from mock_server.engine.session_record import SessionRecord
from mock_server.store.records import RunRecord

LONGEST_MINUTES: Final = 240
"""The most a session may last."""
BROWSER_DIED: Final = "The browser of this session ended (it crashed, was killed, or the machine ran out of memory)."
SERVER_DIED: Final = "The server stopped while this session was open, and its browser with it."
SERVER_STOPPED: Final = "The server was stopped, and the browser of this session with it."
CAPPED: Final = (
    "Requested timeout of {asked} minutes exceeds the maximum of {most} minutes (4 hours); this session was capped at "
    "{most} minutes. A running session can be extended up to 360 minutes (6 hours) with the extend endpoint. Longer "
    "browser durations are available on our enterprise plan, please contact sales@skyvern.com"
)
"""As the service words it."""


class SessionRefused(Exception):  # noqa: N818  # named for what happened
    """A session cannot be had; the message says why."""


class SessionUnknown(SessionRefused):
    """The organization has no such session."""


class SessionOver(SessionRefused):
    """The session has ended."""

    def __init__(self, session: SessionRecord) -> None:
        super().__init__(
            f"Browser session {session.session_id} is no longer usable (status: {session.status}). "
            "Create a new browser session and retry."
        )


class SessionOccupied(SessionRefused):
    """Another run is in the session."""


def runnable_of(run: RunRecord) -> tuple[str, str]:
    """Return what a run is called while it is in a session: type and id."""
    if run.workflow_run_id is not None:
        return "workflow_run", run.workflow_run_id
    return "task", run.run_id
