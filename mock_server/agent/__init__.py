"""Does a task on a page, and says why: goal -> look -> plan -> act -> check -> extract.

The engine knows :func:`perform` and the vocabulary in ``events``; everything else in here
is the agent's own affair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_server.agent.loop import perform

__all__ = ["perform"]


def __getattr__(name: str) -> Any:
    """Bring the agent in when it is asked for: who wants its vocabulary only, does not want its libraries."""
    if name == "perform":
        from mock_server.agent.loop import perform  # noqa: PLC0415 - at the top it would bring the browser in for everybody who wants a name only

        return perform
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
