"""The parameters of a task: one table for the form, the command line, exports and docs.

Owns: the wire name of each parameter, its group, how its text is read, what it is for and
what may be chosen. Must not: read or judge a text (:mod:`~skyvern_tui.core.reading` does),
or know of a widget or an option parser.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from skyvern_tui.client.models import RunEngine


class Kind(StrEnum):
    """How the text of a parameter is read."""

    text = "text"
    url = "url"
    address = "browser address"
    whole = "whole number"
    flag = "yes or no"
    engine = "engine"
    schema = "JSON schema"
    string_map = "JSON object of strings"
    headers = "HTTP headers"
    json_object = "JSON object"
    name_or_object = "name or JSON object"
    string_list = "list of strings"


class Group(StrEnum):
    """What a parameter is about. The order of the members is the order of a form."""

    task = "Task"
    data = "Data"
    browser = "Browser"
    sign_in = "Sign-in"
    delivery = "Delivery"
    limits = "Limits"


@dataclass(frozen=True, slots=True)
class Choice:
    """A value worth offering, and what it means in a few words."""

    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a task: its wire name, how its text is read and what it is for."""

    name: str
    label: str
    kind: Kind
    help: str
    group: Group
    least: int | None = None
    """Smallest whole number allowed."""
    choices: tuple[Choice, ...] = ()
    """Values to offer. Others can be typed: a server may know more than this table."""
    example: str = ""
    """What a person may type, to be shown while the field is empty."""
    default: str = ""
    """What the server does when the field is empty, in the form one would type; may be empty."""
    is_long: bool = False
    """True for texts of many lines: an editor suits them better than a line."""
    is_secret: bool = False
    """True when any value of it is a secret."""


ENGINES: Final = (
    Choice(RunEngine.skyvern_v2, "plans in blocks; for tasks of many steps"),
    Choice(RunEngine.skyvern_v1, "step by step; for simple tasks"),
    Choice(RunEngine.skyvern_v3, "tool loop"),
    Choice(RunEngine.openai_cua, "OpenAI computer use"),
    Choice(RunEngine.anthropic_cua, "Anthropic computer use"),
    Choice(RunEngine.ui_tars, "UI-TARS"),
    Choice(RunEngine.yutori_navigator, "Yutori Navigator"),
)
_COUNTRIES: Final = (
    ("ES", "Spain"),
    ("IE", "Ireland"),
    ("GB", "United Kingdom"),
    ("IN", "India"),
    ("JP", "Japan"),
    ("FR", "France"),
    ("DE", "Germany"),
    ("NZ", "New Zealand"),
    ("ZA", "South Africa"),
    ("AR", "Argentina"),
    ("AU", "Australia"),
    ("BR", "Brazil"),
    ("TR", "Türkiye"),
    ("CA", "Canada"),
    ("MX", "Mexico"),
    ("IT", "Italy"),
    ("NL", "Netherlands"),
    ("PH", "Philippines"),
    ("KR", "South Korea"),
    ("SA", "Saudi Arabia"),
)
_STATES: Final = (
    ("CA", "California"),
    ("NY", "New York"),
    ("TX", "Texas"),
    ("FL", "Florida"),
    ("WA", "Washington"),
)
PROXIES: Final = (
    Choice("RESIDENTIAL", "a home connection in the US"),
    *(Choice(f"RESIDENTIAL_{code}", country) for code, country in _COUNTRIES),
    Choice("RESIDENTIAL_ISP", "a provider's connection"),
    *(Choice(f"US-{code}", f"{state} (deprecated)") for code, state in _STATES),
    Choice("NONE", "no proxy"),
)

