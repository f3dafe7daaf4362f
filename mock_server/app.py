"""A whole server, put together.

Owns: which part is given to which, and in which order they start and stop. Must not:
hold behaviour. The heavy parts, browser and agent, come in with the first run.
"""

from __future__ import annotations

import asyncio
import importlib
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from starlette.types import ASGIApp

from mock_server.api import create_api
from mock_server.api.addresses import is_private
from mock_server.api.webhook_view import WebhookView
from mock_server.artifacts.urls import UrlSigner, load_secret
from mock_server.artifacts.writer import ArtifactWriter
from mock_server.clock import Clock, RealClock
from mock_server.dialect import dialect_named
from mock_server.engine.engine import Engine
from mock_server.engine.profiles import Profiles
from mock_server.engine.proxies import Proxies
from mock_server.engine.sessions import Sessions
from mock_server.engine.states import States
from mock_server.ids import IdFactory
from mock_server.scenarios.casting import Casting
from mock_server.scenarios.director import Director
from mock_server.scenarios.files import load
from mock_server.scenarios.journal import Shelf
from mock_server.scenarios.tenants import Beginning, Tenant, Tenants
from mock_server.services import Services
from mock_server.settings import Settings
from mock_server.sites import create_hostile, create_index, create_sites
from mock_server.store.records import RunRecord
from mock_server.store.store import Store
from mock_server.vault.vault import open_vault
from mock_server.webhooks.deliveries import Posting, Webhooks
from mock_server.webhooks.payload import Told

if TYPE_CHECKING:
    from mock_server.conformance.findings import Ledgers
    from mock_server.engine import ports
    from mock_server.engine.ports import Browsers, Perform
    from mock_server.engine.runner import Runner

_PROVIDER_MODULE: Final = "mock_server.browser.provider"
_RUNNER_MODULE: Final = "mock_server.engine.runner"
"""Imports the browser and the agent."""


