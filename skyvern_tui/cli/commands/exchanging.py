"""``skyvern-tui export`` and ``import``: runs for other tools, and requests from them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from skyvern_tui.cli.asking import fields_of, option_name
from skyvern_tui.cli.console import emit_block
from skyvern_tui.cli.envelope import current_reply, json_option
from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.failing import Failure
from skyvern_tui.cli.given import given_file
from skyvern_tui.cli.server import Opening, server_options, tools_in_use, url_meant
from skyvern_tui.cli.source import Source, saved_run, sourced
from skyvern_tui.client import Artifact, BadRequestError, Run, TimelineItem
from skyvern_tui.core.draft import Draft, DraftInvalid, readable, to_request
from skyvern_tui.core.exports import FORMATS, KEY_VARIABLE, export
from skyvern_tui.core.exports.offers import CASSETTE, FILE, OFFERS, TEST, Material, written
from skyvern_tui.core.imports import Imported, NotUnderstood, from_run, read_request
from skyvern_tui.core.saving import safe_name
from skyvern_tui.core.skyrun import SUFFIX, collect

REQUEST_FORMATS: Final = tuple(format_.name for format_ in FORMATS)
_SAVED: Final = FILE
_OFFERS: Final = {"pytest" if offer.name == TEST else offer.name: offer for offer in OFFERS}


@click.command("export")
@click.argument("run_id", metavar="RUN_ID|FILE")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(list(_OFFERS)),
    default="curl",
    show_default=True,
    help="What to write.",
)
@click.option("--out", metavar="FILE|-", help=f"Where to; stdout, but for {_SAVED}: RUN_ID{SUFFIX}.")
@json_option
@server_options
def export_run(opening: Opening, /, *, run_id: str, format_name: str, out: str | None) -> None:
    """Write a run for another tool.

    Its request as a shell command or a program (no secret is written: variables stand for them), the whole exchange as
    a vcrpy cassette, a pytest test on the mock, or everything in one .skyrun file that opens again with no server.
    """
    reply = current_reply()
    with sourced(opening, run_id) as source:
        if format_name == _SAVED:
            if out == "-":
                raise click.UsageError(f"--out: a {SUFFIX} file is no text. Name a file.")
            path = Path(out or safe_name(source.run.run_id) + SUFFIX).expanduser()
            for reason in _save(source, path):
                reply.warn(reason)
            reply.give({"format": format_name, "path": str(path), "size": path.stat().st_size}, [str(path)])
            return
        text, variables = written(_OFFERS[format_name], _material(source, format_name))
    data: dict[str, Any] = {"format": format_name, "variables": list(variables)}
    if out is None or out == "-":
        reply.give({**data, "text": text}) if not reply.is_text else emit_block(text)
    else:
        Path(out).expanduser().write_text(text, encoding="utf-8")
        reply.give({**data, "path": out}, [out])
    missing = [name for name in variables if name != KEY_VARIABLE]
    if missing:
        reply.warn(f"Set {', '.join(missing)} before use: secrets are not written.")


def _material(source: Source, format_name: str) -> Material:
    is_whole = format_name == CASSETTE  # the others need nothing but the run
    return Material(
        source.run,
        source.timeline() if is_whole else None,
        source.artifacts() if is_whole else (),
        source.request(),
        source.base_url,
        source.secrets,
    )


def _save(source: Source, path: Path) -> list[str]:
    """Write everything to one file; return what could not be had, in words."""
    done = asyncio.run(
        collect(
            _Asked(source),
            source.run.run_id,
            path,
            saved_at=tools_in_use().clock.now(),
            journal=source.journal(),
            request=source.request(),
            server=source.base_url,
            secrets=source.secrets,
        )
    )
    return [f"{name} is not in the file: {reason}" for name, reason in done.missing]


class _Asked:
    """A source as the collector asks for it."""

    def __init__(self, source: Source) -> None:
        self._source = source

    async def get_run(self, run_id: str) -> Run:
        del run_id
        return self._source.run

    async def get_run_timeline(self, run_id: str) -> Sequence[TimelineItem]:
        found = await asyncio.to_thread(self._source.timeline)
        if found is None:
            raise BadRequestError(f"{run_id} has no timeline", status_code=400)
        return found

    async def get_run_artifacts(self, run_id: str) -> Sequence[Artifact]:
        del run_id
        return await asyncio.to_thread(self._source.artifacts)

    async def get_artifact_content(self, artifact: Artifact) -> bytes:
        return await asyncio.to_thread(self._source.content, artifact)


@click.command("import")
@click.argument("file", metavar="FILE|-")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(REQUEST_FORMATS),
    default="json",
    show_default=True,
    help="What to print the request as.",
)
@json_option
@server_options
@click.pass_context
def import_request(ctx: click.Context, opening: Opening, /, *, file: str, format_name: str) -> None:
    """Read a request somebody wrote elsewhere, and print it as understood.

    FILE holds a curl command, JSON, a Python or TypeScript program, a run as JSON, or is a .skyrun file. Nothing in it
    is carried out. What was not understood is said on stderr. `run --request FILE` starts it.
    """
    del opening  # nothing is asked; its options name the server that is written down
    reply = current_reply()
    imported = _imported(file)
    for message in imported.messages:
        reply.warn(message)
    try:
        fields = fields_of(to_request(imported.draft))
        faults = ""
    except DraftInvalid as error:
        fields = readable(imported.draft)
        faults = "; ".join(f"{option_name(name)}: {reason}" for name, reason in error.reasons.items())
    exported = export(fields, format_name, base_url=url_meant(ctx))
    if reply.is_text:
        emit_block(exported.text)
    else:
        text = {"format": format_name, "text": exported.text, "variables": list(exported.variables)}
        reply.give({"source": imported.source, **text})
    if faults:
        raise Failure(f"This can't be sent as it is: {faults}.", Exit.bad_input, "`run --request FILE` takes options.")


def _imported(file: str) -> Imported:
    if file.endswith(SUFFIX):
        saved = saved_run(file)
        sent = saved.request()
        return from_run(saved.run) if sent is None else Imported(Draft.from_request(sent), "run", ())
    try:
        return read_request(given_file(file, "FILE"))
    except NotUnderstood as error:
        raise Failure(
            f"{file}: {error}.", Exit.bad_input, "It may be curl, JSON, Python, TypeScript or a run as JSON."
        ) from error
