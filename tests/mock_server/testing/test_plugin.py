"""The pytest plugin, in a project of its own: no conftest, no setting."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ET

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

SUITE = '''
import asyncio, re, time, socket, urllib.request, json
import pytest

pytestmark = []
KEYS = set()

@pytest.mark.skyvern_mock(scenario="happy", polls=3, output={"title": "x"})
def test_declared(skyvern_mock, skyvern_client):
    KEYS.add(skyvern_mock.api_key)
    run = skyvern_client.run_task("Get the title", wait_for_completion=True)
    assert run.output == {"title": "x"}
    skyvern_mock.assert_called("POST /v1/run/tasks", times=1, json__prompt="Get the title")
    skyvern_mock.assert_polls(run.run_id, times=4)

async def test_a_bad_minute(skyvern_mock, async_skyvern_client):
    KEYS.add(skyvern_mock.api_key)
    task = (
        skyvern_mock.script(match={"prompt": re.compile("invoice")}).queued(polls=1).running(seconds=90)
        .fault(on="get_run", calls=[2], kind="reset").fault(on="get_run", calls=[3], status=429, retry_after=7)
        .fault(on="get_run", calls=[4], kind="truncated", bytes=40)
        .completed(output={"n": 1}, downloads={"a.pdf": b"%PDF"})
    )
    async with skyvern_mock.clock.frozen() as clock:
        waiting = asyncio.create_task(async_skyvern_client.run_task("download the invoice", wait_for_completion=True))
        await clock.advance(60)
        assert not waiting.done()
        await clock.advance(120)
        assert (await waiting).output == {"n": 1}
    assert task.journal.gaps("get_run")[2] >= 7

@pytest.mark.parametrize("status", ["failed", "terminated", "timed_out", "canceled"])
def test_every_ending(skyvern_mock, skyvern_client, status):
    skyvern_mock.script().running(polls=1).end(status, failure_reason="why")
    assert skyvern_client.run_task("x", wait_for_completion=True).status == status

def test_webhook(skyvern_mock, skyvern_client):
    skyvern_mock.script().completed()
    with skyvern_mock.webhook_sink(replies=[503, 200]) as sink:
        run = skyvern_client.run_task("x", webhook_url=sink.url, wait_for_completion=True)
    assert sink.attempts == 2 and sink.last.is_genuine(skyvern_mock.api_key)
    skyvern_mock.http().post(f"/v1/runs/{run.run_id}/retry_webhook")
    assert sink.attempts == 3
    skyvern_mock.assert_conforms()

def test_a_plain_poller_with_urllib(skyvern_mock):
    """Any client finds the mock by address and key, here over a socket."""
    if skyvern_mock.base_url.endswith(".localhost"):
        return
    skyvern_mock.script().running(seconds=600).completed(output={"n": 2})
    def ask(path, data=None):
        request = urllib.request.Request(skyvern_mock.base_url + path, data, {
            "x-api-key": skyvern_mock.api_key, "content-type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    run = ask("/v1/run/tasks", b'{"prompt": "x"}')
    while run["status"] != "completed":
        time.sleep(10)
        run = ask("/v1/runs/" + run["run_id"])
    assert run["output"] == {"n": 2}
    assert len(skyvern_mock.journal) == 61

def test_a_main_of_its_own(skyvern_mock):
    """A sync test of a program that calls asyncio.run is skipped as well."""
    skyvern_mock.script().running(seconds=600).completed(output={"n": 3})
    async def main():
        client = skyvern_mock.async_client()
        try:
            return await client.run_task("x", wait_for_completion=True)
        finally:
            await client.close()
    assert asyncio.run(main()).output == {"n": 3}

@pytest.mark.skyvern_mock(time="real")
def test_real_time(skyvern_mock):
    assert time.sleep.__module__ != "mock_server.testing.virtual_time"
    assert skyvern_mock.clock.passing == "real"

def test_a_key_for_each(skyvern_mock):
    assert len(KEYS) == 2 and skyvern_mock.api_key not in KEYS

def test_nobody_else(skyvern_mock):
    assert len(skyvern_mock.journal) == 0
'''

FAILING = """
import pytest

def test_fails(skyvern_mock):
    skyvern_mock.script({"prompt": "weather"}).completed()
    skyvern_mock.http().post("/v1/run/tasks", json={"prompt": "Get the titles"})
    skyvern_mock.assert_called("run_task", json__prompt="Get the title")

