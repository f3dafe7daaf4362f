"""What a program gets on stdout: one JSON document, or one JSON record per line.

Owns: the options ``--json`` and ``--jsonl``, the envelope, and that there is exactly one of it
however the command ends. Must not: know what a command answers; ``docs/cli-output.md`` has
every shape.

A command takes the options with :func:`json_option` or :func:`jsonl_options` and answers
through :func:`current_reply`. The envelope of ``--json`` is written when the command has
ended, so that its warnings and its error are in it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Any, Final, NoReturn, TypeVar

import click

from skyvern_tui.cli.console import Narrator, emit_lines, json_line, json_text, open_missing
from skyvern_tui.cli.exits import Exit

T = TypeVar("T")

SCHEMA_VERSION: Final = 1
"""Raised when a field goes away or changes its meaning; more fields may come without."""
_REPLY: Final = "skyvern_tui.reply"
_WORDS: Final = "skyvern_tui.words"


class Form(Enum):
    """How the answer is written."""

    text = "text"
    json = "json"
    jsonl = "jsonl"


class Reply:
    """The answer of the command in hand."""

    def __init__(self, form: Form, action: str) -> None:
        self.form = form
        self.action = action
        self.data: Any = None
        self.warnings: list[str] = []
        self.error: dict[str, str] | None = None
        self.is_begun = False
        self._is_closed = False

    @property
    def is_text(self) -> bool:
        """True if a person reads the answer."""
        return self.form is Form.text

    @property
    def is_stream(self) -> bool:
        """True if a program reads records line by line."""
        return self.form is Form.jsonl

    def give(self, data: Any, text: Iterable[str] | None = None) -> None:
        """Answer ``data``. As text it is ``text``, line by line, or else JSON without an envelope."""
        if self.form is Form.json:
            self.data = data
        elif self.form is Form.jsonl:
            click.echo(json_line(data))
        elif text is None:
            click.echo(json_text(data))
        else:
            emit_lines(text)

    def keep(self, data: Any) -> None:
        """Have ``data`` in the envelope should nothing more come: an interruption still tells the run's id."""
        if self.form is Form.json:
            self.data = data

    def give_each(self, records: Iterable[T], line: Callable[[T], str]) -> int:
        """Answer a list: as text a line per record, written as the records come. Return how many there were."""
        count = 0
        if self.form is Form.json:
            self.data = []
        for record in records:
            count += 1
            if self.form is Form.json:
                self.data.append(record)
            else:
                emit_lines([line(record)]) if self.is_text else click.echo(json_line(record))
        return count

    def event(self, record: Any) -> None:
        """Tell of something that happened; only ``--jsonl`` has a place for it."""
        if self.form is Form.jsonl:
            click.echo(json_line(record))

    def warn(self, message: str) -> None:
        """Say on stderr, and in the envelope, that something is not as one may think; once, of however many runs."""
        if message in self.warnings:
            return
        self.warnings.append(message)
        Narrator().say(message, "warn")

    def leave(self, code: Exit, message: str, hint: str = "") -> NoReturn:
        """End with the status ``code``, which is told already, and say why in the envelope."""
        if code is not Exit.completed:
            self.error = {"code": code.name, "message": message, "hint": hint}
        click.get_current_context().exit(code)

    def close(self) -> None:
        """Write what is still to be written. Called once, by the group, when the command has ended."""
        if self._is_closed or self.is_text or (self.form is Form.jsonl and self.error is None):
            return
        self._is_closed = True
        envelope = {
            "schema_version": SCHEMA_VERSION,
            "ok": self.error is None,
            "action": self.action,
            "data": self.data,
            "warnings": self.warnings,
            "error": self.error,
        }
        click.echo(json_text(envelope) if self.form is Form.json else json_line(envelope))


def current_reply() -> Reply:
    """Return the reply of the command that is running."""
    context = click.get_current_context()
    reply: Reply = context.meta.setdefault(_REPLY, Reply(Form.text, _action(context)))
    reply.is_begun = True
    return reply


def json_option(command: Callable[..., T]) -> Callable[..., T]:
    """Add ``--json``."""
    return _option(Form.json, "Print one JSON document: ok, data, warnings, error.")(command)


def jsonl_options(command: Callable[..., T]) -> Callable[..., T]:
    """Add ``--json`` and ``--jsonl``."""
    return json_option(_option(Form.jsonl, "Print JSON, one record per line as they come.")(command))


def _option(form: Form, text: str) -> Callable[[Callable[..., T]], Callable[..., T]]:
    def chosen(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's own form
        if not value or ctx.resilient_parsing:
            return
        given: Reply | None = ctx.meta.get(_REPLY)
        if given is not None and given.form is not form:
            raise click.UsageError("--json and --jsonl exclude one another. Give one of them.", ctx)
        del parameter
        ctx.meta[_REPLY] = Reply(form, _action(ctx))

    name = f"--{form.value}"
    return click.option(name, is_flag=True, is_eager=True, expose_value=False, callback=chosen, help=text)


def _action(context: click.Context | None) -> str:
    """Return the command's name with dots: ``runs.list``."""
    return ".".join(context.command_path.split(" ")[1:]) if context is not None else ""


class _Interruption(click.ClickException):
    """Ctrl-C where the command has nothing to say about it."""

    exit_code = int(Exit.interrupted)


class Answering(click.Group):
    """The outermost group: whatever way a command ends, who asked for JSON gets JSON."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Parse the words before the command's name; a fault in them is an envelope, too."""
        words = tuple(args)
        open_missing()
        try:
            context = super().make_context(info_name, args, parent, **extra)
        except click.ClickException as error:
            _close_failed(None, error, words)
            raise
        context.meta[_WORDS] = words
        return context

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, and close its reply."""
        try:
            result = super().invoke(ctx)
        except click.exceptions.Exit:
            reply = ctx.meta.get(_REPLY)
            if reply is not None and reply.is_begun:  # else it was --help
                reply.close()
            raise
        except click.ClickException as error:
            _close_failed(ctx, error, ctx.meta[_WORDS])
            raise
        except BrokenPipeError:
            # Who reads stdout has enough, as `head` has after a line: nothing went wrong.
            # What is still in the buffer has to go somewhere when the interpreter ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(Exit.completed)
        except (KeyboardInterrupt, click.Abort):
            interruption = _Interruption("Interrupted.")
            _close_failed(ctx, interruption, ctx.meta[_WORDS])
            raise interruption from None
        reply = ctx.meta.get(_REPLY)
        if reply is not None:
            reply.close()
        return result


def _close_failed(ctx: click.Context | None, error: click.ClickException, words: Sequence[str]) -> None:
    """Close the reply with an error. A fault in the options is found before they are read: then the words tell."""
    reply = ctx.meta.get(_REPLY) if ctx is not None else None
    where = getattr(error, "ctx", None)
    if reply is None:
        asked = next((form for form in (Form.json, Form.jsonl) if f"--{form.value}" in words), Form.text)
        reply = Reply(asked, _action(where))
    hint = getattr(error, "hint", "")
    if not hint and isinstance(error, click.UsageError) and where is not None:
        hint = f"{where.command_path} --help shows what there is."
    known = {code.value for code in Exit}
    code = Exit(error.exit_code) if error.exit_code in known else Exit.error
    reply.error = {"code": code.name, "message": error.format_message(), "hint": hint}
    reply.close()
