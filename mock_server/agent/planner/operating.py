"""Intents for which the page has a control of its own: delete, add to cart, reply.

Owns: finding the control among those that belong to the thing that is named. Must not:
follow links for their own sake (``moving``).
"""

from __future__ import annotations

from dataclasses import replace

from mock_server.agent.goal import Target
from mock_server.agent.goal.words import PRONOUNS
from mock_server.agent.grounding import FITS, Match, ground, is_text_field
from mock_server.agent.lexicon import CALLED_SO, MOSTLY, likeness, passage_likeness
from mock_server.agent.observation import Element
from mock_server.agent.planner.confirming import answer_dialog
from mock_server.agent.planner.exploring import explore, not_found
from mock_server.agent.planner.fields import assign, fill, fillable
from mock_server.agent.planner.model import Decision, Situation, act, skip
from mock_server.agent.planner.pointing import entry_of, find
from mock_server.agent.planner.quantities import order
from mock_server.agent.recognition import ground_record


def operate(at: Situation) -> Decision:
    """Use the control the page has for a verb (*delete*, *add to cart*) on the thing that is named."""
    intent = at.intent
    ordered = order(at) or answer_dialog(at)
    if ordered is not None:
        return ordered
    things = intent.choices or (intent.target,)
    done = len([deed for deed in at.worked if deed.action_type == "click" and deed.text != "open"])
    thing = entry_of(things[min(done // max(1, intent.count), len(things) - 1)])
    if (thing.phrase or thing.name).casefold() in PRONOUNS:
        thing = Target(phrase=intent.about, name=intent.about)
    phrase = thing.phrase or thing.name
    control = _control(at, intent.value, thing, phrase)
    if control is not None:
        return _use(at, control, left=len(things) * intent.count - done)
    if phrase and not any(deed.text == "open" for deed in at.deeds):
        match = find(at, thing)
        if match is not None and match.element.interactable:
            reasoning = f"Open {phrase!r} to look for a way to {intent.value}."
            return act(reasoning, at.move("click", reasoning, match.element, completes=False, text="open"))
    wanted = intent.value if not phrase or _about_page(at, phrase) else phrase
    searchable = thing.name if thing.quoted else ""
    reason = f"Nothing on the page does {intent.text!r}. {not_found(at, wanted)}"
    return explore(at, wanted, entries=True, searchable=searchable, reason=reason)


def _use(at: Situation, control: Match, *, left: int) -> Decision:
    """Use the control, as often as is left, or once with the number in the field beside it."""
    intent, element = at.intent, control.element
    reasoning = f"The prompt says {intent.text!r}; {element.name[:60]!r} does that: {control.why}."
    beside = [one for one in at.page.elements if one.form and one.form == element.form]
    field = ground(Target(name="quantity"), at.page, "select", pool=beside).best if intent.count > 1 else None
    number = fill(at, field.element, str(intent.count), "That many are wanted.", completes=False) if field else None
    if number is not None:
        press = at.move("click", reasoning, element, completes=left <= intent.count, confidence=control.score)
        return act(reasoning, number, press)
    return act(reasoning, at.move("click", reasoning, element, completes=left <= 1, confidence=control.score))


def _control(at: Situation, verb: str, thing: Target, phrase: str) -> Match | None:
    """The control named after the verb, among those of the thing if the thing is one entry of several."""
    named = [one for one in at.page.elements if one.interactable and not one.disabled and _does(one, verb)]
    if phrase:
        found = ground_record(thing, at.page)
        own = [one for one in named if found is not None and one.id in found[1].element_ids]
        said = found is not None and passage_likeness(phrase, found[1].text) >= MOSTLY
        if own and (thing.extreme or thing.ordinal or said):
            named = own
        elif not _about_page(at, phrase) and not any(passage_likeness(phrase, one.name) >= MOSTLY for one in named):
            return None
    matches = [
        best
        for name in (f"{verb} {phrase}".strip(), verb, verb.split(maxsplit=1)[0])
        if (best := ground(Target(phrase=name, name=name), at.page, "click", pool=named).best) is not None
    ]
    return max(matches, key=lambda match: match.score, default=None)


def _does(element: Element, verb: str) -> bool:
    """Whether the element is called after the verb: by its first word, its whole, or another word for it."""
    if is_text_field(element):
        return False
    texts = (
        element.name,
        element.text,
        element.attributes.get("title", ""),
        *element.attributes.get("class", "").split()[:6],
    )
    first = verb.split(maxsplit=1)[0]
    return any(passage_likeness(first, text) >= CALLED_SO or likeness(verb, text) >= FITS for text in texts if text)


def _about_page(at: Situation, phrase: str) -> bool:
    """Whether the page as a whole is about the thing (a product's or message's own page)."""
    headings = [line.text for line in at.page.lines if line.kind == "heading" and line.level in (1, 2)]
    return any(passage_likeness(phrase, text) >= MOSTLY for text in (at.page.title, *headings))


def compose(at: Situation) -> Decision:
    """Write a text and send it: reply, comment, post."""
    intent = at.intent
    if any(deed.sends for deed in at.deeds):
        return skip("The text was sent.")
    areas = [
        element
        for element in fillable(at)
        if element.tag == "textarea" or (element.role == "textbox" and element.tag not in ("input", "select"))
    ]
    area = next((element for element in areas if not element.value), areas[0] if areas else None)
    if intent.fields:
        return _addressed(at)
    if area is not None:
        move = fill(at, area, intent.value, f"The text goes into {area.name or 'the text area'!r}.", completes=False)
        inside = [
            element
            for element in at.page.elements
            if element.interactable
            and element.role in ("button", "link")
            and (not area.form or element.form == area.form)
        ]
        button = next(
            (
                best.element
                for name in ("send", intent.direction, "submit")
                if (best := ground(Target(name=name), at.page, "click", pool=inside or None).best) is not None
            ),
            None,
        )
        if button is None:
            anywhere = ground(Target(name="send"), at.page, "click").best
            button = anywhere.element if anywhere is not None else None
        if move is not None and not intent.submit:
            return act("Write the text.", replace(move, completes=True))
        if move is not None and button is not None:
            return act(
                "Write the text and send it.",
                move,
                at.move("click", f"{button.name!r} sends it.", button, sends=True, completes=True),
            )
        if move is not None:
            return act(
                "Write the text and send it.",
                move,
                at.move("keypress", "Enter sends it.", area, keys=("Enter",), sends=True, completes=True),
            )
    return _towards_writing(at)


def _addressed(at: Situation) -> Decision:
    """Write to whom it goes, and a text if one is given, and send it."""
    fields = fillable(at)
    pairs, left = assign(at.intent.fields, fields)
    if not pairs and len(fields) > 0 and at.worked:
        texts = [field for field in fields if is_text_field(field) and field.tag != "textarea"]
        pairs = [(at.intent.fields[0], texts[0], at.intent.fields[0].value)] if len(texts) == 1 else []
        left = [] if pairs else left
    if not pairs or left:
        return _towards_writing(at)
    moves = [
        move
        for value, element, text in pairs
        if (move := fill(at, element, text, f"{value.value!r} is who it goes to.", completes=False)) is not None
    ]
    form = pairs[0][1].form
    inside = [one for one in at.page.elements if one.interactable and not is_text_field(one) and (one.form == form)]
    for name in ("send", at.intent.direction, "submit"):
        best = ground(Target(name=name), at.page, "click", pool=inside).best
        if best is not None and not at.tried(best.element):
            sends = at.move("click", f"{best.element.name or name!r} sends it.", best.element, sends=True)
            return act("Write whom it goes to, and send it.", *moves, sends)
    last = at.move("keypress", "Enter sends it.", pairs[-1][1], keys=("Enter",), sends=True)
    return act("Write whom it goes to, and send it.", *moves, last)


def _towards_writing(at: Situation) -> Decision:
    """Open the entry that is meant, and what it is answered or passed on with."""
    intent = at.intent
    thing = entry_of(intent.target)
    about = intent.about or (thing.name or thing.phrase)
    control = ground(Target(name=intent.direction), at.page, "click", about=about).best
    if control is not None and not at.tried(control.element):
        return act(
            "Open the text area.",
            at.move(
                "click", f"{control.element.name!r} is where to {intent.direction}.", control.element, completes=False
            ),
        )
    match = find(at, Target(phrase=about, name=about)) if about else None
    if match is not None and not at.tried(match.element):
        return act(
            f"Open {about!r}.",
            at.move("click", f"{match.element.name[:60]!r} is it: {match.why}.", match.element, completes=False),
        )
    return explore(at, f"{intent.direction} {about}".strip())
