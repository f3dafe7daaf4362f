"""Tasks of several parts on the bundled sites; what is expected comes from the sites' own data."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.request import urlopen

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

Do = Callable[..., Awaitable[Any]]


def data_of(origin: str, site: str) -> Any:
    with urlopen(f"{origin}/sites/{site}/data.json") as answer:
        return json.load(answer)


def product(origin: str, name: str) -> Any:
    return next(entry for entry in data_of(origin, "shop")["products"] if entry["name"] == name)


async def test_search_and_read_the_first_result(do: Do, origin: str) -> None:
    """The search field is found, used, and the answer read from the results."""
    told = await do("Search for lamp and get the name and price of the first result", "/sites/shop/")
    lamp = product(origin, "Linen Shade Desk Lamp")
    assert told.finished.output == {"name": lamp["name"], "price": lamp["price"]}
    assert told.blocks == ["goto_url", "navigation", "extraction"]


async def test_sort_before_reading(do: Do) -> None:
    """A list that goes to another address when an order is chosen counts as sorted."""
    told = await do("Sort by price from low to high and list the prices", "/sites/shop/products")
    (prices,) = told.finished.output.values()
    amounts = [float(price.strip("$")) for price in prices]
    assert amounts == sorted(amounts)
    assert "select_option" in told.actions


async def test_a_thing_is_put_into_the_cart_and_paid_for_up_to_the_form(do: Do) -> None:
    """The product's own page has the control; the cart has the next one."""
    told = await do(
        "Find the Canvas Weekender Bag, add it to the basket, then check out", "/sites/shop/", state="location.pathname"
    )
    assert told.finished.ending == "completed", told.finished.failure_reason
    assert told.state.endswith("/checkout")


async def test_the_cart_is_read_after_adding(do: Do) -> None:
    """What is told comes from the cart, not from the product's page."""
    told = await do(
        "Add the Linen Shade Desk Lamp to the cart and tell me the total",
        "/sites/shop/products",
        state="document.querySelector('main').innerText",
    )
    assert told.finished.ending == "completed", told.finished.failure_reason
    total = told.finished.output["total"]
    assert f"Total\n{total}" in told.state or f"Total\t{total}" in told.state or f"Total {total}" in told.state


async def test_the_most_expensive_is_opened_and_read(do: Do, origin: str) -> None:
    """A superlative chooses among what the page shows; its own page is read."""
    told = await do("Open the most expensive product and get its weight", "/sites/shop/products")
    shop = data_of(origin, "shop")
    dearest = max(shop["products"][: shop["per_page"]], key=lambda entry: float(entry["price"].strip("$")))
    assert told.finished.output == {"weight": dearest["specs"]["Weight"]}


@pytest.mark.parametrize(
    ("site", "prompt"),
    [("shop/products", "Go to page 2 and list the product names"), ("news/", "Get the titles of the posts on page 2")],
)
async def test_a_later_page_is_turned_to(do: Do, origin: str, site: str, prompt: str) -> None:
    """By its number where there is one, by the next page where there is not."""
    told = await do(prompt, f"/sites/{site}")
    data = data_of(origin, site.partition("/")[0])
    entries = [entry.get("name") or entry["title"] for entry in data.get("products") or data["posts"]]
    (names,) = told.finished.output.values()
    assert names == entries[data["per_page"] : 2 * data["per_page"]]


async def test_what_is_not_on_this_page_is_looked_for_on_others(do: Do, origin: str) -> None:
    """A question the start page has no answer to leads along the links its words name."""
    told = await do("What is the price of the Team plan?", "/sites/contact/")
    (team,) = [plan for plan in data_of(origin, "contact")["plans"] if plan["name"] == "Team"]
    assert told.finished.output == {"price": team["price"]}


async def test_a_cookie_notice_is_accepted_on_the_way(do: Do, origin: str) -> None:
    """Three instructions in one sentence, done in order."""
    told = await do("Accept cookies, open Pricing, and get the price of each plan", "/sites/contact/")
    (prices,) = told.finished.output.values()
    assert prices == [plan["price"] for plan in data_of(origin, "contact")["plans"]]


async def test_a_profile_is_changed_after_logging_in(do: Do) -> None:
    """Credentials of the prompt, a field changed, the change saved and kept."""
    prompt = (
        "Log in with username demo and password demo-1234, go to Profile "
        "and change the phone number to 0123456789 and save"
    )
    told = await do(prompt, "/sites/portal/", state="document.querySelector('input[type=tel], [name=phone]').value")
    assert told.finished.ending == "completed", told.finished.failure_reason
    assert told.state == "0123456789"
    assert told.blocks == ["goto_url", "login", "navigation"]


async def test_the_first_after_sorting_is_downloaded(do: Do, origin: str) -> None:
    """*The first one* means the first of the list as it was sorted."""
    told = await do(
        "Log in, then sort the invoices by amount, highest first, and download the first one", "/sites/portal/"
    )
    dearest = max(data_of(origin, "portal")["invoices"], key=lambda invoice: float(invoice["amount"].strip("$")))
    assert [made.filename for made in told.artifacts("download")] == [dearest["file_name"]]


async def test_all_files_are_downloaded(do: Do, origin: str) -> None:
    """*All invoices* brings every file of the list once."""
    told = await do("Log in and download all invoices", "/sites/portal/")
    names = [made.filename for made in told.artifacts("download")]
    assert sorted(names) == sorted(invoice["file_name"] for invoice in data_of(origin, "portal")["invoices"])
    assert told.finished.output == {"downloaded_files": names}


async def test_logging_out_is_seen(do: Do) -> None:
    """In and out again."""
    told = await do("Log in and log out", "/sites/portal/login", state="document.body.innerText")
    assert told.finished.ending == "completed"
    assert "Log out" not in told.state
