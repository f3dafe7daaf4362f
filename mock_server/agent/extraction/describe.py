"""A page in few words, as a planner is shown it.

Owns: the compact text of an observation. Must not: leave out what can be acted on before
what can only be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mock_server.agent.observation import Element, Observation, RecordGroup

_MAX_GROUPS: Final = 12
_MAX_FACTS: Final = 60
_SAMPLE: Final = 5
_LIST: Final = 3
"""A pair of like things is no list worth showing."""
_NAMED: Final = frozenset({"dl", "table", "text", "json"})


def describe(observation: Observation, limit: int = 20_000) -> str:
    """Return the page as text of at most ``limit`` characters: address, controls, lists, facts, text."""
    out: list[str] = []
    room = limit
    for line in _lines(observation):
        if len(line) + 1 > room:
            note = "[more was left out]"
            if room > len(note):
                out.append(note)
            break
        out.append(line)
        room -= len(line) + 1
    return "\n".join(out)[: max(limit, 0)]


def _lines(seen: Observation) -> Iterator[str]:
    yield f"URL: {seen.url}"
    yield f"Title: {seen.title}"
    if seen.dialog_open:
        yield "A dialog is open."
    if seen.truncated:
        yield "The page is larger than what is listed here."
    yield from _titled("Controls:", (_control(element) for element in seen.elements if element.interactable))
    for group in seen.groups[:_MAX_GROUPS]:
        yield from _group(group)
    named = [fact for fact in seen.facts if fact.source in _NAMED][:_MAX_FACTS]
    yield from _titled("Named values:", (f"  {fact.name}: {fact.value[:120]}" for fact in named))
    yield from _titled(
        "Text:", (f"  {'#' * line.level + ' ' if line.level else ''}{line.text[:300]}" for line in seen.lines)
    )


def _titled(title: str, lines: Iterator[str]) -> Iterator[str]:
    """Yield a title above lines, nothing if there are none."""
    for number, line in enumerate(lines):
        if not number:
            yield ""
            yield title
        yield line


def _group(group: RecordGroup) -> Iterator[str]:
    if group.region in ("navigation", "contentinfo") or len(group.records) < _LIST:
        return
    yield ""
    yield f"{group.kind.capitalize()} of {len(group.records)}{f' under {group.title!r}' if group.title else ''}:"
    if group.header:
        yield "  " + " | ".join(group.header)
    for record in group.records[:_SAMPLE]:
        yield f"  {record.index + 1}. {record.text[:160]}"


def _control(element: Element) -> str:
    parts = [f"  [{element.id}] {element.role} {element.name[:100]!r}"]
    if element.value:
        parts.append(f"value={element.value[:60]!r}")
    if element.checked is not None:
        parts.append("checked" if element.checked else "not checked")
    if element.expanded is not None:
        parts.append("open" if element.expanded else "closed")
    parts.extend(name for name in ("disabled", "required", "focused", "obscured", "invalid") if getattr(element, name))
    if element.options:
        parts.append("options: " + ", ".join(option.label for option in element.options[:12]))
    return " ".join(parts)
