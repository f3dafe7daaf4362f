"""A file that is being fetched.

Owns: the bytes that are here so far, under a hidden name beside the file they will be; what
is needed to ask for the rest only; and the moment the file appears: when it is complete.
Must not: send anything, or decide whether to try again.

What an interrupted fetch leaves is kept (``.name.part`` and, beside it, ``.name.part.json``)
if a server can be asked for the rest safely: with its own word for the version (a strong
ETag or a date), or with a checksum that proves the whole afterwards. The next fetch of the
same file takes it over; of two at once only one gets it, the other begins at the beginning.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, Final

_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,19})-\d{1,19}/(\d{1,19}|\*)")
_GOOD: Final = range(200, 300)
_PARTIAL: Final = 206
_READ_BYTES: Final = 1 << 20

OnBytes = Callable[[int, "int | None"], object]
"""Told how many bytes are here and how many there will be (None: not known)."""


class PartialFile:
    """A sink of :class:`~skyvern_tui.client.effects.Send` that becomes ``target``.

    ``checksum`` is the SHA-256 in hex the content must have, if known. Raises OSError where the file system does.
    """

    def __init__(self, target: Path, checksum: str | None = None, on_bytes: OnBytes | None = None) -> None:
        self.target = target
        self.size = 0
        """Bytes here so far."""
        self.total: int | None = None
        """Bytes of the whole, if a server said."""
        self._checksum = checksum
        self._on_bytes = on_bytes
        self._validator: str | None = None
        self._digest = hashlib.sha256()
        self._file: BinaryIO | None = None
        self._path = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        self._kept = target.with_name(f".{target.name}.part")
        self._take_over()

    @property
    def is_resumable(self) -> bool:
        """True if the rest can be asked for without the risk of joining two versions."""
        return self.size > 0 and bool(self._validator or self._checksum)

    @property
    def is_complete(self) -> bool:
        """True if all is here that the last good answer announced."""
        return self._file is not None and self.total in (None, self.size)

    @property
    def sha256(self) -> str:
        """The SHA-256 of what is here, in hex."""
        return self._digest.hexdigest()

    def range_headers(self) -> dict[str, str]:
        """Return the headers that ask for the rest; none if everything is to be asked for."""
        if not self.is_resumable:
            return {}
        condition = {"if-range": self._validator} if self._validator else {}
        return {"range": f"bytes={self.size}-", **condition}

    def begin(self, status: int, headers: Mapping[str, str]) -> Callable[[bytes], object] | None:
        """Take the body of a good answer: the rest of the file or, from the beginning, all of it."""
        if status not in _GOOD:
            return None
        if status != _PARTIAL:
            self.restart()
            encoded = headers.get("content-encoding", "identity") != "identity"
            length = headers.get("content-length", "")
            self.total = int(length) if length.isdigit() and not encoded else None
            self._validator = None if encoded else _validator_of(headers)
            return self._write
        match = _CONTENT_RANGE.fullmatch(headers.get("content-range", ""))
        same = (
            self._validator is None
            or headers.get("etag", self._validator) in (self._validator, "")
            or (headers.get("last-modified") == self._validator)
        )
        if match is None or int(match[1]) != self.size or not same:
            # The answer does not continue what is here. It is let go by, and the next request asks for everything.
            self.restart()
            self.total = -1
            return _ignore
        self.total = None if match[2] == "*" else int(match[2])
        self._open()
        return self._write

    def restart(self) -> None:
        """Forget what is here."""
        self._open().truncate(0)
        self._open().seek(0)
        self.size, self.total, self._validator = 0, None, None
        self._digest = hashlib.sha256()

    def finish(self) -> Path:
        """Let the file appear under its own name, replacing any before it, and return it."""
        file = self._open()
        file.flush()
        os.fsync(file.fileno())
        file.close()
        self._file = None
        self._path.replace(self.target)
        return self.target

    def close(self) -> None:
        """Keep what is here for another time, or remove it; does nothing after :meth:`finish`."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if not self._path.exists():
            return
        if not self.is_resumable:
            self._path.unlink()
            return
        note = {"validator": self._validator, "checksum": self._checksum}
        self._note.write_text(json.dumps(note), encoding="utf-8")
        self._path.replace(self._kept)

    @property
    def _note(self) -> Path:
        return self._kept.with_name(f"{self._kept.name}.json")

    def _take_over(self) -> None:
        """Go on with what an earlier fetch kept. Whoever renames it has it."""
        try:
            self._kept.rename(self._path)
        except OSError:
            return
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            self._note.unlink(missing_ok=True)
            validator = note.get("validator")
            is_safe = isinstance(validator, str) or (self._checksum and note.get("checksum") == self._checksum)
        except (OSError, ValueError, AttributeError):
            is_safe = False
        if not is_safe:
            self._path.unlink(missing_ok=True)
            return
        self._validator = validator if isinstance(validator, str) else None
        with self._path.open("rb") as file:
            while piece := file.read(_READ_BYTES):
                self._digest.update(piece)
                self.size += len(piece)

    def _open(self) -> BinaryIO:
        if self._file is None:
            # Not "append": a version that turns out to be another is cut off and written anew.
            self._file = self._path.open("r+b" if self._path.exists() else "xb")
            self._file.seek(self.size)
        return self._file

    def _write(self, piece: bytes) -> None:
        self._open().write(piece)
        self._digest.update(piece)
        self.size += len(piece)
        if self._on_bytes is not None:
            self._on_bytes(self.size, self.total)


def _validator_of(headers: Mapping[str, str]) -> str | None:
    """Return what ``If-Range`` may be: a strong ETag or, where there is none at all, the date of the last change."""
    tag = headers.get("etag", "")
    if tag:
        return None if tag.startswith("W/") else tag
    return headers.get("last-modified") or None


def _ignore(piece: bytes) -> None:
    """Let a piece of an answer go by."""
