"""What sort of value a short text is.

Owns: cheap recognition of prices, numbers, ratings, dates, addresses. Must not: convert
values (``extraction.values`` does).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_CURRENCY: Final = r"(?:[$€£¥₹₽₩₺฿]|R\$|US\$|C\$|A\$|CHF|USD|EUR|GBP|JPY|CAD|AUD|INR|SEK|NOK|DKK|PLN|zł|kr\.?)"
_AMOUNT: Final = r"\d(?:[\d.,' \u00a0]*\d)?"
_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
DATE: Final = re.compile(
    rf"\b(?:\d{{4}}-\d{{1,2}}-\d{{1,2}}(?:[T ]\d\d:\d\d(?::\d\d)?)?"
    rf"|\d{{1,2}}[/.]\d{{1,2}}[/.](?:\d{{4}}|\d{{2}})"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\.?,?(?: \d{{4}})?"
    rf"|{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?(?!\d)"
    rf"|{_MONTH}\.? \d{{4}})\b",
    re.IGNORECASE,
)
_TIME_UNIT: Final = r"(?:s|secs?|seconds?|mins?|minutes?|m|h|hrs?|hours?|d|days?|weeks?|w|months?|mo|years?|y)"
RELATIVE_DATE: Final = re.compile(
    r"^(?:(?:about |over |almost |asked |posted |updated |published )?(?:\d+|an?|one|few)\s*"
    rf"{_TIME_UNIT}\s+ago|yesterday|today|just now)$",
    re.IGNORECASE,
)
TIME: Final = re.compile(r"^\d{1,2}:\d\d(?::\d\d)?(?:\s*[ap]\.?m\.?)?$", re.IGNORECASE)
PRICE: Final = re.compile(
    rf"(?:{_CURRENCY}\s*-?{_AMOUNT}(?![A-Za-z])|{_AMOUNT}\s*(?:[$\u20ac\u00a3\u00a5\u20b9\u20bd]|{_CURRENCY}(?![A-Za-z])))"
)
NUMBER: Final = re.compile(r"^[#+-]?\s?\d[\d,. ]*(?:\s?[kKmM%])?$")
COUNTED: Final = re.compile(r"^\(?\s*(\d[\d,.]*\s?[kKmM]?)\+?\s+([A-Za-z][A-Za-z-]*(?: [A-Za-z][A-Za-z-]*)?)\s*\)?$")
RATING: Final = re.compile(
    r"(\d(?:[.,]\d+)?)\s*(?:out of|of|/)\s*(?:5|10)\b(?:\s*stars?)?"
    r"|(\d(?:[.,]\d+)?)\s*-?\s*stars?\b|rated\s+(\d(?:[.,]\d+)?)"
    r"|[\u2605\u2b50]\s*(\d(?:[.,]\d+)?)(?![\d.,])|(?<![\d.,])(\d(?:[.,]\d+)?)\s*[\u2605\u2b50]",
    re.IGNORECASE,
)
STARS: Final = re.compile(r"^[★☆⭐✩✭⯪½ ]{2,}$")
EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE: Final = re.compile(r"(?<![\w.])(?:\+\d{1,3}[\s.-]?)?(?:\(\d{2,5}\)[\s.-]?)?\d{2,5}(?:[\s.-]\d{2,8}){1,4}")
_DIGITS: Final = re.compile(r"\d")


def phones_in(text: str) -> list[str]:
    """Return the telephone numbers a text holds: what has their form and enough digits."""
    priced = {found.span() for found in PRICE.finditer(text)}
    dated = [found.span() for found in DATE.finditer(text)]
    out = []
    for found in PHONE.finditer(text):
        start, end = found.span()
        inside = any(first < end and start < last for first, last in (*priced, *dated))
        if not inside and _SUBSCRIBER <= len(_DIGITS.findall(found.group())) <= _LONGEST_PHONE:
            out.append(found.group().strip())
    return out


_LONG: Final = 60
_LONGEST_PHONE: Final = 15
_SUBSCRIBER: Final = 7
"""Digits of the shortest telephone numbers."""


def kind_of(text: str) -> str:
    """Return text, number, price, rating, date, email or phone for what a short text mostly is."""
    if not text or len(text) > _LONG:
        return "text"
    if text[0] in "★☆⭐✩" and STARS.match(text):
        return "rating"
    digits = sum(character.isdigit() for character in text)
    if not digits:
        return "date" if RELATIVE_DATE.match(text) else "email" if "@" in text and EMAIL.fullmatch(text) else "text"
    return _numeric_kind(text, digits)


def _covers(pattern: re.Pattern[str], text: str) -> bool:
    found = pattern.search(text)
    return found is not None and len(found.group()) * 2 >= len(text)


_TESTS: Final[tuple[tuple[str, Callable[[str], bool]], ...]] = (
    ("price", lambda text: _covers(PRICE, text)),
    ("phone", lambda text: text[0] == "+" and len(text) > _SUBSCRIBER and bool(PHONE.fullmatch(text))),
    ("number", lambda text: bool(NUMBER.match(text)) and not DATE.fullmatch(text)),
    ("date", lambda text: bool(TIME.match(text) or RELATIVE_DATE.match(text)) or _covers(DATE, text)),
    ("rating", lambda text: bool(RATING.fullmatch(text))),
    ("number", lambda text: bool(COUNTED.match(text))),
    ("email", lambda text: bool(EMAIL.fullmatch(text))),
)
"""What a text with digits may be; the first that fits counts."""


def _numeric_kind(text: str, digits: int) -> str:
    for kind, test in _TESTS:
        if test(text):
            return kind
    return "phone" if digits >= _SUBSCRIBER and PHONE.fullmatch(text) else "text"
