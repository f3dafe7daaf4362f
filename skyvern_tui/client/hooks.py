"""What a caller can be told while a call goes on.

Owns: the reports and the types of the hooks that take them. Must not: call a hook; a flow
yields :class:`~skyvern_tui.client.effects.Tell` and its driver does. On ``AsyncSkyvern`` a
hook may be a coroutine function; it is awaited before the call goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from skyvern_tui.client.effects import Flow
    from skyvern_tui.client.errors import SkyvernError
    from skyvern_tui.client.models import Run


class PollReport(NamedTuple):
    """What ``on_poll`` is told after each poll: either ``run`` or ``error`` is set; times in seconds."""

    run_id: str
    run: Run | None
    error: SkyvernError | None
    attempts: int
    elapsed: float
    next_in: float | None
    """Seconds until the next poll; None after the last one."""


class RetryReport(NamedTuple):
    """What ``on_retry`` is told before a request is sent again: why, and after how many seconds.

    ``operation`` is the call's name (``get_run``), ``attempt`` counts the failures in a row, this one included.
    """

    operation: str
    attempt: int
    delay: float
    error: SkyvernError


Tracing = Callable[[str, "Flow[Any]"], "Flow[Any]"]
"""Given a call's name and its flow, returns the flow that is carried out instead."""
OnPoll = Callable[[PollReport], object]
OnRetry = Callable[[RetryReport], object]
OnRunProgress = Callable[["Run"], object]
"""Told of the first answer and of each one with another status or step count."""
