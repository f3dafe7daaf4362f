"""The shop as a customer uses it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

ORDER = {
    "Email address": "ada@mail.example",
    "Full name": "Ada Lovelace",
    "Street address": "12 St James's Square",
    "Postcode": "SW1Y 4JH",
    "Town or city": "London",
    "Name on card": "A Lovelace",
    "Card number": "4242 4242 4242 4242",
    "Expiry date (MM/YY)": "12/30",
    "Security code (CVC)": "123",
}


@pytest.fixture
def facts(watched: Page, sites: str) -> list[dict]:
    return watched.request.get(f"{sites}/shop/data.json").json()["products"]


def shown(page: Page) -> list[dict]:
    """Read the products off a grid of cards."""
    return page.evaluate(
        """() => [...document.querySelectorAll("main .card")].map((card) => {
            const text = (selector) => card.querySelector(selector)?.innerText ?? null;
            return {
                name: text("h2, h3"),
                url: card.querySelector("h2 a, h3 a").href,
                price: text(".price"),
                old_price: card.querySelector("s")?.lastChild.textContent ?? null,
                rating: parseFloat(card.querySelector("[role=img]").getAttribute("aria-label")),
                reviews: parseInt(text(".count").slice(1)),
                availability: text(".stock"),
            };
        })"""
    )


def listed(products: list[dict]) -> list[dict]:
    names = ("name", "url", "price", "old_price", "rating", "reviews", "availability")
    return [{name: product[name] for name in names} for product in products]


def cents(text: str) -> int:
    return int(re.sub(r"[$,.]", "", text))


def test_listing_shows_what_the_data_says(watched: Page, sites: str, facts: list[dict]):
    """Two pages of twelve show all products, in the order and with the facts of data.json."""
    watched.goto(f"{sites}/shop/products")
    first = shown(watched)
    expect(watched.get_by_text("Showing 1\u201312 of 24 products")).to_be_visible()
    watched.get_by_role("link", name="Next").click()
    expect(watched.get_by_text("Showing 13\u201324 of 24 products")).to_be_visible()
    assert first + shown(watched) == listed(facts)
    expect(watched.get_by_role("link", name="Next")).to_have_count(0)
    watched.get_by_role("link", name="Page 1").click()
    expect(watched).to_have_url(f"{sites}/shop/products")


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Price: low to high", lambda product: cents(product["price"])),
        ("Price: high to low", lambda product: -cents(product["price"])),
        ("Customer rating", lambda product: -product["rating"]),
        ("Name: A to Z", lambda product: product["name"].lower()),
    ],
)
def test_choosing_an_order_sorts(watched: Page, sites: str, facts: list[dict], label: str, key):
    """Choosing an entry of the sort menu sorts at once, over both pages."""
    watched.goto(f"{sites}/shop/products")
    with watched.expect_navigation():
        watched.get_by_label("Sort by").select_option(label)
    seen = shown(watched)
    watched.get_by_role("link", name="Next").click()
    expect(watched.get_by_text("Showing 13\u201324")).to_be_visible()
    seen += shown(watched)
    assert [key(product) for product in seen] == sorted(key(product) for product in facts)
    expect(watched.get_by_label("Sort by").locator("option:checked")).to_have_text(label)


def test_category_and_filters_add_up(watched: Page, sites: str, facts: list[dict]):
    """A category, "on sale" and "in stock" together show what meets all three, and the sort order stays."""
    watched.goto(f"{sites}/shop/products?sort=price-asc")
    watched.get_by_role("complementary", name="Filters").get_by_role("link", name="Desk & Office").click()
    watched.get_by_label("On sale").check()
    watched.get_by_label("In stock only").check()
    watched.get_by_role("button", name="Apply filters").click()
    expect(watched.get_by_role("heading", level=1)).to_have_text("Desk & Office")
    expected = [product for product in facts if product["category"] == "Desk & Office" and product["old_price"]]
    expect(watched.locator(".card")).to_have_count(len(expected))
    assert shown(watched) == sorted(listed(expected), key=lambda product: cents(product["price"]))


def test_in_stock_only_hides_what_is_sold_out(watched: Page, sites: str, facts: list[dict]):
    """With "in stock" ticked the sold-out product is gone."""
    gone = [product["name"] for product in facts if product["availability"] == "Out of stock"]
    watched.goto(f"{sites}/shop/products?category=travel&in_stock=1")
    assert gone
    assert not {product["name"] for product in shown(watched)} & set(gone)


def test_search_by_keyboard(watched: Page, sites: str, facts: list[dict]):
    """Typing into the search and pressing Enter lists matches by name or description."""
    watched.goto(f"{sites}/shop/")
    watched.get_by_role("searchbox", name="Search products").fill("lamp")
    watched.keyboard.press("Enter")
    expect(watched.get_by_role("heading", level=1)).to_have_text("Results for “lamp”")
    assert [product["name"] for product in shown(watched)] == [
        product["name"] for product in facts if "lamp" in f"{product['name']} {product['description']}".lower()
    ]


def test_search_without_a_hit_says_so(watched: Page, sites: str):
    """A search that finds nothing says so and shows what was typed as text."""
    watched.goto(f"{sites}/shop/")
    watched.get_by_role("searchbox").fill('"><script>alert(1)</script>')
    watched.get_by_role("button", name="Search").click()
    expect(watched.get_by_text("Nothing matches.")).to_be_visible()
    expect(watched.get_by_role("searchbox")).to_have_value('"><script>alert(1)</script>')


def test_product_page_tells_it_three_times_alike(watched: Page, sites: str, facts: list[dict]):
    """Text, specification list and JSON-LD of a product page agree with data.json."""
    product = next(product for product in facts if product["old_price"])
    watched.goto(product["url"])
    expect(watched.get_by_role("heading", level=1)).to_have_text(product["name"])
    expect(watched.locator(".buy .price")).to_have_text(product["price"])
    expect(watched.locator(".buy s")).to_have_text(f"Was {product['old_price']}")
    expect(watched.locator(".buy .stock")).to_have_text(product["availability"])
    expect(watched.locator(".buy").get_by_role("img")).to_have_attribute(
        "aria-label", f"{product['rating']} out of 5 stars"
    )
    specs = watched.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll(".specs div")].map(
            (pair) => [pair.querySelector("dt").innerText, pair.querySelector("dd").innerText]))"""
    )
    assert specs == product["specs"]
    structured = watched.evaluate("() => JSON.parse(document.querySelector('script[type$=\"ld+json\"]').textContent)")
    assert structured["@type"] == "Product"
    assert structured["name"] == product["name"]
    assert structured["offers"]["price"] == product["price"].removeprefix("$")
    assert structured["aggregateRating"]["ratingValue"] == product["rating"]
    assert structured["aggregateRating"]["reviewCount"] == product["reviews"]
    expect(watched.locator("#reviews article")).to_have_count(3)


