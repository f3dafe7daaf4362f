"""Data that comes as data: JSON-LD, microdata, JSON and XML documents.

Owns: parsing these, and turning lists of like objects into record groups. Must not: trust
them over what the page shows (that is weighed where a question is answered).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from mock_server.agent.observation import Cell, Record, RecordGroup
from mock_server.agent.records.kinds import kind_of

MAX_RECORDS: Final = 1000
_MAX_DEPTH: Final = 6


def parse_jsonld(texts: Iterable[str]) -> tuple[Mapping[str, Any], ...]:
    """Return the objects of JSON-LD scripts, graphs and lists opened; what does not parse is left out."""
    out: list[Mapping[str, Any]] = []
    for text in texts:
        try:
            value = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        stack = [value]
        while stack:
            current = stack.pop(0)
            if isinstance(current, list):
                stack = current[:200] + stack
            elif isinstance(current, dict):
                graph = current.get("@graph")
                if isinstance(graph, list):
                    stack = graph[:200] + stack
                if set(current) - {"@graph", "@context"}:
                    out.append(current)
    return tuple(out)


def parse_json(text: str) -> Any:
    """Return the value of a JSON document, or None."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def parse_xml(raw: Mapping[str, Any]) -> Any:
    """Return an XML tree as nested mappings: attributes and children by name, repeated names as lists."""
    return _xml_value(raw, 0)


def _xml_value(raw: Mapping[str, Any], depth: int) -> Any:
    children = raw.get("c", ())
    attributes = raw.get("a", {})
    text = raw.get("t", "")
    if depth > 3 * _MAX_DEPTH or (not children and not attributes):
        return text
    if not children and not text and "href" in attributes:
        return attributes["href"]
    if not children and text:
        return text
    out: dict[str, Any] = dict(attributes)
    for child in children:
        value = _xml_value(child, depth + 1)
        name = child["g"]
        if name not in out:
            out[name] = value
        elif isinstance(out[name], list):
            out[name].append(value)
        else:
            out[name] = [out[name], value]
    if text:
        out["text"] = text
    return out


def groups_in(value: Any) -> tuple[RecordGroup, ...]:
    """Return every list of like objects inside a nested value as a group of records."""
    return tuple(_groups(value, "", 0))


def _groups(value: Any, name: str, depth: int) -> Iterator[RecordGroup]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        rows = [row for row in value if isinstance(row, dict)]
        if rows and len(rows) == len(value):
            header = tuple(dict.fromkeys(str(key) for row in rows[:50] for key in row))
            records = tuple(_record(row, number) for number, row in enumerate(rows[:MAX_RECORDS]))
            yield RecordGroup(f"json:{name or 'items'}", "table", records, header, name, "main", 1.0 / (1 + depth))
        for row in rows[:1]:
            yield from _groups(row, name, depth + 1)
    elif isinstance(value, dict):
        for key, inner in list(value.items())[:100]:
            if isinstance(inner, dict | list):
                yield from _groups(inner, str(key), depth + 1)


def _record(row: Mapping[str, Any], number: int) -> Record:
    cells = tuple(_cells(row, "", 0))[:80]
    return Record(cells, " ".join(cell.text for cell in cells)[:2000], index=number)


def _cells(row: Mapping[str, Any], prefix: str, depth: int) -> Iterator[Cell]:
    for key, value in row.items():
        name = f"{prefix} {key}".strip()
        if isinstance(value, dict) and depth < 2:
            yield from _cells(value, name, depth + 1)
        elif isinstance(value, list):
            if all(not isinstance(entry, dict | list) for entry in value):
                for place, entry in enumerate(value[:20]):
                    yield _cell(name, entry, f"{name}[{place}]" if place else name)
        elif value is not None:
            yield _cell(name, value, name)


def _cell(name: str, value: Any, path: str) -> Cell:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    link = text if text.startswith(("http://", "https://", "/")) else ""
    return Cell(text[:4000], name, "link" if link else kind_of(text), href=link, path=path)
