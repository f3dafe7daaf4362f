"""A prompt taken apart into clauses, with what must not be taken apart kept whole.

Owns: protecting quotations, addresses, e-mail addresses and the like from being split,
and splitting the rest into imperative clauses. Must not: decide what a clause means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from mock_server.agent.goal.verbs import CLEAR_VERBS, QUESTION_WORDS, VERBS
from mock_server.agent.goal.words import ARTICLES, PRONOUNS, ordinal_of

AtomKind = Literal["quote", "url", "email", "handle", "date"]

MARK: Final = re.compile("\ue000(\\d+)\ue001")
_PRIVATE: Final = re.compile("[\ue000-\uf8ff\x00-\x08\x0b-\x1f\x7f]")
MAX_CHARACTERS: Final = 20_000
MAX_CLAUSES: Final = 120

_QUOTES: Final = re.compile(
    r"""
    "(?P<double>[^"]{1,2000})"                                        # "..."
    | (?<![\w])'(?P<single>[^'\n]{1,300}?(?:'\w[^'\n]{0,300}?)*)'(?!\w)   # '...', may hold an apostrophe
    | `(?P<tick>[^`\n]{1,300})`
    """,
    re.VERBOSE,
)
_ATOMS: Final[tuple[tuple[AtomKind, re.Pattern[str]], ...]] = (
    ("url", re.compile(r"\bhttps?://[^\s<>\"'\ue000\ue001]+[^\s<>\"'\ue000\ue001.,;:!?)\]]")),
    ("email", re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}\b")),
    ("handle", re.compile(r"(?<!\w)@\w[\w.-]{0,40}\w\b")),
    (
        "url",
        re.compile(
            r"(?<![\w@.-])(?:localhost(?::\d{2,5})|(?:\d{1,3}\.){3}\d{1,3}:\d{2,5}"
            r"|(?:[a-z0-9-]{1,63}\.){1,4}(?:com|org|net|io|dev|edu|gov|co|uk|de|fr|es|it|nl|eu|app|ai|test|example|local))"
            r"(?:/[^\s<>\"'\ue000\ue001]*[^\s<>\"'\ue000\ue001.,;:!?)\]])?(?![\w@-])",
            re.IGNORECASE,
        ),
    ),
    (
        "date",
        re.compile(
            r"\b(?:\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{4}-\d{2}-\d{2}"
            r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]{0,6}\.?\s\d{1,2}(?:st|nd|rd|th)?,\s\d{4})\b",
            re.IGNORECASE,
        ),
    ),
)
_CURLY: Final = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "\u00a0": " ", "\t": " "}  # noqa: RUF001 - matched against what pages hold, not read by people
)


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece of the prompt that is never split."""

    kind: AtomKind
    text: str
    """Without its quotation marks."""
    written: str
    """As it stood in the prompt."""


@dataclass(frozen=True, slots=True)
class Source:
    """A prompt whose atoms were replaced by marks."""

    masked: str
    atoms: tuple[Atom, ...]

    def plain(self, masked: str) -> str:
        """Put the atoms back, without quotation marks."""
        return MARK.sub(lambda match: self.atoms[int(match[1])].text, masked)

    def written(self, masked: str) -> str:
        """Put the atoms back as they were written."""
        return MARK.sub(lambda match: self.atoms[int(match[1])].written, masked)

    def first(self, masked: str, *kinds: AtomKind) -> Atom | None:
        """Return the first atom of one of these kinds, or None."""
        return next(iter(self.all(masked, *kinds)), None)

    def all(self, masked: str, *kinds: AtomKind) -> list[Atom]:
        """Return the atoms of these kinds in order."""
        found = (self.atoms[int(match[1])] for match in MARK.finditer(masked))
        return [atom for atom in found if atom.kind in kinds]


def read(prompt: str) -> Source:
    """Normalise quotation marks and white space, and put a mark in place of every atom."""
    text = _PRIVATE.sub("", prompt[:MAX_CHARACTERS]).translate(_CURLY)
    text = re.sub(r"[^\S\n]+", " ", text)
    atoms: list[Atom] = []

    def keep(kind: AtomKind, match: re.Match[str]) -> str:
        inner = next((group for group in match.groups() if group is not None), match[0])
        atoms.append(Atom(kind, inner.strip() or inner, match[0]))
        return f"\ue000{len(atoms) - 1}\ue001"

    text = _QUOTES.sub(lambda match: keep("quote", match), text)
    for kind, pattern in _ATOMS:
        text = pattern.sub(lambda match, kind=kind: keep(kind, match), text)  # type: ignore[misc]  # mypy can't type a lambda with a default
    return Source(text, tuple(atoms))


_BULLET: Final = re.compile(
    r"^\s*(?:[-*\u2022\u2013\u2014]\s+|\(?\d{1,2}[.)]\s+|\(?[a-z]\)\s+|step\s+\d{1,2}\s*[:.)-]?\s*)",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bvs)(?<!\bNo)(?<!\betc)[.!?;]+(?=\s+|$)"
)
_INLINE_STEP: Final = re.compile(r"(?:(?<=\s)|^)\(?(?:step\s+)?\d{1,2}[.):]\s+(?=[A-Za-z])", re.IGNORECASE)
_CONNECTOR: Final = re.compile(
    r"\s*[,;]?\s*(?:\b(?:and|but)\s+)?\b(?:then|after that|afterwards|subsequently|finally|lastly|once done|when done|"
    r"after which|following that|followed by|next(?=\s*,))\b\s*,?\s*(?:and\s+|to\s+)?",
    re.IGNORECASE,
)
_OTHERWISE: Final = re.compile(r"\s*[,;]\s*(?=(?:otherwise|else|if not)\b)", re.IGNORECASE)
_JOINT: Final = re.compile(
    r"\s*,\s*(?:and\s+|or\s+|but\s+|also\s+|&\s*)*|\s+(?:and|but|&)\s+(?:also\s+|then\s+)?|\s*:\s+(?=\w)", re.IGNORECASE
)
_RUN_ON: Final = re.compile(
    r"(?<!\bto)(?<!\bby)(?<!\band)(?<!\bor)\s+(?=(?:hit|press|click|tap)\s+(?:on\s+)?(?:the\s+)?(?:submit|ok|enter|login|search|send|save|next)\b)",
    re.IGNORECASE,
)
_LEAD: Final = re.compile(
    r"^(?:[\s,.:;]+|(?:please|and|but|or|kindly|now|first|firstly|second|secondly|third|thirdly|also|just|simply|next|finally|so|ok|okay|hi|hello|"
    r"to start|to begin|let's|lets|go ahead and|be sure to|remember to|don't forget to|try to|try and|"
    r"(?:could|can|would|will) you(?: please)?|you (?:should|must|need to|have to|will|can)|we (?:should|"
    r"need to|have to)|"
    r"i(?:'d like| would like| want| need)(?: you)? to|i need you to|"
    r"your (?:task|goal|job|objective|mission) is to|(?:the )?(?:task|goal|objective)(?: is to)?\s*:|"
    r"in order to|on (?:this|the) (?:page|site|website)|from (?:this|the) (?:page|site|website)|"
    r"as (?:a )?(?:next|last|final|first) step)\b[\s,:]*)+",
    re.IGNORECASE,
)
_VERB_FORMS: Final = sorted(VERBS, key=len, reverse=True)
_VERB_AT: Final = re.compile(rf"({'|'.join(re.escape(verb) for verb in _VERB_FORMS)})(?![\w-])", re.IGNORECASE)
_OBJECT_AHEAD: Final = re.compile(
    (
        rf"\s*(?:\ue000|#|on\b|in\b|into\b|to\b|for\b|by\b|from\b|down\b|up\b|out\b|with\b|only\b|"
        rf"{'|'.join(ARTICLES | PRONOUNS)}\b|all\b|every\b|each\b)"
    ),
    re.IGNORECASE,
)
_SET_TO: Final = re.compile(
    r"(?:(?:set|change|update)\s.+?\s(?:to|from|as)\s|"
    r"(?:check|tick|untick|accept|agree to|turn on|turn off|enable|disable)\s+(?!in\b|out\b)\w)",
    re.IGNORECASE,
)
"""Instructions that are told by more than their first word: *set hours to 7*, *tick Oars*."""
_PAIR_LINE: Final = re.compile(r"^[^\W\d_][\w /'-]{0,40}\s?[:=]\s+\S")
_ALONE: Final = frozenset(
    [
        "checkout",
        "check out",
        "submit",
        "log in",
        "login",
        "sign in",
        "log out",
        "logout",
        "sign out",
        "save",
        "send",
        "pay",
        "continue",
        "proceed",
        "go back",
        "reload",
        "refresh",
    ]
)
"""Verbs that need no object to be an instruction after *and*."""
_NAMING: Final = frozenset(("operate", "open", "search", "check", "compose"))
_SUBJECT_LIST: Final = frozenset(("extract", "locate"))


def strip_lead(clause: str) -> str:
    """Take politeness and counting words from the front of a clause."""
    return _LEAD.sub("", clause.strip(), count=1).strip(" ,:;")


def verb_of(clause: str) -> tuple[str, str]:
    """Return (verb, rest) for a clause that begins with a known verb, else ("", clause)."""
    match = _VERB_AT.match(clause)
    if match is None:
        return "", clause
    return re.sub(r"\s+", " ", match[1].lower()), clause[match.end() :].strip()


def opens_clause(text: str, *, in_list: bool) -> bool:
    """Whether what follows a comma or *and* is a new instruction rather than one more item of a list.

    ``in_list`` is true inside clauses that list nouns to be told (*the name, price and rating*).
    """
    verb, rest = verb_of(strip_lead(text))
    if not verb or (verb == "start" and MARK.match(rest)) or (in_list and rest.startswith((",", "and ", "or "))):
        return False  # "reference, type, cost": a verb with nothing to act on is one more noun
    if verb in QUESTION_WORDS:
        return not in_list or bool(re.match(r"(?:is|are|was|were|does|do|did|many|much)\b", rest, re.IGNORECASE))
    if verb in _ALONE and re.match(r"[\s.]*(?:$|,|(?:and|then)\b)", rest):
        return not in_list or verb in CLEAR_VERBS
    if verb in CLEAR_VERBS:
        return bool(rest) or not in_list
    if not in_list and _SET_TO.match(f"{verb} {rest}"):
        return True
    named = rest[:1].isupper() and VERBS[verb] in _NAMING and not in_list  # *delete Dan*, *open Pricing*
    return (
        named
        or bool(_OBJECT_AHEAD.match(rest))
        or (not in_list and bool(rest) and ordinal_of(rest.split()[0]) is not None)
    )


def clauses(source: Source) -> list[str]:
    """Return the prompt's clauses, still masked, in the order in which they are to be done."""
    found: list[str] = []
    for line in source.masked.split("\n"):
        body = _BULLET.sub("", line).strip()
        if not body:
            continue
        if _PAIR_LINE.match(body) and not verb_of(body)[0] and strip_lead(body) == body:
            found.append(body)
            continue
        for sentence in _sentences(line):
            for part in (piece for half in _OTHERWISE.split(sentence) for piece in _CONNECTOR.split(half)):
                for piece in _RUN_ON.split(strip_lead(part)):
                    found.extend(_coordinated(piece))
                if len(found) >= MAX_CLAUSES:
                    return found[:MAX_CLAUSES]
    return [clause for clause in found if clause]


def _sentences(line: str) -> list[str]:
    numbered = _INLINE_STEP.split(line) if len(_INLINE_STEP.findall(line)) > 1 else [_BULLET.sub("", line)]
    return [piece.strip() for part in numbered for piece in _SENTENCE.split(part) if piece.strip()]


def _coordinated(sentence: str) -> list[str]:
    """Split *do this, do that and do the other* where each part begins with a verb."""
    parts: list[str] = []
    start = 0
    verb, _ = verb_of(sentence)
    in_list = VERBS.get(verb) in _SUBJECT_LIST
    for joint in _JOINT.finditer(sentence):
        if joint.start() < start or joint.end() >= len(sentence):
            continue
        ahead = sentence[joint.end() :]
        if not opens_clause(ahead, in_list=in_list):
            continue
        parts.append(sentence[start : joint.start()].strip(" ,"))
        start = joint.end()
        verb, _ = verb_of(strip_lead(ahead))
        in_list = VERBS.get(verb) in _SUBJECT_LIST
    parts.append(sentence[start:].strip(" ,"))
    return [strip_lead(part) for part in parts if part]
