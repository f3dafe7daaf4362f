"""Claims about keys, mouse and layout that hold in every terminal and for every action of the registry."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from textual import events

import skyvern_tui.tui
from skyvern_tui.tui.actions import ACTIONS, Scope, actions_of, name_of, types_text
from skyvern_tui.tui.palette import ActionProvider
from skyvern_tui.tui.screens.compose import ComposeScreen
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.run_list import RunList
from skyvern_tui.tui.widgets.text_view import TextView
from tests.skyvern_tui.tui.fakes import FakeGateway, app_on, screen_text, settle, until
from tests.skyvern_tui.tui.showcase import OUTPUT, morning, one_run

SAME = {
    "ctrl+h": "backspace",
    "ctrl+i": "tab",
    "ctrl+j": "enter",
    "ctrl+m": "enter",
    "ctrl+left_square_bracket": "escape",
}
"""Keys that send the same as another in every terminal."""
PREFIXES = {"ctrl+b": "tmux", "ctrl+a": "screen"}
TAKEN = {"f10", "f11", "f12"}
"""Keys that windows and menus of terminals keep for themselves."""


def is_seldom_sent(key):
    """Tell whether some terminal in wide use sends nothing, or something else, for a key."""
    *modifiers, name = key.split("+")
    odd_control = "ctrl" in modifiers and (len(name) > 1 or len(modifiers) > 1)
    return odd_control or bool({"alt", "super", "meta"} & set(modifiers)) or key in TAKEN or key in PREFIXES


@pytest.mark.parametrize("action", [a for a in ACTIONS if a.keys], ids=lambda action: action.id)
def test_every_action_has_a_key_that_every_terminal_sends(action):
    """What Windows Terminal, macOS Terminal or tmux keep for themselves or can't send is a second key only."""
    assert not set(action.keys) & set(SAME), "it would be heard as another key"
    assert [key for key in action.keys if not is_seldom_sent(key)]


def test_keys_that_work_while_typing_type_nothing():
    """An action that is heard over a text field has no key that puts a character into it, or edits what is there."""
    assert [(a.id, key) for a in ACTIONS if a.priority for key in a.keys if types_text(key)] == []
    editing = {"left", "right", "up", "down", "home", "end", "backspace", "delete", "enter", "tab", "shift+tab"}
    # Tab never edits here, the line over a list has no other line, and del acts only where it has nothing to delete.
    spared = {"compose.next_field", "compose.previous_field", "pick.up", "pick.down", "templates.remove"}
    assert {a.id for a in ACTIONS if a.priority and editing & set(a.keys)} == spared


def subclasses(kind):
    """Return a class and everything of the app that is made from it."""
    for module in pkgutil.walk_packages(skyvern_tui.tui.__path__, "skyvern_tui.tui."):
        importlib.import_module(module.name)
    found, waiting = [], [kind]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += one.__subclasses__()
    return [one for one in found if one.__module__.startswith("skyvern_tui")]


@pytest.mark.parametrize("kind", subclasses(LineList) + subclasses(TextView), ids=lambda kind: kind.__name__)
def test_every_list_and_text_moves_like_vim_and_by_arrows(kind):
    """j k g G and arrows, home, end and pages lead through every list and every text."""
    keys = set(kind._merge_bindings().key_to_bindings)
    assert keys >= {"j", "k", "g", "G", "down", "up", "home", "end", "pagedown", "pageup"}


async def shown(pilot, name):
    """Bring the app to a screen."""
    app = pilot.app
    await until(pilot, lambda: app.sites and app.focused)
    if name == "compose":
        app.compose_task({"prompt": "Get the title"})
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen) and app.screen.is_live and app.focused)
    if name == "run":
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.is_live)
    await settle(pilot, 8)
    return app.screen


@pytest.mark.parametrize("name", ["runs", "compose", "run"])
async def test_the_palette_has_every_action_of_the_screen(name):
    """Whatever can be done on a screen now, by whatever key, can be found by its words."""
    app = app_on(one_run("completed", output=OUTPUT))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await shown(pilot, name)
        provider = ActionProvider(screen)
        listed = {str(hit.display) async for hit in provider.discover()}
        wanted = [
            action
            for action in actions_of(screen.scope, Scope.app, Scope.panes)
            if screen.check_action(name_of(action), ()) is not False and action.id != "app.palette"
        ]
        methods = {action.method for action in ACTIONS if action.help in listed}
        assert [action.id for action in wanted if action.method not in methods] == []


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (240, 70)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", ["runs", "compose", "run"])
async def test_the_frame_is_whole_at_every_size(name, size):
    """Where one is stands on top, what can be pressed at the bottom, uncut, and every line fills the width."""
    app = app_on(one_run("completed", output=OUTPUT) if name == "run" else morning())
    async with app.run_test(size=size) as pilot:
        await shown(pilot, name)
        lines = screen_text(app).split("\n")
        assert lines[0].startswith(" Skyvern  ")
        assert "…" not in lines[0][:20]
        assert "? help" in lines[-1] or "f1 help" in lines[-1]
        assert "palette" in lines[-1]
        assert {strip.cell_length for strip in app.screen._compositor.render_strips()} == {size[0]}


async def test_the_mouse_picks_opens_and_scrolls():
    """A click picks a run, a second one opens it, the wheel scrolls, and a click on a key of the key bar does it."""
    gateway = FakeGateway(*(one for server in (morning(),) for one in server.runs.values()))
    app = app_on(gateway)
    async with app.run_test(size=(80, 12)) as pilot:
        await shown(pilot, "runs")
        runs = app.screen.query_one(RunList)
        await until(pilot, lambda: len(runs.rows) == 8)
        top = runs.region.y
        await pilot.click(offset=(10, top + 3))
        await settle(pilot)
        picked = runs.index
        assert picked > 0
        await pilot._post_mouse_events([events.MouseScrollDown], offset=(10, top + 2))
        await until(pilot, lambda: runs.scroll_offset.y > 0 or runs.max_scroll_y == 0)
        await pilot.click(offset=(10, top + 2), times=2)
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        bar = screen_text(app).split("\n")[-1]
        await pilot.click(offset=(bar.index("back"), 11))
        await until(pilot, lambda: not isinstance(app.screen, RunScreen))
