"""What people ask of pages as the web has them: documentation, shops, forums, timetables, registries and more.

Each page in ``readings/`` has a list of prompts beside it. ``output`` is the exact answer to a schema, ``says`` all
the values of a free answer in their order, ``mentions`` and ``lacks`` what a free answer must and must not hold,
``ends`` marks what is not on the page.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Route, async_playwright

from mock_server.agent.goal import parse_goal
from mock_server.agent.observation import Observation
from mock_server.agent.observer import observe
from mock_server.agent.planner.core import decide
from mock_server.agent.planner.model import Memory
from mock_server.browser.hardening import LAUNCH_ARGS

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

FOLDER = Path(__file__).parents[1] / "readings"
HOST = "http://pages.test"
MOST_LEAVES = 60
"""More values than this are the page, not an answer."""


def values(output: Any) -> Iterator[Any]:
    """Yield the values of an answer in their order, without their names."""
    if isinstance(output, dict):
        for inner in output.values():
            yield from values(inner)
    elif isinstance(output, list):
        for inner in output:
            yield from values(inner)
    elif output is not None:
        yield output


def complaint(case: dict[str, Any], output: Any) -> str:
    """Return what is wrong with an answer; empty if nothing is."""
    told = list(values(output))
    texts = [str(value) for value in told]
    if "ends" in case:
        return "" if output is None else "answered what is not on the page"
    if "output" in case:
        return "" if output == case["output"] else f"not {case['output']}"
    if "says" in case:
        return "" if told == case["says"] else f"does not say just {case['says']}"
    absent = [phrase for phrase in case["mentions"] if not any(phrase in text for text in texts)]
    present = [phrase for phrase in case.get("lacks", ()) if any(phrase in text for text in texts)]
    long = ["it is too long"] if len(told) > MOST_LEAVES else []
    return "; ".join([*(f"lacks {phrase!r}" for phrase in absent), *(f"holds {phrase!r}" for phrase in present), *long])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def looks(browser_path: Path | None) -> AsyncIterator[Callable[[str], Awaitable[Observation]]]:
    """Return a function that gives one look at a page of the folder; all in one browser."""

    async def serve(route: Route) -> None:
        file = FOLDER / route.request.url.removeprefix(f"{HOST}/")
        body = file.read_bytes() if file.is_file() else b""
        await route.fulfill(body=body, content_type="text/html; charset=utf-8")

    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=browser_path, args=LAUNCH_ARGS)
        page = await browser.new_page(viewport={"width": 1280, "height": 720})
        await page.route("**/*", serve)

        async def look(name: str) -> Observation:
            await page.goto(f"{HOST}/{name}.html")
            return (await observe(page)).observation

        yield look
        await browser.close()


@pytest.mark.parametrize("name", sorted(file.stem for file in FOLDER.glob("*.html")))
async def test_people_get_what_they_ask_of_a_page(name, looks):
    """Every prompt about the page is answered with what stands there, or not at all."""
    page = await looks(name)
    wrong = []
    for case in json.loads((FOLDER / f"{name}.json").read_text("utf-8").replace("{base}", HOST)):
        decision = decide(parse_goal(case["prompt"]), page, Memory(), case.get("schema"))
        read = decision.verdict == "act" and decision.moves[0].action.action_type == "extract"
        output = decision.moves[0].output if read else None
        if found := complaint(case, output):
            wrong.append(f"{case['prompt']!r}: {found}; got {output}")
    assert not wrong, "\n".join(wrong)
