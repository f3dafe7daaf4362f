"""How long a run will take and how far it is, judged by runs like it.

Owns: which runs are alike, what they say of the time and the steps, and the progress
against the limit of steps. Must not: read a clock; and without runs alike it says that it
does not know.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final
from urllib.parse import urlsplit

from skyvern_tui.core.runs import RunLine

MOST: Final = 30
"""Runs that are taken into account, the newest."""
_ENOUGH: Final = 3
"""Runs of one likeness that are worth more than more runs of a lesser one."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What runs alike took.

    ``seconds`` is the middle, ``short`` and ``long`` the quarter below and above; all None without such runs.
    """

    seconds: float | None = None
    short: float | None = None
    long: float | None = None
    steps: float | None = None
    basis: str = ""
    """Whom it is drawn from, in words: ``5 runs of this prompt``."""

    def remaining(self, elapsed: float) -> float | None:
        """Return seconds still to be expected; None when it is not known or took longer than usual already."""
        if self.seconds is None or self.long is None:
            return None
        if elapsed < self.seconds:
            return self.seconds - elapsed
        return self.long - elapsed if elapsed < self.long else None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. ``share`` is from 0 to 1, None when nothing tells; ``by`` says what it is measured by."""

    share: float | None
    by: str
    elapsed: float | None
    remaining: float | None
    is_late: bool = False
    """True when it takes longer than three quarters of the runs alike did."""


def estimate(line: RunLine, others: Iterable[RunLine]) -> Estimate:
    """Judge by runs that completed: those of the same prompt and URL, failing that of the same site, then engine."""
    done = [one for one in others if one.id != line.id and one.status == "completed" and _worked(one) is not None]
    done.sort(key=lambda one: one.created_at, reverse=True)
    prompt = line.prompt.casefold()
    same = [one for one in done if prompt and one.prompt.casefold() == prompt and one.url == line.url]
    site = [one for one in done if _host(one.url) and _host(one.url) == _host(line.url) and one.kind == line.kind]
    engine = [one for one in done if one.kind == line.kind]
    choices = ((same, "of this prompt"), (site, "on this site"), (engine, f"with {line.kind or 'this engine'}"))
    found = next(((runs, words) for runs, words in choices if len(runs) >= _ENOUGH), None)
    found = found or next(((runs, words) for runs, words in choices if runs), None)
    if found is None:
        return Estimate()
    runs = found[0][:MOST]
    times = sorted(seconds for one in runs if (seconds := _worked(one)) is not None)
    steps = [one.steps for one in runs if one.steps is not None]
    basis = f"{len(runs)} run{'s' if len(runs) > 1 else ''} {found[1]}"
    return Estimate(
        median(times), _quarter(times, 1), _quarter(times, 3), float(median(steps)) if steps else None, basis
    )


def progress(line: RunLine, expected: Estimate, now: datetime) -> Progress:
    """Return how far a run is at ``now``: by its steps against those of runs alike, their time, or the limit."""
    elapsed = line.took(now)
    if line.is_final:
        return Progress(1.0, "over", elapsed, 0.0)
    remaining = None if elapsed is None else expected.remaining(elapsed)
    late = elapsed is not None and expected.long is not None and elapsed > expected.long
    share, by = _share(line, expected, elapsed)
    # Never whole before it is over.
    return Progress(None if share is None else min(0.99, share), by, elapsed, remaining, late)


def _share(line: RunLine, expected: Estimate, elapsed: float | None) -> tuple[float | None, str]:
    if line.steps and expected.steps:
        return line.steps / max(expected.steps, line.steps + 1), "steps of runs alike"
    if elapsed is not None and expected.seconds:
        over = elapsed / expected.seconds
        # Past the usual time it goes on, ever more slowly.
        return (over * 0.9 if over <= 1 else 1 - 0.1 * 2.0 ** -min(over - 1, 50)), "time of runs alike"
    if line.steps is not None and line.max_steps:
        return line.steps / line.max_steps, "limit of steps"
    return None, ""


def _worked(line: RunLine) -> float | None:
    if line.started_at is None or line.finished_at is None:
        return None
    return max(0.0, (line.finished_at - line.started_at).total_seconds())


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _quarter(ordered: list[float], number: int) -> float:
    place = (len(ordered) - 1) * number / 4
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
