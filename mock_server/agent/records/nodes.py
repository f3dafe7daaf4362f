"""The rendered page as a tree of plain nodes.

Owns: building the tree from what the page-side script sent, joining frames into it, the
text, region and selectors of a node. Must not: decide what a node means for a task.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from mock_server.agent.observation import Box

Raw = Mapping[str, Any]

_LANDMARKS: Final = {
    "banner": "banner",
    "navigation": "navigation",
    "main": "main",
    "complementary": "complementary",
    "contentinfo": "contentinfo",
    "dialog": "dialog",
    "alertdialog": "dialog",
    "form": "form",
    "search": "form",
    "menubar": "navigation",
}
_LANDMARK_TAGS: Final = {
    "nav": "navigation",
    "main": "main",
    "aside": "complementary",
    "dialog": "dialog",
    "form": "form",
}
_NAMED_REGIONS: Final = {
    "nav": "navigation",
    "navbar": "navigation",
    "navigation": "navigation",
    "menu": "navigation",
    "breadcrumb": "navigation",
    "breadcrumbs": "navigation",
    "topbar": "navigation",
    "toolbar": "navigation",
    "pagination": "navigation",
    "pager": "navigation",
    "footer": "contentinfo",
    "copyright": "contentinfo",
    "sidebar": "complementary",
    "aside": "complementary",
    "cookie": "complementary",
    "cookies": "complementary",
    "related": "complementary",
}
_SECTIONING: Final = frozenset({"article", "section", "main", "aside"})
_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_GAP: Final = 2.0
"""CSS pixels between two pieces of text from which on they are two words."""
_SEAM: Final = re.compile(r"[^\W\d_A-Z][A-Z]|[^\W\d_][$\u20ac\u00a3\u00a5]|[\u2605\u2606\u20ac]\w")
"""What never stands inside a word: a small letter before a capital, a letter before a currency's sign."""
_LONGEST_MARK: Final = 20
_SIGNS: Final = frozenset("\u00b6#\u00a7\U0001f517\u2693") | {"\U0001f517\ufe0e", "\u2693\ufe0e"}
_FOOTNOTE: Final = re.compile(r"\[\s*\w{1,6}(?: \d+)?\s*\]")
_BRACKETED: Final = re.compile(r"\[[^\]]{1,18}\]")
_LARGEST_NAMED_REGION: Final = 0.5
"""A class name does not make a region of what holds more than this share of the page's text."""


