"""Readable text, block by block, as the eye takes it in.

Owns: the division of a page into lines with kind, section and region. Must not: look for
records or named values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from mock_server.agent.observation import Line
from mock_server.agent.records.nodes import Node, apart, is_mark

MAX_LINES: Final = 3000

_KINDS: Final = {
    "p": "paragraph",
    "li": "item",
    "td": "cell",
    "th": "cell",
    "dt": "label",
    "dd": "item",
    "caption": "caption",
    "figcaption": "caption",
    "legend": "label",
    "label": "label",
    "pre": "code",
    "code": "code",
    "blockquote": "paragraph",
}
_ALERTS: Final = frozenset({"alert", "status", "log"})


@dataclass(slots=True)
class Run:
    """A stretch of inline content of one block: the nodes and texts of one line."""

    block: Node
    parts: list[Node | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        pieces: list[str] = []
        before: Node | str | None = None
        for part in self.parts:
            if apart(before, part):
                pieces.append(" ")
            pieces.append(part if isinstance(part, str) else part.text)
            before = part
        return " ".join("".join(pieces).split())


def runs_of(node: Node) -> Iterator[Run]:
    """Yield the lines below a node in reading order."""
    run = Run(node)
    for child in node.children:
        if isinstance(child, str):
            run.parts.append(child)
        elif is_mark(child):
            continue
        elif child.tag == "br":
            if run.parts:
                yield run
            run = Run(node)
        elif child.block or child.holds_block:
            if run.parts:
                yield run
            run = Run(node)
            yield from runs_of(child)
        else:
            run.parts.append(child)
    if run.parts:
        yield run


def lines_of(root: Node) -> tuple[Line, ...]:
    """Return the page's lines; what only screen readers get is left out."""
    lines: list[Line] = []
    section = ""
    for run in runs_of(root):
        block = run.block
        text = run.text
        if not text or block.quiet:
            continue
        kind, level = _kind(block)
        lines.append(
            Line(
                text=text[:4000],
                kind=kind,
                level=level,
                section=section,
                region=block.region,
                size=_size(run),
                css=block.css,
            )
        )
        if kind == "heading":
            section = text[:200]
        if len(lines) >= MAX_LINES:
            break
    return tuple(lines)


def _size(run: Run) -> float:
    return max((part.size for part in run.parts if isinstance(part, Node) and part.length), default=run.block.size)


def _kind(block: Node) -> tuple[str, int]:
    for node in (block, *block.ancestors()):
        if node.is_heading:
            return "heading", node.level
        if node.role in _ALERTS:
            return "alert", 0
        kind = _KINDS.get(node.tag)
        if kind:
            return kind, 0
        if node.tag in ("div", "section", "article", "main", "body", "ul", "ol", "table", "form"):
            break
    return "paragraph", 0
