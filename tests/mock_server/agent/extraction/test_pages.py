"""Prompts asked of small, realistic pages in a real browser: what comes out is what stands there."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.agent.extraction import extract, parse_request
from mock_server.agent.observer import observe

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

DATE = {"type": "string", "format": "date"}
LINK = {"type": "string", "format": "uri"}


def fields(**properties: Any) -> dict[str, Any]:
    """Return the schema of an object whose properties are all required."""
    typed = {name: {"type": kind} if isinstance(kind, str) else kind for name, kind in properties.items()}
    return {"type": "object", "properties": typed, "required": list(typed)}


def rows(**properties: Any) -> dict[str, Any]:
    """Return the schema of a list of such objects."""
    return {"type": "array", "items": fields(**properties)}


KERNELS, MAPS = "Small kernels, long uptimes", "A field guide to paper maps"
BUILDS = "Why our build got slower, then faster"
FERRY, STORM, BAKER = "Ferry fares to rise in spring", "Storm closes the coast road", "Baker wins national prize"
PACKS = ["Dry bag", "Rain cover", "Trekking poles"]
IN, OUT = "In stock", "Out of stock"
LAMP = "Anglepoise Desk Lamp, Brushed Brass"
CINEMA = "Town council saves the old cinema"

FREE = [
    ("news.html", "Get the title of the top post", {"top_post_title": KERNELS}),
    ("news.html", "What is the title of the second post?", {"second_post_title": MAPS}),
    ("news.html", "How many posts are there?", {"post_count": 5}),
    ("news.html", 'Who posted "Why our build got slower, then faster"?', {"author": "cleo"}),
    (
        "news.html",
        "Get the titles of posts with more than 50 points",
        {
            "posts": [
                KERNELS,
                MAPS,
                "Why our build got slower, then faster",
            ]
        },
    ),
    ("cards.html", "Get the price of the Oak Side Table", {"price": "$249.50"}),
    ("cards.html", "How many products are there in total?", {"product_count": 48}),
    ("cards.html", "Get the brand and price of the third product", {"brand": "Softly", "price": "$89.00"}),
    (
        "cards.html",
        "Extract the name, price, and rating of the top 3 products",
        {
            "products": [
                {"name": LAMP, "price": "$1,299.00", "rating": 4},
                {"name": "Oak Side Table", "price": "$249.50", "rating": 5},
                {"name": "Wool Throw", "price": "$89.00", "rating": 2},
            ]
        },
    ),
    ("facts.html", "Get the page title", {"page_title": "Permit 2024-0117 - Riverside Planning Register"}),
    ("facts.html", "Who is the applicant?", {"applicant": "Maria Lindqvist"}),
    ("facts.html", "What is the email address on this page?", {"email_address": "planning@riverside.example"}),
    ("facts.html", "What is the officer's phone number?", {"phone_number": "+44 1632 960011"}),
    ("facts.html", "Get the reference number", {"reference_number": "RV/2024/117"}),
    ("product.html", "How much does the backpack cost?", {"price": "€139,00"}),
    ("product.html", "What is the weight?", {"weight": "1.15 kg"}),
    (
        "product.html",
        "Extract the product's name, price, rating and SKU",
        {"name": "Trailhead 40 Backpack", "price": "€139,00", "rating": 4.4, "sku": "NP-4410"},
    ),
    (
        "article.html",
        "Extract the author and date of the article",
        {"author": "Nora Whitfield", "date": "18 September 2023"},
    ),
    ("article.html", "Extract all email addresses", {"email_addresses": ["desk@harbourpost.example"]}),
    ("invoices.html", "Get the total of invoice INV-1002", {"total": "$1,280.50"}),
    ("invoices.html", "What is the status of the latest invoice?", {"latest_invoice_status": "Unpaid"}),
    ("invoices.html", "What is the third row's total?", {"third_row_total": "$75.20"}),
    ("invoices.html", "How many invoices are there?", {"invoice_count": 31}),
    ("invoices.html", "How many invoices are paid?", {"invoice_count": 2}),
    ("flat.html", "What time does the chess club start?", {"time": "Tue 3/15, 7:00 PM"}),
    ("plans.html", "What are the opening hours?", {"opening_hours": "Monday to Friday, 8:30 to 17:30"}),
    ("plans.html", "What is the phone number?", {"phone_number": "01632 960 147"}),
    ("plans.html", "How many seats does the Studio plan have?", {"seats": 5}),
    (
        "plans.html",
        "Extract the plans with their prices",
        {
            "plans": [
                {"name": "Solo", "price": "$9"},
                {"name": "Studio", "price": "$29"},
                {"name": "House", "price": "$79"},
            ]
        },
    ),
    (
        "plans.html",
        "Extract the name and price of the extras",
        {
            "extras": [
                {"name": "Extra storage", "price": "$3.00"},
                {"name": "Custom domain", "price": "$2.00"},
                {"name": "Priority queue", "price": "$6.50"},
            ]
        },
    ),
    ("data.json", "Get the store name", {"store_name": "Hearth & Home"}),
    ("feed.xml", "Get the titles of all items", {"items": ["Ferry fares to rise", "Storm closes road"]}),
]

PICKED = [
    (
        "news.html",
        "Find the top 3 posts",
        "posts",
        "title",
        [KERNELS, MAPS, BUILDS],
    ),
    (
        "news.html",
        "List all posts by ada",
        "posts",
        "title",
        [KERNELS, "The lost art of the changelog"],
    ),
    (
        "cards.html",
        "Extract product data",
        "products",
        "availability",
        [IN, IN, OUT, IN, IN, OUT],
    ),
    ("cards.html", "List the products that are out of stock", "products", "name", ["Wool Throw", "Paper Pendant Lamp"]),
    (
        "article.html",
        "List the top 3 most read stories",
        "most_read_stories",
        "title",
        [FERRY, STORM, BAKER],
    ),
    (
        "product.html",
        "List the recommended products with prices",
        "recommended_products",
        "price",
        ["€19,00", "€25,00", "€79,00"],
    ),
    ("invoices.html", "List all invoices over $100", "invoices", "number", ["INV-1001", "INV-1002"]),
    ("invoices.html", "Get all unpaid invoices", "unpaid_invoices", "number", ["INV-1003"]),
    ("invoices.html", "Extract the invoices of Blue Door Ltd", "invoices", "number", ["INV-1001", "INV-1004"]),
    ("flat.html", "Get the events on 3/14", "events", "name", ["Pottery for beginners", "Choir practice"]),
    ("data.json", "Extract all products", "products", "price", [249.5, 89]),
]

SINGLE = [
    ("news.html", "Which post has the most comments?", "post", "title", KERNELS),
    ("cards.html", "What is the cheapest product?", "cheapest_product", "name", "Linen Cushion"),
    ("invoices.html", "Which invoice has the highest total?", "invoice", "number", "INV-1002"),
]

TYPED = [
    (
        "news.html",
        "Find the top 2 posts",
        rows(title="string", url=LINK, points="integer", comments="integer"),
        [
            {
                "title": KERNELS,
                "url": "https://kernelnotes.example/1",
                "points": 128,
                "comments": 41,
            },
            {"title": MAPS, "url": "https://maps.example/2", "points": 97, "comments": 12},
        ],
    ),
    (
        "cards.html",
        "Find the most expensive product and return its name and price",
        fields(name="string", price="number"),
        {"name": LAMP, "price": 1299.0},
    ),
    (
        "cards.html",
        "products under $60",
        rows(name="string", price="number", in_stock="boolean"),
        [
            {"name": "Linen Cushion", "price": 35.0, "in_stock": True},
            {"name": "Ceramic Vase, Tall", "price": 58.75, "in_stock": True},
            {"name": "Paper Pendant Lamp", "price": 42.0, "in_stock": False},
        ],
    ),
    (
        "facts.html",
        "Get the status, date decided and fee",
        fields(status={"enum": ["approved", "refused"]}, date_decided=DATE, fee="number"),
        {"status": "approved", "date_decided": "2024-05-02", "fee": 206.0},
    ),
    (
        "facts.html",
        "Extract the permit number, site address, decision level and case officer",
        fields(permit_number="string", site_address="string", decision_level="string", case_officer="string"),
        {
            "permit_number": "2024-0117",
            "site_address": "12 Mill Lane, Riverside",
            "decision_level": "Delegated",
            "case_officer": "J. Okafor",
        },
    ),
    (
        "product.html",
        "Extract product data",
        fields(name="string", price="number", rating="number", review_count="integer", in_stock="boolean"),
        {
            "name": "Trailhead 40 Backpack",
            "price": 139,
            "rating": 4.4,
            "review_count": 212,
            "in_stock": True,
        },
    ),
    (
        "article.html",
        "Extract the headline, author, publication date and number of comments",
        fields(headline="string", author="string", publication_date=DATE, number_of_comments="integer"),
        {"headline": CINEMA, "author": "Nora Whitfield", "publication_date": "2023-09-18", "number_of_comments": 27},
    ),
    (
        "invoices.html",
        "Extract the number, date and total of the first 2 invoices",
        {"type": "object", "properties": {"invoices": rows(number="string", date=DATE, total="number")}},
        {
            "invoices": [
                {"number": "INV-1001", "date": "2024-03-01", "total": 420.0},
                {"number": "INV-1002", "date": "2024-02-14", "total": 1280.5},
            ]
        },
    ),
    (
        "data.json",
        "Extract products",
        rows(name="string", price="number", tags={"type": "array", "items": {"type": "string"}}),
        [
            {"name": "Oak Side Table", "price": 249.5, "tags": ["oak", "table"]},
            {"name": "Wool Throw", "price": 89, "tags": []},
        ],
    ),
]

ABSENT = [
    ("cards.html", "Extract the email address of the seller", None, {"email_address": None}, "email address"),
    ("cards.html", "Get the price of the Marble Chess Set", None, {"price": None}, "Marble Chess Set"),
    ("facts.html", "Get the tax rate", None, {"tax_rate": None}, "tax rate"),
    ("news.html", "Get the seventh post", None, {"post": None}, "post"),
    ("article.html", "Get the ISBN", fields(isbn="string"), {"isbn": None}, "isbn"),
    ("invoices.html", "List all invoices over $5000", None, {"invoices": []}, "invoices"),
]


async def read(show, page, prompt, schema=None):
    return extract(parse_request(prompt, schema), (await observe(await show(page))).observation)


@pytest.mark.parametrize(("page", "prompt", "expected"), FREE)
async def test_without_a_schema_the_prompt_gives_the_shape(show, page, prompt, expected):
    """The output has the keys a reader of the prompt expects, and the values the page shows."""
    answer = await read(show, page, prompt)
    assert answer.found
    assert answer.output == expected


@pytest.mark.parametrize("case", PICKED, ids=lambda case: case[1])
async def test_the_entries_meant_are_listed_with_what_they_show(show, case):
    """Counts, conditions, names and states in the prompt pick the entries; each is told with its columns."""
    page, prompt, key, column, expected = case
    answer = await read(show, page, prompt)
    assert answer.found
    assert [row[column] for row in answer.output[key]] == expected


@pytest.mark.parametrize("case", SINGLE, ids=lambda case: case[1])
async def test_a_superlative_picks_one_entry(show, case):
    """The cheapest, highest, most: one entry, by the values of the column the word is about."""
    page, prompt, key, column, expected = case
    answer = await read(show, page, prompt)
    assert answer.found
    assert answer.output[key][column] == expected


@pytest.mark.parametrize(("page", "prompt", "schema", "expected"), TYPED)
async def test_a_schema_is_filled_in_its_types(show, page, prompt, schema, expected):
    """Numbers out of prices, ISO dates, booleans, enums, absolute links, nested lists: as the schema says."""
    answer = await read(show, page, prompt, schema)
    assert answer.found
    assert answer.output == expected


@pytest.mark.parametrize("case", ABSENT, ids=lambda case: case[1])
async def test_what_is_not_there_is_null_and_named(show, case):
    """Nothing is made up: the value is null, found is false, and the reason names what is missing and what is there."""
    page, prompt, schema, expected, named = case
    answer = await read(show, page, prompt, schema)
    assert not answer.found
    assert answer.output == expected
    assert named in answer.reason
    assert "it shows" in answer.reason
    assert answer.confidence == 0
