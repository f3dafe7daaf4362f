"""``POST /v1/run/tasks``.

Owns: the order in which a task request is checked, and its answer. Must not: run anything.
"""

from __future__ import annotations

from typing import Final

from starlette.types import Receive, Scope

from mock_server.api import body, preconditions, task_request
from mock_server.api.auth import Doorman
from mock_server.api.refusals import failure, invalid
from mock_server.api.run_view import RunView
from mock_server.api.user_agent import user_agent
from mock_server.api.wire import Answer, to_json
from mock_server.scenarios.casting import BadScriptError
from mock_server.services import Services
from mock_server.store.errors import StoreError

PATH: Final = "/v1/run/tasks"


class TaskSubmission:
    """Checks a request in the service's order: its bytes, the key, addresses, fields, then what exists here."""

    def __init__(self, services: Services, doorman: Doorman, view: RunView) -> None:
        self._services = services
        self._engine = services.engine
        self._casting = services.casting
        self._dialect = services.dialect
        self._uploads = services.vault.uploads
        self._block_private_hosts = services.settings.block_private_hosts
        self._doorman = doorman
        self._view = view
        self.model: Final = task_request.request_model(services.dialect.default_engine)

    async def __call__(self, scope: Scope, receive: Receive) -> Answer:
        sent = body.decode(scope, await body.read(receive), lax=True)
        tenant = self._doorman.tenant(scope)
        organization = tenant.organization_id
        request = task_request.validate(self.model, body.required(sent), block_private_hosts=self._block_private_hosts)
        preconditions.check(request, organization, self._services)
        if self._dialect.browser_user_agent and (agent := user_agent(scope, sent)) is not None:
            request["user_agent"] = agent
        try:
            script = self._casting.script_for(tenant, request, scope["headers"])
            run = self._engine.submit(organization, request, script=script)
        except BadScriptError as error:
            raise invalid(error.faults) from None
        except StoreError as error:
            # Nothing was accepted; the text says what to do about the disk.
            raise failure(f"The task was not accepted. {error}") from error
        if request["file_ids"]:
            self._uploads.attach(tenant.organization_id, request["file_ids"], run.run_id)
        return Answer(200, to_json(self._view.created(run)))
