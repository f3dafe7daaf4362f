"""The mock outside pytest: as a block, under unittest, at a server elsewhere; and what importing it loads."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import unittest

import pytest

from mock_server.testing import AsyncSkyvernMockTestCase, SkyvernMockTestCase, open_mock


def fresh(code, *arguments):
    """Return what a fresh interpreter prints; a warning or an error fails."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *arguments],
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_importing_the_kit_loads_next_to_nothing():
    """`import mock_server.testing` and its plugin load no web stack, no HTTP client and no test library."""
    found = json.loads(
        fresh(
            """
            import sys, json, mock_server.testing, mock_server.testing.plugin
            print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))
            """
        )
    )
    assert not {"httpx", "fastapi", "pydantic", "playwright", "textual", "hypothesis", "vcr", "yaml"} & set(found)


@pytest.mark.parametrize("where", ["thread", "asgi"])
def test_the_kit_at_work_needs_neither_browser_nor_screen(where):
    """A whole scripted run, through our client, loads neither Playwright nor Textual, and leaves nothing open."""
    printed = fresh(
        """
        import sys
        from mock_server.testing import open_mock
        with open_mock(sys.argv[1]) as mock:
            mock.script().running(seconds=600).completed(output={"n": 1})
            print(mock.client().run_task("x", wait_for_completion=True).output)
        print(sorted({"playwright", "textual", "av"} & set(sys.modules)))
        """,
        where,
    )
    assert printed == "{'n': 1}\n[]\n"


async def test_a_block_of_async_code(listening_server):
    """`async with open_mock` closes the async clients it handed out in their own event loop."""
    async with open_mock(listening_server) as mock:
        client = mock.async_client()
        mock.script().running(seconds=100).completed(output=[1])
        assert (await client.run_task("x", wait_for_completion=True)).output == [1]
        plain = mock.async_http()
        assert (await plain.get("/v1/runs")).status_code == 200
    assert plain.is_closed


def test_a_server_that_runs_elsewhere(listening_server):
    """By its address a server of another process serves as well: scripts, virtual time, faults, conformance."""
    with open_mock(listening_server.base_url) as mock:
        assert not mock.server.is_local
        task = mock.script().running(seconds=300).completed(output={"n": 1})
        assert mock.client().run_task("x", wait_for_completion=True).output == {"n": 1}
        assert sum(task.journal.gaps("get_run")) >= 290
        mock.assert_conforms()
    with pytest.raises(TypeError, match="dialect"):
        open_mock(listening_server.base_url, dialect="oss").__enter__()


def test_settings_reach_the_server():
    """What a server is started with can be chosen: here the dialect, and how unscripted runs go on."""
    with open_mock("asgi", dialect="oss", progression="immediate") as mock, mock.http() as client:
        run = client.post("/v1/run/tasks", json={"prompt": "x"}).json()
        assert client.get(f"/v1/runs/{run['run_id']}").json()["status"] == "completed"


def test_the_environment_leads_there(listening_server):
    """The environment variables are those under which the SDKs look for a server and a key."""
    with open_mock(listening_server) as mock:
        assert mock.environment == {"SKYVERN_BASE_URL": listening_server.base_url, "SKYVERN_API_KEY": mock.api_key}


def run_case(case):
    """Return the result of the tests of a unittest case."""
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return result


def test_unittest():
    """A unittest case has a mock for each test, in skipped time."""

    keys = set()

    class Case(SkyvernMockTestCase):
        def test_one(self):
            """A run of ten minutes."""
            keys.add(self.skyvern_mock.api_key)
            self.skyvern_mock.script().running(seconds=600).completed(output={"n": 1})
            run = self.skyvern_mock.client().run_task("x", wait_for_completion=True)
            assert run.output == {"n": 1}

        def test_two(self):
            """Another test, another key."""
            keys.add(self.skyvern_mock.api_key)
            self.skyvern_mock.assert_polls(times=0)

    result = run_case(Case)
    assert result.wasSuccessful(), result.errors + result.failures
    assert result.testsRun == 2
    assert len(keys) == 2


def test_async_unittest():
    """An async unittest case as well, here without sockets."""

    class Case(AsyncSkyvernMockTestCase):
        skyvern_mock_where = "asgi"

        async def test_one(self):
            """A run of ten minutes."""
            self.skyvern_mock.script().running(seconds=600).completed(output={"n": 1})
            run = await self.skyvern_mock.async_client().run_task("x", wait_for_completion=True)
            assert run.output == {"n": 1}

    result = run_case(Case)
    assert result.wasSuccessful(), result.errors + result.failures
    assert result.testsRun == 1
