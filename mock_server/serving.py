"""The process around the server.

Owns: the socket, the claim on the data directory, signals, the line that says ready, and
the log on stderr. Must not: know what is served.
"""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from types import FrameType
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mock_server.api.faulting import TRANSPORT
from mock_server.app import Composition, running
from mock_server.datadir import DataDir, DataDirError, DataDirInUseError
from mock_server.settings import Settings
from mock_server.store.errors import StoreError

__all__ = ["DataDirError", "DataDirInUseError", "PortError", "StoreError", "serve"]

_logger: Final = logging.getLogger(__name__)

BACKLOG: Final = 2048
KEEP_ALIVE_SECONDS: Final = 75
"""Longer than clients wait between two polls, so that a poll seldom meets a connection being closed."""
GRACE_SECONDS: Final = 2
"""How long requests that are being answered may go on after a signal."""


class PortError(Exception):
    """The address cannot be listened on; the message says what to do."""


def serve(
    settings: Settings, *, verbose: bool = False, compose: Callable[[Settings], Composition] = Composition
) -> None:
    """Serve until a signal comes. ``compose`` makes the server's parts, once its port is known.

    Raises:
        PortError: The port is in use, not allowed, or the host is not this machine's.
        DataDirInUseError: Another server has the data directory.
        DataDirError, StoreError: The data directory or the store in it cannot be used.
    """
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    with bind(settings.host, settings.port) as listener:
        settings = replace(settings, port=listener.getsockname()[1])
        data_dir = DataDir(settings.data_dir)
        try:
            composition = _compose(settings, data_dir, compose)
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(_serve(composition, listener))
        finally:
            data_dir.release()


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


def _compose(settings: Settings, data_dir: DataDir, compose: Callable[[Settings], Composition]) -> Composition:
    try:
        data_dir.announce(settings.base_url)
        return compose(settings)
    except OSError as error:
        raise DataDirError(
            f"The data directory {settings.data_dir} cannot be used: {error}. "
            "Check its permissions and the free space, or choose another with --data-dir."
        ) from error


async def _serve(composition: Composition, listener: socket.socket) -> None:
    async with running(composition) as app:
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
        )
        server = _Server(config, lambda: _announce(composition.services.settings))
        _stop_on_signals(server)
        if composition.services.settings.tied:
            _stop_with_stdin(server)
        await server.serve(sockets=[listener])


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


def _announce(settings: Settings) -> None:
    line = {
        "url": settings.base_url,
        "port": settings.port,
        "pid": os.getpid(),
        "api_key": settings.api_key,
    }
    with suppress(BrokenPipeError):  # Nobody reads it; the server is wanted all the same.
        print(json.dumps(line), flush=True)  # noqa: T201  # the interface of the command
    _logger.info("Serving %s with data in %s", settings.base_url, settings.data_dir)


def _loop_factory() -> Callable[[], Any] | None:
    try:
        import uvloop  # noqa: PLC0415  # absent on Windows
    except ImportError:
        return None
    factory: Callable[[], Any] = uvloop.new_event_loop
    return factory
