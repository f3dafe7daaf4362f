"""A task being written: every parameter as the text that was typed.

Owns: what may be typed for a parameter, the reason when it may not, and the step from text
to :class:`TaskRunRequest`. Must not: send anything, or decide what a screen shows where.

A draft is always valid *as a draft*: it can be kept, restored and edited whatever it
holds. Only :func:`to_request` insists.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from skyvern_tui.client.models import RunEngine, TaskRunRequest

MAX_URL: Final = 2083
"""Longest URL the service takes, in characters."""


class Kind(StrEnum):
    """How the text of a parameter is read."""

    text = "text"
    url = "url"
    whole = "whole number"
    flag = "yes or no"
    engine = "engine"
    schema = "JSON schema"
    string_map = "JSON object of strings"
    json_object = "JSON object"
    name_or_object = "name or JSON object"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a task: its wire name, how its text is read and what it is for."""

    name: str
    label: str
    kind: Kind
    help: str
    least: int | None = None
    """Smallest whole number allowed."""


PARAMETERS: Final = (
    Parameter("prompt", "Prompt", Kind.text, "what the run should do, in plain words"),
    Parameter("url", "URL", Kind.url, "the page to start on"),
    Parameter("engine", "Engine", Kind.engine, "which agent does the work"),
    Parameter("title", "Title", Kind.text, "a name for the run"),
    Parameter("max_steps", "Max steps", Kind.whole, "stop after this many steps", least=1),
    Parameter("data_extraction_schema", "Data schema", Kind.schema, "JSON schema the output is to follow"),
    Parameter("error_code_mapping", "Error codes", Kind.string_map, "your error codes and when each applies"),
    Parameter("proxy_location", "Proxy", Kind.name_or_object, "where the browser appears to be"),
    Parameter("browser_session_id", "Browser session", Kind.text, "run in this open session"),
    Parameter("browser_profile_id", "Browser profile", Kind.text, "start from this saved profile"),
    Parameter("browser_address", "Browser address", Kind.text, "CDP address of a browser of yours"),
    Parameter("extra_http_headers", "Headers", Kind.string_map, "HTTP headers sent with each request"),
    Parameter("max_screenshot_scrolls", "Screenshot scrolls", Kind.whole, "scrolls per screenshot", least=0),
    Parameter("totp_identifier", "2FA identifier", Kind.text, "whose one-time codes to use"),
    Parameter("totp_url", "2FA URL", Kind.url, "where one-time codes are fetched"),
    Parameter("webhook_url", "Webhook", Kind.url, "told when the run is over"),
    Parameter("model", "Model", Kind.json_object, "language model settings"),
    Parameter("run_with", "Run with", Kind.text, "agent or code"),
    Parameter("publish_workflow", "Publish workflow", Kind.flag, "also publish the run as a workflow"),
    Parameter(
        "include_action_history_in_verification",
        "Verify with history",
        Kind.flag,
        "show past actions to the completion check",
    ),
)
BY_NAME: Final[Mapping[str, Parameter]] = {parameter.name: parameter for parameter in PARAMETERS}
_TRUE: Final = frozenset({"true", "yes", "y", "1", "on"})
_FALSE: Final = frozenset({"false", "no", "n", "0", "off"})


class DraftInvalid(ValueError):  # noqa: N818 - named for the state it reports, as StopIteration is
    """The draft can't be sent. ``reasons`` maps each faulty parameter to what is wrong with it."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in reasons.items()))
        self.reasons = dict(reasons)


@dataclass(frozen=True, slots=True)
class Draft:
    """The text typed for each parameter, by wire name. A missing name is an empty text."""

    texts: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return what was typed for ``name``."""
        return self.texts.get(name, "")

    def typed(self, name: str, text: str) -> Draft:
        """Return the draft with ``text`` typed for ``name``."""
        if name not in BY_NAME:
            raise KeyError(name)
        return Draft({**self.texts, name: text})

    def to_dict(self) -> dict[str, str]:
        """Return the texts that are not empty, in the order of :data:`PARAMETERS`."""
        return {p.name: self.texts[p.name] for p in PARAMETERS if self.texts.get(p.name)}

    @classmethod
    def from_dict(cls, texts: Mapping[str, Any]) -> Draft:
        """Read what :meth:`to_dict` wrote; names and values that don't belong are left out."""
        return cls({name: text for name, text in texts.items() if name in BY_NAME and isinstance(text, str)})

    @classmethod
    def from_request(cls, request: Mapping[str, Any]) -> Draft:
        """Turn a request, or the echo of one in a run, back into text to edit."""
        texts: dict[str, str] = {}
        for name, value in request.items():
            if name not in BY_NAME or value is None or value is False:  # False is what not asking means
                continue
            structured = isinstance(value, (dict, list, bool))
            texts[name] = json.dumps(value, indent=2, ensure_ascii=False) if structured else str(value)
        return cls(texts)


