"""One look at a live page: what is listed, what is not, and the way back to the element."""

from __future__ import annotations

import asyncio
import re

import pytest

from mock_server.agent.observation import Capture, Element
from mock_server.agent.observer import ObservationError, StaleElementError, observe, resolve

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


def named(capture: Capture, name: str) -> Element:
    """Return the one interactable element of that name."""
    found = [element for element in capture.observation.elements if element.interactable and element.name == name]
    assert len(found) == 1, [(element.role, element.name) for element in capture.observation.elements]
    return found[0]


async def test_every_route_to_a_label_is_read(show):
    """A field is named by label-for, wrapping label, aria-labelledby, text before it, placeholder and column header."""
    capture = await observe(await show("form.html"))
    for name in ("First name", "Last name", "E-mail address", "Phone", "City"):
        assert named(capture, name).role == "textbox"
    quantity = next(element for element in capture.observation.elements if element.input_type == "number")
    assert {"Quantity", "Tickets"} <= set(quantity.labels)
    assert (quantity.minimum, quantity.maximum, quantity.value) == ("1", "9", "2")


async def test_states_are_read(show):
    """Required, disabled, checked, expanded and selected come from the live state, not from the markup's wishes."""
    capture = await observe(await show("form.html"))
    assert named(capture, "First name").required
    assert named(capture, "Later").disabled
    assert named(capture, "Meat").checked is True
    assert named(capture, "Vegetarian").checked is False
    assert named(capture, "Vegetarian").group == named(capture, "Meat").group == "radio:meal"
    assert named(capture, "Menu").expanded is False
    assert named(capture, "Newsletter").role == "switch"
    country = named(capture, "Country")
    assert country.value == "France"
    assert [(option.label, option.value, option.selected, option.disabled) for option in country.options][1:] == [
        ("Germany", "de", False, False),
        ("France", "fr", True, False),
        ("Elsewhere", "xx", False, True),
    ]


async def test_passwords_are_masked_everywhere(show):
    """The value of a password field is in no part of the capture."""
    capture = await observe(await show("form.html"))
    assert named(capture, "Password").value == "*******"
    assert "hunter2" not in repr(capture)


async def test_what_cannot_be_seen_is_not_listed(show):
    """Hidden inputs, display:none, closed menus and closed details stay out; what opens them is listed."""
    capture = await observe(await show("form.html"))
    names = {element.name for element in capture.observation.elements}
    assert not {"Invisible", "Hidden link"} & names
    assert "token" not in {element.attributes.get("name") for element in capture.observation.elements}
    assert "hidden text" not in " ".join(line.text for line in capture.observation.lines)
    assert named(capture, "Why do we ask?").expanded is False


async def test_a_tick_box_that_shows_only_as_its_label_is_its_label(show):
    """A checkbox hidden behind a styled label is listed as the label, with the checkbox's state, and can be clicked."""
    page = await show("form.html")
    box = named(await observe(page), "I accept the terms")
    assert (box.tag, box.role, box.checked) == ("label", "checkbox", False)
    await (await resolve(page, box)).click()
    assert named(await observe(page), "I accept the terms").checked is True


async def test_frames_and_shadow_roots_are_part_of_the_page(show):
    """Elements in iframes and open shadow roots are listed in place, in top-level coordinates, and resolve."""
    page = await show("form.html")
    capture = await observe(page)
    card, redeem = named(capture, "Card"), named(capture, "Redeem")
    holder = next(element for element in capture.tree[0]["children"] if element["tagName"] == "iframe")
    assert (card.frame_index, card.frame) == (1, holder["id"])
    assert card.box.y > holder["rect"]["y"]
    assert capture.frame_map[card.id] == holder["id"]
    assert capture.frame_map[redeem.id] == "main.frame"
    await (await resolve(page, card)).fill("4111")
    assert await page.frames[1].input_value("[name=card]") == "4111"
    assert await page.locator(redeem.css).text_content() == "Redeem"
    assert any("Slotted note" in line.text for line in capture.observation.lines)


async def test_selectors_lead_to_the_element(show):
    """CSS and XPath of the maps each find the very element."""
    page = await show("form.html")
    capture = await observe(page)
    for element in capture.observation.elements:
        if element.frame_index == 0:
            assert await page.locator(element.css).count() == 1, element.css
            live = await resolve(page, element)
            assert await live.evaluate("(one, css) => { const tag = one.localName; return tag; }") == element.tag
            if element.xpath:
                assert await page.locator("xpath=" + element.xpath).count() == 1, element.xpath


async def test_a_pointer_cursor_makes_an_element_interactable(show):
    """A div that looks clickable is listed as interactable; plain text is listed as readable only."""
    capture = await observe(await show("form.html"))
    assert named(capture, "Pretend button").role == "generic"
    heading = next(element for element in capture.observation.elements if element.role == "heading")
    assert not heading.interactable


async def test_looking_changes_nothing(show):
    """The document is the same, letter by letter, after a look, and no property of ours is on the window."""
    page = await show("form.html")
    before = await page.content()
    names = await page.evaluate("Reflect.ownKeys(window).length")
    await observe(page)
    assert await page.content() == before
    assert await page.evaluate("Reflect.ownKeys(window).length") == names


async def test_ids_stay_with_their_element_and_are_never_reused(show):
    """The same element has the same id at the next look; after a navigation every id is new."""
    page = await show("form.html")
    first = {element.css: element.id for element in (await observe(page)).observation.elements}
    await page.evaluate("document.body.prepend(document.createElement('hr'))")
    again = await observe(page)
    assert named(again, "Later").id in first.values()
    await page.goto("http://pages.test/news.html")
    after = {element.id for element in (await observe(page)).observation.elements}
    assert after
    assert not after & set(first.values())


