"""The terminal app in a browser, by textual-serve.

Owns: who is let in, what the pages may load, and the end of every visitor's app with the
server. Must not: know the app; it is a command that is run once for each visitor.

A page of any site may open a WebSocket to an address of this machine. So the address the
browser names (Host) has to be ours, and the page that asks (Origin) one of our own.
"""

from __future__ import annotations

import asyncio
import ipaddress
import shlex
import socket
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from typing import Any, Final, cast
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.server import Server

from skyvern_tui.config.connection import is_loopback

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self' ws: wss:; frame-ancestors 'none'"
)
"""The pages bring their scripts and styles inline; nothing comes from elsewhere, and nobody may frame them."""
_FOCUS: Final = 'addEventListener("load", () => document.querySelector(".xterm-helper-textarea")?.focus())'
_ENDING_SECONDS: Final = 5.0

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_origin: ContextVar[str] = ContextVar("origin")


def listening(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one. Raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


class Served(Server):
    """Runs ``command`` for each visitor. ``public_url`` is how browsers reach it, if that is not by ``listener``."""

    def __init__(self, command: str, listener: socket.socket, *, host: str, public_url: str | None = None) -> None:
        self._listener = listener
        self._fixed = (public_url or "").rstrip("/")
        self._visitors: set[asyncio.Task[Any]] = set()
        port = listener.getsockname()[1]
        names = {host, urlsplit(self._fixed).hostname or host}
        self._names = frozenset(names | _LOOPBACK if is_loopback(host) else names | _LOOPBACK | {socket.gethostname()})
        self._is_wide = not is_loopback(host)
        super().__init__(command, host, port, title="skyvern-tui", public_url=public_url)

    @property
    def public_url(self) -> str:
        """The address pages are to name: the one they were asked for under, unless another is fixed."""
        return self._fixed or _origin.get("")

    @public_url.setter
    def public_url(self, url: str) -> None:
        del url  # the library's own guess, which is wrong for whoever comes by another name

    def lets_in(self, host: str, origin: str | None) -> bool:
        """Tell whether a request that names ``host``, from a page of ``origin``, is from one of our own pages."""
        named = urlsplit(f"//{host}").hostname or ""
        if named not in self._names and not (self._is_wide and _is_address(named)):
            return False
        own = {host, urlsplit(self._fixed).netloc} - {""}  # the origin of a sandboxed page is "null", without a host
        return origin is None or urlsplit(origin).netloc in own

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM; then every visitor's app is ended."""
        web.run_app(
            self._make_app(),
            sock=self._listener,
            print=None,
            access_log=None,
            shutdown_timeout=_ENDING_SECONDS,
        )

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._guard)
        return app

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: the command has told where it is."""
        del app

    async def on_shutdown(self, app: web.Application) -> None:
        """End every visitor's app, and wait for it."""
        del app
        for visitor in self._visitors:
            visitor.cancel()
        if self._visitors:
            await asyncio.wait(self._visitors, timeout=_ENDING_SECONDS)

    async def handle_index(self, request: web.Request) -> web.Response:
        """Return the page, with the keyboard on the terminal from the start."""
        page = cast(web.Response, await super().handle_index(request))
        page.text = (page.text or "").replace("</body>", f"<script>{_FOCUS}</script></body>")
        return page

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run the app for a visitor until they leave."""
        visitor = asyncio.current_task()
        assert visitor is not None
        self._visitors.add(visitor)
        try:
            return await super().handle_websocket(request)
        finally:
            self._visitors.discard(visitor)

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        if not self.lets_in(request.host, request.headers.get("Origin")):
            return web.Response(status=403, text="This is not an address of this server; see --public-url.\n")
        _origin.set(f"{request.scheme}://{request.host}")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(
                {
                    "Content-Security-Policy": _POLICY,
                    "X-Content-Type-Options": "nosniff",
                    "Referrer-Policy": "no-referrer",
                }
            )
        return response


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def as_command(words: Sequence[str], *, windows: bool) -> str:
    """Return words as one line for the shell that will run it."""
    return subprocess.list2cmdline(words) if windows else shlex.join(words)
