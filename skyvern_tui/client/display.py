"""How runs, timelines and artifacts show themselves in a notebook.

Owns: the MIME bundles (HTML and plain text) of ``_repr_mimebundle_`` and the display that a
watched run updates in place. Must not: do I/O, or need IPython: it is used if the program
runs in it.

Everything a server or a page said is escaped, links lead to http(s) only, and signatures of
links are left out: a notebook is saved and passed on. Colours are those of the notebook's
theme but for the badge of the status, which brings both of its own.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any, Final

from skyvern_tui.client.changes import (
    ArtifactAdded,
    Change,
    Finished,
    OutageBegan,
    OutageEnded,
    StatusChanged,
    TimelineChange,
)
from skyvern_tui.client.models import Artifact, Run, TimelineItem
from skyvern_tui.client.pictures import picture_type
from skyvern_tui.client.secrets import redact_url

Bundle = dict[str, str]

_MOST_ITEMS: Final = 200
_LONGEST_TEXT: Final = 4000
_LONGEST_LINE: Final = 300
_BADGES: Final = {
    "completed": "#1a7f37",
    "running": "#0969da",
    "failed": "#cf222e",
    "terminated": "#cf222e",
    "timed_out": "#bc4c00",
    "canceled": "#57606a",
    "paused": "#8250df",
}
"""White is legible on each of them."""
_OTHER_BADGE: Final = "#57606a"
_URL: Final = re.compile(r"https?://[^\s\"'<>\\]+")
_BOX: Final = (
    "border:1px solid rgba(128,128,128,.45);border-radius:6px;padding:8px 12px;margin:4px 0;"
    "color:inherit;background:transparent;font-size:13px;line-height:1.5;overflow-wrap:anywhere"
)
_PRE: Final = (
    "margin:4px 0;padding:6px 8px;border-left:3px solid rgba(128,128,128,.6);color:inherit;"
    "background:rgba(128,128,128,.12);white-space:pre-wrap;overflow-wrap:anywhere"
)
_FAINT: Final = "opacity:.75"


def bundle(thing: Any) -> Bundle:
    """Return how ``thing`` shows itself; empty if it is nothing that does."""
    match thing:
        case Run():
            return _bundle(_run_text(thing), _box(_run_html(thing)))
        case Artifact():
            return _bundle(_artifact_text(thing), _box(_artifact_html(thing)))
        case TimelineItem():
            return _bundle(_item_text(thing), _box(_timeline_html([thing])))
        case _:
            return {}


def timeline_bundle(items: Sequence[TimelineItem]) -> Bundle:
    """Return how a timeline (newest first) shows itself: oldest first, as it is read."""
    lines = [line for item in reversed(items) for line in _item_text(item).splitlines()]
    return _bundle("\n".join(lines) or "Nothing happened yet.", _box(_timeline_html(items)))


def artifacts_bundle(artifacts: Sequence[Artifact]) -> Bundle:
    """Return how a list of artifacts shows itself: as a table, with the pictures that were fetched below."""
    if not artifacts:
        return _bundle("No artifacts.", _box("No artifacts."))
    rows = "".join(
        f"<tr><td>{_safe(artifact.artifact_type)}</td><td><code>{_safe(artifact.artifact_id)}</code></td>"
        f"<td style='text-align:right'>{_size(artifact)}</td></tr>"
        for artifact in artifacts[:_MOST_ITEMS]
    )
    table = f"<table style='color:inherit;background:transparent'>{rows}</table>{_more(len(artifacts))}"
    pictures = "".join(_picture(artifact) for artifact in artifacts)
    return _bundle("\n".join(_artifact_text(artifact) for artifact in artifacts), _box(table + pictures))


class RunView:
    """A run as a watch tells it, and the display it is shown in, if there is one."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.run: Run | None = None
        self.items: dict[str, TimelineItem] = {}
        """The items at the top of the timeline, oldest first."""
        self.artifacts: list[Artifact] = []
        self.picture: Artifact | None = None
        """The newest artifact whose image was fetched."""
        self.trouble = ""
        self._handle: Any = None
        self._is_new = True

    def take(self, change: Change) -> None:
        """Note a change."""
        self._is_new = True
        match change:
            case StatusChanged(run=run) | Finished(run=run):
                self.run = run
            case TimelineChange(item=item, key=key, parent=parent):
                if not parent:
                    self.items[key] = item
            case ArtifactAdded(artifact=artifact):
                self.artifacts.append(artifact)
            case OutageBegan(error=error):
                self.trouble = error.message
            case OutageEnded():
                self.trouble = ""

    def show(self) -> None:
        """Bring the display up to date, if something is new and the program runs in IPython."""
        if not self._is_new:
            return
        self._is_new = False
        if self._handle is not None:
            self._handle.update(self)
            return
        # Not imported: a program that runs in IPython has it loaded, and any other has nowhere to show this.
        ipython = sys.modules.get("IPython")
        if ipython is not None and ipython.get_ipython() is not None:
            self._handle = importlib.import_module("IPython.display").display(self, display_id=True)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        del include, exclude
        if self.run is None:
            return _bundle(f"Run {self.run_id}", _box(f"Run <code>{_safe(self.run_id)}</code>{self._trouble_html()}"))
        newest_first = list(reversed(self.items.values()))
        parts = [_run_html(self.run), self._trouble_html()]
        if newest_first:
            parts.append(_timeline_html(newest_first))
        if self.artifacts:
            count = len(self.artifacts)
            parts.append(f"<div style='{_FAINT}'>{count} artifact{'s' if count > 1 else ''}</div>")
        if self.picture is not None:
            parts.append(_picture(self.picture))
        text = [_run_text(self.run), *(line for item in self.items.values() for line in _item_text(item).splitlines())]
        return _bundle("\n".join(text), _box("".join(parts)))

    def _trouble_html(self) -> str:
        return f"<div>⚠ no answer: {_safe(_line(self.trouble))}</div>" if self.trouble else ""


