"""Claims about manners: colours, panes, notices, the clipboard."""

from __future__ import annotations

import base64
import os

import pytest
from textual.color import Color
from textual.widgets import Label

from skyvern_tui.config.preferences import Preferences, Remembered
from skyvern_tui.tui import clipboard, notices
from skyvern_tui.tui.screens.confirm import ConfirmScreen
from skyvern_tui.tui.themes import CONTRAST, DARK, LIGHT, THEMES, first_theme, own_themes
from skyvern_tui.tui.widgets.split import Split
from tests.skyvern_tui.builders import a_run, at
from tests.skyvern_tui.tui.fakes import FakeGateway, app_on, passing, screen_text, settle, until


def contrast(one, other):
    """Return WCAG's ratio of contrast between two colours."""

    def light(colour):
        parts = [part / 255 for part in Color.parse(colour).rgb]
        parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_theme_can_be_read(theme):
    """Text, muted text and the colours of statuses stand out: 4.5 to 1 at least, 7 to 1 with high contrast."""
    least = 7.0 if theme is CONTRAST else 4.5
    colours = [
        theme.foreground,
        theme.variables["text-muted"],
        theme.success,
        theme.warning,
        theme.error,
        theme.primary,
    ]
    for ground in (theme.background, theme.surface):
        low = {colour: round(contrast(colour, ground), 1) for colour in colours if contrast(colour, ground) < least}
        assert low == {}


@pytest.mark.parametrize(
    ("wished", "remembered", "ground", "expected"),
    [
        ("auto", "", "", DARK.name),
        ("auto", "", "0;15", LIGHT.name),
        ("auto", "", "15;0", DARK.name),
        ("auto", CONTRAST.name, "0;15", CONTRAST.name),
        (LIGHT.name, CONTRAST.name, "15;0", LIGHT.name),
        ("gone", "gone too", "", DARK.name),
    ],
)
def test_the_theme_to_start_with(wished, remembered, ground, expected):
    """The one set wins, then the one last chosen, then dark or light after the terminal's background."""
    known = {theme.name for theme in THEMES}
    assert first_theme(wished, remembered, known, {"COLORFGBG": ground}) == expected


def test_themes_of_the_users_own():
    """Colours given replace those of dark or light; what is no colour or no name of one is told."""
    themes, faults = own_themes(
        {"mine": {"dark": False, "primary": "#ff0000"}, "bad": {"primary": "reddish"}, "odd": {"colour": "#fff"}}
    )
    assert [(theme.name, theme.primary, theme.background) for theme in themes] == [
        ("mine", "#ff0000", LIGHT.background)
    ]
    assert ["bad" in faults[0], "odd" in faults[1], len(faults)] == [True, True, 2]


async def test_a_chosen_theme_is_remembered(gateway, clock, tmp_path):
    """The theme chosen last is the one the app starts with the next time."""
    app = app_on(gateway, clock, home=tmp_path)
    async with app.run_test() as pilot:
        app.theme = LIGHT.name
        await until(pilot, lambda: Remembered(tmp_path / "ui.json").text("theme") == LIGHT.name)
    again = app_on(gateway, clock, home=tmp_path)
    async with again.run_test():
        assert again.theme == LIGHT.name


async def test_panes_are_resized_zoomed_and_remembered(clock, tmp_path):
    """Keys and the mouse move the border, a key gives one pane all the room; sizes are there the next time."""
    gateway = FakeGateway(a_run("r1", "completed", output={"title": "Hello"}))
    app = app_on(gateway, clock, home=tmp_path)
    async with app.run_test(size=(160, 30)) as pilot:
        await until(pilot, lambda: '"title"' in screen_text(app))
        split = app.screen.query_one("#panes", Split)
        widths = [split.second.size.width]
        for key in ("less_than_sign", "less_than_sign", "greater_than_sign", "equals_sign"):
            await pilot.press(key)
            await settle(pilot)
            widths.append(split.second.size.width)
        assert widths[0] < widths[1] < widths[2] > widths[3] > widths[4] == widths[0]
        await pilot.press("z")
        await settle(pilot)
        assert not split.second.display
        await pilot.press("z", "less_than_sign")
        await settle(pilot)
        border = split.second.region.x - 1
        await pilot.mouse_down(offset=(border, 5))
        await pilot.hover(offset=(border - 20, 5))
        await pilot.mouse_up(offset=(border - 20, 5))
        await settle(pilot)
        assert split.second.region.x - 1 < border - 10
        kept = split.share
    assert Remembered(tmp_path / "ui.json").whole("pane.panes") == kept


