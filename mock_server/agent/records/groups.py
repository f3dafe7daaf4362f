"""The record groups of a page: tables and other repeated structures, named and placed.

Owns: putting what ``tables`` and ``repeats`` find into observation form. Must not: rank
groups for a question (``extraction`` does).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from mock_server.agent.observation import Box, Cell, Record, RecordGroup
from mock_server.agent.records import repeats
from mock_server.agent.records.cells import cells_of
from mock_server.agent.records.nodes import Node
from mock_server.agent.records.tables import (
    MAX_ROWS,
    by_columns,
    grid_of,
    header_of,
    is_footer,
    is_layout,
    is_title,
    rows_of,
    table_cells,
)

Group = list[tuple[Node, ...]]
"""Records, each made of one or more sibling nodes."""

MAX_GROUPS: Final = 80
_CELL_BUDGET: Final = 40_000
_MOST_OF: Final = 0.6
"""A part that this share of a group's records has is told as a column of it."""
_A_LIST: Final = 5
_MAX_RECORD: Final = 2000
_MAX_TITLE: Final = 160
_MAX_LABEL: Final = 40


class _Outline:
    """Knows which heading stands above a node."""

    def __init__(self, order: Sequence[Node]) -> None:
        self._order: dict[int, int] = {}
        self._headings: list[tuple[int, Node]] = []
        for number, node in enumerate(order):
            self._order[id(node)] = number
            if node.is_heading and node.length:
                self._headings.append((number, node))

    def place(self, node: Node) -> int:
        return self._order.get(id(node), 0)

    def above(self, node: Node, own: frozenset[int] = frozenset()) -> str:
        """Return the heading above a node; those of ``own`` (by ``id()``) head only a part of what it is one of."""
        place = self.place(node)
        title = ""
        for number, heading in self._headings:
            if number >= place:
                break
            if id(heading) in own:
                continue
            # a heading of the main column does not head what stands in the side column after it
            if heading.region == node.region or heading.level == 1:
                title = heading.text
        return title[:_MAX_TITLE]


def groups_of(order: Sequence[Node], page_area: float) -> tuple[tuple[RecordGroup, ...], dict[int, tuple[str, Record]]]:
    """Return the groups in reading order, and for each part of a record its group's key and the record.

    The second value is keyed by ``id()`` of the node; where groups nest the innermost wins.
    """
    repeats.sign(order)
    outline = _Outline(order)
    found: list[tuple[int, RecordGroup, Group]] = []
    tables: set[int] = set()
    for node in order:
        if node.tag == "table" or node.role in ("table", "grid", "treegrid"):
            for group, parts in _table(node, outline, page_area):
                tables.add(id(node))
                found.append((outline.place(node), group, parts))
    candidates = _distinct([parts for parts in repeats.find(order[0], tables) if _worth(parts)])
    budget = _CELL_BUDGET
    for parts in candidates[:MAX_GROUPS]:
        group = _repeated(parts, outline, page_area)
        budget -= sum(len(record.cells) for record in group.records)
        found.append((outline.place(parts[0][0]), group, parts))
        if budget < 0:
            break
    found.sort(key=lambda entry: entry[0])
    owners: dict[int, tuple[str, Record]] = {}
    for number, (_, group, parts) in enumerate(found):
        for record, nodes in zip(group.records, parts, strict=True):
            for node in nodes:
                owners[id(node)] = (f"{group.key}#{number}", record)
    return tuple(group for _, group, _ in found), owners


def _distinct(candidates: list[Group]) -> list[Group]:
    """Drop groups that are part of a larger one or say nothing that one does not; most text first."""
    candidates.sort(key=lambda parts: (-sum(node.length for record in parts for node in record), -len(parts)))
    owner: dict[int, tuple[int, int]] = {}
    kept: list[Group] = []
    for parts in candidates:
        if _is_told(parts, kept, owner):
            continue
        for number, record in enumerate(parts):
            for node in record:
                owner.setdefault(id(node), (len(kept), number))
        kept.append(parts)
    return kept


