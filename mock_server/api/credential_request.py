"""The bodies of credentials and one-time codes.

Owns: their fields and what makes them whole. Must not: end up in an answer or a log: what
these hold is secret, so a fault in them is answered without the value that has it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final

import orjson
from pydantic import BaseModel, Field, field_validator, model_validator

from mock_server.api.task_request import GeoTarget, ProxyLocation

Text = Annotated[str, Field(min_length=1)]


class CredentialType(StrEnum):
    """What kind of credential it is."""

    PASSWORD = "password"  # noqa: S105  # the name of a kind
    CREDIT_CARD = "credit_card"
    SECRET = "secret"  # noqa: S105  # as above


class VaultType(StrEnum):
    """Where credentials are kept. This server keeps them itself."""

    SKYVERN = "skyvern"
    BITWARDEN = "bitwarden"
    AZURE_VAULT = "azure_vault"
    GCP = "gcp"
    CUSTOM = "custom"


class TotpType(StrEnum):
    """How the one-time codes of a log-in come."""

    AUTHENTICATOR = "authenticator"
    EMAIL = "email"
    TEXT = "text"
    PASSKEY = "passkey"
    NONE = "none"


class OTPType(StrEnum):
    """What a pushed message brings."""

    TOTP = "totp"
    MAGIC_LINK = "magic_link"


class NonEmptyPasswordCredential(BaseModel):
    """A user name with its password, and the secret its one-time codes are computed from, if it has one."""

    password: str = ""
    username: Text
    totp: str | None = Field(None, description="Base32 secret or otpauth:// address of an authenticator.")
    totp_type: TotpType = TotpType.NONE
    totp_identifier: str | None = Field(None, description="Under which its codes are pushed.")
    metadata: dict[str, str] | None = None


class CreditCardBillingAddress(BaseModel):
    """Where the bill of a card goes."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    state_code: str | None = None
    postal_code: str | None = None
    country: str | None = None
    country_code: str | None = None


class NonEmptyCreditCardCredential(BaseModel):
    """A payment card."""

    card_number: Text
    card_cvv: Text
    card_exp_month: Text
    card_exp_year: Text
    card_brand: Text
    card_holder_name: Text
    billing_address: CreditCardBillingAddress | None = None
    billing_email: str | None = None
    billing_phone: str | None = None
    metadata: dict[str, str] | None = None


class SecretCredential(BaseModel):
    """Anything else that must not be seen."""

    secret_value: Text
    secret_label: str | None = None


_KINDS: Final[dict[CredentialType, type[BaseModel]]] = {
    CredentialType.PASSWORD: NonEmptyPasswordCredential,
    CredentialType.CREDIT_CARD: NonEmptyCreditCardCredential,
    CredentialType.SECRET: SecretCredential,
}


class _Keepable(BaseModel):
    """A body that can be stored as it is."""

    @model_validator(mode="after")
    def _is_keepable(self) -> _Keepable:
        try:
            orjson.dumps(self.model_dump(mode="json"))
        except (TypeError, ValueError):
            raise ValueError("this cannot be kept: half a character, or a number beyond 64 bits") from None
        return self


class CreateCredentialRequest(_Keepable):
    """A credential to keep."""

    name: str
    credential_type: CredentialType
    credential: NonEmptyPasswordCredential | NonEmptyCreditCardCredential | SecretCredential
    vault_type: VaultType | None = None
    proxy_location: ProxyLocation | GeoTarget | dict[str, Any] | None = None
    proxy_session_id: str | None = None
    rotate_proxy_session_id: bool = False
    browser_profile_id: str | None = None
    auto_profile_disabled: bool = False
    pin_saved_session_ip: bool = False
    tested_url: str | None = None

    @model_validator(mode="after")
    def _is_of_its_type(self) -> CreateCredentialRequest:
        if not isinstance(self.credential, _KINDS[self.credential_type]):
            raise ValueError(f"credential is not that of a {self.credential_type.value}")  # noqa: TRY004  # a fault of the request
        return self


class RenameCredentialRequest(_Keepable):
    """A new name for a credential."""

    name: Text


class TOTPCodeCreate(_Keepable):
    """A one-time code, or the message it came in."""

    totp_identifier: str = Field(description="What a task names as its totp_identifier: an email address, a number.")
    task_id: str | None = Field(None, description="Only for this run.")
    workflow_id: str | None = None
    workflow_run_id: str | None = Field(None, description="Only for this run.")
    source: str | None = Field(None, description="Where it came from: email, phone, ...")
    content: str = Field(description="The code, or the whole message.")
    expired_at: datetime | None = Field(None, description="Good until then, and for ten minutes at most.")
    type: OTPType | None = None

    @field_validator("expired_at")
    @classmethod
    def _in_utc(cls, moment: datetime | None) -> datetime | None:
        return moment if moment is None or moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
