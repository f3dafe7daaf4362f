"""One question to a model and what came back.

Owns: its shape, as the ``llm_*`` artifacts are made of it. Must not: ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked and answered; secrets are in none of it."""

    prompt: str
    """All messages, as text."""
    request: bytes
    """As it was sent, JSON; empty if it could not even be sent."""
    response: bytes
    """As it came, or ``{"error": …}`` if nothing did."""
    parsed: Any = None
    """The answer, read; None if it could not be."""
