"""The values inside one record, each with everything that may name it.

Owns: cutting a record into cells; keys from labels, units and bylines; hints from class
names, titles and machine-readable attributes. Must not: compare records with each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from mock_server.agent.observation import Cell
from mock_server.agent.records.kinds import COUNTED, DATE, kind_of
from mock_server.agent.records.nodes import Node

MAX_CELLS: Final = 80
_VALUES: Final = frozenset({"price", "number", "rating", "date"})
_PROSE: Final = 80
"""A text longer than this is one text, however its lines are broken."""
_SEPARATORS: Final = " \t|\u00b7\u2022,;\u2013\u2014-/\u00bb\u203a\u2039\u00ab:()[]"
_BYLINES: Final = re.compile(
    r"(?:^|\s)((?:posted|written|asked|answered|published|submitted|created|edited|sold|reviewed|added|uploaded|shipped)?\s*"
    r"(?:by|from|in|on|at|via))$",
    re.IGNORECASE,
)
_SIGNED: Final = re.compile(
    rf"^(?:(?:posted|written|reviewed|published|asked|answered|submitted)\s+)?[Bb]y\s+([^\d|\u00b7,]{{2,50}}?)\s*(?:\bon\b|[,|\u00b7\u2022\u2013\u2014-])\s*({DATE.pattern})$",
    re.IGNORECASE,
)
_LABELLED: Final = re.compile(r"^([A-Za-z][^:\n]{0,38}?)\s*:\s+(\S.*)$", re.DOTALL)
_NUMBER_WORDS: Final = ("zero", "one", "two", "three", "four", "five")
_RATING_WORDS: Final = frozenset({"rating", "star", "stars", "score", "review", "stelle", "sterne"})
_EMPTY_STARS: Final = frozenset({"empty", "o", "outline", "off", "gray", "grey", "inactive", "none", "disabled", "far"})
_MACHINE_DATA: Final = re.compile(
    r"^data-(price|rating|score|sku|product-name|product-price|name|title|author|date|time|votes|count|value|stars?|brand|asin|stock|currency)$"
)
_WIDTH: Final = re.compile(r"width\s*:\s*([\d.]+)%")


@dataclass(slots=True)
class _Cutter:
    """Collects the cells of one record."""

    cells: list[Cell] = field(default_factory=list)

    def visit(self, node: Node, path: str, hints: tuple[str, ...], href: str, *, heading: bool) -> None:
        if len(self.cells) >= MAX_CELLS:
            return
        words = (*node.words(), "was") if node.tag in ("s", "del", "strike") else node.words()
        hints = (words + hints)[:14] if words else hints
        heading = heading or node.is_heading or node.tag == "summary"
        if node.tag == "a" and node.attrs.get("href"):
            href = node.attrs["href"]
        if node.tag == "img":
            self._image(node, path, hints, href)
            return
        self._machine(node, path, hints)
        rating = _drawn_rating(node, words)
        if rating:
            self.cells.append(Cell(rating, "rating", "rating", path=path + "/@rating", hints=hints, size=node.size))
            if not node.length:
                return
        if node.tag in ("select", "textarea", "script"):
            return
        nodes = [child for child in node.nodes() if child.tag != "br"]
        inline = not node.holds_block or (not nodes and node.length > _PROSE)
        if inline and node.length and self._whole(node, path, hints, href, heading=heading, plain=not nodes):
            return
        self._children(node, path, hints, href, heading=heading)

    def _whole(self, node: Node, path: str, hints: tuple[str, ...], href: str, *, heading: bool, plain: bool) -> bool:
        """Add the text of an inline node as one cell; return True if there is nothing more to find in it."""
        text = node.text
        if plain:
            self._text(node, text, path, hints, href, heading=heading)
            return True
        if not text:
            return False
        texts = [child for child in node.children if not isinstance(child, str) and child.length]
        loose = [child for child in node.children if isinstance(child, str) and child.strip(_SEPARATORS)]
        if len(texts) == 1 and not loose and not heading:
            return False  # a wrapper of one thing
        if heading and loose and texts and all(kind_of(child.text) in _VALUES for child in texts):
            return False  # "Tagliatelle 14.00": a name, and a value beside it
        inner = next((child.attrs["href"] for child in node.walk() if child.tag == "a" and child.attrs.get("href")), "")
        if node.block or node.tag == "a" or heading or (loose and node.tag in ("td", "span", "p", "li")):
            # children that only decorate (bold, images) are not looked at again
            whole = len(texts) <= 1 or sum(child.length for child in texts if child.tag == "a") > 0.8 * len(text)
            self._text(node, text, path, hints, href or (inner if whole else ""), heading=heading)
            return (
                not any(child.attrs or child.tag in ("img", "a") for child in node.nodes())
                and len(texts) <= 1
                and not loose
            )
        return False

    def _children(self, node: Node, path: str, hints: tuple[str, ...], href: str, *, heading: bool) -> None:
        seen: dict[str, int] = {}
        loose = 0
        for child in node.children:
            if isinstance(child, str):
                if child.strip():
                    self._text(node, child.strip(), f"{path}/#{loose}", hints, href, heading=heading, loose=True)
                loose += 1
            elif child.tag != "br":
                number = seen.get(child.sig, 0)
                seen[child.sig] = number + 1
                step = f"{child.sig}[{number}]" if number else child.sig
                self.visit(child, f"{path}/{step}", hints, href, heading=heading)

    def _text(
        self, node: Node, text: str, path: str, hints: tuple[str, ...], href: str, *, heading: bool, loose: bool = False
    ) -> None:
        if not any(character.isalnum() for character in text) and kind_of(text) != "rating":
            return
        attrs = node.attrs
        value = "" if loose else attrs.get("datetime") or attrs.get("content") or ""
        extra: tuple[str, ...] = ()
        if not loose:
            title = attrs.get("title") or attrs.get("aria-label") or ""
            if title:
                extra = ("title:" + title,)
        kind = "heading" if heading else kind_of(text)
        if kind == "text" and (href or node.tag == "a"):
            kind = "link"
        if kind == "text" and node.tag == "time":
            kind = "date"
        self.cells.append(
            Cell(
                text[:4000],
                "",
                kind,
                href=href,
                path=path,
                hints=extra + hints,
                element_id=node.ident,
                size=node.size,
                value=value,
            )
        )

    def _image(self, node: Node, path: str, hints: tuple[str, ...], href: str) -> None:
        source = node.attrs.get("src", "")
        alt = node.attrs.get("alt") or node.attrs.get("title") or ""
        kind = kind_of(alt)
        if kind == "rating":
            self.cells.append(Cell(alt, "rating", "rating", path=path, hints=hints))
        elif source or alt:
            self.cells.append(
                Cell(alt, "", "image", href=href, src=source, path=path, hints=hints, element_id=node.ident)
            )

    def _machine(self, node: Node, path: str, hints: tuple[str, ...]) -> None:
        for name, value in node.attrs.items():
            if name.startswith("data-") and value and _MACHINE_DATA.match(name):
                key = name[5:].replace("-", " ")
                self.cells.append(Cell(value, key, kind_of(value), path=f"{path}/@{name}", hints=("machine", *hints)))
        prop = node.attrs.get("itemprop")
        if prop and node.attrs.get("content") and not node.length:
            self.cells.append(
                Cell(
                    node.attrs["content"],
                    prop,
                    kind_of(node.attrs["content"]),
                    path=f"{path}/@{prop}",
                    hints=("machine", *hints),
                )
            )


def _drawn_rating(node: Node, words: tuple[str, ...]) -> str:
    """Read a rating that is only drawn: by an aria-label, a class word, a width in percent or a row of icons."""
    label = node.label or node.attrs.get("title", "")
    if label and not node.control and kind_of(label) == "rating":
        return label
    if node.length or not _RATING_WORDS.intersection(words):
        return ""
    named = next((word for word in words if word in _NUMBER_WORDS), None)
    width = _WIDTH.search(node.attrs.get("style", ""))
    if named is not None:
        return str(_NUMBER_WORDS.index(named))
    return f"{float(width.group(1)) / 20:g} out of 5" if width else _counted_icons(node)


def _counted_icons(node: Node) -> str:
    """Read five or ten star icons, the empty ones told from the full by their class."""
    icons = [child.words() for child in node.nodes() if not child.length]
    stars = [icon for icon in icons if _RATING_WORDS.intersection(icon)]
    if len(stars) not in (5, 10) or all(star == stars[0] for star in stars):
        return ""
    full = sum(0.5 if "half" in star else 0 if _EMPTY_STARS.intersection(star) else 1 for star in stars)
    return f"{full:g} out of {len(stars)}" if full else ""


def cells_of(parts: Sequence[Node]) -> tuple[Cell, ...]:
    """Return the cells of a record that is made of these sibling nodes."""
    cutter = _Cutter()
    for number, part in enumerate(parts):
        step = part.sig if len(parts) == 1 else f"{number}:{part.sig}"
        cutter.visit(part, step, (), "", heading=False)
    return _with_keys(cutter.cells)


def _with_keys(cells: list[Cell]) -> tuple[Cell, ...]:  # noqa: C901 - one branch per way to name a value
    """Give cells the names that stand before, inside or behind them."""
    out: list[Cell] = []
    label = ""
    for position, cell in enumerate(cells):
        text, key = cell.text, cell.key
        if cell.kind == "image" or "machine" in cell.hints:
            out.append(cell)
            continue
        if text.endswith(":") and len(text) <= 40:  # a label, not a sentence
            label = text[:-1].strip()
            continue
        labelled = _LABELLED.match(text) if cell.kind not in ("heading", "link") else None
        if labelled and len(labelled.group(1).split()) <= 4:
            key, text = labelled.group(1), labelled.group(2)
        elif label and not key:
            key = label
        label = ""
        signed = _SIGNED.match(text) if cell.kind not in ("heading", "link") else None
        if signed:
            out.append(replace(cell, text=signed[1], key="by", kind="text", value=""))
            out.append(replace(cell, text=signed[2], key="on", kind="date", path=cell.path + "/@on"))
            continue
        byline = _BYLINES.search(text)
        if byline and cell.kind != "heading":
            label = byline.group(1).strip()
            text = text[: byline.start()]
            if not text.strip(_SEPARATORS):
                continue
        text = _trim(text)
        kind = cell.kind if cell.kind in ("heading", "link") else kind_of(text) if text != cell.text else cell.kind
        counted = COUNTED.match(text) if kind != "date" else None
        if counted and not key:
            key = counted.group(2)
        elif kind == "number" and not key:
            key = _unit_behind(cells, position)
        out.append(
            cell
            if (text, key, kind) == (cell.text, cell.key, cell.kind)
            else replace(cell, text=text, key=key, kind=kind)
        )
    return tuple(out)


def _trim(text: str) -> str:
    trimmed = text.strip(" \t|\u00b7\u2022,;\u2013\u2014\u00bb\u203a\u2039\u00ab")
    if trimmed.startswith("(") and trimmed.endswith(")") and trimmed.count("(") == 1:
        trimmed = trimmed[1:-1]
    return trimmed or text


def _unit_behind(cells: list[Cell], position: int) -> str:
    """Return the word that follows a bare number in the same small box, as in 3 / votes."""
    if position + 1 >= len(cells):
        return ""
    following = cells[position + 1]
    near = following.path.rsplit("/", 1)[0] in (
        cells[position].path.rsplit("/", 1)[0],
        cells[position].path.rsplit("/", 2)[0],
        cells[position].path,
    )
    words = following.text.split()
    if near and 1 <= len(words) <= 2 and following.text.replace(" ", "").isalpha():
        return following.text
    return ""
