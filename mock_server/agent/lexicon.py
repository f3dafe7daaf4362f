"""How alike two pieces of interface wording are.

Owns: folding of words, the groups of words interfaces use for the same thing, and the
similarity of a description with a name, 0 to 1. Must not: know elements or pages; hold
wording of any particular site.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz

EXACT: Final = 0.9
"""Likeness of the same words, written a little differently."""
CALLED_SO: Final = 0.85
"""Likeness of something that is called so, or by another word for it."""
ALIKE: Final = 0.8
"""Likeness of a longer name with all of the words in it."""
MOSTLY: Final = 0.7
"""Most of the words."""
ROUGHLY: Final = 0.6
"""Enough to try, not enough to rely on."""

_GROUPS: Final = (
    "log-in login log-on logon sign-in signin sign-on",
    "log-out logout log-off logoff sign-out signout",
    "register sign-up signup join create-account get-started subscribe enroll",
    "submit send ok okay save confirm apply finish done go continue proceed",
    "cart basket bag trolley",
    "checkout check-out",
    "buy purchase order book reserve get-it buy-now",
    "add plus +",
    "delete remove trash bin discard erase",
    "close dismiss x × ✕ ✖ ⨯ got-it no-thanks",  # noqa: RUF001 - matched against what pages hold, not read by people
    "cancel abort",
    "next › » → forward older more following",  # noqa: RUF001 - matched against what pages hold, not read by people
    "previous prev ‹ « ← back newer",  # noqa: RUF001 - matched against what pages hold, not read by people
    "menu hamburger ☰ navigation",
    "settings preferences options configuration gear cog",
    "profile account my-account",
    "search find lookup query q keyword magnifier 🔍",
    "edit modify change pencil update",
    "download export save get-file",
    "upload attach choose-file browse",
    "invoice bill receipt statement",
    "billing invoices payments",
    "help support faq",
    "contact get-in-touch contact-us reach-us",
    "email e-mail mail",
    "phone telephone tel mobile cell",
    "user username user-name login user-id userid",
    "password passwd pass pwd passcode passphrase",
    "first-name given-name forename firstname fname",
    "last-name family-name surname lastname lname",
    "name full-name your-name fullname",
    "message comment comments enquiry inquiry question feedback description text body remarks",
    "subject topic title regarding headline",
    "company organisation organization employer business firm",
    "address street addr",
    "zip zipcode zip-code postcode postal-code postal",
    "city town",
    "state province region county",
    "quantity qty amount count number",
    "date day when",
    "birthday dob date-of-birth birth-date birthdate",
    "from origin departure leaving source",
    "to destination arrival going",
    "important star starred favourite favorite flag ★ ☆",
    "like heart love ♥ upvote thumbs-up",
    "share retweet repost",
    "reply respond answer",
    "home start homepage",
    "product item article good",
    "price cost",
    "agree accept consent terms allow",
    "yes y true on",
    "no n false off",
    "sort order-by sorting",
    "filter refine narrow",
    "expand show open unfold reveal",
    "collapse hide fold",
    "picture image photo",
    "job position role vacancy career",
    "pricing prices plans",
    "about about-us team people staff who-we-are",
    "documentation docs manual guide",
)
"""Words for the same thing; a hyphen joins the words of a phrase."""

_FIELD_WORDS: Final = frozenset(
    [
        "field",
        "box",
        "input",
        "text",
        "textbox",
        "your",
        "my",
        "enter",
        "please",
        "the",
        "a",
        "an",
        "of",
        "for",
        "optional",
        "required",
        "select",
        "choose",
    ]
)
_STOP: Final = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "to",
        "in",
        "on",
        "at",
        "for",
        "with",
        "and",
        "or",
        "your",
        "my",
        "our",
        "this",
        "that",
        "these",
        "those",
        "its",
        "it's",
        "is",
        "are",
        "be",
        "by",
        "from",
        "s",
        "as",
        "into",
        "please",
    ]
)
_CONCEPTS: Final[dict[str, frozenset[int]]] = {}
_LONGEST: Final = 3
_FUZZY: Final = 86.0
_SHORT: Final = 4


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return ``text`` in lower case, camelCase and snake_case parted, punctuation around words dropped."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    lowered = re.sub(r"[_/|,;:!?(){}\[\]\"“”<>*•]+", " ", parted.casefold())
    words = (word.strip(".'’`-") or (word if not word.strip("-") else "") for word in lowered.split())  # noqa: RUF001 - matched against what pages hold, not read by people
    return " ".join(word for word in words if word)


def stem(word: str) -> str:
    """Return ``word`` without its plural ending: invoices -> invoice, boxes -> box."""
    if len(word) > _SHORT and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > _SHORT and re.search(r"(?:s|x|z|ch|sh)es$", word):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word  # noqa: PLR2004 - gas, bus


def _root(word: str) -> str:
    """Return what is left without the endings of deeds and doers: pricing, priced, price -> pric."""
    return re.sub(r"(?<=\w{3})(?:ings?|ed|ers?|es|s|e)$", "", word)


def _index() -> None:
    found: dict[str, set[int]] = {}
    for number, group in enumerate(_GROUPS):
        for entry in group.split():
            for form in (entry.replace("-", " "), entry.replace("-", ""), stem(entry.replace("-", " "))):
                found.setdefault(form, set()).add(number)
    _CONCEPTS.update({phrase: frozenset(numbers) for phrase, numbers in found.items()})


_index()


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """Return the words of ``text`` that say something, folded; all of them if none does."""
    every = tuple(fold(text).split())
    telling = tuple(word for word in every if word not in _STOP)
    return telling or every


@lru_cache(maxsize=8192)
def concepts(text: str) -> frozenset[int]:
    """Return the groups of words for the same thing that ``text`` names."""
    parts = fold(text).split()
    found: set[int] = set()
    for start in range(len(parts)):
        for length in range(1, _LONGEST + 1):
            phrase = " ".join(parts[start : start + length])
            found |= _CONCEPTS.get(phrase, frozenset()) | _CONCEPTS.get(stem(phrase), frozenset())
    return frozenset(found)


@lru_cache(maxsize=65536)
def _word_likeness(wanted: str, seen: str) -> float:
    if wanted == seen:
        return 1.0
    if stem(wanted) == stem(seen):
        return 0.97
    if _meanings(wanted) & _meanings(seen):
        return 0.85
    return _spelling(wanted, seen) if min(len(wanted), len(seen)) >= _SHORT else 0.0


def _meanings(word: str) -> frozenset[int]:
    return _CONCEPTS.get(stem(word), _CONCEPTS.get(word, frozenset()))


def _spelling(wanted: str, seen: str) -> float:
    """How alike two words are spelt: pricing and price, product and products', recieve and receive."""
    if _root(wanted) == _root(seen):
        return 0.9
    if seen.startswith(wanted) or wanted.startswith(seen):
        return 0.8
    ratio = fuzz.ratio(wanted, seen)
    return 0.9 * ratio / 100 if ratio >= _FUZZY else 0.0