def _is_told(parts: Group, kept: list[Group], owner: dict[int, tuple[int, int]]) -> bool:
    """Return True if a group kept already tells these records: as its own, a column of them, or within one."""
    places = [place for record in parts if (place := _owner_of(record[0], owner))]
    if len(places) < len(parts) or len({place[0] for place in places}) > 1:
        return False
    group, records = kept[places[0][0]], {place[1] for place in places}
    short = sorted(sum(node.length for node in record) for record in group)[len(group) // 2] <= _MAX_RECORD
    if len(records) == 1:
        return short and len(group) >= _A_LIST
    if len(records) < len(places):
        return False
    return all(id(record[0]) in owner for record in parts) or (short and len(records) >= _MOST_OF * len(group))


def _owner_of(node: Node, owner: dict[int, tuple[int, int]]) -> tuple[int, int] | None:
    return next((owner[id(above)] for above in (node, *node.ancestors()) if id(above) in owner), None)


def _worth(parts: Sequence[tuple[Node, ...]]) -> bool:
    texts = {record[0].text[:60] for record in parts}
    if len(texts) > 1:
        return True
    return any(node.tag == "img" for record in parts for part in record for node in part.walk())


def _table(table: Node, outline: _Outline, page_area: float) -> Iterator[tuple[RecordGroup, Group]]:
    """Read a table with column names by its rows; if its rows are named too, by its columns as well."""
    rows = [row for row in rows_of(table) if row.length or any(True for _ in row.nodes())]
    if is_layout(table, rows):
        return
    skip, header = header_of(rows)
    below = rows[skip : skip + MAX_ROWS]
    lines = {
        id(row): line
        for row, line in zip(below, grid_of(below), strict=True)
        if not is_title(row, len(header)) and row.length and not is_footer(row)
    }
    body = [row for row in below if len(lines.get(id(row), ())) > 1]
    heads = _heads_within(below, len(header))
    if not any(header) or not body:
        return
    caption = next((node.text for node in table.nodes() if node.tag == "caption"), "") or table.label
    group = RecordGroup(
        key=_key(table, body[0]),
        kind="table",
        records=tuple(_row(row, lines[id(row)], header, number, heads) for number, row in enumerate(body)),
        header=header,
        title=(caption or outline.above(table))[:_MAX_TITLE],
        region=table.region,
        area=_share(table.box, page_area),
    )
    yield group, [(row,) for row in body]
    turned = by_columns(rows[skip - 1], body) if not header[0] else None
    if turned is not None:
        names, columns = turned
        records = tuple(_record(cells, (head,), number) for number, (head, cells) in enumerate(columns))
        yield replace(group, records=records, header=names), [(head,) for head, _ in columns]


def _heads_within(rows: Sequence[Node], width: int) -> dict[int, str]:
    """Return for each row (by ``id()``) the text of the row that heads a part of the table above it."""
    out: dict[int, str] = {}
    head = ""
    for row in rows:
        if is_title(row, width):
            head = row.text[:_MAX_TITLE]
        out[id(row)] = head
    return out


def _row(row: Node, line: list[Node], header: tuple[str, ...], number: int, heads: dict[int, str]) -> Record:
    made = replace(_record(table_cells(line, header), (row,), number), section=heads[id(row)])
    if all(cell.parent is row for cell in line):
        return made
    return replace(made, text=" ".join(cell.text for cell in dict.fromkeys(line))[:6000])


def _repeated(parts: Group, outline: _Outline, page_area: float) -> RecordGroup:
    first = parts[0][0]
    own = frozenset(id(node) for record in parts for part in record for node in part.walk() if node.is_heading)
    records = tuple(
        replace(_record(cells_of(record), record, number), section=outline.above(record[0], own))
        for number, record in enumerate(parts)
    )
    parent = first.parent or first
    boxes = [record.box for record in records if record.box.width]
    side_by_side = len(boxes) > 1 and abs(boxes[0].y - boxes[1].y) < boxes[0].height / 2
    return RecordGroup(
        key=_key(parent, first),
        kind="grid" if side_by_side else "list",
        records=records,
        title=parent.label or _legend(parent) or outline.above(first, own),
        region=first.region,
        area=_share(_around(boxes), page_area),
    )


def _legend(parent: Node) -> str:
    """Return the words that stand before a list as its label: a legend, or a short text that ends in a colon."""
    for child in parent.nodes():
        if child.tag == "legend":
            return child.text[:_MAX_TITLE]
    above = parent.parent
    if above is None:
        return ""
    before: Node | None = None
    for child in above.nodes():
        if child is parent:
            break
        before = child if child.length else before
    labelled = (
        before is not None and before.length <= _MAX_LABEL and (before.text.endswith(":") or before.tag == "label")
    )
    return before.text.rstrip(": ") if before is not None and labelled else ""


def _record(cells: tuple[Cell, ...], parts: tuple[Node, ...], number: int) -> Record:
    idents = tuple(node.ident for part in parts for node in part.walk() if node.control)
    text = " ".join(part.text for part in parts)
    if parts[0].tag == "th":  # a column read as a record: its head alone does not say all of it
        text = " ".join(cell.text for cell in cells)
    return Record(cells, text[:6000], idents[:60], _around([part.box for part in parts]), number)


def _key(parent: Node, child: Node) -> str:
    ident = parent.attrs.get("id", "")
    return f"{parent.sig}{'#' + ident if ident else ''}>{child.sig}"


def _around(boxes: Sequence[Box]) -> Box:
    real = [box for box in boxes if box.width]
    if not real:
        return Box(0, 0, 0, 0)
    x, y = min(box.x for box in real), min(box.y for box in real)
    right, bottom = max(box.x + box.width for box in real), max(box.y + box.height for box in real)
    return Box(x, y, right - x, bottom - y)


def _share(box: Box, page_area: float) -> float:
    return min(box.width * box.height / page_area, 1.0) if page_area else 0.0
