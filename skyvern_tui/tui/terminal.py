"""The terminal the app draws on, and what happens when it is gone.

Owns: noticing that the terminal was lost, and that nothing waits for it then. Must not: decide
how a program ends; it gets the signal that a closed window sends.

A closed window usually sends SIGHUP by itself. One that is not the controlling terminal (in
containers, under supervisors) sends nothing: then every read says "end", every write fails,
the thread that writes is dead, and the app waits for it for ever.
"""

from __future__ import annotations

import signal
import sys
import termios
import threading
from collections.abc import Callable
from typing import IO, Any, Final, cast

from textual.drivers.linux_driver import LinuxDriver

EVERY: Final = 1.0
"""Seconds between two looks at the terminal; one costs a few microseconds."""


def hang_up() -> None:
    """End the program as a closed window does. From any thread; the main one may be waiting for a lock."""
    signal.pthread_kill(cast(int, threading.main_thread().ident), signal.SIGHUP)


class Line:
    """What is written to: a file that takes everything, for the first failure is told and the rest goes nowhere."""

    def __init__(self, file: IO[str], lost: Callable[[], None]) -> None:
        self._file = file
        self._lost = lost
        self._is_lost = False

    def write(self, text: str) -> int:
        """Write as far as there is something to write to."""
        self._try(lambda: self._file.write(text))
        return len(text)

    def flush(self) -> None:
        """Flush, as far as there is something to flush to."""
        self._try(self._file.flush)

    def fileno(self) -> int:
        """Return the number of the file."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Tell whether it is a terminal."""
        return self._file.isatty()

    def _try(self, what: Callable[[], object]) -> None:
        if not self._is_lost:
            try:
                what()
            except (OSError, ValueError):  # ValueError: somebody closed the file
                self._is_lost = True
                self._lost()


class TerminalDriver(LinuxDriver):
    """Textual's driver, for a terminal that may go away at any time."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # Textual draws on stderr, which may be sent to a file while somebody looks at stdout.
        file = sys.__stderr__ if sys.__stderr__ is not None and sys.__stderr__.isatty() else sys.__stdout__
        self._file = cast(Any, Line(cast(IO[str], file), self.lose))
        self._left = threading.Event()
        self._watch: threading.Thread | None = None

    def start_application_mode(self) -> None:
        if self._watch is None and self.input_tty:
            self._watch = threading.Thread(target=self._look, name="terminal-watch", daemon=True)
            self._watch.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual's, without types

    def resume_application_mode(self) -> None:
        # A signal to go on may come without one to stop before; there must not be two that read the keyboard.
        if self._key_thread is None or not self._key_thread.is_alive():
            super().resume_application_mode()

    def write(self, data: str) -> None:
        # With nobody to take it, it would fill the queue, and then be waited for.
        if self._writer_thread is not None and self._writer_thread.is_alive():
            self._writer_thread.write(data)

    def _look(self) -> None:
        """Look at the terminal now and then, until the app is left or the terminal is lost."""
        while not self._left.wait(EVERY):
            try:
                termios.tcgetattr(self.fileno)
            except (termios.error, OSError):
                self.lose()
                return

    def lose(self) -> None:
        """End the program, unless the app is over already."""
        if not self._left.is_set():
            hang_up()

    def leave(self) -> None:
        """Give the terminal back, where the app came to no more than its end, and leave no thread behind."""
        self._left.set()
        if self._writer_thread is not None and self._writer_thread.is_alive():
            self.stop_application_mode()
            self.close()
        # The thread that reads the keyboard would keep the program.
        self.exit_event.set()
