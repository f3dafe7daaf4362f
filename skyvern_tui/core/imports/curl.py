"""A curl command read as a request.

Owns: splitting a command into words as a POSIX shell does, and the options that matter.
Must not: run it, read the files it names, or keep its key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from skyvern_tui.core.imports.values import Found, NotUnderstood
from skyvern_tui.core.reading import read_json

_PATH: Final = "/v1/run/tasks"
_DATA: Final = frozenset({"-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"})
_LONG_WITH_VALUE: Final = """
    --header --request --url --output --user-agent --referer --cookie --cookie-jar --max-time --connect-timeout
    --retry --retry-delay --cacert --cert --key --proxy --write-out --user --form --resolve
"""
_WITH_VALUE: Final = frozenset(_LONG_WITH_VALUE.split())
_KEYS: Final = frozenset({"x-api-key", "authorization"})
_ENDS: Final = frozenset({";", "|", "&&", "||", "&"})
_SHORT_WITH_VALUE: Final = frozenset("XHdoAebcmxwuF")
_ESCAPES: Final = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "a": "\a",
    "e": "\x1b",
    "E": "\x1b",
}
_CODED: Final = re.compile(r"x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})")


def read_curl(text: str) -> Found:
    """Read the first curl command in ``text``. Raises :class:`NotUnderstood`."""
    words = list(_words(text))
    body, url, messages = "", "", []
    for option, value in _options(words):
        if option in _DATA:
            body += value
        elif option in {"-H", "--header"}:
            name, _, key = value.partition(":")
            if name.strip().lower() in _KEYS and not key.strip().startswith("$"):
                messages.append("the API key was left out")
        elif option in {"-X", "--request"} and value.upper() != "POST":
            messages.append(f"{value} is not how a task is created; read as POST")
        elif option in {"", "--url"}:
            url = url or value
    path = urlsplit_path(url)
    if url and not path.endswith(_PATH):
        messages.append(f"it posts to {path or url}, not to {_PATH}")
    return Found(_body(body), tuple(dict.fromkeys(messages)))


def _body(text: str) -> dict[str, Any]:
    if text.startswith("@"):
        raise NotUnderstood(f"the request is in the file {text[1:]}; paste what is in it")
    if not text.strip():
        raise NotUnderstood("the command sends no data")
    try:
        values = read_json(text)
    except ValueError as error:
        raise NotUnderstood(f"the data is not readable as JSON: {error}") from error
    if not isinstance(values, dict):
        raise NotUnderstood("the data is no JSON object")
    return values


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the options of the first curl and their values, up to the end of the command."""
    at = next((place for place, word in enumerate(words) if word.split("/")[-1] in {"curl", "curl.exe"}), -1) + 1
    while at < len(words) and words[at] not in _ENDS:
        option, value, used = _option(words, at)
        at += used
        yield option, value


def urlsplit_path(url: str) -> str:
    """Return the path of a URL; empty for what is none."""
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""


def _option(words: list[str], at: int) -> tuple[str, str, int]:
    """Return the option at ``at`` (empty for a plain word), its value and how many words it took."""
    word = words[at]
    following = words[at + 1] if at + 1 < len(words) else ""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        if equals:
            return name, value, 1
        takes = name in _DATA or name in _WITH_VALUE
        return name, following if takes else "", 2 if takes else 1
    if len(word) > 1 and word.startswith("-"):
        for place, letter in enumerate(word[1:], 1):  # -sSXPOST: flags, then one that takes the rest
            if letter in _SHORT_WITH_VALUE:
                rest = word[place + 1 :]
                return f"-{letter}", rest or following, 1 if rest else 2
        return word, "", 1
    return "", word, 1


def _words(text: str) -> Iterator[str]:
    """Split like a POSIX shell, with ``$'...'`` as bash has it; variables stay as they are written."""
    word, at, begun = "", 0, False
    while at < len(text):
        character = text[at]
        if character in "'\"" or text.startswith("$'", at):
            piece, at = _quoted(text, at)
            word, begun = word + piece, True
            continue
        if character == "\\":
            piece = text[at + 1 : at + 2]
            if text.startswith("\r\n", at + 1):
                at += 1
            word, begun = (word, begun) if piece in {"\n", "\r"} else (word + piece, True)
            at += 2
            continue
        at += 1
        if character.isspace():
            if begun:
                yield word
            word, begun = "", False
            if character == "\n":  # an unescaped line break ends the command
                yield ";"
        else:
            word, begun = word + character, True
    if begun:
        yield word


def _quoted(text: str, at: int) -> tuple[str, int]:
    """Read the quoted piece that begins at ``at``; return it and where it ends."""
    if text[at] == "$":
        return _ansi(text, at + 2)
    quote = text[at]
    if quote == "'":
        end = text.find("'", at + 1)
        if end < 0:
            raise NotUnderstood("a closing quote is missing")
        return text[at + 1 : end], end + 1
    piece, at = "", at + 1
    while at < len(text) and text[at] != '"':
        if text[at] == "\\" and text[at + 1 : at + 2] in {'"', "\\", "$", "`", "\n"}:
            piece += "" if text[at + 1] == "\n" else text[at + 1]
            at += 2
        else:
            piece += text[at]
            at += 1
    if at >= len(text):
        raise NotUnderstood("a closing quote is missing")
    return piece, at + 1


def _ansi(text: str, at: int) -> tuple[str, int]:
    piece = ""
    while at < len(text) and text[at] != "'":
        if text[at] != "\\":
            piece, at = piece + text[at], at + 1
            continue
        coded = _CODED.match(text, at + 1)
        if coded:
            number = int(coded[4], 8) if coded[4] else int(coded[1] or coded[2] or coded[3], 16)
            piece, at = piece + (chr(number) if number < 0x110000 else "\ufffd"), coded.end()  # noqa: PLR2004 - Unicode
        else:
            letter = text[at + 1 : at + 2]
            piece, at = piece + _ESCAPES.get(letter, letter), at + 2
    if at >= len(text):
        raise NotUnderstood("a closing quote is missing")
    # Surrogate pairs come as two escapes of four digits.
    return json.loads(json.dumps(piece)), at + 1
