"""HTML cut into pieces.

Owns: the pieces (tags, texts) of any text that claims to be HTML, in one pass whose time
grows with the text and no faster. Must not: judge, fetch or repair.

The standard library's parser raises on some texts and takes quadratic time on others.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

_NAME: Final = re.compile(r"/?([a-zA-Z][^\s/>]*)")
_ATTRIBUTE: Final = re.compile(r"[\s/]*([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+)))?")
_SPACE: Final = re.compile(r"[\s/]*")
RAW: Final = frozenset({"script", "style", "textarea", "title", "xmp", "noembed", "noframes", "iframe"})
"""Elements whose content is text up to their end tag."""
_MAX_ATTRIBUTES: Final = 100
_MAX_TAG: Final = 50_000
"""Characters of one tag; longer ones are text."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A start or an end tag."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    is_end: bool = False
    is_closed: bool = False
    """True for ``<br/>``."""


@dataclass(frozen=True, slots=True)
class Words:
    """Text between tags, with entities resolved. ``raw`` is the element whose code it is, such as ``script``."""

    text: str
    raw: str = ""


def pieces(text: str) -> Iterator[Tag | Words]:
    """Yield the pieces of a page in order; comments and declarations are left out."""
    at = 0
    while at < len(text):
        opening = text.find("<", at)
        if opening < 0:
            yield Words(html.unescape(text[at:]))
            return
        if opening > at:
            yield Words(html.unescape(text[at:opening]))
        if text.startswith("<!--", opening):
            end = text.find("-->", opening + 4)
            at = len(text) if end < 0 else end + 3
            continue
        if text.startswith(("<!", "<?"), opening):
            end = text.find(">", opening)
            at = len(text) if end < 0 else end + 1
            continue
        tag, at = _tag(text, opening)
        if tag is None:  # what was read for a tag is not read again, or it would take quadratic time
            yield Words(text[opening:at])
            continue
        yield tag
        if tag.name in RAW and not tag.is_end and not tag.is_closed:
            end = _end_of(tag.name, text, at)
            inside = text[at:end]
            if inside:
                yield Words(html.unescape(inside) if tag.name in {"textarea", "title"} else inside, raw=tag.name)
            at = end


def _end_of(name: str, text: str, at: int) -> int:
    end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(text, at)
    return len(text) if end is None else end.start()


def _tag(text: str, opening: int) -> tuple[Tag | None, int]:
    """Read the tag that begins at ``opening``; for what is none there is no tag, and how far it was read."""
    name = _NAME.match(text, opening + 1)
    if name is None:
        return None, opening + 1
    at = name.end()
    is_end = text[opening + 1] == "/"
    attributes: dict[str, str] = {}
    limit = min(len(text), opening + _MAX_TAG)
    while at < limit:
        space = _SPACE.match(text, at)
        at = at if space is None else space.end()
        if text.startswith(">", at):
            return Tag(name[1].lower(), attributes, is_end, text[at - 1] == "/"), at + 1
        if len(attributes) == _MAX_ATTRIBUTES:
            end = text.find(">", at, limit)
            return (None, limit) if end < 0 else (Tag(name[1].lower(), attributes, is_end), end + 1)
        found = _ATTRIBUTE.match(text, at, limit)
        if found is None or found.end() == at:
            at += 1
            continue
        value = next((part for part in found.groups()[1:] if part is not None), "")
        if found[1] not in attributes:
            attributes.setdefault(found[1].lower(), html.unescape(value))
        at = found.end()
    return None, at
