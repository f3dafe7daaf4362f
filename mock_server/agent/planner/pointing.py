"""Intents that act on one element: click, hover, open, close, press, scroll, wait and their kind.

Owns: what each needs on the page and when it counts as done. Must not: fill forms
(``forms``), sign in (``sessions``) or fetch files (``transfers``).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mock_server.agent.goal import Target
from mock_server.agent.goal.words import PRONOUNS
from mock_server.agent.grounding import FITS, Match, ground
from mock_server.agent.lexicon import ALIKE, CALLED_SO, EXACT, contains, fold, likeness, passage_likeness, words
from mock_server.agent.observation import Element, Record
from mock_server.agent.planner.exploring import dismiss, explore
from mock_server.agent.planner.fields import submit_button
from mock_server.agent.planner.model import Decision, Situation, act, give_up, skip
from mock_server.agent.recognition import find_record, find_records, ground_record

_MOST: Final = 30
"""How often an *until* may repeat."""
_ALIKE_BY: Final = 0.12
"""How far below the best another one may be and still be one of *all*."""
_TELLING: Final = 3
"""Letters a name must have to find an entry by, or to search for."""
_HITTABLE: Final = 3.0
"""Pixels of something a pointer can hit; what is smaller is still folded."""
_CLOSED_SIGNS: Final = frozenset(["+", "▸", "▶", "►", "▾", "▼", "⌄", "☰", "⋮", "…", "..."])
_OPEN_SIGNS: Final = frozenset(["-", "−", "–", "▾", "▼", "×", "✕"])  # noqa: RUF001 - matched against what pages hold, not read by people
_DIALOG: Final = re.compile(
    r"\b(?:dialog(?:ue)?|modal|pop-?up|popup|banner|notice|overlay|message|window|box)s?\b", re.IGNORECASE
)
_ENTRIES: Final = re.compile(
    r"\b(?:results?|posts?|items?|products?|entr(?:y|ies)|rows?|records?|articles?|stories|story|e?-?mails?|messages?|cards?|"
    r"links?|tweets?|comments?|notes?|files?|threads?|conversations?|tasks?)\b",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d")
_OWNED: Final = re.compile(rf"^(?P<who>.+?)(?:'s|’s|s')\s+(?:last\s+|latest\s+)?{_ENTRIES.pattern}$", re.IGNORECASE)  # noqa: RUF001 - matched against what people typed


def entry_of(thing: Target) -> Target:
    """*The email from Ivo*, *Ivo's message*: an entry is told by what it says, not by what kind of thing it is."""
    anchor = thing.anchor
    if (
        anchor is not None
        and anchor.relation == "in"
        and not thing.quoted
        and _ENTRIES.sub("", thing.name).strip() == ""
    ):
        return replace(thing, phrase=anchor.phrase, name=anchor.phrase, anchor=None, roles=())
    owned = _OWNED.match(thing.name)
    if owned and not thing.quoted:
        return replace(thing, phrase=owned["who"], name=owned["who"], anchor=None, roles=())
    return thing


def is_seen(at: Situation, text: str) -> bool:
    """Whether the page shows ``text``: an element's name, or words in its lines."""
    target = Target(phrase=text, name=text)
    if dialog_says(at, text):
        return True
    if ground(target, at.page, "see").best is not None:
        return True
    return any(
        contains(line.text, text) or (len(words(text)) > 1 and passage_likeness(text, line.text) >= ALIKE)
        for line in at.page.lines
    )


def dialog_says(at: Situation, text: str) -> bool:
    """Whether ``text`` names the dialog that is open (*a cookie banner*, *the newsletter popup*, *a dialog*)."""
    if not at.page.dialog_open or not _DIALOG.search(text):
        return False
    rest = _DIALOG.sub(" ", text)
    shown = " ".join(f"{one.name} {one.text}" for one in at.page.elements if one.in_dialog)
    return not words(rest) or not rest.strip() or passage_likeness(rest, shown) >= FITS