def _run_html(run: Run) -> str:
    colour = _BADGES.get(str(run.status), _OTHER_BADGE)
    badge = f"background:{colour};color:#fff;border-radius:10px;padding:1px 9px;font-weight:600"
    names = f"<code>{_safe(run.run_id)}</code> <span style='{_FAINT}'>{_safe(_facts(run))}</span>"
    rows = [f"<div><span style='{badge}'>{_safe(run.status)}</span> {names}</div>"]
    prompt = (run.run_request or {}).get("prompt")
    if isinstance(prompt, str):
        rows.append(f"<div><b>{_safe(_line(prompt))}</b></div>")
    if run.failure_reason:
        rows.append(f"<div>✗ {_safe(_cut(run.failure_reason))}</div>")
    if run.output is not None:
        rows.append(f"<pre style='{_PRE}'>{_safe(_json(run.output))}</pre>")
    files = [file.filename or "file" for file in run.downloaded_files or ()]
    if files:
        rows.append(f"<div>⤓ {_safe(_line(', '.join(files)))}</div>")
    if run.app_url and run.app_url.startswith(("http://", "https://")):
        link = f"style='color:inherit' rel='noopener noreferrer' href='{_safe(run.app_url)}'"
        rows.append(f"<div><a {link}>open in the app</a></div>")
    return "".join(rows)


def _run_text(run: Run) -> str:
    lines = [f"{run.run_id}  {run.status}  {_facts(run)}".rstrip()]
    if run.failure_reason:
        lines.append(_cut(run.failure_reason))
    if run.output is not None:
        lines.append(_json(run.output))
    return "\n".join(lines)


def _facts(run: Run) -> str:
    """Return type, steps and duration, as far as they are known."""
    facts = [str(run.run_type)] if run.run_type else []
    if run.step_count is not None:
        facts.append(f"{run.step_count} step{'' if run.step_count == 1 else 's'}")
    if run.started_at and run.finished_at:
        facts.append(f"{(run.finished_at - run.started_at).total_seconds():.1f} s")
    return " · ".join(facts)


