"""Claims about the tones of text in line-drawn widgets."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.color import Color

from skyvern_tui.tui.themes import THEMES
from skyvern_tui.tui.widgets.lines import TonedView
from tests.skyvern_tui.tui.fakes import settle


class Plain(TonedView):
    """A view with the tones as they are."""


class Special(TonedView):
    """A view in which what is strong looks different."""

    DEFAULT_CSS = "Special { & > .tone--strong { color: $success; text-style: italic; } }"


class Tones(App[None]):
    """The two of them, in the app's own colours."""

    def compose(self) -> ComposeResult:
        yield Plain()
        yield Special()

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)


async def test_tones_are_those_of_the_theme_and_of_the_widget():
    """In each theme, also one that was changed meanwhile, a tone has its colour and a widget's own tones win."""
    app = Tones()
    async with app.run_test() as pilot:
        for name in ("skyvern-dark", "skyvern-light", "skyvern-dark"):
            app.theme = name
            await settle(pilot)
            plain, special, colours = app.query_one(Plain), app.query_one(Special), app.theme_variables
            good = Color.parse(colours["success"]).rich_color
            assert plain.tone_style("good").color == special.tone_style("good").color == good
            assert plain.tone_style("bad").color == Color.parse(colours["error"]).rich_color
            assert (plain.tone_style("strong").bold, plain.tone_style("strong").italic) == (True, None)
            assert (special.tone_style("strong").color, special.tone_style("strong").italic) == (good, True)
            assert plain.tone_style("good").bgcolor is None
