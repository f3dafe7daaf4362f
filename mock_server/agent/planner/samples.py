"""Plausible values for fields the prompt gives none for.

Owns: what a field's own label, type, limits and pattern ask for. Must not: be used for
anything but a form that is to be filled without data, and never unsaid. Every value is
of the kinds reserved for examples, and always the same for the same field.
"""

from __future__ import annotations

import re
from typing import Final

from mock_server.agent.lexicon import label_likeness
from mock_server.agent.observation import Element, Option

_BY_LABEL: Final[tuple[tuple[str, str], ...]] = (
    ("first name", "Jane"),
    ("last name", "Doe"),
    ("middle name", "Q"),
    ("company", "Example Ltd"),
    ("job title", "Engineer"),
    ("username", "janedoe"),
    ("email", "jane.doe@example.com"),
    ("phone", "+1 202 555 0143"),
    ("street address", "1 Example Street"),
    ("address", "1 Example Street"),
    ("city", "Springfield"),
    ("state", "Illinois"),
    ("country", "United States"),
    ("zip code", "62701"),
    ("subject", "General question"),
    ("message", "Hello, this is a test message sent by an automated run."),
    ("description", "This is a test entry made by an automated run."),
    ("website", "https://example.com"),
    ("date of birth", "1990-01-15"),
    ("age", "35"),
    ("card number", "4242 4242 4242 4242"),
    ("expiry date", "12/30"),
    ("security code", "123"),
    ("order number", "12345"),
    ("budget", "1000"),
    ("quantity", "1"),
    ("number of guests", "2"),
    ("date", "2030-06-15"),
    ("time", "10:00"),
    ("name", "Jane Doe"),
)
_BY_TYPE: Final = {
    "email": "jane.doe@example.com",
    "tel": "+1 202 555 0143",
    "url": "https://example.com",
    "date": "2030-06-15",
    "month": "2030-06",
    "week": "2030-W24",
    "time": "10:00",
    "datetime-local": "2030-06-15T10:00",
    "color": "#336699",
    "password": "Example-Pass-1",
}
_BY_PURPOSE: Final = {
    "given-name": "Jane",
    "family-name": "Doe",
    "name": "Jane Doe",
    "organization": "Example Ltd",
    "street-address": "1 Example Street",
    "address-line1": "1 Example Street",
    "address-level2": "Springfield",
    "address-level1": "Illinois",
    "postal-code": "62701",
    "country-name": "United States",
    "bday": "1990-01-15",
    "cc-number": "4242 4242 4242 4242",
    "cc-name": "Jane Doe",
    "cc-exp": "12/30",
    "cc-csc": "123",
}
_FOR_PATTERNS: Final = (
    "12345",
    "123456",
    "1234",
    "123",
    "12345-6789",
    "2025550143",
    "202-555-0143",
    "(202) 555-0143",
    "+12025550143",
    "+1 202 555 0143",
    "Jane",
    "Jane Doe",
    "janedoe",
    "JANEDOE",
    "AB12 3CD",
    "A1A 1A1",
    "ABC123",
    "ABC-123",
    "AB",
    "US",
    "10",
    "1",
    "0",
    "2030-06-15",
    "06/15/2030",
    "15/06/2030",
    "15.06.2030",
    "10:00",
    "12/30",
    "4242424242424242",
    "https://example.com",
    "jane.doe@example.com",
    "12345678",
    "INV-12345",
    "A-12345",
    "abc",
    "Example-Pass-1",
    "Examplepass1",
    "Example1!",
)
_PLACEHOLDER: Final = re.compile(r"^\W*(?:please\b|select\b|choose\b|pick\b|none\b|any\b|-+|\.\.\.|$)", re.IGNORECASE)
_LIKE: Final = 0.7


def sample_for(field: Element) -> str:
    """Return a value the field should take; the longest it allows of a plain text if it says nothing."""
    value = _plain(field)
    if field.pattern and not _matches(field.pattern, value):
        value = next((candidate for candidate in _FOR_PATTERNS if _matches(field.pattern, candidate)), value)
    if field.max_length is not None and 0 < field.max_length < len(value):
        value = value[: field.max_length].rstrip()
    return value


def _plain(field: Element) -> str:
    if field.input_type in ("number", "range") or field.role == "spinbutton":
        return _number(field)
    if field.input_type in ("date", "month", "time", "datetime-local", "week") and field.minimum:
        return max(_BY_TYPE[field.input_type], field.minimum)
    if field.input_type in _BY_TYPE:
        return _BY_TYPE[field.input_type]
    purpose = field.autocomplete.split()[-1] if field.autocomplete else ""
    if purpose in _BY_PURPOSE:
        return _BY_PURPOSE[purpose]
    texts = (
        field.name,
        *field.labels[:2],
        field.placeholder,
        field.attributes.get("name", ""),
        field.attributes.get("id", ""),
    )
    best = (0.0, "")
    for label, value in _BY_LABEL:
        score = max((label_likeness(label, text) for text in texts if text), default=0.0)
        if score > best[0] + 0.001:
            best = (score, value)
    if best[0] >= _LIKE:
        return best[1]
    return dict(_BY_LABEL)["message"] if field.tag == "textarea" else "Test"


def _number(field: Element) -> str:
    low = float(field.minimum) if re.fullmatch(r"-?\d+(?:\.\d+)?", field.minimum) else None
    high = float(field.maximum) if re.fullmatch(r"-?\d+(?:\.\d+)?", field.maximum) else None
    wanted = 1.0 if low is None else max(low, 1.0)
    if high is not None and wanted > high:
        wanted = high
    return str(int(wanted)) if wanted == int(wanted) else str(wanted)


def _matches(pattern: str, value: str) -> bool:
    """Whether the value fits an HTML pattern attribute; a pattern Python can't read is taken to fit."""
    try:
        return len(pattern) > 200 or re.fullmatch(pattern, value) is not None  # noqa: PLR2004 - not worth the time
    except re.error:
        return True


def sample_option(field: Element) -> Option | None:
    """Return the first real choice of a list, or None if there is none."""
    return next(
        (
            option
            for option in field.options
            if not option.disabled
            and option.label.strip()
            and not (_PLACEHOLDER.match(option.label) and not option.value.strip())
        ),
        None,
    )


def is_placeholder(option: Option) -> bool:
    """Whether choosing it means choosing nothing."""
    return not option.value.strip() or bool(
        _PLACEHOLDER.match(option.label) and option.value.strip() in ("", "0", "-1")
    )