def test_passes_but_is_untidy(skyvern_mock):
    skyvern_mock.script({"prompt": "weather"}).completed()

@pytest.mark.skyvern_mock(strict=False)
def test_is_relaxed(skyvern_mock):
    skyvern_mock.script({"prompt": "weather"}).completed()

def test_seeded(skyvern_mock):
    print("ID", skyvern_mock.http().post("/v1/run/tasks", json={"prompt": "x"}).json()["run_id"])
"""

NETWORK = """
import socket
import pytest

def test_elsewhere():
    with pytest.raises(OSError, match="--skyvern-mock-block-network"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)

async def test_elsewhere_async():
    import asyncio
    with pytest.raises(OSError, match="192.0.2.1:80"):
        await asyncio.open_connection("192.0.2.1", 80)

def test_here(skyvern_mock):
    skyvern_mock.script().completed()
    assert skyvern_mock.client().run_task("x", wait_for_completion=True).status == "completed"
"""

UNNEEDED = [
    f"-pno:{name}"
    for name in (
        "cacheprovider", "schemathesis", "playwright", "pytest-textual-snapshot", "syrupy", "rerunfailures",
        "hypothesispytest",
    )
]  # fmt: skip
"""Plugins this repository has and the projects need not load."""


class Project:
    """A folder with tests and nothing else."""

    def __init__(self, folder):
        self.folder = folder

    def write(self, name, text):
        (self.folder / name).write_text(textwrap.dedent(text), encoding="utf-8")

    def pytest(self, *arguments):
        """Run pytest there; return what it printed and the outcome of each test."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-o", "asyncio_mode=auto", "-W", "error", "--junitxml=out.xml",
             *UNNEEDED, *arguments],
            cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=400,
        )  # fmt: skip
        self.printed = ran.stdout + ran.stderr
        self.outcomes = {}
        for case in ET.parse(self.folder / "out.xml").iter("testcase"):
            worst = next((part.tag for part in case if part.tag in ("failure", "error", "skipped")), "passed")
            self.outcomes[case.get("name")] = worst
        return self


@pytest.fixture
def project(tmp_path):
    """Return an empty project."""
    return Project(tmp_path)


@pytest.mark.parametrize("where", ["thread", "asgi"])
def test_a_project_needs_no_conftest(project, where):
    """Marks, builder, frozen clock, webhooks, faults and clients work by themselves, on a socket and in memory."""
    project.write("test_suite.py", SUITE)
    project.pytest(f"--skyvern-mock={where}")
    assert set(project.outcomes.values()) == {"passed"}, project.printed
    assert len(project.outcomes) == 12


def test_parallel_and_in_any_order(project):
    """Under pytest-xdist each worker has a server of its own, and tests do not disturb one another."""
    project.write("test_suite.py", SUITE.replace("len(KEYS) == 2 and ", ""))
    project.pytest("-n", "2")
    assert set(project.outcomes.values()) == {"passed"}, project.printed


def test_a_failure_prints_the_journal(project):
    """A failed test shows what was asked of the mock, what came closest, and what was arranged for nothing."""
    project.write("test_suite.py", FAILING)
    project.pytest()
    assert project.outcomes["test_fails"] == "failure"
    assert "skyvern mock: what was asked of it" in project.printed
    assert "POST /v1/run/tasks -> 200" in project.printed
    assert "json.prompt: expected 'Get the title', found 'Get the titles'" in project.printed
    assert "for {'prompt': {'contains': 'weather'}} was not used: the closest task" in project.printed
    assert project.outcomes["test_passes_but_is_untidy"] == "passed"


def test_strict_and_relaxed(project):
    """A strict session fails what is arranged for nothing; a mark, or an option against the ini, relaxes it."""
    project.write("test_suite.py", FAILING)
    project.pytest("--skyvern-mock-strict")
    assert project.outcomes["test_passes_but_is_untidy"] == "error", project.printed
    assert "A strict test leaves nothing unused" in project.printed
    assert project.outcomes["test_is_relaxed"] == "passed"
    project.write("pytest.ini", "[pytest]\nskyvern_mock_strict = true\n")
    project.pytest("-k", "untidy")
    assert project.outcomes["test_passes_but_is_untidy"] == "error", project.printed
    project.pytest("-k", "untidy", "--skyvern-mock-relaxed")
    assert project.outcomes["test_passes_but_is_untidy"] == "passed"


