"""Keeps what must not be shown out of everything the agent tells.

Owns: one place that every event passes through on its way out. Must not: touch what the
agent does, or the output the caller asked for.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any
from urllib.parse import quote

from mock_server.agent.events import ArtifactMade, Event, Finished

MASK = "********"
_TEXT_ARTIFACTS = ("html", "llm_", "visible_elements_", "skyvern_log", "hashed_href_map")


class Secrets:
    """The secrets of one run; they are replaced wherever they stand as a word of their own."""

    def __init__(self, *values: str) -> None:
        self.values = tuple(value for value in values if value)
        spellings = {form for value in self.values for form in _spellings(value)}
        ordered = sorted(spellings, key=len, reverse=True)
        self._pattern = (
            re.compile("|".join(rf"(?<![A-Za-z0-9]){re.escape(form)}(?![A-Za-z0-9])" for form in ordered))
            if ordered
            else None
        )

    def with_value(self, value: str) -> Secrets:
        """Return these secrets and one more."""
        return Secrets(*self.values, value)

    def text(self, text: str) -> str:
        """Return ``text`` with every secret replaced."""
        return self._pattern.sub(MASK, text) if self._pattern is not None else text

    def event(self, event: Event) -> Event:
        """Return the event with every secret replaced, but for the output asked for, pictures and files."""
        if self._pattern is None:
            return event
        if isinstance(event, ArtifactMade):
            if not event.artifact_type.startswith(_TEXT_ARTIFACTS):
                return event
            return replace(event, data=self.text(event.data.decode("utf-8", "replace")).encode())
        kept = ("output",) if isinstance(event, Finished) or hasattr(event, "key") or hasattr(event, "status") else ()
        changes = {
            field.name: self._any(getattr(event, field.name)) for field in fields(event) if field.name not in kept
        }
        return replace(event, **changes)

    def _any(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self._any(entry) for key, entry in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self._any(entry) for entry in value)
        if hasattr(value, "__dataclass_fields__"):
            return replace(value, **{field.name: self._any(getattr(value, field.name)) for field in fields(value)})
        return value


def _spellings(value: str) -> tuple[str, ...]:
    """The ways a value may be written in the artifacts: as it is, in HTML, in JSON, in an address."""
    return (
        value,
        html.escape(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        quote(value, safe=""),
    )