def click(at: Situation) -> Decision:  # noqa: PLR0911 - one return for each thing that may be clicked
    """Click what is named, as often as asked."""
    intent = at.intent
    if intent.about and intent.target.name.casefold() in PRONOUNS:  # *find X and click it*
        intent = replace(intent, target=Target(phrase=intent.about, name=intent.about), about="")
        at = replace(at, intent=intent)
    done = len([deed for deed in at.worked if deed.text != "open"])
    if intent.until and is_seen(at, intent.until):
        return skip(f"The page now shows {intent.until!r}.")
    if intent.until and done >= _MOST:
        return give_up(f"After {done} clicks the page still did not show {intent.until!r}.")
    if intent.value in ("expand", "unfold", "collapse") and (unfolding := _unfold_all(at)) is not None:
        return unfolding
    if intent.target.every:
        return _each(at)
    match = find(at)
    if match is None or not match.element.interactable:
        match = _sending(at) or match
    if match is None:
        option = _as_option(at)
        return option if option is not None else lead_on(at)
    element = match.element
    uncovered = _uncovered(at, element)
    if uncovered is not None:
        return uncovered
    if element.disabled:
        return give_up(
            f"{element.name!r} is on the page but cannot be used now (it is disabled). Say in the prompt "
            f"what has to be done before it."
        )
    completes = not intent.until and done + 1 >= intent.count
    options = {"keys": ("double",)} if intent.value == "double" else {}
    reasoning = f"The prompt says {intent.text!r}; {element.role} {element.name[:80]!r} fits best: {match.why}."
    return act(reasoning, at.move("click", reasoning, element, completes=completes, confidence=match.score, **options))


def _uncovered(at: Situation, element: Element) -> Decision | None:
    """Take away, or unfold, what lies over the element; None where nothing does."""
    if not element.obscured or element.in_dialog:
        return None
    over = dismiss(at)
    if over is not None:
        return act(f"Something lies over {element.name!r}. {over.action.reasoning}", over)
    cover = _cover(at, element)
    if cover is None:
        return None
    reasoning = f"{cover.name or cover.role!r} lies over {element.name!r}; it may unfold it."
    return act(reasoning, at.move("click", reasoning, cover, completes=False, explores=True))


def _sending(at: Situation) -> Match | None:
    """*Press log in* on a page whose button says OK: the button that sends what was just typed."""
    target = at.intent.target
    if not any(likeness(target.name, word) >= CALLED_SO for word in ("submit", "log in", "search", "register")):
        return None
    last = next(
        (deed for deed in reversed(at.memory.deeds) if deed.action_type in ("input_text", "select_option", "checkbox")),
        None,
    )
    field = at.page.element(last.element_id) if last is not None else None
    button = submit_button(at, [field]) if field is not None else None
    return Match(button, 0.6, "it sends what was filled in") if button is not None else None


def find(at: Situation, target: Target | None = None) -> Match | None:  # noqa: PLR0911 - one return for each way to find it
    """Return the element the intent's target means, by name or as the n-th entry of a list."""
    target = target if target is not None else at.intent.target
    if target.empty and not target.anchor:
        return None
    if target.extreme is not None and (entry := _entry(at, target)) is not None:
        return entry
    best = ground(target, at.page, "click", about=at.intent.about).best
    if best is not None:
        return best
    if (numbered := _numbered(at, target)) is not None:
        return numbered
    if (target.ordinal is not None or target.extreme is not None) and (found := _entry(at, target)) is not None:
        return found
    if target.anchor is not None and target.anchor.relation == "in":
        whole = Target(phrase=target.phrase, name=target.phrase.strip())
        again = ground(whole, at.page, "click", about=at.intent.about).best
        if again is not None:
            return again
        loose = ground(replace(target, anchor=None), at.page, "click", about=at.intent.about)
        if loose.best is not None and loose.sure:
            return loose.best
    return _entry_link(at, target)


def _numbered(at: Situation, target: Target) -> Match | None:
    """*Order QD-7307* where a link is called *QD-7307*: what has a number of its own is told by it alone."""
    for number in (word for word in target.name.split() if len(word) >= _TELLING and _NUMBER.search(word)):
        for element in at.page.elements:
            if element.interactable and element.role in ("link", "button") and fold(element.name) == fold(number):
                return Match(element, 0.9, f"its name is {number!r}")
    return None


