"""The mock server as a subprocess of this program.

Owns: starting it, waiting until it is ready, using one that already runs on the same data,
ending it. Must not: import ``mock_server``; it is spoken to over HTTP like any server.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final
from urllib.parse import urlsplit

from skyvern_tui.config.connection import Connection

COMMAND: Final = (sys.executable, "-m", "mock_server", "serve", "--tied")
WARM_COMMAND: Final = (*COMMAND, "--warm")
"""For a program somebody looks at: the browser starts while they type."""
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 15.0
IN_USE_STATUS: Final = 3
"""How the server says, in its exit status, that another one has the data directory."""
NOTE_FILE: Final = "server.json"
PORT_FILE: Final = "last-port"
DEFAULT_KEY: Final = "mock-local-key"
"""The key a mock offers when it was not told to require one; used if its note names none."""
_TAIL_LINES: Final = 12


class EmbeddedMockError(Exception):
    """The mock could not be started. ``hint`` says what to do; the message ends with what the server said."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class EmbeddedMock:
    """A mock on a free port of this machine for as long as the ``with`` block lasts; sync and async.

    The port is that of the last time on ``data_dir`` while it is free: drafts and runs hold addresses of its sites.
    A server that already runs on ``data_dir`` is used instead, and left running. ``command`` is what to start
    (without ``--port`` and ``--data-dir``); ``start_seconds`` bounds the wait for its line.

    >>> with EmbeddedMock(Path("data")) as connection:
    ...     Skyvern(base_url=connection.base_url, api_key=connection.api_key)
    """

    def __init__(
        self, data_dir: Path, *, command: Sequence[str] = COMMAND, start_seconds: float = START_SECONDS
    ) -> None:
        self.data_dir = data_dir
        self._command = command
        self._start_seconds = start_seconds
        self._process: subprocess.Popen[str] | None = None
        self._stderr: IO[bytes] | None = None
        self._reader: threading.Thread | None = None

    def start(self) -> Connection:
        """Start the server and return how to reach it. Raises EmbeddedMockError."""
        # A file, because a pipe that nobody reads fills up and stops the server.
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop()
        # For an end of this program in which no `with` block is left in order, as of an event loop by a signal.
        atexit.register(self.stop)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [*self._command, "--port", _port_of_last_time(self.data_dir), "--data-dir", str(self.data_dir)],
                # The server ends with this pipe: so it goes with this program even if that is killed.
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                text=True,
                # Ctrl-C in the terminal is for this program, which then ends the server in its own time.
                start_new_session=True,
            )
            return self._ready(self._process)
        except OSError as error:
            self.stop()
            raise EmbeddedMockError(f"The mock server could not be started: {error}.") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server, if this object started one. May be called again."""
        atexit.unregister(self.stop)
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                _kill_group(process)
                process.wait()
            if self._reader is not None:
                self._reader.join()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        if self._stderr is not None:
            self._stderr.close()
            self._stderr = None

    def _ready(self, process: subprocess.Popen[str]) -> Connection:
        """Wait for the server's line. It goes on to be read after that, so that it can never block the server."""
        lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

        def read() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                lines.put(line)
            lines.put(None)

        self._reader = threading.Thread(target=read, name="mock-stdout", daemon=True)
        self._reader.start()
        try:
            line = lines.get(timeout=self._start_seconds)
        except queue.Empty:
            raise EmbeddedMockError(
                f"The mock server was not ready after {self._start_seconds:g} s.{self._tail()}",
                "Try again; `skyvern-mock serve` by itself shows more.",
            ) from None
        if line is None:
            return self._ended(process.wait())
        note = _as_note(line)
        if note is None:
            raise EmbeddedMockError(f"The mock server said {line.strip()!r} instead of where it is.{self._tail()}")
        with suppress(OSError):
            (self.data_dir / PORT_FILE).write_text(str(urlsplit(note["url"]).port or ""), encoding="utf-8")
        return _connection(note)

    def _ended(self, status: int) -> Connection:
        """The server ended before it was ready: because another one runs, or because something is wrong."""
        if status == IN_USE_STATUS:
            note = read_note(self.data_dir)
            if note is not None:
                return _connection(note)
            raise EmbeddedMockError(
                f"Another mock server has {self.data_dir} and does not say where it is.{self._tail()}"
            )
        tail = self._tail()
        hint = "`skyvern-mock doctor` shows what is missing."
        if "No module named" in tail:
            hint = "The mock's dependencies are not installed: pip install 'skyvern-tui[mock]'."
        raise EmbeddedMockError(f"The mock server ended with status {status} before it was ready.{tail}", hint)

    def _tail(self) -> str:
        """Return the last lines of the server's stderr, to be put at the end of a message."""
        assert self._stderr is not None
        self._stderr.seek(0)
        lines = self._stderr.read().decode("utf-8", "replace").strip().splitlines()
        return "".join(f"\n  {line}" for line in lines[-_TAIL_LINES:])

    def __enter__(self) -> Connection:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Connection:
        starting = asyncio.ensure_future(asyncio.to_thread(self.start))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            # The thread cannot be called back: let it finish, then undo what it did.
            await asyncio.wait([starting])
            await asyncio.to_thread(self.stop)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)


def _port_of_last_time(data_dir: Path) -> str:
    """Return the port the last server on ``data_dir`` had, if it is free now; else 0, for any."""
    try:
        port = int((data_dir / PORT_FILE).read_text(encoding="utf-8"))
        with socket.socket() as probe:
            if sys.platform != "win32":  # there it would allow what is taken
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except (OSError, ValueError, OverflowError):
        return "0"
    return str(port)


def _kill_group(process: subprocess.Popen[str]) -> None:
    """Kill the server and the browser below it."""
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)


def _as_note(text: str) -> dict[str, Any] | None:
    try:
        note = json.loads(text)
    except ValueError:
        return None
    return note if isinstance(note, dict) and isinstance(note.get("url"), str) else None


def read_note(data_dir: Path) -> dict[str, Any] | None:
    """Return what the server on ``data_dir`` noted about itself (url, pid); a killed one leaves its note behind."""
    try:
        return _as_note((data_dir / NOTE_FILE).read_text(encoding="utf-8"))
    except OSError:
        return None


def _connection(note: dict[str, Any]) -> Connection:
    return Connection(note["url"].rstrip("/"), note.get("api_key") or DEFAULT_KEY, "mock", embedded=True)
