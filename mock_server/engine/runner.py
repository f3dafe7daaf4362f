"""Does one run, from its first browser context to its final status.

Owns: leasing a browser, letting the agent work, collecting what is left, and giving the
run the status it ends with. Must not: choose which run is next, or know HTTP.

A run gets its final status only when all its artifacts are stored, so ``completed``
means that everything is there. Only a cancel is quicker: its row changes at once and the
artifacts follow.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import traceback
from contextlib import AsyncExitStack, aclosing, suppress
from pathlib import Path
from typing import Any, Final, cast

from mock_server.agent.events import Event, Finished, SecretKnown, Task
from mock_server.artifacts.writer import ArtifactError, ArtifactWriter
from mock_server.browser.provider import BrowserLost, BrowserUnavailable
from mock_server.clock import Clock
from mock_server.dialect import Dialect
from mock_server.engine import mishaps
from mock_server.engine.admission import WORKFLOW_RUN, clamped_scrolls, max_steps_of
from mock_server.engine.ending import Ending, ending_of, failed
from mock_server.engine.interrupt import Interrupt, Interrupted
from mock_server.engine.lifecycle import FINAL, advance
from mock_server.engine.notices import NOBODY, Notices
from mock_server.engine.ports import Browsers, Captured, Lease, Outfit, Perform
from mock_server.engine.published import Published
from mock_server.engine.recorder import Recorder
from mock_server.engine.workflows import TIMED_OUT_BLOCK, as_workflow, ending_of_workflow, limit_seconds
from mock_server.engine.workplace import NoWorkplace, Workplace, Workplaces
from mock_server.ids import IdFactory
from mock_server.store.errors import StoreError
from mock_server.store.records import RunRecord
from mock_server.store.store import Store
from mock_server.tenancy import OneForAll, Owners

_logger: Final = logging.getLogger(__name__)

FINISH_SECONDS: Final = 60.0
"""How long closing a context may take before it counts as hanging."""


class Runner:
    """Does runs, one for each call of :meth:`execute`; several may go on at a time.

    What is written of a run is stamped with its owner's time; agent and browser, and the limits on
    them, live by ``clock``, as no page loads faster because somebody moved the calendar.
    """

    def __init__(
        self,
        *,
        store: Store,
        writer: ArtifactWriter,
        ids: IdFactory,
        clock: Clock,
        dialect: Dialect,
        browsers: Browsers,
        perform: Perform,
        work_dir: Path,
        run_timeout_seconds: float,
        workplaces: Workplaces | None = None,
        notices: Notices = NOBODY,
        outfit: Outfit | None = None,
        owners: Owners | None = None,
    ) -> None:
        self._store = store
        self._writer = writer
        self._owners = owners or OneForAll(clock, ids)
        self._published = Published(store, self._owners)
        self._clock = clock
        self._dialect = dialect
        self._browsers = browsers
        self._perform = perform
        self._work_dir = work_dir
        self._timeout = run_timeout_seconds
        self._workplaces = workplaces or Workplaces()
        self._notices = notices
        self._outfit = outfit
        self._starting: asyncio.Task[None] | None = None

    async def warm(self) -> None:
        """Start the browser, if it is not started yet. All who ask while it starts wait for the same start.

        Raises:
            BrowserUnavailable: There is none, or it does not start. The next call tries again.
        """
        if self._starting is None or (self._starting.done() and not _went_well(self._starting)):
            self._starting = asyncio.create_task(self._browsers.start())
        # One run's cancel must not stop the start that another run is waiting for.
        await asyncio.shield(self._starting)

    async def close(self) -> None:
        """Close the browser."""
        if self._starting is None:
            return
        starting, self._starting = self._starting, None
        if not starting.done():
            starting.cancel()
        await asyncio.wait({starting})
        await self._browsers.close()

    async def execute(self, run: RunRecord, interrupt: Interrupt) -> None:
        """Do the run to its end. Never raises for what goes wrong inside; the run says it.

        Raises:
            asyncio.CancelledError: The server stops; the run stays as it is.
        """
        if run.status in FINAL:
            return  # It was canceled in the moment between its choice and its start.
        owner = self._owners.of(run.organization_id)
        if run.status != "running":
            advance(run, "running", owner.clock.now())
        if run.workflow_run_id is None:
            # As the service does: a step-engine run that runs is in its first step.
            run.step_count = run.step_count or 1
        self._store.save_run(run)
        recorder = Recorder(run, self._store, self._writer, owner.ids, owner.clock)
        recorder.log.add("info", "Run started", {"run_id": run.run_id, "engine": run.engine, "attempt": run.attempt})
        limit = asyncio.create_task(self._limit(run, interrupt))
        work_dir = self._work_dir / run.run_id
        try:
            ending = await self._work(run, recorder, interrupt, work_dir)
        finally:
            limit.cancel()
            shutil.rmtree(work_dir, ignore_errors=True)
        self._conclude(run, recorder, ending)

    # -- the stages of a run ------------------------------------------------------------

    async def _work(self, run: RunRecord, recorder: Recorder, interrupt: Interrupt, work_dir: Path) -> Ending:
        """Let the agent work where the run is to be done, and collect what it leaves."""
        try:
            _make_empty(work_dir)
            async with AsyncExitStack() as stack:
                # When this block is left the place is free again, before anybody can see that the run has ended.
                coming = stack.enter_async_context(self._workplaces.of(run, work_dir))
                place = await interrupt.guard(coming)
                if place.spec.remote is None:
                    await interrupt.guard(self.warm())
                leasing = stack.enter_async_context(self._browsers.lease(place.spec))
                lease = await interrupt.guard(leasing)
                _settle_in(place, lease, recorder)
                ending = await self._follow(run, lease, recorder, interrupt)
                return await self._collect(run, lease, recorder, ending)
        except Interrupted as interrupted:
            return mishaps.interrupted(run, recorder, interrupted, self._timeout)
        except (NoWorkplace, BrowserUnavailable, BrowserLost, ArtifactError, StoreError) as error:
            return mishaps.gave_out(recorder, error)
        except OSError as error:
            return mishaps.gave_out(recorder, f"The run's work directory {work_dir} cannot be used: {error}.")
        except Exception as error:  # noqa: BLE001  # whatever breaks ends this run, not the server
            return mishaps.crashed(recorder, error)

    async def _follow(self, run: RunRecord, lease: Lease, recorder: Recorder, interrupt: Interrupt) -> Ending:
        """Keep what the agent tells until it is done or stopped."""
        max_steps = max_steps_of(run)
        task = self._published.fit(self._equipped(task_of(run, max_steps), run, recorder), run)
        watch = asyncio.create_task(_watch(lease, interrupt))
        try:
            await interrupt.guard(self._listen(run, task, lease, recorder))
        except Interrupted as interrupted:
            return mishaps.interrupted(run, recorder, interrupted, self._timeout)
        except (BrowserLost, ArtifactError, StoreError) as error:
            return mishaps.gave_out(recorder, error)
        except Exception as error:  # noqa: BLE001  # the agent's fault ends this run, not the server
            return mishaps.crashed(recorder, error)
        finally:
            watch.cancel()
        if recorder.finished is None:
            return failed("The agent stopped without saying how the task ended; please report this, with skyvern_log.")
        return ending_of(recorder.finished, run, self._dialect, max_steps)

    def _equipped(self, task: Task, run: RunRecord, recorder: Recorder) -> Task:
        if self._outfit is None:
            return task
        directory = self._work_dir / run.run_id / "files"
        return self._outfit.equip(task, run, directory, lambda text: recorder.log.add("info", text))

    async def _listen(self, run: RunRecord, task: Task, lease: Lease, recorder: Recorder) -> None:
        page = lease.page
        events = cast("Any", self._events(run, task, page, recorder))
        async with aclosing(events):
            async for event in events:
                if isinstance(event, SecretKnown):
                    lease.conceal(event.value)
                    continue
                recorder.page_url = _url_of(page)
                recorder.take(cast("Event", event))
                if isinstance(event, Finished):
                    return

    def _events(self, run: RunRecord, task: Task, page: Any, recorder: Recorder) -> Any:
        if "definition" not in run.request:
            return as_workflow(run, self._perform(task, page, self._clock))
        from mock_server.engine.blocks import Blocks  # noqa: PLC0415  # brings a template engine few runs need

        def equip(task: Task, run: RunRecord) -> Task:
            return self._equipped(task, run, recorder)

        return Blocks(
            run, self._perform, page, self._clock, equip=equip, outputs=lambda: recorder.timeline.last_output
        ).events()

    async def _collect(self, run: RunRecord, lease: Lease, recorder: Recorder, ending: Ending) -> Ending:
        """Close the context and store its recording and logs; return how the run ends in view of that."""
        captured: Captured | None
        try:
            captured = await self._within(FINISH_SECONDS, lease)
        except BrowserLost as error:
            recorder.log.add("error", f"The browser was lost: {error}")
            captured = error.captured
            if ending.status == "failed":  # What the agent took for a failure of its own was the browser's.
                ending = failed(str(error))
        except TimeoutError:
            recorder.log.add("error", f"The browser context did not close within {FINISH_SECONDS:.0f} seconds.")
            return ending
        except OSError as error:
            return mishaps.gave_out(recorder, f"What the browser recorded could not be written: {error}.")
        except Exception as error:  # A broken recording does not spoil the result.
            recorder.log.add("error", "".join(traceback.format_exception(error)))
            _logger.exception("The captures of %s are lost.", recorder.run_id)
            return ending
        try:
            if captured is not None:
                self._workplaces.keep_state(run, captured.state)
                await recorder.keep_captures(captured)
        except (ArtifactError, StoreError) as error:
            return ending if ending.status == "canceled" else mishaps.gave_out(recorder, error)
        return ending

    def _conclude(self, run: RunRecord, recorder: Recorder, ending: Ending) -> None:
        """Store the log, then give the run its final status, unless a cancel has done so."""
        fields = {"failure_reason": ending.failure_reason} if ending.failure_reason else None
        recorder.log.add("info", f"Run {ending.status}", fields)
        reason = ending.failure_reason or f"The run ended ({ending.status})."
        try:
            if ending.status == "timed_out" and run.run_type == WORKFLOW_RUN:
                reason = TIMED_OUT_BLOCK
            recorder.timeline.abandon(ending.status if ending.status != "completed" else "failed", reason)
            recorder.keep_log()
        except (ArtifactError, StoreError) as error:
            _logger.error("%s: %s", run.run_id, error)  # noqa: TRY400  # the message is whole; a traceback adds nothing
            if ending.status == "completed":
                ending = failed(str(error))
        if run.run_type == WORKFLOW_RUN:
            ending = ending_of_workflow(ending, self._store.timeline(run.run_id))
        if run.script_run is not None and recorder.script_broke:
            run.script_run = {**run.script_run, "ai_fallback_triggered": True}
        was_canceled = run.status in FINAL
        if not was_canceled:
            run.errors = list(ending.errors)
            advance(
                run,
                ending.status,
                self._owners.of(run.organization_id).clock.now(),
                failure_reason=ending.failure_reason,
                output=ending.output,
                summary=ending.summary,
            )
        try:
            with self._store.at_once():
                self._store.save_run(run)
                if run.status == "completed" and recorder.script is not None:
                    self._published.keep(run, recorder.script)
                (self._notices.cancel_noticed if was_canceled else self._notices.run_ended)(run)
        except StoreError as error:
            _logger.critical("%s ended %s, but that could not be stored: %s", run.run_id, run.status, error)
        _logger.info("%s %s", run.run_id, run.status)

    # -- small parts --------------------------------------------------------------------

    async def _limit(self, run: RunRecord, interrupt: Interrupt) -> None:
        await self._clock.sleep(min(self._timeout, limit_seconds(run) or self._timeout))
        interrupt.trigger("timed_out")

    async def _within(self, seconds: float, lease: Lease) -> Captured:
        """Return what the lease leaves, or raise TimeoutError when it takes too long."""
        finishing = asyncio.ensure_future(lease.finish())
        alarm = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait({finishing, alarm}, return_when=asyncio.FIRST_COMPLETED)
            if finishing.done():
                return finishing.result()
            raise TimeoutError
        finally:
            alarm.cancel()
            if not finishing.done():
                finishing.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await finishing


def task_of(run: RunRecord, max_steps: int) -> Task:
    """Return the run's task as the agent needs to know it."""
    request = run.request
    return Task(
        prompt=request.get("prompt") or "",
        url=request.get("url") or None,
        schema=request.get("data_extraction_schema"),
        max_steps=max_steps,
        error_codes=request.get("error_code_mapping") or {},
        screenshot_scrolls=clamped_scrolls(request.get("max_screenshot_scrolls")) or 0,
        include_action_history=bool(request.get("include_action_history_in_verification")),
        files=tuple(request.get("file_ids") or ()),
    )


def _settle_in(place: Workplace, lease: Lease, recorder: Recorder) -> None:
    """Tell what is to be known of the place, and keep what is secret about it out of the captures."""
    for event in place.notes:
        if isinstance(event, SecretKnown):
            lease.conceal(event.value)
        else:
            recorder.take(event)


async def _watch(lease: Lease, interrupt: Interrupt) -> None:
    """Stop an agent that waits for a browser that is gone."""
    try:
        await lease.lost()
    except BrowserLost:
        interrupt.trigger("lost")


def _went_well(task: asyncio.Task[None]) -> bool:
    return not task.cancelled() and task.exception() is None


def _make_empty(directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)


def _url_of(page: Any) -> str:
    return str(getattr(page, "url", "") or "")
