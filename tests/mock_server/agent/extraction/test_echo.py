"""A page that repeats a search is not about what was searched for."""

from __future__ import annotations

from mock_server.agent.extraction import extract, parse_request
from mock_server.agent.observation import Element, Line, Observation


def results_page(**field: str) -> Observation:
    """A page of results without any, which repeats the search in title and heading, and shows a price elsewhere."""
    return Observation(
        url="http://shop.example/?q=Flying+Carpet",
        title="Results for Flying Carpet",
        elements=(Element(id="a", tag="input", role="searchbox", name="Search", **field),),
        lines=(
            Line("Results for Flying Carpet", "heading", level=1, region="main", size=28),
            Line("Nothing was found.", "paragraph", region="main", size=16),
            Line("Free delivery on orders from $75.00", "paragraph", region="contentinfo", size=14),
        ),
    )


def test_an_echoed_search_is_no_find():
    """A price in the footer of a results page is not the price of the thing that was searched for."""
    request = parse_request("Get the price of the Flying Carpet", None)
    answer = extract(request, results_page(value="Flying Carpet"))
    assert not answer.found
    assert "Flying Carpet" in answer.reason
