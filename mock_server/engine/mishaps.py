"""What goes wrong with a run.

Owns: what each mishap says in the run's log, and the ending it makes. Must not: end a run, or
catch anything by itself.
"""

from __future__ import annotations

import logging
import traceback
from typing import Final

from mock_server.engine.ending import Ending, failed
from mock_server.engine.interrupt import Interrupted
from mock_server.engine.recorder import Recorder
from mock_server.engine.workflows import limit_seconds, over_time
from mock_server.store.records import RunRecord

_logger: Final = logging.getLogger(__name__)


def interrupted(run: RunRecord, recorder: Recorder, error: Interrupted, server_limit: float) -> Ending:
    """Return the ending of a run that was stopped from outside; the server's own time limit is in seconds."""
    if error.reason == "canceled":
        return Ending("canceled", f"Task {run.task_id} was canceled")
    if error.reason == "lost":
        return failed("The browser was lost while the run was using it. Start the run again.")
    limit = limit_seconds(run)
    reason = (
        over_time(limit)
        if limit is not None and limit <= server_limit
        else (
            f"The run exceeded its time limit of {server_limit:g} seconds. "
            "Ask for less at a time, or start the server with a longer --run-timeout."
        )
    )
    recorder.log.add("error", reason)
    return Ending("timed_out", reason)


def gave_out(recorder: Recorder, reason: object) -> Ending:
    """Return the ending of a run that something it needs failed: the browser, the disk, the store."""
    recorder.log.add("error", str(reason))
    return failed(str(reason))


def crashed(recorder: Recorder, error: Exception) -> Ending:
    """Return the ending of a run that hit a mistake of the agent's; the log has the traceback."""
    recorder.log.add("error", "".join(traceback.format_exception(error)))
    _logger.error("The agent raised an unexpected error.", exc_info=error)
    return failed(
        f"The agent stopped on an unexpected error, {type(error).__name__}: {str(error).strip() or 'no message'}. "
        "The traceback is in the skyvern_log artifact; please report it."
    )
