"""What is said between a contract report and the client it is about.

The client is spoken to through an *adapter*: a small program of the client's project, in any language. It
reads one JSON object a line from its standard input, does what the object asks with the client under test,
and writes one JSON object a line to its standard output. What it writes to standard error is shown as it
comes. At the end of its input it ends. An adapter behind HTTP gets the same objects as the bodies of POSTs.

A command has these members, by what is to be done (``do``):

``hello``
    Nothing else. Answered by ``{"name": "my client 1.2", "time": "virtual" or "machine", "does": [...]}``;
    ``time`` is ``virtual`` if the client's waiting goes through ``clock_url`` instead of the machine's clock.
``run_and_wait``
    ``base_url``, ``api_key``, ``prompt``, ``url``, ``timeout_seconds``: run a task and wait for its end.
``download``
    ``base_url``, ``api_key``, ``run_id``: read the run and download the first of its ``downloaded_files``.
``verify_webhook``
    ``body_base64``, ``headers``, ``api_key``: is this delivery genuine?

Each has an ``id``, which the answer repeats, and ``run_and_wait`` and ``download`` have ``clock_url``: a client
whose time is virtual posts ``{"seconds": 10}`` there, with the key, instead of sleeping ten seconds.

An answer has ``outcome``, one of

``returned``
    with ``status``, ``run_id`` and ``output`` of the run; ``base64`` or ``size`` and ``sha256`` of the file;
    ``valid`` of the delivery.
``raised``
    with ``error`` (the name of the type), ``message``, and ``run_id`` and ``status`` if the error tells them.
``unsupported``
    the client has nothing of the kind.

Owns: these shapes. Must not: judge what is answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

Outcome = Literal["returned", "raised", "unsupported"]
Action = Literal["run_and_wait", "download", "verify_webhook"]
ACTIONS: tuple[Action, ...] = ("run_and_wait", "download", "verify_webhook")


class ProtocolError(Exception):
    """What an adapter wrote is not an answer; the message says what is wrong and what should be there."""


@dataclass(frozen=True, slots=True)
class Hello:
    """What an adapter says of itself."""

    name: str
    is_virtual: bool
    does: frozenset[str]

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Hello:
        """Read it from JSON; ``does`` left out means everything.

        Raises:
            ProtocolError: ``time`` is neither ``virtual`` nor ``machine``.
        """
        time = said.get("time", "machine")
        if time not in {"virtual", "machine"}:
            raise ProtocolError(f'The answer to hello has time {time!r}; it is "virtual" or "machine".')
        return cls(str(said.get("name") or "client"), time == "virtual", frozenset(said.get("does") or ACTIONS))


@dataclass(frozen=True, slots=True)
class Answer:
    """What an adapter says a command came to."""

    outcome: Outcome
    run_id: str | None = None
    status: str | None = None
    output: Any = None
    valid: bool | None = None
    size: int | None = None
    sha256: str | None = None
    error: str | None = None
    message: str = ""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Answer:
        """Read it from JSON.

        Raises:
            ProtocolError: There is no ``outcome``, or it is none of the three.
        """
        outcome = said.get("outcome")
        if outcome not in {"returned", "raised", "unsupported"}:
            raise ProtocolError(f"An answer needs an outcome: returned, raised or unsupported. It has {outcome!r}.")
        return cls(
            outcome=cast("Outcome", outcome),
            run_id=_text(said.get("run_id")),
            status=_text(said.get("status")),
            output=said.get("output"),
            valid=said.get("valid"),
            size=said.get("size"),
            sha256=_text(said.get("sha256")),
            error=_text(said.get("error")),
            message=_text(said.get("message")) or "",
        )

    def knows(self, run_id: str) -> bool:
        """Tell whether whoever gets this can find the run again."""
        return self.run_id == run_id or run_id in self.message


def _text(value: object) -> str | None:
    return None if value is None else str(value)
