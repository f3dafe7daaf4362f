"""Which records a request is about: the group, the filter, the order, the pick.

Owns: ranking record groups for a request, the filter, the pick, anchors. Must not: compare
(``holding``, ``ordering``), convert values or shape outputs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from rapidfuzz import fuzz

from mock_server.agent.extraction.columns import Column, record_text
from mock_server.agent.extraction.fitting import Matched, match
from mock_server.agent.extraction.holding import holds
from mock_server.agent.extraction.ordering import measured, order
from mock_server.agent.extraction.parts import part_group
from mock_server.agent.extraction.request import VALUED, Condition, ExtractionRequest, Superlative, Want, want
from mock_server.agent.extraction.words import likeness, stems, tokens
from mock_server.agent.observation import Observation, Record, RecordGroup
from mock_server.agent.records.nodes import split_words
from mock_server.agent.records.structured import groups_in

_REGION_WORTH: Final = {
    "main": 0.06,
    "navigation": -0.4,
    "contentinfo": -0.35,
    "complementary": -0.15,
    "banner": -0.25,
    "dialog": 0.05,
}
_TITLE: Final = want("title")
_WORD: Final = 25
_FIELDS: Final = frozenset({"textbox", "searchbox", "combobox", "spinbutton", "listbox", "slider", "date", "file"})
"""What is filled in: rows of a form are no records."""
_MOSTLY: Final = 0.5
_VERSION: Final = re.compile(r"\b[vV]?\d+(?:\.\d+)+\b")
_CONSIDERED: Final = 12
_ANCHORED: Final = 78
"""Likeness in percent above which a record is the one that was named."""
_UNTITLED: Final = 0.3
"""What a list counts for whose entries have no heading of their own."""
_FEW: Final = 3
"""Two of a kind are often no list at all."""
_SORTING: Final = re.compile(
    r"\d{4}|[A-Z]|(?:January|February|March|April|May|June|July|August|September|October|November|December)(?: \d{4})?"
)
_SECTIONS: Final = re.compile(r">h[1-3]$")
_SAMPLED: Final = 200
_CALLED: Final = 0.7
"""Likeness from which on a column is headed by the very word that is asked for."""
_FILE_NAME: Final = re.compile(r"[\w][\w .()-]{0,80}\.\w{1,5}")
_LISTED: Final = 160
"""Letters of an entry that tells one file, not a folder full of them."""
_FIRST_UNSAID: Final = frozenset({"date", "points", "rating"})
"""What lists are often in the order of without showing it."""
_STEPS: Final = frozenset({"step", "instruction", "direction"})
_NUMBERED: Final = frozenset({"number", "no", "id", "code", "reference"})
_MEANT: Final = 0.8
"""A group that says the subject so clearly is meant wherever on the page it stands."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A group, the columns that answer the wants, and the records that are meant."""

    matched: Matched
    records: tuple[Record, ...]
    score: float
    why: str
    anchored: float = 0.0


def groups_for(observation: Observation) -> tuple[RecordGroup, ...]:
    """Return the page's groups and those its structured data holds."""
    out = list(observation.groups)
    if observation.content_type == "text/html":
        by_kind: dict[str, list[dict[str, object]]] = {}
        for item in observation.structured:
            by_kind.setdefault(str(item.get("@type", "")), []).append(
                {key: value for key, value in item.items() if not key.startswith("@")}
            )
        for kind, items in by_kind.items():
            if len(items) > 1 and kind:
                out.extend(replace(group, key=f"data>{kind}", area=0.1, region="") for group in groups_in(items)[:1])
        for item in observation.structured:
            out.extend(
                replace(group, area=0.1, region="")
                for group in groups_in(dict(item))
                if len(group.records) > 1 and "readcrumb" not in str(item.get("@type"))
            )
    return tuple(out)


def subject_score(subject: str, group: RecordGroup) -> float:
    """Return how well a group's title or class words say the subject, 0 to 1."""
    words = set(stems(subject))
    if not words:
        return 0.0
    if any(words <= set(stems(record.section)) for record in group.records[:_SAMPLED]):
        return 0.85
    title = likeness(subject, group.title) if group.title else 0.0
    if words & {stem_ for name in group.header for stem_ in stems(name)}:
        title = max(title, 0.7)
    heading = set(stems(group.title)) if group.title else set()
    if heading and (words <= heading or heading <= words):
        title = max(title, 0.85)
    if words <= _STEPS and group.key.endswith("ol>li"):
        title = max(title, 0.85)
    named = {stem_ for part in (group.key,) for stem_ in stems(" ".join(split_words(part)))}
    share = len(words & named) / len(words)
    return max(title, 0.8 * share)


