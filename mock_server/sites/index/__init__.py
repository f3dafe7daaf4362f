"""The page in front of the sites: what there is to try.

Owns: one page. Its links are relative to where it is mounted.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mock_server.sites.site import Site

SITES: Final = (
    ("news", "Driftwood", "A link aggregator: 90 posts on three pages, discussions, users and a search."),
    ("shop", "Northlight Goods", "A shop: categories, search, sorting, product pages, a cart and a checkout."),
    ("contact", "Larkfield", "A company site with a pricing table, a cookie notice and a contact form."),
    ("portal", "Brightwater Energy", "A customer portal: log in and download invoices as PDF."),
    ("forms", "Harrowby Commons", "A conference: every kind of form field, a wizard, custom controls, a budget sheet."),
    ("depot", "Quayside Depot", "A warehouse: tables to sort, filter and page through, orders as CSV."),
    ("board", "Tidework", "A project board of one page: views, tabs, dialogs, endless activity, late data."),
    ("clinic", "Saltgate Clinic", "A clinic: appointments in frames, prices and doctors in shadow roots."),
    ("weather", "Saltmarsh Weather", "A weather service whose pages are slow, late, or work at the second try."),
)

_site = Site("index")


def create_app() -> ASGIApp:
    """Return the page as an app."""
    return _site.app([Route("/", _index)])


async def _index(request: Request) -> Response:
    return _site.page(request, "index.html", sites=SITES)
