"""``POST /v1/run/tasks/login`` and ``/download_files``: workflow runs of one block.

Owns: the order in which these requests are checked, and their answer. Must not: run anything.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Header
from fastapi.routing import APIRouter
from starlette.types import Receive, Scope

from mock_server.api import block_request, body, documents, preconditions
from mock_server.api.auth import Doorman, Organization
from mock_server.api.block_request import BlockRunRequest, DownloadFilesRequest, LoginCredentialType, LoginRequest
from mock_server.api.documents_workflow_runs import WorkflowRunResponse
from mock_server.api.refusals import failure, invalid, refuse
from mock_server.api.routes.documented import Documented
from mock_server.api.run_view import RunView
from mock_server.api.task_request import check_keepable
from mock_server.api.wire import Answer, to_json
from mock_server.scenarios.casting import BadScriptError
from mock_server.services import Services
from mock_server.store.errors import StoreError

LOGIN: Final = "/v1/run/tasks/login"
DOWNLOAD_FILES: Final = "/v1/run/tasks/download_files"

_NEEDED: Final = {
    LoginCredentialType.BITWARDEN: ("Bitwarden", ("bitwarden_item_id",)),
    LoginCredentialType.ONEPASSWORD: ("1Password", ("onepassword_vault_id", "onepassword_item_id")),
    LoginCredentialType.AZURE_VAULT: (
        "Azure Vault",
        ("azure_vault_name", "azure_vault_username_key", "azure_vault_password_key"),
    ),
}
"""What each vault of others must be told, and what it is called."""


class BlockRunSubmission:
    """Checks a request in the service's order: its bytes, the key, addresses, fields, then what exists here."""

    def __init__(self, services: Services, doorman: Doorman, view: RunView, model: type[BlockRunRequest]) -> None:
        self._services = services
        self._doorman = doorman
        self._view = view
        self._model = model

    async def __call__(self, scope: Scope, receive: Receive) -> Answer:
        sent = body.decode(scope, await body.read(receive), lax=True)
        tenant = self._doorman.tenant(scope)
        organization = tenant.organization_id
        private = self._services.settings.block_private_hosts
        request: Any = block_request.validate(self._model, body.required(sent), block_private_hosts=private)
        run_request = request.as_run()
        check_keepable(run_request)
        if isinstance(request, LoginRequest):
            _check_credential(self._services, organization, request)
        preconditions.check_browser(run_request, organization, self._services)
        try:
            script = self._services.casting.script_for(tenant, run_request, scope["headers"])
            run = self._services.engine.submit_workflow_run(organization, run_request, script=script)
        except BadScriptError as error:
            raise invalid(error.faults) from None
        except StoreError as error:
            raise failure(f"The run was not accepted. {error}") from error
        return Answer(200, to_json(self._view.created(run)))


def add(router: APIRouter, services: Services, doorman: Doorman, view: RunView) -> None:
    """Add the routes. Their functions are never called: they state parameters and models."""
    responses = documents.BAD_REQUEST | documents.NO_KEY | documents.NOT_FOUND | documents.BROKEN

    async def login(
        organization: Organization, request: LoginRequest, x_user_agent: Annotated[str | None, Header()] = None
    ) -> None:
        """Log in with a stored credential."""

    async def download_files(
        organization: Organization, request: DownloadFilesRequest, x_user_agent: Annotated[str | None, Header()] = None
    ) -> None:
        """Find files and download them."""

    for path, function, model, summary in (
        (LOGIN, login, LoginRequest, "Log in with a stored credential"),
        (DOWNLOAD_FILES, download_files, DownloadFilesRequest, "Download files"),
    ):
        router.routes.append(
            Documented(
                path,
                function,
                BlockRunSubmission(services, doorman, view, model),
                methods=["POST"],
                response_model=WorkflowRunResponse,
                responses=responses,
                summary=summary,
            )
        )


def _check_credential(services: Services, organization: str, request: LoginRequest) -> None:
    if request.credential_type is not LoginCredentialType.SKYVERN:
        raise _of_another_vault(request)
    if not request.credential_id:
        raise refuse(400, "credential_id is required to login with Skyvern credential")
    credential = services.vault.credentials.get(organization, request.credential_id)
    if credential is None:
        raise refuse(404, f"Credential {request.credential_id} not found")
    if credential.body["credential_type"] != "password":
        raise refuse(400, f"Credential {request.credential_id} is not a password; nobody can log in with it.")


def _of_another_vault(request: LoginRequest) -> Exception:
    name, needed = _NEEDED[request.credential_type]
    missing = [field for field in needed if not getattr(request, field)]
    if missing:
        return refuse(400, f"{', '.join(missing)} is required to login with {name} credential")
    return refuse(
        400,
        f"{name} is not configured on this server. Keep the credential here with POST /v1/credentials, "
        "and log in with credential_type skyvern.",
    )
