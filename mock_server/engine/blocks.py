"""Doing the blocks of a defined workflow, one after the other, in one browser context.

Owns: their order, what the agent is asked in each, what later blocks see of earlier ones,
loops, and how the run ends. Must not: store, or know HTTP.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from mock_server.agent.events import (
    ActionFinished,
    ActionStarted,
    ArtifactMade,
    BlockClosed,
    BlockOpened,
    Event,
    Finished,
    ScriptBroke,
    ScriptMade,
    StepClosed,
    StepOpened,
    Task,
    Thought,
)
from mock_server.clock import Clock
from mock_server.engine.block_events import BlockStatus, WorkflowBlockClosed, WorkflowBlockOpened
from mock_server.engine.block_tasks import WORKED_ON_PAGE, Ask, asked_of
from mock_server.engine.parameters import known_values
from mock_server.engine.ports import Perform
from mock_server.engine.templates import TemplateFault, value_of
from mock_server.engine.workflows import of_block
from mock_server.store.records import RunRecord

Json = Any
Told = Event | WorkflowBlockOpened | WorkflowBlockClosed
Events = AsyncGenerator[Told, None]

DEFINITION: Final = "definition"
"""Where a run's request holds the definition it follows; beside it the ``values`` of its parameters."""
MAX_ROUNDS: Final = 500
"""How often a loop goes round at most."""

