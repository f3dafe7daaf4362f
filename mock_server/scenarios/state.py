"""How far a scripted run has come.

Owns: the form this has in memory and in ``RunRecord.script``. Must not: move a run.

A poll is counted in memory and written down when the phase changes or the server stops: after a
kill a run goes on in the phase it was in, whose polls are counted from the beginning again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import orjson

from mock_server.scenarios.script import Phase, Script, Wait, script_of
from mock_server.scenarios.time import Timer


@dataclass(slots=True)
class Effect:
    """Something that comes after the end: an artifact (its place in the script), or a late success."""

    what: Literal["artifact", "success"]
    number: int = 0
    at: datetime | None = None
    polls: int | None = None
    timer: Timer | None = None

    @classmethod
    def after(cls, what: Literal["artifact", "success"], number: int, end: datetime, wait: Wait) -> Effect:
        return cls(what, number, _later(end, wait.seconds), wait.polls)

    def state(self) -> dict[str, Any]:
        return {"what": self.what, "number": self.number, "at": _out(self.at), "polls": self.polls}


@dataclass(slots=True)
class Lag:
    """What the list of runs shows instead of the status."""

    status: str
    polls: int | None = None
    at: datetime | None = None
    timer: Timer | None = None

    def state(self) -> dict[str, Any]:
        return {"status": self.status, "polls": self.polls, "at": _out(self.at)}


@dataclass(slots=True)
class Progress:
    """Where a run is in its script."""

    organization_id: str
    run_id: str
    script: Script
    way: tuple[Phase, ...]
    phase: int = -1
    """Place in the way; -1 before it, ``len(way)`` when it has been gone."""
    polls: int | None = None
    """How many more polls the phase is shown to; None if polls do not end it."""
    entered: datetime | None = None
    timer: Timer | None = None
    seen: bool = False
    """Whether somebody has polled it since the server started."""
    effects: list[Effect] = field(default_factory=list)
    lag: Lag | None = None

    @property
    def over(self) -> bool:
        """Whether the way has been gone."""
        return self.phase >= len(self.way)

    @property
    def done(self) -> bool:
        """Whether nothing is left to happen after the end."""
        return not self.effects and self.lag is None

    def look_ahead(self, status: str, end: datetime) -> None:
        """Note what the script has come after the end, with that status; nothing waits for it yet."""
        script = self.script
        self.effects = [
            Effect.after("artifact", number, end, artifact.after)
            for number, artifact in enumerate(script.artifacts)
            if artifact.after is not None
        ]
        if status == "canceled" and script.late_success is not None:
            self.effects.append(Effect.after("success", 0, end, script.late_success.after))
        if (lag := script.list_lag) is not None:
            self.lag = Lag(lag.status, lag.polls, _later(end, lag.seconds))

    def timers(self) -> list[Timer]:
        """Return what the run waits for."""
        waiting = [self.timer, *(effect.timer for effect in self.effects)]
        if self.lag is not None:
            waiting.append(self.lag.timer)
        return [timer for timer in waiting if timer is not None and not timer.over]

    def stop(self) -> None:
        """Wait for nothing any longer."""
        for timer in self.timers():
            timer.cancel()

    def state(self) -> dict[str, Any]:
        """Return what :meth:`restored` needs."""
        return {
            "script": self.script.dump(),
            "phase": self.phase,
            "polls": self.polls,
            "entered": _out(self.entered),
            "effects": [effect.state() for effect in self.effects],
            "lag": None if self.lag is None else self.lag.state(),
        }

    @classmethod
    def restored(cls, organization_id: str, run_id: str, state: dict[str, Any]) -> Progress:
        """Return the progress whose state this is; nothing waits for it yet."""
        script = script_of(orjson.dumps(state["script"]).decode())
        progress = cls(organization_id, run_id, script, script.way(), state["phase"], state.get("polls"))
        progress.entered = _in(state.get("entered"))
        progress.effects = [
            Effect(each["what"], each["number"], _in(each["at"]), each["polls"]) for each in state.get("effects") or ()
        ]
        if lag := state.get("lag"):
            progress.lag = Lag(lag["status"], lag["polls"], _in(lag["at"]))
        return progress


def beginning(script: Script) -> dict[str, Any]:
    """Return the state of a run that has not set out yet."""
    return {"script": script.dump(), "phase": -1}


def _later(moment: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else moment + timedelta(seconds=seconds)


def _out(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _in(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