class Composition:
    """The parts of one server, made but not started.

    ``clock``, ``provider`` (browsers), ``perform`` (the agent) and ``make_sender`` (of webhooks)
    stand in for the real ones.

    Raises:
        FaultError: One of the settings' faults is none.
        StoreError: The store cannot be opened.
        OSError: The data directory cannot be written.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        provider: Browsers | None = None,
        perform: Perform | None = None,
        make_sender: Callable[[], Posting] | None = None,
    ) -> None:
        self._settings = settings
        self._provider = provider
        self._opened: Browsers | None = None
        self._perform = perform
        self._clock = clock or RealClock()
        self._dialect = dialect_named(settings.dialect)
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.rmtree(settings.work_dir, ignore_errors=True)
        signer = UrlSigner(settings.base_url, load_secret(settings.data_dir / "signing.key"), self._clock)
        self._store = Store(settings.store_path)
        tenants = Tenants(self._clock, self._store, Beginning(settings.seed, settings.clock))
        self._ids = IdFactory(self._clock, tenants.worker())
        self._writer = ArtifactWriter(
            settings.artifact_root,
            self._store,
            self._ids,
            self._clock,
            limit=settings.max_artifact_bytes,
            owners=tenants,
        )
        _equip(tenants, settings)
        self._webhooks = Webhooks(
            store=self._store,
            owners=tenants,
            dialect=self._dialect,
            describe=self._describe,
            make_sender=make_sender or self._make_sender,
        )
        self._director = Director(
            store=self._store,
            tenants=tenants,
            writer=self._writer,
            dialect=self._dialect,
            ended=self._webhooks.run_ended,
        )
        self._engine = Engine(
            store=self._store,
            ids=self._ids,
            clock=self._clock,
            dialect=self._dialect,
            make_runner=self._make_runner,
            parallel=settings.parallel_runs,
            notices=self._webhooks,
            owners=tenants,
            scripting=self._director,
        )
        tenants.on_reset(self._wipe)
        states = States(settings.data_dir / "profiles")
        self._proxies = Proxies(settings.proxies)
        profiles = Profiles(self._store, tenants, states)
        sessions = Sessions(
            store=self._store,
            owners=tenants,
            dialect=self._dialect,
            profiles=profiles,
            proxies=self._proxies,
            states=states,
            browsers=self._open_browsers,
        )
        self._sites = create_sites()
        self.services: Final = Services(
            settings=settings,
            dialect=self._dialect,
            store=self._store,
            engine=self._engine,
            artifacts=self._writer,
            urls=signer,
            clock=self._clock,
            ids=self._ids,
            tenants=tenants,
            director=self._director,
            casting=Casting(tenants, load(settings.scenarios), settings.progression),
            webhooks=self._webhooks,
            sessions=sessions,
            profiles=profiles,
            states=states,
            vault=open_vault(
                self._store,
                tenants,
                self._dialect,
                directory=settings.upload_root,
                base_url=settings.base_url,
                secret=signer.key_for("uploads"),
            ),
            base_url=settings.base_url,
            sites=tuple(name for name, _ in self._sites),
            conformance=_ledgers() if settings.self_check else None,
        )
        self._describe_run = WebhookView(self.services)

    def application(self) -> ASGIApp:
        """Return the API with the bundled sites beside it."""
        api = create_api(self.services)
        for name, site in self._sites:
            api.mount(f"/sites/{name}", site)
        api.mount("/sites/hostile", create_hostile())
        api.mount("/sites", create_index())  # after the sites, whose paths it would take
        return api

    async def start(self) -> None:
        """Clean up after an earlier server and take up what it left."""
        self._writer.discard_leftovers()
        self.services.vault.uploads.discard_leftovers()
        self._director.start()
        for key in self._settings.require_keys or (self._settings.api_key,):
            # Webhooks an earlier server did not get rid of need not wait until these are used again.
            self.services.tenants.with_key(key.encode())
        self.services.sessions.start(opens_at_once=self._settings.parallel_runs > 0)
        await self._webhooks.start()
        await self._engine.start()

    async def warm(self) -> None:
        """Start the browser."""
        await self._engine.warm()

    async def close(self) -> None:
        """Stop the runs and the browser, then close the store."""
        try:
            await self.services.sessions.close_all()
            await self._engine.close()
            if self._opened is not None:
                await self._opened.close()
            await self._webhooks.close()
            self._director.close()
        finally:
            self.services.tenants.close()
            self._store.close()

    async def _wipe(self, tenant: Tenant) -> None:
        """Stop what a tenant has going on that begins again, and delete its files."""
        await self._engine.drop(tenant.organization_id)
        await self._webhooks.drop(tenant.organization_id)
        await self.services.sessions.drop(tenant.organization_id)
        self.services.profiles.drop(tenant.organization_id)
        self.services.vault.uploads.drop(tenant.organization_id)
        self._writer.discard(tenant.organization_id)

    def _describe(self, run: RunRecord) -> Told:
        return self._describe_run(run)

    def _make_sender(self) -> Posting:
        """Bring in the HTTP client, with the first webhook."""
        from mock_server.webhooks.sending import Sender  # noqa: PLC0415  # see above

        return Sender(self._clock, forbidden=is_private if self._settings.block_private_hosts else None)

    def _make_outfit(self) -> ports.Outfit:
        from mock_server.vault.fetching import Fetcher  # noqa: PLC0415  # the HTTP client comes with the first run
        from mock_server.vault.outfit import Outfit  # noqa: PLC0415  # as above

        vault, tenants = self.services.vault, self.services.tenants
        outfit = Outfit(
            vault.credentials,
            vault.codes,
            vault.uploads,
            Fetcher(is_private if self._settings.block_private_hosts else None),
            tenants,
            api_key=lambda organization_id: tenants.of(organization_id).api_key,
        )
        return outfit if self._settings.planner == "rules" else _with_model(outfit, self._settings, self._clock)

    async def _open_browsers(self) -> Browsers:
        """Return the browser for sessions; a runner closes what runs started, nobody else what sessions did."""
        self._opened = await self._make_browsers()
        return self._opened

    async def _make_browsers(self) -> Browsers:
        """Bring in the browser, with the first run or session."""
        if self._provider is None:
            if _PROVIDER_MODULE not in sys.modules:
                await asyncio.to_thread(importlib.import_module, _PROVIDER_MODULE)
            from mock_server.browser.provider import BrowserProvider  # noqa: PLC0415  # see above

            self._provider = self._provider or BrowserProvider(
                executable=self._settings.browser_path, clock=self._clock
            )
        return self._provider

    async def _make_runner(self) -> Runner:
        """Bring in what runs need, with the first run.

        Importing it takes longer than all the rest of the server, so it happens beside the
        event loop, which goes on answering.
        """
        if _RUNNER_MODULE not in sys.modules:
            await asyncio.to_thread(importlib.import_module, _RUNNER_MODULE)
        from mock_server.agent import perform  # noqa: PLC0415  # see above
        from mock_server.engine.runner import Runner  # noqa: PLC0415  # see above
        from mock_server.engine.workplace import Workplaces  # noqa: PLC0415  # see above

        services = self.services
        return Runner(
            store=self._store,
            writer=self._writer,
            ids=self._ids,
            clock=self._clock,
            dialect=self._dialect,
            browsers=await self._make_browsers(),
            perform=self._perform or perform,
            work_dir=self._settings.work_dir,
            run_timeout_seconds=self._settings.run_timeout_seconds,
            workplaces=Workplaces(
                record=self._settings.record,
                proxies=self._proxies,
                sessions=services.sessions,
                profiles=services.profiles,
                states=services.states,
            ),
            outfit=self._make_outfit(),
            notices=self._webhooks,
            owners=self.services.tenants,
        )


def _equip(tenants: Tenants, settings: Settings) -> None:
    """Give every tenant to come the faults and the room for a journal that the settings name."""
    tenants.shelf = Shelf(settings.journal_entries)
    if settings.faults:
        from mock_server.scenarios.faults_notation import from_text  # noqa: PLC0415  # for those who want faults only

        tenants.standing_faults = [from_text(text) for text in settings.faults]


def _with_model(outfit: ports.Outfit, settings: Settings, clock: Clock) -> ports.Outfit:
    """Return the outfit with the language model the settings name."""
    from mock_server.models.chat import ChatModel  # noqa: PLC0415  # for those who have a model only
    from mock_server.models.outfit import ModelOutfit  # noqa: PLC0415  # as above

    if not settings.llm_base_url or not settings.llm_model:
        raise ValueError("The planner openai needs llm_base_url and llm_model.")
    model = ChatModel(
        settings.llm_base_url,
        settings.llm_model,
        clock,
        key=settings.llm_key,
        seconds=settings.llm_timeout_seconds,
        pictures=settings.llm_images,
    )
    return ModelOutfit(outfit, model)


def _ledgers() -> Ledgers:
    from mock_server.conformance.findings import Ledgers  # noqa: PLC0415  # for those who want the self-check only

    return Ledgers()


@asynccontextmanager
async def running(composition: Composition) -> AsyncIterator[ASGIApp]:
    """Run the parts and yield the application; it serves until the block is left."""
    warming: asyncio.Task[None] | None = None
    try:
        await composition.start()
        if composition.services.settings.warm:
            warming = asyncio.create_task(composition.warm())
        yield composition.application()
    finally:
        if warming is not None:
            warming.cancel()
        await composition.close()
