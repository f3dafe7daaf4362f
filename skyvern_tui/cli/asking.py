"""The options that describe a task.

Owns: one option per task parameter, made from the parameters that the terminal app's form
is made from too, and the way from options to a request. Must not: send it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from skyvern_tui.client import TaskRunRequest
from skyvern_tui.core.draft import PARAMETERS, Draft, DraftInvalid, Kind, Parameter, to_request

T = TypeVar("T")

_FLAGS: Final = {
    "data_extraction_schema": "--schema",
    "extra_http_headers": "--header",
    "error_code_mapping": "--error-code",
}
"""Parameters whose option has another name than they have."""
_PAIRS: Final = {"extra_http_headers": "KEY=VALUE", "error_code_mapping": "CODE=TEXT"}
"""Parameters whose option is given once per entry."""
_SCHEMA_HELP: Final = "JSON schema the output is to follow: a file, - for stdin, or the JSON itself."


def task_options(command: Callable[..., T]) -> Callable[..., T]:
    """Add the argument PROMPT and an option for every other task parameter."""
    for parameter in reversed(PARAMETERS):
        if parameter.name != "prompt":
            command = _option(parameter)(command)
    return click.argument("prompt")(command)


def option_name(name: str) -> str:
    """Return how a parameter is written on the command line."""
    return "PROMPT" if name == "prompt" else _FLAGS.get(name, "--" + name.replace("_", "-"))


def request_from(prompt: str, options: Mapping[str, Any]) -> TaskRunRequest:
    """Return the request that PROMPT and the options stand for. Raises click's UsageError naming every fault."""
    texts = {"prompt": prompt}
    for parameter in PARAMETERS:
        value = options.get(parameter.name)
        if not value:
            continue
        if parameter.name in _PAIRS:
            texts[parameter.name] = json.dumps(dict(_pair(entry, parameter.name) for entry in value))
        elif parameter.kind is Kind.schema:
            texts[parameter.name] = _schema_text(value)
        else:
            texts[parameter.name] = "true" if value is True else str(value)
    try:
        return to_request(Draft(texts))
    except DraftInvalid as error:
        reasons = "; ".join(f"{option_name(name)}: {reason}" for name, reason in error.reasons.items())
        raise click.UsageError(reasons) from error


def _option(parameter: Parameter) -> Callable[[Callable[..., T]], Callable[..., T]]:
    name, flag = parameter.name, option_name(parameter.name)
    text = parameter.help[0].upper() + parameter.help[1:] + "."
    if name in _PAIRS:
        return click.option(flag, name, multiple=True, metavar=_PAIRS[name], help=f"{text} Repeatable.")
    if parameter.kind is Kind.flag:
        return click.option(flag, name, is_flag=True, help=text)
    if parameter.kind is Kind.schema:
        return click.option(flag, name, metavar="FILE|-|JSON", help=_SCHEMA_HELP)
    metavar = {Kind.url: "URL", Kind.whole: "N", Kind.json_object: "JSON"}.get(parameter.kind, "TEXT")
    return click.option(flag, name, metavar=metavar, help=text)


def _pair(entry: str, name: str) -> tuple[str, str]:
    key, equals, value = entry.partition("=")
    if not equals or not key.strip():
        raise click.UsageError(f"{option_name(name)} {entry!r}: write it as {_PAIRS[name]}.")
    return key.strip(), value


def _schema_text(value: str) -> str:
    """Return the schema's text: from stdin, from the option itself or from a file."""
    if value == "-":
        return sys.stdin.read()
    if value.lstrip().startswith(("{", "[")):
        return value
    try:
        return Path(value).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a text file"
        raise click.UsageError(f"--schema {value}: {reason}. Give a file, - for stdin, or the JSON itself.") from error
