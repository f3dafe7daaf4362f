"""Claims about the demo's checks: a right answer passes, a wrong one never does."""

from __future__ import annotations

import json

import httpx
import pytest

from skyvern_tui.cli.showpieces import PRODUCTS_SCHEMA, SHOWPIECES
from skyvern_tui.client import Run, Skyvern

SITE = "http://127.0.0.1:8000/sites/x/"
PIECES = {piece.site: piece for piece in SHOWPIECES}
POSTS = {"posts": [{"title": "First post"}, {"title": "Second post"}]}
PRODUCTS = {
    "products": [
        {"name": name, "price": price, "rating": rating, "sku": "s"}
        for name, price, rating in (("A", "$1.00", 4.5), ("B", "$2.00", 4), ("C", "$3.00", 3.5), ("D", "$4.00", 5))
    ]
}
BEST = [{"name": "A", "price": "$1.00", "rating": 4.5}, {"name": "B", "price": "$2.00", "rating": 4}]
THREE = [*BEST, {"name": "C", "price": "$3.00", "rating": 3.5}]


def checked(site: str, output=None, *, feed=None, har=None) -> str:
    """Run a piece's check on an answer, with the site's feed or the run's network log as given."""

    def handler(request):
        path = request.url.path
        if path.endswith("/data.json"):
            return httpx.Response(200, json=feed)
        if path.endswith("/artifacts"):
            record = {
                "artifact_id": "a_1",
                "artifact_type": "har",
                "uri": "x",
                "organization_id": "o",
                "created_at": "2026-01-20T11:52:00",
                "modified_at": "2026-01-20T11:52:00",
            }
            return httpx.Response(200, json=[record])
        return httpx.Response(200, json={"log": {"entries": har}})

    run = Run(
        run_id="tsk_1",
        status="completed",
        created_at="2026-01-20T11:52:00",
        modified_at="2026-01-20T11:52:00",
        output=output,
    )
    with Skyvern(api_key="k", base_url="http://127.0.0.1:8000", transport=httpx.MockTransport(handler)) as client:
        return PIECES[site].check(client, SITE, run)


@pytest.mark.parametrize(
    ("output", "right"),
    [
        ({"top_post_title": "First post"}, True),
        ("First post", True),
        ({"post": {"title": "First post", "rank": 1}}, True),
        ({"title": "Second post"}, False),
        ({"titles": ["First post", "Second post"]}, False),
        ({"title": "First"}, False),
        (None, False),
    ],
)
def test_the_top_post_is_the_first_title_and_no_other(output, right):
    """Its exact title, in whatever shape; anything else is wrong and says what was expected."""
    problem = checked("news", output, feed=POSTS)
    assert (problem == "") is right
    assert right or "First post" in problem


@pytest.mark.parametrize(
    ("output", "right"),
    [
        (THREE, True),
        (BEST, False),
        (list(reversed(THREE)), False),
        ([{key: value for key, value in item.items() if key != "price"} for item in THREE], False),
        ({"products": THREE}, False),
        (None, False),
    ],
)
def test_the_products_are_the_first_three_as_the_schema_has_them(output, right):
    """Names, prices and ratings, in order, in the schema's shape."""
    assert (checked("shop", output, feed=PRODUCTS) == "") is right


def entry(method, url, status, redirect=""):
    return {"request": {"method": method, "url": url}, "response": {"status": status, "redirectURL": redirect}}


SENT = f"{SITE}contact/sent/1"


@pytest.mark.parametrize(
    ("har", "right"),
    [
        ([entry("POST", f"{SITE}contact", 303, "/sites/x/contact/sent/1"), entry("GET", SENT, 200)], True),
        ([entry("POST", f"{SITE}contact", 422)], False),
        ([entry("POST", f"{SITE}contact", 303, "/sites/x/contact/sent/1"), entry("GET", SENT, 404)], False),
        ([entry("POST", "http://elsewhere.example/contact", 303, SENT), entry("GET", SENT, 200)], False),
        ([entry("GET", f"{SITE}contact", 200)], False),
        ([], False),
    ],
)
def test_a_form_counts_when_the_site_accepted_it(har, right):
    """The POST must have been answered with a redirect to a page that opened."""
    assert (checked("contact", har=har) == "") is right


def test_the_tasks_are_those_of_the_documentation():
    """Prompts and schema are the documentation's own words."""
    assert [piece.prompt for piece in SHOWPIECES] == [
        "Get the title of the top post",
        "Extract the name, price, and rating of the top 3 products",
        "Fill out the contact form",
    ]
    assert json.loads(json.dumps(PRODUCTS_SCHEMA))["items"]["properties"]["rating"] == {"type": "number"}
