"""The shop: categories, search, product pages, a cart and a checkout.

Owns: its pages and ``data.json``. Products live in ``catalog``, carts and orders in ``cart``.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mock_server.sites.shop.cart import COUNTRIES, DELIVERIES, FREE_DELIVERY_FROM, MAX_QUANTITY, Basket, check
from mock_server.sites.shop.catalog import (
    BY_SLUG,
    CATEGORIES,
    PRODUCTS,
    SORTS,
    Product,
    find,
    money,
    related,
    reviews_of,
)
from mock_server.sites.site import Site, base_path, page_number, read_form, see_other
from mock_server.sites.visits import Visits

PER_PAGE: Final = 12

_site = Site("shop", shared={"categories": CATEGORIES}, filters={"money": money})


def create_app() -> ASGIApp:
    """Return the shop with no carts."""
    shop = _Shop()
    return _site.app(
        [
            Route("/", shop.home),
            Route("/products", shop.products),
            Route("/products/{slug}", shop.product),
            Route("/cart", shop.cart),
            Route("/cart/add", shop.add, methods=["POST"]),
            Route("/cart/update", shop.update, methods=["POST"]),
            Route("/checkout", shop.checkout),
            Route("/checkout", shop.order, methods=["POST"]),
            Route("/orders/{number}", shop.confirmation),
            Route("/help", shop.help),
            Route("/data.json", shop.data),
        ]
    )


class _Shop:
    """The pages, and the baskets of the visitors."""

    def __init__(self) -> None:
        self._visits: Visits[Basket] = Visits("shop_session", Basket)

    def _page(self, request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
        basket = self._visits.of(request)
        notice, basket.notice = basket.notice, ""
        context = {"query": "", "category": "", **context}
        return _site.page(request, template, status=status, basket=basket, notice=notice, **context)

    async def home(self, request: Request) -> Response:
        return self._page(request, "home.html", featured=PRODUCTS[:4], bargains=find(on_sale=True)[-4:])

    async def products(self, request: Request) -> Response:
        asked = request.query_params
        query = " ".join(asked.get("q", "")[:100].split())
        category = asked.get("category", "")
        category = category if category in CATEGORIES else ""
        sort = asked.get("sort", "featured")
        sort = sort if sort in SORTS else "featured"
        filters = {"in_stock": bool(asked.get("in_stock")), "on_sale": bool(asked.get("on_sale"))}
        found = find(query, category, sort, **filters)
        page, pages = page_number(request), max(1, -(-len(found) // PER_PAGE))
        if page > pages:
            raise HTTPException(404)

        shown = {"q": query, "category": category, "sort": sort if sort != "featured" else ""}
        shown |= {name: "1" if on else "" for name, on in filters.items()}

        def address(**changes: str) -> str:
            """Return the address of this listing with ``changes``, from its first page on."""
            kept = {name: value for name, value in (shown | changes).items() if value}
            return f"{base_path(request)}/products" + (f"?{urlencode(kept)}" if kept else "")

        return self._page(
            request,
            "products.html",
            products=found[(page - 1) * PER_PAGE : page * PER_PAGE],
            total=len(found),
            first=(page - 1) * PER_PAGE + 1,
            page=page,
            pages=pages,
            query=query,
            category=category,
            sort=sort,
            sorts=SORTS,
            filters=filters,
            address=address,
        )

    async def product(self, request: Request) -> Response:
        product = _product(request.path_params["slug"])
        return self._page(
            request,
            "product.html",
            product=product,
            reviews=reviews_of(product),
            related=related(product),
            category=product.category,
            limit=min(product.stock, MAX_QUANTITY),
            structured=_structured(request, product),
        )

    async def cart(self, request: Request) -> Response:
        return self._page(request, "cart.html", free_from=FREE_DELIVERY_FROM, limit=MAX_QUANTITY)

    async def add(self, request: Request) -> Response:
        form = await read_form(request)
        product = _product(form.get("product", ""))
        basket = self._visits.of(request)
        wanted = basket.quantities.get(product.slug, 0) + _quantity(form)
        got = basket.set_quantity(product, wanted)
        if not got:
            basket.notice = f"{product.name} is out of stock."
        elif got < wanted:
            basket.notice = f"You can order at most {got} of {product.name}."
        else:
            basket.notice = f"{product.name} was added to your cart."
        return self._keep(request, see_other(request, "/cart"), basket)

    async def update(self, request: Request) -> Response:
        form = await read_form(request)
        product = _product(form.get("product", ""))
        basket = self._visits.of(request)
        left = basket.set_quantity(product, 0 if "remove" in form else _quantity(form))
        basket.notice = "Your cart was updated." if left else f"{product.name} was removed from your cart."
        return self._keep(request, see_other(request, "/cart"), basket)

    async def checkout(self, request: Request) -> Response:
        if not self._visits.of(request).quantities:
            return see_other(request, "/cart")
        return self._checkout(request, {"delivery": "standard"}, {})

    async def order(self, request: Request) -> Response:
        form = await read_form(request)
        basket = self._visits.of(request)
        if not basket.quantities:
            return see_other(request, "/cart")
        errors = check(form)
        if errors:
            shown = {name: value for name, value in form.items() if name not in ("card_number", "cvc")}
            return self._checkout(request, shown, errors)
        order = basket.place_order(form)
        return self._keep(request, see_other(request, f"/orders/{order.number}"), basket)

    def _checkout(self, request: Request, form: dict[str, str], errors: dict[str, str]) -> Response:
        return self._page(
            request,
            "checkout.html",
            status=422 if errors else 200,
            form=form,
            errors=errors,
            countries=COUNTRIES,
            deliveries=DELIVERIES,
        )

    async def confirmation(self, request: Request) -> Response:
        order = self._visits.of(request).orders.get(request.path_params["number"])
        if order is None:
            raise HTTPException(404)
        return self._page(request, "confirmation.html", order=order)

    async def help(self, request: Request) -> Response:
        return self._page(request, "help.html")

    async def data(self, request: Request) -> Response:
        """The products in shelf order, and this visitor's cart and orders."""
        basket = self._visits.of(request)
        return JSONResponse(
            {
                "per_page": PER_PAGE,
                "products": [_facts(request, product) for product in PRODUCTS],
                "cart": [{"name": line.product.name, "quantity": line.quantity} for line in basket.lines],
                "orders": [
                    {"number": order.number, "name": order.name, "total": money(order.total)}
                    for order in basket.orders.values()
                ],
            }
        )

    def _keep(self, request: Request, response: Response, basket: Basket) -> Response:
        self._visits.keep(request, response, basket)
        return response


