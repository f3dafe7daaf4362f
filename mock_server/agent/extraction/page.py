"""Single values of a page: its title, the price of what it is about, a named fact.

Owns: finding the best place on a page that answers one want. Must not: read lists of
records (``choose`` does).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final

from mock_server.agent.extraction.candidates import Candidate, plausible
from mock_server.agent.extraction.headline import ASIDE
from mock_server.agent.extraction.parts import read_part, single_part
from mock_server.agent.extraction.request import Want
from mock_server.agent.extraction.spots import Spots
from mock_server.agent.extraction.values import UNITS, duration_text, number
from mock_server.agent.extraction.words import likeness, stem, stems, tokens
from mock_server.agent.observation import Element, Fact, Observation
from mock_server.agent.records.facts import flatten
from mock_server.agent.records.kinds import PRICE
from mock_server.agent.records.nodes import split_words

_LABELLED: Final = frozenset({"dl", "table", "text"})
_NAMED_SO: Final = 0.97
_TRUSTED: Final = 0.6
_NAMED: Final = 0.5
"""A label less like the want than this names something else."""
_LABEL_WORDS: Final = 4
_MAX_VALUE: Final = 400
_SHORT_NAME: Final = 10
"""Of a name as short as "ad number" no word may be left out where class names are compared."""
_MAX_SECTION: Final = 1200
_WRITTEN_OUT: Final = frozenset({"text", "duration", "place", "person"})
_FAR_DOWN: Final = 2500
"""Links this far down (CSS pixels) are mostly about other pages."""
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
_HEAD_NOUNS: Final = frozenset({"date", "number", "name", "amount", "value", "text", "of", "current", "full", "exact"})
"""Words that say of what sort a value is, not which: "date founded", "number of bedrooms"."""
_ENTITY: Final = re.compile(
    r"product|article|posting|recipe|event|book|movie|job|organization|person|place|course|software|video|report|review"
    r"|offer",
    re.IGNORECASE,
)
_VARIANT: Final = re.compile(r"(?<=[a-z]{3})\d+$")
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


def _echoes(wanted: Want, candidate: Candidate) -> bool:
    """Return True for a label that was taken for its value."""
    said = set(stems(candidate.text)) if len(candidate.text) <= 2 * len(wanted.phrase) + 4 else set()
    return bool(said) and said <= set(stems(wanted.phrase)) and candidate.score < 1.5


class PageView:
    """An observation, prepared for questions about single values."""

    def __init__(self, observation: Observation, subject: str = "") -> None:
        self.seen = observation
        self.subject = subject
        self._spots = Spots(observation, subject)

    @property
    def headline(self) -> str:
        """Text of the line that names what the page is about; empty if none does."""
        place = self._spots.headline
        return self.seen.lines[place].text if place >= 0 else ""

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

    def candidates(self, wanted: Want) -> Iterator[Candidate]:
        """Yield everything that may answer a want, each with its score."""
        for candidate in self._all(wanted):
            if candidate.text or candidate.href or candidate.src:
                sure = plausible(wanted, candidate)
                if candidate.score >= _NAMED_SO:
                    sure = max(sure, _TRUSTED)  # the page itself calls it by that name
                score = candidate.score * sure
                if score > 0 and not _echoes(wanted, candidate):
                    yield replace(candidate, score=score)

    def named(self, phrase: str) -> Fact | None:
        """Return the value the page labels with just these words: "opening hours" is no list of hours."""
        words = stems(phrase)
        if len(words) < 2:  # one word names a kind of thing as often as a value
            return None
        labelled = (fact for fact in self.seen.facts if fact.source in _LABELLED)
        return next((fact for fact in labelled if stems(fact.name) == words), None)

    def labelled(self, phrase: str) -> Fact | None:
        """Return the value the page labels so, however many words that takes."""
        known = (fact for fact in self.seen.facts if fact.source in _LABELLED)
        words = set(stems(phrase))
        proper = {stem(word.lower()) for word in phrase.split() if word[:1].isupper()}
        fits = (
            fact
            for fact in known
            if (own := set(stems(fact.name))) == words or (proper and proper <= own and own <= words)
        )
        return next(fits, None)

    def _all(self, wanted: Want) -> Iterator[Candidate]:
        words = set(tokens(wanted.phrase)) - {"the", "of", "this", "current"}
        if words in ({"page", "url"}, {"page", "address"}):
            yield Candidate(self.seen.url, 2.0, "the page's address", href=self.seen.url)
            return
        part = single_part(wanted.phrase)
        if part and (found := read_part(part, self.seen)):
            yield Candidate(found, 2.0, f"the page's {part.replace('_', ' ')}")
            return
        yield from self._facts(wanted)
        yield from self._structured(wanted)
        yield from self._hinted(wanted)
        yield from self._sections(wanted)
        yield from self._spots.find(wanted)

    def _names(self, wanted: Want, *, labels: bool = True) -> tuple[str, ...]:
        """The want's words, and without the subject's: "recipe title" is a recipe's "title"."""
        own = set(stems(self.subject))
        rest = " ".join(word for word in tokens(wanted.phrase) if stem(word) not in own)
        bare = [word for word in tokens(wanted.phrase) if stem(word) not in _HEAD_NOUNS]
        if wanted.type in ("integer", "number"):
            bare = [word for word in bare if word not in UNITS]
        hint = wanted.hint if len(wanted.hint.split()) <= _LABEL_WORDS else ""
        named = " ".join(bare) if labels and bare and len(bare) < len(tokens(wanted.phrase)) else ""
        return tuple(dict.fromkeys(name for name in (wanted.phrase, rest, named, hint) if name))

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
            if alike < _NAMED:
                continue
            weight = _SOURCE_WORTH.get(fact.source, 0.8)
            if self._values_named.get(fact.name.casefold(), 1) > 1:  # a field of several entries
                weight *= 0.6
            headed = len(fact.value.split()) < _LABEL_WORDS and any(fact.value in heading for heading in self.headings)
            prominent = 0.05 if headed else 0.0
            yield Candidate(
                fact.value,
                alike * weight + prominent - min(place, 500) / 10_000,
                f"{fact.name}: ({fact.source})",
                fact.href,
                machine=fact.value if fact.source == "meta" else "",
            )

    @cached_property
    def _values_named(self) -> Counter[str]:
        """How many values the page labels with one name."""
        pairs = {(fact.name.casefold(), fact.value) for fact in self.seen.facts if fact.source in _LABELLED}
        return Counter(name for name, _ in pairs)

    @cached_property
    def headings(self) -> tuple[str, ...]:
        return tuple(fact.value for fact in self.seen.facts if fact.source == "heading")

    def _structured(self, wanted: Want) -> Iterator[Candidate]:
        for fact, weight in self.entity_facts:
            alike = self._path_likeness(wanted, fact.name.split())
            if alike >= 0.55:  # names of data are chosen with care: less is another thing
                text = self._told(fact, wanted)
                link = text if text.startswith("http") else ""
                where = f"structured data: {fact.name}"
                yield Candidate(text, 0.86 * alike * weight, where, link, machine=fact.value)

    def _path_likeness(self, wanted: Want, path: list[str]) -> float:
        """Return how well a nested name (``offers price``, ``author name``) says the want."""
        path = [*path[:-1], _VARIANT.sub("", path[-1])]
        whole = self._likeness(wanted, " ".join(path))
        if len(path) > 1 and path[-1] == "name":
            return max(0.95 * self._likeness(wanted, path[-2]), 0.2 * whole)
        last = 0.95 * self._likeness(wanted, path[-1]) if len(path) <= 2 else 0.0  # deeper is about another thing
        alike = max(whole, last)
        return 0.9 * alike if len(path) > 1 and alike < 0.9 else alike

    def _told(self, fact: Fact, wanted: Want) -> str:
        """Return a value of structured data as people write it, the price as the page shows it."""
        text = duration_text(fact.value)
        priced = wanted.concept is not None and wanted.concept.kind == "price"
        if not priced or number(text) is None or PRICE.search(text):
            return text
        currency = next((other.value for other, _ in self.entity_facts if other.name.endswith("priceCurrency")), "")
        return self._as_shown(text) or f"{text} {currency}".strip()

    def _as_shown(self, amount: str) -> str:
        """Return the price with that number as the page shows it."""
        value = number(amount)
        for line in self.seen.lines:
            for found in PRICE.finditer(line.text[:300]):
                if number(found.group()) == value:
                    return found.group()
        return ""

    def _sections(self, wanted: Want) -> Iterator[Candidate]:
        """The text under a heading that says just what is asked for."""
        if wanted.concept is not None and wanted.concept.kind not in _WRITTEN_OUT:
            return
        for line in self.seen.lines:
            if line.level or line.region in ASIDE or not line.section or len(line.text) > _MAX_SECTION:
                continue
            alike = self._likeness(wanted, line.section)
            if alike >= 0.85:
                yield Candidate(line.text, 0.62 * alike, f"the text under {line.section[:60]!r}")
                return

    def _hinted(self, wanted: Want) -> Iterator[Candidate]:
        names = [set(stems(name)) for name in self._names(wanted, labels=len(wanted.phrase) > _SHORT_NAME)]
        concept = wanted.concept
        told = (
            concept.words if concept is not None and concept.kind not in ("text", "code", "duration") else frozenset()
        )
        alike = 0.5 if wanted.is_plain else 0.35
        for place, (element, words) in enumerate(self.hinted):
            if element.role in ("button", "tab") or len(element.text) > _MAX_VALUE:
                continue
            named = any(name and name <= words for name in names)
            score = 0.72 if named else alike if told & words else 0.0
            if not score:
                continue
            if element.href and element.box.y > _FAR_DOWN:
                score *= 0.8
            where = f"{element.role} marked {' '.join(sorted(words))[:60]}"
            yield Candidate(element.text or element.value, score - min(place, 1000) / 8000, where, element.href)