def test_a_seed_repeats_a_session(project):
    """With --skyvern-mock-seed a second session makes the ids of the first."""
    project.write("test_suite.py", FAILING)

    def run_id():
        printed = project.pytest("--skyvern-mock-seed=5", "-k", "seeded", "-s").printed
        return next(line for line in printed.splitlines() if "ID tsk_" in line)

    assert run_id() == run_id()


def test_the_network_is_blocked(project):
    """With --skyvern-mock-block-network connections to other machines are refused, the mock's are not."""
    project.write("test_suite.py", NETWORK)
    project.pytest("--skyvern-mock-block-network")
    assert set(project.outcomes.values()) == {"passed"}, project.printed


def test_a_server_that_runs(project, listening_server):
    """With the address of a server the tests use that one."""
    project.write("test_suite.py", SUITE)
    project.pytest(f"--skyvern-mock={listening_server.base_url}", "-k", "declared or webhook or key_for")
    outcomes = {name: outcome for name, outcome in project.outcomes.items() if "key_for" not in name}
    assert set(outcomes.values()) == {"passed"}, project.printed


def test_a_project_can_choose_the_settings(project):
    """The fixture skyvern_mock_config is there to be overridden."""
    project.write("conftest.py", """
        import pytest

        @pytest.fixture(scope="session")
        def skyvern_mock_config():
            return {"dialect": "oss", "progression": "immediate"}
    """)  # fmt: skip
    project.write("test_suite.py", """
        def test_dialect(skyvern_mock, skyvern_mock_server):
            run = skyvern_mock.http().post("/v1/run/tasks", json={"prompt": "x"}).json()
            assert skyvern_mock.http().get("/v1/runs/" + run["run_id"]).json()["status"] == "completed"
    """)  # fmt: skip
    assert project.pytest().outcomes == {"test_dialect": "passed"}, project.printed


def test_a_project_that_does_not_use_it_pays_nothing(project):
    """Without the fixtures the plugin loads neither the mock, nor an HTTP client, nor a test library."""
    project.write("test_suite.py", """
        import sys

        def test_nothing_is_loaded():
            heavy = {"httpx", "fastapi", "pydantic", "hypothesis", "vcr", "mock_server.app", "mock_server.testing.mock"}
            assert "mock_server.testing.plugin" in sys.modules
            assert not heavy & set(sys.modules)
    """)  # fmt: skip
    project.pytest("-pno:anyio")
    assert project.outcomes == {"test_nothing_is_loaded": "passed"}, project.printed


def test_a_test_that_is_run_again_gets_another_mock(project):
    """An async test that fails and is run again in the same session passes with a mock of its own."""
    project.write("conftest.py", """
        def pytest_runtest_protocol(item, nextitem):
            from _pytest.runner import runtestprotocol
            for attempt in range(2):
                reports = runtestprotocol(item, nextitem=nextitem, log=False)
            for report in reports:
                item.ihook.pytest_runtest_logreport(report=report)
            return True
    """)  # fmt: skip
    project.write("test_suite.py", """
        KEYS = []

        async def test_flaky(skyvern_mock, async_skyvern_client):
            KEYS.append(skyvern_mock.api_key)
            skyvern_mock.script().running(seconds=60).completed(output={"n": 1})
            run = await async_skyvern_client.run_task("x", wait_for_completion=True)
            assert run.output == {"n": 1}
            assert len(set(KEYS)) == 2, "fails the first time"
    """)  # fmt: skip
    assert project.pytest().outcomes == {"test_flaky": "passed"}, project.printed


def test_a_wrong_word_is_told(project):
    """A way for time to pass that there is not, and a mark with something but words, are said to be wrong."""
    project.write("pytest.ini", "[pytest]\nskyvern_mock_time = fast\n")
    project.write("test_suite.py", """
        import pytest

        def test_time(skyvern_mock):
            pass

        @pytest.mark.skyvern_mock("happy")
        def test_mark(skyvern_mock):
            pass
    """)  # fmt: skip
    project.pytest()
    assert "skip or real in tests with the mock, not as 'fast'" in project.printed
    assert "takes words only" in project.printed
