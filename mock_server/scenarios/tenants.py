"""Who uses the server, each on an island of its own.

Owns: the tenants, one for each API key, and what belongs to a tenant in memory: its time,
its ids, its key. Must not: keep a key anywhere but in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mock_server.clock import Clock
from mock_server.ids import IdFactory, organization_for
from mock_server.scenarios.faults import Faults
from mock_server.scenarios.journal import Journal, Shelf

if TYPE_CHECKING:
    from mock_server.scenarios.faults_kinds import Fault


@dataclass(slots=True, eq=False)
class Tenant:
    """One API key's island."""

    organization_id: str
    clock: Clock
    ids: IdFactory
    api_key: str | None = field(default=None, repr=False)
    """Known once the key was used here; None for a run an earlier server left. Webhooks are signed with it."""
    faults: Faults = field(default_factory=Faults)
    journal: Journal = field(default_factory=Journal)


class Tenants:
    """Every tenant there is, made when it is first asked for."""

    def __init__(self, clock: Clock, ids: IdFactory) -> None:
        self._clock = clock
        self._ids = ids
        self._by_key: dict[bytes, Tenant] = {}
        self._by_organization: dict[str, Tenant] = {}
        self._listeners: list[Callable[[Tenant], None]] = []
        self.shelf = Shelf()
        """Where the journals of tenants to come stand; to be set before the first."""
        self.standing_faults: Sequence[Fault] = ()
        """What goes wrong for every tenant to come."""

    def on_key(self, listener: Callable[[Tenant], None]) -> None:
        """Have ``listener`` called whenever the key of a tenant becomes known; it must be quick and not raise."""
        self._listeners.append(listener)

    def known(self, key: bytes) -> Tenant | None:
        """Return the tenant of a key that was used before."""
        return self._by_key.get(key)

    def with_key(self, key: bytes) -> Tenant:
        """Return the tenant of an API key. The hot path of every request: one look-up once it is known."""
        tenant = self._by_key.get(key)
        if tenant is None:
            text = key.decode(errors="backslashreplace")
            tenant = self._by_key[key] = self.of(organization_for(text))
            tenant.api_key = text
            for listener in self._listeners:
                listener(tenant)
        return tenant

    def of(self, organization_id: str) -> Tenant:
        """Return the tenant an organization id stands for, its key known or not."""
        tenant = self._by_organization.get(organization_id)
        if tenant is None:
            tenant = self._by_organization[organization_id] = Tenant(
                organization_id,
                self._clock,
                self._ids,
                faults=Faults(self.standing_faults),
                journal=self.shelf.new(),
            )
        return tenant
