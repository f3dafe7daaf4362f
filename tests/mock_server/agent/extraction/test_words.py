"""When two names mean the same field."""

from __future__ import annotations

import pytest

from mock_server.agent.extraction.words import likeness, stem, tokens


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("products", "product"),
        ("categories", "category"),
        ("boxes", "box"),
        ("glass", "glass"),
        ("status", "status"),
        ("prices", "price"),
    ],
)
def test_stems_bring_singular_and_plural_together(word, expected):
    """Plurals are cut to the singular, words that only end like one are left."""
    assert stem(word) == expected


def test_names_of_programs_come_apart():
    """camelCase, snake_case and the number sign are words."""
    assert tokens("itemNumber") == tokens("item_number") == tokens("Item #") == ("item", "number")


@pytest.mark.parametrize(
    ("asked", "better", "worse"),
    [
        ("price", "Price", "Description"),
        ("cost", "Price", "Seller"),
        ("date filed", "Date Filed", "Date Terminated"),
        ("number of bedrooms", "Beds", "Baths"),
        ("item number", "Item #", "Item weight"),
        ("prep time", "prepTime", "total time"),
        ("model", "Model name / number", "Manufacturer"),
        ("author", "by", "in"),
    ],
)
def test_the_label_that_means_the_field_is_liker(asked, better, worse):
    """Same words beat synonyms, synonyms beat other words, and what differs is not alike."""
    assert likeness(asked, better) > likeness(asked, worse)
    assert likeness(asked, better) >= 0.5


def test_a_synonym_does_not_explain_further_words():
    """A tax rate is not just any fee."""
    assert likeness("tax rate", "Fee") == 0.0
