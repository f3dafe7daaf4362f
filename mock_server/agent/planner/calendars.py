"""Days picked in calendars: by the label of the day, or by turning to its month.

Owns: reading a wanted day, finding the calendar a page shows and what turns its months.
Must not: type dates into fields (``touching`` gives them their form).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

import dateparser

from mock_server.agent.grounding import FITS
from mock_server.agent.lexicon import fold, likeness
from mock_server.agent.observation import Box, Element, Observation, Option
from mock_server.agent.planner.model import Move, Situation

_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH: Final = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_WRITTEN: Final = re.compile(
    r"^(?:(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?,?\s+)?"
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})|\d{4}-\d{1,2}-\d{1,2}"
    rf"|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH.replace('<month>', '<after>')},?\s+\d{{4}})$",
    re.IGNORECASE,
)
_CAPTION: Final = re.compile(rf"^\W*{_MONTH}[\s,/-]*(?P<year>\d{{4}})\W*$", re.IGNORECASE)
_REVERSED: Final = re.compile(rf"^\W*(?P<year>\d{{4}})[\s,/-]+{_MONTH}\W*$", re.IGNORECASE)
_OUTSIDE: Final = re.compile(r"\b(?:other|outside|old|new|muted|off|adjacent|disabled|unselectable)\b", re.IGNORECASE)
_DAYS: Final = 20
"""Different numbers of days from which on it is a calendar."""
_TURNS: Final = 24
"""Months turned before looking again."""
_ROW: Final = 60.0
"""Pixels between a month's caption and what turns it."""
_BACK: Final = ("previous", "prev", "‹", "<", "◀", "←", "back")  # noqa: RUF001 - matched against what pages hold, not read by people
_ON: Final = ("next", "›", ">", "▶", "→", "forward")  # noqa: RUF001 - matched against what pages hold, not read by people


@dataclass(frozen=True, slots=True)
class _Month:
    """A month the page shows."""

    year: int
    month: int
    box: Box

    @property
    def number(self) -> int:
        return self.year * 12 + self.month - 1


@lru_cache(maxsize=256)
def day_of(text: str, order: str = "MDY") -> date | None:
    """Return the day a text names in full, whatever way it is written; None for any other text."""
    if not _WRITTEN.match(text.strip()):
        return None
    settings: Any = {"DATE_ORDER": "YMD" if re.match(r"\d{4}-", text.strip()) else order}
    parsed = dateparser.parse(text, languages=["en"], settings=settings)
    return parsed.date() if parsed is not None else None


def pick_day(at: Situation, text: str, field: Element | None, *, completes: bool) -> list[Move]:  # noqa: PLR0911 - one return for each way
    """Return the next moves towards a day in a calendar; none if there is no calendar and nothing to open one."""
    wanted = day_of(text, _order(field))
    if wanted is None:
        return []
    named = _named_day(at.page, wanted)
    if named is not None:
        return [at.move("click", f"{named.name!r} is the day.", named, text=text, completes=completes)]
    cells = _cells(at.page)
    if len({fold(cell.name or cell.text) for cell in cells}) < _DAYS:
        return _opened(at, field)
    lists = _by_lists(at, wanted)
    if lists is not None:
        return lists or _the_day(at, wanted, cells, None, text=text, completes=completes)
    months = _months(at.page)
    if not months:
        return []
    for month in months:
        if (month.year, month.month) == (wanted.year, wanted.month):
            return _the_day(at, wanted, cells, month, text=text, completes=completes)
    return _turned(at, wanted, months)


def _order(field: Element | None) -> str:
    hint = f"{field.placeholder} {field.pattern} {' '.join(field.labels)}".casefold() if field is not None else ""
    return "DMY" if re.search(r"\bdd?\W+mm?\b", hint) else "MDY"


def _opened(at: Situation, field: Element | None) -> list[Move]:
    """Open the calendar of a field that does not take text."""
    if field is None or any(deed.element_id == field.id and deed.action_type == "click" for deed in at.deeds):
        return []
    what = field.name or field.placeholder or field.role
    return [at.move("click", f"Open the calendar of {what!r}.", field, completes=False)]


def _named_day(page: Observation, wanted: date) -> Element | None:
    """The control whose name is the whole day."""
    for element in page.elements:
        if not element.interactable or element.disabled or str(wanted.year) not in element.name:
            continue
        if day_of(element.name) == wanted:
            return element
    return None


def _cells(page: Observation) -> list[Element]:
    """What may be the day of a calendar: small things named by a number up to 31."""
    found: list[Element] = []
    for element in page.elements:
        text = (element.text or element.name).strip()
        if (
            not re.fullmatch(r"0?[1-9]|[12]\d|3[01]", text)
            or element.disabled
            or element.tag in ("input", "select", "option")
        ):
            continue
        if not _OUTSIDE.search(re.sub(r"[-_]", " ", element.attributes.get("class", ""))):
            found.append(element)
    return found


