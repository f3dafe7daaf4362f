"""Runs as a list to read: what each is called, how it stands, how long it took.

Owns: joining rows of the run list with the runs themselves, ordering and filtering them.
Must not: fetch anything; it only says which runs it would like to know more about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from skyvern_tui.client.models import FINAL_STATUSES, Run, RunListItem
from skyvern_tui.core.text import one_line, shorten

TITLE_TEXT: Final = 300
_MOST_COST: Final = 1e9
_FINAL: Final = frozenset(str(status) for status in FINAL_STATUSES)


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in a list. Texts are safe and on one line; empty where nothing is known yet."""

    id: str
    status: str
    title: str
    prompt: str
    url: str
    engine: str
    type: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    steps: int | None
    max_steps: int | None
    is_final: bool
    cost: float | None = None
    """Credits, or whatever the server counts in, where it says; most servers and runs don't."""
    note: str = ""
    """What a person wrote on it."""

    @property
    def name(self) -> str:
        """Title, or prompt, or id."""
        return self.title or self.prompt or self.id

    @property
    def kind(self) -> str:
        """Engine, or the run type while the engine is not known."""
        return self.engine or self.type

    def took(self, now: datetime) -> float | None:
        """Return seconds of work so far, or in all; None for a run that has not begun."""
        if self.started_at is None:
            return None
        end = self.finished_at or (None if self.is_final else now)
        return None if end is None else max(0.0, (end - self.started_at).total_seconds())

    def matches(self, needle: str) -> bool:
        """Tell whether every word of ``needle`` (case does not count) is somewhere in what is shown."""
        return all(map(self.matches_phrase, needle.split()))

    def matches_phrase(self, phrase: str) -> bool:
        """Tell whether ``phrase`` (case does not count) is somewhere in what is shown."""
        hay = f"{self.title} {self.prompt} {self.url} {self.id} {self.status} {self.engine} {self.type} {self.note}"
        hay = hay.casefold()
        return phrase.casefold() in hay


def _safe(value: Any) -> str:
    return shorten(one_line(value[: TITLE_TEXT * 4]), TITLE_TEXT) if isinstance(value, str) else ""


def request_value(run: Run | None, name: str) -> Any:
    """Return what the run says was asked for; None where it does not say."""
    return None if run is None or run.run_request is None else run.run_request.get(name)


def max_steps_of(run: Run | None) -> int | None:
    """Return the limit of steps a run was given, where the server says."""
    value = request_value(run, "max_steps")
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def cost_of(run: Run | None) -> float | None:
    """Return what a run cost: its credits, else its cost. A server that does not charge says 0, which is no price."""
    extra = (None if run is None else run.model_extra) or {}
    for name in ("credits_used", "total_cost"):
        value = extra.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < _MOST_COST:
            return float(value)
    return None


def line_of(run: Run, item: RunListItem | None = None) -> RunLine:
    """Return the line of a run; ``item`` may know its title."""
    title = request_value(run, "title") or (item.title if item is not None else None)
    return RunLine(
        id=run.run_id,
        status=str(run.status),
        title=_safe(title),
        prompt=_safe(request_value(run, "prompt")),
        url=_safe(request_value(run, "url")),
        engine=_safe(request_value(run, "engine")),
        type=_safe(str(run.run_type)),
        created_at=run.created_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        steps=run.step_count,
        max_steps=max_steps_of(run),
        is_final=run.is_final,
        cost=cost_of(run),
    )


def _line_of_item(item: RunListItem) -> RunLine:
    return RunLine(
        id=item.run_id,
        status=str(item.status),
        title=_safe(item.title),
        prompt="",
        url="",
        engine="",
        type=_safe(str(item.task_run_type)),
        created_at=item.created_at,
        started_at=item.started_at,
        finished_at=item.finished_at,
        steps=None,
        max_steps=None,
        is_final=str(item.status) in _FINAL,
    )


class RunBook:
    """The runs known so far, newest first."""

    def __init__(self) -> None:
        self._items: dict[str, RunListItem] = {}
        self._runs: dict[str, Run] = {}
        self._lines: dict[str, RunLine] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def run(self, run_id: str) -> Run | None:
        """Return the run itself, if it was seen."""
        return self._runs.get(run_id)

    def runs(self) -> list[Run]:
        """Return the runs that were seen themselves."""
        return list(self._runs.values())

    def take_items(self, items: Iterable[RunListItem]) -> bool:
        """Take in rows of the list; True when a line changed."""
        changed = False
        for item in items:
            self._items[item.run_id] = item
            changed |= self._settle(item.run_id)
        return changed

    def take_run(self, run: Run) -> bool:
        """Take in a run; True when its line changed."""
        known = self._runs.get(run.run_id)
        if known is None or (run.is_final, run.modified_at) >= (known.is_final, known.modified_at):
            self._runs[run.run_id] = run
        return self._settle(run.run_id)

    def _settle(self, run_id: str) -> bool:
        item, run = self._items.get(run_id), self._runs.get(run_id)
        if run is not None:
            line = line_of(run, item)
            # The list may already know of an end that the run, asked earlier, did not have.
            if item is not None and not line.is_final and str(item.status) in _FINAL:
                line = _ended(line, item)
        elif item is not None:
            line = _line_of_item(item)
        else:
            return False
        if self._lines.get(run_id) == line:
            return False
        self._lines[run_id] = line
        return True

    def lines(self, needle: str = "") -> list[RunLine]:
        """Return the lines that match, newest first."""
        chosen = [line for line in self._lines.values() if line.matches(needle)] if needle else self._lines.values()
        return sorted(chosen, key=lambda line: (line.created_at, line.id), reverse=True)

    def unknown(self) -> list[RunLine]:
        """Return the lines of which only the list told, newest first: their prompts and addresses are not known."""
        return [line for line in self.lines() if line.id not in self._runs]

    def wanting(self, shown: Sequence[RunLine]) -> list[str]:
        """Return ids of runs whose details are missing or out of date, in the order shown."""
        wanted = []
        for line in shown:
            run = self._runs.get(line.id)
            if run is None or not run.is_final:
                wanted.append(line.id)
        return wanted


def _ended(line: RunLine, item: RunListItem) -> RunLine:
    return replace(line, status=str(item.status), finished_at=item.finished_at, is_final=True)
