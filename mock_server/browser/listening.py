"""Listeners that are taken off again.

Owns: remembering what listens to what, for objects that outlive the listener. Must not:
know the events.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Listeners:
    """Handlers of Playwright's events, added one by one and removed together."""

    def __init__(self) -> None:
        self._added: list[tuple[Any, str, Callable[..., Any]]] = []

    def add(self, source: Any, event: str, handler: Callable[..., Any]) -> None:
        """Call ``handler`` whenever ``source`` (a context or a page) has that event."""
        source.on(event, handler)
        self._added.append((source, event, handler))

    def remove(self) -> None:
        """Take them all off."""
        for source, event, handler in self._added:
            source.remove_listener(event, handler)
        self._added.clear()
