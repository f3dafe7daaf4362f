"""The answer to a request, in the shape it was asked for.

Owns: filling a schema, or the shape a prompt implies, from records and single values; what
is missing and why. Must not: invent; a value that is not on the page is null.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urljoin

from mock_server.agent.extraction.choose import Choice, choose, holds, nearness, rank
from mock_server.agent.extraction.columns import Column, Matched
from mock_server.agent.extraction.page import Candidate, PageView, any_value, describe_page
from mock_server.agent.extraction.phrases import is_plural
from mock_server.agent.extraction.request import ExtractionRequest, Want, want
from mock_server.agent.extraction.shape import Shape, is_valid, read_shape
from mock_server.agent.extraction.values import absolute_date, coerce, narrow, number
from mock_server.agent.extraction.words import stem, stems, tokens
from mock_server.agent.observation import Cell, Observation, Record
from mock_server.agent.records.kinds import DATE, EMAIL, PHONE, PRICE

Json = Any

_LIMIT: Final = 1000
_ELLIPSIS: Final = re.compile(r"(?:\.\.\.|\u2026)\s*$")
_LEADING_BY: Final = re.compile(r"^(?:posted |written |submitted |asked )?by:?\s+", re.IGNORECASE)
_RANK: Final = re.compile(r"^(\d{1,4})[.)]?\s+(?=\S)")
_RECORDS_BEAT_PAGE: Final = 0.12


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was read. ``found`` is False if what was asked for, or what the schema requires, is not on the page."""

    output: Json
    found: bool
    missing: tuple[str, ...] = ()
    """Names of the fields without a value, ``products[].rating`` for a field of every entry."""
    reason: str = ""
    """Where it was found, or what is not there and what is."""
    evidence: tuple[str, ...] = ()
    confidence: float = 0.0
    partial: bool = False
    """There may be more than was read: fewer entries than asked for, missing fields, a truncated page."""


@dataclass(slots=True)
class _Notes:
    """What is learnt while an answer is put together."""

    missing: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    short: bool = False


def extract(request: ExtractionRequest, observation: Observation) -> Extraction:
    """Return the answer to a request from one look at a page. Pure; never raises for any request or page."""
    shape = read_shape(request.schema)
    notes = _Notes()
    output = (
        _Reader(request, observation, notes).fill(shape)
        if shape is not None
        else _Reader(request, observation, notes).free()
    )
    return _close(request, observation, shape, output, notes)


