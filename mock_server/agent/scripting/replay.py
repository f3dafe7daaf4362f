"""A recipe, done again: the same steps in the same places, without planning.

Owns: finding each step's element, doing the step with the same hands as the agent, and
saying where the recipe no longer fits the page. Must not: decide what to do instead.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import Any, Final

from playwright.async_api import ElementHandle
from playwright.async_api import Error as PlaywrightError

from mock_server.agent.acting import Hands, NavigationError, Outcome
from mock_server.agent.events import (
    Action,
    ActionFinished,
    ActionStarted,
    BlockClosed,
    BlockOpened,
    Event,
    NoCodeError,
    NoFileError,
    SecretKnown,
    StepClosed,
    StepOpened,
    Task,
)
from mock_server.agent.extraction import extract, parse_request
from mock_server.agent.goal import Goal
from mock_server.agent.keeping import Keeper
from mock_server.agent.observation import Element
from mock_server.agent.picturing import pdf_of
from mock_server.agent.planner import Memory, Move, with_offer, without_echo
from mock_server.agent.planner.transfers import is_address
from mock_server.agent.receiving import File
from mock_server.agent.scripting.recipe import Json, Recipe
from mock_server.agent.scripting.scribe import Scribe
from mock_server.agent.scripting.spots import find, in_words
from mock_server.clock import Clock

Events = AsyncGenerator[Event, None]

FIND_MS: Final = 4_000
"""How long a page may take to show the element of the next step."""
_MASK: Final = "*" * 8


class BrokenStepError(Exception):
    """A step cannot be done as it was recorded; the message says why."""


class Replay:
    """Does a recipe again.

    When :meth:`events` ends, ``broke`` says what did not fit, or nothing. ``intent`` is then
    the part of the goal that was in hand; what came before it is done. ``output`` and
    ``downloads`` are what the steps brought.
    """

    def __init__(
        self,
        task: Task,
        goal: Goal,
        *,
        clock: Clock,
        hands: Hands,
        keeper: Keeper,
        scribe: Scribe,
        next_key: Callable[[], int],
    ) -> None:
        self.broke = ""
        self.intent = -1
        self.output: Any = None
        self.downloads: list[str] = []
        self.done = 0
        self._task = task
        self._goal = goal
        self._clock = clock
        self._hands = hands
        self._keeper = keeper
        self._scribe = scribe
        self._next_key = next_key
        self._code = goal.credentials.code

    async def events(self, recipe: Recipe) -> Events:
        """Tell the steps while they are done, to the end or to the first that does not fit."""
        for block in recipe["blocks"]:
            if not block["steps"]:
                continue
            async for event in self._block(block):
                yield event
            if self.broke:
                return

    async def _block(self, block: Json) -> Events:
        keeper = self._keeper
        opened = BlockOpened(
            block["block_type"], block["label"], block["description"], url=block["url"],
            navigation_goal=None if block["extraction_goal"] else block["description"],
            extraction_goal=block["extraction_goal"], schema=block["schema"],
        )  # fmt: skip
        yield opened
        self._scribe.open_block(opened)
        keeper.order += 1
        yield StepOpened(keeper.order)
        reads = False
        for step in block["steps"]:
            self.intent = step["intent"]
            key = self._next_key()
            yield ActionStarted(key, _action(step))
            try:
                outcome = await self._do(step)
                broke = "" if outcome.ok else outcome.effect
            except BrokenStepError as error:
                outcome, broke = None, str(error)
            if outcome is None or broke:
                self.broke = broke
                yield ActionFinished(key, "failed", broke)
                yield StepClosed(keeper.order, "failed")
                yield BlockClosed("failed", failure_reason=broke, final_url=self._hands.page.url)
                return
            if step["do"] == "verification_code":
                yield SecretKnown(self._code)
            reads = reads or step["do"] == "extract"
            yield ActionFinished(key, "completed", outcome.effect, self.output if step["do"] == "extract" else None)
            self._scribe.again(step)
            self.done += 1
            self.downloads += [file.name for file in outcome.files]
            for made in await keeper.of_action(key, outcome, look=False):
                yield made
        yield StepClosed(keeper.order, "completed")
        yield BlockClosed("completed", output=self.output if reads else None, final_url=self._hands.page.url)

    # -- one step ---------------------------------------------------------------------------

    async def _do(self, step: Json) -> Outcome:
        kind, hands = step["do"], self._hands
        here = hands.page.url
        if kind == "extract":
            return await self._read(step, here)
        self._keeper.forget()
        try:
            if kind == "goto_url":
                return await hands.goto(step["url"])
            if kind == "wait":
                await self._clock.sleep(step.get("seconds") or 0)
                return Outcome(ok=True, effect=f"waited {step.get('seconds') or 0:g} s", before=here, after=here)
            if kind == "verification_code":
                await self._ask()
                return Outcome(ok=True, effect="a code was given", before=here, after=here)
            if kind == "download_file" and step.get("at") is None:
                data = await pdf_of(hands.page)
                name = (step.get("saves") or [["page.pdf", ""]])[0][0]
                files = (File(name, data, here, printed=True),) if data else ()
                return Outcome(bool(data), "the page was saved as PDF", before=here, after=here, files=files)
            move = await self._move(step)
            handle = await self._handle(step["at"]) if step.get("at") is not None else None
            place = await self._handle(step["to"]) if step.get("to") is not None else None
            return await hands.do(move, handle, place)
        except (NavigationError, NoCodeError, NoFileError) as error:
            raise BrokenStepError(str(error)) from error

    async def _handle(self, spot: Json) -> ElementHandle:
        found = find(self._hands.page, spot)
        with suppress(PlaywrightError):
            await found.first.wait_for(state="attached", timeout=FIND_MS)
        try:
            count = await found.count()
            handle = await found.element_handle(timeout=FIND_MS) if count == 1 else None
        except PlaywrightError:
            count, handle = 0, None
        if handle is None:
            what = (
                f"The {in_words(spot)} is no longer on the page"
                if not count
                else f"There are now {count} elements for the {in_words(spot)}"
            )
            raise BrokenStepError(f"{what} {self._hands.page.url}.")
        return handle

    async def _move(self, step: Json) -> Move:
        text = await self._text(step)
        files = step.get("files")
        if files and is_address(files[0]) and self._task.fetch_file is not None:
            files = [await self._task.fetch_file(files[0])]
        element = None
        if step.get("at") is not None:
            part = step["at"]["chain"][-1]
            element = Element(
                id="", tag="", role=part.get("role", ""), name=part.get("name") or part.get("text") or "",
                input_type=step.get("input_type") or "",
            )  # fmt: skip
        return Move(
            action=_action(step, shown=_MASK if "secret" in step else text or None),
            intent=step["intent"],
            element=element,
            text=text,
            values=tuple(step.get("labels") or files or ()),
            then_press=step.get("then_press") or "",
            by_key=bool(step.get("by_key")),
        )

    async def _text(self, step: Json) -> str:
        if "secret" not in step:
            return step.get("text") or ""
        known = self._goal.credentials
        if step["secret"] == "code":  # noqa: S105  # the name of a kind of secret
            if not self._code:
                await self._ask()
            return self._code if "part" not in step else self._code[step["part"] : step["part"] + 1]
        value = {"password": known.password, "username": known.username}.get(step["secret"], "")
        if not value and not known:  # a page may openly offer what it takes
            offered = with_offer(self._goal, (await self._keeper.look()).observation, Memory()).offered
            value = {"password": offered.password, "username": offered.username}.get(step["secret"], "")
        if not value:
            raise BrokenStepError(f"The script needs a {step['secret']}, and the task gives none.")
        return value

    async def _ask(self) -> None:
        if self._task.one_time_code is None:
            raise BrokenStepError("The script needs a one-time code, and the task says not where to get one.")
        self._code = await self._task.one_time_code()

    async def _read(self, step: Json, here: str) -> Outcome:
        """Read what the step read; a page that is still filling itself gets a second look."""
        request = parse_request(step["goal"], self._task.schema)
        for attempt in range(2):
            if attempt:
                await self._hands.settled()
                self._keeper.forget()
            seen = without_echo((await self._keeper.look()).observation, self._goal.prompt)
            answer = extract(request, seen)
            if answer.found:
                self.output = answer.output
                return Outcome(ok=True, effect=answer.reason, before=here, after=here)
        raise BrokenStepError(answer.reason)


def _action(step: Json, shown: str | None = None) -> Action:
    """Return a step as the timeline shows it."""
    at = step.get("at")
    part = at["chain"][-1] if at is not None else None
    named = (
        None
        if part is None
        else {
            "role": part.get("role"),
            "name": part.get("name") or part.get("text") or "",
            "css": part.get("css") or "",
        }
    )
    labels = step.get("labels")
    return Action(
        action_type=step["do"],
        reasoning=step["reasoning"],
        intention=step.get("intention") or "",
        element=named,
        text=shown if shown is not None else _MASK if "secret" in step else step.get("text") or step.get("way"),
        option={"label": labels[0]} if labels else None,
        is_checked=step.get("wanted"),
        url=step.get("url"),
        keys=tuple(step.get("keys") or ()),
        download=bool(step.get("downloads") or step.get("saves")),
        extraction_goal=step.get("goal"),
    )
