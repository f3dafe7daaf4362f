"""What a run leaves behind: the artifacts of looking, deciding and acting.

Owns: which artifacts a step and an action have, in which order, and that each look and
each picture is taken once. Must not: decide or act.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import orjson
from playwright.async_api import Error as PlaywrightError

from mock_server.agent import story
from mock_server.agent.acting import Outcome
from mock_server.agent.counsel import Counsel
from mock_server.agent.events import ArtifactMade, Task
from mock_server.agent.goal import Goal
from mock_server.agent.observation import Capture
from mock_server.agent.observer import LOOK_SECONDS, BusyPageError, observe
from mock_server.agent.picturing import Camera, source_of
from mock_server.agent.planner import Decision, Memory
from mock_server.agent.watching import Watch

_SCREEN_DOWN: Final = """() => {
  const root = document.scrollingElement || document.documentElement, before = root.scrollTop;
  root.scrollBy({ top: innerHeight, behavior: "instant" });
  return root.scrollTop > before;
}"""
_BACK: Final = "([x, y]) => scrollTo({ left: x, top: y, behavior: 'instant' })"


class Keeper:
    """Looks at the page in hand and keeps what it sees.

    A look and a picture stay good until :meth:`forget`: the picture after an action is
    the one the next decision is made on, as nothing happened in between.
    """

    def __init__(self, task: Task, watch: Watch) -> None:
        self.order = -1
        """Number of the present step; -1 before the first."""
        self._task = task
        self._watch = watch
        self._camera = Camera()
        self._capture: Capture | None = None
        self._picture: bytes | None = None
        self._ended = False

    def forget(self) -> None:
        """The page is about to change: the next look and picture are taken anew."""
        self._capture = self._picture = None

    async def look(self) -> Capture:
        """Return what the page shows."""
        if self._capture is None:
            try:
                self._capture = await observe(self._watch.page)
            except BusyPageError:
                if not await self._watch.rouse(LOOK_SECONDS, patience=0):
                    raise
                self._capture = await observe(self._watch.page)
        return self._capture

    async def picture(self) -> bytes | None:
        """Return a picture of the viewport."""
        if self._picture is None:
            self._picture = await self._camera.shot(self._watch.page)
        return self._picture

    async def scrolled(self) -> list[bytes]:
        """Scroll down a screen at a time, as often as the task asks and the page goes, and picture each screen.

        What a page loads only when it is scrolled to is loaded by this. In the end it is where it was.
        """
        pictures: list[bytes] = []
        page = self._watch.page
        before = await self._watch.pulse() if self._task.screenshot_scrolls > 0 else None
        if before is None:
            return pictures
        with suppress(PlaywrightError):
            for _ in range(self._task.screenshot_scrolls):
                if not await page.evaluate(_SCREEN_DOWN):
                    break
                await self._watch.quieten()
                picture = await self._camera.shot(page)
                if picture is not None:
                    pictures.append(picture)
            await page.evaluate(_BACK, [before.x, before.y])
        self.forget()
        return pictures

    async def of_decision(
        self, goal: Goal, capture: Capture, decision: Decision, memory: Memory, counsel: Counsel
    ) -> list[ArtifactMade]:
        """The artifacts of looking and deciding, in the order in which a real step leaves them."""
        made = [
            self.made("html_scrape", _text(capture.html)),
            self.made("visible_elements_id_css_map", _json(capture.css_map)),
            self.made("visible_elements_id_frame_map", _json(capture.frame_map)),
            self.made("visible_elements_tree", _json(capture.tree)),
            self.made("visible_elements_tree_in_prompt", _text(capture.tree_text)),
            self.made("visible_elements_tree_trimmed", _json(capture.tree_trimmed)),
        ]
        if capture.xpath_map:
            made.append(self.made("visible_elements_id_xpath_map", _json(capture.xpath_map)))
        if capture.href_map:
            made.append(self.made("hashed_href_map", _json(capture.href_map)))
        picture = await self.picture()
        if picture is not None:
            made.append(self.made("screenshot_llm", picture))
        made += self.of_asking(counsel)
        if counsel.by_model:
            return made
        prompt = story.planner_prompt(self._task, goal, capture, memory)
        return [*made, *self._asked(prompt, story.parsed_answer(decision))]

    def of_check(
        self, goal: Goal, capture: Capture, decision: Decision, memory: Memory, counsel: Counsel
    ) -> list[ArtifactMade]:
        """The artifacts of checking, at the end, whether the goal is reached."""
        if counsel.by_model:
            return self.of_asking(counsel)
        prompt = story.verification_prompt(self._task, goal, capture, memory)
        return [*self.of_asking(counsel), *self._asked(prompt, story.verified_answer(decision))]

    def of_asking(self, counsel: Counsel) -> list[ArtifactMade]:
        """The artifacts of every question to a model that led to the decision in hand, and of its answer."""
        made: list[ArtifactMade] = []
        for exchange in counsel.exchanges:
            made.append(self.made("llm_prompt", _text(exchange.prompt)))
            if exchange.request:
                made.append(self.made("llm_request", exchange.request))
            made.append(self.made("llm_response", exchange.response))
            if exchange.parsed is not None:
                made.append(self.made("llm_response_parsed", _json(exchange.parsed)))
        return made

    def _asked(self, prompt: str, parsed: Mapping[str, Any]) -> list[ArtifactMade]:
        return [
            self.made("llm_prompt", _text(prompt)),
            self.made("llm_request", story.planner_request(prompt)),
            self.made("llm_response", story.planner_response(parsed)),
            self.made("llm_response_parsed", _json(parsed)),
        ]

    async def of_action(self, key: int, outcome: Outcome, *, look: bool) -> list[ArtifactMade]:
        """The artifacts of an action. ``look`` takes the look the next decision needs, together with the picture."""
        made: list[ArtifactMade] = []
        for file in outcome.files:
            if file.data.startswith(b"%PDF"):
                made.append(self.made("pdf", file.data, key, filename=file.name, source_url=file.url))
            if not file.printed:
                made.append(self.made("download", file.data, key, filename=file.name, source_url=file.url))
        # The lowest comes first: the action shows the last one stored, and lists begin with it.
        made += [self.made("screenshot_action", shot, key) for shot in reversed(await self.scrolled())]
        if look:
            capture, picture = await asyncio.gather(self.look(), self.picture())
            source = capture.html
        else:
            picture, source = await asyncio.gather(self.picture(), source_of(self._watch.page))
        if picture is not None:
            made.append(self.made("screenshot_action", picture, key))
        made.append(self.made("html_action", _text(source), key))
        return made

    async def of_end(self) -> list[ArtifactMade]:
        """The picture of the whole page the run leaves; it is taken once."""
        if self._ended:
            return []
        self._ended = True
        page = (await self.look()).observation
        fits = page.page_height <= page.viewport[1] + 1
        picture = await self.picture() if fits else await self._camera.shot(self._watch.page, full=True)
        return [self.made("screenshot_final", picture)] if picture is not None else []

    def made(self, kind: str, data: bytes, key: int | None = None, **extra: str | None) -> ArtifactMade:
        """Return an artifact of the present step."""
        return ArtifactMade(kind, data, step_order=self.order if self.order >= 0 else None, action_key=key, **extra)


def _text(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _json(value: Any) -> bytes:
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:  # nested deeper than it goes, as the tree of a page may be
        return json.dumps(value, default=str).encode()
