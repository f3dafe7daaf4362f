"""How prompts are read that speak of texts, places, entries and styles."""

from __future__ import annotations

import pytest

from mock_server.agent.goal import Passage, parse_goal


@pytest.mark.parametrize(
    ("prompt", "unit", "ordinal"),
    [
        ("Type the text below into the text field", "text", 0),
        ("Enter the last word of the paragraph", "word", -1),
        ("Solve the puzzle and type your answer into the box", "answer", 0),
        ("Enter the value of Colour into the field", "value", 0),
    ],
)
def test_words_that_stand_for_a_text_of_the_page_are_told(prompt: str, unit: str, ordinal: int) -> None:
    """They are read from the page rather than typed as they stand."""
    passage = next(intent.passage for intent in parse_goal(prompt).intents if intent.kind == "type")
    assert isinstance(passage, Passage)
    assert (passage.unit, passage.ordinal) == (unit, ordinal)


@pytest.mark.parametrize(
    "prompt", ['Type "the text below" into Note', "Set the number of guests to 5", "Type hello into Note"]
)
def test_a_text_that_is_given_is_typed_as_it_stands(prompt: str) -> None:
    """Quoted words, numbers and plain words are meant themselves."""
    assert parse_goal(prompt).intents[0].passage is None


def test_a_path_of_a_menu_is_one_click_after_the_other() -> None:
    """The signs between the names part them."""
    clicks = parse_goal("Select File > Export > As PDF").intents
    assert [(intent.kind, intent.target.name) for intent in clicks] == [
        ("click", "File"),
        ("click", "Export"),
        ("click", "As PDF"),
    ]


def test_several_entries_are_counted() -> None:
    """*on two posts by X* limits *all*, and the entry is what is said of it."""
    target = parse_goal('Click "Like" on 2 posts by @ada').intents[0].target
    assert (target.every, target.limit, target.anchor and target.anchor.phrase) == (True, 2, "@ada")


def test_amounts_of_several_things_stay_apart() -> None:
    """Each thing keeps its own number."""
    fields = parse_goal("Buy 2 bananas and 1 rye loaf").intents[0].fields
    assert [(field.name, field.value) for field in fields] == [("bananas", "2"), ("rye loaf", "1")]


@pytest.mark.parametrize(
    ("prompt", "side"),
    [("Drag A above B", "above"), ("Drag A below B", "below"), ("Drag A to the left of B", "left_of")],
)
def test_a_drag_may_end_beside_something(prompt: str, side: str) -> None:
    """The side is kept apart from the thing."""
    place = parse_goal(prompt).intents[0].choices[0]
    assert place.anchor is not None
    assert (place.anchor.relation, place.anchor.phrase) == (side, "B")


def test_a_mail_is_forwarded_to_somebody() -> None:
    """What is forwarded and to whom are told apart."""
    intent = parse_goal("Forward the email from Hank to Ivo").intents[0]
    assert (intent.kind, intent.direction) == ("compose", "forward")
    assert [(field.name, field.value) for field in intent.fields] == [("to", "Ivo")]
