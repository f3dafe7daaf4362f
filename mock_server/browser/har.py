"""Bounds of a HAR file.

Owns: leaving bodies out of a HAR that has grown too large to open. Must not: record one;
the browser does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import orjson

MAX_BYTES: Final = 24 * 1024 * 1024
"""What devtools still open without a long wait, and a fraction of what one artifact may have."""


def bound(path: Path, limit: int = MAX_BYTES) -> int:
    """Leave out response bodies, the largest first, until the file has at most ``limit`` bytes.

    Returns how many were left out; each says so in its ``comment``. The sizes in the
    entries stay, so that the file still tells what was transferred.
    """
    excess = path.stat().st_size - limit
    if excess <= 0:
        return 0
    har = orjson.loads(path.read_bytes())
    contents: list[dict[str, Any]] = [entry["response"]["content"] for entry in har["log"]["entries"]]
    contents.sort(key=lambda content: len(content.get("text", "")), reverse=True)
    left_out = 0
    for content in contents:
        if excess <= 0 or not content.get("text"):
            break
        excess -= len(content.pop("text"))
        content.pop("encoding", None)
        content["comment"] = "Body left out: the HAR would be too large."
        left_out += 1
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(orjson.dumps(har))
    partial.replace(path)
    return left_out
