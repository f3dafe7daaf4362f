"""What is still owed when every instruction was followed.

Owns: the last look: a form that was refused, and an entry that was made but not sent.
Must not: send what the prompt does not want sent.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mock_server.agent.evidence import errors_in, refusals_in
from mock_server.agent.goal import Goal
from mock_server.agent.grounding import FITS, is_text_field
from mock_server.agent.lexicon import contains, likeness
from mock_server.agent.observation import Element, Observation
from mock_server.agent.planner.model import Decision, Memory, Situation, act, give_up

_FILLING: Final = frozenset(("type", "select", "check", "uncheck", "locate"))
_FILLED: Final = frozenset(("input_text", "select_option", "checkbox"))
_ENTERING: Final = "enter"


def refused(goal: Goal, page: Observation, memory: Memory) -> Decision | None:
    """Return the end of a run whose last deed was refused: by an alert, or by a page that says so at its top."""
    last = memory.deeds[-1] if memory.deeds else None
    if last is None or last.action_type not in ("click", "keypress") or last.explores:
        return None
    filled = any(deed.action_type in _FILLED for deed in memory.deeds)
    news = [line for line in page.lines if line.text not in memory.lines]
    said = errors_in(line.text for line in news if line.kind == "alert")
    if not filled:
        said = refusals_in(line.text for line in news if line.kind == "alert" or line.level in (1, 2))
    said = [text for text in said if not contains(goal.prompt, text)]
    if not said:
        return None
    text = goal.intents[min(last.intent, len(goal.intents) - 1)].text
    rest = [line.text for line in news if line.kind == "paragraph" and line.text not in said]
    more = refusals_in(rest)
    told = "; ".join(dict.fromkeys([*said, *more[:1]]))
    advice = (
        "Correct the values in the prompt." if filled else "See to it that it is allowed, then start the task again."
    )
    return give_up(f"{text!r} was done, but the page says: {told!r}. {advice}", *said)


def unsent(goal: Goal, page: Observation, memory: Memory) -> Decision | None:
    """Return the end of a run whose last deed was to send a form, which the browser did not send."""
    last = memory.deeds[-1] if memory.deeds else None
    if last is None or last.action_type not in ("click", "keypress") or last.explores or last.before != last.after:
        return None
    wrong = [element for element in page.elements if element.form and element.invalid]
    sent = {
        element.form
        for element in page.elements
        if element.role == "button" and (last.sends or likeness(last.name, element.name) >= FITS)
    }
    names = list(dict.fromkeys(repr(element.name) for element in wrong if element.form in sent))
    if not names:
        return None
    text = goal.intents[min(last.intent, len(goal.intents) - 1)].text
    told = f"{text!r} was done, but the form was not sent: the page does not accept {', '.join(names)} as they are."
    return give_up(f"{told} Say in the prompt what to enter there.")


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
