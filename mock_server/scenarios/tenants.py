"""Who uses the server, each on an island of its own.

Owns: the tenants, one for each API key, and what belongs to a tenant in memory: its time,
its ids, its scripts, its key; how they outlive a restart, and being reset. Must not: keep a
key anywhere but in memory.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from mock_server.clock import Clock
from mock_server.ids import IdFactory, organization_for
from mock_server.scenarios.book import Book
from mock_server.scenarios.faults import Faults
from mock_server.scenarios.journal import Journal, Shelf
from mock_server.scenarios.seeds import KIND as WORKER_KIND
from mock_server.scenarios.seeds import Workers
from mock_server.scenarios.time import Mode, TenantClock
from mock_server.store.records import ResourceRecord
from mock_server.store.store import Store

if TYPE_CHECKING:
    from mock_server.scenarios.faults_kinds import Fault

KIND: Final = "tenant"
FROZEN_START: Final = datetime(2026, 1, 1)  # noqa: DTZ001  # naive UTC, as everywhere
"""When time stands for tenants of a server that is started with frozen clocks: the same on every start."""

MOST_IDLE: Final = 4096
"""Tenants in memory beyond which those that were not heard of longest are forgotten; a known key is all they lose."""
_LOOKS: Final = 64


@dataclass(slots=True, eq=False)
class Tenant:
    """One API key's island."""

    organization_id: str
    clock: TenantClock
    ids: IdFactory
    api_key: str | None = field(default=None, repr=False)
    """Known once the key was used here; None for a run an earlier server left. Webhooks are signed with it."""
    faults: Faults = field(default_factory=Faults)
    journal: Journal = field(default_factory=Journal)
    scripts: Book = field(default_factory=Book)
    scripted: int = 0
    """How many scripted runs have something before them. Zero spares requests every further look."""
    seed: int | None = None
    life: int = 0
    """How often the place in a seed's sequence of ids was lost, by a restart of the server."""
    key: bytes = field(default=b"", repr=False)
    """The key as it came, under which the tenant is found."""
    used: bool = True
    """Whether it was asked for since it was last considered to be forgotten."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """How every tenant begins, and is after a reset."""

    seed: int | None = None
    clock: Mode = "real"


class SeedInUseError(Exception):
    """The tenant has things whose ids the seed would make again."""


class Tenants:
    """Every tenant there is, made when it is first asked for.

    Raises:
        StoreError: From every method.
    """

    def __init__(self, clock: Clock, store: Store, beginning: Beginning | None = None) -> None:
        self._clock = clock
        self._store = store
        self._beginning = beginning or Beginning()
        self._workers = Workers(store)
        self._by_key: dict[bytes, Tenant] = {}
        self._by_organization: dict[str, Tenant] = {}
        self._listeners: list[Callable[[Tenant], None]] = []
        self._resetters: list[Callable[[Tenant], Awaitable[None]]] = []
        self.shelf = Shelf()
        """Where the journals of tenants to come stand; to be set before the first."""
        self.standing_faults: Sequence[Fault] = ()
        """What goes wrong for every tenant to come."""

    def worker(self) -> int:
        """Return a worker number for ids that no tenant has."""
        return self._workers.unseeded()

    def on_key(self, listener: Callable[[Tenant], None]) -> None:
        """Have ``listener`` called whenever the key of a tenant becomes known; it must be quick and not raise."""
        self._listeners.append(listener)

    def on_reset(self, resetter: Callable[[Tenant], Awaitable[None]]) -> None:
        """Have ``resetter`` awaited when a tenant is reset, in the order of these calls, before its rows go."""
        self._resetters.append(resetter)

    def known(self, key: bytes) -> Tenant | None:
        """Return the tenant of a key that was used before."""
        return self._by_key.get(key)

    def with_key(self, key: bytes) -> Tenant:
        """Return the tenant of an API key. The hot path of every request: one look-up once it is known."""
        tenant = self._by_key.get(key)
        if tenant is None:
            text = key.decode(errors="backslashreplace")
            tenant = self._by_key[key] = self.of(organization_for(text))
            tenant.api_key, tenant.key = text, key
            for listener in self._listeners:
                listener(tenant)
        tenant.used = True
        return tenant

    def of(self, organization_id: str) -> Tenant:
        """Return the tenant an organization id stands for, its key known or not."""
        tenant = self._by_organization.get(organization_id)
        if tenant is None:
            tenant = self._by_organization[organization_id] = self._make(organization_id)
            if len(self._by_organization) > MOST_IDLE:
                self._forget_one(tenant)
        return tenant

    def keep(self, tenant: Tenant) -> None:
        """Write down what a restart must not lose; to be called after every change of clock, seed or scripts."""
        body: dict[str, Any] = {"seed": tenant.seed, "life": tenant.life, "clock": tenant.clock.state()}
        body["scripts"] = tenant.scripts.state()
        record_id = f"tenant_{tenant.organization_id}"
        if not any(body.values()) and tenant.seed is None:
            self._store.delete_resource(tenant.organization_id, KIND, record_id)
            return
        now = tenant.clock.now()
        self._store.put_resource(ResourceRecord(record_id, tenant.organization_id, KIND, None, body, now, now))

    def set_seed(self, tenant: Tenant, seed: int | None) -> None:
        """Begin the sequence of ids a seed stands for; None: ids that are never repeated.

        Raises:
            SeedInUseError: The tenant has runs or other things already.
        """
        if self._store.has_anything(tenant.organization_id, besides=(KIND, WORKER_KIND)):
            raise SeedInUseError
        tenant.seed, tenant.life = seed, 0
        tenant.ids = self._ids(tenant)
        self.keep(tenant)

    async def reset(self, tenant: Tenant) -> None:
        """Stop and delete everything the tenant has, and let it begin again, with the seed it has."""
        for resetter in self._resetters:
            await resetter(tenant)
        self._store.delete_organization(tenant.organization_id, but=(WORKER_KIND,))
        tenant.scripts.clear()
        tenant.faults.clear()
        tenant.journal.clear()
        tenant.clock.restart()
        self._begin(tenant)
        if tenant.seed is not None:
            tenant.life = 0
            tenant.ids = self._ids(tenant)
        self.keep(tenant)

    def close(self) -> None:
        """Let no clock wait any longer."""
        for tenant in self._by_organization.values():
            tenant.clock.close()

    # -- inside -----------------------------------------------------------------------------

    def _make(self, organization_id: str) -> Tenant:
        clock = TenantClock(self._clock)
        tenant = Tenant(
            organization_id,
            clock,
            IdFactory(clock),
            faults=Faults(self.standing_faults),
            journal=self.shelf.new(),
        )
        kept = self._store.resource(organization_id, KIND, f"tenant_{organization_id}")
        if kept is None:
            tenant.seed = self._beginning.seed
            self._begin(tenant)
        else:
            self._take_up(tenant, kept.body)
        tenant.ids = self._ids(tenant)
        if tenant.seed is not None:
            self.keep(tenant)  # The seed's sequence is begun; whoever comes after a restart must not begin it again.
        return tenant

    def _take_up(self, tenant: Tenant, body: dict[str, Any]) -> None:
        tenant.seed = body["seed"]
        tenant.life = body["life"] + 1 if tenant.seed is not None else 0
        if body["clock"]:
            tenant.clock.restore(body["clock"])
        tenant.scripts.restore(body["scripts"])

    def _begin(self, tenant: Tenant) -> None:
        if self._beginning.clock == "frozen":
            tenant.clock.freeze(FROZEN_START)
        elif self._beginning.clock == "auto":
            tenant.clock.flow(auto=True)

    def _ids(self, tenant: Tenant) -> IdFactory:
        if tenant.seed is None:
            return IdFactory(tenant.clock, self._workers.unseeded())
        return IdFactory(tenant.clock, self._workers.seeded(tenant.organization_id, tenant.seed, tenant.life))

    def _forget_one(self, newest: Tenant) -> None:
        """Forget a tenant nobody has asked for lately and that waits for nothing; it is made anew if it comes back."""
        for _ in range(_LOOKS):
            organization_id, tenant = next(iter(self._by_organization.items()))
            del self._by_organization[organization_id]
            if tenant is newest or tenant.used or not self._idle(tenant):
                tenant.used = False
                self._by_organization[organization_id] = tenant  # at the end, to be looked at again
                continue
            tenant.clock.close()
            self._by_key.pop(tenant.key, None)
            tenant.journal.clear()
            return

    def _idle(self, tenant: Tenant) -> bool:
        waits = tenant.scripted or tenant.clock.pending() or tenant.faults.rules()
        return not (waits or self._store.has_unfinished(tenant.organization_id))
