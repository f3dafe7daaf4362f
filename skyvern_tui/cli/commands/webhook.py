"""``webhook``: take deliveries in, check one, have one sent again."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import click

from skyvern_tui.cli.console import Narrator, emit_lines
from skyvern_tui.cli.envelope import Form, Reply, current_reply, json_option, jsonl_options
from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.failing import Failure, reported
from skyvern_tui.cli.naming import Named, naming_options
from skyvern_tui.cli.receiver import Answers, Delivery, Receiver, Trust, forward_to
from skyvern_tui.cli.server import Opening, Tools, server_options
from skyvern_tui.client.secrets import describe_key
from skyvern_tui.client.webhooks import DEFAULT_TOLERANCE, SIGNATURE_HEADER, TIMESTAMP_HEADER
from skyvern_tui.config import resolve_connection
from skyvern_tui.config.connection import is_loopback
from skyvern_tui.core.clock import RealClock
from skyvern_tui.embedded import DEFAULT_KEY

_PORT: Final = 8787


@click.command("listen")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=_PORT, show_default=True, help="Port; 0 takes a free one."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 is every one.")
@click.option("--once", is_flag=True, help="Stop after the first delivery; the exit status is 1 if it is not genuine.")
@click.option("--forward", metavar="URL", help="Hand every delivery on, and answer what is answered there.")
@click.option("--status", type=click.IntRange(200, 599), default=200, show_default=True, help="What to answer.")
@click.option("--times", type=click.IntRange(1), metavar="N", help="Answer --status to the first N only, then 200.")
@click.option("--delay", type=click.FloatRange(0), default=0.0, metavar="SECONDS", help="Wait before answering.")
@click.option("--tolerance", type=click.FloatRange(0), metavar="SECONDS", help="Oldest a delivery may be; 300 s.")
@click.option("--any-age", is_flag=True, help="Do not look at the age.")
@click.option("--key-env", metavar="NAME", multiple=True, help="Variable with the key that signs. Repeatable.")
@naming_options(mock="The local mock signs, with its own key.", base_url=None, profile="The key of this profile signs.")
@jsonl_options
@click.pass_context
def listen(
    ctx: click.Context,
    *,
    port: int,
    host: str,
    once: bool,
    forward: str | None,
    status: int,
    times: int | None,
    delay: float,
    tolerance: float | None,
    any_age: bool,
    key_env: tuple[str, ...],
    named: Named,
) -> None:
    """Take in webhooks, say of each what it is and whether it is genuine, and answer it.

    A delivery is genuine if it is signed with the key that started the run: that of SKYVERN_API_KEY or the profile,
    or else of the local mock. What is handed on with --forward is not held back if it is not genuine: the program
    there has to tell by itself, as in production.
    """
    narrator, reply = ctx.ensure_object(Tools).narrator, current_reply()
    if reply.form is Form.json and not once:
        raise click.UsageError("--json is one document, so give it --once; --jsonl is a line for every delivery.")
    if forward is not None and not forward.startswith(("http://", "https://")):
        raise click.BadParameter(f"{forward!r} needs a scheme: http://... or https://...", param_hint="--forward")
    with reported():
        keys = _keys(key_env, named)
        trust = Trust(keys, _tolerance(tolerance, any_age=any_age))
        receiver = Receiver(
            host,
            port,
            trust,
            answers=Answers(status, times, delay),
            forward=None if forward is None else forward_to(forward),
        )
        with receiver:
            _say_where(narrator, receiver.url, host, keys)
            reply.event({"event": "listening", "url": receiver.url})
            try:
                for delivery in receiver.deliveries():
                    _tell(narrator, reply, delivery)
                    if once:
                        ctx.exit(Exit.completed if delivery.verdict.genuine else Exit.error)
            except KeyboardInterrupt:
                if once:
                    raise
                narrator.say("Stopped.", "quiet")


@click.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True), metavar="FILE|-")
@click.option("--signature", metavar="HEX", required=True, help=f"The delivery's {SIGNATURE_HEADER}.")
@click.option("--timestamp", metavar="SECONDS", help=f"Its {TIMESTAMP_HEADER}; without it, age is not looked at.")
@click.option("--tolerance", type=click.FloatRange(0), metavar="SECONDS", help="Oldest it may be; 300 s.")
@click.option("--key-env", metavar="NAME", multiple=True, help="Variable with the key that signs. Repeatable.")
@click.option("--key-stdin", is_flag=True, help="Read the key from stdin.")
@naming_options(
    mock="The local mock signed it, with its own key.", base_url=None, profile="The key of this profile signed it."
)
@json_option
def verify(
    *,
    file: str,
    signature: str,
    timestamp: str | None,
    tolerance: float | None,
    key_env: tuple[str, ...],
    key_stdin: bool,
    named: Named,
) -> None:
    """Check the raw body of a delivery, in FILE or on stdin, against its signature.

    The exit status is 0 if it is genuine and 1 if it is not; the reason is told on stderr.
    """
    if key_stdin and file == "-":
        raise click.UsageError("The body and --key-stdin cannot both come from stdin; put the body into a file.")
    with reported():
        body = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        keys = [sys.stdin.read().strip()] if key_stdin else _keys(key_env, named)
        if not any(keys):
            raise Failure("No key came on stdin.", Exit.bad_input, 'printf %s "$KEY" | skyvern-tui webhook verify ...')
        headers = {SIGNATURE_HEADER: signature} | ({TIMESTAMP_HEADER: timestamp} if timestamp else {})
        trust = Trust(keys, _tolerance(tolerance, any_age=timestamp is None and tolerance is None))
        verdict = trust.judge(body, headers, RealClock())
    current_reply().give(
        {"verified": verdict.genuine, "verdict": verdict.kind},
        ["genuine" if verdict.genuine else f"not genuine: {verdict.kind}"],
    )
    if not verdict.genuine:
        raise Failure(verdict.reason, Exit.error, verdict.hint)


@click.command("resend")
@click.argument("run_id")
@click.option("--url", metavar="URL", help="Send it there instead of to the run's own receiver.")
@json_option
@server_options
def resend(opening: Opening, /, *, run_id: str, url: str | None) -> None:
    """Have the server send the webhook of a finished run once more.

    The exit status is 1 if the receiver did not answer with 2xx.
    """
    with opening as server:
        server.check_writable("send a webhook")
        replay = server.client.retry_run_webhook(run_id, webhook_url=url)
        taken = replay.status_code is not None and 200 <= replay.status_code < 300  # noqa: PLR2004 - what 2xx means
        target = replay.target_webhook_url or url or "its receiver"
        took = "" if replay.latency_ms is None else f" after {replay.latency_ms} ms"
        said = "no answer" if replay.status_code is None else f"answered {replay.status_code}"
        why = f"  {replay.error}" if replay.error else ""
        current_reply().give(replay.model_dump(mode="json"), [f"{run_id}  {target}  {said}{took}{why}"])
        if not taken:
            raise Failure(
                f"The receiver at {target} did not take it: {said}{took}.",
                Exit.error,
                "`skyvern-tui webhook listen` is a receiver to compare with.",
            )


def _keys(key_env: tuple[str, ...], named: Named) -> list[str]:
    """Return the keys a genuine delivery is signed with one of; the local mock's if nothing names another."""
    if key_env:
        missing = [name for name in key_env if not os.environ.get(name, "").strip()]
        if missing:
            raise Failure(f"{', '.join(missing)} is not set.", Exit.bad_input, f"export {missing[0]}=...")
        return [os.environ[name].strip() for name in key_env]
    connection = resolve_connection(**named)
    if connection is None or connection.embedded:
        return [DEFAULT_KEY]
    if not connection.api_key:
        raise Failure(
            f"There is no key for {connection.name or connection.base_url}, and without one nothing can be verified.",
            Exit.bad_input,
            "Name a variable that holds it with --key-env, or give --mock for the local mock's.",
        )
    return [connection.api_key]


