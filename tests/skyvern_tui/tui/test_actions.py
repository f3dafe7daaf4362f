"""Claims about the registry of actions and the keys in force."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter

import pytest
from textual.dom import DOMNode

import skyvern_tui.tui
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
from skyvern_tui.tui.screens.confirm import ConfirmScreen
from skyvern_tui.tui.screens.connection import ConnectionScreen
from skyvern_tui.tui.screens.dialog import Dialog
from skyvern_tui.tui.screens.doctor import DoctorScreen
from skyvern_tui.tui.screens.exporting import ExportScreen
from skyvern_tui.tui.screens.help import HelpScreen
from skyvern_tui.tui.screens.importing import ImportScreen
from skyvern_tui.tui.screens.jump import JumpScreen
from skyvern_tui.tui.screens.picking import PickScreen
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.screens.runs import RunsScreen
from skyvern_tui.tui.screens.saved import SavedScreen
from skyvern_tui.tui.screens.templates import TemplatesScreen
from skyvern_tui.tui.screens.variants import VariantsScreen
from skyvern_tui.tui.widgets.artifacts_pane import ArtifactsPane
from skyvern_tui.tui.widgets.field import ChoiceInput
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
    Scope.dialog: Dialog,
    Scope.confirm: ConfirmScreen,
    Scope.pick: PickScreen,
    Scope.templates: TemplatesScreen,
    Scope.importing: ImportScreen,
    Scope.variants: VariantsScreen,
    Scope.servers: ConnectionScreen,
    Scope.doctor: DoctorScreen,
    Scope.keys: HelpScreen,
    Scope.choices: ChoiceInput,
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


def test_no_key_is_bound_outside_the_registry():
    """Every key of a screen, a dialog or a widget has an id of the registry, so that a keymap can move it."""
    for module in pkgutil.walk_packages(skyvern_tui.tui.__path__, "skyvern_tui.tui."):
        importlib.import_module(module.name)
    ours = [kind for kind in _all_below(DOMNode) if kind.__module__.startswith("skyvern_tui.")]
    assert set(OWNERS.values()) <= set(ours)
    loose = {
        f"{kind.__name__}: {binding}"
        for kind in ours
        for binding in kind.__dict__.get("BINDINGS", ())
        if getattr(binding, "id", None) not in BY_ID
    }
    assert loose == set()


def _all_below(kind):
    """Return the classes made from a class, and those made from them."""
    return {kind, *(below for child in kind.__subclasses__() for below in _all_below(child))}


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
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        titles = [section.title for section in app.screen._sections]
        assert titles == ["new task", "panes", "everywhere", "in this editor"]
        editing = {line.help for line in app.screen._sections[-1].lines}
        assert "Delete to line start" in editing or "Delete to start of line" in editing
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen))


async def test_dialogs_have_the_users_keys_and_tell_them(clock):
    """Keys of dialogs are in the keymap like all others; the dialog's frame and its help show those in force."""
    keys = {"dialog.close": ("f10",), "confirm.yes": ("j",), "servers.add": ("f6",)}
    app = app_on(FakeGateway(a_run("r1", "running")), clock, preferences=Preferences(keys=keys))
    async with app.run_test(size=(100, 40)) as pilot:
        await until(pilot, lambda: app.sites and app.focused)
        await pilot.press("f2")
        await until(pilot, lambda: "f6 add" in screen_text(app) and "f10 close" in screen_text(app))
        await pilot.press("escape", "f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert [section.title for section in app.screen._sections] == ["in lists", "servers", "in every dialog"]
        await pilot.press("f10", "f10")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))
        await pilot.press("c")
        await until(pilot, lambda: "j  cancel the run" in screen_text(app))
        await pilot.press("j")
        await until(pilot, lambda: app.server.gateway.canceled == ["r1"])


async def test_an_accidental_ctrl_c_is_told_how_to_quit_here(clock):
    """The keys that quit where one is: with and without those that would be typed into a field."""
    app = app_on(FakeGateway(a_run("r1")), clock)
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        await until(pilot, lambda: app.sites and app.focused)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "^q or q quits." in screen_text(app))
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen) and app.screen.is_live and app.focused)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: " ^q quits." in screen_text(app))


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
