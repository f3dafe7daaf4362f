"""The columns of a record group, and how well each answers an asked field.

Owns: aligning the cells of sibling records by structure, and the score of a column for a
want. Must not: choose the group or convert values.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from mock_server.agent.extraction.request import Want
from mock_server.agent.extraction.values import number
from mock_server.agent.extraction.words import likeness, stem, stems
from mock_server.agent.observation import Cell, Record, RecordGroup
from mock_server.agent.records.kinds import DATE, PRICE

_INDEX: Final = re.compile(r"\[\d+\]")
_MAX_SAMPLE: Final = 40
NEEDED: Final = 0.34
"""A column below this does not answer the field."""


@dataclass(slots=True)
class Column:
    """One field of a group: its cells per record, and what they have in common."""

    path: str
    cells: dict[int, list[Cell]]
    order: int
    coverage: float
    key: str
    near: frozenset[str]
    """Stems of the class words nearest to the value."""
    far: frozenset[str]
    titles: str
    """A sample of title and aria-label texts."""
    kinds: Counter[str]
    length: float
    distinct: float
    size: float
    many: bool
    """Several cells per record: a list."""
    sample: tuple[str, ...]

    def share(self, *kinds: str) -> float:
        total = sum(self.kinds.values())
        return sum(self.kinds[kind] for kind in kinds) / total if total else 0.0

    def cell(self, index: int) -> Cell | None:
        found = self.cells.get(index)
        return found[0] if found else None


def columns_of(group: RecordGroup) -> list[Column]:
    """Return the group's columns in reading order of their first record."""
    exact: dict[str, dict[int, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    merged: dict[str, dict[int, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    order: dict[str, int] = {}
    for record in group.records:
        for place, cell in enumerate(record.cells):
            name = f"{cell.path}|{'i' if cell.kind == 'image' else ''}"
            exact[name][record.index].append(cell)
            base = _INDEX.sub("", name) if group.kind != "table" else name
            merged[base + "*"][record.index].append(cell)
            order.setdefault(name, place)
            order.setdefault(base + "*", place)
    total = len(group.records)
    out = [_column(name, cells, order[name], total) for name, cells in exact.items()]
    out.extend(
        _column(name, cells, order[name], total)
        for name, cells in merged.items()
        if any(len(found) > 1 for found in cells.values())
    )
    out.extend(_keyed(group, total))
    return out


def _keyed(group: RecordGroup, total: int) -> Iterable[Column]:
    """Fields that are named in the text (``Price: 5``, ``87 points``) but sit at varying places."""
    by_key: dict[str, dict[int, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    paths: dict[str, set[str]] = defaultdict(set)
    for record in group.records:
        for cell in record.cells:
            if cell.key and cell.kind != "image" and len(cell.key) <= 40:  # noqa: PLR2004 - a name, not a sentence
                key = " ".join(stems(cell.key))
                if not by_key[key][record.index]:
                    by_key[key][record.index].append(cell)
                    paths[key].add(cell.path)
    for key, cells in by_key.items():
        if len(paths[key]) > 1:
            yield _column(f"key:{key}", cells, 0, total)


def _column(name: str, cells: dict[int, list[Cell]], order: int, total: int) -> Column:
    flat = [cell for found in cells.values() for cell in found]
    sample = flat[:_MAX_SAMPLE]
    keys = Counter(cell.key for cell in sample if cell.key)
    key, times = keys.most_common(1)[0] if keys else ("", 0)
    near: Counter[str] = Counter()
    far: Counter[str] = Counter()
    titles = []
    for cell in sample:
        words = [hint for hint in cell.hints if ":" not in hint and hint != "machine"]
        titles.extend(hint[6:] for hint in cell.hints if hint.startswith("title:"))
        near.update({stem(word) for word in words[:3]})
        far.update({stem(word) for word in words[3:]})
    half = len(sample) / 2
    texts = [cell.text or cell.href or cell.src for cell in sample]
    return Column(
        path=name,
        cells=cells,
        order=order,
        coverage=len(cells) / max(total, 1),
        key=key if times >= half or name.startswith("key:") else "",
        near=frozenset(word for word, count in near.items() if count >= half),
        far=frozenset(word for word, count in far.items() if count >= half),
        titles=" ".join(titles[:3])[:200],
        kinds=Counter(cell.kind for cell in sample),
        length=median(len(text) for text in texts) if texts else 0.0,
        distinct=len(set(texts)) / max(len(texts), 1),
        size=max((cell.size for cell in sample), default=0.0),
        many=any(len(found) > 1 for found in cells.values()),
        sample=tuple(texts[:12]),
    )


def fit(wanted: Want, column: Column, group: RecordGroup) -> float:
    """Return how well a column answers a want, 0 to about 1.3."""
    named = _by_name(wanted, column)
    typed = _by_kind(wanted, column, group)
    score = max(named, typed) + 0.25 * min(named, typed)
    score *= _possible(wanted, column)
    if column.many and not wanted.is_list and not (wanted.concept and wanted.concept.kind == "list"):
        score *= 0.5
    if wanted.is_list:
        score *= 1.1 if column.many else 0.8
    return score * (0.35 + 0.65 * min(column.coverage * 1.15, 1.0))


def _by_name(wanted: Want, column: Column) -> float:
    best = likeness(wanted.phrase, column.key) if column.key else 0.0
    words = set(stems(wanted.phrase))
    if best < 1 and column.near:
        if words <= column.near:
            best = max(best, 0.9)
        elif words & column.near:
            best = max(best, 0.6 * len(words & column.near) / len(words) + 0.15)
        elif wanted.concept and wanted.concept.words & column.near:
            best = max(best, 0.62)
    if words and words <= column.far:
        best = max(best, 0.4)
    if column.titles and best < 0.8 and words & set(stems(column.titles)) and column.length < 30:  # noqa: PLR2004
        best = max(best, 0.75)
    if best < 0.8 and column.length < 40 and column.sample:  # noqa: PLR2004 - "3 beds": the value says what it counts
        said = sum(
            1 for text in column.sample if words & set(stems(text)) and any(character.isdigit() for character in text)
        )
        best = max(best, 0.7 * said / len(column.sample))
    return best


def _by_kind(wanted: Want, column: Column, group: RecordGroup) -> float:  # noqa: C901, PLR0911, PLR0912 - one branch per kind of field
    concept = wanted.concept
    if concept is None:
        return 0.0
    kind = concept.kind
    if kind == "title":
        return _title_fit(column)
    if kind == "price":
        share = max(
            column.share("price"),
            sum(bool(PRICE.search(text)) and len(text) < 40 for text in column.sample)
            / max(len(column.sample), 1)
            * 0.8,
        )
        return 0.8 * share
    if kind == "rating":
        return 0.85 * column.share("rating")
    if kind == "date":
        share = max(
            column.share("date"),
            0.7
            * sum(bool(DATE.search(text)) and len(text) < 60 for text in column.sample)
            / max(len(column.sample), 1),
        )
        return 0.75 * share
    if kind == "email":
        return 0.85 * column.share("email")
    if kind == "phone":
        return 0.8 * column.share("phone")
    if kind == "image":
        return 0.8 * column.share("image")
    if kind == "link":
        linked = sum(bool(cells and cells[0].href) for cells in column.cells.values()) / max(len(column.cells), 1)
        return linked * (0.3 + 0.5 * _title_fit(column))
    if kind == "person":
        return 0.0
    if kind == "list":
        return 0.5 if column.many and column.share("link", "text") > 0.8 and column.length < 30 else 0.0  # noqa: PLR2004
    if kind == "bool":
        return (
            0.5
            if sum(bool(re.search(r"stock|availab|sold", text, re.IGNORECASE)) for text in column.sample) * 2
            > len(column.sample)
            else 0.0
        )
    if kind == "text" and concept.name == "description":
        return 0.5 if column.share("text") > 0.7 and column.length > 40 else 0.0  # noqa: PLR2004
    del group
    return 0.0


def _title_fit(column: Column) -> float:
    if column.length < 2 or not column.sample:  # noqa: PLR2004
        return 0.0
    score = 0.0
    if column.share("heading") > 0.5:  # noqa: PLR2004
        score = 0.72
    elif column.share("link") > 0.5:  # noqa: PLR2004
        score = 0.5
    elif column.share("text") > 0.5:  # noqa: PLR2004
        score = 0.3
    elif column.share("image") > 0.5:  # noqa: PLR2004
        score = 0.2
    letters = sum(any(character.isalpha() for character in text) for text in column.sample) / len(column.sample)
    score *= letters
    score *= 0.4 + 0.6 * column.distinct
    score += 0.1 * min(column.length, 50) / 50 - (0.15 if column.length > 160 else 0)  # noqa: PLR2004
    score += 0.06 * max(0, 3 - column.order) / 3
    if column.key in ("by", "from", "posted by", "in"):
        score *= 0.4
    return score


def _possible(wanted: Want, column: Column) -> float:
    """Return how far the column's values can be of the asked type at all."""
    kind = wanted.concept.kind if wanted.concept else ""
    if wanted.type in ("integer", "number"):
        able = sum(number(text) is not None for text in column.sample) / max(len(column.sample), 1)
        if kind not in ("price", "date") and column.share("date") > 0.6:  # noqa: PLR2004
            able *= 0.3
        if kind not in ("price",) and column.share("price") > 0.6:  # noqa: PLR2004
            able *= 0.4
        return able if column.length < 80 else able * 0.3  # noqa: PLR2004
    if kind in ("price", "rating", "date", "number"):
        digits = sum(
            any(character.isdigit() for character in text) or "\u2605" in text or column.share("date", "rating") > 0.5
            for text in column.sample
        )
        share = digits / max(len(column.sample), 1)
        return 0.3 + 0.7 * share
    if kind in ("title", "person", "place", "list", "text"):
        numeric = column.share("number", "price", "rating")
        return 1.0 - 0.7 * numeric if not column.key else 1.0
    if kind == "image":
        return 1.0 if any(cells[0].src for cells in column.cells.values()) else 0.2
    return 1.0


@dataclass(slots=True)
class Matched:
    """A group with a column for each want that has one."""

    group: RecordGroup
    columns: dict[str, Column]
    scores: dict[str, float]
    all_columns: list[Column]
    others: dict[str, list[Column]]
    """Further columns that may hold a want's value in records where the best has none."""

    @property
    def mean(self) -> float:
        return sum(self.scores.values()) / max(len(self.scores), 1)


def match(wants: Sequence[Want], group: RecordGroup) -> Matched:
    """Give each want its best column; no column answers two wants, but a link and its text may."""
    columns = columns_of(group)
    ranked = sorted(
        (
            (fit(wanted, column, group), -number_, wanted.name, column)
            for number_, wanted in enumerate(wants)
            for column in columns
        ),
        key=lambda entry: (-entry[0], -entry[1], entry[3].order),
    )
    by_name = {wanted.name: wanted for wanted in wants}
    chosen: dict[str, Column] = {}
    scores = dict.fromkeys(by_name, 0.0)
    used: set[tuple[str, str]] = set()
    for score, _, name, column in ranked:
        if score < NEEDED:
            break
        concept = by_name[name].concept
        face = "link" if concept is not None and concept.kind in ("link", "image") else "text"
        if name in chosen or (column.path.rstrip("*"), face) in used or _same_values(column, chosen, by_name, face):
            continue
        chosen[name] = column
        scores[name] = score
        used.add((column.path.rstrip("*"), face))
    _name_by_title(wants, chosen, scores, columns, group)
    taken = {column.path.rstrip("*") for column in chosen.values()}
    others = {
        name: [
            other
            for score, _, wanted, other in ranked
            if wanted == name and score >= max(NEEDED, 0.6 * scores[name]) and other.path.rstrip("*") not in taken
        ][:3]
        for name in chosen
    }
    return Matched(group, chosen, scores, columns, others)


def _name_by_title(
    wants: Sequence[Want],
    chosen: dict[str, Column],
    scores: dict[str, float],
    columns: list[Column],
    group: RecordGroup,
) -> None:
    """What is asked first and has no label of its own is what entries are headed by: an address, a quote."""
    if not wants or wants[0].name in chosen or wants[0].is_list or wants[0].type not in ("", "string"):
        return
    first = wants[0]
    if first.concept is not None and first.concept.kind not in ("place", "title", "text"):
        return
    if any(wanted.concept is not None and wanted.concept.kind == "title" for wanted in wants[1:]):
        return
    used = {column.path.rstrip("*") for column in chosen.values()}
    free = [column for column in columns if column.path.rstrip("*") not in used and not column.many]
    best = max(free, key=lambda column: (_title_fit(column) * column.coverage, -column.order), default=None)
    if best is not None and _title_fit(best) * best.coverage >= 0.4:  # noqa: PLR2004
        chosen[first.name] = best
        scores[first.name] = 0.4
    del group


def _same_values(column: Column, chosen: dict[str, Column], wants: dict[str, Want], face: str) -> bool:
    """A value that is shown twice (a heading and the link in it) answers one want only."""
    for name, other in chosen.items():
        concept = wants[name].concept
        other_face = "link" if concept is not None and concept.kind in ("link", "image") else "text"
        if face == other_face == "text" and column.sample and column.sample == other.sample:
            return True
    return False


def record_text(record: Record) -> str:
    titles = " ".join(hint[6:] for cell in record.cells for hint in cell.hints if hint.startswith("title:"))
    return f"{record.text} {titles}"
