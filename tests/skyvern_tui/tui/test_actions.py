"""Claims about the registry of actions and the keys in force."""

from __future__ import annotations

from collections import Counter

import pytest

from skyvern_tui.config.preferences import Preferences
from skyvern_tui.tui.actions import ACTIONS, UNBOUND, Scope, bindings, key_words, name_of
from skyvern_tui.tui.app import SkyvernApp
from skyvern_tui.tui.keymap import DEFAULT, Keymap, key_named
from skyvern_tui.tui.previews.archive import ArchiveView
from skyvern_tui.tui.previews.element_tree import ElementList
from skyvern_tui.tui.previews.film import FilmView
from skyvern_tui.tui.previews.har import HarView
from skyvern_tui.tui.previews.image import ImageView
from skyvern_tui.tui.previews.log import LogView
from skyvern_tui.tui.screens.base import Page
from skyvern_tui.tui.screens.compare import CompareScreen
from skyvern_tui.tui.screens.compose import ComposeScreen
from skyvern_tui.tui.screens.exporting import ExportScreen
from skyvern_tui.tui.screens.help import HelpScreen
from skyvern_tui.tui.screens.jump import JumpScreen
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.screens.runs import RunsScreen
from skyvern_tui.tui.screens.saved import SavedScreen
from skyvern_tui.tui.widgets.artifacts_pane import ArtifactsPane
from skyvern_tui.tui.widgets.find_bar import FindBar
from skyvern_tui.tui.widgets.json_tree import JsonTree
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.text_view import TextView
from skyvern_tui.tui.widgets.timeline_pane import TimelinePane
from skyvern_tui.tui.widgets.webhook_pane import WebhookPane
from tests.skyvern_tui.builders import a_run
from tests.skyvern_tui.tui.fakes import FakeGateway, app_on, screen_text, settle, until

OWNERS = {
    Scope.app: SkyvernApp,
    Scope.panes: Page,
    Scope.lists: LineList,
    Scope.text: TextView,
    Scope.finding: TextView,
    Scope.find_bar: FindBar,
    Scope.tree: JsonTree,
    Scope.artifacts: ArtifactsPane,
    Scope.picture: ImageView,
    Scope.film: FilmView,
    Scope.har: HarView,
    Scope.archive: ArchiveView,
    Scope.elements: ElementList,
    Scope.log: LogView,
    Scope.runs: RunsScreen,
    Scope.compose: ComposeScreen,
    Scope.run: RunScreen,
    Scope.timeline: TimelinePane,
    Scope.webhook: WebhookPane,
    Scope.export: ExportScreen,
    Scope.saved: SavedScreen,
    Scope.compare: CompareScreen,
}
BY_ID = {action.id: action for action in ACTIONS}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_can_be_done(action):
    """The method an action names exists where its keys are bound."""
    owner = SkyvernApp if action.method.startswith("app.") else OWNERS[action.scope]
    assert hasattr(owner, f"action_{name_of(action)}")


def test_ids_are_unique():
    """An id means one action, so that a keymap can rely on it."""
    assert [name for name, count in Counter(action.id for action in ACTIONS).items() if count > 1] == []


def test_no_key_means_two_things():
    """On each screen a key is bound once among its own actions, those of its panes and those that work everywhere."""
    assert DEFAULT.problems() == []


def test_every_action_is_explained_and_its_bindings_carry_its_id():
    """Each has a label and a sentence, and its bindings can be remapped by its id, even if it has no key yet."""
    assert all(action.label and action.help for action in ACTIONS)
    made = {binding.id for scope in Scope for binding in bindings(scope)}
    assert made == set(BY_ID)


def test_keys_are_written_as_people_write_them():
    """Control keys have a caret, named keys their sign; while typing a key that types nothing is shown."""
    assert [key_words(key) for key in ("ctrl+p", "question_mark", "escape", "shift+up")] == [
        "^p",
        "?",
        "esc",
        "shift+↑",
    ]
    assert DEFAULT.shown(BY_ID["app.help"]) == "?"
    assert DEFAULT.shown(BY_ID["app.help"], typing=True) == "f1"


def test_keys_are_read_as_people_write_them():
    """A keymap may say ``?``, ``^x`` or Textual's own names."""
    assert [key_named(key) for key in ("?", "^x", "ctrl+x", "q", "pagedown", "/")] == [
        "question_mark",
        "ctrl+x",
        "ctrl+x",
        "q",
        "pagedown",
        "slash",
    ]


def test_a_keymap_is_checked():
    """Ids that don't exist and keys that come to mean two things are named; an action can be left without a key."""
    keymap = Keymap({"runs.cancle": ("x",), "runs.sort": ("r",), "runs.open": ()})
    assert keymap.problems() == [
        "There is no action 'runs.cancle'.",
        "r is both runs.sort and runs.refresh; one of them won't be heard.",
    ]
    assert keymap.shown(BY_ID["runs.open"]) == ""
    assert keymap.for_textual() == {"runs.sort": "r", "runs.open": f"{UNBOUND}runs.open"}


async def test_the_users_keys_are_the_keys(clock):
    """Several keys per action, by id: they act, the old key doesn't, and key bar and help show them."""
    preferences = Preferences(keys={"runs.new": ("b", "ctrl+b"), "app.start_mock": ("f9",)})
    app = app_on(FakeGateway(a_run("r1")), clock, preferences=preferences)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "b new task" in screen_text(app))
        await pilot.press("n")
        await settle(pilot)
        assert isinstance(app.screen, RunsScreen)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press(*"write")
        await settle(pilot)
        assert "b  ^b" in screen_text(app)
        await pilot.press("escape", "b")
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen))


async def test_conflicts_of_the_users_keys_are_told(clock):
    """A key that means two things is told at the start, and again in the help."""
    app = app_on(FakeGateway(), clock, preferences=Preferences(keys={"runs.new": ("r",)}))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: app._notifications)
        assert "r is both runs.new and runs.refresh" in next(iter(app._notifications)).message
        await pilot.press("question_mark")
        await until(pilot, lambda: "conflicts" in screen_text(app))


async def test_help_is_of_the_focused_widget_and_found_by_key(clock):
    """Help begins with what the focused widget does, and finds an action by its words or by its key."""
    app = app_on(FakeGateway(a_run("r1")), clock)
    async with app.run_test(size=(100, 40)) as pilot:
        await until(pilot, lambda: app.sites and app.focused)
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        lines = [line.strip("│ ") for line in screen_text(app).splitlines()]
        assert lines.index("in lists") < lines.index("runs")
        await pilot.press(*"^q")
        await settle(pilot)
        assert "Quit" in screen_text(app)
        assert "One line up" not in screen_text(app)
        await pilot.press("escape", "n")
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen) and app.screen.is_live and app.focused)
        await pilot.press("f1")
        await until(pilot, lambda: "in this editor" in screen_text(app))


async def test_jump_mode_goes_to_any_widget(gateway, clock):
    """Letters stand on everything that can have the focus; typing one goes there, another key goes nowhere."""
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 30)) as pilot:
        app.compose_task({"prompt": "p"})
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen) and app.focused)
        screen = app.screen
        assert app.focused.id == "url"
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, JumpScreen))
        await pilot.press("a")
        await until(pilot, lambda: app.screen is screen)
        assert app.focused.id == "prompt"
        await pilot.press("ctrl+o", "escape")
        await until(pilot, lambda: app.screen is screen)
        assert app.focused.id == "prompt"
