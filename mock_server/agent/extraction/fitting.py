"""How well a column answers an asked field, and which column answers which.

Owns: the score of a column for a want, by its names and by the kind of its values. Must not:
choose the group or convert values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from mock_server.agent.extraction.columns import Column, columns_of
from mock_server.agent.extraction.request import SIGNING, Want
from mock_server.agent.extraction.values import in_unit, number
from mock_server.agent.extraction.words import likeness, stems
from mock_server.agent.observation import RecordGroup
from mock_server.agent.records.kinds import DATE, PRICE

NEEDED: Final = 0.34
"""A column below this does not answer the field."""
_QUALIFIED: Final = 0.55
"""What the kind of value counts for a field with further words: a price for a "shipping price"."""
_HEADED_BY: Final = 0.4
"""What a title column is worth as the answer to a field it does not name."""
_BYWORDS: Final = frozenset({"by", "from", "posted by", "in"})
_STOCK: Final = re.compile(r"stock|availab|sold", re.IGNORECASE)
_MOSTLY: Final = 0.5
_NEARLY_ALL: Final = 0.7
_DECIMAL: Final = re.compile(r"\d{1,3}(?:[ ,.\u00a0]?\d{3})*[.,]\d{2}")
_NO_TITLE: Final = re.compile(rf"[\u2605\u2606]|\b[Bb]y\b.*{DATE.pattern}", re.IGNORECASE)
_NAME_WORDS: Final = 5
_DISTANCE: Final = re.compile(
    r"\d[\d.,]*\s?(?:km|mi|miles?|m|metres?|meters?|yards?|feet|ft)\b(?: away)?", re.IGNORECASE
)
_ENOUGH: Final = 2
_OTHERWISE: Final = frozenset(
    {"company", "brand", "author", "user", "title", "name", "tag", "category", "status", "type"}
)
_VALUE: Final = 40
"""Texts up to this length are values; longer ones are sentences."""
_SHORT: Final = 30
_SENTENCE: Final = 160


def fit(wanted: Want, column: Column) -> float:
    """Return how well a column answers a want, 0 to about 1.3."""
    named = _by_name(wanted, column)
    typed = _by_kind(wanted, column)
    kind = wanted.concept.kind if wanted.concept else ""
    other = column.key and column.key not in _BYWORDS and likeness(wanted.phrase, column.key) < _MOSTLY
    if other and kind in ("date", "person", "place", "text"):
        typed *= 0.75  # the page calls it something else
    score = max(named, typed) + 0.25 * min(named, typed)
    score *= _possible(wanted, column)
    listed = wanted.is_list or (wanted.concept is not None and wanted.concept.kind == "list")
    if column.many and not listed:
        score *= 0.5
    if wanted.is_list:
        score *= 1.1 if column.many else 0.8
    return score * (0.35 + 0.65 * min(column.coverage * 1.15, 1.0))


def _by_name(wanted: Want, column: Column) -> float:
    best = likeness(wanted.phrase, column.key) if column.key else 0.0
    words = set(stems(wanted.phrase))
    near = words & column.near
    if near:
        best = max(best, 0.9 if near == words else 0.6 * len(near) / len(words) + 0.15)
    elif wanted.concept and wanted.concept.words & column.near:
        best = max(best, 0.62)
    if words and words <= column.far:
        best = max(best, 0.4)
    if column.titles and column.length < _SHORT and words & set(stems(column.titles)):
        best = max(best, 0.75)
    dated = wanted.concept is not None and wanted.concept.kind == "date"
    if column.length < _VALUE and not dated:  # "3 beds": the value says what it counts
        best = max(best, 0.7 * _share(column, lambda text: bool(words & set(stems(text))) and _has_digit(text)))
    return best


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _share(column: Column, test: Callable[[str], bool]) -> float:
    return sum(1 for text in column.sample if test(text)) / len(column.sample) if column.sample else 0.0


def _price(column: Column) -> float:
    mentions = 0.8 * _share(column, lambda text: len(text) < _VALUE and bool(PRICE.search(text)))
    return max(0.8 * max(column.share("price"), mentions), _decimals(column))


def _date(column: Column) -> float:
    mentions = 0.7 * _share(column, lambda text: len(text) < 2 * _SHORT and bool(DATE.search(text)))
    return 0.75 * max(column.share("date"), mentions)


_PLACE: Final = re.compile(
    r"[A-Z\u00c0-\u00de][\w'\u2019.-]*(?:,? (?:[A-Z\u00c0-\u00de][\w'\u2019.-]*|of|upon|de|la|le|on|am|den))*"
)


def _place(column: Column) -> float:
    """Unlabelled names of places: short, capitalised, and not what something else is marked as."""
    always = column.distinct * len(column.sample) <= 1 and len(column.sample) > 1  # the same word in every entry
    if column.many or always or column.share("text", "link") < _MOSTLY or column.near & _OTHERWISE:
        return 0.0
    return 0.42 * _share(column, lambda text: len(text) < _VALUE and bool(_PLACE.fullmatch(text)))


def _person(column: Column) -> float:
    """Return how far a column's texts can be names: a few words without figures."""
    named = _share(
        column,
        lambda text: (
            len(text.split()) <= _NAME_WORDS
            and (" " not in text or not re.search(r"\d{2}", text))
            and not SIGNING.fullmatch(text)
        ),
    )
    always = column.distinct * len(column.sample) <= 1 and len(column.sample) > 2
    return (0.4 + 0.6 * named) * (0.5 if always else 1.0)


