"""One artifact, shown as what it is.

Owns: choosing the widget for each kind of preview, and the line above it that names the
artifact. Must not: fetch or parse.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Static

from skyvern_tui.core.preview import BinaryPreview, HarPreview, ImagePreview, TextPreview, ZipPreview
from skyvern_tui.core.shelf import Group
from skyvern_tui.core.text import inert, one_line, plural, size_words
from skyvern_tui.tui.viewing import Shown
from skyvern_tui.tui.widgets.picture import PictureView
from skyvern_tui.tui.widgets.tables import HarTable, ZipTable
from skyvern_tui.tui.widgets.text_view import TextView


class PreviewPane(Vertical):
    """A preview and its title."""

    DEFAULT_CSS = """
    PreviewPane {
        #title { height: 1; padding: 0 1; background: $surface; text-overflow: ellipsis; text-wrap: nowrap; }
        ContentSwitcher { height: 1fr; }
        #message { padding: 1 2; color: $text-muted; width: 1fr; height: 1fr; }
    }
    """

    def compose(self) -> Iterable[Widget]:
        yield Static("", id="title", markup=False)
        with ContentSwitcher(initial="message"):
            yield Static("", id="message", markup=False)
            yield TextView(id="text")
            yield HarTable(id="har")
            yield ZipTable(id="zip")
            yield PictureView(id="picture")

    @property
    def body(self) -> Widget:
        """The widget that shows the preview now."""
        switcher = self.query_one(ContentSwitcher)
        return self.query_one(f"#{switcher.current}")

    def _turn_to(self, name: str) -> None:
        switcher = self.query_one(ContentSwitcher)
        had_focus = self.screen.focused is not None and switcher in self.screen.focused.ancestors
        switcher.current = name
        if had_focus:
            self.body.focus()

    def _entitle(self, name: str, notes: Iterable[str]) -> None:
        parts = [(one_line(name), "bold"), *((f"  ·  {inert(note)}", "$text-muted") for note in notes)]
        self.query_one("#title", Static).update(Content.assemble(*parts))

    def say(self, text: str, title: str = "") -> None:
        """Show a message instead of a preview."""
        self._entitle(title, ())
        self.query_one("#message", Static).update("\n".join(map(inert, text.split("\n"))))
        self._turn_to("message")

    def show_group(self, group: Group) -> None:
        """Say what a group holds."""
        verb = "fold" if group.is_open else "open"
        self.say(f"{plural(group.count, 'artifact')} of type {group.type}\n\nenter to {verb}", group.name)

    async def show(self, shown: Shown) -> None:
        """Show an artifact."""
        fact, model = shown.fact, shown.preview
        self._entitle(fact.type.replace("_", " "), (size_words(fact.size), *shown.notes, fact.name))
        match model:
            case TextPreview():
                self.query_one("#text", TextView).show(model.lines, shown.painter)
                self._turn_to("text")
            case BinaryPreview():
                lines = (f"{model.what}, {size_words(model.size)}; s saves it to disk", "", *model.lines)
                self.query_one("#text", TextView).show(lines)
                self._turn_to("text")
            case HarPreview():
                self.query_one("#har", HarTable).set_rows(model.har.entries)
                self._turn_to("har")
            case ZipPreview():
                self.query_one("#zip", ZipTable).set_rows(model.members)
                self._turn_to("zip")
            case ImagePreview() if shown.picture is None:
                self.query_one("#message", Static).update(f"{'; '.join(shown.notes)}\n\ns saves it to disk")
                self._turn_to("message")
            case ImagePreview():
                await self.query_one("#picture", PictureView).show(shown.picture)
                self._turn_to("picture")
