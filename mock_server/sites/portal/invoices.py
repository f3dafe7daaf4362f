"""The customer of the portal and the invoices, in the order of the table.

Owns: the facts. The order is that of the accounting system, not of the dates, so that
"the latest" has to be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice; ``amount`` in cents, ``kwh`` of the month it covers."""

    number: str
    day: date
    amount: int
    status: str
    kwh: int

    @property
    def day_text(self) -> str:
        return f"{self.day.day} {self.day:%b %Y}"

    @property
    def amount_text(self) -> str:
        return f"${self.amount // 100:,}.{self.amount % 100:02d}"

    @property
    def file_name(self) -> str:
        return f"invoice-{self.number}.pdf"


INVOICES: Final = (
    Invoice("BW-20417", date(2026, 6, 12), 6180, "Paid", 268),
    Invoice("BW-20388", date(2026, 3, 12), 9975, "Paid", 433),
    Invoice("BW-20461", date(2026, 10, 13), 8312, "Paid", 361),
    Invoice("BW-20352", date(2025, 12, 12), 11840, "Paid", 515),
    Invoice("BW-20439", date(2026, 8, 12), 5725, "Paid", 249),
    Invoice("BW-20476", date(2026, 11, 12), 9640, "Open", 419),
    Invoice("BW-20399", date(2026, 4, 13), 8455, "Paid", 368),
    Invoice("BW-20428", date(2026, 7, 13), 5490, "Paid", 239),
    Invoice("BW-20365", date(2026, 1, 13), 12615, "Paid", 548),
    Invoice("BW-20450", date(2026, 9, 14), 6395, "Overdue", 278),
    Invoice("BW-20377", date(2026, 2, 12), 11230, "Paid", 488),
    Invoice("BW-20408", date(2026, 5, 12), 7105, "Paid", 309),
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
