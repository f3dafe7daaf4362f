"""One event of a run as a row to read, and what there is to know about it.

Owns: the words and the tone of a row, the details of the row a reader stops at, and which
screenshot belongs to it. Must not: order or nest rows (the timeline does), or know widths,
colours or widgets; a row holds safe text and a tone, a screen decides what that looks like.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from skyvern_tui.core.facts import FAILED, Action, ArtifactFact, Block, Outage, Thought
from skyvern_tui.core.journal import Event, EventKind
from skyvern_tui.core.jsontext import json_lines
from skyvern_tui.core.text import duration_words, inert, one_line, shorten, size_words

if TYPE_CHECKING:
    from skyvern_tui.client.models import Run

ROW_TEXT: Final = 400
"""Characters of a row's text: more than any terminal is wide."""
DETAIL_TEXT: Final = 4000
"""Characters of one detail."""
DETAIL_LINES: Final = 300
_WORTH_SAYING: Final = 1.0
"""Seconds of waiting for its turn from which on a run is said to have waited."""


class Tone(StrEnum):
    """What a row says at a glance."""

    plain = "plain"
    quiet = "quiet"
    busy = "busy"
    good = "good"
    bad = "bad"
    warn = "warn"
    thought = "thought"


_STATUS_TONES: Final = {
    "running": Tone.busy,
    "completed": Tone.good,
    "failed": Tone.bad,
    "terminated": Tone.bad,
    "timed_out": Tone.warn,
    "canceled": Tone.quiet,
    "skipped": Tone.quiet,
    "paused": Tone.warn,
}
_THOUGHT_WORDS: Final = {"plan": "plan", "user_goal_check": "check"}


def status_tone(status: str | None) -> Tone:
    """Return the tone of any status; unknown and early ones are plain."""
    return _STATUS_TONES.get(status or "", Tone.plain)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a timeline."""

    key: str
    at: datetime
    depth: int
    tone: Tone
    head: str
    """What it is: ``click``, ``navigation``, ``plan``, ``completed``."""
    text: str
    """Why, or what came of it; one safe line."""
    duration: float | None
    """Seconds; None where there is none to show."""
    status: str
    """Status of a block, an action or the run; empty for the rest."""
    event: Event
    folded: int = 0
    """Rows folded away below it."""

    @property
    def failed(self) -> bool:
        """True for rows that "go to the next failure" stops at."""
        event = self.event
        return event.failed or (event.kind is EventKind.block_opened and event.subject.status in FAILED)


@lru_cache(maxsize=256)
def words(name: str) -> str:
    """Return a wire name such as ``input_text`` as words."""
    return one_line(name.replace("_", " "))


def _text(text: str) -> str:
    return shorten(one_line(text[: ROW_TEXT * 4]), ROW_TEXT)


def json_line(value: Any) -> str:
    """Return a JSON value on one safe line, cut to a row's length."""
    if isinstance(value, str):
        return _text(value)
    try:
        # A large answer is not written out in full only to be cut.
        chunks = json.JSONEncoder(ensure_ascii=False, default=str).iterencode(value)
        text = ""
        for chunk in chunks:
            text += chunk
            if len(text) > ROW_TEXT:
                break
    except (ValueError, RecursionError):
        text = "…"
    return _text(text)


def row_of(event: Event, depth: int = 0, failure_reason: str = "", folded: int = 0) -> Row:
    """Word one event. ``failure_reason`` is the run's, for the row that says how it ended."""
    subject = event.subject
    tone, head, text, duration, status = Tone.plain, str(event.kind), "", None, ""
    match subject:
        case Thought():
            tone, head = Tone.thought, _THOUGHT_WORDS.get(subject.kind, words(subject.kind))
            text = subject.text
        case Block():
            tone, head, status = status_tone(subject.status), words(subject.kind), subject.status or ""
            text = (subject.failure_reason if status in FAILED else "") or subject.goal or subject.url
            duration = subject.duration
        case Action():
            tone, head, status = status_tone(subject.status), words(subject.kind), subject.status or ""
            named = f"“{subject.element}” " if subject.element else ""
            text = named + (subject.reason or subject.detail)
            duration = subject.duration
        case ArtifactFact():
            tone, head, text = Tone.quiet, words(subject.type), size_words(subject.size)
        case Outage():
            tone, head, text = Tone.warn, "unreachable", subject.reason
            duration = None if subject.ended is None else (subject.ended - subject.began).total_seconds()
        case _ if event.kind is EventKind.output_ready:
            tone, head, text = Tone.good, "output", json_line(subject)
        case _:
            head, status = words(subject), subject
            tone = status_tone(status) if event.kind is EventKind.ended else Tone.quiet
            text = failure_reason if event.kind is EventKind.ended else ""
    return Row(event.key, event.at, depth, tone, head, _text(text), duration, status, event, folded)


