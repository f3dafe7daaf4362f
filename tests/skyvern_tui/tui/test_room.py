"""Claims about using the room there is on a run's screen."""

from __future__ import annotations

from PIL import Image

from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.widgets.picture import framed
from tests.skyvern_tui.builders import a_run
from tests.skyvern_tui.tui.fakes import FakeGateway, app_on, screen_text, until

PRODUCTS = {"products": [{"name": "Kettle", "price": 49}, {"name": "Lamp", "price": 29}]}


async def output_on(size):
    """Return the lines of the output tab at a size."""
    app = app_on(FakeGateway(a_run(status="completed", output=PRODUCTS)))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.sites and app.focused)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and "✓ completed" in screen_text(app))
        await pilot.press("2")
        await until(pilot, lambda: "products" in screen_text(app))
        return screen_text(app).split("\n")


async def test_a_table_stands_beside_the_tree_where_there_is_room():
    """What can be read as a table is one, without a key, beside the tree that has the keys; nothing is left empty."""
    lines = await output_on((160, 48))
    first = next(line for line in lines if "products: [2]" in line)
    assert first.split("│")[1].split() == ["name", "price"]
    assert set(lines[lines.index(first) - 1].strip()) == {"─"}, "the tree begins below the tabs"


async def test_the_tree_has_all_the_room_of_a_narrow_screen():
    """Beside it there would be no room for a table."""
    lines = await output_on((80, 24))
    assert not any("name" in line and "price" in line for line in lines)


def test_a_long_page_fills_the_room_with_its_top():
    """A picture of a page longer than the room is cut, not shrunk to a strip; any other is as it was."""
    page = Image.new("RGB", (100, 400), "white")
    page.putpixel((0, 0), (255, 0, 0))
    top = framed(page, 40, 20)
    assert top.size == (100, 100)
    assert top.getpixel((0, 0)) == (255, 0, 0)
    assert framed(page, 10, 40) is page
    assert framed(page, 0, 0) is page
