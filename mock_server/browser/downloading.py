"""How much pages may download.

Owns: the directory a browser downloads into, and cancelling what grows beyond all bounds.
Must not: keep what was downloaded; whoever wants a file reads it before its context closes.

A download that never ends fills a disk at the speed of the disk, and Playwright tells of it
only when it has ended. So the sizes are looked at while it goes on.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

_logger: Final = logging.getLogger(__name__)

MAX_FILE_BYTES: Final = 128 << 20
"""No artifact may be larger either."""
MAX_TOTAL_BYTES: Final = 512 << 20
"""Of all that lies there, of all runs; it goes when the contexts close."""
LOOK_SECONDS: Final = 0.25
_PREFIX: Final = "skyvern-mock-downloads-"
_LONGEST: Final = 60
"""Letters of a path below which a browser can still put a socket; the system allows it about 107."""


class Downloads:
    """A directory for one browser's downloads."""

    def __init__(self) -> None:
        _discard_leftovers()
        self.folder: Final = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))

    @property
    def environment(self) -> dict[str, str | float | bool] | None:
        """What the browser is to be started with, so that its temporary files go with the directory.

        A browser that is killed leaves some behind. None where the directory's path is too long for them.
        """
        return {**os.environ, "TMPDIR": str(self.folder)} if len(str(self.folder)) <= _LONGEST else None

    async def bound(self, session: CDPSession) -> None:
        """Cancel downloads that are too large. ``session`` is one with the whole browser."""
        sizes = await asyncio.to_thread(_sizes, self.folder)
        total = sum(sizes.values())
        for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
            if size <= MAX_FILE_BYTES and total <= MAX_TOTAL_BYTES:
                return
            total -= size
            _logger.warning("A download was cancelled at %d bytes; it was beyond all bounds.", size)
            await _cancel(session, name)

    def discard(self) -> None:
        """Delete the directory."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _sizes(folder: Path) -> dict[str, int]:
    """Return id -> size in bytes of what lies there. Chromium names files by the id of their download."""
    sizes: dict[str, int] = {}
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                sizes[entry.name.partition(".")[0]] = entry.stat().st_size
    return sizes


async def _cancel(session: CDPSession, name: str) -> None:
    with suppress(PlaywrightError):
        for context in (await session.send("Target.getBrowserContexts"))["browserContextIds"]:
            with suppress(PlaywrightError):  # It is not one of this context's.
                await session.send("Browser.cancelDownload", {"guid": name, "browserContextId": context})


def _discard_leftovers() -> None:
    """Delete the directories of servers that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdecimal() and not _runs(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _runs(pid: int) -> bool:
    if os.name != "posix":  # Elsewhere signal 0 is no question.
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
