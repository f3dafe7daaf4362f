"""Intents that read the page: extract, verify, locate.

Owns: asking the reader for the answer, and where to look when it is not here. Must not:
read the page itself (``extraction`` does), or make anything up.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

import orjson

from mock_server.agent.extraction import Extraction, ExtractionRequest, extract, parse_request
from mock_server.agent.goal import Target
from mock_server.agent.grounding import ground
from mock_server.agent.lexicon import CALLED_SO, MOSTLY, contains, passage_likeness, words
from mock_server.agent.planner.exploring import explore
from mock_server.agent.planner.gathering import gather
from mock_server.agent.planner.model import Decision, Situation, act, give_up, skip
from mock_server.agent.planner.passages import read_passage
from mock_server.agent.recognition import find_record

_OF_THEM: Final = re.compile(r"\b(?:its|their)\b", re.IGNORECASE)


def request_of(at: Situation) -> ExtractionRequest:
    """Return what the intent asks to be told."""
    asked = at.intent.value or at.intent.text
    if (only := _left_to_reading(at)) and _OF_THEM.search(asked):
        asked = f"Show all {only}. {asked[:1].upper()}{asked[1:]}"
    return _request(asked, orjson.dumps(at.schema, default=str) if at.schema is not None else b"")


def _left_to_reading(at: Situation) -> str:
    """Return what the list was to be filtered by where the page had no control for it."""
    before = at.goal.intents[at.index - 1] if at.index else None
    if before is None or before.kind != "filter":
        return ""
    done = any(deed.intent == at.index - 1 and deed.ok for deed in at.memory.deeds)
    return "" if done else re.sub(r"^(?:all|the|only)\s+", "", before.value, flags=re.IGNORECASE)


@lru_cache(maxsize=64)
def _request(text: str, schema: bytes) -> ExtractionRequest:
    return parse_request(text, orjson.loads(schema) if schema else None)


def tell(at: Situation) -> Decision:
    """Read the answer; where it is not on this page, look for the page that has it."""
    request = request_of(at)
    answer = extract(request, at.page)
    onward_page = gather(at, request, answer)
    if onward_page is not None:
        return onward_page
    if answer.found and not answer.missing:
        return _told(at, answer)
    wanted = at.intent.value or at.intent.text
    onward = explore(at, _subject(request, wanted), entries=bool(request.anchor), searchable=request.anchor)
    if onward.verdict == "act" and not answer.found:
        return onward
    if answer.found:
        required = _required(at.schema)
        if not [name for name in answer.missing if name.split(".")[-1].split("[")[0] in required]:
            return _told(at, answer)
        if onward.verdict == "act":
            return onward
    said = answer.reason or f"The page {at.page.title!r} does not show it."
    missing = f" Not found: {', '.join(answer.missing)}." if answer.missing else ""
    return give_up(
        (
            f"What was asked for was not found on {at.page.title!r} ({at.page.url}): {said}{missing} Check the "
            f"URL, or name it as the page does."
        ),
        said,
        "not found",
    )


def _told(at: Situation, answer: Extraction) -> Decision:
    reasoning = answer.reason or "The page shows what was asked for."
    move = at.move("extract", reasoning, extraction_goal=at.intent.value or at.intent.text, output=answer.output)
    return act(reasoning, move)


def _subject(request: ExtractionRequest, wanted: str) -> str:
    return (
        " ".join(
            dict.fromkeys(
                (
                    *words(request.anchor),
                    *words(request.subject),
                    *(word for field in request.fields for word in words(field)),
                )
            )
        )
        or wanted
    )


def _required(schema: Any) -> frozenset[str]:
    """Names of the properties a schema requires, at any depth."""
    found: set[str] = set()
    stack = [schema]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            names, properties = node.get("required"), node.get("properties")
            inner = properties if isinstance(properties, dict) else {}
            if isinstance(names, list):
                found.update(name for name in names if isinstance(name, str) and not _nullable(inner.get(name)))
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return frozenset(found)


def _nullable(schema: Any) -> bool:
    """Whether a required property may be null: then its absence is no reason to look further."""
    kinds = schema.get("type") if isinstance(schema, dict) else None
    return isinstance(kinds, list) and "null" in kinds


def verify(at: Situation) -> Decision:
    """Check that the page shows what is claimed."""
    claim = re.sub(r"^(?:the|this)\s+page\s+(?:says|shows|reads|displays)\s+(?:that\s+)?", "", at.intent.value)
    if at.intent.text.casefold().startswith("confirm") and (ticked := _declared(at, claim)) is not None:
        return ticked
    quoted = re.findall(r'"([^"]+)"', at.intent.text)
    texts = [line.text for line in at.page.lines] + [element.name for element in at.page.elements] + [at.page.title]
    if quoted:
        missing = [phrase for phrase in quoted if not any(contains(text, phrase) for text in texts)]
        if not missing:
            return skip(f"The page shows {', '.join(repr(phrase) for phrase in quoted)}.")
        return give_up(
            f"The page {at.page.title!r} does not show {missing[0]!r}; it was not found.", f"{missing[0]} not found"
        )
    best = max(texts, key=lambda text: passage_likeness(claim, text), default="")
    if best and passage_likeness(claim, best) >= MOSTLY:
        return skip(f"The page shows it: {best[:120]!r}.")
    whole = " ".join(texts)
    if passage_likeness(claim, whole) >= 0.99 and len(words(claim)) <= 3:  # noqa: PLR2004 - a few words may be apart
        return skip("The page shows all of its words.")
    return give_up(
        f"The page {at.page.title!r} does not show that {claim!r}; it was not found there.", f"{claim} not found"
    )


def _declared(at: Situation, claim: str) -> Decision | None:
    """*Confirm that the address is right* where the page has a box that says so: to be ticked."""
    box = ground(Target(phrase=claim, name=claim), at.page, "check").best
    if box is None or box.score < CALLED_SO:
        return None
    reasoning = f"{box.element.name!r} is to be confirmed."
    if box.element.checked:
        return skip(f"It is confirmed: {box.element.name!r} is ticked.")
    return act(reasoning, at.move("checkbox", reasoning, box.element, is_checked=True))


def locate(at: Situation) -> Decision:
    """Make sure that what the next instruction is about is in sight."""
    target = at.intent.target
    wanted = target.phrase or target.name
    if find_text(at):
        return skip(f"{wanted!r} is on the page.")
    if ground(target, at.page, "see").best is not None or find_record(wanted, at.page) is not None:
        return skip(f"{wanted!r} is on the page.")
    if any(contains(line.text, target.name) for line in at.page.lines if target.name):
        return skip(f"{target.name!r} is on the page.")
    name = next((word for word in wanted.split() if word[:1].isupper()), target.name)
    return explore(at, wanted, entries=True, searchable=target.name if target.quoted else name)


def find_text(at: Situation) -> str:
    """Return the piece of text a *locate* names (*the last word in the text area*), or nothing."""
    return read_passage(at, at.intent.passage) if at.intent.passage is not None else ""
