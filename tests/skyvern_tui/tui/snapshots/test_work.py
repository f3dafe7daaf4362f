"""Claims about how working with the app looks, at the usual sizes of terminals, dark and light."""

from __future__ import annotations

import pytest

from skyvern_tui.config.preferences import Preferences
from skyvern_tui.tui.screens.compose import ComposeScreen
from tests.skyvern_tui.tui.fakes import FakeGateway, app_on, screen_text, settle, until
from tests.skyvern_tui.tui.showcase import morning
from tests.skyvern_tui.tui.test_connection_screen import TestDoors

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"])
THEMES = pytest.mark.parametrize("theme", ["dark", "light"])
SCHEMA = '{"type": "object", "properties": {"title": {"type": "string"}, "points": {"type": "integer"}}}'


def liking(theme):
    """Return the preference for a theme."""
    return Preferences(theme=f"skyvern-{theme}")


def after(*keys, shows):
    """Return what presses keys and waits for what they show."""

    async def drive(pilot):
        app = pilot.app
        await until(pilot, lambda: app.sites)
        await settle(pilot, 6)
        for key in keys:
            await pilot.press(key)
            await settle(pilot, 3)
        await until(pilot, lambda: shows in screen_text(app), shows)
        await settle(pilot, 6)

    return drive


def composing(*keys, shows, **texts):
    """Return what opens the form with a draft, presses keys and waits for what they show."""

    async def drive(pilot):
        app = pilot.app
        await until(pilot, lambda: app.sites)
        app.compose_task(texts)
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen) and app.focused)
        for key in keys:
            await pilot.press(key)
            await settle(pilot, 3)
        await until(pilot, lambda: shows in screen_text(app), shows)
        for screen in app.screen_stack:
            screen.set_focus(None)  # a cursor blinks in real time, and lights the bracket it stands on
        await settle(pilot, 6)

    return drive


@SIZES
@THEMES
def test_runs_marked_and_filtered(snap_compare, size, theme):
    """A filter, an order and marks, each seen at a glance."""
    drive = after("slash", *"-canceled", "enter", "s", "g", "space", "space", shows="2 marked")
    assert snap_compare(app_on(morning(), preferences=liking(theme)), terminal_size=size, run_before=drive)


@SIZES
@THEMES
def test_form_with_preview(snap_compare, size, theme):
    """The group of the data, its schema, what is filled in elsewhere, and the preview where there is room."""
    drive = composing(
        "f8", shows="Data schema", prompt="Get the top post", data_extraction_schema=SCHEMA, max_steps="9"
    )
    assert snap_compare(app_on(FakeGateway(), preferences=liking(theme)), terminal_size=size, run_before=drive)


def test_preview_on_a_narrow_screen(snap_compare):
    """The request as curl has all the room."""
    drive = composing("f3", "f3", shows="curl --fail", prompt="Get the top post", url="https://example.com")
    assert snap_compare(app_on(FakeGateway()), terminal_size=(80, 24), run_before=drive)


@pytest.mark.parametrize(
    ("key", "shows"), [("ctrl+t", "Fill in a form"), ("ctrl+l", "Paste a curl"), ("ctrl+n", "1 run:")]
)
def test_dialogs_of_the_form(snap_compare, key, shows):
    """Templates, import and variants stand over the form."""
    drive = composing(key, shows=shows, prompt="Get the top post", url="https://example.com")
    assert snap_compare(app_on(FakeGateway()), terminal_size=(100, 30), run_before=drive)


def test_servers(snap_compare):
    """Profiles, the one in use, and which are read-only."""
    app = app_on(morning(), doors=TestDoors())
    assert snap_compare(app, terminal_size=(100, 30), run_before=after("f2", shows="read-only"))


def test_jump_mode(snap_compare):
    """Letters on everything that can have the focus."""
    drive = composing("ctrl+o", shows="jump: press a letter", prompt="Get the top post")
    assert snap_compare(app_on(FakeGateway()), terminal_size=(100, 30), run_before=drive)


@pytest.mark.parametrize("theme", ["contrast", "colourblind-dark", "colourblind-light"])
def test_runs_in_other_colours(snap_compare, theme):
    """Every status in the other themes."""
    drive = after("j", shows="1 m 38 s")
    assert snap_compare(app_on(morning(), preferences=liking(theme)), terminal_size=(100, 24), run_before=drive)
