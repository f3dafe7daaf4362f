"""A run as a few lines to read.

Owns: their order and words. Must not: print, or cut the output.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from skyvern_tui.cli.console import json_text
from skyvern_tui.client import Run
from skyvern_tui.core.runs import line_of
from skyvern_tui.core.text import duration_words, inert_lines, plural, size_words

_WIDTH: Final = 10


def card(run: Run) -> Iterator[str]:
    """Yield what a person wants to know of a run: status, task, times, what went wrong, files, output."""
    line = line_of(run)
    asked = run.run_request or {}
    yield _fact("run", f"{run.run_id} ({run.run_type})")
    yield _fact("status", _standing(run))
    for name in ("title", "prompt", "url", "engine"):
        value = asked.get(name)
        if isinstance(value, str) and value:
            first, *rest = inert_lines(value)
            yield _fact(name, first)
            yield from (_fact("", more) for more in rest)
    yield _fact("created", _time(run.created_at))
    if run.finished_at is not None:
        yield _fact("finished", _time(run.finished_at))
    if line.steps is not None:
        yield _fact("steps", f"{line.steps}" + (f" of {line.max_steps}" if line.max_steps else ""))
    if run.failure_reason:
        yield from (_fact("reason" if not n else "", text) for n, text in enumerate(inert_lines(run.failure_reason)))
    if run.app_url:
        yield _fact("page", run.app_url)
    for number, file in enumerate(run.downloaded_files or ()):
        size = size_words(file.file_size)
        yield _fact("files" if not number else "", f"{file.filename or file.url} ({size})")
    if run.output is not None:
        yield "output"
        yield from (f"  {text}" for text in json_text(run.output).split("\n"))


def _standing(run: Run) -> str:
    end = run.finished_at
    took = f" after {duration_words((end - run.created_at).total_seconds())}" if end is not None else ""
    steps = f", {plural(run.step_count, 'step')}" if run.step_count is not None and not run.is_final else ""
    return f"{run.status}{took}{steps}"


def _fact(name: str, value: str) -> str:
    return f"{name:<{_WIDTH}}{value}".rstrip()


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
