"""Intents that choose: from lists, among radio buttons, by ticking.

Owns: finding which control offers what is to be chosen, and choosing it the way that
control wants. Must not: fill text (``forms``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mock_server.agent.goal import Intent, Target
from mock_server.agent.grounding import FITS, Match, ground, is_text_field
from mock_server.agent.lexicon import CALLED_SO, contains, fold, likeness, words
from mock_server.agent.observation import Element, Option
from mock_server.agent.planner.calendars import day_of, pick_day
from mock_server.agent.planner.exploring import explore, not_found
from mock_server.agent.planner.model import Decision, Move, Situation, act, give_up, skip

_KINDS_OF_FIELD: Final = frozenset(
    ("date", "day", "time", "field", "box", "value", "number", "input", "slider", "list")
)
_ROW: Final = 16
"""Words of a row of choices; what has more is a section of the page."""
_OPENS: Final = frozenset(("combobox", "button", "listbox"))
_DECLARATIONS: Final = frozenset(
    ("confirmation", "consent", "agreement", "declaration", "terms", "conditions", "terms and conditions", "box")
)
_TICKED: Final = frozenset(("radio", "checkbox", "switch", "menuitemradio", "option"))
_CHOICES: Final = frozenset(("option", "menuitem", "menuitemradio", "treeitem", "gridcell", "tab", "radio"))


def option_for(field: Element, target: Target) -> Option | None:
    """Return the choice of a native list that ``target`` means."""
    choices = [option for option in field.options if not option.disabled]
    if target.ordinal is not None and not target.name:
        index = target.ordinal - 1 if target.ordinal > 0 else len(choices) + target.ordinal
        return choices[index] if 0 <= index < len(choices) else None
    wanted = target.name or target.phrase
    best: tuple[float, Option] | None = None
    for option in choices:
        score = max(likeness(wanted, option.label), 0.97 * likeness(wanted, option.value))
        if target.starts or target.ends or target.contains:
            low = option.label.casefold()
            fits = (
                low.startswith(target.starts.casefold())
                and low.endswith(target.ends.casefold())
                and target.contains.casefold() in low
            )
            score = 0.95 if fits else 0.0
        if best is None or score > best[0]:
            best = (score, option)
    return best[1] if best is not None and best[0] >= FITS + 0.1 else None


def select(at: Situation) -> Decision:
    """Choose what is named, wherever the page offers it."""
    intent = at.intent
    if intent.value == "nothing":
        return _select_nothing(at)
    if len(intent.choices) == 1 and intent.choices[0].every:
        return tick(replace(at, intent=replace(intent, kind="check")))
    lists = _lists(at)
    return _several(at, lists) or _one_by_one(at, lists)


def _select_nothing(at: Situation) -> Decision:
    ticked = [box for box in at.page.elements if box.checked and box.role == "checkbox" and not box.disabled]
    if not ticked:
        return skip("Nothing is to be selected, and nothing is.")
    why = "Nothing is to be selected."
    return act(why, *(at.move("checkbox", why, box, is_checked=False, completes=box is ticked[-1]) for box in ticked))


def _one_by_one(at: Situation, lists: list[Element]) -> Decision:
    done = {deed.text for deed in at.worked if deed.text}
    left = [choice for choice in at.intent.choices if (choice.name or choice.phrase) not in done]
    if not left:
        return skip("All of it was chosen.")
    moves: list[Move] = []
    for choice in left:
        days = _day(at, choice, last=choice is left[-1])
        if days:
            moves.extend(days)
            break  # the calendar may look different now
        move = _choose(at, choice, lists, last=choice is left[-1])
        if move is None:
            break
        moves.append(move)
        if not move.completes and move.action.text != (choice.name or choice.phrase):
            break  # the list has to open first
    if moves:
        return act(moves[0].action.reasoning, *moves)
    wanted = left[0].phrase or left[0].name
    offered = next((element for element in lists if element.options), None)
    if offered is not None and not at.intent.target.empty:
        names = ", ".join(repr(option.label) for option in offered.options[:12])
        name = offered.name or "The list"
        return give_up(f"{name!r} has no choice {wanted!r}, it was not found. It offers: {names}.")
    return explore(at, wanted, reason=not_found(at, wanted))


def _lists(at: Situation) -> list[Element]:
    """The lists that may be meant, the one that was named first."""
    lists = [
        element
        for element in at.page.elements
        if element.interactable
        and not element.disabled
        and (element.options or element.role in ("combobox", "listbox"))
    ]
    place = at.intent.target
    if place.name or place.ordinal:
        named = ground(replace(place, roles=()), at.page, "select", pool=lists, about=at.intent.about).best
        if named is not None:
            return [named.element]
    return lists


def _several(at: Situation, lists: list[Element]) -> Decision | None:
    """Several choices of one list that takes several."""
    if len(at.intent.choices) <= 1:
        return None
    for element in lists:
        if not element.multiple:
            continue
        options = [option_for(element, choice) for choice in at.intent.choices]
        if all(option is not None for option in options):
            labels = tuple(option.label for option in options if option is not None)
            reasoning = f"The list {element.name or element.role!r} offers all of {', '.join(labels)}."
            option = {"label": ", ".join(labels)}
            return act(
                reasoning,
                at.move("select_option", reasoning, element, values=labels, option=option, text=", ".join(labels)),
            )
    return None


def _choose(at: Situation, choice: Target, lists: list[Element], *, last: bool) -> Move | None:
    """The next move towards ``choice``; ``completes`` is false if it only opens something."""
    wanted = choice.name or choice.phrase
    return (
        _from_list(at, choice, lists, last=last)
        or _by_tick(at, choice, last=last)
        or _of_group(at, choice, last=last)
        or _as_value(at, choice, wanted, last=last)
        or _offered(at, choice, _CHOICES, last=last)
        or _opener(at, lists)
        or _offered(at, choice, None, last=last)
    )


def _from_list(at: Situation, choice: Target, lists: list[Element], *, last: bool) -> Move | None:
    for element in lists:
        option = option_for(element, choice) if element.tag == "select" else None
        if option is not None:
            reasoning = f"The list {element.name or element.role!r} offers {option.label!r}."
            return at.choice(element, option, reasoning, text=choice.name or choice.phrase, completes=last)
    return None


def _by_tick(at: Situation, choice: Target, *, last: bool) -> Move | None:
    match, wanted = ground(choice, at.page, "check", about=at.intent.about).best, choice.name or choice.phrase
    if match is None or match.score < CALLED_SO:
        return None
    if match.element.role == "option":
        return _click(at, match, wanted, completes=last)
    reasoning = f"{match.element.name!r} is what is to be selected: {match.why}."
    return at.move("checkbox", reasoning, match.element, is_checked=True, text=wanted, completes=last)


def _of_group(at: Situation, choice: Target, *, last: bool) -> Move | None:
    """*Express delivery* where *Express* stands under the heading *Delivery*: group and choice say it together."""
    wanted = choice.name or choice.phrase
    for element in at.page.elements:
        if element.role not in _TICKED or not element.interactable or element.disabled:
            continue
        if belongs(wanted, element) or _beside(at, wanted, element):
            reasoning = f"{element.name!r} is the choice of that name in its group."
            if element.tag != "input" and element.checked is None:
                return at.move("click", reasoning, element, text=wanted, completes=last)
            return at.move("checkbox", reasoning, element, is_checked=True, text=wanted, completes=last)
    return None


def _beside(at: Situation, wanted: str, element: Element) -> bool:
    """Whether what heads the choices is plain text in the same row (*Theme: Light Dark*), not a label of the group."""
    x, y = element.box.center
    rows = (
        other.name
        for other in at.page.elements
        if not other.interactable
        and other.id != element.id
        and contains(other.name, element.name)
        and len(words(other.name)) <= _ROW
        and other.box.x <= x <= other.box.x + other.box.width
        and other.box.y <= y <= other.box.y + other.box.height
    )
    return any(belongs(wanted, element, row) for row in rows)


def belongs(wanted: str, element: Element, row: str = "") -> bool:
    """Whether ``wanted`` is the beginning of a choice's own label together with words of what heads its group.

    ``row`` is the text of the row it stands in, where that is all there is to tell the group by.
    """
    own_words = {fold(word) for word in words(element.name)}
    heads = {word for label in element.labels if not contains(element.name, label) for word in words(label)}
    heads |= {word for word in words(row) if fold(word) not in own_words}
    asked = words(wanted)
    rest = [word for word in asked if not any(likeness(word, head) >= CALLED_SO for head in heads)]
    own = list(words(element.name))[: len(rest)]
    return 0 < len(rest) < len(asked) and [fold(word) for word in own] == [fold(word) for word in rest]


def _offered(at: Situation, choice: Target, roles: frozenset[str] | None, *, last: bool) -> Move | None:
    """An entry of an open list; without ``roles`` anything that is called so."""
    pool = None if roles is None else [one for one in at.page.elements if one.interactable and one.role in roles]
    match = ground(choice, at.page, "click", pool=pool, about=at.intent.about).best
    if match is None or (not match.element.interactable and _holds_choices(at, match.element)):
        return None
    return _click(at, match, choice.name or choice.phrase, completes=last)


def _holds_choices(at: Situation, element: Element) -> bool:
    """Whether it is only what surrounds several choices: clicking it chooses none of them."""
    box = element.box
    inside = [
        other
        for other in at.page.elements
        if other.role in _TICKED
        and other.interactable
        and box.x <= other.box.center[0] <= box.x + box.width
        and box.y <= other.box.center[1] <= box.y + box.height
    ]
    return len(inside) > 1


def _click(at: Situation, match: Match, wanted: str, *, completes: bool) -> Move:
    return at.move(
        "click",
        f"{match.element.name!r} is what is to be selected: {match.why}.",
        match.element,
        text=wanted,
        completes=completes,
        confidence=match.score,
    )


def _as_value(at: Situation, choice: Target, wanted: str, *, last: bool) -> Move | None:
    """A field that takes the choice as its value: a spinner, a date field, a slider."""
    place = at.intent.target
    if place.empty and not place.name:
        return None
    fields = [
        element for element in at.page.elements if is_text_field(element) or element.role in ("slider", "date", "time")
    ]
    match = ground(place, at.page, "select", pool=fields, about=at.intent.about).best
    if match is None:
        kinds = [
            element
            for element in fields
            if element.role in ("spinbutton", "slider", "date", "time") and element.role in (*place.roles, place.name)
        ]
        match = Match(kinds[0], FITS, "it is the only one of its kind") if len(kinds) == 1 else None
    if match is None or match.element.readonly or match.element.role == "combobox":
        return None
    move = at.move(
        "input_text",
        f"{match.element.name or match.element.role!r} takes {wanted!r} as its value: {match.why}.",
        match.element,
        text=wanted,
        completes=last,
    )
    return replace(move, text=choice.name or choice.phrase)


def _day(at: Situation, choice: Target, *, last: bool) -> list[Move]:
    """The next moves towards a day, where it is picked in a calendar rather than typed."""
    wanted = choice.phrase if day_of(choice.phrase) else choice.name
    if day_of(wanted) is None or any(
        option_for(element, choice) for element in at.page.elements if element.tag == "select"
    ):
        return []
    field = date_field(at, at.intent.target)
    if field is not None and not field.readonly and field.role != "button":
        return []
    return pick_day(at, wanted, field, completes=last)


def plainer(place: Target) -> Target | None:
    """*The arrival date* without its last word, where a field may be called *Arrival*."""
    first, _, last = place.name.rpartition(" ")
    if not first or last.casefold() not in _KINDS_OF_FIELD:
        return None
    return replace(place, name=first, phrase=first, roles=())


def date_field(at: Situation, place: Target) -> Element | None:
    """The field a day belongs to: the one that is named, else the one that looks it."""
    fields = [
        element
        for element in at.page.elements
        if element.interactable
        and not element.disabled
        and (is_text_field(element) or _may_open(element) or element.input_type in ("date", "datetime-local"))
    ]
    if place.name or place.ordinal:
        named = ground(replace(place, roles=()), at.page, "select", pool=fields, about=at.intent.about).best
        if named is not None:
            return named.element
        if (plain := plainer(place)) is not None:
            return date_field(at, plain)
    dated = ground(Target(phrase="date", name="date"), at.page, "select", pool=fields).best
    if dated is not None:
        return dated.element
    closed = [element for element in fields if element.readonly]
    return closed[0] if len(closed) == 1 else None


def _may_open(element: Element) -> bool:
    return element.expanded is False or element.readonly or element.attributes.get("aria-haspopup", "false") != "false"


def _opener(at: Situation, lists: list[Element]) -> Move | None:
    """Something closed that may hold the choices: a custom list box, a date field's calendar."""
    place = at.intent.target
    pool = [
        element
        for element in at.page.elements
        if element.interactable and not element.disabled and element.tag != "select" and not at.tried(element)
        and (element in lists or _may_open(element))
    ]  # fmt: skip
    if not pool:
        return None
    named = ground(replace(place, roles=()), at.page, "select", pool=pool).best if place.name else None
    chosen = named.element if named is not None else next((element for element in pool if element.role in _OPENS), None)
    if chosen is None:
        return None
    return at.move("click", f"Open {chosen.name or chosen.role!r} to see its choices.", chosen, completes=False)


