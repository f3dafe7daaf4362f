"""The model's client and the questions it puts, against what was recorded on a wire."""

from __future__ import annotations

import pytest
import yaml

from mock_server.agent.events import Usage
from tests.mock_server.models.cassettes import BASE, CASSETTES, KEY, PASSWORD, SAID, recorder, scenario

ONCE = Usage(1200, 40, 7, 900)


@pytest.mark.parametrize(
    ("name", "asked", "usage"),
    [("answered", 1, ONCE), ("put_right", 2, ONCE + ONCE), ("busy", 1, ONCE), ("refused", 1, Usage())],
)
async def test_what_was_recorded_fits_what_is_asked_now(name: str, asked: int, usage: Usage):
    """The questions are the recorded ones to the letter, all are put, and the answers lead to the same move."""
    with recorder("none").use_cassette(f"{name}.yaml") as cassette:
        advice = await scenario(BASE)
    assert cassette.all_played
    assert (len(advice.exchanges), advice.usage) == (asked, usage)
    if name == "refused":
        assert advice.decision is None
        assert "Incorrect API key provided. The rules do the rest of the run." in advice.trouble
        return
    assert advice.decision is not None
    (move,) = advice.decision.moves
    assert (move.action.action_type, move.action.text, move.text) == ("input_text", "********", PASSWORD)


@pytest.mark.parametrize("name", SAID)
def test_no_cassette_holds_a_secret(name: str):
    """Neither the key nor the password was written down; the password's name was."""
    text = (CASSETTES / f"{name}.yaml").read_text()
    assert KEY not in text
    assert "tr0ub4dor" not in text
    assert "{{password}}" in text
    assert all(entry["request"]["uri"].startswith(BASE) for entry in yaml.safe_load(text)["interactions"])