def _link(column: Column) -> float:
    linked = sum(bool(cells and cells[0].href) for cells in column.cells.values()) / max(len(column.cells), 1)
    return linked * (0.3 + 0.5 * title_fit(column))


def _several(column: Column) -> float:
    return 0.5 if column.many and column.share("link", "text") > _NEARLY_ALL and column.length < _SHORT else 0.0


def _stock(column: Column) -> float:
    return 0.5 if _share(column, lambda text: bool(_STOCK.search(text))) > _MOSTLY else 0.0


def _prose(column: Column) -> float:
    return 0.5 if column.share("text") > _NEARLY_ALL and column.length > _VALUE else 0.0


def title_fit(column: Column) -> float:
    """Return how much a column looks like what its records are headed by."""
    if column.length < 2 or not column.sample:  # a letter is no title
        return 0.0
    score = next(
        (
            worth
            for kind, worth in (("heading", 0.72), ("link", 0.5), ("text", 0.3), ("image", 0.2))
            if column.share(kind) > _MOSTLY
        ),
        0.0,
    )
    headed = column.share("heading") > _MOSTLY  # "7.2.0" heads its entry as well as words do
    score *= _share(
        column, lambda text: any(character.isalnum() if headed else character.isalpha() for character in text)
    )
    score *= 0.4 + 0.6 * column.distinct
    score += 0.1 * min(column.length, 50) / 50 - (0.15 if column.length > _SENTENCE else 0)
    score += 0.06 * max(0, 3 - column.order) / 3
    score -= 0.15 if _share(column, lambda text: bool(_NO_TITLE.search(text))) > _MOSTLY else 0.0
    return score * 0.4 if column.key in _BYWORDS else score


def _decimals(column: Column) -> float:
    """Plain amounts with two decimals, as menus and price lists write them."""
    return 0.48 * _share(column, lambda text: bool(_DECIMAL.fullmatch(text)))


_KINDS: Final[dict[str, Callable[[Column], float]]] = {
    "title": title_fit,
    "price": _price,
    "rating": lambda column: 0.85 * column.share("rating"),
    "date": _date,
    "email": lambda column: 0.85 * column.share("email"),
    "phone": lambda column: 0.8 * column.share("phone"),
    "image": lambda column: 0.8 * column.share("image"),
    "link": _link,
    "list": _several,
    "bool": _stock,
    "place": _place,
    "distance": lambda column: 0.7 * _share(column, lambda text: bool(_DISTANCE.fullmatch(text))),
    "duration": lambda column: 0.8 * _share(column, lambda text: in_unit(text, "s") is not None and len(text) < _VALUE),
}


def _by_kind(wanted: Want, column: Column) -> float:
    concept = wanted.concept
    if concept is None:
        return 0.0
    if concept.name == "description":
        return _prose(column)
    if concept.name == "percent":
        return 0.6 * _share(column, lambda text: "%" in text and len(text) < _SHORT)
    if concept.name == "place" and "address" in stems(wanted.phrase):
        return 0.0  # an address is more than the name of a place
    test = _KINDS.get(concept.kind)
    return (1.0 if wanted.is_plain else _QUALIFIED) * test(column) if test is not None else 0.0


def _possible(wanted: Want, column: Column) -> float:  # noqa: PLR0911 - a table whose rows need code; no kind shares it with another
    """Return how far the column's values can be of the asked type at all."""
    kind = wanted.concept.kind if wanted.concept else ""
    if wanted.type in ("integer", "number"):
        able = _share(column, lambda text: number(text) is not None)
        able *= 0.3 if kind not in ("price", "date") and column.share("date") > _MOSTLY else 1.0
        able *= 0.4 if kind != "price" and column.share("price") > _MOSTLY else 1.0
        return able if column.length < 2 * _VALUE else able * 0.3
    if kind in ("price", "rating", "date", "number"):
        if column.key and stems(column.key) == stems(wanted.phrase):
            return 1.0  # "Day" over names of weekdays, "Price" over "on request": the page itself calls them so
        told = column.share("date", "rating") > _MOSTLY
        return 0.3 + 0.7 * _share(column, lambda text: told or _has_digit(text) or "\u2605" in text)
    if wanted.concept is not None and wanted.concept.name == "percent":
        return 0.3 + 0.7 * _share(column, lambda text: "%" in text)
    if kind == "person":
        return _person(column) * (1.0 if column.key else 1.0 - 0.7 * column.share("number", "price", "rating"))
    if kind == "text" and not column.key:
        return 1.0 - 0.7 * column.share("number", "price", "rating", "date")
    if kind in ("title", "place", "list", "text"):
        return 1.0 if column.key else 1.0 - 0.7 * column.share("number", "price", "rating")
    if kind == "image":
        return 1.0 if any(cells[0].src for cells in column.cells.values()) else 0.2
    return 1.0


