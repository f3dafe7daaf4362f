"""Scenarios by name, and what a mark or an assertion says in one line.

Owns: the names of the ready scenarios and turning short words into scripts and expectations. Must not: send
anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from mock_server.testing.scripts import content_of

SCENARIOS: Final[dict[str, dict[str, Any]]] = {
    "happy": {"progression": "polls=2", "ending": {"status": "completed", "output": {"ok": True}}},
    "immediate": {"progression": "immediate"},
    "slow": {"progression": "seconds=1500"},
    "failed": {"progression": "polls=2", "ending": {"status": "failed"}},
    "terminated": {"progression": "polls=2", "ending": {"status": "terminated"}},
    "timed_out": {"progression": "polls=2", "ending": {"status": "timed_out"}},
    "canceled": {"progression": "polls=2", "ending": {"status": "canceled"}},
    "stuck": {"progression": "polls=2", "ending": {"status": "running"}},
    "paused": {"progression": "polls=2", "ending": {"status": "paused"}},
    "unknown_status": {"progression": "polls=2", "ending": {"status": "brand_new_status"}, "unchecked": True},
    "manual": {"progression": "manual"},
}
"""Ready scripts by name."""
_OF_THE_ENDING: Final = ("status", "output", "summary", "failure_reason", "errors", "step_count")
_PARTS: Final = {"json": "json", "header": "headers", "query": "query"}
_PLAIN: Final = ("operation", "method", "path", "status", "run_id", "since", "fault")


def scripts(scenario: str | Path | Mapping[str, Any], changes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the scripts a scenario stands for.

    Raises:
        LookupError: There is no scenario of that name, and no file.
        ScenarioError: The file makes no sense.
    """
    if isinstance(scenario, Mapping):
        found = [dict(scenario)]
    elif isinstance(scenario, str) and scenario in SCENARIOS:
        found = [SCENARIOS[scenario]]
    elif Path(scenario).exists():
        from mock_server.scenarios.files import load  # noqa: PLC0415  # for those who have files only

        found = [script.dump() for script in load([Path(scenario)])]
    else:
        raise LookupError(
            f"There is no scenario {str(scenario)!r}, and no such file. There are {', '.join(SCENARIOS)}."
        )
    return [_changed(script, changes) for script in found]


def _changed(script: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    ending = dict(script.get("ending", {}))
    found = {name: value for name, value in script.items() if name != "ending"}
    for name, value in changes.items():
        if name in ("polls", "seconds"):
            found.pop("phases", None)
            found["progression"] = f"{name}={value}"
        elif name in _OF_THE_ENDING:
            ending[name] = value
        elif name == "downloads":
            found[name] = {filename: content_of(content) for filename, content in value.items()}
        else:
            found[name] = value
    return {**found, "ending": ending} if ending else found


def expectation(what: str, expected: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the journal is to be asked for.

    Raises:
        TypeError: A word of ``expected`` is none.
    """
    method, space, path = what.partition(" ")
    found: dict[str, Any] = {"method": method, "path": path} if space else {"operation": what}
    for name, value in expected.items():
        part, _, rest = name.partition("__")
        if part in _PARTS and rest:
            names = [rest.replace("_", "-")] if part == "header" else rest.split("__")
            _put(found.setdefault(_PARTS[part], {}), names, value)
        elif name == "json":
            found["json"] = value
        elif name in _PLAIN:
            found[name] = value
        else:
            raise TypeError(
                f"{name!r} is not understood. Write json__FIELD, header__NAME, query__NAME, {', '.join(_PLAIN)}."
            )
    return found


def _put(into: dict[str, Any], names: list[str], value: Any) -> None:
    for name in names[:-1]:
        into = into.setdefault(name, {})
    into[names[-1]] = value
