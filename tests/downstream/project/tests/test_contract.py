"""The contract between this project and Skyvern."""

from __future__ import annotations

import contextlib

import httpx
import pytest
from fetching import GaveUpError

PDF = b"%PDF-1.7\n" + b"invoice " * 5_000


@pytest.mark.parametrize("status", ["completed", "failed", "terminated", "timed_out", "canceled"])
async def test_every_ending(skyvern_mock, fetcher, status):
    """Each ending is found out, and by nobody asking twice."""
    task = skyvern_mock.script().queued(polls=1).running(seconds=90).end(status)
    result = await fetcher.fetch("Fetch the invoice", seconds=600)
    assert (result.run_id, result.status) == (task.run_id, status)
    assert skyvern_mock.journal.count("run_task") == 1


async def test_it_stops_asking(skyvern_mock, fetcher):
    """No poll follows the one that saw the end."""
    task = skyvern_mock.script().running(polls=2).completed(output={"number": 7})
    result = await fetcher.fetch("Fetch the invoice", seconds=600)
    assert result.output == {"number": 7}
    skyvern_mock.assert_polls(task.run_id, times=3)


async def test_the_deadline(skyvern_mock, fetcher):
    """A run that does not end is given up, by name."""
    task = skyvern_mock.script().never_ending()
    with pytest.raises(GaveUpError) as gave_up:
        await fetcher.fetch("Fetch the invoice", seconds=600)
    assert gave_up.value.run_id == task.run_id


@pytest.mark.parametrize("fault", [{"kind": "html", "status": 502}, {"kind": "reset"}], ids=["502", "reset"])
async def test_one_bad_poll(skyvern_mock, fetcher, fault):
    """One bad poll is no end."""
    skyvern_mock.script().running(polls=2).fault(on="get_run", calls=[2], **fault).completed(output={"number": 7})
    assert (await fetcher.fetch("Fetch the invoice", seconds=600)).output == {"number": 7}


async def test_retry_after(skyvern_mock, fetcher):
    """Who is told to come back in 30 seconds does not come earlier."""
    script = skyvern_mock.script().running(polls=2).fault(on="get_run", calls=[1], status=429, retry_after=30)
    task = script.completed()
    await fetcher.fetch("Fetch the invoice", seconds=600)
    assert task.journal.gaps("get_run")[0] >= 30


async def test_one_task_one_run(skyvern_mock, fetcher):
    """A submission that may have arrived is not sent again."""
    skyvern_mock.script(times=5).completed()
    skyvern_mock.fault(on="run_task", kind="error", calls=[1], when="after")
    with pytest.raises(Exception, match="500"):
        await fetcher.fetch("Fetch the invoice", seconds=600)
    skyvern_mock.assert_called("run_task", times=1)


async def test_a_new_status_on_the_way(skyvern_mock, fetcher):
    """A status nobody knew when this was written is no end."""
    skyvern_mock.script().said(unchecked=True).phase("thinking", polls=1).running(polls=1).completed()
    assert (await fetcher.fetch("Fetch the invoice", seconds=600)).status == "completed"


async def test_a_new_ending(skyvern_mock, fetcher):
    """A run with a finished_at is over, whatever it is called."""
    skyvern_mock.script().running(polls=1).end("archived")
    assert (await fetcher.fetch("Fetch the invoice", seconds=600)).status == "archived"


async def test_webhook(skyvern_mock, fetcher):
    """A genuine delivery is known by its bytes, a forged one is not accepted."""
    skyvern_mock.script().completed(output={"for": "Grüße GmbH"})
    with skyvern_mock.webhook_sink(replies=[503, 200]) as sink:
        await fetcher.fetch("Fetch the invoice", seconds=600, webhook_url=sink.url)
    assert sink.attempts == 2
    assert fetcher.is_genuine(sink.last.body, sink.last.headers, skyvern_mock.api_key)
    assert not fetcher.is_genuine(sink.last.body + b" ", sink.last.headers, skyvern_mock.api_key)


async def test_a_file_that_breaks_off(skyvern_mock, fetcher):
    """Half an invoice is none."""
    skyvern_mock.script().completed(downloads={"invoice.pdf": PDF})
    result = await fetcher.fetch("Fetch the invoice", seconds=600)
    run = skyvern_mock.http().get(f"/v1/runs/{result.run_id}").json()
    url = run["downloaded_files"][0]["url"]
    skyvern_mock.fault(on="get_artifact_content", kind="truncated", bytes=1000, calls=[1])
    with contextlib.suppress(httpx.TransportError):
        assert await fetcher.save(url) == PDF, "half a file was taken for the whole"
    assert await fetcher.save(url) == PDF
