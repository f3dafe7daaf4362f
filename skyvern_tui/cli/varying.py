"""One task as several runs: the options for it, and seeing all of them through.

Owns: ``--each``, ``--variants`` and ``--copies``, starting every variant, waiting for all, and the exit status of
them together. Must not: make the combinations (``core.variants``) or wait for a run by itself (``following``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from skyvern_tui.cli.asking import checked, fields_of
from skyvern_tui.cli.console import emit_block, json_line
from skyvern_tui.cli.envelope import Form, Reply
from skyvern_tui.cli.exits import Exit, of_status
from skyvern_tui.cli.failing import Failure
from skyvern_tui.cli.following import follow, save_all
from skyvern_tui.cli.given import given, given_file
from skyvern_tui.cli.server import Server, tools_in_use
from skyvern_tui.cli.source import LiveSource
from skyvern_tui.cli.watching import Events, Teller
from skyvern_tui.client import Run
from skyvern_tui.core.draft import BY_NAME, Draft
from skyvern_tui.core.exports import export
from skyvern_tui.core.imports import NotUnderstood, read_request
from skyvern_tui.core.text import one_line, plural, shorten
from skyvern_tui.core.variants import MAX_VARIANTS, Variant, axis, variants

T = TypeVar("T")

_NAME_LENGTH: Final = 60


def varying_options(command: Callable[..., T]) -> Callable[..., T]:
    """Add the options that make several runs of one task."""
    each = click.option(
        "--each",
        multiple=True,
        metavar="NAME=VALUE",
        help="Start a run for each value of a parameter; repeatable, all combinations of several. "
        "@FILE or - as VALUE: a value per line.",
    )
    lines = click.option(
        "--variants",
        "variants_file",
        metavar="FILE|-",
        help="Start a run for each line: a JSON object of what is other than PROMPT and the options say.",
    )
    copies = click.option("--copies", type=click.IntRange(1, MAX_VARIANTS), default=1, help="Start each so many times.")
    return each(lines(copies(command)))


@dataclass(frozen=True, slots=True)
class Asked:
    """One of several requests: what it is called among them, and what is sent."""

    name: str
    fields: dict[str, Any]


def several(draft: Draft, each: Sequence[str], variants_file: str | None, copies: int, reply: Reply) -> list[Asked]:
    """Return the requests that are wanted; empty if it is one task, once.

    Raises click's UsageError that names every fault of every variant: nothing is sent before all are right.
    """
    if not each and variants_file is None and copies == 1:
        return []
    axes = _axes(each)
    drafts = [("", draft)] if variants_file is None else list(_lines(draft, variants_file, reply))
    made: list[Variant] = []
    for name, one in drafts:
        try:
            made += [
                Variant(_named(name, variant.name), variant.draft, variant.reasons)
                for variant in variants(one, axes, copies=copies)
            ]
        except ValueError as error:
            raise click.UsageError(f"{error}.") from error
    if not 0 < len(made) <= MAX_VARIANTS:
        raise click.UsageError(f"{len(made)} variants; between 1 and {MAX_VARIANTS} can be started at once.")
    asked, faults = [], []
    for variant in made:
        try:
            asked.append(Asked(variant.name, fields_of(checked(variant.draft, reply))))
        except click.UsageError as error:
            faults.append(f"{variant.name}: {error.message}")
    if faults:
        raise click.UsageError("\n".join(["Nothing was started.", *faults]))
    return asked


def show_requests(reply: Reply, asked: Sequence[Asked], format_name: str, *, base_url: str) -> None:
    """Answer the requests as another tool would take them; as text, JSON is one request per line."""
    exported = [(one, export(one.fields, format_name, base_url=base_url)) for one in asked]
    if not reply.is_text:
        records = (
            {"variant": one.name, "format": format_name, "text": text.text, "variables": list(text.variables)}
            for one, text in exported
        )
        reply.give_each(records, str)
        return
    for number, (_, text) in enumerate(exported):
        if format_name == "json":
            click.echo(json_line(json.loads(text.text)))
        else:
            emit_block(("\n" if number else "") + text.text)


def leave_all(reply: Reply, server: Server, asked: Sequence[Asked]) -> None:
    """Start all, and answer with their ids."""
    reply.give_each((_record(one, run) for one, run in _started(server, asked)), lambda one: str(one["run"].run_id))
    server.narrator.say(f"Follow one with `{server.again('watch RUN_ID')}`.", "quiet")


def see_all_through(
    reply: Reply, server: Server, asked: Sequence[Asked], *, timeout: float, cancel: bool, out: Path | None
) -> None:
    """Start all, wait for each, and answer with them in the order they were asked for; the exit status is theirs."""
    going: list[tuple[Asked, Run]] = []
    for one, run in _started(server, asked):
        going.append((one, run))
        reply.keep([_record(*entry) for entry in going])
        reply.event({"event": "started", **_record(one, run)})
    clock = tools_in_use().clock
    end = clock.monotonic() + timeout
    ended: list[Run] = []
    for number, (one, run) in enumerate(going):
        server.narrator.say(f"{one.name} ({run.run_id}):")
        try:
            last = follow(server, run, max(0.0, end - clock.monotonic()), cancel=cancel, teller=_teller(reply, run))
        except Failure as failure:
            if failure.exit_code == Exit.interrupted:
                left = plural(len(going) - number, "run")
                hint = f"They go on: {server.again('runs list status:live')}"
                raise Failure(f"Interrupted. {left} may go on, none was canceled.", Exit.interrupted, hint) from None
            if failure.exit_code != Exit.wait_timeout:
                raise
            server.narrator.say(failure.message, "warn")
            continue
        ended.append(last)
        going[number] = (one, last)
        reply.keep([_record(*entry) for entry in going])
        reply.event({"event": "ended", **_record(one, last)})
        if reply.is_text:
            click.echo(
                json_line({"variant": one.name, "run_id": last.run_id, "status": last.status, "output": last.output})
            )
        if out is not None:
            save_all(server.narrator, LiveSource(server, last), out / last.run_id)
    _leave(reply, server, going, ended)


def _leave(reply: Reply, server: Server, going: Sequence[tuple[Asked, Run]], ended: Sequence[Run]) -> None:
    """End with the status of all: the one they share; 7 if some go on; 1 if they ended in several ways."""
    codes = {of_status(run.status) for run in ended}
    done = sum(run.status == "completed" for run in ended)
    words = f"{done} of {plural(len(going), 'run')} completed."
    server.narrator.say(words, "good" if done == len(going) else "bad")
    code = codes.pop() if len(codes) == 1 else Exit.error
    if len(ended) < len(going):
        code = Exit.wait_timeout
    reply.leave(code, words, f"{server.again('runs list')} shows them.")


def _started(server: Server, asked: Sequence[Asked]) -> Iterator[tuple[Asked, Run]]:
    """Start one after the other, and tell of each; a failure says how many there are already."""
    for number, one in enumerate(asked):
        try:
            run = server.start(one.fields)
        except Exception:
            if number:
                server.narrator.say(f"{number} of {len(asked)} were started before that.", "warn")
            raise
        server.narrator.say(f"Run {run.run_id} is {run.status} on {server.connection.name}: {one.name}.")
        yield one, run


def _record(one: Asked, run: Run) -> dict[str, Any]:
    return {"variant": one.name, "run": run}


def _teller(reply: Reply, run: Run) -> Teller | None:
    """Return whom ``--jsonl`` has told: every event with the run it is of."""
    if reply.form is not Form.jsonl:
        return None
    return Events(lambda record: reply.event({**record, "run_id": run.run_id}))


def _axes(each: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return the values of every parameter named; a name may come several times."""
    axes: dict[str, list[str]] = {}
    for entry in each:
        name, equals, value = entry.partition("=")
        name = name.strip().removeprefix("--").replace("-", "_").lower()
        if not equals or name not in BY_NAME:
            raise click.UsageError(
                f"--each {entry!r}: write it as NAME=VALUE, where NAME is one of {', '.join(BY_NAME)}."
            )
        is_list = value == "-" or (value.startswith("@") and not value.startswith("@@"))
        text = given(value, f"--each {name}")
        found = axis(text) if is_list else [text]
        if not found:
            raise click.UsageError(f"--each {entry}: there is no value in it.")
        axes[name] = [*axes.get(name, []), *found]
    return axes


def _lines(draft: Draft, place: str, reply: Reply) -> Iterator[tuple[str, Draft]]:
    """Yield the draft with what each line says put in, and what that line is called."""
    text = given_file(place, "--variants").strip()
    if text.startswith("["):
        try:
            text = "\n".join(json.dumps(one) for one in json.loads(text))
        except ValueError as error:
            raise click.UsageError(f"--variants {place}: not readable as JSON: {error}.") from error
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        if not line.lstrip().startswith("{"):
            raise click.UsageError(f"--variants {place}, line {number}: a JSON object is wanted, on one line.")
        try:
            found = read_request(line)
        except NotUnderstood as error:
            raise click.UsageError(f"--variants {place}, line {number}: {error}.") from error
        for message in found.messages:
            reply.warn(f"--variants {place}, line {number}: {message}")
        words = one_line(", ".join(found.draft.texts.values()))
        yield shorten(words, _NAME_LENGTH) or f"line {number}", Draft({**draft.texts, **found.draft.texts})


def _named(line: str, combination: str) -> str:
    """Return the name of a variant out of its line's and its combination's."""
    if not line:
        return combination
    if combination.startswith("as written"):
        return line + combination.removeprefix("as written")
    return f"{line}, {combination}"
