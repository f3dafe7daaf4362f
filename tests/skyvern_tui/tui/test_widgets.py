"""Claims about the widgets of our own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App

from skyvern_tui.core.text import inert
from skyvern_tui.tui.drawing import Column, fit, layout
from skyvern_tui.tui.highlight import json_spans, painter
from skyvern_tui.tui.widgets.facts import FactsPane
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.picture import PictureRefused, decode
from skyvern_tui.tui.widgets.text_view import TextView
from tests.skyvern_tui.tui.fakes import screen_text, settle

anything = st.text(alphabet=st.characters(codec=None, categories=None))


class Numbers(LineList[int]):
    """Rows that are numbers."""

    def spans(self, row, width):
        yield f"row {row}", "plain"


class Stage(App[None]):
    """An app of one widget."""

    def __init__(self, widget):
        super().__init__()
        self.widget = widget

    def compose(self):
        yield self.widget


@given(anything.map(inert), st.integers(0, 40), st.booleans())
def test_fitted_text_has_its_width(text, width, right):
    """Whatever the characters, wide ones included, a cell of a table is exactly as wide as asked."""
    assert cell_len(fit(text, width, right=right)) == width


def test_columns_share_what_is_left():
    """Fixed columns keep their width, the flexible one takes the rest, one that needs more room is dropped."""
    columns = (Column("a", "A", 5), Column("b", "B", 0), Column("c", "C", 6, drop=50))
    assert [(column.name, width) for column, width in layout(columns, 40)] == [("a", 5), ("b", 33)]
    assert [(column.name, width) for column, width in layout(columns, 60)] == [("a", 5), ("b", 45), ("c", 6)]


@given(anything.map(inert))
def test_json_highlighting_loses_nothing(line):
    """The pieces of any line are the line."""
    assert "".join(text for text, _ in json_spans(line)) == line


@given(st.lists(anything.map(inert), max_size=6), st.sampled_from(["json", "html", "log", "text"]))
def test_highlighting_loses_nothing(lines, language):
    """In every language, what is painted is what was there, line by line."""
    paint = painter(lines, language)
    assert ["".join(text for text, _ in paint(number)) for number in range(len(lines))] == lines


def test_json_is_toned():
    """Keys, strings and numbers have tones of their own."""
    tones = {text.strip(): tone for text, tone in json_spans('  "a": "b",')}
    assert (tones['"a"'], tones['"b"'], tones[","]) == ("key", "string", "quiet")
    assert [tone for text, tone in json_spans("  -1.5e3") if text.strip()] == ["number"]
    assert [tone for text, tone in json_spans('  "value",') if text.strip()] == ["string", "quiet"]


async def test_only_lines_in_sight_are_drawn():
    """A hundred thousand rows cost what a screenful does."""
    app = Stage(Numbers())
    async with app.run_test(size=(40, 10)) as pilot:
        app.widget.set_rows(range(100_000))
        await settle(pilot)
        app.widget.action_last()
        await settle(pilot)
        assert "row 99999" in screen_text(app)
        assert len(app.widget._strips) < 40


async def test_the_cursor_stays_on_its_row():
    """Rows that come and go around the cursor leave it on what it was on; if that goes, it stays near."""
    app = Stage(Numbers())
    async with app.run_test(size=(40, 10)):
        widget = app.widget
        widget.set_rows([5, 6, 7, 8])
        widget.move_to(2)
        widget.set_rows([1, 2, 5, 6, 7])
        assert widget.row == 7
        widget.set_rows([1, 2])
        assert widget.row == 2
        widget.set_rows([])
        assert widget.row is None
        widget.set_rows([3])
        assert widget.row == 3


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 500])
async def test_lists_of_any_length_can_be_walked(count):
    """Every movement ends on a row, or on none when there is none, and the row is in sight."""
    app = Stage(Numbers(has_header=True))
    async with app.run_test(size=(40, 10)) as pilot:
        app.widget.set_rows(range(count))
        for action in ("last", "page_up", "cursor_up", "first", "cursor_up", "page_down", "cursor_down"):
            getattr(app.widget, f"action_{action}")()
            await settle(pilot, 1)
            assert app.widget.row is None if count == 0 else f"row {app.widget.row}" in screen_text(app)


async def test_long_lines_wrap_without_loss():
    """Text wider than the pane goes on below, wide characters included, and again after a resize."""
    text = "abcdefghij" * 3 + "漢字" * 10
    app = Stage(TextView())
    async with app.run_test(size=(20, 12)) as pilot:
        app.widget.show([text, "", "end"])
        for width in (20, 13):
            await pilot.resize_terminal(width, 12)
            await settle(pilot)
            lines = [line.strip() for line in screen_text(app).splitlines()]
            assert "".join(lines[: lines.index("")]) == text
            assert "end" in lines


async def test_words_are_kept_whole_where_a_line_is_wrapped():
    """A line is cut after a space, wide characters or not; a word that leaves no room for that is cut itself."""
    app = Stage(TextView())
    async with app.run_test(size=(20, 14)) as pilot:
        lines = ["one two three four five six", "漢字 漢字 漢字 漢字 漢字", "ab " + "c" * 30]
        app.widget.show([*lines, "a" * 17 + " b"])
        await settle(pilot)
        assert [line.strip() for line in screen_text(app).splitlines()][:8] == [
            "one two three four",
            "five six",
            "漢字 漢字 漢字",
            "漢字 漢字",
            "ab " + "c" * 15,
            "c" * 15,
            "a" * 17,
            "b",
        ]


async def test_text_shown_before_its_place_is_known_is_shown_after():
    """Text given to a view that is hidden appears when the view does."""
    app = Stage(TextView())
    async with app.run_test(size=(30, 5)) as pilot:
        app.widget.display = False
        app.widget.show(["hello"], painter(["hello"], "text"))
        await settle(pilot)
        app.widget.display = True
        await settle(pilot)
        assert "hello" in screen_text(app)


async def test_facts_are_shown_as_text():
    """Markup in a fact is text."""
    app = Stage(FactsPane())
    async with app.run_test(size=(40, 8)) as pilot:
        app.widget.show([("goal", "[b]press[/b] [@click=app.quit]x[/]")])
        await settle(pilot)
        assert "[b]press[/b] [@click=app.quit]x[/]" in screen_text(app)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_picture_or_refused(data):
    """Decoding ends with a picture or a reason, whatever follows the magic."""
    for magic in (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\0\0\0\0WEBP"):
        with pytest.raises(PictureRefused):
            decode(magic + data)
