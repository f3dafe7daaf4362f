"""The adapter's side of a contract report, for clients written in Python.

>>> from mock_server.testing.contract.adapter import Command, answer_commands
>>> def run_and_wait(command: Command) -> dict:
...     run = my_client(command["base_url"], command["api_key"]).run(command["prompt"], command["timeout_seconds"])
...     return {"run_id": run.id, "status": run.status, "output": run.output}
>>> answer_commands("my client", run_and_wait=run_and_wait)

A function may be async; what it raises is told. Its time is virtual: a sleep of ten seconds moves the clock
of the mock by ten seconds and returns, so that a run of half an hour takes no time.

Owns: reading commands, writing answers, virtual time. Must not: need more than the standard library; it runs
in the environment of the client under test.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import inspect
import json
import sys
import urllib.request
from collections.abc import Callable, Coroutine
from typing import Any, TextIO, TypeAlias

from mock_server.testing.virtual_time import TIME

Command: TypeAlias = dict[str, Any]
Handler: TypeAlias = Callable[[Command], Any]


def answer_commands(
    name: str, *, virtual_time: bool = True, source: TextIO | None = None, out: TextIO | None = None, **does: Handler
) -> None:
    """Answer commands until there are no more. ``does`` has a function for each that can be done.

    A function gets the command and returns the members of the answer: ``run_id``, ``status``, ``output``; or
    ``content`` (bytes) of a file, which is told by size and checksum; or ``valid``. ``run_id`` and ``status`` of
    what it raises are told if the exception has attributes of those names.
    """
    source, out = source or sys.stdin, out or sys.stdout
    for line in source:
        command = json.loads(line)
        answer = _answer(name, command, does, virtual_time=virtual_time)
        out.write(json.dumps({"id": command.get("id"), **answer}, default=str) + "\n")
        out.flush()


def _answer(name: str, command: Command, does: dict[str, Handler], *, virtual_time: bool) -> dict[str, Any]:
    if command["do"] == "hello":
        return {"name": name, "time": "virtual" if virtual_time else "machine", "does": sorted(does)}
    handler = does.get(command["do"])
    if handler is None:
        return {"outcome": "unsupported"}
    # The client's own prints would be taken for answers.
    with contextlib.redirect_stdout(sys.stderr):
        try:
            said = _run(handler, command, virtual_time=virtual_time)
        except Exception as error:  # noqa: BLE001  # whatever the client raises is what is to be told
            return _raised(error)
    content = said.pop("content", None)
    if content is not None:
        said |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return {"outcome": "returned", **said}


def _raised(error: BaseException) -> dict[str, Any]:
    status = getattr(error, "status", None) or getattr(getattr(error, "run", None), "status", None)
    return {
        "outcome": "raised",
        "error": type(error).__name__,
        "message": str(error),
        "run_id": getattr(error, "run_id", None),
        "status": None if status is None else str(getattr(status, "value", status)),
    }


def _run(handler: Handler, command: Command, *, virtual_time: bool) -> dict[str, Any]:
    follower = _Clock(command) if virtual_time and command["do"] != "verify_webhook" else None
    if inspect.iscoroutinefunction(handler):
        return dict(asyncio.run(_awaited(handler(command), follower)))
    with TIME.entered("skip", follower) if follower else contextlib.nullcontext():
        return dict(handler(command))


async def _awaited(working: Coroutine[Any, Any, Any], follower: _Clock | None) -> Any:
    with TIME.entered("skip", follower) if follower else contextlib.nullcontext():
        return await working


class _Clock:
    """Moves the mock's clock along with the client's time."""

    def __init__(self, command: Command) -> None:
        self._url = command["clock_url"]
        self._key = command["api_key"]

    def move(self, seconds: float) -> None:
        if seconds <= 0:
            return
        request = urllib.request.Request(  # noqa: S310  # the address is the report's own
            self._url,
            data=json.dumps({"seconds": seconds}).encode(),
            headers={"content-type": "application/json", "x-api-key": self._key},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            answer.read()

    def held(self) -> float | None:
        return None

    def due(self) -> float | None:
        return None

    def busy(self) -> bool:
        return False
