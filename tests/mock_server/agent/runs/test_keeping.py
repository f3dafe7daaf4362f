"""What a run keeps because the task asked for it: scrolled pictures and the history in the final check."""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

Do = Callable[..., Awaitable[Any]]


def size_of(png: bytes) -> tuple[int, int]:
    """The width and height of a PNG."""
    return struct.unpack(">II", png[16:24])


@pytest.mark.parametrize(("scrolls", "pictures"), [(0, 1), (2, 3), (50, 7)])
async def test_as_many_scrolled_pictures_as_asked_for(do: Do, scrolls: int, pictures: int) -> None:
    """An action has one picture and one for each scroll the page had room for; it ends where it was, parts loaded."""
    told = await do(
        "Get the heading of the page",
        "/pages/lazy.html",
        screenshot_scrolls=scrolls,
        state="[scrollY, document.querySelectorAll('h2').length]",
    )
    shots = [made for made in told.artifacts("screenshot_action") if made.action_key == 1]
    assert len(shots) == pictures
    assert {size_of(shot.data) for shot in shots} == {(1280, 720)}
    assert len({shot.data for shot in shots}) == pictures
    top, parts = told.state
    assert top == 0
    assert parts >= min(scrolls, 5)


async def test_a_page_without_more_is_pictured_once(do: Do) -> None:
    """Where there is nothing to scroll to, there is one picture however many are allowed."""
    told = await do("Get the title of the page", "/pages/second.html", screenshot_scrolls=10)
    assert len(told.artifacts("screenshot_action")) == 2  # of two actions


@pytest.mark.parametrize("history", [True, False])
async def test_the_final_check_knows_the_actions_if_asked(do: Do, history: bool) -> None:
    """The prompt of the final check lists what was done exactly when include_action_history is set."""
    told = await do("Type Ann into the full name field", "/pages/controls.html", include_action_history=history)
    assert told.finished.ending == "completed"
    prompt = told.artifacts("llm_prompt")[-1].data.decode()
    assert prompt.startswith("# Has the goal been reached?")
    assert ("# Action history" in prompt) == history
    assert ("1. input_text" in prompt) == history
