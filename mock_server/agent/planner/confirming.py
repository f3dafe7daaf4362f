"""A page that asks back (*Really delete it?*) before it does what was asked.

Owns: which control of an open dialog says yes, and that a deed is done only when it was said. Must not: answer what
asks for more than yes or no, or close dialogs that nobody asked for (``exploring``).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mock_server.agent.goal import Goal
from mock_server.agent.grounding import is_text_field
from mock_server.agent.lexicon import CALLED_SO, passage_likeness
from mock_server.agent.observation import Element, Observation
from mock_server.agent.planner.model import Decision, Memory, Situation, act

_ANSWERS: Final = frozenset(("confirm", "accept", "agree", "continue", "proceed"))
_NO: Final = re.compile(
    r"^(?:cancel|no|keep|close|dismiss|back|go back|never\s?mind|not now|later|don'?t|do not|abort|stay|undo|[x×✕✖])"  # noqa: RUF001 - matched against what pages hold, not read by people
    r"(?:\W|$)",
    re.IGNORECASE,
)
_YES: Final = re.compile(
    r"^(?:yes|ok|okay|confirm|continue|proceed|agree|accept|sure|apply|i am sure|i'm sure|done)\b", re.IGNORECASE
)
_PLACED: Final = re.compile(
    r"\b(?:in|on)\s+(?:the\s+|this\s+|that\s+)?(?:\w+\s+)?(?:dialog|popup|pop-up|modal|window|box)\b", re.IGNORECASE
)


def answer_dialog(at: Situation) -> Decision | None:
    """*… and confirm*: the control of the open dialog that says yes to what was asked before; None without one."""
    intent = at.intent
    verb = intent.value.split(maxsplit=1)[0] if intent.value else ""
    if verb not in _ANSWERS or not at.page.dialog_open or at.worked:
        return None
    if intent.target.phrase and not _PLACED.search(intent.text) and intent.target.phrase != intent.about:
        return None
    earlier = [one.value or one.text for one in at.goal.intents[: at.index] if one.kind in ("operate", "click")]
    yes = affirmative(at.page, earlier[-1] if earlier else "")
    if yes is None:
        return None
    reasoning = f"The page asks back; {yes.name!r} says yes."
    return act(reasoning, at.move("click", reasoning, yes))


def affirmative(page: Observation, asked: str) -> Element | None:
    """Return the control of the open dialog that says yes: it repeats what was asked, says yes, or is left."""
    inside = [
        one
        for one in page.elements
        if one.in_dialog and one.interactable and not one.disabled and one.role in ("button", "link")
    ]
    others = [one for one in inside if one.name and not _NO.match(one.name.strip())]
    verb = asked.split(maxsplit=1)[0] if asked else ""
    repeating = [one for one in others if verb and passage_likeness(verb, one.name) >= CALLED_SO]
    said = [one for one in others if _YES.match(one.name.strip())]
    for found in (repeating, said, others):
        if len(found) == 1:
            return found[0]
    return None


def confirm(goal: Goal, page: Observation, memory: Memory) -> Decision | None:
    """Say yes where the last deed made the page ask back with the very word of it (*Delete* … *Keep*, *Delete*)."""
    last = memory.deeds[-1] if memory.deeds else None
    if last is None or last.action_type != "click" or last.explores or not page.dialog_open:
        return None
    position = min(last.intent, len(goal.intents) - 1)
    intent = goal.intents[position]
    inside = [one for one in page.elements if one.in_dialog and one.interactable]
    refusing = any(_NO.match(one.name.strip()) for one in inside if one.role == "button")
    if intent.kind != "operate" or not refusing or any(is_text_field(one) for one in inside):
        return None
    yes = affirmative(page, intent.value)
    if yes is None or yes.id == last.element_id or goal.forbidden:
        return None
    verb = intent.value.split(maxsplit=1)[0]
    if passage_likeness(verb, yes.name) < CALLED_SO and not _YES.match(yes.name.strip()):
        return None
    at = Situation(goal, intent, position, page, memory)
    reasoning = f"{intent.text!r} was done, but the page asks back; {yes.name!r} says yes."
    return replace(act(reasoning, at.move("click", reasoning, yes)), stage="Answer what the page asks back.")
