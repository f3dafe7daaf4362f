"""Finding values for wants: in the page itself or in its records.

Owns: what reading to a schema and reading freely have in common. Must not: shape outputs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from mock_server.agent.extraction.checking import check, is_stock
from mock_server.agent.extraction.choose import Choice, choose, nearness
from mock_server.agent.extraction.columns import Column
from mock_server.agent.extraction.fitting import Matched
from mock_server.agent.extraction.page import ENOUGH, PageView
from mock_server.agent.extraction.parts import part_group
from mock_server.agent.extraction.questions import KINDS, PRONOUNS
from mock_server.agent.extraction.request import ExtractionRequest, Want, want
from mock_server.agent.extraction.result import Notes
from mock_server.agent.extraction.shape import Shape, put
from mock_server.agent.extraction.telling import candidate_value, cell_text, typed
from mock_server.agent.extraction.values import absolute_date, coerce, truth, unit_of
from mock_server.agent.extraction.words import likeness, stem, stems, tokens
from mock_server.agent.observation import Observation, Record, RecordGroup
from mock_server.agent.records.kinds import DATE, EMAIL, phones_in

Json = Any
Entry = tuple[tuple[str, ...], Want, Shape]
"""Where a value goes in the output, what it is, and its shape."""

LIMIT: Final = 1000
_RECORDS_BEAT_PAGE: Final = 0.12
"""An entry of a list must answer this much better than the page itself to be taken for it."""
_TABLE_IS_MEANT: Final = 0.3
_POOR: Final = 0.5
_TRIED: Final = 8
_PAGE_KINDS: Final = frozenset(stem(word) for word in KINDS | PRONOUNS)
_LONG_LINE: Final = 400
_MARK: Final = 30
"""Marks of entries are short."""
_HEADED: Final = 0.8
"""Likeness from which on a heading names just what is asked for."""
_ENTRY: Final = 600
_ENUMERATED: Final = 0.9
_BEING: Final = frozenset({"is", "has", "have", "are", "be", "flag", "available", "allow"})


@dataclass(frozen=True, slots=True)
class Found:
    """A single value of the page, how well it fits and where it stands."""

    value: Json = None
    score: float = 0.0
    where: str = ""


_ECHOING: Final = frozenset({"searchbox", "textbox", "combobox"})
"""Fields that still hold what was asked of the page."""


class Reader:
    """Answers the wants of one request from one observation."""

    def __init__(self, request: ExtractionRequest, seen: Observation, notes: Notes) -> None:
        self.request = request
        self.seen = seen
        self.notes = notes
        self.view = PageView(seen, request.subject)

    @property
    def picks(self) -> bool:
        """Whether the request singles out one entry of several."""
        request = self.request
        return bool(request.superlative or request.ordinal or request.conditions)

    def prefers_record(self, chosen: Choice, page_score: float) -> bool:
        """Weigh one entry of a list against the page's own values."""
        mean = chosen.matched.mean
        if self.request.anchor:
            return chosen.anchored >= self.anchored_here() or page_score < _POOR
        narrowed = bool(self.request.conditions) and len(chosen.records) < len(chosen.matched.group.records)
        if self.picks and (mean > _POOR / 2 or (narrowed and mean > 0)):
            return True
        own = {stem(word) for word in tokens(self.request.subject)} <= _PAGE_KINDS
        if own and self.request.asked == "one" and len(chosen.matched.group.records) > 1 and page_score >= ENOUGH:
            return False  # "the recipe", "it": what the page is about, not one of several things on it
        tabular = chosen.matched.group.kind == "table" and {"table", "row"} & set(tokens(self.request.goal))
        return mean > page_score + (-_TABLE_IS_MEANT if tabular else _RECORDS_BEAT_PAGE)

    def anchored_here(self) -> float:
        """Return in percent how surely the page as a whole is about the named thing.

        A page of search results repeats the words that were searched for; that says nothing of what it found.
        """
        asked_for = self.request.anchor.casefold()
        if any(asked_for in element.value.casefold() for element in self.seen.elements if element.role in _ECHOING):
            return 0.0
        about = f"{self.seen.title} {self.view.headline}"
        return nearness(self.request.anchor, f"{about} {self.seen.url}" if self.request.loose else about)

    def tell(self, chosen: Choice) -> None:
        self.notes.evidence.append(chosen.why)
        self.notes.scores.append(chosen.matched.mean)

    def take(self, name: str, found: Found) -> Json:
        """Note where a value comes from, or that it is missing, and return it."""
        if found.value in (None, []):
            self.notes.missing.append(name)
        else:
            self.notes.evidence.append(f"{name.replace('_', ' ')}: {found.where}")
            self.notes.scores.append(found.score)
        return found.value

    def checked(self, question: str) -> bool | None:
        """Return whether something is so, as the page says it; None if it does not."""
        if is_stock(question) and (told := self._in_stock()) is not None:
            return told
        answer = check(question, self.seen)
        if answer is None:
            return None
        self.notes.evidence.append(f"the page says {answer[1][:80]!r}")
        self.notes.scores.append(0.6)
        return answer[0]

    def _in_stock(self) -> bool | None:
        made = want("availability", schema={"type": "boolean"})
        found = self.page_value(made, Shape("leaf", {"type": "boolean"}))
        if isinstance(found.value, bool):
            self.notes.evidence.append(found.where)
            self.notes.scores.append(found.score)
            return found.value
        return None

    # single values ------------------------------------------------------------------------------

    def page_value(self, made: Want, shape: Shape) -> Found:
        """Return the best single value of the page for a want."""
        if shape.kind == "array":
            values = self.values(shape, made.name, made)
            return Found(values, _POOR if values else 0.0, "a list on the page")
        for candidate in sorted(self.view.candidates(made), key=lambda found: -found.score)[:_TRIED]:
            if candidate.score < ENOUGH:
                break
            value = candidate_value(candidate, made, shape, self.seen.url)
            if value is not None:
                return Found(value, candidate.score, candidate.where)
        return Found()

    def page_values(self, entries: Sequence[Entry]) -> tuple[list[Found], float]:
        """Return the page's values for all entries and how well they answer them on the whole."""
        found = [self.page_value(made, shape) for _, made, shape in entries]
        return found, sum(min(one.score, 1.0) for one in found) / max(len(found), 1)

    # lists of scalars -----------------------------------------------------------------------------

    def values(self, shape: Shape, name: str, made: Want | None = None) -> list[Json]:
        """Return a list of scalars: every match of a pattern, or a column of a list."""
        inner = shape.items or Shape("leaf", {})
        schema = inner.schema if inner.schema.get("type") else {**inner.schema, "type": "string"}
        phrase = (
            made.phrase if made else " ".join(tokens(name)) or " ".join(self.request.fields) or self.request.subject
        )
        single = want(made.name if made else name or "values", phrase, schema, self.request.subject)
        part = part_group(phrase, self.seen) or part_group(self.request.subject, self.seen)
        if part is not None:
            return self._parts(part, schema, linked=schema.get("format") in ("uri", "url"))
        out: list[Json] = []
        for text in (
            self.patterned(single) or self.listed(single) or self._enumerated(single) or self._column_values(single)
        ):
            value = coerce(text, schema, self.seen.url)
            if value is not None and value not in out:
                out.append(value)
        return out[: self.request.count or LIMIT]

    def _parts(self, part: RecordGroup, schema: Json, *, linked: bool) -> list[Json]:
        """Return the texts of a page's parts, or where they lead: of links, if addresses are asked for by name too."""
        told = linked or bool({"url", "urls", "href", "src"} & set(tokens(self.request.goal)))
        cells = [record.cells[-1] if told else record.cells[0] for record in part.records]
        self.notes.scores.append(1.0)
        self.notes.evidence.append(f"the page's {part.title}")
        values = [coerce(cell.href or cell.text if told else cell.text, schema, self.seen.url) for cell in cells]
        return [value for value in dict.fromkeys(values) if value is not None][: self.request.count or LIMIT]

    def patterned(self, single: Want) -> list[str]:
        """Return all texts of a recognizable kind: addresses, numbers to call, dates that fulfil a condition."""
        kind = single.concept.kind if single.concept else ""
        if kind in ("email", "phone"):
            scheme = "mailto:" if kind == "email" else "tel:"
            read = EMAIL.findall if kind == "email" else phones_in
            linked = [
                next(iter(read(element.name)), element.href.removeprefix(scheme).split("?")[0])
                for element in self.seen.elements
                if element.href.startswith(scheme)
            ]
            written = [text for line in self.seen.lines for text in read(line.text)]
            return list(dict.fromkeys(linked if kind == "phone" and linked else linked + written))
        if kind == "date" and any(condition.operator == "date" for condition in self.request.conditions):
            return self._dates_in_section()
        return []

    def _dates_in_section(self) -> list[str]:
        """Dates that fulfil the condition, of the section where they stand alone most."""
        value = next(condition.value for condition in self.request.conditions if condition.operator == "date")
        by_section: dict[tuple[str, str], list[tuple[str, float]]] = {}
        for line in self.seen.lines:
            if line.region in ("navigation", "contentinfo") or len(line.text) > _LONG_LINE:
                continue
            for found in DATE.finditer(line.text):
                day = absolute_date(found.group())
                if value in found.group() or (day is not None and value == str(day.year)):
                    place = by_section.setdefault((line.section, line.kind), [])
                    place.append((found.group(), len(found.group()) / len(line.text)))
        if not by_section:
            return []
        asked = set(stems(self.request.goal))

        def weight(entry: tuple[tuple[str, str], list[tuple[str, float]]]) -> float:
            (section, _), dates = entry
            return sum(share for _, share in dates) + 0.5 * len(asked & set(stems(section)))

        section, dates = max(by_section.items(), key=weight)
        self.notes.evidence.append(f"dates under {section[0]!r}")
        self.notes.scores.append(_POOR)
        return list(dict.fromkeys(text for text, _ in dates))

    def _enumerated(self, single: Want) -> list[str]:
        """Return the members of a value that lists several: "Languages: English, German"."""
        best = max(
            (
                (likeness(single.phrase, fact.name), fact)
                for fact in self.seen.facts
                if fact.source in ("dl", "table", "text", "microdata") and len(fact.value) <= _ENTRY
            ),
            key=lambda found: found[0],
            default=None,
        )
        if best is None or best[0] < _ENUMERATED or not re.search(r"\w\s*[,;|]\s*\w", best[1].value):
            return []
        self.notes.evidence.append(f"{best[1].name}: ({best[1].source})")
        self.notes.scores.append(best[0])
        return [
            re.sub(r"^and\s+", "", part.strip()) for part in re.split(r"[,;|]|\band\b", best[1].value) if part.strip()
        ]

    def listed(self, single: Want) -> list[str]:
        """Return the entries of the list that a heading or label names just as the want: whole, as they stand."""
        best: tuple[float, RecordGroup] | None = None
        for group in self.seen.groups:
            alike = max(
                likeness(single.phrase, group.title) if group.title else 0.0, 0.9 * likeness(single.name, group.title)
            )
            plain = sum(len(record.text) <= _ENTRY for record in group.records) == len(group.records)
            if (
                alike >= _HEADED
                and plain
                and group.kind != "table"
                and group.region not in ("navigation", "contentinfo")
                and (best is None or alike > best[0])
            ):
                best = (alike, group)
        if best is None:
            return []
        self.notes.evidence.append(f"the list under {best[1].title!r}")
        self.notes.scores.append(min(best[0], 1.0))
        linked = single.concept is not None and single.concept.kind == "link"
        offered = [record for record in best[1].records if not self._is_off(record)]
        if linked:
            return [next((cell.href for cell in record.cells if cell.href), "") for record in offered]
        return [record.text for record in offered]

    def _is_off(self, record: Record) -> bool:
        """Return True for a choice that cannot be chosen: a size that is sold out."""
        off = [self.seen.element(ident) for ident in record.element_ids]
        return bool(off) and all(element is not None and element.disabled for element in off)

    def _column_values(self, single: Want) -> list[str]:
        chosen = choose(self.seen, replace(self.request, asked="list", anchor=""), [single])
        column = chosen.matched.columns.get(single.name) if chosen is not None else None
        if chosen is None or column is None:
            return []
        self.tell(chosen)
        out = []
        for record in chosen.records:
            cell = column.cell(record.index)
            if cell is not None and (text := cell_text(cell, single, record, self.seen.url)):
                out.append(text)
        return out

    # records --------------------------------------------------------------------------------------

    def from_record(self, entries: Sequence[Entry], matched: Matched, record: Record) -> dict[str, Json]:
        """Return one entry of a list as a nested mapping."""
        out: dict[str, Json] = {}
        for path, made, shape in entries:
            put(out, path, self.record_value(made, shape, matched, record))
        return out

    def record_value(self, made: Want, shape: Shape, matched: Matched, record: Record) -> Json:
        """Return a want's value in a record: from its column, or another that fits where that one is empty."""
        column = matched.columns.get(made.name)
        for tried in (column, *matched.others.get(made.name, ())) if column is not None else ():
            value = self._from_column(tried, made, shape, record) if tried is not None else None
            if value not in (None, []):
                return value
        if shape.schema.get("type") == "boolean" and not self._tells(column):
            return self._is_said(made, matched, record)
        return [] if shape.kind == "array" else None

    def _tells(self, column: Column | None) -> bool:
        """Return True if a column says yes or no of any entry."""
        return column is not None and any(truth(cells[0].text) is not None for cells in column.cells.values() if cells)

    def _is_said(self, made: Want, matched: Matched, record: Record) -> bool | None:
        """Return whether an entry bears a mark ("Remote", "New"), if any entry of the list does."""
        words = {word for word in stems(made.phrase) if word not in _BEING}
        if not words:
            return None

        def says(entry: Record) -> bool:
            return any(words <= set(stems(cell.text)) for cell in entry.cells if len(cell.text) <= _MARK)

        return says(record) if any(says(entry) for entry in matched.group.records) else None

    def _from_column(self, column: Column, made: Want, shape: Shape, record: Record) -> Json:
        cells = column.cells.get(record.index, [])
        if shape.kind == "array":
            inner = shape.items.schema if shape.items is not None else {}
            schema = inner if inner.get("type") or inner.get("enum") else {**inner, "type": "string"}
            texts = [cell.text for cell in cells]
            if len(texts) == 1 and "," in texts[0] and cells[0].kind not in ("date", "price", "number"):
                texts = [text.strip() for text in texts[0].split(",")]
            values = [coerce(text, schema, self.seen.url) for text in texts]
            return [value for value in values if value is not None]
        for cell in cells[:3]:
            text = cell_text(cell, made, record, self.seen.url)
            value = typed(text, shape, self.seen.url, cell.value, cell.href, unit=unit_of(made.phrase))
            if value is not None:
                return value
        return None
