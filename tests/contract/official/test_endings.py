"""What a caller of the SDK sees of every ending and of the faults on the way, on scripted runs."""

from __future__ import annotations

import json

import httpx
import pytest
from skyvern.client import BadRequestError, NotFoundError
from skyvern.client.core.api_error import ApiError

pytestmark = pytest.mark.mock


def headers(**values: str) -> dict[str, dict[str, str]]:
    """Return request options that script one run."""
    return {"additional_headers": {f"x-mock-{name}": value for name, value in values.items()}}


ENDINGS = ["completed", "failed", "terminated", "timed_out", "canceled"]


@pytest.mark.parametrize("status", ENDINGS)
async def test_every_ending_ends_the_wait(client, status):
    """Whatever the final status, the wait returns the run and raises nothing."""
    end = status if status in ("completed", "canceled") else f"{status}; reason=because"
    run = await client.run_task(
        prompt="x", wait_for_completion=True, request_options=headers(progression="immediate", end=end)
    )
    assert run.status == status
    assert (run.failure_reason == "because") == (status in ("failed", "terminated", "timed_out"))


async def test_the_wait_times_out_and_the_run_goes_on(client):
    """A wait that is too short raises the built-in TimeoutError; the run is not canceled."""
    title = "goes on"
    with pytest.raises(TimeoutError):
        await client.run_task(
            prompt="x",
            title=title,
            engine="skyvern-1.0",
            wait_for_completion=True,
            timeout=0.5,
            request_options=headers(progression="manual"),
        )
    (listed,) = [item for item in await client.get_runs_v2(page_size=50) if item.title == title]
    assert listed.status not in ENDINGS


async def test_an_unknown_status_breaks_the_wait(client):
    """A status the SDK does not know raises ValueError out of the wait."""
    with pytest.raises(ValueError, match="brand_new"):
        await client.run_task(
            prompt="x",
            wait_for_completion=True,
            request_options=headers(progression="immediate", end="brand_new; unchecked=true"),
        )


async def test_cancel(client):
    """A run that is going on is canceled at once."""
    run = await client.run_task(prompt="x", request_options=headers(progression="manual"))
    assert await client.cancel_run(run.run_id) is None
    assert (await client.get_run(run.run_id)).status == "canceled"


async def test_cancel_twice(client, dialect):
    """A second cancel is without effect in the cloud dialect and refused by a self-hosted server."""
    run = await client.run_task(prompt="x", engine="skyvern-1.0", request_options=headers(progression="manual"))
    await client.cancel_run(run.run_id)
    if dialect == "cloud":
        assert await client.cancel_run(run.run_id) is None
    else:
        with pytest.raises(ApiError) as caught:
            await client.cancel_run(run.run_id)
        assert caught.value.status_code == 400


async def test_bulk_cancel(client):
    """Several runs are canceled in one call; what could not be is named."""
    runs = [await client.run_task(prompt="x", request_options=headers(progression="manual")) for _ in range(3)]
    ids = [run.run_id for run in runs]
    answer = await client.bulk_cancel_runs(run_ids=[*ids, "tsk_1"])
    assert (answer.cancelled, answer.failed) == (ids, ["tsk_1"])


async def test_the_timeline_of_a_step_run(client, dialect):
    """Step-engine runs have a timeline in the cloud dialect and none on a self-hosted server."""
    run = await client.run_task(
        prompt="x", engine="skyvern-1.0", request_options=headers(progression="immediate", end="completed")
    )
    if dialect == "cloud":
        assert await client.get_run_timeline(run.run_id)
    else:
        with pytest.raises(BadRequestError):
            await client.get_run_timeline(run.run_id)


@pytest.mark.parametrize(
    ("fault", "raised", "status"),
    [
        ({"kind": "status", "status": 500}, ApiError, 500),
        ({"kind": "status", "status": 429, "retry_after": 1}, ApiError, 429),
        ({"kind": "status", "status": 403}, ApiError, 403),
        ({"kind": "status", "status": 404}, NotFoundError, 404),
        ({"kind": "html", "status": 502}, ApiError, 502),
        ({"kind": "malformed_json"}, ApiError, 200),
        ({"kind": "empty"}, ApiError, 200),
        ({"kind": "reset"}, httpx.TransportError, None),
        ({"kind": "truncated"}, httpx.TransportError, None),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else None,
)
async def test_one_bad_answer(client, fault, raised, status):
    """A single bad answer raises at once: the SDK retries nothing unless it is told to."""
    run = await client.run_task(prompt="x", request_options=headers(progression="immediate"))
    with pytest.raises(raised) as caught:
        await client.get_run(run.run_id, request_options=headers(fault=json.dumps(fault)))
    if status is not None:
        assert caught.value.status_code == status


async def test_one_bad_poll_ends_the_wait(client, base_url, api_key):
    """One bad poll out of many loses the wait, and the exception does not say which run it was."""
    async with httpx.AsyncClient(base_url=base_url, headers={"x-api-key": api_key}) as http:
        made = await http.post("/_mock/faults", json={"on": "get_run", "calls": [1], "kind": "status", "status": 503})
        assert made.is_success, made.text
        with pytest.raises(ApiError) as caught:
            await client.run_task(
                prompt="x", wait_for_completion=True, request_options=headers(progression="immediate")
            )
        await http.delete("/_mock/faults")
    assert caught.value.status_code == 503
    assert "tsk_" not in str(caught.value)
