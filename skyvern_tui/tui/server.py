"""The server as the app talks to it.

Owns: the one door every call goes through, so that there is one truth about the link: up,
down since when, refused. Must not: decide when to call (pollers and screens do) or draw.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from skyvern_tui.client.errors import SkyvernError
from skyvern_tui.core.clock import Clock
from skyvern_tui.core.gateway import Gateway
from skyvern_tui.core.link import Link
from skyvern_tui.core.trouble import Kind, Trouble, trouble_of

T = TypeVar("T")
_OF_THE_LINK = frozenset({Kind.lost, Kind.busy, Kind.refused})


class Troubled(Exception):  # noqa: N818 - named for what it carries
    """A call failed; ``trouble`` says how."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.message)
        self.trouble = trouble


class Server:
    """A gateway with the state of the link to it. ``changed`` is called with the link before and after."""

    def __init__(self, gateway: Gateway, clock: Clock, changed: Callable[[Link, Link], None]) -> None:
        self.gateway = gateway
        self.clock = clock
        self.link = Link()
        self._changed = changed

    async def call(self, make: Callable[[Gateway], Awaitable[T]], *, aside: bool = False) -> T:
        """Make one call. Raises :class:`Troubled`.

        Args:
            make: what to call on the gateway.
            aside: one of several calls made together; its failure does not count for the link.
        """
        began = self.clock.monotonic()
        try:
            answer = await make(self.gateway)
        except SkyvernError as error:
            trouble = trouble_of(error)
            if trouble.kind not in _OF_THE_LINK:
                self._answered(began)
            elif not aside:
                self._set(self.link.failed(trouble, self.clock.now(), self.clock.monotonic()))
            raise Troubled(trouble) from error
        self._answered(began)
        return answer

    def _answered(self, began: float) -> None:
        self._set(self.link.answered(self.clock.monotonic() - began, self.clock.now()))

    def _set(self, link: Link) -> None:
        before, self.link = self.link, link
        if link != before:
            self._changed(before, link)
