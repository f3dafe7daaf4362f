"""A noun phrase read as a thing on a page.

Owns: parting *the third "Delete" button in the row of Jane* into name, role, position
and anchor. Must not: look at a page.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mock_server.agent.goal.model import Anchor, Extreme, Relation, Target
from mock_server.agent.goal.text import MARK, Source
from mock_server.agent.goal.words import ARTICLES, EVERY, EXTREMES, ROLES, number_of, ordinal_of

_ENTRY: Final = (
    r"(?:row|line|entry|card|record|section|panel|area|group|block|form|dialog(?:\s+box)?|modal|tile|fieldset|table|"
    r"post|tweet|email|message)s?"
)
_OF: Final = r"(?:of|for|with|by|from|named|called|titled|labell?ed|containing|that says)"
_BOX: Final = (
    r"(?:row|line|entry|card|record|section|panel|group|form|dialog|modal|tile|fieldset|table|menu|sidebar|header|"
    r"footer|toolbar|list|page)"
)
_PART: Final = (
    r"(?:dialog(?:\s+box)?|modal|popup|pop-up|footer|header|sidebar|menu|nav(?:igation)?(?:\s+bar)?|toolbar|text\s?area|text\s?box|"
    r"text|paragraph|table|list|results?)"
)
_PLACES: Final[tuple[tuple[str, Relation], ...]] = (
    (r"\s+(?:next to|beside|near|close to|adjacent to|alongside|opposite)\s+(?P<what>.+)$", "near"),
    (r"\s+(?:just\s+)?(?:below|under|underneath|beneath)\s+(?P<what>.+)$", "below"),
    (r"\s+(?:just\s+)?above\s+(?P<what>.+)$", "above"),
    (r"\s+(?:to the\s+)?left of\s+(?P<what>.+)$", "left_of"),
    (r"\s+(?:to the\s+)?right of\s+(?P<what>.+)$", "right_of"),
    (rf"\s+(?:in|on|of|from|inside|within|for)\s+(?:the\s+)?{_ENTRY}(?:\s+{_OF})?\s+(?P<what>.+)$", "in"),
    (rf"\s+(?:in|on|of|from|inside|within|for|under)\s+(?P<what>(?:the\s+)?(?:[^\s]+\s+){{1,5}}{_BOX})$", "in"),
    (rf"\s+(?:in|on|within|inside)\s+(?P<what>(?:the\s+)?{_PART})$", "in"),
    (r"\s+(?:of|for|from|by|belonging to)\s+(?P<what>.+)$", "in"),
)
"""How an anchor is written, the most telling way first."""
_ANCHORS: Final = tuple((re.compile(pattern, re.IGNORECASE), relation) for pattern, relation in _PLACES)
_SEVERAL: Final = re.compile(
    rf"\s+(?:in|on|of|from|for|under)\s+(?P<count>all(?:\s+of)?|every|each|both|\d{{1,2}}|two|three|four|five|six)\s+"
    rf"(?:the\s+|of\s+the\s+)?(?:{_ENTRY})(?:\s+{_OF})?\s+(?P<what>.+)$",
    re.IGNORECASE,
)
"""*on all posts by X*, *in two rows of Y*."""
_NAMED: Final = re.compile(
    r"\s*(?:that (?:is\s+)?|which (?:is\s+)?)?(?:labell?ed|named|called|titled|entitled|marked|saying|says|"
    r"reading|reads|with (?:the )?"
    r"(?:text|label|name|title|caption|value|placeholder))\s*(?:as\s+|is\s+|of\s+)?(?=\S)",
    re.IGNORECASE,
)
_NAMED_QUOTE: Final = re.compile(
    r"(?<!\brow)(?<!\bsection)(?<!\bcard)(?<!\bpanel)(?<!\bgroup)(?<!\bentry)(?<!\brecord)(?<!\btable)(?<!\bform)"
    r"\s+(?:labell?ed|named|called|titled|marked|saying|that says|which says|with the (?:text|label|name))"
    r"\s+(\ue000\d+\ue001)$",
    re.IGNORECASE,
)
_FILLED_IN: Final = r"(?:the\s+)?(?:(?:text|words?|letters?|extension|suffix|prefix|string|characters?)\s+)?"
_STARTS: Final = re.compile(
    r"\b(?:that\s+|which\s+)?(?:start(?:s|ing)?|begin(?:s|ning)?)\s+with\s+" + _FILLED_IN + r"(\ue000\d+\ue001|\S+)",
    re.IGNORECASE,
)
_ENDS: Final = re.compile(
    r"\b(?:that\s+|which\s+)?end(?:s|ing)?\s+(?:with|in)\s+" + _FILLED_IN + r"(\ue000\d+\ue001|\S+)", re.IGNORECASE
)
_CONTAINS: Final = re.compile(
    r"\b(?:that\s+|which\s+)?(?:contain(?:s|ing)?|includ(?:es|ing))\s+" + _FILLED_IN + r"(\ue000\d+\ue001|\S+)",
    re.IGNORECASE,
)
_EXCEPT: Final = re.compile(
    r",?\s*\b(?:except(?:\s+for)?|but not|excluding|other than|apart from|without)\s+(?P<what>.+)$", re.IGNORECASE
)
_NUMBERED: Final = re.compile(r"(?:#|\bno\.?\s*|\bnumber\s+)(\d{1,3})\b", re.IGNORECASE)
_FILLER: Final = re.compile(
    r"\b(?:below|above|on (?:the|this) page|on (?:the|this) (?:site|website|screen)|from (?:the|this) page|"
    r"at the (?:top|bottom)(?: of the page)?|"
    r"named|called|labell?ed|titled|entitled)\b",
    re.IGNORECASE,
)
_ROLE_WORDS: Final = sorted(ROLES, key=len, reverse=True)
_ROLE: Final = re.compile(rf"\b({'|'.join(re.escape(word) for word in _ROLE_WORDS)})(?:s|es)?(?!\w)", re.IGNORECASE)
_EXTREME: Final = re.compile(
    rf"\b({'|'.join(re.escape(word) for word in sorted(EXTREMES, key=len, reverse=True))})\b", re.IGNORECASE
)


def bare(text: str) -> str:
    """Drop articles and stray punctuation around a phrase."""
    words = text.strip(" ,.;:!?()").split()
    while words and words[0].lower() in ARTICLES:
        words.pop(0)
    return " ".join(words).strip(" ,.;:!?()")


def parse_target(text: str, source: Source) -> Target:
    """Read a masked noun phrase; what can't be told stays empty."""
    rest = bare(text)
    target = Target(phrase=source.plain(rest))
    target, rest = _exceptions(target, rest, source)
    target, rest = _patterns(target, rest, source)
    named = _NAMED_QUOTE.search(rest)
    if named:
        target = replace(target, name=source.plain(named[1]), quoted=True)
        rest = rest[: named.start()]
    target, rest = _with_extreme(target, rest)
    target, rest = _anchor(target, rest, source)
    target, rest = _position(target, rest)
    target, rest = _role(target, rest)
    return _name(target, rest, source)


