"""Clients that are ready to talk to the mock.

Owns: making them, ours and the official SDK's, and closing them. This is the one door from this package to
``skyvern_tui``: it is opened by name when somebody asks for a client, so that the two stay independent.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx

_OURS: Final = "skyvern_tui.client"
_OFFICIAL: Final = "skyvern"


class Clients:
    """Makes clients of one server with one key; :meth:`close` and :meth:`aclose` close what was made."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        transport: Callable[[], httpx.BaseTransport] | None,
        async_transport: Callable[[], httpx.AsyncBaseTransport] | None,
    ) -> None:
        self._where = {"api_key": api_key, "base_url": base_url}
        self._transport = transport
        self._async_transport = async_transport
        self._closing: list[Callable[[], object]] = []
        self._aclosing: list[Callable[[], Awaitable[object]]] = []

    def ours(self, **options: Any) -> Any:
        """Return a ``skyvern_tui.client.Skyvern``, which sleeps in virtual time where there is one."""
        if self._transport is not None:
            options.setdefault("transport", self._transport())
        client = _module(_OURS).Skyvern(
            **{**self._where, "clock": lambda: time.monotonic(), "sleep": lambda seconds: time.sleep(seconds)}  # noqa: PLW0108  # looked up when called, which may be later than now
            | options
        )
        self._closing.append(client.close)
        return client

    def ours_async(self, **options: Any) -> Any:
        """Return a ``skyvern_tui.client.AsyncSkyvern``."""
        if self._async_transport is not None:
            options.setdefault("transport", self._async_transport())
        client = _module(_OURS).AsyncSkyvern(**{**self._where, "clock": lambda: time.monotonic()} | options)  # noqa: PLW0108  # as above
        self._aclosing.append(client.close)
        return client

    def official(self, **options: Any) -> Any:
        """Return an unmodified ``skyvern.Skyvern``, which is async."""
        if self._async_transport is not None and "httpx_client" not in options:
            http = httpx.AsyncClient(transport=self._async_transport(), timeout=60.0)
            options["httpx_client"] = http
            self._aclosing.append(http.aclose)
        client = _module(_OFFICIAL).Skyvern(**self._where | options)
        self._aclosing.append(client.aclose)
        return client

    def http(self, **options: Any) -> httpx.Client:
        """Return a plain ``httpx.Client`` with the address and the key."""
        transport = None if self._transport is None else self._transport()
        client = httpx.Client(**self._plain(transport) | options)
        self._closing.append(client.close)
        return client

    def http_async(self, **options: Any) -> httpx.AsyncClient:
        """Return a plain ``httpx.AsyncClient`` with the address and the key."""
        transport = None if self._async_transport is None else self._async_transport()
        client = httpx.AsyncClient(**self._plain(transport) | options)
        self._aclosing.append(client.aclose)
        return client

    def close(self) -> None:
        """Close the sync clients."""
        while self._closing:
            self._closing.pop()()

    async def aclose(self) -> None:
        """Close the async clients; in the event loop they were used in."""
        while self._aclosing:
            await self._aclosing.pop()()

    def _plain(self, transport: Any) -> dict[str, Any]:
        return {
            "base_url": self._where["base_url"],
            "headers": {"x-api-key": self._where["api_key"]},
            "transport": transport,
            "trust_env": False,
        }


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != name.partition(".")[0]:
            raise
        package = name.partition(".")[0].replace("_", "-")
        raise ModuleNotFoundError(
            f"This client needs the package {package}: pip install {package}. "
            "Any other client works as well: give it base_url and api_key of the mock.",
            name=error.name,
        ) from None
