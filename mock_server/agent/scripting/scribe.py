"""Keeps what a run does, as steps that can be done again.

Owns: turning moves that worked into steps of a recipe, each with the place it was done at.
Must not: act, or keep a secret; a step only names it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import cache
from importlib.resources import files
from typing import Any, Final

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from mock_server.agent.acting import Outcome
from mock_server.agent.events import BlockOpened
from mock_server.agent.goal import Credentials
from mock_server.agent.observer import StaleElementError, resolve
from mock_server.agent.planner import Move
from mock_server.agent.scripting.recipe import Json, Recipe, new_recipe
from mock_server.agent.scripting.spots import Spot, spot_of
from mock_server.agent.touching import as_field_takes

Spots = tuple[Spot | None, Spot | None]
"""Where a move was done, and where a drag ends."""

INDUCTION_SECONDS: Final = 3.0
"""How long looking for the places of what was read may take; a script without them says so."""


@cache
def _script() -> str:
    body = (files("mock_server.agent") / "js" / "induce.js").read_text("utf-8")
    return "output => {\n" + body + "\nreturn induce(output);\n}"


class Scribe:
    """Writes the recipe of one run."""

    def __init__(self, prompt: str, url: str | None, credentials: Credentials) -> None:
        self._recipe = new_recipe(prompt, url)
        self._credentials = credentials
        self.whole = True
        """Whether every move could be written down; a recipe with a gap is none."""

    def open_block(self, event: BlockOpened) -> None:
        """Begin a block; the steps that follow are its own."""
        self._recipe["blocks"].append(
            {
                "block_type": event.block_type,
                "label": event.label,
                "description": event.description,
                "url": event.url,
                "extraction_goal": event.extraction_goal,
                "schema": event.schema,
                "steps": [],
            }
        )

    async def spots(self, page: Page, move: Move) -> Spots:
        """Return where a move will be done, and where a drag ends; taken before, as it may go away by it."""
        found: list[Spot | None] = []
        for element in (move.element, move.place):
            spot = None
            if element is not None:
                with suppress(StaleElementError, PlaywrightError):
                    handle = await resolve(page, element)
                    spot = await spot_of(handle, element)
                    await handle.dispose()
            found.append(spot)
        return found[0], found[1]

    def opened(self, url: str, outcome: Outcome, *, downloads: bool) -> None:
        """Keep the opening of the first address."""
        step: Json = {"do": "goto_url", "intent": -1, "reasoning": f"The task starts at {url}.", "at": None, "url": url}
        if saves := _saved(outcome):
            step |= {"downloads": downloads, "saves": saves}
        self._add(step)
        self._note(outcome)

    def did(self, move: Move, spots: Spots, outcome: Outcome, *, downloads: bool, new_tab: bool) -> None:
        """Keep a move that worked. ``downloads`` tells that a file really was downloaded by it, not just shown."""
        action = move.action
        if action.action_type == "extract":
            return
        at, to = spots
        if (at is None and move.element is not None) or move.by is not None or move.drop != "center":
            self.whole = False
        step: Json = {
            "do": action.action_type,
            "intent": move.intent,
            "reasoning": action.reasoning,
            "intention": action.intention,
            "at": at,
            "navigates": outcome.navigated and not new_tab,
            "changes": outcome.changed,
        }
        optional: Json = {
            "to": to,
            "url": action.url if action.action_type == "goto_url" else None,
            "labels": list(move.values) if action.action_type == "select_option" else None,
            "files": list(move.values) if action.action_type == "upload_file" else None,
            "wanted": action.is_checked,
            "keys": list(action.keys) or None,
            "way": action.text if action.action_type == "scroll" else None,
            "seconds": move.seconds or None,
            "then_press": move.then_press or None,
            "by_key": move.by_key or None,
            "input_type": (move.element.input_type or None) if move.element is not None else None,
            "downloads": downloads or None,
            "saves": _saved(outcome),
            "prints": any(file.printed for file in outcome.files) or None,
            "new_tab": new_tab or None,
            "completes": move.completes,
        }
        if action.action_type == "input_text":
            optional |= self._typed(move)
        self._add(step | {name: value for name, value in optional.items() if value is not None})
        self._note(outcome)

    async def read(self, page: Page, move: Move) -> None:
        """Keep what was read, and where it stands on the page."""
        plan: Any = None
        with suppress(PlaywrightError, TimeoutError):
            plan = await asyncio.wait_for(page.evaluate(_script(), move.output), INDUCTION_SECONDS)
        self._add(
            {
                "do": "extract",
                "intent": move.intent,
                "reasoning": move.action.reasoning,
                "intention": move.action.intention,
                "at": None,
                "goal": move.action.extraction_goal or "",
                "plan": plan,
            }
        )

    def again(self, step: Json) -> None:
        """Keep a step that was done again as it was."""
        self._add(step)

    def recipe(self) -> Recipe | None:
        """Return the recipe of a run that reached its goal; None if something of it could not be written down."""
        return self._recipe if self.whole else None

    # -- inside -------------------------------------------------------------------------

    def _add(self, step: Json) -> None:
        self._recipe["blocks"][-1]["steps"].append(step)

    def _note(self, outcome: Outcome) -> None:
        if outcome.dialogs:
            self._recipe["dialogs"] = True

    def _typed(self, move: Move) -> Json:
        """Return what is typed: the text, or the name of the secret in place of it."""
        if move.code:
            return {"secret": "code"} | ({"part": move.code_part} if move.code_part is not None else {})
        known, kind = self._credentials, move.element.input_type if move.element is not None else ""
        if move.text and move.text == known.code:
            return {"secret": "code"}
        if kind == "password" or (move.text and move.text == known.password):
            return {"secret": "password"}
        if move.action.text != move.text:
            return {"secret": "secret"}
        if known.stored and move.text and move.text == known.username:
            return {"secret": "username"}
        return {"text": as_field_takes(move.text, kind)}


def _saved(outcome: Outcome) -> list[list[str]] | None:
    return [[file.name, file.url] for file in outcome.files if not file.printed] or None
