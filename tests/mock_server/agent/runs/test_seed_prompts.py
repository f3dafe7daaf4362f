"""Every prompt of the service's documents, done on the bundled sites, with and without a schema.

The expected answers come from the sites' own data, never from here.
"""

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


def schema_of(**properties: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in properties.items()},
        "required": list(properties),
    }


PRODUCTS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "price": {"type": "string"}, "rating": {"type": "number"}},
    },
}


def values_in(output: Any) -> list[Any]:
    """All the plain values of an output, in order."""
    if isinstance(output, dict):
        return [value for entry in output.values() for value in values_in(entry)]
    if isinstance(output, list):
        return [value for entry in output for value in values_in(entry)]
    return [output]


def entries_of(output: Any) -> list[dict[str, Any]]:
    """The list of entries an output holds, whatever it is called."""
    if isinstance(output, list):
        return output
    lists = [value for value in output.values() if isinstance(value, list)]
    assert len(lists) == 1
    return lists[0]


async def test_get_the_title_of_the_top_post(do: Do, origin: str) -> None:
    """The documents' first task, in the shape the documents show, in two steps."""
    told = await do("Get the title of the top post", "/sites/news/")
    assert told.finished.ending == "completed"
    assert told.finished.output == {"top_post_title": data_of(origin, "news")["posts"][0]["title"]}
    assert told.steps == 2


async def test_get_the_title_of_the_top_post_with_a_schema(do: Do, origin: str) -> None:
    """With a schema the output has exactly its shape."""
    told = await do("Get the title of the top post", "/sites/news/", schema=schema_of(title="string", points="integer"))
    top = data_of(origin, "news")["posts"][0]
    assert told.finished.output == {"title": top["title"], "points": top["points"]}


async def test_find_the_top_3_posts(do: Do, origin: str) -> None:
    """Three posts, the first three, in their order; the site's name in the prompt does not matter."""
    told = await do("Find the top 3 posts on Hacker News.", "/sites/news/")
    titles = [post["title"] for post in data_of(origin, "news")["posts"][:3]]
    assert told.finished.ending == "completed"
    entries = entries_of(told.finished.output)
    assert len(entries) == 3
    assert [title for entry, title in zip(entries, titles, strict=True) if title in values_in(entry)] == titles


async def test_find_the_top_3_posts_with_a_schema(do: Do, origin: str) -> None:
    """A schema of an object with a list in it is filled likewise."""
    schema = {
        "type": "object",
        "properties": {
            "posts": {"type": "array", "items": schema_of(title="string", author="string", points="integer")}
        },
    }
    told = await do("Find the top 3 posts on Hacker News.", "/sites/news/", schema=schema)
    posts = data_of(origin, "news")["posts"][:3]
    assert told.finished.output == {
        "posts": [{"title": post["title"], "author": post["author"], "points": post["points"]} for post in posts]
    }


async def test_extract_the_top_3_products_with_the_documents_schema(do: Do, origin: str) -> None:
    """Name, price as it is written and rating as a number, of the first three."""
    told = await do(
        "Extract the name, price, and rating of the top 3 products", "/sites/shop/products", schema=PRODUCTS
    )
    products = data_of(origin, "shop")["products"][:3]
    assert told.finished.output == [
        {"name": product["name"], "price": product["price"], "rating": product["rating"]} for product in products
    ]


async def test_extract_the_top_3_products_without_a_schema(do: Do, origin: str) -> None:
    """The shape follows the prompt: three entries with the three things asked for."""
    told = await do("Extract the name, price, and rating of the top 3 products", "/sites/shop/products")
    products = data_of(origin, "shop")["products"][:3]
    entries = entries_of(told.finished.output)
    assert [(entry["name"], entry["price"], entry["rating"]) for entry in entries] == [
        (product["name"], product["price"], product["rating"]) for product in products
    ]


async def test_extract_product_data(do: Do, origin: str) -> None:
    """Every product of the page, by name, with its price among what is told."""
    told = await do("Extract product data", "/sites/shop/products")
    shop = data_of(origin, "shop")
    shown = shop["products"][: shop["per_page"]]
    entries = entries_of(told.finished.output)
    assert [product["name"] in values_in(entry) for entry, product in zip(entries, shown, strict=True)] == [True] * len(
        shown
    )
    assert [product["price"] in values_in(entry) for entry, product in zip(entries, shown, strict=True)] == [
        True
    ] * len(shown)