def test_sold_out_product_cannot_be_bought(watched: Page, sites: str, facts: list[dict]):
    """A sold-out product has a disabled button and no form."""
    watched.goto(next(product["url"] for product in facts if product["availability"] == "Out of stock"))
    expect(watched.get_by_role("button", name="Sold out")).to_be_disabled()
    expect(watched.get_by_role("button", name="Add to cart")).to_have_count(0)


def put_in_cart(page: Page, sites: str, name: str, quantity: int = 1) -> None:
    page.goto(f"{sites}/shop/products?q={name}")
    page.locator("main").get_by_role("link", name=name).click()
    page.get_by_label("Quantity").fill(str(quantity))
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("status")).to_have_text(f"{name} was added to your cart.")


def test_cart_counts_and_changes(watched: Page, sites: str):
    """The cart adds up, takes new quantities, and lets go of a product."""
    put_in_cart(watched, sites, "Cast Iron Skillet 26 cm", 2)
    put_in_cart(watched, sites, "Digital Luggage Scale")
    summary = watched.get_by_role("complementary", name="Order summary")
    expect(summary).to_contain_text(re.compile(r"Subtotal\s*\$84.97\s*Standard delivery\s*Free\s*Total\s*\$84.97"))
    watched.get_by_label("Quantity of Cast Iron Skillet 26 cm").fill("1")
    watched.get_by_role("button", name="Update").first.click()
    expect(watched.get_by_role("status")).to_have_text("Your cart was updated.")
    expect(summary).to_contain_text(re.compile(r"Subtotal\s*\$49.98\s*Standard delivery\s*\$4.95\s*Total\s*\$54.93"))
    watched.get_by_role("button", name="Remove Cast Iron Skillet 26 cm").click()
    expect(watched.get_by_role("status")).to_have_text("Cast Iron Skillet 26 cm was removed from your cart.")
    expect(watched.get_by_role("link", name="Cart")).to_have_text("Cart 1")
    watched.get_by_role("button", name="Remove Digital Luggage Scale").click()
    expect(watched.get_by_text("Your cart is empty.")).to_be_visible()