class Node:
    """One rendered element. ``children`` holds text runs and nodes in reading order."""

    __slots__ = (
        "_text",
        "attrs",
        "block",
        "bold",
        "box",
        "children",
        "control",
        "css",
        "fixed",
        "frame",
        "holds_block",
        "ident",
        "label",
        "length",
        "nth",
        "parent",
        "quiet",
        "region",
        "role",
        "serial",
        "shadow",
        "sig",
        "size",
        "slotted",
        "tag",
        "unique",
        "xpath",
    )

    def __init__(self, raw: Raw, frame: int, parent: Node | None, offset: tuple[float, float]) -> None:
        self.tag: str = raw["g"]
        self.serial: int = raw.get("n", 0)
        self.frame = frame
        self.parent = parent
        self.attrs: dict[str, str] = raw.get("a") or {}
        rect = raw.get("r")
        self.box = Box(rect[0] + offset[0], rect[1] + offset[1], rect[2], rect[3]) if rect else Box(0, 0, 0, 0)
        self.block = "b" in raw
        self.fixed = "p" in raw
        self.quiet = "q" in raw
        self.bold = "w" in raw
        self.shadow = "h" in raw
        self.slotted = "l" in raw
        self.unique = "u" in raw
        self.size: float = raw.get("z", 0.0)
        self.nth: int = raw.get("k", 1)
        self.control: dict[str, Any] | None = raw.get("e")
        other = raw.get("o") or {}
        self.role: str = self.control["role"] if self.control else other.get("role", "")
        self.label: str = self.control["name"] if self.control else other.get("name", "")
        self.region = ""
        self.ident = ""
        self.sig = ""
        self.css = ""
        self.xpath = ""
        self.length = 0
        self.holds_block = False
        """Something inside starts a line of its own. Filled in by ``settle``, as length and region are."""
        self._text: str | None = None
        self.children: list[Node | str] = []

    def nodes(self) -> Iterator[Node]:
        """Yield the child nodes, without the text runs."""
        for child in self.children:
            if child.__class__ is Node:
                yield child

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it in reading order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(child for child in reversed(node.children) if not isinstance(child, str))

    def ancestors(self) -> Iterator[Node]:
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    @property
    def text(self) -> str:
        """All its visible text, white space folded."""
        if self._text is None:
            self._text = " ".join("".join(_pieces(self)).split())
        return self._text

    @property
    def own_text(self) -> str:
        """Text that stands directly in it, white space folded."""
        return " ".join(" ".join(child for child in self.children if isinstance(child, str)).split())

    @property
    def is_heading(self) -> bool:
        return self.role == "heading" or (
            len(self.tag) == 2 and self.tag[0] == "h" and self.tag[1] in "123456"
        )  # "h1".."h6"

    @property
    def level(self) -> int:
        """1 to 6 for headings, else 0."""
        if not self.is_heading:
            return 0
        if self.tag[0] == "h" and self.tag[1:].isdigit():
            return int(self.tag[1])
        given = self.attrs.get("aria-level", "2")
        return min(max(int(given), 1), 6) if given.isdigit() else 2

    def words(self) -> tuple[str, ...]:
        """Class, id, itemprop and test names as plain lower-case words."""
        attrs = self.attrs
        source = " ".join(
            attrs[name]
            for name in ("class", "id", "itemprop", "rel", "data-testid", "data-test", "data-qa")
            if name in attrs
        )
        return split_words(source) if source else ()


@lru_cache(maxsize=8192)
def split_words(text: str) -> tuple[str, ...]:
    """Split ``priceColor item-title`` into ``("price", "color", "item", "title")``."""
    return tuple(word.lower() for word in _WORDS.findall(text))


def is_mark(node: Node) -> bool:
    """Return True for what is set beside a text and not part of it: a permalink's sign, a footnote's number."""
    if node.length > _LONGEST_MARK or node.tag not in ("a", "sup", "span"):
        return False
    text = "".join(_pieces(node)).strip()
    if node.tag == "sup":
        return bool(_FOOTNOTE.fullmatch(text))
    above = node.parent
    if above is None or not above.is_heading or len(above.children) < 2:
        return False
    return text in _SIGNS or (node is above.children[-1] and bool(_BRACKETED.fullmatch(text)))


def apart(one: Node | str | None, other: Node | str) -> bool:
    """Return True for two neighbours with nothing between them in the source that the eye takes for two words."""
    if not isinstance(one, Node) or not isinstance(other, Node) or one.block or other.block:
        return False
    if not one.length or not other.length:
        return False
    if one.box.width and other.box.width:
        gap = other.box.x - (one.box.x + one.box.width)
        if gap > _GAP or other.box.y >= one.box.y + one.box.height:
            return True
    return bool(_SEAM.fullmatch(_last(one) + _first(other)))


def _last(node: Node) -> str:
    while True:
        child = next((child for child in reversed(node.children) if isinstance(child, str) or child.length), "")
        if isinstance(child, str):
            return child[-1:]
        node = child


def _first(node: Node) -> str:
    while True:
        child = next((child for child in node.children if isinstance(child, str) or child.length), "")
        if isinstance(child, str):
            return child[:1]
        node = child


def _pieces(node: Node) -> Iterator[str]:
    before: Node | str | None = None
    for child in node.children:
        if apart(before, child):
            yield " "
        before = child
        if isinstance(child, str):
            yield child
        elif child.length <= _LONGEST_MARK and is_mark(child):
            continue
        elif child.tag == "br":
            yield " "
        elif child.block:
            yield " "
            yield from _pieces(child)
            yield " "
        else:
            yield from _pieces(child)


