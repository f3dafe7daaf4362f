"""The local mock as a process that outlives the command that started it.

Owns: starting it apart from this program, finding the one that runs, ending it, and where
its log is. Must not: import ``mock_server``; it is a command, and spoken to over HTTP.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

from skyvern_tui.embedded import START_SECONDS, STOP_SECONDS, EmbeddedMockError, read_note

COMMAND: Final = (sys.executable, "-m", "mock_server", "serve")
LOG_FILE: Final = "server.log"
EXTRA: Final = "pip install 'skyvern-tui[mock]'"
_PARTS: Final = ("mock_server", "fastapi", "uvicorn", "playwright", "av")
_LOOK_SECONDS: Final = 0.1
_ANSWER_SECONDS: Final = 5.0
_BLOCK: Final = 65536


class Running(NamedTuple):
    """A mock that answers."""

    url: str
    pid: int | None
    health: dict[str, Any]


def missing_parts() -> list[str]:
    """Return the libraries the mock needs and this installation has not."""
    return [name for name in _PARTS if find_spec(name) is None]


def check_installed() -> None:
    """Raise EmbeddedMockError if the mock cannot run here."""
    missing = missing_parts()
    if missing:
        raise EmbeddedMockError(f"The mock is not installed: {', '.join(missing)} missing.", f"To have it: {EXTRA}")


def running(data_dir: Path) -> Running | None:
    """Return the mock that has ``data_dir``, if it answers; a note of one that was killed is not believed."""
    import httpx  # noqa: PLC0415 - for those who ask only

    note = read_note(data_dir)
    if note is None:
        return None
    url, pid = str(note["url"]).rstrip("/"), note.get("pid")
    if isinstance(pid, int) and not _exists(pid):
        return None
    try:
        health = httpx.get(f"{url}/health", timeout=_ANSWER_SECONDS, trust_env=False).json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return None
    if not isinstance(health, dict) or health.get("server") != "skyvern-mock":
        return None
    return Running(url, pid if isinstance(pid, int) else None, health)


def start(data_dir: Path, options: Sequence[str] = (), *, seconds: float = START_SECONDS) -> Running:
    """Start a mock on ``data_dir`` that goes on by itself, and return it when it answers.

    Raises EmbeddedMockError with the end of its log if it does not.
    """
    check_installed()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = data_dir / LOG_FILE
    command = [*COMMAND, "--verbose", "--data-dir", str(data_dir), *options]
    with log.open("ab") as out:
        begin = out.tell()
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=out, **_apart()
        )
    waited = 0.0
    while waited < seconds:
        with suppress(subprocess.TimeoutExpired):
            status = process.wait(_LOOK_SECONDS)
            raise EmbeddedMockError(f"The mock ended with status {status}.{_tail(log, begin)}", f"Its log: {log}")
        waited += _LOOK_SECONDS
        note = read_note(data_dir)
        if note is not None and note.get("pid") == process.pid and (found := running(data_dir)) is not None:
            # It goes on without us: what Python would warn of is just what is wanted.
            process.returncode = 0
            return found
    process.kill()
    process.wait()
    raise EmbeddedMockError(f"The mock was not ready after {seconds:g} s.{_tail(log, begin)}", f"Its log: {log}")


def stop(found: Running, data_dir: Path, *, seconds: float = STOP_SECONDS) -> None:
    """End a mock, and wait until it has given up its data. Raises EmbeddedMockError if it does not end."""
    if found.pid is None:
        raise EmbeddedMockError(f"The mock at {found.url} does not say which process it is.", "End it where it runs.")
    pause = threading.Event()
    try:
        os.kill(found.pid, signal.SIGTERM)
        waited = 0.0
        while waited < seconds:
            note = read_note(data_dir)
            if note is None or note.get("pid") != found.pid or not _exists(found.pid):
                return
            pause.wait(_LOOK_SECONDS)
            waited += _LOOK_SECONDS
    except ProcessLookupError:
        return
    except OSError as error:
        raise EmbeddedMockError(f"Process {found.pid} can't be ended: {error.strerror}.", "Is it yours?") from error
    raise EmbeddedMockError(f"The mock (process {found.pid}) does not end.", f"kill -9 {found.pid} ends it.")


def last_lines(path: Path, count: int) -> list[str]:
    """Return the last lines of a log, reading no more of it than they need; nothing if there is none."""
    try:
        with path.open("rb") as file:
            at = file.seek(0, os.SEEK_END)
            data = b""
            while at > 0 and data.count(b"\n") <= count:
                step = min(_BLOCK, at)
                at = file.seek(at - step)
                data = file.read(step) + data
    except FileNotFoundError:
        return []
    lines = data.decode("utf-8", "replace").splitlines()
    return lines[-count:] if count else []


def following(path: Path, *, pause: threading.Event | None = None) -> Iterator[str]:
    """Yield lines as they are written at the end of a log, without end unless ``pause`` is set."""
    pause = threading.Event() if pause is None else pause
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        begun = b""
        while not pause.is_set():
            begun += file.readline()
            if begun.endswith(b"\n"):
                yield begun.decode("utf-8", "replace").rstrip("\r\n")
                begun = b""
            elif file.tell() > path.stat().st_size:
                file.seek(0)  # it was emptied, and what was begun with it
                begun = b""
            else:
                pause.wait(_LOOK_SECONDS)


def _apart() -> dict[str, Any]:
    """Return what keeps the end of this program, and Ctrl-C in its terminal, from the mock."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS}
    return {"start_new_session": True}


def _exists(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # asking there would end it; the answer of the server tells
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _tail(log: Path, begin: int) -> str:
    with log.open("rb") as file:
        file.seek(begin)
        lines = file.read(_BLOCK).decode("utf-8", "replace").strip().splitlines()
    return "".join(f"\n  {line}" for line in lines[-12:])
