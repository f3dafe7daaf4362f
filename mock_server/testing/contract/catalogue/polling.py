"""What goes wrong while a run is waited for.

Owns: these cases. Must not: disturb the submission.
"""

from __future__ import annotations

from typing import Any, Final

from mock_server.testing.contract.case import Case
from mock_server.testing.contract.verdict import either, followed, gave_up_knowing

_SCRIPT: Final = {"progression": "polls=3", "ending": {"status": "completed", "output": {"title": "x"}}}
RETRY_AFTER: Final = 7


def _once(name: str, title: str, why: str, **fault: Any) -> Case:
    """Return the case of a run whose second poll goes wrong, once."""
    wait = fault.get("retry_after")
    return Case(
        id=f"polling.{name}",
        title=f"{title}, once",
        why=why,
        script=_SCRIPT,
        faults=({"operation": "get_run", "calls": [1], **fault},),
        judge=followed("completed", output={"title": "x"}, waits={"get_run": wait} if wait else None),
    )


_BAD_GATEWAY: Final = "Proxies answer for a service that restarts; the run goes on behind them."
_CUT: Final = "Connections break; the run does not."
_NOT_JSON: Final = "A 200 that is no run says nothing about the run."
_DRIFT: Final = "Services add and change; what a client does not need should not stop it."

CASES: Final = (
    _once("500", "500", "One bad answer says nothing about the run.", kind="error"),
    _once("502_html", "502 with a page of HTML", _BAD_GATEWAY, kind="html", status=502),
    _once(
        "503_retry_after",
        f"503 with Retry-After: {RETRY_AFTER}",
        "The service says when to come back; whoever comes earlier makes it worse.",
        kind="status",
        status=503,
        retry_after=RETRY_AFTER,
    ),
    _once(
        "429_retry_after",
        f"429 with Retry-After: {RETRY_AFTER}",
        "A limit of requests is no end of a run, and its wait is to be kept.",
        kind="status",
        status=429,
        retry_after=RETRY_AFTER,
    ),
    _once("reset", "The connection is reset", _CUT, kind="reset"),
    _once("reset_in_the_middle", "The connection is reset in the middle of the answer", _CUT, kind="reset_mid_body"),
    _once("truncated", "The answer ends too early", _CUT, kind="truncated"),
    _once("garbage", "The answer is no HTTP", _CUT, kind="garbage"),
    _once("200_html", "200 with a page of HTML", _NOT_JSON, kind="html", status=200),
    _once("200_empty", "200 with no body", _NOT_JSON, kind="empty"),
    _once("200_cut_json", "200 with JSON that is cut", _NOT_JSON, kind="malformed_json"),
    _once("no_status", "200 without a status", _NOT_JSON, kind="missing_field", field="status"),
    _once("no_modified_at", "A field is missing", _DRIFT, kind="missing_field", field="modified_at"),
    _once("new_field", "A field is new", _DRIFT, kind="extra_field", field="budget", value={"left": 3}),
    _once("new_run_type", "The type of the run is new", _DRIFT, kind="unknown_value", field="run_type"),
    _once("new_engine", "The engine is new", _DRIFT, kind="unknown_value", field="run_request.engine"),
    _once("bad_date", "A date is none", _DRIFT, kind="datetime", form="bad"),
    _once("date_with_zone", "Dates have a zone", _DRIFT, kind="datetime", form="offset"),
    Case(
        id="polling.three_in_a_row",
        title="Three bad answers in a row, of three kinds",
        why="A restart takes longer than one poll.",
        script=_SCRIPT,
        faults=(
            {"operation": "get_run", "calls": [1], "kind": "reset"},
            {"operation": "get_run", "calls": [2], "kind": "html", "status": 502},
            {"operation": "get_run", "calls": [3], "kind": "error"},
        ),
        judge=followed("completed", output={"title": "x"}),
    ),
    Case(
        id="polling.hang",
        title="A poll is never answered",
        why="A deadline that does not bound the request under way is none.",
        script=_SCRIPT,
        faults=({"operation": "get_run", "calls": [1], "kind": "hang", "clock": "real"},),
        timeout_seconds=8,
        judge=either(followed("completed"), gave_up_knowing("it is not known")),
    ),
    Case(
        id="polling.403",
        title="The key is withdrawn",
        why="What is refused for good is not asked for again and again, and the run that goes on is named.",
        script=_SCRIPT,
        faults=({"operation": "get_run", "kind": "status", "status": 403, "body": {"detail": "Invalid credentials"}},),
        judge=gave_up_knowing("nobody may know", most_polls=3),
    ),
    Case(
        id="polling.404",
        title="The run is not there any more",
        why="It will not come back; the error has to name it.",
        script=_SCRIPT,
        faults=({"operation": "get_run", "kind": "status", "status": 404, "body": {"detail": "Run not found"}},),
        judge=gave_up_knowing("it is not there", most_polls=12),
    ),
    Case(
        id="polling.no_service",
        title="The service does not come back",
        why="A client that retries for ever hangs as surely as one that does not time out.",
        script=_SCRIPT,
        faults=({"operation": "get_run", "kind": "html", "status": 502},),
        timeout_seconds=30,
        needs_virtual_time=True,
        judge=gave_up_knowing("it is not known"),
    ),
)
