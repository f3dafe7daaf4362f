"""Decides what to do next, from plain data; no browser, no clock, no chance."""

from __future__ import annotations

from mock_server.agent.planner.core import block_of, decide, remember
from mock_server.agent.planner.model import Decision, Deed, Memory, Move, describe_element

__all__ = ["Decision", "Deed", "Memory", "Move", "block_of", "decide", "describe_element", "remember"]
