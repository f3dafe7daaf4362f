"""Whose time and whose ids a thing gets.

Owns: the shape of an owner, as the rooms that write for several organizations see it. Must
not: know what else a tenant is; that is ``scenarios.tenants``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mock_server.clock import Clock
from mock_server.ids import IdFactory


class Owner(Protocol):
    """An organization's time and its ids."""

    @property
    def clock(self) -> Clock: ...
    @property
    def ids(self) -> IdFactory: ...


class Owners(Protocol):
    """Every organization there is."""

    def of(self, organization_id: str) -> Owner:
        """Return the owner an organization id stands for."""
        ...


@dataclass(frozen=True, slots=True)
class OneForAll:
    """The same time and the same ids for whoever asks."""

    clock: Clock
    ids: IdFactory

    def of(self, organization_id: str) -> Owner:
        del organization_id
        return self
