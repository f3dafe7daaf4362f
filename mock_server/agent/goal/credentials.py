"""Usernames and passwords, wherever the prompt puts them.

Owns: reading *log in as demo with password demo123*, *Username: demo / Password: x*,
*credentials demo/demo123* and their kind; the same reading is used for credentials a
page openly offers. Must not: keep or log what it finds.
"""

from __future__ import annotations

import re
from typing import Final

from mock_server.agent.goal.model import Credentials

_VALUE: Final = (
    r"""(?:"(?P<{0}d>[^"\n]{{1,200}})"|'(?P<{0}s>[^'\n]{{1,200}})'|`(?P<{0}t>[^`\n]{{1,200}})`"""
    r"""|(?P<{0}p>[^\s"'`(),;|<>]{{1,200}}))"""
)
_USER_WORDS: Final = (
    r"(?:user[\s-]?names?|user[\s-]?ids?|user|login(?:[\s-](?:name|id))?|e-?mail(?:\s+address)?|"
    r"account(?:\s+name)?|customer\s+(?:number|id))"
)
_KEYWORDS: Final = r"(?:pass[\s-]?words?|pass[\s-]?phrase|passwd|pwd|pass|pw)"
_LINK: Final = r"\s*(?:\((?:e-?mail|user(?:name)?)\)\s*)?(?:(?:is|are|as|of|being|set\s+to)\s+|[:=]\s*|\s)\s*"

_USER: Final = re.compile(rf"\b{_USER_WORDS}{_LINK}{_VALUE.format('u')}", re.IGNORECASE)
_PASSWORD: Final = re.compile(rf"\b{_KEYWORDS}{_LINK}{_VALUE.format('w')}", re.IGNORECASE)
_SLASHED: Final = re.compile(
    r"\b(?:credentials?|login|log\s*in|sign\s*in|account|as|with|using|use)\b[\s:=(]*(?:the\s+)?(?:credentials?\s*:?\s*)?"
    r"[\"'`]?(?P<user>[\w.@+-]{1,100})[\"'`]?\s*(?:/|\|)\s*[\"'`]?(?P<password>[^\s\"'`,;)]{1,100})",
    re.IGNORECASE,
)
_COLON: Final = re.compile(
    r"\b(?:credentials?)\b[\s:=(]*(?P<user>[\w.@+-]{1,100}):(?P<password>[^\s\"'`,;)]{1,100})", re.IGNORECASE
)
_AS: Final = re.compile(
    rf"\b(?:log(?:ged)?|sign(?:ed)?)[\s-]*(?:in|on|into|me\s+in)\b[^.\n]{{0,60}}?\bas\s+(?:the\s+)?(?:user\s+)?{_VALUE.format('a')}",
    re.IGNORECASE,
)
_CODE: Final = re.compile(
    r"\b(?:verification|one[\s-]time|2fa|mfa|otp|totp|security|auth(?:entication)?)\s*(?:code|password|token)?\s*(?:is|:|=)?\s*(?P<code>\d{4,8})\b",
    re.IGNORECASE,
)

_NOT_VALUES: Final = frozenset(
    [
        "and",
        "or",
        "with",
        "field",
        "fields",
        "box",
        "boxes",
        "input",
        "inputs",
        "is",
        "are",
        "below",
        "above",
        "provided",
        "given",
        "from",
        "to",
        "in",
        "into",
        "the",
        "a",
        "an",
        "then",
        "on",
        "text",
        "textbox",
        "that",
        "shown",
        "you",
        "your",
        "my",
        "for",
        "form",
        "page",
        "of",
        "it",
        "required",
        "needed",
        "here",
        "if",
        "click",
        "press",
        "login",
        "sign",
        "log",
        "by",
        "using",
        "username",
        "password",
        "email",
        "name",
        "address",
        "manager",
        "settings",
        "reset",
        "forgotten",
        "forgot",
        "you've",
        "was",
        "were",
        "not",
    ]
)


def _value(match: re.Match[str], key: str) -> str:
    groups = match.groupdict()
    for style in "dst":
        if groups.get(f"{key}{style}"):
            return str(groups[f"{key}{style}"]).strip()
    plain = str(groups.get(f"{key}p") or "")
    return "" if plain.lower().strip(".,:;") in _NOT_VALUES else plain.rstrip(".,:;")


def _first(pattern: re.Pattern[str], key: str, text: str) -> str:
    return next((value for match in pattern.finditer(text) if (value := _value(match, key))), "")


def find_credentials(text: str) -> Credentials:
    """Return what ``text`` (a prompt, or the visible text of a page) gives to sign in with."""
    for pattern in (_SLASHED, _COLON):
        match = pattern.search(text)
        if match and match["user"].lower() not in _NOT_VALUES and match["password"].lower() not in _NOT_VALUES:
            return Credentials(match["user"], match["password"].rstrip(".,"), _code(text))
    password = _first(_PASSWORD, "w", text)
    username = _first(_USER, "u", text) or _first(_AS, "a", text)
    return Credentials(username, password, _code(text))


def _code(text: str) -> str:
    match = _CODE.search(text)
    return match["code"] if match else ""
