"""The engine: takes a request, answers for the run from then on.

Owns: queue, cancellation, recovery at start, how many runs go on at a time. Must not:
know HTTP, or how a page is worked. Like the store it belongs to one event loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from mock_server.clock import Clock
from mock_server.dialect import Dialect
from mock_server.engine.admission import WORKFLOW_RUN, admit, admit_workflow_run
from mock_server.engine.interrupt import Interrupt
from mock_server.engine.lifecycle import FINAL, advance
from mock_server.engine.notices import NOBODY, Notices, store_end
from mock_server.ids import IdFactory
from mock_server.store.errors import StoreError
from mock_server.store.records import Json, RunRecord
from mock_server.store.store import Store
from mock_server.tenancy import OneForAll, Owners

if TYPE_CHECKING:
    from mock_server.engine.ports import Scripting
    from mock_server.engine.runner import Runner

_logger: Final = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 2
STOP_SECONDS: Final = 4.0
"""How long :meth:`Engine.close` waits for runs to let go of their browser contexts."""

RETRIED: Final = "The server stopped while this was going on; the run was begun again."
GIVEN_UP: Final = (
    "The server stopped twice while this run was going on, so it was not tried a third time. "
    "See the skyvern_log artifacts and the server's log for the cause, then start the task again."
)


class CancelOutcome(Enum):
    """What came of asking for a cancel."""

    CANCELED = "canceled"
    ALREADY_FINISHED = "already_finished"


class Engine:
    """Executes runs in the order they came, ``parallel`` at a time.

    ``make_runner`` is awaited when the first run is to be done: it brings in the browser
    and the agent, which a server that only answers reads does not need. ``owners`` have the
    times and ids of the runs, if not everybody has the same; ``scripting`` does the runs that
    come with a script, which need neither.
    """

    def __init__(
        self,
        *,
        store: Store,
        ids: IdFactory,
        clock: Clock,
        dialect: Dialect,
        make_runner: Callable[[], Awaitable[Runner]],
        parallel: int = 2,
        notices: Notices = NOBODY,
        owners: Owners | None = None,
        scripting: Scripting | None = None,
    ) -> None:
        self._store = store
        self._owners = owners or OneForAll(clock, ids)
        self._scripting = scripting
        self._dialect = dialect
        self._make_runner = make_runner
        self._parallel = parallel
        self._notices = notices
        self._runner: Runner | None = None
        self._making = asyncio.Lock()
        self._waiting: deque[RunRecord] = deque()
        self._active: dict[str, tuple[asyncio.Task[None], Interrupt]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._idle = asyncio.Event()
        self._idle.set()

    # -- for the routes -----------------------------------------------------------------

    def submit(self, organization_id: str, request: dict[str, Any], *, script: Json = None) -> RunRecord:
        """Admit a validated request (every API field, defaults filled in, url normalised).

        Returns the run as it was admitted; it is on disk and will be executed, or follow
        its ``script``. The copy does not follow the run's further way, so an answer can be
        made from it at leisure.

        Raises:
            StoreError: It could not be stored and will not be executed.
        """
        owner = self._owners.of(organization_id)
        return self._take(admit(organization_id, request, owner.ids, owner.clock, self._dialect.default_engine), script)

    def submit_workflow_run(
        self,
        organization_id: str,
        request: dict[str, Any],
        *,
        workflow_permanent_id: str | None = None,
        workflow_id: str | None = None,
        script: Json = None,
    ) -> RunRecord:
        """Admit the run of a workflow: run type ``workflow_run``, id ``wr_…``, first status created, then queued.

        ``request`` is one flat dictionary. It holds the fields of the API's WorkflowRunRequest, of which
        answers show those in ``api.workflow_run_view.REQUEST_FIELDS`` (title, parameters, proxy_location,
        webhook_url, totp_url, totp_identifier, browser_session_id, max_elapsed_time_minutes, ...; absent
        ones are null), and beside them what the agent is to do, which no answer shows:

        - ``prompt``, ``url``, ``data_extraction_schema``, ``error_code_mapping``, ``max_steps``: as of a task;
        - ``block``: ``{"block_type", "label"}`` if the workflow has that one block only (``login``,
          ``file_download``): the timeline then shows the agent's work as this block, and the output is
          ``{"<label>_output": ..., "extracted_information": [...]}``. Without it every piece of the agent's
          plan is a block;
        - whatever else the caller wants to find in ``run.request`` when the run is done.

        Secrets do not belong into it, as it is stored: put the id of a credential there.

        Without the ids of a workflow the run gets a throw-away one of its own.

        Raises:
            StoreError: It could not be stored and will not be executed.
        """
        owner = self._owners.of(organization_id)
        return self._take(
            admit_workflow_run(
                organization_id,
                request,
                owner.ids,
                owner.clock,
                workflow_permanent_id=workflow_permanent_id,
                workflow_id=workflow_id,
            ),
            script,
        )

    def _take(self, run: RunRecord, script: Json) -> RunRecord:
        """Store an admitted run, see to its execution and return a copy of it as it was admitted."""
        run.script = script
        self._store.insert_run(run)
        admitted = replace(run)
        if script is not None and self._scripting is not None:
            self._scripting.begin(run)
            return admitted
        self._idle.clear()
        if self._loop is not None:
            self._loop.call_soon(self._enqueue, run)
        return admitted

    def cancel(self, run: RunRecord) -> CancelOutcome:
        """Cancel a run; its row says ``canceled`` when this returns CANCELED.

        The browser stops within the action it is doing; what it recorded is stored after.

        Raises:
            StoreError: The cancel could not be stored.
        """
        run = self._store.run(run.organization_id, run.run_id) or run
        if run.status in FINAL or run.finished_at is not None:
            self._notices.cancel_repeated(run)
            return CancelOutcome.ALREADY_FINISHED
        advance(run, "canceled", self._now(run))
        if run.script is not None and self._scripting is not None:
            self._store.save_run(run)
            self._scripting.canceled(run)
            return CancelOutcome.CANCELED
        store_end(self._store, run, self._notices)
        if run.run_id in self._active:
            self._active[run.run_id][1].trigger("canceled")
        return CancelOutcome.CANCELED

    # -- for the server -----------------------------------------------------------------

    async def start(self) -> None:
        """Recover what an earlier server left and begin to execute."""
        self._loop = asyncio.get_running_loop()
        for run in self._store.unfinished_runs():
            if run.script is None or self._scripting is None:
                self._recover(run)
        self._pump()

    async def warm(self) -> None:
        """Start the browser now instead of with the first run; a failure is logged and tried again then."""
        try:
            await (await self._get_runner()).warm()
        except Exception as error:  # noqa: BLE001  # the first run will fail with the same message
            _logger.warning("The browser could not be started: %s", error)

    async def close(self) -> None:
        """Stop executing; runs that are going on are begun again by the next start."""
        self._loop = None
        self._waiting.clear()
        tasks = {task for task, _ in self._active.values()}
        for task in tasks:
            task.cancel()
        if tasks:
            _, stuck = await asyncio.wait(tasks, timeout=STOP_SECONDS)
            for task in stuck:
                _logger.warning("%s did not stop within %g seconds.", task.get_name(), STOP_SECONDS)
        if self._runner is not None:
            await self._runner.close()
            self._runner = None

    async def drop(self, organization_id: str) -> None:
        """Stop everything an organization has waiting or going on; its runs end ``canceled`` when this returns.

        Raises:
            StoreError: A cancel could not be stored.
        """
        tasks = []
        for run in self._store.unfinished_runs():
            if run.organization_id == organization_id:
                self.cancel(run)
                tasks += [self._active[run.run_id][0]] if run.run_id in self._active else []
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_SECONDS)

    async def wait_idle(self) -> None:
        """Return when nothing is waiting or going on."""
        await self._idle.wait()

    # -- inside -------------------------------------------------------------------------

    def _recover(self, run: RunRecord) -> None:
        """Take up a run that an earlier server did not finish."""
        self._idle.clear()
        if run.status in ("created", "queued"):
            _logger.info("%s waits again.", run.run_id)
        elif run.attempt < MAX_ATTEMPTS:
            run.attempt += 1
            self._close_timeline(run, RETRIED)
            self._store.save_run(run)
            _logger.warning("%s was going on when the server stopped; it is begun again.", run.run_id)
        else:
            self._close_timeline(run, GIVEN_UP)
            self._fail(run, GIVEN_UP)
            return
        self._waiting.append(run)

    def _close_timeline(self, run: RunRecord, reason: str) -> None:
        from mock_server.engine.timeline import close_leftovers  # noqa: PLC0415  # the agent's vocabulary comes late

        close_leftovers(self._store, run, self._owners.of(run.organization_id).clock, reason)

    def _enqueue(self, run: RunRecord) -> None:
        if run.status == "created" and (self._dialect.step_runs_are_queued or run.run_type == WORKFLOW_RUN):
            advance(run, "queued", self._now(run))
            self._store.save_run(run)
        self._waiting.append(run)
        self._pump()

    def _pump(self) -> None:
        """Begin as many waiting runs as there is room for."""
        while self._loop is not None and self._waiting and len(self._active) < self._parallel:
            run = self._waiting.popleft()
            if run.status in FINAL:
                continue
            interrupt = Interrupt()
            task = self._loop.create_task(self._execute(run, interrupt), name=run.run_id)
            self._active[run.run_id] = (task, interrupt)
            task.add_done_callback(self._done)
        if not self._waiting and not self._active:
            self._idle.set()

    async def _execute(self, run: RunRecord, interrupt: Interrupt) -> None:
        try:
            await (await self._get_runner()).execute(run, interrupt)
        except Exception as error:
            _logger.exception("%s broke the engine.", run.run_id)
            if run.status not in FINAL:
                self._fail(run, f"The server could not do this run, {type(error).__name__}: {error}. See its log.")

    def _done(self, task: asyncio.Task[None]) -> None:
        self._active.pop(task.get_name(), None)
        self._pump()

    def _fail(self, run: RunRecord, reason: str) -> None:
        advance(run, "failed", self._now(run), failure_reason=reason)
        try:
            store_end(self._store, run, self._notices)
        except StoreError as error:
            _logger.critical("%s failed, but that could not be stored: %s", run.run_id, error)

    def _now(self, run: RunRecord) -> datetime:
        return self._owners.of(run.organization_id).clock.now()

    async def _get_runner(self) -> Runner:
        async with self._making:
            if self._runner is None:
                self._runner = await self._make_runner()
            return self._runner
