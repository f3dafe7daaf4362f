"""A process that listens: the socket, the HTTP server on it, and what ends it.

Owns: binding with errors that say what to do, uvicorn's settings, signals, and the moment a
server is ready. Must not: know what is served.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FrameType
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mock_server.api.faulting import TRANSPORT

BACKLOG: Final = 2048
KEEP_ALIVE_SECONDS: Final = 75
"""Longer than clients wait between two polls, so that a poll seldom meets a connection being closed."""
GRACE_SECONDS: Final = 2
"""How long requests that are being answered may go on after a signal."""


class PortError(Exception):
    """The address cannot be listened on; the message says what to do."""


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one.

    Raises:
        PortError: It cannot be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise PortError(f"The host {host!r} is not known: {error.strerror}. Try --host 127.0.0.1.") from error
    listener = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":  # There it would let two servers share the port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise PortError(_no_port(host, port, error)) from error
    return listener


def _no_port(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use. Stop what uses it, or take a free port with --port 0."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Port {port} on {host} may not be used without privileges. Choose one above 1023, or --port 0."
    return f"Cannot listen on port {port} of {host}: {error.strerror or error}. Try --host 127.0.0.1 --port 0."


class Protocol(HttpToolsProtocol):
    """Lets the application have the connection itself, so that it can be cut."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[dict-item]  # an extension of our own


class _Server(uvicorn.Server):
    """Tells when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


async def listen(
    app: ASGIApp,
    listener: socket.socket,
    ready: Callable[[], None],
    *,
    tied: bool = False,
    **options: Any,
) -> None:
    """Serve until a signal comes, or, if ``tied``, until stdin ends. ``options`` are further ones of uvicorn's."""
    server = _server(app, ready, **options)
    _stop_on_signals(server)
    if tied:
        _stop_with_stdin(server)
    await server.serve(sockets=[listener])


class Listener:
    """Serves in a thread that is not the main one, where no signals arrive, until it is told to stop."""

    def __init__(self, app: ASGIApp, ready: Callable[[], None]) -> None:
        self._server = _server(app, ready)

    async def listen(self, listener: socket.socket) -> None:
        """Serve until :meth:`stop` is called."""
        await self._server.serve(sockets=[listener])

    def stop(self) -> None:
        """End it."""
        self._server.should_exit = True


def _server(app: ASGIApp, ready: Callable[[], None], **options: Any) -> _Server:
    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        **options,
    )
    return _Server(config, ready)


def say_ready(line: Mapping[str, object]) -> None:
    """Print the one line of JSON by which whoever started the server learns its address."""
    with suppress(BrokenPipeError):  # Nobody reads it; the server is wanted all the same.
        print(json.dumps(line), flush=True)  # noqa: T201  # the interface of the command


def _stop_on_signals(server: uvicorn.Server) -> None:
    """Make signals end the server and nothing more; uvicorn raises those it got once more when it is done."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def _stop_with_stdin(server: uvicorn.Server) -> None:
    """End the server when whoever holds the other end of stdin is gone, however it went."""

    def watch() -> None:
        # Not sys.stdin: its lock, held by a thread that waits, breaks the end of the interpreter.
        with suppress(OSError):
            while os.read(0, 4096):
                pass
        server.should_exit = True

    threading.Thread(target=watch, name="stdin", daemon=True).start()


def loop_factory() -> Callable[[], Any] | None:
    """Return what makes the fastest event loop there is; None for asyncio's own."""
    try:
        import uvloop  # noqa: PLC0415  # absent on Windows
    except ImportError:
        return None
    factory: Callable[[], Any] = uvloop.new_event_loop
    return factory
