"""Parts every page has, whatever it is about: its headings, links, images, text and gist.

Owns: the words for such parts, and reading them as they stand. Must not: rephrase; a summary is
made of the page's own sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final
from urllib.parse import urljoin

from mock_server.agent.extraction.headline import ASIDE, find_headline
from mock_server.agent.extraction.words import stem, tokens
from mock_server.agent.observation import Cell, Line, Observation, Record, RecordGroup

_OF_PAGE: Final = (
    r"(?:\s+(?:of|on|from|in|for)\s+(?:(?:the|this|that)\s+)?(?:whole\s+|entire\s+|current\s+|web\s*)?"
    r"(?:page|site|website|article|document|post|story|screen|here))?"
)
_BEFORE: Final = r"^(?:(?:the|all|all the|all of the|every|each|any|a|an|this|its)\s+)?(?:page's\s+|article's\s+)?"
_SINGLE: Final[tuple[tuple[str, str], ...]] = (
    (
        "main_heading",
        (
            r"(?:(?:main|first|top|primary|biggest|largest|page|level[- ]?(?:1|one)|top[- ]level)\s+(?:h1\s+)?"
            r"(?:heading|header)(?:\s+text)?|(?:text of the\s+)?h1(?:\s+(?:heading|text|tag|title|element))?"
            r"|heading|heading text)"
        ),
    ),
    (
        "page_title",
        r"(?:(?:page|document|html|browser|tab|site)\s+title|title\s+tag|title of (?:the|this) (?:web\s*)?page)",
    ),
    ("first_paragraph", r"(?:(?:first|lead|opening|intro|introductory)\s+(?:paragraph|text)|intro(?:duction)?|lead)"),
    ("meta_description", r"meta\s+description"),
    (
        "text",
        (
            r"(?:(?:full|whole|entire|complete|main|article|body|page)\s+)*(?:text|body|body text|main content"
            r"|article content|content)"
        ),
    ),
)
_LISTS: Final[tuple[tuple[str, str], ...]] = (
    ("headings", r"(?:headings|headers|section (?:titles|headings|names))"),
    ("subheadings", r"sub-?(?:headings|titles|sections)"),
    ("links", r"(?:[\w-]+\s+){0,2}(?:links|hyperlinks|urls)"),
    ("images", r"(?:images|pictures|photos)(?:\s+(?:urls|sources))?"),
    ("paragraphs", r"paragraphs"),
    ("buttons", r"buttons"),
    ("h2", r"h2(?:s|\s+headings|\s+tags)"),
    ("h3", r"h3(?:s|\s+headings|\s+tags)"),
)
_GIST: Final = re.compile(
    r"^(?:(?:give|write|provide|get|make|create|return|extract|tell)\s+(?:me\s+)?)?(?:a\s+"
    r"|the\s+)?(?:(?:short|brief|quick|concise|one[- ]\w+)\s+)?"
    r"(?:summari[sz]e|summary|describe|outline|gist|overview|tl;?dr)\b(?:\s+(?:of|for|what))?"
    r"(?:\s+(?:it|(?:the|this)(?:\s+(?:main\s+)?\w+)?(?:\s+(?:of|on) (?:the|this) (?:page|article))?))?"
    r"(?:\s+(?:says|is about|in .{1,30}|briefly|shortly))?$"
    r"|^(?:tell me\s+)?what(?:'s| is| does)?\s+(?:the|this|it)\s*(?:web\s*)?(?:page|site|website|article"
    r"|document|post|story|text|blog)?\s*(?:is\s+)?(?:all\s+)?about$"
    r"|^what (?:is|are) (?:the|this) (?:web\s*)?(?:page|article|site|website|document|post) about$",
    re.IGNORECASE,
)
_SINGLES: Final = tuple(
    (name, re.compile(f"{_BEFORE}(?:{pattern}){_OF_PAGE}$", re.IGNORECASE)) for name, pattern in _SINGLE
)
_MANY: Final = tuple(
    (name, re.compile(f"{_BEFORE}(?:{pattern}){_OF_PAGE}$", re.IGNORECASE)) for name, pattern in _LISTS
)
_LINKING: Final = frozenset({"link", "links", "hyperlinks", "urls", "url", "all", "the", "every", "of", "on", "page"})
_LEAD_LENGTH: Final = 60
_PROSE: Final = frozenset({"paragraph", "item", "code"})
_AFTER_TEXT: Final = frozenset({"comment", "relate", "related", "reference", "recommend", "newsletter", "share"})
_LONGEST: Final = 3800
_MOST: Final = 1000


def single_part(text: str) -> str:
    """Return the name of the part a phrase asks for ("main_heading", "summary"); empty if it asks for none."""
    text = text.strip(" .?!:,")
    if _GIST.match(text):
        return "summary"
    return next((name for name, pattern in _SINGLES if pattern.match(text)), "")


def part_name(text: str) -> str:
    """Return the phrase for a single part without its article and where it is: ``main heading``."""
    return re.sub(
        f"{_OF_PAGE}$", "", re.sub(_BEFORE, "", text.strip(" .?!:,"), flags=re.IGNORECASE), flags=re.IGNORECASE
    )


def listed_part(text: str) -> str:
    """Return the kind of part a phrase asks for all of: headings, links, images, ...; empty if none."""
    text = text.strip(" .?!:,")
    return next((name for name, pattern in _MANY if pattern.match(text)), "")


def read_part(name: str, seen: Observation) -> str:
    """Return a single part as the page words it, or an empty string."""
    return _READERS[name](seen)


def part_group(text: str, seen: Observation) -> RecordGroup | None:
    """Return the parts a phrase asks for as records, or None if it asks for no parts or there are none."""
    kind = listed_part(text)
    if not kind or seen.content_type != "text/html":
        return None
    cells = list(_GROUPS[kind](seen))
    if kind == "links":
        cells = _narrowed(cells, text)
    records = tuple(
        Record(tuple(entry), " ".join(cell.text for cell in entry), index=place)
        for place, entry in enumerate(cells[:_MOST])
    )
    return RecordGroup(f"part:{kind}", "list", records, title=kind, region="main", area=1.0) if records else None


def _narrowed(cells: list[tuple[Cell, ...]], text: str) -> list[tuple[Cell, ...]]:
    """Keep the links that say, or lead to, what the phrase calls them: "PDF links"."""
    for word in tokens(text):
        if word in _LINKING or word in ("this", "site", "website", "article"):
            continue
        kept = [cell for cell in cells if word in f"{cell[0].text} {cell[0].href}".lower()]
        cells = kept
    return cells


# single parts ------------------------------------------------------------------------------------


def _main_heading(seen: Observation) -> str:
    first = next((line.text for line in seen.lines if line.level == 1 and line.region not in ASIDE), "")
    first = first or next((line.text for line in seen.lines if line.level == 1), "")
    place = find_headline(seen)
    return first or (seen.lines[place].text if place >= 0 else "")


def _title(seen: Observation) -> str:
    return seen.title or _main_heading(seen)


def _meta(seen: Observation) -> str:
    names = ("description", "og:description")
    return next((fact.value for fact in seen.facts if fact.source == "meta" and fact.name in names), "")


def _body(seen: Observation) -> Iterator[Line]:
    """Yield the lines of the page's own text, from its headline to where comments or other pages begin."""
    start = max(find_headline(seen), 0)
    ended = False
    for place, line in enumerate(seen.lines):
        if line.level and place > start:
            ended = bool(_AFTER_TEXT & {stem(word) for word in tokens(line.text)}) and line.level > 1
        if place > start and not ended and line.region not in ASIDE and line.region not in ("dialog", "form"):
            yield line


