"""What the agent is asked for a block of a defined workflow.

Owns: turning the fields of a block into tasks, one kind of block after the other. Must not: do them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from mock_server.agent.events import Finished, Task
from mock_server.engine.parameters import credential_of, payload_of
from mock_server.engine.templates import filled
from mock_server.store.records import RunRecord

Json = Any

WORKED_ON_PAGE: Final = frozenset(
    ("goto_url", "task", "task_v2", "navigation", "action", "extraction", "validation", "login", "file_download")
)
"""Kinds of blocks the agent does."""
DEFAULT_MAX_STEPS: Final = 10

_GOALS: Final = ("navigation_goal", "data_extraction_goal", "complete_criterion", "terminate_criterion", "prompt")
_ASKS_TO_CHECK: Final = ("check", "verify", "make sure", "confirm", "ensure")
_FILLS_IN: Final = ("fill", "form", "enter", "type", "register", "sign up", "submit", "apply")


@dataclass(frozen=True, slots=True)
class Ask:
    """A block as the agent gets it."""

    description: str
    tasks: tuple[Task, ...]
    url: str | None = None
    fields: Mapping[str, Json] = field(default_factory=dict)
    """Fields of the timeline's block."""
    credential_id: str | None = None
    reads: bool = False
    """Whether what the agent gives back is the block's output."""
    ends_run_if_true: int | None = None
    """Index of the task whose success means that the run is to end."""

    def judged(self, number: int, finished: Finished) -> Finished:
        """Return what the end of one task means for the block."""
        if number != self.ends_run_if_true or finished.ending not in ("completed", "terminated"):
            return finished
        if finished.ending == "completed":
            reason = f"It holds that {self.fields['terminate_criterion']}"
            return replace(finished, ending="terminated", failure_reason=reason)
        return replace(finished, ending="completed", failure_reason=None, errors=())


def asked_of(
    block: Mapping[str, Any], values: Mapping[str, Any], definition: Mapping[str, Any], run: RunRecord, page_url: str
) -> Ask:
    """Return what the agent is asked for a block.

    Raises:
        TemplateFault: A text of the block cannot be filled in.
    """
    kind = block["block_type"]
    said = {name: filled(block[name], values) if block.get(name) else "" for name in (*_GOALS, "url")}
    parameters = block.get("parameters") or []
    payload = payload_of(parameters, values)
    url = said["url"] or None
    schema = block.get("data_schema")
    task = Task(
        prompt="",
        # Where the browser is already, nobody goes; the step would be no one's.
        url=None if url == page_url else url,
        schema=schema,
        max_steps=_max_steps(block, run),
        error_codes=block.get("error_code_mapping") or definition["error_code_mapping"] or {},
        screenshot_scrolls=max(run.request.get("max_screenshot_scrolls") or 0, 0),
        include_action_history=bool(block.get("include_action_history_in_verification")),
    )
    fields = {
        "navigation_goal": said["navigation_goal"] or None,
        "data_extraction_goal": said["data_extraction_goal"] or None,
        "data_schema": schema,
        "complete_criterion": said["complete_criterion"] or None,
        "terminate_criterion": said["terminate_criterion"] or None,
        "navigation_payload": payload,
        "include_extracted_text": bool(block.get("include_extracted_text", True)),
    }
    if kind == "validation":
        return _validation(said, task, fields)
    prompt = _prompt(kind, said, payload)
    return Ask(
        description=prompt or block["label"],
        tasks=(replace(task, prompt=prompt, url=url if kind == "goto_url" else task.url),),
        url=url,
        fields=fields | ({"prompt": prompt} if kind == "task_v2" else {}),
        credential_id=credential_of(parameters, values),
        reads=kind in ("extraction", "task_v2") or (kind == "task" and bool(said["data_extraction_goal"])),
    )


def _prompt(kind: str, said: Mapping[str, str], payload: Mapping[str, Json]) -> str:
    if kind == "goto_url":
        return f"Open {said['url']}"
    if kind == "extraction":
        return said["data_extraction_goal"]
    if kind == "task_v2":
        return said["prompt"]
    goal = said["navigation_goal"] or ("Log in" if kind == "login" else "")
    if payload and any(word in goal.casefold() for word in _FILLS_IN):
        goal = "\n".join([f"{goal.rstrip('. ')}.", *(f"{name}: {value}" for name, value in payload.items())])
    return ". Then ".join(part.rstrip(". ") for part in (goal, said["data_extraction_goal"]) if part)


def _validation(said: Mapping[str, str], task: Task, fields: Mapping[str, Json]) -> Ask:
    """Return the checks of a validation: what must hold, then what must not."""
    tasks = [
        replace(task, prompt=_check(said[name]), schema=None)
        for name in ("complete_criterion", "terminate_criterion")
        if said[name]
    ]
    return Ask(
        description="; ".join(check.prompt for check in tasks) or "Nothing to check",
        tasks=tuple(tasks),
        fields=fields,
        ends_run_if_true=len(tasks) - 1 if said["terminate_criterion"] else None,
    )


def _check(criterion: str) -> str:
    return criterion if criterion.casefold().startswith(_ASKS_TO_CHECK) else f"Check that {criterion}"


def _max_steps(block: Mapping[str, Any], run: RunRecord) -> int:
    """Return how many steps the block may take: what the run was told, else what the block says."""
    asked = run.request.get("max_steps") or block.get("max_steps_per_run") or block.get("max_steps")
    return int(asked) if asked and asked > 0 else DEFAULT_MAX_STEPS
