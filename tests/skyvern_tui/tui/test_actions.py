"""Claims about the registry of actions."""

from __future__ import annotations

from collections import Counter

import pytest

from skyvern_tui.tui.actions import ACTIONS, Scope, actions_of, bindings, key_shown, key_words, name_of
from skyvern_tui.tui.app import SkyvernApp
from skyvern_tui.tui.screens.compose import ComposeScreen
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.screens.runs import RunsScreen
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.text_view import TextView

OWNERS = {
    Scope.app: SkyvernApp,
    Scope.lists: LineList,
    Scope.text: TextView,
    Scope.runs: RunsScreen,
    Scope.compose: ComposeScreen,
    Scope.run: RunScreen,
}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_can_be_done(action):
    """The method an action names exists where its keys are bound."""
    owner = SkyvernApp if action.method.startswith("app.") else OWNERS[action.scope]
    assert hasattr(owner, f"action_{name_of(action)}")


def test_ids_are_unique():
    """An id means one action, so that a keymap can rely on it."""
    assert [name for name, count in Counter(action.id for action in ACTIONS).items() if count > 1] == []


@pytest.mark.parametrize("screen", [RunsScreen, ComposeScreen, RunScreen])
def test_no_key_means_two_things(screen):
    """On a screen, a key is bound once among its own actions and those that work everywhere."""
    keys = Counter(key for action in actions_of(screen.scope, Scope.app) for key in action.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_every_action_is_explained_and_its_bindings_carry_its_id():
    """Each has a label and a sentence, and the bindings made of it can be remapped by its id."""
    assert all(action.label and action.help for action in ACTIONS)
    made = {binding.id for scope in Scope for binding in bindings(scope)}
    assert made == {action.id for action in ACTIONS if action.keys}


def test_keys_are_written_as_people_write_them():
    """Control keys have a caret, named keys their sign; while typing a key that types nothing is shown."""
    assert [key_words(key) for key in ("ctrl+p", "question_mark", "escape", "shift+up")] == [
        "^p",
        "?",
        "esc",
        "shift+↑",
    ]
    (help_action,) = [action for action in ACTIONS if action.id == "app.help"]
    assert key_shown(help_action, typing=False) == "?"
    assert key_shown(help_action, typing=True) == "f1"
