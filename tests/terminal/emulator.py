"""A terminal of our own: a process in a real pseudo-terminal, and an emulator that reads its screen.

Owns: starting a program as a terminal would, directly or inside tmux; typing, pasting and resizing; what is on the
screen and which modes of the terminal are switched on. Must not: know the program, or wait a fixed time: it
waits for what the program writes.
"""

from __future__ import annotations

import codecs
import errno
import fcntl
import os
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import psutil
import pyte

PATIENCE = 90.0
"""Seconds that anything may take on a machine that has a lot to do."""
KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "backspace": "\x7f",
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "f5": "\x1b[15~",
    "f7": "\x1b[18~",
    "f8": "\x1b[19~",
    **{f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"},
}
"""What a terminal sends for a key that is no character."""
STAIN = "▒"
"""A character the app does not use."""
_UNREAD = re.compile(r"\x1b\[[<=>][\d;]*[a-zA-Z]|\x1b[_PX^][^\x1b]*\x1b\\")
"""Sequences that the emulator would show as text: those of newer keyboards, and strings for the terminal itself."""
_BEGUN = re.compile(r"\x1b(?:[_PX^][^\x1b]*\x1b?|\[[\d;<=>]*)?\Z")
_MODE = re.compile(r"\x1b\[\?([\d;]+)([hl])")
MODES = {25: "no cursor", 1000: "mouse", 1003: "mouse", 1004: "focus", 1049: "other screen", 2004: "paste"}
"""What a program may switch on and has to switch off again."""


class _Screen(pyte.Screen):
    """The emulator's screen, which answers what it is asked."""

    def __init__(self, columns: int, lines: int, answer: Callable[[str], None]) -> None:
        self._answer = answer
        super().__init__(columns, lines)

    def write_process_input(self, data: str) -> None:
        self._answer(data)

    def set_margins(self, *args: int, **given: bool) -> None:
        if not given:  # `CSI ? r` is something else, and takes an argument this emulator does not know
            super().set_margins(*args)

    def report_device_status(self, mode: int, **given: bool) -> None:
        if not given:
            super().report_device_status(mode)


