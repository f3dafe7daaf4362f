"""A recording: one directory that exchanges go into.

Owns: the directory's files (cassette, scenarios, fetched artifacts), their order, and the count
of what happened. Must not: speak HTTP.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from mock_server.engine.lifecycle import FINAL
from mock_server.scenarios import operations
from mock_server.scenarios.journal import Entry
from mock_server.tapes.cassette import CassetteWriter, Tape
from mock_server.tapes.runs import Runs
from mock_server.tapes.screenplay import Pace, screenplay
from mock_server.tapes.scrubbing import Scrubber

CASSETTE: Final = "cassette.yaml"
SCENARIOS: Final = "scenarios.yaml"
ARTIFACTS: Final = "artifacts"
_RUNS_PER_EXCHANGE: Final = 10


class Folder:
    """Where scenarios and the files they lean on go."""

    def __init__(self, scenarios: Path) -> None:
        self.scenarios: Final = scenarios
        self.artifacts: Final = scenarios.parent / ARTIFACTS
        self.kept: set[Path] = set()

    def keep(self, name: str, data: bytes) -> Path:
        """Store a fetched artifact and return its path."""
        path = self.artifacts / name
        self.artifacts.mkdir(parents=True, exist_ok=True)
        _write(path, data)
        self.kept.add(path)
        return path

    def write(self, runs: Runs, pace: Pace, source: str) -> int:
        """Write the scenario file; return how many scripts are in it."""
        play = screenplay(runs, self.scenarios.parent, pace)
        _write(self.scenarios, play.text(source).encode())
        return len(play.scripts)


class Recording:
    """Writes exchanges down as they end.

    Nothing is raised when the disk fails, as what is recorded goes on: ``trouble`` has the reason.

    Raises:
        FileExistsError: The directory holds a recording already.
        OSError: It cannot be written to.
    """

    def __init__(
        self, directory: Path, upstream: str, *, secrets: Iterable[str] = (), personal: bool = False, pace: Pace
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory: Final = directory
        self._folder = Folder(directory / SCENARIOS)
        path = directory / CASSETTE
        if path.exists() or self._folder.scenarios.exists():
            raise FileExistsError(path)
        self._scrubber = Scrubber(secrets, personal=personal)
        self._cassette = CassetteWriter(path, upstream)
        self._runs = Runs(self._folder.keep)
        self._pace = pace
        self._numbers = itertools.count(1)
        self._lock = asyncio.Lock()
        self._unwritten = 0
        self.trouble: str | None = None
        """Why something could not be written; None: all is there."""
        self.left_out = 0

    def number(self) -> int:
        """Return the number of the next exchange."""
        return next(self._numbers)

    async def keep(self, entry: Entry) -> None:
        """Write an exchange down, scrubbed, and the scenarios anew if a run has come to an end."""
        async with self._lock:
            await asyncio.to_thread(self._attempt, entry)

    async def lose(self, entry: Entry, reason: str) -> None:
        """Write down that there was an exchange which is not kept, without anything it held."""
        async with self._lock:
            self.left_out += 1
            call = operations.call(entry.method, entry.path)
            try:
                await asyncio.to_thread(
                    self._cassette.note, f"left out: number {entry.number}, {call.operation}: {reason}"
                )
            except OSError as error:
                self._fail(error)

    def close(self) -> str:
        """Write the scenarios and return what there is, for people."""
        try:
            scripts = self._write_scenarios()
        except OSError as error:
            self._fail(error)
            scripts = 0
        lines = [
            f"{self._cassette.exchanges} exchanges in {self._cassette.path}",
            f"{len(self._runs.runs)} runs, {scripts} scripts in {self._folder.scenarios}",
        ]
        if self._folder.kept:
            lines.append(f"{len(self._folder.kept)} fetched artifacts in {self._folder.artifacts}")
        if self.left_out:
            lines.append(f"{self.left_out} exchanges are left out; comments in the cassette say which and why")
        if self.trouble:
            lines.append(f"NOT ALL IS THERE: {self.trouble}")
        lines.append(f"play it: skyvern-mock serve --scenarios {self._folder.scenarios}")
        return "\n".join(lines)

    def _attempt(self, entry: Entry) -> None:
        try:
            shown = self._scrubber.clean(entry)
            if self._cassette.add(shown):
                self.left_out += 1
                return
            run = self._runs.add(shown)
            self._unwritten += 1
            # With many runs not each time: the file has them all, and the cassette is there to make it from.
            due = self._unwritten > len(self._runs.runs) // _RUNS_PER_EXCHANGE
            if due and run is not None and run.last.get("status") in FINAL:
                self._write_scenarios()
        except Exception as error:  # noqa: BLE001  # whatever it is, the client's work goes on
            self._fail(error)

    def _write_scenarios(self) -> int:
        self._unwritten = 0
        return self._folder.write(self._runs, self._pace, CASSETTE)

    def _fail(self, error: Exception) -> None:
        self.trouble = self.trouble or f"{type(error).__name__}: {error}"


def convert(tape: Tape, out: Path, source: str, *, pace: Pace | None = None, personal: bool = False) -> tuple[int, int]:
    """Write the scenarios a cassette amounts to; return how many runs it has, and how many scripts were made of them.

    Without ``pace`` it is seconds if the cassette says when things happened, else polls.

    Raises:
        OSError: They cannot be written.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Folder(out)
    scrubber = Scrubber(personal=personal)
    runs = Runs(folder.keep)
    for entry in tape.entries:
        runs.add(scrubber.clean(entry))
    chosen = pace if pace is not None else "seconds" if tape.timed else "polls"
    return len(runs.runs), folder.write(runs, chosen, source)


def _write(path: Path, data: bytes) -> None:
    """Write a file that is whole whenever it is looked at."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)