def _close(
    request: ExtractionRequest, observation: Observation, shape: Shape | None, output: Json, notes: _Notes
) -> Extraction:
    lacking = _lacking(shape, output) if shape is not None else []
    found = any_value(output) and not lacking
    if shape is None and request.asked == "check":
        found = any_value(output)
    if found and shape is not None and not is_valid(output, request.schema):
        pruned = _pruned(shape, output)
        if is_valid(pruned, request.schema):
            output = pruned
        else:
            found = False
            lacking = ["a value in the form the schema asks for"]
    if (
        shape is None
        and found
        and request.fields
        and len([name for name in notes.missing if "[]" not in name]) > max(len(request.fields) // 2, 0)
    ):
        found = False
    missing = tuple(dict.fromkeys([*lacking, *notes.missing]))
    confidence = min(sum(notes.scores) / len(notes.scores), 1.0) if notes.scores else 0.0
    reason = "; ".join(dict.fromkeys(notes.evidence)) if found else _regret(request, observation, missing)
    return Extraction(
        output=output,
        found=found,
        missing=missing,
        reason=reason[:1000],
        evidence=tuple(dict.fromkeys(notes.evidence))[:20],
        confidence=round(confidence * request.certainty, 3) if found else 0.0,
        partial=found and (bool(missing) or notes.short or observation.truncated),
    )


def _regret(request: ExtractionRequest, observation: Observation, missing: tuple[str, ...]) -> str:
    asked = request.anchor or request.subject
    names = [name.replace("_", " ").replace("[]", "").replace(".", " ") for name in missing]
    what = " and ".join(names[:4]) if names else " and ".join(request.fields) or asked or "data like that"
    about = f" of {asked!r}" if asked and what != asked and asked not in what else ""
    return f"The page has no {what}{about}; it shows {describe_page(observation)}. Open the page that shows it, or word the request as the page does."


def _lacking(shape: Shape, output: Json, path: str = "") -> list[str]:
    """Return the required values that are null or absent."""
    if shape.kind == "object":
        if not isinstance(output, dict):
            return [] if shape.nullable else [path or "data"]
        out: list[str] = []
        for name, inner in shape.properties:
            where = f"{path}.{name}" if path else name
            value = output.get(name)
            if name in shape.required and not inner.nullable and value in (None, [], ""):
                out.append(where)
            elif value not in (None, []):
                out.extend(_lacking(inner, value, where))
        return out
    if shape.kind == "array" and isinstance(output, list) and shape.items is not None:
        each = [_lacking(shape.items, entry, f"{path}[]") for entry in output]
        if each and all(each):
            return each[0]
    return []


def _pruned(shape: Shape, output: Json) -> Json:
    """Return the output without optional nulls and without entries that lack a required value."""
    if shape.kind == "object" and isinstance(output, dict):
        inner = dict(shape.properties)
        return {
            name: _pruned(inner[name], value) if name in inner else value
            for name, value in output.items()
            if value is not None or name in shape.required or (name in inner and inner[name].nullable)
        }
    if shape.kind == "array" and isinstance(output, list) and shape.items is not None:
        kept = [entry for entry in output if not _lacking(shape.items, entry)]
        return [_pruned(shape.items, entry) for entry in kept]
    return output


def leaves(shape: Shape, prefix: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Shape]]:
    """Yield the paths of an object's scalar and list-of-scalar properties, nested objects opened."""
    for name, inner in shape.properties:
        if inner.kind == "object" and inner.properties:
            yield from leaves(inner, (*prefix, name))
        else:
            yield (*prefix, name), inner


def snake(text: str) -> str:
    return "_".join(tokens(text)) or "value"


def _is_rows(shape: Shape) -> bool:
    return (
        shape.kind == "array"
        and shape.items is not None
        and shape.items.kind == "object"
        and bool(shape.items.properties)
    )


