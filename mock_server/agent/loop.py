"""The run: look, decide, act, check, until the goal is reached or can't be.

Owns: the order of events of a run, its steps and blocks, and how it ends. Must not:
decide what to do (``planner``), do it (``deeds``) or read it (``observer``).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from mock_server.agent import story
from mock_server.agent.acting import Hands, NavigationError, Outcome
from mock_server.agent.asking import goal_of
from mock_server.agent.blocks import block_for, first_page, grouped
from mock_server.agent.counsel import Counsel
from mock_server.agent.deeds import Deeds
from mock_server.agent.events import (
    Action,
    ActionFinished,
    ActionStarted,
    BlockClosed,
    Event,
    Finished,
    Log,
    ScriptBroke,
    ScriptMade,
    SecretKnown,
    StepClosed,
    StepOpened,
    Task,
)
from mock_server.agent.evidence import match_error_codes, own_error
from mock_server.agent.goal import Goal
from mock_server.agent.keeping import Keeper
from mock_server.agent.observation import Capture
from mock_server.agent.observer import ObservationError
from mock_server.agent.planner import Decision, Memory, Move, block_of, note, remember, with_offer, with_scheme
from mock_server.agent.scripting import Replay, Scribe, Spots, is_replayable, source_of
from mock_server.agent.secrecy import Secrets
from mock_server.agent.watching import Watch
from mock_server.clock import Clock

Events = AsyncGenerator[Event, None]

_EMPTY_PROMPT: Final = (
    "The prompt is empty, so there is nothing to do. Say in the prompt what is to be done on the page."
)
_NO_PAGE: Final = (
    "There is no page to work on: the task has no url and the prompt names no address. "
    "Give a url with the task, or name the address in the prompt."
)


async def perform(task: Task, page: Page, clock: Clock) -> AsyncIterator[Event]:
    """Do the task on the page and tell what happens while it happens; the last event is ``Finished``.

    Never raises for what the page or the prompt is like. A cancel from outside (``aclose``
    or task cancellation) takes effect at the next await.
    """
    goal = goal_of(task)
    secrets = Secrets(goal.credentials.password, goal.credentials.code)
    run = _Run(task, goal, page, clock)
    try:
        for value in secrets.values:
            yield SecretKnown(value)
        async with aclosing(run.events()) as events:
            async for event in events:
                if isinstance(event, SecretKnown):  # learnt on the way: a one-time code
                    secrets = secrets.with_value(event.value)
                    yield event
                else:
                    yield secrets.event(event)
    finally:
        run.release()


class _Run:
    """One task on one page."""

    def __init__(self, task: Task, goal: Goal, page: Page, clock: Clock) -> None:
        self._task = task
        self._goal = goal
        self._clock = clock
        dismiss = any("dismiss" in intent.text.casefold() for intent in goal.intents)
        self._watch = Watch(page, dismiss_dialogs=dismiss)
        self._hands = Hands(self._watch)
        self._keeper = Keeper(task, self._watch)
        self._deeds = Deeds(task, goal.credentials, self._hands, clock)
        self._memory = Memory(
            files=task.files,
            fetches=task.fetch_file is not None,
            asks_for_codes=task.one_time_code is not None,
        )
        self._keys = 0
        self._groups = grouped(goal.intents)
        self._open_group: int | None = None
        """The group of intents whose block is open."""
        self._scribe = Scribe(task.prompt, task.url, goal.credentials)
        self._counsel = Counsel(task, goal)

    def release(self) -> None:
        """Take the listeners off the page."""
        self._watch.release()

    async def events(self) -> Events:
        """Tell the run."""
        goal, url = self._goal, self._task.url or self._goal.url
        yield Log(
            "info",
            "Goal read",
            {"intents": [f"{intent.kind}: {intent.text}" for intent in goal.intents], "confidence": goal.confidence},
        )
        if not goal.intents:
            yield Finished("terminated", summary=_EMPTY_PROMPT, failure_reason=_EMPTY_PROMPT)
        elif not url and self._hands.page.url in ("", "about:blank"):
            yield Finished("terminated", summary=_NO_PAGE, failure_reason=_NO_PAGE)
        else:
            try:
                async for event in self._whole(url):
                    for note in self._watch.restraint.take_notes():
                        yield Log("warning", note)
                    yield event
            except (ObservationError, PlaywrightError) as error:
                said = error.message.partition("\n")[0] if isinstance(error, PlaywrightError) else str(error)
                for event in self._broke_down(said):
                    yield event

    async def _whole(self, url: str | None) -> Events:
        if is_replayable(self._task.recipe):
            async for event in self._again():
                yield event
                if isinstance(event, Finished):
                    return
            if self._memory.position or self._keeper.order > 0:
                url = None  # the page is where the script left it
        if url:
            async for event in self._open(with_scheme(url)):
                yield event
                if isinstance(event, Finished):
                    return
        async for event in self._work():
            yield event

    async def _again(self) -> Events:
        """Do what an earlier run did, without planning; where that no longer fits, leave the rest to the agent."""
        replay = Replay(
            self._task,
            self._goal,
            clock=self._clock,
            hands=self._hands,
            keeper=self._keeper,
            scribe=self._scribe,
            next_key=self._next_key,
        )
        async with aclosing(replay.events(self._task.recipe)) as events:
            async for event in events:
                yield event
        downloads = (*self._memory.downloads, *replay.downloads)
        self._memory = replace(self._memory, position=max(replay.intent, 0), downloads=downloads, output=replay.output)
        if not replay.broke:
            for made in await self._keeper.of_end():
                yield made
            output = replay.output if replay.output is not None or not downloads else {"downloaded_files": [*downloads]}
            summary = f"The {replay.done} stored steps were done again, without planning."
            yield self._script(replayed=True)
            yield Finished("completed", output=output, summary=summary)
            return
        yield Log("warning", f"The stored steps do not fit any more: {replay.broke}")
        yield ScriptBroke(replay.broke)
        if not self._task.falls_back:
            reason = f"{replay.broke} The run may not fall back to the agent; allow it with ai_fallback."
            errors = match_error_codes(self._task.error_codes, [reason])
            yield Finished("failed", summary=reason, failure_reason=reason, errors=errors)

    def _script(self, *, replayed: bool = False) -> Event:
        """Return what the run amounts to as code."""
        recipe = self._scribe.recipe()
        if recipe is None:
            return Log("warning", "The run cannot be written down as a script: an element went away while it was used.")
        return ScriptMade(recipe, source_of(recipe), replayed=replayed)

    # -- opening the first page ------------------------------------------------------------

    async def _open(self, url: str) -> Events:
        keeper = self._keeper
        keeper.order += 1
        opened = first_page(url)
        yield opened
        self._scribe.open_block(opened)
        yield StepOpened(keeper.order)
        key = self._next_key()
        yield ActionStarted(
            key, Action("goto_url", f"The task starts at {url}.", intention="Open the page to work on.", url=url)
        )
        try:
            outcome = await self._hands.goto(url)
        except NavigationError as error:
            reason = str(error)
            yield ActionFinished(key, "failed", reason)
            yield Log("error", reason)
            yield StepClosed(keeper.order, "failed")
            yield BlockClosed("failed", failure_reason=reason)
            yield Finished(
                "failed",
                summary=reason,
                failure_reason=reason,
                errors=match_error_codes(self._task.error_codes, [reason]),
            )
            return
        yield ActionFinished(key, "completed", outcome.effect)
        self._scribe.opened(url, outcome, downloads=bool(self._watch.downloads))
        yield Log("info", outcome.effect, {"url": outcome.after})
        self._memory = replace(self._memory, downloads=tuple(file.name for file in outcome.files))
        for made in await keeper.of_action(key, outcome, look=True):
            yield made
        yield StepClosed(keeper.order, "completed")
        yield BlockClosed("completed", final_url=self._hands.page.url)

    # -- the work --------------------------------------------------------------------------

    async def _work(self) -> Events:
        yield story.check_thought((await self._keeper.look()).observation, None, ())
        while True:
            capture = await self._keeper.look()
            decision, self._memory = await self._counsel.decide(capture, self._memory, self._keeper.picture)
            for event in self._counsel.remarks(capture):
                yield event
            self._memory = note(self._memory, decision)
            if decision.verdict == "end" and decision.ending == "completed":
                rest = self._complete(capture, decision)
            elif self._keeper.order + 1 >= self._task.max_steps:
                rest = self._run_out(capture)
            elif decision.verdict == "end":
                rest = self._give_up(capture, decision)
            else:
                async for event in self._step(capture, decision):
                    yield event
                continue
            async for event in rest:
                yield event
            return

    async def _enter_block(self, capture: Capture, decision: Decision) -> Events:
        """See to it that the block of the decision's intent is open, with a plan before it."""
        index = decision.moves[0].intent if decision.moves else min(self._memory.position, len(self._groups) - 1)
        group = self._groups[index]
        if group == self._open_group:
            for thought in self._counsel.unsaid(capture, decision):
                yield thought
            return
        async for event in self._leave_block():
            yield event
        intents = [intent for intent, other in zip(self._goal.intents, self._groups, strict=True) if other == group]
        yield self._counsel.sign(story.plan_thought(capture.observation, decision, intents))
        self._open_group = group
        opened = block_for(intents, capture.observation.url, self._task.schema)
        yield opened
        self._scribe.open_block(opened)

    async def _leave_block(self) -> Events:
        """Close the open block, if there is one, and check where the run stands."""
        if self._open_group is None:
            return
        yield self._block_closed("completed")
        yield story.check_thought((await self._keeper.look()).observation, None, self._done())

    def _block_closed(self, status: str, reason: str | None = None) -> BlockClosed:
        reads = any(
            group == self._open_group and block_of(intent) == "extraction"
            for intent, group in zip(self._goal.intents, self._groups, strict=True)
        )
        self._open_group = None
        output = self._memory.output if reads and status == "completed" else None
        return BlockClosed(status, output=output, failure_reason=reason, final_url=self._hands.page.url)  # type: ignore[arg-type]  # one of its three

    def _done(self) -> list[str]:
        return [intent.text for intent in self._goal.intents[: self._memory.position]]

    # -- one step --------------------------------------------------------------------------

    async def _step(self, capture: Capture, decision: Decision) -> Events:
        keeper = self._keeper
        async for event in self._enter_block(capture, decision):
            yield event
        keeper.order += 1
        yield StepOpened(keeper.order)
        for made in await keeper.of_decision(self._goal, capture, decision, self._memory, self._counsel):
            yield made
        self._memory = with_offer(self._goal, capture.observation, self._memory)
        went_well, moves = True, list(decision.moves)
        while moves:
            move, key = moves.pop(0), self._next_key()
            yield ActionStarted(key, move.action)
            outcome = await self._carry_out(move, capture)
            if move.action.action_type == "verification_code" and outcome.ok:
                yield SecretKnown(self._memory.code)
            yield ActionFinished(key, "completed" if outcome.ok else "failed", outcome.effect, move.output)
            yield Log(
                "info" if outcome.ok else "warning",
                f"{move.action.action_type}: {outcome.effect}",
                {"url": outcome.after, "reasoning": move.action.reasoning},
            )
            went_well = outcome.ok
            stop = not outcome.ok or outcome.navigated
            for made in await keeper.of_action(key, outcome, look=stop or not moves):
                yield made
            if stop:
                break
        for move in moves:
            key = self._next_key()
            yield ActionStarted(key, move.action)
            yield ActionFinished(key, "skipped", "The page changed before it; look again first.")
        if self._memory.position >= len(self._goal.intents) and not self._counsel.has_model:
            for made in await keeper.of_end():
                yield made
        yield StepClosed(keeper.order, "completed" if went_well else "failed")

    async def _carry_out(self, move: Move, capture: Capture) -> Outcome:
        """Do a move, and remember it: for the decisions to come, and for the script."""
        if move.action.action_type != "extract":
            self._keeper.forget()
        page, spots = self._hands.page, await self._scribe.spots(self._hands.page, move)
        outcome = await self._deeds.do(move, capture.observation)
        await self._write_down(move, spots, outcome, new_tab=self._hands.page is not page)
        self._memory = replace(self._memory, code=self._deeds.code, no_code=self._deeds.no_code)
        self._learn(move, outcome)
        return outcome

    async def _write_down(self, move: Move, spots: Spots, outcome: Outcome, *, new_tab: bool) -> None:
        """Keep a move that worked for the script."""
        if not outcome.ok:
            return
        if move.action.action_type == "extract":
            await self._scribe.read(self._hands.page, move)
        else:
            self._scribe.did(move, spots, outcome, downloads=bool(self._watch.downloads), new_tab=new_tab)

    def _learn(self, move: Move, outcome: Outcome) -> None:
        memory = remember(
            self._memory,
            move,
            ok=outcome.ok,
            effect=outcome.effect,
            before=outcome.before,
            after=outcome.after,
            changed=outcome.changed,
        )
        self._memory = replace(
            memory,
            visited=memory.visited if outcome.before in memory.visited else (*memory.visited, outcome.before),
            downloads=(*memory.downloads, *(file.name for file in outcome.files)),
            dialogs=(*memory.dialogs, *outcome.dialogs),
        )

    def _next_key(self) -> int:
        self._keys += 1
        return self._keys

    # -- endings ---------------------------------------------------------------------------

    async def _complete(self, capture: Capture, decision: Decision) -> Events:
        page, memory = capture.observation, self._memory
        for made in await self._keeper.of_end():
            yield made
        for made in self._keeper.of_check(self._goal, capture, decision, memory, self._counsel):
            yield made
        if self._open_group is not None:
            yield self._block_closed("completed")
        output: Any = memory.output
        if output is None and memory.downloads:
            output = {"downloaded_files": list(memory.downloads)}
        summary = story.summarize(self._goal, memory, page, "completed", None)
        yield self._counsel.sign(story.check_thought(page, decision, self._done()))
        yield story.summary_thought(page, summary, output)
        yield self._script()
        yield Finished("completed", output=output, summary=summary)

    async def _give_up(self, capture: Capture, decision: Decision) -> Events:
        """A last step that says why the run ends."""
        keeper, reason = self._keeper, decision.reasoning
        async for event in self._enter_block(capture, decision):
            yield event
        keeper.order += 1
        yield StepOpened(keeper.order)
        for made in await keeper.of_decision(self._goal, capture, decision, self._memory, self._counsel):
            yield made
        key = self._next_key()
        index = min(self._memory.position, len(self._goal.intents) - 1)
        yield ActionStarted(key, Action("terminate", reason, intention=self._goal.intents[index].text))
        yield ActionFinished(key, "completed", reason)
        here = self._hands.page.url
        for made in [
            *await keeper.of_action(key, Outcome(ok=True, effect="", before=here, after=here), look=True),
            *await keeper.of_end(),
        ]:
            yield made
        yield StepClosed(keeper.order, "completed")
        yield self._block_closed("terminated", reason)
        yield self._counsel.sign(story.check_thought(capture.observation, decision, self._done()))
        yield Log("warning", reason)
        errors = match_error_codes(self._task.error_codes, [*decision.evidence, reason])
        if decision.error_code:
            others = (error for error in errors if error["error_code"] != decision.error_code)
            errors = (own_error(decision.error_code, reason), *others)
        summary = story.summarize(self._goal, self._memory, capture.observation, "terminated", reason)
        yield Finished("terminated", summary=summary, failure_reason=reason, errors=errors)

    async def _run_out(self, capture: Capture) -> Events:
        left = "; ".join(intent.text for intent in self._goal.intents[self._memory.position :])
        limit = self._task.max_steps
        reason = (
            f"Reached the maximum steps ({limit}). Not done yet: {left}. Raise max_steps, or ask for less in one task."
        )
        for made in [*self._keeper.of_asking(self._counsel), *await self._keeper.of_end()]:
            yield made
        if self._open_group is not None:
            yield self._block_closed("failed", reason)
        yield self._counsel.sign(story.check_thought(capture.observation, None, self._done()))
        summary = story.summarize(self._goal, self._memory, capture.observation, "max_steps", reason)
        yield Finished("max_steps", output=self._memory.output, summary=summary, failure_reason=reason)

    def _broke_down(self, said: str) -> list[Event]:
        """Trouble with the browser or the page itself, not with the task."""
        restraint = self._watch.restraint
        reason = restraint.ended or f"The browser stopped working on the page: {said} Start the task again."
        events: list[Event] = [*(Log("warning", note) for note in restraint.take_notes()), Log("error", reason)]
        if self._open_group is not None:
            events.append(self._block_closed("failed", reason))
        errors = match_error_codes(self._task.error_codes, [reason])
        return [*events, Finished("failed", summary=reason, failure_reason=reason, errors=errors)]
