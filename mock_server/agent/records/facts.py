"""Named single values: definition lists, name-value rows, ``Label: value``, meta tags, fields.

Owns: collecting every value the page puts a name to. Must not: choose between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from mock_server.agent.observation import Fact
from mock_server.agent.records.lines import Run, runs_of
from mock_server.agent.records.nodes import Node
from mock_server.agent.records.tables import cells_in, header_of, is_footer, rows_of, spread

MAX_FACTS: Final = 1500
_LABELLED: Final = re.compile(r"^([^\W\d_][^:\n]{0,50}?)\s*:\s*(\S.*)$", re.DOTALL)
_MAX_LABEL_WORDS: Final = 6
_MEASURE: Final = re.compile(
    r"[+\u2212-]?[$\u20ac\u00a3]?\s?\d[\d.,]*(?:\s?/\s?\d[\d.,]*)?\s?(?:%|\u00b0?[A-Za-z]{1,6}(?:/[A-Za-z]{1,4})?)?"
)
_FIGURE: Final = re.compile(r"[(]?[+\u2212-]?[$\u20ac\u00a3]?\d[\d.,]*\s?(?:[kKmM%]|[a-z]{1,3})?[)]?")
_WORDS: Final = re.compile(r"[^\W\d_][^\d:]{1,40}:?")
_MAX_VALUE: Final = 600
_MAX_LABEL: Final = 60


def facts_of(order: Sequence[Node], title: str, meta: Iterable[tuple[str, str]]) -> tuple[Fact, ...]:
    """Return the page's named values in reading order, title and headings first, meta last."""
    facts: list[Fact] = [Fact("title", title, "title")] if title else []
    facts.extend(
        Fact(f"h{node.level}", node.text[:_MAX_VALUE], "heading", _href(node))
        for node in order
        if node.is_heading and node.length
    )
    facts.extend(_from_nodes(order))
    facts.extend(_from_runs(order[0]))
    facts.extend(_from_fields(order))
    facts.extend(Fact(name, value, "meta") for name, value in meta if value)
    seen: set[tuple[str, str, str]] = set()
    out = []
    for fact in facts:
        mark = (fact.name.lower(), fact.value, fact.source)
        if fact.value and mark not in seen:
            seen.add(mark)
            out.append(fact)
    return tuple(out[:MAX_FACTS])


def _href(node: Node) -> str:
    return next((below.attrs["href"] for below in node.walk() if below.tag == "a" and below.attrs.get("href")), "")


def _label(text: str) -> str:
    return text.strip().strip("\u2022\u00b7\u2013-").rstrip(":").strip()


def _from_nodes(order: Iterable[Node]) -> Iterator[Fact]:
    for node in order:
        if node.tag == "dl":
            yield from _definitions(node)
        elif node.tag == "table" or node.role in ("table", "grid"):
            yield from _named_rows(node)
        elif node.attrs.get("itemprop") and node.length and node.length <= _MAX_VALUE:
            yield Fact(node.attrs["itemprop"].split()[0], node.text, "microdata", _href(node))
        else:
            yield from _rows_of_two(node)
            yield from _tiles(node)
            yield from _beside(node)
            yield from _pairs(node)


def _definitions(node: Node) -> Iterator[Fact]:
    name = ""
    for child in node.walk():
        if child.tag == "dt":
            name = _label(child.text)
        elif child.tag == "dd" and name:
            yield Fact(name, child.text[:_MAX_VALUE], "dl", _href(child))


def _named_rows(table: Node) -> Iterator[Fact]:
    rows = list(rows_of(table))
    yield from _under_heads(rows)
    pairs = [cells for cells in map(cells_in, rows) if len(cells) == 2]  # a name and its value
    # a list of names and values has short, differing names; a table of two columns has a header instead
    named = [cells for cells in pairs if cells[0].tag == "th" or cells[0].text.endswith(":") or cells[0].bold]
    plain = len(pairs) == len(rows) and all(0 < cells[0].length <= _MAX_LABEL for cells in pairs)
    for cells in pairs if plain else named:
        name, value = _label(cells[0].text), cells[1].text
        if name and value and len(name) <= _MAX_LABEL and not all(cell.tag == "th" for cell in cells):
            yield Fact(name, value[:_MAX_VALUE], "table", _href(cells[1]))
    for row in rows:
        yield from _named_along(cells_in(row))
    yield from _sums(rows)