class _Reader:
    """Answers one request from one observation."""

    def __init__(self, request: ExtractionRequest, seen: Observation, notes: _Notes) -> None:
        self.request = request
        self.seen = seen
        self.notes = notes
        self.view = PageView(seen, request.subject)

    # with a schema --------------------------------------------------------------------------

    def fill(self, shape: Shape, name: str = "") -> Json:
        """Return the value of any shape that stands for the page as a whole."""
        if shape.kind == "array":
            return self._rows(shape, name) if _is_rows(shape) else self._values(shape, name)
        if shape.kind == "object":
            return self._object(shape)
        return self._leaf(
            want(
                name or self.request.subject or "value",
                "" if name else " ".join(self.request.fields),
                shape.schema,
                self.request.subject,
            ),
            shape,
        )

    def _object(self, shape: Shape) -> Json:
        rows = [(name, inner) for name, inner in shape.properties if _is_rows(inner)]
        nested = [(name, inner) for name, inner in shape.properties if not _is_rows(inner)]
        if nested and all(inner.kind == "array" for _, inner in nested):
            return {name: self.fill(inner, name) for name, inner in shape.properties}
        single = Shape("object", shape.schema, tuple(nested), shape.required)
        output: dict[str, Json] = self._record_or_page(single, alone=not rows) if nested else {}
        for name, inner in rows:
            output[name] = self._rows(inner, name)
        return {name: output.get(name) for name, _ in shape.properties}

    def _wants(self, shape: Shape) -> list[tuple[tuple[str, ...], Want, Shape]]:
        out = []
        for path, inner in leaves(shape):
            words = " ".join(token for part in path[-2:] for token in tokens(part))
            schema = inner.schema
            if inner.kind == "array" and inner.items is not None:
                schema = {**inner.schema, "type": "array"}
            out.append((path, self._worded(".".join(path), words, schema), inner))
        return out

    def _worded(self, name: str, words: str, schema: Json) -> Want:
        """Make a want, with the prompt's own words where they say more than the property's name."""
        made = want(name, words, schema, self.request.subject)
        plain = set(stems(words))
        for asked in self.request.fields:
            if made.concept is None and asked and plain < set(stems(asked)):
                return want(name, asked, schema, self.request.subject)
        return made

    def _record_or_page(self, shape: Shape, *, alone: bool) -> dict[str, Json]:
        entries = self._wants(shape)
        request = self.request
        picked = bool(request.anchor or request.superlative or request.ordinal or request.conditions)
        singles = [made for _, made, inner in entries if inner.kind == "leaf" or inner.kind == "array"]
        page, page_score = self._page_values(entries)
        chosen = choose(self.seen, request, singles) if alone and request.asked not in ("count", "check") else None
        if chosen is not None and chosen.records and self._prefers_record(chosen, page_score, picked=picked):
            self._tell(chosen)
            return self._from_record(entries, chosen.matched, chosen.records[0])
        for path, _, _ in entries:
            if _dig(page, path) in (None, []):
                self.notes.missing.append(".".join(path))
        return page

    def _prefers_record(self, chosen: Choice, page_score: float, *, picked: bool) -> bool:
        """Weigh one entry of a list against the page's own values."""
        mean = chosen.matched.mean
        if self.request.anchor:
            about = nearness(self.request.anchor, f"{self.seen.title} {self._headline()}")
            return chosen.anchored >= about or page_score < 0.5  # noqa: PLR2004
        if picked and mean > 0.3:  # noqa: PLR2004
            return True
        subject_table = chosen.matched.group.kind == "table" and {"table", "row"} & set(tokens(self.request.goal))
        return mean > page_score + (_RECORDS_BEAT_PAGE if not subject_table else -0.3)

    def _headline(self) -> str:
        return self.seen.lines[self.view.headline].text if self.view.headline >= 0 else ""

    def _page_values(self, entries: Sequence[tuple[tuple[str, ...], Want, Shape]]) -> tuple[dict[str, Json], float]:
        out: dict[str, Json] = {}
        total = 0.0
        for path, made, inner in entries:
            if inner.kind == "array":
                value: Json = self._values(inner, made.name, made)
                score = 0.5 if value else 0.0
            else:
                value, score = self._page_leaf(made, inner)
            _put(out, path, value)
            total += min(score, 1.0)
        return out, total / max(len(entries), 1)

    def _page_leaf(self, made: Want, shape: Shape) -> tuple[Json, float]:
        for candidate in sorted(self.view.candidates(made), key=lambda found: -found.score)[:8]:
            if candidate.score < 0.42:  # noqa: PLR2004
                break
            value = self._from_candidate(candidate, made, shape)
            if value is not None:
                self.notes.evidence.append(f"{made.name.replace('_', ' ')}: {candidate.where}")
                self.notes.scores.append(candidate.score)
                return value, candidate.score
        return None, 0.0

    def _from_candidate(self, candidate: Candidate, made: Want, shape: Shape) -> Json:
        kind = made.concept.kind if made.concept else ""
        text = candidate.text
        if kind in ("price", "date", "email") and made.type not in ("number", "integer"):
            text = narrow(text, kind) if kind != "date" or len(text) > 40 else text  # noqa: PLR2004
        if kind == "person":
            text = _LEADING_BY.sub("", text)
        if kind == "link" and candidate.href:
            text = candidate.href
        if kind == "image":
            text = urljoin(self.seen.url, candidate.src or candidate.text)
        if shape.schema.get("type") is None and not set(shape.schema) & {"enum", "const"}:
            return text or None
        return coerce(text, shape.schema, self.seen.url, candidate.machine, candidate.href)

    def _leaf(self, made: Want, shape: Shape) -> Json:
        if self.request.asked == "count" or (made.type == "integer" and self._counts(made)):
            found = self._count()
            if found is not None:
                return coerce(str(found), shape.schema, self.seen.url)
        value = self._record_or_page(Shape("object", {}, ((made.name, shape),)), alone=True)
        return value.get(made.name)

    def _counts(self, made: Want) -> bool:
        return bool({"count", "total"} & set(tokens(made.name))) and not self.request.fields

    def _rows(self, shape: Shape, name: str) -> list[Json]:
        items = shape.items or Shape("object", {})
        request = self._about(name)
        entries = self._wants(items)
        chosen = choose(self.seen, request, [made for _, made, _ in entries])
        if chosen is None or not chosen.records:
            single, score = self._page_values(entries)
            if score >= 0.6 and not request.conditions and (request.count or 1) == 1:  # noqa: PLR2004 - the page is about one such thing
                return [single]
            self.notes.missing.append(name or "entries")
            return []
        self._tell(chosen)
        records = chosen.records[
            : min(
                int(shape.schema.get("maxItems", _LIMIT))
                if isinstance(shape.schema.get("maxItems", 0), int)
                else _LIMIT,
                _LIMIT,
            )
        ]
        if request.count and len(records) < request.count:
            self.notes.short = True
        rows = [self._from_record(entries, chosen.matched, record) for record in records]
        rows = [row for row in rows if any_value(row)]
        for path, _, _ in entries:
            if rows and all(_dig(row, path) in (None, []) for row in rows):
                self.notes.missing.append(f"{name}[].{'.'.join(path)}")
        return rows

    def _about(self, name: str) -> ExtractionRequest:
        from dataclasses import replace  # noqa: PLC0415 - one use

        request = self.request
        anchor = request.anchor if request.asked == "one" else ""
        subject = request.subject or " ".join(tokens(name))
        ordinal = request.ordinal if request.asked == "one" or (request.ordinal or 0) < 0 else None
        return replace(request, asked="list", subject=subject, anchor=anchor, ordinal=ordinal)

    def _values(self, shape: Shape, name: str, made: Want | None = None) -> list[Json]:
        """Return a list of scalars: a column, the cells of one entry, or every match of a pattern."""
        inner = shape.items or Shape("leaf", {})
        schema = inner.schema if inner.schema.get("type") else {**inner.schema, "type": "string"}
        phrase = " ".join(tokens(name)) or " ".join(self.request.fields) or self.request.subject
        single = want(
            made.name if made else name or "values", made.phrase if made else phrase, schema, self.request.subject
        )
        texts = self._patterned(single) or self._column(single)
        out = []
        for text in texts:
            value = coerce(text, schema, self.seen.url)
            if value is not None and value not in out:
                out.append(value)
        limit = self.request.count
        return out[:limit] if limit else out[:_LIMIT]

    def _patterned(self, single: Want) -> list[str]:
        kind = single.concept.kind if single.concept else ""
        pattern = {"email": EMAIL, "phone": PHONE, "date": DATE, "price": PRICE}.get(kind)
        if pattern is None:
            return []
        if kind in ("email", "phone"):
            texts = [found.group() for line in self.seen.lines for found in pattern.finditer(line.text)]
            texts += [
                element.href.split(":", 1)[1].split("?")[0]
                for element in self.seen.elements
                if element.href.startswith(("mailto:", "tel:"))
            ]
            return list(dict.fromkeys(texts))
        if kind != "date" or not any(condition.operator == "date" for condition in self.request.conditions):
            return []
        return self._dates_in_section()

    def _dates_in_section(self) -> list[str]:
        """Dates that fulfil the conditions, of the section or list where most such dates stand alone."""
        value = next(condition.value for condition in self.request.conditions if condition.operator == "date")
        by_section: dict[tuple[str, str], list[tuple[str, float]]] = {}
        for line in self.seen.lines:
            if line.region in ("navigation", "contentinfo") or len(line.text) > 400:  # noqa: PLR2004
                continue
            for found in DATE.finditer(line.text):
                day = absolute_date(found.group())
                if value in found.group() or (day is not None and value == str(day.year)):
                    by_section.setdefault((line.section, line.kind), []).append(
                        (found.group(), len(found.group()) / len(line.text))
                    )
        if not by_section:
            return []
        subject = set(stems(self.request.goal))
        best = max(
            by_section.items(),
            key=lambda entry: sum(share for _, share in entry[1]) + 0.5 * len(subject & set(stems(entry[0][0]))),
        )
        return list(dict.fromkeys(text for text, _ in best[1]))

    def _column(self, single: Want) -> list[str]:
        from dataclasses import replace  # noqa: PLC0415 - one use

        chosen = choose(self.seen, replace(self.request, asked="list", anchor=""), [single])
        column = chosen.matched.columns.get(single.name) if chosen is not None else None
        if chosen is None or column is None:
            return []
        self._tell(chosen)
        return [
            text
            for record in chosen.records
            for text in [self._text(column.cell(record.index), single, record)]
            if text
        ]

    # from a record ----------------------------------------------------------------------------

    def _tell(self, chosen: Choice) -> None:
        self.notes.evidence.append(chosen.why)
        self.notes.scores.append(chosen.matched.mean)

    def _from_record(
        self, entries: Sequence[tuple[tuple[str, ...], Want, Shape]], matched: Matched, record: Record
    ) -> dict[str, Json]:
        out: dict[str, Json] = {}
        for path, made, inner in entries:
            column = matched.columns.get(made.name)
            value = None
            for tried in [column, *matched.others.get(made.name, [])] if column is not None else []:
                value = self._from_column(tried, made, inner, record)
                if value not in (None, []):
                    break
            _put(out, path, [] if value is None and inner.kind == "array" else value)
        return out

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
            text = self._text(cell, made, record)
            if shape.schema.get("type") is None and not set(shape.schema) & {"enum", "const"}:
                return text or None
            value = coerce(text, shape.schema, self.seen.url, cell.value, cell.href)
            if value is not None:
                return value
        return None

    def _text(self, cell: Cell | None, made: Want, record: Record) -> str:
        if cell is None:
            return ""
        kind = made.concept.kind if made.concept else ""
        if kind == "link" and cell.href:
            return urljoin(self.seen.url, cell.href)
        if kind == "image" and cell.src:
            return urljoin(self.seen.url, cell.src)
        text = cell.text
        full = next((hint[6:] for hint in cell.hints if hint.startswith("title:")), "")
        if _ELLIPSIS.search(text) and full.lower().startswith(_ELLIPSIS.sub("", text).strip().lower()[:40]):
            text = full
        rank_ = _RANK.match(text)
        ranked = rank_ and kind in ("title", "", "text", "place")
        if rank_ and ranked and any(other.text.rstrip(".)") == rank_.group(1) for other in record.cells):
            text = text[rank_.end() :]
        if kind == "person":
            text = _LEADING_BY.sub("", text)
        if kind in ("price", "date", "email"):
            text = narrow(text, kind) if len(text) > 40 or kind != "date" else text  # noqa: PLR2004
        if kind in ("number",) or (made.concept is None and cell.kind == "number"):
            text = _without_unit(text, made)
        return text

    # without a schema -------------------------------------------------------------------------

    def free(self) -> Json:
        """Return the answer in the shape the prompt implies."""
        request = self.request
        if request.asked == "count":
            return self._free_count()
        if request.asked == "check":
            return self._free_check()
        if request.asked == "list":
            return self._free_list()
        if request.asked == "one":
            return self._free_one()
        return self._free_values()

    def _free_count(self) -> Json:
        found = self._count()
        if found is None:
            self.notes.missing.append(self.request.subject or "count")
            return {snake(f"{self.request.subject} count"): None}
        return {snake(f"{_singular(self.request.subject)} count"): found}

    def _count(self) -> int | None:
        """Return how many there are: as the page says it, or counted."""
        request = self.request
        said = None if request.conditions else self._said_count()
        if said is not None:
            return said
        ranked = rank(self.seen, request, [])
        if not ranked:
            return None
        _, matched = ranked[0]
        records = [
            record
            for record in matched.group.records
            if all(holds(condition, record, matched) for condition in request.conditions)
        ]
        self.notes.evidence.append(f"counted in the {matched.group.kind} of {len(matched.group.records)}")
        self.notes.scores.append(0.6)
        return len(records)

    def _said_count(self) -> int | None:
        words = set(stems(self.request.subject)) or {"result"}
        best: tuple[float, int, str] | None = None
        for line in self.seen.lines:
            if len(line.text) > 240:  # noqa: PLR2004
                continue
            for found in re.finditer(r"(?<![\w.$\u20ac\u00a3])(\d[\d,. ]*\d|\d)(?:\+)?(?=\s|$|\))", line.text):
                amount = number(found.group(1))
                if amount is None or amount != int(amount):
                    continue
                after, before = line.text[found.end() : found.end() + 40], line.text[: found.start()]
                near_after = stems(" ".join(after.split()[:3]))
                near_before = stems(" ".join(before.split()[-4:]))
                score = 0.0
                if words & set(near_after):
                    score = 1.0 - 0.1 * min(near_after.index(word) for word in words if word in near_after)
                elif words & set(near_before) and len(line.text) < 60:  # noqa: PLR2004
                    score = 0.6
                elif re.search(r"\bof\s+$|\btotal:?\s+$", before):
                    score = 0.5
                if not score:
                    continue
                score += (
                    0.3 if re.search(r"\b(?:found|total|results?|of|all|matching)\b", line.text, re.IGNORECASE) else 0.0
                )
                score += 0.2 if re.search(r"\bof\s+$", before) else 0.0
                score -= (
                    0.3
                    if re.match(r"\s*(?:-|to|\u2013)\s*\d", after) or re.search(r"(?:-|to|\u2013|page)\s*$", before)
                    else 0.0
                )
                score += 0.1 if line.level else 0.0
                score -= 0.3 if line.region in ("navigation", "contentinfo") else 0.0
                if best is None or score > best[0]:
                    best = (score, int(amount), line.text)
        if best is None or best[0] < 0.75:  # noqa: PLR2004
            return None
        self.notes.evidence.append(f"the page says {best[2][:80]!r}")
        self.notes.scores.append(min(best[0], 1.0))
        return best[1]

    def _free_check(self) -> Json:
        words = set(stems(self.request.subject))
        for line in self.seen.lines:
            if words and words <= set(stems(line.text)):
                self.notes.evidence.append(f"the page says {line.text[:80]!r}")
                self.notes.scores.append(0.6)
                return {
                    "answer": not re.search(r"\b(?:no|not|none|never|out of|un\w+able)\b", line.text, re.IGNORECASE)
                }
        self.notes.missing.append(self.request.subject)
        return {"answer": None}

    def _free_list(self) -> Json:
        request = self.request
        names = [name for name in request.fields if name]
        wants = [self._free_want(name) for name in names]
        title = want("title" if not wants or request.fields[0] else _singular(request.subject) or "text", "title")
        if request.fields and not request.fields[0]:
            wants.insert(0, title)
        if len(wants) == 1 and wants[0].concept is not None and wants[0].concept.kind in ("email", "phone"):
            texts = self._patterned(wants[0])
            self.notes.missing.extend([] if texts else [wants[0].name])
            return {_plural_key(names[0]): texts}
        chosen = choose(self.seen, request, wants or [title])
        key = _plural_key(request.subject) if request.subject else _plural_key(names[0]) if len(names) == 1 else "items"
        if chosen is None or not chosen.records:
            self.notes.missing.append(request.subject or " and ".join(names) or "entries")
            return {key: []}
        self._tell(chosen)
        records = chosen.records[:_LIMIT]
        self.notes.short = bool(request.count and len(records) < request.count)
        if not wants:
            return {key: _filled([self._default_row(chosen.matched, record) for record in records])}
        rows = [
            {made.name: self._free_value(chosen.matched.columns.get(made.name), made, record) for made in wants}
            for record in records
        ]
        for made in wants:
            if all(row[made.name] in (None, []) for row in rows):
                self.notes.missing.append(f"{key}[].{made.name}")
        if len(wants) == 1:
            field_key = (
                key
                if not request.subject or _names_subject(names[0])
                else f"{snake(_singular(request.subject))}_{_plural_key(names[0])}"
            )
            return {field_key: [row[wants[0].name] for row in rows if row[wants[0].name] not in (None, [])]}
        return {key: rows}

    def _free_want(self, name: str) -> Want:
        made = want(snake(_singular_field(name)), name, None, self.request.subject)
        return (
            want(made.name, name, {"type": "array"}, self.request.subject)
            if made.concept is not None and made.concept.kind == "list"
            else made
        )

    def _free_value(self, column: Column | None, made: Want, record: Record) -> Json:
        cells = column.cells.get(record.index, []) if column is not None else []
        if not cells:
            return None
        if made.is_list:
            return [cell.text for cell in cells]
        return _plain(self._text(cells[0], made, record), made, cells[0].kind)

    def _default_row(self, matched: Matched, record: Record) -> dict[str, Json]:
        """Everything of a record that has a name."""
        group = matched.group
        if group.kind == "table" and group.header:
            row = {}
            for cell in record.cells:
                if cell.key and snake(cell.key) not in row and "/" not in cell.path:
                    row[snake(cell.key)] = _plain(cell.text, want(cell.key), cell.kind) if cell.text else None
            return row
        out: dict[str, Json] = {}
        for name, made, column in _described(matched):
            value = self._free_value(column, made, record)
            if value not in (None, "", []):
                out[name] = value
        return out

    def _free_one(self) -> Json:
        request = self.request
        names = [name for name in request.fields if name]
        wants = [self._free_want(name) for name in names]
        title = want("title")
        chosen = choose(self.seen, request, wants or [title])
        picked = bool(request.superlative or request.ordinal or request.conditions)
        shape = Shape("leaf", {})
        page = {made.name: self._page_leaf_plain(made, shape) for made in wants}
        page_score = sum(min(score, 1.0) for _, score in page.values()) / max(len(page), 1)
        if (
            chosen is not None
            and chosen.records
            and (not wants or self._prefers_record(chosen, page_score, picked=picked))
        ):
            self._tell(chosen)
            record = chosen.records[0]
            if not wants:
                return self._whole_entry(chosen, record)
            values = {
                made.name: self._free_value(chosen.matched.columns.get(made.name), made, record) for made in wants
            }
            return self._named_values(values, wants)
        if picked or (request.anchor and nearness(request.anchor, f"{self.seen.title} {self._headline()}") < 75):  # noqa: PLR2004
            self.notes.missing.extend(made.name for made in wants) if wants else self.notes.missing.append(
                request.subject
            )
            return (
                self._named_values(dict.fromkeys((made.name for made in wants), None), wants)
                if wants
                else {snake(request.subject): None}
            )
        return self._named_values({name: value for name, (value, _) in page.items()}, wants)

    def _whole_entry(self, chosen: Choice, record: Record) -> Json:
        request = self.request
        row = self._default_row(chosen.matched, record)
        key = snake(f"{request.qualifier} {request.subject}" if request.qualifier else request.subject or "result")
        values = list(row.values())
        return {key: values[0] if len(values) == 1 else row}

    def _named_values(self, values: dict[str, Json], wants: Sequence[Want]) -> dict[str, Json]:
        request = self.request
        for name, value in values.items():
            if value in (None, []):
                self.notes.missing.append(name)
        if len(wants) != 1:
            return values
        name = wants[0].name
        generic = request.subject and not request.anchor
        key = snake(f"{request.qualifier} {request.subject} {name}") if generic and request.qualifier else name
        return {key: values[name]}

    def _page_leaf_plain(self, made: Want, shape: Shape) -> tuple[Json, float]:
        value, score = self._page_leaf(made, shape)
        return (_plain(value, made, "") if isinstance(value, str) else value), score

    def _free_values(self) -> Json:
        request = self.request
        wants = [self._free_want(name) for name in request.fields if name]
        if not wants and request.subject:
            wants = [self._free_want(request.subject)]
        entries = {made.name: self._page_leaf_plain(made, Shape("leaf", {})) for made in wants}
        score = sum(min(part, 1.0) for _, part in entries.values()) / max(len(entries), 1)
        chosen = choose(self.seen, request, wants) if len(wants) > 1 else None
        if (
            chosen is not None
            and chosen.records
            and self._prefers_record(chosen, score, picked=bool(request.conditions))
        ):
            self._tell(chosen)
            if score < 0.3 and len(chosen.records) > 1:  # noqa: PLR2004 - a list of such things, none of them singled out
                return self._free_list()
            record = chosen.records[0]
            return self._named_values(
                {made.name: self._free_value(chosen.matched.columns.get(made.name), made, record) for made in wants},
                wants,
            )
        return self._named_values({name: value for name, (value, _) in entries.items()}, wants)


