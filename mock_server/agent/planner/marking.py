"""Stretches of text that are selected, and given a style.

Owns: which element holds the text, and the control for the style. Must not: select it
(``touching``).
"""

from __future__ import annotations

from mock_server.agent.goal import Target
from mock_server.agent.grounding import ground, is_text_field
from mock_server.agent.lexicon import contains
from mock_server.agent.observation import Element
from mock_server.agent.planner.exploring import explore, not_found
from mock_server.agent.planner.model import Decision, Situation, act

_CALLED = {
    "bold": ("bold", "strong", "B"),
    "ital": ("italic", "emphasis", "I"),
    "unde": ("underline", "U"),
    "stri": ("strikethrough", "strike", "S"),
}


def mark(at: Situation) -> Decision:
    """Select the text that is meant; if it is to have a style, press the control for it."""
    intent = at.intent
    if intent.direction and at.worked:
        return _styled(at)
    holder = _holder(at)
    if holder is None:
        wanted = intent.value or intent.target.phrase or "the text"
        return explore(at, wanted, reason=not_found(at, wanted))
    what = repr(intent.value) if intent.value else "its text"
    reasoning = f"Select {what} in {(holder.name or holder.role)[:60]!r}."
    selects = at.move("click", reasoning, holder, keys=("select",), text=intent.value, completes=not intent.direction)
    return act(reasoning, selects)


def _holder(at: Situation) -> Element | None:
    """The smallest thing that says the words; without words what is named, else the editor or the first paragraph."""
    intent, page = at.intent, at.page
    if intent.value:
        said = [one for one in page.elements if contains(one.text or one.value, intent.value)]
        edited = [one for one in said if is_text_field(one)]
        pool = edited if intent.direction and edited else said
        return min(pool, key=lambda one: len(one.text or one.value), default=None)
    kind = intent.target.name.casefold() or intent.target.phrase.casefold()
    editors = [one for one in page.elements if is_text_field(one) and (one.tag not in ("input", "select"))]
    if intent.direction and editors:
        return editors[0]
    silent = [one for one in page.elements if not one.interactable]
    prose = [one for one in silent if one.role == "paragraph" or one.tag in ("p", "pre", "blockquote")]
    prose = prose or sorted(silent, key=lambda one: -len(one.text))[:1]
    if any(word in kind for word in ("paragraph", "text", "passage", "sentence")) or not kind:
        index = (intent.target.ordinal or 1) - 1
        return prose[index] if 0 <= index < len(prose) else prose[-1] if prose else None
    best = ground(intent.target, page, "see").best
    return best.element if best is not None else None


def _styled(at: Situation) -> Decision:
    style = at.intent.direction
    buttons = [one for one in at.page.elements if one.interactable and not is_text_field(one) and not one.disabled]
    for name in _CALLED.get(style[:4], (style,)):
        for one in buttons:
            classes = one.attributes.get("class", "").casefold().replace("_", "-").split()
            names = (one.name.casefold(), one.attributes.get("title", "").casefold(), one.text.casefold())
            titled = name.casefold() in names
            if titled or (len(name) > 1 and any(name.casefold() in word.split("-") for word in classes)):
                reasoning = f"{one.name or name!r} makes the selected text {style}."
                return act(reasoning, at.move("click", reasoning, one))
    best = ground(Target(name=style), at.page, "click", pool=buttons).best
    if best is not None:
        return act(f"Give it the style {style}.", at.move("click", f"{best.element.name!r} does it.", best.element))
    return explore(at, style, reason=not_found(at, style))
