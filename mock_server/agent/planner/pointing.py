"""Intents that act on one element: click, hover, open, close, press, scroll, wait and their kind.

Owns: what each needs on the page and when it counts as done. Must not: fill forms
(``forms``), sign in (``sessions``) or fetch files (``transfers``).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from mock_server.agent.goal import Anchor, Target
from mock_server.agent.grounding import FITS, Match, find_record, ground, ground_record
from mock_server.agent.lexicon import contains, fold, likeness, passage_likeness, words
from mock_server.agent.observation import Element, Record
from mock_server.agent.planner.exploring import explore, next_page_link, not_found
from mock_server.agent.planner.model import Decision, Move, Situation, act, give_up, skip

_MOST: Final = 30
"""How often an *until* may repeat."""
_ENTRIES: Final = re.compile(
    r"\b(?:results?|posts?|items?|products?|entr(?:y|ies)|rows?|records?|articles?|stories|story|emails?|messages?|cards?|links?)\b",
    re.IGNORECASE,
)


def is_seen(at: Situation, text: str) -> bool:
    """Whether the page shows ``text``: an element's name, or words in its lines."""
    target = Target(phrase=text, name=text)
    if ground(target, at.page, "see").best is not None:
        return True
    return any(
        contains(line.text, text) or (len(words(text)) > 1 and passage_likeness(text, line.text) >= 0.8)
        for line in at.page.lines
    )  # noqa: PLR2004 - most of the words


def click(at: Situation) -> Decision:
    """Click what is named, as often as asked."""
    intent = at.intent
    done = len(at.worked)
    if intent.until and is_seen(at, intent.until):
        return skip(f"The page now shows {intent.until!r}.")
    if intent.until and done >= _MOST:
        return give_up(f"After {done} clicks the page still did not show {intent.until!r}.")
    if intent.value in ("expand", "unfold", "collapse") and (unfolding := _unfold_all(at)) is not None:
        return unfolding
    if intent.target.every:
        return _each(at)
    match = find(at)
    if match is None:
        option = _as_option(at)
        return option if option is not None else _lead_on(at)
    element = match.element
    if element.disabled:
        return give_up(
            f"{element.name!r} is on the page but cannot be used now (it is disabled). Say in the prompt what has to be done before it."
        )
    completes = not intent.until and done + 1 >= intent.count
    options = {"keys": ("double",)} if intent.value == "double" else {}
    reasoning = f"The prompt says {intent.text!r}; {element.role} {element.name[:80]!r} fits best: {match.why}."
    return act(reasoning, at.move("click", reasoning, element, completes=completes, confidence=match.score, **options))


def find(at: Situation, target: Target | None = None) -> Match | None:
    """Return the element the intent's target means, by name or as the n-th entry of a list."""
    target = target if target is not None else at.intent.target
    if target.empty and not target.anchor:
        return None
    best = ground(target, at.page, "click", about=at.intent.about).best
    if best is not None:
        return best
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
    if not target.name or len(fold(target.name)) < 3 or target.roles:  # noqa: PLR2004 - too short to find an entry by
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


def _lead_on(at: Situation) -> Decision:
    target = at.intent.target
    wanted = target.phrase or target.name or at.intent.text
    entries = target.ordinal is not None or bool(_ENTRIES.search(wanted))
    return explore(
        at, wanted, entries=entries, searchable=target.name if target.quoted and len(target.name) > 2 else ""
    )  # noqa: PLR2004 - too short to search for


def _each(at: Situation) -> Decision:
    intent = at.intent
    one = replace(intent.target, every=False)
    matches = [
        match
        for match in ground(one, at.page, "click", about=intent.about).matches
        if match.score >= FITS
        and not match.element.disabled
        and not any(likeness(name, match.element.name) >= FITS for name in intent.target.excluded)
    ]
    left = [match for match in matches if not at.tried(match.element)]
    if not left or len(at.worked) >= _MOST:
        if at.worked:
            return skip("All of them were clicked.")
        return _lead_on(at)
    order = {element.id: index for index, element in enumerate(at.page.elements)}
    match = min(left, key=lambda candidate: order[candidate.element.id])
    reasoning = f"The prompt says {intent.text!r}; {match.element.name[:60]!r} is one of {len(left)} left."
    return act(reasoning, at.move("click", reasoning, match.element, completes=len(left) == 1))


