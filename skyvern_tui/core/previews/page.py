"""A page as text to read and as a tree of elements; nothing of it acts or is fetched.

Owns: what a person would read (headings, paragraphs, lists, tables, links, form fields) as
lines, the links by number, and the tree of elements. Must not: resolve addresses, run code
or show the source (``preview`` does).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from skyvern_tui.core.previews.bounds import MAX_CELL, MAX_ROWS, cell
from skyvern_tui.core.previews.markup import Tag, Words, pieces

MAX_PAGE: Final = 2_000_000
"""Characters of a page that are read."""
MAX_PIECES: Final = 100_000
"""Tags and texts of a page that are read."""
MAX_DEPTH: Final = 100
_VOID_NAMES: Final = "area base br col embed hr img input link meta param source track wbr"
_UNSEEN_NAMES: Final = "script style head template noscript svg math object iframe noembed noframes"
_BLOCK_NAMES: Final = """
    address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary table tbody tfoot thead tr ul
"""
_VOID: Final = frozenset(_VOID_NAMES.split())
_UNSEEN: Final = frozenset(_UNSEEN_NAMES.split())
_BLOCKS: Final = frozenset(_BLOCK_NAMES.split())
_CLOSES: Final[Mapping[str, frozenset[str]]] = {
    "li": frozenset({"li"}),
    "p": frozenset({"p"}),
    "tr": frozenset({"tr", "td", "th"}),
    "td": frozenset({"td", "th"}),
    "th": frozenset({"td", "th"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
    "option": frozenset({"option"}),
    "tbody": frozenset({"thead", "tbody", "tr", "td", "th"}),
}
"""Elements a start tag ends by itself, when they are the innermost ones."""
_TELLING: Final = ("id", "class", "name", "type", "role", "href", "src", "value", "aria-label", "alt", "placeholder")


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line to read. ``kind`` is ``heading``, ``item``, ``row``, ``field``, ``code`` or ``text``."""

    text: str
    kind: str = "text"
    level: int = 0
    """Of a heading, from 1; of an item, how deep it is in lists."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A row of the tree of elements: a tag with its telling attributes, or a text."""

    depth: int
    text: str
    is_text: bool = False


@dataclass(slots=True)
class Page:
    """A page taken apart; all texts are safe."""

    title: str = ""
    lines: list[TextLine] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    """Text and address of each link; ``[3]`` in a line stands for the third."""
    tree: list[Branch] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_page(data: bytes) -> Page:
    """Take any bytes apart as a page."""
    text = data[: MAX_PAGE * 4].decode("utf-8", errors="replace")
    page = Page()
    if len(text) > MAX_PAGE:
        page.notes.append(f"first {MAX_PAGE:,} of {len(text):,} characters")
    reader = _Reader(page)
    for number, piece in enumerate(pieces(text[:MAX_PAGE])):
        reader.take(piece)
        if len(page.tree) >= MAX_ROWS or number == MAX_PIECES:
            page.notes.append(f"first {len(page.tree):,} elements and texts")
            break
    reader.end_line()
    return page


