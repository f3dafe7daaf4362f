"""``GET /v1/runs/{run_id}``: the request every client repeats until a run has ended.

Owns: the answer and its being kept. Must not: cost more than a look-up while nothing changed.
"""

from __future__ import annotations

from typing import Final

from starlette.types import Receive, Scope

from mock_server.api.auth import Doorman
from mock_server.api.cache import AnswerCache
from mock_server.api.links import GOOD_FOR_SECONDS
from mock_server.api.refusals import refuse
from mock_server.api.run_view import RunView
from mock_server.api.wire import Answer, to_json
from mock_server.services import Services
from mock_server.store.records import RunRecord

PREFIX: Final = "/v1/runs/"


class RunReading:
    """Answers from what was answered last, unless the run or its artifacts changed."""

    def __init__(self, services: Services, doorman: Doorman, view: RunView) -> None:
        self._store = services.store
        self._doorman = doorman
        self._view = view
        self._director = services.director
        self._answers = AnswerCache(GOOD_FOR_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive) -> Answer:
        del receive
        tenant = self._doorman.tenant(scope)
        run_id = scope["path"].removeprefix(PREFIX).rstrip("/")
        run = self._store.run(tenant.organization_id, run_id)
        if run is None:
            raise refuse(404, f"Task run not found {run_id}")
        if tenant.scripted:
            await self._director.polled(tenant, run)
        revision = self._store.revision(run.run_id)
        return self._answers.get(run.run_id, revision, tenant.clock.monotonic(), lambda: self._answer(run))

    def _answer(self, run: RunRecord) -> Answer:
        artifacts = self._store.artifacts(run.organization_id, run.run_id)
        return Answer(200, to_json(self._view.current(run, artifacts)))
