"""A scripted run, said in Python.

Owns: the builder and what it returns. Must not: know what a script means; ``mock_server.scenarios`` does.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from mock_server.scenarios.script import Match

if TYPE_CHECKING:
    from mock_server.testing.journal import Journal
    from mock_server.testing.mock import SkyvernMock

Text = str | re.Pattern[str] | Mapping[str, str]
"""A text the field contains, a pattern it fits, or ``{"exact": …}``."""


class ScriptBuilder:
    """What a run is to go through. ``completed``, ``failed``, … or ``end`` lays it ready; nothing is sent before."""

    def __init__(self, mock: SkyvernMock, match: Mapping[str, Any] | None, times: int | None) -> None:
        self._mock = mock
        self._script: dict[str, Any] = {"match": _match(match or {})}
        if times is not None:
            self._script["times"] = times
        self._phases: list[dict[str, Any]] = []
        self._faults: list[dict[str, Any]] = []
        self.is_laid = False

    def queued(self, *, polls: int | None = None, seconds: float | None = None) -> Self:
        """Be queued for so many polls or seconds; without either, until the test moves it on."""
        return self.phase("queued", polls=polls, seconds=seconds)

    def running(self, *, polls: int | None = None, seconds: float | None = None) -> Self:
        """Be running for so many polls or seconds; without either, until the test moves it on."""
        return self.phase("running", polls=polls, seconds=seconds)

    def phase(self, status: str, *, polls: int | None = None, seconds: float | None = None) -> Self:
        """Have any status for so many polls or seconds, or until the test moves it on."""
        phase: dict[str, Any] = {"status": status}
        if polls is None and seconds is None:
            phase["manual"] = True
        phase |= {name: value for name, value in (("polls", polls), ("seconds", seconds)) if value is not None}
        self._phases.append(phase)
        return self

    def fault(self, on: str = "any", *, kind: str | None = None, **how: Any) -> Self:
        """Let calls fail: ``on="get_run", calls=[2], kind="reset"``, or ``status=503``. See docs/faults.md.

        Calls are counted for each run by itself, where an operation is about one.
        """
        self._faults.append(fault_of(on, kind, {"per": "run", **how}))
        return self

    def artifacts(self, *artifacts: str | Mapping[str, Any]) -> Self:
        """Leave artifacts: their types, or ``{"type": …, "content": …, "after": {"seconds": 30}}``."""
        self._script["artifacts"] = [one if isinstance(one, str) else {**one, **_content_in(one)} for one in artifacts]
        return self

    def timeline(self, timeline: str | list[dict[str, Any]]) -> Self:
        """Have a timeline: ``generated``, ``none``, or the items themselves."""
        self._script["timeline"] = timeline
        return self

    def webhook(self, times: int) -> Self:
        """Tell the end to the webhook so often: 0 is never, 2 a duplicate."""
        self._script["webhook"] = {"times": times}
        return self

    def said(self, **words: Any) -> Self:
        """Say anything else a script can, such as ``list_lag`` or ``late_success``; see docs/scenarios.md."""
        self._script |= words
        return self

    # -- endings ----------------------------------------------------------------------------

    def completed(
        self, *, output: Any = None, downloads: Mapping[str, str | bytes | Path] | None = None, **ending: Any
    ) -> ScriptedTask:
        """End well, with an output and files: ``{"invoice.pdf": b"%PDF…"}``."""
        if downloads:
            self._script["downloads"] = {name: content_of(content) for name, content in downloads.items()}
        return self.end("completed", output=output, **ending)

    def failed(self, failure_reason: str | None = None, **ending: Any) -> ScriptedTask:
        """End failed."""
        return self.end("failed", failure_reason=failure_reason, **ending)

    def terminated(self, failure_reason: str | None = None, **ending: Any) -> ScriptedTask:
        """End terminated: the agent gave up for a reason it saw."""
        return self.end("terminated", failure_reason=failure_reason, **ending)

    def timed_out(self, failure_reason: str | None = None, **ending: Any) -> ScriptedTask:
        """End at the service's own limit of steps or time."""
        return self.end("timed_out", failure_reason=failure_reason, **ending)

    def canceled(self, **ending: Any) -> ScriptedTask:
        """End canceled by somebody else."""
        return self.end("canceled", **ending)

    def never_ending(self) -> ScriptedTask:
        """Run for ever."""
        return self.end("running")

    def end(self, status: str, **ending: Any) -> ScriptedTask:
        """End with any status, one nobody has heard of too, and what goes with it (``output``, ``failure_reason``, …).

        Raises:
            ControlError: The script makes no sense; nothing is laid ready.
        """
        known = status in _KNOWN
        if not known:
            self._script["unchecked"] = True
        elif status in _WITHOUT_REASON:
            ending = {name: value for name, value in ending.items() if name != "failure_reason"}
        self._script["phases"] = self._phases
        self._script["ending"] = {
            "status": status,
            **{name: value for name, value in ending.items() if value is not None},
        }
        self.is_laid = True
        return self._mock._lay(self._script, self._faults)  # noqa: SLF001  # two halves of one thing


