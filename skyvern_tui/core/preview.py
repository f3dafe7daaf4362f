"""An artifact as something to look at: bytes in, a bounded model of safe text out.

Owns: recognising what the bytes are (content first, then the artifact type, then the file
name), reading them within bounds, and saying what was left out. Must not: raise for any
input, decode pictures, colour or lay out; and no text leaves it that
:func:`~skyvern_tui.core.text.inert` has not seen.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final

from skyvern_tui.core.har import Har, NotHar, parse_har
from skyvern_tui.core.jsontext import MAX_LINE, MAX_LINES, json_lines
from skyvern_tui.core.text import inert, one_line, plural, shorten, size_words

MAX_TEXT: Final = 4_000_000
"""Bytes of text that are decoded."""
MAX_PARSED: Final = 64_000_000
"""Bytes of JSON, HAR or zip that are parsed."""
MAX_MEMBERS: Final = 2000
HEX_BYTES: Final = 256
_HEX_WIDTH: Final = 8


class Language(StrEnum):
    """What the lines of a :class:`TextPreview` are written in."""

    json = "json"
    html = "html"
    log = "log"
    text = "text"


@dataclass(frozen=True, slots=True)
class ImagePreview:
    """A picture still encoded, and its format by its first bytes: ``PNG``, ``JPEG``, ``GIF`` or ``WEBP``."""

    format: str
    data: bytes
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextPreview:
    """Safe lines and what they are written in."""

    language: Language
    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What a reader has to know: what was cut, why it is not shown as what it claims to be."""


@dataclass(frozen=True, slots=True)
class HarPreview:
    """The requests of a HAR file."""

    har: Har
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ZipMember:
    """One file in an archive; sizes in bytes."""

    name: str
    size: int
    packed: int


