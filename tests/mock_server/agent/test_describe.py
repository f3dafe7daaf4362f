"""A page in few words."""

from __future__ import annotations

from mock_server.agent.extraction import describe
from mock_server.agent.observation import Element, Fact, Line, Observation, Option, Record, RecordGroup

SEEN = Observation(
    url="http://shop.test/",
    title="Shop",
    elements=(
        Element("a1", "input", "textbox", "Search", value="lamp", required=True),
        Element("a2", "select", "combobox", "Sort", options=(Option("Price", "p"), Option("Name", "n"))),
        Element("a3", "p", "paragraph", "Only text", interactable=False),
    ),
    groups=(RecordGroup("g", "list", tuple(Record((), f"Lamp {n}", index=n) for n in range(7)), title="Lamps"),),
    facts=(Fact("Delivery", "2 days", "dl"),),
    lines=(Line("Welcome", "heading", 1), Line("Only text", "paragraph")),
)


def test_controls_lists_and_facts_are_shown():
    """What can be acted on comes first with its id and state, then lists by example, named values and text."""
    text = describe(SEEN)
    assert "[a1] textbox 'Search' value='lamp' required" in text
    assert "[a2] combobox 'Sort' options: Price, Name" in text
    assert "[a3]" not in text
    assert "List of 7 under 'Lamps':" in text
    assert "Lamp 4" in text
    assert "Lamp 5" not in text
    assert "Delivery: 2 days" in text
    assert text.index("Search") < text.index("Lamp 0") < text.index("Delivery") < text.index("# Welcome")


def test_the_limit_holds_and_is_announced():
    """The text is never longer than asked for, and says when something was left out."""
    for limit in (0, 10, 60, 120, 10_000):
        assert len(describe(SEEN, limit)) <= limit
    assert describe(SEEN, 120).endswith("[more was left out]")
