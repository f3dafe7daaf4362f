"""The answer to a request, and what is noted on the way to it.

Owns: the shape of an extraction. Must not: hold anything about a page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = Any


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was read. ``found`` is False if what was asked for, or what the schema requires, is not on the page."""

    output: Json
    found: bool
    missing: tuple[str, ...] = ()
    """Names of the fields without a value, ``products[].rating`` for a field of every entry."""
    reason: str = ""
    """Where it was found, or what is not there and what is."""
    evidence: tuple[str, ...] = ()
    confidence: float = 0.0
    partial: bool = False
    """There may be more than was read: fewer entries than asked for, missing fields, a truncated page."""


@dataclass(slots=True)
class Notes:
    """What is learnt while an answer is put together."""

    missing: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    short: bool = False
