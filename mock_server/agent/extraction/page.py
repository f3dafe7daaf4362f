"""Single values of a page: its title, the price of what it is about, a named fact.

Owns: finding the best place on a page that answers one want. Must not: read lists of
records (``choose`` does).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import urljoin

from mock_server.agent.extraction.request import Want
from mock_server.agent.extraction.values import duration_text, moment, number
from mock_server.agent.extraction.words import likeness, stem, stems, tokens
from mock_server.agent.observation import Element, Fact, Line, Observation
from mock_server.agent.records.facts import flatten
from mock_server.agent.records.kinds import DATE, EMAIL, PHONE, PRICE, RATING, RELATIVE_DATE
from mock_server.agent.records.nodes import split_words

ENOUGH: Final = 0.42
"""A candidate below this is no answer."""
_SOURCE_WORTH: Final = {
    "dl": 1.0,
    "table": 1.0,
    "text": 1.0,
    "json": 1.0,
    "microdata": 0.9,
    "field": 0.85,
    "meta": 0.55,
}
_ASIDE: Final = frozenset({"navigation", "contentinfo", "complementary", "banner"})
_BYLINE: Final = re.compile(
    r"(?:^|\b(?:written|posted|published|contributed|created|submitted|story|article|report|photo|text|words)\s+|[|\u2022\u00b7,-]\s*|^.{0,60}?\s)"
    r"[Bb]y:?\s+((?:[A-Z][\w.'\u2019-]*|de|van|von|der|la|el|al|bin)(?:\s+(?:[A-Z][\w.'\u2019-]*|de|van|von|der|la|el|al|bin)){0,4})"
)
_POSTED: Final = re.compile(r"\b(?:posted|published|updated|created|added|submitted|filed|on|date)\b", re.IGNORECASE)
_COUNT_OF: Final = re.compile(
    r"(\d[\d.,]*\s?[kKmM]?)\s+(?:[A-Za-z-]+ ){0,2}?([A-Za-z-]+)|([A-Za-z-]+)\s*[(:]\s*(\d[\d.,]*)\)?"
)
_ENTITY: Final = re.compile(
    r"product|article|posting|recipe|event|book|movie|job|organization|person|place|course|software|video|report|review|offer",
    re.IGNORECASE,
)
_TITLE_TYPES: Final = frozenset(
    {
        "WebSite",
        "BreadcrumbList",
        "WebPage",
        "Organization",
        "SearchAction",
        "ListItem",
        "SiteNavigationElement",
        "ImageObject",
    }
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value with where it was found and how well it fits."""

    text: str
    score: float
    where: str
    href: str = ""
    src: str = ""
    machine: str = ""


class PageView:
    """An observation, prepared for questions about single values."""

    def __init__(self, observation: Observation, subject: str = "") -> None:
        self.seen = observation
        self.subject = subject

    @cached_property
    def headline(self) -> int:
        """Index of the line that names what the page is about; -1 if none does."""
        best, place = 0.0, -1
        for number_, line in enumerate(self.seen.lines):
            score = self._headline_score(line, number_)
            if score > best:
                best, place = score, number_
        return place

    def _headline_score(self, line: Line, place: int) -> float:
        if len(line.text) < 2 or len(line.text) > 300:  # noqa: PLR2004
            return 0.0
        score = {1: 3.0, 2: 1.6, 3: 0.8}.get(line.level, 0.0)
        score += min(line.size, 60.0) / 20
        title = self.seen.title
        if title:
            shared = _shared_words(line.text, title)
            said, own = len(tokens(title)), len(tokens(line.text))
            score += 2.2 * min(shared / max(min(own, said), 1), 1.0) * min(shared / max(said, 1) + 0.35, 1.0)
        if self.subject and set(stems(self.subject)) & set(stems(line.text)) and len(tokens(line.text)) <= 2:  # noqa: PLR2004
            score -= 0.5
        if line.region in _ASIDE:
            score -= 2.2
        return score - min(place, 400) / 400

    def distance(self, place: int) -> float:
        """Return 0 at the headline to 1 far from it; what stands above is farther than what stands below."""
        if self.headline < 0:
            return min(place / 200, 1.0)
        steps = place - self.headline
        return min((steps if steps >= 0 else -3 * steps) / 120, 1.0)

    @cached_property
    def entity_facts(self) -> tuple[tuple[Fact, float], ...]:
        """Scalars of the structured data, with how much the object they are in is what the page is about."""
        out: list[tuple[Fact, float]] = []
        items = [item for item in self.seen.structured if isinstance(item, Mapping)]
        kinds = [str(item.get("@type", "")) for item in items]
        for item, kind in zip(items, kinds, strict=True):
            if kind in _TITLE_TYPES:
                weight = 0.4
            elif kinds.count(kind) > 1 and self.seen.content_type == "text/html":
                weight = 0.35
            else:
                weight = 1.0 if _ENTITY.search(kind) else 0.7
            out.extend(
                (fact, weight) for fact in flatten(dict(item), "structured", 200) if not fact.name.startswith("@")
            )
        return tuple(out)

    @cached_property
    def hinted(self) -> tuple[tuple[Element, frozenset[str]], ...]:
        """Elements with the words of their class, id and other names."""
        out = []
        for element in self.seen.elements:
            attributes = element.attributes
            source = " ".join(
                attributes.get(name, "") for name in ("class", "id", "rel", "data-testid", "parent-class")
            )
            words = frozenset(stem(word) for word in split_words(source)) if source.strip() else frozenset()
            if words and (element.text or element.value):
                out.append((element, words))
        return tuple(out)

    def best(self, wanted: Want) -> Candidate | None:
        """Return the best answer to a want, or None if nothing on the page is good enough."""
        found = max(self.candidates(wanted), key=lambda candidate: candidate.score, default=None)
        return found if found is not None and found.score >= ENOUGH else None

    def candidates(self, wanted: Want) -> Iterator[Candidate]:
        """Yield everything that may answer a want, each with its score."""
        for candidate in self._all(wanted):
            if candidate.text or candidate.href or candidate.src:
                score = candidate.score * _plausible(wanted, candidate)
                if score > 0:
                    yield Candidate(
                        candidate.text, score, candidate.where, candidate.href, candidate.src, candidate.machine
                    )

    def _all(self, wanted: Want) -> Iterator[Candidate]:
        if _is_page_title(wanted.phrase):
            yield Candidate(self.seen.title, 2.0, "the document's title")
            return
        if _is_page_url(wanted.phrase):
            yield Candidate(self.seen.url, 2.0, "the page's address", href=self.seen.url)
            return
        yield from self._facts(wanted)
        yield from self._structured(wanted)
        yield from self._hinted(wanted)
        yield from self._by_kind(wanted)

    def _names(self, wanted: Want) -> tuple[str, ...]:
        """The want's words, and without the subject's: "recipe title" is a recipe's "title"."""
        own = set(stems(self.subject))
        rest = " ".join(word for word in tokens(wanted.phrase) if stem(word) not in own)
        hint = wanted.hint if wanted.hint and len(wanted.hint.split()) <= 4 else ""  # noqa: PLR2004 - a name, not a sentence
        return tuple(dict.fromkeys(name for name in (wanted.phrase, rest, hint) if name))

    def _likeness(self, wanted: Want, label: str) -> float:
        names = self._names(wanted)
        best = likeness(names[0], label)
        for name in names[1:]:
            best = max(best, 0.9 * likeness(name, label))
        return best

    def _facts(self, wanted: Want) -> Iterator[Candidate]:
        for place, fact in enumerate(self.seen.facts):
            if fact.source in ("title", "heading"):
                continue
            alike = self._likeness(wanted, fact.name)
            if alike < 0.5:  # noqa: PLR2004
                continue
            weight = _SOURCE_WORTH.get(fact.source, 0.8)
            prominent = 0.05 if len(fact.value) > 2 and any(fact.value in heading for heading in self.headings) else 0.0  # noqa: PLR2004
            yield Candidate(
                fact.value,
                alike * weight + prominent - min(place, 500) / 10_000,
                f"{fact.name}: ({fact.source})",
                fact.href,
                machine=fact.value if fact.source == "meta" else "",
            )

    @cached_property
    def headings(self) -> tuple[str, ...]:
        return tuple(fact.value for fact in self.seen.facts if fact.source == "heading")

    def _structured(self, wanted: Want) -> Iterator[Candidate]:
        currency = next((fact.value for fact, _ in self.entity_facts if fact.name.endswith("priceCurrency")), "")
        for fact, weight in self.entity_facts:
            short = fact.name.split()[-1]
            alike = max(
                self._likeness(wanted, fact.name),
                0.95 * self._likeness(wanted, short) if len(fact.name.split()) < 3 else 0.0,
            )
            parts = fact.name.split()
            if len(parts) > 1 and short == "name":
                alike = max(0.95 * self._likeness(wanted, parts[-2]), 0.2 * alike)
            elif len(parts) > 1 and alike < 0.9:  # noqa: PLR2004 - nested: review author, breadcrumb name
                alike *= 0.9
            if alike < 0.55:  # noqa: PLR2004
                continue
            text = duration_text(fact.value)
            if (
                wanted.concept
                and wanted.concept.kind == "price"
                and currency
                and number(text) is not None
                and not PRICE.search(text)
            ):
                text = self._as_shown(text) or f"{text} {currency}"
            yield Candidate(
                text,
                0.86 * alike * weight,
                f"structured data: {fact.name}",
                text if text.startswith("http") else "",
                machine=fact.value,
            )

    def _as_shown(self, amount: str) -> str:
        """Return the price with that number as the page shows it."""
        value = number(amount)
        for line in self.seen.lines:
            for found in PRICE.finditer(line.text[:300]):
                if number(found.group()) == value:
                    return found.group()
        return ""

    def _hinted(self, wanted: Want) -> Iterator[Candidate]:
        names = [set(stems(name)) for name in self._names(wanted)]
        concept = wanted.concept.words if wanted.concept else frozenset()
        for place, (element, words) in enumerate(self.hinted):
            if element.role in ("button", "tab") or len(element.text) > 400:  # noqa: PLR2004
                continue
            if any(name and name <= words for name in names):
                score = 0.72
            elif (
                concept & words
                and wanted.concept is not None
                and wanted.concept.kind not in ("text", "code", "duration")
            ):
                score = 0.5
            else:
                continue
            if element.interactable and element.href and element.box.y > 2500:  # noqa: PLR2004 - links far down are about something else
                score *= 0.8
            yield Candidate(
                element.text or element.value,
                score - min(place, 1000) / 8000,
                f"{element.role} marked {' '.join(sorted(words))[:60]}",
                element.href,
            )

    def _by_kind(self, wanted: Want) -> Iterator[Candidate]:
        concept = wanted.concept
        kind = concept.kind if concept else ""
        lines = self.seen.lines
        if kind == "title":
            if self.headline >= 0:
                line = lines[self.headline]
                score = 0.9 if line.level == 1 else 0.8 if line.level else 0.66
                yield Candidate(_without_trimmings(line.text, self.seen.title), score, "the main heading")
            meta = next((fact.value for fact in self.seen.facts if fact.name == "og:title"), "")
            if meta:
                yield Candidate(meta, 0.62, "meta og:title")
            yield Candidate(self.seen.title, 0.5, "the document's title")
        elif kind == "price":
            yield from self._pattern(PRICE, 0.8, "a price")
        elif kind == "date":
            yield from self._dates()
        elif kind == "person":
            yield from self._people()
        elif kind == "rating":
            yield from self._pattern(RATING, 0.7, "a rating")
        elif kind == "email":
            yield from self._pattern(EMAIL, 0.9, "an e-mail address")
            yield from self._links("mailto:", 0.85)
        elif kind == "phone":
            yield from self._links("tel:", 0.9)
            yield from self._pattern(PHONE, 0.55, "a phone number")
        elif kind == "image":
            yield from self._images()
        elif kind == "text" and concept is not None and concept.name == "description":
            for fact in self.seen.facts:
                if fact.name in ("description", "og:description"):
                    yield Candidate(fact.value, 0.5, f"meta {fact.name}")
        yield from self._counts(wanted)

    def _pattern(self, pattern: re.Pattern[str], top: float, what: str) -> Iterator[Candidate]:
        for place, line in enumerate(self.seen.lines):
            if len(line.text) > 300:  # noqa: PLR2004
                continue
            found = pattern.search(line.text)
            if found:
                share = len(found.group()) / len(line.text)
                score = top * (0.72 + 0.28 * share) - 0.25 * self.distance(place) + min(line.size, 40) / 400
                score -= 0.2 if line.region in _ASIDE else 0.0
                yield Candidate(found.group().strip(), score, f"{what} in {line.text[:60]!r}")

    def _dates(self) -> Iterator[Candidate]:
        for place, line in enumerate(self.seen.lines):
            if len(line.text) > 220:  # noqa: PLR2004
                continue
            found = DATE.search(line.text)
            relative = None if found else RELATIVE_DATE.match(line.text)
            if not found and not relative:
                continue
            text = found.group() if found else line.text
            score = 0.62 + 0.16 * len(text) / len(line.text) - 0.3 * self.distance(place)
            score += 0.08 if _POSTED.search(line.text) else 0.0
            score -= 0.2 if line.region in _ASIDE else 0.0
            yield Candidate(text, score, f"a date in {line.text[:60]!r}")

    def _people(self) -> Iterator[Candidate]:
        for place, line in enumerate(self.seen.lines):
            if len(line.text) > 200:  # noqa: PLR2004
                continue
            found = _BYLINE.search(line.text)
            if found:
                yield Candidate(
                    found.group(1).strip(" .,"), 0.74 - 0.3 * self.distance(place), f"a byline: {line.text[:60]!r}"
                )
        for element in self.seen.elements:
            if element.attributes.get("rel") == "author":
                yield Candidate(element.text, 0.85, "a link to the author", element.href)

    def _links(self, scheme: str, score: float) -> Iterator[Candidate]:
        for element in self.seen.elements:
            if element.href.lower().startswith(scheme):
                yield Candidate(element.href[len(scheme) :].split("?")[0], score, f"a {scheme} link", element.href)

    def _images(self) -> Iterator[Candidate]:
        for fact in self.seen.facts:
            if fact.name == "og:image":
                yield Candidate(fact.value, 0.7, "meta og:image", src=urljoin(self.seen.url, fact.value))

    def _counts(self, wanted: Want) -> Iterator[Candidate]:
        """``941 comments``, ``Comments (941)`` for "number of comments"."""
        if (
            wanted.concept is not None
            and wanted.concept.kind not in ("number", "list", "quantity", "text")
            and wanted.type not in ("integer", "number")
        ):
            return
        words = set(stems(wanted.phrase)) - {"number", "count", "total", "amount"}
        if not words:
            return
        for place, line in enumerate(self.seen.lines):
            if len(line.text) > 200:  # noqa: PLR2004
                continue
            for found in _COUNT_OF.finditer(line.text):
                unit = found.group(2) or found.group(3) or ""
                amount = found.group(1) or found.group(4) or ""
                if stem(unit) in words:
                    yield Candidate(
                        amount.strip(),
                        0.78 - 0.2 * self.distance(place) - (0.2 if line.region in _ASIDE else 0.0),
                        f"{line.text[:60]!r}",
                    )


