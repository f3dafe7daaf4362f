"""What the user likes: colours, keys, notices; and what the app remembers by itself.

Owns: their shape, and the little file that sizes and the chosen theme are remembered in.
Must not: load the settings reader; an app without a configuration file never needs it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

AUTO: Final = "auto"
Notice = Literal["off", "bell", "notify", "both"]


@dataclass(frozen=True)
class Preferences:
    """What a configuration file may say about the app itself."""

    theme: str = AUTO
    """Name of a theme; ``auto`` takes dark or light after the terminal's background, where it says so."""
    themes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The user's own themes by name: Textual's colours (``primary``, ``background``…) and ``dark``."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Keys by action id."""
    notice: Notice = "both"
    """What happens when a run ends while the terminal is not looked at."""


class Remembered:
    """Small values that outlive the app, in one JSON file; without a path they are forgotten with the object."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._values: dict[str, Any] = {}
        if path is not None:
            try:
                values = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError):  # the file is a convenience: a broken one is as good as none
                values = {}
            self._values = values if isinstance(values, dict) else {}

    def text(self, name: str) -> str:
        """Return a text; empty if there is none."""
        value = self._values.get(name)
        return value if isinstance(value, str) else ""

    def whole(self, name: str) -> int | None:
        """Return a whole number, if there is one."""
        value = self._values.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def keep(self, name: str, value: str | int) -> None:
        """Remember a value. A file that can't be written is no trouble worth telling."""
        if self._values.get(name) == value:
            return
        self._values[name] = value
        if self._path is not None:
            scratch = self._path.with_suffix(".new")
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                scratch.write_text(json.dumps(self._values), encoding="utf-8")
                scratch.replace(self._path)
            except OSError:
                return
