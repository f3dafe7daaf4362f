"""Moves the scripted runs.

Owns: when a scripted run enters its next phase: at a poll, at a time, by hand; when it ends; what
comes after. Must not: choose which run is scripted (``casting`` does), write what a phase does to a
run (``staging`` does), know HTTP, or need a browser: thousands of scripted runs cost a row and a
timer each.

A scripted run goes through the same transition table, store, artifacts and webhooks as one the
agent does, so the routes do not know the difference.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from mock_server.artifacts.writer import ArtifactError, ArtifactWriter
from mock_server.dialect import Dialect
from mock_server.engine.lifecycle import FINAL, IllegalTransition, override
from mock_server.scenarios.script import Ending, path_between
from mock_server.scenarios.staging import Staging
from mock_server.scenarios.state import Effect, Progress
from mock_server.scenarios.tenants import Tenant, Tenants
from mock_server.scenarios.time import Timer
from mock_server.store.errors import StoreError
from mock_server.store.records import RunRecord
from mock_server.store.store import Store

_logger: Final = logging.getLogger(__name__)

_AFTER_RUNNING: Final = FINAL - {"canceled"}
"""How a run ends that was begun; without phases of its own a script means such a run."""

_MOMENT: Final = timedelta(seconds=1)
"""How late a timer may be and still stamp the time it was set for, so that phases last exactly as long as they say."""


class NotScriptedError(Exception):
    """The run has no script, or has come to the end of it."""


class Director:
    """Runs scripts.

    ``ended`` is called with the transaction that stores a final status, once for each webhook.
    """

    def __init__(
        self,
        *,
        store: Store,
        tenants: Tenants,
        writer: ArtifactWriter,
        dialect: Dialect,
        ended: Callable[[RunRecord], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._tenants = tenants
        self._staging = Staging(store=store, tenants=tenants, writer=writer, dialect=dialect, ended=ended)
        self._live: dict[str, Progress] = {}
        tenants.on_reset(self._drop)

    # -- for the server ---------------------------------------------------------------------

    def start(self) -> None:
        """Take up the runs an earlier server left in the middle of their scripts."""
        for run in self._store.scripted_runs():
            if run.run_id not in self._live:
                self._take_up(run)

    def close(self) -> None:
        """Write down how far everything has come."""
        for progress in self._live.values():
            progress.stop()
            run = self._run(progress)
            if run is not None:
                self._save(progress, run)
        self._live.clear()

    # -- for the engine ---------------------------------------------------------------------

    def begin(self, run: RunRecord) -> None:
        """Set out on the script of a run that was just stored."""
        progress = self._add(run)
        self._next(progress, run, self._tenants.of(run.organization_id).clock.now())

    def canceled(self, run: RunRecord) -> None:
        """Take note that somebody canceled the run; its row says so already."""
        progress = self._live.get(run.run_id)
        if progress is None:
            return
        progress.stop()
        progress.phase, progress.polls = len(progress.way), None
        now = self._tenants.of(run.organization_id).clock.now()
        self._staging.tell_end(run, progress.script, Ending(status="canceled"))
        self._after(progress, run, now)

    # -- for the routes ---------------------------------------------------------------------

    async def polled(self, tenant: Tenant, run: RunRecord) -> None:
        """Take note that the run is about to be shown to somebody who asked for it."""
        progress = self._live.get(run.run_id)
        if progress is None:
            return
        clock = tenant.clock
        if clock.auto and progress.seen and (seconds := self._skip(progress, tenant)) is not None:
            await clock.advance(seconds)
            self._tenants.keep(tenant)
        progress.seen = True
        clock.run_due()
        self._count(progress, run, clock.now())

    async def listed(
        self, tenant: Tenant, runs: Sequence[RunRecord], show: Callable[[RunRecord], dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return runs as the list shows them, which may lag behind."""
        tenant.clock.run_due()
        shown = []
        for run in runs:
            progress = self._live.get(run.run_id)
            if progress is not None and progress.script.list_counts_as_poll:
                await self.polled(tenant, run)
            item = show(run)
            if progress is not None and progress.lag is not None:
                item["status"] = progress.lag.status
                item["finished_at"] = run.finished_at if progress.lag.status in FINAL else None
                self._count_lag(progress, run)
            shown.append(item)
        return shown

    def step(self, run: RunRecord) -> None:
        """Go on to the next phase, or whatever comes next after the end.

        Raises:
            NotScriptedError: There is nothing to go on to; the message says why.
        """
        progress = self._waiting(run)
        now = self._tenants.of(run.organization_id).clock.now()
        if not progress.over:
            progress.seen = True
            self._next(progress, run, now)
        elif progress.effects:
            self._take_effect(progress, progress.effects[0], run, now)
        elif progress.lag is not None:
            self._catch_up(progress, run)
        else:
            raise NotScriptedError(f"The script of {run.run_id} leaves it {run.status}. Say which status is to follow.")

    def go_to(self, run: RunRecord, ending: Ending, *, unchecked: bool = False) -> None:
        """Give the run a status: it ends with a final one; in another it stays for its phase, or until it is moved.

        Raises:
            NotScriptedError: The run has no script, or is over.
            IllegalTransition: The status cannot follow, and it is not ``unchecked``.
        """
        progress = self._waiting(run)
        if progress.over and run.finished_at is not None and not unchecked:
            raise NotScriptedError(
                f"{run.run_id} is {run.status}, which is final; unchecked: true changes it all the same."
            )
        if not unchecked and path_between(run.status, ending.status) is None:
            raise IllegalTransition(
                f"{run.run_id} is {run.status} and cannot become {ending.status}; unchecked: true does it all the same."
            )
        now = self._tenants.of(run.organization_id).clock.now()
        progress.stop()
        progress.polls = None
        if ending.over:
            self._end(progress, run, ending, now)
            return
        following = [n for n in range(progress.phase + 1, len(progress.way)) if progress.way[n].status == ending.status]
        self._staging.enter(run, progress.script, ending.status, now)
        if following:
            progress.phase = following[0]
            self._stay(progress, now)
        self._save(progress, run)

    # -- the way ----------------------------------------------------------------------------

    def _next(self, progress: Progress, run: RunRecord, when: datetime) -> None:
        """Enter the next phase that lasts, or end."""
        if progress.timer is not None:
            progress.timer.cancel()
        progress.polls = None
        while True:
            progress.phase += 1
            if progress.over:
                self._end(progress, run, progress.script.ending, when)
                return
            phase = progress.way[progress.phase]
            self._staging.enter(run, progress.script, phase.status, when)
            if phase.polls != 0 and phase.seconds != 0:
                self._stay(progress, when)
                self._save(progress, run)
                return

    def _stay(self, progress: Progress, since: datetime) -> None:
        """Wait for what ends the phase."""
        phase = progress.way[progress.phase]
        progress.entered, progress.polls = since, phase.polls
        if phase.seconds is not None:
            until = since + timedelta(seconds=phase.seconds)
            progress.timer = self._at(progress, until, lambda run, when: self._next(progress, run, when))

    def _end(self, progress: Progress, run: RunRecord, ending: Ending, when: datetime) -> None:
        script = progress.script
        progress.phase = len(progress.way)
        if not ending.over:
            self._staging.enter(run, script, ending.status, when)
            self._save(progress, run)
            return
        if script.phases is None and run.started_at is None and ending.status in _AFTER_RUNNING:
            self._staging.enter(run, script, "running", when)
        try:
            self._staging.leave_files(run, script)
        except ArtifactError as error:
            ending = Ending(status="failed", failure_reason=str(error))
        self._staging.end(run, script, ending, when)
        self._after(progress, run, when)

    def _after(self, progress: Progress, run: RunRecord, when: datetime) -> None:
        """Arrange what comes after the end, and store it together with the end."""
        progress.look_ahead(run.status, when)
        self._wait(progress)
        with self._store.at_once():
            self._save(progress, run)
            self._staging.announce(run, progress.script)

    # -- after the end ----------------------------------------------------------------------

    def _wait(self, progress: Progress) -> None:
        """Set the timers of what comes after the end."""
        for effect in progress.effects:
            if effect.at is not None:
                effect.timer = self._at(progress, effect.at, partial(self._take_effect, progress, effect))
        if progress.lag is not None and progress.lag.at is not None:
            progress.lag.timer = self._at(progress, progress.lag.at, lambda run, _: self._catch_up(progress, run))

    def _take_effect(self, progress: Progress, effect: Effect, run: RunRecord, when: datetime) -> None:
        if effect not in progress.effects:
            return
        if effect.timer is not None:
            effect.timer.cancel()
        progress.effects.remove(effect)
        if effect.what == "artifact":
            self._staging.write(run, progress.script.artifacts[effect.number])
            self._save(progress, run)
            return
        late = progress.script.late_success
        assert late is not None
        override(run, "completed", when, over=True, output=late.output, summary=late.summary)
        with self._store.at_once():
            self._save(progress, run)
            self._staging.announce(run, progress.script)

    def _catch_up(self, progress: Progress, run: RunRecord) -> None:
        if progress.lag is not None and progress.lag.timer is not None:
            progress.lag.timer.cancel()
        progress.lag = None
        self._save(progress, run)

    # -- counting ---------------------------------------------------------------------------

    def _count(self, progress: Progress, run: RunRecord, now: datetime) -> None:
        """Count a poll; one that comes when all of a phase's are used up sees the next phase, and counts there."""
        if progress.polls == 0:
            self._next(progress, run, now)
        if progress.polls:
            progress.polls -= 1
        for effect in list(progress.effects):
            if effect.polls == 0:
                self._take_effect(progress, effect, run, now)
            elif effect.polls is not None:
                effect.polls -= 1

    def _count_lag(self, progress: Progress, run: RunRecord) -> None:
        if progress.lag is not None and progress.lag.polls is not None:
            progress.lag.polls -= 1
            if progress.lag.polls <= 0:
                self._catch_up(progress, run)

    def _skip(self, progress: Progress, tenant: Tenant) -> float | None:
        """Return how many seconds a poll skips, None for none."""
        if tenant.clock.step is not None:
            return tenant.clock.step
        waiting = progress.timers()
        return max(0.0, min(timer.due for timer in waiting) - tenant.clock.monotonic()) if waiting else None

    # -- small parts ------------------------------------------------------------------------

    def _add(self, run: RunRecord) -> Progress:
        progress = Progress.restored(run.organization_id, run.run_id, run.script)
        self._live[run.run_id] = progress
        self._tenants.of(run.organization_id).scripted += 1
        return progress

    def _take_up(self, run: RunRecord) -> None:
        progress = self._add(run)
        now = self._tenants.of(run.organization_id).clock.now()
        if progress.over:
            self._wait(progress)
        elif run.finished_at is not None:
            self._after(progress, run, now)  # Killed between its cancel and what the script makes of it.
        elif progress.phase < 0:
            self._next(progress, run, now)
        else:
            polls = progress.polls
            self._stay(progress, progress.entered or now)
            progress.polls = polls

    async def _drop(self, tenant: Tenant) -> None:
        """Forget the runs of a tenant that begins again."""
        for progress in [each for each in self._live.values() if each.organization_id == tenant.organization_id]:
            progress.stop()
            del self._live[progress.run_id]
        tenant.scripted = 0

    def _at(self, progress: Progress, moment: datetime, do: Callable[[RunRecord, datetime], None]) -> Timer:
        clock = self._tenants.of(progress.organization_id).clock

        def act(when: datetime) -> None:
            run = self._run(progress)
            if run is None or progress.run_id not in self._live:
                return
            try:
                do(run, moment if abs(moment - when) < _MOMENT else when)
            except (StoreError, ArtifactError) as error:
                _logger.error("%s cannot go on with its script: %s", run.run_id, error)  # noqa: TRY400  # whole as it is

        return clock.call_at(clock.monotonic() + (moment - clock.now()).total_seconds(), act)

    def _run(self, progress: Progress) -> RunRecord | None:
        return self._store.run(progress.organization_id, progress.run_id)

    def _waiting(self, run: RunRecord) -> Progress:
        progress = self._live.get(run.run_id)
        if progress is not None:
            return progress
        if run.finished_at is not None:
            raise NotScriptedError(f"{run.run_id} is {run.status} and nothing is to follow.")
        raise NotScriptedError(
            f"{run.run_id} has no script: the agent does it. Give the task one, for example with the request header "
            "x-mock-progression: manual, or POST /_mock/scripts before it."
        )

    def _save(self, progress: Progress, run: RunRecord) -> None:
        if progress.over and progress.done and run.finished_at is not None:
            run.script = None
            if self._live.pop(progress.run_id, None) is not None:
                self._tenants.of(progress.organization_id).scripted -= 1
        else:
            run.script = progress.state()
        self._store.save_run(run)
