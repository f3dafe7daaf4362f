"""Two hundred tests that would be in each other's way, if they could."""

from __future__ import annotations

import pytest

ENDINGS = ["completed", "failed", "terminated", "timed_out", "canceled"]


@pytest.mark.parametrize("number", range(200))
async def test_nobody_is_in_anybodys_way(skyvern_mock, number):
    """Each has its own runs, faults, clock and journal, in whatever order and beside whomever it runs."""
    status = ENDINGS[number % len(ENDINGS)]
    task = (
        skyvern_mock.script(match={"prompt": f"number {number}"})
        .queued(polls=number % 3)
        .running(seconds=60 + number)
        .fault(on="get_run", calls=[2], status=503, retry_after=number % 20)
        .end(status)
    )
    client = skyvern_mock.async_client()
    run = await client.run_task(f"number {number}", wait_for_completion=True, timeout=3600)
    assert (run.run_id, run.status) == (task.run_id, status)
    assert task.journal.gaps("get_run")[1] >= number % 20
    assert skyvern_mock.journal.count("run_task") == 1
    assert [each.run_id for each in await client.get_runs()] == [run.run_id]
