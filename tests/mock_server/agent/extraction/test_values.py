"""Texts as pages show them, in the types schemas ask for."""

from __future__ import annotations

import pytest

from mock_server.agent.extraction import values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$1,299.00", 1299.0), ("1.299,00 €", 1299.0), ("4.5 out of 5 stars", 4.5), ("★★★☆☆", 3.0), ("1.2k", 1200.0),
        ("-12.5", -12.5), ("\u22123", -3.0), ("3 Beds", 3.0), ("Three", 3.0), ("24,261 properties", 24261.0),
        ("none at all", None), ("", None), ("1" * 400, None),
    ],
)  # fmt: skip
def test_the_number_a_text_is_about(text, expected):
    """Currencies, grouping of either kind, ratings, thousands and number words give one number, prose none."""
    assert values.number(text) == expected


@pytest.mark.parametrize(
    ("text", "schema", "expected"),
    [
        ("$1,299.00", {"type": "number"}, 1299.0),
        ("87 points", {"type": "integer"}, 87),
        ("4.5", {"type": "integer"}, None),
        ("In stock (22 available)", {"type": "boolean"}, True),
        ("Out of stock", {"type": "boolean"}, False),
        ("March 3, 2024", {"type": "string", "format": "date"}, "2024-03-03"),
        ("no date", {"type": "string", "format": "date"}, None),
        ("/item/7", {"type": "string", "format": "uri"}, "http://host.test/item/7"),
        ("Write to a@b.example", {"type": "string", "format": "email"}, "a@b.example"),
        ("In Transit", {"enum": ["in_transit", "delivered"]}, "in_transit"),
        ("Somewhere", {"enum": ["in_transit", "delivered"]}, None),
        ("12", {"type": ["null", "integer"]}, 12),
        ("twelve apples", {"type": ["integer", "string"]}, "twelve apples"),
        ("", {"type": "string"}, None),
        ("x", {"const": "X"}, "X"),
        ("text", {"type": "object"}, None),
    ],
)
def test_coercion_gives_the_asked_type_or_nothing(text, schema, expected):
    """What cannot be read as the type is null, never a guess."""
    assert values.coerce(text, schema, "http://host.test/page") == expected


def test_machine_readable_dates_win_over_the_shown_words():
    """A datetime attribute decides what "2 hours ago" was."""
    schema = {"type": "string", "format": "date"}
    assert values.coerce("2 hours ago", schema, "", machine="2023-09-18T08:30:00Z") == "2023-09-18"


def test_relative_dates_have_no_day():
    """ "2 hours ago" orders entries but is not told as a calendar day."""
    assert values.absolute_date("2 hours ago") is None
    assert values.moment("2 hours ago") < values.moment("1 hour ago")


@pytest.mark.parametrize(
    ("given", "told"), [("PT20M", "20 mins"), ("PT1H5M", "1 hour 5 mins"), ("P1D", "1 day"), ("soon", "soon")]
)
def test_iso_durations_are_told_in_words(given, told):
    """Durations of structured data are written as people write them."""
    assert values.duration_text(given) == told
