"""The keys that work now, made from the action registry: of the focused widget first, then of the screen.

Owns: collecting, laying out and searching them, by what they do or by key. Must not: know
any key by itself.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import ClassVar, Final, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import ScrollableContainer, Vertical, VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static

from skyvern_tui.tui.actions import ACTIONS, UNBOUND, Scope, actions_of, key_words
from skyvern_tui.tui.keymap import DEFAULT, Keymap
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
    """Return what works now: at the focused widget and what is around it, then in the scopes."""
    sections = []
    in_scopes = {action.id for action in actions_of(*scopes)}
    node = focused
    while node is not None and not isinstance(node, Screen):
        if node is focused or not isinstance(node, ScrollableContainer):
            own = tuple(_of_node(node, in_scopes, keymap))
            if own:
                sections.append(Section(_title_of(node), own))
        node = node.parent
    for scope in scopes:
        lines = tuple(
            Line(keymap.words(action), action.help, f"{' '.join(keymap.keys(action))} {action.label} {action.id}")
            for action in actions_of(scope)
            if keymap.keys(action)
        )
        sections.append(Section(str(scope), lines))
    return sections


def _of_node(node: DOMNode, elsewhere: set[str], keymap: Keymap) -> Iterator[Line]:
    known = {action.id: action for action in ACTIONS}
    grouped: dict[tuple[str, str], list[str]] = {}
    all_bindings = [binding for many in node._bindings.key_to_bindings.values() for binding in many]  # noqa: SLF001 - as below
    ours = any(binding.id in known for binding in all_bindings)
    for key, bindings in node._bindings.key_to_bindings.items():  # noqa: SLF001 - Textual has no public list of them
        for binding in bindings:
            if binding.id in elsewhere or not binding.description or key.startswith(UNBOUND):
                continue
            if ours and binding.id not in known:
                continue  # what Textual's base classes bring along is not what this widget is about
            grouped.setdefault((binding.id or "", binding.description), []).append(key)
    for (name, description), keys in grouped.items():
        if name in known:
            keys = list(keymap.keys(known[name]))  # noqa: PLW2901 - the user's own keys take their place
        if keys:
            yield Line("  ".join(map(key_words, keys)), description, " ".join(keys))


def _title_of(node: DOMNode) -> str:
    known = {action.id: action.scope for action in ACTIONS}
    for bindings in node._bindings.key_to_bindings.values():  # noqa: SLF001 - as above
        for binding in bindings:
            if binding.id in known:
                return str(known[binding.id])
    return next((words for kind in type(node).__mro__ if (words := _WIDGETS.get(kind.__name__))), "here")


class HelpScreen(ModalScreen[None]):
    """All keys in sections, with a line to search them."""

    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        background: $background 60%;
        #dialog {
            max-width: 96%; height: 92%;
            padding: 0 2; background: $panel; border: round $primary;
            border-title-color: $primary; border-subtitle-color: $text-muted;
        }
        Input { background: $surface; border: none; height: 1; margin: 1 0; padding: 0 1; }
        VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    }
    """
    BINDINGS: ClassVar = [
        Binding("escape,f1", "close", "Close"),
        Binding("down", "scroll(1)", "Down"),
        Binding("up", "scroll(-1)", "Up"),
        Binding("pagedown", "scroll(10)", "Page down"),
        Binding("pageup", "scroll(-10)", "Page up"),
    ]

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
        dialog = self.query_one("#dialog")
        dialog.styles.width = _WIDTH
        dialog.border_title = "Keys"
        dialog.border_subtitle = "↑ ↓ scroll · esc closes"
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

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def _has(line: Line, words: Sequence[str]) -> bool:
    # A single sign or a key's name means the key; anything else is looked for in the words, too.
    keys = f"{line.keys} {line.names}".casefold()
    text = f"{line.help} {keys}".casefold()
    return all(word in text.split() if len(word) == 1 else word in text for word in words)
