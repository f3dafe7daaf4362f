"""The mock for ``unittest``.

Owns: two base classes of test cases. Must not: need pytest.
"""

from __future__ import annotations

import unittest
from typing import Any, ClassVar, Literal

from mock_server.testing.mock import SkyvernMock
from mock_server.testing.opening import open_mock, open_server
from mock_server.testing.server import Server


class _WithServer(unittest.TestCase):
    """One server for the tests of a class."""

    skyvern_mock_where: ClassVar[str] = "thread"
    """``thread``, ``asgi``, or the address of a server that runs."""
    skyvern_mock_time: ClassVar[Literal["skip", "real"]] = "skip"
    skyvern_mock_settings: ClassVar[dict[str, Any]] = {}
    _server: ClassVar[Server]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls._server = open_server(cls.skyvern_mock_where, **cls.skyvern_mock_settings)
        cls.addClassCleanup(cls._server.close)

    def _opened(self) -> open_mock:
        return open_mock(self._server, time=self.skyvern_mock_time)


class SkyvernMockTestCase(_WithServer):
    """A test case with a ``skyvern_mock``, a new one for each test."""

    skyvern_mock: SkyvernMock

    def setUp(self) -> None:
        super().setUp()
        self.skyvern_mock = self.enterContext(self._opened())


class AsyncSkyvernMockTestCase(_WithServer, unittest.IsolatedAsyncioTestCase):
    """The same for async tests."""

    skyvern_mock: SkyvernMock

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.skyvern_mock = await self.enterAsyncContext(self._opened())
