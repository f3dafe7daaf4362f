"""``serve``: the terminal app in a browser."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from importlib.util import find_spec
from typing import Final

import click

from skyvern_tui.cli.envelope import current_reply, jsonl_options
from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.failing import Failure, reported
from skyvern_tui.cli.naming import Named, naming_options
from skyvern_tui.cli.server import running, tools_in_use
from skyvern_tui.config import Connection, resolve_connection
from skyvern_tui.config.connection import is_loopback

_PORT: Final = 8010


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 is every one.")
@click.option("--port", type=click.IntRange(0, 65535), default=_PORT, show_default=True, help="Port; 0: a free one.")
@click.option("--public-url", metavar="URL", help="How browsers reach it, if through a proxy.")
@naming_options()
@jsonl_options
def serve(*, host: str, port: int, public_url: str | None, named: Named) -> None:
    """Open the app in a browser: every visitor gets one of their own, until Ctrl-C.

    Whoever can reach the address works with your server and your key; there is no log-in. So only this machine can,
    unless --host says otherwise.
    """
    for name in ("textual", "textual_serve"):
        if find_spec(name) is None:
            raise Failure("The app in a browser needs an extra.", Exit.error, "pip install 'skyvern-tui[tui,web]'")
    if public_url is not None and not public_url.startswith(("http://", "https://")):
        raise click.BadParameter(f"{public_url!r} needs a scheme: http://... or https://...", param_hint="--public-url")
    from skyvern_tui.cli.served import Served, as_command, listening  # noqa: PLC0415 - an extra

    tools = tools_in_use()
    with reported(), ExitStack() as until_the_end:
        connection = resolve_connection(**named)
        listener = until_the_end.enter_context(listening(host, port))
        if connection is None or connection.embedded:
            # One for all: the first visitor's own would end with the first visitor.
            until_the_end.enter_context(running(connection or Connection("", name="mock", embedded=True), tools))
            named = {**named, "profile": None, "mock": True}
        flags = ["--mock"] if named["mock"] else []
        flags += [*_flag("--base-url", named["base_url"]), *_flag("--profile", named["profile"])]
        command = as_command([sys.executable, "-m", "skyvern_tui", *flags], windows=sys.platform == "win32")
        served = Served(command, listener, host=host, public_url=public_url)
        shown = public_url or f"http://{'127.0.0.1' if is_loopback(host) else host}:{listener.getsockname()[1]}/"
        if not is_loopback(host):
            where = connection.name if connection is not None else "the local mock"
            tools.narrator.say(
                f"Whoever reaches {host} works with your key on {where}: there is no log-in and no encryption. "
                "Put a proxy in front that has both, or use ssh -L.",
                "warn",
            )
        reply = current_reply()
        reply.event({"event": "listening", "url": shown})
        if reply.is_text:
            click.echo(shown)
        try:
            tools.narrator.say("Ctrl-C ends it, and the app of every visitor.", "quiet")
            served.run()
        except KeyboardInterrupt:  # before it listened; later it is told by the signal itself
            return


def _flag(name: str, value: str | None) -> list[str]:
    return [name, value] if value else []
