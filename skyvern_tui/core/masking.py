"""Secrets in a request, found and taken out before it is shown to others.

Owns: which values of a request are secret, and the name of the environment variable each is
replaced by. Must not: keep a secret in anything it returns, or write any language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from skyvern_tui.core.parameters import BY_NAME

_SECRET_NAME: Final = re.compile(
    r"auth|cookie|token|secret|passw|passphrase|api[-_ ]?key|access[-_ ]?key|credential|signature|^sig$|^key$|^otp$",
    re.IGNORECASE,
)
"""Names of headers, query parameters and settings whose values are secrets."""
_SCHEME: Final = re.compile(r"(?i)(bearer|basic|token|digest|apikey)\s+")
_QUERY: Final = re.compile(r"([?&;])([^=&;#]+)=([^&;#]*)")
_PLAIN: Final = frozenset({"data_extraction_schema", "error_code_mapping"})
"""Parameters whose keys are the user's own words: a property may be called ``token`` and hold none."""
_TELLING: Final = 6
"""Shorter values are not looked for elsewhere: they would be found in ordinary words."""


@dataclass(frozen=True, slots=True)
class Env:
    """An environment variable that holds what was taken out."""

    name: str


@dataclass(frozen=True, slots=True)
class Secret:
    """A text with secrets taken out: plain parts and variables, in order."""

    parts: tuple[str | Env, ...]

    def __str__(self) -> str:
        return "".join(f"${{{part.name}}}" if isinstance(part, Env) else part for part in self.parts)


@dataclass(frozen=True, slots=True)
class Masked:
    """A JSON value whose secret texts are :class:`Secret`, and the variables in it, in order of appearance."""

    value: Any
    names: tuple[str, ...]


def is_secret_name(name: str) -> bool:
    """Tell whether a header, query parameter or setting of this name holds a secret."""
    return _SECRET_NAME.search(name) is not None


def mask(request: Mapping[str, Any], known: Mapping[str, str] | None = None) -> Masked:
    """Take the secrets out of a request.

    Values of telling names, passwords and tokens in URLs, and whatever is in ``known`` are replaced wherever they
    occur.

    Args:
        request: by wire name; JSON values.
        known: secrets by the variable that holds them, such as the API key.
    """
    finder = _Finder(known or {})
    for name, value in request.items():
        if name not in _PLAIN:
            secret = name in BY_NAME and BY_NAME[name].is_secret
            finder.look(value, _variable(name), secret=secret)
    return Masked({name: finder.masked(value) for name, value in request.items()}, tuple(finder.used))


def redacted(request: Mapping[str, Any], known: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the request with each secret written as ``${NAME}``."""
    return {name: _written(value) for name, value in mask(request, known).value.items()}


def _written(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _written(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_written(item) for item in value]
    return str(value) if isinstance(value, Secret) else value


def _variable(*names: str) -> str:
    words = (re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_") for name in names)
    return "_".join(["SKYVERN", *filter(None, words)])


class _Finder:
    """Collects secrets first, so that one can be replaced wherever it occurs."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._names: dict[str, str] = {}
        """Variable by secret."""
        self._exact: set[str] = set()
        """Short secrets: replaced where they were found only, that is where a text is nothing else."""
        self.used: dict[str, None] = {}
        for name, value in known.items():
            if value:
                self._names[value] = name

    def look(self, value: Any, variable: str, *, secret: bool) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                self.look(item, _joined(variable, str(key)), secret=secret or is_secret_name(str(key)))
        elif isinstance(value, list):
            for item in value:
                self.look(item, variable, secret=secret)
        elif isinstance(value, str):
            if secret:
                self._add(_SCHEME.sub("", value, count=1) if _SCHEME.match(value) else value, variable)
            elif "://" in value:
                self._look_in_url(value, variable)

    def _look_in_url(self, url: str, variable: str) -> None:
        try:
            password = urlsplit(url.strip()).password
        except ValueError:
            password = None
        if password:
            self._add(password, _joined(variable, "password"))
        for _, name, value in _QUERY.findall(url):
            if is_secret_name(name):
                self._add(value, _joined(variable, name))

    def _add(self, secret: str, variable: str) -> None:
        if not secret or secret in self._names:
            return
        name, number = variable, 2
        while name in self._names.values():
            name, number = f"{variable}_{number}", number + 1
        self._names[secret] = name
        if len(secret) < _TELLING:
            self._exact.add(secret)

    def masked(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._masked_item(str(key), item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.masked(item) for item in value]
        return self._masked_text(value) if isinstance(value, str) else value

    def _masked_item(self, key: str, item: Any) -> Any:
        return self._masked_text(item, telling=is_secret_name(key)) if isinstance(item, str) else self.masked(item)

    def _masked_text(self, text: str, *, telling: bool = False) -> Any:
        wanted = sorted((s for s in self._names if s in text and self._holds(s, text, telling)), key=len, reverse=True)
        if not wanted:
            return text
        parts: list[str | Env] = []
        for piece in re.split("(" + "|".join(re.escape(secret) for secret in wanted) + ")", text):
            if piece in self._names and piece in wanted:
                self.used[self._names[piece]] = None
                parts.append(Env(self._names[piece]))
            elif piece:
                parts.append(piece)
        return Secret(tuple(parts))

    def _holds(self, secret: str, text: str, telling: bool) -> bool:  # noqa: FBT001 - private
        return secret not in self._exact or telling or text == secret or "://" in text


def _joined(variable: str, name: str) -> str:
    return f"{variable}{_variable(name).removeprefix('SKYVERN')}"