def _sums(rows: list[Node]) -> Iterator[Fact]:
    """What a table's footer says of each column: "Total Farms"."""
    _, header = header_of(rows)
    for row in rows:
        line = spread(row) if is_footer(row) else []
        if len(line) < 2 or not line[0].length or line[0].length > _MAX_LABEL:
            continue
        for name, cell in zip(header, line, strict=False):
            if cell is not line[0] and cell.text and name:
                yield Fact(f"{_label(line[0].text)} {name}", cell.text[:_MAX_VALUE], "table")


def _under_heads(rows: list[Node]) -> Iterator[Fact]:
    """Rows below a heading of their own: "Population" over "Total" and "Density"."""
    head = ""
    for row in rows:
        cells = cells_in(row)
        if len(cells) == 1:
            head = cells[0].text if cells[0].tag == "th" and cells[0].length <= _MAX_LABEL else ""
        elif len(cells) == 2 and head and cells[0].length <= _MAX_LABEL and cells[1].text:  # a name and its value
            yield Fact(f"{head} {_label(cells[0].text)}", cells[1].text[:_MAX_VALUE], "table", _href(cells[1]))


def _named_along(cells: list[Node]) -> Iterator[Fact]:
    """A row that holds several names, each before its value: th td th td."""
    if len(cells) <= 2 or len(cells) % 2:  # more than one pair
        return
    labels, values = cells[::2], cells[1::2]
    marked = [cell.tag == "th" or cell.text.endswith(":") for cell in cells]
    if all(marked[::2]) and not any(marked[1::2]):
        for left, right in zip(labels, values, strict=True):
            if left.text and right.text:
                yield Fact(_label(left.text), right.text[:_MAX_VALUE], "table", _href(right))


