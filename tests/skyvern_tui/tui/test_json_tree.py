"""Claims about the tree of a JSON value."""

from __future__ import annotations

import json

from skyvern_tui.core.previews.jsontree import rows
from skyvern_tui.core.previews.treerows import TreeRows
from skyvern_tui.tui.widgets.json_tree import JsonTree
from tests.skyvern_tui.tui.fakes import screen_text, settle, until
from tests.skyvern_tui.tui.test_finding import Stage, typed

VALUE = {"items": [{"name": "lamp", "price": {"amount": 12.5}}, {"name": "cup"}], "count": 2, "odd key": "\x1b[2J"}


async def test_it_is_opened_and_folded_by_keys():
    """Enter turns, right opens and goes in, left folds and goes out; the path says where one is."""
    app = Stage(JsonTree())
    async with app.run_test(size=(60, 20)) as pilot:
        app.widget.show(VALUE, depth=1)
        await settle(pilot)
        assert "▸ [0]: {2}" in screen_text(app)
        await pilot.press("down", "right")
        await until(pilot, lambda: 'name: "lamp"' in screen_text(app))
        await pilot.press("right", "down", "right", "right")
        assert app.widget.where == "items[0].price.amount"
        assert app.widget.value == 12.5
        await pilot.press("left")
        assert app.widget.where == "items[0].price"
        await pilot.press(*["left"] * 5)
        assert app.widget.where == "items"
        await pilot.press("shift+left")
        await settle(pilot)
        assert len(app.widget.rows) == 3
        await pilot.press("home", "shift+right")
        await settle(pilot)
        assert "amount: 12.5" in screen_text(app)


async def test_value_and_path_are_copied():
    """Text is copied as it is, anything else as JSON; the path as one writes it in a program."""
    app = Stage(JsonTree())
    async with app.run_test(size=(60, 20)) as pilot:
        app.widget.show(VALUE, depth=3)
        await pilot.press("y", "down", "down", "y", "Y")
        assert json.loads(app.copied[0][0]) == VALUE["items"]
        assert [text for text, _ in app.copied[1:]] == ["lamp", "items[0].name"]


async def test_what_is_folded_is_found():
    """A hit in something folded is opened, however deep."""
    app = Stage(JsonTree())
    async with app.run_test(size=(60, 20)) as pilot:
        app.widget.show({"a": {"b": {"c": {"d": ["x", "needle"]}}}}, depth=0)
        await typed(pilot, "needle")
        await until(pilot, lambda: app.widget.where == "a.b.c.d[1]")
        assert '"needle"' in screen_text(app)


async def test_a_value_that_changes_keeps_what_is_open():
    """While an output grows, the cursor and what was opened stay."""
    app = Stage(JsonTree())
    async with app.run_test(size=(60, 20)) as pilot:
        app.widget.show(VALUE, depth=1)
        await pilot.press("down", "right", "right")
        assert app.widget.where == "items[0].name"
        app.widget.show({"first": 1, **VALUE})
        await settle(pilot)
        assert app.widget.where == "items[0].name"
        assert 'name: "lamp"' in screen_text(app)


async def test_no_character_of_a_value_acts():
    """Escapes and markup in keys and values are shown as signs."""
    app = Stage(JsonTree())
    async with app.run_test(size=(60, 20)) as pilot:
        app.widget.show({"\x1b]0;x\x07": "\u202e[red]abc", "s": "\x9b2J"})
        await settle(pilot)
        assert all(line.isprintable() for line in screen_text(app).splitlines())
        assert "[red]abc" in screen_text(app)


def test_rows_are_those_of_the_core():
    """Opening and folding by steps leads to the rows that are laid out at once for the same open paths."""
    laid = TreeRows(VALUE)
    laid.turn(0)
    laid.turn(1)
    assert list(laid) == rows(VALUE, laid.opened)
    laid.turn(0)
    assert list(laid) == rows(VALUE, laid.opened)
    laid.turn(0)
    assert list(laid) == rows(VALUE, laid.opened)
    assert [node.where for node in laid][:3] == ["items", "items[0]", "items[0].name"]


async def test_a_hundred_thousand_values_are_made_into_words_only_in_sight():
    """A list of 100,000 is opened, walked and searched, and no more nodes are made than are drawn."""
    app = Stage(JsonTree())
    made = 0
    real = TreeRows._node

    def counting(self, path, value):
        nonlocal made
        made += 1
        return real(self, path, value)

    TreeRows._node = counting
    try:
        async with app.run_test(size=(60, 20)) as pilot:
            app.widget.show({"list": [{"n": number} for number in range(100_000)]}, depth=1)
            await pilot.press("end", "up", "pageup", "home")
            await typed(pilot, "99999")
            await until(pilot, lambda: app.widget.where == "list[99999]")
            await pilot.press("enter", "n")
            assert app.widget.where == "list[99999].n"
            await until(pilot, lambda: "n: 99999" in screen_text(app))
    finally:
        TreeRows._node = real
    assert made < 2000