def _read_text(text: str, _parameter: Parameter) -> str:
    return text


def _read_url(text: str, _parameter: Parameter) -> str:
    url = text.strip()
    if len(url) > MAX_URL:
        raise ValueError(f"longer than {MAX_URL} characters")
    if any(c.isspace() for c in url):
        raise ValueError("a URL has no spaces")
    if "://" not in url:
        # The service reads `localhost:3000` as a scheme and refuses it; a bare host it takes.
        if ":" in url.split("/", 1)[0]:
            raise ValueError("start it with http:// or https://")
        if "." not in url.split("/", 1)[0]:
            raise ValueError("not a web address; example: https://example.com")
        return url
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError as error:
        raise ValueError("not a web address; example: https://example.com") from error
    if parts.scheme.lower() not in {"http", "https"}:
        raise ValueError(f"{parts.scheme}:// can't be opened; use http:// or https://")
    if not parts.hostname:
        raise ValueError("the host is missing; example: https://example.com")
    return url


def _read_whole(text: str, parameter: Parameter) -> int:
    digits = text.strip()
    # No int() on anything else: it takes underscores and digits of other scripts, and is slow on very long ones.
    if len(digits) > len("-1000000000") or not digits.removeprefix("-").isascii() or not digits.lstrip("-").isdigit():
        raise ValueError("must be a whole number")
    try:
        number = int(digits)
    except ValueError as error:
        raise ValueError("must be a whole number") from error
    if parameter.least is not None and number < parameter.least:
        raise ValueError(f"must be {parameter.least} or more")
    return number


def _read_flag(text: str, _parameter: Parameter) -> bool:
    word = text.strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("must be yes or no")


def _read_engine(text: str, _parameter: Parameter) -> str:
    name = text.strip()
    if name not in set(RunEngine):
        raise ValueError(f"unknown engine; one of {', '.join(RunEngine)}")
    return name


_JSON_REASONS: Final = {
    "Expecting property name enclosed in double quotes": 'a "key" is missing',
    "Expecting value": "a value is missing",
    "Expecting ',' delimiter": "a comma is missing",
    "Expecting ':' delimiter": "a colon is missing",
    "Extra data": "more text after the end",
    "Unterminated string starting at": "a closing quote is missing",
}
"""The parser's words, short enough for the line of a label."""


def read_json(text: str) -> Any:
    """Parse JSON as typed. Raises ``ValueError`` that says where and what is wrong."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        reason = _JSON_REASONS.get(error.msg) or error.msg[:1].lower() + error.msg[1:]
        raise ValueError(f"line {error.lineno}, column {error.colno}: {reason}") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _read_schema(text: str, _parameter: Parameter) -> dict[str, Any] | list[Any]:
    value = read_json(text)
    if not isinstance(value, (dict, list)):
        raise ValueError('must be a JSON object or array; example: {"type": "object"}')  # noqa: TRY004 - one error type
    return value


def _read_object(text: str, _parameter: Parameter) -> dict[str, Any]:
    value = read_json(text)
    if not isinstance(value, dict):
        raise ValueError("must be a JSON object")  # noqa: TRY004 - one error type for all reasons
    return value


def _read_string_map(text: str, parameter: Parameter) -> dict[str, str]:
    value = _read_object(text, parameter)
    for key, item in value.items():
        if not isinstance(item, str):
            raise ValueError(f"the value of {key!r} must be a string")  # noqa: TRY004 - as above
    return value


def _read_name_or_object(text: str, parameter: Parameter) -> str | dict[str, Any]:
    return _read_object(text, parameter) if text.lstrip().startswith("{") else text.strip()


_READERS: Final[Mapping[Kind, Callable[[str, Parameter], Any]]] = {
    Kind.text: _read_text,
    Kind.url: _read_url,
    Kind.whole: _read_whole,
    Kind.flag: _read_flag,
    Kind.engine: _read_engine,
    Kind.schema: _read_schema,
    Kind.string_map: _read_string_map,
    Kind.json_object: _read_object,
    Kind.name_or_object: _read_name_or_object,
}


def _read(draft: Draft) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    for parameter in PARAMETERS:
        text = draft.text(parameter.name)
        if not text.strip():
            continue
        try:
            values[parameter.name] = _READERS[parameter.kind](text, parameter)
        except ValueError as error:
            reasons[parameter.name] = str(error)
    if not draft.text("prompt").strip():
        reasons["prompt"] = "say what the run should do"
    return values, reasons


def validate(draft: Draft) -> dict[str, str]:
    """Return what is wrong, by wire name; empty when the draft can be sent."""
    return _read(draft)[1]


def to_request(draft: Draft) -> TaskRunRequest:
    """Return the request the draft stands for. Raises :class:`DraftInvalid`."""
    values, reasons = _read(draft)
    if reasons:
        raise DraftInvalid(reasons)
    return TaskRunRequest(**values)
