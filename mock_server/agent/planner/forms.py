"""Intents that put text into fields and send forms.

Owns: which value goes into which field, what is filled with samples, when a form counts
as sent. Must not: sign in (``sessions``).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mock_server.agent.evidence import alerts, confirmations_in, errors_in
from mock_server.agent.goal import FieldValue, Target
from mock_server.agent.grounding import FITS, ground, is_text_field
from mock_server.agent.lexicon import label_likeness, likeness, passage_likeness
from mock_server.agent.observation import Element, Observation
from mock_server.agent.planner.choosing import option_for
from mock_server.agent.planner.exploring import explore, not_found, search_field
from mock_server.agent.planner.model import Decision, Move, Situation, act, give_up, skip
from mock_server.agent.planner.samples import is_placeholder, sample_for, sample_option

SECRET: Final = "*" * 8
_FILLABLE: Final = frozenset(
    (
        "textbox",
        "searchbox",
        "combobox",
        "listbox",
        "spinbutton",
        "checkbox",
        "radio",
        "switch",
        "date",
        "time",
        "color",
        "slider",
    )
)
_TRUE: Final = re.compile(r"^(?:yes|true|on|checked|x|1|agree|accept|✓)$", re.IGNORECASE)
_FALSE: Final = re.compile(r"^(?:no|false|off|unchecked|0|none)$", re.IGNORECASE)
_OPTIONAL: Final = re.compile(r"\boptional\b", re.IGNORECASE)
_OBVIOUS: Final = ("name", "email", "message", "subject", "first name", "last name", "comment")
_SENDS: Final = (
    "submit",
    "send",
    "save",
    "continue",
    "register",
    "sign up",
    "search",
    "apply",
    "book",
    "confirm",
    "next",
    "log in",
    "place order",
)
_NOT_SENDING: Final = re.compile(
    r"\b(?:cancel|reset|clear|back|close|delete|remove|forgot|show|hide|toggle|upload|browse|add another)\b",
    re.IGNORECASE,
)
_TRIES: Final = 3
_NO_PAGE: Final = Observation(url="", title="")
"""For scoring an element by itself."""


def is_secret(element: Element) -> bool:
    """Whether what is typed there must not be shown."""
    return element.input_type == "password" or "password" in element.autocomplete


def fill(
    at: Situation, element: Element, value: str, reasoning: str, *, completes: bool, sample: bool = False
) -> Move | None:
    """Return the move that puts ``value`` into a field of any kind; None if the field can't take it."""
    if element.tag == "select" or (element.role == "listbox" and element.options):
        option = option_for(element, Target(phrase=value, name=value))
        if option is None:
            return None
        return at.move(
            "select_option",
            reasoning,
            element,
            values=(option.label,),
            option={"label": option.label, "value": option.value},
            completes=completes,
            sample=sample,
        )
    if element.role in ("checkbox", "switch"):
        wanted = not _FALSE.match(value.strip())
        return at.move("checkbox", reasoning, element, is_checked=wanted, completes=completes, sample=sample)
    if element.role == "radio":
        return at.move("checkbox", reasoning, element, is_checked=True, completes=completes, sample=sample)
    shown = SECRET if is_secret(element) else value
    return replace(
        at.move("input_text", reasoning, element, text=shown, completes=completes, sample=sample), text=value
    )


def assign(
    values: tuple[FieldValue, ...], fields: list[Element]
) -> tuple[list[tuple[FieldValue, Element, str]], list[FieldValue]]:
    """Pair values with fields, the surest pairs first; return (pairs in the values' order, values left over)."""
    scored: list[tuple[float, int, int, str]] = []
    for index, value in enumerate(values):
        for place, element in enumerate(fields):
            score, text = _fit(value, element)
            if score >= FITS:
                scored.append((score, index, place, text))
    scored.sort(key=lambda entry: (-entry[0], entry[1], entry[2]))
    taken: dict[int, tuple[int, str]] = {}
    used: set[int] = set()
    for _, index, place, text in scored:
        if index not in taken and place not in used:
            taken[index] = (place, text)
            used.add(place)
    pairs = [(values[index], fields[place], text) for index, (place, text) in sorted(taken.items())]
    return pairs, [value for index, value in enumerate(values) if index not in taken]


