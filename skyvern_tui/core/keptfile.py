"""One small JSON file per thing kept: written whole or not at all, read if it can be.

Owns: names of files and their writing. Must not: know what is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def file_of(folder: Path, name: str) -> Path:
    """Return the file of a thing: its name where that is safe, and always a part that tells names apart."""
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", name)[:40].strip("-").lower()
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()
    return folder / f"{safe or 'unnamed'}-{digest[:8]}.json"


def write(path: Path, values: Mapping[str, Any]) -> None:
    """Write a file that only its owner can read. Raises OSError; what was there is then still there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".new")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8", errors="surrogatepass") as file:  # noqa: PTH123 - of a descriptor
        json.dump(values, file, ensure_ascii=True, indent=1)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def read_all(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what can be read of the files in a folder; others are passed over."""
    for path in sorted(folder.glob("*.json")):
        with contextlib.suppress(OSError, ValueError, RecursionError):
            values = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(values, dict):
                yield values
