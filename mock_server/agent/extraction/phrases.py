"""Noun phrases of requests: "the 3 most recent posts by X", "the cheapest book on this page".

Owns: numbers, ordinals, superlatives, conditions and names inside one phrase. Must not:
know the sentence around it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from mock_server.agent.extraction.conditions import take_conditions
from mock_server.agent.extraction.request import Condition, Superlative

NUMBER_WORDS: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "dozen": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100,
}  # fmt: skip
ORDINALS: Final = {
    "first": 1, "top": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "last": -1, "final": -1, "bottom": -1, "lead": 1, "main": 1, "next": 1, "leading": 1,
}  # fmt: skip
_SUPERLATIVES: Final = {
    "cheapest": ("price", False), "lowest priced": ("price", False), "lowest-priced": ("price", False),
    "least expensive": ("price", False), "most affordable": ("price", False), "most expensive": ("price", True),
    "priciest": ("price", True), "dearest": ("price", True), "highest priced": ("price", True),
    "highest-priced": ("price", True), "best rated": ("rating", True), "best-rated": ("rating", True),
    "highest rated": ("rating", True), "highest-rated": ("rating", True), "top rated": ("rating", True),
    "top-rated": ("rating", True), "best reviewed": ("rating", True), "worst rated": ("rating", False),
    "lowest rated": ("rating", False), "lowest-rated": ("rating", False), "newest": ("date", True),
    "latest": ("date", True), "most recently": ("date", True),
    "most recent": ("date", True), "most recently posted": ("date", True),
    "oldest": ("date", False), "earliest": ("date", False), "soonest": ("date", False),
    "most popular": ("points", True), "most upvoted": ("points", True), "highest scoring": ("points", True),
    "highest-scoring": ("points", True), "most voted": ("votes", True), "most liked": ("likes", True),
    "most viewed": ("views", True), "most commented": ("comments", True), "most discussed": ("comments", True),
    "most reviewed": ("reviews", True), "largest": ("size", True), "biggest": ("size", True),
    "smallest": ("size", False), "longest": ("duration", True), "shortest": ("duration", False),
    "tallest": ("height", True), "fastest": ("speed", True), "heaviest": ("weight", True),
    "lightest": ("weight", False),
}  # fmt: skip
_SUPERLATIVE: Final = re.compile(
    r"\b(" + "|".join(sorted(_SUPERLATIVES, key=len, reverse=True)) + r")\b", re.IGNORECASE
)
_EXTREMES: Final = (
    "most|highest|largest|greatest|biggest|longest|widest|tallest|deepest|farthest|furthest|heaviest|fastest|newest"
    "|fewest|lowest|least|smallest|shortest|narrowest|lightest|slowest|oldest|cheapest|best|worst|latest|earliest"
)
_EXTREME_WITH: Final = re.compile(
    r"\s+(?:with|that has|which has|having|by)\s+(?:the\s+)?"
    rf"(?P<end>{_EXTREMES})\s+(?:number of\s+)?(?P<field>[\w ]+?)$",
    re.IGNORECASE,
)
_EXTREME_OF: Final = re.compile(
    r"^(?P<end>highest|lowest|largest|greatest|smallest|maximum|minimum)\s+"
    r"(?P<field>price|rating|score|total|amount|number of [\w ]+|value)\b",
    re.IGNORECASE,
)
_BEFORE_NOUN: Final = 25
_LARGE: Final = frozenset(
    {
        *("most", "highest", "largest", "greatest", "biggest", "longest", "widest", "tallest", "deepest", "farthest"),
        *("furthest", "heaviest", "fastest", "newest", "best", "latest", "maximum"),
    }
)
_NUMBER: Final = rf"\d{{1,4}}|{'|'.join(NUMBER_WORDS)}"
_LEADING: Final = re.compile(
    rf"^(?P<order>top|first|last|latest|next|most recent|newest)?\s*(?P<number>{_NUMBER})\s+"
    r"(?=[A-Za-z\"])(?P<rest>.+)$",
    re.IGNORECASE,
)
_ORDINAL: Final = re.compile(rf"^(?P<word>{'|'.join(ORDINALS)}|\d+(?:st|nd|rd|th))\b\s*(?P<rest>.*)$", re.IGNORECASE)
_ORDINAL_BEHIND: Final = re.compile(r"\b(?:number|no\.?|#)\s?(\d{1,3})$|#(\d{1,3})$", re.IGNORECASE)
_EVERY: Final = re.compile(r"^(?:all(?: of)?(?: the)?|every|each(?: of the)?|any)\s+", re.IGNORECASE)
_ARTICLE: Final = re.compile(
    r"^(?:the|a|an|this|that|these|those|its|their|his|her|my|our|your|some)\s+", re.IGNORECASE
)
_PLACES: Final = (
    "page|site|website|homepage|frontpage|web ?site|list|table|screen|above|below|here|search results|results"
    "|catalog(?:ue)?|section|url"
)
_WHERE: Final = re.compile(
    r"\s+(?:(?:shown |listed |displayed |available |currently |that (?:is|are) |which (?:is|are) )*"
    r"(?:on|in|from|at|of|off)\s+(?:(?:the|this|that|their|its|your)\s+)?"
    r"(?:current\s+|home\s*|front\s*|main\s*|first\s+|web\s*|search\s+|results?\s+|given\s+)*"
    rf"(?:{_PLACES})\b)"
    r"|\s+(?:on|from) [A-Z][\w.]*(?: [A-Z][\w.]*){0,2}$|\s+in total$|\s+here$",
)
"""Where on the web something stands: says nothing about what it is."""
_QUOTED: Final = re.compile(r"[\"]([^\"]{1,200})[\"]|(?<!\w)'([^']{2,200})'(?!\w)")
_NAMED: Final = re.compile(r"\s*\b(?:named|called|titled|entitled)\s+(.+)$", re.IGNORECASE)
_ABOUT: Final = re.compile(
    r"\s+(?:about|on|regarding|concerning|that mentions?|mentioning|containing|which mentions?|that says|saying)\s+"
    r"(.+)$",
    re.IGNORECASE,
)
_FORMED: Final = re.compile(r"\b(?:as|in) (?:a )?(?:json|csv|markdown|list|table|array|yaml|text)\b.*$", re.IGNORECASE)


_ON_PAGES: Final = re.compile(
    r",?\s+(?:on|from|across|over|in|through|throughout|of)\s+(?:all|every|each(?: of the)?|multiple"
    r"|several|the\s+first\s+\w+)\s+(?:of\s+)?(?:the\s+)?"
    r"(?:search\s+|results?\s+|list\s+|available\s+|product\s+)?pages?\b(?!\s+(?:title|url|heading|link))",
    re.IGNORECASE,
)
"""On how many pages: a matter of going on, not of what is asked."""
_MEASURE: Final = re.compile(
    r"^\d+-?(?:days?|weeks?|months?|years?|hours?|minutes?|stars?|bed(?:room)?s?|pages?|inch|persons?"
    r"|points?|h|d|st|nd|rd|th)$",
    re.IGNORECASE,
)
"""What is counted, not what something is called: a 5-day forecast."""
_CALL_SIGN: Final = re.compile(r"\b[A-Z]{1,6}[ -]?\d+\b")
_CODE: Final = re.compile(r"\w_\w|\w\.\w+\(|\w\(\)|^--?\w{2}")
_ORDERED: Final = re.compile(
    r",?\s+(?:(?:sorted|ordered|arranged|ranked)(?:\s+by)?\s+|starting with\s+|beginning with\s+|in\s+"
    r"|from\s+)?(?:the\s+)?"
    r"(?P<how>newest|latest|most recent|oldest|earliest|cheapest|most expensive|highest rated|best rated|top rated"
    r"|most popular|largest|smallest|longest|shortest)\s*(?:ones?\s+)?(?:first|to\s+[\w ]+)$"
    r"|,?\s+(?:sorted|ordered|ranked)\s+by\s+(?:the\s+|their\s+)?(?P<field>[\w ]+?)"
    r"(?:,?\s+(?:in\s+)?\(?(?P<way>ascending|descending|asc|desc|lowest first|highest first|low to high"
    r"|high to low)\)?(?:\s+order)?)?$",
    re.IGNORECASE,
)
_DOWN: Final = frozenset({"descending", "desc", "highest first", "high to low"})


def take_order(text: str) -> tuple[str, Superlative | None]:
    """Take ", newest first" or "sorted by price" from the end of a request: (the rest, the order)."""
    found = _ORDERED.search(text)
    if not found:
        return text, None
    rest = text[: found.start()].strip(" ,")
    if found["how"]:
        word = found["how"].lower()
        field, largest = _SUPERLATIVES[word]
        return rest, Superlative(field, largest, word)
    return rest, Superlative(found["field"], (found["way"] or "").lower() in _DOWN, "")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase taken apart."""

    noun: str = ""
    count: int | None = None
    ordinal: int | None = None
    superlative: Superlative | None = None
    conditions: tuple[Condition, ...] = ()
    anchor: str = ""
    plural: bool = False
    every: bool = False
    qualifier: str = ""


