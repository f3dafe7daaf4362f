"""Calls that cost nothing: their answers and their refusals, as the SDK's own classes."""

from __future__ import annotations

import pytest
from skyvern import Skyvern
from skyvern.client import BadRequestError, NotFoundError, UnprocessableEntityError
from skyvern.client.core.api_error import ApiError

UNKNOWN = "tsk_1"


async def test_the_version(client):
    """The version is a dictionary with one text."""
    assert isinstance((await client.get_version())["version"], str)


async def test_a_page_of_runs(client):
    """Runs come as a list, whatever there is."""
    assert isinstance(await client.get_runs_v2(page=1, page_size=5), list)


async def test_a_page_that_cannot_be(client):
    """A page below one is refused as a fault of the caller."""
    with pytest.raises(UnprocessableEntityError) as caught:
        await client.get_runs_v2(page=0)
    assert caught.value.body["detail"][0]["loc"] == ["query", "page"]


@pytest.mark.parametrize("call", ["get_run", "get_run_timeline"])
async def test_a_run_that_is_not_there(client, call):
    """Reading an unknown run raises the SDK's own class."""
    with pytest.raises(NotFoundError) as caught:
        await getattr(client, call)(UNKNOWN)
    assert UNKNOWN in caught.value.body["detail"]


@pytest.mark.parametrize("call", ["cancel_run", "retry_run_webhook"])
async def test_acting_on_a_run_that_is_not_there(client, call):
    """Acting on one raises the general class, as the SDK knows no other for these calls."""
    with pytest.raises(ApiError) as caught:
        await getattr(client, call)(UNKNOWN)
    assert caught.value.status_code == 404


async def test_the_artifacts_of_a_run_that_is_not_there(client):
    """There are none."""
    assert await client.get_run_artifacts(UNKNOWN) == []


async def test_cancelling_what_is_not_there(client):
    """A bulk cancel says which ids it could do nothing for."""
    answer = await client.bulk_cancel_runs(run_ids=[UNKNOWN, UNKNOWN])
    assert (answer.cancelled, answer.failed) == ([], [UNKNOWN])


async def test_an_engine_there_is_not(client):
    """The engine names of the documentation are not those of the API; the SDK says which field was wrong."""
    with pytest.raises(UnprocessableEntityError) as caught:
        await client.run_task(prompt="x", engine="skyvern_v2")
    assert caught.value.body["detail"][0]["loc"][:2] == ["body", "engine"]


async def test_an_address_that_is_none(client):
    """An address with another scheme is a bad request."""
    with pytest.raises(BadRequestError):
        await client.run_task(prompt="x", url="ftp://example.com/x")


async def test_without_a_key(base_url):
    """A request without a key is forbidden, which the SDK has no class for on this call."""
    client = Skyvern(api_key="", base_url=base_url)
    with pytest.raises(ApiError) as caught:
        await client.get_run(UNKNOWN)
    await client.aclose()
    assert caught.value.status_code == 403


async def test_open_sessions(client):
    """The list of open browser sessions is a list."""
    assert isinstance(await client.get_browser_sessions(), list)


async def test_credentials_and_profiles(client):
    """Lists of what may be none are lists."""
    assert isinstance(await client.get_credentials(), list)
    assert isinstance(await client.list_browser_profiles(), list)
