"""Data a model says it read: against the schema, against the pages, and whatever else it may send."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.agent.asking import goal_of
from mock_server.agent.events import Task
from mock_server.agent.goal import FieldValue, Goal, Intent
from mock_server.agent.llm.actions import Reader
from mock_server.agent.llm.answer import AnswerError, parse_answer
from mock_server.agent.llm.extracted import Shown
from mock_server.agent.llm.placeholders import Placeholders
from mock_server.agent.planner import Decision, Memory
from mock_server.agent.planner.model import Situation
from tests.mock_server.agent.llm.conftest import page

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "price": {"type": "number"}, "seller": {"type": ["string", "null"]}},
    "required": ["name", "price"],
}
OFFER = ("Blue “Ocean” kettle", "Now only $1,299.00, since 3 May 2024", "Rated 4.5 by 12 buyers")


def reads(**data: Any) -> dict[str, Any]:
    return {"action_type": "extract", "data": data, "reasoning": "It stands there."}


async def test_data_in_the_forms_of_the_page(session: Any):
    """Numbers, dates, links, counts and quotation marks are found however the page writes them."""
    data = {
        "name": 'Blue "Ocean" kettle',
        "price": 1299,
        "since": "2024-05-03",
        "rating": 4.5,
        "link": "http://site.test/news",
        "sold_out": False,
        "seller": None,
    }
    own = session("Get the offer", reads(**data))
    advice = await own.advise(*OFFER)
    assert advice.decision.moves[0].output == data
    assert (advice.notes, len(own.model.asked)) == ((), 1)


async def test_a_value_no_page_shows_is_asked_about_and_noted(session: Any):
    """The model may put it right; if it insists the value stays, and is named."""
    own = session("Get the offer", reads(name="Kettle", price=999), reads(name="Kettle", price=1299))
    advice = await own.advise(*OFFER)
    assert (advice.decision.moves[0].output, advice.notes) == ({"name": "Kettle", "price": 1299}, ())
    assert "price=999" in own.model.asked[1][-1]["content"]
    own = session("Get the offer", reads(price=999), reads(price=999))
    advice = await own.advise(*OFFER)
    assert (advice.decision.moves[0].output, advice.notes) == ({"price": 999}, ("price=999",))
    assert any("price=999" in note for note in advice.memory.notes)


async def test_a_doubtful_value_stands_if_the_model_says_nothing_better(session: Any):
    """An unusable second answer does not lose the first."""
    own = session("Get the offer", reads(price=999), "Hm.")
    assert (await own.advise(*OFFER)).decision.moves[0].output == {"price": 999}


async def test_values_of_pages_seen_before(session: Any):
    """What an earlier page of the run showed counts as shown."""
    own = session("Get the offer", {"action_type": "go_back"}, reads(name="Kettle"))
    await own.advise(*OFFER, url="http://site.test/1")
    assert (await own.advise("Another page", url="http://site.test/2")).notes == ()


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({"name": "Kettle"}, "requires price"),
        ({"name": "Kettle", "price": None}, "requires price"),
        ({"name": "Kettle", "price": "1299"}, "does not fit the schema"),
        ({"name": 12, "price": 1299}, "at name"),
    ],
)
async def test_data_that_does_not_fit_the_schema(session: Any, data: dict[str, Any], complaint: str):
    """It is turned down with the reason, and the rules read the page instead."""
    own = session("Get the offer", reads(**data), reads(**data), schema=SCHEMA)
    advice = await own.advise(*OFFER)
    assert advice.decision is None
    assert complaint in advice.trouble


def test_secrets_in_all_their_spellings():
    """A password is hidden as it is, in HTML, in JSON and in addresses; a short one only as a word of its own."""
    own = Placeholders({"password": 'a"b&c d/ä', "secret_1": "cat"})
    text = 'a"b&c d/ä a&quot;b&amp;c d/ä a\\"b&c d/ä a%22b%26c%20d%2F%C3%A4 a%22b%26c+d%2F%C3%A4 cat catalogue'
    assert own.hide(text) == " ".join(["{{password}}"] * 5) + " {{secret_1}} catalogue"


def test_what_counts_as_a_secret():
    """Credentials, the code, and values the prompt gives for a field named like a secret; not the user name."""
    goal = goal_of(Task("Log in with username ada and password lovelace-1"))
    pairs = (FieldValue("PIN", "4711"), FieldValue("City", "Oslo"))
    goal = Goal(goal.prompt, (*goal.intents, Intent("fill_form", "Fill it in", fields=pairs)), goal.credentials)
    own = Placeholders.of(goal, "123456")
    assert own.names == ("password", "code", "secret_1", "username")
    assert own.hide("ada lovelace-1 4711 123456 Oslo") == "ada {{password}} {{secret_1}} {{code}} Oslo"
    assert own.fill("{{username}}/{{ password }}/{{other}}") == "ada/lovelace-1/{{other}}"
    assert own.mask("{{username}}/{{password}}") == "ada/********"


NAMES = st.sampled_from(
    [
        *("action_type", "id", "text", "option", "keys", "key", "url", "seconds", "data", "part", "confidence", "file"),
        *("direction", "to", "error_code", "press_enter", "download", "double", "is_checked", "reasoning", "thought"),
        *("actions", "name", "arguments"),
    ]
)
KINDS = st.sampled_from(
    [
        *("click", "input_text", "select_option", "checkbox", "upload_file", "hover", "drag", "keypress", "scroll"),
        *("goto_url", "go_back", "reload_page", "wait", "extract", "complete", "terminate"),
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | KINDS
    | st.sampled_from(
        [
            "AAA",
            "AAB",
            "AAC",
            "AAE",
            "AAF",
            "AAH",
            "{{password}}",
            "{{code}}",
            "http://site.test/x",
            "http://[",
            "//x",
            "Enter",
        ]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=6,
)


@given(st.dictionaries(NAMES, VALUES, max_size=8), KINDS)
def test_no_answer_breaks_anything(said: dict[str, Any], kind: str):
    """Whatever JSON a model sends is either a decision on an element of the page or an error that can be told."""
    task = Task("Log in with username ada and password lovelace-1", "http://site.test/", error_codes={"A": "b"})
    goal, capture = goal_of(task), page("Hello")
    shown = Shown()
    shown.add(capture)
    at = Situation(goal, goal.intents[0], 0, capture.observation, Memory(), None)
    reader = Reader(task, goal, Memory(), situation=at, placeholders=Placeholders.of(goal), shown=shown)
    try:
        decision = reader.decision(parse_answer(json.dumps({**said, "action_type": kind})))
    except AnswerError:
        return
    assert isinstance(decision, Decision)
    for move in decision.moves:
        assert move.element is None or move.element in capture.observation.elements


@given(st.text())
def test_no_text_breaks_the_reading(text: str):
    """Any text is read or refused in words."""
    with suppress(AnswerError):
        assert isinstance(parse_answer(text)["action_type"], str)
