"""What browser a task is to pass for.

Owns: reading ``user_agent`` of a task request, from its body or from the header the SDKs
put it in. Must not: know browsers.
"""

from __future__ import annotations

from typing import Any, Final

from starlette.types import Scope

_HEADER: Final = b"x-user-agent"
_OWN_NAMES: Final = "skyvern"
"""Programs that name themselves in the header begin so; that says who calls, not what to pass for."""
_LONGEST: Final = 1000


def user_agent(scope: Scope, sent: Any) -> str | None:
    """Return the User-Agent the browser of a task is to have; None for its own."""
    asked = sent.get("user_agent") if isinstance(sent, dict) else None
    if asked is None:
        asked = next((value.decode("latin-1") for name, value in scope["headers"] if name == _HEADER), None)
        if asked is not None and asked.casefold().startswith(_OWN_NAMES):
            return None
    if not isinstance(asked, str) or not asked.strip():
        return None
    # A line break would end the header; what is no header cannot be anybody's.
    return asked.strip()[:_LONGEST] if asked.isascii() and asked.isprintable() else None