def rank(
    observation: Observation, request: ExtractionRequest, wants: Sequence[Want], least: int = 1
) -> list[tuple[float, Matched]]:
    """Return the groups with their columns for the wants, the likeliest first."""
    asked = [_as_name(wanted, request) for wanted in wants] or [_TITLE]
    out: list[tuple[float, Matched]] = []
    table = "table" in tokens(request.goal) or "row" in tokens(request.goal)
    fields = {element.id for element in observation.elements if element.role in _FIELDS}
    picks = bool(request.anchor or request.ordinal or request.superlative)
    headed = request.asked in ("list", "count") or (picks and not (request.anchor and request.fields))
    part = part_group(request.subject, observation) if request.subject else None
    for group in groups_for(observation) if part is None else (part,):
        if len(group.records) < least:
            continue
        matched = match(asked, group, headed=headed)
        _by_header(request, asked, matched)
        _by_subject(request, asked, matched)
        if not matched.columns and wants:
            continue
        filled_in = sum(bool(fields.intersection(record.element_ids)) for record in group.records) / len(group.records)
        worth = _worth(group, matched, request, asked, table=table) - (0.3 if filled_in > _MOSTLY else 0.0)
        out.append((worth, matched))
    out.sort(key=lambda entry: -entry[0])
    return out


def _as_name(wanted: Want, request: ExtractionRequest) -> Want:
    """Return the want for what one of several is itself (the cheapest *product*) as one for its name."""
    if request.superlative is None and not request.conditions:
        return wanted
    words = set(stems(wanted.phrase))
    unknown = wanted.concept is None and wanted.type in ("", "string") and bool(words) and not VALUED & words
    return replace(wanted, concept=_TITLE.concept) if unknown and words <= set(stems(request.subject)) else wanted


def _by_header(request: ExtractionRequest, asked: Sequence[Want], matched: Matched) -> None:
    """Answer "the production of the Coast in 2024" from the column that is headed 2024."""
    if len(asked) != 1 or matched.group.kind != "table" or not (request.conditions or request.anchor):
        return
    values = {condition.value.casefold() for condition in request.conditions}
    asked_for = set(stems(request.goal)) - set(stems(request.anchor))
    column = next(
        (one for one in matched.all_columns if one.key and request.anchor and set(stems(one.key)) <= asked_for), None
    )
    column = column or next((column for column in matched.all_columns if column.key.casefold() in values), None)
    if column is not None and request.anchor:
        matched.columns[asked[0].name] = column
        matched.scores[asked[0].name] = 1.0


def _by_subject(request: ExtractionRequest, asked: Sequence[Want], matched: Matched) -> None:
    """Answer the "name" of items, or the "number" of an invoice, from the column that is headed *Item*, *Invoice*."""
    noun = stems(request.subject)[-1:]
    if matched.group.kind != "table" or not noun:
        return
    wanted = next((one for one in asked if _calls_it(one)), None)
    known = matched.columns.get(wanted.name) if wanted is not None else None
    if wanted is None or (known is not None and known.key and likeness(wanted.phrase, known.key) >= _CALLED):
        return
    taken = [column for name, column in matched.columns.items() if name != wanted.name]
    own = (column for column in matched.all_columns if column.key and stems(column.key) == noun and not column.many)
    column = next((column for column in own if all(column.path != other.path for other in taken)), None)
    if column is not None:
        matched.columns[wanted.name] = column
        matched.scores[wanted.name] = max(_CALLED, matched.scores.get(wanted.name, 0.0))


def _calls_it(wanted: Want) -> bool:
    """Whether a want is for what an entry is called: its name or its number."""
    named = wanted.concept is not None and wanted.concept.name == "title" and wanted.is_plain
    return (named or set(stems(wanted.phrase)) <= _NUMBERED) and wanted.type in ("", "string")