async def test_a_narrow_screen_shows_one_pane_at_a_time(clock):
    """Without room for both, zoom goes from the list to what is known of the run and back."""
    gateway = FakeGateway(a_run("r1", "completed", output={"title": "Hello"}))
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "completed" in screen_text(app))
        assert '"title"' not in screen_text(app)
        await pilot.press("z")
        await until(pilot, lambda: '"title": "Hello"' in screen_text(app))
        await pilot.press("z")
        await until(pilot, lambda: "STATUS" in screen_text(app))


@pytest.mark.parametrize(
    ("notice", "focused", "counts"),
    [
        ("both", False, (1, 1)),
        ("bell", False, (1, 0)),
        ("notify", False, (0, 1)),
        ("off", False, (0, 0)),
        ("both", True, (0, 0)),
    ],
)
async def test_an_end_is_told_to_somebody_who_looks_elsewhere(clock, monkeypatch, notice, focused, counts):
    """A run that ends rings and notifies as set, only while the terminal is not looked at, and without escapes."""
    gateway = FakeGateway(a_run("r1", "running", run_request={"prompt": "\x1b]0;evil\x07 buy"}))
    app = app_on(gateway, clock, preferences=Preferences(notice=notice))
    bells, sent = [], []
    monkeypatch.setattr(app, "bell", lambda: bells.append(1))
    monkeypatch.setattr(notices, "write_terminal", lambda _app, text: sent.append(text))
    async with app.run_test() as pilot:
        await until(pilot, lambda: "running" in screen_text(app))
        app.app_focus = focused
        gateway.runs["r1"] = a_run(
            "r1", "failed", created_at=at(0), modified=50, run_request={"prompt": "\x1b]0;evil\x07 buy"}
        )
        await passing(pilot, clock, 5)
        await until(pilot, lambda: "failed" in screen_text(app))
        assert (len(bells), len(sent)) == counts
        if sent:
            assert sent[0].startswith("\x1b]9;Skyvern - failed: ")
            assert sent[0].count("\x1b") == 2
            assert "\x07" not in sent[0]


async def test_text_is_copied_by_the_terminal(gateway, clock, monkeypatch):
    """OSC 52 carries it; more than a terminal takes is refused with another way to go."""
    monkeypatch.delenv("TMUX", raising=False)
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        written = []
        monkeypatch.setattr(app._driver, "write", written.append)
        assert await clipboard.put(app, "grüße") == ""
        assert f"\x1b]52;c;{base64.b64encode('grüße'.encode()).decode()}\a" in written
        assert "save it to a file" in await clipboard.put(app, "x" * 80_000)
        app.copy("text", "the\x1b text")
        await until(pilot, lambda: "Copied the␛ text." in [toast.message for toast in app._notifications])


async def test_inside_tmux_text_goes_to_tmux(gateway, clock, monkeypatch, tmp_path):
    """tmux drops what programs inside it send, so its own command gets the text, however long."""
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    fake = tmp_path / "tmux"
    fake.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/words\ncat > {tmp_path}/text\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    app = app_on(gateway, clock)
    async with app.run_test():
        monkeypatch.setattr(type(app), "is_headless", property(lambda _: False))
        assert await clipboard.put(app, "x" * 80_000) == ""
    assert (tmp_path / "words").read_text() == "load-buffer -w -\n"
    assert (tmp_path / "text").read_text() == "x" * 80_000


@pytest.mark.parametrize(("width", "shown"), [(80, [True, False]), (160, [True, True])])
async def test_panes_that_come_late_fit_the_screen(clock, width, shown):
    """A split that is put on a screen which has its size already shares the width as one that was there before."""
    app = app_on(FakeGateway(), clock)
    async with app.run_test(size=(width, 24)) as pilot:
        await settle(pilot)
        late = Split(Label("one"), Label("two"), share=40, id="late")
        await app.screen.mount(late)
        await settle(pilot)
        assert [late.first.display, late.second.display] == shown


async def test_a_question_is_answered_by_what_is_pressed(gateway, clock):
    """Enter on a question as it comes, the button of no, and closing it are a no; only yes is a yes."""
    answers = []
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        for act, expected in (
            (lambda: pilot.press("enter"), False),
            (lambda: pilot.click("#yes"), True),
            (lambda: pilot.click("#no"), False),
            (lambda: pilot.press("escape"), False),
            (lambda: pilot.press("shift+tab", "enter"), True),
        ):
            app.push_screen(ConfirmScreen("Sure?", "all of it", yes="do it", no="leave it"), answers.append)
            await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and app.screen.focused is not None)
            await settle(pilot)
            await act()
            await until(pilot, lambda: not isinstance(app.screen, ConfirmScreen))
            await settle(pilot)
            assert answers[-1] is expected
    assert len(answers) == 5
