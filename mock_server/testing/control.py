"""What a test asks of the mock besides the API: its ``/_mock`` routes, in Python's words.

Owns: these requests and what is said when one is refused. Must not: keep anything.
"""

from __future__ import annotations

from typing import Any, Final

import httpx

_TIMEOUT: Final = httpx.Timeout(120.0)
_ERROR: Final = 400


class ControlError(Exception):
    """The mock refused what the test asked of it; the message is what the mock said."""


class Control:
    """Speaks to the ``/_mock`` routes with one API key."""

    def __init__(self, base_url: str, api_key: str, transport: httpx.BaseTransport | None) -> None:
        self.http: Final = httpx.Client(
            base_url=base_url, headers={"x-api-key": api_key}, transport=transport, timeout=_TIMEOUT, trust_env=False
        )

    def close(self) -> None:
        self.http.close()

    def get(self, path: str, **query: Any) -> Any:
        """Return what a route answers; parameters that are None are left out."""
        return self.ask("GET", path, params={name: value for name, value in query.items() if value is not None})

    def ask(self, method: str, path: str, **request: Any) -> Any:
        """Return the JSON of an answer; None for an empty one.

        Raises:
            ControlError: It was refused.
        """
        answer = self.http.request(method, path, **request)
        if answer.status_code >= _ERROR:
            raise ControlError(f"{method} {path}: {answer.status_code}: {_told(answer)}")
        return answer.json() if answer.content else None

    def text(self, path: str, **query: Any) -> str:
        """Return an answer as text."""
        answer = self.http.get(path, params=query)
        answer.raise_for_status()
        return answer.text


def _told(answer: httpx.Response) -> str:
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        return answer.text
    if not isinstance(detail, list):
        return str(detail)
    return "; ".join(f"{'.'.join(map(str, fault.get('loc', ())))}: {fault.get('msg')}" for fault in detail)
