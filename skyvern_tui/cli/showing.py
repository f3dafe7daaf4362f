"""An artifact as plain lines.

Owns: which reading of each kind a person gets in a pipe. Must not: fetch, print, or decode
pictures; the readings themselves are ``core.preview`` and ``core.previews``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from skyvern_tui.core.preview import (
    ArchivePreview,
    BinaryPreview,
    ElementsPreview,
    FilmPreview,
    HarPreview,
    ImagePreview,
    JsonPreview,
    LogPreview,
    PagePreview,
    PdfPreview,
    Preview,
    TextPreview,
    preview,
)
from skyvern_tui.core.previews.bounds import Unreadable
from skyvern_tui.core.previews.files import file_facts
from skyvern_tui.core.previews.hardetail import Waterfall
from skyvern_tui.core.previews.page import Page
from skyvern_tui.core.previews.pdf import PdfFile
from skyvern_tui.core.previews.plaintext import hex_lines, text_lines
from skyvern_tui.core.text import clock_words, inert, plural, shorten, size_words

_MOST_PAGES = 200
_URL_WIDTH = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """Safe lines, and what a reader has to know about them."""

    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()


def shown(data: bytes, artifact_type: str, name: str, *, source: bool = False) -> Shown:
    """Return an artifact as lines: a page as its text, a log of requests as a table. ``source`` leaves it as it is."""
    if source:
        return _as_it_is(data, name)
    model = preview(data, artifact_type, name)
    try:
        return Shown(tuple(_lines(model)), tuple(model.notes))
    except Unreadable as reason:
        rest = _as_it_is(data, name)
        return Shown(rest.lines, (str(reason), *rest.notes))


def _as_it_is(data: bytes, name: str) -> Shown:
    """Return the text of a file, or the first bytes of what is none."""
    readable = text_lines(data)
    if readable is not None:
        return Shown(tuple(readable[0]), tuple(readable[1]))
    lines, notes = hex_lines(data)
    return Shown((_what(data, name), *lines), tuple(notes))


def _what(data: bytes, name: str) -> str:
    return f"{file_facts(data, name).kind}, {size_words(len(data))}"


def _lines(model: Preview) -> Iterable[str]:  # noqa: PLR0911 - one for each kind
    match model:
        case TextPreview() | JsonPreview():
            return model.lines
        case LogPreview():
            return (inert(line.text) for line in model.lines)
        case PagePreview():
            return _page(model.page)
        case HarPreview():
            return _requests(model.waterfall)
        case ElementsPreview():
            return (f"{'  ' * element.depth}{element.line}" for element in model.elements.all)
        case ArchivePreview():
            return _trace(model) if model.calls else _members(model)
        case PdfPreview():
            return _pdf(model.data)
        case _:
            return _facts(model)


def _facts(model: ImagePreview | FilmPreview | BinaryPreview) -> Iterator[str]:
    """Yield what a file is that has no text."""
    match model:
        case ImagePreview():
            width, height = model.size
            yield f"{model.format} picture, {width} x {height}, {size_words(len(model.data))}"
        case FilmPreview():
            yield _what(model.data, "")
        case BinaryPreview():
            yield f"{model.facts.kind}, {size_words(model.facts.size)}"
            yield from model.lines


def _members(model: ArchivePreview) -> Iterator[str]:
    for member in model.members:
        yield f"{size_words(member.size):>8}  {member.name}"


def _page(page: Page) -> Iterator[str]:
    """Yield a page as it would be read aloud: title, headings by their level, items, fields, links at the end."""
    if page.title:
        yield f"title: {page.title}"
    for line in page.lines:
        if line.kind == "heading":
            yield f"{'#' * max(1, line.level)} {line.text}"
        elif line.kind == "item":
            yield f"{'  ' * max(0, line.level - 1)}- {line.text}"
        else:
            yield line.text
    if page.links:
        yield ""
        yield from (f"[{number}] {text}  {href}" for number, (text, href) in enumerate(page.links, 1))


def _requests(waterfall: Waterfall) -> Iterator[str]:
    yield f"{'AT':>8}  {'TOOK':>8}  STATUS  METHOD  {'SIZE':>8}  URL"
    for call in waterfall.calls:
        entry = call.entry
        took = "-" if entry.time is None else f"{entry.time:.0f} ms"
        status = str(entry.status) if entry.status else "failed"
        at = f"{call.at / 1000:.2f} s"
        url = shorten(entry.url, _URL_WIDTH)
        yield f"{at:>8}  {took:>8}  {status:<6}  {entry.method:<6}  {size_words(entry.size):>8}  {url}"
        if entry.error:
            yield f"{'':>18}  {entry.error}"


def _trace(model: ArchivePreview) -> Iterator[str]:
    for call in model.calls:
        took = "-" if call.duration is None else f"{call.duration:.0f} ms"
        yield f"{clock_words(call.at / 1000):>6}  {took:>8}  {call.name} {call.detail}".rstrip()
        if call.error:
            yield f"{'':>16}  {call.error}"


def _pdf(data: bytes) -> Iterator[str]:
    with PdfFile(data) as file:
        yield plural(file.pages, "page")
        for number in range(min(file.pages, _MOST_PAGES)):
            yield ""
            yield f"-- page {number + 1} --"
            yield from file.text(number)
