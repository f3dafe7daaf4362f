"""Claims about with_raw_response: the answer beside what was read out of it."""

from __future__ import annotations

import asyncio
import inspect

import httpx
import pytest

from skyvern_tui.client import AsyncSkyvern, NotFoundError, RawResponse, Run, Skyvern
from skyvern_tui.client.raw import AsyncRawSkyvern, RawSkyvern
from tests.skyvern_tui.client.playground import BASE, KEY, RUN_ID, run_body


def called(kind, name, *args, handler, **options):
    """Make a raw call on one face."""
    transport = httpx.MockTransport(handler)
    if kind == "sync":
        with Skyvern(api_key=KEY, base_url=BASE, transport=transport, sleep=lambda _: None) as client:
            return getattr(client.with_raw_response, name)(*args, **options)

    async def main():
        async with AsyncSkyvern(api_key=KEY, base_url=BASE, transport=transport, sleep=asyncio.sleep) as client:
            return await getattr(client.with_raw_response, name)(*args, **options)

    return asyncio.run(main())


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_status_headers_and_bytes_come_with_the_result(kind):
    """The model is as without; what it was read out of is beside it."""
    body = httpx.Response(200, json=run_body()).content

    def handler(_):
        return httpx.Response(200, content=body, headers={"X-Request-Id": "req-7", "X-Left": "3"})

    raw = called(kind, "get_run", RUN_ID, handler=handler)
    assert isinstance(raw, RawResponse)
    assert isinstance(raw.data, Run)
    assert (raw.status_code, raw.headers["x-left"], raw.content, raw.request_id) == (200, "3", body, "req-7")


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_of_several_answers_it_is_the_last(kind):
    """After retries and polls the answer kept is the one that was used."""
    answers = iter(
        [httpx.Response(200, json=run_body()), httpx.Response(503), httpx.Response(200, json=run_body("failed"))]
    )
    raw = called(kind, "run_task", "x", wait_for_completion=True, handler=lambda _: next(answers))
    assert raw.data.status == "failed"
    assert b'"failed"' in raw.content


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_errors_are_errors_here_too(kind):
    """A refusal is raised, not returned."""
    with pytest.raises(NotFoundError):
        called(kind, "get_run", RUN_ID, handler=lambda _: httpx.Response(404, json={"detail": "Not Found"}))


@pytest.mark.parametrize(("raw", "face"), [(RawSkyvern, Skyvern), (AsyncRawSkyvern, AsyncSkyvern)])
def test_every_call_has_its_raw_counterpart(raw, face):
    """The same names and parameters; the result says what it is wrapped in."""
    calls = [name for name, value in inspect.getmembers(raw, inspect.isfunction) if name[0] != "_"]
    ours = [
        name
        for name, value in inspect.getmembers(face, inspect.isfunction)
        if name[0] != "_" and value.__module__ not in ("skyvern_tui.client.sync", "skyvern_tui.client.aio")
    ]
    assert calls == ours
    for name in calls:
        signature = inspect.signature(getattr(raw, name))
        assert signature.parameters == inspect.signature(getattr(face, name)).parameters
        assert str(signature.return_annotation).startswith("RawResponse[")
