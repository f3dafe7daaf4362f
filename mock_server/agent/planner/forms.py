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
from mock_server.agent.lexicon import CALLED_SO, EXACT, label_likeness, passage_likeness
from mock_server.agent.observation import Element
from mock_server.agent.planner.exploring import explore
from mock_server.agent.planner.fields import assign, fill, fillable, is_secret, offer, submit_button
from mock_server.agent.planner.model import Decision, Move, Situation, act, give_up, skip
from mock_server.agent.planner.samples import is_placeholder, sample_for, sample_option

_OPTIONAL: Final = re.compile(r"\boptional\b", re.IGNORECASE)
_OBVIOUS: Final = ("name", "email", "message", "subject", "first name", "last name", "comment")
_WITH_PASSWORD: Final = re.compile(r"regist|sign.?up|account|log.?in|sign.?in|password", re.IGNORECASE)
_TRIES: Final = 3
_ONWARD: Final = re.compile(r"(?:save (?:and|&) )?(?:next|continue|proceed|go on)\b|[›»→]", re.IGNORECASE)  # noqa: RUF001 - matched against what pages hold, not read by people
_MOST_STEPS: Final = 8
_KIND_OF: Final = re.compile(
    r"\b(?:the|a|an|position|job|role|post|opening|vacancy|course|class|event|form)\b", re.IGNORECASE
)


def the_form(at: Situation) -> list[Element]:
    """Return the fields of the form that is meant: the best named, else the largest not for searching or signing in."""
    forms: dict[str, list[Element]] = {}
    for element in fillable(at):
        forms.setdefault(element.form, []).append(element)
    rated = [(_rate(at, fields), fields) for fields in forms.values()]
    score, fields = max(rated, key=lambda entry: entry[0], default=(-1.0, []))
    if score < 0:
        return []
    name = at.intent.target.name
    lone = len(fields) == 1 and name and not at.intent.fields  # a single field is no *contact form*, unless it says so
    return [] if lone and passage_likeness(name, fields[0].context) < FITS else fields


def _rate(at: Situation, fields: list[Element]) -> float:
    """How likely these fields are the form that is meant; below 0 they are not."""
    texts = [element for element in fields if is_text_field(element) or element.tag in ("select", "textarea")]
    if not texts:
        return -1.0
    intent, first = at.intent, texts[0]
    score = min(len(fields), 8) / 10
    searches = first.role == "searchbox" or first.input_type == "search" or label_likeness("search", first.name) >= FITS
    if len(texts) == 1 and searches:
        score -= 0.6
    if any(is_secret(element) for element in fields) and not _WITH_PASSWORD.search(
        f"{intent.target.name} {intent.text}"
    ):
        score -= 0.5
    if intent.target.name:
        headings = (line.text for line in at.page.lines if line.kind == "heading")
        about = " ".join((at.page.title, first.context[:200], *headings))
        score += 0.3 * passage_likeness(intent.target.name, about)
    if intent.fields:
        score += 0.4 * len(assign(intent.fields, fields)[0]) / len(intent.fields)
    return score


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
            reason=(
                f"No form to fill in was found on {at.page.title!r} ({at.page.url}). Give the URL of "
                f"the page that has the form."
            ),
        )
    return _fill_and_send(at, fields, again=False)


