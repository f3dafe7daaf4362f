"""What a test says to the mock, and what the mock says to a test."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import datetime

import httpx
import pytest

from mock_server.testing import open_mock
from mock_server.testing.control import ControlError

TASK = {"prompt": "Download the invoice"}


def start(client, **fields):
    """Return the id of a new task's run."""
    return client.post("/v1/run/tasks", json={**TASK, **fields}).json()["run_id"]


def ended(client, run_id):
    """Poll a run every ten seconds; return how it ended."""
    while (run := client.get(f"/v1/runs/{run_id}").json())["finished_at"] is None:
        time.sleep(10)
    return run


def test_half_an_hour_of_polling_costs_little(mock):
    """1,790 virtual seconds of polling every ten take 180 polls, at exact intervals, and less than two CPU seconds."""
    task = mock.script().running(seconds=1790).completed(output={"n": 1})
    with mock.http() as client:
        began = time.process_time()
        run = ended(client, start(client))
        assert time.process_time() - began < 2
    assert run["output"] == {"n": 1}
    mock.assert_polls(task.run_id, times=180)
    assert task.journal.gaps("get_run") == [10.0] * 179


async def test_the_same_for_async_code(mock):
    """The same for an async client, whose event loop is skipped."""
    task = mock.script().running(seconds=1790).failed("No such invoice.")
    async with mock.async_http() as client:
        run_id = (await client.post("/v1/run/tasks", json=TASK)).json()["run_id"]
        async with asyncio.timeout(1800):
            while (run := (await client.get(f"/v1/runs/{run_id}")).json())["status"] != "failed":  # noqa: ASYNC110  # polling is what is tested
                await asyncio.sleep(10)
    assert run["failure_reason"] == "No such invoice."
    assert task.journal.gaps("get_run") == [10.0] * 179


@pytest.mark.parametrize("status", ["completed", "failed", "terminated", "timed_out", "canceled", "brand_new_status"])
def test_every_ending(mock, status):
    """A script ends with any status, one nobody has heard of too; what needs a reason has one."""
    mock.script().running(polls=1).end(status, failure_reason="why")
    with mock.http() as client:
        run = ended(client, start(client))
    assert run["status"] == status
    assert (run["failure_reason"] == "why") is (status not in ("completed", "canceled"))


def test_scripts_are_for_the_tasks_that_match(mock):
    """A pattern with its flags, a text and a count choose the tasks; a script knows its runs."""
    invoices = mock.script({"prompt": re.compile("INVOICE", re.IGNORECASE)}, times=1).completed(output={"n": 1})
    others = mock.script({"prompt": "weather"}).completed(output={"n": 2})
    with mock.http() as client:
        first, second, third = (start(client, prompt=text) for text in ("an invoice", "Weather", "another invoice"))
        outputs = [client.get(f"/v1/runs/{run_id}").json()["output"] for run_id in (first, second)]
        assert client.get(f"/v1/runs/{third}").json()["status"] == "queued"
    assert outputs == [{"n": 1}, {"n": 2}]
    assert others.run_id == second
    assert invoices.used == 1
    with pytest.raises(LookupError, match="2 runs"):
        _ = invoices.run_id


def test_downloads_and_artifacts(mock, tmp_path):
    """Files of a run are given as text, bytes or a path, and come back as they were."""
    file = tmp_path / "c.bin"
    file.write_bytes(b"\x00\x01")
    mock.script().artifacts("recording").completed(downloads={"a.txt": "text", "b.pdf": b"%PDF", "c.bin": file})
    with mock.http() as client:
        run = client.get(f"/v1/runs/{start(client)}").json()
        found = {one["filename"]: client.get(one["url"]).content for one in run["downloaded_files"]}
    assert found == {"a.txt": b"text", "b.pdf": b"%PDF", "c.bin": b"\x00\x01"}
    assert run["recording_url"]


@pytest.mark.parametrize("where", ["server", "listening_server"])
def test_faults_reach_the_client(where, request):
    """In memory and on a socket a cut connection is what httpx calls it, and a status is a status."""
    with open_mock(request.getfixturevalue(where)) as mock:
        builder = mock.script().fault("get_run", calls=[1], kind="reset")
        builder.fault("get_run", calls=[2], status=429, retry_after=7).fault("get_run", calls=[3], kind="truncated")
        builder.fault("get_run", calls=[4], kind="garbage").completed()
        with mock.http() as client:
            path = f"/v1/runs/{start(client)}"
            with pytest.raises(httpx.ReadError):
                client.get(path)
            assert client.get(path).headers["retry-after"] == "7"
            for _ in range(2):
                with pytest.raises(httpx.RemoteProtocolError):
                    client.get(path)
            assert client.get(path).json()["status"] == "completed"
        assert [entry.fault for entry in mock.journal.entries("get_run")] == [
            "reset", "status", "truncated", "garbage", None,
        ]  # fmt: skip