def tick(at: Situation) -> Decision:
    """Tick or untick what is named; what is already so is left alone."""
    intent = at.intent
    wanted = intent.kind == "check"
    boxes: list[tuple[Element, str]] = []
    for choice in intent.choices:
        if choice.every or (not choice.name and choice.ordinal is None):
            boxes.extend(_every(at, choice))
            continue
        match = ground(choice, at.page, "check", about=intent.about).best or _only_box(at, choice)
        if match is None:
            label = choice.phrase or choice.name
            if any(bool(box.checked) is not wanted and not at.tried(box) for box, _ in boxes):
                break  # first what was found; what looks like no box may be what sends them
            return _by_click(at, intent, choice) or explore(at, label, reason=not_found(at, label))
        boxes.append((match.element, match.why))
    todo = [(element, why) for element, why in boxes if bool(element.checked) is not wanted and not at.tried(element)]
    if not todo:
        return skip(f"It is already {'ticked' if wanted else 'unticked'}.") if boxes else explore(at, intent.text)
    verb = "Tick" if wanted else "Untick"
    moves = [
        at.move(
            "checkbox",
            f"{verb} {element.name[:60]!r}: {why}.",
            element,
            is_checked=wanted,
            completes=index == len(todo) - 1 and len(boxes) >= len(intent.choices),
        )
        for index, (element, why) in enumerate(todo)
    ]
    return act(moves[0].action.reasoning, *moves)


