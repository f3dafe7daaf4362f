"""Stored credentials and one-time codes.

Owns: these calls and the requests behind them. Must not: do I/O, or keep a secret: it goes
into the request's body and nowhere else.

Source: the SDK's ``send_totp_code`` and credential calls; parameters of the published v1 schema.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from skyvern_tui.client.effects import Flow
from skyvern_tui.client.exchange import Exchange
from skyvern_tui.client.operations import Operation, done, given, segment
from skyvern_tui.client.options import RequestOptions

if TYPE_CHECKING:
    from skyvern_tui.client.resources import Credential, TotpCode

_CREDENTIALS: Final = "/v1/credentials"


class VaultCalls(Exchange):
    """Calls about credentials and codes, as flows of effects."""

    def create_credential(
        self,
        *,
        name: str,
        credential_type: str,
        credential: dict[str, Any],
        vault_type: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[Credential]:
        """Store a credential, for runs to use by its ``credential_id``. No answer ever holds the secret again.

        ``credential_type`` and the keys of ``credential``: ``password`` (username, password, totp?, totp_type?,
        totp_identifier?), ``credit_card`` (card_number, card_cvv, card_exp_month, card_exp_year, card_brand,
        card_holder_name), ``secret`` (secret_value, secret_label?).

        Raises UnprocessableEntityError for a credential that lacks something.
        """
        body = given(name=name, credential_type=credential_type, credential=credential, vault_type=vault_type)
        return self.execute(
            Operation("create_credential", "POST", _CREDENTIALS, _credential, body=body), request_options
        )

    def get_credentials(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        vault_type: str | None = None,
        credential_type: str | None = None,
        search: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[list[Credential]]:
        """Return one page of credentials, without their secrets; pages count from 1."""
        query = given(
            page=page, page_size=page_size, vault_type=vault_type, credential_type=credential_type, search=search
        )
        return self.execute(
            Operation("get_credentials", "GET", _CREDENTIALS, _credentials, query=query), request_options
        )

    def get_credential(self, credential_id: str, *, request_options: RequestOptions | None = None) -> Flow[Credential]:
        """Return a credential without its secret. Raises NotFoundError for an unknown id."""
        path = f"{_CREDENTIALS}/{segment('credential_id', credential_id)}"
        return self.execute(Operation("get_credential", "GET", path, _credential), request_options)

    def update_credential(
        self,
        credential_id: str,
        *,
        name: str,
        credential_type: str,
        credential: dict[str, Any],
        vault_type: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[Credential]:
        """Replace a credential; arguments as for :meth:`create_credential`. Raises NotFoundError for an unknown id."""
        path = f"{_CREDENTIALS}/{segment('credential_id', credential_id)}/update"
        body = given(name=name, credential_type=credential_type, credential=credential, vault_type=vault_type)
        return self.execute(Operation("update_credential", "POST", path, _credential, body=body), request_options)

    def delete_credential(self, credential_id: str, *, request_options: RequestOptions | None = None) -> Flow[None]:
        """Delete a credential. Raises NotFoundError for an unknown id."""
        path = f"{_CREDENTIALS}/{segment('credential_id', credential_id)}/delete"
        return self.execute(Operation("delete_credential", "POST", path, done), request_options)

    def send_totp_code(
        self,
        *,
        totp_identifier: str,
        content: str,
        task_id: str | None = None,
        workflow_id: str | None = None,
        workflow_run_id: str | None = None,
        source: str | None = None,
        expired_at: datetime | str | None = None,
        type: str | None = None,  # noqa: A002 - the name on the wire and in the SDK
        request_options: RequestOptions | None = None,
    ) -> Flow[TotpCode]:
        """Hand a one-time code to the runs that wait for one under ``totp_identifier``.

        ``content`` is the code itself or the message that holds it. ``source`` says where it came from (``phone``,
        ``email``, ...). A time without a zone is UTC.

        Raises BadRequestError for a task, workflow or run that does not exist.
        """
        if isinstance(expired_at, datetime) and expired_at.tzinfo is not None:
            expired_at = expired_at.astimezone(UTC).replace(tzinfo=None)
        body = given(
            totp_identifier=totp_identifier,
            content=content,
            task_id=task_id,
            workflow_id=workflow_id,
            workflow_run_id=workflow_run_id,
            source=source,
            expired_at=expired_at.isoformat() if isinstance(expired_at, datetime) else expired_at,
            type=type,
        )
        return self.execute(
            Operation("send_totp_code", "POST", f"{_CREDENTIALS}/totp", _code, body=body), request_options
        )


def _credential(content: bytes) -> Credential:
    from skyvern_tui.client.resources import CREDENTIAL  # noqa: PLC0415 - models load when first needed

    return CREDENTIAL.validate_json(content)


def _credentials(content: bytes) -> list[Credential]:
    from skyvern_tui.client.resources import CREDENTIALS  # noqa: PLC0415 - models load when first needed

    return CREDENTIALS.validate_json(content)


def _code(content: bytes) -> TotpCode:
    from skyvern_tui.client.resources import TOTP_CODE  # noqa: PLC0415 - models load when first needed

    return TOTP_CODE.validate_json(content)
