"""What the code under test said to the mock, for asserting and for reading.

Owns: the questions a test asks of the journal and the text of a report. Must not: decide what passes;
``mock`` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from mock_server.testing.control import Control

_MOST_LINES: Final = 60
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer. ``body`` and ``answer`` are JSON if they were, else text, else ``{"base64": …}``."""

    number: int
    at: str
    operation: str
    run_id: str | None
    method: str
    path: str
    query: str
    status: int | None
    """None: there was no answer."""
    fault: str | None
    """The kind of fault it met."""
    hint: str | None
    """What the client did that is known to be wrong, and what is right."""
    headers: dict[str, str]
    body: Any
    answer: Any

    def __str__(self) -> str:
        query = f"?{self.query}" if self.query else ""
        notes = "".join(
            (f"  [fault: {self.fault}]" if self.fault else "", f"  [hint: {self.hint}]" if self.hint else "")
        )
        return f"{self.number:>4} {self.at} {self.method} {self.path}{query} -> {self.status or 'no answer'}{notes}"


class Journal:
    """The exchanges of one test, oldest first. ``run_id`` limits it to those about a run."""

    def __init__(self, control: Control, run_id: str | None = None) -> None:
        self._control = control
        self._run_id = run_id

    def of(self, run_id: str) -> Journal:
        """Return the journal of one run."""
        return Journal(self._control, run_id)

    def entries(self, operation: str | None = None, **filters: Any) -> list[Exchange]:
        """Return exchanges; filters are ``method``, ``path``, ``status``, ``run_id``, ``since``, ``fault``."""
        asked = {"run_id": self._run_id, **filters}
        found = self._control.get("/_mock/journal", operation=operation, limit=_MOST, **asked)
        return [_exchange(entry) for entry in found["entries"]]

    def count(self, operation: str | None = None, **filters: Any) -> int:
        """Return how many there are."""
        return int(self._counted(operation, filters)["count"])

    def gaps(self, operation: str | None = None, **filters: Any) -> list[float]:
        """Return the seconds, on the mock's clock, from the end of each exchange to the beginning of the next.

        ``gaps("get_run")[1]`` is how long the client waited after its second poll.
        """
        return [float(gap) for gap in self._counted(operation, filters)["gaps"]]

    def hints(self) -> list[str]:
        """Return what the client did that is known to be wrong."""
        return [entry["hint"] for entry in self._control.get("/_mock/journal/hints", run_id=self._run_id)]

    def cassette(self, **filters: Any) -> str:
        """Return a cassette for vcrpy, without keys and other secrets."""
        return self._control.text("/_mock/journal", format="cassette", limit=_MOST, **filters)

    def har(self, **filters: Any) -> Any:
        """Return an HTTP archive."""
        return self._control.get("/_mock/journal", format="har", limit=_MOST, **filters)

    def clear(self) -> None:
        """Forget what was said so far."""
        self._control.ask("DELETE", "/_mock/journal")

    def _counted(self, operation: str | None, filters: dict[str, Any]) -> Any:
        return self._control.get("/_mock/journal/count", operation=operation, **{"run_id": self._run_id, **filters})

    def __len__(self) -> int:
        return self.count()

    def __iter__(self) -> Any:
        return iter(self.entries())

    def __str__(self) -> str:
        return "\n".join(self.lines()) or "(nothing was asked of the mock)"

    def lines(self) -> list[str]:
        """Return the exchanges as lines, the first of many left out."""
        found = [str(entry) for entry in self.entries()]
        left_out = len(found) - _MOST_LINES
        return [f"     ({left_out} earlier ones are left out)", *found[left_out:]] if left_out > 0 else found


def _exchange(entry: dict[str, Any]) -> Exchange:
    fault = entry["fault"]
    return Exchange(
        **{name: entry[name] for name in ("number", "at", "operation", "run_id", "method", "path", "query", "status")},
        fault=fault and fault["kind"],
        hint=entry["hint"],
        headers={pair["name"]: pair["value"] for pair in entry["request"]["headers"]},
        body=entry["request"]["body"],
        answer=entry["answer"]["body"],
    )


def near_misses(control: Control, expected: dict[str, Any]) -> tuple[list[int], list[str]]:
    """Return the numbers of the exchanges that are as expected, and lines on those that come closest to it."""
    found = control.ask("POST", "/_mock/journal/near-misses", json=expected)
    lines = []
    for miss in found["near_misses"]:
        lines.append(f"  {miss['number']:>3} {miss['method']} {miss['path']} -> {miss['status'] or 'no answer'}")
        lines += [
            f"        {difference['where']}: expected {difference['expected']!r}, found {difference['found']!r}"
            for difference in miss["differences"]
        ]
    return found["matches"], lines


def unused_scripts(control: Control) -> list[str]:
    """Return a line on each script no task was for, with the part of its match the closest task did not fit."""
    found = control.ask("POST", "/_mock/journal/near-misses", json={"operation": "run_task"})["unused_scripts"]
    lines = []
    for script in found:
        closest = script["closest"]
        why = "no task came" if closest is None else "the closest task, " + _unfit(closest)
        lines.append(f"script {script['script_id']} for {script['match'] or 'any task'} was not used: {why}")
    return lines


def _unfit(closest: dict[str, Any]) -> str:
    parts = ", ".join(closest["unfit"])
    return f"number {closest['number']}, differs in {parts or 'nothing but its place in the order'}"


def unmet_faults(control: Control) -> list[str]:
    """Return a line on each fault that no call met, or that changed nothing."""
    lines = []
    for fault in control.get("/_mock/faults"):
        name = f"fault {fault['id']} ({fault['kind']} on {fault.get('operation', 'any')})"
        if not fault["hits"]:
            lines.append(f"{name} was met by no call; {fault['seen']} calls of the operation were seen")
        elif fault["without_effect"]:
            lines.append(f"{name} changed nothing in {fault['without_effect']} answers: they had no such field")
    return lines
