"""What the depot has in stock and what was ordered: facts that follow from short lists.

Owns: the facts and their order. Must not: know pages.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

_KINDS: Final = ("Anchor", "Block", "Cable", "Cleat", "Fender", "Lantern", "Rope", "Shackle", "Winch", "Buoy")
_MAKES: Final = ("brass", "galvanised", "stainless", "nylon", "oak")
_BAYS: Final = ("North", "South", "East")
_CUSTOMERS: Final = (
    "Albright Ferries",
    "Castell Marine",
    "Dunmore Boats",
    "Eastwick Sailing Club",
    "Fairway Tugs",
    "Gannet Charters",
    "Holloway & Sons",
)
STATUSES: Final = ("New", "Packed", "Shipped", "Returned")
COLUMNS: Final = ("number", "customer", "date", "status", "total")
_FIRST_DAY: Final = date(2026, 3, 2)
_ORDER_COUNT: Final = 47


def money(cents: int) -> str:
    """Return an amount as it is shown."""
    return f"${cents // 100:,}.{cents % 100:02d}"


@dataclass(frozen=True, slots=True)
class Item:
    """A thing in stock."""

    sku: str
    name: str
    bay: str
    quantity: int
    cents: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order."""

    item: Item
    quantity: int

    @property
    def cents(self) -> int:
        return self.item.cents * self.quantity


@dataclass(frozen=True, slots=True)
class Order:
    """An order; ``day`` in ISO form."""

    number: str
    customer: str
    day: str
    status: str
    lines: tuple[Line, ...]

    @property
    def cents(self) -> int:
        return sum(line.cents for line in self.lines)


def _items() -> tuple[Item, ...]:
    items = []
    for index in range(len(_KINDS) * len(_MAKES)):
        kind, make = _KINDS[index % len(_KINDS)], _MAKES[index % len(_MAKES) - index // len(_KINDS)]
        number, cents = index * 37 % 101, 450 + index * 733 % 9000
        items.append(Item(f"Q-{1000 + index * 7}", f"{kind}, {make}", _BAYS[index % 3], number, cents))
    return tuple(items)


def _orders() -> tuple[Order, ...]:
    orders = []
    for index in range(_ORDER_COUNT):
        steps = range(1 + index % 3)
        lines = tuple(Line(ITEMS[(index * 11 + step * 17) % len(ITEMS)], 1 + (index + step * 3) % 5) for step in steps)
        day = _FIRST_DAY + timedelta(days=index * 29 % 240)
        status = STATUSES[index * 5 % 7 % len(STATUSES)]
        orders.append(Order(f"QD-{7301 + index * 3}", _CUSTOMERS[index * 3 % 7], day.isoformat(), status, lines))
    return tuple(orders)


ITEMS: Final = _items()
ORDERS: Final = _orders()
BY_NUMBER: Final = {order.number: order for order in ORDERS}

_KEYS: Final[dict[str, Callable[[Order], Any]]] = {
    "number": lambda order: order.number,
    "customer": lambda order: order.customer,
    "date": lambda order: order.day,
    "status": lambda order: STATUSES.index(order.status),
    "total": lambda order: order.cents,
}


def found(status: str, sort: str, *, descending: bool) -> Sequence[Order]:
    """Return the orders with that status, all for none, sorted by one of :data:`COLUMNS`."""
    orders = [order for order in ORDERS if status in ("", order.status)]
    return sorted(orders, key=_KEYS[sort], reverse=descending) if sort in _KEYS else orders


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as comma-separated text."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