def test_cart_holds_no_more_than_there_is(watched: Page, sites: str):
    """Of a product with three left, adding twice two gives three, and says so."""
    put_in_cart(watched, sites, "Arc Floor Lamp", 2)
    watched.go_back()
    watched.get_by_label("Quantity").fill("2")
    watched.get_by_role("button", name="Add to cart").click()
    expect(watched.get_by_role("status")).to_have_text("You can order at most 3 of Arc Floor Lamp.")
    expect(watched.get_by_label("Quantity of Arc Floor Lamp")).to_have_value("3")


def fill_checkout(page: Page, **changes: str) -> None:
    for label, value in (ORDER | changes).items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Country").select_option("United Kingdom")
    page.get_by_label("Express").check()


def test_checkout_ends_in_a_confirmation(watched: Page, sites: str):
    """From product to confirmation: number, total with delivery, address and the last digits of the card."""
    put_in_cart(watched, sites, "Everyday Fountain Pen", 2)
    watched.get_by_role("link", name="Go to checkout").click()
    fill_checkout(watched)
    watched.get_by_label("I accept the terms and conditions").check()
    watched.get_by_role("button", name="Place order").click()
    expect(watched.get_by_role("heading", level=1)).to_have_text("Thank you for your order, Ada Lovelace!")
    main = watched.get_by_role("main")
    expect(main).to_contain_text("$76.90")
    expect(main).to_contain_text("United Kingdom")
    expect(main).to_contain_text("card ending in 4242")
    data = watched.request.get(f"{sites}/shop/data.json").json()
    number = re.search(r"NL-\d{6}", main.inner_text())
    assert number
    assert data["orders"] == [{"number": number.group(), "name": "Ada Lovelace", "total": "$76.90"}]
    assert data["cart"] == []
    expect(watched.get_by_role("link", name="Cart")).to_have_text("Cart")


def test_checkout_names_every_problem_and_keeps_the_rest(watched: Page, sites: str):
    """What is wrong is listed with links to the fields; what was right is still there, but for the card's secrets."""
    put_in_cart(watched, sites, "Everyday Fountain Pen")
    watched.get_by_role("link", name="Go to checkout").click()
    fill_checkout(watched, **{"Card number": "4242 4242 4242 4241", "Security code (CVC)": "12"})
    watched.get_by_label("I accept the terms and conditions").check()
    watched.get_by_role("button", name="Place order").click()
    alert = watched.get_by_role("alert")
    assert alert.get_by_role("listitem").all_inner_texts() == [
        "The card number is not valid",
        "The security code has 3 or 4 digits",
    ]
    alert.get_by_role("link").first.click()
    expect(watched.get_by_label("Card number")).to_be_focused()
    expect(watched.get_by_label("Card number")).to_have_value("")
    expect(watched.get_by_label("Full name")).to_have_value("Ada Lovelace")
    expect(watched.get_by_label("Express")).to_be_checked()


def test_empty_required_fields_hold_the_form_back(watched: Page, sites: str):
    """The browser does not send a checkout form with required fields empty."""
    put_in_cart(watched, sites, "Everyday Fountain Pen")
    watched.get_by_role("link", name="Go to checkout").click()
    watched.get_by_role("button", name="Place order").click()
    expect(watched).to_have_url(f"{sites}/shop/checkout")
    expect(watched.get_by_label("Email address")).to_be_focused()
