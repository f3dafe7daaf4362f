"""What is still owed when every instruction was followed.

Owns: the last look: a form that was refused, and an entry that was made but not sent.
Must not: send what the prompt does not want sent.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mock_server.agent.goal import Goal
from mock_server.agent.grounding import FITS, is_text_field
from mock_server.agent.lexicon import likeness
from mock_server.agent.observation import Element, Observation
from mock_server.agent.planner.model import Decision, Memory, Situation, act

_FILLING: Final = frozenset(("type", "select", "check", "uncheck", "locate"))
_ENTERING: Final = "enter"


def send_entry(goal: Goal, page: Observation, memory: Memory) -> Decision | None:
    """Send an entry (*Enter an item that …*) where the page is one form and its one button sends it.

    *Type* and *fill in* put text into a field and leave it there; to *enter* something is to
    hand it in.
    """
    intents = goal.intents
    if not intents or goal.forbidden or not all(intent.kind in _FILLING for intent in intents):
        return None
    last = intents[-1]
    if last.kind != "type" or not last.text.casefold().startswith(_ENTERING) or not (last.choices or last.fields):
        return None
    if any(deed.sends for deed in memory.deeds) or not memory.deeds:
        return None
    button = _only_button(page)
    if button is None:
        return None
    at = Situation(goal, last, len(intents) - 1, page, memory)
    reasoning = f"What was entered is not sent yet; {button.name!r}, the only button of the page, sends it."
    return replace(act(reasoning, at.move("click", reasoning, button, sends=True)), stage="Send what was entered.")


def _only_button(page: Observation) -> Element | None:
    """The button of a page that has just one, if it sends."""
    usable = [element for element in page.elements if element.interactable and not is_text_field(element)]
    buttons = [element for element in usable if element.role == "button"]
    if len(buttons) != 1 or any(element.role == "link" for element in usable) or buttons[0].disabled:
        return None
    only = buttons[0]
    return only if only.input_type == "submit" or likeness("submit", only.name) >= FITS else None