@dataclass(slots=True)
class Matched:
    """A group with a column for each want that has one."""

    group: RecordGroup
    columns: dict[str, Column]
    scores: dict[str, float]
    all_columns: list[Column]
    others: dict[str, list[Column]]
    """Further columns that may hold a want's value in records where the best has none."""

    @property
    def mean(self) -> float:
        return sum(self.scores.values()) / max(len(self.scores), 1)


def match(wants: Sequence[Want], group: RecordGroup, *, headed: bool = True) -> Matched:
    """Give each want its best column; no column answers two wants, but a link and its text may.

    ``headed`` lets what entries are headed by answer the first want if nothing else does.
    """
    columns = columns_of(group)
    ranked = sorted(
        ((fit(wanted, column), -place, wanted, column) for place, wanted in enumerate(wants) for column in columns),
        key=lambda entry: (-entry[0], -entry[1], entry[3].order),
    )
    matched = Matched(group, {}, dict.fromkeys((wanted.name for wanted in wants), 0.0), columns, {})
    used: list[tuple[bool, Column]] = []
    for score, _, wanted, column in ranked:
        if score < NEEDED:
            break
        linked = _points(wanted)
        if wanted.name in matched.columns or any(linked == other and _same(column, known) for other, known in used):
            continue
        matched.columns[wanted.name] = column
        matched.scores[wanted.name] = score
        used.append((linked, column))
    if headed:
        _name_by_title(wants, matched)
        _name_the_last(wants, matched)
    taken = {_base(column) for column in matched.columns.values()}
    for score, _, wanted, column in ranked:
        spare = matched.others.setdefault(wanted.name, [])
        enough = max(NEEDED, 0.6 * matched.scores[wanted.name])
        if (
            wanted.name in matched.columns and score >= enough and _base(column) not in taken and len(spare) < 3
        ):  # bounded work per record
            spare.append(column)
    return matched


def _points(wanted: Want) -> bool:
    """Return True if the want is for where a thing leads, not for what it says."""
    return wanted.concept is not None and wanted.concept.kind in ("link", "image")


def _base(column: Column) -> str:
    return column.path.rstrip("*")


def _same(one: Column, other: Column) -> bool:
    """A value that is shown twice (a heading and the link in it) answers one want only; equal counts may be two."""
    counts = one.share("number", "rating", "date", "price") > _MOSTLY
    return _base(one) == _base(other) or (bool(one.sample) and one.sample == other.sample and not counts)


def _name_by_title(wants: Sequence[Want], matched: Matched) -> None:
    """What is asked first and has no label of its own is what entries are headed by: an address, a quote."""
    first = wants[0] if wants else None
    if first is None or first.name in matched.columns or first.is_list or first.type not in ("", "string"):
        return
    kinds = [wanted.concept.kind if wanted.concept else "" for wanted in wants]
    if kinds[0] not in ("", "place", "title", "text") or "title" in kinds[1:]:
        return
    used = {_base(column) for column in matched.columns.values()}
    free = [column for column in matched.all_columns if _base(column) not in used and not column.many]
    shown = [column.sample for column in matched.columns.values() if column.sample]
    best = max(
        free,
        key=lambda column: (not _holds(column, shown), title_fit(column) * column.coverage, -column.order),
        default=None,
    )
    titled = set(stems(first.phrase)) <= set(stems(matched.group.title))
    if best is not None and title_fit(best) * best.coverage >= (_HEADED_BY / 2 if titled else _HEADED_BY):
        matched.columns[first.name] = best
        matched.scores[first.name] = _HEADED_BY


def _holds(column: Column, shown: Sequence[tuple[str, ...]]) -> bool:
    """Return True if a column's texts have those of another in them."""
    return any(all(text in own for text, own in zip(other, column.sample, strict=False)) for other in shown)


def _name_the_last(wants: Sequence[Want], matched: Matched) -> None:
    """If all fields but one have their column, and all columns but one their field, these belong together."""
    lacking = [wanted for wanted in wants if wanted.name not in matched.columns]
    if len(lacking) != 1 or len(matched.columns) < _ENOUGH or lacking[0].is_list:
        return
    wanted = lacking[0]
    kind = wanted.concept.kind if wanted.concept else "text"
    if kind not in ("text", "place", "title", "person") or wanted.type not in ("", "string"):
        return
    used = {_base(column) for column in matched.columns.values()}
    shown = {column.sample for column in matched.columns.values()}
    free = [
        column
        for column in matched.all_columns
        if _base(column) not in used
        and column.sample not in shown
        and not column.many
        and "/@" not in column.path
        and column.coverage == 1.0
        and column.share("text", "link", "image", "heading") == 1.0
        and not column.key
        and all(column.sample)
        and column.distinct * len(column.sample) > 1
    ]
    if len({column.sample for column in free}) == 1:
        matched.columns[wanted.name] = free[0]
        matched.scores[wanted.name] = _HEADED_BY
