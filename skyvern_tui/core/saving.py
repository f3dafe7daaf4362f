"""Files a person asked to keep.

Owns: a safe place and name for an artifact, and writing files whole or not at all. Must not:
overwrite anything nobody named, or trust a name that came from a server.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from skyvern_tui.client import filenames


def safe_name(name: str) -> str:
    """Return ``name`` as a plain file name that is one on any system and stays in its folder."""
    return filenames.safe_name(name, plain=True, otherwise="artifact")


def free_path(wanted: Path) -> Path:
    """Return a path like ``wanted`` at which there is nothing yet."""
    target, number = wanted, 1
    while target.exists():
        target, number = wanted.with_stem(f"{wanted.stem}-{number}"), number + 1
    return target


def write_whole(path: Path, data: bytes) -> Path:
    """Write a file whole or not at all, in the place of one that is there, and return it. Raises ``OSError``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        return part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


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