def _entry(at: Situation, target: Target) -> Match | None:
    passed = sum(deed.passed for deed in at.deeds)
    wanted = (
        replace(target, ordinal=target.ordinal - passed)
        if target.ordinal is not None and target.ordinal > 0
        else target
    )
    if wanted.ordinal is not None and wanted.ordinal == 0:
        return None
    found = ground_record(wanted, at.page)
    if found is None:
        return None
    element = primary(at, found[1])
    return Match(element, 0.75, f"it belongs to the entry that was meant: {found[2]}") if element is not None else None


def _entry_link(at: Situation, target: Target) -> Match | None:
    """The main link of the entry that says what the target is called."""
    if not target.name or len(fold(target.name)) < _TELLING or target.roles:
        return None
    found = find_record(target.name, at.page)
    if found is None or found[0].region in ("navigation", "banner", "contentinfo"):
        return None
    element = primary(at, found[1])
    return (
        Match(element, 0.65, f"it is the main control of the entry that says {target.name!r}")
        if element is not None
        else None
    )


def primary(at: Situation, record: Record) -> Element | None:
    """Return the link (or button) that opens a record: the one of its heading, else its largest, else its first."""
    own = [
        element
        for element in (at.page.element(key) for key in record.element_ids)
        if element is not None and element.interactable
    ]
    links = [element for element in own if element.role == "link" and element.name]
    headed = {cell.element_id for cell in record.cells if cell.kind == "heading"}
    for element in links:
        if element.id in headed:
            return element
    if links:
        sizes = {cell.element_id: cell.size for cell in record.cells}
        return max(links, key=lambda element: (sizes.get(element.id, 0.0), len(element.name)))
    return own[0] if own else None


def lead_on(at: Situation) -> Decision:
    """Nothing here fits the target: open what the talk is about, or look elsewhere."""
    target = at.intent.target
    opened = _open_subject(at)
    if opened is not None:
        return opened
    wanted = target.phrase or target.name or at.intent.text
    entries = target.ordinal is not None or bool(_ENTRIES.search(wanted) or _NUMBER.search(wanted))
    return explore(
        at, wanted, entries=entries, searchable=target.name if target.quoted and len(target.name) >= _TELLING else ""
    )


def _open_subject(at: Situation) -> Decision | None:
    """Open the thing the sentence is about (*find the email by X and …*): what is wanted may be inside."""
    about = at.intent.about
    if not about or any(deed.text == "open" for deed in at.deeds):
        return None
    match = find(at, Target(phrase=about, name=about))
    if match is None or not match.element.interactable or at.tried(match.element):
        return None
    reasoning = f"{at.intent.target.phrase!r} is not in sight; open {about!r} first."
    return act(reasoning, at.move("click", reasoning, match.element, completes=False, text="open"))


def _each(at: Situation) -> Decision:
    intent = at.intent
    one = replace(intent.target, every=False)
    pool = _of_entries(at, one)
    if pool is not None:
        one = replace(one, anchor=None)
    matches = [
        match
        for match in ground(one, at.page, "click", about=intent.about, pool=pool, most=_MOST * 2).matches
        if match.score >= FITS
        and not match.element.disabled
        and not any(likeness(name, match.element.name) >= FITS for name in intent.target.excluded)
    ]
    top = max((match.score for match in matches), default=0.0)
    matches = [match for match in matches if match.score >= top - _ALIKE_BY]
    left = [match for match in matches if not at.tried(match.element)]
    still = (intent.target.limit or _MOST) - len(at.worked)
    if not left or still <= 0:
        if at.worked:
            return skip("All of them were clicked.")
        return lead_on(at)
    order = {element.id: index for index, element in enumerate(at.page.elements)}
    match = min(left, key=lambda candidate: order[candidate.element.id])
    reasoning = f"The prompt says {intent.text!r}; {match.element.name[:60]!r} is one of {len(left)} left."
    return act(reasoning, at.move("click", reasoning, match.element, completes=len(left) == 1 or still == 1))


