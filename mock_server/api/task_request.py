"""The body of ``POST /v1/run/tasks``.

Owns: its fields, their order (faults are listed and the request is echoed in it) and the
rules a request can break by itself. Must not: know what exists on the server; that is
``preconditions``.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Final

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)

from mock_server.api.addresses import check_browser_address, normalised
from mock_server.api.refusals import failure, invalid, invalid_body
from mock_server.api.wire import holds_no_number
from mock_server.engine.admission import clamped_scrolls

PLANNER: Final = "skyvern-2.0"

_BLOCK_PRIVATE: Final = "block_private_hosts"


class RunEngine(StrEnum):
    """Engines by their names on the wire."""

    SKYVERN_1 = "skyvern-1.0"
    SKYVERN_2 = "skyvern-2.0"
    SKYVERN_3 = "skyvern-3.0"
    OPENAI_CUA = "openai-cua"
    ANTHROPIC_CUA = "anthropic-cua"
    UI_TARS = "ui-tars"
    YUTORI_NAVIGATOR = "yutori-navigator"


class ProxyLocation(StrEnum):
    """Where a run appears to come from: the proxy the server was given for it, if any."""

    RESIDENTIAL = "RESIDENTIAL"
    US_CA = "US-CA"
    US_NY = "US-NY"
    US_TX = "US-TX"
    US_FL = "US-FL"
    US_WA = "US-WA"
    RESIDENTIAL_ES = "RESIDENTIAL_ES"
    RESIDENTIAL_IE = "RESIDENTIAL_IE"
    RESIDENTIAL_GB = "RESIDENTIAL_GB"
    RESIDENTIAL_IN = "RESIDENTIAL_IN"
    RESIDENTIAL_JP = "RESIDENTIAL_JP"
    RESIDENTIAL_FR = "RESIDENTIAL_FR"
    RESIDENTIAL_DE = "RESIDENTIAL_DE"
    RESIDENTIAL_NZ = "RESIDENTIAL_NZ"
    RESIDENTIAL_ZA = "RESIDENTIAL_ZA"
    RESIDENTIAL_AR = "RESIDENTIAL_AR"
    RESIDENTIAL_AU = "RESIDENTIAL_AU"
    RESIDENTIAL_BR = "RESIDENTIAL_BR"
    RESIDENTIAL_TR = "RESIDENTIAL_TR"
    RESIDENTIAL_CA = "RESIDENTIAL_CA"
    RESIDENTIAL_MX = "RESIDENTIAL_MX"
    RESIDENTIAL_IT = "RESIDENTIAL_IT"
    RESIDENTIAL_NL = "RESIDENTIAL_NL"
    RESIDENTIAL_PH = "RESIDENTIAL_PH"
    RESIDENTIAL_KR = "RESIDENTIAL_KR"
    RESIDENTIAL_SA = "RESIDENTIAL_SA"
    RESIDENTIAL_ISP = "RESIDENTIAL_ISP"
    NONE = "NONE"


_COUNTRY_SUFFIX: Final = re.compile(r"RESIDENTIAL_([A-Z]{2})")

TARGET_COUNTRIES: Final = frozenset(
    {"US", *(found[1] for location in ProxyLocation if (found := _COUNTRY_SUFFIX.fullmatch(location)))}
)


def _known_country(code: str) -> str:
    code = code.upper()
    if code not in TARGET_COUNTRIES:
        raise ValueError(f"country must be one of {', '.join(sorted(TARGET_COUNTRIES))}")
    return code


def _subdivision(code: str | None) -> str | None:
    """``US-CA`` and ``ca`` are ``CA``."""
    return code and code.upper().rpartition("-")[2]


class GeoTarget(BaseModel):
    """A place finer than a :class:`ProxyLocation`."""

    country: Annotated[str, Field(min_length=2, max_length=2), AfterValidator(_known_country)]
    subdivision: Annotated[str | None, Field(max_length=10), AfterValidator(_subdivision)] = None
    city: Annotated[str | None, Field(max_length=100)] = None
    isISP: bool = False  # noqa: N815  # its name on the wire


class TaskRunRequest(BaseModel):
    """A task to run."""

    model_config = ConfigDict(title="TaskRunRequest")

    prompt: str = Field(description="The goal or task, in natural language.")
    url: str | None = Field(None, description="Where to start. Without a scheme, https:// is assumed.")
    engine: RunEngine = Field(
        RunEngine.SKYVERN_2, description="skyvern-2.0 plans in blocks; the others work step by step."
    )
    title: str | None = Field(None, description="Display name in the run list.")
    proxy_location: ProxyLocation | GeoTarget | dict[str, Any] | None = Field(
        ProxyLocation.RESIDENTIAL, description="Goes through the proxy the server was given for it, if any."
    )
    data_extraction_schema: dict[Any, Any] | list[Any] | str | None = Field(
        None, description="JSON Schema (or an example, or prose) the output should follow."
    )
    error_code_mapping: dict[str, str] | None = Field(None, description="Error code -> when it applies.")
    max_steps: int | None = Field(None, description="The most steps the agent may take.")
    webhook_url: str | None = Field(None, description="Is sent the run when it has ended.")
    totp_identifier: str | None = None
    totp_url: str | None = None
    browser_session_id: str | None = None
    browser_profile_id: str | None = None
    start_fresh_browser: bool = False
    model: dict[str, Any] | None = None
    extra_http_headers: dict[str, str] | None = Field(None, description="Sent with every request of the browser.")
    cdp_connect_headers: dict[str, str] | None = Field(None, description="Never shown again.")
    publish_workflow: bool = Field(False, description="Switches the engine to skyvern-2.0.")
    include_action_history_in_verification: bool | None = False
    max_screenshot_scrolls: int | None = None
    browser_address: str | None = None
    run_with: str | None = Field(None, description="agent or code.")
    file_ids: Annotated[list[str] | None, Field(max_length=50)] = None

    @field_validator("prompt")
    @classmethod
    def _without_nul(cls, prompt: str) -> str:
        return prompt.replace("\0", "")

    @field_validator("url", "webhook_url", "totp_url")
    @classmethod
    def _normalised(cls, text: str | None, info: ValidationInfo) -> str | None:
        return normalised(info.field_name or "url", text, block_private=_blocks_private(info))

    @field_validator("proxy_location")
    @classmethod
    def _known_place(cls, place: ProxyLocation | GeoTarget | dict[str, Any] | None) -> ProxyLocation | GeoTarget | None:
        """An object that names no known place counts as none."""
        return None if isinstance(place, dict) else place

    _clamped = field_validator("max_screenshot_scrolls")(clamped_scrolls)

    @field_validator("browser_address")
    @classmethod
    def _remote_browser(cls, text: str | None, info: ValidationInfo) -> str | None:
        return check_browser_address(text, block_private=_blocks_private(info))

    @model_validator(mode="after")
    def _one_browser(self) -> TaskRunRequest:
        if self.start_fresh_browser:
            if self.browser_session_id:
                raise ValueError(
                    "start_fresh_browser cannot be combined with browser_session_id "
                    "— a live session is the browser for the run."
                )
            for name in ("browser_profile_id", "browser_address"):
                if getattr(self, name):
                    raise ValueError(f"start_fresh_browser cannot be combined with {name}: each names the browser.")
        if self.publish_workflow:
            self.engine = RunEngine.SKYVERN_2
        return self


def _blocks_private(info: ValidationInfo) -> bool:
    return bool(info.context and info.context[_BLOCK_PRIVATE])


@cache
def request_model(default_engine: str) -> type[TaskRunRequest]:
    """Return the model of the body, with the engine a dialect uses when none is named."""
    engine = RunEngine(default_engine)
    return create_model("TaskRunRequest", __base__=TaskRunRequest, engine=(RunEngine, engine))


def validate(model: type[TaskRunRequest], body: Any, *, block_private_hosts: bool) -> dict[str, Any]:
    """Return the request as plain JSON values: every field, defaults filled in, addresses normalised.

    Raises:
        Refusal: 400 for an address, before everything else; 422 with every other fault; 500 for NaN and
            infinities, which JSON cannot say and the service breaks on when it answers.
    """
    try:
        request = model.model_validate(body, from_attributes=True, context={_BLOCK_PRIVATE: block_private_hosts})
    except ValidationError as error:
        raise invalid_body(error) from None
    if holds_no_number(dict(request)):
        raise failure("Unexpected error: ValueError")
    plain = request.model_dump(mode="json")
    check_keepable(plain)
    return plain


def check_keepable(request: dict[str, Any]) -> None:
    """Refuse what JSON can say but the store cannot keep: numbers beyond 64 bits, half characters, endless nesting."""
    try:
        orjson.dumps(request)
    except TypeError:
        raise invalid([fault for name, value in request.items() if (fault := _unkeepable(name, value))]) from None


def _unkeepable(name: str, value: Any) -> dict[str, Any] | None:
    try:
        orjson.dumps(value)
    except TypeError as error:
        message = f"Value error, this cannot be kept: {error}"
        return {"type": "value_error", "loc": ("body", name), "msg": message, "input": value, "ctx": {"error": {}}}
    return None
