"""Somebody else's project, with our wheel and the official SDK, holds its own code to the contract."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

PROJECT = Path(__file__).with_name("project")
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=line")
CAUGHT_BY = {
    "knows_two_endings": "test_every_ending",
    "has_no_deadline": "test_the_deadline",
    "dies_on_502": "test_one_bad_poll",
    "dies_on_reset": "test_one_bad_poll",
    "ignores_retry_after": "test_retry_after",
    "submits_again": "test_one_task_one_run",
    "takes_new_status_for_the_end": "test_a_new_status_on_the_way",
    "waits_on_after_a_new_ending": "test_a_new_ending",
    "signs_what_it_parsed": "test_webhook",
    "polls_on_after_the_end": "test_it_stops_asking",
    "forgets_the_run_it_gave_up": "test_the_deadline",
    "keeps_half_a_file": "test_a_file_that_breaks_off",
}


@pytest.fixture(scope="module")
def failures(downstream, tmp_path_factory) -> dict[str, set[str]]:
    """Run the project's suite on good fetchers and on one with each bug; return what failed, by fetcher."""
    report = tmp_path_factory.mktemp("project") / "report.xml"
    fetchers = [f"--fetcher={name}" for name in ("official", "naive", *CAUGHT_BY)]
    ran = downstream(
        *PYTEST, "-n", "2", "tests/test_contract.py", f"--junitxml={report}", *fetchers, cwd=PROJECT, timeout=500
    )
    assert ran.returncode == 1, ran.stdout[-4000:] + ran.stderr[-2000:]
    failed: dict[str, set[str]] = {name: set() for name in ("official", "naive", *CAUGHT_BY)}
    for case in ET.parse(report).iter("testcase"):
        test, _, parameters = case.attrib["name"].partition("[")
        assert case.find("error") is None, ET.tostring(case)[:2000]
        if case.find("failure") is not None:
            fetcher = next(name for name in failed if parameters.rstrip("]").split("-")[0] == name)
            failed[fetcher].add(test)
    return failed


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("fetcher", ["official", "naive"])
def test_a_good_fetcher_passes(fetcher, failures):
    """Code that handles every ending and fault, on the official SDK or on bare HTTP, passes the kit's tests."""
    assert failures[fetcher] == set()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("bug", "test"), CAUGHT_BY.items())
def test_a_seeded_bug_is_caught(bug, test, failures):
    """Each of twelve bugs makes the test fail that is about it."""
    assert test in failures[bug]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_hundred_tests_in_parallel_and_in_any_order(downstream):
    """Four workers run two hundred tests in random order, and none notices another."""
    ran = downstream(*PYTEST, "-n", "4", "--random-order", "tests/test_many.py", cwd=PROJECT, timeout=500)
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    assert "200 passed" in ran.stdout


def test_the_project_uses_the_wheel(downstream, installed, tmp_path):
    """What is tested is what was installed, not the source tree."""
    shown = downstream(
        "-c", "import mock_server, skyvern_tui; print(mock_server.__file__, skyvern_tui.__file__)", cwd=tmp_path
    )
    for place in shown.stdout.split():
        assert Path(place).is_relative_to(installed), shown.stdout + shown.stderr


def test_the_kit_needs_neither_playwright_nor_textual(downstream, tmp_path):
    """Importing the kit, and laying a script ready, loads no browser driver and no terminal toolkit."""
    program = """
import sys
import mock_server.testing
from mock_server.testing import open_mock
with open_mock() as mock:
    mock.script().completed(output="x")
    assert mock.client().run_task("x", wait_for_completion=True).output == "x"
print(sorted({"playwright", "textual"} & sys.modules.keys()))
"""
    ran = downstream("-c", program, cwd=tmp_path)
    assert ran.stdout.strip() == "[]", ran.stdout + ran.stderr


def test_half_an_hour_costs_no_time(downstream, tmp_path):
    """The unmodified official SDK waits thirty minutes for a run in well under a second of the processor."""
    program = """
import asyncio, time
from mock_server.testing import open_mock

async def main():
    async with open_mock("asgi") as mock:
        mock.script().queued(seconds=60).running(seconds=1740).completed(output={"n": 1})
        client = mock.official_client()
        began = time.process_time()
        run = await client.run_task(prompt="Take your time", wait_for_completion=True, timeout=3600)
        spent = time.process_time() - began
        assert run.output == {"n": 1}
        print(mock.journal.count("get_run"), spent)

asyncio.run(main())
"""
    ran = downstream("-c", program, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    polls, _ = ran.stdout.split()
    assert int(polls) == 181


def test_the_plugin_is_not_in_the_way(downstream, tmp_path):
    """A suite that does not use the kit does not load it: no server, no web stack, no client."""
    (tmp_path / "test_other.py").write_text(
        "import sys\n\ndef test_nothing_is_loaded():\n"
        "    assert not {'fastapi', 'httpx', 'playwright', 'skyvern_tui'} & sys.modules.keys()\n"
    )
    ran = downstream(*PYTEST, "-p", "no:pytest_recording", tmp_path / "test_other.py", cwd=tmp_path)
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr
