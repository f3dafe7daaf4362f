"""Answers from hand-made observations: what is chosen, what is refused."""

from __future__ import annotations

from mock_server.agent.extraction import extract, parse_request
from mock_server.agent.observation import Cell, Fact, Line, Observation, Record, RecordGroup


def listing(key: str, rows: list[dict[str, str]], region: str = "main", title: str = "") -> RecordGroup:
    """Return a group whose cells have their keys as class names."""
    records = tuple(
        Record(
            tuple(
                Cell(text, path=name, hints=(name,), kind="heading" if name == "title" else "text")
                for name, text in row.items()
            ),
            " ".join(row.values()),
            index=number,
        )
        for number, row in enumerate(rows)
    )
    return RecordGroup(key, "list", records, region=region, title=title, area=0.2)


MENU = listing("ul.nav>li", [{"title": name} for name in ("Home", "News", "Shop", "About", "Help")], "navigation")
POSTS = listing("div.feed>div.post", [{"title": "First", "author": "Ada"}, {"title": "Second", "author": "Bo"}])


def page(*groups: RecordGroup, **parts) -> Observation:
    """Return an observation of these groups."""
    return Observation(url="http://site.test/a/", title="Site", groups=groups, **parts)


def test_the_main_list_beats_the_menu():
    """A longer list in the navigation is not what a request for posts means."""
    answer = extract(parse_request("Get the titles of all posts"), page(MENU, POSTS))
    assert answer.output == {"posts": ["First", "Second"]}


def test_a_list_named_by_its_heading_is_found_in_any_region():
    """ "Most read stories" are those under that heading, though they stand in a side column."""
    side = listing(
        "ol>li", [{"title": "Side one"}, {"title": "Side two"}, {"title": "Side three"}], "complementary", "Most read"
    )
    answer = extract(parse_request("List the most read stories"), page(POSTS, side))
    assert [row["title"] for row in answer.output["most_read_stories"]] == ["Side one", "Side two", "Side three"]


def test_fewer_than_asked_for_is_partial():
    """Two posts for a top five are told, and said not to be all that was asked for."""
    answer = extract(parse_request("Get the title and author of the top 5 posts"), page(POSTS))
    assert answer.found
    assert answer.partial
    assert answer.output == {"posts": [{"title": "First", "author": "Ada"}, {"title": "Second", "author": "Bo"}]}


def test_a_truncated_page_makes_a_partial_answer():
    """What was read from a page that was cut may not be all."""
    assert extract(parse_request("Get the titles of all posts"), page(POSTS, truncated=True)).partial


def test_a_field_the_entries_lack_is_null_and_named():
    """Entries keep the asked keys; what they do not show is null and in the list of what is missing."""
    answer = extract(parse_request("Get the title and price of each post"), page(POSTS))
    assert answer.output == {"posts": [{"title": "First", "price": None}, {"title": "Second", "price": None}]}
    assert answer.missing == ("posts[].price",)
    assert answer.partial


def test_a_required_field_that_is_missing_is_not_found():
    """With the field required by the schema the answer is refused, with the reason."""
    schema = {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"title": {"type": "string"}, "price": {"type": "number"}},
            "required": ["price"],
        },
    }
    answer = extract(parse_request("Extract the posts", schema), page(POSTS))
    assert not answer.found
    assert "price" in answer.reason


def test_an_optional_field_that_is_missing_is_left_out_of_a_strict_schema():
    """A null would break "type: number"; leaving the key out does not."""
    schema = {
        "type": "array",
        "items": {"type": "object", "properties": {"title": {"type": "string"}, "price": {"type": "number"}}},
    }
    answer = extract(parse_request("Extract the posts", schema), page(POSTS))
    assert answer.found
    assert answer.output == [{"title": "First"}, {"title": "Second"}]


def test_nullable_fields_keep_their_null():
    """Where the schema allows null it is told."""
    schema = {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"title": {"type": "string"}, "price": {"anyOf": [{"type": "number"}, {"type": "null"}]}},
        },
    }
    answer = extract(parse_request("Extract the posts", schema), page(POSTS))
    assert answer.output == [{"title": "First", "price": None}, {"title": "Second", "price": None}]


def test_the_properties_words_and_description_find_the_value():
    """A property whose name says nothing is found by its description."""
    schema = {
        "type": "object",
        "properties": {"x1": {"type": "string", "description": "Delivery time"}},
        "required": ["x1"],
    }
    answer = extract(parse_request("Extract the data", schema), page(facts=(Fact("Delivery time", "2 days", "dl"),)))
    assert answer.output == {"x1": "2 days"}


def test_nested_objects_are_filled():
    """An object within an object takes its values from the same page."""
    schema = {
        "type": "object",
        "properties": {
            "seller": {"type": "object", "properties": {"name": {"type": "string"}, "phone": {"type": "string"}}}
        },
    }
    facts = (Fact("Seller name", "Blue Door", "dl"), Fact("Seller phone", "01632 960011", "dl"))
    answer = extract(parse_request("Extract the seller", schema), page(facts=facts))
    assert answer.output == {"seller": {"name": "Blue Door", "phone": "01632 960011"}}


def test_named_facts_beat_values_that_merely_look_right():
    """A date asked for by its label is that one, not the nearest date."""
    lines = (Line("Permit", "heading", 1, size=32.0), Line("1 May 2024", "paragraph"))
    facts = (Fact("Date received", "14 March 2024", "dl"), Fact("Date decided", "2 May 2024", "dl"))
    answer = extract(parse_request("Get the date decided"), page(lines=lines, facts=facts))
    assert answer.output == {"date_decided": "2 May 2024"}


def test_a_count_the_page_states_wins_over_counting():
    """ "24,261 properties found" is the answer though only two are shown."""
    answer = extract(
        parse_request("How many properties were found?"),
        page(POSTS, lines=(Line("24,261 properties found", "paragraph"),)),
    )
    assert answer.output == {"property_count": 24261}


def test_an_empty_page_gives_an_honest_nothing():
    """With nothing to read nothing is found, and the reason says that the page shows nothing."""
    answer = extract(parse_request("Get the title of the top post"), Observation("http://site.test/", ""))
    assert not answer.found
    assert answer.output == {"top_post_title": None}
    assert "no readable text" in answer.reason
