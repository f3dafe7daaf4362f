"""The bodies of ``POST /v1/run/tasks/login`` and ``/download_files``, and the workflow runs they become.

Owns: their fields, in the order in which faults are listed, and the translation to what
the engine takes. Must not: look for credentials or sessions.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel, Field, ValidationError, ValidationInfo, field_validator, model_validator

from mock_server.api.addresses import check_browser_address, normalised
from mock_server.api.refusals import invalid_body
from mock_server.api.task_request import ProxyLocation
from mock_server.engine.admission import clamped_scrolls

MAX_STEPS: Final = 10
"""How many steps such a run takes at most if the request does not say."""
_BLOCK_PRIVATE: Final = "block_private_hosts"
_PASSED_ON: Final = (
    "url",
    "webhook_url",
    "proxy_location",
    "totp_identifier",
    "totp_url",
    "browser_session_id",
    "browser_profile_id",
    "start_fresh_browser",
    "browser_address",
    "extra_http_headers",
    "cdp_connect_headers",
)


class LoginCredentialType(StrEnum):
    """Where the credential of a log-in is kept. Only this server's own can be used here."""

    SKYVERN = "skyvern"
    BITWARDEN = "bitwarden"
    ONEPASSWORD = "1password"
    AZURE_VAULT = "azure_vault"


class BlockRunRequest(BaseModel):
    """What all runs of one block have."""

    url: str | None = Field(None, description="Where to start. Without a scheme, https:// is assumed.")
    webhook_url: str | None = None
    proxy_location: ProxyLocation | None = None
    totp_identifier: str | None = Field(None, description="Under which one-time codes are pushed.")
    totp_url: str | None = Field(None, description="Is asked for one-time codes.")
    browser_session_id: str | None = None
    browser_profile_id: str | None = None
    start_fresh_browser: bool = False
    browser_address: str | None = None
    extra_http_headers: dict[str, str] | None = None
    cdp_connect_headers: dict[str, str] | None = None
    max_screenshot_scrolling_times: int | None = None

    @field_validator("url", "webhook_url", "totp_url")
    @classmethod
    def _normalised(cls, text: str | None, info: ValidationInfo) -> str | None:
        return normalised(info.field_name or "url", text, block_private=_blocks_private(info))

    @field_validator("browser_address")
    @classmethod
    def _remote_browser(cls, text: str | None, info: ValidationInfo) -> str | None:
        return check_browser_address(text, block_private=_blocks_private(info))

    _clamped = field_validator("max_screenshot_scrolling_times")(clamped_scrolls)

    @model_validator(mode="after")
    def _one_browser(self) -> BlockRunRequest:
        named = [
            name for name in ("browser_session_id", "browser_profile_id", "browser_address") if getattr(self, name)
        ]
        if self.start_fresh_browser and named:
            raise ValueError(f"start_fresh_browser cannot be combined with {named[0]}: each names the browser.")
        return self

    def _run(self, title: str, prompt: str, block_type: str, **more: Any) -> dict[str, Any]:
        plain = self.model_dump(mode="json")
        return {
            "title": title,
            **{name: plain[name] for name in _PASSED_ON},
            "max_screenshot_scrolls": self.max_screenshot_scrolling_times,
            "prompt": prompt,
            "block": {"block_type": block_type, "label": block_type},
            **more,
        }


class LoginRequest(BlockRunRequest):
    """A log-in to do."""

    credential_type: LoginCredentialType
    prompt: str | None = Field(None, description="What to do beyond logging in, or how to get to the log-in page.")
    credential_id: str | None = Field(None, description="Of a credential kept here; for credential_type skyvern.")
    bitwarden_collection_id: str | None = None
    bitwarden_item_id: str | None = None
    onepassword_vault_id: str | None = None
    onepassword_item_id: str | None = None
    onepassword_totp_field_name: str | None = None
    azure_vault_name: str | None = None
    azure_vault_username_key: str | None = None
    azure_vault_password_key: str | None = None
    azure_vault_totp_secret_key: str | None = None

    def as_run(self) -> dict[str, Any]:
        """Return what ``Engine.submit_workflow_run`` takes. The credential goes by its id."""
        prompt = (self.prompt or "").replace("\0", "").strip() or "Log in"
        return self._run("Login", prompt, "login", credential_id=self.credential_id, max_steps=MAX_STEPS)


class DownloadFilesRequest(BlockRunRequest):
    """Files to download."""

    navigation_goal: str = Field(description="What to download, in natural language.")
    download_suffix: str | None = Field(None, description="What the names of the files are to end with.")
    download_timeout: float | None = Field(None, description="Seconds to wait for a file that was asked for.")
    max_steps_per_run: int | None = Field(None, description="The most steps the agent may take; 10 if not given.")

    def as_run(self) -> dict[str, Any]:
        """Return what ``Engine.submit_workflow_run`` takes."""
        return self._run(
            "File Download",
            self.navigation_goal.replace("\0", ""),
            "file_download",
            max_steps=self.max_steps_per_run or MAX_STEPS,
            download_suffix=self.download_suffix,
            download_timeout=self.download_timeout,
        )


def validate(model: type[BlockRunRequest], body: Any, *, block_private_hosts: bool) -> Any:
    """Return the request.

    Raises:
        Refusal: 400 for an address, before everything else; 422 with every other fault.
    """
    try:
        return model.model_validate(body, from_attributes=True, context={_BLOCK_PRIVATE: block_private_hosts})
    except ValidationError as error:
        raise invalid_body(error) from None


def _blocks_private(info: ValidationInfo) -> bool:
    return bool(info.context and info.context[_BLOCK_PRIVATE])