def _worth(
    group: RecordGroup, matched: Matched, request: ExtractionRequest, wants: Sequence[Want], *, table: bool
) -> float:
    size = len(group.records)
    # a title can be made out in nearly every group: found alone it says little
    score = matched.mean if wants != [_TITLE] else 0.3 + 0.5 * min(max(matched.mean, _UNTITLED), 1.0)
    if size < _FEW and not (request.anchor or group.kind == "table"):
        score -= 0.12
    about = subject_score(request.subject, group)
    score += 0.45 * about
    if about < _MEANT:
        score += _REGION_WORTH.get(group.region, 0.0)
    score -= 0.25 * (bool(request.subject) and not about and _is_parts(group))
    score += 0.2 * min(group.area, 0.6)
    score += 0.1 * min(size, 8) / 8
    asked = request.count or 0
    if asked > size:
        score -= 0.25 * (1 - size / asked)
    if request.ordinal and request.ordinal > size:
        score -= 0.1
    texts = [len(record.text) for record in group.records[:20]]
    typical = sorted(texts)[len(texts) // 2]
    score += 0.06 * min(math.log10(max(typical, 1)), 2.5)
    if typical > 3000:  # a group of page sections
        score -= 0.2
    heads = matched.columns.get(wants[0].name) if wants else None
    if heads is not None and _share_of(heads, _SORTING) > _MOSTLY:
        score -= 0.45  # years and months that only sort what is below them
    if table and group.kind == "table":
        score += 0.2
    main = matched.columns.get(wants[0].name) if wants else None
    if main is not None and main.distinct < 0.5 and size > 3:  # the same value again and again
        score -= 0.15
    if "file" in stems(request.subject):
        named = sum(any(_FILE_NAME.fullmatch(cell.text) for cell in record.cells[:3]) for record in group.records)
        score += 0.6 * (named / size) * (len(texts) > 1 and typical < _LISTED)
    score += 0.08 if len(wants) > 1 and len(matched.columns) == len(wants) else 0.0
    return score


def _is_parts(group: RecordGroup) -> bool:
    """Whether the entries are parts of the page, which only their headings have in common."""
    return bool(_SECTIONS.search(group.key))


def _share_of(column: Column, pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.fullmatch(text)) for text in column.sample) / max(len(column.sample), 1)


def choose(observation: Observation, request: ExtractionRequest, wants: Sequence[Want]) -> Choice | None:
    """Return the records a request means, or None if no group of the page can be it."""
    ranked = rank(observation, request, wants)
    if request.anchor and request.asked != "check":
        return _anchored(ranked, request)
    filtered = [_filtered(score, matched, request) for score, matched in ranked[:_CONSIDERED]]
    best = max(filtered, key=lambda choice: choice.score, default=None)
    return replace(best, records=tuple(_picked(list(best.records), request, best.matched))) if best else None


def _filtered(score: float, matched: Matched, request: ExtractionRequest) -> Choice:
    """Keep the records that fulfil the conditions; a group where some do and some do not is likelier meant."""
    records = _real(matched)
    request = _without_silent(request, records)
    if request.conditions:
        kept = [
            record
            for record in records
            if all(
                _headed_so(condition, record, matched) or holds(condition, record, matched)
                for condition in request.conditions
            )
        ]
        if records and all(_headed_so(condition, records[0], matched) for condition in request.conditions):
            score += 0.6  # the list's heading says it of all of them
        score += -0.4 if not kept else 0.3 if len(kept) < len(records) else 0.0
        records = kept
    if request.asked in ("list", "count"):
        records = _described_so(_of_section(records, request.subject), request.subject)
    if request.superlative is not None and measured(request.superlative, matched) is None:
        score += 0.0 if request.superlative.field == "date" else -0.15
    return Choice(matched, tuple(records), score, _why(matched.group))


def _without_silent(request: ExtractionRequest, records: list[Record]) -> ExtractionRequest:
    """Drop "available" where no entry speaks of it: what a page offers is available unless it says otherwise."""
    kept = tuple(
        condition
        for condition in request.conditions
        if condition.value != "available"
        or any(re.search(r"availab|stock|sold", record.text, re.IGNORECASE) for record in records)
    )
    return request if len(kept) == len(request.conditions) else replace(request, conditions=kept)


def _headed_so(condition: Condition, record: Record, matched: Matched) -> bool:
    """Return True if what stands above an entry says the condition of all below it."""
    words = set(stems(condition.value))
    if condition.operator == "date" and condition.value in record.section:
        return True
    if condition.operator != "contains" or len(words) < 2:
        return False
    return words <= set(stems(record.section)) or words <= set(stems(matched.group.title))


def _of_section(records: list[Record], subject: str) -> list[Record]:
    """Keep the entries under a heading that says the subject, if there are others under other headings."""
    words = set(stems(subject))
    told = [record for record in records if words and words <= set(stems(record.section))]
    return told if 0 < len(told) < len(records) else records


