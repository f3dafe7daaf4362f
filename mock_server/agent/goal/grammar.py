"""A prompt read as a goal.

Owns: what holds between clauses: conditions, order, negation, what a pronoun or a
leading phrase refers to, data given apart. Must not: look at a page, or raise on any
text; what it does not understand becomes the nearest intent with less confidence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

from mock_server.agent.goal.clause import read_clause
from mock_server.agent.goal.credentials import find_credentials
from mock_server.agent.goal.filling import field_values
from mock_server.agent.goal.model import Credentials, FieldValue, Goal, Intent, Target
from mock_server.agent.goal.phrases import seen
from mock_server.agent.goal.settling import ABOUT, settle
from mock_server.agent.goal.targets import bare, parse_target
from mock_server.agent.goal.text import MARK, Source, clauses, read, strip_lead, verb_of

_NEGATED: Final = re.compile(
    r"^(?:do\s+not|don't|dont|never|avoid|without|no\s+need\s+to|you\s+(?:must|should)\s+not)\s+(?P<what>.+)$",
    re.IGNORECASE,
)
_WITHOUT: Final = re.compile(
    r",?\s+without\s+(?P<what>(?:submitting|clicking|pressing|sending|buying|logging|saving)\b.*)$", re.IGNORECASE
)
_BUT_NOT: Final = re.compile(r"\s*,?\s*\b(?:but|and)\s+(?=(?:do\s+not|don't|never)\b)", re.IGNORECASE)
_IF: Final = re.compile(
    r"^if\s+(?:there\s+(?:is|are)\s+|you\s+(?:see|find|get|are\s+shown)\s+|you\s+are\s+|it\s+(?:shows|says|asks)\s+)?(?P<what>.+?)"
    r"(?:\s+(?:appears?|pops?\s+up|is\s+(?:shown|visible|displayed|present|there)|shows?\s+up|exists?))?$",
    re.IGNORECASE,
)
_ELSE: Final = re.compile(r"^(?:otherwise|else|if not)\b[\s,]*", re.IGNORECASE)
_AFTER: Final = re.compile(
    r"^(?:after|once|when|upon|having|by|on)\s+(?:successfully\s+)?(?P<gerund>[a-z]+ing)\b\s*(?P<rest>.*)$",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(r"^before\s+(?P<gerund>[a-z]+ing)\b\s*(?P<rest>.*)$", re.IGNORECASE)
_SETTLED: Final = re.compile(
    (
        r"^(?:after|once|when|as soon as)\s+(?:that|you|you're|the\s+\w+|it|this|done|everything|everything's|"
        r"logged|there|finished)\b"
    ),
    re.IGNORECASE,
)
_KEEP: Final = re.compile(r"^(?:keep|continue|start|begin)\s+(?P<gerund>[a-z]+ing)\b\s*(?P<rest>.*)$", re.IGNORECASE)
_USE: Final = re.compile(r"^(?:use|using|via|with)\s+(?P<what>.+?)\s+(?:to|and)\s+(?P<then>[a-z].*)$", re.IGNORECASE)
_USING: Final = re.compile(r"^(?:use|using|via|with|my|the|here are the)\b\s*(?P<what>.*)$", re.IGNORECASE)
_PLACE: Final = re.compile(r"^(?:for|in|on|from|under|within|at|inside|regarding|about)\s+(?P<what>.+)$", re.IGNORECASE)
_ASKING: Final = re.compile(r"(?:which|what|whom|how)\b", re.IGNORECASE)
_SMALL: Final = frozenset(("as", "of", "to", "and", "the", "in"))
_NAME_WORDS: Final = 4
_PAIR: Final = re.compile(r"^(?:[^\W\d_][\w /'-]{0,48})\s*(?:(?<!\d):|:(?!\d)|=)\s*\S")
_STOP: Final = re.compile(
    (
        r"^(?:stop|finish|end|you are done|you're done|the task is (?:done|complete))\s+(?:when|once|as soon as|"
        r"after|if)\s+(?P<what>.+)$"
    ),
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Reading:
    """What has been read so far, clause by clause."""

    source: Source
    intents: list[Intent] = field(default_factory=list)
    data: list[FieldValue] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    condition: str = ""
    """Waiting for the clause it belongs to."""
    last_condition: str = ""
    unless: bool = False
    about: str = ""
    postponed: list[Intent] = field(default_factory=list)
    """Intents of a *before …* clause, done after the clause that follows it."""

    def add(self, found: list[Intent]) -> None:
        if not found:
            return
        if self.condition:
            found = [replace(intent, condition=self.condition, unless=self.unless) for intent in found]
            self.last_condition, self.condition, self.unless = self.condition, "", False
        if self.about:
            found = [replace(intent, about=self.about) if intent.kind in ABOUT else intent for intent in found]
            self.about = ""
        self.intents.extend(found)
        if self.postponed:
            self.intents.extend(self.postponed)
            self.postponed = []


def parse_goal(prompt: str) -> Goal:
    """Read a prompt; never raises. A blank prompt gives a goal without intents."""
    source = read(prompt)
    reading = _Reading(source)
    for clause in clauses(source):
        for part in _BUT_NOT.split(clause):
            _read(strip_lead(part), reading)
    reading.add([])
    reading.intents.extend(reading.postponed)
    if not reading.intents and reading.about:  # *for each product, the name and price* asks to be told
        said = " ".join(prompt.split())
        reading.intents.append(Intent("extract", said, value=said, confidence=0.4))
    credentials = _credentials(prompt, reading.intents)
    intents = settle(reading.intents, reading.data, reading.forbidden, credentials, prompt)
    return Goal(
        prompt=prompt,
        intents=tuple(intents),
        credentials=credentials,
        data=tuple(reading.data),
        forbidden=tuple(reading.forbidden),
        url=_first_address(source, intents),
        confidence=min((intent.confidence for intent in intents), default=0.0),
    )


def _read(clause: str, reading: _Reading) -> None:  # noqa: PLR0911 - the order of the kinds is the grammar, and is seen in one place
    """Read one clause into ``reading``."""
    source = reading.source
    if not clause.strip(" .,:;-'\"`()"):
        return
    negated = _NEGATED.match(clause)
    if negated:
        reading.forbidden.append(source.plain(negated["what"]).strip(" ."))
        return
    without = _WITHOUT.search(clause)
    if without:
        reading.forbidden.append(source.plain(_imperative(without["what"])))
        clause = clause[: without.start()]
    if _conditional(clause, reading) or _subordinate(clause, reading):
        return
    if _PAIR.match(clause) and not verb_of(clause)[0]:
        reading.data.extend(field_values(clause, source))
        return
    stop = _STOP.match(clause)
    if stop:
        quoted = source.first(stop["what"], "quote")
        _until(reading, quoted.text if quoted else seen(source.plain(stop["what"])))
        return
    if _goes_on(clause, reading):
        return
    kept = _KEEP.match(clause)
    if kept and (base := _base_verb(kept["gerund"], kept["rest"])):
        clause = base
    if not verb_of(clause)[0] and _leading_phrase(clause, reading):
        return
    reading.add(read_clause(clause, source))


def _goes_on(clause: str, reading: _Reading) -> bool:
    """*Click File, then Export*: a name and nothing else, after something that was clicked, is clicked too."""
    source, last = reading.source, reading.intents[-1] if reading.intents else None
    if last is None or last.kind not in ("click", "hover") or last.until or clause.endswith("?"):
        return False
    words = source.plain(clause).split()
    named = all(word[:1].isupper() or word.casefold() in _SMALL for word in words) or MARK.fullmatch(clause.strip(" ."))
    if not named or not words or len(words) > _NAME_WORDS or (verb_of(clause)[0] and len(words) > 1):
        return False
    target = Target(phrase=source.plain(clause), name=source.plain(clause).strip(" ."), quoted=bool(MARK.match(clause)))
    reading.add([Intent("click", source.written(clause), target=target, about=last.about)])
    return True


def _conditional(clause: str, reading: _Reading) -> bool:
    otherwise = _ELSE.match(clause)
    if otherwise and reading.last_condition:
        reading.condition, reading.unless = reading.last_condition, True
        rest = strip_lead(clause[otherwise.end() :])
        if rest:
            _read(rest, reading)
        return True
    match = _IF.match(clause)
    if not match:
        return False
    inline = re.match(r"(?P<what>.+?)(?:,|\s+then)\s+(?P<then>[a-z].*)$", match["what"], re.IGNORECASE)
    what = inline["what"] if inline else match["what"]
    negative = re.match(r"(?:no|not)\s+", what, re.IGNORECASE)
    reading.unless = bool(negative)
    reading.condition = bare(reading.source.plain(what[negative.end() :] if negative else what))
    if inline:
        _read(strip_lead(inline["then"]), reading)
    return True


def _subordinate(clause: str, reading: _Reading) -> bool:
    """Read *after logging in …*, *before submitting …*, *use X to …*; True if that was all of the clause."""
    source = reading.source
    after, before = _AFTER.match(clause), _BEFORE.match(clause)
    for match in (after, before):
        if match and (base := _base_verb(match["gerund"], match["rest"])):
            found = read_clause(base, source)
            if match is before:
                reading.postponed.extend(found)
            else:
                reading.add(found)
            return True
    if _SETTLED.match(clause):
        return True
    use = _USE.match(clause)
    if use and verb_of(use["then"])[0]:
        found = read_clause(use["then"], source)
        place = parse_target(use["what"], source)
        reading.add(
            [
                replace(intent, target=place)
                if intent.kind == "type" and intent.target.empty and not intent.fields
                else intent
                for intent in found
            ]
        )
        return True
    return False


def _leading_phrase(clause: str, reading: _Reading) -> bool:
    """Read a clause that has no verb but says what the next one is about, or gives data."""
    source = reading.source
    using = _USING.match(clause)
    if using:
        if find_credentials(source.written(clause)):
            return True
        values = [value for value in field_values(using["what"], source) if value.name]
        if values:
            reading.data.extend(values)
            return True
    place = _PLACE.match(clause)
    if place and not _ASKING.match(place["what"]):
        where, comma, rest = place["what"].partition(",")
        if comma and verb_of(strip_lead(rest))[0]:  # *in the editor, give everything …*
            _leading_phrase(f"{clause.split(maxsplit=1)[0]} {where}", reading)
            _read(strip_lead(rest), reading)
            return True
        what = bare(source.plain(place["what"]))
        page = re.fullmatch(r"(?P<name>.+?)\s+page", what, re.IGNORECASE)
        if page and page["name"].lower() not in ("this", "current", "first", "home", "the", "landing", "main"):
            reading.add(
                [Intent("open", source.written(clause), target=parse_target(page["name"], source), confidence=0.6)]
            )
        elif what.lower() not in ("page", "this page", "site", "website", "screen"):
            reading.about = what
        return True
    return False


def _until(reading: _Reading, what: str) -> None:
    """Give the last repeatable intent its end (*click Next. Stop when you see X*)."""
    for index in range(len(reading.intents) - 1, -1, -1):
        if reading.intents[index].kind in ("click", "scroll", "next_page", "press_key"):
            reading.intents[index] = replace(reading.intents[index], until=what)
            return


def _base_verb(gerund: str, rest: str) -> str:
    """Turn ``logging`` + ``in as x`` into ``log in as x``; empty if no known verb comes out."""
    stem = gerund.lower().removesuffix("ing")
    for base in (stem, stem + "e", stem[:-1] if stem[-1:] == stem[-2:-1] else stem):  # *tapp-ing* is *tap*
        clause = f"{base} {rest}".strip()
        verb, _ = verb_of(clause)
        if verb and verb.split()[0] == base:
            return clause
    return ""


def _imperative(text: str) -> str:
    words = text.split(None, 1)
    return _base_verb(words[0], words[1] if len(words) > 1 else "") or text


def _credentials(prompt: str, intents: list[Intent]) -> Credentials:
    """Credentials count only where the prompt is about signing in; *get the user name* is not."""
    about_login = any(intent.kind == "login" for intent in intents) or re.search(
        r"\bpass(?:word|wd)?\b|\bcredential|\bpwd\b", prompt, re.IGNORECASE
    )
    return find_credentials(prompt) if about_login else Credentials()


def _first_address(source: Source, intents: list[Intent]) -> str | None:
    """The address the prompt names, unless it is a value to be typed."""
    opened = next((intent.value for intent in intents if intent.kind == "open" and intent.value), None)
    if opened:
        return opened
    typed = {value.value for intent in intents for value in intent.fields} | {
        intent.value for intent in intents if intent.kind == "type"
    }
    return next((atom.text for atom in source.atoms if atom.kind == "url" and atom.text not in typed), None)
