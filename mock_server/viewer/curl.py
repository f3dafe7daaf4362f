"""The request that made a run, as a command.

Owns: a curl command for a POSIX shell that sends the request again. Must not: hold an API
key; it is taken from the environment.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any, Final

from mock_server.settings import DEFAULT_API_KEY

KEY_VARIABLE: Final = "SKYVERN_API_KEY"

_OFF: Final = frozenset({"publish_workflow", "start_fresh_browser", "include_action_history_in_verification"})
"""Fields that say nothing when they are false."""

_NEVER_SHOWN: Final = "cdp_connect_headers"


def as_sent(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a request says: without the fields that were left out or say nothing, and without secrets."""
    return {
        name: value
        for name, value in request.items()
        if value is not None and name != _NEVER_SHOWN and not (value is False and name in _OFF)
    }


def command(url: str, request: Mapping[str, Any], *, default_key: bool) -> str:
    """Return the command; ``default_key`` lets it work without the variable, with the key that everybody knows."""
    key = f"${{{KEY_VARIABLE}:-{DEFAULT_API_KEY}}}" if default_key else f"${KEY_VARIABLE}"
    body = json.dumps(as_sent(request), ensure_ascii=False)
    return (
        f"curl -X POST {shlex.quote(url)} \\\n"
        f'  -H "x-api-key: {key}" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        # Not --data: that would take a value starting with @ for the name of a file.
        f"  --data-raw {shlex.quote(body)}"
    )
