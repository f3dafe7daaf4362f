"""What the screen tests share."""

from __future__ import annotations

import pytest
from textual.widgets import Input, TextArea

from tests.skyvern_tui.tui.fakes import FakeGateway, ManualClock


@pytest.fixture
def gateway():
    """A server without runs."""
    return FakeGateway()


@pytest.fixture
def clock():
    """A clock that stands still."""
    return ManualClock()


@pytest.fixture(autouse=True)
def _still(monkeypatch):
    """Nothing blinks or slides while a test looks, and a toast stays until it was looked for."""
    monkeypatch.setattr("skyvern_tui.tui.app.SkyvernApp.NOTIFICATION_TIMEOUT", 600)
    monkeypatch.setattr("textual.constants.TEXTUAL_ANIMATIONS", "none")
    for field in (Input, TextArea):  # cursors blink in real time
        monkeypatch.setattr(field.cursor_blink, "_default", False)