async def test_a_server_that_hangs_meets_the_clients_timeout(mock, listening_server):
    """A read timeout of a minute is met after a virtual minute, in memory and on a socket."""

    async def timed_out(mock):
        mock.fault("get_runs", kind="hang", seconds=300)
        async with mock.async_http(timeout=60) as client:
            began = time.monotonic()
            with pytest.raises(httpx.ReadTimeout):
                await client.get("/v1/runs")
            return time.monotonic() - began

    assert await timed_out(mock) == pytest.approx(60)
    async with open_mock(listening_server) as other:
        assert await timed_out(other) == pytest.approx(60)


def test_a_late_answer_takes_no_time(mock, listening_server):
    """A sync client waits for a slow answer in virtual time; on a socket, too, it need not be waited for."""
    mock.fault("get_runs", kind="latency", seconds=30)
    with mock.http(timeout=60) as client:
        began = time.monotonic()
        assert client.get("/v1/runs").json() == []
        assert time.monotonic() - began == pytest.approx(30)
    with open_mock(listening_server) as other:
        other.fault("get_runs", kind="latency", seconds=30)
        with other.http(timeout=60) as client:
            began = time.monotonic()
            assert client.get("/v1/runs").json() == []
            assert time.monotonic() - began == pytest.approx(30)


async def test_a_frozen_clock_is_moved_by_hand(mock):
    """A run of 90 seconds goes on after 60 and is over after 100; the date can be set."""
    mock.script().running(seconds=90).completed()
    date = datetime(2026, 3, 1)  # noqa: DTZ001  # naive UTC, as the wire has it
    async with mock.clock.frozen(at=date) as clock, mock.async_http() as client:
        run_id = (await client.post("/v1/run/tasks", json=TASK)).json()["run_id"]
        await clock.advance(60)
        assert (await client.get(f"/v1/runs/{run_id}")).json()["status"] == "running"
        await clock.advance(40)
        run = (await client.get(f"/v1/runs/{run_id}")).json()
    assert run["finished_at"].startswith("2026-03-01T00:01:30")


def test_real_time_is_left_alone(server):
    """With time real nothing is replaced, and the mock's clock is moved by advance alone."""
    original = time.sleep
    with open_mock(server, time="real") as mock:
        assert time.sleep is original
        mock.script().running(seconds=3600).completed()
        with mock.http() as client:
            path = f"/v1/runs/{start(client)}"
            assert client.get(path).json()["status"] == "running"
            mock.clock.advance(3600)
            assert client.get(path).json()["status"] == "completed"


def test_runs_are_moved_by_hand(mock):
    """A script without lengths waits for the test; so does one that never ends."""
    task = mock.script().queued().running().completed()
    with mock.http() as client:
        path = f"/v1/runs/{start(client)}"
        assert client.get(path).json()["status"] == "queued"
        task.advance()
        assert client.get(path).json()["status"] == "running"
        task.advance("failed", failure_reason="The shop is closed.")
        assert client.get(path).json()["failure_reason"] == "The shop is closed."


def test_webhooks_arrive_as_scripted(mock):
    """A receiver answers as told, the mock tries again, and what arrives is signed with the test's key."""
    mock.script().completed(output={"n": 1})
    with mock.webhook_sink(replies=[503, 200]) as sink, mock.http() as client:
        run_id = start(client, webhook_url=sink.url)
    assert sink.attempts == 2
    assert [each.status for each in sink.deliveries] == [503, 200]
    assert sink.last.json()["run_id"] == run_id
    assert sink.last.is_genuine(mock.api_key)
    assert not sink.last.is_genuine("another key")


def test_tests_do_not_see_one_another(server):
    """Two mocks of one server have runs, journals, scripts and times of their own."""
    with open_mock(server, time="real") as one, open_mock(server, time="real") as other:
        one.script().completed(output={"n": 1})
        with one.http() as client, other.http() as stranger:
            run_id = start(client)
            assert stranger.get(f"/v1/runs/{run_id}").status_code == 404
        one.clock.advance(3600)
        assert (one.clock.now() - other.clock.now()).total_seconds() > 3000
        assert other.journal.count("run_task") == 0


