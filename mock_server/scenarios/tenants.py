"""Who uses the server, each on an island of its own.

Owns: the tenants, one for each API key, and what belongs to a tenant in memory: its time,
its ids, its key. Must not: keep a key anywhere but in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mock_server.clock import Clock
from mock_server.ids import IdFactory, organization_for


@dataclass(slots=True, eq=False)
class Tenant:
    """One API key's island."""

    organization_id: str
    clock: Clock
    ids: IdFactory
    api_key: str | None = field(default=None, repr=False)
    """Known once the key was used here; None for a run an earlier server left. Webhooks are signed with it."""


class Tenants:
    """Every tenant there is, made when it is first asked for."""

    def __init__(self, clock: Clock, ids: IdFactory) -> None:
        self._clock = clock
        self._ids = ids
        self._by_key: dict[bytes, Tenant] = {}
        self._by_organization: dict[str, Tenant] = {}
        self._listeners: list[Callable[[Tenant], None]] = []

    def on_key(self, listener: Callable[[Tenant], None]) -> None:
        """Have ``listener`` called whenever the key of a tenant becomes known; it must be quick and not raise."""
        self._listeners.append(listener)

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
            tenant = self._by_organization[organization_id] = Tenant(organization_id, self._clock, self._ids)
        return tenant
