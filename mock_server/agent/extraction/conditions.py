"""Conditions in a request: over $100, in stock, by author X, on 3/14, whose status is open.

Owns: taking conditions out of a phrase. Must not: test them (``choose`` does).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from mock_server.agent.extraction.request import Condition, Operator

_AMOUNT: Final = r"(?P<value>[$€£¥]?\s?\d[\d,.]*(?:\s?(?:k\b|%|[€£$]))?(?:\s+(?!and\b|or\b)[a-z]+)?)"
_COPULA: Final = r"(?:(?:that|which)\s+)?(?:(?:are|is|cost|costs|costing|priced|rated|and)\s+)*"
_OF_FIELD: Final = r"(?:(?:with|have|has|having)\s+(?P<field>(?:(?:a|an|the) )?[a-z ]{2,24}? (?:of )?)?)?"
_COMPARING: Final[dict[Operator, str]] = {
    "gt": "more than|over|above|greater than|exceeding|higher than|upwards of",
    "lt": "less than|under|below|cheaper than|lower than|fewer than",
    "ge": "at least|no less than|minimum of|from",
    "le": "at most|up to|no more than|maximum of",
}
_COMPARISONS: Final[tuple[tuple[re.Pattern[str], Operator], ...]] = tuple(
    (re.compile(rf"\s+{_COPULA}{_OF_FIELD}(?:{words})\s+{_AMOUNT}", re.IGNORECASE), operator)
    for operator, words in _COMPARING.items()
)
_NOT_A_FIELD: Final = frozenset({"that", "which", "are", "is", "cost", "costs", "priced", "with", "and", "of"})
_CURRENCIES: Final = frozenset({"euros", "euro", "dollars", "dollar", "pounds", "pound", "usd", "eur", "gbp"})

_MONTH: Final = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DAY: Final = (
    rf"\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?|\d{{4}}(?:-\d\d(?:-\d\d)?)?"
    rf"|{_MONTH}\.?(?: \d{{1,2}}(?:st|nd|rd|th)?)?(?:,? \d{{4}})?|today|yesterday|tomorrow"
)
_CLOCK: Final = r"\d{1,2}(?::\d\d)?\s*[ap]\.?m\.?|\d{1,2}:\d\d"
_STATES: Final = (
    "in stock|out of stock|on sale|sold out|available|unavailable|overdue|paid|unpaid|pending|open|closed|active"
    "|inactive|free"
)
_AT_TIME: Final = re.compile(
    r"\s+(?:that |which )?(?:starts?|starting|begins?|beginning|ends?|ending)?\s*(?:at|from)\s+"
    rf"(?P<value>{_CLOCK})",
    re.IGNORECASE,
)
_ON_DATE: Final = re.compile(rf"\s+(?:on|in|from|during|for|dated|of)\s+(?P<value>{_DAY})\b", re.IGNORECASE)
_WITH_STATUS: Final = re.compile(
    r"\s+(?:with|having)(?: a| the)?\s+"
    r"(?P<field>status|state|type|category|tag|colou?r|size|label|role|priority)\s+(?P<value>.+)$",
    re.IGNORECASE,
)
_OF_STATUS: Final = re.compile(
    r"\s+(?:with|having|of)(?: an?)?\s+(?P<value>(?!the\b)[\w-]+)\s+"
    r"(?P<field>status|state|type|category|colou?r|size|role|priority|severity|urgency)$",
    re.IGNORECASE,
)
_THAT_IS: Final = re.compile(
    r"\s+(?:that|which|who)\s+(?:is|are|was|were)\s+(?:(?:currently|still|already|now)\s+)?(?P<not>not\s+)?"
    r"(?P<value>(?!(?:on|in|at|from|the|there|shown|listed|displayed|visible|found|here)\b)[a-z-]+(?: [a-z-]+)?)$",
    re.IGNORECASE,
)
_WHOSE: Final = re.compile(
    r"\s+(?:whose|where(?: the)?|with(?: a| the)?)\s+(?P<field>[a-z ]{2,30}?)\s*"
    r"(?:is|are|=|:|of|equals|equal to)\s+(?P<value>.+)$",
    re.IGNORECASE,
)
_IN_STATE: Final = re.compile(
    rf"\s+(?:(?:that|which)\s+(?:are|is)\s+)?(?:currently\s+)?(?P<not>not\s+)?(?P<value>{_STATES})$", re.IGNORECASE
)
_BY_AUTHOR: Final = re.compile(
    r"\s+(?:(?:[a-z]+(?:ed|en) )?by|from user|of author)\s+(?:author |user )?"
    r"(?P<value>[A-Z\"'@][\w .'@-]*|\w+)$"
)
_FROM_PLACE: Final = re.compile(
    r"\s+(?:from|to|in|at|near|located in|for)\s+(?:the\s+)?(?P<value>[A-Z][\w-]*(?: [A-Z][\w-]*){0,3})$"
)

Made = Callable[["re.Match[str]"], Condition]
_OTHERS: Final[tuple[tuple[re.Pattern[str], Made], ...]] = (
    (_AT_TIME, lambda found: Condition("contains", found["value"], "time")),
    (_ON_DATE, lambda found: Condition("date", found["value"], "date")),
    (_WITH_STATUS, lambda found: Condition("contains", _bare(found["value"]), found["field"])),
    (_OF_STATUS, lambda found: Condition("contains", found["value"], found["field"])),
    (_WHOSE, lambda found: Condition("contains", _bare(found["value"]), found["field"].strip())),
    (_IN_STATE, lambda found: Condition("lacks" if found["not"] else "contains", found["value"], "status")),
    (_THAT_IS, lambda found: Condition("lacks" if found["not"] else "contains", found["value"], "status")),
    (_BY_AUTHOR, lambda found: Condition("contains", _bare(found["value"]), "author")),
    (_FROM_PLACE, lambda found: Condition("contains", found["value"], "")),
)


def take_conditions(text: str) -> tuple[str, list[Condition]]:
    """Return a phrase without its conditions, and these."""
    out: list[Condition] = []
    rest = " " + text
    for pattern, operator in _COMPARISONS:
        found = pattern.search(rest)
        if found and re.fullmatch(r"(?:19|20)\d\d", found["value"].strip()) and " from " in found.group():
            continue  # "posts from 2023": of that year
        if found:
            out.append(_comparison(found, operator))
            rest = rest[: found.start()] + rest[found.end() :]
    for other, make in _OTHERS:
        found = other.search(rest)
        if found:
            out.append(make(found))
            rest = rest[: found.start()] + rest[found.end() :]
    return re.sub(r"\s+(?:that|which|and|are|is)\s*$", "", rest).strip(), out


def _comparison(found: re.Match[str], operator: Operator) -> Condition:
    field = re.sub(r"^(?:a|an|the)\s+|\s+of$", "", (found["field"] or "").strip())
    field = "" if field in _NOT_A_FIELD else field
    value = found["value"].strip()
    unit = re.match(r"^([^A-Za-z]+)\s+([a-z]+)$", value)
    if unit and unit[2] not in _CURRENCIES:
        # "more than 100 points" names its field behind the number
        return Condition(operator, unit[1].strip(), field or unit[2])
    return Condition(operator, value, field)


def _bare(text: str) -> str:
    return text.strip("\"' ")
