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
_HEADER_ROWS: Final = 4
_MAX_SPAN: Final = 50
_ROWS: Final = frozenset({"tr"})
_CELLS: Final = frozenset({"td", "th"})
_BADGES: Final = frozenset({"badge", "pill", "chip", "ribbon", "sticker"})
"""Class words of a remark on a cell that is no part of its value."""
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
    return [cell for cell in cells_in(row) for _ in range(_span(cell, "colspan"))]


def _span(cell: Node, name: str) -> int:
    given = cell.attrs.get(name, "1")
    return min(max(int(given) if given.isdigit() else 1, 1), _MAX_SPAN)


def grid_of(rows: Sequence[Node]) -> list[list[Node]]:
    """Return the rows' cells by column: those that span columns or rows stand in every place they cover."""
    out: list[list[Node]] = []
    hanging: dict[int, tuple[Node, int]] = {}
    for row in rows:
        line: list[Node] = []
        own = iter(cells_in(row))
        cell = next(own, None)
        while cell is not None or len(line) in hanging:
            if len(line) in hanging:
                above, left = hanging.pop(len(line))
                if left > 1:
                    hanging[len(line)] = (above, left - 1)
                line.append(above)
                continue
            assert cell is not None  # the loop's condition
            for _ in range(_span(cell, "colspan")):
                if (down := _span(cell, "rowspan")) > 1:
                    hanging[len(line)] = (cell, down - 1)
                line.append(cell)
            cell = next(own, None)
        out.append(line)
    return out


def is_footer(row: Node) -> bool:
    """Return True for a row that sums up or explains the others."""
    return row.parent is not None and row.parent.tag == "tfoot"


def is_title(row: Node, width: int) -> bool:
    """Return True for a row inside the body that heads the rows below it: one cell over all columns."""
    cells = cells_in(row)
    return len(cells) == 1 and width > 1


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
            last = number
            while last + 1 < min(len(rows) - 1, number + _HEADER_ROWS) and _goes_on(rows[last + 1]):
                last += 1
            return last + 1, _names(grid_of(rows[number : last + 1]))
    if len(rows) >= 3:  # a styled header needs rows to differ from
        first = cells_in(rows[0])
        below = [cell for row in rows[1:4] for cell in cells_in(row)]
        strong = first and all(_is_strong(cell) and 0 < cell.length <= _MAX_HEADER for cell in first)
        if strong and len(first) > 1 and not all(_is_strong(cell) for cell in below):
            return 1, tuple(cell.text for cell in spread(rows[0]))
    return 0, ()


def _goes_on(row: Node) -> bool:
    """Return True for a further row of a header that has several."""
    return row.parent is not None and row.parent.tag == "thead" and bool(cells_in(row))


def _names(grid: list[list[Node]]) -> tuple[str, ...]:
    """Return each column's name, from a header of several rows the lowest; the same ones told apart by those above."""
    width = max(len(line) for line in grid)
    stacks = [[line[column] for line in grid if column < len(line)] for column in range(width)]
    lowest = [next((cell.text for cell in reversed(stack) if cell.text), "") for stack in stacks]
    full = [" ".join(dict.fromkeys(cell.text for cell in stack if cell.text)) for stack in stacks]
    names = [whole if lowest.count(own) > 1 else own for own, whole in zip(lowest, full, strict=True)]
    return tuple(name[:_MAX_HEADER] for name in names)


def _is_strong(cell: Node) -> bool:
    if cell.bold:
        return True
    inner = [child for child in cell.children if not isinstance(child, str) or child.strip()]
    return len(inner) == 1 and isinstance(inner[0], Node) and inner[0].bold


def table_cells(line: Sequence[Node], header: tuple[str, ...]) -> tuple[Cell, ...]:
    """Return the cells of one line of a grid, each under its column's name, and the finer ones inside them unnamed."""
    out: list[Cell] = []
    for column, node in enumerate(line):
        key = header[column] if column < len(header) else ""
        path = f"td[{column}]"
        inner = cells_of([node])
        text = _own_text(node)
        href = next((below.attrs["href"] for below in node.walk() if below.tag == "a" and below.attrs.get("href")), "")
        image = next((cell for cell in inner if cell.kind == "image"), None)
        machine = next((cell.value for cell in inner if cell.value), "")
        kind = kind_of(text)
        rating = next((cell for cell in inner if cell.kind == "rating"), None)
        if image and image.text and kind in ("rating", "number"):
            kind, text = "text", image.text  # a logo with figures beside it: the logo says who it is
        elif not text and rating:
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


def _own_text(node: Node) -> str:
    """Return a cell's text without the badge that is stuck on it (*Inner* **Most wanted**)."""
    badges = [child for child in node.nodes() if child.length and _BADGES.intersection(child.words())]
    if not badges or all(child in badges for child in node.children if not isinstance(child, str) or child.strip()):
        return node.text
    rest = (child if isinstance(child, str) else child.text for child in node.children if child not in badges)
    return " ".join(" ".join(rest).split()) or node.text


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
        named = Cell(
            _own_text(top)[:_MAX_HEADER], "name", "heading", path="name", hints=top.words(), element_id=top.ident
        )
        told = [
            Cell(row[column].text[:4000], first.text[:_MAX_HEADER], kind_of(row[column].text), path=f"row[{number}]")
            for number, (first, row) in enumerate(rows)
            if column < len(row)
        ]
        columns.append((top, (named, *told)))
    return ("name", *(first.text[:_MAX_HEADER] for first, _ in rows)), columns
