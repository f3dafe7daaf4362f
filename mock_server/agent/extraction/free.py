"""Answering without a schema, in the shape the prompt implies.

Owns: the keys and nesting of such answers. Must not: find the values (``reader`` does).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from mock_server.agent.extraction.choose import Choice, choose, subject_score
from mock_server.agent.extraction.counting import count
from mock_server.agent.extraction.entries import described, title_key
from mock_server.agent.extraction.fitting import Matched
from mock_server.agent.extraction.naming import names_subject, plural_key, singular, singular_field, snake
from mock_server.agent.extraction.phrases import is_plural
from mock_server.agent.extraction.reader import LIMIT, Found, Reader
from mock_server.agent.extraction.request import Want, want
from mock_server.agent.extraction.shape import Shape
from mock_server.agent.extraction.telling import cell_text, plain, typed
from mock_server.agent.extraction.values import number
from mock_server.agent.extraction.words import concepts_of, likeness, stems
from mock_server.agent.observation import Cell, Record

Json = Any

_ANY: Final = Shape("leaf", {})
_LIST: Final = Shape("array", {"type": "array"}, items=_ANY)
_ELSEWHERE: Final = 75
_HARDLY: Final = 0.3
_ENTRY: Final = 300
_MEASURED: Final = frozenset({"duration", "distance", "number", "price"})
_ABOUT: Final = 0.8
"""Likeness from which on a heading or list is about the subject."""


class FreeReader(Reader):
    """Answers a request in the shape a person would expect from its words."""

    def free(self) -> Json:
        """Return the answer in the shape the prompt implies."""
        answers = {"count": self._count, "check": self._check, "list": self._list, "one": self._one}
        return answers.get(self.request.asked, self._values)()

    def _count(self) -> Json:
        subject = self.request.subject
        found = count(self.request, self.seen, self.notes)
        if found is None:
            self.notes.missing.append(subject or "count")
        return {snake(f"{singular(subject)} count"): found}

    def _check(self) -> Json:
        answer = self.checked(self.request.subject)
        if answer is None:
            self.notes.missing.append(self.request.subject)
        return {"answer": answer}

    def _wants(self) -> list[Want]:
        out = []
        for name in self.request.fields:
            if not name:
                # "the quotes with the author": the quote itself is asked for as well
                out.append(want(title_key(self.request.subject), "title"))
                continue
            schema = {"type": "number"} if self.request.counted else None
            made = want(snake(singular_field(name)), name, schema, self.request.subject)
            several = made.concept is not None and made.concept.kind == "list"
            out.append(want(made.name, name, {"type": "array"}, self.request.subject) if several else made)
        return out

    def _value(self, made: Want, matched: Matched, record: Record) -> Json:
        if made.is_list:
            return self.record_value(made, _LIST, matched, record)
        column = matched.columns.get(made.name)
        for tried in (column, *matched.others.get(made.name, ())) if column is not None else ():
            cell = tried.cell(record.index) if tried is not None else None
            if cell is not None and (text := cell_text(cell, made, record, self.seen.url)):
                return typed(text, _shape(made), self.seen.url) if made.schema else plain(text, made, cell.kind)
        return None

    # many -----------------------------------------------------------------------------------------

    def _list(self) -> Json:  # noqa: C901, PLR0911 - each shape is tried when those before it did not fit
        request = self.request
        if listed := self._under_heading([name for name in request.fields if name]):
            return listed
        fact = self.view.named(request.subject) if not (request.fields or request.count or self.picks) else None
        if fact is not None:
            key = snake(request.subject)
            return {key: self.take(key, Found(fact.value, 0.9, f"{fact.name}: ({fact.source})"))}
        wants = self._wants()
        names = [name for name in request.fields if name]
        key = plural_key(request.subject) if request.subject else plural_key(names[0]) if len(names) == 1 else "items"
        if len(wants) == 1 and wants[0].concept is not None and wants[0].concept.kind in ("email", "phone"):
            texts = self.patterned(wants[0])
            return {plural_key(names[0]): self.take(wants[0].name, Found(texts, 0.8, "every match on the page")) or []}
        chosen = choose(self.seen, request, wants)
        if chosen is None or not chosen.records:
            self.notes.missing.append(request.subject or " and ".join(names) or "entries")
            return {key: []}
        self.tell(chosen)
        records = chosen.records[:LIMIT]
        simple = not wants and request.subject and _is_plain(chosen.matched)
        if simple:
            return {key: [record.text for record in records]}
        if chosen.matched.group.key.startswith("part:") and not wants:
            return {key: [_part(record) for record in records]}
        self.notes.short = bool(request.count and len(records) < request.count)
        if not wants:
            return {key: _filled([self._whole(chosen.matched, record) for record in records])}
        rows = [{made.name: self._value(made, chosen.matched, record) for made in wants} for record in records]
        for made in wants:
            if all(row[made.name] in (None, []) for row in rows):
                self.notes.missing.append(f"{key}[].{made.name}")
        if len(wants) > 1:
            return {key: rows}
        if request.subject and not names_subject(names[0]):
            key = f"{snake(singular(request.subject))}_{plural_key(names[0])}"
        return {key: [row[wants[0].name] for row in rows if row[wants[0].name] not in (None, [])]}

    def _under_heading(self, names: Sequence[str]) -> dict[str, Json] | None:
        """Return the list that a heading calls just so, if nothing more is asked of its entries."""
        request = self.request
        if request.conditions or self.picks or request.count or len(names) + bool(request.subject) != 1:
            return None
        phrase = names[0] if names else request.subject
        if not is_plural(phrase) or concept_kind(phrase) in (
            "email",
            "phone",
            "price",
            "date",
            "image",
            "title",
            "link",
        ):
            return None
        texts = self.listed(want(snake(phrase), phrase))
        plain_entries = texts and all(len(text) <= _ENTRY for text in texts)
        groups = [group for group in self.seen.groups if [record.text for record in group.records] == texts]
        linked = any(cell.href for group in groups for record in group.records for cell in record.cells)
        simple = not linked or concept_kind(phrase) == "list"
        return {plural_key(phrase): list(texts)} if plain_entries and simple else None

    def _whole(self, matched: Matched, record: Record) -> dict[str, Json]:
        """Everything of a record that has a name."""
        out: dict[str, Json] = {}
        exact = matched.group.key.startswith("json:")
        for name, made, column in described(matched, self.request.subject):
            cells = column.cells.get(record.index, [])
            values = [self._entry_value(cell, made, record, exact=exact) for cell in cells]
            told = [value for value in values if value not in (None, "")]
            if told:
                out[name] = told if column.many else told[0]
        return out

    def _entry_value(self, cell: Cell, made: Want, record: Record, *, exact: bool) -> Json:
        text = cell_text(cell, made, record, self.seen.url)
        value = number(text) if exact and cell.kind == "number" else None
        if value is not None:
            return int(value) if value == int(value) else value
        return plain(text, made, cell.kind)

    # one ------------------------------------------------------------------------------------------

    def _one(self) -> Json:
        request = self.request
        wants = self._wants()
        labelled = self.view.labelled(request.anchor) if request.anchor and len(wants) == 1 else None
        measured = wants[0].concept is not None and wants[0].concept.kind in _MEASURED if wants else False
        if labelled is not None and labelled.value[:1].isdigit() and (measured or wants[0].concept is None):
            # "how long is the battery life": the page calls by that name what is asked for
            return {snake(request.anchor): self.take(snake(request.anchor), Found(labelled.value, 0.9, labelled.name))}
        chosen = choose(self.seen, request, wants)
        found, page_score = self.page_values([((made.name,), made, _shape(made)) for made in wants])
        if not wants and (under := self._under(chosen)) is not None:
            return under
        if chosen is not None and chosen.records and (not wants or self.prefers_record(chosen, page_score)):
            self.tell(chosen)
            return self._entry(chosen, wants)
        if not wants and request.subject and (under := self._under(chosen)) is not None:
            return under
        if self.picks or not wants or (request.anchor and self.anchored_here() < _ELSEWHERE):
            return self._named(dict.fromkeys((made.name for made in wants), None) or {snake(request.subject): None})
        return self._named({made.name: self._told(made, one) for made, one in zip(wants, found, strict=True)})

    def _under(self, chosen: Choice | None) -> Json | None:
        """Return the first text under a heading that says the subject, where no list is about it."""
        request = self.request
        about = subject_score(request.subject, chosen.matched.group) if chosen is not None else 0.0
        extreme = request.superlative is not None and request.superlative.field != "date"
        if extreme or about >= _ABOUT or request.conditions or request.anchor or request.ordinal not in (None, 1):
            return None
        lines = (
            line for line in self.seen.lines if not line.level and likeness(request.subject, line.section) >= _ABOUT
        )
        line = next(lines, None)
        if line is None:
            return None
        key = snake(f"{request.qualifier} {request.subject}" if request.qualifier else request.subject)
        return {key: self.take(key, Found(line.text, 0.6, f"the text under {line.section[:60]!r}"))}

    def _entry(self, chosen: Choice, wants: Sequence[Want]) -> Json:
        record, request = chosen.records[0], self.request
        if wants:
            return self._named({made.name: self._value(made, chosen.matched, record) for made in wants})
        row = self._whole(chosen.matched, record)
        key = snake(f"{request.qualifier} {request.subject}" if request.qualifier else request.subject or "result")
        return {key: next(iter(row.values())) if len(row) == 1 else row}

    def _told(self, made: Want, one: Found) -> Json:
        value = self.take(made.name, one)
        return plain(value, made, "") if isinstance(value, str) else value

    def _named(self, values: dict[str, Json]) -> dict[str, Json]:
        """Return the values under their names; a single one is named after what it belongs to."""
        request = self.request
        self.notes.missing.extend(name for name, value in values.items() if value in (None, []))
        if len(values) == 1 and request.subject and request.qualifier and not request.anchor and request.fields:
            name, value = next(iter(values.items()))
            return {snake(f"{request.qualifier} {request.subject} {name}"): value}
        return values

    def _values(self) -> Json:
        request = self.request
        wants = self._wants() or ([want(snake(request.subject), request.subject)] if request.subject else [])
        found, score = self.page_values([((made.name,), made, _shape(made)) for made in wants])
        chosen = choose(self.seen, request, wants) if len(wants) > 1 else None
        if chosen is not None and chosen.records and self.prefers_record(chosen, score):
            if score < _HARDLY and len(chosen.records) > 1:  # a list of such things, none of them singled out
                return self._list()
            self.tell(chosen)
            return self._entry(chosen, wants)
        return self._named({made.name: self._told(made, one) for made, one in zip(wants, found, strict=True)})


def _shape(made: Want) -> Shape:
    if made.is_list:
        return _LIST
    return Shape("leaf", made.schema) if made.schema else _ANY


def _is_plain(matched: Matched) -> bool:
    """Return True for a list whose entries are texts and nothing more: no links, no headings, no named values."""
    kinds = {cell.kind for record in matched.group.records for cell in record.cells}
    keys = {cell.key for record in matched.group.records for cell in record.cells if cell.kind != "number" and cell.key}
    return matched.group.kind != "table" and not keys and kinds <= {"text", "number"}


def concept_kind(phrase: str) -> str:
    """Return the kind of value a field's last word names; empty if it names a thing."""
    known = [concept for word in stems(phrase)[-1:] for concept in concepts_of(word)]
    return known[0].kind if known else ""


def _part(record: Record) -> Json:
    """A page's part as it is: its text, or text and address by name."""
    cells = {cell.key: cell.text for cell in record.cells}
    return cells if len(cells) > 1 else next(iter(cells.values()), None)


def _filled(rows: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """Give all rows the same keys; what a row lacks is null."""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    return [{key: row.get(key) for key in keys} for row in rows if row]