def _fit(value: FieldValue, element: Element) -> tuple[float, str]:
    """How well a value's name fits a field, and the text to fill in."""
    if value.name:
        if element.role in ("radio", "checkbox") and element.group:
            group = max(
                (label_likeness(value.name, label) for label in (*element.labels[1:], element.context[:80]) if label),
                default=0.0,
            )
            own = likeness(value.value, element.name)
            if own >= 0.85 and group >= FITS and not _TRUE.match(value.value):  # noqa: PLR2004 - the choice is called so
                return min(1.0, 0.5 * own + 0.5 * group), value.value
        found = ground(Target(phrase=value.name, name=value.name), _NO_PAGE, "select", pool=[element])
        return (found.matches[0].score if found.matches else 0.0), value.value
    parts = value.value.split()
    best = (0.0, value.value)
    for cut in range(1, min(len(parts), 5)):
        name = " ".join(parts[:cut])
        score = max(
            (label_likeness(name, text) for text in (element.name, *element.labels[:2], element.placeholder) if text),
            default=0.0,
        )
        if score >= 0.9 and score >= best[0]:  # noqa: PLR2004 - nothing but the label itself
            best = (score, " ".join(parts[cut:]))
    return best


def type_text(at: Situation) -> Decision:
    """Type one value, or several into the fields they name."""
    intent = at.intent
    if intent.choices:
        return _type_matching(at)
    if intent.fields:
        return _type_fields(at)
    value = at.memory.found if intent.refers_back else intent.value
    if intent.refers_back and not value:
        return give_up(
            f"The prompt says {intent.text!r}, but nothing was found before that could be typed. Put the text into the prompt."
        )
    field = _field_for(at)
    if field is None:
        wanted = intent.target.phrase or intent.target.name or "a text field"
        return explore(at, wanted, reason=not_found(at, wanted))
    element, why = field
    reasoning = f"The prompt says {_masked_text(at, element)}; {element.name or element.role!r} is the field: {why}."
    move = fill(at, element, value, reasoning, completes=True)
    if move is None:
        names = ", ".join(repr(option.label) for option in element.options[:12])
        return give_up(f"{element.name!r} has no choice {value!r}, it was not found. It offers: {names}.")
    return act(reasoning, move)


def _masked_text(at: Situation, element: Element) -> str:
    return "so" if is_secret(element) else repr(at.intent.text)


def _field_for(at: Situation) -> tuple[Element, str] | None:
    target = at.intent.target
    if not target.empty:
        match = ground(target, at.page, "type", about=at.intent.about).best
        if match is None:
            match = ground(
                target,
                at.page,
                "select",
                pool=[element for element in at.page.elements if element.role in _FILLABLE],
                about=at.intent.about,
            ).best
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