def split_list(text: str) -> list[str]:
    """Part *a, b and c* (masked) into its entries."""
    parts = re.split(r"\s*[,;]\s*(?:and\s+|or\s+)?|\s+(?:and|&|as well as)\s+", text.strip(" ,.;"), flags=re.IGNORECASE)
    return [part.strip() for part in parts if part.strip(" ,.;")]


def _exceptions(target: Target, rest: str, source: Source) -> tuple[Target, str]:
    match = _EXCEPT.search(rest)
    if match is None:
        return target, rest
    names = tuple(source.plain(bare(part)) for part in split_list(match["what"]))
    return replace(target, excluded=names, every=True), rest[: match.start()]


def _patterns(target: Target, rest: str, source: Source) -> tuple[Target, str]:
    found: dict[str, str] = {}
    for name, pattern in (("starts", _STARTS), ("ends", _ENDS), ("contains", _CONTAINS)):
        match = pattern.search(rest)
        if match:
            found[name] = source.plain(match[1]).strip(" ,;")
            rest = rest[: match.start()] + " " + rest[match.end() :]
    if not found:
        return target, rest
    rest = re.sub(r"\s+and\s*$|^\s*and\s+", " ", rest.strip(), flags=re.IGNORECASE)
    return replace(
        target, starts=found.get("starts", ""), ends=found.get("ends", ""), contains=found.get("contains", "")
    ), rest


