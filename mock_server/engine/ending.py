"""How a run ends.

Owns: what the agent's last word, a limit or a fault makes of a run, in each dialect.
Must not: store or wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mock_server.agent.events import Finished
from mock_server.dialect import Dialect
from mock_server.engine.admission import PLANNER_ENGINE
from mock_server.engine.bodies import wire_output
from mock_server.engine.lifecycle import Status
from mock_server.store.records import Json, RunRecord

REACH_MAX_STEPS: Final = {
    "error_code": "REACH_MAX_STEPS",
    "reasoning": "The agent has reached the maximum number of steps.",
    "error_type": "SYSTEM_DEFINED_ERROR",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """A final status and what goes with it."""

    status: Status
    failure_reason: str | None = None
    output: Json = None
    summary: str | None = None
    errors: tuple[dict[str, Json], ...] = ()


def failed(reason: str) -> Ending:
    """Return the ending of a run that something went wrong with."""
    return Ending("failed", reason)


def ending_of(finished: Finished, run: RunRecord, dialect: Dialect, max_steps: int) -> Ending:
    """Return what the agent's last word makes of the run."""
    output = wire_output(finished.output)
    summary = finished.summary or None
    errors = tuple(dict(error) for error in finished.errors)
    step_engine = run.engine != PLANNER_ENGINE
    reason = (finished.failure_reason or "").strip()
    if finished.ending == "completed":
        if dialect.step_output_needs_schema and step_engine and run.request.get("data_extraction_schema") is None:
            output = None
        return Ending("completed", None, output, summary, errors)
    if finished.ending == "max_steps":
        if dialect.max_steps_error and step_engine:
            errors = (REACH_MAX_STEPS, *errors)
        text = f"Reached the maximum steps ({max_steps})."
        advice = reason or "The goal was not reached by then; allow more with max_steps, or ask for less at a time."
        said = advice if advice.startswith(text) else f"{text} {advice}"
        # The planner's runs may keep what they found so far; a step engine's has no output unless it completed.
        return Ending(dialect.max_steps_status, said, None if step_engine else output, summary, errors)
    if finished.ending == "terminated":
        return Ending("terminated", reason or "The agent found that the goal cannot be reached.", None, summary, errors)
    return Ending("failed", reason or "The agent gave up without giving a reason.", None, summary, errors)
