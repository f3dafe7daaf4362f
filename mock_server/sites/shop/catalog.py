"""What the shop sells, in the order of its shelves.

Owns: products, their facts and the money arithmetic (whole cents). Must not: know pages.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent

CATEGORIES: Final = {
    "kitchen": "Kitchen",
    "lighting": "Lighting",
    "desk": "Desk & Office",
    "travel": "Travel",
}


@dataclass(frozen=True, slots=True)
class Review:
    """What one customer wrote."""

    author: str
    stars: int
    title: str
    text: str
    date: str


@dataclass(frozen=True, slots=True)
class Product:
    """One article. Prices in cents; ``was`` is the price before a sale, 0 if there is none."""

    slug: str
    name: str
    category: str
    price: int
    was: int
    rating: float
    reviews: int
    stock: int
    blurb: str
    specs: tuple[tuple[str, str], ...]

    @property
    def sku(self) -> str:
        return f"NL-{self.category[0].upper()}{sum(map(ord, self.slug)) % 900 + 100}"

    @property
    def availability(self) -> str:
        """Return the text that the pages show: in stock, nearly gone or sold out."""
        if not self.stock:
            return "Out of stock"
        return f"Only {self.stock} left" if self.stock <= FEW else "In stock"


FEW: Final = 5


def money(cents: int) -> str:
    """Return an amount as the shop writes it: ``$1,029.99``."""
    return f"${cents // 100:,}.{cents % 100:02d}"


def _load() -> tuple[Product, ...]:
    entries = json.loads((_HERE / "products.json").read_text(encoding="utf-8"))
    return tuple(Product(**entry | {"specs": tuple(entry["specs"].items())}) for entry in entries)


PRODUCTS: Final = _load()

BY_SLUG: Final = {product.slug: product for product in PRODUCTS}

SORTS: Final = {
    "featured": "Featured",
    "price-asc": "Price: low to high",
    "price-desc": "Price: high to low",
    "rating": "Customer rating",
    "name": "Name: A to Z",
}


def find(
    query: str = "", category: str = "", sort: str = "featured", *, in_stock: bool = False, on_sale: bool = False
) -> list[Product]:
    """Return what fits, sorted; unknown categories and orders count as not given."""
    words = query.casefold().split()
    found = [
        product
        for product in PRODUCTS
        if (category not in CATEGORIES or product.category == category)
        and (product.stock or not in_stock)
        and (product.was or not on_sale)
        and all(word in _searchable(product) for word in words)
    ]
    match sort:
        case "price-asc":
            found.sort(key=lambda product: product.price)
        case "price-desc":
            found.sort(key=lambda product: -product.price)
        case "rating":
            found.sort(key=lambda product: (-product.rating, -product.reviews))
        case "name":
            found.sort(key=lambda product: product.name.casefold())
    return found


def _searchable(product: Product) -> str:
    return f"{product.name} {product.blurb} {CATEGORIES[product.category]}".casefold()


def related(product: Product) -> Sequence[Product]:
    """Return three others of the same category, those that follow on the shelf first."""
    shelf = [other for other in PRODUCTS if other.category == product.category]
    start = shelf.index(product) + 1
    return [*shelf[start:], *shelf[: start - 1]][:4]


def reviews_of(product: Product) -> list[Review]:
    """Return the three reviews shown on the page of ``product``; the same ones every time."""
    start = sum(map(ord, product.slug))
    shown = []
    for number, stars in enumerate((5, 4, 5) if product.rating >= VERY_GOOD else (5, 4, 3)):
        reviewer = _BANK["reviewers"][(start + number * 3) % len(_BANK["reviewers"])]
        opinions = _BANK["opinions"][str(stars)]
        opinion = opinions[(start + number) % len(opinions)]
        shown.append(Review(reviewer["name"], stars, opinion["title"], opinion["text"], reviewer["date"]))
    return shown


VERY_GOOD: Final = 4.5
_BANK: Final = json.loads((_HERE / "opinions.json").read_text(encoding="utf-8"))
