"""Decides what to do next, from plain data; no browser, no clock, no chance."""

from __future__ import annotations

from mock_server.agent.planner.core import block_of, decide, note, remember, with_offer, without_echo
from mock_server.agent.planner.model import Decision, Deed, Memory, Move, describe_element
from mock_server.agent.planner.moving import with_scheme

__all__ = [
    "Decision",
    "Deed",
    "Memory",
    "Move",
    "block_of",
    "decide",
    "describe_element",
    "note",
    "remember",
    "with_offer",
    "with_scheme",
    "without_echo",
]
