"""What a run left, sorted, and how each piece may be looked at.

Owns: the order of steps and types, the name an artifact is saved under, and which kind of
preview is safe for it. Must not: read files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from mock_server.artifacts.kinds import KINDS
from mock_server.store.records import ArtifactRecord, TimelineRecord

_BINARY: Final = "application/octet-stream"
_TYPES_IN_ORDER: Final = {name: number for number, name in enumerate(KINDS)}
_IMAGES: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
_TEXTS: Final = (".txt", ".csv", ".tsv", ".md", ".log", ".xml", ".svg", ".yaml", ".yml", ".py", ".js", ".css")
_BY_SUFFIX: Final = {
    **dict.fromkeys(_IMAGES, "image"),
    **dict.fromkeys(_TEXTS, "text"),
    ".json": "json",
    ".har": "har",
    ".zip": "zip",
    ".pdf": "pdf",
    ".html": "html",
    ".htm": "html",
    ".webm": "video",
    ".mp4": "video",
}
_BY_MEDIA: Final = {
    "image/png": "image",
    "video/webm": "video",
    "video/mp4": "video",
    "audio/webm": "audio",
    "application/json": "json",
    "application/zip": "zip",
    "application/pdf": "pdf",
    "text/html": "html",
    "text/plain": "text",
}
_SERVED_AS: Final = {
    "text": "text/plain; charset=utf-8",
    "json": "text/plain; charset=utf-8",
    "har": "text/plain; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}
"""Kind of preview -> the content type that shows it when it is opened by itself."""


@dataclass(frozen=True, slots=True)
class Item:
    """One artifact on the shelf."""

    artifact_id: str
    artifact_type: str
    name: str
    """What it is called when it is saved."""
    is_named: bool
    """Whether a page gave it that name, and not this server."""
    size: int
    created_at: object
    kind: str
    """How it is previewed: image, video, audio, html, text, json, har, zip, pdf, or none."""


@dataclass(slots=True)
class Group:
    """The artifacts of one step."""

    title: str
    items: list[Item] = field(default_factory=list)


def sort(artifacts: Sequence[ArtifactRecord], timeline: Iterable[TimelineRecord]) -> list[Group]:
    """Return the artifacts by step, first step first, then those of the whole run; by type within a step."""
    known = _step_orders(timeline)
    numbers: dict[str, int] = {}
    for record in artifacts:
        if record.step_id and record.step_id not in numbers:
            numbers[record.step_id] = known.get(record.step_id, len(numbers))
    groups: dict[str | None, Group] = {
        step_id: Group(f"Step {number + 1}") for step_id, number in sorted(numbers.items(), key=lambda pair: pair[1])
    }
    groups[None] = Group("Whole run")
    in_order = sorted(
        artifacts, key=lambda record: (_TYPES_IN_ORDER.get(record.artifact_type, len(KINDS)), record.created_at)
    )
    for record in in_order:
        groups[record.step_id or None].items.append(item(record))
    return [group for group in groups.values() if group.items]


def item(record: ArtifactRecord) -> Item:
    """Return an artifact as it is shown."""
    return Item(
        record.artifact_id,
        record.artifact_type,
        record.filename or PurePosixPath(record.path).name,
        record.filename is not None,
        record.file_size,
        record.created_at,
        preview_kind(record),
    )


def screenshots(artifacts: Iterable[ArtifactRecord]) -> list[Item]:
    """Return the screenshots, oldest first."""
    return [item(record) for record in artifacts if record.artifact_type.startswith("screenshot")]


def recording(artifacts: Sequence[ArtifactRecord]) -> Item | None:
    """Return the newest recording."""
    for record in reversed(artifacts):
        if record.artifact_type == "recording":
            return item(record)
    return None


def preview_kind(record: ArtifactRecord) -> str:
    """Return how an artifact is previewed: by its type, or, for files a page brought, by the end of their names."""
    suffix = PurePosixPath(record.filename or record.path).suffix.lower()
    if record.artifact_type == "har":
        return "har"
    kind = KINDS.get(record.artifact_type)
    if kind is None or kind.content_type == _BINARY or record.artifact_type == "recording":
        return _BY_SUFFIX.get(suffix, "none")
    return _BY_MEDIA.get(kind.content_type.partition(";")[0], "none")


def media_type(record: ArtifactRecord) -> str | None:
    """Return the content type an artifact may be shown with in a browser; None if it may only be saved."""
    kind = preview_kind(record)
    suffix = PurePosixPath(record.filename or record.path).suffix.lower()
    if kind == "image":
        return _IMAGES.get(suffix, "image/png")
    if kind == "video":
        return "video/mp4" if suffix == ".mp4" else "video/webm"
    if kind == "audio":
        return "audio/webm"
    return _SERVED_AS.get(kind)


def _step_orders(timeline: Iterable[TimelineRecord]) -> dict[str, int]:
    orders: dict[str, int] = {}
    for record in timeline:
        actions = record.body.get("actions") if isinstance(record.body, dict) else None
        for action in actions if isinstance(actions, list) else ():
            if isinstance(action, dict) and isinstance(action.get("step_order"), int) and action.get("step_id"):
                orders[str(action["step_id"])] = action["step_order"]
    return orders
