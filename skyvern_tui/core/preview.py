"""An artifact as something to look at: bytes in, a bounded model of safe text out.

Owns: the one decision what the bytes are (content first, then the artifact type, then the
file name), and which reader takes them. Must not: read anything itself
(:mod:`skyvern_tui.core.previews` does), raise for any input, decode pictures, colour or lay
out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any, Final

from skyvern_tui.core.jsontext import json_lines
from skyvern_tui.core.previews import archive, elements, hardetail, logs
from skyvern_tui.core.previews.bounds import Unreadable
from skyvern_tui.core.previews.files import FileFacts, file_facts, image_facts
from skyvern_tui.core.previews.jsontree import parse_json
from skyvern_tui.core.previews.page import Page, read_page
from skyvern_tui.core.previews.plaintext import hex_lines, text_lines
from skyvern_tui.core.text import plural

MAX_PARSED: Final = 64_000_000
"""Bytes that are taken apart; longer ones are shown as text or as their first bytes."""


class Language(StrEnum):
    """What the lines of a :class:`TextPreview` are written in."""

    json = "json"
    html = "html"
    log = "log"
    text = "text"


@dataclass(frozen=True, slots=True)
class TextPreview:
    """Safe lines and what they are written in."""

    language: Language
    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What a reader has to know: what was cut, why it is not shown as what it claims to be."""