def _shared_words(one: str, other: str) -> int:
    """Return the length in words of the longest run two texts share."""
    first, second = tokens(one), tokens(other)
    best = 0
    lengths = [0] * (len(second) + 1)
    for word in first:
        previous = 0
        for place, candidate in enumerate(second):
            kept = lengths[place + 1]
            lengths[place + 1] = previous + 1 if word == candidate else 0
            previous = kept
            best = max(best, lengths[place + 1])
    return best


def _without_trimmings(heading: str, title: str) -> str:
    """Return the piece of a heading that the document's title repeats, if the rest is set apart or a price."""
    pieces = [piece.strip() for piece in re.split(r"\s+[-|\u00b7\u2022\u2013\u2014:]\s+", heading)]
    if len(pieces) < 2:  # noqa: PLR2004
        return heading
    best = max(pieces, key=lambda piece: (_shared_words(piece, title), len(piece)))
    whole = _shared_words(best, title) == len(tokens(best)) >= 2  # noqa: PLR2004 - a word alone is often the site's name
    return best if whole and _shared_words(heading, title) <= _shared_words(best, title) else heading


def _is_page_title(phrase: str) -> bool:
    return set(stems(phrase)) in ({"page", "title"}, {"document", "title"}, {"title", "tag"}) or tokens(phrase) == (
        "page",
        "title",
    )


