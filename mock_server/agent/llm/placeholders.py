"""Secrets, and the names that stand for them wherever a model reads or writes.

Owns: which values of a task are secret, taking them out of every text for the model, and
putting them back when its answer is acted on. Must not: decide where one may be typed.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, quote_plus

from mock_server.agent.goal import Goal
from mock_server.agent.secrecy import MASK

USERNAME: Final = "username"
"""Not a secret; it has a name so that one written like the password can be told from it."""
PASSWORD: Final = "password"  # noqa: S105  # a name, not a password
CODE: Final = "code"
_NAME: Final = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
_SECRET_NAME: Final = re.compile(
    r"\b(?:pass\s?(?:word|phrase|code)|pwd|pin|secret|token|api\s?key|cvv|cvc|(?:security|verification|one[\s-]?time)\s+code|"
    r"(?:card|account|social\s+security)\s+(?:number|no))\b",
    re.IGNORECASE,
)
_SURELY: Final = 6
"""From so many characters on, a secret is taken out even in the middle of a word."""


class Placeholders:
    """The secrets of a task by name: ``password``, ``code``, ``secret_1`` and so on."""

    def __init__(self, secrets: Mapping[str, str], *, username: str = "", gives_codes: bool = False) -> None:
        self._secrets = {name: value for name, value in secrets.items() if value}
        self._known = {**self._secrets, **({USERNAME: username} if username else {})}
        if gives_codes:
            self._known.setdefault(CODE, "")
        spellings = {form: name for name, value in self._secrets.items() for form in _spellings(value)}
        self._names = spellings
        ordered = sorted(spellings, key=len, reverse=True)
        self._pattern = re.compile("|".join(_bounded(form) for form in ordered)) if ordered else None

    @classmethod
    def of(cls, goal: Goal, code: str = "", *, gives_codes: bool = False) -> Placeholders:
        """Return what is secret about a goal, and the one-time code in hand; ``gives_codes``: one can be had."""
        known = goal.credentials
        secrets = {PASSWORD: known.password, CODE: code or known.code}
        named = [*goal.data, *(pair for intent in goal.intents for pair in intent.fields)]
        values = [pair.value for pair in named if _SECRET_NAME.search(pair.name.replace("_", " "))]
        values += [intent.value for intent in goal.intents if intent.kind == "type" and _names_secret(intent.target)]
        others = [value for value in dict.fromkeys(values) if value and value not in secrets.values()]
        secrets |= {f"secret_{number}": value for number, value in enumerate(others, 1)}
        return cls(secrets, username=known.username, gives_codes=gives_codes)

    @property
    def names(self) -> tuple[str, ...]:
        """The names a model may use."""
        return tuple(self._known)

    def hide(self, text: str) -> str:
        """Return a text with the names in place of the secrets."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda match: "{{" + self._names[match[0]] + "}}", text)

    def shown_in(self, text: str) -> bool:
        """Whether a secret stands in a text."""
        return self._pattern is not None and self._pattern.search(text) is not None

    def used(self, text: str) -> tuple[str, ...]:
        """Return the names a text of the model uses, known or not."""
        return tuple(dict.fromkeys(_NAME.findall(text)))

    def fill(self, text: str) -> str:
        """Return a text of the model with the secrets in it."""
        return _NAME.sub(lambda match: self._known.get(match[1], match[0]), text)

    def mask(self, text: str) -> str:
        """Return a text of the model with asterisks where secrets go."""
        known = {**self._known, **dict.fromkeys(self._secrets, MASK)}
        return _NAME.sub(lambda match: known.get(match[1], match[0]), text)

    def restored(self, value: Any) -> Any:
        """Return JSON of the model with the secrets in its strings, as the page had them."""
        if isinstance(value, str):
            return self.fill(value)
        if isinstance(value, dict):
            return {key: self.restored(entry) for key, entry in value.items()}
        return [self.restored(entry) for entry in value] if isinstance(value, list) else value


def _names_secret(target: object) -> bool:
    words = f"{getattr(target, 'name', '')} {getattr(target, 'phrase', '')}"
    return bool(_SECRET_NAME.search(words))


def _bounded(form: str) -> str:
    plain = re.escape(form)
    return plain if len(form) >= _SURELY else rf"(?<![A-Za-z0-9]){plain}(?![A-Za-z0-9])"


def _spellings(value: str) -> frozenset[str]:
    """The ways a value may be written: as it is, in HTML, in JSON, in an address."""
    return frozenset(
        (
            value,
            html.escape(value),
            html.escape(value, quote=False),
            json.dumps(value)[1:-1],
            json.dumps(value, ensure_ascii=False)[1:-1],
            quote(value),
            quote(value, safe=""),
            quote_plus(value),
        )
    )
