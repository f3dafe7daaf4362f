"""Everything a person can do, by name.

Owns: the registry of actions: id, keys, words, and on which screen they live. Bindings,
key bar, help and palette are made from it, so that they can't disagree. Must not: do any
of it; each action names the ``action_*`` method of its screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from textual.binding import Binding, BindingType


class Scope(StrEnum):
    """Where an action can be used."""

    app = "everywhere"
    lists = "in lists"
    text = "in text"
    runs = "runs"
    compose = "new task"
    run = "run"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done.

    ``id`` is stable (a keymap may name it). ``keys`` are Textual key names, the first of which is shown.
    """

    id: str
    keys: tuple[str, ...]
    method: str
    label: str
    """One or two words, for the key bar."""
    help: str
    """What it does, for help and palette."""
    scope: Scope
    rank: int = 0
    """Place in the key bar; 0 keeps it out. Higher ranks go first when there is no room."""
    priority: bool = False
    """Works while a text field has the focus."""


ACTIONS: Final = (
    Action("app.help", ("question_mark", "f1"), "app.help", "help", "Show the keys of this screen", Scope.app, rank=90),
    Action("app.palette", ("ctrl+p",), "app.command_palette", "palette", "Find any command", Scope.app, rank=91),
    Action("app.theme", (), "app.change_theme", "theme", "Change the colours", Scope.app),
    Action("app.quit", ("ctrl+q",), "app.quit", "quit", "Quit", Scope.app, priority=True),
    Action("list.down", ("down", "j"), "cursor_down", "down", "One line down", Scope.lists),
    Action("list.up", ("up", "k"), "cursor_up", "up", "One line up", Scope.lists),
    Action("list.page_down", ("pagedown", "ctrl+f"), "page_down", "page down", "One page down", Scope.lists),
    Action("list.page_up", ("pageup", "ctrl+b"), "page_up", "page up", "One page up", Scope.lists),
    Action("list.first", ("home", "g"), "first", "first", "To the first line", Scope.lists),
    Action("list.last", ("end", "G"), "last", "last", "To the last line, and follow what is added", Scope.lists),
    Action("text.down", ("down", "j"), "scroll_down", "down", "Scroll down", Scope.text),
    Action("text.up", ("up", "k"), "scroll_up", "up", "Scroll up", Scope.text),
    Action("text.page_down", ("pagedown", "space", "ctrl+f"), "page_down", "page down", "One page down", Scope.text),
    Action("text.page_up", ("pageup", "ctrl+b"), "page_up", "page up", "One page up", Scope.text),
    Action("text.first", ("home", "g"), "scroll_home", "top", "To the top", Scope.text),
    Action("text.last", ("end", "G"), "scroll_end", "bottom", "To the bottom", Scope.text),
    Action("runs.new", ("n",), "new_task", "new task", "Write a task", Scope.runs, rank=1),
    Action("runs.open", ("enter", "l", "right"), "open_run", "open", "Open the run", Scope.runs, rank=2),
    Action("runs.filter", ("slash",), "filter", "filter", "Show only runs that hold some words", Scope.runs, rank=3),
    Action("runs.cancel", ("c",), "cancel_run", "cancel", "Cancel the run", Scope.runs, rank=4),
    Action("runs.refresh", ("r",), "refresh", "refresh", "Ask the server now", Scope.runs, rank=6),
    Action("runs.first", ("t",), "first_task", "first task", "Try the first task of the docs", Scope.runs, rank=7),
    Action("runs.unfilter", ("escape",), "unfilter", "all", "Show all runs again", Scope.runs),
    Action("runs.quit", ("q",), "app.quit", "quit", "Quit", Scope.runs, rank=92),
    Action("compose.submit", ("ctrl+s", "ctrl+enter"), "submit", "submit", "Go", Scope.compose, rank=1, priority=True),
    Action("compose.back", ("escape",), "back", "back", "Go back; what was typed is kept", Scope.compose, rank=2),
    Action("compose.clear", ("ctrl+r",), "clear", "clear", "Empty the form", Scope.compose, rank=3, priority=True),
    Action("run.back", ("escape", "backspace"), "back", "back", "Back to the runs", Scope.run, rank=1),
    Action("run.timeline", ("1",), "show_tab('timeline')", "timeline", "What happened, as it happens", Scope.run),
    Action("run.output", ("2",), "show_tab('output')", "output", "What came of it", Scope.run),
    Action("run.artifacts", ("3",), "show_tab('artifacts')", "artifacts", "The files it left", Scope.run),
    Action("run.request", ("4",), "show_tab('request')", "request", "What was asked", Scope.run),
    Action("run.next_tab", ("l", "right"), "turn_tab(1)", "next tab", "To the next tab", Scope.run),
    Action("run.previous_tab", ("h", "left"), "turn_tab(-1)", "previous tab", "To the previous tab", Scope.run),
    Action("run.view", ("enter",), "view", "view", "Show the artifact, or an action's screenshot", Scope.run, rank=2),
    Action("run.next", ("right_square_bracket",), "step(1)", "next artifact", "To the next artifact", Scope.run),
    Action("run.previous", ("left_square_bracket",), "step(-1)", "previous artifact", "To the one before", Scope.run),
    Action("run.failure", ("e",), "next_failure", "next failure", "To the next thing that failed", Scope.run, rank=6),
    Action("run.save", ("s",), "save", "save", "Save the artifact or the output to disk", Scope.run, rank=4),
    Action("run.copy", ("y",), "copy", "copy output", "Copy the output", Scope.run, rank=5),
    Action("run.cancel", ("c",), "cancel_run", "cancel", "Cancel this run", Scope.run, rank=3),
    Action("run.browser", ("o",), "open_browser", "browser", "Open this run in the browser", Scope.run, rank=7),
    Action("run.refresh", ("r",), "refresh", "refresh", "Ask the server now", Scope.run),
    Action("run.again", ("n",), "again", "edit & rerun", "Write a task that starts from this one", Scope.run, rank=8),
)  # fmt: skip

_SHOWN: Final = {
    "question_mark": "?",
    "slash": "/",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "esc",
    "enter": "⏎",
    "backspace": "⌫",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}


def name_of(action: Action) -> str:
    """Return the bare name of the method, as ``check_action`` is asked for it."""
    return action.method.split("(", 1)[0].rpartition(".")[2]


def key_words(key: str) -> str:
    """Return a Textual key name as people write it: ``^p``, ``esc``, ``?``."""
    *modifiers, name = key.split("+")
    shown = _SHOWN.get(name, name)
    return "^" + shown if modifiers == ["ctrl"] else "+".join([*modifiers, shown])


def key_shown(action: Action, *, typing: bool) -> str:
    """Return the key to show for an action: while ``typing``, one that types nothing."""
    types = {"question_mark", "slash", "space"}
    keys = [key for key in action.keys if not typing or (len(key) > 1 and key not in types)]
    return key_words((keys or action.keys)[0])


def actions_of(*scopes: Scope) -> list[Action]:
    """Return the actions of the scopes, in the order of the registry."""
    return [action for action in ACTIONS if action.scope in scopes]


def bindings(*scopes: Scope) -> list[BindingType]:
    """Return the bindings of the scopes."""
    return [
        Binding(",".join(a.keys), a.method, a.help, show=a.rank > 0, priority=a.priority, id=a.id)
        for a in actions_of(*scopes)
        if a.keys
    ]
