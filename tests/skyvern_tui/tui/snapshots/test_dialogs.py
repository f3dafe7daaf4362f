"""Claims about how the dialogs look that are not part of a form: each has a frame that names its keys."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from skyvern_tui.tui.app import SkyvernApp
from skyvern_tui.tui.screens.doctor import DoctorScreen
from skyvern_tui.tui.screens.opening import OpenScreen
from tests.skyvern_tui.tui.fakes import FakeGateway, ManualClock, app_on, screen_text, settle, until
from tests.skyvern_tui.tui.test_connection_screen import WORK, TestDoors

FINDINGS = """\
ok    version   skyvern-tui 0.1.0, Python 3.11.7, Linux x86_64
ok    terminal  none here (the app needs one; commands do not)
ok    browser   chromium 156.0, /usr/bin/chromium; starts, renders a page and takes a screenshot; PyAV 18.1.0 with VP8
fail  server    http://127.0.0.1:8000 does not answer"""
EARLY = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


class FoundDoctor(DoctorScreen):
    """A doctor with findings that are the same on every machine."""

    async def _findings(self) -> str:
        return FINDINGS


def test_doctor(snap_compare):
    """The findings in columns, long ones too, without a terminal that is none; the frame says how to copy them."""

    async def drive(pilot):
        await until(pilot, lambda: pilot.app.sites)
        pilot.app.push_screen(FoundDoctor(None))
        await until(pilot, lambda: "does not answer" in screen_text(pilot.app))
        await settle(pilot, 6)

    assert snap_compare(app_on(FakeGateway()), terminal_size=(80, 24), run_before=drive)


def test_servers(snap_compare):
    """Profiles with where their keys come from, the one in use and one that is read-only; the keys below."""

    async def drive(pilot):
        await until(pilot, lambda: "No runs yet" in screen_text(pilot.app))
        await pilot.press("f2")
        await until(pilot, lambda: "keyring" in screen_text(pilot.app))
        await settle(pilot, 6)

    gateway = FakeGateway()
    app = SkyvernApp(WORK, open_gateway=lambda _: gateway, clock=ManualClock(), doors=TestDoors())
    assert snap_compare(app, terminal_size=(80, 24), run_before=drive)


def test_open(snap_compare, tmp_path, monkeypatch):
    """Saved runs, newest first, narrowed down by words."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "downloads").mkdir()
    for place, name in enumerate(("invoice", "invoice again", "weather")):
        file = tmp_path / "downloads" / f"{name}.skyrun"
        file.write_bytes(b"PK" * 1000)
        os.utime(file, (EARLY.timestamp() + 60 * place,) * 2)

    async def drive(pilot):
        await until(pilot, lambda: pilot.app.sites)
        await pilot.press("O")
        await until(pilot, lambda: isinstance(pilot.app.screen, OpenScreen) and "weather" in screen_text(pilot.app))
        await pilot.press(*"inv", "down")
        await until(pilot, lambda: "weather" not in screen_text(pilot.app))
        pilot.app.screen.set_focus(None)  # a cursor blinks in real time
        await settle(pilot, 6)

    app = app_on(FakeGateway(), downloads=Path("downloads"))
    assert snap_compare(app, terminal_size=(80, 24), run_before=drive)
