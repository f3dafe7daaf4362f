"""Claims about a terminal that is gone, and one that is lent to another program."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import contextmanager

import pytest

from skyvern_tui.tui.external import EditorError, page
from skyvern_tui.tui.probe import Graphics, ask
from skyvern_tui.tui.terminal import Line


class Gone:
    """A file whose terminal goes after a few writes."""

    def __init__(self, takes):
        self.takes = takes
        self.taken = []

    def write(self, text):
        if len(self.taken) == self.takes:
            raise OSError(5, "Input/output error")
        self.taken.append(text)

    def flush(self):
        self.write("")


def test_a_line_that_is_lost_is_told_once_and_takes_the_rest():
    """Until then everything is written; afterwards nothing fails, and nobody has to wait."""
    lost = []
    file = Gone(takes=2)
    line = Line(file, lambda: lost.append(len(file.taken)))
    assert [line.write(text) for text in ("a", "bc", "def", "g")] == [1, 2, 3, 1]
    line.flush()
    assert file.taken == ["a", "bc"]
    assert lost == [2]


class Suspending:
    """An app that, as those of Textual, takes the terminal back only if no exception leaves the block."""

    def __init__(self):
        self.has_terminal = True

    @contextmanager
    def suspend(self):
        self.has_terminal = False
        yield
        self.has_terminal = True


def test_a_program_that_cannot_be_started_leaves_the_terminal_to_the_app(monkeypatch):
    """It is told which, and the screen is the app's again."""
    monkeypatch.setenv("SKYVERN_PAGER", "/nonexistent/pager")
    app = Suspending()
    with pytest.raises(EditorError, match="/nonexistent/pager could not be started: No such file"):
        page(app, ["text"])
    assert app.has_terminal


def test_ctrl_c_in_another_program_is_that_ones(monkeypatch):
    """The app, which gets it as well, is not interrupted; later it would be, as before."""
    command = f"'{sys.executable}' -c 'import os, signal; os.kill(os.getppid(), signal.SIGINT)'"
    monkeypatch.setenv("SKYVERN_PAGER", command)
    before = signal.getsignal(signal.SIGINT)
    page(Suspending(), ["text"])
    assert signal.getsignal(signal.SIGINT) is before


def test_a_terminal_that_goes_is_not_asked_for_ever(monkeypatch):
    """Gone after the question, it can draw nothing."""
    master, slave = os.openpty()

    def go():
        os.read(master, 100)
        os.close(master)

    with os.fdopen(slave, "r", closefd=False) as terminal, os.fdopen(slave, "w") as out:
        monkeypatch.setattr(sys, "__stdin__", terminal)
        monkeypatch.setattr(sys, "__stdout__", out)
        going = threading.Thread(target=go)
        going.start()
        assert ask() == Graphics()
        going.join()
