"""Claims about where a client can be used: in an event loop, on another loop, with a profile's server and key."""

from __future__ import annotations

import asyncio
import inspect
import threading
import uuid

import httpx
import pytest

from skyvern_tui.client import AsyncSkyvern, Skyvern
from tests.skyvern_tui.client.playground import BASE, KEY, RUN_ID, run_body


async def test_in_a_coroutine_a_call_is_awaited(mock_server):
    """Where blocking would stop the loop, the same client hands out awaitables; they wait, list and raise alike."""
    client = Skyvern(api_key=f"places-{uuid.uuid4().hex}", base_url=mock_server)
    waiting = client.run_task("x", wait_for_completion=True, timeout=120)
    assert inspect.isawaitable(waiting)
    run = await waiting
    assert run.status == "completed"
    assert [item.run_id for item in await client.get_runs()] == [run.run_id]
    raw = await client.with_raw_response.get_run(run.run_id)
    assert (raw.status_code, raw.data.run_id) == (200, run.run_id)


async def test_the_loop_is_free_while_a_run_is_awaited(mock_server):
    """Two runs are waited for at once."""
    async with Skyvern(api_key=f"places-{uuid.uuid4().hex}", base_url=mock_server) as client:
        runs = await asyncio.gather(*(client.run_task("x", wait_for_completion=True, timeout=120) for _ in range(2)))
    assert [run.status for run in runs] == ["completed"] * 2


def test_one_client_serves_several_loops_and_none(mock_server):
    """A client made outside is used in one loop after another, and blocks in between and in threads."""
    client = Skyvern(api_key=f"places-{uuid.uuid4().hex}", base_url=mock_server)
    with client:
        run = client.run_task("x")
        first = asyncio.run(client_get(client, run.run_id))
        second = asyncio.run(client_get(client, run.run_id))
        blocking = client.get_run(run.run_id)
        assert {first, second, blocking.run_id} == {run.run_id}
        found = []

        async def from_a_thread():
            thread = threading.Thread(target=lambda: found.append(client.get_run(run.run_id).run_id))
            thread.start()
            await asyncio.to_thread(thread.join)

        asyncio.run(from_a_thread())
        assert found == [run.run_id]


async def client_get(client, run_id):
    return (await client.get_run(run_id)).run_id


async def test_a_blocking_transport_blocks_everywhere():
    """Who hands in something that blocks gets results, in a loop too."""
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=run_body()))
    with Skyvern(api_key=KEY, base_url=BASE, transport=transport) as client:
        assert client.get_run(RUN_ID).status == "running"


@pytest.fixture
def profiles(tmp_path, monkeypatch):
    """A configuration file with two profiles."""
    folder = tmp_path / "skyvern-tui"
    folder.mkdir()
    (folder / "config.toml").write_text(
        '[profiles.work]\nbase_url = "https://skyvern.example.com"\napi_key_env = "WORK_KEY"\n'
        '[profiles.open]\nbase_url = "http://127.0.0.1:8000"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("WORK_KEY", KEY)
    monkeypatch.setenv("SKYVERN_API_KEY", "of-another-server")
    monkeypatch.setenv("SKYVERN_BASE_URL", "http://another")


@pytest.mark.usefixtures("profiles")
@pytest.mark.parametrize("face", [Skyvern, AsyncSkyvern])
def test_a_profile_names_server_and_key(face):
    """Both come from the profile; a key that was set for another server never goes to this one."""
    endpoint = face(profile="work").calls.endpoint
    assert (endpoint.base_url, endpoint.api_key) == ("https://skyvern.example.com", KEY)
    assert "profile 'work'" in endpoint.key_source
    assert face(profile="open").calls.endpoint.api_key is None
    assert face(profile="work", api_key="mine").calls.endpoint.api_key == "mine"


@pytest.mark.usefixtures("profiles")
@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"profile": "nonsense"}, "no profile 'nonsense'"),
        ({"profile": "mock"}, "starts a mock server"),
        ({"profile": "work", "base_url": "http://h"}, "one of them"),
    ],
)
def test_a_profile_that_cannot_be_used_says_why(options, says):
    """It is a ValueError with what to do."""
    with pytest.raises(ValueError, match=says):
        Skyvern(**options)