def _is_page_url(phrase: str) -> bool:
    words = set(tokens(phrase))
    return (
        words <= {"page", "url", "current", "address", "of", "the"}
        and "url" in words
        and len(words & {"page", "current"}) > 0
    )


def _plausible(wanted: Want, candidate: Candidate) -> float:
    """Return how far a text can be a value of the wanted kind."""
    kind = wanted.concept.kind if wanted.concept else ""
    text = candidate.text
    digits = any(character.isdigit() for character in text)
    if wanted.type in ("integer", "number") and number(text) is None:
        return 0.0
    if kind == "price":
        return 1.0 if PRICE.search(text) else 0.75 if digits and len(text) < 20 else 0.2  # noqa: PLR2004
    if kind == "date":
        return (
            1.0 if digits and (DATE.search(text) or moment(text[:60])) else 0.5 if RELATIVE_DATE.match(text) else 0.15
        )
    if kind in ("rating", "number"):
        return 1.0 if number(text) is not None else 0.2
    if kind == "email":
        return 1.0 if EMAIL.search(text) or EMAIL.search(candidate.href) else 0.0
    if kind == "phone":
        return 1.0 if digits else 0.0
    if kind == "image":
        return 1.0 if candidate.src or text.startswith(("http", "/")) else 0.0
    if kind == "title":
        return 1.0 if len(text) <= 300 else 0.3  # noqa: PLR2004
    if kind == "person":
        named = len(text.split()) <= 6 and len(text) <= 80 and not re.fullmatch(r"[\d\W]+", text)  # noqa: PLR2004
        return 1.0 if named else 0.2
    return 1.0


def describe_page(observation: Observation) -> str:
    """Return in a few words what a page shows, for reasons people read."""
    heading = next((line.text for line in observation.lines if line.level == 1), "") or observation.title
    groups = sorted(observation.groups, key=lambda group: -group.area)[:2]
    lists = ", ".join(
        f"{len(group.records)} entries{f' under {group.title!r}' if group.title else ''}" for group in groups
    )
    parts = [part for part in (f"{heading[:80]!r}" if heading else "", lists) if part]
    return " with ".join(parts) or "no readable text"


def any_value(value: Any) -> bool:
    """Return True if an output holds at least one value that is not null or empty."""
    if isinstance(value, dict):
        return any(any_value(inner) for inner in value.values())
    if isinstance(value, list):
        return any(any_value(inner) for inner in value)
    return value not in (None, "")