def _of_entries(at: Situation, target: Target) -> list[Element] | None:
    """What belongs to the entries that say the anchor (*all posts by X*); None where no entry does."""
    if target.anchor is None or target.anchor.relation != "in":
        return None
    found = [pair for pair in find_records(target.anchor.phrase, at.page) if pair[1].element_ids]
    if not found:
        return None
    sizes = {group.key: sum(other.key == group.key for other, _ in found) for group, _ in found}
    largest = max(sizes.values())
    key = next(group.key for group, _ in found if sizes[group.key] == largest)
    inside = {own for group, record in found if group.key == key for own in record.element_ids}
    return [element for element in at.page.elements if element.id in inside]


def _unfold_all(at: Situation) -> Decision | None:
    """*Expand the sections, to click X*: unfold one after the other until X is there; None if nothing is folded."""
    following = at.following
    if (
        following is not None
        and not following.target.empty
        and (there := ground(following.target, at.page, "click").best) is not None
        and in_sight(there.element)
        and (there.element.interactable or _by_sign(at) is None)
    ):
        return skip("What the next instruction needs is already in sight.")
    collapse = at.intent.value == "collapse"
    plural = at.intent.target.every or at.intent.target.name.endswith("s")
    folded = [
        element
        for element in at.page.elements
        if element.expanded is collapse and element.interactable and not element.disabled
    ]
    if not plural:
        named = ground(at.intent.target, at.page, "click", pool=folded).best
        if named is None and len(folded) == 1 and not at.worked:
            named = Match(folded[0], 0.7, "it is the only one that can be unfolded")
        if named is None:
            return _by_sign(at)
        reasoning = f"The prompt says {at.intent.text!r}; {named.element.name!r} is what can be {at.intent.value}ed."
        return act(reasoning, at.move("click", reasoning, named.element))
    left = [element for element in folded if not at.tried(element)]
    if not left:
        return skip("Everything that can be unfolded was.") if at.worked else _by_sign(at)
    reasoning = f"The prompt says {at.intent.text!r}; unfold {left[0].name[:60]!r}."
    return act(reasoning, at.move("click", reasoning, left[0], completes=False))


def _by_sign(at: Situation) -> Decision | None:
    """Unfold what has a sign for it and nothing else (*+*, *▸*), where just one such is there."""
    if at.worked:
        return skip("It was unfolded.")
    signs = _CLOSED_SIGNS if at.intent.value != "collapse" else _OPEN_SIGNS
    marked = [
        element
        for element in at.page.elements
        if element.interactable and not element.disabled and (element.text or element.name).strip() in signs
    ]
    if len(marked) != 1:
        return None
    reasoning = f"The prompt says {at.intent.text!r}; {marked[0].name!r} is the sign for it."
    return act(reasoning, at.move("click", reasoning, marked[0]))


def in_sight(element: Element) -> bool:
    """Whether a pointer could hit it as it is."""
    return not element.obscured and element.box.width >= _HITTABLE and element.box.height >= _HITTABLE


def _cover(at: Situation, element: Element) -> Element | None:
    """The control that lies over a folded one, and may unfold it."""
    x, y = element.box.center
    over = [
        other
        for other in at.page.elements
        if other.interactable
        and not (other.obscured or other.disabled or other.in_dialog or at.tried(other))
        and other.id != element.id
        and other.box.x <= x <= other.box.x + other.box.width
        and other.box.y <= y <= other.box.y + other.box.height
    ]
    return min(over, key=lambda other: other.box.width * other.box.height, default=None)


def _as_option(at: Situation) -> Decision | None:
    """A choice of a native list can't be clicked; it is selected."""
    target = at.intent.target
    for element in at.page.elements:
        for option in element.options:
            if (
                target.name
                and not option.disabled
                and likeness(target.name, option.label) >= EXACT
                and element.tag == "select"
            ):
                reasoning = f"{option.label!r} is a choice of the list {element.name!r}."
                return act(
                    reasoning,
                    at.choice(element, option, reasoning),
                )
    return None


def hover(at: Situation) -> Decision:
    """Move the pointer over what is named."""
    match = ground(at.intent.target, at.page, "hover", about=at.intent.about).best
    if match is None:
        return lead_on(at)
    reasoning = f"The prompt says {at.intent.text!r}; {match.element.name!r} fits: {match.why}."
    return act(reasoning, at.move("hover", reasoning, match.element))
