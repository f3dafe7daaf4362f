"""Values that are recognized by what they look like and where they stand.

Owns: prices, dates, bylines, addresses and counts in a page's lines, nearer to its headline
the better. Must not: use the names of values (``page`` does).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Final
from urllib.parse import urljoin

from mock_server.agent.extraction.candidates import Candidate
from mock_server.agent.extraction.checking import stock_claim
from mock_server.agent.extraction.headline import ASIDE, find_headline, without_trimmings
from mock_server.agent.extraction.request import Want
from mock_server.agent.extraction.values import currency_of
from mock_server.agent.extraction.words import STOP_WORDS, stem, stems, tokens
from mock_server.agent.observation import Line, Observation
from mock_server.agent.records.kinds import DATE, EMAIL, PRICE, RATING, RELATIVE_DATE, phones_in
from mock_server.agent.records.nodes import split_words

_NAME: Final = r"(?:[A-Z][\w.'\u2019-]*|de|van|von|der|la|el|al|bin)"
_BYLINE: Final = re.compile(
    r"(?:^|\b(?:written|posted|published|contributed|created|submitted|story|article|report|photo|text|words)\s+"
    r"|[|\u2022\u00b7,-]\s*|^.{0,60}?\s)"
    rf"[Bb]y:?\s+({_NAME}(?:\s+{_NAME}){{0,4}})"
)
_POSTED: Final = re.compile(r"\b(?:posted|published|created|added|submitted|filed|on|date)\b", re.IGNORECASE)
_UPDATED: Final = re.compile(r"\b(?:updated|edited|modified|revised|reviewed)\b", re.IGNORECASE)
_COUNT_OF: Final = re.compile(
    r"(\d[\d.,]*\s?[kKmM]?)\s+(?:[A-Za-z-]+ ){0,2}?([A-Za-z-]+)|([A-Za-z-]+)\s*[(:]\s*(\d[\d.,]*)\)?"
)
_CODE_WORDS: Final = frozenset({"number", "id", "code", "reference", "ref", "sku"})
_CODE_BEHIND: Final = r"\s*(?:no\.?|number|#|:)?(?:\s+is\b)?\s*:?\s*#?([A-Za-z]{0,6}[-/]?\d[\w/-]*)"
_BARS: Final = re.compile(r"(?<=[a-z\d]{2}\.)\s+(?=[A-Z])|\s+[|\u2022\u00b7\u2013\u2014]\s+")
_PROSE: Final = 60
"""Text this long around a date is a sentence that mentions it."""
_QUALIFIED: Final = 0.5
"""What a value of the right kind counts for a field with further words: a date for a "closing date"."""
_ADDRESS: Final = re.compile(
    r"\b\d{1,5}[A-Za-z]?,?\s+(?:[A-Z][\w'.-]+\s+){1,4}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Way|Boulevard|Blvd|Square|Sq|Place|Pl"
    r"|Court|Ct|Quay|Row|Terrace|Crescent|Highway|Hwy|Parkway|Pkwy)\b\.?"
    r"|\b[A-Z]{1,2}\d{1,2}[A-Z]?\s\d[A-Z]{2}\b|\b[A-Z]{2}\s\d{5}(?:-\d{4})?\b"
    r"|\b(?:via|rue|calle|plaza|piazza|avenida|rua)\s+[\w' ]{2,40}?,?\s*\d{1,4}\b"
    r"|\b\w+(?:stra\u00dfe|strasse|str\.|vej|gade|gatan|weg|platz|straat|laan|gata)\s+\d{1,4}\b",
    re.IGNORECASE,
)
_NARROWING: Final = frozenset({"current", "latest", "newest", "the", "its", "full", "exact"})
_LINKING: Final = frozenset({"link", "url", "href", "page", "address", "website"})
_AGENT: Final = re.compile(r"(?:er|or|e)$")
_DONE_BY: Final = re.compile(
    rf"\b(\w+(?:ed|en)) by:?\s+({_NAME}(?:,?\s+(?:and\s+|&\s+)?{_NAME}){{0,6}})", re.IGNORECASE
)
_SNIPPETS: Final = frozenset({"command", "commands", "snippet", "code", "example"})
_COUNTING: Final = frozenset({"number", "count", "total", "amount"})
_PAST: Final = frozenset(
    {"was", "old", "original", "rrp", "msrp", "before", "regular", "strike", "strikethrough", "list"}
)
"""Words for the price that no longer holds."""
_PRICES: Final = _PAST | frozenset({"sale", "current", "now", "final", "unit", "retail", "sell"})
_DATED: Final = frozenset({"update", "edit", "modify", "revise", "release", "publish", "post", "create", "issue"})
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
            "person": self._people,
            "rating": self._ratings,
            "email": self._emails,
            "phone": self._phones,
            "image": self._images,
            "bool": self._stock,
            "place": self._addresses,
            "currency": self._currencies,
        }

    def find(self, wanted: Want) -> Iterator[Candidate]:  # noqa: C901, PLR0912 - a generator over places, surest first; cut up, their order is lost
        """Yield what looks like a value of the wanted kind."""
        concept = wanted.concept
        if concept is not None and concept.name == "description":
            for fact in self._seen.facts:
                if fact.name in ("description", "og:description"):
                    yield Candidate(fact.value, 0.5, f"meta {fact.name}")
        elif concept is not None and concept.kind == "price":
            sure = 1.0 if wanted.is_plain or not self._qualifiers(wanted) - _PRICES else _QUALIFIED
            for candidate in self._prices(wanted):
                yield replace(candidate, score=candidate.score * sure)
        elif concept is not None and concept.kind == "date":
            yield from self._dates(wanted)
        elif concept is not None and concept.kind in self._kinds:
            sure = 1.0 if wanted.is_plain or not self._qualifiers(wanted) else _QUALIFIED
            sure = max(sure, 0.8) if concept.kind in ("email", "phone") else sure
            for candidate in self._kinds[concept.kind]():
                yield replace(candidate, score=candidate.score * sure)
        if concept is None or concept.kind in ("number", "list", "text") or wanted.type in ("integer", "number"):
            yield from self._counts(wanted)
        if concept is None or concept.kind == "person":
            yield from self._done_by(wanted)
        if concept is None or concept.kind in ("text", "code"):
            yield from self._behind(wanted)
        if concept is not None and concept.kind == "link":
            yield from self._named_links(wanted)
        if set(tokens(wanted.phrase)) & _SNIPPETS:
            yield from self._snippets(wanted)
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
                elsewhere = 0.12 if self.headline >= 0 and line.section not in self._own_sections else 0.0
                yield line, 0.27 * self._distance(place) + (0.2 if line.region in ASIDE else 0.0) + elsewhere

    @cached_property
    def _own_sections(self) -> frozenset[str]:
        line = self._seen.lines[self.headline]
        return frozenset({line.text[:200], line.section, ""})

    def _titles(self) -> Iterator[Candidate]:
        seen = self._seen
        if self.headline >= 0:
            line = seen.lines[self.headline]
            text = without_trimmings(line.text, seen.title)
            text = self._known_name(text) or text
            yield Candidate(text, _LEVEL_WORTH.get(line.level, 0.66), "the main heading")
        meta = next((fact.value for fact in seen.facts if fact.name == "og:title"), "")
        yield Candidate(meta, 0.62, "meta og:title")
        yield Candidate(seen.title, 0.5, "the document's title")

    def _known_name(self, heading: str) -> str:
        """Return the name the page's data gives its thing, if the heading is that and a little more."""
        known = [fact.value for fact in self._seen.facts if fact.name == "og:title"]
        known.extend(str(item.get("name") or item.get("headline") or "") for item in self._seen.structured)
        fits = (name for name in known if name and name in heading and len(name) * 2 > len(heading))
        return max(fits, key=len, default="")

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

    def _prices(self, wanted: Want) -> Iterator[Candidate]:
        """Prices near the headline; one that is struck out only if what it was before is asked for."""
        past = bool(set(stems(wanted.phrase)) & _PAST)
        for line, distance in self._lines():
            for found in PRICE.finditer(line.text):
                text = found.group().strip()
                if (text in self._struck) is not past and (past or len(PRICE.findall(line.text)) > 1):
                    continue
                share = len(text) / len(line.text)
                score = 0.8 * (0.72 + 0.28 * share) - distance + min(line.size, 40) / 300
                yield Candidate(text, score, f"a price in {line.text[:60]!r}")
                break

    @cached_property
    def _struck(self) -> frozenset[str]:
        """Prices that no longer hold: struck out, or called so by their class."""
        out: set[str] = set()
        for element in self._seen.elements:
            if element.tag in ("s", "del", "strike") or _PAST & {
                stem(word) for word in split_words(element.attributes.get("class", ""))
            }:
                out.update(found.group().strip() for found in PRICE.finditer(element.text[:200]))
        return frozenset(out)

    def _dates(self, wanted: Want) -> Iterator[Candidate]:
        asked = self._qualifiers(wanted) | (set(stems(wanted.phrase)) & _DATED)
        sure = 1.0 if not asked - _DATED else _QUALIFIED
        for line, away in self._lines():
            for piece in _BARS.split(line.text):
                found = DATE.search(piece) or RELATIVE_DATE.match(piece)
                if found:
                    text = found.group()
                    before = set(stems(piece[: found.start()]))
                    named = bool(asked) and asked <= before
                    sentence = len(line.text) > _PROSE and piece.rstrip().endswith(".")
                    published = not asked and not sentence and _POSTED.search(piece) and not _UPDATED.search(piece)
                    posted = 0.2 if named else 0.16 if published else 0.0
                    near = 0.5 * away if posted else away
                    prose = 0.2 if len(piece) > _PROSE or (sentence and not named) else 0.0
                    score = 0.62 + 0.16 * len(text) / len(piece) + posted - prose - near * (0.3 if named else 1.0)
                    yield Candidate(text, score * (1.0 if named else sure), f"a date in {line.text[:60]!r}")
        times = [element for element in self._seen.elements if element.tag == "time" and element.text]
        for place, element in enumerate(times[:20]):
            told = element.attributes.get("datetime", "")
            score = 0.82 - min(place, 10) / 20
            yield Candidate(element.text, score * sure, "the page's first time mark", machine=told)

    def _people(self) -> Iterator[Candidate]:
        for line, away in self._lines():
            found = _BYLINE.search(line.text)
            if found:
                yield Candidate(found.group(1).strip(" .,"), 0.74 - away, f"a byline: {line.text[:60]!r}")
        for element in self._seen.elements:
            if element.attributes.get("rel") == "author":
                yield Candidate(element.text, 0.85, "a link to the author", element.href)

    def _done_by(self, wanted: Want) -> Iterator[Candidate]:
        """``Hosted by Ada and Finn`` for "host"."""
        roots = {_AGENT.sub("", stem(word)) for word in tokens(wanted.phrase)}
        for line, away in self._lines():
            for found in _DONE_BY.finditer(line.text):
                if stem(found[1]).rstrip("e") in roots or _AGENT.sub("", stem(found[1])) in roots:
                    yield Candidate(found[2].strip(" .,"), 0.78 - away, f"{line.text[:60]!r}")

    def _behind(self, wanted: Want) -> Iterator[Candidate]:
        """``Version 5.3.1`` and ``Band D`` in a line of their own, for "version" and "band"."""
        names = [word for word in tokens(wanted.phrase) if word not in STOP_WORDS and word not in _NARROWING]
        for name in dict.fromkeys((" ".join(names), *names[-1:])) if names else ():
            pattern = re.compile(
                rf"(?:^|[.(]\s*){re.escape(name)}\s+(?=\S*[\dA-Z])(\S{{1,20}}(?: \S{{1,12}})?)\s*(?:$|[.(])",
                re.IGNORECASE,
            )
            for line, away in self._lines():
                found = pattern.match(line.text) if len(line.text) <= _PROSE else None
                if found and (found[1][:1].isupper() or re.search(r"\d", found[1])):
                    yield Candidate(found[1], 0.66 - 0.6 * away, f"{line.text[:60]!r}")

    def _named_links(self, wanted: Want) -> Iterator[Candidate]:
        """Links that say what they lead to: "Download" for "download link"."""
        words = set(stems(wanted.phrase)) - _LINKING
        for element in self._seen.elements if words else ():
            said = set(stems(element.name[:80])) if element.role == "link" and element.href else set()
            if words <= said:
                score = 0.8 - 0.05 * min(len(said - words), 6)
                yield Candidate(element.href, score, f"the link {element.name[:40]!r}", element.href)

    def _emails(self) -> Iterator[Candidate]:
        yield from self._pattern(EMAIL, 0.9, "an e-mail address", anywhere=True)
        yield from self._links("mailto:", 0.85)

    def _phones(self) -> Iterator[Candidate]:
        for element in self._seen.elements:  # as the page writes it, not as a dialler wants it
            if element.href.lower().startswith("tel:") and (shown := phones_in(element.name)):
                yield Candidate(shown[0], 0.95, f"the link {element.name[:40]!r}", element.href)
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

    def _stock(self) -> Iterator[Candidate]:
        for line, away in self._lines():
            if stock_claim(line.text) is not None:
                yield Candidate(line.text, 0.72 - away, f"{line.text[:60]!r}")

    def _ratings(self) -> Iterator[Candidate]:
        yield from self._pattern(RATING, 0.7, "a rating")
        told = (element for element in self._seen.elements if RATING.search(element.name[:80]))
        for place, element in zip(range(10), told, strict=False):
            yield Candidate(element.name, 0.74 - place / 20, f"{element.role} {element.name[:40]!r}")

    def _addresses(self) -> Iterator[Candidate]:
        for line in self._seen.lines:
            if len(line.text) <= _MAX_LINE / 2 and _ADDRESS.search(line.text):
                piece = max(_BARS.split(line.text), key=lambda text: bool(_ADDRESS.search(text)))
                yield Candidate(piece.strip(), 0.6, f"an address: {line.text[:60]!r}")

    def _currencies(self) -> Iterator[Candidate]:
        """The currency of the page's price, by its code."""
        for candidate in self._prices(Want("price", "price")):
            code = currency_of(candidate.text)
            if code:
                yield replace(candidate, text=code)

    def _counts(self, wanted: Want) -> Iterator[Candidate]:
        """``941 comments``, ``Comments (941)`` for "number of comments"."""
        words = set(stems(wanted.phrase)) - _COUNTING
        for line, away in self._lines() if words else ():
            for found in _COUNT_OF.finditer(line.text):
                unit, amount = found.group(2) or found.group(3), found.group(1) or found.group(4)
                if stem(unit) in words:
                    yield Candidate(amount.strip(), 0.78 - away, f"{line.text[:60]!r}")

    def _snippets(self, wanted: Want) -> Iterator[Candidate]:
        """Lines of code that hold the other words: ``pip install x`` for "install command"."""
        words = {stem(word) for word in tokens(wanted.phrase) if word not in _SNIPPETS}
        for place, line in enumerate(self._seen.lines):
            own = line.kind == "code" and (
                words & set(stems(line.text)) or words & {stem(w)[:6] for w in tokens(line.section)}
            )
            if own or (line.kind == "code" and any(word[:6] in line.section.lower() for word in words)):
                yield Candidate(line.text, 0.7 - min(place, 400) / 2000, f"code: {line.text[:60]!r}")

    def _codes(self, wanted: Want) -> Iterator[Candidate]:
        """``Permit 2024-0117`` in a heading for "permit number"."""
        nouns = [word for word in tokens(wanted.phrase) if stem(word) not in _CODE_WORDS and word not in STOP_WORDS]
        if not nouns:
            return
        pattern = re.compile(r"\b" + r"\s+".join(map(re.escape, nouns)) + _CODE_BEHIND, re.IGNORECASE)
        for line, away in self._lines():
            found = pattern.search(line.text)
            if found:
                named = re.search(r"\b(?:number|no\.?|code|id)\b", found.group(), re.IGNORECASE)
                score = (0.74 if line.level else 0.6) - (0.5 * away if named else away)
                yield Candidate(found.group(1), score, f"{line.text[:60]!r}")