def _tolerance(seconds: float | None, *, any_age: bool) -> float | None:
    if any_age:
        return None
    return DEFAULT_TOLERANCE if seconds is None else seconds


def _say_where(narrator: Narrator, url: str, host: str, keys: list[str]) -> None:
    whose = "the local mock's key" if keys == [DEFAULT_KEY] else " or ".join(map(describe_key, keys))
    narrator.say(f"Listening on {url}; give that as --webhook-url. Deliveries are checked with {whose}.", "busy")
    if not is_loopback(host):
        narrator.say(f"Everybody who reaches {host} can send something here.", "warn")


def _tell(narrator: Narrator, reply: Reply, delivery: Delivery) -> None:
    reply.event({"event": "delivery", **delivery.as_dict()})
    if reply.form is Form.json:
        reply.give(delivery.as_dict())
    elif reply.is_text:
        judged = "verified" if delivery.verdict.genuine else "NOT VERIFIED"
        again = ", again" if delivery.repeated else ""
        what = f"{delivery.run_id or '(no run)'}  {delivery.status or '(no status)'}  {judged}{again}"
        emit_lines([f"{RealClock().local(delivery.at):%H:%M:%S}  {what}  answered {delivery.answered}"])
    if not delivery.verdict.genuine:
        narrator.say(f"  {delivery.verdict.reason} {delivery.verdict.hint}".rstrip(), "warn")
    if delivery.forward_error:
        narrator.say(f"  It could not be handed on: {delivery.forward_error}", "bad")