def _anchor(target: Target, rest: str, source: Source) -> tuple[Target, str]:
    several = _SEVERAL.search(rest)
    if several and rest[: several.start()].strip():
        number = number_of(several["count"]) or 0
        target = replace(target, every=True, limit=number, anchor=Anchor("in", bare(source.plain(several["what"]))))
        return target, rest[: several.start()]
    for pattern, relation in _ANCHORS:
        match = pattern.search(rest)
        if match is None or not rest[: match.start()].strip():
            continue
        what = bare(source.plain(match["what"]))
        if what.lower() in ("", "page", "this page", "website", "site", "screen", "list", "top", "bottom"):
            return target, rest[: match.start()]
        return replace(target, anchor=Anchor(relation, what)), rest[: match.start()]
    return target, rest


def _with_extreme(target: Target, rest: str) -> tuple[Target, str]:
    """Take *with the lowest price* off *the ticket with the lowest price*."""
    match = re.search(
        rf"\s+(?:with|having|that\s+has|which\s+has)\s+(?:the\s+)?(?P<extreme>{_EXTREME.pattern})\s+(?P<noun>[\w -]+)$",
        rest,
        re.IGNORECASE,
    )
    if match is None:
        return target, rest
    word = match["extreme"].lower()
    key, largest = EXTREMES[word]
    return replace(target, extreme=Extreme(word, key or match["noun"], largest)), rest[: match.start()]


def _position(target: Target, rest: str) -> tuple[Target, str]:
    numbered = _NUMBERED.search(rest)
    words = rest.split()
    if words and words[0].lower() in EVERY:
        target = replace(target, every=True)
        rest = bare(re.sub(r"^(?:of\s+)?(?:the\s+)?", "", " ".join(words[1:]), flags=re.IGNORECASE))
        words = rest.split()
    extreme = _EXTREME.search(rest) if target.extreme is None else None
    if extreme:
        word = extreme[1].lower()
        key, largest = EXTREMES[word]
        after = rest[extreme.end() :].split()
        target = replace(target, extreme=Extreme(word, key or " ".join(after[:2]), largest))
        return target, bare(rest[: extreme.start()] + " " + rest[extreme.end() :])
    if words and (position := ordinal_of(words[0])) is not None:
        return replace(target, ordinal=position), bare(" ".join(words[1:]))
    if numbered and target.ordinal is None:
        return replace(target, ordinal=int(numbered[1])), rest
    return target, rest


def _role(target: Target, rest: str) -> tuple[Target, str]:
    """Take the role from the last role word of the phrase (*the menu button* is a button)."""
    matches = [match for match in _ROLE.finditer(rest) if not _inside_mark(rest, match.start())]
    if not matches:
        return target, rest
    match = matches[-1]
    before, after = rest[: match.start()], rest[match.end() :]
    called = MARK.match(after.strip()) or _NAMED.match(after) or _NUMBERED.match(after.strip())
    leads = not match.start() and match[1].lower() == "cell"
    if after.strip() and not (called or leads):
        return target, rest  # "list price": the noun qualifies another one
    roles = ROLES[match[1].lower()]
    numbered = _NUMBERED.match(after.strip())
    if numbered and target.ordinal is not None:
        after = after.strip()[numbered.end() :]
    return replace(target, roles=roles), f"{before} {after}".strip()


def _inside_mark(text: str, position: int) -> bool:
    return any(match.start() <= position < match.end() for match in MARK.finditer(text))


def _name(target: Target, rest: str, source: Source) -> Target:
    if target.quoted:
        return target
    quoted = source.first(rest, "quote")
    if quoted is not None:
        return replace(target, name=quoted.text, quoted=True)
    words = _FILLER.sub(" ", _NAMED.sub(" ", rest))
    if target.ordinal is not None:
        words = _NUMBERED.sub(" ", words)
    name = bare(source.plain(words))
    if not name and target.roles and target.ordinal is None:
        role_word = _ROLE.search(target.phrase)  # "the menu": nothing but a role is also a name
        name = role_word[0] if role_word and target.roles == ROLES.get("menu") else ""
    return replace(target, name=re.sub(r"\s+", " ", name))
