"""A run's timeline as a person reads it.

Owns: which entries there are, what they say, how they nest, and their order. Must not:
write HTML, or trust what is in a timeline: a scripted run may put anything there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from mock_server.store.records import TimelineRecord
from mock_server.viewer import words

MAX_ENTRIES: Final = 1500
"""What is beyond is counted, not shown; the API has it all."""

MAX_DEPTH: Final = 12

_BEGINNING: Final = datetime.min  # noqa: DTZ901 - naive, as all times of the wire are


@dataclass(slots=True)
class Entry:
    """One block, thought or action."""

    key: str
    kind: str
    """block, thought or action."""
    label: str
    """What sort of block, thought or action it is."""
    title: str
    status: str | None = None
    at: datetime | None = None
    seconds: float | None = None
    step: int | None = None
    """Counts from 0; actions only."""
    notes: list[tuple[str, str]] = field(default_factory=list)
    """What it says about itself: (``why``, ``a text``), in the order in which it is read."""
    seen: str = ""
    """What a thought is about, at length."""
    screenshot: str | None = None
    """Artifact id."""
    output: Any = None
    children: list[Entry] = field(default_factory=list)


@dataclass(slots=True)
class Story:
    """A whole timeline."""

    entries: list[Entry]
    blocks: int
    thoughts: int
    actions: int
    left_out: int


def tell(records: Sequence[TimelineRecord], *, newest_first: bool) -> Story:
    """Return a run's timeline, nested; thoughts are inside the block they are about."""
    entries = {record.item_id: _entry(record) for record in records}
    top: list[Entry] = []
    parents = {record.item_id: _parent_id(record) for record in records}
    for record in records:
        entry = entries[record.item_id]
        parent = entries.get(parents[record.item_id]) if _is_rooted(record.item_id, parents) else None
        (top if parent is None else parent.children).append(entry)
    counts = {"block": 0, "thought": 0, "action": 0}
    for entry in _all(top):
        counts[entry.kind] += 1
    _sort(top, newest_first=newest_first)
    shown = MAX_ENTRIES - _cut(top, MAX_ENTRIES)
    return Story(top, counts["block"], counts["thought"], counts["action"], sum(counts.values()) - shown)


def _all(entries: Sequence[Entry]) -> Iterator[Entry]:
    for entry in entries:
        yield entry
        yield from _all(entry.children)


def _sort(entries: list[Entry], *, newest_first: bool) -> None:
    entries.sort(key=lambda entry: entry.at or _BEGINNING)
    if newest_first:
        entries.reverse()
    for entry in entries:
        _sort(entry.children, newest_first=newest_first)


def _cut(entries: list[Entry], room: int) -> int:
    """Keep as many entries as there is room for, in the order in which they are shown; return the room left."""
    kept = 0
    for entry in entries:
        if room <= 0:
            break
        kept += 1
        room = _cut(entry.children, room - 1)
    del entries[kept:]
    return room


def _parent_id(record: TimelineRecord) -> str:
    body = record.body if isinstance(record.body, dict) else {}
    about = body.get("workflow_run_block_id" if record.kind == "thought" else "parent_workflow_run_block_id")
    return str(record.parent_id or about or "")


def _is_rooted(item_id: str, parents: Mapping[str, str]) -> bool:
    """Tell whether the way up from an item ends soon; in a circle nothing would be shown."""
    return any(not (item_id := parents.get(item_id, "")) for _ in range(MAX_DEPTH))


def _entry(record: TimelineRecord) -> Entry:
    body = record.body if isinstance(record.body, dict) else {}
    entry = (_block if record.kind == "block" else _thought)(record.item_id, body)
    entry.at = record.created_at
    return entry


def _block(item_id: str, body: Mapping[str, Any]) -> Entry:
    label = words.text(body.get("block_type")) or "block"
    title = words.text(body.get("description")) or words.text(body.get("label")) or words.plain(label)
    result = body.get("output")
    actions = body.get("actions")
    return Entry(
        key=item_id,
        kind="block",
        label=label,
        title=title,
        status=_status(body),
        seconds=_number(body.get("duration")),
        notes=_notes(
            body,
            ("goal", "navigation_goal"),
            ("to extract", "data_extraction_goal"),
            ("at", "url"),
            ("ended at", "final_url"),
            ("failure", "failure_reason"),
            ("finish", "finish_reason"),
            unlike=title,
        ),
        output=result.get("extracted_information") if isinstance(result, dict) else result,
        children=[
            _action(f"{item_id}-{number}", action)
            for number, action in enumerate(actions if isinstance(actions, list) else ())
            if isinstance(action, dict)
        ],
    )


def _thought(item_id: str, body: Mapping[str, Any]) -> Entry:
    title = next((found for name in ("answer", "thought", "observation") if (found := words.text(body.get(name)))), "")
    label = words.text(body.get("thought_scenario")) or words.text(body.get("thought_type")) or "thought"
    return Entry(
        key=item_id,
        kind="thought",
        label=label,
        title=title or words.plain(label),
        notes=_notes(body, ("thought", "thought"), ("answer", "answer"), unlike=title),
        seen="" if (seen := words.text(body.get("observation"))) == title else seen,
        output=body.get("output") or None,
    )


def _action(fallback_key: str, body: Mapping[str, Any]) -> Entry:
    element = body.get("skyvern_element_data")
    label = words.text(body.get("action_type")) or "action"
    target = _element(element if isinstance(element, dict) else {})
    intention = words.text(body.get("intention"))
    title = target or intention or words.text(body.get("description")) or words.plain(label)
    screenshot = body.get("screenshot_artifact_id")
    return Entry(
        key=words.text(body.get("action_id")) or fallback_key,
        kind="action",
        label=label,
        title=title,
        status=_status(body),
        at=words.moment(body.get("started_at")) or words.moment(body.get("created_at")),
        seconds=words.between(body.get("started_at") or body.get("created_at"), body.get("finished_at")),
        step=order if isinstance(order := body.get("step_order"), int) else None,
        notes=_notes(
            body,
            ("text", "text"),
            ("option", "option"),
            ("checked", "is_checked"),
            ("address", "file_url"),
            ("file", "file_name"),
            ("why", "reasoning"),
            ("for", "intention"),
            ("result", "response"),
            ("errors", "errors"),
            unlike=title,
        ),
        screenshot=screenshot if isinstance(screenshot, str) else None,
        output=body.get("output"),
    )


def _element(element: Mapping[str, Any]) -> str:
    """Return an element in words: ``button “Send message”``."""
    role = words.text(element.get("role")) or words.text(element.get("tag")) or words.text(element.get("tagName"))
    name = words.text(element.get("name")) or words.text(element.get("text"))
    return f"{role or 'element'} “{name}”" if name else role


def _notes(body: Mapping[str, Any], *wanted: tuple[str, str], unlike: str) -> list[tuple[str, str]]:
    """Return the texts a body has under the names wanted; what the title says already is not said again."""
    found = [(word, words.text(body.get(name)).strip()) for word, name in wanted]
    return [(word, said) for word, said in found if said and said not in (unlike, "[]", "{}")]


def _status(body: Mapping[str, Any]) -> str | None:
    return words.text(body.get("status")) or None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
