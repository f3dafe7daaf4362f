"""Text as typed, read as the value of a parameter, or the reason why it can't be.

Owns: one reader per kind of parameter; reasons short enough for the line of a label. Must
not: know which parameters there are, or judge one value by another.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from skyvern_tui.client.models import RunEngine
from skyvern_tui.core.parameters import Kind, Parameter
from skyvern_tui.core.schema import schema_fault

MAX_URL: Final = 2083
"""Longest URL the service takes, in characters."""
MAX_LIST: Final = 50
"""Most entries of a list the service takes."""
_TRUE: Final = frozenset({"true", "yes", "y", "1", "on"})
_FALSE: Final = frozenset({"false", "no", "n", "0", "off"})
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def read(parameter: Parameter, text: str) -> Any:
    """Return the value ``text`` stands for. Raises ``ValueError`` whose text is the reason."""
    return _READERS[parameter.kind](text, parameter)


def _read_text(text: str, _parameter: Parameter) -> str:
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("holds half a character; paste it again")
    return text


def _read_url(text: str, _parameter: Parameter) -> str:
    url = _read_text(text.strip(), _parameter)
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
    return _with_host(url, ("http", "https"), "https://example.com")


def _read_address(text: str, parameter: Parameter) -> str:
    url = _read_text(text.strip(), parameter)
    if any(c.isspace() for c in url):
        raise ValueError("an address has no spaces")
    if "://" not in url:
        raise ValueError(f"start it with http:// or ws://; example: {parameter.example}")
    return _with_host(url, ("http", "https", "ws", "wss"), parameter.example)


def _with_host(url: str, schemes: tuple[str, ...], example: str) -> str:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError as error:
        raise ValueError(f"not a web address; example: {example}") from error
    if parts.scheme.lower() not in schemes:
        *others, last = (f"{scheme}://" for scheme in schemes)
        raise ValueError(f"{parts.scheme}:// can't be opened; use {', '.join(others)} or {last}")
    if not parts.hostname:
        raise ValueError(f"the host is missing; example: {example}")
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
    if name in RunEngine.__members__:  # the documentation writes skyvern_v2 where the wire has skyvern-2.0
        return str(RunEngine[name])
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
        return json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        reason = _JSON_REASONS.get(error.msg) or error.msg[:1].lower() + error.msg[1:]
        raise ValueError(f"line {error.lineno}, column {error.colno}: {reason}") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _read_schema(text: str, _parameter: Parameter) -> dict[str, Any] | list[Any]:
    value = read_json(text)
    if not isinstance(value, (dict, list)):
        raise ValueError('must be a JSON object or array; example: {"type": "object"}')  # noqa: TRY004 - one error type
    fault = schema_fault(value) if isinstance(value, dict) else ""
    if fault:
        raise ValueError(f"not a JSON schema: {fault}")
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


def _read_headers(text: str, parameter: Parameter) -> dict[str, str]:
    value = _read_string_map(text, parameter)
    for name, item in value.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name!r} can't be the name of a header")
        if any(character in item for character in "\r\n\0"):
            raise ValueError(f"the value of {name!r} must be one line")
    return value


def _read_name_or_object(text: str, parameter: Parameter) -> str | dict[str, Any]:
    return _read_object(text, parameter) if text.lstrip().startswith("{") else text.strip()


def _read_string_list(text: str, _parameter: Parameter) -> list[str]:
    if text.lstrip().startswith("["):
        value = read_json(text)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ValueError("must be a list of strings")
    else:
        value = [item for item in text.replace(",", " ").split() if item]
    if len(value) > MAX_LIST:
        raise ValueError(f"at most {MAX_LIST}")
    return value


_READERS: Final[Mapping[Kind, Callable[[str, Parameter], Any]]] = {
    Kind.text: _read_text,
    Kind.url: _read_url,
    Kind.address: _read_address,
    Kind.whole: _read_whole,
    Kind.flag: _read_flag,
    Kind.engine: _read_engine,
    Kind.schema: _read_schema,
    Kind.string_map: _read_string_map,
    Kind.headers: _read_headers,
    Kind.json_object: _read_object,
    Kind.name_or_object: _read_name_or_object,
    Kind.string_list: _read_string_list,
}
