"""Tables that were written as tables: rows, columns, headers.

Owns: reading a table element into records with named cells, or into facts when it is a
list of names and values. Must not: guess at tables used for layout (``repeats`` may).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from mock_server.agent.observation import Cell
from mock_server.agent.records.cells import cells_of
from mock_server.agent.records.kinds import kind_of
from mock_server.agent.records.nodes import Node

MAX_ROWS: Final = 2000
_MAX_HEADER: Final = 80
_ROWS: Final = frozenset({"tr"})
_CELLS: Final = frozenset({"td", "th"})
_CELL_ROLES: Final = frozenset({"cell", "gridcell", "columnheader", "rowheader"})


def rows_of(table: Node) -> Iterator[Node]:
    """Yield the table's own rows, not those of tables inside it."""
    stack = list(table.nodes())[::-1]
    while stack:
        node = stack.pop()
        if node.tag in _ROWS or node.role == "row":
            yield node
        elif node.tag != "table":
            stack.extend(list(node.nodes())[::-1])


def cells_in(row: Node) -> list[Node]:
    """Return a row's cells, headers among them."""
    return [node for node in row.nodes() if node.tag in _CELLS or node.role in _CELL_ROLES]


def spread(row: Node) -> list[Node]:
    """Return the row's cells with those that span several columns repeated."""
    out: list[Node] = []
    for cell in cells_in(row):
        span = cell.attrs.get("colspan", "1")
        out.extend([cell] * min(max(int(span) if span.isdigit() else 1, 1), 50))
    return out


def is_header(row: Node) -> bool:
    """Return True for a row of column names."""
    cells = cells_in(row)
    if len(cells) < 2:  # one cell over all columns is a title
        return False
    if row.parent is not None and row.parent.tag == "thead":
        return True
    return all(cell.tag == "th" or cell.role == "columnheader" for cell in cells)


def header_of(rows: list[Node]) -> tuple[int, tuple[str, ...]]:
    """Return how many leading rows are header or title, and the column names (empty if there are none)."""
    for number, row in enumerate(rows[:4]):
        if is_header(row):
            return number + 1, tuple(cell.text[:_MAX_HEADER] for cell in spread(row))
    if len(rows) >= 3:  # a styled header needs rows to differ from
        first = cells_in(rows[0])
        below = [cell for row in rows[1:4] for cell in cells_in(row)]
        strong = first and all(_is_strong(cell) and 0 < cell.length <= _MAX_HEADER for cell in first)
        if strong and len(first) > 1 and not all(_is_strong(cell) for cell in below):
            return 1, tuple(cell.text for cell in spread(rows[0]))
    return 0, ()


def _is_strong(cell: Node) -> bool:
    if cell.bold:
        return True
    inner = [child for child in cell.children if not isinstance(child, str) or child.strip()]
    return len(inner) == 1 and isinstance(inner[0], Node) and inner[0].bold


def table_cells(row: Node, header: tuple[str, ...]) -> tuple[Cell, ...]:
    """Return a row's cells, each under its column's name, and the finer ones inside them unnamed."""
    out: list[Cell] = []
    for column, node in enumerate(spread(row)):
        key = header[column] if column < len(header) else ""
        path = f"td[{column}]"
        inner = cells_of([node])
        text = node.text
        href = next((below.attrs["href"] for below in node.walk() if below.tag == "a" and below.attrs.get("href")), "")
        image = next((cell for cell in inner if cell.kind == "image"), None)
        machine = next((cell.value for cell in inner if cell.value), "")
        kind = kind_of(text)
        rating = next((cell for cell in inner if cell.kind == "rating"), None)
        if not text and rating:
            text, kind = rating.text, "rating"
        elif not text and image:
            kind, text = "image", image.text
        out.append(
            Cell(
                text[:4000],
                key,
                "link" if kind == "text" and href else kind,
                href=href,
                src=image.src if image else "",
                path=path,
                hints=node.words(),
                element_id=node.ident,
                size=node.size,
                value=machine,
            )
        )
        if len(inner) > 1:
            out.extend(replace(cell, path=f"{path}/{cell.path}") for cell in inner)
    return tuple(out)


def is_layout(table: Node, rows: list[Node]) -> bool:
    """Return True for a table that only places things: nested tables or nearly everything in one cell."""
    if any(node.tag == "table" for node in table.walk() if node is not table):
        return True
    if not rows or all(len(cells_in(row)) < 2 for row in rows):
        return True
    largest = max((cell.length for row in rows for cell in cells_in(row)), default=0)
    return len(rows) <= 2 and largest > 600 and largest > 0.7 * max(table.length, 1)


def by_columns(head: Node, body: Sequence[Node]) -> tuple[tuple[str, ...], list[tuple[Node, tuple[Cell, ...]]]] | None:
    """Read a table that compares things side by side: its columns are the records, its rows their fields.

    Returns the names of the fields and, for each column, its head and cells; None if the rows have no names.
    """
    heads = spread(head)
    rows = [(cells[0], spread(row)) for row in body if (cells := cells_in(row))]
    if len(rows) < 2 or not all(first.tag == "th" or _is_strong(first) for first, _ in rows):
        return None
    columns: list[tuple[Node, tuple[Cell, ...]]] = []
    for column, top in enumerate(heads[1:], start=1):
        named = Cell(top.text[:_MAX_HEADER], "name", "heading", path="name", hints=top.words(), element_id=top.ident)
        told = [
            Cell(row[column].text[:4000], first.text[:_MAX_HEADER], kind_of(row[column].text), path=f"row[{number}]")
            for number, (first, row) in enumerate(rows)
            if column < len(row)
        ]
        columns.append((top, (named, *told)))
    return ("name", *(first.text[:_MAX_HEADER] for first, _ in rows)), columns