_SCREENSHOTS: Final = frozenset({"screenshot_action", "screenshot_final", "screenshot_llm", "screenshot"})
_SLACK: Final = timedelta(milliseconds=500)
"""A screenshot is stored a moment after what it shows."""


class Screenshots:
    """Which screenshot belongs to a row, among all artifacts of a run."""

    def __init__(self, artifacts: Sequence[ArtifactFact]) -> None:
        self._known = {artifact.id: artifact for artifact in artifacts}
        taken = [artifact for artifact in artifacts if artifact.type in _SCREENSHOTS]
        self._taken = sorted(taken, key=lambda artifact: artifact.at)
        self._times = [artifact.at for artifact in self._taken]

    @property
    def latest(self) -> ArtifactFact | None:
        """The newest that shows the browser."""
        return self._taken[-1] if self._taken else None

    def at(self, row: Row) -> ArtifactFact | None:
        """Return what the browser looked like at a row: the action's own screenshot, or the last until then."""
        subject = row.event.subject
        own = self._known.get(subject.screenshot or "") if isinstance(subject, Action) else None
        if own is not None:
            return own
        place = bisect_right(self._times, row.at + timedelta(seconds=row.duration or 0) + _SLACK)
        return self._taken[place - 1] if place else None


def details(row: Row, run: Run | None = None) -> list[tuple[str, str]]:
    """Return everything known about a row as (label, safe text) pairs; texts may have line breaks.

    ``run`` is the run the row is of: its last row sums it up.
    """
    subject = row.event.subject
    pairs: list[tuple[str, Any]]
    match subject:
        case Thought():
            pairs = [
                ("observed", subject.observation),
                ("thought", subject.text),
                ("answer", subject.answer),
                ("output", subject.output),
                ("id", subject.id),
            ]
        case Block():
            pairs = [
                ("failed", subject.failure_reason),
                ("goal", subject.goal),
                ("url", subject.url),
                ("took", _took(row)),
                ("output", subject.output),
                ("id", subject.id),
            ]
        case Action():
            pairs = [
                ("reason", subject.reason),
                ("with", subject.detail),
                ("element", subject.element),
                ("confidence", None if subject.confidence is None else f"{subject.confidence:.0%}"),
                ("took", _took(row)),
                ("screenshot", subject.screenshot),
                ("id", subject.id),
            ]
        case ArtifactFact():
            pairs = [("file", subject.name), ("size", size_words(subject.size)), ("id", subject.id)]
        case Outage():
            back = None if subject.ended is None else duration_words((subject.ended - subject.began).total_seconds())
            pairs = [("reason", subject.reason), ("failed calls", str(subject.attempts)), ("back after", back)]
        case _ if row.event.kind is EventKind.output_ready:
            pairs = [("output", subject)]
        case _ if row.event.kind is EventKind.ended and run is not None:
            pairs = [("status", row.head), ("reason", run.failure_reason or row.text), *_sum(run)]
        case _:
            pairs = [("status", row.head), ("reason", row.text)]
    known: list[Any] = [None, "", [], {}]
    said = []
    for label, value in pairs:
        if value not in known:  # what was said under one label is not repeated under another
            said.append((label, _detail(value)))
            known.append(value)
    return said


def _sum(run: Run) -> list[tuple[str, Any]]:
    """Return what a run that is over came to."""
    began, ended = run.started_at, run.finished_at
    waited = None if began is None else (began - run.created_at).total_seconds()
    downloaded = run.downloaded_files or ()
    files = [f"{one_line(file.filename or file.url)}  {size_words(file.file_size)}" for file in downloaded]
    return [
        ("errors", run.errors),
        ("took", duration_words((ended - began).total_seconds()) if began and ended else None),
        ("waited", duration_words(waited) if waited and waited >= _WORTH_SAYING else None),
        ("steps", None if run.step_count is None else str(run.step_count)),
        ("downloaded", "\n".join(files)),
        ("output", run.output),
        ("run", run.run_id),
    ]


def _took(row: Row) -> str | None:
    return None if row.duration is None else duration_words(row.duration)


def _detail(value: Any) -> str:
    # A large value is laid out as far as it is shown.
    text = value if isinstance(value, str) else "\n".join(json_lines(value, max_lines=DETAIL_LINES)[0])
    return "\n".join(inert(line) for line in shorten(text, DETAIL_TEXT).split("\n"))