def _unfold_all(at: Situation) -> Decision | None:
    """*Expand the sections, to click X*: unfold one after the other until X is there; None if nothing says it is folded."""
    following = at.following
    if (
        following is not None
        and not following.target.empty
        and ground(following.target, at.page, "click").best is not None
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
            return None
        reasoning = f"The prompt says {at.intent.text!r}; {named.element.name!r} is what can be {at.intent.value}ed."
        return act(reasoning, at.move("click", reasoning, named.element))
    left = [element for element in folded if not at.tried(element)]
    if not left:
        return skip("Everything that can be unfolded was.") if at.worked else None
    reasoning = f"The prompt says {at.intent.text!r}; unfold {left[0].name[:60]!r}."
    return act(reasoning, at.move("click", reasoning, left[0], completes=False))


def _as_option(at: Situation) -> Decision | None:
    """A choice of a native list can't be clicked; it is selected."""
    target = at.intent.target
    for element in at.page.elements:
        for option in element.options:
            if (
                target.name
                and not option.disabled
                and likeness(target.name, option.label) >= 0.9
                and element.tag == "select"
            ):  # noqa: PLR2004 - all but the same
                reasoning = f"{option.label!r} is a choice of the list {element.name!r}."
                return act(
                    reasoning,
                    at.move(
                        "select_option",
                        reasoning,
                        element,
                        values=(option.label,),
                        option={"label": option.label, "value": option.value},
                    ),
                )
    return None


def hover(at: Situation) -> Decision:
    """Move the pointer over what is named."""
    match = ground(at.intent.target, at.page, "hover", about=at.intent.about).best
    if match is None:
        return _lead_on(at)
    reasoning = f"The prompt says {at.intent.text!r}; {match.element.name!r} fits: {match.why}."
    return act(reasoning, at.move("hover", reasoning, match.element))


def open_page(at: Situation) -> Decision:
    """Go to an address, or follow the way that leads to the page that is named."""
    intent = at.intent
    if intent.value:
        if _same_address(intent.value, at.page.url):
            return skip(f"The page at {intent.value} is already open.")
        address = with_scheme(intent.value)
        return act(
            f"The prompt names the address {address}.",
            at.move("goto_url", f"The prompt says to go to {address}.", url=address),
        )
    wanted = intent.target.name or intent.target.phrase
    if not wanted or likeness(wanted, "home") >= 0.8:  # noqa: PLR2004 - home page, homepage
        parts = urlsplit(at.page.url)
        home = f"{parts.scheme}://{parts.netloc}/"
        link = ground(Target(name="home", roles=("link",)), at.page, "click").best
        if link is not None:
            return act("Go to the home page.", at.move("click", "The link leads to the home page.", link.element))
        return act("Go to the home page.", at.move("goto_url", "The home page is the root of the site.", url=home))
    if at.worked and at.deeds[-1].explores:
        return skip(f"The way to {wanted!r} was followed.")
    match = find(at)
    heading = next((line.text for line in at.page.lines if line.kind == "heading" and line.level == 1), "")
    here = max(likeness(wanted, at.page.title), likeness(wanted, heading))
    if here >= 0.85 and (match is None or match.score < 0.9 or _same_address(match.element.href, at.page.url)):  # noqa: PLR2004 - the page is called so
        return skip(f"The page {at.page.title!r} is the one that was named.")
    if match is not None:
        reasoning = (
            f"The prompt says {intent.text!r}; {match.element.role} {match.element.name[:80]!r} fits best: {match.why}."
        )
        return act(reasoning, at.move("click", reasoning, match.element, confidence=match.score))
    return _lead_on(at)


def with_scheme(address: str) -> str:
    """Return an address a browser can open; local hosts get http, others https."""
    if re.match(r"[a-z][a-z0-9+.-]*://", address, re.IGNORECASE) or address.startswith("about:"):
        return address
    local = re.match(r"(?:localhost|127\.|10\.|192\.168\.|\[::1\])|[^/]+:\d+", address)
    return f"{'http' if local else 'https'}://{address}"


def _same_address(left: str, right: str) -> bool:
    def plain(address: str) -> str:
        return re.sub(r"^https?://(?:www\.)?", "", address).split("#")[0].rstrip("/")

    return bool(left) and plain(left) == plain(right)


def close(at: Situation) -> Decision:
    """Close a dialog, a banner or whatever is named."""
    target = at.intent.target
    named = target.name if target.name not in ("it", "that", "this", "them") else at.intent.condition
    if named and not at.page.dialog_open:
        scoped = ground(Target(name="close", anchor=Anchor("in", named)), at.page, "click").best
        if scoped is not None:
            return act(
                f"Close {named!r}.", at.move("click", f"{scoped.element.name!r} closes {named!r}.", scoped.element)
            )
    pool = (
        [element for element in at.page.elements if element.in_dialog and element.interactable]
        if at.page.dialog_open
        else None
    )
    for name in ("close", "accept", "no thanks", "ok", "cancel"):
        best = ground(Target(name=name), at.page, "click", pool=pool).best
        if best is not None and best.element.interactable:
            return act(f"Close {named or 'it'!r}.", at.move("click", f"{best.element.name!r} closes it.", best.element))
    if at.page.dialog_open and not at.deeds:
        return act("Close the dialog.", at.move("keypress", "Escape closes most dialogs.", keys=("Escape",)))
    return skip("Nothing is open that could be closed.")


def press_key(at: Situation) -> Decision:
    """Press a key where the focus is; after typing, in the field that was typed into."""
    key = at.intent.value
    last = next((deed for deed in reversed(at.memory.deeds) if deed.element_id), None)
    field = at.page.element(last.element_id) if last is not None and last.action_type == "input_text" else None
    reasoning = f"The prompt says to press {key}."
    return act(reasoning, at.move("keypress", reasoning, field, keys=(key,)))


def scroll(at: Situation) -> Decision:
    """Scroll the page, or a box in it, to an edge or to something."""
    intent = at.intent
    if intent.until:
        if is_seen(at, intent.until):
            return skip(f"The page shows {intent.until!r}.")
        if at.deeds and (not at.deeds[-1].changed or len(at.deeds) >= _MOST):
            return give_up(f"The end of the page was reached without seeing {intent.until!r}.")
        return act(
            "Scroll on.", at.move("scroll", f"Scroll until {intent.until!r} shows.", text="down", completes=False)
        )
    if not intent.target.empty or intent.target.name:
        match = ground(intent.target, at.page, "see", about=intent.about).best
        if match is None:
            return _lead_on(at)
        where = intent.direction or "into view"
        return act(
            f"Scroll {match.element.name!r} {where}.",
            at.move("scroll", f"The prompt says {intent.text!r}.", match.element, text=where),
        )
    return act(
        f"Scroll {intent.direction}.",
        at.move("scroll", f"The prompt says {intent.text!r}.", text=intent.direction or "down"),
    )


def next_page(at: Situation) -> Decision:
    """Turn to the next page of a list, or to the one with a number."""
    link = next_page_link(at, at.intent.count)
    if link is None:
        return give_up(
            f"The page has no control that leads to {'page ' + str(at.intent.count) if at.intent.count else 'a next page'}. It may be the last one."
        )
    reasoning = f"{link.name!r} leads to {'page ' + str(at.intent.count) if at.intent.count else 'the next page'}."
    return act(reasoning, at.move("click", reasoning, link))


def wait(at: Situation) -> Decision:
    """Wait some seconds, or until something is seen."""
    intent = at.intent
    if intent.until:
        if is_seen(at, intent.until):
            return skip(f"The page shows {intent.until!r}.")
        if len(at.deeds) >= 10:  # noqa: PLR2004 - ten looks
            return give_up(f"{intent.until!r} did not appear on the page while it was waited for.")
        return act("Wait.", at.move("wait", f"Wait for {intent.until!r}.", seconds=0.5, completes=False))
    return act("Wait.", at.move("wait", f"The prompt says {intent.text!r}.", seconds=float(min(intent.count, 60))))


def simple(at: Situation) -> Decision:
    """Go back or reload."""
    action = "go_back" if at.intent.kind == "back" else "reload_page"
    return act(at.intent.text, at.move(action, f"The prompt says {at.intent.text!r}."))


def operate(at: Situation) -> Decision:
    """Use the control the page has for a verb (*delete*, *add to cart*) on the thing that is named."""
    intent = at.intent
    things = intent.choices or (intent.target,)
    done = len([deed for deed in at.worked if deed.text != "open"])
    wanted = done // max(1, intent.count) if intent.choices else 0
    thing = things[min(wanted, len(things) - 1)]
    completes = done + 1 >= len(things) * intent.count
    phrase = "" if thing.name in ("it", "them", "this", "that") else (thing.phrase or thing.name)
    controls = _controls(at, intent.value, thing, phrase)
    if controls is not None:
        reasoning = f"The prompt says {intent.text!r}; {controls.element.name[:60]!r} does that: {controls.why}."
        return act(
            reasoning, at.move("click", reasoning, controls.element, completes=completes, confidence=controls.score)
        )
    if phrase and not any(deed.text == "open" for deed in at.deeds):
        match = find(at, thing)
        if match is not None and match.element.interactable:
            reasoning = f"Open {phrase!r} to look for a way to {intent.value}."
            return act(reasoning, at.move("click", reasoning, match.element, completes=False, text="open"))
    return explore(
        at,
        phrase or intent.value,
        entries=True,
        searchable=thing.name if thing.quoted else "",
        reason=not_found(at, intent.text) if not phrase else "",
    )


def _controls(at: Situation, verb: str, thing: Target, phrase: str) -> Match | None:
    """The control named after the verb, among those of the thing if the thing is one entry of several."""
    pool: list[Element] | None = None
    if phrase:
        found = ground_record(thing, at.page)
        if found is not None and (thing.extreme or thing.ordinal or passage_likeness(phrase, found[1].text) >= 0.75):  # noqa: PLR2004 - most of the words
            pool = [element for element in at.page.elements if element.id in found[1].element_ids]
        elif (
            not _about_page(at, phrase)
            and likeness(phrase, verb) < FITS
            and not ground(Target(name=f"{verb} {phrase}"), at.page, "click").best
        ):
            return None
    for name in (f"{verb} {phrase}".strip(), verb, verb.split()[0]):
        best = ground(Target(phrase=name, name=name), at.page, "click", pool=pool).best
        if (
            best is not None
            and best.element.interactable
            and not best.element.disabled
            and best.element.role not in ("textbox", "searchbox")
        ):
            return best
    return None


def _about_page(at: Situation, phrase: str) -> bool:
    """Whether the page as a whole is about the thing (a product's or message's own page)."""
    headings = [line.text for line in at.page.lines if line.kind == "heading" and line.level in (1, 2)]
    return any(passage_likeness(phrase, text) >= 0.75 for text in (at.page.title, *headings))  # noqa: PLR2004 - most of the words


def drag(at: Situation) -> Decision:
    """Drag one thing onto another."""
    source = ground(at.intent.target, at.page, "click").best
    place = ground(at.intent.choices[0], at.page, "see").best if at.intent.choices else None
    if source is None or place is None:
        return _lead_on(at)
    reasoning = f"Drag {source.element.name!r} to {place.element.name!r}."
    move: Move = at.move("drag", reasoning, source.element, place=place.element)
    return act(reasoning, move)
