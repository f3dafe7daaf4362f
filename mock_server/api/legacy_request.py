"""The bodies of the older task routes, and the tasks they are today.

Owns: their fields, in the order in which faults are listed, and what becomes of each. Must not: run anything.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, Field, ValidationError, ValidationInfo, field_validator

from mock_server.api.addresses import normalised
from mock_server.api.refusals import invalid_body
from mock_server.api.task_request import GeoTarget, ProxyLocation
from mock_server.engine.admission import clamped_scrolls

LEGACY: Final = "legacy"
"""Where a run's request keeps what only the older routes show of it."""
_BLOCK_PRIVATE: Final = "block_private_hosts"
_SHOWN_AGAIN: Final = (
    "navigation_goal",
    "data_extraction_goal",
    "navigation_payload",
    "complete_criterion",
    "terminate_criterion",
    "task_type",
    "application",
)


class _Request(BaseModel):
    @field_validator("url", "webhook_callback_url", "totp_verification_url", check_fields=False)
    @classmethod
    def _normalised(cls, text: str | None, info: ValidationInfo) -> str | None:
        private = bool(info.context and info.context[_BLOCK_PRIVATE])
        return normalised(info.field_name or "url", text, block_private=private)


class TaskRequest(_Request):
    """A task as ``POST /api/v1/tasks`` takes it: what to do and what to extract are two things."""

    title: str | None = None
    url: str
    webhook_callback_url: str | None = None
    totp_verification_url: str | None = None
    totp_identifier: str | None = None
    navigation_goal: str | None = None
    data_extraction_goal: str | None = None
    navigation_payload: dict[str, Any] | list[Any] | str | None = None
    error_code_mapping: dict[str, str] | None = None
    proxy_location: ProxyLocation | GeoTarget | dict[str, Any] | None = None
    extracted_information_schema: dict[str, Any] | list[Any] | str | None = None
    extra_http_headers: dict[str, str] | None = None
    cdp_connect_headers: dict[str, str] | None = None
    complete_criterion: str | None = None
    terminate_criterion: str | None = None
    task_type: str | None = "general"
    application: str | None = None
    include_action_history_in_verification: bool | None = False
    max_screenshot_scrolls: int | None = None
    browser_session_id: str | None = None
    browser_address: str | None = None
    model: dict[str, Any] | None = None

    def as_task(self) -> dict[str, Any]:
        """Return the body of ``POST /v1/run/tasks`` for the same task, and what only these routes show of it."""
        plain = self.model_dump(mode="json")
        return {
            "prompt": _prompt(self.navigation_goal, self.navigation_payload, self.data_extraction_goal),
            "engine": "skyvern-1.0",
            **_common(plain),
            "include_action_history_in_verification": self.include_action_history_in_verification,
            "max_screenshot_scrolls": clamped_scrolls(self.max_screenshot_scrolls),
            LEGACY: {name: plain[name] for name in _SHOWN_AGAIN},
        }


class TaskV2Request(_Request):
    """A task as ``POST /api/v2/tasks`` takes it."""

    user_prompt: str
    url: str | None = None
    browser_session_id: str | None = None
    webhook_callback_url: str | None = None
    totp_verification_url: str | None = None
    totp_identifier: str | None = None
    proxy_location: ProxyLocation | GeoTarget | dict[str, Any] | None = None
    publish_workflow: bool = False
    extracted_information_schema: dict[str, Any] | list[Any] | str | None = None
    error_code_mapping: dict[str, str] | None = None
    max_screenshot_scrolls: int | None = Field(None, validation_alias="max_screenshot_scrolling_times")
    extra_http_headers: dict[str, str] | None = None
    cdp_connect_headers: dict[str, str] | None = None
    browser_address: str | None = None
    run_with: str | None = None
    model: dict[str, Any] | None = None

    def as_task(self) -> dict[str, Any]:
        """Return the body of ``POST /v1/run/tasks`` for the same task."""
        plain = self.model_dump(mode="json")
        return {
            "prompt": self.user_prompt,
            "engine": "skyvern-2.0",
            **_common(plain),
            "max_screenshot_scrolls": clamped_scrolls(self.max_screenshot_scrolls),
            "publish_workflow": self.publish_workflow,
            "run_with": self.run_with,
        }


def validate(model: type[TaskRequest | TaskV2Request], body: Any, *, block_private_hosts: bool) -> Any:
    """Return the request.

    Raises:
        Refusal: 400 for an address, before everything else; 422 with every other fault.
    """
    try:
        return model.model_validate(body, from_attributes=True, context={_BLOCK_PRIVATE: block_private_hosts})
    except ValidationError as error:
        raise invalid_body(error) from None


def _common(plain: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": plain["url"],
        "title": plain.get("title"),
        "proxy_location": plain["proxy_location"] or ProxyLocation.RESIDENTIAL.value,
        "data_extraction_schema": plain["extracted_information_schema"],
        "error_code_mapping": plain["error_code_mapping"],
        "webhook_url": plain["webhook_callback_url"],
        "totp_identifier": plain["totp_identifier"],
        "totp_url": plain["totp_verification_url"],
        "browser_session_id": plain["browser_session_id"],
        "browser_address": plain["browser_address"],
        "extra_http_headers": plain["extra_http_headers"],
        "cdp_connect_headers": plain["cdp_connect_headers"],
        "model": plain["model"],
    }


def _prompt(goal: str | None, payload: Any, extraction: str | None) -> str:
    """Return both goals as one prompt; what there is to fill in comes in lines of its own."""
    lines = [f"{name}: {value}" for name, value in payload.items()] if isinstance(payload, dict) else []
    if isinstance(payload, str) and payload:
        lines = [payload]
    told = "\n".join([(goal or "").rstrip(". ") + ("." if goal and lines else ""), *lines]).strip()
    return ". Then ".join(part for part in (told, extraction or "") if part)