def _type_fields(at: Situation) -> Decision:
    fields = _fields(at)
    pairs, left = assign(at.intent.fields, fields)
    if not pairs:
        wanted = at.intent.fields[0].name or at.intent.fields[0].value
        return explore(at, wanted, reason=not_found(at, wanted))
    if left:
        names = ", ".join(repr(value.name or value.value) for value in left)
        return explore(
            at,
            left[0].name or left[0].value,
            reason=f"The page has no field for {names}, none was found. {_offer(fields)}",
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
        if len(at.worked) >= 2:  # noqa: PLR2004 - typed, and looked once more
            return give_up(f"Typing {wanted.starts!r} offered nothing that fits {wanted.phrase!r}; it was not found.")
    field = _field_for(replace(at, intent=replace(at.intent, target=Target())))
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


def _fields(at: Situation) -> list[Element]:
    """Everything that can be filled in, what is in the open dialog first."""
    found = [
        element
        for element in at.page.elements
        if element.interactable
        and not element.disabled
        and not element.readonly
        and element.role in _FILLABLE
        and element.input_type != "file"
    ]
    if at.page.dialog_open and any(element.in_dialog for element in found):
        return [element for element in found if element.in_dialog]
    return found


def _offer(fields: list[Element]) -> str:
    names = ", ".join(repr(element.name or element.placeholder or element.role) for element in fields[:12])
    return f"It has fields for: {names}." if names else "It has no fields at all."


def the_form(at: Situation) -> list[Element]:
    """Return the fields of the form that is meant: named by its words, else the largest one that is not for searching or signing in."""
    forms: dict[str, list[Element]] = {}
    for element in _fields(at):
        forms.setdefault(element.form, []).append(element)
    best: tuple[float, list[Element]] | None = None
    name = at.intent.target.name
    for fields in forms.values():
        texts = [element for element in fields if is_text_field(element) or element.tag in ("select", "textarea")]
        if not texts:
            continue
        score = min(len(fields), 8) / 10
        if len(texts) == 1 and (
            texts[0].role == "searchbox"
            or texts[0].input_type == "search"
            or label_likeness("search", texts[0].name) >= FITS
        ):
            score -= 0.6
        about = " ".join(
            (at.page.title, texts[0].context[:200], *(line.text for line in at.page.lines if line.kind == "heading"))
        )
        if name:
            score += 0.3 * passage_likeness(name, about)
        if any(is_secret(element) for element in fields) and not re.search(
            r"regist|sign.?up|account|log.?in|sign.?in|password", f"{name} {at.intent.text}", re.IGNORECASE
        ):
            score -= 0.5
        if at.intent.fields:
            score += 0.4 * len(assign(at.intent.fields, fields)[0]) / len(at.intent.fields)
        if best is None or score > best[0]:
            best = (score, fields)
    if best is None or best[0] < 0:
        return []
    minimum = 2 if name and not at.intent.fields else 1
    if len(best[1]) < minimum and not passage_likeness(name, best[1][0].context) >= FITS:
        return []
    return best[1]


def fill_form(at: Situation) -> Decision:
    """Fill a form with what the prompt gives, the rest of what it requires with samples; send it; read the answer."""
    sent = [deed for deed in at.deeds if deed.sends]
    if sent:
        return after_sending(at, len(sent))
    filled = [deed for deed in at.worked if not deed.sends]
    fields = the_form(at)
    if not fields:
        if filled:
            return skip("The form is gone.")
        wanted = at.intent.target.name or "form"
        if at.intent.target.name:
            wanted = f"{at.intent.target.name} form"
        return explore(
            at,
            wanted,
            reason=f"No form to fill in was found on {at.page.title!r} ({at.page.url}). Give the URL of the page that has the form.",
        )
    return _fill_and_send(at, fields, again=False)


def _fill_and_send(at: Situation, fields: list[Element], *, again: bool) -> Decision:
    intent = at.intent
    pairs, left = _split_names(*assign(intent.fields, fields), fields)
    moves: list[Move] = []
    covered: set[str] = set()
    for value, element, text in pairs:
        move = fill(
            at,
            element,
            text,
            f"The prompt gives {value.name or 'this'!r} for {element.name or element.role!r}.",
            completes=False,
        )
        covered.add(element.id)
        if move is not None and not (again and not element.invalid and element.value):
            moves.append(move)
    if left and not again:
        names = ", ".join(repr(value.name or value.value) for value in left)
        return give_up(
            f"The form has no field for {names}, none was found. {_offer(fields)} Correct the names in the prompt, or leave these values out."
        )
    moves.extend(_samples(at, fields, covered, again=again))
    if not intent.submit:
        if not moves:
            return skip("The form is already filled in.")
        return act(
            "Fill in the form; the prompt does not want it sent.", *moves[:-1], replace(moves[-1], completes=True)
        )
    button = submit_button(at, fields)
    if button is not None:
        moves.append(at.move("click", f"{button.name!r} sends the form.", button, completes=False, sends=True))
    else:
        last = next((move for move in reversed(moves) if move.action.action_type == "input_text"), None)
        moves.append(
            at.move(
                "keypress",
                "The form has no button; Enter sends it.",
                last.element if last else None,
                keys=("Enter",),
                completes=False,
                sends=True,
            )
        )
    given = (
        f"{len(pairs)} value{'s' if len(pairs) != 1 else ''} given by the prompt"
        if intent.fields
        else "no values given by the prompt, so plausible samples"
    )
    return act(f"Fill in the form with {given}, and send it.", *moves)


def _split_names(
    pairs: list[tuple[FieldValue, Element, str]], left: list[FieldValue], fields: list[Element]
) -> tuple[list[tuple[FieldValue, Element, str]], list[FieldValue]]:
    """A full name for a form that asks for first and last name apart."""
    result = list(pairs)
    for value in [*left, *(pair[0] for pair in pairs)]:
        parts = value.value.split()
        if label_likeness(value.name or "", "name") < 0.9 or len(parts) < 2:  # noqa: PLR2004 - it is called name
            continue
        halves = (FieldValue("first name", parts[0]), FieldValue("last name", " ".join(parts[1:])))
        both, rest = assign(halves, [element for element in fields if is_text_field(element)])
        if not rest and all(
            max(label_likeness(half.name, text) for text in (element.name, *element.labels, " ")) >= 0.85
            for half, element, _ in both
        ):  # noqa: PLR2004 - really so
            result = [pair for pair in result if pair[0] is not value] + both
            left = [other for other in left if other is not value]
    return result, left


def _samples(at: Situation, fields: list[Element], covered: set[str], *, again: bool) -> list[Move]:
    """Samples for what the form requires, and, where the prompt gives no data at all, for what is obviously meant."""
    moves: list[Move] = []
    groups: set[str] = {
        element.group for element in fields if element.role == "radio" and (element.checked or element.id in covered)
    }
    for element in fields:
        wanted = element.required or (again and element.invalid) or _starred(element)
        obvious = (
            not at.intent.fields
            and is_text_field(element)
            and not _OPTIONAL.search(" ".join((element.name, *element.labels)))
            and _obvious(element)
        )
        if element.id in covered or not (wanted or obvious):
            continue
        if element.role == "radio":
            if element.group not in groups:
                groups.add(element.group)
                moves.append(
                    at.move(
                        "checkbox",
                        f"A choice is required; {element.name!r} is the first.",
                        element,
                        is_checked=True,
                        completes=False,
                        sample=True,
                    )
                )
        elif element.role in ("checkbox", "switch"):
            if not element.checked:
                moves.append(
                    at.move(
                        "checkbox",
                        f"{element.name[:60]!r} must be ticked to send the form.",
                        element,
                        is_checked=True,
                        completes=False,
                        sample=True,
                    )
                )
        elif element.options and element.tag == "select":
            option = sample_option(element)
            chosen = next((choice for choice in element.options if choice.selected), None)
            if option is not None and (chosen is None or is_placeholder(chosen)):
                reasoning = f"{element.name!r} requires a choice; {option.label!r} is the first."
                moves.append(
                    at.move(
                        "select_option",
                        reasoning,
                        element,
                        values=(option.label,),
                        option={"label": option.label, "value": option.value},
                        completes=False,
                        sample=True,
                    )
                )
        elif not element.value or (again and element.invalid):
            value = sample_for(element)
            move = fill(
                at,
                element,
                value,
                f"The prompt gives no value for {element.name or element.role!r}; a plausible sample is filled in.",
                completes=False,
                sample=True,
            )
            if move is not None:
                moves.append(move)
    return moves


def _starred(element: Element) -> bool:
    return any(re.search(r"\*\s*$|\(required\)", text, re.IGNORECASE) for text in (element.name, *element.labels[:1]))


def _obvious(element: Element) -> bool:
    return any(
        label_likeness(word, text) >= 0.85
        for word in _OBVIOUS
        for text in (element.name, element.placeholder, element.attributes.get("name", ""))
        if text
    )  # noqa: PLR2004 - it is called so


def submit_button(at: Situation, fields: list[Element]) -> Element | None:
    """Return the button that sends the form these fields belong to."""
    key = fields[0].form if fields else ""
    inside = [
        element
        for element in at.page.elements
        if element.interactable
        and not element.disabled
        and element.role in ("button", "link")
        and (element.form == key if key else not element.form)
    ]
    kinds = [
        element
        for element in inside
        if element.input_type in ("submit", "image") and not _NOT_SENDING.search(element.name)
    ]
    buttons = [element for element in inside if not _NOT_SENDING.search(element.name) and (element.role == "button")]
    named: list[tuple[float, Element]] = [
        (max(likeness(word, element.name) for word in (*_SENDS, at.intent.target.name or "send")), element)
        for element in [*kinds, *buttons]
    ]
    good = [entry for entry in named if entry[0] >= FITS]
    if good:
        return max(good, key=lambda entry: entry[0])[1]
    if kinds:
        return kinds[-1]
    return buttons[-1] if buttons and key else None


def after_sending(at: Situation, times: int) -> Decision:
    """Read what the page says to the form: confirmed, refused, or nothing."""
    news = at.news()
    confirmed = confirmations_in(news)
    if confirmed:
        return skip(f"The page confirms it: {confirmed[0]!r}.")
    problems = [*(line for line in alerts(at.page) if line in news), *errors_in(news)]
    fields = the_form(at)
    invalid = [element for element in fields if element.invalid]
    if problems or invalid:
        what = "; ".join(dict.fromkeys(problems)) or ", ".join(repr(element.name) for element in invalid)
        ours = {deed.element_id for deed in at.deeds if deed.sample}
        if (
            times < _TRIES
            and (fixes := _fill_and_send(at, fields, again=True)).moves
            and len(fixes.moves) > 1
            and (not invalid or any(element.id in ours or not element.value for element in invalid))
        ):
            return replace(fixes, reasoning=f"The form was not accepted ({what}); correct it and send it again.")
        return give_up(f"The page did not accept the form: {what}. Correct the values in the prompt.", what)
    left_page = at.deeds[-1].after != at.deeds[-1].before
    if left_page or not fields:
        return skip("The form was sent; the page went on to " + repr(at.page.title or at.page.url) + ".")
    if news:
        return skip(f"The form was sent; the page now says {news[0][:120]!r}.")
    if all(not element.value for element in fields if is_text_field(element)):
        return skip("The form was sent; its fields are empty again.")
    return give_up(
        "The form was filled in and sent, but the page did not react and shows no confirmation. Check whether the form works by hand."
    )


def submit(at: Situation) -> Decision:
    """Send the form in hand."""
    sent = [deed for deed in at.deeds if deed.sends]
    if sent:
        problems = errors_in(at.news())
        if problems and at.deeds[-1].after == at.deeds[-1].before and not confirmations_in(at.news()):
            return give_up(
                f"The page did not accept the form: {'; '.join(problems[:3])}. Correct the values in the prompt.",
                *problems,
            )
        return skip("The form was sent.")
    last = next(
        (deed for deed in reversed(at.memory.deeds) if deed.action_type in ("input_text", "select_option", "checkbox")),
        None,
    )
    field = at.page.element(last.element_id) if last is not None else None
    fields = [field] if field is not None else the_form(at)
    button = submit_button(at, fields) if fields else None
    if button is None:
        match = ground(Target(name="submit"), at.page, "click").best
        button = match.element if match is not None else None
    if button is not None:
        return act(
            "Send the form.", at.move("click", f"{button.name!r} sends the form.", button, sends=True, completes=False)
        )
    if field is not None:
        return act(
            "Send the form.",
            at.move("keypress", "Enter sends the form.", field, keys=("Enter",), sends=True, completes=False),
        )
    return explore(at, "submit", reason=f"No form that could be sent was found on {at.page.title!r}.")


def search(at: Situation) -> Decision:
    """Type into the site's search field and send it."""
    field = search_field(at)
    if field is None:
        if at.worked:
            return skip("The search was opened.")
        return explore(
            at,
            "search",
            reason=f"No search field was found on {at.page.title!r}. Give the URL of a page that has one, or say where to click instead.",
        )
    reasoning = f"{field.name or 'The field'!r} searches the site."
    move = at.move("input_text", reasoning, field, text=at.intent.value, completes=True, then_press="Enter", sends=True)
    return act(reasoning, replace(move, text=at.intent.value))


def compose(at: Situation) -> Decision:
    """Write a text and send it: reply, comment, post."""
    intent = at.intent
    if any(deed.sends for deed in at.deeds):
        return skip("The text was sent.")
    areas = [
        element
        for element in _fields(at)
        if element.tag == "textarea" or (element.role == "textbox" and element.tag not in ("input", "select"))
    ]
    area = next((element for element in areas if not element.value), areas[0] if areas else None)
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
    about = intent.about or intent.target.phrase
    control = ground(Target(name=intent.direction), at.page, "click", about=about).best
    if control is not None and not at.tried(control.element):
        return act(
            "Open the text area.",
            at.move(
                "click", f"{control.element.name!r} is where to {intent.direction}.", control.element, completes=False
            ),
        )
    from mock_server.agent.planner.pointing import find  # noqa: PLC0415 - the two need each other

    match = find(at, Target(phrase=about, name=about)) if about else None
    if match is not None and not at.tried(match.element):
        return act(
            f"Open {about!r}.",
            at.move("click", f"{match.element.name[:60]!r} is it: {match.why}.", match.element, completes=False),
        )
    return explore(at, f"{intent.direction} {about}".strip())