def _only_box(at: Situation, choice: Target) -> Match | None:
    """*Tick the confirmation*: what kind of box it is, where there is but one."""
    boxes = [one for one in at.page.elements if one.role == "checkbox" and one.interactable and not one.disabled]
    if len(boxes) != 1 or fold(choice.name) not in _DECLARATIONS:
        return None
    return Match(boxes[0], FITS, "it is the only box there is")


def _every(at: Situation, choice: Target) -> list[tuple[Element, str]]:
    found: list[tuple[Element, str]] = []
    for element in at.page.elements:
        if (
            element.role not in ("checkbox", "switch", "menuitemcheckbox")
            or element.disabled
            or not element.interactable
        ):
            continue
        if any(likeness(name, element.name) >= FITS for name in choice.excluded):
            continue
        if (
            choice.name
            and likeness(choice.name, element.name) < FITS
            and likeness(choice.name, " ".join(element.labels[1:])) < FITS
        ):
            continue
        found.append((element, "it is one of them"))
    if not found and choice.name:
        return _every(at, replace(choice, name=""))
    return found


def _by_click(at: Situation, intent: Intent, choice: Target) -> Decision | None:
    match = ground(choice, at.page, "click", about=intent.about).best
    if match is None or not match.element.interactable:
        return None
    return act("Click it.", at.move("click", f"{match.element.name!r} is what is named: {match.why}.", match.element))