@dataclass(frozen=True, slots=True)
class ZipPreview:
    """What an archive holds. Nothing of it is unpacked."""

    members: tuple[ZipMember, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BinaryPreview:
    """The first bytes of anything else, as hexadecimal lines."""

    what: str
    """What it looks like: ``WebM video``, ``PDF document``, ``binary data``."""
    size: int
    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()


Preview = ImagePreview | TextPreview | HarPreview | ZipPreview | BinaryPreview

_IMAGES: Final = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
)
_BINARIES: Final = (
    (b"\x1aE\xdf\xa3", "WebM video"),
    (b"%PDF-", "PDF document"),
    (b"\x28\xb5\x2f\xfd", "Zstandard archive"),
    (b"\x1f\x8b", "gzip archive"),
)
_JSON_TYPES: Final = frozenset(
    {
        "llm_request",
        "llm_response",
        "llm_response_parsed",
        "llm_response_rendered",
        "visible_elements_tree",
        "visible_elements_tree_trimmed",
        "visible_elements_id_css_map",
        "visible_elements_id_frame_map",
        "visible_elements_id_xpath_map",
        "hashed_href_map",
        "skyvern_log_raw",
    }
)
_LOG_TYPES: Final = frozenset({"browser_console_log", "skyvern_log", "browser_session_action_log"})
_SUFFIXES: Final = {
    ".json": Language.json,
    ".html": Language.html,
    ".htm": Language.html,
    ".xml": Language.html,
    ".svg": Language.html,
    ".log": Language.log,
}
_HTML_START: Final = re.compile(rb"\s*(<!--.*?-->\s*)?<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_SNIFFED: Final = 2048
"""Bytes looked at to tell what something is."""
_UNREADABLE_SHARE: Final = 0.1


def preview(data: bytes, artifact_type: str, name: str = "") -> Preview:
    """Return the best model for ``data``.

    Args:
        data: the whole artifact.
        artifact_type: its ``artifact_type``; any string.
        name: a file name, of which the suffix counts; any string.
    """
    if not data:
        return TextPreview(Language.text, (), ("empty",))
    image = _known(data, _IMAGES) or ("WEBP" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else "")
    if image:
        return ImagePreview(image, data)
    what = _known(data, _BINARIES)
    if what:
        return _binary(data, what)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(data)
    suffix = PurePosixPath(name).suffix.lower() if "\0" not in name else ""
    if artifact_type == "har" or suffix == ".har":
        return _har(data)
    return _text(data, _language(data, artifact_type, suffix))


def _known(data: bytes, magics: Iterable[tuple[bytes, str]]) -> str:
    """Return the name that goes with the first bytes; empty if none does."""
    return next((name for magic, name in magics if data.startswith(magic)), "")


def _language(data: bytes, artifact_type: str, suffix: str) -> Language:
    if artifact_type in _JSON_TYPES:
        return Language.json
    if artifact_type.startswith("html"):
        return Language.html
    if artifact_type in _LOG_TYPES:
        return Language.log
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    head = data[:_SNIFFED]
    if _HTML_START.match(head):
        return Language.html
    return Language.json if head.lstrip()[:1] in {b"{", b"["} else Language.text


def _har(data: bytes) -> Preview:
    if len(data) > MAX_PARSED:
        return _text(data, Language.json)
    try:
        har = parse_har(data)
    except NotHar as reason:
        shown = _text(data, Language.json)
        why = f"not a HAR file: {reason}"
        return TextPreview(shown.language, shown.lines, (why,)) if isinstance(shown, TextPreview) else shown
    notes: list[str] = []
    if len(har.entries) + har.unreadable < har.total:
        notes.append(f"first {len(har.entries)} of {plural(har.total, 'request')} shown")
    if har.unreadable:
        notes.append(f"{har.unreadable} could not be read")
    return HarPreview(har, tuple(notes))


def _text(data: bytes, language: Language) -> TextPreview | BinaryPreview:
    if b"\0" in data[:_SNIFFED]:
        return _binary(data, "binary data")
    notes: list[str] = []
    if language is Language.json and len(data) <= MAX_PARSED:
        try:
            lines, whole = json_lines(json.loads(data))
        except (ValueError, RecursionError):  # not JSON, nested too deep, or a number too long: shown as it came
            notes.append("not readable as JSON; shown as text")
        else:
            return TextPreview(language, tuple(lines), () if whole else (f"first {len(lines)} lines shown",))
    text = data[:MAX_TEXT].decode("utf-8", errors="replace")
    if text.count("\ufffd") > max(len(text), 1) * _UNREADABLE_SHARE:
        return _binary(data, "binary data")
    raw = text.split("\n")
    lines = [_bounded(line.removesuffix("\r")) for line in raw[:MAX_LINES]]
    if len(data) > MAX_TEXT or len(raw) > MAX_LINES:
        notes.append(f"first {plural(len(lines), 'line')} of {size_words(len(data))} shown")
    return TextPreview(language, tuple(lines), tuple(notes))


def _bounded(line: str) -> str:
    if len(line) <= MAX_LINE:
        return inert(line)
    return f"{inert(line[:MAX_LINE])}… ({len(line) - MAX_LINE} more characters)"


def _zip(data: bytes) -> Preview:
    if len(data) > MAX_PARSED:
        return _binary(data, "zip archive")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
    # zipfile meets damaged directories with more than its own error: ValueError, struct.error, NotImplementedError, ...
    except Exception:  # noqa: BLE001
        return _binary(data, "damaged zip archive")
    members = tuple(
        ZipMember(shorten(one_line(info.filename), MAX_LINE), info.file_size, info.compress_size)
        for info in infos[:MAX_MEMBERS]
    )
    cut = (f"first {len(members)} of {len(infos)} files shown",) if len(infos) > len(members) else ()
    return ZipPreview(members, cut)


def _binary(data: bytes, what: str) -> BinaryPreview:
    head = data[:HEX_BYTES]
    lines = []
    for start in range(0, len(head), _HEX_WIDTH):
        row = head[start : start + _HEX_WIDTH]
        shown = "".join(chr(b) if 0x20 <= b < 0x7F else "." for b in row)  # noqa: PLR2004 - printable ASCII
        lines.append(f"{start:06x}  {row.hex(' '):<23}  {shown}")
    cut = (f"first {HEX_BYTES} bytes of {size_words(len(data))} shown",) if len(data) > HEX_BYTES else ()
    return BinaryPreview(what, len(data), tuple(lines), cut)


_LEVEL: Final = re.compile(r"\b(CRITICAL|FATAL|ERROR|ERR|WARNING|WARN|INFO|DEBUG|TRACE)\b", re.IGNORECASE)
_LEVELS: Final = {"critical": "error", "fatal": "error", "err": "error", "warn": "warning", "trace": "debug"}


def log_level(line: str) -> str:
    """Return ``error``, ``warning``, ``info`` or ``debug`` as a log line says; empty when it doesn't."""
    found = _LEVEL.search(line[:200])
    if found is None:
        return ""
    word = found[1].lower()
    return _LEVELS.get(word, word)
