"""Words: folding, light stemming, and the everyday synonyms of data on the web.

Owns: when two names mean the same field. Must not: look at a page's structure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from rapidfuzz import fuzz

_TOKEN: Final = re.compile(r"[^\W_]+", re.UNICODE)
_NUMBER_SIGN: Final = re.compile(r"#|\u2116|\b[Nn]o\.(?=\s|:|$)|\bnum\b", re.IGNORECASE)
_PERCENT: Final = re.compile(r"(?<!\d)(?<!\d\s)%")
_HEADS: Final = ("room", "name", "number", "stamp", "time", "date", "price", "line", "count", "mark")
"""Second halves of compounds: a bedroom is what a page may call "beds"."""
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
STOP_WORDS: Final = frozenset(
    {
        *(
            "a",
            "an",
            "the",
            "of",
            "for",
            "in",
            "on",
            "at",
            "to",
            "by",
            "from",
            "with",
            "and",
            "or",
            "its",
            "it",
            "their",
        ),
        *(
            "this",
            "that",
            "these",
            "those",
            "is",
            "are",
            "was",
            "were",
            "be",
            "been",
            "do",
            "does",
            "did",
            "my",
            "your",
        ),
        *("our", "his", "her", "all", "any", "each", "every", "some", "there", "here", "what", "which", "who", "whom"),
        *("when", "where", "how", "please", "me", "you", "i", "we", "they", "page", "site", "website", "has", "have"),
        *("had", "as", "into"),
    }
)
_FILLER: Final = frozenset(
    {
        *("number", "room", "value", "field", "data", "information", "info", "details", "detail", "full", "text"),
        *("total", "current", "name"),
    }
)
"""Words of a field's name that narrow it little: missing on one side they cost less."""

_IRREGULAR: Final = {
    "people": "person", "children": "child", "men": "man", "women": "woman", "series": "series", "news": "news",
    "movies": "movie", "cookies": "cookie", "ties": "tie", "lies": "lie", "dies": "die", "prices": "price",
    "wrote": "write", "written": "write", "writer": "write", "published": "publish", "publication": "publish",
    "posted": "posted", "reviews": "review", "bought": "buy", "sold": "sell", "status": "status", "address": "address",
    "chg": "change", "qty": "quantity", "pts": "point", "vol": "volume", "desc": "description", "pct": "percent",
    "percentage": "percent", "percentages": "percent", "avg": "average", "temp": "temperature",
    "hi": "high", "lo": "low",
    "min": "minimum", "max": "maximum", "approx": "approximate", "dept": "department", "cat": "category",
    "img": "image", "pic": "picture", "msg": "message", "addr": "address", "govt": "government", "est": "estimate",
    "addresses": "address", "ids": "id", "yes": "yes", "class": "class", "bus": "bus",
}  # fmt: skip


_KEEPS_ING: Final = ("rating", "listing", "heading", "shipping")
_KEEPS_S: Final = ("ss", "us", "is")
_BARE_ED: Final = ("sted", "cted", "nted", "ssed", "rted", "lled")
_ENDINGS: Final[tuple[tuple[str, int, Callable[[str], str]], ...]] = (
    ("ies", 4, lambda word: word[:-3] + "y"),
    ("sses", 4, lambda word: word[:-2]),
    ("shes", 4, lambda word: word[:-2]),
    ("ches", 4, lambda word: word[:-2]),
    ("xes", 4, lambda word: word[:-2]),
    ("zzes", 4, lambda word: word[:-3]),
    ("s", 3, lambda word: word if word.endswith(_KEEPS_S) else word[:-1]),
    ("ing", 5, lambda word: word if word.endswith(_KEEPS_ING) else word[:-3]),
    ("eed", 0, lambda word: word),
    ("ed", 4, lambda word: word[:-1] if word[-3] in "aeiouctvslrzg" and not word.endswith(_BARE_ED) else word[:-2]),
)
"""(ending, length a word must exceed to have it, what is left without it); the first that fits counts."""


@cache
def stem(word: str) -> str:
    """Return a rough stem: ``products`` -> ``product``, ``categories`` -> ``category``, ``filed`` -> ``file``."""
    word = word.lower()
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending, length, shorten in _ENDINGS:
        if len(word) > length and word.endswith(ending):
            return shorten(word)
    return word


@lru_cache(maxsize=20_000)
def tokens(text: str) -> tuple[str, ...]:
    """Return the lower-case words of a text; ``camelCase`` and ``snake_case`` come apart."""
    spelled = _NUMBER_SIGN.sub(" number ", text[:2000])
    if "%" in spelled:
        spelled = _PERCENT.sub(" percent ", spelled)
    return tuple(token.lower() for token in _TOKEN.findall(_CAMEL.sub(" ", spelled)))


