"""Deliveries, from the end of a run until they have arrived or been given up.

Owns: when something is sent, the tasks that send it, and what is kept of it. Must not:
change a run, but for the time of its last change, which a settled delivery moves.

A delivery is written down in the same transaction as the status it tells of. It is
signed with the tenant's API key, which is in memory only: a delivery found by a restart
waits until the key is used again.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Protocol

from mock_server.clock import Clock
from mock_server.dialect import Dialect
from mock_server.ids import IdFactory
from mock_server.store.errors import StoreError
from mock_server.store.records import RunRecord
from mock_server.store.store import Store
from mock_server.webhooks import payload, policy, signature
from mock_server.webhooks.body import canonical
from mock_server.webhooks.records import KIND, PENDING, PREFIX, Delivery, Trigger

if TYPE_CHECKING:
    from mock_server.webhooks.policy import Outcome

_logger: Final = logging.getLogger(__name__)

AT_A_TIME: Final = 32
"""How many attempts of one tenant go on at a time; the others wait, those of other tenants do not."""
MAX_PENDING_OF_RUN: Final = 20
"""A run that has so many under way gets no more: somebody cancels it in a loop."""
MAX_KEPT_OF_RUN: Final = 50
"""How many settled deliveries of a run are kept, of each trigger; the oldest go."""

STOP_SECONDS: Final = 2.0


class Owner(Protocol):
    """Whose runs they are: its time, its ids and, once it was used, its key."""

    @property
    def organization_id(self) -> str: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def ids(self) -> IdFactory: ...
    @property
    def api_key(self) -> str | None: ...


class Owners(Protocol):
    """Every owner there is."""

    def of(self, organization_id: str) -> Owner:
        """Return the owner of an organization id, its key known or not."""
        ...

    def on_key(self, listener: Callable[[Owner], None]) -> None:
        """Have ``listener`` called whenever the key of an owner becomes known."""
        ...


class Posting(Protocol):
    """Makes attempts; see :class:`mock_server.webhooks.sending.Sender`."""

    async def check(self, url: str) -> None: ...

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Outcome: ...


class Webhooks:
    """Tells receivers of runs that have ended.

    ``describe`` returns what the run's answer says; ``make_sender`` is called with the first
    attempt: a server that sends nothing does not need an HTTP client. ``jitter`` returns numbers in [0, 1).
    """

    def __init__(
        self,
        *,
        store: Store,
        owners: Owners,
        dialect: Dialect,
        describe: Callable[[RunRecord], payload.Told],
        make_sender: Callable[[], Posting],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._owners = owners
        self._dialect = dialect
        self._describe = describe
        self._make_sender = make_sender
        self._jitter = jitter
        self._sender: Posting | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: dict[asyncio.Task[None], Delivery] = {}
        self._without_key: defaultdict[str, list[Delivery]] = defaultdict(list)
        self._room: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_A_TIME))
        owners.on_key(self._key_known)

    # -- for the engine -----------------------------------------------------------------

    def run_ended(self, run: RunRecord) -> None:
        """Have it told that the run has ended; call it once, with the transaction that stores the final status.

        A run without a webhook_url is passed over.

        Raises:
            StoreError: The delivery could not be stored.
        """
        self._tell(run)

    def cancel_noticed(self, run: RunRecord) -> None:
        """Have it told again, where the dialect does, that a run was canceled: what was doing it has stopped now.

        Raises:
            StoreError: As above.
        """
        if self._dialect.webhook_when_cancel_noticed:
            self._tell(run)

    def cancel_repeated(self, run: RunRecord) -> None:
        """Have it told again, where the dialect does, that a run is over which somebody wanted to cancel.

        Raises:
            StoreError: As above.
        """
        if self._dialect.webhook_when_cancel_repeated and run.workflow_run_id is not None:
            self._tell(run)

    # -- for the routes -----------------------------------------------------------------

    async def check(self, url: str) -> None:
        """Look the receiver's host up; raises BlockedHost and UnknownHost of ``destinations``."""
        await self._sending().check(url)

    async def replay(self, run: RunRecord, url: str) -> tuple[Delivery, Outcome]:
        """Send what is told of a run once more and wait for the answer. One attempt; it is kept beside the others.

        The tenant's key is known, as the tenant is asking.
        """
        owner = self._owners.of(run.organization_id)
        body = payload.of_replay(run, self._describe(run), self.failure_reason(run))
        delivery = self._new(owner, run, url, body, "replay")
        self._sign(delivery, owner)
        begun = owner.clock.now()
        outcome = await self._sending().post(
            delivery.url, delivery.headers, delivery.payload.encode(), policy.REPLAY_SECONDS
        )
        delivery.add_attempt(outcome, begun)
        self._settle(delivery, outcome, owner.clock)
        self._store.put_resource(delivery.to_resource())
        self._forget_old(delivery)
        return delivery, outcome

    def deliveries(self, organization_id: str, run_id: str | None = None) -> list[Delivery]:
        """Return the deliveries of an organization, or of one of its runs, oldest first."""
        found = self._store.resources(organization_id, KIND, parent_id=run_id)
        return [Delivery.from_resource(record) for record in found]

    # -- for the server -----------------------------------------------------------------

    async def start(self) -> None:
        """Begin to send, first of all what an earlier server did not get rid of."""
        self._loop = asyncio.get_running_loop()
        for record in self._store.resources_in_state(KIND, PENDING):
            self._begin(Delivery.from_resource(record))

    async def close(self) -> None:
        """Stop sending; what is pending goes on with the next start."""
        self._loop = None
        await _stop(set(self._tasks))

    async def drop(self, organization_id: str) -> None:
        """Stop sending for an organization whose runs are about to be deleted."""
        self._without_key.pop(organization_id, None)
        await _stop({task for task, pending in self._tasks.items() if pending.organization_id == organization_id})

    async def idle(self) -> None:
        """Return when nothing is being sent, or waited for to be sent again."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    # -- inside -------------------------------------------------------------------------

    def _tell(self, run: RunRecord) -> None:
        url = run.request.get("webhook_url")
        if not url:
            return
        if sum(pending.run_id == run.run_id for pending in self._tasks.values()) >= MAX_PENDING_OF_RUN:
            _logger.warning("%s has %d webhooks under way; no more is sent.", run.run_id, MAX_PENDING_OF_RUN)
            return
        owner = self._owners.of(run.organization_id)
        try:
            body = payload.of_delivery(run, self._describe(run), self.failure_reason(run))
            delivery = self._new(owner, run, url, body, "original")
        except StoreError:
            raise
        except Exception:  # The run has ended; a fault here must not take that back.
            _logger.exception("The webhook of %s could not be written.", run.run_id)
            return
        self._store.put_resource(delivery.to_resource())
        self._begin(delivery)

    def _new(self, owner: Owner, run: RunRecord, url: str, told: payload.Payload, trigger: Trigger) -> Delivery:
        now = owner.clock.now()
        return Delivery(
            delivery_id=owner.ids.new(PREFIX),
            organization_id=run.organization_id,
            run_id=run.run_id,
            url=url,
            trigger=trigger,
            payload=canonical(told).decode(),
            created_at=now,
            modified_at=now,
        )

    def failure_reason(self, run: RunRecord) -> str | None:
        """Return what became of the last delivery of the run; None if none was settled yet."""
        for delivery in reversed(self.deliveries(run.organization_id, run.run_id)):
            if delivery.trigger == "original" and delivery.state != PENDING:
                return delivery.webhook_failure_reason
        return None

    def _begin(self, delivery: Delivery) -> None:
        """Send a delivery in the background, as soon as there is a key to sign it with."""
        if self._loop is None:
            return  # The next start finds it.
        if self._owners.of(delivery.organization_id).api_key is None:
            self._without_key[delivery.organization_id].append(delivery)
            return
        task = self._loop.create_task(self._deliver(delivery), name=delivery.delivery_id)
        self._tasks[task] = delivery
        task.add_done_callback(lambda done: self._tasks.pop(done, None))

    def _key_known(self, owner: Owner) -> None:
        for delivery in self._without_key.pop(owner.organization_id, ()):
            self._begin(delivery)

    async def _deliver(self, delivery: Delivery) -> None:
        """Send until it has arrived or is given up."""
        try:
            while (wait := await self._attempt(delivery)) is not None:
                await self._owners.of(delivery.organization_id).clock.sleep(wait)
        except StoreError as error:
            _logger.error("%s: %s", delivery.delivery_id, error)  # noqa: TRY400  # the message is whole
        except Exception:
            _logger.exception("%s broke off; the next start tries it again.", delivery.delivery_id)

    async def _attempt(self, delivery: Delivery) -> float | None:
        """Send once and write down how it went; return how long to wait for the next time, None if there is none."""
        owner = self._owners.of(delivery.organization_id)
        async with self._room[delivery.organization_id]:
            if not self._is_kept(delivery):
                return None
            if not delivery.headers:
                if owner.api_key is None:  # It was forgotten while the delivery waited for its turn.
                    self._without_key[delivery.organization_id].append(delivery)
                    return None
                self._sign(delivery, owner)
            begun = owner.clock.now()
            outcome = await self._sending().post(
                delivery.url, delivery.headers, delivery.payload.encode(), policy.ATTEMPT_SECONDS
            )
        now = owner.clock.now()
        delivery.add_attempt(outcome, begun)
        wait = policy.wait_before_next(outcome, len(delivery.attempts), self._jitter(), now)
        if wait is not None:
            delivery.modified_at = now
            self._store.put_resource(delivery.to_resource())
            return wait
        self._settle(delivery, outcome, owner.clock)
        self._finish(delivery)
        return None

    def _is_kept(self, delivery: Delivery) -> bool:
        """Tell whether the delivery is in the store: its transaction may have failed, or its tenant wiped it away."""
        return self._store.resource(delivery.organization_id, KIND, delivery.delivery_id) is not None

    def _finish(self, delivery: Delivery) -> None:
        """Store a settled delivery; writing down what became of it counts as a change of the run."""
        run = self._store.run(delivery.organization_id, delivery.run_id)
        with self._store.at_once():
            self._store.put_resource(delivery.to_resource())
            if run is not None:
                run.modified_at = max(delivery.modified_at, run.modified_at)
                self._store.save_run(run)
        self._forget_old(delivery)
        _logger.info("%s of %s %s", delivery.delivery_id, delivery.run_id, delivery.state)

    def _forget_old(self, newest: Delivery) -> None:
        settled = [
            delivery
            for delivery in self.deliveries(newest.organization_id, newest.run_id)
            if delivery.trigger == newest.trigger and delivery.state != PENDING
        ]
        for delivery in settled[:-MAX_KEPT_OF_RUN]:
            self._store.delete_resource(delivery.organization_id, KIND, delivery.delivery_id)

    @staticmethod
    def _settle(delivery: Delivery, outcome: Outcome, clock: Clock) -> None:
        delivery.state = "delivered" if outcome.delivered else "failed"
        delivery.webhook_failure_reason = policy.failure_reason(outcome)
        delivery.modified_at = clock.now()

    @staticmethod
    def _sign(delivery: Delivery, owner: Owner) -> None:
        assert owner.api_key is not None
        delivery.headers = signature.headers(owner.api_key, delivery.payload.encode(), owner.clock.now())

    def _sending(self) -> Posting:
        if self._sender is None:
            self._sender = self._make_sender()
        return self._sender


async def _stop(tasks: set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=STOP_SECONDS)