class _Reader:
    """Builds a page piece by piece."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._open: list[str] = []
        self._unseen: list[int] = []
        """How many elements are open at each that is not shown."""
        self._words: list[str] = []
        self._length = 0
        self._kind, self._level = "text", 0
        self._link: str | None = None
        self._link_words: list[str] = []

    def take(self, piece: Tag | Words) -> None:
        if isinstance(piece, Words):
            self._text(piece)
        elif piece.is_end:
            self._end(piece.name)
        else:
            self._start(piece)

    def end_line(self) -> None:
        text = cell("".join(self._words))
        if text and text != "|" and len(self._page.lines) < MAX_ROWS:
            self._page.lines.append(TextLine(text.rstrip(" |"), self._kind, self._level))
        self._words, self._length = [], 0
        self._kind, self._level = "text", 0

    def _say(self, text: str) -> None:
        if self._length < MAX_CELL * 2:
            self._words.append(text)
            self._length += len(text)
            if self._link is not None:
                self._link_words.append(text)

    def _branch(self, text: str, *, is_text: bool = False) -> None:
        self._page.tree.append(Branch(min(len(self._open), MAX_DEPTH), cell(text), is_text))

    def _text(self, words: Words) -> None:
        shown = words.text.strip()
        if words.raw == "title" and not self._page.title:
            self._page.title = cell(shown)
        if shown:
            self._branch(shown, is_text=True)
        if self._unseen or words.raw in _UNSEEN or words.raw == "title":
            return
        if "pre" in self._open[-8:]:
            for number, line in enumerate(words.text.split("\n")[:MAX_ROWS]):
                if number:
                    self.end_line()
                self._kind = "code"
                self._say(line)
            return
        if not shown or words.text[:1].isspace():
            self._say(" ")
        self._say(" ".join(shown.split()))
        if words.text[-1:].isspace():
            self._say(" ")

    def _start(self, tag: Tag) -> None:
        closes = _CLOSES.get(tag.name, frozenset())
        while self._open and self._open[-1] in closes:
            self._end(self._open[-1])
        named = " ".join(f'{name}="{tag.attributes[name]}"' for name in _TELLING if tag.attributes.get(name))
        self._branch(f"<{tag.name}{' ' + named if named else ''}>")
        is_void = tag.name in _VOID or tag.is_closed
        if not is_void:
            self._open.append(tag.name)
            if tag.name in _UNSEEN or "hidden" in tag.attributes:
                self._unseen.append(len(self._open))
        if self._unseen:
            return
        if tag.name in _BLOCKS or tag.name == "br":
            self.end_line()
        self._open_line(tag)
        self._field(tag)

    def _open_line(self, tag: Tag) -> None:
        name = tag.name
        if len(name) == 2 and name[0] == "h" and name[1] in "123456":  # noqa: PLR2004 - h1 to h6
            self._kind, self._level = "heading", int(name[1])
        elif name == "li":
            depth = sum(one in {"ul", "ol", "menu"} for one in self._open[-MAX_DEPTH:])
            self._kind, self._level = "item", max(1, depth)
        elif name == "tr":
            self._kind = "row"
        elif name in {"td", "th"} and self._words:
            self._say(" | ")
        elif name == "a" and tag.attributes.get("href"):
            self._link, self._link_words = tag.attributes["href"], []

    def _field(self, tag: Tag) -> None:
        attributes = tag.attributes
        label = attributes.get("aria-label") or attributes.get("placeholder") or attributes.get("name") or ""
        if tag.name == "img" and attributes.get("alt"):
            self._say(f"[image: {attributes['alt']}]")
        elif tag.name == "input" and attributes.get("type", "text").lower() != "hidden":
            kind, value = attributes.get("type", "text"), attributes.get("value", "")
            shown = "•" * min(len(value), 8) if kind.lower() == "password" else value
            self._say(f"[{kind}{': ' + label if label else ''}{' = ' + shown if shown else ''}]")
        elif tag.name in {"select", "textarea"}:
            self._say(f"[{tag.name}{': ' + label if label else ''}] ")
        elif tag.name == "button":
            self._say("[button] ")

    def _end(self, name: str) -> None:
        if name == "a" and self._link is not None and not self._unseen:
            text, link = cell("".join(self._link_words)), self._link
            self._link = None
            if len(self._page.links) < MAX_ROWS:
                self._page.links.append((text, cell(link)))
                self._say(f"[{len(self._page.links)}]")
        if name not in self._open[-MAX_DEPTH:]:
            return
        while self._open:
            closed = self._open.pop()
            if self._unseen and len(self._open) < self._unseen[-1]:
                self._unseen.pop()
            if closed in _BLOCKS and not self._unseen:
                self.end_line()
            if closed == name:
                return
