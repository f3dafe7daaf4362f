"""The ``skyvern-mock`` command.

Owns: the command line, its messages and its exit codes. Must not: import the web stack
or the browser before a command needs them.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from mock_server.settings import DEFAULT_PORT, Settings, default_data_dir

EXIT_DATA_DIR_IN_USE: Final = 3
EXIT_PORT_IN_USE: Final = 4
EXIT_DATA_DIR: Final = 5

_LATE_COMMANDS: Final = {
    "contract": "mock_server.testing.contract.command:contract",
    "doctor": "mock_server.browser.commands:doctor",
    "install-browser": "mock_server.browser.commands:install_browser",
    "record": "mock_server.tapes.commands:record",
    "scenarios": "mock_server.tapes.commands:scenarios",
}
"""Commands whose modules are imported when they are asked for."""


class _Group(click.Group):
    """A group some of whose commands are imported late."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_LATE_COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _LATE_COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = _LATE_COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command


def _proxies(_: click.Context, __: click.Parameter, options: tuple[str, ...]) -> tuple[Any, ...]:
    from mock_server.engine.proxies import parse_proxy  # noqa: PLC0415  # only for those who have a proxy

    try:
        return tuple(parse_proxy(option) for option in options)
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from None


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="skyvern-tui", prog_name="skyvern-mock")
def main() -> None:
    """A Skyvern that runs on this machine."""


def _faults(_: click.Context, __: click.Parameter, options: tuple[str, ...]) -> tuple[str, ...]:
    if options:
        from mock_server.scenarios import faults_notation  # noqa: PLC0415  # only for those who want faults

        for option in options:
            try:
                faults_notation.from_text(option)
            except ValueError as error:
                raise click.BadParameter(f"{option}: {error}") from None
    return options


