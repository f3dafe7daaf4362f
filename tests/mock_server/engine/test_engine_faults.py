"""Whatever breaks, the run says so, nothing stored is lost, and the next run works."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mock_server.agent.events import (
    Action,
    ActionFinished,
    ActionStarted,
    ArtifactMade,
    BlockOpened,
    Event,
    Finished,
    StepOpened,
    Task,
)
from mock_server.browser.provider import BrowserLost, BrowserUnavailable
from mock_server.clock import Clock
from mock_server.store.errors import StoreError


@dataclass
class FakeCaptured:
    recording: Path | None
    har: Path | None
    trace: Path | None
    console_log: str
    state: Any = None


async def completes(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
    yield Finished("completed", {"title": "Hello"})


def at_work(then: BaseException | Event) -> Any:
    """Return an agent that is in the middle of an action when something happens."""

    async def agent(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        yield BlockOpened("navigation", "navigation_1", "go on")
        yield StepOpened(0)
        yield ActionStarted(1, Action("click", "It is the only link."))
        if isinstance(then, BaseException):
            raise then
        yield then

    return agent


async def assert_next_run_works(harness: Any) -> None:
    assert (await harness.do(completes)).status == "completed"


async def test_an_unexpected_error_of_the_agent(harness):
    """The run fails naming the error; the traceback is in the log; block and action are closed as failed."""
    run = await harness.do(at_work(ZeroDivisionError("division by zero")))
    assert run.status == "failed"
    assert "ZeroDivisionError: division by zero" in run.failure_reason
    log = harness.log(run)
    assert "Traceback" in log
    assert "test_engine_faults.py" in log
    (block,) = harness.blocks(run)
    assert (block["status"], block["failure_reason"]) == ("failed", run.failure_reason)
    assert [action["status"] for action in block["actions"]] == ["failed"]
    assert len(harness.artifacts(run, "recording")) == 1
    await assert_next_run_works(harness)


async def test_an_agent_that_just_stops(harness):
    """An agent that ends without a last word does not make a completed run."""
    run = await harness.do(at_work(StepOpened(1)))
    assert run.status == "failed"
    assert "without saying how" in run.failure_reason


@pytest.mark.parametrize(
    "nonsense",
    [ActionFinished(9, "completed"), BlockOpened("extraction", "x", "x"), ArtifactMade("no_such_type", b"")],
    ids=lambda event: type(event).__name__,
)
async def test_an_agent_that_talks_nonsense(harness, nonsense):
    """An event that fits nothing ends the run as failed instead of being guessed at."""
    run = await harness.do(at_work(nonsense))
    assert run.status == "failed"
    assert "unexpected error" in run.failure_reason
    await assert_next_run_works(harness)


async def test_a_full_disk_in_the_middle_of_a_run(harness, monkeypatch):
    """The run ends failed with a reason that says so; what was stored stays; with space again the next run works."""
    earlier = await harness.do(completes)
    write_bytes = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if path.is_relative_to(harness.writer.root):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write_bytes(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    run = await harness.do(at_work(ArtifactMade("screenshot_action", b"png")))
    monkeypatch.undo()
    assert run.status == "failed"
    assert "disk is full" in run.failure_reason
    assert "Free some space" in run.failure_reason
    assert harness.run(earlier.run_id).status == "completed"
    assert len(harness.artifacts(earlier)) == 6
    await assert_next_run_works(harness)


async def test_a_disk_that_fills_up_at_the_very_end(harness, monkeypatch):
    """A run whose log cannot be stored is not completed: completed means that everything is there."""
    write = harness.writer.write

    def full(artifact_type: str, *arguments: Any, **named: Any) -> Any:
        if artifact_type == "skyvern_log":
            monkeypatch.setattr(Path, "write_bytes", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        return write(artifact_type, *arguments, **named)

    monkeypatch.setattr(harness.writer, "write", full)
    run = await harness.do(completes)
    monkeypatch.undo()
    assert run.status == "failed"
    assert "disk is full" in run.failure_reason
    await assert_next_run_works(harness)


async def test_a_store_that_fails_in_the_middle_of_a_run(harness, monkeypatch):
    """If the timeline cannot be written the run ends failed and the server goes on."""

    def broken(_record: Any) -> None:
        raise StoreError("The store failed: disk I/O error.")

    monkeypatch.setattr(harness.store, "put_timeline", broken)
    run = await harness.do(at_work(Finished("completed")))
    monkeypatch.undo()
    assert (run.status, run.failure_reason) == ("failed", "The store failed: disk I/O error.")
    await assert_next_run_works(harness)


async def test_no_browser(harness):
    """Without a browser the run fails with what to do; when there is one the next run works."""
    harness.browsers.faults.start = BrowserUnavailable("No browser was found. Install Chromium.")
    run = await harness.do(completes)
    assert (run.status, run.failure_reason) == ("failed", "No browser was found. Install Chromium.")
    assert "Install Chromium" in harness.log(run)
    harness.browsers.faults.start = None
    await assert_next_run_works(harness)


@pytest.mark.parametrize(
    "symptom",
    [
        BrowserLost("The browser crashed."),
        RuntimeError("Target page, context or browser has been closed"),
        Finished("failed", failure_reason="The page does not answer."),
    ],
    ids=["told", "as the agent's error", "as the agent's failure"],
)
async def test_a_browser_lost_in_the_middle_of_a_run(harness, symptom):
    """However the agent meets the crash, the reason is the browser's, and the next run gets a new one."""
    harness.browsers.faults.finish = BrowserLost("The browser crashed.")
    run = await harness.do(at_work(symptom))
    harness.browsers.faults.finish = None
    assert (run.status, run.failure_reason) == ("failed", "The browser crashed.")
    assert len(harness.artifacts(run, "skyvern_log")) == 1
    await assert_next_run_works(harness)


