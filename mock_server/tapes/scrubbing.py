"""What a recording leaves out, beyond what the journal does.

Owns: keys seen in earlier exchanges, whole queries of signed links, headers for the browser,
and, when asked, mail addresses and telephone numbers. Must not: decide by itself what a secret is
called; ``journal_redaction`` does.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from mock_server.scenarios.journal import Entry, RawHeaders
from mock_server.scenarios.journal_query import json_of
from mock_server.scenarios.journal_redaction import GONE, is_binary, key_of, on_credentials_route, redacted

SHORTEST_SECRET: Final = 8
"""Shorter ones could be words of a text."""
_REMEMBERED: Final = 10_000
_BROWSER_HEADERS: Final = ("extra_http_headers", "cdp_connect_headers")
_CREDENTIAL: Final = frozenset({"credential", "content", "code"})
_SHOWN: Final = frozenset({"username", "credential_type", "type", "totp_identifier", "totp_type"})

_QUERY: Final = re.compile(rb"""\?(?:\\u0026|[^\s"'<>\\#?])+""")
_SIGNED: Final = re.compile(rb"""(?:^\?|&|\\u0026|&amp;)(?:x-(?:amz|goog)-)?(?:sig|signature)=""", re.IGNORECASE)
_PARAMETER: Final = re.compile(rb"""((?:^\?|&amp;|&|\\u0026)[^=&\\]+=)[^&\\]*""")
_MAIL: Final = re.compile(rb"""[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}""")
_PHONE: Final = re.compile(
    rb"""(?<![\w.:/-])(?:\+\d{1,3}(?:[ ()./-]{0,2}\d){6,12}|\(\d{3}\) ?\d{3}[ .-]\d{4}"""
    rb"""|\d{3}[ .-]\d{3}[ .-]\d{4})(?![\w-])"""
)
MAIL: Final = b"someone@example.com"
PHONE: Final = b"+15550100"


class Scrubber:
    """Takes secrets out of exchanges, and remembers those it met."""

    def __init__(self, secrets: Iterable[str] = (), *, personal: bool = False) -> None:
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._personal = personal
        for secret in secrets:
            self._learn(secret.encode())

    def clean(self, entry: Entry) -> Entry:
        """Return an exchange without what must not be written down, its lengths those of what is left."""
        self._learn(key_of(entry))
        if on_credentials_route(entry):
            for text in _texts(json_of(entry.body)):
                self._learn(text.encode(errors="surrogatepass"))
        whole = (len(entry.body) == entry.body_length, len(entry.answer) == entry.answer_length)
        shown = redacted(entry, self._known)
        body, answer = self._text(shown.body), self._text(shown.answer)
        return replace(
            shown,
            path=self._text(shown.path.encode()).decode(),
            query=self._text(b"?" + shown.query)[1:],
            headers=self._headers(shown.headers),
            body=body,
            body_length=len(body) if whole[0] else shown.body_length,
            answer_headers=self._headers(shown.answer_headers),
            answer=answer,
            answer_length=len(answer) if whole[1] else shown.answer_length,
        )

    def _learn(self, secret: bytes) -> None:
        if len(secret) < SHORTEST_SECRET:
            return
        escaped = json.dumps(secret.decode(errors="replace"))[1:-1].encode()
        for form in {secret, escaped}:
            self._known[form] = None
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def _headers(self, headers: RawHeaders) -> RawHeaders:
        return [(name, self._text(value)) for name, value in headers]

    def _text(self, text: bytes) -> bytes:
        if not text or is_binary(text):
            return text
        text = _QUERY.sub(_unsigned, _without_browser_headers(text))
        if self._personal:
            text = _PHONE.sub(PHONE, _MAIL.sub(MAIL, text))
        return text


def _unsigned(query: re.Match[bytes]) -> bytes:
    """Return a query, without any value if one of them is a signature: the others say for whom and how long."""
    text = query[0]
    return _PARAMETER.sub(rb"\1" + GONE.encode(), text) if _SIGNED.search(text) else text


def _without_browser_headers(text: bytes) -> bytes:
    """Return a body without the values of headers the browser sends: they are there to let it in somewhere."""
    if not any(name.encode() in text for name in _BROWSER_HEADERS):
        return text
    value = json_of(text)
    if value is None:
        return text
    shown = _emptied(value)
    return text if shown == value else json.dumps(shown, separators=(",", ":")).encode()


def _emptied(value: Any) -> Any:
    if isinstance(value, list):
        return [_emptied(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: dict.fromkeys(item, GONE) if name in _BROWSER_HEADERS and isinstance(item, dict) else _emptied(item)
        for name, item in value.items()
    }


def _texts(value: Any, *, inside: bool = False) -> Iterable[str]:
    """Yield the texts of a request about credentials that are, or may be, the credential."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name not in _SHOWN:
                yield from _texts(item, inside=inside or name in _CREDENTIAL)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, inside=inside)
    elif isinstance(value, str) and inside:
        yield value
