"""``skyvern-tui runs list``: the runs a server knows, as the terminal app lists them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any, Final

import click

from skyvern_tui.cli.envelope import current_reply, jsonl_options
from skyvern_tui.cli.server import Opening, Server, server_options, tools_in_use
from skyvern_tui.client import Run, RunListItem, SkyvernError
from skyvern_tui.core.runfilter import read_filter
from skyvern_tui.core.runs import RunBook, RunLine
from skyvern_tui.core.text import age_words, duration_words, shorten

_PAGE: Final = 100
"""Rows the server gives at once, at most."""
_AT_ONCE: Final = 8
_LONGEST_CELL: Final = 60
_ROW_KNOWS: Final = re.compile(r"-?(?:status|type|id|age|took):\S+")
"""Conditions that a row of the list is enough for; others need the run itself, one call each."""


@dataclass(frozen=True)
class Found:
    """A run of the list: the row, what is known of it, and the run itself if that was asked for."""

    item: RunListItem
    line: RunLine
    run: Run | None = None


Read = Callable[[Found, datetime], Any]

COLUMNS: Final[dict[str, Read]] = {
    "id": lambda one, _: one.line.id,
    "status": lambda one, _: one.line.status,
    "created": lambda one, _: f"{one.line.created_at:%Y-%m-%d %H:%M:%S}",
    "age": lambda one, now: age_words(one.line.created_at, now),
    "took": lambda one, now: None if (took := one.line.took(now)) is None else duration_words(took),
    "title": lambda one, _: one.line.title,
    "name": lambda one, _: one.line.name if one.line.title or one.line.prompt else "",
    "prompt": lambda one, _: one.line.prompt,
    "url": lambda one, _: one.line.url,
    "engine": lambda one, _: one.line.engine,
    "type": lambda one, _: one.line.type,
    "steps": lambda one, _: one.line.steps,
    "cost": lambda one, _: one.line.cost,
    "max_steps": lambda one, _: one.line.max_steps,
    "failure_reason": lambda one, _: None if one.run is None else one.run.failure_reason,
    "app_url": lambda one, _: None if one.run is None else one.run.app_url,
}
_USUAL: Final = ("id", "status", "created", "title")
_ONLY_THE_RUN_KNOWS: Final = frozenset(COLUMNS) - {"id", "status", "created", "age", "took", "title", "type"}


def _columns(ctx: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    del ctx
    names = tuple(name.strip().replace("-", "_") for name in (value or "").split(",") if name.strip())
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(COLUMNS)}.", param=parameter)
    return names


@click.command("list")
@click.argument("condition", nargs=-1, metavar="[FILTER]...")
@click.option("--status", multiple=True, help="Only runs with this status. Repeatable.")
@click.option("--type", "run_type", multiple=True, help="Only runs of this type. Repeatable.")
@click.option("--search", metavar="TEXT", help="Only runs with this in title, URL or id; 3 characters or more.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="Most runs printed.")
@click.option("--page", type=click.IntRange(1), default=1, show_default=True, help="Which --limit of them, from 1.")
@click.option("--all", "everything", is_flag=True, help="Print all there are.")
@click.option("--columns", callback=_columns, metavar="A,B,...", help=f"What is printed: {', '.join(COLUMNS)}.")
@jsonl_options
@server_options
def list_runs(
    opening: Opening,
    /,
    *,
    condition: tuple[str, ...],
    status: tuple[str, ...],
    run_type: tuple[str, ...],
    search: str | None,
    limit: int,
    page: int,
    everything: bool,
    columns: tuple[str, ...],
) -> None:
    """Print runs, newest first: id, status, time of creation, title.

    FILTER is what the terminal app's filter is: words and conditions that all have to hold, such as status:bad,
    age:<2h, took:>5m, steps:>10, engine:cua, url:shop; with a minus in front (after --) they must not. --status, --type
    and --search are the server's own filters and cost nothing. Conditions on what only a run itself tells (prompt, url,
    engine, steps), and columns of it, cost one call for each run looked at.
    """
    reply = current_reply()
    wanted = read_filter(" ".join(f'"{word}"' if " " in word else word for word in condition))
    if wanted.fault:
        raise click.UsageError(f"FILTER: {wanted.fault}.")
    needs_runs = bool(_ONLY_THE_RUN_KNOWS & set(columns)) or not all(map(_ROW_KNOWS.fullmatch, condition))
    now = tools_in_use().clock.now()
    shown = columns or _USUAL
    with opening as server:
        asked = {"status": status or None, "run_type": run_type or None, "search_key": search}
        # Without a condition of ours the server's own pages are what is printed.
        direct = not condition and not everything and limit <= _PAGE
        size = limit if direct else _PAGE
        items = _items(server, asked, size, page if direct else 1)
        known = (one for some in items for one in _known(server, some, needs_runs=needs_runs))
        rows: Iterator[Found] = (one for one in known if wanted.keeps(one.line, now))
        if not everything:
            rows = islice(rows, limit) if direct else islice(rows, (page - 1) * limit, page * limit)
        if not reply.is_text:
            record: Callable[[Found], Any] = (
                (lambda one: _cells(one, columns, now)) if columns else lambda one: one.item
            )
            count = reply.give_each(map(record, rows), str)
        else:
            count = reply.give_each(_table(rows, shown, now), str)
        if not count:
            server.narrator.say("There are no such runs.", "quiet")


def _items(server: Server, asked: dict[str, Any], size: int, page: int) -> Iterator[list[RunListItem]]:
    """Yield the server's pages from ``page`` on, newest first; no run twice, though new ones push others down."""
    seen: set[str] = set()
    while True:
        items = server.client.get_runs(page=page, page_size=size, **asked)
        yield [item for item in items if item.run_id not in seen]
        seen.update(item.run_id for item in items)
        if len(items) < size:
            return
        page += 1


def _known(server: Server, items: Sequence[RunListItem], *, needs_runs: bool) -> Iterator[Found]:
    runs: list[Run | None] = [None] * len(items)
    if needs_runs:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            runs = list(pool.map(lambda item: _run_of(server, item), items))
    for item, run in zip(items, runs, strict=True):
        book = RunBook()
        book.take_items([item])
        if run is not None:
            book.take_run(run)
        yield Found(item, book.lines()[0], run)


def _run_of(server: Server, item: RunListItem) -> Run | None:
    """Return a run; a row whose run can't be had is still a row."""
    try:
        return server.client.get_run(item.run_id)
    except SkyvernError:
        return None


def _cells(one: Found, columns: Sequence[str], now: datetime) -> dict[str, Any]:
    return {name: COLUMNS[name](one, now) for name in columns}


def _table(rows: Iterator[Found], columns: Sequence[str], now: datetime) -> Iterator[str]:
    """Yield lines in columns as wide as the first page needs; with their names above on a terminal only."""
    heads = [name.replace("_", " ").upper() for name in columns]
    cells = ([_text(value) for value in _cells(one, columns, now).values()] for one in rows)
    first = list(islice(cells, _PAGE))
    above = [heads] if first and sys.stdout.isatty() else []
    widths = [max((len(row[place]) for row in [*above, *first]), default=0) for place in range(len(columns))]
    for row in chain(above, first, cells):
        padded = (f"{cell:<{width}}" for cell, width in zip(row[:-1], widths, strict=False))
        yield "  ".join([*padded, row[-1]]).rstrip()


def _text(value: Any) -> str:
    return "" if value is None else shorten(str(value), _LONGEST_CELL)