def _product(slug: str) -> Product:
    product = BY_SLUG.get(slug)
    if product is None:
        raise HTTPException(404)
    return product


def _quantity(form: dict[str, str]) -> int:
    text = form.get("quantity", "1")
    return int(text) if text.isdecimal() and len(text) < 4 else 1  # noqa: PLR2004 - three digits are more than anyone may order


def _address(request: Request, product: Product) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{base_path(request)}/products/{product.slug}"


def _facts(request: Request, product: Product) -> dict[str, Any]:
    return {
        "name": product.name,
        "url": _address(request, product),
        "sku": product.sku,
        "category": CATEGORIES[product.category],
        "price": money(product.price),
        "old_price": money(product.was) if product.was else None,
        "rating": product.rating,
        "reviews": product.reviews,
        "availability": product.availability,
        "description": product.blurb,
        "specs": dict(product.specs),
    }


def _structured(request: Request, product: Product) -> dict[str, Any]:
    """Return the schema.org description that search engines read."""
    stock = "InStock" if product.stock else "OutOfStock"
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.name,
        "sku": product.sku,
        "description": product.blurb,
        "category": CATEGORIES[product.category],
        "offers": {
            "@type": "Offer",
            "price": f"{product.price / 100:.2f}",
            "priceCurrency": "USD",
            "availability": f"https://schema.org/{stock}",
            "url": _address(request, product),
        },
        "aggregateRating": {
            "@type": "AggregateRating",
            "ratingValue": product.rating,
            "bestRating": 5,
            "reviewCount": product.reviews,
        },
    }