async def test_extract_product_data_with_a_schema(do: Do, origin: str) -> None:
    """The documents' schema with the open question gives every product of the page."""
    told = await do("Extract product data", "/sites/shop/products", schema=PRODUCTS)
    shop = data_of(origin, "shop")
    assert [(entry["name"], entry["price"]) for entry in told.finished.output] == [
        (product["name"], product["price"]) for product in shop["products"][: shop["per_page"]]
    ]


@pytest.mark.parametrize("site", ["news/", "shop/", "contact/", "portal/"])
async def test_get_the_page_title(do: Do, origin: str, site: str) -> None:
    """The title is the document's, on every site."""
    told = await do("Get the page title", f"/sites/{site}", state="document.title")
    assert told.finished.output == {"page_title": told.state}


async def test_get_the_page_title_with_a_schema(do: Do) -> None:
    """A schema names the field its own way."""
    state = "[document.title, document.querySelector('h1').innerText]"
    told = await do("Get the page title", "/sites/contact/", schema=schema_of(title="string"), state=state)
    assert list(told.finished.output) == ["title"]
    assert told.finished.output["title"] in told.state


@pytest.mark.parametrize("start", ["portal/", "portal/login"])
async def test_log_in_and_download_the_latest_invoice(do: Do, origin: str, start: str) -> None:
    """The site's own demo account, the way to the invoices, the newest of them by its date, its file."""
    told = await do("Log in and download the latest invoice", f"/sites/{start}")
    latest = max(data_of(origin, "portal")["invoices"], key=lambda invoice: invoice["iso_date"])
    assert told.finished.ending == "completed", told.finished.failure_reason
    (file,) = told.artifacts("download")
    assert file.filename == latest["file_name"]
    assert file.data.startswith(b"%PDF")
    assert [made.filename for made in told.artifacts("pdf")] == [latest["file_name"]]
    assert told.blocks == ["goto_url", "login", "file_download"]


async def test_log_in_and_download_the_latest_invoice_with_a_schema(do: Do, origin: str) -> None:
    """What the schema asks for is that of the invoice that was downloaded."""
    told = await do(
        "Log in and download the latest invoice",
        "/sites/portal/login",
        schema=schema_of(invoice_number="string", amount="string"),
    )
    latest = max(data_of(origin, "portal")["invoices"], key=lambda invoice: invoice["iso_date"])
    assert told.finished.output == {"invoice_number": latest["number"], "amount": latest["amount"]}
    assert len(told.artifacts("download")) == 1


async def test_a_wrong_password_gives_the_documents_error_code(do: Do) -> None:
    """The documents' mapping, a wrong password: terminated, login_failed, the site's words."""
    codes = {"login_failed": "The login credentials are incorrect or the account is locked"}
    told = await do(
        "Log in with username demo and password wrong-one and download the latest invoice",
        "/sites/portal/login",
        error_codes=codes,
    )
    assert told.finished.ending == "terminated"
    assert [error["error_code"] for error in told.finished.errors] == ["login_failed"]
    assert "Invalid username or password" in told.finished.failure_reason
    assert not told.artifacts("download")


@pytest.mark.parametrize("prompt", ["Fill out the contact form", "Fill out the contact form with the provided data"])
@pytest.mark.parametrize("start", ["contact/contact", "contact/"])
async def test_fill_out_the_contact_form(do: Do, prompt: str, start: str) -> None:
    """Without data it is filled with samples, which is said, sent, and the site's confirmation seen."""
    told = await do(prompt, f"/sites/{start}", max_steps=10, state="document.querySelector('h1').textContent")
    assert told.finished.ending == "completed", told.finished.failure_reason
    assert "has been sent" in told.state
    assert "sample" in told.finished.summary
    assert told.finished.output is None


async def test_fill_out_the_contact_form_with_a_schema(do: Do, origin: str) -> None:
    """A schema reads the confirmation the site gives."""
    told = await do("Fill out the contact form", "/sites/contact/contact", schema=schema_of(subject="string"))
    assert told.finished.output == {"subject": data_of(origin, "contact")["subjects"][0]}


async def test_fill_out_the_contact_form_with_data_in_the_prompt(do: Do) -> None:
    """What the prompt provides is what the site receives."""
    message = "Please send me the last bill again."
    data = f"Name: Ann Lee\nEmail: ann@lee.org\nSubject: Billing\nMessage: {message}"
    prompt = f"Fill out the contact form with the provided data:\n{data}"
    told = await do(prompt, "/sites/contact/contact", state="document.querySelector('main').innerText")
    assert told.finished.ending == "completed", told.finished.failure_reason
    assert all(
        text in told.state for text in ("Ann Lee", "ann@lee.org", "Billing", "Please send me the last bill again.")
    )
