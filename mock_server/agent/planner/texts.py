"""Intents that type: into the fields they name, into the one that is meant, into the search field.

Owns: finding the field for a text. Must not: fill whole forms (``forms``).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mock_server.agent.goal import FieldValue, Target
from mock_server.agent.grounding import ground, is_text_field
from mock_server.agent.lexicon import EXACT, label_likeness
from mock_server.agent.observation import Element
from mock_server.agent.planner import choosing
from mock_server.agent.planner.calendars import day_of, pick_day
from mock_server.agent.planner.choosing import option_for, plainer
from mock_server.agent.planner.exploring import explore, not_found, search_field
from mock_server.agent.planner.fields import FILLABLE, assign, fill, fillable, is_secret, offer, untangle
from mock_server.agent.planner.model import Decision, Situation, act, give_up, skip
from mock_server.agent.planner.passages import read_passage
from mock_server.agent.planner.quantities import adjust
from mock_server.agent.planner.sliders import slide

_BEHIND: Final = re.compile(r"\s+(?:as|for|in|into|under)\s+(?:the\s+|my\s+|your\s+)?", re.IGNORECASE)


def type_text(at: Situation) -> Decision:
    """Type one value, or several into the fields they name."""
    intent = at.intent
    if intent.choices:
        return _type_matching(at)
    if intent.fields:
        return _type_fields(at)
    if intent.value and intent.target.empty and intent.passage is None and f'"{intent.value}"' not in intent.text:
        if several := _several(at):
            return _type_fields(replace(at, intent=replace(intent, fields=several)))
        if (placed := _placed_behind(at)) is not None:
            return _type_one(replace(at, intent=replace(intent, value=placed[0], target=placed[1])))
    return _type_one(at)


def _type_one(at: Situation) -> Decision:  # noqa: PLR0911 - one return for each thing that may be typed
    """Type one value into the field that is named, or the one that is meant."""
    intent = at.intent
    value = _value_of(at)
    if isinstance(value, Decision):
        return value
    called = intent.target.phrase or intent.target.name
    moved = slide(at, called, value) or adjust(at, called, value) if called else None
    if moved is not None:
        return moved
    field = _field_for(at)
    if field is None:
        wanted = intent.target.phrase or intent.target.name or "a text field"
        return explore(at, wanted, reason=not_found(at, wanted))
    if intent.target.every and len(both := _alike(at, field[0])) > 1:
        moves = [
            fill(at, one, value, f"{one.name or one.role!r} is one of them.", completes=one is both[-1]) for one in both
        ]
        return act("It goes into all of them.", *(move for move in moves if move is not None))
    element, why = field
    if element.role == "combobox" and element.tag != "select" and not is_text_field(element):
        return choosing.select(replace(at, intent=replace(intent, kind="select", choices=(Target(value, value),))))
    if element.readonly and day_of(value):
        days = pick_day(at, value, element, completes=True)
        return act(days[0].action.reasoning, *days) if days else give_up(not_found(at, value))
    reasoning = f"The prompt says {_masked_text(at, element)}; {element.name or element.role!r} is the field: {why}."
    move = fill(at, element, value, reasoning, completes=True)
    if move is None:
        names = ", ".join(repr(option.label) for option in element.options[:12])
        return give_up(f"{element.name!r} has no choice {value!r}, it was not found. It offers: {names}.")
    return act(reasoning, move)


def _several(at: Situation) -> tuple[FieldValue, ...]:
    """The values in a text that is a list of fields and what goes into them (*street Quay 3, town Oslo*)."""
    fields = fillable(at)
    values = untangle((FieldValue("", at.intent.value),), fields)
    return values if len(values) > 1 and not assign(values, fields)[1] else ()


def _placed_behind(at: Situation) -> tuple[str, Target] | None:
    """*Bo Ek as skipper* where the page has a field *Skipper*: the value, and the field behind it."""
    for match in _BEHIND.finditer(at.intent.value):
        value, place = at.intent.value[: match.start()].strip(), at.intent.value[match.end() :].strip()
        fields = fillable(at) if value and place else []
        if any(label_likeness(place, text) >= EXACT for field in fields for text in (field.name, *field.labels[:1])):
            return value, Target(phrase=place, name=place)
    return None


def _value_of(at: Situation) -> str | Decision:
    """What is to be typed: as it stands, as the page shows it, or as it was found before."""
    intent = at.intent
    if intent.passage is not None:
        wanted = intent.passage.name or intent.text
        reason = f"The page {at.page.title!r} does not show what {intent.text!r} speaks of."
        return read_passage(at, intent.passage) or explore(at, wanted, reason=reason)
    if not intent.refers_back:
        return intent.value
    return at.memory.found or give_up(
        f"The prompt says {intent.text!r}, but nothing was found before that could be typed. Put the "
        f"text into the prompt."
    )


def select(at: Situation) -> Decision:
    """Choose what is named; an entry told by its letters only may have to be typed to be offered."""
    choices = at.intent.choices
    place = at.intent.target.phrase
    if (
        "slider" in place.casefold()
        and choices
        and (moved := slide(at, place, " ".join(one.phrase for one in choices)))
    ):
        return moved
    told = [one for one in choices if one.starts or one.ends or one.contains]
    listed = any(option_for(element, one) for one in told for element in at.page.elements if element.tag == "select")
    if len(choices) == 1 and told and not listed and not ground(told[0], at.page, "check").best:
        return _type_matching(at)
    return choosing.select(at)


def _masked_text(at: Situation, element: Element) -> str:
    return "so" if is_secret(element) else repr(at.intent.text)


def _field_for(at: Situation) -> tuple[Element, str] | None:
    target = at.intent.target
    if not target.empty:
        match = ground(target, at.page, "type", about=at.intent.about, pool=_fields_called(at, target)).best
        if match is None:
            match = ground(
                target,
                at.page,
                "select",
                pool=[element for element in at.page.elements if element.role in FILLABLE],
                about=at.intent.about,
            ).best
        if match is None and (plain := plainer(target)) is not None:
            return _field_for(replace(at, intent=replace(at.intent, target=plain)))
        if match is not None:
            return match.element, match.why
        if target.name and not target.roles:
            return None
    fields = [
        element
        for element in at.page.elements
        if is_text_field(element) and not element.disabled and not element.readonly
    ]
    focused = next((element for element in fields if element.focused), None)
    if focused is not None:
        return focused, "it has the focus"
    empty = [element for element in fields if not element.value]
    if empty:
        return empty[0], "it is the first that is empty"
    return (fields[0], "it is the only one") if fields else None


def _alike(at: Situation, field: Element) -> list[Element]:
    """The fields *both text fields* means: those of the form the first of them is in, of one line each."""
    fields = [one for one in fillable(at) if is_text_field(one) and one.form == field.form and one.tag == field.tag]
    secret = [one for one in fields if is_secret(one)]
    return secret if len(secret) > 1 else fields


def _fields_called(at: Situation, target: Target) -> list[Element] | None:
    """*The text field*, nothing more, is the one of a single line, and not the one the text was read from."""
    if target.name or target.ordinal or target.anchor or "area" in target.phrase.casefold():
        return None
    lines = [element for element in at.page.elements if is_text_field(element) and element.tag == "input"]
    return [element for element in lines if not element.readonly and not element.value] or lines or None


def _type_fields(at: Situation) -> Decision:
    fields = fillable(at)
    pairs, left = assign(at.intent.fields, fields)
    if not pairs:
        wanted = at.intent.fields[0].name or at.intent.fields[0].value
        return explore(at, wanted, reason=not_found(at, wanted))
    if left:
        names = ", ".join(repr(value.name or value.value) for value in left)
        return explore(
            at,
            left[0].name or left[0].value,
            reason=f"The page has no field for {names}, none was found. {offer(fields)}",
        )
    moves = [
        fill(
            at,
            element,
            text,
            f"{value.name or 'It'!r} goes into {element.name or element.role!r}.",
            completes=index == len(pairs) - 1,
        )
        for index, (value, element, text) in enumerate(pairs)
    ]
    return act("Fill in what the prompt gives.", *(move for move in moves if move is not None))


def _type_matching(at: Situation) -> Decision:
    """*Enter an item that starts with X*: type the start, then take the suggestion that fits."""
    wanted = at.intent.choices[0]
    shown = [
        element
        for element in at.page.elements
        if element.interactable and not is_text_field(element) and element.tag != "select"
    ]
    if at.worked:
        offered = ground(replace(wanted, roles=()), at.page, "click", pool=shown).best
        if offered is not None:
            return act(
                "Take the suggestion.",
                at.move("click", f"{offered.element.name!r} fits {wanted.phrase!r}.", offered.element),
            )
        if len(at.worked) > 1:  # typed, and looked once more
            return give_up(f"Typing {wanted.starts!r} offered nothing that fits {wanted.phrase!r}; it was not found.")
    noun = Target(phrase=wanted.name, name=wanted.name) if wanted.name else Target()
    named = _field_for(replace(at, intent=replace(at.intent, target=noun)))
    field = named or _field_for(replace(at, intent=replace(at.intent, target=Target())))
    if field is None:
        return explore(at, wanted.phrase)
    for element in (field[0],):
        option = option_for(element, wanted)
        if option is not None:
            return act(
                "Take the suggestion.",
                replace(
                    at.move("input_text", f"{option.label!r} fits.", element, text=option.label), text=option.label
                ),
            )
    text = wanted.starts or wanted.contains or wanted.ends
    move = at.move(
        "input_text", f"Type {text!r} to see what is offered.", field[0], text=text, completes=False, by_key=True
    )
    return act(f"Type {text!r}.", replace(move, text=text))


def search(at: Situation) -> Decision:
    """Type into the site's search field and send it."""
    field = search_field(at)
    if field is None:
        if at.worked:
            return skip("The search was opened.")
        return explore(
            at,
            "search",
            reason=(
                f"No search field was found on {at.page.title!r}. Give the URL of a page that has "
                f"one, or say where to click instead."
            ),
        )
    reasoning = f"{field.name or 'The field'!r} searches the site."
    move = at.move("input_text", reasoning, field, text=at.intent.value, completes=True, then_press="Enter", sends=True)
    return act(reasoning, replace(move, text=at.intent.value))
