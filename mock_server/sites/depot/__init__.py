"""The depot: data tables, sorted and turned by a script or by the server, and files of them.

Owns: its pages, files and ``data.json``. What is in stock and what was ordered lives in ``goods``.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mock_server.sites.depot.goods import BY_NUMBER, COLUMNS, ITEMS, ORDERS, STATUSES, as_csv, found, money
from mock_server.sites.site import Site, base_path, page_number

PER_PAGE: Final = 10
"""Orders on a page; the stock shows 15 items at a time."""

_site = Site(
    "depot",
    shared={
        "name": "Quayside Depot",
        "links": (("/", "Stock"), ("/orders", "Orders")),
        "foot": "Quayside Depot, shed 4, open from 7:00.",
    },
    filters={"money": money},
)


def create_app() -> ASGIApp:
    """Return the site; nothing on it can be changed."""
    return _site.app(
        [
            Route("/", _stock),
            Route("/stock.json", _items),
            Route("/orders", _orders),
            Route("/orders.csv", _export),
            Route("/orders/{number}", _order),
            Route("/orders/{number}/invoice.csv", _invoice),
            Route("/data.json", _data),
        ]
    )


async def _stock(request: Request) -> Response:
    return _site.page(request, "stock.html", count=len(ITEMS))


async def _items(request: Request) -> Response:
    del request
    return JSONResponse([asdict(item) | {"price": money(item.cents)} for item in ITEMS])


async def _orders(request: Request) -> Response:
    asked = request.query_params
    status = asked.get("status", "") if asked.get("status", "") in STATUSES else ""
    sort = asked.get("sort", "") if asked.get("sort", "") in COLUMNS else ""
    descending = asked.get("order") == "desc"
    orders = found(status, sort, descending=descending)
    page, pages = page_number(request), max(1, -(-len(orders) // PER_PAGE))
    if page > pages:
        raise HTTPException(404)

    def address(**changes: str) -> str:
        """Return the address of this list with ``changes``."""
        shown = {"status": status, "sort": sort, "order": "desc" if descending else ""} | changes
        kept = {name: value for name, value in shown.items() if value}
        return f"{base_path(request)}/orders" + (f"?{urlencode(kept)}" if kept else "")

    return _site.page(
        request,
        "orders.html",
        orders=orders[(page - 1) * PER_PAGE : page * PER_PAGE],
        total=len(orders),
        page=page,
        pages=pages,
        wanted=status,
        statuses=STATUSES,
        columns=COLUMNS,
        sort=sort,
        descending=descending,
        address=address,
    )


async def _order(request: Request) -> Response:
    order = BY_NUMBER.get(request.path_params["number"])
    if order is None:
        raise HTTPException(404)
    return _site.page(request, "order.html", order=order)


async def _export(request: Request) -> Response:
    del request
    rows = [(order.number, order.customer, order.day, order.status, money(order.cents)) for order in ORDERS]
    return _csv("orders.csv", [("Order", "Customer", "Date", "Status", "Total"), *rows])


async def _invoice(request: Request) -> Response:
    order = BY_NUMBER.get(request.path_params["number"])
    if order is None:
        raise HTTPException(404)
    rows = [(line.item.name, str(line.quantity), money(line.cents)) for line in order.lines]
    return _csv(f"{order.number}.csv", [("Item", "Quantity", "Amount"), *rows, ("Total", "", money(order.cents))])


def _csv(name: str, rows: list[tuple[str, ...]]) -> Response:
    disposition = f'attachment; filename="{name}"'
    return Response(as_csv(rows), media_type="text/csv", headers={"content-disposition": disposition})


async def _data(request: Request) -> Response:
    """The stock and the orders, in the order of their tables."""
    del request
    return JSONResponse(
        {
            "per_page": PER_PAGE,
            "items": [asdict(item) | {"price": money(item.cents)} for item in ITEMS],
            "orders": [
                {
                    "number": order.number,
                    "customer": order.customer,
                    "date": order.day,
                    "status": order.status,
                    "total": money(order.cents),
                    "lines": [{"item": line.item.name, "quantity": line.quantity} for line in order.lines],
                }
                for order in ORDERS
            ],
        }
    )
