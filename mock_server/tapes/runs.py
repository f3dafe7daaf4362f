"""What the exchanges of a recording tell about its runs.

Owns: putting together, run by run, what was asked and seen: the request, statuses in their
order, the last answer, timeline, artifacts. Must not: know scripts; ``screenplay`` makes them.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from mock_server.scenarios.journal import Entry
from mock_server.scenarios.journal_query import json_of

TASK: Final = "run_task"
_MAKES_RUNS: Final = frozenset({TASK, "login", "download_files", "run_workflow"})
_OK: Final = 200
_PARTIAL: Final = 206
_WHOLE_RANGE: Final = re.compile(rb"bytes 0-(\d+)/(\d+)")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]+")

Keep = Callable[[str, bytes], Path]
"""Stores a file under a name and returns where it is."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The status a poll showed."""

    at: datetime
    status: str


@dataclass(slots=True)
class Run:
    """A run as its client saw it."""

    run_id: str
    operation: str = TASK
    """What made it."""
    request: dict[str, Any] = field(default_factory=dict)
    begun: datetime | None = None
    """When the client had the answer to the request that made it."""
    polls: list[Seen] = field(default_factory=list)
    last: dict[str, Any] = field(default_factory=dict)
    """The newest answer that shows the run."""
    canceled_at: datetime | None = None
    timeline: list[Any] | None = None
    artifacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    listed: bool = False
    """Whether the list of its artifacts was asked for."""

    @property
    def prompt(self) -> str | None:
        found = self.request.get("prompt")
        return found if isinstance(found, str) else None


class Runs:
    """Collects runs from scrubbed exchanges. Contents of artifacts are handed to ``keep`` at once."""

    def __init__(self, keep: Keep | None = None) -> None:
        self.runs: dict[str, Run] = {}
        """By id, in the order in which they were first seen."""
        self.contents: dict[str, Path] = {}
        """Files by artifact id."""
        self._names: dict[str, str] = {}
        self._keep = keep

    def add(self, entry: Entry) -> Run | None:
        """Take note of an exchange; return the run it was about."""
        call = entry.call
        if entry.status not in (_OK, _PARTIAL):
            return None
        if call.operation == "get_artifact_content":
            self._content(call.artifact_id or "", entry)
            return None
        value = json_of(entry.answer)
        if call.operation in _MAKES_RUNS:
            return self._made(entry, value)
        if call.operation == "get_artifact":
            return self._artifact(value)
        return None if call.run_id is None else self._about(call.run_id, entry, value)

    def _about(self, run_id: str, entry: Entry, value: Any) -> Run | None:
        """Take note of an exchange that names a run in its path."""
        operation = entry.operation
        if operation == "get_run":
            return self._polled(run_id, entry, value)
        run = self._run(run_id)
        if operation == "cancel_run":
            run.canceled_at = run.canceled_at or entry.ended
        elif operation == "get_run_timeline" and isinstance(value, list):
            run.timeline = value
        elif operation == "get_run_artifacts" and isinstance(value, list):
            run.listed = run.listed or b"artifact_type" not in entry.query
            for item in value:
                self._artifact(item, run)
        return run

    def _run(self, run_id: str) -> Run:
        run_id = self._names.get(run_id, run_id)
        return self.runs.setdefault(run_id, Run(run_id))

    def _made(self, entry: Entry, value: Any) -> Run | None:
        if not isinstance(value, dict) or not isinstance(value.get("run_id"), str):
            return None
        run = self._run(value["run_id"])
        run.operation = entry.operation
        asked = json_of(entry.body)
        run.request = asked if isinstance(asked, dict) else {}
        run.begun, run.last = entry.ended, value
        return run

    def _polled(self, asked: str, entry: Entry, value: Any) -> Run | None:
        if not isinstance(value, dict) or not isinstance(value.get("status"), str):
            return None
        run_id = value.get("run_id")
        if isinstance(run_id, str):
            self._names[asked] = run_id  # A planner's run answers to its wr_ id as well.
        run = self._run(asked)
        if not run.request and isinstance(value.get("run_request"), dict):
            run.request = value["run_request"]
        run.polls.append(Seen(entry.ended, value["status"]))
        run.last = value
        return run

    def _artifact(self, item: Any, run: Run | None = None) -> Run | None:
        if not isinstance(item, dict) or not isinstance(item.get("artifact_id"), str):
            return None
        if run is None:
            if not isinstance(item.get("run_id"), str):
                return None
            run = self._run(item["run_id"])
        run.artifacts[item["artifact_id"]] = item
        return run

    def _content(self, artifact_id: str, entry: Entry) -> None:
        whole = len(entry.answer) == entry.answer_length
        if entry.status == _PARTIAL:
            found = _WHOLE_RANGE.fullmatch(entry.answer_header(b"content-range"))
            whole = whole and found is not None and int(found[1]) + 1 == int(found[2])
        if not whole or not artifact_id or self._keep is None:
            return
        kind = entry.answer_header(b"content-type").decode("latin-1").partition(";")[0].strip()
        suffix = mimetypes.guess_extension(kind) or ".bin"
        self.contents[artifact_id] = self._keep(f"{_UNSAFE.sub('_', artifact_id)[:100]}{suffix}", entry.answer)


def stamps(run: Run) -> dict[str, timedelta]:
    """Return when the run was queued, started and finished, counted from its making, by the server's own clock."""
    moments = {name: _moment(run.last.get(f"{name}_at")) for name in ("created", "queued", "started", "finished")}
    created = moments.pop("created")
    if created is None:
        return {}
    return {name: moment - created for name, moment in moments.items() if moment is not None}


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found.replace(tzinfo=None)
