"""From a prompt to ordered intents: pure text work, no page and no browser."""

from __future__ import annotations

from mock_server.agent.goal.credentials import find_credentials
from mock_server.agent.goal.grammar import parse_goal
from mock_server.agent.goal.model import Anchor, Credentials, Extreme, FieldValue, Goal, Intent, Kind, Passage, Target

__all__ = [
    "Anchor",
    "Credentials",
    "Extreme",
    "FieldValue",
    "Goal",
    "Intent",
    "Kind",
    "Passage",
    "Target",
    "find_credentials",
    "parse_goal",
]
