"""The body of ``POST /v1/run/agents``.

Owns: its fields, in the order in which faults are listed. Must not: look for the workflow.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from mock_server.api.addresses import check_browser_address, normalised
from mock_server.api.refusals import invalid_body
from mock_server.api.task_request import GeoTarget, ProxyLocation
from mock_server.engine.admission import clamped_scrolls

MAX_MINUTES: Final = 480
MAX_FILES: Final = 50
_BLOCK_PRIVATE: Final = "block_private_hosts"


class WorkflowRunRequest(BaseModel):
    """The run of a published workflow."""

    model_config = ConfigDict(populate_by_name=True)

    agent_id: str = Field(
        validation_alias=AliasChoices("agent_id", "workflow_id"),
        description="The wpid_ id of a published workflow. The older name workflow_id is taken as well.",
    )
    parameters: dict[str, Any] | None = Field(None, description="Values for {{names}} in the workflow's prompt.")
    title: str | None = Field(None, description="Accepted and replaced by the workflow's title.")
    proxy_location: ProxyLocation | GeoTarget | dict[str, Any] | None = ProxyLocation.RESIDENTIAL
    webhook_url: str | None = None
    totp_url: str | None = None
    totp_identifier: str | None = None
    browser_session_id: str | None = None
    reuse_browser_session: bool | None = None
    browser_profile_id: str | None = None
    start_fresh_browser: bool = False
    max_screenshot_scrolls: int | None = None
    max_elapsed_time_minutes: int | None = Field(None, ge=1, le=MAX_MINUTES, description="A longer run is timed_out.")
    extra_http_headers: dict[str, str] | None = None
    cdp_connect_headers: dict[str, str] | None = None
    browser_address: str | None = None
    ai_fallback: bool | None = Field(None, description="Whether the agent takes over where stored code breaks.")
    run_with: str | None = Field(None, description='"code" does the stored steps without planning; else "agent".')
    browser_type: str | None = None
    run_metadata: dict[str, str] | None = None
    file_ids: list[str] | None = Field(None, max_length=MAX_FILES)

    @field_validator("webhook_url", "totp_url")
    @classmethod
    def _normalised(cls, text: str | None, info: ValidationInfo) -> str | None:
        return normalised(info.field_name or "url", text, block_private=_blocks_private(info))

    @field_validator("browser_address")
    @classmethod
    def _remote_browser(cls, text: str | None, info: ValidationInfo) -> str | None:
        return check_browser_address(text, block_private=_blocks_private(info))

    _clamped = field_validator("max_screenshot_scrolls")(clamped_scrolls)


def validate(body: Any, *, block_private_hosts: bool) -> dict[str, Any]:
    """Return the request as plain data, the workflow under ``workflow_id``.

    Raises:
        Refusal: 400 for an address, before everything else; 422 with every other fault.
    """
    try:
        request = WorkflowRunRequest.model_validate(
            body, from_attributes=True, context={_BLOCK_PRIVATE: block_private_hosts}
        )
    except ValidationError as error:
        raise invalid_body(error) from None
    plain = request.model_dump(mode="json")
    return {"workflow_id": plain.pop("agent_id"), **plain}


def _blocks_private(info: ValidationInfo) -> bool:
    return bool(info.context and info.context[_BLOCK_PRIVATE])
