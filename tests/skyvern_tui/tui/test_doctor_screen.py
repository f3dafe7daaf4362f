"""Claims about checking the server in use without leaving the app."""

from __future__ import annotations

import sys

import pytest

from skyvern_tui.config import Connection
from skyvern_tui.tui.screens import doctor
from skyvern_tui.tui.screens.connection import ConnectionScreen
from skyvern_tui.tui.screens.doctor import DoctorScreen
from skyvern_tui.tui.widgets.text_view import TextView
from tests.skyvern_tui.tui.fakes import FakeGateway, app_on, screen_text, until

SAYS = "import os, sys; print('\\x1b[31m' + ' '.join(sys.argv[1:])); print(os.environ.get('SKYVERN_API_KEY'))"


@pytest.fixture
def fake_doctor(monkeypatch):
    """Have a command in the doctor's place that says how it was called."""
    monkeypatch.setattr(doctor.DoctorScreen.__init__, "__defaults__", ((sys.executable, "-c", SAYS, "doctor"),))


@pytest.mark.usefixtures("fake_doctor")
async def test_the_server_in_use_is_looked_at(clock, monkeypatch):
    """``D`` among the servers has the one in use checked; its key goes by the environment; the words are safe."""
    monkeypatch.setenv("SKYVERN_API_KEY", "key-of-another")
    app = app_on(FakeGateway(), clock, source=Connection("https://sky.example.com", "key-in-use", name="work"))
    async with app.run_test(size=(110, 30)) as pilot:
        await until(pilot, lambda: "No runs yet" in screen_text(app))
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, ConnectionScreen))
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, DoctorScreen) and "doctor --base-url" in screen_text(app))
        shown = screen_text(app)
        assert "https://sky.example.com" in shown
        assert "key-in-use" in shown
        assert "\x1b" not in shown
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ConnectionScreen))


async def test_the_real_doctor_answers(clock):
    """The checks of the command line are what is shown; a server that is not there is among them."""
    app = app_on(FakeGateway(), clock, source=Connection("http://127.0.0.1:9", "key", name="away"))
    async with app.run_test(size=(110, 40)) as pilot:
        await until(pilot, lambda: "No runs yet" in screen_text(app))
        app.action_doctor()
        for _ in range(10):
            try:
                await until(pilot, lambda: "127.0.0.1:9" in screen_text(app) and "looking" not in screen_text(app))
            except AssertionError:
                continue
            break
        assert "python" in screen_text(app).lower()


async def test_a_long_finding_stays_in_its_column_and_is_copied_whole(clock, monkeypatch):
    """What is wrapped begins under its words; copying takes the findings as they were said, without the terminal's."""
    no_terminal = "ok    terminal  none here (the app needs one; commands do not)"
    said = f"ok    browser   {'word ' * 40}end\n{no_terminal}\nfail  key"
    copied = []
    app = app_on(FakeGateway(), clock)
    monkeypatch.setattr(app, "copy", lambda text, _: copied.append(text))
    async with app.run_test(size=(80, 30)) as pilot:
        await until(pilot, lambda: "No runs yet" in screen_text(app))
        app.push_screen(DoctorScreen(None, [sys.executable, "-c", f"print({said!r})"]))
        await until(pilot, lambda: "fail  key" in screen_text(app))
        view = app.screen.query_one(TextView)
        assert len(view.lines) > 3
        assert all(line.startswith(" " * 16 + "word") for line in view.lines[1:-1])
        await pilot.press("y")
        await until(pilot, lambda: copied == ["ok    browser   " + "word " * 40 + "end\nfail  key"])


async def test_a_command_that_is_not_there_is_said(clock):
    """What could not be started is told instead of findings."""
    app = app_on(FakeGateway(), clock)
    async with app.run_test(size=(110, 30)) as pilot:
        await until(pilot, lambda: "No runs yet" in screen_text(app))
        app.push_screen(DoctorScreen(None, ["/nowhere/at-all"]))
        await until(pilot, lambda: "could not be started" in screen_text(app))