def _months(page: Observation) -> list[_Month]:
    """The months whose captions the page shows."""
    found: list[_Month] = []
    for element in page.elements:
        for text in (element.text, element.name):
            match = _CAPTION.match(text) or _REVERSED.match(text) if len(text) <= 30 else None  # noqa: PLR2004 - a caption
            if match:
                month = _Month(int(match["year"]), _number(match["month"]), element.box)
                if month not in found:
                    found.append(month)
    if found:
        return found
    names = [element for element in page.elements if _is_month(element.text or element.name)]
    years = [
        element for element in page.elements if re.fullmatch(r"(?:19|20)\d\d", (element.text or element.name).strip())
    ]
    for name in names:
        beside = [year for year in years if abs(year.box.center[1] - name.box.center[1]) < _ROW]
        if beside:
            year = min(beside, key=lambda one: abs(one.box.center[0] - name.box.center[0]))
            found.append(_Month(int((year.text or year.name).strip()), _number((name.text or name.name)[:3]), name.box))
    return found


def _is_month(text: str) -> bool:
    word = text.strip().casefold()
    return len(word) > 2 and any(month == word or month[:3] == word for month in _MONTHS)  # noqa: PLR2004 - jan


def _number(name: str) -> int:
    return next(index for index, month in enumerate(_MONTHS, 1) if month.startswith(name.casefold()[:3]))


def _the_day(
    at: Situation, wanted: date, cells: list[Element], month: _Month | None, *, text: str, completes: bool
) -> list[Move]:
    same = [cell for cell in cells if int((cell.text or cell.name).strip()) == wanted.day]
    if month is not None:
        others = [other for other in _months(at.page) if other.number != month.number]
        same = [cell for cell in same if _belongs(cell, month, others)] or same
    if not same:
        return []
    usable = [cell for cell in same if cell.interactable] or same
    cell = min(usable, key=lambda one: one.box.width * one.box.height)
    return [
        at.move("click", f"{wanted.day} is the day, in the month that is shown.", cell, text=text, completes=completes)
    ]


def _belongs(cell: Element, month: _Month, others: Sequence[_Month]) -> bool:
    """Whether the cell stands under this month's caption rather than under another one's."""

    def far(one: _Month) -> float:
        (x, y), (cx, cy) = cell.box.center, one.box.center
        return abs(x - cx) + (abs(y - cy) if y >= cy else 10_000.0)

    return all(far(month) <= far(other) for other in others)


def _turned(at: Situation, wanted: date, months: list[_Month]) -> list[Move]:
    """Turn to the month, as many times as it is away."""
    target = wanted.year * 12 + wanted.month - 1
    nearest = min(months, key=lambda month: abs(month.number - target))
    away = target - nearest.number
    control = _turner(at.page, [month.box for month in months], back=away < 0)
    if control is None:
        return []
    times = min(abs(away), _TURNS)
    way = "on" if away > 0 else "back"
    reasoning = (
        f"The calendar shows {_MONTHS[nearest.month - 1].title()} {nearest.year}; turn {way}, {abs(away)} to go."
    )
    return [at.move("click", reasoning, control, completes=False) for _ in range(times)]


def _turner(page: Observation, captions: list[Box], *, back: bool) -> Element | None:
    near = [
        element
        for element in page.elements
        if element.interactable
        and not element.disabled
        and any(abs(element.box.center[1] - box.center[1]) < _ROW for box in captions)
        and "year" not in fold(f"{element.name} {element.attributes.get('class', '')}")
    ]
    scored: list[tuple[float, Element]] = []
    for element in near:
        texts = (element.name, element.text, element.attributes.get("title", ""), element.attributes.get("class", ""))
        score = max(_turns(text, _BACK if back else _ON) for text in texts)
        if score >= FITS and max(_turns(text, _ON if back else _BACK) for text in texts) < score:
            scored.append((score, element))
    if scored:
        return max(scored, key=lambda entry: entry[0])[1]
    box = captions[0] if back else captions[-1]
    beside = [
        element for element in near
        if not (element.text or element.name).strip().isdigit()
        and ((element.box.center[0] < box.x) if back else (element.box.center[0] > box.x + box.width))
        and abs(element.box.center[1] - box.center[1]) < _ROW / 2
    ]  # fmt: skip
    return min(beside, key=lambda one: abs(one.box.center[0] - box.center[0]), default=None)


def _turns(text: str, words: Sequence[str]) -> float:
    if not text:
        return 0.0
    if text.strip() in words:
        return 1.0
    parts = re.split(r"[\s_-]+", fold(text))
    return 0.9 if any(word in parts for word in words) else likeness(words[0], text) * 0.9


def _by_lists(at: Situation, wanted: date) -> list[Move] | None:
    """Choose month and year in lists; empty if they stand right, None if the calendar has none."""
    months = [
        (field, option)
        for field in at.page.elements
        for option in _months_of(field)
        if option.label[:3].casefold() == _MONTHS[wanted.month - 1][:3]
    ]
    years = [
        (field, option)
        for field in at.page.elements
        if field.tag == "select"
        and len(field.options) > 1
        and all(re.fullmatch(r"\d{4}", one.label) for one in field.options)
        for option in field.options
        if option.label == str(wanted.year)
    ]
    if not months or not years:
        return None
    todo = [(field, option) for field, option in (years[0], months[0]) if not option.selected]
    return [at.choice(field, option, f"The day is in {option.label}.", completes=False) for field, option in todo[:1]]


def _months_of(field: Element) -> Sequence[Option]:
    named = sum(_is_month(option.label) for option in field.options)
    return field.options if field.tag == "select" and named >= len(_MONTHS) - 1 else ()
