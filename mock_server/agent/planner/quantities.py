"""Numbers of things: raised with plus and minus beside each thing, or typed into the field there.

Owns: which entries are meant, how often each is pressed, and what hands the order in.
Must not: follow links or open entries (``operating``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from mock_server.agent.goal import Target
from mock_server.agent.grounding import ground, is_text_field
from mock_server.agent.lexicon import ALIKE, CALLED_SO, fold, likeness, passage_likeness, stem, words
from mock_server.agent.observation import Element, Observation, Record
from mock_server.agent.planner.fields import fill
from mock_server.agent.planner.model import Decision, Move, Situation, act, give_up, skip

_PLUS: Final = frozenset(("+", "plus", "increase", "increment", "more", "up", "add one", "one more", "▲", "raise"))
_MINUS: Final = frozenset(("-", "−", "–", "minus", "decrease", "decrement", "less", "fewer", "down", "remove one", "▼"))  # noqa: RUF001 - matched against what pages hold, not read by people
_ORDERING: Final = frozenset(("add", "order", "buy", "purchase", "book", "reserve", "get"))
_KIND: Final = re.compile(
    r"^(?:(?:different|any|other)\s+)*(?:items?|things?|products?|dishes|meals|articles?|entries|ones|pieces)\s+"
    r"(?:that|which|who)\s+(?:is|are|contains?|ha(?:s|ve))\s+(?:an?\s+)?(?P<kind>.+)$",
    re.IGNORECASE,
)
_GENERIC: Final = re.compile(
    r"\s+(?:items?|things?|products?|dish(?:es)?|meals?|options?|courses?|articles?)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Stepper:
    """An entry whose number can be changed."""

    record: Record
    plus: Element | None
    field: Element | None


def order(at: Situation) -> Decision | None:  # noqa: PLR0911 - one return for each stage of an order
    """Raise the numbers of what is ordered and hand it in; None if the page has nothing of the kind."""
    intent = at.intent
    verb = intent.value.split(maxsplit=1)[0]
    if verb not in _ORDERING:
        return None
    if any(deed.amount for deed in at.deeds):
        return _hand_in(at, verb)
    steppers = _steppers(at.page)
    if not steppers:
        return None
    moves: list[Move] = []
    for name, count in _wanted(at):
        chosen = _chosen(name, steppers)
        if not chosen:
            if len(steppers) == 1 and not name:
                chosen = steppers
            elif moves:
                return give_up(f"Nothing on the page {at.page.title!r} can be ordered as {name!r}; it was not found.")
            else:
                return None
        for index, stepper in enumerate(chosen[:count]):
            number = count // min(len(chosen), count) + (1 if index < count % min(len(chosen), count) else 0)
            moves.extend(_raised(at, stepper, number, name))
    if not moves:
        return None
    return act(f"The prompt says {intent.text!r}; set the numbers first.", *moves)


def adjust(at: Situation, called: str, value: str) -> Decision | None:
    """Bring a number with plus and minus beside it to a value; None where there is none called so."""
    number = re.search(r"\d+", value)
    if number is None:
        return None
    plain = re.sub(r"\b(?:number|amount|quantity|count)\s+of\s+", "", called, flags=re.IGNORECASE)
    pairs = [
        (plus, minus)
        for plus in at.page.elements
        if _is(plus, _PLUS)
        for minus in at.page.elements
        if _is(minus, _MINUS) and abs(minus.box.center[1] - plus.box.center[1]) < plus.box.height
    ]
    for plus, minus in pairs:
        between = [
            one for one in at.page.elements
            if one.text.strip().isdigit() and abs(one.box.center[1] - plus.box.center[1]) < 2 * plus.box.height
        ]  # fmt: skip
        said = [plus.name, minus.name, plus.context, *(one.attributes.get("id", "") for one in between)]
        if not between or max(passage_likeness(plain, text) for text in said if text) < ALIKE:
            continue
        now = int(min(between, key=lambda one: abs(one.box.center[0] - plus.box.center[0])).text)
        step = {"more": 1, "less": -1}.get(at.intent.direction, 0)
        goal = now + step * int(number[0]) if step else int(number[0])
        if now == goal:
            return skip(f"It is {goal} already.")
        button = plus if goal > now else minus
        reasoning = f"It is {now} and is to be {goal}."
        times = min(abs(goal - now), 30)
        moves = [at.move("click", reasoning, button, completes=index == times) for index in range(1, times + 1)]
        return act(reasoning, *moves)
    return None


def _wanted(at: Situation) -> list[tuple[str, int]]:
    intent = at.intent
    if intent.fields:
        return [(value.name, int(value.value)) for value in intent.fields]
    things = intent.choices or (intent.target,)
    return [(thing.phrase or thing.name, intent.count) for thing in things]


def _steppers(page: Observation) -> list[_Stepper]:
    """The smallest entries that hold one pair of plus and minus, or one field for a number."""
    found: dict[str, _Stepper] = {}
    for group in page.groups:
        for record in group.records:
            own = [element for key in record.element_ids if (element := page.element(key)) is not None]
            plus = [element for element in own if _is(element, _PLUS)]
            minus = [element for element in own if _is(element, _MINUS)]
            numbers = [one for one in own if is_text_field(one) and (one.role == "spinbutton" or _is_quantity(one))]
            stepped = len(plus) == 1 and len(minus) == 1
            if not (stepped or len(numbers) == 1) or not words(record.text):
                continue
            stepper = _Stepper(record, plus[0] if stepped else None, numbers[0] if len(numbers) == 1 else None)
            key = (stepper.plus or stepper.field or own[0]).id
            if key not in found or len(record.text) > len(found[key].record.text):
                found[key] = stepper
    return list(found.values())


def _is(element: Element, called: frozenset[str]) -> bool:
    if not element.interactable or element.disabled or is_text_field(element):
        return False
    texts = (element.name.strip(), element.text.strip(), element.attributes.get("title", ""))
    if any(text in called or fold(text).split()[:1] in ([word] for word in called) for text in texts if text):
        return True
    style = set(re.split(r"[\s_-]+", element.attributes.get("class", "").casefold()))
    return not (element.name or element.text).strip() and bool(style & called)


def _is_quantity(element: Element) -> bool:
    return likeness("quantity", element.name or element.placeholder or element.attributes.get("name", "")) >= CALLED_SO


def _chosen(name: str, steppers: Sequence[_Stepper]) -> list[_Stepper]:
    """The entry called so, else the entries of that kind, in their order."""
    kind = _KIND.match(name)
    plain = _GENERIC.sub("", kind["kind"] if kind else name).strip()
    if not plain:
        return []
    titled = [
        (max((likeness(plain, cell.text) for cell in stepper.record.cells if cell.text), default=0.0), stepper)
        for stepper in steppers
    ]
    best = max((score for score, _ in titled), default=0.0)
    called = [stepper for score, stepper in titled if score >= max(ALIKE, best - 0.02)]
    if len(called) == 1 and not kind:
        return called
    want = [stem(word) for word in words(plain)]
    of_kind = [stepper for stepper in steppers if all(word in _said(stepper.record) for word in want)]
    if of_kind:
        return of_kind
    return called[:1] or [one for one in steppers if passage_likeness(plain, one.record.text) >= ALIKE][:1]


def _said(record: Record) -> frozenset[str]:
    """The words an entry says, in texts and pictures."""
    texts = [record.text]
    for cell in record.cells:
        texts.extend((cell.text, cell.value, *(cell.hints if cell.kind == "image" else ())))
    return frozenset(stem(word) for text in texts for word in words(text))


def _raised(at: Situation, stepper: _Stepper, number: int, name: str) -> list[Move]:
    what = (stepper.record.cells[0].text if stepper.record.cells else "") or name
    if stepper.field is not None and not stepper.field.readonly:
        move = fill(at, stepper.field, str(number), f"{number} of {what!r}.", completes=False)
        if move is not None:
            return [replace(move, action=replace(move.action, text=str(number)), amount=True)]
    if stepper.plus is None:
        return []
    reasoning = f"Raise {what[:60]!r}, {number} in all."
    return [at.move("click", reasoning, stepper.plus, completes=False, amount=True) for _ in range(number)]


def _hand_in(at: Situation, verb: str) -> Decision:
    """Press what the order is handed in with."""
    pool = [
        element
        for element in at.page.elements
        if element.interactable and element.role in ("button", "link") and not element.disabled
        and not _is(element, _PLUS) and not _is(element, _MINUS) and not at.tried(element)
    ]  # fmt: skip
    names = (at.intent.value, verb, f"place {verb}", "checkout", "add to cart", "submit", "continue")
    for name in names:
        best = ground(Target(phrase=name, name=name), at.page, "click", pool=pool).best
        if best is not None:
            reasoning = f"The numbers are set; {best.element.name!r} hands them in."
            return act(reasoning, at.move("click", reasoning, best.element, sends=True))
    return skip("The numbers are set, and the page has nothing to hand them in with.")
