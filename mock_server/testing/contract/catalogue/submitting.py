"""What goes wrong while a task is submitted.

Owns: these cases. Must not: disturb the waiting.
"""

from __future__ import annotations

from typing import Any, Final

from mock_server.testing.contract.case import Case
from mock_server.testing.contract.verdict import Judge, followed, not_made_twice

_SCRIPT: Final = {"progression": "polls=1", "ending": {"status": "completed"}, "times": 10}
_TWICE: Final = "The task may have been taken; whoever sends it again pays twice and books twice."


def _case(name: str, title: str, why: str, judge: Judge, **fault: Any) -> Case:
    once = {"calls": [1]} if fault.pop("once", True) else {}
    faults = ({"operation": "run_task", **once, **fault},)
    return Case(id=f"submitting.{name}", title=title, why=why, script=_SCRIPT, faults=faults, judge=judge)


CASES: Final = (
    _case("500_taken", "500, and the task was taken", _TWICE, not_made_twice(), kind="error", when="after"),
    _case("502_taken", "502 from a proxy, and the task was taken", _TWICE, not_made_twice(), kind="html", when="after"),
    _case("lost_reply", "The answer is lost, and the task was taken", _TWICE, not_made_twice(), kind="lost_reply"),
    _case("cut_reply", "The answer is cut, and the task was taken", _TWICE, not_made_twice(), kind="truncated"),
    _case(
        "json_cut",
        "Half the JSON arrives, and the task was taken",
        _TWICE,
        not_made_twice(),
        kind="malformed_json",
    ),
    _case(
        "429",
        "429 with Retry-After: 7, and the task was not taken",
        "It is safe to send it again, and polite not to before.",
        not_made_twice(wait=7),
        kind="status",
        status=429,
        retry_after=7,
    ),
    _case(
        "422",
        "422: the request is wrong",
        "It stays wrong however often it is sent.",
        not_made_twice(most_calls=1),
        kind="status",
        status=422,
        body={"detail": [{"type": "missing", "loc": ["body", "prompt"], "msg": "Field required", "input": {}}]},
        once=False,
    ),
    _case(
        "402",
        "402: there is no money left",
        "It will not be there a second later.",
        not_made_twice(most_calls=1),
        kind="status",
        status=402,
        body={"detail": "Insufficient credits"},
        once=False,
    ),
    _case(
        "new_fields",
        "The answer has a field nobody knew",
        "A run that was made must not be lost over what is only new.",
        followed("completed"),
        kind="extra_field",
        field="priority",
        value="high",
    ),
    _case(
        "new_status",
        "The answer has a status nobody knew",
        "A run that was made must not be lost over what is only new.",
        followed("completed"),
        kind="unknown_value",
        field="status",
    ),
)