def build(raw: Raw, frame: int, offset: tuple[float, float] = (0.0, 0.0), parent: Node | None = None) -> Node:
    """Make the tree of one frame; boxes are moved by ``offset`` into the top-level viewport."""
    root = Node(raw, frame, parent, offset)
    stack: list[tuple[Raw, Node]] = [(raw, root)]
    while stack:
        source, node = stack.pop()
        for child in source.get("c", ()):
            if isinstance(child, str):
                node.children.append(child)
                continue
            made = Node(child, frame, node, offset)
            node.children.append(made)
            if "c" in child:
                stack.append((child, made))
    return root


def settle(order: Sequence[Node], viewport: tuple[int, int] = (1280, 720)) -> None:
    """Fill in text lengths and regions of all nodes in reading order, once all frames are joined."""
    for node in reversed(order):
        node.holds_block = any(child.block or child.tag == "br" or child.holds_block for child in node.nodes())
        node.length = sum(
            (len(child) if child != " " else 0) if isinstance(child, str) else child.length for child in node.children
        )
    whole = max(order[0].length, 1)
    for node in order:
        outer = node.parent.region if node.parent is not None else ""
        node.region = _region(node, outer, whole) or outer
        if (
            node.fixed
            and node.region != "dialog"
            and _overlays(node, viewport)
            and node.length <= _LARGEST_NAMED_REGION * whole
        ):
            node.region = "dialog"


def _overlays(node: Node, viewport: tuple[int, int]) -> bool:
    """Return True if the node lies over the middle of the window and has something to say or press."""
    x, y, box = viewport[0] / 2, viewport[1] / 2, node.box
    over = box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height
    return over and node.length > 0 and any(below.control for below in node.walk())


def _region(node: Node, outer: str, whole: int) -> str:
    large = node.length > _LARGEST_NAMED_REGION * whole
    if node.tag in ("header", "footer"):
        inner = any(above.tag in _SECTIONING or above.role == "main" for above in node.ancestors())
        return "" if inner or large else "banner" if node.tag == "header" else "contentinfo"
    if node.role in _LANDMARKS:
        return _LANDMARKS[node.role]
    found = _LANDMARK_TAGS.get(node.tag, "")
    if found == "form" and (outer or large):
        return ""
    if found or outer not in ("", "main") or node.parent is None or not node.block or large:
        return found
    return _named_region(node)


def _named_region(node: Node) -> str:
    """Older pages say by an id or a class what newer ones say by a landmark."""
    for name in (node.attrs.get("id", ""), node.attrs.get("class", "").split(" ")[0]):
        words = split_words(name)
        named = _NAMED_REGIONS.get(words[-1]) or _NAMED_REGIONS.get(words[0]) if words else None
        if named:
            return named
    return ""


def locate(order: Iterable[Node]) -> None:
    """Give every node its CSS selector and XPath inside its frame.

    Selectors go through open shadow roots by a space; XPath cannot enter them and is empty there.
    """
    for node in order:
        parent = node.parent
        if node.slotted and parent is not None:
            # in the document a slotted node is a child of the host, not of the slot it shows in
            while parent is not None and not parent.shadow:
                parent = parent.parent
            parent = parent.parent if parent is not None else None
        if node.tag in ("body", "html", "frameset"):
            node.css, node.xpath = node.tag, "/html[1]" if node.tag == "html" else f"/html[1]/{node.tag}[1]"
            continue
        outer = parent if parent is not None and parent.frame == node.frame else None
        inside_shadow = node.shadow or node.slotted or (outer is not None and not outer.xpath)
        node.xpath = "" if inside_shadow or outer is None else f"{outer.xpath}/{node.tag}[{node.nth}]"
        if node.unique:
            node.css = "#" + node.attrs["id"]
        else:
            step = f"{node.tag}:nth-of-type({node.nth})"
            joiner = " " if node.shadow else " > "
            node.css = outer.css + joiner + step if outer is not None else step