@lru_cache(maxsize=65536)
def likeness(wanted: str, seen: str) -> float:
    """Return how well ``seen`` (a name on the page) fits ``wanted`` (words of the prompt), 0 to 1.

    1 is the same wording; about 0.8 the wanted words inside a longer name, or a synonym of
    the whole; below 0.5 they share little.
    """
    if not wanted.strip() or not seen.strip():
        return 0.0
    left, right = fold(wanted), fold(seen)
    if left == right:
        return 1.0
    if not left or not right:
        return 1.0 if wanted.strip().casefold() == seen.strip().casefold() else 0.0
    want, have = words(wanted), words(seen[:400])
    score = _coverage(want, have)
    if _CONCEPTS.get(left, _CONCEPTS.get(stem(left), frozenset())) & _CONCEPTS.get(
        right, _CONCEPTS.get(stem(right), frozenset())
    ):
        score = max(score, 0.86)
    elif len(have) <= 2 * len(want) + 2 and (shared := concepts(wanted) & concepts(seen)):
        score = max(
            score,
            0.8 * len(shared) / max(1, len(concepts(wanted))) * min(1.0, (len(want) + 1) / max(len(want), len(have))),
        )
    return min(score, 0.99)


def _coverage(want: tuple[str, ...], have: tuple[str, ...]) -> float:
    """Share of the wanted words found, lowered a little for words that were not asked for."""
    if not want or not have:
        return 0.0
    found = sum(max((_word_likeness(word, other) for other in have), default=0.0) for word in want) / len(want)
    used = sum(1 for other in have if any(_word_likeness(word, other) > 0 for word in want)) / len(have)
    return found * (0.78 + 0.21 * used)


def label_likeness(wanted: str, seen: str) -> float:
    """Return :func:`likeness` of a field's label, ignoring words such as *your* and *field*."""
    want = " ".join(word for word in fold(wanted).split() if word not in _FIELD_WORDS) or wanted
    have = " ".join(word for word in fold(seen).split() if word not in _FIELD_WORDS) or seen
    return likeness(want, have)


def contains(text: str, phrase: str) -> bool:
    """Whether ``phrase`` stands in ``text`` as whole words, in any case."""
    left, right = fold(phrase), fold(text)
    if not left:
        return phrase.strip() in text if phrase.strip() else False
    return re.search(rf"(?<!\w){re.escape(left)}(?!\w)", right) is not None


def passage_likeness(wanted: str, passage: str) -> float:
    """Return how much of ``wanted`` a longer passage says, whatever else it says, 0 to 1."""
    want = words(wanted)
    have = set(words(passage[:4000]))
    if not want or not have:
        return 0.0
    return sum(max((_word_likeness(word, other) for other in have), default=0.0) for word in want) / len(want)