def _fill_and_send(at: Situation, fields: list[Element], *, again: bool) -> Decision:
    intent = at.intent
    stepped = any(deed.action_type == "click" and not deed.sends for deed in at.worked)
    given = tuple(value for value in intent.fields if not (stepped and _was_filled(at, value)))
    pairs, left = _split_names(*assign(given, fields), fields)
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
    if left and not again and (step := _next_step(at, fields, pairs, moves)) is not None:
        return step
    left = [value for value in left if not _was_filled(at, value)]
    if left and not again and (way := _to_the_form(at, pairs)) is not None:
        return way
    if left and not again:
        names = ", ".join(repr(value.name or value.value) for value in left)
        return give_up(
            f"The form has no field for {names}, none was found. {offer(fields)} Correct the names in the "
            f"prompt, or leave these values out."
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
    told = (
        f"{len(pairs)} value{'s' if len(pairs) != 1 else ''} given by the prompt"
        if intent.fields
        else "no values given by the prompt, so plausible samples"
    )
    return act(f"Fill in the form with {told}, and send it.", *moves)


def _next_step(
    at: Situation, fields: list[Element], pairs: list[tuple[FieldValue, Element, str]], moves: list[Move]
) -> Decision | None:
    """Fill in what this step of several takes, and go on to the next; None where the form has no further step."""
    button = submit_button(at, fields)
    known = any(_was_filled(at, value) for value in at.intent.fields)
    steps = sum(1 for deed in at.deeds if deed.action_type == "click" and deed.ok)
    if button is None or not _ONWARD.match(button.name) or not (pairs or known) or steps >= _MOST_STEPS:
        return None
    samples = _samples(at, fields, {element.id for _, element, _ in pairs}, again=False)
    onward = at.move("click", f"{button.name!r} leads to the next step.", button, completes=False)
    return act("Fill in this step of the form, and go on to the next.", *moves, *samples, onward)


def _to_the_form(at: Situation, pairs: list[tuple[FieldValue, Element, str]]) -> Decision | None:
    """Open what the form is for (*apply for the cook position with …*), where the form in sight is another one."""
    name = _KIND_OF.sub(" ", re.sub(r"^for\s+", "", at.intent.target.name)).strip()
    if not name or len(pairs) * 2 > len(at.intent.fields) or at.worked:
        return None
    links = [one for one in at.page.elements if one.interactable and one.role in ("link", "button")]
    match = ground(Target(phrase=name, name=name), at.page, "click", pool=links).best
    if match is None or match.score < CALLED_SO or at.tried(match.element):
        return None
    reasoning = f"The form in sight has no fields for that; {match.element.name!r} is what it is for."
    return act(reasoning, at.move("click", reasoning, match.element, completes=False, explores=True))


def _was_filled(at: Situation, value: FieldValue) -> bool:
    """Whether an earlier step of the form took the value."""
    filled = [deed for deed in at.worked if deed.action_type in ("input_text", "select_option", "checkbox")]
    named = value.name or value.value
    return any(label_likeness(named, deed.name) >= FITS or named.startswith(f"{deed.name} ") for deed in filled)


def _split_names(
    pairs: list[tuple[FieldValue, Element, str]], left: list[FieldValue], fields: list[Element]
) -> tuple[list[tuple[FieldValue, Element, str]], list[FieldValue]]:
    """A full name for a form that asks for first and last name apart."""
    result = list(pairs)
    for value in [*left, *(pair[0] for pair in pairs)]:
        parts = value.value.split()
        if label_likeness(value.name or "", "name") < EXACT or len(parts) < 2:  # noqa: PLR2004 - first and last
            continue
        halves = (FieldValue("first name", parts[0]), FieldValue("last name", " ".join(parts[1:])))
        both, rest = assign(halves, [element for element in fields if is_text_field(element)])
        if not rest and all(
            max(label_likeness(half.name, text) for text in (element.name, *element.labels, " ")) >= CALLED_SO
            for half, element, _ in both
        ):
            result = [pair for pair in result if pair[0] is not value] + both
            left = [other for other in left if other is not value]
    return result, left


def _samples(at: Situation, fields: list[Element], covered: set[str], *, again: bool) -> list[Move]:
    """Samples for what the form requires, and, where the prompt gives no data at all, for what is obviously meant."""
    moves: list[Move] = []
    chosen = {field.group for field in fields if field.role == "radio" and (field.checked or field.id in covered)}
    for field in fields:
        required = field.required or (again and field.invalid) or _starred(field)
        if field.id in covered or not (required or (not at.intent.fields and _obvious(field))):
            continue
        if field.role == "radio" and field.group in chosen:
            continue
        move = _sample(at, field, again=again)
        if move is not None:
            moves.append(move)
            chosen.add(field.group)
    return moves


def _sample(at: Situation, field: Element, *, again: bool) -> Move | None:
    """The move that fills a field with a sample; None where it has a value already or takes none."""
    name = field.name[:60] or field.role
    if field.role in ("radio", "checkbox", "switch"):
        why = (
            f"A choice is required; {name!r} is the first." if field.role == "radio" else f"{name!r} has to be ticked."
        )
        return None if field.checked else at.move("checkbox", why, field, is_checked=True, completes=False, sample=True)
    if field.tag == "select":
        option, now = sample_option(field), next((choice for choice in field.options if choice.selected), None)
        if option is None or not (now is None or is_placeholder(now)):
            return None
        why = f"{name!r} requires a choice; {option.label!r} is the first."
        return at.choice(field, option, why, completes=False, sample=True)
    if field.value and not (again and field.invalid):
        return None
    why = f"The prompt gives no value for {name!r}; a plausible sample is filled in."
    return fill(at, field, sample_for(field), why, completes=False, sample=True)


def _starred(element: Element) -> bool:
    return any(re.search(r"\*\s*$|\(required\)", text, re.IGNORECASE) for text in (element.name, *element.labels[:1]))


def _obvious(field: Element) -> bool:
    """Whether a form of that kind is hardly filled in without it."""
    texts = (field.name, field.placeholder, field.attributes.get("name", ""))
    if not is_text_field(field) or _OPTIONAL.search(" ".join((field.name, *field.labels))):
        return False
    return any(label_likeness(word, text) >= CALLED_SO for word in _OBVIOUS for text in texts if text)


def _was_left_out(at: Situation, field: Element) -> bool:
    """Whether the form asks for a field that was not filled in before (it may have appeared since)."""
    asked = field.invalid or (field.required and not field.value and not field.checked)
    return asked and not any(deed.ok and deed.name == (field.name or field.role) for deed in at.deeds)


def after_sending(at: Situation, times: int) -> Decision:  # noqa: PLR0911 - one return for each answer a page may give
    """Read what the page says to the form: confirmed, refused, or nothing."""
    news = at.news()
    refused = errors_in(line for line in alerts(at.page) if line in news)
    confirmed = confirmations_in(news)
    if confirmed and not refused:
        return skip(f"The page confirms it: {confirmed[0]!r}.")
    problems = [*refused, *errors_in(news)]
    fields = the_form(at)
    invalid = [element for element in fields if element.invalid]
    if problems or invalid:
        what = "; ".join(dict.fromkeys(problems)) or ", ".join(repr(element.name) for element in invalid)
        if times < _TRIES and any(_was_left_out(at, field) for field in fields):
            more = _fill_and_send(at, fields, again=True)
            return replace(more, reasoning=f"The form asks for more ({what}); fill that in and send it again.")
        return give_up(f"The page did not accept the form: {what}. Correct the values in the prompt.", what)
    left_page = at.deeds[-1].after != at.deeds[-1].before
    if left_page or not fields:
        return skip("The form was sent; the page went on to " + repr(at.page.title or at.page.url) + ".")
    if news:
        return skip(f"The form was sent; the page now says {news[0][:120]!r}.")
    if all(not element.value for element in fields if is_text_field(element)):
        return skip("The form was sent; its fields are empty again.")
    return give_up(
        "The form was filled in and sent, but the page did not react and shows no confirmation. Check "
        "whether the form works by hand."
    )


def _onward(at: Situation, fields: list[Element]) -> Element | None:
    """The button that is called as the prompt says (*continue*), or goes on to the next step."""
    if not at.intent.value:
        return None
    inside = [one for one in at.page.elements if one.interactable and one.role in ("button", "link")]
    own = [one for one in inside if fields and one.form == fields[0].form]
    for pool in (own, inside):
        for name in (at.intent.value, "next", "next step"):
            best = ground(Target(name=name), at.page, "click", pool=pool).best
            if best is not None and not best.element.disabled and best.score >= CALLED_SO:
                return best.element
    return None


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
    button = _onward(at, fields) or (submit_button(at, fields) if fields else None)
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