def test_a_seed_makes_ids_and_times_repeat(server):
    """With a seed and a key the same calls get the same answers."""

    def answer():
        with open_mock(server, seed=7, api_key="seeded-key") as mock, mock.http() as client:
            mock.script().running(seconds=5).completed(output={})
            return client.post("/v1/run/tasks", json=TASK).json()

    assert answer() == answer()


def test_assertions_tell_what_came_closest(mock):
    """What was expected and did not come is told with what came closest and where it differs."""
    with mock.http(headers={"x-api-key": mock.api_key, "user-agent": "mine/1"}) as client:
        start(client, prompt="Get the titles")
    mock.assert_called("run_task", times=1, json__prompt="Get the titles", header__user_agent="mine/1")
    mock.assert_called("POST /v1/run/tasks")
    with pytest.raises(AssertionError) as told:
        mock.assert_called("POST /v1/run/tasks", json__prompt="Get the title")
    assert "json.prompt: expected 'Get the title', found 'Get the titles'" in str(told.value)
    with pytest.raises(AssertionError, match="asked 1 times"):
        mock.assert_called("run_task", times=2)
    with pytest.raises(AssertionError, match="Expected 1 polls"):
        mock.assert_polls(times=1)
    with pytest.raises(TypeError, match="json__FIELD"):
        mock.assert_called("run_task", prompt="x")


def test_conformance_blames_the_client(mock):
    """A request that is not as published fails assert_conforms; one that is passes it."""
    with mock.http() as client:
        start(client)
        mock.assert_conforms()
        client.post("/v1/run/tasks", json={"prompt": "x", "max_steps": "ten"})
    with pytest.raises(AssertionError, match=r"\[client\]"):
        mock.assert_conforms()


def test_complaints_name_what_was_arranged_for_nothing(mock):
    """An unused script, a fault nobody met, a script that was not ended and a wrong request are told apart."""
    mock.script({"prompt": "weather"}).completed()
    mock.script().queued(polls=1)
    mock.fault("cancel_run", kind="reset")
    with mock.http() as client:
        client.post("/v1/run/tasks", json={"body": {"prompt": "x"}})
    told = "\n".join(mock.complaints())
    assert "begun and not ended" in told
    assert "was not used" in told
    assert "was met by no call" in told
    assert "hint:" in told
    assert "POST /v1/run/tasks -> 422" in mock.report()


def test_scenarios_by_name_file_and_word(mock, tmp_path):
    """A scenario is a ready one by name, a file, or plain data, and can be changed in a word."""
    file = tmp_path / "s.yaml"
    file.write_text("scripts: [{match: {prompt: file}, ending: {output: {from: file}}}]")
    mock.scenario(file)
    mock.scenario({"match": {"prompt": "data"}}, output={"from": "data"})
    mock.scenario("happy", polls=1, output={"from": "name"})
    with mock.http() as client:
        for name in ("file", "data", "name"):
            assert ended(client, start(client, prompt=name))["output"] == {"from": name}
    with pytest.raises(LookupError, match="happy"):
        mock.scenario("no such scenario")


def test_a_script_that_makes_no_sense_is_told(mock):
    """The mock's own words come back, and a fault without a kind is asked for one."""
    with pytest.raises(ControlError, match="phases"):
        mock.script().running(polls=1, seconds=3).completed()
    with pytest.raises(TypeError, match="kind="):
        mock.script().fault("get_run", calls=[1])


def test_our_client_meets_every_kind_of_trouble(mock):
    """Our client, from the mock, obeys Retry-After and survives resets, in virtual time."""
    task = mock.script().running(seconds=90).fault("get_run", calls=[1], kind="reset")
    task = task.fault("get_run", calls=[2], status=429, retry_after=20).completed(output={"n": 1})
    run = mock.client().run_task("x", wait_for_completion=True)
    assert run.output == {"n": 1}
    assert task.journal.gaps("get_run")[1] >= 20


def test_a_client_that_is_not_installed_is_told(mock, monkeypatch):
    """Asking for the official SDK where it is absent says what to install and that any client will do."""
    monkeypatch.setitem(__import__("sys").modules, "skyvern", None)
    with pytest.raises(ModuleNotFoundError, match="pip install skyvern"):
        mock.official_client()