_UNABLE: Final = "This server cannot do blocks of the type {kind}; it does {known}, and wait and for_loop."
_NO_MODEL: Final = "A text_prompt block asks a language model for a text, which this server does not do."


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a block ended."""

    status: BlockStatus
    output: Json = None
    """What it extracted, or the whole output of a block that does not work on a page."""
    reason: str | None = None
    errors: tuple[Mapping[str, Json], ...] = ()


class Blocks:
    """The blocks of one run. ``equip`` gives a task what its run may use, credentials above all."""

    def __init__(
        self,
        run: RunRecord,
        perform: Perform,
        page: Any,
        clock: Clock,
        *,
        equip: Callable[[Task, RunRecord], Task],
        outputs: Callable[[], Json],
    ) -> None:
        self._run = run
        self._perform = perform
        self._page = page
        self._clock = clock
        self._equip = equip
        self._outputs = outputs
        """Returns what the block that was closed last has as its output on the wire."""
        self._definition: dict[str, Any] = run.request[DEFINITION]
        self._values = known_values(self._definition, run.request.get("values") or {})
        self._steps = 0
        self._keys = 0
        self._outcome = Outcome("completed")
        self._failed: tuple[str, Outcome] | None = None
        self._errors: list[Mapping[str, Json]] = []

    async def events(self) -> Events:
        """Tell the run; the last event is ``Finished``."""
        blocks, last = _in_order(self._definition)
        async for told in self._sequence(blocks):
            yield told
        if last is not None:
            failed = self._failed
            async for told in self._sequence([last]):
                yield told
            self._failed = failed or self._failed
        if self._failed is None:
            yield Finished("completed", summary=f"{len(blocks)} blocks were done.", errors=tuple(self._errors))
            return
        kind, outcome = self._failed
        ending: Any = "terminated" if outcome.status == "terminated" else "failed"
        reason = of_block(kind, ending, outcome.reason or "It gave no reason.")
        yield Finished(ending, summary=reason, failure_reason=reason, errors=tuple(self._errors))

    # -- in order -----------------------------------------------------------------------

    async def _sequence(self, blocks: Iterable[dict[str, Any]], **fields: Json) -> Events:
        """Do blocks until one fails that may not; ``_failed`` then says which."""
        for block in blocks:
            async with aclosing(self._block(block, fields)) as events:
                async for told in events:
                    yield told
            self._errors += self._outcome.errors
            self._values[f"{block['label']}_output"] = self._outputs()
            if self._outcome.status != "completed" and not block["continue_on_failure"]:
                self._failed = (block["block_type"], self._outcome)
                return

    async def _block(self, block: dict[str, Any], fields: dict[str, Json]) -> Events:
        kind = block["block_type"]
        if kind == "for_loop":
            events = self._loop(block, fields)
        elif kind == "wait":
            events = self._wait(block, fields)
        elif kind in WORKED_ON_PAGE:
            events = self._work(block, fields)
        else:
            known = ", ".join(sorted(WORKED_ON_PAGE))
            reason = _NO_MODEL if kind == "text_prompt" else _UNABLE.format(kind=kind, known=known)
            events = self._not_done(block, fields, f"{block['label']}: {reason}")
        async with aclosing(events) as doing:
            async for told in doing:
                yield told

    async def _not_done(self, block: dict[str, Any], fields: dict[str, Json], reason: str) -> Events:
        yield WorkflowBlockOpened(
            block["block_type"], block["label"], block["label"], fields=_common(block) | fields, on_page=False
        )
        yield self._closed(Outcome("failed", None, reason))

    def _closed(self, outcome: Outcome, final_url: str | None = None) -> WorkflowBlockClosed:
        self._outcome = outcome
        return WorkflowBlockClosed(outcome.status, outcome.output, outcome.reason, final_url, outcome.errors)

    # -- kinds of blocks ----------------------------------------------------------------

    async def _wait(self, block: dict[str, Any], fields: dict[str, Json]) -> Events:
        seconds = block["wait_sec"]
        told = _common(block) | fields
        yield WorkflowBlockOpened("wait", block["label"], f"Wait {seconds} s", fields=told, on_page=False)
        await self._clock.sleep(max(seconds, 0))
        yield self._closed(Outcome("completed"))

    async def _loop(self, block: dict[str, Any], fields: dict[str, Json]) -> Events:
        try:
            rounds = self._rounds(block)
        except TemplateFault as fault:
            async for told in self._not_done(block, fields, str(fault)):
                yield told
            return
        yield WorkflowBlockOpened(
            "for_loop",
            block["label"],
            f"For each of {len(rounds)} values",
            fields=_common(block) | {"loop_values": rounds} | fields,
            on_page=False,
            holds_blocks=True,
        )
        outer = dict(self._values)
        output: list[list[Json]] = []
        outcome = self._before(rounds, complete_if_empty=block["complete_if_empty"])
        for index, value in enumerate(rounds if outcome is None else ()):
            self._values |= {"current_value": value, "current_item": value, "current_index": index}
            self._failed = None
            for inner in block["loop_blocks"]:
                self._values.pop(f"{inner['label']}_output", None)
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            async with aclosing(
                self._sequence(block["loop_blocks"], current_value=text, current_index=index)
            ) as events:
                async for told in events:
                    yield told
            output.append(
                [
                    {
                        "loop_value": value,
                        "output_parameter": inner["output_parameter"],
                        "output_value": self._values[f"{inner['label']}_output"],
                    }
                    for inner in block["loop_blocks"]
                    if f"{inner['label']}_output" in self._values  # it was done in this round
                ]
            )
            if self._failed is not None and not block["next_loop_on_failure"]:
                outcome = Outcome(self._failed[1].status, None, self._failed[1].reason)
                break
        self._failed = None
        self._values = {**outer, **{name: self._values[name] for name in self._values if name.endswith("_output")}}
        outcome = outcome or Outcome("completed")
        yield self._closed(replace(outcome, output=output))

    @staticmethod
    def _before(rounds: list[Json], *, complete_if_empty: bool) -> Outcome | None:
        """Return how a loop ends that is not begun."""
        if not rounds:
            if complete_if_empty:
                return Outcome("completed")
            return Outcome("failed", None, "There is nothing to loop over; set complete_if_empty if that is right.")
        if len(rounds) > MAX_ROUNDS:
            return Outcome("failed", None, f"A loop goes round at most {MAX_ROUNDS} times here, not {len(rounds)}.")
        return None

    def _rounds(self, block: dict[str, Any]) -> list[Json]:
        """Return the values of a loop. Raises TemplateFault."""
        if block["loop_variable_reference"]:
            found = value_of(block["loop_variable_reference"], self._values)
        elif block["loop_over"]:
            found = self._values.get(block["loop_over"]["key"])
        else:
            raise TemplateFault(
                f"{block['label']} has nothing to loop over: give loop_over_parameter_key or loop_variable_reference."
            )
        if isinstance(found, dict) and "extracted_information" in found:
            found = found["extracted_information"]
        if isinstance(found, dict) and len(found) == 1 and isinstance(next(iter(found.values())), list):
            found = next(iter(found.values()))  # an extracted object whose one field is the list
        if isinstance(found, str):
            found = _list_in(found)
        if found is None:
            return []
        return found if isinstance(found, list) else [found]

    async def _work(self, block: dict[str, Any], fields: dict[str, Json]) -> Events:
        """Let the agent do a block."""
        try:
            ask = asked_of(block, self._values, self._definition, self._run, self._page_url())
        except TemplateFault as fault:
            async for told in self._not_done(block, fields, f"{block['label']}: {fault}"):
                yield told
            return
        yield WorkflowBlockOpened(
            block["block_type"],
            block["label"],
            ask.description,
            url=ask.url or None,
            fields=_common(block) | dict(ask.fields) | fields,
        )
        finished, final_url = Finished("completed"), None
        for number, task in enumerate(ask.tasks):
            credential = {"credential_id": ask.credential_id} if ask.credential_id else {}
            task_run = replace(self._run, request={**self._run.request, **credential})
            async with aclosing(self._told(self._equip(task, task_run))) as events:
                async for event in events:
                    if isinstance(event, Finished):
                        finished = event
                    elif isinstance(event, BlockClosed):
                        final_url = event.final_url or final_url
                    else:
                        yield event
            finished = ask.judged(number, finished)
            if finished.ending != "completed":
                break
        yield self._closed(_outcome(ask, finished), final_url)

    async def _told(self, task: Task) -> AsyncGenerator[Event, None]:
        """Tell what the agent tells, its steps and actions numbered on from those of the blocks before."""
        steps, keys = self._steps, self._keys
        told = cast("AsyncGenerator[Event, None]", self._perform(task, self._newest_page(), self._clock))
        async with aclosing(told) as events:
            async for event in events:
                match event:
                    case Thought() | BlockOpened() | ScriptMade() | ScriptBroke():
                        pass
                    case StepOpened() | StepClosed():
                        self._steps = max(self._steps, steps + event.order + 1)
                        yield replace(event, order=steps + event.order)
                    case ActionStarted() | ActionFinished():
                        self._keys = max(self._keys, keys + event.key + 1)
                        yield replace(event, key=keys + event.key)
                    case ArtifactMade():
                        yield replace(
                            event,
                            step_order=None if event.step_order is None else steps + event.step_order,
                            action_key=None if event.action_key is None else keys + event.action_key,
                        )
                    case _:
                        yield event

    def _newest_page(self) -> Any:
        """Return the page to go on with: the tab that was opened last, as the blocks before may have opened one."""
        pages = getattr(getattr(self._page, "context", None), "pages", None)
        return pages[-1] if pages else self._page

    def _page_url(self) -> str:
        return str(getattr(self._newest_page(), "url", "") or "")


def _outcome(ask: Ask, finished: Finished) -> Outcome:
    if finished.ending == "completed":
        return Outcome("completed", finished.output if ask.reads else None, None, finished.errors)
    status: BlockStatus = "terminated" if finished.ending == "terminated" else "failed"
    return Outcome(status, None, finished.failure_reason, finished.errors)


def _common(block: Mapping[str, Any]) -> dict[str, Json]:
    """Return what the timeline shows of every block of a definition."""
    return {"continue_on_failure": block["continue_on_failure"]}


def _list_in(text: str) -> Json:
    """Return the JSON a text is, or the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _in_order(definition: Mapping[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Return the blocks in the order in which they are done, and the one that is done whatever came of them.

    Without a word about what follows what, that is the order of the definition.
    """
    last_label = definition["finally_block_label"]
    by_label = {block["label"]: block for block in definition["blocks"]}
    last = by_label.pop(last_label, None) if last_label else None
    following = {label: block["next_block_label"] for label, block in by_label.items()}
    if not any(following.values()):
        return list(by_label.values()), last
    label = next((label for label in following if label not in following.values()), next(iter(following)))
    ordered: list[dict[str, Any]] = []
    while label in by_label:
        ordered.append(by_label.pop(label))
        label = following[label] or ""
    return ordered, last
