"""A look into a file: its beginning as text, a HAR's requests, an archive's contents.

Owns: how much is read and what is made of it. Must not: run anything it reads, or write
HTML; what comes out is escaped by the template.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from mock_server.viewer import words

TEXT_BYTES: Final = 64 * 1024
"""How much of a text is shown."""
PARSED_BYTES: Final = 16 * 1024 * 1024
"""The largest file that is read whole, to be taken apart."""
ROWS: Final = 300
HTML_BYTES: Final = 8 * 1024 * 1024
"""The largest page that is put into a frame."""


@dataclass(slots=True)
class Preview:
    """What is shown of a file: text, or a table, or nothing but a remark."""

    text: str | None = None
    head: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = field(default_factory=list)
    remark: str = ""


def look_into(kind: str, path: Path) -> Preview:
    """Return a preview of a file; ``kind`` is json, har, zip, or anything else for text.

    Raises:
        OSError: The file cannot be read.
    """
    count = path.stat().st_size
    if kind == "zip":
        return _archive(path)
    if kind in ("json", "har") and count <= PARSED_BYTES:
        try:
            value = json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            return _text(path, count)
        return _har(value) if kind == "har" else _cut(words.pretty(value), count)
    return _text(path, count)


def _text(path: Path, count: int) -> Preview:
    with path.open("rb") as file:
        # A letter cut in two at the end becomes a sign for what cannot be read.
        beginning = file.read(TEXT_BYTES).decode(errors="replace")
    return Preview(text=beginning, remark=_remark(count) if count > TEXT_BYTES else "")


def _cut(text: str, count: int) -> Preview:
    return Preview(text=text[:TEXT_BYTES], remark=_remark(count) if len(text) > TEXT_BYTES else "")


def _remark(count: int) -> str:
    return f"This is the beginning; the file has {words.size(count)}."


def _archive(path: Path) -> Preview:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError):
        return Preview(remark="This is no archive that can be read.")
    rows: list[tuple[str, ...]] = [(member.filename, words.size(member.file_size)) for member in members[:ROWS]]
    return Preview(head=("file", "size"), rows=rows, remark=_more(len(members)))


def _har(value: Any) -> Preview:
    log = value.get("log") if isinstance(value, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        return Preview(remark="This HAR has no list of requests.")
    rows = [_exchange(entry) for entry in entries[:ROWS] if isinstance(entry, dict)]
    return Preview(head=("method", "status", "url", "type", "time"), rows=rows, remark=_more(len(entries)))


def _exchange(entry: dict[str, Any]) -> tuple[str, ...]:
    request, response = (part if isinstance(part := entry.get(name), dict) else {} for name in ("request", "response"))
    content = response.get("content")
    media = content.get("mimeType") if isinstance(content, dict) else ""
    taken = entry.get("time")
    return (
        words.text(request.get("method")),
        words.text(response.get("status")),
        words.text(request.get("url")),
        words.text(media).partition(";")[0],
        f"{taken:.0f} ms" if isinstance(taken, int | float) and taken >= 0 else "",
    )


def _more(count: int) -> str:
    return f"{count - ROWS} more are not shown." if count > ROWS else ""
