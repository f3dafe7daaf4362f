"""What a run leaves as code: places of elements that are hard to name, and readings of many shapes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from mock_server.agent import perform
from mock_server.agent.events import Event, Finished, ScriptBroke, ScriptMade, Task, Thought
from mock_server.agent.scripting.scribe import _script
from mock_server.clock import RealClock

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PAGE = """<!DOCTYPE html><title>A shop</title><body><nav><a href="/">Home</a></nav><main>
<h1>Lamps</h1><p>3 lamps, updated <time datetime="2026-11-05">5 November</time></p>
<ul class="goods">
 <li class="good"><h2><a href="/a">Desk lamp</a></h2><span class="price">$1,020.50</span> <i class="stock">In stock</i>
   <small>sold by Ana, 14 reviews</small></li>
 <li class="good"><h2><a href="/b">Floor lamp</a></h2><span class="price">$35</span> <i class="stock">Sold out</i>
   <small>sold by Ben, 3 reviews</small></li>
 <li class="good"><h2><a href="/c">Night light</a></h2><span class="price">$8.75</span> <i class="stock">In stock</i>
   <small>sold by Cleo, 120 reviews</small></li>
</ul>
<dl><dt>Total</dt><dd>$1,064.25</dd><dt>Courier</dt><dd>Swift</dd></dl>
</main></body>"""

Json = Any


async def induced(chromium: Browser, output: Json) -> Json:
    page = await chromium.new_page()
    try:
        await page.set_content(PAGE)
        return await page.evaluate(_script(), output)
    finally:
        await page.close()


async def test_entries_of_a_list(chromium: Browser):
    """Text, number, words for yes and no, and a part of a sentence are found in every entry of the list."""
    goods = [
        {"name": "Desk lamp", "price": 1020.5, "in_stock": True, "seller": "Ana", "reviews": 14},
        {"name": "Floor lamp", "price": 35, "in_stock": False, "seller": "Ben", "reviews": 3},
        {"name": "Night light", "price": 8.75, "in_stock": True, "seller": "Cleo", "reviews": 120},
    ]
    plan = await induced(chromium, goods)
    assert (plan["kind"], plan["css"], plan["total"], plan["pick"]) == ("rows", "ul.goods > li.good", 3, None)
    reads = {name: field["read"]["how"] for name, field in plan["fields"]}
    assert reads == {"name": "text", "price": "number", "in_stock": "says", "seller": "match", "reviews": "number"}
    first = await induced(chromium, goods[:2])
    assert (first["start"], first["stop"]) == (0, 2)
    ends = await induced(chromium, [goods[0], goods[2]])
    assert (ends["start"], ends["step"]) == (0, 2)


async def test_one_entry_and_single_values(chromium: Browser):
    """A thing of a list is read in its place; a labelled value by its label; a date by its attribute."""
    one = await induced(chromium, {"name": "Floor lamp", "price": 35})
    assert (one["kind"], one["index"]) == ("entry", 1)
    plan = await induced(chromium, {"courier": "Swift", "updated": "2026-11-05", "title": "A shop", "nothing": None})
    fields = dict(plan["fields"])
    assert fields["courier"]["at"] == {"css": "dt", "text": "Courier", "next": "dd"}
    assert fields["updated"]["read"] == {"how": "attribute", "name": "datetime", "number": False}
    assert (fields["title"]["kind"], fields["nothing"]["kind"]) == ("title", "null")


@pytest.mark.parametrize("value", ["a conclusion of the agent", 987654, True])
async def test_what_stands_nowhere(chromium: Browser, value: Json):
    """A value the page does not show has no place, and is not made up."""
    assert (await induced(chromium, {"value": value, "price": 35}))["fields"][0][1]["kind"] == "lost"


async def run(chromium: Browser, prompt: str, url: str, **more: Any) -> list[Event]:
    context = await chromium.new_context(viewport={"width": 1280, "height": 720})
    try:
        return [event async for event in perform(Task(prompt, url, **more), await context.new_page(), RealClock())]
    finally:
        await context.close()


async def test_there_and_back(chromium: Browser, origin: str, tmp_path: Path, browser_path: Path | None):
    """The steps of a cart: again without planning, and as a script in a process of its own."""
    prompt, url = "Add the Linen desk lamp to the cart and go to the cart", f"{origin}/sites/shop/products"
    events = await run(chromium, prompt, url)
    (made,) = [event for event in events if isinstance(event, ScriptMade)]
    assert isinstance(events[-1], Finished)
    assert isinstance(events[-2], ScriptMade)
    again = await run(chromium, prompt, url, recipe=json.loads(json.dumps(dict(made.recipe))))
    assert not [event for event in again if isinstance(event, (Thought, ScriptBroke))]
    (remade,) = [event for event in again if isinstance(event, ScriptMade)]
    assert remade.replayed
    assert remade.source == made.source
    (tmp_path / "script.py").write_text(made.source)
    chosen = {} if browser_path is None else {"CHROMIUM_PATH": str(browser_path)}
    done = subprocess.run(  # noqa: ASYNC221  # the site it visits is served by another thread
        [sys.executable, str(tmp_path / "script.py")],
        env=os.environ | chosen,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "null"), done.stderr


async def test_a_secret_the_task_does_not_give(chromium: Browser, origin: str):
    """Code that needs a password the task lacks breaks and leaves the rest to the agent, or ends if it may not."""
    events = await run(
        chromium, "Log in with username demo and password demo-1234 and get the balance due", f"{origin}/sites/portal/"
    )
    (made,) = [event for event in events if isinstance(event, ScriptMade)]
    assert "demo-1234" not in made.source
    assert "demo-1234" not in json.dumps(dict(made.recipe))
    other = await run(
        chromium, "Log in with username demo and get the balance due", f"{origin}/sites/portal/",
        recipe=dict(made.recipe), falls_back=False,
    )  # fmt: skip
    broke = [event.reason for event in other if isinstance(event, ScriptBroke)]
    assert broke == ["The script needs a password, and the task gives none."]
    assert isinstance(other[-1], Finished)
    assert other[-1].ending == "failed"
