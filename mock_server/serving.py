"""The process around the mock.

Owns: the claim on the data directory, the line that says ready, and the log on stderr. Must
not: know what is served, or how a socket is listened on; ``listening`` does.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from mock_server.app import Composition, running
from mock_server.datadir import DataDir, DataDirError, DataDirInUseError
from mock_server.listening import PortError, bind, listen, loop_factory, say_ready
from mock_server.settings import Settings
from mock_server.store.errors import StoreError

__all__ = ["DataDirError", "DataDirInUseError", "PortError", "StoreError", "serve"]

_logger: Final = logging.getLogger(__name__)


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
            with asyncio.Runner(loop_factory=loop_factory()) as runner:
                runner.run(_serve(composition, listener))
        finally:
            data_dir.release()


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
    settings = composition.services.settings
    async with running(composition) as app:
        await listen(app, listener, lambda: _announce(settings), tied=settings.tied)


def _announce(settings: Settings) -> None:
    say_ready({"url": settings.base_url, "port": settings.port, "pid": os.getpid(), "api_key": settings.api_key})
    _logger.info("Serving %s with data in %s", settings.base_url, settings.data_dir)
