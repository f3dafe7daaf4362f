"""Days in calendars and sums on pages, without a browser."""

from __future__ import annotations

from datetime import date

import pytest

from mock_server.agent.goal import Passage, parse_goal
from mock_server.agent.observation import Box, Element, Line, Observation
from mock_server.agent.planner import Memory, decide
from mock_server.agent.planner.calendars import day_of
from mock_server.agent.planner.model import Situation
from mock_server.agent.planner.passages import read_passage


@pytest.mark.parametrize(
    "text", ["12/24/2016", "2016-12-24", "December 24, 2016", "24th of December 2016", "24 Dec 2016"]
)
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    """All these are the same day."""
    assert day_of(text) == date(2016, 12, 24)


@pytest.mark.parametrize("text", ["12", "December", "Room 12/24", "12:24", "next week"])
def test_what_is_no_full_day_is_none(text: str) -> None:
    """A number or a month alone may mean anything."""
    assert day_of(text) is None


def calendar(month: str) -> Observation:
    cells = tuple(
        Element(
            id=f"d{day}",
            tag="a",
            role="link",
            name=str(day),
            text=str(day),
            box=Box(30.0 * (day % 7), 60.0 + 20 * (day // 7), 20, 18),
        )
        for day in range(1, 31)
    )
    head = (
        Element(id="back", tag="a", role="link", name="Prev", box=Box(0, 20, 20, 20)),
        Element(
            id="cap", tag="span", role="generic", name=month, text=month, interactable=False, box=Box(60, 20, 90, 20)
        ),
        Element(id="on", tag="a", role="link", name="Next", box=Box(190, 20, 20, 20)),
    )
    field = Element(id="f", tag="input", role="textbox", name="Date", readonly=True, box=Box(0, 0, 90, 18))
    return Observation(url="http://site.test/", title="T", elements=(field, *head, *cells))


def clicked(month: str) -> list[str]:
    decision = decide(parse_goal("Select 06/20/2024 as the date"), calendar(month), Memory())
    return [move.action.element_id or "" for move in decision.moves]


def test_a_calendar_is_turned_as_many_months_as_it_is_away() -> None:
    """On for later months, back for earlier ones, and then the day is taken."""
    assert clicked("March 2024") == ["on"] * 3
    assert clicked("January 2025") == ["back"] * 7
    assert clicked("June 2024") == ["d20"]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [("3 + 4 * 2 = ?", "11"), ("17 - 20 =", "-3"), ("x + 5 = 12", "7"), ("2y - 3 = 8", "5.5"), ("No sum", "")],
)
def test_a_sum_of_the_page_is_worked_out(line: str, wanted: str) -> None:
    """Sums, and one unknown; nothing where there is none."""
    page = Observation(url="http://site.test/", title="T", lines=(Line(line, "paragraph"),))
    goal = parse_goal("Type the answer")
    assert read_passage(Situation(goal, goal.intents[0], 0, page, Memory()), Passage("answer")) == wanted