PARAMETERS: Final = (
    Parameter(
        "prompt",
        "Prompt",
        Kind.text,
        "what the run should do, in plain words",
        Group.task,
        example="Get the title of the top post",
        is_long=True,
    ),
    Parameter("url", "URL", Kind.url, "the page to start on", Group.task, example="https://example.com"),
    Parameter(
        "engine",
        "Engine",
        Kind.engine,
        "which agent does the work",
        Group.task,
        choices=ENGINES,
        default=RunEngine.skyvern_v2,
    ),
    Parameter("title", "Title", Kind.text, "a name for the run", Group.task, example="Top post, daily"),
    Parameter(
        "run_with",
        "Run with",
        Kind.text,
        "agent or code",
        Group.task,
        choices=(Choice("agent", "let the agent decide each step"), Choice("code", "replay generated code")),
    ),
    Parameter(
        "publish_workflow",
        "Publish workflow",
        Kind.flag,
        "also publish the run as a workflow",
        Group.task,
        default="no",
    ),
    Parameter(
        "data_extraction_schema",
        "Data schema",
        Kind.schema,
        "JSON schema the output is to follow",
        Group.data,
        example='{"type": "object", "properties": {"title": {"type": "string"}}}',
        is_long=True,
    ),
    Parameter(
        "error_code_mapping",
        "Error codes",
        Kind.string_map,
        "your error codes and when each applies",
        Group.data,
        example='{"login_failed": "the password is not accepted"}',
        is_long=True,
    ),
    Parameter(
        "file_ids",
        "Files",
        Kind.string_list,
        "ids of uploaded files the run may use",
        Group.data,
        example="file_1, file_2",
    ),
    Parameter(
        "proxy_location",
        "Proxy",
        Kind.name_or_object,
        "where the browser appears to be",
        Group.browser,
        choices=PROXIES,
        example='{"country": "US", "subdivision": "CA"}',
        default="RESIDENTIAL",
    ),
    Parameter(
        "browser_session_id",
        "Browser session",
        Kind.text,
        "run in this open session",
        Group.browser,
        example="pbs_123",
    ),
    Parameter(
        "browser_profile_id",
        "Browser profile",
        Kind.text,
        "start from this saved profile",
        Group.browser,
        example="bp_123",
    ),
    Parameter(
        "browser_address",
        "Browser address",
        Kind.address,
        "CDP address of a browser of yours",
        Group.browser,
        example="http://127.0.0.1:9222",
    ),
    Parameter(
        "start_fresh_browser",
        "Fresh browser",
        Kind.flag,
        "start in a browser without a past",
        Group.browser,
        default="no",
    ),
    Parameter(
        "extra_http_headers",
        "Headers",
        Kind.headers,
        "HTTP headers sent with each request",
        Group.browser,
        example='{"Accept-Language": "de"}',
        is_long=True,
    ),
    Parameter(
        "cdp_connect_headers",
        "CDP headers",
        Kind.headers,
        "HTTP headers for connecting to the browser address",
        Group.browser,
        example='{"Authorization": "Bearer …"}',
        is_long=True,
        is_secret=True,
    ),
    Parameter(
        "totp_identifier",
        "2FA identifier",
        Kind.text,
        "whose one-time codes to use",
        Group.sign_in,
        example="jane@example.com",
    ),
    Parameter(
        "totp_url",
        "2FA URL",
        Kind.url,
        "where one-time codes are fetched",
        Group.sign_in,
        example="https://example.com/totp",
    ),
    Parameter(
        "webhook_url",
        "Webhook",
        Kind.url,
        "told when the run is over",
        Group.delivery,
        example="https://example.com/hook",
    ),
    Parameter("max_steps", "Max steps", Kind.whole, "stop after this many steps", Group.limits, least=1, example="10"),
    Parameter(
        "max_screenshot_scrolls",
        "Screenshot scrolls",
        Kind.whole,
        "scrolls per screenshot",
        Group.limits,
        least=0,
        example="3",
    ),
    Parameter(
        "include_action_history_in_verification",
        "Verify with history",
        Kind.flag,
        "show past actions to the completion check",
        Group.limits,
        default="no",
    ),
    Parameter(
        "model",
        "Model",
        Kind.json_object,
        "language model settings",
        Group.limits,
        example='{"model_name": "…"}',
        is_long=True,
    ),
)
"""All of them, group by group."""

BY_NAME: Final[Mapping[str, Parameter]] = {parameter.name: parameter for parameter in PARAMETERS}
GROUPS: Final[Mapping[Group, tuple[Parameter, ...]]] = {
    group: tuple(parameter for parameter in PARAMETERS if parameter.group is group) for group in Group
}
"""The parameters of each group, both in the order of a form."""