def _timeline_html(items: Sequence[TimelineItem]) -> str:
    rows = "".join(_item_html(item) for item in reversed(items[:_MOST_ITEMS]))
    return f"{_more(len(items))}<ol style='margin:4px 0;padding-left:22px'>{rows}</ol>"


def _item_html(item: TimelineItem) -> str:
    head, detail, actions = _item_parts(item)
    inner = "".join(f"<li>{_safe(action)}</li>" for action in actions)
    inner += "".join(_item_html(child) for child in reversed(item.children))
    nested = f"<ul style='margin:0;padding-left:18px'>{inner}</ul>" if inner else ""
    return (
        f"<li><b>{_safe(head)}</b> {_safe(detail)} <span style='{_FAINT}'>{_clock(item.created_at)}</span>{nested}</li>"
    )


def _item_text(item: TimelineItem, indent: str = "") -> str:
    head, detail, actions = _item_parts(item)
    lines = [f"{indent}{_clock(item.created_at)} {head} {detail}".rstrip()]
    lines += [f"{indent}  - {action}" for action in actions]
    lines += [_item_text(child, f"{indent}  ") for child in reversed(item.children)]
    return "\n".join(lines)


def _item_parts(item: TimelineItem) -> tuple[str, str, list[str]]:
    """Return what an item is, what it says, and its actions, oldest first."""
    if item.block is not None:
        block = item.block
        head = " ".join(part for part in (block.block_type, block.status) if part)
        detail = block.failure_reason or block.navigation_goal or block.data_extraction_goal or block.url or block.label
        actions = [
            _line(" ".join(part for part in (action.action_type, action.status, action.reasoning) if part))
            for action in reversed(block.actions)
        ]
        return head, _line(detail or ""), actions
    if item.thought is not None:
        thought = item.thought
        return (
            thought.thought_type or "thought",
            _line(thought.answer or thought.thought or thought.observation or ""),
            [],
        )
    return item.type, "", []


def _artifact_html(artifact: Artifact) -> str:
    head = (
        f"<div><b>{_safe(artifact.artifact_type)}</b> <code>{_safe(artifact.artifact_id)}</code> "
        f"<span style='{_FAINT}'>{_size(artifact)}</span></div>"
    )
    return head + _picture(artifact)


def _artifact_text(artifact: Artifact) -> str:
    return f"{artifact.artifact_type}  {artifact.artifact_id}  {_size(artifact)}".rstrip()


def _picture(artifact: Artifact) -> str:
    """Return an artifact's image, if it is one and its content was fetched."""
    content = artifact.fetched
    kind = picture_type(content) if content else None
    if content is None or kind is None:
        return ""
    alt = _safe(f"{artifact.artifact_type} {artifact.artifact_id}")
    data = b64encode(content).decode()
    return f"<img alt='{alt}' style='max-width:100%;max-height:480px' src='data:{kind};base64,{data}'>"


def _size(artifact: Artifact) -> str:
    return "" if artifact.file_size is None else f"{artifact.file_size:,} bytes"


def _more(count: int) -> str:
    return f"<div style='{_FAINT}'>… {count - _MOST_ITEMS} more</div>" if count > _MOST_ITEMS else ""


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}"


def _box(inner: str) -> str:
    return f"<div style='{_BOX}'>{inner}</div>"


def _bundle(text: str, html: str) -> Bundle:
    return {"text/plain": _plain(text), "text/html": html}


def _json(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2, default=str)
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}… ({len(text):,} characters)"


def _line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}…"


def _plain(text: str) -> str:
    """Return ``text`` without signatures, and without what steers a terminal."""
    shown = _URL.sub(_unsigned, text)
    return "".join(letter if letter.isprintable() or letter == "\n" else "�" for letter in shown)


def _unsigned(match: re.Match[str]) -> str:
    try:
        return redact_url(match[0])
    except ValueError:  # what only looks like a URL
        return match[0].partition("?")[0]


def _safe(value: object) -> str:
    """Return a value as HTML text, or as an attribute in quotes."""
    return escape(_plain(str(value)), quote=True)