def _lead(seen: Observation) -> str:
    long = (
        line.text
        for line in _body(seen)
        if line.kind == "paragraph" and len(line.text) >= _LEAD_LENGTH and re.search(r"[.!?\u3002]", line.text)
    )
    whole = next(long, "")
    return whole or next((line.text for line in _body(seen) if line.kind == "paragraph"), "")


def _text(seen: Observation) -> str:
    return "\n".join(line.text for line in _body(seen) if line.kind in _PROSE or line.level)[:_LONGEST]


def _summary(seen: Observation) -> str:
    heading = next((line.text for line in seen.lines if line.level == 1), "") or seen.title or _main_heading(seen)
    meta, lead = _meta(seen), _lead(seen)
    parts: list[str] = []
    for piece in (heading, meta, lead):
        if piece and not any(piece in other or other in piece for other in parts if other != heading):
            parts.append(piece if piece.endswith((".", "!", "?")) else f"{piece}.")
    return " ".join(parts)


_READERS: Final[dict[str, Callable[[Observation], str]]] = {
    "main_heading": _main_heading,
    "page_title": _title,
    "first_paragraph": _lead,
    "meta_description": _meta,
    "text": _text,
    "summary": _summary,
}


# lists of parts ----------------------------------------------------------------------------------

Cells = Iterable[tuple[Cell, ...]]


def _lines(seen: Observation, test: Callable[[Line], bool]) -> Cells:
    inside = [line for line in seen.lines if test(line)]
    own = [line for line in inside if line.region not in ASIDE]
    return [(Cell(line.text, "text", "heading", path="text"),) for line in own or inside]


def _links(seen: Observation) -> Cells:
    for element in seen.elements:
        if element.role == "link" and element.href and (element.text or element.name):
            text = element.text or element.name
            yield (
                Cell(text, "text", "link", href=element.href, path="text", element_id=element.id),
                Cell(element.href, "url", "link", href=element.href, path="url"),
            )


def _images(seen: Observation) -> Cells:
    for image in seen.images:
        address = urljoin(seen.url, image.value)
        told = (Cell(image.name, "alt", "text", path="alt"),) if image.name else ()
        yield (*told, Cell(address, "url", "image", src=address, path="url"))


def _buttons(seen: Observation) -> Cells:
    for element in seen.elements:
        if element.role == "button" and element.name:
            yield (Cell(element.name, "text", "text", path="text", element_id=element.id),)


_GROUPS: Final[dict[str, Callable[[Observation], Cells]]] = {
    "headings": lambda seen: _lines(seen, lambda line: line.level > 0),
    "subheadings": lambda seen: _lines(seen, lambda line: line.level > 1),
    "h2": lambda seen: _lines(seen, lambda line: line.level == 2),
    "h3": lambda seen: _lines(seen, lambda line: line.level == 3),
    "paragraphs": lambda seen: _lines(
        seen, lambda line: line.kind == "paragraph" and len(line.text) > _LEAD_LENGTH / 2
    ),
    "links": _links,
    "images": _images,
    "buttons": _buttons,
}