def _described_so(records: list[Record], subject: str) -> list[Record]:
    """Keep the "unpaid" of "unpaid invoices", where entries say such a word in a value of its own and not all do."""
    kind = stems(subject)[-1:]
    bearing = [record for record in records if any(stems(cell.text) == kind for cell in record.cells)]
    if kind and 0 < len(bearing) < len(records):  # "all bugs": entries that bear the label "bug"
        records = bearing
    for word in (word for word in stems(subject)[:-1] if len(word) > 2 and not word.isdigit()):
        told = [
            record
            for record in records
            if any(
                len(cell.text) <= _WORD and word in stems(cell.text) for cell in record.cells if cell.kind != "heading"
            )
        ]
        if 0 < len(told) < len(records):
            records = told
    return records


def _picked(records: list[Record], request: ExtractionRequest, matched: Matched) -> list[Record]:
    """Put records in the order asked for and take as many as asked for."""
    if request.superlative is not None:
        if request.asked == "one" and not (_comparable(request.superlative, matched) and _are_such(request, matched)):
            return []
        records = order(records, request.superlative, matched)
    if request.ordinal is None:
        return records[: request.count] if request.count else records
    if request.count and request.ordinal < 0:
        return records[-request.count :]
    place = request.ordinal - 1 if request.ordinal > 0 else len(records) + request.ordinal
    return records[place : place + 1] if place >= 0 else []


def _comparable(superlative: Superlative, matched: Matched) -> bool:
    """Whether there is a measure to tell the extreme by; pages have the latest and the most popular first unsaid."""
    unsaid = superlative.largest and (superlative.field in _FIRST_UNSAID or superlative.word.startswith("most "))
    dated = superlative.field == "date" and any(cell.kind == "date" for cell in matched.group.records[0].cells)
    return unsaid or dated or len(matched.group.records) == 1 or measured(superlative, matched) is not None


def _are_such(request: ExtractionRequest, matched: Matched) -> bool:
    """Whether entries can be what is asked for: the latest *version* is no file, unless the list says so."""
    if not VALUED & set(stems(request.subject)) or subject_score(request.subject, matched.group) > 0:
        return True
    return any(_VERSION.search(cell.text) for record in matched.group.records[:_CONSIDERED] for cell in record.cells)


def _why(group: RecordGroup) -> str:
    name = f" under {group.title!r}" if group.title else ""
    return f"the {group.kind} of {len(group.records)}{name}"


def _real(matched: Matched) -> list[Record]:
    """Drop what only looks like a record: adverts and separators that lack most of the matched columns."""
    columns = list(matched.columns.values())
    records = list(matched.group.records)
    if len(columns) < 2:
        kept = [record for record in records if any(record.index in column.cells for column in columns)]
    else:
        kept = [
            record for record in records if sum(record.index in column.cells for column in columns) * 2 > len(columns)
        ]
    return kept or records


def _anchored(ranked: list[tuple[float, Matched]], request: ExtractionRequest) -> Choice | None:
    """Find the record that holds the named thing; the smallest that also answers the wants."""
    best: Choice | None = None
    for score, matched in ranked:
        for record in matched.group.records:
            near = nearness(request.anchor, record_text(record))
            if near < _ANCHORED:
                continue
            answered = sum(record.index in column.cells for column in matched.columns.values())
            if matched.columns and not answered:
                continue
            brevity = 0.25 * min(len(request.anchor) / max(len(record.text), 1) * 4, 1.0)
            titled = matched.columns.get("title") or next(iter(matched.columns.values()), None)
            cell = titled.cell(record.index) if titled is not None else None
            exact = 0.2 if cell is not None and nearness(request.anchor, cell.text) > 95 else 0.0
            total = score + (near - _ANCHORED) / 40 + brevity + exact
            if best is None or total > best.score:
                best = Choice(matched, (record,), total, f"the entry {record.text[:60]!r}", near)
    return best


def nearness(anchor: str, text: str) -> float:
    """Return in percent how surely a text holds the named thing."""
    folded, name = " ".join(text.lower().split()), " ".join(anchor.lower().split())
    if not name or not folded:
        return 0.0
    if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded):
        return 100.0
    wanted = set(stems(name))
    there = set(stems(folded[:4000]))
    share = len(wanted & there) / max(len(wanted), 1)
    if share == 1.0:
        return 92.0
    # "the Vredefort glasses": what kind of thing it is may not be said, its name must be
    names = {word for part in anchor.split() if part[:1].isupper() or re.search(r"\d|_", part) for word in stems(part)}
    if names and names <= there:
        return 84.0
    if any(re.search(r"\d", word) and word not in there for word in wanted):
        return 0.0  # an order's or a flat's number: one figure away is another one
    ratio = fuzz.partial_ratio(name, folded[:4000]) if len(name) > 4 and len(folded) >= len(name) else 0.0
    return max(ratio if ratio > 88 else 0.0, 70.0 * share if len(wanted) > 2 else 0.0)
