"""File names made of what a server says.

Owns: the one way from any text to a name that is a file's on every system and stays in its
folder. Must not: touch a disk; whether a name is free is asked elsewhere.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST_SUFFIX: Final = 10
_LONGEST: Final = 150
"""Bytes."""
_UNSAFE: Final = re.compile(r"[^\w .()+,=@-]+")
_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9._-]+")
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


def safe_name(name: str, *, plain: bool = False, otherwise: str = "file") -> str:
    """Return ``name`` as a file name that is one on any system, is not hidden, and stays in its folder.

    Args:
        name: any text; of a path the last part counts.
        plain: keep only ASCII letters, digits and ``._-``, which need no quoting anywhere.
        otherwise: the name when nothing is left of it.
    """
    unsafe = _NOT_PLAIN if plain else _UNSAFE
    cleaned = unsafe.sub("-", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" -.")
    if len(cleaned.encode()) > _LONGEST:
        stem, dot, suffix = cleaned.rpartition(".")
        ending = f".{suffix}" if dot and len(suffix.encode()) <= LONGEST_SUFFIX else ""
        kept = (stem if ending else cleaned).encode()[: _LONGEST - len(ending.encode())]
        cleaned = kept.decode("utf-8", "ignore").rstrip(" .") + ending
    if _RESERVED.match(cleaned):
        cleaned = f"_{cleaned}"
    return cleaned or otherwise
