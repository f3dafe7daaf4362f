"""A run's timeline as the API shows it.

Owns: nesting and order: newest first at every level, actions included. Must not: know what
a block or a thought says.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mock_server.store.records import TimelineRecord


def timeline(records: Iterable[TimelineRecord]) -> list[dict[str, Any]]:
    """Return the items of a run, newest first, each with its children. An item whose parent is missing stands alone."""
    newest_first = sorted(records, key=lambda record: (record.created_at, record.item_id), reverse=True)
    items = {record.item_id: _item(record) for record in newest_first}
    top: list[dict[str, Any]] = []
    for record in newest_first:
        parent = items.get(record.parent_id) if record.parent_id else None
        (top if parent is None else parent["children"]).append(items[record.item_id])
    return top


def _item(record: TimelineRecord) -> dict[str, Any]:
    is_block = record.kind == "block"
    return {
        "type": record.kind,
        "attempt": record.attempt,
        "block": _block(record.body) if is_block else None,
        "thought": None if is_block else record.body,
        "children": [],
        "created_at": record.created_at,
        "modified_at": record.modified_at,
    }


def _block(body: dict[str, Any]) -> dict[str, Any]:
    actions = body.get("actions") or []
    if len(actions) < 2:  # noqa: PLR2004 - nothing to put in order
        return body
    return {**body, "actions": sorted(actions, key=_action_age, reverse=True)}


def _action_age(action: dict[str, Any]) -> tuple[str, int, int]:
    return str(action.get("created_at") or ""), action.get("step_order") or 0, action.get("action_order") or 0
