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
from mock_server.agent.lexicon import label_likeness, passage_likeness
from mock_server.agent.observation import Element
from mock_server.agent.planner.exploring import explore
from mock_server.agent.planner.fields import assign, fill, fillable, is_secret, offer, submit_button
from mock_server.agent.planner.model import Decision, Move, Situation, act, give_up, skip
from mock_server.agent.planner.samples import is_placeholder, sample_for, sample_option

_OPTIONAL: Final = re.compile(r"\boptional\b", re.IGNORECASE)
_OBVIOUS: Final = ("name", "email", "message", "subject", "first name", "last name", "comment")
_TRIES: Final = 3


def the_form(at: Situation) -> list[Element]:
    """Return the fields of the form that is meant: named by its words, else the largest one that is not for searching or signing in."""
    forms: dict[str, list[Element]] = {}
    for element in fillable(at):
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
            f"The form has no field for {names}, none was found. {offer(fields)} Correct the names in the prompt, or leave these values out."
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
        ):
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
    )


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
