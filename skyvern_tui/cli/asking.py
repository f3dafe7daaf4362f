"""The options that describe a task.

Owns: one option per task parameter, made from the parameters that the terminal app's form
is made from too, the ways to give a whole request, and the way from all of them to one
draft. Must not: send it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final, TypeVar

import click

from skyvern_tui.cli.envelope import Reply
from skyvern_tui.cli.given import file_text, given, given_file, stdin_text
from skyvern_tui.client import TaskRunRequest
from skyvern_tui.config.locations import state_dir
from skyvern_tui.core.draft import BY_NAME, PARAMETERS, Draft, DraftInvalid, Kind, Parameter, hints, to_request
from skyvern_tui.core.imports import NotUnderstood, read_request
from skyvern_tui.core.templates import Template, TemplateStore

T = TypeVar("T")

_FLAGS: Final = {
    "data_extraction_schema": "--schema",
    "extra_http_headers": "--header",
    "error_code_mapping": "--error-code",
    "cdp_connect_headers": "--cdp-connect-header",
}
"""Parameters whose option has another name than they have."""
_PAIRS: Final = {
    "extra_http_headers": "KEY=VALUE",
    "error_code_mapping": "CODE=TEXT",
    "cdp_connect_headers": "KEY=VALUE",
}
"""Parameters whose option is given once per entry."""
_LEFT_OUT: Final = re.compile(r"\$\{(SKYVERN_[A-Z0-9_]+)\}")
_FROM_FILE: Final = {Kind.json_object, Kind.name_or_object, Kind.string_list}
"""Kinds beside the long ones whose value may be in a file."""
_SCHEMA_HELP: Final = "JSON schema the output is to follow: a file, - for stdin, or the JSON itself."
_REQUEST_HELP: Final = "Take the task from a file or, with -, from stdin: JSON, curl, Python, TypeScript or a run."


def task_options(command: Callable[..., T]) -> Callable[..., T]:
    """Add the argument PROMPT, an option for every other task parameter, ``--request`` and ``--template``."""
    for parameter in reversed(PARAMETERS):
        if parameter.name != "prompt":
            command = _option(parameter)(command)
    command = click.option("--template", metavar="NAME", help="Start from a template; --template list names them.")(
        command
    )
    command = click.option("--request", "request_file", metavar="FILE|-", help=_REQUEST_HELP)(command)
    return click.argument("prompt", required=False)(command)


def option_name(name: str) -> str:
    """Return how a parameter is written on the command line."""
    return "PROMPT" if name == "prompt" else _FLAGS.get(name, "--" + name.replace("_", "-"))


def draft_from(
    prompt: str | None, options: Mapping[str, Any], *, request_file: str | None, template: str | None, reply: Reply
) -> Draft:
    """Return what the template, then the request, then PROMPT and the options say; each wins over those before.

    Raises click's UsageError for what can't be read. What a request holds that was not understood becomes a warning.
    """
    draft = _template(template).draft if template is not None else Draft()
    if request_file is not None:
        draft = Draft({**draft.texts, **_requested(request_file, reply).texts})
    if prompt is not None:
        draft = draft.typed("prompt", given(prompt, "PROMPT"))
    for name, text in _texts(options):
        draft = draft.typed(name, text)
    return draft


def changed(draft: Draft, assignments: Sequence[str]) -> Draft:
    """Return the draft with every ``name=value`` put in; an empty value takes the parameter out."""
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        name = name.strip().replace("-", "_")
        if not equals:
            raise click.UsageError(f"--set {assignment!r}: write it as name=value, or name= to leave it out.")
        if name not in BY_NAME:
            close = get_close_matches(name, BY_NAME, n=1)
            raise click.UsageError(
                f"--set: there is no parameter {name!r}." + (f" Did you mean {close[0]}?" if close else "")
            )
        draft = draft.typed(name, given(value, f"--set {name}"))
    return draft


def checked(draft: Draft, reply: Reply) -> TaskRunRequest:
    """Return the request a draft stands for; what is odd becomes a warning. Raises UsageError naming every fault."""
    draft = Draft({name: _filled(name, text) for name, text in draft.texts.items()})
    try:
        request = to_request(draft)
    except DraftInvalid as error:
        if set(error.reasons) == {"prompt"}:
            raise click.UsageError(
                f"PROMPT: {error.reasons['prompt']}. Give it as the first word, @FILE or -, "
                "or take a task from --request or --template."
            ) from error
        reasons = "; ".join(f"{option_name(name)}: {reason}" for name, reason in error.reasons.items())
        raise click.UsageError(reasons) from error
    for name, hint in hints(draft).items():
        reply.warn(f"{option_name(name)}: {hint}")
    return request


def _filled(name: str, text: str) -> str:
    """Put in what stands for a secret that was left out when the request was written down: the variable's value."""

    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match[1])
        if found is None:
            raise click.UsageError(f"{option_name(name)}: {match[0]} stands for a secret. Set the variable {match[1]}.")
        return json.dumps(found, ensure_ascii=False)[1:-1] if text.lstrip().startswith(("{", "[")) else found

    return _LEFT_OUT.sub(value, text)