@lru_cache(maxsize=20_000)
def stems(text: str) -> tuple[str, ...]:
    """Return the stems of the words that carry meaning."""
    found = tuple(stem(token) for token in tokens(text) if token not in STOP_WORDS)
    return found or tuple(stem(token) for token in tokens(text))


@dataclass(frozen=True, slots=True)
class Concept:
    """A kind of field people ask for by many names."""

    name: str
    kind: str
    """title, text, price, number, rating, date, link, image, email, phone, person, bool, list, duration, code or
    place."""
    words: frozenset[str]


def _concept(name: str, kind: str, words: str) -> Concept:
    return Concept(name, kind, frozenset(stem(word) for word in words.split()))


CONCEPTS: Final = (
    _concept("title", "title", "title name headline heading subject header caption"),
    _concept("price", "price", "price cost amount fee total fare sum rate charge salary rent value worth balance due"),
    _concept("rating", "rating", "rating rated stars star score grade"),
    _concept("points", "number", "points point score votes vote upvotes karma likes like favorites"),
    _concept("comments", "number", "comments comment replies reply responses response discussion"),
    _concept("answers", "number", "answers answer replies reply responses response"),
    _concept("reviews", "number", "reviews review ratings"),
    _concept("views", "number", "views view visits reads hits watched"),
    _concept(
        "author",
        "person",
        "author by who member writer user username poster submitter creator byline owner seller reporter developer"
        " presenter",
    ),
    _concept(
        "date",
        "date",
        "date time posted published publication updated created when day timestamp age datetime edited modified revised"
        " released issued",
    ),
    _concept(
        "description",
        "text",
        "description summary abstract excerpt text content body blurb snippet details overview about",
    ),
    _concept("link", "link", "url link href permalink website homepage"),
    _concept("image", "image", "image photo picture thumbnail img icon avatar logo cover"),
    _concept("tags", "list", "tags tag category categories topics topic keywords keyword labels label genre genres"),
    _concept("stock", "bool", "stock availability available instock inventory"),
    _concept("email", "email", "email mail e-mail"),
    _concept("phone", "phone", "phone telephone tel mobile fax call"),
    _concept("place", "place", "location address city place venue where area region country neighborhood"),
    _concept("duration", "duration", "duration length runtime time"),
    _concept("code", "code", "sku id code number isbn asin model reference ref no"),
    _concept("brand", "text", "brand manufacturer maker vendor publisher company"),
    _concept("status", "text", "status state condition"),
    _concept("percent", "number", "percentage percent share"),
    _concept("currency", "currency", "currency"),
    _concept("distance", "distance", "distance far away"),
    _concept("rank", "number", "rank position place"),
    _concept("quantity", "number", "quantity qty count amount"),
    _concept("servings", "text", "yield serving servings serves makes portions"),
)  # fmt: skip
_BY_WORD: Final[dict[str, tuple[Concept, ...]]] = {}
for _entry in CONCEPTS:
    for _word in _entry.words:
        _BY_WORD[_word] = (*_BY_WORD.get(_word, ()), _entry)


def concepts_of(word: str) -> tuple[Concept, ...]:
    """Return the concepts a word may stand for, the likeliest first."""
    return _BY_WORD.get(stem(word), ())


@lru_cache(maxsize=20_000)
def likeness(asked: str, given: str) -> float:
    """Return how well a given label names an asked field: 1 the same words, 0 nothing in common."""
    wanted, label = stems(asked), stems(given)
    if not wanted or not label:
        return 0.0
    one, other = set(wanted), set(label)
    if one == other:
        return 1.0 if wanted == label else 0.98
    if not one & other:
        one, other = _opened(one), _opened(other)
    if one & other:
        return _overlap(one, other)
    short = len(wanted) <= 2 and len(label) <= 2  # names of fields, not sentences
    unexplained = {word for word in one if word not in _FILLER and not _synonym(word, other)}
    if short and not unexplained and any(_synonym(word, other) for word in one):
        return 0.72 if len(label) == 1 else 0.6
    # spelling variants of real words only
    return 0.7 if len(given) > 4 and fuzz.ratio(asked.lower(), given.lower()) >= 88 else 0.0


def _overlap(wanted: set[str], label: set[str]) -> float:
    missing, extra = wanted - label, label - wanted
    if not (wanted & label) - _FILLER:
        return 0.3 if missing else 0.55
    score = 1.0
    score -= sum(0.12 if word in _FILLER else 0.35 if _synonym(word, extra) else 0.45 for word in missing)
    score -= sum(0.05 if word in _FILLER else 0.13 for word in extra)
    return max(score, 0.2)


def _opened(words: set[str]) -> set[str]:
    out: set[str] = set()
    for word in words:
        head = next((head for head in _HEADS if word.endswith(head) and len(word) >= len(head) + 3), "")
        out.update((word.removesuffix(head), head) if head else (word,))
    return out


def _synonym(word: str, others: set[str]) -> bool:
    return any(other in concept.words for concept in _BY_WORD.get(word, ())[:2] for other in others)
