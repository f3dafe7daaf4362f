"""The shopping cart and the order made from it.

Owns: quantities, totals, delivery and the check of the checkout form. Card numbers are
checked and forgotten; an order keeps the last four digits. Must not: know pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from mock_server.sites.shop.catalog import BY_SLUG, Product

MAX_QUANTITY: Final = 10
MAX_ORDERS: Final = 20
FREE_DELIVERY_FROM: Final = 7500
"""Standard delivery costs nothing from this subtotal (cents) on."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One way to get the parcel."""

    label: str
    cents: int
    note: str


DELIVERIES: Final = {
    "standard": Delivery("Standard", 495, "3 to 5 working days, free from $75.00"),
    "express": Delivery("Express", 1290, "Next working day"),
    "pickup": Delivery("Pick up in store", 0, "Ready in 2 hours, 14 Quay Street"),
}

COUNTRIES: Final = {
    "AT": "Austria", "BE": "Belgium", "CA": "Canada", "CH": "Switzerland", "DE": "Germany", "DK": "Denmark",
    "ES": "Spain", "FR": "France", "GB": "United Kingdom", "IE": "Ireland", "IT": "Italy", "NL": "Netherlands",
    "NO": "Norway", "PL": "Poland", "PT": "Portugal", "SE": "Sweden", "US": "United States",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One product in the cart."""

    product: Product
    quantity: int

    @property
    def total(self) -> int:
        return self.product.price * self.quantity


@dataclass(frozen=True, slots=True)
class Order:
    """A placed order."""

    number: str
    lines: tuple[Line, ...]
    delivery: Delivery
    delivery_cents: int
    name: str
    email: str
    address: tuple[str, ...]
    card_end: str

    @property
    def subtotal(self) -> int:
        return sum(line.total for line in self.lines)

    @property
    def total(self) -> int:
        return self.subtotal + self.delivery_cents


@dataclass(slots=True)
class Basket:
    """What one visitor has chosen and bought."""

    quantities: dict[str, int] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    notice: str = ""
    """Shown once, on the next page."""

    @property
    def lines(self) -> list[Line]:
        return [Line(BY_SLUG[slug], quantity) for slug, quantity in self.quantities.items()]

    @property
    def count(self) -> int:
        return sum(self.quantities.values())

    @property
    def subtotal(self) -> int:
        return sum(line.total for line in self.lines)

    def delivery_cents(self, key: str) -> int:
        """Return what delivery ``key`` costs for this cart."""
        if key == "standard" and self.subtotal >= FREE_DELIVERY_FROM:
            return 0
        return DELIVERIES[key].cents

    def set_quantity(self, product: Product, quantity: int) -> int:
        """Put that many into the cart, as far as there is stock; 0 takes it out. Returns the number set."""
        quantity = max(0, min(quantity, product.stock, MAX_QUANTITY))
        if quantity:
            self.quantities[product.slug] = quantity
        else:
            self.quantities.pop(product.slug, None)
        return quantity

    def place_order(self, form: Mapping[str, str]) -> Order:
        """Turn the cart into an order; ``form`` has passed :func:`check`."""
        lines = tuple(self.lines)
        key = repr((len(self.orders), [(line.product.slug, line.quantity) for line in lines], form["email"]))
        number = f"NL-{int.from_bytes(blake2b(key.encode(), digest_size=4).digest(), 'big') % 900_000 + 100_000}"
        order = Order(
            number=number,
            lines=lines,
            delivery=DELIVERIES[form["delivery"]],
            delivery_cents=self.delivery_cents(form["delivery"]),
            name=form["name"],
            email=form["email"],
            address=(form["address"], f"{form['postcode']} {form['city']}", COUNTRIES[form["country"]]),
            card_end=_digits(form["card_number"])[-4:],
        )
        self.orders[number] = order
        while len(self.orders) > MAX_ORDERS:
            del self.orders[next(iter(self.orders))]
        self.quantities.clear()
        return order


REQUIRED: Final = {
    "email": "Enter your email address",
    "name": "Enter your full name",
    "address": "Enter your street address",
    "city": "Enter your town or city",
    "postcode": "Enter your postcode",
    "country": "Choose a country",
    "delivery": "Choose a delivery method",
    "card_name": "Enter the name on the card",
    "card_number": "Enter the card number",
    "expiry": "Enter the expiry date",
    "cvc": "Enter the security code",
    "terms": "Accept the terms and conditions",
}


def check(form: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with a checkout form: field name -> message, in the order of the page."""
    errors = {name: message for name, message in REQUIRED.items() if not form.get(name)}
    rules = {
        "email": (_is_email, "Enter an email address like name@example.com"),
        "country": (COUNTRIES.__contains__, REQUIRED["country"]),
        "delivery": (DELIVERIES.__contains__, REQUIRED["delivery"]),
        "card_number": (_is_card_number, "The card number is not valid"),
        "expiry": (_is_expiry, "Enter the expiry date as MM/YY"),
        "cvc": (_is_cvc, "The security code has 3 or 4 digits"),
    }
    for name, (holds, message) in rules.items():
        if name not in errors and not holds(form[name]):
            errors[name] = message
    for name in REQUIRED:
        if name not in errors and len(form[name]) > MAX_TEXT:
            errors[name] = f"Use at most {MAX_TEXT} characters"
    return {name: errors[name] for name in REQUIRED if name in errors}


MAX_TEXT: Final = 200


def _is_email(text: str) -> bool:
    return re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", text) is not None


def _digits(text: str) -> str:
    return re.sub(r"[ -]", "", text)


def _is_card_number(text: str) -> bool:
    """Check length and the Luhn sum, as every shop does before it asks the bank."""
    digits = _digits(text)
    if re.fullmatch(r"[0-9]{13,19}", digits) is None:
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0  # noqa: PLR2004 - the Luhn formula


def _is_expiry(text: str) -> bool:
    return re.fullmatch(r"(0[1-9]|1[0-2]) ?/ ?(20)?[0-9]{2}", text) is not None


def _is_cvc(text: str) -> bool:
    return re.fullmatch(r"[0-9]{3,4}", text) is not None
