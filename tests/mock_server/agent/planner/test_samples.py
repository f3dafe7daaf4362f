"""Sample values fit the field they are for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.agent.observation import Element, Option
from mock_server.agent.planner.samples import is_placeholder, sample_for, sample_option


def field(name: str = "", **extra: Any) -> Element:
    return Element(id="f", tag=extra.pop("tag", "input"), role=extra.pop("role", "textbox"), name=name, **extra)


@pytest.mark.parametrize(
    ("shown", "pattern"),
    [
        (field("Your name"), r"[A-Z]\w+ [A-Z]\w+"),
        (field("First name *"), r"[A-Z]\w+"),
        (field("E-mail"), r"\S+@example\.\w+"),
        (field("", input_type="email"), r"\S+@example\.\w+"),
        (field("Telephone", input_type="tel"), r"\+?[\d ]+"),
        (field("", autocomplete="shipping postal-code"), r"\d{5}"),
        (field("Message", tag="textarea"), r".{20,}"),
        (field("Anything", tag="textarea"), r".{20,}"),
        (field("Number of guests", role="spinbutton", input_type="number", minimum="2", maximum="8"), r"[2-8]"),
        (field("Arrival", role="date", input_type="date"), r"\d{4}-\d\d-\d\d"),
        (field("Website", input_type="url"), r"https?://\S+"),
        (field("Flurb"), r"\w+"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.name or value.input_type or value.autocomplete,
)
def test_a_sample_is_of_the_kind_the_field_asks_for(shown: Element, pattern: str) -> None:
    """Label, type, purpose and limits decide."""
    assert re.fullmatch(pattern, sample_for(shown))


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d{5}",
        r"[A-Z]{3}-?\d{3}",
        r"\d{3}-\d{3}-\d{4}",
        r"\+?[0-9 ()\/.\-]{6,}",
        r"[a-z]+",
        r"(?=.*\d)(?=.*[a-z]).{8,}",
    ],
)
def test_a_sample_fits_the_fields_own_pattern(pattern: str) -> None:
    """A pattern the field states is met."""
    assert re.fullmatch(pattern, sample_for(field("Code", pattern=pattern)))


def test_a_sample_is_no_longer_than_allowed() -> None:
    """The field's maximum length is kept."""
    assert len(sample_for(field("Message", tag="textarea", max_length=12))) <= 12


def test_the_first_real_choice_is_taken() -> None:
    """Placeholders are no choice."""
    options = (
        Option("Please choose", ""),
        Option("---", "", disabled=True),
        Option("Sales", "sales"),
        Option("Support", "support"),
    )
    chosen = sample_option(field("Subject", tag="select", role="combobox", options=options))
    assert chosen is not None
    assert chosen.label == "Sales"
    assert is_placeholder(options[0])
    assert not is_placeholder(options[2])


@given(st.text(max_size=30), st.text(max_size=30), st.integers(min_value=0, max_value=50))
def test_any_field_gets_the_same_sample_every_time(name: str, pattern: str, limit: int) -> None:
    """No label, pattern or limit makes it raise or differ."""
    shown = field(name, pattern=pattern, max_length=limit)
    assert sample_for(shown) == sample_for(shown)
