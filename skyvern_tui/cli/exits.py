"""What the exit status says.

Owns: the one list of statuses, used by every command and printed at the end of every help
text, and the way from a run or an error to its status. Must not: end the program.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from skyvern_tui.client.errors import (
    BadRequestError,
    ConnectError,
    ForbiddenError,
    NotFoundError,
    RunTimeoutError,
    SkyvernError,
    TransportError,
    UnprocessableEntityError,
)


class Exit(IntEnum):
    """Exit statuses."""

    completed = 0
    error = 1
    bad_input = 2
    failed = 3
    terminated = 4
    timed_out = 5
    canceled = 6
    wait_timeout = 7
    no_server = 8
    key_refused = 9
    not_found = 10
    interrupted = 130


MEANINGS: Final = {
    Exit.completed: "done; a run that was waited for is completed",
    Exit.error: "anything not listed here",
    Exit.bad_input: "bad input, found here or by the server (400, 422)",
    Exit.failed: "the run failed",
    Exit.terminated: "the run was terminated: its goal cannot be reached",
    Exit.timed_out: "the run ran out of steps or time",
    Exit.canceled: "the run was canceled",
    Exit.wait_timeout: "the run was not over within --timeout; it goes on",
    Exit.no_server: "the server cannot be reached, or none could be started",
    Exit.key_refused: "the API key is missing or refused",
    Exit.not_found: "no such run or artifact",
    Exit.interrupted: "interrupted; a run that was waited for goes on",
}

_BY_ERROR: Final[tuple[tuple[type[SkyvernError], Exit], ...]] = (
    (RunTimeoutError, Exit.wait_timeout),
    (BadRequestError, Exit.bad_input),
    (UnprocessableEntityError, Exit.bad_input),
    (ForbiddenError, Exit.key_refused),
    (NotFoundError, Exit.not_found),
    (ConnectError, Exit.no_server),
    (TransportError, Exit.no_server),
)


def of_status(status: str) -> Exit:
    """Return the exit status for a run that ended so; an unknown ending is an error."""
    known = {Exit.completed, Exit.failed, Exit.terminated, Exit.timed_out, Exit.canceled}
    return next((code for code in known if code.name == str(status)), Exit.error)


def of_error(error: SkyvernError) -> Exit:
    """Return the exit status for an error of the client."""
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), Exit.error)


def table() -> str:
    """Return the statuses as lines for a help text."""
    return "\n".join(f"  {code.value:>3}  {MEANINGS[code]}" for code in Exit)
