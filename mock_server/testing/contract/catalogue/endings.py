"""How runs end, and what a client makes of the statuses on the way.

Owns: these cases. Must not: contain faults of the transport.
"""

from __future__ import annotations

from typing import Any, Final

from mock_server.testing.contract.case import Case
from mock_server.testing.contract.verdict import followed, gave_up_knowing

BIG: Final = 1152921504606846977
"""More digits than a double holds."""
OUTPUT: Final = {"title": "Grüße", "count": BIG, "nothing": None, "list": [1, {"deep": True}]}


def _ends(status: str, **ending: Any) -> dict[str, Any]:
    return {"progression": "polls=2", "ending": {"status": status, **ending}}


def _passes(status: str) -> dict[str, Any]:
    phases = [{"status": "running", "polls": 1}, {"status": status, "polls": 1}, {"status": "running", "polls": 1}]
    return {"phases": phases, "ending": {"status": "completed"}, "unchecked": True}


CASES: Final = (
    Case(
        id="endings.completed",
        title="The run completes",
        why="What everything else is measured against: the output is the run's, to the last digit.",
        script=_ends("completed", output=OUTPUT),
        judge=followed("completed", output=OUTPUT),
    ),
    *(
        Case(
            id=f"endings.{status}",
            title=f"The run ends {status}",
            why=f"A client that knows only completed and failed polls a run that is {status} for ever.",
            script=_ends(status, failure_reason="The shop is closed.") if status != "canceled" else _ends(status),
            judge=followed(status),
        )
        for status in ("failed", "terminated", "timed_out", "canceled")
    ),
    Case(
        id="endings.at_once",
        title="The run is over before the first poll",
        why="A client that waits for a change of status waits for ever.",
        script={"progression": "immediate"},
        judge=followed("completed"),
    ),
    Case(
        id="endings.paused",
        title="The run pauses and goes on",
        why="paused is a status of the service that most documents leave out; it is no end.",
        script=_passes("paused"),
        judge=followed("completed"),
    ),
    Case(
        id="endings.new_status",
        title="A status nobody knew passes by",
        why="Services grow statuses; a client with a closed list of them dies of the first new one.",
        script=_passes("thinking"),
        judge=followed("completed"),
    ),
    Case(
        id="endings.new_end",
        title="The run ends with a status nobody knew",
        why="finished_at says that it is over; who looks only at known statuses polls until the deadline.",
        script={"progression": "polls=2", "ending": {"status": "archived"}, "unchecked": True},
        judge=followed("archived"),
    ),
    Case(
        id="endings.no_end",
        title="The run does not end before the deadline",
        why="Without a deadline the caller hangs; with an error that does not name the run, nobody can cancel it.",
        script={"phases": [{"status": "running", "manual": True}]},
        timeout_seconds=12,
        judge=gave_up_knowing("it is still running"),
    ),
    Case(
        id="endings.half_an_hour",
        title="The run takes half an hour",
        why="Real runs take long; a client that polls every second asks 1,800 times.",
        script={"phases": [{"status": "queued", "seconds": 60}, {"status": "running", "seconds": 1740}]},
        timeout_seconds=3600,
        needs_virtual_time=True,
        judge=followed("completed"),
    ),
)