async def test_a_gone_element_is_reported_as_stale(show):
    """An element that was removed, or whose document was left, raises StaleElementError naming it."""
    page = await show("form.html")
    button = named(await observe(page), "Create account")
    await page.evaluate("document.querySelector('form').remove()")
    with pytest.raises(StaleElementError, match="Create account"):
        await resolve(page, button)
    menu = named(await observe(page), "Menu")
    await page.goto("http://pages.test/news.html")
    with pytest.raises(StaleElementError, match="observe the page again"):
        await resolve(page, menu)


async def test_a_page_that_replaces_built_ins_is_read(show):
    """Replaced toJSON, array helpers and querySelectorAll, and inputs that shadow DOM properties, do not blind it."""
    capture = await observe(await show("hostile.html"))
    assert [line.text for line in capture.observation.lines if line.kind == "heading"] == ["Still here"]
    assert named(capture, "One").role == named(capture, "Two").role == "textbox"
    assert named(capture, "Send").role == "button"


async def test_a_covering_dialog_is_noticed(show):
    """With a modal open the dialog's elements are marked, those beneath are obscured."""
    page = await show(
        "<button>Beneath</button><div role=dialog aria-modal=true style='position:fixed;inset:0;background:#fff'>"
        "<p>Accept cookies?</p><button>Accept</button></div>"
    )
    capture = await observe(page)
    assert capture.observation.dialog_open
    assert named(capture, "Accept").in_dialog
    assert not named(capture, "Accept").obscured
    assert named(capture, "Beneath").obscured


async def test_a_huge_page_is_cut_and_says_so(show):
    """A list of twenty thousand entries is read in bounded work; the observation says that it is not all."""
    page = await show("<ul></ul><p>End of the page</p>")
    await page.evaluate(
        "document.querySelector('ul').innerHTML ="
        " Array.from({length: 20000}, (_, i) => `<li><a href='/${i}'>Entry ${i}</a></li>`).join('')"
    )
    capture = await observe(page)
    assert capture.observation.truncated
    assert 1000 <= len(capture.observation.elements) <= 5000
    assert capture.observation.lines[-1].text == "End of the page"


async def test_a_small_page_is_whole(show):
    """Nothing is said to be missing from a page that fits."""
    assert not (await observe(await show("news.html"))).observation.truncated


async def test_json_xml_and_text_documents_are_read_as_data(show, web):
    """A JSON document gives facts, records and structured data; an XML one records; text its lines."""
    seen = (await observe(await show("data.json"))).observation
    assert seen.content_type == "application/json"
    assert ("store name", "Hearth & Home") in [(fact.name, fact.value) for fact in seen.facts]
    products = next(group for group in seen.groups if group.title == "products")
    assert [[cell.text for cell in record.cells][:2] for record in products.records] == [
        ["Oak Side Table", "249.5"],
        ["Wool Throw", "89"],
    ]
    feed = (await observe(await show("feed.xml"))).observation
    items = next(group for group in feed.groups if group.title == "item")
    assert [record.cells[0].text for record in items.records] == ["Ferry fares to rise", "Storm closes road"]
    page = await web.new_page()
    await page.goto("data:text/plain,one%0Atwo")
    assert [line.text for line in (await observe(page)).observation.lines] == ["one", "two"]
    await page.close()


async def test_an_empty_document_is_an_empty_observation(web):
    """about:blank and a document without a body are looked at without complaint."""
    page = await web.new_page()
    assert (await observe(page)).observation.elements == ()
    await page.goto("data:text/html,<p>x")
    await page.evaluate("document.body.remove()")
    assert (await observe(page)).observation.lines == ()
    await page.close()


async def test_a_navigation_in_the_middle_is_waited_out(show):
    """Looks taken while the page keeps leaving for another never fail, and end on the new page."""
    page = await show("form.html")
    for target in ("news.html", "cards.html", "article.html"):
        leaving = asyncio.create_task(page.goto(f"http://pages.test/{target}"))
        for _ in range(3):
            assert (await observe(page)).observation.url.startswith(("http://pages.test/", "about:blank"))
        await leaving
        assert (await observe(page)).observation.url.endswith(target)


async def test_a_closed_page_is_an_error_that_says_so(web):
    """Looking at a page that was closed raises ObservationError, not a driver's error."""
    page = await web.new_page()
    await page.close()
    with pytest.raises(ObservationError, match="closed"):
        await observe(page)


async def test_artifacts_have_the_services_shapes(show):
    """The trees, maps and the text tree agree with one another and with semantics 8.7 and 8.8."""
    page = await show("form.html")
    long = "https://pages.test/" + "x" * 200
    await page.evaluate("href => { document.querySelector('h1').innerHTML = `<a href='${href}'>Long</a>`; }", long)
    capture = await observe(page)
    root = capture.tree[0]
    assert {"id", "frame", "frame_index", "interactable", "tagName", "attributes", "text", "children"} <= set(root)
    ids = set(re.findall(r' id="(\w+)"', capture.tree_text))
    assert ids <= set(capture.css_map) == set(capture.frame_map) == set(capture.xpath_map)
    assert {element.id for element in capture.observation.elements if element.interactable} <= ids
    ((mark, target),) = capture.href_map.items()
    assert re.fullmatch(r"_[0-9a-f]{64}", mark)
    assert target == long
    assert "{{" + mark + "}}" in capture.tree_text
    assert '<option index="1">Germany</option>' in capture.tree_text
    assert "<!DOCTYPE html>" in capture.html
