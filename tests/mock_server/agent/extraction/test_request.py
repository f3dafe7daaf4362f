"""The grammar: what is asked, read from the prompt alone."""

from __future__ import annotations

import pytest

from mock_server.agent.extraction import Condition, Superlative, parse_request

SUBJECT_AND_FIELDS = [
    ("Get the title of the top post", "one", "post", ("title",)),
    ("Extract the name, price, and rating of the top 3 products", "list", "products", ("name", "price", "rating")),
    ("Find the top 3 posts on Hacker News.", "list", "posts", ()),
    ("Get the page title", "values", "", ("page title",)),
    ("Extract product data", "list", "product", ()),
    ("How many results are there in total?", "count", "results", ()),
    ("the author and date of the article", "one", "article", ("author", "date")),
    ("Extract name, price and item number", "values", "", ("name", "price", "item number")),
    (
        "Get the address, price and number of bedrooms of the first 4 homes",
        "list",
        "homes",
        ("address", "price", "number of bedrooms"),
    ),
    (
        "Get the title of the paste, the user who posted it and the date",
        "one",
        "paste",
        ("title", "user who posted it", "date"),
    ),
    ("Extract the first 3 questions: title, votes and views", "list", "questions", ("title", "votes", "views")),
    ("Get the title and number of comments for each post", "list", "post", ("title", "number of comments")),
    ("What is the third row's total?", "one", "row", ("total",)),
    ("Log in, then extract the titles of all posts", "list", "posts", ("titles",)),
    ("Go to the second page and list the names of all authors", "list", "authors", ("names",)),
    ("Please can you tell me the phone number?", "values", "", ("phone number",)),
    ("Extract all product names and prices", "list", "product", ("product names", "prices")),
    ("Find the cheapest book on this page and return its title and price", "one", "book", ("title", "price")),
    ("Extract the quotes with the author and the tags", "list", "quotes", ("", "author", "tags")),
]


@pytest.mark.parametrize(("prompt", "asked", "subject", "fields"), SUBJECT_AND_FIELDS)
def test_subject_and_fields_are_told_apart(prompt, asked, subject, fields):
    """What is asked for, of what, and whether of one or many."""
    request = parse_request(prompt)
    assert (request.asked, request.subject, request.fields) == (asked, subject, fields)


@pytest.mark.parametrize(
    ("prompt", "count", "ordinal"),
    [
        ("List the top 3 stories", 3, None),
        ("Get the first ten results", 10, None),
        ("Get the second result", None, 2),
        ("Get the 4th link", None, 4),
        ("Get the last row", None, -1),
        ("Get the last 2 rows", 2, -1),
        ("Get result #5", None, 5),
        ("List the stories", None, None),
    ],
)
def test_numbers_and_ordinals_are_read(prompt, count, ordinal):
    """Digits, number words and ordinals say how many and which."""
    request = parse_request(prompt)
    assert (request.count, request.ordinal) == (count, ordinal)


@pytest.mark.parametrize(
    ("prompt", "superlative"),
    [
        ("the cheapest lamp", Superlative("price", largest=False, word="cheapest")),
        ("Get the most expensive item", Superlative("price", largest=True, word="most expensive")),
        ("Which product has the highest rating?", Superlative("rating", largest=True, word="highest")),
        ("Get the title of the latest post", Superlative("date", largest=True, word="latest")),
        ("Find the post with the most comments", Superlative("comments", largest=True, word="most")),
    ],
)
def test_superlatives_name_a_field_and_a_direction(prompt, superlative):
    """Cheapest is the least price; most comments the largest number of comments."""
    assert parse_request(prompt).superlative == superlative


@pytest.mark.parametrize(
    ("prompt", "conditions"),
    [
        ("List all invoices over $100", (Condition("gt", "$100"),)),
        (
            "products under 20 euros with a rating of at least 4 stars",
            (Condition("lt", "20 euros"), Condition("ge", "4", "rating")),
        ),
        ("posts with more than 100 points", (Condition("gt", "100", "points"),)),
        ("all products in stock", (Condition("contains", "in stock", "status"),)),
        ("products that are not available", (Condition("lacks", "available", "status"),)),
        ("List the posts by author Jane Doe", (Condition("contains", "Jane Doe", "author"),)),
        (
            "Get the events on 3/14 that start at 7:00 PM",
            (Condition("contains", "7:00 PM", "time"), Condition("date", "3/14", "date")),
        ),
        ("List the orders with status shipped", (Condition("contains", "shipped", "status"),)),
        ("List the offices in New York", (Condition("contains", "New York"),)),
    ],
)
def test_conditions_are_taken_out_of_the_subject(prompt, conditions):
    """Comparisons, states, people, places and days become conditions and leave the noun alone."""
    request = parse_request(prompt)
    assert set(request.conditions) == set(conditions)
    assert " " not in request.subject


@pytest.mark.parametrize(
    ("prompt", "anchor"),
    [
        ('Get the price of "The Requiem Red"', "The Requiem Red"),
        ("How much do the Vredefort glasses cost?", "Vredefort glasses"),
        ("Who is the author of the quote about a tea bag?", "tea bag"),
        ("Get the total of invoice INV-1002", "invoice INV-1002"),
        ("Get the title of the top post", ""),
    ],
)
def test_a_name_singles_out_an_entry(prompt, anchor):
    """Quoted, capitalised and described things are kept as the name to look for."""
    assert parse_request(prompt).anchor == anchor


def test_goal_and_schema_are_kept_as_they_came():
    """The request carries the prompt and the schema, for reasons and for the shape."""
    schema = {"type": "array"}
    request = parse_request("  Get   the title ", schema)
    assert request.goal == "Get the title"
    assert request.schema is schema


def test_wording_without_a_verb_of_asking_is_less_certain():
    """A prompt that only does things gives a request of low certainty, not a wrong confident one."""
    assert parse_request("Fill out the contact form").certainty < parse_request("Extract the contact details").certainty
