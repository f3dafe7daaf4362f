"""What the routes are given.

Owns: the one bundle of a running server's parts. Must not: make them; ``app`` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mock_server.artifacts.urls import UrlSigner
from mock_server.artifacts.writer import ArtifactWriter
from mock_server.clock import Clock
from mock_server.dialect import Dialect
from mock_server.engine.engine import Engine
from mock_server.engine.profiles import Profiles
from mock_server.engine.sessions import Sessions
from mock_server.engine.states import States
from mock_server.ids import IdFactory
from mock_server.scenarios.casting import Casting
from mock_server.scenarios.director import Director
from mock_server.scenarios.tenants import Tenants
from mock_server.settings import Settings
from mock_server.store.store import Store
from mock_server.vault.vault import Vault
from mock_server.webhooks.deliveries import Webhooks

if TYPE_CHECKING:
    from mock_server.conformance.findings import Ledgers


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of one running server."""

    settings: Settings
    dialect: Dialect
    store: Store
    engine: Engine
    artifacts: ArtifactWriter
    urls: UrlSigner
    clock: Clock
    ids: IdFactory
    tenants: Tenants
    director: Director
    casting: Casting
    webhooks: Webhooks
    sessions: Sessions
    profiles: Profiles
    states: States
    vault: Vault
    base_url: str
    """Address clients reach the server under, without a trailing slash."""
    sites: tuple[str, ...] = ()
    """Names of the bundled sites; each is served below ``{base_url}/sites/<name>/``."""
    conformance: Ledgers | None = None
    """What the self-check found; None unless it is on."""
