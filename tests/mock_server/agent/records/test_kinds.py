"""What sort of value a short text is."""

from __future__ import annotations

import pytest

from mock_server.agent.records.kinds import kind_of


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("$1,299.00", "price"), ("139,00 €", "price"), ("US$ 5", "price"), ("24", "number"), ("1.2k", "number"),
        ("87 points", "number"), ("March 3, 2024", "date"), ("2024-03-03", "date"), ("03/14/2024", "date"),
        ("2 hours ago", "date"), ("yesterday", "date"), ("7:00 PM", "date"), ("4.5 out of 5", "rating"),
        ("\u2605\u2605\u2605\u2606\u2606", "rating"), ("a.b@c.example", "email"), ("+44 1632 960011", "phone"),
        ("Plain words", "text"),
        ("", "text"), ("The price is $5 and that is a whole sentence about it, no value", "text"),
    ],
)  # fmt: skip
def test_values_are_recognized_by_their_look(text, kind):
    """Prices, numbers, dates, ratings and addresses are told from words, and values from sentences."""
    assert kind_of(text) == kind
