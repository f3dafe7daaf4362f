"""The keys that work now, made from the action registry: of the focused widget first, then of the screen.

Owns: collecting, laying out and searching them, by what they do or by key. Must not: know
any key by itself.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Input, Static

from skyvern_tui.tui.actions import ACTIONS, Scope, actions_of, bindings, key_words
from skyvern_tui.tui.keymap import DEFAULT, Keymap
from skyvern_tui.tui.screens.dialog import Dialog
from skyvern_tui.tui.widgets.line_input import LineInput

_WIDTH: Final = 82
"""Columns of the dialog, where there are so many."""
_FRAME: Final = 7
"""Columns that border, padding and scrollbar take of it."""
_KEYS_WIDTH: Final = 18
_WIDGETS: Final = {"TextArea": "in this editor", "Input": "in this line", "Select": "in this choice"}
"""Headings for widgets whose keys are Textual's own."""


class Line(NamedTuple):
    """One thing that can be done: its keys as people write them, and what it does."""

    keys: str
    help: str
    names: str
    """Other ways the keys are written, for the search."""


class Section(NamedTuple):
    """What works in one place."""

    title: str
    lines: tuple[Line, ...]


def sections_of(focused: DOMNode | None, scopes: Sequence[Scope], keymap: Keymap = DEFAULT) -> list[Section]:
    """Return what works now: at the focused widget and what is around it, then in the scopes.

    The keys with which Textual's own controls are typed in come last: there are many, and they are what one expects.
    """
    sections, typing = [], []
    in_scopes = {action.id for action in actions_of(*scopes)}
    node = focused
    while node is not None and not isinstance(node, Screen):
        own = tuple(_of_node(node, in_scopes, keymap))
        if own:
            sections.append(Section(_title_of(node), own))
        if node is focused:
            typing = [Section(title, lines) for title, lines in [_typing_keys(node)] if lines]
        node = node.parent
    for scope in scopes:
        lines = tuple(
            Line(keymap.words(action), action.help, f"{' '.join(keymap.keys(action))} {action.label} {action.id}")
            for action in actions_of(scope)
            if keymap.keys(action)
        )
        sections.append(Section(str(scope), lines))
    return [*sections, *typing]


def _of_node(node: DOMNode, elsewhere: set[str], keymap: Keymap) -> Iterator[Line]:
    """Return the actions a widget has of its own."""
    names = dict.fromkeys(binding.id for _, binding in node._bindings)  # noqa: SLF001 - Textual has no public list of them
    for action in ACTIONS:
        keys = keymap.keys(action)
        if action.id in names and action.id not in elsewhere and keys:
            yield Line(keymap.words(action), action.help, " ".join(keys))


def _typing_keys(node: DOMNode) -> tuple[str, tuple[Line, ...]]:
    """Return a heading and the keys that a control of Textual's brings along; none of what it merely inherits."""
    for kind in type(node).__mro__:
        if kind.__name__ in _WIDGETS:
            grouped: dict[str, list[str]] = {}
            for binding in Binding.make_bindings(kind.__dict__.get("BINDINGS", ())):
                if binding.description:
                    grouped.setdefault(binding.description, []).append(binding.key)
            lines = (Line("  ".join(map(key_words, keys)), words, " ".join(keys)) for words, keys in grouped.items())
            return _WIDGETS[kind.__name__], tuple(lines)
    return "", ()


def _title_of(node: DOMNode) -> str:
    """Return the scope that most of a widget's own actions are in: the first."""
    known = {action.id: action.scope for action in ACTIONS}
    return str(next(known[binding.id] for _, binding in node._bindings if binding.id in known))  # noqa: SLF001 - as above


class HelpScreen(Dialog[None]):
    """All keys in sections, with a line to search them."""

    scopes = (Scope.keys, Scope.dialog)
    title_words = "Keys"
    named = ("help.up", "help.down", "dialog.close")
    DEFAULT_CSS = """
    HelpScreen {
        #dialog { height: 92%; padding: 0 2; }
        Input { margin: 1 0; }
        VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    }
    """
    BINDINGS = bindings(Scope.keys)

    def __init__(self, sections: Sequence[Section], problems: Sequence[str] = ()) -> None:
        super().__init__()
        self._sections = sections
        self._problems = problems

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield LineInput(placeholder="search: what it does, or a key such as ^s or pgdn", compact=True)
            with VerticalScroll(can_focus=False):
                yield Static(self._written(""))

    def on_mount(self) -> None:
        self.query_one("#dialog").styles.width = _WIDTH
        self.query_one(Input).focus()

    def _written(self, needle: str) -> Content:
        words = needle.casefold().split()
        room = max(20, min(_WIDTH, self.app.size.width * 96 // 100) - _FRAME - _KEYS_WIDTH - 1)
        parts: list[Content | str | tuple[str, str]] = []
        if self._problems and not words:
            parts += [("conflicts\n", "bold $warning"), *(f"{problem}\n" for problem in self._problems)]
        for section in self._sections:
            found = [line for line in section.lines if _has(line, words)]
            if not found:
                continue
            if parts:
                parts.append("\n")
            parts.append((f"{section.title}\n", "bold $text-muted"))
            for line in found:
                text = ("\n" + " " * (_KEYS_WIDTH + 1)).join(textwrap.wrap(line.help, room))
                parts += [(f"{line.keys:<{_KEYS_WIDTH}}", "$primary"), f" {text}\n"]
        return Content.assemble(*parts).rstrip("\n") if parts else Content.styled("nothing does that", "$text-muted")

    @on(Input.Changed)
    def _searched(self, event: Input.Changed) -> None:
        self.query_one(Static).update(self._written(event.value))
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def _has(line: Line, words: Sequence[str]) -> bool:
    # A single sign or a key's name means the key; anything else is looked for in the words, too.
    keys = f"{line.keys} {line.names}".casefold()
    text = f"{line.help} {keys}".casefold()
    return all(word in text.split() if len(word) == 1 else word in text for word in words)
