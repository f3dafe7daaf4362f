"""Answers of a server as they came, for somebody who wants to see the wire.

Owns: one answer, and its body made fit to be shown: read as JSON where it is JSON, without
secrets. Must not: fetch, or keep more answers than the last of each call.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from skyvern_tui.core.masking import redacted

KEPT_BYTES: Final = 48_000_000
"""Bytes of answers that are kept; the oldest are forgotten first."""
_REQUEST: Final = "run_request"


@dataclass(frozen=True, slots=True)
class Answer:
    """The last answer to one call about a run."""

    name: str
    """The call: ``get_run``."""
    method: str
    path: str
    status: int | None
    """None for what was opened from a file."""
    at: datetime
    took: float | None
    """Seconds; None where nothing was asked."""
    content: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def fine(self) -> bool:
        """True when what was asked for was answered."""
        return self.status is None or 200 <= self.status < 300  # noqa: PLR2004 - the class of status

    def body(self, known: Mapping[str, str] | None = None) -> Any:
        """Return the body as a JSON value, or as text where it is none, with ``${NAME}`` for secrets.

        Args:
            known: secrets by the variable that holds them, such as the API key.
        """
        text = self.content.decode("utf-8", errors="replace")
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = text
        return without_secrets(value, known)


def without_secrets(value: Any, known: Mapping[str, str] | None = None) -> Any:
    """Return a JSON value with ``${NAME}`` for its secrets; one nested too deeply to be looked through is left out."""
    try:
        if isinstance(value, dict) and isinstance(value.get(_REQUEST), dict):
            # The parameters of a request are known by name: those of them that are secrets, too.
            value = {**value, _REQUEST: redacted(value[_REQUEST], known)}
        return redacted({"": value}, known)[""]
    except RecursionError:
        return "… nested too deeply to be shown safely"


class Answers:
    """The last answers by run and call, within :data:`KEPT_BYTES`."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], tuple[Answer, Any]] = OrderedDict()
        self._size = 0

    def keep(self, run_id: str, answer: Answer, value: Any = None) -> None:
        """Keep an answer in the place of the one before, and what was read out of it."""
        self._drop((run_id, answer.name))
        self._kept[run_id, answer.name] = (answer, value)
        self._size += len(answer.content)
        while self._size > KEPT_BYTES and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: tuple[str, str]) -> None:
        before = self._kept.pop(key, None)
        if before is not None:
            self._size -= len(before[0].content)

    def read(self, run_id: str, name: str, content: bytes) -> Any:
        """Return what was read out of the answer before if this one is the same; None if it is another."""
        before = self._kept.get((run_id, name))
        return before[1] if before is not None and before[0].content == content else None

    def of(self, run_id: str) -> list[Answer]:
        """Return the answers about a run, by the time they came."""
        return sorted((answer for (run, _), (answer, _) in self._kept.items() if run == run_id), key=lambda a: a.at)
