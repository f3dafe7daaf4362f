"""The client a report is about, behind its adapter.

Owns: starting the adapter, exchanging lines or POSTs with it, and doing away with one that hangs. Must not:
know what is asked.
"""

from __future__ import annotations

import itertools
import json
import os
import queue
import shlex
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import httpx

from mock_server.testing.contract.protocol import Answer, Hello, ProtocolError

STARTING_SECONDS: Final = 60.0
_ENDING_SECONDS: Final = 5.0
_SHOWN: Final = 200


class Target(Protocol):
    """Somebody who does what commands say."""

    def hello(self) -> Hello:
        """Return what it says of itself.

        Raises:
            ProtocolError: It does not start, or does not answer as documented.
        """
        ...

    def ask(self, command: Mapping[str, Any], seconds: float) -> Answer | None:
        """Return its answer; None if there is none within ``seconds`` of the machine's time.

        Raises:
            ProtocolError: It ended, or what it wrote is no answer.
        """
        ...

    def close(self) -> None: ...


def open_target(where: str) -> Target:
    """Return the target at a URL, or behind a command line.

    Raises:
        ValueError: It is neither.
    """
    if where.startswith(("http://", "https://")):
        return HttpTarget(where)
    command = shlex.split(where, posix=os.name != "nt")
    if not command:
        raise ValueError("A target is a command, such as 'python -m myapp.adapter', or a URL.")
    return ProcessTarget(command)


class ProcessTarget:
    """An adapter that is a program. One that hangs is killed; the next command starts it again."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self._counter = itertools.count(1)

    def hello(self) -> Hello:
        said = self._exchange({"do": "hello"}, STARTING_SECONDS)
        if said is None:
            raise ProtocolError(f"{self._called} did not answer hello within {STARTING_SECONDS:g} seconds.")
        return Hello.of(said)

    def ask(self, command: Mapping[str, Any], seconds: float) -> Answer | None:
        if self._process is None:
            self.hello()  # starting it takes time that is not the command's
        said = self._exchange(command, seconds)
        return None if said is None else Answer.of(said)

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.close()
            process.wait(_ENDING_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            process.kill()
            process.wait()
        process.stdout.close()

    @property
    def _called(self) -> str:
        return shlex.join(self._command)

    def _exchange(self, command: Mapping[str, Any], seconds: float) -> dict[str, Any] | None:
        process = self._process or self._start()
        assert process.stdin is not None
        number = next(self._counter)
        try:
            process.stdin.write(json.dumps({**command, "id": number}).encode() + b"\n")
            process.stdin.flush()
        except OSError:
            self._lines.put(None)
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            self._kill()
            return None
        if line is None:
            code = process.wait()
            self._kill()
            raise ProtocolError(f"{self._called} ended with code {code} instead of answering.")
        return _read(line, number)

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  # the user's own
        except OSError as error:
            raise ProtocolError(f"{self._called} cannot be started: {error.strerror}.") from error
        self._process, self._lines = process, queue.Queue()
        threading.Thread(target=_pump, args=(process, self._lines), daemon=True).start()
        return process

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
        self.close()


def _pump(process: subprocess.Popen[bytes], lines: queue.Queue[bytes | None]) -> None:
    assert process.stdout is not None
    try:
        for line in process.stdout:
            lines.put(line)
    except ValueError:  # closed while being read: the target is done with
        pass
    lines.put(None)


def _read(line: bytes, number: int) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise ProtocolError(
            "The adapter wrote what is no JSON object; anything but answers belongs on standard error: "
            + repr(line[:_SHOWN].decode("utf-8", "replace"))
        )
    if said.get("id") != number:
        raise ProtocolError(f"The adapter answered with the id {said.get('id')!r}; the command's is {number}.")
    return said


class HttpTarget:
    """An adapter that is a server of its own; commands are POSTed to its address."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = httpx.Client(trust_env=False)

    def hello(self) -> Hello:
        said = self._post({"do": "hello"}, STARTING_SECONDS)
        if said is None:
            raise ProtocolError(f"{self._url} did not answer hello within {STARTING_SECONDS:g} seconds.")
        return Hello.of(said)

    def ask(self, command: Mapping[str, Any], seconds: float) -> Answer | None:
        said = self._post(command, seconds)
        return None if said is None else Answer.of(said)

    def close(self) -> None:
        self._client.close()

    def _post(self, command: Mapping[str, Any], seconds: float) -> dict[str, Any] | None:
        try:
            answer = self._client.post(self._url, json={**command, "id": 1}, timeout=seconds)
            answer.raise_for_status()
        except httpx.TimeoutException:
            return None
        except httpx.HTTPError as error:
            raise ProtocolError(f"{self._url} does not answer: {error}.") from error
        return _read(answer.content, 1)
