"""What a run tells, in which order, and how it ends."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from typing import Any

import pytest
from playwright.async_api import Browser

from mock_server.agent import perform, watching
from mock_server.agent.events import (
    ActionFinished,
    ActionStarted,
    ArtifactMade,
    BlockClosed,
    BlockOpened,
    Finished,
    StepClosed,
    StepOpened,
    Task,
    Thought,
)
from mock_server.clock import RealClock

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

Do = Callable[..., Awaitable[Any]]

OF_A_STEP = [
    "html_scrape",
    "visible_elements_id_css_map",
    "visible_elements_id_frame_map",
    "visible_elements_tree",
    "visible_elements_tree_in_prompt",
    "visible_elements_tree_trimmed",
    "visible_elements_id_xpath_map",
    "screenshot_llm",
    "llm_prompt",
    "llm_request",
    "llm_response",
    "llm_response_parsed",
]
OF_AN_ACTION = ["screenshot_action", "html_action"]
OF_A_CHECK = ["llm_prompt", "llm_request", "llm_response", "llm_response_parsed"]


def outline(events: list[Any]) -> list[str]:
    """The timeline items of a run, oldest first."""
    items: list[str] = []
    for event in events:
        if isinstance(event, BlockOpened):
            items.append(f"block {event.block_type}")
        elif isinstance(event, Thought):
            items.append(f"thought {event.kind}/{event.scenario}")
    return items


async def test_a_plain_extraction_has_the_timeline_of_the_service(do: Do) -> None:
    """Open, check, plan, extract, check, summarise: two steps, one action in each."""
    told = await do("Get the title of the page", "/pages/second.html")
    assert outline(told.events) == [
        "block goto_url",
        "thought user_goal_check/user_goal_check",
        "thought plan/generate_plan",
        "block extraction",
        "thought user_goal_check/user_goal_check",
        "thought user_goal_check/summarization",
    ]
    assert told.actions == ["goto_url", "extract"]
    assert told.steps == 2
    assert told.finished.ending == "completed"


async def test_a_step_leaves_its_artifacts_in_the_real_order(do: Do) -> None:
    """The look, the planner's prompt and answer, each action's picture and page, the whole page, the final check."""
    told = await do("Get the title of the page", "/pages/second.html")
    assert [made.artifact_type for made in told.artifacts()] == [
        *OF_AN_ACTION,
        *OF_A_STEP,
        *OF_AN_ACTION,
        "screenshot_final",
        *OF_A_CHECK,
    ]
    steps = [made.step_order for made in told.artifacts()]
    assert steps == [0, 0] + [1] * (len(steps) - 2)


async def test_the_artifacts_are_what_they_say(do: Do) -> None:
    """Pictures are PNG, maps and trees JSON, the prompt names the task, the answer has its fields."""
    told = await do("Type Ann into the full name field", "/pages/controls.html")
    for made in told.artifacts():
        if made.artifact_type.startswith("screenshot"):
            assert made.data.startswith(b"\x89PNG")
        elif (
            made.artifact_type in ("llm_request", "llm_response", "llm_response_parsed") or "map" in made.artifact_type
        ):
            assert json.loads(made.data)
    assert "Type Ann into the full name field" in told.artifacts("llm_prompt")[0].data.decode()
    parsed = json.loads(told.artifacts("llm_response_parsed")[0].data)
    assert {"user_goal_stage", "action_plan", "actions"} <= set(parsed)
    (action,) = parsed["actions"]
    assert (action["action_type"], action["text"]) == ("INPUT_TEXT", "Ann")
    assert action["id"] in json.loads(told.artifacts("visible_elements_id_css_map")[0].data)
    content = json.loads(told.artifacts("llm_response")[0].data)["choices"][0]["message"]["content"]
    assert json.loads(content) == parsed


async def test_the_final_picture_shows_the_whole_page(do: Do) -> None:
    """A page longer than the window is pictured to its end."""
    told = await do("Get the title of the page", "/pages/controls.html")
    heights = {
        made.artifact_type: int.from_bytes(made.data[20:24], "big")
        for made in told.artifacts()
        if made.artifact_type.startswith("screenshot")
    }
    assert heights["screenshot_llm"] == 720
    assert heights["screenshot_final"] > 1500


async def test_blocks_steps_and_actions_are_properly_nested(do: Do) -> None:
    """Everything opened is closed, in order; every action lies in a step, every step in a block."""
    told = await do(
        "Enter Ann as the full name, click Send form, then download the page as a PDF and get the title",
        "/pages/controls.html",
    )
    assert told.finished.ending == "completed", told.finished.failure_reason
    opened: list[str] = []
    running: set[int] = set()
    for event in told.events:
        if isinstance(event, BlockOpened):
            assert opened == []
            opened.append("block")
        elif isinstance(event, StepOpened):
            assert opened == ["block"]
            opened.append("step")
        elif isinstance(event, ActionStarted):
            assert opened == ["block", "step"]
            running.add(event.key)
        elif isinstance(event, ActionFinished):
            running.remove(event.key)
        elif isinstance(event, StepClosed):
            assert opened.pop() == "step"
        elif isinstance(event, BlockClosed):
            assert opened.pop() == "block"
    assert not opened
    assert not running
    assert told.blocks == ["goto_url", "navigation", "print_page", "extraction"]
    orders = [event.order for event in told.events if isinstance(event, StepOpened)]
    assert orders == list(range(len(orders)))


async def test_two_runs_tell_the_same(do: Do) -> None:
    """Same input, same run: events and text artifacts are identical."""

    async def once() -> list[Any]:
        told = await do("Enter Ann as the full name, choose Small and click Send form", "/pages/controls.html")
        return [
            event
            for event in told.events
            if not isinstance(event, ArtifactMade) or not event.artifact_type.startswith("screenshot")
        ]

    assert await once() == await once()


async def test_an_action_carries_the_element_it_is_done_to(do: Do) -> None:
    """Tag, role, name, box, ways to find it, frame and address go with the action."""
    told = await do("Click Load data", "/pages/reactions.html")
    (click,) = [
        event.action
        for event in told.events
        if isinstance(event, ActionStarted) and event.action.action_type == "click"
    ]
    assert set(click.element) == {"tagName", "role", "name", "box", "css", "xpath", "frame", "page_url"}
    assert (click.element["tagName"], click.element["role"], click.element["name"]) == ("button", "button", "Load data")
    assert click.reasoning
    assert click.intention == "Click Load data"


async def test_a_schema_alone_asks_for_an_extraction(do: Do) -> None:
    """An action with a schema acts first and then reads what the schema asks for."""
    schema = {"type": "object", "properties": {"title": {"type": "string"}}}
    told = await do("Click Leave by script", "/pages/reactions.html", schema=schema)
    assert told.blocks == ["goto_url", "navigation", "extraction"]
    assert told.finished.output == {"title": "Second page"}


async def test_what_is_not_on_the_page_is_never_made_up(do: Do) -> None:
    """A question the page has no answer to ends terminated, without an output, with what to do."""
    told = await do("Get the price of the cheapest yacht", "/pages/second.html")
    assert told.finished.ending == "terminated"
    assert told.finished.output is None
    assert "not found" in told.finished.failure_reason
    assert told.actions[-1] == "terminate"


@pytest.mark.parametrize("prompt", ["", "   ", "\n"])
async def test_an_empty_prompt_asks_for_one(do: Do, prompt: str) -> None:
    """Nothing is opened for nothing; the reason says what is missing."""
    told = await do(prompt, "/pages/second.html")
    assert told.finished.ending == "terminated"
    assert "prompt" in told.finished.failure_reason
    assert not told.actions


async def test_without_any_address_the_reason_asks_for_one(do: Do) -> None:
    """No url and no address in the prompt: nothing to work on."""
    told = await do("Get the title of the page")
    assert told.finished.ending == "terminated"
    assert "url" in told.finished.failure_reason


async def test_an_address_in_the_prompt_is_opened(do: Do, origin: str) -> None:
    """Without a url the address the prompt names is the start."""
    told = await do(f"Go to {origin}/pages/second.html and get the title of the page")
    assert told.finished.ending == "completed"
    assert told.finished.output == {"page_title": "Second page"} or "Second page" in json.dumps(told.finished.output)
    assert told.actions.count("goto_url") == 1


async def test_a_page_already_open_is_worked_on_where_it_is(chromium: Browser, origin: str) -> None:
    """In a session without a url the run goes on from the page that is open."""
    context = await chromium.new_context()
    page = await context.new_page()
    await page.goto(f"{origin}/pages/reactions.html")
    events = [event async for event in perform(Task("Click Leave by script"), page, RealClock())]
    assert page.url.endswith("/pages/second.html")
    assert isinstance(events[-1], Finished)
    assert events[-1].ending == "completed"
    await context.close()


async def test_an_address_nobody_answers_fails_with_what_to_do(do: Do) -> None:
    """A refused connection is technical trouble: failed, with address, error and advice."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    told = await do(
        "Get the title",
        f"http://127.0.0.1:{port}/",
        error_codes={"down": "The site cannot be reached, connection refused"},
    )
    reason = told.finished.failure_reason
    assert told.finished.ending == "failed"
    assert reason.startswith(f"Failed to navigate to URL. URL:http://127.0.0.1:{port}/, Error:")
    assert "ERR_CONNECTION_REFUSED" in reason
    assert "Nothing listens" in reason
    assert [entry["error_code"] for entry in told.finished.errors] == ["down"]
    assert told.steps == 1


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let navigations give up after half a second."""
    monkeypatch.setattr(watching, "NAVIGATION_TIMEOUT_MS", 500)
    return None


@pytest.mark.usefixtures("short_patience")
async def test_a_page_that_never_loads_fails_in_bounded_time(do: Do) -> None:
    """The navigation timeout ends it, and the reason says so."""
    told = await do("Get the title", "/hang")
    assert told.finished.ending == "failed"
    assert "500ms" in told.finished.failure_reason


async def test_running_out_of_steps_says_what_is_left(do: Do) -> None:
    """max_steps ends the run with what was not done yet."""
    told = await do("Find Gus in the list and click Edit", "/pages/list.html", max_steps=2)
    assert told.finished.ending == "max_steps"
    assert "(2)" in told.finished.failure_reason
    assert "Gus" in told.finished.failure_reason
    assert told.steps == 2


async def test_error_codes_follow_what_the_page_says(do: Do) -> None:
    """A refused sign-in gives the caller's own code, with the page's words as the reason."""
    codes = {
        "login_failed": "The login credentials are incorrect or the account is locked",
        "out_of_stock": "The product is sold out",
    }
    told = await do("Log in with email ann@x.org and password nope-1", "/pages/account.html", error_codes=codes)
    assert told.finished.ending == "terminated"
    (error,) = told.finished.errors
    assert error["error_code"] == "login_failed"
    assert "Wrong password" in error["reasoning"]
    assert error["error_type"] == "USER_DEFINED_ERROR"


async def test_a_crashed_page_ends_the_run_as_failed(do: Do) -> None:
    """A page that kills its own process is technical trouble, told in a sentence."""
    told = await do("Click Load data, then go to chrome://crash and click Load data", "/pages/reactions.html")
    assert told.finished.ending in ("failed", "terminated")
    assert told.finished.failure_reason


async def test_a_cancel_leaves_no_listener_behind(chromium: Browser, origin: str) -> None:
    """Closing the generator in the middle is clean: the page lives on, untouched by later events."""
    context = await chromium.new_context()
    page = await context.new_page()
    async with aclosing(
        perform(Task("Click Load data", f"{origin}/pages/reactions.html"), page, RealClock())
    ) as events:  # type: ignore[type-var]
        async for event in events:
            if isinstance(event, StepClosed):
                break
    await page.goto(f"{origin}/pages/second.html")
    assert await page.title() == "Second page"
    await context.close()


async def test_runs_side_by_side_do_not_mix(chromium: Browser, origin: str) -> None:
    """Several runs in contexts of their own each do their own task."""

    async def one(name: str) -> str:
        context = await chromium.new_context()
        page = await context.new_page()
        prompt = f"Find {name} and click Edit"
        async for _ in perform(Task(prompt, f"{origin}/pages/list.html"), page, RealClock()):
            pass
        said = str(await page.evaluate("document.getElementById('said').textContent"))
        await context.close()
        return said

    names = ["Ann", "Eve", "Gus"]
    assert await asyncio.gather(*(one(name) for name in names)) == [f"Edit {name}" for name in names]