async def test_an_agent_that_waits_for_a_lost_browser(harness):
    """An agent that hangs on a dead page is stopped; what could be saved of the captures is kept."""
    waiting = asyncio.Event()

    async def agent(task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        yield BlockOpened("navigation", "navigation_1", "go on")
        waiting.set()
        await asyncio.Event().wait()

    saved = FakeCaptured(None, None, None, "[error] out of memory\n")
    harness.browsers.faults.finish = BrowserLost("The browser crashed.", saved)
    harness.agent = agent
    run = harness.submit()
    await asyncio.wait_for(waiting.wait(), 10)
    harness.browsers.faults.death.set()
    await harness.idle()
    assert (run.status, run.failure_reason) == ("failed", "The browser crashed.")
    (console,) = harness.artifacts(run, "browser_console_log")
    assert "out of memory" in harness.writer.path(console).read_text()


async def test_a_browser_lost_after_the_work_was_done(harness):
    """A result that was there before the crash is not thrown away; the log tells that the recording is missing."""
    harness.browsers.faults.finish = BrowserLost("The browser crashed.")
    run = await harness.do(completes)
    assert (run.status, run.output) == ("completed", {"title": "Hello"})
    assert "The browser crashed." in harness.log(run)


async def test_a_context_that_does_not_close(harness, monkeypatch):
    """A browser that hangs at the end costs the captures, not the result and not the place in the queue."""
    entered = asyncio.Event()

    async def hang(_lease: Any) -> Any:
        entered.set()
        await asyncio.Event().wait()

    lease_type = type(await _a_lease(harness))
    monkeypatch.setattr(lease_type, "finish", hang)
    harness.agent = completes
    run = harness.submit()
    await asyncio.wait_for(entered.wait(), 10)
    harness.clock.advance(61)
    await harness.idle()
    assert run.status == "completed"
    assert "did not close" in harness.log(run)


async def _a_lease(harness: Any) -> Any:
    async with harness.browsers.lease(None) as lease:
        return lease


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (ValueError("the encoder broke"), "completed", "the encoder broke"),
        (OSError(errno.ENOSPC, "No space left on device"), "failed", "No space left on device"),
    ],
    ids=["encoder", "disk"],
)
async def test_captures_that_cannot_be_made(harness, error, status, told):
    """A broken recorder costs the recording; a disk that takes nothing costs the run, which then says so."""
    harness.browsers.faults.finish = error
    run = await harness.do(completes)
    harness.browsers.faults.finish = None
    assert run.status == status
    assert told in harness.log(run)
    assert (run.failure_reason is None) or (told in run.failure_reason)
    await assert_next_run_works(harness)


async def test_captures_that_are_missing(harness, monkeypatch):
    """A context that left no recording, har or trace still makes a run; the log names what is missing."""
    lease_type = type(await _a_lease(harness))

    async def little(_lease: Any) -> Any:
        captured = await real(_lease)
        captured.recording = captured.har = captured.trace = None
        return captured

    real = lease_type.finish
    monkeypatch.setattr(lease_type, "finish", little)
    run = await harness.do(completes)
    assert run.status == "completed"
    assert [record.artifact_type for record in harness.artifacts(run)] == [
        "browser_console_log",
        "skyvern_log",
        "skyvern_log_raw",
    ]
    assert "There is no recording" in harness.log(run)
