"""What a workflow's run has of its own: blocks without thoughts, and an output block by block.

Owns: how the agent's telling becomes a workflow's blocks, and how a workflow's run ends.
Must not: store, wait, or know HTTP.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final, cast

from mock_server.agent.events import BlockClosed, BlockOpened, Event, Finished, Thought
from mock_server.engine.ending import Ending
from mock_server.store.records import Json, RunRecord, TimelineRecord

DEFAULT_LIMIT_MINUTES: Final = 240
TIMED_OUT_BLOCK: Final = "Workflow run timed out: child entity cascade cleanup."
"""What a block says that was going on when its run took too long."""

_NAMES_BLOCK: Final = re.compile(r"\w+ block (failed|terminated)\. Reason: ")

_BLOCK_STATUS: Final = {"completed": "completed", "terminated": "terminated"}
"""How the agent's last word closes the one block of a run; anything else fails it."""


def limit_seconds(run: RunRecord) -> float | None:
    """Return how long the run may take by its own request; None for what is no workflow's run."""
    if run.run_type != "workflow_run":
        return None
    return 60.0 * (run.request.get("max_elapsed_time_minutes") or DEFAULT_LIMIT_MINUTES)


def over_time(seconds: float) -> str:
    """Return the reason of a run that took longer than its limit."""
    minutes = round(seconds / 60)
    return f"Workflow run exceeded max elapsed runtime limit of {minutes} minute{'s' if minutes != 1 else ''}."


async def blocks_only(events: AsyncIterator[Event]) -> AsyncGenerator[Event, None]:
    """Tell a run's events as a workflow's: without thoughts, and with a label of its own for every block."""
    labels: Counter[str] = Counter()
    async with aclosing(cast("AsyncGenerator[Event, None]", events)) as told:
        async for event in told:
            if isinstance(event, Thought):
                continue
            if isinstance(event, BlockOpened):
                labels[event.label] += 1
                count = labels[event.label]
                yield event if count == 1 else replace(event, label=f"{event.label}_{count}")
            else:
                yield event


async def one_block(
    events: AsyncIterator[Event], block_type: str, label: str, description: str
) -> AsyncGenerator[Event, None]:
    """Tell a run's events as those of the single block of a workflow."""
    opened, final_url = False, None
    async with aclosing(cast("AsyncGenerator[Event, None]", events)) as told:
        async for event in told:
            match event:
                case Thought():
                    pass
                case BlockOpened() if not opened:
                    opened = True
                    yield BlockOpened(block_type, label, description, url=event.url, navigation_goal=description)
                case BlockOpened():
                    pass
                case BlockClosed():
                    final_url = event.final_url or final_url
                case Finished():
                    if opened:
                        status = cast("Any", _BLOCK_STATUS.get(event.ending, "failed"))
                        yield BlockClosed(status, event.output, event.failure_reason, final_url)
                    yield event
                case _:
                    yield event


def as_workflow(run: RunRecord, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
    """Return the events of a run as its kind tells them: those of a task unchanged."""
    if run.run_type != "workflow_run":
        return events
    block = run.request.get("block")
    if block:
        return one_block(events, block["block_type"], block["label"], run.request.get("prompt") or "")
    return blocks_only(events)


def ending_of_workflow(ending: Ending, timeline: Iterable[TimelineRecord]) -> Ending:
    """Return how a workflow's run ends, by how its task ended and what its blocks say."""
    blocks = [record.body for record in timeline if record.kind == "block" and record.parent_id is None]
    if ending.status == "canceled":
        return ending
    reason = ending.failure_reason
    if ending.status in ("failed", "terminated") and reason and blocks and blocks[-1]["status"] == ending.status:
        reason = of_block(blocks[-1]["block_type"], ending.status, reason)
    return replace(ending, output=_output(blocks), failure_reason=reason)


def of_block(block_type: str, status: str, reason: str) -> str:
    """Return the reason of a run that ended with one of its blocks; a reason that says so already is left alone."""
    return reason if _NAMES_BLOCK.match(reason) else f"{block_type} block {status}. Reason: {reason}"


def _output(blocks: list[dict[str, Any]]) -> Json:
    blocks = [block for block in blocks if block["output"] is not None]
    if not blocks:
        return None
    output: dict[str, Json] = {f"{block['label']}_output": block["output"] for block in blocks}
    read = [found for block in blocks for found in _extracted(block["output"])]
    output["extracted_information"] = [value for value in read if value is not None]
    return output


def _extracted(output: Json) -> list[Json]:
    """Return what a block has read off pages; of a loop what those in it have."""
    if isinstance(output, dict):
        return [output.get("extracted_information")]
    rounds = output if isinstance(output, list) else []
    return [found for done in rounds for entry in done for found in _extracted(entry["output_value"])]