def _checked_progression(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None:
        from mock_server.scenarios.script import phases_of  # noqa: PLC0415  # for those who script only

        try:
            phases_of(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None
    return value


def _checked_scenarios(_: click.Context, __: click.Parameter, value: tuple[Path, ...]) -> tuple[Path, ...]:
    if value:
        from mock_server.scenarios.files import ScenarioError, load  # noqa: PLC0415  # as above

        try:
            load(value)
        except ScenarioError as error:
            raise click.BadParameter(str(error)) from None
    return value


def _key_in(context: click.Context, _: click.Parameter, name: str | None) -> str | None:
    """Return the key an environment variable holds; it is never an argument, which others on the machine can read."""
    if name is None:
        return None
    key = os.environ.get(name, "").strip()
    if not key:
        raise click.BadParameter(f"the environment variable {name} is not set, or empty.", context)
    if not key.isascii() or not key.isprintable():
        raise click.BadParameter(f"the environment variable {name} holds what cannot be a key.", context)
    return key


def _checked_address(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None:
        from mock_server.models.chat import address_of  # noqa: PLC0415  # for those who have a model only

        try:
            address_of(value)
        except ValueError as error:
            raise click.BadParameter(f"{error}.") from None
    return value


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=default_data_dir,
    show_default="per-user data directory",
    help="Where runs and artifacts are kept.",
)
@click.option(
    "--dialect",
    type=click.Choice(["cloud", "oss"]),
    default="cloud",
    show_default=True,
    help="Behave as the documentation describes, or as a self-hosted server does.",
)
@click.option(
    "--parallel",
    type=click.IntRange(0),
    default=2,
    show_default=True,
    help="Runs going on at a time; 0 takes runs and does none.",
)
@click.option(
    "--require-key", "require_keys", multiple=True, metavar="KEY", help="Let in this API key only; repeatable."
)
@click.option("--browser", type=click.Path(dir_okay=False, path_type=Path), help="Browser executable to use.")
@click.option("--public-url", metavar="URL", help="Address for links, if clients see another.")
@click.option(
    "--allow-host", "allowed_hosts", multiple=True, metavar="NAME", help="Host name to answer to; repeatable."
)
@click.option(
    "--allow-origin",
    "allowed_origins",
    multiple=True,
    metavar="ORIGIN",
    help="Web origin whose pages may use the API, loopback, or *; repeatable.",
)
@click.option(
    "--run-timeout",
    type=click.FloatRange(0, min_open=True),
    default=1800.0,
    show_default=True,
    metavar="SECONDS",
    help="Longest time one run may take.",
)
@click.option("--block-private-hosts", is_flag=True, help="Refuse task and webhook urls on private networks.")
@click.option("--record/--no-record", default=True, show_default=True, help="Film the runs.")
@click.option(
    "--proxy",
    "proxies",
    multiple=True,
    metavar="PLACE=URL",
    callback=_proxies,
    help="Proxy for a proxy_location (RESIDENTIAL_DE, US-CA, DE, or * for all others); repeatable.",
)
@click.option("--warm", is_flag=True, help="Start the browser at once instead of with the first run.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="FAULT",
    callback=_faults,
    help="What goes wrong for every key, such as get_run:every=5:status=503:retry_after=1; repeatable.",
)
@click.option(
    "--journal",
    "journal_entries",
    type=click.IntRange(0, 100_000),
    default=2_000,
    show_default=True,
    metavar="COUNT",
    help="Exchanges to remember of each key; 0 remembers none.",
)
@click.option(
    "--progression",
    metavar="HOW",
    callback=_checked_progression,
    help="How runs go on that no script fits: agent, immediate, polls=N, seconds=T or manual.  [default: agent]",
)
@click.option(
    "--scenarios",
    multiple=True,
    type=click.Path(path_type=Path),
    callback=_checked_scenarios,
    help="File or directory of scripts for runs, see docs/scenarios.md; repeatable.",
)
@click.option("--seed", type=click.IntRange(0, 2**53), metavar="N", help="Make ids that can be repeated.")
@click.option(
    "--clock",
    type=click.Choice(["real", "frozen", "auto"]),
    default="real",
    show_default=True,
    help="How time passes for each key: as it does, when told, or whenever a run is polled.",
)
@click.option(
    "--planner",
    type=click.Choice(["rules", "openai"]),
    default="rules",
    show_default=True,
    help="Who plans: the rules, or a model with the OpenAI-compatible chat API.",
)
@click.option(
    "--llm-base-url",
    metavar="URL",
    callback=_checked_address,
    help="Where the model's API is, such as http://127.0.0.1:11434/v1.",
)
@click.option("--llm-model", metavar="NAME", help="Model to ask; a task's own goes before it.")
@click.option(
    "--llm-key-env",
    "llm_key",
    metavar="NAME",
    callback=_key_in,
    help="Environment variable that holds the model's API key.",
)
@click.option(
    "--llm-timeout",
    "llm_timeout_seconds",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Longest time one answer of the model may take.",
)
@click.option(
    "--llm-images/--no-llm-images", default=True, show_default=True, help="Show the model screenshots of the page."
)
@click.option("--self-check", is_flag=True, help="Hold requests and answers to the published API schema.")
@click.option("--tied", is_flag=True, help="Stop when stdin ends, so as not to outlive whoever started this.")
@click.option("--verbose", "-v", is_flag=True, help="Log every step to stderr.")
def serve(
    *, host: str, port: int, verbose: bool, browser: Path | None, parallel: int, run_timeout: float, **rest: Any
) -> None:
    """Serve the task API until SIGTERM or Ctrl+C.

    When the server is ready it prints one line of JSON to stdout: url, port, pid and an
    api_key that will be accepted. Everything else goes to stderr.

    Exit codes: 0 stopped as asked, 2 bad usage, 3 the data directory is another server's,
    4 the port cannot be had, 5 the data directory cannot be used.
    """
    if rest["planner"] == "openai" and not (rest["llm_base_url"] and rest["llm_model"]):
        raise click.UsageError("--planner openai needs --llm-base-url and --llm-model.")
    from mock_server import serving  # noqa: PLC0415  # the web stack, for this command only

    origins = rest.pop("allowed_origins")
    settings = Settings(
        host=host,
        port=port,
        browser_path=browser,
        parallel_runs=parallel,
        run_timeout_seconds=run_timeout,
        allowed_origins=origins or None,
        **rest,
    )
    try:
        serving.serve(settings, verbose=verbose)
    except serving.PortError as error:
        _give_up(error, EXIT_PORT_IN_USE)
    except serving.DataDirInUseError as error:
        _give_up(error, EXIT_DATA_DIR_IN_USE)
    except (serving.DataDirError, serving.StoreError) as error:
        _give_up(error, EXIT_DATA_DIR)


def _give_up(error: Exception, code: int) -> NoReturn:
    click.echo(f"skyvern-mock: {error}", err=True)
    sys.exit(code)
