"""Claims about finding and filtering in the app's widgets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App
from textual.widgets import Input

from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import marked
from skyvern_tui.tui.widgets.find_bar import FindBar
from skyvern_tui.tui.widgets.json_tree import JsonTree
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.text_view import TextView
from tests.skyvern_tui.tui.fakes import screen_text, settle, until


class Words(LineList[str]):
    """Rows that are words."""

    BINDINGS = bindings(Scope.finding)

    def spans(self, row, width):
        yield row, "plain"


class Stage(App[None]):
    """An app of one widget that keeps what was copied."""

    def __init__(self, widget):
        super().__init__()
        self.widget = widget
        self.copied = []

    def compose(self):
        yield self.widget

    def on_mount(self):
        self.widget.focus()

    def copy(self, text, what):
        self.copied.append((text, what))


ROWS = [f"row {number}{' apple' if number % 10 == 5 else ''}" for number in range(40)]


def fill(widget):
    """Give the widget its lines."""
    if isinstance(widget, Words):
        widget.set_rows(ROWS)
    elif isinstance(widget, TextView):
        widget.show(ROWS)
    else:
        widget.show({f"k{number}": text for number, text in enumerate(ROWS)})


@pytest.fixture(params=[Words, TextView, JsonTree], ids=lambda kind: kind.__name__)
def widget(request):
    """Each kind of widget that can be looked through."""
    return request.param()


async def typed(pilot, text):
    """Open the bar, type, and wait for what comes of it."""
    await pilot.press("slash", *text)
    await settle(pilot)


async def test_what_is_typed_is_found_at_once_and_walked_through(widget):
    """The count follows what is typed; n and N go round; the key for closing forgets."""
    app = Stage(widget)
    async with app.run_test(size=(80, 12)) as pilot:
        fill(widget)
        await typed(pilot, "apple")
        await until(pilot, lambda: widget.found[:2] == (1, 4))
        assert "1 of 4" in screen_text(app)
        await pilot.press("enter", "n", "n")
        assert widget.found.place == 3
        assert "row 25 apple" in screen_text(app)
        await pilot.press("n", "n")
        assert widget.found.place == 1
        await pilot.press("N")
        assert widget.found.place == 4
        assert "4 of 4" in screen_text(app)
        await pilot.press("escape")
        await settle(pilot)
        assert widget.sought is None
        assert not app.screen.query_one(FindBar).has_class("-open")


async def test_nothing_found_is_said_and_leaves_one_where_one_was(widget):
    """A word that is nowhere gives no hits, no movement and a plain statement."""
    app = Stage(widget)
    async with app.run_test(size=(80, 12)) as pilot:
        fill(widget)
        await typed(pilot, "pear")
        await until(pilot, lambda: "not found" in screen_text(app))
        assert widget.found == (0, 0, True)
        assert "row 0" in screen_text(app)
        await pilot.press("escape", "n")
        assert widget.sought is None
        assert widget.has_focus


async def test_a_filter_keeps_neighbours_and_counts_what_it_hides(widget):
    """Only lines that match and their neighbours stay; gaps say how many are hidden; arrows change the neighbours."""
    app = Stage(widget)
    async with app.run_test(size=(80, 24)) as pilot:
        fill(widget)
        await pilot.press("ampersand", *"apple")
        await until(pilot, lambda: "row 14" in screen_text(app))
        shown = screen_text(app)
        assert "row 16" in shown
        assert "row 13" not in shown
        assert "⋯ 4 lines hidden" in shown
        assert "⋯ 7 lines hidden" in shown
        await pilot.press("up")
        await until(pilot, lambda: "row 13" in screen_text(app))
        await pilot.press("down", "down")
        await until(pilot, lambda: "row 14" not in screen_text(app))
        await pilot.press("enter", "escape")
        await until(pilot, lambda: "row 3" in screen_text(app) and "hidden" not in screen_text(app))


async def test_regular_expressions_and_capitals_are_switched_by_keys(widget):
    """The switches change what is found at once; an expression that is none is said and nothing breaks."""
    app = Stage(widget)
    async with app.run_test(size=(100, 12)) as pilot:
        fill(widget)
        await typed(pilot, "row 1.")
        await until(pilot, lambda: "not found" in screen_text(app))
        await pilot.press("f6")
        await until(pilot, lambda: widget.found.total == 10)
        await pilot.press("f6", *"[")
        await settle(pilot)
        await pilot.press("f6")
        await until(pilot, lambda: "not a regular expression" in screen_text(app))
        bar = app.screen.query_one(FindBar)
        bar.query_one(Input).value = "APPLE"
        await until(pilot, lambda: widget.found.total == 0)
        bar.query_one(Input).value = "apple"
        await until(pilot, lambda: widget.found.total == 4)


async def test_hits_stand_out(widget):
    """A place that is found is drawn unlike the text around it, the one one is at unlike the others."""
    app = Stage(widget)
    async with app.run_test(size=(80, 50)) as pilot:
        fill(widget)
        await typed(pilot, "apple")
        await until(pilot, lambda: widget.found.place == 1)
        looks = {
            (segment.style.color, segment.style.bgcolor)
            for y in range(40)
            for segment in widget.render_line(y)
            if "apple" in segment.text and segment.style.bgcolor is not None
        }
        assert len(looks) == 2


async def test_new_rows_are_looked_through_too():
    """Rows that arrive while something is looked for are counted, and filtered."""
    app = Stage(Words())
    async with app.run_test(size=(80, 24)) as pilot:
        rows = list(ROWS)
        app.widget.set_rows(rows)
        await pilot.press("ampersand", *"apple")
        await settle(pilot)
        app.widget.set_rows([*rows, "one more apple"])
        await settle(pilot)
        assert app.widget.found.total == 5
        assert "one more apple" in screen_text(app)


async def test_moving_in_a_filtered_list_skips_what_is_hidden():
    """The cursor goes over gaps and stays among the rows shown, by line and by page."""
    app = Stage(Words())
    async with app.run_test(size=(80, 24)) as pilot:
        app.widget.set_rows(ROWS)
        await pilot.press("ampersand", *"apple", "down", "enter")
        await settle(pilot)
        assert app.widget.row == "row 5 apple"
        await pilot.press("j")
        assert app.widget.row == "row 15 apple"
        await pilot.press("k", "k", "k")
        assert app.widget.row == "row 5 apple"
        await pilot.press("pagedown")
        assert app.widget.row == "row 35 apple"


@given(
    st.lists(st.tuples(st.text(max_size=6), st.sampled_from("ab"))),
    st.lists(st.integers(0, 30), max_size=6, unique=True),
)
def test_marking_loses_nothing(spans, edges):
    """Cut at any marks, the pieces are the text, their tones unchanged, and exactly the marks are marked."""
    edges.sort()
    marks = [(a, b, "hit") for a, b in zip(edges[::2], edges[1::2], strict=False)]
    pieces = list(marked(spans, marks))
    assert [(c, tone) for text, tone, _ in pieces for c in text] == [(c, tone) for text, tone in spans for c in text]
    places = [bool(mark) for text, _, mark in pieces for _ in text]
    assert places == [any(a <= place < b for a, b, _ in marks) for place in range(len(places))]
