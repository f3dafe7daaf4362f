"""Files a person asked to keep.

Owns: a safe place and name for an artifact, and writing it whole or not at all. Must not:
overwrite anything, or trust a name that came from a server.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Final

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST: Final = 150
_RESERVED: Final = frozenset({"con", "prn", "aux", "nul"})


def safe_name(name: str) -> str:
    """Return ``name`` as a file name that is one on any system and stays in its folder."""
    cleaned = _UNSAFE.sub("-", name.replace("\\", "/").rsplit("/", 1)[-1]).strip("-.")
    if len(cleaned) > _LONGEST:
        stem, dot, suffix = cleaned.rpartition(".")
        cleaned = f"{stem[: _LONGEST - len(suffix) - 1]}.{suffix}" if dot and len(suffix) < 10 else cleaned[:_LONGEST]  # noqa: PLR2004 - a suffix
    if cleaned.split(".", 1)[0].lower() in _RESERVED:
        cleaned = f"_{cleaned}"
    return cleaned or "artifact"


def free_path(wanted: Path) -> Path:
    """Return a path like ``wanted`` at which there is nothing yet."""
    target, number = wanted, 1
    while target.exists():
        target, number = wanted.with_stem(f"{wanted.stem}-{number}"), number + 1
    return target


def save(folder: Path, name: str, data: bytes) -> Path:
    """Write ``data`` under a free name in ``folder`` and return where. Raises ``OSError``.

    A file that already holds the same bytes is left and returned.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder / safe_name(name)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".saving-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        target, number = wanted, 1
        while target.exists():
            if target.read_bytes() == data:
                return target
            target, number = wanted.with_stem(f"{wanted.stem}-{number}"), number + 1
        return Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)
