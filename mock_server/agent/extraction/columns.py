"""The columns of a record group.

Owns: aligning the cells of sibling records by structure and by name. Must not: know what was
asked (``fitting`` does).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final

from mock_server.agent.extraction.words import stem, stems
from mock_server.agent.observation import Cell, Record, RecordGroup

_INDEX: Final = re.compile(r"(?<!^td)(?<!^row)\[\d+\]")
_KINDS: Final = ("price", "rating", "date", "email", "phone")
_PAST: Final = frozenset({"was", "old", "original", "rrp", "msrp", "before", "regular", "strike", "strikethrough"})
"""Class words of the price that no longer holds."""
_MAX_SAMPLE: Final = 40


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
            base = _INDEX.sub("", name)
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
    out.extend(_of_kind(group, total))
    return out


def _of_kind(group: RecordGroup, total: int) -> Iterable[Column]:
    """Values of a recognizable kind, wherever in the record they stand; of two prices the one that holds."""
    for kind in _KINDS:
        cells: dict[int, list[Cell]] = {}
        for record in group.records:
            found = [cell for cell in record.cells if cell.kind == kind]
            if found:
                cells[record.index] = [next((cell for cell in found if not _PAST.intersection(cell.hints)), found[0])]
        if len({cell.path for found in cells.values() for cell in found}) > 1:
            yield _column(f"kind:{kind}", cells, 0, total)


def _keyed(group: RecordGroup, total: int) -> Iterable[Column]:
    """Fields that are named in the text (``Price: 5``, ``87 points``) but sit at varying places."""
    by_key: dict[str, dict[int, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    paths: dict[str, set[str]] = defaultdict(set)
    for record in group.records:
        for cell in record.cells:
            if cell.key and cell.kind != "image" and len(cell.key) <= 40:  # a name, not a sentence
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
    titles: list[str] = []
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


def record_text(record: Record) -> str:
    """Return a record's text with the full titles of what it shows cut short."""
    titles = " ".join(hint[6:] for cell in record.cells for hint in cell.hints if hint.startswith("title:"))
    return f"{record.text} {titles}"
