"""The directory a server keeps its data in, and that only one server has it.

Owns: creating it, the lock on it, the note that says who holds it. Must not: know what is
inside; the store and the artifact writer have their parts of it.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

LOCK_FILE: Final = "server.lock"
NOTE_FILE: Final = "server.json"


class DataDirError(Exception):
    """The directory cannot be used; the message says why and what to do."""


class DataDirInUseError(DataDirError):
    """Another server has it."""


class DataDir:
    """A claimed data directory. The operating system drops the claim when the process ends, however it ends.

    Raises:
        DataDirInUseError: A running server has it; the message names its process and address.
        DataDirError: It cannot be created or written.
    """

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = (path / LOCK_FILE).open("a+b")
        except OSError as error:
            raise DataDirError(
                f"The data directory {path} cannot be used: {error.strerror or error}. "
                "Choose one that can be written with --data-dir."
            ) from error
        if not _lock(self._lock):
            self._lock.close()
            raise DataDirInUseError(_in_use(path))

    def announce(self, url: str) -> None:
        """Note which process serves this directory, and where."""
        part = self.path / f"{NOTE_FILE}.part"
        part.write_text(json.dumps({"pid": os.getpid(), "url": url}), encoding="utf-8")
        part.replace(self.path / NOTE_FILE)

    def release(self) -> None:
        """Give the directory up."""
        with suppress(OSError):
            (self.path / NOTE_FILE).unlink(missing_ok=True)
        self._lock.close()


def holder(path: Path) -> dict[str, Any]:
    """Return ``pid`` and ``url`` as the last server of that directory noted them, or nothing."""
    try:
        note = json.loads((path / NOTE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def _in_use(path: Path) -> str:
    note = holder(path)
    who = f" (process {note['pid']}, {note['url']})" if {"pid", "url"} <= note.keys() else ""
    return (
        f"Another server{who} uses the data directory {path}. "
        "Use that one, stop it, or choose another directory with --data-dir."
    )


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
