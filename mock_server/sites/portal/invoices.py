"""The customer of the portal and the invoices, in the order of the table.

Owns: the facts. The order is that of the accounting system, not of the dates, so that
"the latest" has to be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

CENTS_PER_KWH: Final = 23

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Not ``strftime``, which follows the locale of the machine."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice over the ``kwh`` of a month."""

    number: str
    day: date
    status: str
    kwh: int

    @property
    def amount(self) -> int:
        """Cents."""
        return self.kwh * CENTS_PER_KWH

    @property
    def day_text(self) -> str:
        return f"{self.day.day} {self.month} {self.day.year}"

    @property
    def month(self) -> str:
        return MONTHS[self.day.month - 1]

    @property
    def amount_text(self) -> str:
        return f"${self.amount // 100:,}.{self.amount % 100:02d}"

    @property
    def file_name(self) -> str:
        return f"invoice-{self.number}.pdf"


INVOICES: Final = (
    Invoice("BW-20417", date(2026, 6, 12), "Paid", 268),
    Invoice("BW-20388", date(2026, 3, 12), "Paid", 433),
    Invoice("BW-20461", date(2026, 10, 13), "Paid", 361),
    Invoice("BW-20352", date(2025, 12, 12), "Paid", 515),
    Invoice("BW-20439", date(2026, 8, 12), "Paid", 249),
    Invoice("BW-20476", date(2026, 11, 12), "Open", 419),
    Invoice("BW-20399", date(2026, 4, 13), "Paid", 368),
    Invoice("BW-20428", date(2026, 7, 13), "Paid", 239),
    Invoice("BW-20365", date(2026, 1, 13), "Paid", 548),
    Invoice("BW-20450", date(2026, 9, 14), "Overdue", 278),
    Invoice("BW-20377", date(2026, 2, 12), "Paid", 488),
    Invoice("BW-20408", date(2026, 5, 12), "Paid", 309),
)

BY_NUMBER: Final = {invoice.number: invoice for invoice in INVOICES}

CUSTOMER: Final = {
    "name": "Dana Whitfield",
    "number": "K-3308 1172",
    "address": "22 Orchard Rise, Harrowby",
    "meter": "1EMH-0094417",
    "tariff": "River Fixed 12",
}

SORTS: Final = ("number", "date", "amount", "status")


def ordered(sort: str, *, descending: bool = False) -> Sequence[Invoice]:
    """Return the invoices sorted by one of :data:`SORTS`; in table order for anything else."""
    keys = {
        "number": lambda invoice: invoice.number,
        "date": lambda invoice: invoice.day,
        "amount": lambda invoice: invoice.amount,
        "status": lambda invoice: invoice.status,
    }
    return sorted(INVOICES, key=keys[sort], reverse=descending) if sort in keys else INVOICES
