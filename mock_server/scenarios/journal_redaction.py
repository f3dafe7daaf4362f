"""What of an exchange may be shown.

Owns: which headers, parameters and fields are secrets, and leaving them out. Must not: change
anything else: what is left has to be true.

Left out are: keys, cookies and credentials in headers; signatures in addresses; fields that
are called like secrets; everything a credential is made of on the routes for credentials; and
the API key of the request, wherever it turns up, unless it is so short that it could be a word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from mock_server.scenarios.journal import Entry, RawHeaders

GONE: Final = "REDACTED"
_GONE: Final = GONE.encode()
_SHORTEST_KEY: Final = 8

_HEADERS: Final = frozenset(
    {b"x-api-key", b"authorization", b"proxy-authorization", b"cookie", b"set-cookie", b"x-skyvern-signature"}
)
_SECRET_NAME: Final = re.compile(
    r"(?:^|[_\W])(?:pass(?:word|wd|phrase)?|pwd|secret|token|api_?key|apikey|credentials?|authorization|cookie|cvv|cvc"
    r"|auth|card_?number|private_?key|access_?key|otp|totp|totp_?(?:code|secret)|signature|sig)(?:$|[_\W])",
    re.IGNORECASE,
)
_HARMLESS_NAME: Final = re.compile(
    r"_id$|_ids$|^(?:totp_identifier|totp_url|totp_type|credential_type|token_type|tokens?_used|credentials_used)$"
)
"""Names that sound like secrets and are none."""
_SIGNATURE: Final = re.compile(
    rb"""((?:[?&]|\\u0026|&amp;)(?:sig|signature|token|api_key|x-api-key)=)[^&"'\s<>\\]+""", re.IGNORECASE
)
_LOOSE_FIELD: Final = re.compile(
    rb"""("[^"\\]*(?:pass|secret|token|api_?key|authorization|cookie|cvv|card_number|totp|otp)[^"\\]*"\s*:\s*)"(?:[^"\\]|\\.)*"?""",
    re.IGNORECASE,
)
_LOOSE_FORM: Final = re.compile(
    rb"""((?:^|&)[^=&]*(?:pass|secret|token|api_?key|cvv|card_number|totp|otp)[^=&]*=)[^&\s]+""", re.IGNORECASE
)
_ON_CREDENTIALS: Final = re.compile(r"/credentials(?:/|$)")
_CREDENTIAL_PARTS: Final = frozenset({"credential", "content", "code"})
"""Fields of the routes for credentials that hold a credential and nothing else."""
_WHOLLY_SECRET: Final = frozenset({"cdp_connect_headers"})
_SHOWN_OF_CREDENTIALS: Final = frozenset({"username", "credential_type", "type", "card_last4", "card_brand"})


def redacted(entry: Entry) -> Entry:
    """Return an exchange without its secrets. Lengths are those of before."""
    key = _key(entry)
    on_credentials = bool(_ON_CREDENTIALS.search(entry.path))

    def clean(body: bytes, length: int) -> bytes:
        return _without(_body(body, whole=len(body) == length, on_credentials=on_credentials), key)

    return replace(
        entry,
        path=_without(entry.path.encode(errors="surrogateescape"), key).decode(errors="replace"),
        query=_without(_SIGNATURE.sub(rb"\1" + _GONE, b"?" + entry.query)[1:], key),
        headers=_headers(entry.headers, key),
        body=clean(entry.body, entry.body_length),
        answer_headers=_headers(entry.answer_headers, key),
        answer=clean(entry.answer, entry.answer_length),
    )


def _key(entry: Entry) -> bytes:
    """Return the API key that was sent, if it is long enough to be taken out of texts."""
    for value in (entry.header(b"x-api-key"), entry.header(b"authorization").partition(b" ")[2]):
        if len(value) >= _SHORTEST_KEY:
            return value
    return b""


def _without(text: bytes, key: bytes) -> bytes:
    return text.replace(key, _GONE) if key else text


def _headers(headers: RawHeaders, key: bytes) -> RawHeaders:
    return [
        (name, _GONE if _is_secret_header(name) else _without(_SIGNATURE.sub(rb"\1" + _GONE, value), key))
        for name, value in headers
    ]


def _is_secret_header(name: bytes) -> bool:
    lower = name.lower()
    return lower in _HEADERS or _is_secret(lower.decode("latin-1").replace("-", "_"))


def _is_secret(name: str) -> bool:
    return bool(_SECRET_NAME.search(name)) and not _HARMLESS_NAME.search(name)


def _body(body: bytes, *, whole: bool, on_credentials: bool) -> bytes:
    if not body:
        return body
    value = _parsed(body) if whole else None
    if value is None:
        if on_credentials:
            return _GONE
        # Cut short or no JSON: what looks like a secret is taken out as text.
        body = _LOOSE_FIELD.sub(rb'\1"' + _GONE + b'"', body)
        return _SIGNATURE.sub(rb"\1" + _GONE, _LOOSE_FORM.sub(rb"\1" + _GONE, body))
    changed = False

    def gone(_: Any) -> str:
        nonlocal changed
        changed = True
        return GONE

    value = _value(value, gone, on_credentials=on_credentials)
    if changed:
        body = json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
    return _SIGNATURE.sub(rb"\1" + _GONE, body)


def _parsed(body: bytes) -> Any:
    if body[:1] not in b'{["':
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _value(value: Any, gone: Callable[[Any], str], *, on_credentials: bool) -> Any:
    if isinstance(value, list):
        return [_value(item, gone, on_credentials=on_credentials) for item in value]
    if not isinstance(value, dict):
        return value
    shown = {}
    for name, item in value.items():
        if name in _WHOLLY_SECRET or (on_credentials and name in _CREDENTIAL_PARTS):
            shown[name] = _leaves(item, gone)
        elif _is_secret(name) and not isinstance(item, dict | list):
            shown[name] = gone(item) if item not in (None, "") and not isinstance(item, bool) else item
        elif _is_secret(name):
            shown[name] = _leaves(item, gone)
        else:
            shown[name] = _value(item, gone, on_credentials=on_credentials)
    return shown


def _leaves(value: Any, gone: Callable[[Any], str]) -> Any:
    """Leave out everything a value holds but its shape and what may be shown of a credential."""
    if isinstance(value, dict):
        return {
            name: item if name in _SHOWN_OF_CREDENTIALS and not isinstance(item, dict | list) else _leaves(item, gone)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_leaves(item, gone) for item in value]
    return value if value is None or isinstance(value, bool) else gone(value)
