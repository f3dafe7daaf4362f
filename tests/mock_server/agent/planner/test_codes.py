"""One-time codes as the planner sees them: which fields take one, what is done, when it is over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mock_server.agent.goal import Goal, Intent, parse_goal
from mock_server.agent.observation import Box, Element, Line, Observation
from mock_server.agent.planner import Memory, decide, remember
from mock_server.agent.planner.codes import code_fields
from mock_server.agent.planner.model import Situation

ASKS = Memory(asks_for_codes=True)
BUTTON = Element(id="go", tag="button", role="button", name="Verify", form="f", input_type="submit")


def field(key: str, name: str = "", **extra: Any) -> Element:
    return Element(
        id=key, tag="input", role="textbox", name=name, form="f", input_type=extra.pop("input_type", "text"), **extra
    )


def boxes(count: int = 6, **extra: Any) -> list[Element]:
    return [field(f"b{at}", f"Digit {at + 1}", box=Box(50.0 * at, 100, 44, 50), **extra) for at in range(count)]


def page(*elements: Element, lines: tuple[str, ...] = (), alert: str = "") -> Observation:
    shown = [Line(text, "paragraph") for text in lines] + ([Line(alert, "alert")] if alert else [])
    return Observation(url="http://site.test/check", title="Acme", elements=elements, lines=tuple(shown))


def seen(shown: Observation) -> list[str]:
    goal = parse_goal("Log in")
    return [element.id for element in code_fields(Situation(goal, Intent("login", "Log in"), 0, shown, Memory()))]


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("", {"autocomplete": "one-time-code"}),
        ("Verification code", {}),
        ("Enter the 6-digit code", {}),
        ("Authenticator code", {}),
        ("One-time password", {"input_type": "password"}),
        ("2FA token", {}),
        ("", {"attributes": {"name": "otp"}}),
        ("", {"placeholder": "Security code"}),
    ],
)
def test_fields_that_take_a_code(name: str, extra: dict[str, Any]):
    """They are known by autocomplete, label, placeholder or name, whatever their type."""
    assert seen(page(field("x", name, **extra), BUTTON)) == ["x"]


@pytest.mark.parametrize("name", ["Promo code", "Postal code", "Country code", "Search", "Code"])
def test_fields_that_do_not(name: str):
    """Other codes are no one-time codes; one called just Code is none on a page that does not speak of them."""
    assert seen(page(field("x", name), BUTTON, lines=("Your basket",))) == []


def test_a_plain_code_on_a_page_that_asks_for_one():
    """Code alone is enough where the page says what it is for; a voucher is still none."""
    said = ("We sent a text with a verification code to your phone.",)
    assert seen(page(field("v", "Voucher code"), field("x", "Code"), BUTTON, lines=said)) == ["x"]


def test_boxes():
    """Narrow boxes in a row take a character each, known by their length or their width; a lone date is no code."""
    said = ("Enter your verification code",)
    assert seen(page(*boxes(max_length=1), BUTTON, lines=said)) == [f"b{at}" for at in range(6)]
    assert seen(page(*boxes(4), BUTTON, lines=said)) == [f"b{at}" for at in range(4)]
    assert seen(page(*boxes(3), BUTTON, lines=said)) == []
    assert seen(page(*boxes(max_length=1), BUTTON, lines=("Crossword",))) == []


def done(goal: Goal, shown: Observation, memory: Memory, code: str = "123456") -> Memory:
    """The memory after the next decision was carried out."""
    for move in decide(goal, shown, memory).moves:
        if move.action.action_type == "verification_code":
            memory = replace(memory, code=code)
        memory = remember(memory, move, ok=True, effect="", before=shown.url, after=shown.url, changed=True)
    return memory


def test_it_asks_types_and_sends():
    """In one step: the code is asked for, typed where it goes, and sent; no character of it is in the actions."""
    for fields in ([field("x", "Verification code")], boxes(max_length=1, autocomplete="one-time-code")):
        decision = decide(parse_goal("Log in"), page(*fields, BUTTON), ASKS)
        kinds = [move.action.action_type for move in decision.moves]
        assert kinds == ["verification_code", *["input_text"] * len(fields), "click"]
        assert [move.code_part for move in decision.moves if move.code] == (
            [None] if len(fields) == 1 else [0, 1, 2, 3, 4, 5]
        )
        assert all(move.text == "" for move in decision.moves)


def test_a_code_in_the_prompt_is_not_asked_for():
    """It is typed as it is."""
    goal = parse_goal("Log in as a with password b, verification code 123456")
    kinds = [
        move.action.action_type for move in decide(goal, page(field("x", "Verification code"), BUTTON), ASKS).moves
    ]
    assert kinds == ["input_text", "click"]


def test_a_code_comes_before_whatever_the_prompt_says_next():
    """A page that wants a code gets it, in the middle of another intent; without a way to one that is left alone."""
    shown = page(field("x", "Verification code"), BUTTON)
    goal = parse_goal("Download the latest invoice")
    assert decide(goal, shown, ASKS).moves[0].action.action_type == "verification_code"
    other = decide(goal, shown, Memory())
    assert "verification_code" not in [move.action.action_type for move in other.moves]


def test_a_refused_code_ends_the_run():
    """With the words of the page as evidence; it is not typed again."""
    goal, shown = parse_goal("Log in"), page(field("x", "Verification code"), BUTTON)
    memory = done(goal, shown, ASKS)
    decision = decide(goal, page(field("x", "Verification code"), BUTTON, alert="Wrong code"), memory)
    assert (decision.verdict, decision.ending) == ("end", "terminated")
    assert "Wrong code" in decision.evidence


def test_no_code_ends_the_run():
    """A run that got none says why, with the service's error code; one with no way to get one is told the ways."""
    goal, shown = parse_goal("Log in"), page(field("x", "Verification code"), BUTTON)
    memory = replace(ASKS, no_code=("OTP_TIMEOUT", "None came."))
    decision = decide(goal, shown, memory)
    assert (decision.ending, decision.error_code, decision.reasoning) == ("terminated", "OTP_TIMEOUT", "None came.")
    decision = decide(goal, shown, Memory())
    assert (decision.ending, decision.error_code) == ("terminated", "MISSING_TOTP_SOURCE")
    assert "totp_identifier" in decision.reasoning
