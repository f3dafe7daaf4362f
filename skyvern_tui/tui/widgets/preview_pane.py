"""One artifact, shown as what it is.

Owns: the widget for each kind of preview, the line above it that names the artifact and the
ways to show it, and what is inside an artifact and was opened. Must not: fetch or parse.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Static

from skyvern_tui.core.shelf import Group
from skyvern_tui.core.text import inert, one_line, plural, size_words
from skyvern_tui.tui.previews import view_of
from skyvern_tui.tui.previews.base import PreviewView
from skyvern_tui.tui.viewing import Shown


class PreviewPane(Vertical):
    """A preview and its title."""

    DEFAULT_CSS = """
    PreviewPane {
        #title { height: 1; padding: 0 1; background: $surface; text-overflow: ellipsis; text-wrap: nowrap; }
        #warning { height: auto; padding: 0 1; color: $background; background: $warning; display: none; }
        ContentSwitcher { height: 1fr; }
        #message { padding: 1 2; color: $text-muted; width: 1fr; height: 1fr; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._stack: list[Shown] = []
        """What is shown: an artifact, then what was opened inside it."""

    def compose(self) -> Iterable[Widget]:
        yield Static("", id="title", markup=False)
        yield Static("", id="warning", markup=False)
        with ContentSwitcher(initial="message"):
            yield Static("", id="message", markup=False)

    @property
    def shown(self) -> Shown | None:
        """What is shown now; None while there is only a message."""
        return self._stack[-1] if self._stack else None

    @property
    def view(self) -> PreviewView | None:
        """The widget that shows it."""
        switcher = self.query_one(ContentSwitcher)
        found = switcher.get_child_by_id(switcher.current) if switcher.current else None
        return found if isinstance(found, PreviewView) else None

    @property
    def body(self) -> Widget:
        """The widget that has the keys of the preview."""
        view = self.view
        return self.query_one("#message") if view is None else view.part

    def _turn_to(self, name: str) -> None:
        switcher = self.query_one(ContentSwitcher)
        before, focused = self.view, self.screen.focused
        had_focus = focused is not None and switcher in focused.ancestors
        if before is not None and before.id != name:
            before.forget()
        switcher.current = name
        if had_focus:
            body = self.body
            (body if body.focusable else self).focus()

    def _entitle(self, name: str, notes: Iterable[str], modes: tuple[str, ...] = (), mode: str = "") -> None:
        parts: list[str | tuple[str, str]] = [(one_line(name), "bold")]
        if len(modes) > 1:
            parts.append("  ")
            parts += [(f" {one} ", "reverse" if one == mode else "$text-muted") for one in modes]
        parts += [(f"  ·  {inert(note)}", "$text-muted") for note in notes]
        self.query_one("#title", Static).update(Content.assemble(*parts))

    def tell(self) -> None:
        """Say in the title what is shown, and how."""
        shown, view = self.shown, self.view
        if shown is None or view is None:
            return
        title = " > ".join(one.title for one in self._stack)
        notes = (size_words(len(shown.data)), *view.notes, *shown.notes)
        self._entitle(title, notes, tuple(view.available), view.mode)
        warning = self.query_one("#warning", Static)
        warning.update(f"⚠ {inert(shown.warning)}")
        warning.display = bool(shown.warning)

    def on_preview_view_told(self) -> None:
        self.tell()

    def say(self, text: str, title: str = "") -> None:
        """Show a message instead of a preview."""
        self._stack = []
        self._entitle(title, ())
        self.query_one("#warning").display = False
        self.query_one("#message", Static).update("\n".join(map(inert, text.split("\n"))))
        self._turn_to("message")

    def show_group(self, group: Group) -> None:
        """Say what a group holds."""
        verb = "fold" if group.is_open else "open"
        self.say(f"{plural(group.count, 'artifact')}: {group.name}\n\nenter to {verb}", group.name)

    async def show(self, shown: Shown) -> None:
        """Show an artifact."""
        self._stack = [shown]
        await self._present(shown)

    async def enter(self, shown: Shown) -> None:
        """Show something inside what is shown."""
        self._stack.append(shown)
        await self._present(shown)
        self.body.focus()

    async def back(self) -> bool:
        """Go back to what it is inside of; False if it is not inside anything."""
        if len(self._stack) < 2:  # noqa: PLR2004 - the artifact itself
            return False
        self._stack.pop()
        await self._present(self._stack[-1])
        self.body.focus()
        return True

    @property
    def is_inside(self) -> bool:
        """True while something inside an artifact is shown."""
        return len(self._stack) > 1

    async def _present(self, shown: Shown) -> None:
        kind = view_of(shown.preview)
        name = f"view-{kind.__name__}"
        switcher = self.query_one(ContentSwitcher)
        view = next(iter(switcher.query_children(f"#{name}").results(kind)), None)
        if view is None:
            view = kind(id=name)
            view.display = False
            await switcher.mount(view)
        await view.show(shown)
        self._turn_to(name)
        self.tell()
