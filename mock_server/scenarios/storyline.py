"""The timeline of a scripted run.

Owns: what a plausible one says, and how a given one becomes whole wire objects. Must not:
decide when it is written.
"""

from __future__ import annotations

from typing import Any, Final

from mock_server.agent.events import (
    Action,
    ActionFinished,
    ActionStarted,
    BlockClosed,
    BlockOpened,
    StepOpened,
    Thought,
)
from mock_server.engine.bodies import action_body, block_body, thought_body
from mock_server.engine.timeline import Timeline
from mock_server.scenarios.script import Ending, Script
from mock_server.store.records import RunRecord, TimelineRecord
from mock_server.store.store import Store
from mock_server.tenancy import Owner

_BLANK: Final = "about:blank"


def begin(run: RunRecord, script: Script, store: Store, owner: Owner) -> None:
    """Write what is told when the run begins to run: the plan, or the timeline that was given."""
    if isinstance(script.timeline, list):
        for order, item in enumerate(script.timeline):
            _put_given(run, item, order, store, owner)
    elif script.timeline == "generated":
        _timeline(run, store, owner).think(
            Thought(
                "plan",
                "generate_plan",
                observation=f"The run starts at {_url(run)}.",
                thought="The task can be done in one go on this page.",
                answer=_goal(run),
            )
        )


def end(run: RunRecord, script: Script, ending: Ending, store: Store, owner: Owner) -> None:
    """Write what is told when a run ends that had begun to run: the block with what was done."""
    if script.timeline != "generated":
        return
    timeline = _timeline(run, store, owner)
    extracts = ending.status == "completed" and ending.output is not None
    kind = "extraction" if extracts else "navigation"
    timeline.open_block(
        BlockOpened(kind, f"{kind}_1", _goal(run), _url(run), _goal(run), _goal(run) if extracts else None)
    )
    timeline.open_step(StepOpened(0))
    timeline.start_action(ActionStarted(0, Action("goto_url", "The task starts at this address.", url=_url(run))))
    if ending.status == "canceled":
        timeline.abandon("canceled", f"Task {run.task_id} was canceled")
        return
    timeline.finish_action(ActionFinished(0, "completed", "The page was loaded."))
    last = "complete" if ending.status == "completed" else "terminate"
    done = ending.status in ("completed", "terminated")
    timeline.start_action(ActionStarted(1, Action(last, ending.reason or "The goal of the task is reached.")))
    timeline.finish_action(ActionFinished(1, "completed" if done else "failed", output=ending.output))
    if done:
        status: Any = ending.status
        timeline.close_block(BlockClosed(status, ending.output, ending.reason, _url(run)))
    else:
        timeline.abandon(ending.status if ending.status == "timed_out" else "failed", ending.reason or ending.status)


def _timeline(run: RunRecord, store: Store, owner: Owner) -> Timeline:
    return Timeline(run, store, owner.ids, owner.clock, lambda: _url(run))


def _put_given(
    run: RunRecord, item: dict[str, Any], order: int, store: Store, owner: Owner, *, parent: str | None = None
) -> None:
    """Store one item of a given timeline: ``{"thought": {…}}`` or ``{"block": {…, "actions": [{…}]}}``.

    Either may have ``children``: a list of such items.
    """
    now = owner.clock.now()
    stamp = now.isoformat()
    if "thought" in item:
        kind, item_id = "thought", owner.ids.new("ot")
        body = thought_body(run, Thought("plan", "generate_plan", "", "", ""), item_id, None, stamp)
        body.update(item["thought"] or {})
    else:
        kind, item_id = "block", owner.ids.new("wrb")
        opened = BlockOpened("navigation", f"navigation_{order + 1}", _goal(run), _url(run), _goal(run))
        body = block_body(run, opened, item_id, run.task_id, stamp, page_url=_url(run))
        given = dict(item.get("block") or {})
        actions = [
            _given_action(run, each, number, stamp, owner) for number, each in enumerate(given.pop("actions", []))
        ]
        body.update(given, actions=actions[::-1])
    store.put_timeline(TimelineRecord(item_id, run.run_id, kind, parent, run.attempt, body, now, now))
    for number, child in enumerate(item.get("children") or []):
        _put_given(run, child, number, store, owner, parent=item_id)


def _given_action(run: RunRecord, given: dict[str, Any], number: int, stamp: str, owner: Owner) -> dict[str, Any]:
    body = action_body(
        run,
        Action("click", ""),
        stamp,
        action_id=owner.ids.new("act"),
        task_id=run.task_id,
        step_id=None,
        step_order=0,
        action_order=number,
        page_url=_url(run),
    )
    return {**body, "status": "completed", "finished_at": stamp, **given}


def _url(run: RunRecord) -> str:
    return run.request.get("url") or _BLANK


def _goal(run: RunRecord) -> str:
    return run.request.get("prompt") or run.title or "Do the task."