def clean(text: str) -> str:
    """Straighten quotes and dashes, drop politeness and demands about the format."""
    text = text.translate({0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'", 0x00AB: '"', 0x00BB: '"'})
    text = _ON_PAGES.sub("", _FORMED.sub("", text))
    return re.sub(r"\b(?:please|kindly)\b,?\s*", "", text, flags=re.IGNORECASE).strip(" .?!")


def split_list(text: str) -> list[str]:
    """Split ``the name, price, and rating`` into its members, articles dropped."""
    parts = re.split(
        r"\s*,\s*(?:and\s+|or\s+)?|\s+and\s+|\s+as well as\s+|\s*&\s*|\s*(?<!\d)/(?!\d)\s*|\s+plus\s+|;\s*",
        text.strip(),
    )
    out = []
    for part in parts:
        bare = re.sub(r"^and\s+", "", part.strip(" .:?!\"'()"), flags=re.IGNORECASE)
        previous = None
        bare = re.sub(
            r"^(?:whether|if) (?:it|they|this|he|she)(?:'s| is| are| has| have)?\s+", "", bare, flags=re.IGNORECASE
        )
        bare = re.sub(
            r"^how many (.+?)(?: (?:are|is) (?:there|listed|shown)| (?:does|do|did|has|have) .+)?$",
            r"number of \1",
            bare,
            flags=re.IGNORECASE,
        )
        while bare != previous:
            previous, bare = bare, _ARTICLE.sub("", bare, count=1)
        bare = re.sub(
            r"\s+(?:on|of|in|from) (?:the|this) (?:page|site|website|list|item|table)$", "", bare, flags=re.IGNORECASE
        )
        if bare:
            out.append(bare)
    return out


_SINGULAR_S: Final = frozenset(
    [
        "news",
        "series",
        "status",
        "address",
        "class",
        "bus",
        "gas",
        "analysis",
        "basis",
        "business",
        "access",
        "process",
        "press",
        "progress",
        "less",
        "this",
        "is",
        "was",
        "has",
        "its",
        "us",
        "yes",
        "success",
        "various",
        "previous",
        "business",
        "species",
    ]
)


def is_plural(noun: str) -> bool:
    """Return True if the last word of a phrase looks like a plural."""
    words = re.findall(r"[A-Za-z]+", noun)
    if not words:
        return False
    last = words[-1].lower()
    if last in ("people", "children", "data"):
        return True
    return last.endswith("s") and last not in _SINGULAR_S and not last.endswith("ss") and last != "s"


def read_noun_phrase(text: str) -> Phrase:
    """Take a noun phrase apart; what is not understood stays in the noun."""
    rest = text.strip(" .,:;?!")
    quoted = _QUOTED.search(rest)
    anchor = (quoted[1] or quoted[2]) if quoted else ""
    if quoted:
        rest = (rest[: quoted.start()] + " " + rest[quoted.end() :]).strip()
    rest, conditions = take_conditions(_placeless(rest))
    rest = _placeless(rest)
    every = bool(_EVERY.match(rest))
    rest = _EVERY.sub("", rest, count=1) if every else _ARTICLE.sub("", rest, count=1)
    superlative, rest, word = _take_superlative(rest)
    count, ordinal, qualifier, rest = _take_number(rest)
    if superlative is None:
        superlative, rest, word = _take_superlative(rest)
    if count is None and (superlative or ordinal):
        count, _, _, rest = _take_count(rest)
    rest, named = _take_name(rest)
    rest = re.sub(r"\s{2,}", " ", rest).strip(" ,.:;")
    return Phrase(
        noun=rest,
        count=count,
        ordinal=None if count is not None and ordinal == 1 else ordinal,
        superlative=superlative,
        conditions=tuple(conditions),
        anchor=anchor or named or _proper(rest),
        plural=is_plural(rest),
        every=every,
        qualifier=qualifier or word,
    )


def _placeless(text: str) -> str:
    return _WHERE.sub("", " " + text).strip()


def _take_number(text: str) -> tuple[int | None, int | None, str, str]:
    """Take "top 3", "second" or "#4" from a phrase: (count, ordinal, the word, the rest)."""
    count, ordinal, word, rest = _take_count(text)
    if count is not None:
        return count, ordinal, word, rest
    first = _ORDINAL.match(text)
    if first and first["rest"]:
        name = first["word"].lower()
        return None, ORDINALS.get(name) or int(re.sub(r"\D", "", name)), name, first["rest"]
    behind = _ORDINAL_BEHIND.search(text)
    if behind:
        return None, int(behind[1] or behind[2]), "", text[: behind.start()].strip()
    return None, None, "", text


def _take_count(text: str) -> tuple[int | None, int | None, str, str]:
    leading = _LEADING.match(text)
    if not leading:
        return None, None, "", text
    number = leading["number"].lower()
    order = (leading["order"] or "").lower()
    return NUMBER_WORDS.get(number) or int(number), -1 if order == "last" else None, order, leading["rest"]


def _take_superlative(text: str) -> tuple[Superlative | None, str, str]:
    """Take "cheapest" or "with the most comments" from a phrase: (superlative, the rest, the word before the noun)."""
    extreme = _EXTREME_WITH.search(text)
    if extreme:
        end = extreme["end"].lower()
        return Superlative(extreme["field"].strip(), end in _LARGE, end), text[: extreme.start()], ""
    of = _EXTREME_OF.match(text)
    if of:
        end = of["end"].lower()
        return Superlative(of["field"], end in _LARGE, end), text[of.start("field") :], end
    found = _SUPERLATIVE.search(text)
    if found and found.start() < _BEFORE_NOUN:
        word = found[1].lower()
        field, largest = _SUPERLATIVES[word]
        rest = (text[: found.start()] + text[found.end() :]).strip()
        return Superlative(field, largest, word), rest, "" if word.endswith("ly") else word
    return None, text, ""


def _take_name(text: str) -> tuple[str, str]:
    for pattern in (_NAMED, _ABOUT):
        found = pattern.search(text)
        if found:
            return text[: found.start()].strip(), _ARTICLE.sub("", found.group(1).strip("\"' ")).strip()
    return text, ""


def _proper(text: str) -> str:
    """Return the phrase if it holds a name: a capitalised word that is not an acronym in front of a plain noun."""
    words = text.split()
    capitals = [word for word in words if word[:1].isupper() and not word.isupper()]
    codes = [
        word
        for word in words
        if _CODE.search(word) or (re.search(r"\d", word) and re.search(r"[A-Za-z]", word) and not _MEASURE.match(word))
    ]
    return text if capitals or codes or _CALL_SIGN.search(text) else ""