class Terminal:
    """A program in a terminal of a given size.

    >>> with Terminal(["skyvern-tui"], environment, size=(80, 24)) as terminal:
    ...     terminal.until("Runs")
    ...     terminal.press("n")
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        size: tuple[int, int] = (80, 24),
        inside: str = "pyte",
        answers: bool = True,
        controls: bool = True,
    ) -> None:
        """Start it. ``inside`` is ``pyte`` for this terminal itself, or ``tmux``; ``answers``: to what it is asked.

        A terminal that ``controls`` the program sends it a signal when it is closed.
        """
        self.raw = ""
        """Everything that was written to the terminal."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pending = ""
        self._folder = tempfile.TemporaryDirectory(prefix="t") if inside == "tmux" else None
        self._tmux = [] if self._folder is None else ["tmux", "-S", f"{self._folder.name}/s", "-f", "/dev/null"]
        self._master, self._slave = os.openpty()
        self._screen = _Screen(*size, self._write if answers else lambda _: None)
        self._stream = pyte.Stream(self._screen)
        self.resize(*size, first=True)
        self.settings = termios.tcgetattr(self._slave)
        self._environment = dict(environment)
        self._process = subprocess.Popen(
            self._in_tmux(command) if self._tmux else list(command),
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env=self._environment,
            preexec_fn=self._take_terminal if controls else os.setsid,  # noqa: PLW1509 - no thread was started before
        )

    def _take_terminal(self) -> None:
        """In the new process: make this terminal its own, as a terminal window does."""
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def _in_tmux(self, command: Sequence[str]) -> list[str]:
        settings = ["set", "-g", "status", "off", ";", "set", "-g", "escape-time", "20", ";"]
        variables = [f"{name}={value}" for name, value in self._environment.items() if name != "TERM"]
        passed = [part for variable in variables for part in ("-e", variable)]
        return [*self._tmux, "start-server", ";", *settings, "new-session", *passed, *command]

    # Reading

    @property
    def text(self) -> str:
        """What the screen shows now, line by line, without blanks at the ends."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def title(self) -> str:
        return str(self._screen.title)

    @property
    def modes(self) -> set[str]:
        """What is switched on in the terminal, of :data:`MODES`."""
        on: dict[int, bool] = {}
        for numbers, which in _MODE.findall(self.raw):
            on |= {int(number): which == "h" for number in numbers.split(";")}
        return {word for number, word in MODES.items() if on.get(number, number == 25) != (number == 25)}

    @property
    def settings_now(self) -> list[object]:
        """The line settings of the terminal (``stty -a``), to be compared with ``settings`` from before."""
        return termios.tcgetattr(self._slave)

    def colours(self) -> set[str]:
        """Return the colours that stand on the screen, of text and of what is behind it."""
        cells = [self._screen.buffer[y][x] for y in range(self._screen.lines) for x in range(self._screen.columns)]
        return {cell.fg for cell in cells} | {cell.bg for cell in cells}

    def until(self, wanted: str | Callable[[str], object], *, patience: float = PATIENCE) -> str:
        """Read on until the screen shows a text, or something holds of it; return the screen.

        Raises AssertionError, with the screen, if that never comes about or the program ends before.
        """
        end = time.monotonic() + patience
        while True:
            text = self.text
            if wanted in text if isinstance(wanted, str) else wanted(text):
                return text
            if not self._read(min(1.0, max(0.0, end - time.monotonic()))):
                raise AssertionError(f"The program ended before {wanted!r}:\n{self.text}")
            assert time.monotonic() < end, f"{wanted!r} did not come about:\n{self.text}"

    def wait(self, patience: float = PATIENCE) -> int:
        """Read until the program is over; return its exit status."""
        end = time.monotonic() + patience
        while self._process.poll() is None:
            self._read(0.2)
            assert time.monotonic() < end, f"The program does not end:\n{self.text}"
        while self._read(0.0):
            if not select.select([self._master], [], [], 0)[0]:
                break
        return self._process.returncode

    def _read(self, timeout: float) -> bool:
        """Take in what there is, waiting at most so long; False once nothing can come any more."""
        if not select.select([self._master], [], [], timeout)[0]:
            return self._process.poll() is None
        try:
            data = os.read(self._master, 65536)
        except OSError as error:
            if error.errno == errno.EIO:
                return False
            raise
        text = self._decoder.decode(data)
        self.raw += text
        text = self._pending + text
        begun = _BEGUN.search(text)
        self._pending = text[begun.start() :] if begun else ""
        self._stream.feed(_UNREAD.sub("", text[: begun.start()] if begun else text))
        return True

    # Doing

    def stain(self) -> None:
        """Put :data:`STAIN` into every cell of the screen: where it is gone later, the program wrote."""
        for y in range(self._screen.lines):
            for x in range(self._screen.columns):
                self._screen.buffer[y][x] = self._screen.default_char._replace(data=STAIN)

    def press(self, *keys: str) -> None:
        """Press keys one after another: names of :data:`KEYS`, or characters."""
        for key in keys:
            self._write(KEYS.get(key, key))

    def type(self, text: str) -> None:
        """Type a text."""
        self._write(text)

    def paste(self, text: str) -> None:
        """Paste a text as terminals do that were asked to say what is pasted."""
        self._write(f"\x1b[200~{text}\x1b[201~")

    def resize(self, columns: int, lines: int, *, first: bool = False) -> None:
        """Change the size of the window."""
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        if not first:
            self._screen.resize(lines, columns)

    def _write(self, text: str) -> None:
        """Send all of it, reading meanwhile: neither side may wait for the other."""
        data = text.encode()
        end = time.monotonic() + PATIENCE
        os.set_blocking(self._master, False)
        try:
            while data:
                assert time.monotonic() < end, f"The program does not read what is typed:\n{self.text}"
                readable, writable, _ = select.select([self._master], [self._master], [], 1)
                if readable:
                    self._read(0)
                if writable:
                    try:
                        data = data[os.write(self._master, data[:1024]) :]
                    except BlockingIOError:
                        continue
        finally:
            os.set_blocking(self._master, True)

    # Ending

    def processes(self) -> list[psutil.Process]:
        """Return the program and everything it has started."""
        if self._tmux:
            listed = subprocess.run(
                [*self._tmux, "list-panes", "-F", "#{pane_pid}"], check=True, capture_output=True, text=True
            )
            pids = [int(line) for line in listed.stdout.split()]
        else:
            pids = [self._process.pid]
        found = []
        for pid in pids:
            program = psutil.Process(pid)
            found += [program, *program.children(recursive=True)]
        return found

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        self._process.send_signal(number)

    def hang_up(self) -> None:
        """Close the window."""
        if self._tmux:
            subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)
        else:
            self._close()

    def _close(self) -> None:
        for number in (self._master, self._slave):
            if number >= 0:
                os.close(number)
        self._master = self._slave = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._tmux:
            subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._close()
        if self._folder is not None:
            self._folder.cleanup()


def backends() -> list[str]:
    """Return what a program can be run in on this machine."""
    return ["pyte", "tmux"] if shutil.which("tmux") else ["pyte"]


def installed(name: str) -> str:
    """Return the path of an installed command of this environment."""
    return str(Path(sys.executable).parent / name)
