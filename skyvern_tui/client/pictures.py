"""Images among what a run leaves.

Owns: telling by its first bytes whether content is an image that may be shown inline. Must
not: decode one, or trust what a server says it is.
"""

from __future__ import annotations

from typing import Final

LARGEST: Final = 3_000_000
"""Bytes; a larger image makes a notebook unwieldy."""

_IMAGES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)


def picture_type(content: bytes) -> str | None:
    """Return the media type of an image; None for anything else, for one that is too large, and for SVG (scripts)."""
    if len(content) > LARGEST:
        return None
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _IMAGES if content.startswith(magic)), None)
