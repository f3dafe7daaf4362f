"""When a page is at rest: its own word that something is still loading counts, and what it answers is not trusted."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.agent import watching
from mock_server.agent.pulse import Pulse, read_pulse
from mock_server.agent.watching import Watch

LATE = (
    "<html><body><h1>Lines</h1><div id='t'>Loading…</div>"
    "<script>setTimeout(() => { document.getElementById('t').textContent = 'A1 runs'; }, 700)</script></body></html>"
)
NEVER = "<html><body><h1>Lines</h1><div>Loading…</div><script>1</script></body></html>"


def test_a_pulse_is_read_from_what_was_asked_for_and_nothing_else():
    """A page may put anything in the place of its answer; only numbers and texts of the right kind make a pulse."""
    told = {"count": 3, "url": "http://site.test/", "title": "Site", "x": 0, "y": 1.5, "height": 900}
    assert read_pulse(told) == Pulse(3, "http://site.test/", "Site", 0, 1.5, 900)
    for wrong in (None, "yes", [], {}, told | {"count": "3"}, {**told, "height": None}):
        assert read_pulse(wrong) is None


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
async def test_a_part_that_says_it_is_loading_is_waited_for(show: Any) -> None:
    """A page whose script fills a part of it later is at rest only when that part is there."""
    page = await show(LATE)
    watch = Watch(page)
    try:
        await watch.pulse()
        await watch.settled()
        assert await page.inner_text("#t") == "A1 runs"
    finally:
        watch.release()


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
async def test_a_part_that_loads_for_ever_is_waited_for_once(show: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document that never stops saying so is given up on, and no later look at it waits again."""
    monkeypatch.setattr(watching, "FILL_LIMIT_S", 0.2)
    page = await show(NEVER)
    watch, waits = Watch(page), []
    ask = page.wait_for_function

    async def counted(*args: Any, **named: Any) -> Any:
        waits.append(args)
        return await ask(*args, **named)

    monkeypatch.setattr(page, "wait_for_function", counted)
    try:
        await watch.pulse()
        for _ in range(3):
            assert await watch.settled() is not None
        assert len(waits) == 1
    finally:
        watch.release()
