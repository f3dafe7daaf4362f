"""The run: look, decide, act, check, until the goal is reached or can't be.

Owns: the order of events of a run, its steps, blocks and artifacts, and how it ends.
Must not: decide what to do (``planner``), touch the page (``acting``) or read it
(``observer``).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final

import orjson
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from mock_server.agent import story
from mock_server.agent.acting import File, Hands, NavigationError, Outcome
from mock_server.agent.evidence import match_error_codes
from mock_server.agent.events import (
    Action,
    ActionFinished,
    ActionStarted,
    ArtifactMade,
    BlockClosed,
    BlockOpened,
    Ending,
    Event,
    Finished,
    Log,
    StepClosed,
    StepOpened,
    Task,
)
from mock_server.agent.goal import Goal, Intent, parse_goal
from mock_server.agent.observation import Capture
from mock_server.agent.observer import ObservationError, observe
from mock_server.agent.planner import Decision, Memory, Move, block_of, decide, remember
from mock_server.agent.planner.pointing import with_scheme
from mock_server.agent.planner.sessions import offered
from mock_server.agent.planner.model import Situation
from mock_server.agent.secrecy import Secrets
from mock_server.clock import Clock

_BLANK: Final = ("", "about:blank")
_READS_ONLY: Final = frozenset(("extract",))
_LABELS: Final = {
    "goto_url": "open_page",
    "navigation": "navigate",
    "extraction": "extract_data",
    "login": "log_in",
    "file_download": "download_file",
    "validation": "check",
    "wait": "wait",
    "print_page": "print_page",
}


async def perform(task: Task, page: Page, clock: Clock) -> AsyncIterator[Event]:
    """Do the task on the page and tell what happens while it happens; the last event is ``Finished``.

    Never raises for what the page or the prompt is like; a cancel from outside
    (``aclose`` or task cancellation) takes effect at the next await.
    """
    goal = goal_of(task)
    secrets = Secrets(goal.credentials.password, goal.credentials.code)
    run = _Run(task, goal, page, clock)
    try:
        async with aclosing(run.events()) as events:
            async for event in events:
                yield secrets.event(event)
    finally:
        run.release()


def goal_of(task: Task) -> Goal:
    """Return the goal of a task: its prompt, read; a schema always asks for an extraction."""
    goal = parse_goal(task.prompt)
    if (
        task.schema not in (None, "", {}, [])
        and not any(intent.kind == "extract" for intent in goal.intents)
        and task.prompt.strip()
    ):
        goal = replace(
            goal,
            intents=(*goal.intents, Intent("extract", "Read the data the schema asks for", value=task.prompt.strip())),
        )
    return goal


class _Run:
    """One task on one page."""

    def __init__(self, task: Task, goal: Goal, page: Page, clock: Clock) -> None:
        self._task = task
        self._goal = goal
        self._clock = clock
        self._hands = Hands(page, dismiss_dialogs=any("dismiss" in intent.text.casefold() for intent in goal.intents))
        self._memory = Memory(files=task.files)
        self._capture: Capture | None = None
        self._picture: bytes | None = None
        """The picture of the page as it is, until the next move."""
        self._keys = 0
        self._order = -1
        self._group = -1
        """The group of intents whose block is open."""
        self._groups = _grouped(goal.intents)

    def release(self) -> None:
        """Take the listeners off the page."""
        self._hands.release()

    async def events(self) -> AsyncIterator[Event]:
        """Tell the run."""
        task = self._task
        if not task.prompt.strip():
            yield Finished(
                "terminated",
                failure_reason="The prompt is empty, so there is nothing to do. Say in the prompt what is to be done on the page.",
            )
            return
        yield Log(
            "info",
            "Goal read",
            {
                "intents": [f"{intent.kind}: {intent.text}" for intent in self._goal.intents],
                "confidence": self._goal.confidence,
            },
        )
        url = task.url or self._goal.url
        if not url and self._hands.page.url in _BLANK:
            yield Finished(
                "terminated",
                failure_reason="No page to work on: the task has no url and the prompt names no address. Give a url with the task, or name the address in the prompt.",
            )
            return
        try:
            if url:
                async for event in self._open(with_scheme(url)):
                    yield event
                    if isinstance(event, Finished):
                        return
            async for event in self._work():
                yield event
        except ObservationError as error:
            async for event in self._technical(str(error)):
                yield event
        except PlaywrightError as error:
            reason = f"The browser stopped working on the page: {error.message.splitlines()[0]}. Start the task again."
            async for event in self._technical(reason):
                yield event

    # -- opening the first page ------------------------------------------------------------

    async def _open(self, url: str) -> AsyncIterator[Event]:
        self._order += 1
        yield BlockOpened("goto_url", _LABELS["goto_url"], f"Open {url}", url=url)
        yield StepOpened(self._order)
        key = self._next_key()
        yield ActionStarted(
            key, Action("goto_url", f"The task starts at {url}.", intention="Open the page to work on.", url=url)
        )
        try:
            outcome = await self._hands.goto(url)
        except NavigationError as error:
            yield ActionFinished(key, "failed", str(error))
            yield Log("error", str(error))
            yield StepClosed(self._order, "failed")
            yield BlockClosed("failed", failure_reason=str(error))
            yield Finished(
                "failed",
                failure_reason=str(error),
                summary=str(error),
                errors=match_error_codes(self._task.error_codes, [str(error)]),
            )
            return
        yield ActionFinished(key, "completed", outcome.effect)
        yield Log("info", outcome.effect, {"url": outcome.after})
        async for event in self._after_action(key, outcome, last=True):
            yield event
        yield StepClosed(self._order, "completed")
        yield BlockClosed("completed", final_url=self._hands.page.url)

    # -- the work --------------------------------------------------------------------------

    async def _work(self) -> AsyncIterator[Event]:
        yield story.check_thought((await self._look()).observation, None, ())
        while True:
            capture = await self._look()
            decision = decide(self._goal, capture.observation, self._memory, self._task.schema)
            self._note(decision)
            if decision.verdict == "end" and decision.ending == "completed":
                async for event in self._complete(capture, decision):
                    yield event
                return
            if self._order + 1 >= self._task.max_steps:
                async for event in self._out_of_steps(capture):
                    yield event
                return
            async for event in self._in_block(capture, decision):
                yield event
            if decision.verdict == "end":
                async for event in self._give_up(capture, decision):
                    yield event
                return
            async for event in self._step(capture, decision):
                yield event

    def _note(self, decision: Decision) -> None:
        """Remember what the decision found to be done already."""
        if not decision.skipped:
            return
        position = max(index for index, _ in decision.skipped) + 1
        notes = tuple(reason for _, reason in decision.skipped)
        found = self._memory.found
        self._memory = replace(
            self._memory,
            position=max(position, self._memory.position),
            notes=(*self._memory.notes, *notes),
            found=found,
        )

    async def _in_block(self, capture: Capture, decision: Decision) -> AsyncIterator[Event]:
        """See to it that the block of the decision's intent is open, with a plan before it."""
        index = decision.moves[0].intent if decision.moves else min(self._memory.position, len(self._goal.intents) - 1)
        group = self._groups[index] if self._groups else 0
        if group == self._group:
            return
        async for event in self._close_block("completed"):
            yield event
        intents = [intent for place, intent in enumerate(self._goal.intents) if self._groups[place] == group]
        yield story.plan_thought(capture.observation, decision, intents)
        kind = block_of(intents[0]) if intents else "navigation"
        text = "; ".join(intent.text for intent in intents)
        self._group = group
        yield BlockOpened(
            kind,
            _LABELS.get(kind, kind),
            text,
            url=capture.observation.url,
            navigation_goal=None if kind == "extraction" else text,
            extraction_goal=text if kind == "extraction" else None,
            schema=self._task.schema if kind == "extraction" else None,
        )

    async def _close_block(self, status: str, reason: str | None = None, *, check: bool = True) -> AsyncIterator[Event]:
        if self._group < 0:
            return
        kind = next(
            (block_of(intent) for place, intent in enumerate(self._goal.intents) if self._groups[place] == self._group),
            "",
        )
        output = self._memory.output if kind == "extraction" else None
        self._group = -1
        yield BlockClosed(status, output=output, failure_reason=reason, final_url=self._hands.page.url)  # type: ignore[arg-type]  # one of its three
        if check:
            yield story.check_thought((await self._look()).observation, None, self._done())

    def _done(self) -> list[str]:
        return [intent.text for intent in self._goal.intents[: self._memory.position]]

    # -- one step --------------------------------------------------------------------------

    async def _step(self, capture: Capture, decision: Decision) -> AsyncIterator[Event]:
        self._order += 1
        yield StepOpened(self._order)
        async for event in self._seen(capture, decision):
            yield event
        self._memory = replace(self._memory, lines=frozenset(line.text for line in capture.observation.lines))
        self._offer(capture)
        status = "completed"
        for index, move in enumerate(decision.moves):
            key = self._next_key()
            yield ActionStarted(key, move.action)
            outcome = await self._do(move, capture)
            yield ActionFinished(key, "completed" if outcome.ok else "failed", outcome.effect, move.output)
            yield Log(
                "info" if outcome.ok else "warning",
                f"{move.action.action_type}: {outcome.effect}",
                {"url": outcome.after, "reasoning": move.action.reasoning},
            )
            self._learn(move, outcome)
            last = (
                index == len(decision.moves) - 1
                or not outcome.ok
                or (outcome.navigated and index < len(decision.moves) - 1)
            )
            async for event in self._after_action(
                key, outcome, last=last, reads=move.action.action_type in _READS_ONLY
            ):
                yield event
            if not outcome.ok:
                status = "failed"
            if last and index < len(decision.moves) - 1:
                for skipped in decision.moves[index + 1 :]:
                    key = self._next_key()
                    yield ActionStarted(key, skipped.action)
                    yield ActionFinished(key, "skipped", "The page changed before it; look again first.")
                break
        if self._over():
            async for event in self._final_picture():
                yield event
        yield StepClosed(self._order, "completed" if status == "completed" else "failed")

    def _over(self) -> bool:
        return self._memory.position >= len(self._goal.intents)

    def _offer(self, capture: Capture) -> None:
        """Keep credentials a page openly shows, for when the form is elsewhere."""
        if (
            self._goal.credentials
            or self._memory.offered
            or not any(intent.kind == "login" for intent in self._goal.intents)
        ):
            return
        at = Situation(self._goal, self._goal.intents[0], 0, capture.observation, self._memory)
        self._memory = replace(self._memory, offered=offered(at))

    async def _do(self, move: Move, capture: Capture) -> Outcome:
        kind = move.action.action_type
        here = self._hands.page.url
        if kind == "extract":
            return Outcome(ok=True, effect=move.action.reasoning, changed=True, before=here, after=here)
        self._capture = self._picture = None
        if kind == "wait":
            await self._clock.sleep(move.seconds)
            return Outcome(ok=True, effect=f"waited {move.seconds:g} s", changed=True, before=here, after=here)
        if kind == "download_file" and move.element is None:
            data = await self._hands.pdf()
            title = (
                "".join(
                    letter if letter.isalnum() or letter in " -_" else "_" for letter in capture.observation.title
                ).strip()
                or "page"
            )
            files = (File(f"{title}.pdf", data, here),) if data else ()
            return Outcome(
                bool(data),
                "the page was saved as PDF" if data else "this browser cannot save the page as PDF",
                before=here,
                after=here,
                files=files,
            )
        return await self._hands.do(move)

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
        visited = memory.visited if outcome.before in memory.visited else (*memory.visited, outcome.before)
        self._memory = replace(
            memory,
            visited=visited,
            downloads=(*memory.downloads, *(file.name for file in outcome.files)),
            dialogs=(*memory.dialogs, *outcome.dialogs),
        )

    # -- artifacts -------------------------------------------------------------------------

    async def _seen(self, capture: Capture, decision: Decision) -> AsyncIterator[Event]:
        """The artifacts of looking and deciding, in the order in which a real step leaves them."""
        texts: list[tuple[str, bytes]] = [
            ("html_scrape", capture.html.encode("utf-8", "replace")),
            ("visible_elements_id_css_map", _json(capture.css_map)),
            ("visible_elements_id_frame_map", _json(capture.frame_map)),
            ("visible_elements_tree", _json(capture.tree)),
            ("visible_elements_tree_in_prompt", capture.tree_text.encode("utf-8", "replace")),
            ("visible_elements_tree_trimmed", _json(capture.tree_trimmed)),
        ]
        if capture.xpath_map:
            texts.append(("visible_elements_id_xpath_map", _json(capture.xpath_map)))
        if capture.href_map:
            texts.append(("hashed_href_map", _json(capture.href_map)))
        for kind, data in texts:
            yield self._artifact(kind, data)
        picture = await self._shot()
        if picture is not None:
            yield self._artifact("screenshot_llm", picture)
        prompt = story.planner_prompt(self._task, self._goal, capture, self._memory)
        parsed = story.parsed_answer(decision)
        yield self._artifact("llm_prompt", prompt.encode("utf-8", "replace"))
        yield self._artifact("llm_request", story.planner_request(prompt))
        yield self._artifact("llm_response", story.planner_response(parsed))
        yield self._artifact("llm_response_parsed", _json(parsed))

    async def _after_action(
        self, key: int, outcome: Outcome, *, last: bool, reads: bool = False
    ) -> AsyncIterator[Event]:
        """The artifacts of an action. The look the next decision needs is taken at the same time as the picture."""
        for file in outcome.files:
            is_pdf = file.data.startswith(b"%PDF")
            if is_pdf:
                yield self._artifact("pdf", file.data, key, filename=file.name, source_url=file.url)
            if file.url != outcome.after or not is_pdf or not outcome.effect.startswith("the page was saved"):
                yield self._artifact("download", file.data, key, filename=file.name, source_url=file.url)
        if not reads:
            self._capture = self._picture = None
        if last:
            capture, picture = await asyncio.gather(self._look(), self._shot())
            source = capture.html
        else:
            picture, source = await asyncio.gather(self._shot(), self._hands.html())
        if picture is not None:
            yield self._artifact("screenshot_action", picture, key)
        yield self._artifact("html_action", source.encode("utf-8", "replace"), key)

    def _artifact(self, kind: str, data: bytes, key: int | None = None, **extra: str | None) -> ArtifactMade:
        return ArtifactMade(kind, data, step_order=self._order if self._order >= 0 else None, action_key=key, **extra)

    async def _final_picture(self) -> AsyncIterator[Event]:
        page = (await self._look()).observation
        fits = page.page_height <= page.viewport[1] + 1
        picture = await self._shot() if fits else await self._hands.shot(full=True)
        if picture is not None:
            yield self._artifact("screenshot_final", picture)

    async def _look(self) -> Capture:
        if self._capture is None:
            self._capture = await observe(self._hands.page)
        return self._capture

    async def _shot(self) -> bytes | None:
        if self._picture is None:
            self._picture = await self._hands.shot()
        return self._picture

    def _next_key(self) -> int:
        self._keys += 1
        return self._keys

    # -- endings ---------------------------------------------------------------------------

    async def _complete(self, capture: Capture, decision: Decision) -> AsyncIterator[Event]:
        page = capture.observation
        if self._group >= 0:
            async for event in self._close_block("completed", check=False):
                yield event
        output = self._output()
        summary = story.summarize(self._goal, self._memory, page, "completed", None)
        yield story.check_thought(page, decision, self._done())
        yield story.summary_thought(page, summary, output)
        yield Finished("completed", output=output, summary=summary)

    def _output(self) -> Any:
        if self._memory.output is None and self._memory.downloads:
            return {"downloaded_files": list(self._memory.downloads)}
        return self._memory.output

    async def _give_up(self, capture: Capture, decision: Decision) -> AsyncIterator[Event]:
        """A last step that says why it ends."""
        self._order += 1
        yield StepOpened(self._order)
        async for event in self._seen(capture, decision):
            yield event
        key = self._next_key()
        index = min(self._memory.position, len(self._goal.intents) - 1)
        intention = self._goal.intents[index].text if self._goal.intents else ""
        yield ActionStarted(key, Action("terminate", decision.reasoning, intention=intention))
        yield ActionFinished(key, "completed", decision.reasoning)
        picture = await self._shot()
        if picture is not None:
            yield self._artifact("screenshot_action", picture, key)
        yield self._artifact("html_action", capture.html.encode("utf-8", "replace"), key)
        async for event in self._final_picture():
            yield event
        yield StepClosed(self._order, "completed")
        ending: Ending = decision.ending or "terminated"
        async for event in self._close_block(
            "terminated" if ending == "terminated" else "failed", decision.reasoning, check=False
        ):
            yield event
        yield story.check_thought(capture.observation, decision, self._done())
        yield Log("warning", decision.reasoning)
        errors = (
            match_error_codes(self._task.error_codes, [*decision.evidence, decision.reasoning])
            if self._task.error_codes
            else ()
        )
        summary = story.summarize(self._goal, self._memory, capture.observation, ending, decision.reasoning)
        yield Finished(ending, summary=summary, failure_reason=decision.reasoning, errors=errors)

    async def _out_of_steps(self, capture: Capture) -> AsyncIterator[Event]:
        left = [intent.text for intent in self._goal.intents[self._memory.position :]]
        reason = f"Reached the maximum steps ({self._task.max_steps}). Not done yet: {'; '.join(left)}. Raise max_steps, or ask for less in one task."
        async for event in self._final_picture():
            yield event
        async for event in self._close_block("failed", reason, check=False):
            yield event
        yield story.check_thought(capture.observation, None, self._done())
        summary = story.summarize(self._goal, self._memory, capture.observation, "max_steps", reason)
        yield Finished("max_steps", output=self._memory.output, summary=summary, failure_reason=reason)

    async def _technical(self, reason: str) -> AsyncIterator[Event]:
        """Trouble with the browser or the page itself, not with the task."""
        yield Log("error", reason)
        if self._group >= 0:
            self._group = -1
            yield BlockClosed("failed", failure_reason=reason)
        yield Finished(
            "failed", failure_reason=reason, summary=reason, errors=match_error_codes(self._task.error_codes, [reason])
        )


def _grouped(intents: Sequence[Intent]) -> list[int]:
    """Number the timeline blocks: neighbouring navigation shares one, everything else has its own."""
    groups: list[int] = []
    previous = ""
    for intent in intents:
        kind = block_of(intent)
        if groups and kind == previous == "navigation":
            groups.append(groups[-1])
        else:
            groups.append(groups[-1] + 1 if groups else 0)
        previous = kind
    return groups


def _json(value: Any) -> bytes:
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)
