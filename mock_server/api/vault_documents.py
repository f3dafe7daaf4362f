"""The models of answers about credentials, one-time codes and uploaded files, for the API's own documentation.

Owns: what /openapi.json says these look like. Must not: take part in answering.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from mock_server.api.credential_request import CredentialType, OTPType, TotpType, VaultType
from mock_server.api.task_request import GeoTarget, ProxyLocation


class PasswordCredentialResponse(BaseModel):
    """A user name; the password stays here."""

    username: str
    totp_type: TotpType = TotpType.NONE
    totp_identifier: str | None = None
    has_totp: bool = Field(False, description="Whether its codes are computed here.")


class CreditCardCredentialResponse(BaseModel):
    """The part of a card number that may be shown."""

    last_four: str
    brand: str


class SecretCredentialResponse(BaseModel):
    """What the secret is called."""

    secret_label: str | None = None


class CredentialResponse(BaseModel):
    """A credential without what is secret in it."""

    credential_id: str
    credential: PasswordCredentialResponse | CreditCardCredentialResponse | SecretCredentialResponse
    credential_type: CredentialType
    name: str
    vault_type: VaultType | None = None
    browser_profile_id: str | None = None
    auto_profile_disabled: bool | None = None
    pin_saved_session_ip: bool = False
    tested_url: str | None = None
    user_context: str | None = None
    save_browser_session_intent: bool | None = None
    run_sequentially: bool = False
    folder_id: str | None = None
    proxy_location: ProxyLocation | GeoTarget | dict[str, object] | None = None
    proxy_session_id: str | None = None
    created_by: str | None = None


class TOTPCode(BaseModel):
    """A one-time code that was pushed."""

    totp_identifier: str
    task_id: str | None = None
    workflow_id: str | None = None
    workflow_run_id: str | None = None
    source: str | None = None
    content: str
    expired_at: datetime | None = None
    type: OTPType | None = None
    totp_code_id: str
    code: str = Field(description="Empty if none was found in the message.")
    organization_id: str
    created_at: datetime
    modified_at: datetime
    otp_type: OTPType | None = None


class UploadFileResponse(BaseModel):
    """A file that is here now."""

    s3_uri: str
    presigned_url: str = Field(description="Reads it without a key, for twelve hours.")
    file_id: str | None = None
    expires_at: datetime | None = Field(None, description="Kept until then; null: until it is deleted.")
