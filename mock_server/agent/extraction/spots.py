"""Values that are recognized by what they look like and where they stand.

Owns: prices, dates, bylines, addresses and counts in a page's lines, nearer to its headline
the better. Must not: use the names of values (``page`` does).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import urljoin

from mock_server.agent.extraction.candidates import Candidate
from mock_server.agent.extraction.headline import ASIDE, find_headline, without_trimmings
from mock_server.agent.extraction.request import Want
from mock_server.agent.extraction.words import STOP_WORDS, stem, stems, tokens
from mock_server.agent.observation import Line, Observation
from mock_server.agent.records.kinds import DATE, EMAIL, PRICE, RATING, RELATIVE_DATE, phones_in

_NAME: Final = r"(?:[A-Z][\w.'\u2019-]*|de|van|von|der|la|el|al|bin)"
_BYLINE: Final = re.compile(
    r"(?:^|\b(?:written|posted|published|contributed|created|submitted|story|article|report|photo|text|words)\s+"
    r"|[|\u2022\u00b7,-]\s*|^.{0,60}?\s)"
    rf"[Bb]y:?\s+({_NAME}(?:\s+{_NAME}){{0,4}})"
)
_POSTED: Final = re.compile(r"\b(?:posted|published|updated|created|added|submitted|filed|on|date)\b", re.IGNORECASE)
_COUNT_OF: Final = re.compile(
    r"(\d[\d.,]*\s?[kKmM]?)\s+(?:[A-Za-z-]+ ){0,2}?([A-Za-z-]+)|([A-Za-z-]+)\s*[(:]\s*(\d[\d.,]*)\)?"
)
_CODE_WORDS: Final = frozenset({"number", "id", "code", "reference", "ref", "sku"})
_CODE_BEHIND: Final = r"\s*(?:no\.?|number|#|:)?\s*:?\s*#?([A-Za-z]{0,6}[-/]?\d[\w/-]*)"
_BARS: Final = re.compile(r"\s+[|\u2022\u00b7\u2013\u2014]\s+")
_PROSE: Final = 60
"""Text this long around a date is a sentence that mentions it."""
_QUALIFIED: Final = 0.5
"""What a value of the right kind counts for a field with further words: a date for a "closing date"."""
_COUNTING: Final = frozenset({"number", "count", "total", "amount"})
_MAX_LINE: Final = 300
_NEAR: Final = 120
"""Lines from the headline within which a value belongs to it."""
_LEVEL_WORTH: Final = {1: 0.9, 2: 0.8, 3: 0.8, 4: 0.8}


class Spots:
    """The lines of a page, by their distance from what it is about."""

    def __init__(self, seen: Observation, subject: str = "") -> None:
        self._seen = seen
        self._subject = subject
        self.headline = find_headline(seen, subject)
        self._kinds: dict[str, Callable[[], Iterator[Candidate]]] = {
            "title": self._titles,
            "price": lambda: self._pattern(PRICE, 0.8, "a price"),
            "date": self._dates,
            "person": self._people,
            "rating": lambda: self._pattern(RATING, 0.7, "a rating"),
            "email": self._emails,
            "phone": self._phones,
            "image": self._images,
        }

    def find(self, wanted: Want) -> Iterator[Candidate]:
        """Yield what looks like a value of the wanted kind."""
        concept = wanted.concept
        if concept is not None and concept.name == "description":
            for fact in self._seen.facts:
                if fact.name in ("description", "og:description"):
                    yield Candidate(fact.value, 0.5, f"meta {fact.name}")
        elif concept is not None and concept.kind in self._kinds:
            sure = 1.0 if wanted.is_plain or not self._qualifiers(wanted) else _QUALIFIED
            for candidate in self._kinds[concept.kind]():
                yield replace(candidate, score=candidate.score * sure)
        if concept is None or concept.kind in ("number", "list", "text") or wanted.type in ("integer", "number"):
            yield from self._counts(wanted)
        reached = concept is not None and concept.kind in ("phone", "email")
        if set(stems(wanted.phrase)) & _CODE_WORDS and not reached:
            yield from self._codes(wanted)

    def _qualifiers(self, wanted: Want) -> set[str]:
        """Return the words of a want that neither its concept nor the page's subject explains."""
        known = wanted.concept.words if wanted.concept else frozenset()
        return set(stems(wanted.phrase)) - known - set(stems(self._subject))

    def _distance(self, place: int) -> float:
        """Return 0 at the headline to 1 far from it; what stands above is farther than what stands below."""
        if self.headline < 0:
            return min(place / (2 * _NEAR), 1.0)
        steps = place - self.headline
        return min((steps if steps >= 0 else -3 * steps) / _NEAR, 1.0)

    def _lines(self) -> Iterator[tuple[Line, float]]:
        """Yield the shorter lines, each with what its place takes from a score."""
        for place, line in enumerate(self._seen.lines):
            if len(line.text) <= _MAX_LINE:
                yield line, 0.27 * self._distance(place) + (0.2 if line.region in ASIDE else 0.0)

    def _titles(self) -> Iterator[Candidate]:
        seen = self._seen
        if self.headline >= 0:
            line = seen.lines[self.headline]
            text = without_trimmings(line.text, seen.title)
            yield Candidate(text, _LEVEL_WORTH.get(line.level, 0.66), "the main heading")
        meta = next((fact.value for fact in seen.facts if fact.name == "og:title"), "")
        yield Candidate(meta, 0.62, "meta og:title")
        yield Candidate(seen.title, 0.5, "the document's title")

    def _pattern(
        self, pattern: re.Pattern[str], top: float, what: str, *, anywhere: bool = False
    ) -> Iterator[Candidate]:
        for line, distance in self._lines():
            away = 0.3 * distance if anywhere else distance
            found = pattern.search(line.text)
            if found:
                share = len(found.group()) / len(line.text)
                score = top * (0.72 + 0.28 * share) - away + min(line.size, 40) / 400
                yield Candidate(found.group().strip(), score, f"{what} in {line.text[:60]!r}")

    def _dates(self) -> Iterator[Candidate]:
        for line, away in self._lines():
            for piece in _BARS.split(line.text):
                found = DATE.search(piece) or RELATIVE_DATE.match(piece)
                if found:
                    text = found.group()
                    posted = 0.08 if _POSTED.search(piece) else 0.0
                    prose = 0.2 if len(piece) > _PROSE else 0.0
                    score = 0.62 + 0.16 * len(text) / len(piece) + posted - prose - away
                    yield Candidate(text, score, f"a date in {line.text[:60]!r}")
        times = [element for element in self._seen.elements if element.tag == "time" and element.text]
        for place, element in enumerate(times[:20]):
            told = element.attributes.get("datetime", "")
            yield Candidate(element.text, 0.82 - min(place, 10) / 20, "the page's first time mark", machine=told)

    def _people(self) -> Iterator[Candidate]:
        for line, away in self._lines():
            found = _BYLINE.search(line.text)
            if found:
                yield Candidate(found.group(1).strip(" .,"), 0.74 - away, f"a byline: {line.text[:60]!r}")
        for element in self._seen.elements:
            if element.attributes.get("rel") == "author":
                yield Candidate(element.text, 0.85, "a link to the author", element.href)

    def _emails(self) -> Iterator[Candidate]:
        yield from self._pattern(EMAIL, 0.9, "an e-mail address", anywhere=True)
        yield from self._links("mailto:", 0.85)

    def _phones(self) -> Iterator[Candidate]:
        yield from self._links("tel:", 0.9)
        for line, away in self._lines():
            for number in phones_in(line.text):
                yield Candidate(number, 0.6 - 0.3 * away, f"a phone number in {line.text[:60]!r}")

    def _links(self, scheme: str, score: float) -> Iterator[Candidate]:
        for element in self._seen.elements:
            if element.href.lower().startswith(scheme):
                yield Candidate(element.href[len(scheme) :].split("?")[0], score, f"a {scheme} link", element.href)

    def _images(self) -> Iterator[Candidate]:
        for fact in self._seen.facts:
            if fact.name == "og:image":
                yield Candidate(fact.value, 0.7, "meta og:image", src=urljoin(self._seen.url, fact.value))

    def _counts(self, wanted: Want) -> Iterator[Candidate]:
        """``941 comments``, ``Comments (941)`` for "number of comments"."""
        words = set(stems(wanted.phrase)) - _COUNTING
        for line, away in self._lines() if words else ():
            for found in _COUNT_OF.finditer(line.text):
                unit, amount = found.group(2) or found.group(3), found.group(1) or found.group(4)
                if stem(unit) in words:
                    yield Candidate(amount.strip(), 0.78 - away, f"{line.text[:60]!r}")

    def _codes(self, wanted: Want) -> Iterator[Candidate]:
        """``Permit 2024-0117`` in a heading for "permit number"."""
        nouns = [word for word in tokens(wanted.phrase) if stem(word) not in _CODE_WORDS and word not in STOP_WORDS]
        if not nouns:
            return
        pattern = re.compile(r"\b" + r"\s+".join(map(re.escape, nouns)) + _CODE_BEHIND, re.IGNORECASE)
        for line, away in self._lines():
            found = pattern.search(line.text)
            if found:
                score = (0.74 if line.level else 0.6) - away
                yield Candidate(found.group(1), score, f"{line.text[:60]!r}")
