"""A gateway that changes nothing.

Owns: refusing whatever writes, whichever screen asked. Must not: hold back what only reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from skyvern_tui.client.errors import BadRequestError

if TYPE_CHECKING:
    from skyvern_tui.core.gateway import Gateway

WRITING: Final = frozenset({"run_task", "cancel_run", "cancel_runs", "retry_run_webhook", "replay_webhook"})
"""Calls of a gateway that change something on the server."""


class ReadOnlyError(BadRequestError):
    """The profile in use is read-only. To a screen it is a refusal like one of the server's, not a lost link."""


class ReadOnly:
    """All calls of ``gateway`` but those in :data:`WRITING`, which raise with ``reason``."""

    def __init__(self, gateway: Gateway, reason: str) -> None:
        self._gateway = gateway
        self._reason = reason

    def __getattr__(self, name: str) -> Any:
        if name in WRITING:
            return self._refuse
        return getattr(self._gateway, name)

    async def _refuse(self, *_: Any, **__: Any) -> Any:
        raise ReadOnlyError(self._reason, status_code=400)