_WITHOUT_REASON = frozenset({"completed", "canceled", "created", "queued", "running", "paused"})
_KNOWN = _WITHOUT_REASON | {"failed", "terminated", "timed_out"}


class ScriptedTask:
    """A script that is laid ready, and the runs that follow it."""

    def __init__(self, mock: SkyvernMock, script_id: str, script: Mapping[str, Any]) -> None:
        self._mock = mock
        self.script_id = script_id
        self._match = Match.model_validate(script.get("match", {}))

    @property
    def used(self) -> int:
        """How many runs have followed it."""
        laid = self._mock.control.get("/_mock/scripts")
        return next((int(each["used"]) for each in laid if each["script_id"] == self.script_id), 0)

    @property
    def run_ids(self) -> list[str]:
        """The runs, in the order they were made, of the tasks it is for."""
        return [
            entry.answer["run_id"]
            for entry in self._mock.journal.entries("run_task", status="200")
            if isinstance(entry.body, dict) and isinstance(entry.answer, dict) and self._match.fits(entry.body)
        ]

    @property
    def run_id(self) -> str:
        """The one run.

        Raises:
            LookupError: There is none, or more than one.
        """
        found = self.run_ids
        if len(found) != 1:
            raise LookupError(f"{len(found)} runs were made of this script's task, not one: {found}")
        return found[0]

    @property
    def journal(self) -> Journal:
        """What was said about the one run."""
        return self._mock.journal.of(self.run_id)

    def advance(self, status: str | None = None, **ending: Any) -> None:
        """Move the one run on: to its next phase, or to a status."""
        self._mock.advance_run(self.run_id, status, **ending)


def fault_of(on: str, kind: str | None, how: Mapping[str, Any]) -> dict[str, Any]:
    """Return a fault as the mock reads it; without a kind it is what ``status`` says."""
    if kind is None:
        if "status" not in how:
            raise TypeError("Say which kind of fault it is: kind='reset', or status=503. See docs/faults.md.")
        kind = "status"
    return {"operation": on, "kind": kind, **how}


def content_of(content: str | bytes | Path) -> dict[str, str]:
    """Return a file's content as a script has it."""
    if isinstance(content, Path):
        content = content.read_bytes()
    return {"base64": b64encode(content).decode()} if isinstance(content, bytes) else {"text": content}


def _content_in(artifact: Mapping[str, Any]) -> dict[str, Any]:
    content = artifact.get("content")
    return {"content": content_of(content)} if isinstance(content, str | bytes | Path) else {}


def _match(match: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {"regex": _pattern(value)} if isinstance(value, re.Pattern) else value for name, value in match.items()
    }


def _pattern(pattern: re.Pattern[str]) -> str:
    flags = "".join(
        letter
        for flag, letter in ((re.IGNORECASE, "i"), (re.MULTILINE, "m"), (re.DOTALL, "s"), (re.VERBOSE, "x"))
        if pattern.flags & flag
    )
    return f"(?{flags}){pattern.pattern}" if flags else pattern.pattern