def fields_of(request: TaskRunRequest) -> dict[str, Any]:
    """Return what is sent, by wire name."""
    return request.model_dump(mode="json", exclude_unset=True)


def templates() -> list[Template]:
    """Return the user's own templates and those that come with the program."""
    return TemplateStore(state_dir() / "templates").all()


def _template(name: str) -> Template:
    known = templates()
    for template in known:
        if template.name.casefold() == name.casefold():
            return template
    lines = "\n".join(f"  {template.name}: {template.summary}" for template in known)
    raise click.UsageError(f"--template: there is no template {name!r}. These are there:\n{lines}")


def _requested(place: str, reply: Reply) -> Draft:
    try:
        imported = read_request(given_file(place, "--request"))
    except NotUnderstood as error:
        raise click.UsageError(f"--request {place}: {error}.") from error
    for message in imported.messages:
        reply.warn(f"--request: {message}")
    return imported.draft


def _texts(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each parameter that was given, with the text a draft has for it."""
    for parameter in PARAMETERS:
        name, value = parameter.name, options.get(parameter.name)
        if not value:
            continue
        if name in _PAIRS:
            yield name, json.dumps(dict(pair for entry in value for pair in _pairs(entry, name)))
        elif parameter.kind is Kind.schema:
            yield name, _schema_text(value)
        elif parameter.is_long or parameter.kind in _FROM_FILE:
            yield name, given(value, option_name(name))
        else:
            yield name, "true" if value is True else str(value)


def _option(parameter: Parameter) -> Callable[[Callable[..., T]], Callable[..., T]]:
    name, flag = parameter.name, option_name(parameter.name)
    text = parameter.help[0].upper() + parameter.help[1:] + "."
    if name in _PAIRS:
        return click.option(flag, name, multiple=True, metavar=_PAIRS[name], help=f"{text} Repeatable; @FILE, -.")
    if parameter.kind is Kind.flag:
        return click.option(flag, name, is_flag=True, help=text)
    if parameter.kind is Kind.schema:
        return click.option(flag, name, metavar="FILE|-|JSON", help=_SCHEMA_HELP)
    metavar = {Kind.url: "URL", Kind.whole: "N", Kind.json_object: "JSON|@FILE|-"}.get(parameter.kind, "TEXT")
    return click.option(flag, name, metavar=metavar, help=text)


def _pairs(entry: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield what an entry holds: itself, or all lines or the JSON object of a file or of stdin."""
    if entry != "-" and (not entry.startswith("@") or entry.startswith("@@")):
        yield _pair(entry.removeprefix("@"), name)
        return
    text = given(entry, option_name(name))
    if text.lstrip().startswith("{"):
        try:
            found = json.loads(text)
        except ValueError as error:
            raise click.UsageError(f"{option_name(name)} {entry}: not readable as JSON: {error}.") from error
        yield from ((str(key), value if isinstance(value, str) else json.dumps(value)) for key, value in found.items())
    else:
        lines = (line.strip() for line in text.splitlines())
        yield from (_pair(line, name) for line in lines if line and not line.startswith("#"))


def _pair(entry: str, name: str) -> tuple[str, str]:
    key, equals, value = entry.partition("=")
    if not equals or not key.strip():
        raise click.UsageError(f"{option_name(name)} {entry!r}: write it as {_PAIRS[name]}.")
    return key.strip(), value


def _schema_text(value: str) -> str:
    """Return the schema's text: from stdin, from the option itself or from a file."""
    if value == "-":
        return stdin_text("--schema")
    if value.lstrip().startswith(("{", "[")):
        return value
    try:
        return file_text(value.removeprefix("@"), "--schema")
    except click.UsageError as error:
        raise click.UsageError(f"{error.message} Give a file, - for stdin, or the JSON itself.") from error
