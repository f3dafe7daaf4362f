"""One case of the catalogue.

Owns: what a case consists of. Must not: contain one; ``catalogue`` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_server.testing.contract.protocol import Action
from mock_server.testing.contract.verdict import Judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A situation, what the client is asked to do in it, and who judges what it did."""

    id: str
    """``group.name``, stable: reports are compared by it."""
    title: str
    why: str
    """What goes wrong in practice when it is not handled; one sentence."""
    judge: Judge
    do: Action = "run_and_wait"
    script: Mapping[str, Any] | None = None
    """How the task's run goes, as ``POST /_mock/scripts`` takes it."""
    faults: tuple[Mapping[str, Any], ...] = ()
    """As ``POST /_mock/faults`` takes them."""
    timeout_seconds: float = 120.0
    """How long the client is told to wait, in its own time."""
    needs_virtual_time: bool = False
    """Whether it would take minutes of the machine's time."""
    command: Mapping[str, Any] = field(default_factory=dict)
    """More members of the command."""

    @property
    def group(self) -> str:
        return self.id.partition(".")[0]
