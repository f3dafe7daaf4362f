"""What the run of a defined workflow tells beside what the agent tells.

Owns: the two events. The runner of blocks yields them, the recorder turns them into timeline items.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = Any

BlockStatus = Literal["completed", "failed", "terminated", "skipped"]


@dataclass(frozen=True, slots=True)
class WorkflowBlockOpened:
    """A block of the definition is begun."""

    block_type: str
    label: str
    description: str
    url: str | None = None
    fields: Mapping[str, Json] = field(default_factory=dict)
    """More fields of the block, as on the wire."""
    on_page: bool = True
    """Whether the agent works on the page in it: it then has a task, steps and actions."""
    holds_blocks: bool = False
    """Whether the blocks that follow are its children until it is closed."""


@dataclass(frozen=True, slots=True)
class WorkflowBlockClosed:
    """The innermost open block ended."""

    status: BlockStatus
    output: Json = None
    """Of a block on a page, what it extracted; of any other, its whole output."""
    failure_reason: str | None = None
    final_url: str | None = None
    errors: tuple[Mapping[str, Json], ...] = ()
