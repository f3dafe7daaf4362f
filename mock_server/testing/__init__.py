"""A kit for testing code that talks to Skyvern: in any test runner, without a key, a browser or waiting.

>>> with open_mock() as mock:
...     mock.script().running(seconds=90).completed(output={"title": "x"})
...     run_my_code(base_url=mock.base_url, api_key=mock.api_key)
...     mock.assert_called("POST /v1/run/tasks", times=1)

Owns: the public names of the kit. Must not: import anything before it is asked for; the pytest plugin is
loaded by every pytest on a machine where this package is installed. Nothing here needs Playwright or Textual.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mock_server.testing.cases import AsyncSkyvernMockTestCase, SkyvernMockTestCase
    from mock_server.testing.mock import SkyvernMock
    from mock_server.testing.opening import open_mock, open_server
    from mock_server.testing.receiver import Received, Reply, WebhookSink
    from mock_server.testing.server import LocalServer, RemoteServer, Server
    from mock_server.testing.virtual_time import TimeStandsStillError

__all__ = [
    "AsyncSkyvernMockTestCase",
    "LocalServer",
    "Received",
    "RemoteServer",
    "Reply",
    "Server",
    "SkyvernMock",
    "SkyvernMockTestCase",
    "TimeStandsStillError",
    "WebhookSink",
    "open_mock",
    "open_server",
]

_HOMES: Final = {
    "AsyncSkyvernMockTestCase": "cases",
    "SkyvernMockTestCase": "cases",
    "SkyvernMock": "mock",
    "open_mock": "opening",
    "open_server": "opening",
    "Received": "receiver",
    "Reply": "receiver",
    "WebhookSink": "receiver",
    "LocalServer": "server",
    "RemoteServer": "server",
    "Server": "server",
    "TimeStandsStillError": "virtual_time",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    return value


def __dir__() -> list[str]:
    return __all__