def _rows_of_two(node: Node) -> Iterator[Fact]:
    """Rows of a name and a value each, without any markup that says so: the specification of a product."""
    rows = [child for child in node.nodes() if child.length]
    if len(rows) < 3 or len({row.sig for row in rows}) > 1:
        return
    pairs = [[part for part in row.nodes() if part.length] for row in rows]
    if any(len(pair) != 2 or pair[0].length > _MAX_LABEL // 2 or pair[0].length < 2 for pair in pairs):
        return
    names = [pair[0].text for pair in pairs]
    if len(set(names)) < len(names) or any(name[:1].isdigit() for name in names) or any(_href(row) for row in rows):
        return
    if any(part.is_heading or any(True for _ in part.nodes()) for pair in pairs for part in pair[:1]):
        return
    for first, second in pairs:
        yield Fact(_label(first.text), second.text[:_MAX_VALUE], "text")


def _tiles(node: Node) -> Iterator[Fact]:
    """The figures of a dashboard: tiles of a few words and a measure below or above them, perhaps a remark."""
    tiles = [child for child in node.nodes() if child.length]
    if len(tiles) < 2 or len({tile.sig for tile in tiles}) > 1:
        return
    found: list[Fact] = []
    for tile in tiles:
        parts = [part.text for part in tile.nodes() if part.length]
        if not 2 <= len(parts) <= 4 or tile.length > _MAX_VALUE // 4 or _href(tile):
            return
        first, second = parts[0], parts[1]
        if len(first) <= _MAX_LABEL and _WORDS.fullmatch(first) and _MEASURE.fullmatch(second):
            found.append(Fact(_label(first), second, "text"))
        elif len(second) <= _MAX_LABEL and _MEASURE.fullmatch(first) and _WORDS.fullmatch(second):
            found.append(Fact(_label(second), first, "text"))
    if len(found) >= 2 and len({fact.name for fact in found}) == len(found) and 2 * len(found) >= len(tiles):
        yield from found


def _beside(node: Node) -> Iterator[Fact]:
    """A few words and a number set apart beside them: ``Weekly downloads <b>48,211</b>``."""
    if node.length > _MAX_LABEL or not 2 <= len(node.children) <= 4:
        return
    parts = [child for child in node.children if (child.strip() if isinstance(child, str) else child.length)]
    if len(parts) != 2:
        return
    first, second = (part.strip() if isinstance(part, str) else part.text for part in parts)
    if isinstance(parts[0], str) == isinstance(parts[1], str):
        return
    if _FIGURE.fullmatch(second) and _WORDS.fullmatch(first):
        yield Fact(_label(first), second, "text", _href(node))
    elif _FIGURE.fullmatch(first) and _WORDS.fullmatch(second):
        yield Fact(_label(second), first, "text", _href(node))


def _pairs(node: Node) -> Iterator[Fact]:
    """Two siblings, the first short and set apart (bold, a label class, a small heading), the second its value."""
    parts = [child for child in node.children if (child.strip() if isinstance(child, str) else child.length)]
    children = [part for part in parts if isinstance(part, Node)]
    if not 2 <= len(children) <= 40:
        return
    for first, second in pairwise(parts):
        if isinstance(first, str) or isinstance(second, str):
            continue
        if first.length > _MAX_LABEL or second.length > _MAX_VALUE or second.is_heading or second.text.endswith(":"):
            continue
        words = first.words()
        marked = ("label" in words or "key" in words or "term" in words or "name" in words) and not {
            "value",
            "label",
        } <= set(words)
        alone = len(children) == 2 and (first.bold or first.is_heading) and not second.bold
        alone = alone or (
            len(children) == 2 and bool({"title", "heading"} & set(words)) and second.length > first.length
        )
        headed = first.is_heading and first.level >= 3 and not second.is_heading
        if first.text.endswith(":") or (marked and second.words() != words) or alone or headed:
            label = _label(first.text)
            if label and len(label.split()) <= _MAX_LABEL_WORDS and second.text != label:
                yield Fact(label, second.text, "text", _href(second))


def _from_runs(root: Node) -> Iterator[Fact]:
    previous: Run | None = None
    for run in runs_of(root):
        text = run.text
        if previous is not None and previous.text.endswith(":") and len(previous.text) <= _MAX_LABEL and text:
            yield Fact(_label(previous.text), text[:_MAX_VALUE], "text", _first_href(run))
        previous = run if text else previous
        yield from _labelled(run, text)


def _labelled(run: Run, text: str) -> Iterator[Fact]:
    """``Label: value``, several in one line when they are set apart by bars or bold labels."""
    if ":" not in text:
        return
    inner = _bold_labels(run)
    if inner:
        yield from inner
        return
    for piece in re.split(r"\s+[|•·]\s+", text) if len(text) <= 4 * _MAX_VALUE else (text[:_MAX_VALUE],):
        match = _LABELLED.match(piece.strip())
        if match and len(match.group(1).split()) <= _MAX_LABEL_WORDS and "://" not in piece[: len(match.group(1)) + 3]:
            yield Fact(match.group(1).strip(), match.group(2)[:_MAX_VALUE], "text", _first_href(run))


def _bold_labels(run: Run) -> list[Fact]:
    parts = run.parts
    while len(parts) == 1 and isinstance(parts[0], Node):
        parts = parts[0].children
    facts: list[Fact] = []
    label, value, href = "", "", ""
    for part in parts:
        text = part if isinstance(part, str) else part.text
        if (
            isinstance(part, Node)
            and part.tag in ("b", "strong", "span", "em", "label", "dt", "i")
            and text.strip().endswith(":")
        ):
            if label and value.strip():
                facts.append(Fact(label, " ".join(value.split()), "text", href))
            label, value, href = _label(text), "", ""
        elif label:
            value += text
            href = href or (_href(part) if isinstance(part, Node) else "")
    if label and value.strip():
        facts.append(Fact(label, " ".join(value.split()).lstrip(": "), "text", href))
    return facts


def _first_href(run: Run) -> str:
    return next((found for part in run.parts if isinstance(part, Node) and (found := _href(part))), "")


def _from_fields(order: Iterable[Node]) -> Iterator[Fact]:
    for node in order:
        control = node.control
        if (
            control
            and control.get("value")
            and control["name"]
            and control.get("type") not in ("submit", "button", "reset", "password")
        ):
            yield Fact(control["name"], control["value"], "field")


def flatten(value: Any, source: str, limit: int = 400) -> tuple[Fact, ...]:
    """Return the scalars of a nested value as facts named by their path."""
    out: list[Fact] = []
    stack: list[tuple[str, Any]] = [("", value)]
    while stack and len(out) < limit:
        name, current = stack.pop()
        if isinstance(current, dict):
            stack.extend((f"{name} {key}".strip(), inner) for key, inner in reversed(current.items()))
        elif isinstance(current, list):
            if all(isinstance(entry, str | int | float) for entry in current):
                out.extend(Fact(name, str(entry), source) for entry in current[:20])
            else:
                stack.extend((name, inner) for inner in reversed(current[:50]))
        elif current is not None and name:
            text = str(current).lower() if isinstance(current, bool) else str(current)
            out.append(Fact(name, text[:_MAX_VALUE], source))
    return tuple(out)
