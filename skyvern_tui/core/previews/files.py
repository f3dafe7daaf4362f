"""Facts about a file that need no decoding: what it is, how large, which checksum.

Owns: recognising files by their first bytes, the size of a picture from its header, and
comparing a checksum with the one that was told. Must not: decode or execute.
"""

from __future__ import annotations

import hashlib
import mimetypes
import struct
from dataclasses import dataclass
from typing import Final

_MAGICS: Final = (
    (b"%PDF-", "PDF document", "application/pdf"),
    (b"PK\x03\x04", "zip archive", "application/zip"),
    (b"\x1f\x8b", "gzip archive", "application/gzip"),
    (b"\x89PNG\r\n\x1a\n", "PNG image", "image/png"),
    (b"\xff\xd8\xff", "JPEG image", "image/jpeg"),
    (b"GIF8", "GIF image", "image/gif"),
    (b"\x1aE\xdf\xa3", "WebM video", "video/webm"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Microsoft Office document", "application/x-ole-storage"),
    (b"MZ", "Windows program", "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF", "Linux program", "application/x-elf"),
    (b"#!", "script", "text/x-script"),
    (b"\x28\xb5\x2f\xfd", "Zstandard archive", "application/zstd"),
    (b"SQLite format 3\x00", "SQLite database", "application/vnd.sqlite3"),
)
_OFFICE: Final = {".docx": "Word document", ".xlsx": "Excel workbook", ".pptx": "PowerPoint presentation"}
_PROGRAMS: Final = frozenset({"Windows program", "Linux program", "script"})
_SOF: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""Segments of a JPEG that tell its size."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file is by its content. ``warning`` says what a person should know before opening it."""

    kind: str
    mime: str
    size: int
    sha256: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """Format and size in pixels of a picture."""

    format: str
    width: int
    height: int


def file_facts(data: bytes, name: str = "", *, expected: str | None = None) -> FileFacts:
    """Say what a file is.

    Args:
        data: all of it.
        name: as it came; its suffix refines the kind, and is compared with the content.
        expected: the SHA-256 the server told, in hex.
    """
    checksum = hashlib.sha256(data).hexdigest()
    suffix = "." + name.rpartition(".")[2].lower() if "." in name else ""
    kind, mime = _kind(data, suffix)
    named = mimetypes.guess_type(f"x{suffix}")[0] if suffix.isascii() and suffix.isprintable() else None
    warning = ""
    if expected and expected.strip().lower() != checksum:
        warning = "the checksum is not the one the server told: the file is damaged or another"
    elif kind in _PROGRAMS:
        warning = "this is a program"
    elif named and _family(named) != _family(mime) and kind != "text" and mime != "application/octet-stream":
        warning = f"named like {named}, but it is {mime}"
    return FileFacts(kind, mime, len(data), checksum, warning)


def _family(mime: str) -> str:
    return "document" if "zip" in mime or "officedocument" in mime else mime.partition("/")[0]


def _kind(data: bytes, suffix: str) -> tuple[str, str]:
    for magic, kind, mime in _MAGICS:
        if data.startswith(magic):
            return (_OFFICE[suffix], mime) if suffix in _OFFICE and kind == "zip archive" else (kind, mime)
    if data[4:8] == b"ftyp":
        return "MP4 video", "video/mp4"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP image", "image/webp"
    return _text_kind(data, suffix)


def _text_kind(data: bytes, suffix: str) -> tuple[str, str]:
    head = data[:4096]
    try:
        head.decode("utf-8")
        readable = True
    except UnicodeDecodeError as error:
        readable = error.start >= len(head) - 4  # cut within a character
    if not readable or not data or b"\0" in head:
        return "binary data" if data else "empty file", "application/octet-stream"
    named = mimetypes.guess_type(f"x{suffix}")[0] if suffix.isascii() and suffix.isprintable() else None
    return "text", named if named and ("text" in named or "json" in named or "xml" in named) else "text/plain"


def image_facts(data: bytes) -> ImageFacts | None:
    """Return what the header of a picture says; None for anything else."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
            return ImageFacts("PNG", *struct.unpack(">II", data[16:24]))
        if data.startswith((b"GIF87a", b"GIF89a")):
            return ImageFacts("GIF", *struct.unpack("<HH", data[6:10]))
        if data.startswith(b"\xff\xd8"):
            return _jpeg(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
    except (struct.error, IndexError):
        pass
    return None


def _jpeg(data: bytes) -> ImageFacts | None:
    at = 2
    while at + 9 < len(data):
        if data[at] != 0xFF:  # noqa: PLR2004 - the mark of a segment
            return None
        marker = data[at + 1]
        if marker in _SOF:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return ImageFacts("JPEG", width, height)
        at += 1 if marker == 0xFF else 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])  # noqa: PLR2004 - padding
    return None


def _webp(data: bytes) -> ImageFacts | None:
    kind = data[12:16]
    if kind == b"VP8X":
        return ImageFacts("WEBP", 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little"))
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return ImageFacts("WEBP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return ImageFacts("WEBP", width & 0x3FFF, height & 0x3FFF)
    return None
