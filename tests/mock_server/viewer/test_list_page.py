"""The list of runs: filters, pages, and what keeps it current."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

TITLE = re.compile(r'class="title"[^>]*><bdi>([^<]*)</bdi>')


async def titles(visitor: httpx.AsyncClient, **asked: Any) -> list[str]:
    answer = await visitor.get("/runs", params=asked)
    assert answer.status_code == 200
    return TITLE.findall(answer.text)


async def test_newest_first_in_pages(visitor: httpx.AsyncClient, make: Any, clock: Any):
    """Twenty-five runs make a page, newest first; the pager leads through all of them and keeps the filter."""
    for number in range(60):
        clock.move(1)
        make.run(title=f"Run {number}", status="failed")
    assert await titles(visitor) == [f"Run {number}" for number in range(59, 34, -1)]
    assert await titles(visitor, page=3) == [f"Run {number}" for number in range(9, -1, -1)]
    second = (await visitor.get("/runs?page=2&status=failed&text=run")).text
    assert 'href="/runs?status=failed&amp;text=run"' in second
    assert 'href="/runs?status=failed&amp;text=run&amp;page=3"' in second
    assert 'rel="next"' not in (await visitor.get("/runs?page=3")).text
    assert 'rel="prev"' not in (await visitor.get("/runs")).text


async def test_last_page_may_be_full(visitor: httpx.AsyncClient, make: Any):
    """No further page is offered when the last one happens to be full."""
    for _ in range(25):
        make.run()
    assert "Older" not in (await visitor.get("/runs")).text


async def test_filters(visitor: httpx.AsyncClient, make: Any):
    """Runs are found by status, by not being over, by text in title, address or id, and by both together."""
    make.run(title="Alpha", status="completed")
    make.run(title="Beta", status="running", request={"url": "http://shop.example/"})
    make.run(title="Gamma", status="paused")
    odd = make.run(title="Delta", status="odd_one")
    assert await titles(visitor, status="completed") == ["Alpha"]
    assert set(await titles(visitor, status="active")) == {"Beta", "Gamma"}
    assert await titles(visitor, status="odd_one") == ["Delta"]
    assert await titles(visitor, text="SHOP.ex") == ["Beta"]
    assert await titles(visitor, text=odd.run_id) == ["Delta"]
    assert await titles(visitor, text="a", status="paused") == ["Gamma"]
    assert await titles(visitor, text="100%_") == []
    page = (await visitor.get("/runs", params={"status": "odd_one", "text": '"><x>'})).text
    assert '<option value="odd_one" selected>' in page
    assert "&#34;&gt;&lt;x&gt;" in page
    assert "No run fits." in page


@pytest.mark.parametrize("page", ["0", "-1", "x", "1e3", "99999999999999999999", "²", ""])
async def test_senseless_pages(page: str, visitor: httpx.AsyncClient, make: Any):
    """A page number that is none means the first page."""
    make.run(title="Only")
    assert await titles(visitor, page=page) == ["Only"]


async def test_no_runs(visitor: httpx.AsyncClient):
    """A new key's list says that runs will appear, not that something is wrong."""
    assert "No runs yet under this API key" in (await visitor.get("/runs")).text


async def test_live_list(visitor: httpx.AsyncClient, make: Any, clock: Any):
    """The digest stays while nothing changes, time passing included, and changes with a new run or status."""
    run = make.run(status="running", started_at=clock.now())
    first = (await visitor.get("/viewer/live/runs")).json()
    clock.move(2)
    second = (await visitor.get("/viewer/live/runs")).json()
    assert second["parts"] == first["parts"]
    assert second["elapsed"] == {run.run_id: 2.0}
    make.change(run, status="completed", finished_at=clock.now())
    third = (await visitor.get("/viewer/live/runs")).json()
    assert third["parts"]["rows"]["digest"] != first["parts"]["rows"]["digest"]
    assert third["elapsed"] == {}
    make.run(title="Another", status="failed")
    assert "Another" in (await visitor.get("/viewer/live/runs")).json()["parts"]["rows"]["html"]
    assert "Another" not in (await visitor.get("/viewer/live/runs?status=completed")).json()["parts"]["rows"]["html"]


async def test_addresses_that_are_near(visitor: httpx.AsyncClient):
    """A slash at the end does not matter, and /viewer leads to the list."""
    assert (await visitor.get("/runs/")).status_code == 200
    answer = await visitor.get("/viewer")
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs")
    assert (await visitor.post("/runs")).status_code == 405
