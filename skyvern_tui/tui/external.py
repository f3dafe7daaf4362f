"""Handing something to another program: a text to the editor and back, text to the pager, a file to its viewer.

Owns: which program, what it gets, and giving it the terminal. Must not: judge the text or the file.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import SuspendNotSupported

if TYPE_CHECKING:
    from textual.app import App


class EditorError(Exception):
    """The text could not be edited; the message says why and what to do."""


def editor_command() -> list[str]:
    """Return the words that start the user's editor. Raises EditorError if there is none."""
    for name in ("VISUAL", "EDITOR"):
        words = os.environ.get(name, "").strip()
        if words:
            return shlex.split(words, posix=os.name != "nt")
    raise EditorError("No editor is set. Set EDITOR, such as: export EDITOR=nano")


def edit(app: App[Any], text: str, suffix: str) -> str:
    """Return ``text`` as the user's editor leaves it. Raises EditorError; the text is then as it was."""
    command = editor_command()
    with tempfile.TemporaryDirectory(prefix="skyvern-") as folder:
        path = Path(folder) / f"text{suffix}"
        path.write_text(text, encoding="utf-8")
        status = _in_terminal(app, [*command, str(path)], "an editor")
        if status != 0:
            raise EditorError(f"{command[0]} ended with status {status}; the text is as it was.")
        try:
            edited = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise EditorError("What the editor left can't be read as UTF-8; the text is as it was.") from None
    # Editors end the last line; a text that had no such end gets none.
    return edited if text.endswith("\n") else edited.removesuffix("\n")


def pager_command() -> list[str]:
    """Return the words that start the user's pager. Raises EditorError if there is none."""
    for name in ("SKYVERN_PAGER", "PAGER"):
        words = os.environ.get(name, "").strip()
        if words:
            return shlex.split(words, posix=os.name != "nt")
    found = shutil.which("less") or shutil.which("more")
    if found is None:
        raise EditorError("No pager is set. Set PAGER, such as: export PAGER=less")
    return [found]


def page(app: App[Any], lines: Sequence[str]) -> None:
    """Show safe lines in the user's pager until it is left. Raises EditorError."""
    # A pager that is left early closes the pipe; that is no fault.
    _in_terminal(app, pager_command(), "a pager", "\n".join(lines) + "\n")


def _in_terminal(app: App[Any], command: Sequence[str], what: str, text: str | None = None) -> int:
    """Run a program that has the terminal until it ends; return its exit status. Raises EditorError."""
    failed: OSError | None = None
    status = 0
    try:
        with app.suspend(), _undisturbed():
            # No exception may leave this block: Textual would not take the terminal back, and wait for it.
            try:
                given = None if text is None else text.encode()
                status = subprocess.run(command, input=given, check=False).returncode  # noqa: S603 - the user's own
            except OSError as error:
                failed = error
    except SuspendNotSupported:
        raise EditorError(f"There is no terminal here to hand over to {what}.") from None
    if failed is not None:
        raise EditorError(f"{command[0]} could not be started: {failed.strerror}.") from failed
    return status


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Leave ctrl+c to the program that has the terminal: it goes to all of them, and would end the app."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # A function and not SIG_IGN, which the program would inherit.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def open_file(path: Path) -> None:
    """Have the system's program show a file. Raises EditorError; what may be opened is not judged here."""
    if sys.platform == "win32":
        os.startfile(path)  # noqa: S606 - what Windows has for it; the caller refuses what would act
        return
    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if opener is None:
        raise EditorError(f"There is no program to open files with; it is saved as {path}.")
    try:
        # It outlives the app, and what it says must not come onto the screen.
        subprocess.Popen(  # noqa: S603 - the system's own opener, with one absolute path
            [opener, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise EditorError(f"{opener} could not be started: {error.strerror}.") from error
