"""``skyvern-mock contract``.

Owns: the command line, its messages and its exit codes. Must not: examine or show by itself.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from mock_server.testing.contract.catalogue import chosen
from mock_server.testing.contract.examiner import Report, Result, examine
from mock_server.testing.contract.protocol import ProtocolError
from mock_server.testing.contract.report import FORMS

EXIT_NOT_HANDLED: Final = 1
EXIT_ADAPTER: Final = 3
_BY_SUFFIX: Final = {".json": "json", ".xml": "junit", ".html": "html", ".htm": "html"}


@click.command()
@click.option("--target", metavar="COMMAND", help="The adapter: a command that reads and writes lines, or a URL.")
@click.option("--only", multiple=True, metavar="CASE", help="Only these cases, such as polling.*; repeatable.")
@click.option("--list", "is_list", is_flag=True, help="Show the cases and end.")
@click.option(
    "--format", "form", type=click.Choice(list(FORMS)), default="text", show_default=True, help="Form on stdout."
)
@click.option(
    "--out",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report here as well, in the form its name ends with: .json, .xml (JUnit), .html; repeatable.",
)
@click.option("--jobs", type=click.IntRange(1, 64), default=4, show_default=True, help="Adapters side by side.")
@click.option(
    "--limit",
    type=click.FloatRange(1),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Who has not answered a case by then, hangs.",
)
@click.option("--dialect", type=click.Choice(["cloud", "oss"]), default="cloud", show_default=True)
@click.option("--server", metavar="URL", help="A mock server that runs already; otherwise one is started.")
def contract(
    *,
    target: str | None,
    only: tuple[str, ...],
    is_list: bool,
    form: str,
    out: tuple[Path, ...],
    jobs: int,
    limit: float,
    dialect: str,
    server: str | None,
) -> None:
    """Try a client, in any language, with everything that can go wrong, and report how it does.

    The client is reached through a small adapter, see docs/contract-report.md.

    Exit codes: 0 everything offered is handled, 1 something is not, 2 bad usage, 3 the adapter does not
    start or does not answer as documented.
    """
    try:
        cases = chosen(only)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--only") from None
    if is_list:
        for case in cases:
            click.echo(f"{case.id.ljust(28)} {case.title}")
        return
    if not target:
        raise click.UsageError("Say what is to be tried: --target 'python -m myapp.adapter', or --target URL.")
    for path in out:
        if path.suffix not in _BY_SUFFIX:
            raise click.BadParameter(f"{path} ends with none of {', '.join(_BY_SUFFIX)}.", param_hint="--out")
    try:
        with _server(server, dialect) as address:
            report = examine(target, cases, server=address, jobs=jobs, limit_seconds=limit, on_result=_tell)
    except (ProtocolError, ValueError) as error:
        click.echo(f"skyvern-mock: {error}", err=True)
        sys.exit(EXIT_ADAPTER)
    _write(report, form, out)
    if not report.has_passed:
        sys.exit(EXIT_NOT_HANDLED)


def _server(server: str | None, dialect: str) -> contextlib.AbstractContextManager[str]:
    if server is not None:
        return contextlib.nullcontext(server.rstrip("/"))
    return _own_server(dialect)


@contextlib.contextmanager
def _own_server(dialect: str) -> Iterator[str]:
    from mock_server.testing.server import LocalServer  # noqa: PLC0415  # the web stack, for those who need one

    # Half of the catalogue is what no service should answer; there is nothing to check the server for.
    with LocalServer(dialect=dialect, self_check=False) as server:
        yield server.base_url


def _tell(result: Result) -> None:
    if sys.stderr.isatty():
        click.echo(f"{result.case.id}: {result.verdict.kind.value}", err=True)


def _write(report: Report, form: str, out: tuple[Path, ...]) -> None:
    click.echo(FORMS[form](report), nl=False)
    for path in out:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FORMS[_BY_SUFFIX[path.suffix]](report), encoding="utf-8")
