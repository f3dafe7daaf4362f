"""One parameter of a form: its label, the reason when it can't be sent, and the control.

Owns: the look of a field and the controls forms are made of. Must not: judge what was
typed; it is told the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input, Static

from skyvern_tui.core.text import inert
from skyvern_tui.tui.widgets.bars import Choice, ChoiceBar

if TYPE_CHECKING:
    from skyvern_tui.core.gateway import Site


class Field(Vertical):
    """A labelled control. ``name`` is the parameter's wire name."""

    DEFAULT_CSS = """
    Field {
        height: auto;
        & > Horizontal { height: 1; }
        .label { width: auto; color: $text-muted; }
        .note { width: auto; color: $text-muted; text-style: italic; }
        .reason { width: 1fr; margin-left: 2; color: $error; text-overflow: ellipsis; text-wrap: nowrap; }
        Input, TextArea { border: none; border-left: outer $border-blurred; background: $surface; padding: 0 1; }
        Input { height: 1; }
        Input:focus, TextArea:focus { border: none; border-left: outer $primary; background-tint: $foreground 4%; }
        Select > SelectCurrent { border: none; border-left: outer $border-blurred; padding: 0 1; height: 1; }
        Select:focus > SelectCurrent { border: none; border-left: outer $primary; }
        Select > SelectOverlay, Select > SelectOverlay:focus { border: round $primary; background: $panel; }
        &.-faulty Input, &.-faulty Input:focus { border-left: outer $error; }
        &.-faulty TextArea, &.-faulty TextArea:focus { border-left: outer $error; }
        &.-faulty .label { color: $error; }
    }
    """

    def __init__(self, name: str, label: str, control: Widget, *extras: Widget, note: str = "") -> None:
        super().__init__(id=f"field-{name}")
        self.parameter = name
        self.control = control
        self._extras = extras
        self._label = label
        self._note = note

    def compose(self) -> Iterable[Widget]:
        yield Horizontal(
            Static(self._label, classes="label", markup=False),
            Static(f"  {self._note}" if self._note else "", classes="note", markup=False),
            Static("", classes="reason", markup=False),
        )
        yield self.control
        yield from self._extras

    def explain(self, reason: str) -> None:
        """Say why it can't be sent; an empty reason says that it can."""
        self.set_class(bool(reason), "-faulty")
        self.query_one(".note", Static).display = not reason
        self.query_one(".reason", Static).update(f"✗ {inert(reason)}" if reason else "")


class UrlInput(Input):
    """A line for an address; the arrow keys go through the practice sites of a mock."""

    BINDINGS: ClassVar = [
        Binding("down", "site(1)", "Next practice site", show=False),
        Binding("up", "site(-1)", "Previous practice site", show=False),
    ]
    sites: Sequence[Site] = ()

    def offer(self, sites: Sequence[Site]) -> None:
        """Suggest these sites."""
        self.sites = sites
        self.suggester = SuggestFromList([site.url for site in sites], case_sensitive=False)

    def action_site(self, step: int) -> None:
        """Put the next or previous site into the line."""
        if not self.sites:
            return
        urls = [site.url for site in self.sites]
        at = urls.index(self.value) if self.value in urls else -1 if step > 0 else 0
        self.value = urls[(at + step) % len(urls)]
        self.cursor_position = len(self.value)


class SiteBar(ChoiceBar):
    """The practice sites, to be clicked."""

    DEFAULT_CSS = """
    SiteBar { background: transparent; display: none; &.-filled { display: block; } }
    """
    sites: Sequence[Site] = ()

    def offer(self, sites: Sequence[Site]) -> None:
        """Show these sites; none hides the bar."""
        self.sites = sites
        self.set_class(bool(sites), "-filled")
        self.refresh()

    def choices(self, width: int) -> Iterable[Choice]:  # noqa: ARG002 - what has no room is not drawn
        if self.sites:
            yield [("practice sites", "quiet"), (" ↓", "key")], None
        for site in self.sites:
            yield [(inert(site.name), "plain")], site.url
