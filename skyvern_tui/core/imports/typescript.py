"""A program for the TypeScript SDK read as a request.

Owns: finding the call and reading the object it is given: literals, names bound to
literals, environment variables. Must not: execute anything; what is not a literal is named
and left out.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from skyvern_tui.core.imports.values import Found, NotUnderstood, Unread

_CALL: Final = re.compile(r"\brunTask\s*\(")
_SPACE: Final = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*")
_NUMBER: Final = re.compile(r"[+-]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_ENV: Final = re.compile(r"process\s*\.\s*env\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*[\"'](\w+)[\"']\s*\])\s*!?")
_PATH: Final = re.compile(r"[A-Za-z_$][\w$]*(?:\s*\??\.\s*[\w$]+)+")
_ENGINE: Final = re.compile(r"RunEngine\s*\.\s*(\w+)")
_AFTER: Final = re.compile(r"!|as\s+(?:const|[\w.<>\[\], ]+?)(?=\s*(?:[,;})\]\n]|\Z))|satisfies\s+[\w.<>\[\]]+")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_HEX: Final = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}")
_MAX_DEPTH: Final = 60
_WORDS: Final[dict[str, Any]] = {"true": True, "false": False, "null": None, "undefined": None}


def read_typescript(text: str) -> Found:
    """Read the first call of ``runTask`` in ``text``. Raises :class:`NotUnderstood`."""
    call = _CALL.search(text)
    if call is None:
        raise NotUnderstood("no call of runTask was found")
    reader = _Reader(text, call.end())
    value = reader.value()
    if not isinstance(value, dict):
        raise NotUnderstood("the argument of runTask can't be read")
    body = value.get("body")
    values = {**value, **body} if isinstance(body, dict) else value
    plain = {name: item for name, item in values.items() if name not in {"body", "waitForCompletion", "timeout"}}
    if isinstance(body, Unread):
        raise NotUnderstood(f"the body of the call can't be read: {body.text}")
    engine = plain.get("engine")
    if isinstance(engine, str):
        plain["engine"] = re.sub(r"[^a-z0-9]+", "_", engine.lower()) if "-" not in engine else engine
    return Found(plain, tuple(reader.messages))


class _Reader:
    """Reads one expression of a program, tolerantly."""

    def __init__(self, text: str, at: int, depth: int = 0, open_names: frozenset[str] = frozenset()) -> None:
        self.text = text
        self.at = at
        self.messages: list[str] = []
        self._depth = depth
        self._open = open_names

    def value(self) -> Any:
        """Read a value, with what is added to it by ``+``."""
        if self._depth > _MAX_DEPTH:
            raise NotUnderstood("nested too deeply")
        start = self.at
        value = self._single()
        while True:
            self._space()
            after = _AFTER.match(self.text, self.at)
            if after:
                self.at = after.end()
                continue
            if not self._peek("+") or not isinstance(value, str):
                break
            self.at += 1
            more = self._single()
            value = value + more if isinstance(more, str) else Unread(self.text[start : self.at])
        self._space()
        if self.at < len(self.text) and self.text[self.at] not in ",})];:\n":
            self._skip()
            return Unread(self.text[start : self.at].strip()[:100])
        return value

    def _single(self) -> Any:
        self._space()
        readers = {"{": self._object, "[": self._array, '"': self._string, "'": self._string, "`": self._template}
        reader = readers.get(self.text[self.at : self.at + 1])
        if reader is not None:
            return reader()
        number = _NUMBER.match(self.text, self.at)
        return self._named() if number is None else self._number(number)

    def _number(self, number: re.Match[str]) -> Any:
        self.at = number.end()
        digits = number[0].replace("_", "")
        try:
            return int(digits) if digits.lstrip("+-").isdigit() else float(digits)
        except ValueError:
            return Unread(digits[:100])

    def _named(self) -> Any:
        env = _ENV.match(self.text, self.at)
        if env:
            self.at = env.end()
            return f"${{{env[1] or env[2]}}}"
        engine = _ENGINE.match(self.text, self.at)
        if engine:
            self.at = engine.end()
            return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", engine[1]).lower()
        path = _PATH.match(self.text, self.at)
        name = _NAME.match(self.text, self.at)
        if path or name is None:
            start = self.at
            self._skip()
            return Unread(self.text[start : self.at].strip()[:100])
        self.at = name.end()
        return _WORDS[name[0]] if name[0] in _WORDS else self._lookup(name[0])

    def _lookup(self, name: str) -> Any:
        """Read what a ``const`` of that name is bound to."""
        bound = re.search(rf"\b(?:const|let|var)\s+{re.escape(name)}\s*(?::[^=;]*)?=(?!=)", self.text)
        if bound is None or name in self._open:
            return Unread(name)
        inner = _Reader(self.text, bound.end(), self._depth + 1, self._open | {name})
        return inner.value()

    def _object(self) -> Any:
        self.at += 1
        values: dict[str, Any] = {}
        while True:
            self._space()
            if self._take("}"):
                return values
            if self.at >= len(self.text):
                raise NotUnderstood("a closing brace is missing")
            if self._take(","):
                continue
            before = self.at
            self._property(values)
            if self.at == before:
                self._skip()
                if self.at == before:
                    raise NotUnderstood(f"unexpected {self.text[self.at : self.at + 20]!r}")

    def _property(self, values: dict[str, Any]) -> None:
        if self.text.startswith("...", self.at):
            self.at += 3
            spread = self._deeper()
            if isinstance(spread, dict):
                values.update(spread)
            else:
                self.messages.append(f"could not be read: ...{spread.text if isinstance(spread, Unread) else spread}")
            return
        key = self._key()
        if key is None:
            return
        self._space()
        if self._take(":"):
            values[key] = self._deeper()
        else:  # { prompt } stands for { prompt: prompt }
            values[key] = self._lookup(key)

    def _key(self) -> str | None:
        if self.text[self.at] in {'"', "'"}:
            return self._string()
        if self._take("["):
            self._space()
            key = self._string() if self.text[self.at : self.at + 1] in {'"', "'"} else None
            self._space()
            return key if self._take("]") else None
        name = re.compile(r"[\w$]+").match(self.text, self.at)
        if name is None:
            return None
        self.at = name.end()
        return name[0]

    def _deeper(self) -> Any:
        self._depth += 1
        try:
            return self.value()
        finally:
            self._depth -= 1

    def _array(self) -> Any:
        self.at += 1
        items: list[Any] = []
        while True:
            self._space()
            if self._take("]"):
                return items
            if self.at >= len(self.text):
                raise NotUnderstood("a closing bracket is missing")
            if self._take(","):
                continue
            before = self.at
            items.append(self._deeper())
            if self.at == before:
                raise NotUnderstood(f"unexpected {self.text[self.at : self.at + 20]!r}")

    def _string(self) -> str:
        quote = self.text[self.at]
        text, self.at = self._until(quote, self.at + 1)
        return text

    def _template(self) -> str:
        text, self.at = self._until("`", self.at + 1)
        return re.sub(_ENV.pattern.join((r"\$\{\s*", r"\s*\}")), lambda m: f"${{{m[1] or m[2]}}}", text)

    def _until(self, quote: str, at: int) -> tuple[str, int]:
        text: list[str] = []
        while at < len(self.text) and self.text[at] != quote:
            character = self.text[at]
            if character != "\\":
                text.append(character)
                at += 1
                continue
            coded = _HEX.match(self.text, at + 1)
            if coded:
                number = int(coded[1] or coded[2] or coded[3], 16)
                text.append(chr(number) if number < 0x110000 else "\ufffd")  # noqa: PLR2004 - Unicode
                at = coded.end()
            else:
                letter = self.text[at + 1 : at + 2]
                text.append("" if letter == "\n" else _ESCAPES.get(letter, letter))
                at += 2
        if at >= len(self.text):
            raise NotUnderstood("a closing quote is missing")
        # Two escapes of four digits may be the halves of one character.
        return json.loads(json.dumps("".join(text))), at + 1

    def _space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _peek(self, character: str) -> bool:
        return self.text.startswith(character, self.at)

    def _take(self, character: str) -> bool:
        if not self._peek(character):
            return False
        self.at += 1
        return True

    def _skip(self) -> None:
        """Go to the end of an expression that is not read."""
        depth = 0
        while self.at < len(self.text):
            character = self.text[self.at]
            if character in "\"'`":
                try:
                    _, self.at = self._until(character, self.at + 1)
                except NotUnderstood:
                    self.at = len(self.text)
                continue
            if depth == 0 and character in ",})]":
                return
            depth += (character in "{[(") - (character in "}])")
            self.at += 1
