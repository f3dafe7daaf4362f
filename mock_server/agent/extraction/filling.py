"""Filling a schema from what a page shows.

Owns: which part of a schema is a list of records, a record, or a value of the page. Must
not: find the values (``reader`` does).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from mock_server.agent.extraction.choose import choose
from mock_server.agent.extraction.counting import count
from mock_server.agent.extraction.headline import any_value
from mock_server.agent.extraction.questions import KINDS, PRONOUNS
from mock_server.agent.extraction.reader import LIMIT, Entry, Found, Reader
from mock_server.agent.extraction.replies import is_question, reply_to
from mock_server.agent.extraction.request import ExtractionRequest, Want, want
from mock_server.agent.extraction.shape import Shape, dig, is_rows, leaves, put
from mock_server.agent.extraction.values import coerce
from mock_server.agent.extraction.words import stems, tokens

Json = Any

_REPLIED: Final = 0.6
_PAGE_IS_THE_ENTRY: Final = 0.6
"""How well the page's own values must answer for a list of one to be made of them."""


class SchemaReader(Reader):
    """Answers a request in the shape of its schema."""

    def fill(self, shape: Shape, name: str = "") -> Json:
        """Return the value of any shape that stands for the page as a whole."""
        if shape.kind == "array":
            return self._rows(shape, name) if is_rows(shape) else self.values(shape, name)
        if shape.kind == "object":
            return self._object(shape)
        words = "" if name else " ".join(self.request.fields)
        return self._leaf(
            want(name or self.request.subject or "value", words, shape.schema, self.request.subject), shape
        )

    def _object(self, shape: Shape) -> Json:
        rows = [(name, inner) for name, inner in shape.properties if is_rows(inner)]
        rest = [(name, inner) for name, inner in shape.properties if not is_rows(inner)]
        if all(inner.kind == "array" for _, inner in rest):
            return {name: self.fill(inner, name) for name, inner in shape.properties}
        if len(rest) == 1 and self.request.asked == "count" and rest[0][1].kind == "leaf":
            output = {rest[0][0]: self.fill(rest[0][1], rest[0][0])}
        else:
            output = self._record_or_page(self._entries(Shape("object", {}, tuple(rest))), alone=not rows)
        for name, inner in rows:
            output[name] = self._rows(inner, name)
        return {name: output.get(name) for name, _ in shape.properties}

    def _entries(self, shape: Shape) -> list[Entry]:
        out: list[Entry] = []
        for path, inner in leaves(shape):
            words = " ".join(token for part in path[-2:] for token in tokens(part))
            schema = {**inner.schema, "type": "array"} if inner.kind == "array" else inner.schema
            out.append((path, self._worded(".".join(path), words, schema), inner))
        return out

    def _worded(self, name: str, words: str, schema: Json) -> Want:
        """Make a want, with the prompt's own words where they say more than the property's name."""
        made = want(name, words, schema, self.request.subject)
        if made.concept is None:
            named = set(stems(words))
            for asked in self.request.fields:
                if named < set(stems(asked)):
                    return want(name, asked, schema, self.request.subject)
        return made

    def _record_or_page(self, entries: list[Entry], *, alone: bool) -> dict[str, Json]:
        found, page_score = self.page_values(entries)
        if alone and self.request.asked not in ("count", "check"):
            chosen = choose(self.seen, self.request, [made for _, made, _ in entries])
            asks = chosen is not None and bool(chosen.records) and is_question(chosen.records[0].text)
            if chosen is not None and chosen.records and not asks and self.prefers_record(chosen, page_score):
                self.tell(chosen)
                return self.from_record(entries, chosen.matched, chosen.records[0])
        output: dict[str, Json] = {}
        unfit = alone and (
            (bool(self.request.anchor) and self.anchored_here() < _ELSEWHERE) or self._is_one_of_several(entries)
        )
        replied = (self._so(entries, found) or self._replied(entries, found)) if alone else None
        if replied is not None:
            found, unfit = [replied], False
        for (path, _, _), one in zip(entries, found, strict=True):
            put(output, path, None if unfit else self.take(".".join(path), one))
        if unfit:
            self.notes.missing.extend(".".join(path) for path, _, _ in entries)
        return output

    def _so(self, entries: list[Entry], found: list[Found]) -> Found | None:
        """Return whether what was asked is so, where the page says it in words and has no value for it."""
        asks = self.request.asked == "check" and len(entries) == 1 and entries[0][1].type == "boolean"
        told = self.checked(self.request.subject) if asks and found[0].value is None else None
        return Found(told, _REPLIED, "what the page says about it") if told is not None else None

    def _replied(self, entries: list[Entry], found: list[Found]) -> Found | None:
        """Return the reply below the page's own question, where nothing but that question answers."""
        if len(entries) != 1 or entries[0][1].type not in ("", "string") or entries[0][2].kind != "leaf":
            return None
        value = found[0].value
        echo = isinstance(value, str) and is_question(value)
        if value not in (None, "") and not echo:
            return None
        reply = reply_to(self.request.goal, self.seen)
        return Found(reply, _REPLIED, "the reply to that question") if reply else Found() if echo else None

    def _is_one_of_several(self, entries: list[Entry]) -> bool:
        """Whether one is singled out by what the page's own values do not say: the first best one is a guess."""
        superlative, subject = self.request.superlative, set(tokens(self.request.subject))
        if self.request.conditions and self.request.asked == "one" and subject and not subject <= KINDS | PRONOUNS:
            return True
        if superlative is None or superlative.field == "date" or not self.request.subject:
            return False
        measure = set(stems(superlative.field))
        return not any(measure & set(stems(made.phrase)) for _, made, _ in entries)

    def _leaf(self, made: Want, shape: Shape) -> Json:
        counted = bool({"count", "total"} & set(tokens(made.name))) and not self.request.fields
        if self.request.asked == "count" or (made.type == "integer" and counted):
            number_of = count(self.request, self.seen, self.notes)
            if number_of is not None:
                return coerce(str(number_of), shape.schema, self.seen.url)
            if self.request.asked == "count" and self.request.conditions:
                self.notes.missing.append(made.name)
                return None
        return self._record_or_page([((made.name,), made, shape)], alone=True).get(made.name)

    def _rows(self, shape: Shape, name: str) -> list[Json]:
        request = self._about(name)
        item = shape.items or Shape("object", {})
        if any(is_rows(inner) for _, inner in item.properties):
            return self._sections(item, name)
        entries = self._entries(item)
        chosen = choose(self.seen, request, [made for _, made, _ in entries])
        if chosen is None or not chosen.records:
            return self._only_row(entries, request, name)
        self.tell(chosen)
        most = shape.schema.get("maxItems")
        records = chosen.records[: most if isinstance(most, int) and 0 <= most < LIMIT else LIMIT]
        self.notes.short = self.notes.short or bool(request.count and len(records) < request.count)
        rows = [self.from_record(entries, chosen.matched, record) for record in records]
        rows = [row for row in rows if any_value(row)]
        for path, _, _ in entries:
            if rows and all(dig(row, path) in (None, []) for row in rows):
                self.notes.missing.append(f"{name}[].{'.'.join(path)}")
        return rows

    def _sections(self, item: Shape, name: str) -> list[Json]:
        """Lists within lists ("the menu by section"): entries gathered under the headings they stand below."""
        within, inner = next((key, inner) for key, inner in item.properties if is_rows(inner))
        entries = self._entries(inner.items or Shape("object", {}))
        request = replace(self._about(within), subject=" ".join(tokens(within)))
        chosen = choose(self.seen, request, [made for _, made, _ in entries])
        if chosen is None:
            self.notes.missing.append(name or within)
            return []
        self.tell(chosen)
        rows: dict[str, list[Json]] = {}
        for record in chosen.matched.group.records:
            row = self.from_record(entries, chosen.matched, record)
            if any_value(row):
                rows.setdefault(record.section, []).append(row)
        first = next((key for key, shape in item.properties if shape.kind == "leaf"), None)
        out: list[Json] = []
        for heading, told in rows.items():
            entry: dict[str, Json] = {key: None for key, _ in item.properties}
            if first is not None:
                entry[first] = heading or None
            entry[within] = told
            out.append(entry)
        return out

    def _only_row(self, entries: list[Entry], request: ExtractionRequest, name: str) -> list[Json]:
        """A page about one such thing is a list of one."""
        found, score = self.page_values(entries)
        if score < _PAGE_IS_THE_ENTRY or request.conditions or (request.count or 1) > 1:
            self.notes.missing.append(name or "entries")
            return []
        row: dict[str, Json] = {}
        for (path, _, _), one in zip(entries, found, strict=True):
            put(row, path, self.take(".".join(path), one))
        return [row]

    def _about(self, name: str) -> ExtractionRequest:
        """Return the request as one for a list: its subject may be named by the property alone."""
        request = self.request
        single = request.asked == "one"
        last = request.ordinal is not None and request.ordinal < 0
        return replace(
            request,
            asked="list",
            subject=request.subject or " ".join(tokens(name)),
            anchor=request.anchor if single else "",
            ordinal=request.ordinal if single or last else None,
        )


_ELSEWHERE: Final = 75
"""In percent: below it the page is not about the thing that was named."""
