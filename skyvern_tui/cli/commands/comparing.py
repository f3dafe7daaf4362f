"""``skyvern-tui runs diff``: two runs side by side, as lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any

import click

from skyvern_tui.cli.envelope import current_reply, json_option
from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.failing import reported
from skyvern_tui.cli.server import Opening, server_options
from skyvern_tui.cli.source import Source, is_file, live, saved_run
from skyvern_tui.cli.watching import rows_of
from skyvern_tui.core.compare import Change, Comparison, Difference, Pair, Side, Timing, compare
from skyvern_tui.core.facts import artifact_fact
from skyvern_tui.core.text import duration_words
from skyvern_tui.core.timeline import Row

_PARTS = ("request", "outcome", "output", "timeline", "timings")


@click.command("diff")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option("--only", multiple=True, type=click.Choice(_PARTS), help="Only this part. Repeatable.")
@json_option
@server_options
@click.pass_context
def diff(ctx: click.Context, opening: Opening, /, *, first: str, second: str, only: tuple[str, ...]) -> None:
    """Print what differs between two runs; A and B are ids or saved runs (.skyrun).

    Lines with - are A's, lines with + are B's. The exit status is 0 if both were asked for the same and ended with the
    same, and 1 if not: what they did on the way and how long it took may differ.
    """
    reply = current_reply()
    with reported(), ExitStack() as stack:
        # One server answers for both; files need none.
        server = None if is_file(first) and is_file(second) else stack.enter_context(opening)
        found = []
        for word in (first, second):
            source: Source = saved_run(word) if server is None or is_file(word) else live(server, word)
            found.append(_side(source))
        comparison = compare(*found)
    parts = only or _PARTS
    reply.give(
        {
            "is_same": comparison.is_same,
            "first": found[0].run.run_id,
            "second": found[1].run.run_id,
            **{part: _data(comparison, part) for part in parts},
        },
        _lines(comparison, parts),
    )
    ctx.exit(Exit.completed if comparison.is_same else Exit.error)


def _side(source: Source) -> Side:
    facts = [artifact_fact(artifact) for artifact in source.artifacts()]
    return Side(source.run, rows_of(source.journal()), facts, source.request())


def _data(comparison: Comparison, part: str) -> list[dict[str, Any]]:
    """Return the differences of a part, as a program reads them."""
    if part == "timeline":
        pairs = [pair for pair in comparison.timeline if pair.change is not Change.same]
        return [{"change": _word(p.change), "first": _row(p.left), "second": _row(p.right)} for p in pairs]
    if part == "timings":
        return [{"name": t.name, "first": t.left, "second": t.right, "ratio": t.ratio} for t in comparison.timings]
    return [
        {"path": d.path, "change": _word(d.change), "first": d.left, "second": d.right}
        for d in _differences(comparison, part)
    ]


def _differences(comparison: Comparison, part: str) -> list[Difference]:
    found: Iterable[Difference] = getattr(comparison, part)
    return [one for one in found if one.change is not Change.same]


def _word(change: Change) -> str:
    return change.name


def _row(row: Row | None) -> str | None:
    return None if row is None else f"{row.head} {row.text}".strip()


def _lines(comparison: Comparison, parts: Iterable[str]) -> Iterator[str]:
    """Yield the comparison as text; a part without differences is one line."""
    for part in parts:
        if part == "timings":
            yield part
            yield from (f"  {line}" for line in map(_timing, comparison.timings))
            continue
        body = (
            [line for pair in comparison.timeline for line in _pair(pair)]
            if part == "timeline"
            else [line for one in _differences(comparison, part) for line in _difference(one)]
        )
        yield part if body else f"{part}: the same"
        yield from (f"  {line}" for line in body)


def _difference(one: Difference) -> Iterator[str]:
    yield one.path or "(all of it)"
    if one.change is not Change.added:
        yield f"  - {one.left}"
    if one.change is not Change.removed:
        yield f"  + {one.right}"


def _pair(pair: Pair) -> Iterator[str]:
    if pair.change is Change.same:
        return
    for sign, row in (("-", pair.left), ("+", pair.right)):
        if row is not None:
            yield f"{sign} {_row(row)}" + (f" ({row.status})" if row.failed and row.status else "")


def _timing(timing: Timing) -> str:
    a, b = (("-" if seconds is None else duration_words(seconds)) for seconds in (timing.left, timing.right))
    ratio = "" if timing.ratio is None else f"  ({timing.ratio:.1f}x)"
    return f"{timing.name:<9} {a:>9} {b:>9}{ratio}"
