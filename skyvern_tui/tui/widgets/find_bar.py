"""The line in which one types what to look for.

Owns: the line itself, its switches, and saying how many places there are. Must not: look;
the widget it was opened on does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Self

from textual import events, on
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from skyvern_tui.core.find import BadPattern, Finder
from skyvern_tui.core.text import inert
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.widgets.bars import KeyBar
from skyvern_tui.tui.widgets.line_input import LineInput
from skyvern_tui.tui.widgets.searching import NEIGHBOURS, Searchable, Sought

MOST_CONTEXT = 20


class FindBar(Horizontal):
    """Stands above the key bar while something is looked for; one on each screen."""

    DEFAULT_CSS = """
    FindBar {
        height: 1; background: $surface; display: none;
        &.-open { display: block; }
        Input { width: 1fr; min-width: 10; height: 1; border: none; padding: 0; background: $surface; }
        #find-what { width: auto; color: $primary; padding: 0 1; }
        #find-state { width: auto; color: $text-muted; padding: 0 1; }
    }
    """
    BINDINGS: ClassVar = bindings(Scope.find_bar)

    def __init__(self) -> None:
        super().__init__()
        self.target: Searchable | None = None
        self.filtering = False
        self.regex = False
        self.case: bool | None = None
        self.context = NEIGHBOURS
        self._fault = ""
        self._silent = False
        self._typing = False
        """True while the line has the keys, or is about to."""

    def compose(self) -> Iterable[Widget]:
        yield Static("", id="find-what", markup=False)
        yield LineInput(compact=True, select_on_focus=True)
        yield Static("", id="find-state", markup=False)

    @classmethod
    async def open_on(cls, target: Searchable, *, filtering: bool) -> Self:
        """Show the bar for a widget and give it the keys."""
        screen = target.screen
        bar = next(iter(screen.query(cls)), None)
        if bar is None:
            bar = cls()
            keys = screen.query(KeyBar)
            await screen.mount(bar, before=keys.first() if keys else None)
        bar.attend(target, filtering=filtering)
        return bar

    def attend(self, target: Searchable, *, filtering: bool) -> None:
        """Look through ``target`` from now on."""
        if self.target is not None and self.target is not target:
            self._let_go()
        self.target, self.filtering, self._fault = target, filtering, ""
        self._typing = True
        target.watcher = self.tell
        target.begin()
        line = self.query_one(Input)
        known = target.sought.finder.text if target.sought is not None else line.value
        self._silent = known != line.value
        line.value = known
        self.add_class("-open")
        line.focus()
        if known:
            self._look()
        self.tell()

    def _let_go(self) -> None:
        if self.target is not None:
            self.target.watcher = None
            if self.target.sought is not None:
                self.target.seek(None)
        self.target = None

    def _look(self) -> None:
        if self.target is None:
            return
        text = self.query_one(Input).value
        self._fault = ""
        try:
            finder = Finder(text, regex=self.regex, case=self.case)
        except BadPattern as error:
            self._fault = str(error)
        else:
            self.target.seek(Sought(finder, self.filtering, self.context) if text else None)
        self.tell()

    def tell(self) -> None:
        """Say what is looked for and how many places there are; go when nothing is looked for any more."""
        target = self.target
        if target is None or (target.sought is None and not self._typing):
            self._shut()
            return
        self.set_class(self._typing or _is_shown(target), "-open")
        what = "filter &" if self.filtering else "find /"
        self.query_one("#find-what", Static).update(what)
        self.query_one("#find-state", Static).update(self._state(target))

    def _state(self, target: Searchable) -> Content:
        switches = [("regex", self.regex), ("case", bool(self.case))]
        parts: list[str | tuple[str, str]] = []
        if self._fault:
            parts.append((inert(self._fault), "$error"))
        elif target.sought is not None:
            place, total, whole = target.found
            many = f"{total}{'' if whole else '+'}"
            words = f"{place} of {many}" if place else f"{many} found" if total else "not found"
            parts.append((words, "$foreground" if total else "$warning"))
            if self.filtering:
                parts.append(f"  ±{self.context} ↑↓")
        if not self.screen.has_class("-narrow") or not self._fault:
            key = self._keys()
            for (name, is_on), keys in zip(switches, key, strict=True):
                parts += ["  ", (f"{keys} ", "$primary"), (name, "bold $foreground" if is_on else "$text-muted")]
        return Content.assemble(*parts)

    def _keys(self) -> list[str]:
        from skyvern_tui.tui.actions import ACTIONS, key_words  # noqa: PLC0415 - drawn rarely

        keymap = getattr(self.app, "keymap", None)
        wanted = [next(a for a in ACTIONS if a.id == name) for name in ("find.regex", "find.case")]
        return [keymap.shown(action) if keymap is not None else key_words(action.keys[0]) for action in wanted]

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        silent, self._silent = self._silent, False
        if not silent:
            self._look()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_keep()

    def on_descendant_blur(self, _event: events.DescendantBlur) -> None:
        self._typing = False
        self.call_after_refresh(self.tell)

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        self._typing = True

    def action_keep(self) -> None:
        """Go back to what is looked through; what was found stays marked."""
        target = self.target
        if target is None or not target.is_attached or target.sought is None:
            self._shut()
        if target is not None and target.is_attached:
            target.focus()

    def action_close(self) -> None:
        """Forget what was looked for, and go back."""
        target = self.target
        self._shut()
        if target is not None and target.is_attached:
            target.focus()

    def _shut(self) -> None:
        self._let_go()
        self.remove_class("-open")

    def action_toggle_regex(self) -> None:
        """Read what is typed as a regular expression, or not."""
        self.regex = not self.regex
        self._look()

    def action_toggle_case(self) -> None:
        """Let capitals count always, or only if there are some in what is looked for."""
        self.case = None if self.case else True
        self._look()

    def action_move(self, way: int) -> None:
        """To the next or previous place; while filtering, one line more or less around each match."""
        if self.filtering:
            self.context = max(0, min(MOST_CONTEXT, self.context - way))
            self._look()
        elif self.target is not None and self.target.sought is not None:
            self.target.step(forward=way > 0)
            self.tell()


def _is_shown(widget: Widget) -> bool:
    """Tell whether a widget, and all it is in, is displayed."""
    return all(node.display for node in widget.ancestors_with_self if isinstance(node, Widget))