def _described(matched: Matched) -> Iterable[tuple[str, Want, Column]]:
    """Yield the columns worth telling when no field was named: title, link, and what has a name or a kind."""
    from mock_server.agent.extraction.columns import NEEDED, fit  # noqa: PLC0415 - one use

    taken: set[str] = set()
    wants = [
        want("title"),
        want("url"),
        want("price"),
        want("rating"),
        want("points"),
        want("author"),
        want("date"),
        want("comments"),
        want("availability"),
    ]
    for made in wants:
        scored = max(
            (
                (fit(made, column, matched.group), -place, column)
                for place, column in enumerate(matched.all_columns)
                if not column.path.endswith("*")
            ),
            key=lambda entry: entry[:2],
            default=None,
        )
        if scored is None or scored[0] < max(NEEDED, 0.45 if made.name not in ("title", "url") else NEEDED):
            continue
        column = scored[2]
        if made.name != "url" and column.path in taken:
            continue
        if made.name != "url":
            taken.add(column.path)
        elif not any(cells[0].href for cells in column.cells.values()):
            continue
        yield (
            (
                column.key and snake(column.key)
                if made.name == "title" and column.key and matched.group.kind == "table"
                else made.name
            ),
            made,
            column,
        )


def _filled(rows: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """Give all rows the same keys; what a row lacks is null."""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    return [{key: row.get(key) for key in keys} for row in rows if row]


def _plain(text: str, made: Want, kind: str) -> Json:
    """Return a value without a schema: counts and ratings as numbers, all else as it is shown."""
    if not text:
        return None
    concept = made.concept.kind if made.concept else ""
    if (concept in ("number", "rating") or kind == "rating") and len(text) < 40:  # noqa: PLR2004
        value = number(text)
        if value is not None:
            return int(value) if value == int(value) else value
    return text


def _without_unit(text: str, made: Want) -> str:
    words = set(stems(made.phrase))
    parts = text.split()
    if (
        2 <= len(parts) <= 3
        and any(character.isdigit() for character in parts[0])
        and (
            set(stems(" ".join(parts[1:]))) & words
            or (made.concept and set(stems(" ".join(parts[1:]))) & made.concept.words)
        )
    ):
        return parts[0]
    return text


def _names_subject(field_name: str) -> bool:
    return stem(tokens(field_name)[-1]) in ("name", "title", "headline") if tokens(field_name) else True


def _singular(phrase: str) -> str:
    words = phrase.split()
    if words and is_plural(words[-1]):
        last = stem(words[-1].lower())
        return " ".join([*words[:-1], last])
    return phrase


def _singular_field(name: str) -> str:
    return (
        _singular(name)
        if is_plural(name)
        and stem(tokens(name)[-1])
        in ("name", "title", "price", "date", "link", "url", "author", "image", "rating", "headline", "total")
        else name
    )


def _plural_key(phrase: str) -> str:
    name = snake(phrase)
    if not name or is_plural(name.rsplit("_", maxsplit=1)[-1]):
        return name
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return name[:-1] + "ies"
    return name + ("es" if name.endswith(("s", "x", "ch", "sh")) else "s")


def _put(out: dict[str, Json], path: tuple[str, ...], value: Json) -> None:
    for name in path[:-1]:
        out = out.setdefault(name, {})
    out[path[-1]] = value


def _dig(value: Json, path: tuple[str, ...]) -> Json:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
