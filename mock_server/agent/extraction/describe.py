"""A page in few words, as a planner is shown it.

Owns: the compact text of an observation. Must not: leave out what can be acted on before
what can only be read.
"""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.agent.observation import Element, Observation


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
    controls = [element for element in seen.elements if element.interactable]
    if controls:
        yield ""
        yield "Controls:"
    for element in controls:
        yield _control(element)
    for group in seen.groups[:12]:
        if group.region in ("navigation", "contentinfo") or len(group.records) < 3:  # noqa: PLR2004 - a pair is no list
            continue
        yield ""
        yield f"{group.kind.capitalize()} of {len(group.records)}{f' under {group.title!r}' if group.title else ''}:"
        if group.header:
            yield "  " + " | ".join(group.header)
        for record in group.records[:5]:
            yield f"  {record.index + 1}. {record.text[:160]}"
    facts = [fact for fact in seen.facts if fact.source in ("dl", "table", "text", "json")]
    if facts:
        yield ""
        yield "Named values:"
    for fact in facts[:60]:
        yield f"  {fact.name}: {fact.value[:120]}"
    yield ""
    yield "Text:"
    for line in seen.lines:
        yield f"  {'#' * line.level + ' ' if line.level else ''}{line.text[:300]}"


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
