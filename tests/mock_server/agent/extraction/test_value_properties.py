"""Values written in the ways of several countries come out as the number, the day, the time they are."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.agent.extraction.values import coerce, currency_of, in_unit, number

DAY = {"type": "string", "format": "date"}
MARKS = {"en": (",", "."), "de": (".", ","), "fr": ("\u00a0", ","), "narrow": ("\u202f", ","), "ch": ("'", ".")}


def written(value: Decimal, group: str, point: str) -> str:
    """Write an amount with two decimals and marks between the thousands."""
    return f"{value:,.2f}".replace(",", "\0").replace(".", point).replace("\0", group)


amounts = st.decimals(min_value=0, max_value=9_999_999, places=2)


@given(amounts, st.sampled_from(sorted(MARKS)))
def test_an_amount_with_two_decimals_is_read_in_every_locale(value, locale):
    """The marks between thousands and before decimals say themselves which is which."""
    assert number(written(value, *MARKS[locale])) == pytest.approx(float(value))


@given(
    amounts,
    st.sampled_from(sorted(MARKS)),
    st.sampled_from(["${}", "\u20ac{}", "{} \u20ac", "\u00a3{}", "{} EUR", "CHF {}", "USD {}", "{} kr"]),
)
def test_money_is_read_with_its_currency_before_or_behind(value, locale, shape):
    """A currency's sign never changes the amount, on either side of it."""
    text = shape.format(written(value, *MARKS[locale]))
    assert coerce(text, {"type": "number"}, "") == pytest.approx(float(value))


@given(st.integers(min_value=-9_999_999, max_value=9_999_999), st.sampled_from(["", " items", " m", " kg", " %"]))
def test_a_whole_number_keeps_its_sign_and_its_unit_is_no_part_of_it(value, unit):
    """ "17 m" are seventeen metres, not millions."""
    assert coerce(f"{value:,}{unit}", {"type": "integer"}, "") == value


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)))
def test_a_day_is_the_same_however_english_pages_write_it(day):
    """Names of months in full and short, the day first or behind, with and without a weekday."""
    shapes = ("%d %B %Y", "%B %d, %Y", "%b %d, %Y", "%Y-%m-%d", "%A, %d %B %Y", "%d %b %Y")
    assert {coerce(day.strftime(shape), DAY, "") for shape in shapes} == {day.isoformat()}


@given(st.integers(min_value=0, max_value=47), st.integers(min_value=1, max_value=59))
def test_a_length_of_time_is_told_in_the_unit_that_is_asked_for(hours, minutes):
    """Hours and minutes add up, in any of their spellings."""
    total = hours * 60 + minutes
    for text in (f"{hours} hours {minutes} minutes", f"{hours} hr {minutes} min", f"{hours}h {minutes}m"):
        assert in_unit(text, "m") == pytest.approx(total)
        assert in_unit(text, "s") == pytest.approx(total * 60)


@given(st.text(max_size=80))
def test_any_text_is_a_value_or_none(text):
    """No text makes the readers of values raise."""
    for schema in ({"type": "number"}, {"type": "integer"}, {"type": "boolean"}, {"type": ["string", "null"]}):
        coerce(text, schema, "http://site.test/")
    in_unit(text, "m")


@pytest.mark.parametrize(
    ("price", "code"),
    [("\u00a359.90", "GBP"), ("1.299,00 \u20ac", "EUR"), ("$5", "USD"), ("CHF 12.50", "CHF"), ("12.50", "")],
)
def test_a_currency_is_told_by_its_code(price, code):
    """A sign that stands for one currency gives its code; no sign gives none."""
    assert currency_of(price) == code
