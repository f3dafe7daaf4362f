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
from collections.abc import Callable, Iterable, Sequence
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
    rb"""((?:[?&]|\\u0026|&amp;|%(?:3F|26))"""
    rb"""(?:sig|signature|policy|(?:[a-z]+[_-])?(?:token|secret)|(?:x-)?api[_-]?key|(?:private|access)_key|password|passwd|pwd"""
    rb"""|x-(?:amz|goog)-(?:signature|credential|security-token)|awsaccesskeyid|googleaccessid)(?:=|%3D))"""
    rb"""(?:(?!%26)[^&"'\s<>\\])+""",
    re.IGNORECASE,
)
"""Secrets in the queries of addresses, also of addresses that are themselves in a query."""
_USERINFO: Final = re.compile(rb"""(:(?:\\?/){2}[^/@:\s"'<>\\]*:)[^/@\s"'<>\\]+(?=@)""")
"""Passwords in addresses."""
_LOOSE_FIELD: Final = re.compile(
    rb"""("[^"\\]*(?:pass|secret|token|api_?key|authorization|cookie|cvv|card_number|totp|otp)[^"\\]*"\s*:\s*)"(?:[^"\\]|\\.)*"?""",
    re.IGNORECASE,
)
_LOOSE_FORM: Final = re.compile(
    rb"""((?:^|&)[^=&]*(?:pass|secret|token|api_?key|cvv|card_number|totp|otp)[^=&]*=)[^&\s]+""", re.IGNORECASE
)
_NO_FORM: Final = re.compile(rb"[\s<>]")
_ON_CREDENTIALS: Final = re.compile(r"/credentials(?:/|$)")
_CREDENTIAL_PARTS: Final = frozenset({"credential", "content", "code"})
"""Fields of the routes for credentials that hold a credential and nothing else."""
_WHOLLY_SECRET: Final = frozenset({"cdp_connect_headers"})
_SHOWN_OF_CREDENTIALS: Final = frozenset({"username", "credential_type", "type", "card_last4", "card_brand"})


def redacted(entry: Entry, also: Iterable[bytes] = ()) -> Entry:
    """Return an exchange without its secrets. Lengths are those of before.

    ``also`` are further secrets, which are left out wherever they turn up.
    """
    keys = tuple(sorted({key for key in (key_of(entry), *also) if key}, key=len, reverse=True))
    on_credentials = on_credentials_route(entry)

    def clean(body: bytes, length: int) -> bytes:
        return _without(_body(body, whole=len(body) == length, on_credentials=on_credentials), keys)

    return replace(
        entry,
        path=_without(entry.path.encode(errors="surrogateescape"), keys).decode(errors="replace"),
        query=_without(_links(b"?" + entry.query)[1:], keys),
        headers=_headers(entry.headers, keys),
        body=clean(entry.body, entry.body_length),
        answer_headers=_headers(entry.answer_headers, keys),
        answer=clean(entry.answer, entry.answer_length),
    )


def on_credentials_route(entry: Entry) -> bool:
    """Tell whether an exchange is about credentials, whose parts are secrets whatever they are called."""
    return bool(_ON_CREDENTIALS.search(entry.path))


def key_of(entry: Entry) -> bytes:
    """Return the API key that was sent, if it is long enough to be taken out of texts."""
    for value in (entry.header(b"x-api-key"), entry.header(b"authorization").partition(b" ")[2]):
        if len(value) >= _SHORTEST_KEY:
            return value
    return b""


def _without(text: bytes, keys: Sequence[bytes]) -> bytes:
    for key in keys:
        text = text.replace(key, _GONE)
    return text


def _links(text: bytes) -> bytes:
    """Return a text without what is secret in the addresses it holds."""
    return _USERINFO.sub(rb"\1" + _GONE, _SIGNATURE.sub(rb"\1" + _GONE, text))


def _headers(headers: RawHeaders, keys: Sequence[bytes]) -> RawHeaders:
    return [(name, _GONE if _is_secret_header(name) else _without(_links(value), keys)) for name, value in headers]


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
        if whole and is_binary(body):
            return body
        # Cut short or no JSON: what looks like a secret is taken out as text.
        body = _LOOSE_FIELD.sub(rb'\1"' + _GONE + b'"', body)
        return _links(body if _NO_FORM.search(body) else _LOOSE_FORM.sub(rb"\1" + _GONE, body))
    changed = False

    def gone(_: Any) -> str:
        nonlocal changed
        changed = True
        return GONE

    value = _value(value, gone, on_credentials=on_credentials)
    if changed:
        body = json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
    return _links(body)


def is_binary(body: bytes) -> bool:
    """Tell whether a body is a picture, an archive or the like, in which a pattern fits by chance only."""
    if b"\0" not in body:
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return True
    return False


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
    if isinstance(value, str):
        return _said_in(value, gone, on_credentials=on_credentials)
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


def _said_in(text: str, gone: Callable[[Any], str], *, on_credentials: bool) -> str:
    """Return a text without what is secret in the JSON it may hold."""
    value = _parsed(text.encode(errors="surrogatepass")) if text[:1] in ("{", "[") else None
    if value is None:
        return text
    shown = _value(value, gone, on_credentials=on_credentials)
    return text if shown == value else json.dumps(shown, ensure_ascii=False)


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
