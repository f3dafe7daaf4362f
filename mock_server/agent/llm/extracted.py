"""Data a model says it read, held against the schema and the pages it was shown.

Owns: what makes such data unusable, and which of its values no page shows. Must not:
change a value.
"""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

import jsonschema_rs

from mock_server.agent.extraction.shape import is_valid, lacking, read_shape
from mock_server.agent.extraction.values import moment, number
from mock_server.agent.llm.answer import AnswerError
from mock_server.agent.observation import Capture, Observation
from mock_server.agent.records.kinds import DATE

_PAGES: Final = 20
"""How many of the pages a run has seen are kept to look values up in."""
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_NUMERAL: Final = re.compile(r"[-\u2212]?\d[\d.,\u00a0']*")
_SHORT: Final = 4
"""Shorter texts have to stand on the page as words of their own."""
_MOST_NAMED: Final = 10
_PLAIN: Final = str.maketrans("\u2019\u2018\u201c\u201d\u2013\u2014", "''\"\"--")
"""Quotation marks and dashes, which models like to make their own."""


def check_schema(data: Any, schema: Any) -> None:
    """Check that the data has the shape that was asked for.

    Raises:
        AnswerError: It has not, or a required value is missing.
    """
    shape = read_shape(schema)
    wanting = lacking(shape, data) if shape is not None else []
    if wanting:
        raise AnswerError(
            f"The schema requires {', '.join(wanting[:_MOST_NAMED])}, which the data lacks. "
            "Find it on this or another page; if it is nowhere, terminate."
        )
    if not is_valid(data, schema):
        raise AnswerError(f"The data does not fit the schema: {_complaint(data, schema)}.")


def _complaint(data: Any, schema: Any) -> str:
    try:
        parsed = json.loads(schema) if isinstance(schema, str) else schema
        error = next(jsonschema_rs.validator_for(parsed).iter_errors(data), None)
    except (ValueError, TypeError, jsonschema_rs.ReferencingError):
        error = None
    if error is None:
        return "it has another shape"
    place = "/".join(str(step) for step in error.instance_path)
    return f"{error.message[:300]}{f' (at {place})' if place else ''}"


class Shown:
    """What the pages of a run showed."""

    def __init__(self) -> None:
        self._pages: deque[_Page] = deque(maxlen=_PAGES)

    def add(self, capture: Capture) -> None:
        """Take note of a page; one that is looked at again replaces what was seen of it before."""
        address = capture.observation.url
        self._pages = deque((page for page in self._pages if page.address != address), maxlen=_PAGES)
        self._pages.append(_Page(capture))

    def lacks(self, data: Any) -> list[str]:
        """Return the paths of values that no page showed, with the values; truth values and nulls need no proof."""
        missing: list[str] = []
        for path, value in _leaves(data, ""):
            if len(missing) < _MOST_NAMED and not any(page.shows(value) for page in self._pages):
                missing.append(f"{path or 'data'}={json.dumps(value, ensure_ascii=False)[:80]}")
        return missing


class _Page:
    def __init__(self, capture: Capture) -> None:
        page = capture.observation
        self.address = page.url
        text = "\n".join(chain(_texts(page), (html.unescape(capture.tree_text),)))
        self._text = text
        self._squeezed = _squeezed(text)
        self._links = {link for link in _links(page) if link}
        self._sizes = {float(len(group.records)) for group in page.groups}
        self._numbers: set[float] | None = None
        self._days: set[str] | None = None

    def shows(self, value: Any) -> bool:
        """Whether the value is on the page, in whatever form it is written there."""
        if isinstance(value, int | float):
            return float(value) in self._sizes or any(abs(float(value) - own) < 1e-9 for own in self._all_numbers())  # noqa: PLR2004 - rounding of decimals
        text = str(value).strip()
        if not text or text in self._links:
            return True
        if len(text) < _SHORT:
            return re.search(rf"(?<!\w){re.escape(text)}(?!\w)", self._text, re.IGNORECASE) is not None
        if _squeezed(text) in self._squeezed:
            return True
        day = _DAY.match(text)
        return day is not None and day[0] in self._all_days()

    def _all_numbers(self) -> set[float]:
        if self._numbers is None:
            found = (number(numeral) for numeral in set(_NUMERAL.findall(self._text)))
            self._numbers = {value for value in found if value is not None}
        return self._numbers

    def _all_days(self) -> set[str]:
        if self._days is None:
            moments = (moment(text) for text in {match[0] for match in DATE.finditer(self._text)})
            self._days = {found.date().isoformat() for found in moments if found is not None}
        return self._days


def _texts(page: Observation) -> Iterator[str]:
    yield page.title
    yield page.url
    yield from (line.text for line in page.lines)
    for element in page.elements:
        yield from (element.name, element.text, element.value, element.href)
    for group in page.groups:
        for record in group.records:
            yield record.text
            for cell in record.cells:
                yield from (cell.text, cell.value, cell.href, cell.src)
    for fact in page.facts:
        yield from (fact.value, fact.href)
    yield json.dumps(page.structured, default=str, ensure_ascii=False)


def _links(page: Observation) -> Iterator[str]:
    yield from (element.href for element in page.elements)
    for group in page.groups:
        for record in group.records:
            for cell in record.cells:
                yield from (cell.href, cell.src)


def _squeezed(text: str) -> str:
    """A text without case, white space and the various quotation marks and dashes."""
    return "".join(text.translate(_PLAIN).split()).casefold()


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _leaves(entry, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _leaves(entry, f"{path}[{index}]")
    elif value is not None and not isinstance(value, bool):
        yield path, value