@dataclass(frozen=True, slots=True)
class ImagePreview:
    """A picture still encoded; ``size`` is in pixels, (0, 0) when its header does not tell."""

    format: str
    data: bytes
    size: tuple[int, int] = (0, 0)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JsonPreview:
    """A JSON value, and the same laid out as safe lines. The value itself is as it came: not safe to draw."""

    value: Any
    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LogPreview:
    """A log, line by line."""

    lines: tuple[logs.LogLine, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PagePreview:
    """A page taken apart, and its source as safe lines."""

    page: Page
    source: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HarPreview:
    """The requests of a HAR file. ``data`` is the file, for showing what is covered."""

    waterfall: hardetail.Waterfall
    data: bytes
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ElementsPreview:
    """An element tree, and the same laid out as safe lines."""

    elements: elements.Elements
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArchivePreview:
    """What an archive holds, unpacked only one by one; ``calls`` are those of a browser's trace, if it is one."""

    members: tuple[archive.Member, ...]
    data: bytes
    calls: tuple[archive.TraceCall, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PdfPreview:
    """A PDF, to be opened by :class:`~skyvern_tui.core.previews.pdf.PdfFile`."""

    data: bytes
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilmPreview:
    """A recording, to be opened by :class:`~skyvern_tui.core.previews.film.Film`."""

    data: bytes
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BinaryPreview:
    """The first bytes of anything else, as hexadecimal lines, and what the file is."""

    facts: FileFacts
    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()


Preview = (
    TextPreview
    | ImagePreview
    | JsonPreview
    | LogPreview
    | PagePreview
    | HarPreview
    | ElementsPreview
    | ArchivePreview
    | PdfPreview
    | FilmPreview
    | BinaryPreview
)

_IMAGES: Final = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
)
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP: Final = b"\x1f\x8b"
_EBML: Final = b"\x1aE\xdf\xa3"
_JSON_TYPES: Final = frozenset(
    {
        "llm_request",
        "llm_response",
        "llm_response_parsed",
        "llm_response_rendered",
        "visible_elements_id_css_map",
        "visible_elements_id_frame_map",
        "visible_elements_id_xpath_map",
        "hashed_href_map",
    }
)
_LOG_TYPES: Final = frozenset({"browser_console_log", "skyvern_log", "skyvern_log_raw", "browser_session_action_log"})
_ELEMENT_TYPES: Final = frozenset({"visible_elements_tree", "visible_elements_tree_trimmed"})
_SUFFIXES: Final = {
    ".json": Language.json,
    ".jsonl": Language.json,
    ".ndjson": Language.json,
    ".html": Language.html,
    ".htm": Language.html,
    ".log": Language.log,
}
_HTML_START: Final = re.compile(rb"\s*(<!--.*?-->\s*)?<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_SNIFFED: Final = 2048
"""Bytes looked at to tell what something is."""


def preview(data: bytes, artifact_type: str, name: str = "") -> Preview:
    """Return the best model for ``data``.

    Args:
        data: the whole artifact.
        artifact_type: its ``artifact_type``; any string.
        name: a file name, of which the suffix counts; any string.
    """
    if data.startswith(_GZIP):
        return _gzip(data, artifact_type, name)
    return _preview(data, artifact_type, name)


def _preview(data: bytes, artifact_type: str, name: str) -> Preview:
    if not data:
        return TextPreview(Language.text, (), ("empty",))
    found = _by_content(data, name)
    if found is not None:
        return found
    suffix = PurePosixPath(name).suffix.lower() if "\0" not in name else ""
    if artifact_type == "har" or suffix == ".har":
        return _har(data, name)
    if artifact_type in _ELEMENT_TYPES:
        return _elements(data, name)
    return _by_language(data, _language(data, artifact_type, suffix), name)


def _by_content(data: bytes, name: str) -> Preview | None:
    """Return the model of what its first bytes give away, whatever it is called."""
    image = next((kind for magic, kind in _IMAGES if data.startswith(magic)), "")
    if image or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        facts = image_facts(data)
        return ImagePreview(image or "WEBP", data, (facts.width, facts.height) if facts else (0, 0))
    if data.startswith(_EBML) or data[4:8] == b"ftyp":
        return FilmPreview(data)
    if data.startswith(b"%PDF-"):
        return PdfPreview(data)
    return _archive(data, name) if data.startswith(_ZIP) else None


def _gzip(data: bytes, artifact_type: str, name: str) -> Preview:
    try:
        unpacked, whole = archive.gunzip(data)
    except Unreadable:
        return _binary(data, name)
    shown = _preview(unpacked, artifact_type, name.removesuffix(".gz"))
    note = "unpacked" if whole else "the beginning, unpacked"
    return replace(shown, notes=(note, *shown.notes))


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


def _by_language(data: bytes, language: Language, name: str) -> Preview:
    if language is Language.json:
        return _json(data, name)
    readable = text_lines(data)
    if readable is None:
        return _binary(data, name)
    lines, notes = readable
    if language is Language.log:
        read, left_out = logs.read_log(data)
        return LogPreview(tuple(read), left_out)
    if language is Language.html:
        page = read_page(data)
        return PagePreview(page, tuple(lines), (*page.notes, *notes))
    return TextPreview(Language.text, tuple(lines), notes)


def _text(data: bytes, name: str, why: str, language: Language = Language.text) -> Preview:
    """Return what could not be read as what it claims to be, as text, and say why."""
    readable = text_lines(data)
    if readable is None:
        return _binary(data, name)
    return TextPreview(language, tuple(readable[0]), (why, *readable[1]))


def _json(data: bytes, name: str) -> Preview:
    if len(data) > MAX_PARSED:
        return _text(data, name, "too large to be taken apart; shown as text", Language.json)
    try:
        value, note = parse_json(data)
    except Unreadable:
        return _text(data, name, "not readable as JSON; shown as text", Language.json)
    lines, whole = json_lines(value)
    notes = [note] if note else []
    if not whole:
        notes.append(f"as text only the first {len(lines)} lines")
    return JsonPreview(value, tuple(lines), tuple(notes))


def _har(data: bytes, name: str) -> Preview:
    if len(data) > MAX_PARSED:
        return _text(data, name, "too large to be taken apart; shown as text", Language.json)
    try:
        waterfall = hardetail.read_har(data)
    except Unreadable as reason:
        return _text(data, name, str(reason), Language.json)
    notes: list[str] = []
    shown = len(waterfall.calls)
    if shown + waterfall.unreadable < waterfall.total:
        notes.append(f"first {shown} of {plural(waterfall.total, 'request')} shown")
    if waterfall.unreadable:
        notes.append(f"{waterfall.unreadable} could not be read")
    return HarPreview(waterfall, data, tuple(notes))


def _elements(data: bytes, name: str) -> Preview:
    try:
        read = elements.read_elements(data)
    except Unreadable:
        return _json(data, name)
    return ElementsPreview(read, read.notes)


def _archive(data: bytes, name: str) -> Preview:
    try:
        members = archive.contents(data)
    except Unreadable:
        return _binary(data, name, "damaged zip archive")
    calls: list[archive.TraceCall] = []
    if any(member.name.endswith(".trace") for member in members):
        try:
            calls = archive.trace_calls(data)
        except Unreadable:
            calls = []  # its files can still be looked at
    bombs = sum(member.is_bomb for member in members)
    notes = (f"{plural(bombs, 'file')} would unpack to far more than the archive",) if bombs else ()
    return ArchivePreview(tuple(members), data, tuple(calls), notes)


def _binary(data: bytes, name: str, kind: str = "") -> BinaryPreview:
    facts = file_facts(data, name)
    lines, notes = hex_lines(data)
    return BinaryPreview(replace(facts, kind=kind) if kind else facts, tuple(lines), notes)
