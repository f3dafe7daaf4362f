"""Wire models for tests, built the way the server words them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from skyvern_tui.client.models import ARTIFACTS, RUN, RUN_LIST, TIMELINE, Artifact, Run, RunListItem, TimelineItem

START = datetime(2026, 1, 20, 11, 53, 40, tzinfo=UTC)


def at(seconds: float) -> str:
    """Return the wire form of a moment, in seconds after START."""
    return (START + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()


def a_run(run_id: str = "tsk_v2_1", status: str = "running", *, modified: float = 3, **over: Any) -> Run:
    """Return a run as GET answers it."""
    body: dict[str, Any] = {
        "run_id": run_id,
        "status": status,
        "run_type": "task_v2",
        "created_at": at(0),
        "queued_at": at(0.2),
        "started_at": at(1) if status not in {"created", "queued"} else None,
        "finished_at": at(modified)
        if status in {"completed", "failed", "terminated", "timed_out", "canceled"}
        else None,
        "modified_at": at(modified),
        "step_count": 1,
        "app_url": f"http://127.0.0.1:8000/runs/{run_id}",
        "run_request": {
            "prompt": "Get the title of the top post",
            "url": "http://127.0.0.1:8000/news/",
            "engine": "skyvern-2.0",
            "max_steps": 10,
        },
    }
    return RUN.validate_python(body | over)


def an_item(run_id: str = "tsk_v2_1", status: str = "running", *, created: float = 0, **over: Any) -> RunListItem:
    """Return a row of the run list."""
    body = {
        "task_run_id": f"tr_{run_id}",
        "run_id": run_id,
        "task_run_type": "task_v2",
        "status": status,
        "title": None,
        "created_at": at(created),
        "started_at": at(created + 1) if status not in {"created", "queued"} else None,
        "finished_at": None if status in {"created", "queued", "running"} else at(created + 9),
    }
    return RUN_LIST.validate_python([body | over])[0]


def an_action(number: int, *, when: float, status: str = "completed", **over: Any) -> dict[str, Any]:
    """Return the body of an action; ``when`` is the second it started."""
    return {
        "action_type": "click",
        "status": status,
        "action_id": f"act_{number}",
        "step_order": 0,
        "action_order": number,
        "reasoning": f"Reason {number}.",
        "confidence_float": 0.9,
        "started_at": at(when),
        "finished_at": at(when + 0.3),
        "created_at": at(when + 0.3),
        "modified_at": at(when + 0.3),
    } | over


def a_block(
    number: int, *, when: float, status: str = "completed", modified: float | None = None, **over: Any
) -> TimelineItem:
    """Return a block of the timeline; ``children`` in ``over`` are bodies of items."""
    children = over.pop("children", [])
    changed = at(when + 1 if modified is None else modified)
    block = {
        "workflow_run_block_id": f"wrb_{number}",
        "block_type": "navigation",
        "label": f"navigate_{number}",
        "status": status,
        "navigation_goal": f"Goal {number}",
        "created_at": at(when),
        "modified_at": changed,
        "duration": 1.0,
        "actions": [],
    } | over
    body = {"type": "block", "block": block, "children": children, "created_at": at(when), "modified_at": changed}
    return TIMELINE.validate_python([body])[0]


def a_thought(number: int, *, when: float, **over: Any) -> TimelineItem:
    """Return a thought of the timeline."""
    thought = {
        "thought_id": f"ot_{number}",
        "thought": f"Thought {number}",
        "thought_type": "plan",
        "thought_scenario": "generate_plan",
        "created_at": at(when),
        "modified_at": at(when),
    } | over
    body = {
        "type": "thought",
        "thought": thought,
        "created_at": thought["created_at"],
        "modified_at": thought["modified_at"],
    }
    return TIMELINE.validate_python([body])[0]


def an_artifact(number: int, kind: str = "screenshot_action", *, when: float = 2, **over: Any) -> Artifact:
    """Return an artifact; its name ends in the suffix its kind has."""
    suffix = {"har": "har", "html_scrape": "html", "llm_response": "json", "browser_console_log": "log"}.get(
        kind, "png"
    )
    body = {
        "artifact_id": f"a_{number}",
        "artifact_type": kind,
        "uri": f"file:///data/o_1/tsk_1/00_0_stp_1/2026-01-20T11:53:42_a_{number}_{kind}.{suffix}",
        "organization_id": "o_1",
        "created_at": at(when),
        "modified_at": at(when),
        "file_size": 1000 * number,
        "run_id": "tsk_v2_1",
        "step_id": "stp_1",
    }
    return ARTIFACTS.validate_python([body | over])[0]
