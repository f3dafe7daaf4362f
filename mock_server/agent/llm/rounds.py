"""Whether a model goes round in circles.

Owns: what counts as the same action on the same page. Must not: judge anything else.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import Final

from mock_server.agent.llm.answer import AnswerError
from mock_server.agent.observation import Capture
from mock_server.agent.planner import Memory, Move
from mock_server.agent.planner.core import REPEATS

_ID: Final = re.compile(r' id="\w+"')
"""Ids change with every look at what a page draws anew."""
_PATIENT: Final = frozenset(("wait", "scroll"))
"""May be repeated while nothing in the page's elements changes."""


class Rounds:
    """The actions a model chose, with the pages it chose them on."""

    def __init__(self) -> None:
        self._chosen: Counter[tuple[str, ...]] = Counter()

    def check(self, move: Move, capture: Capture, memory: Memory) -> None:
        """Refuse an action that led nowhere several times.

        Raises:
            AnswerError: It did.
        """
        kind, key = move.action.action_type, move.element.id if move.element is not None else ""
        last = memory.deeds[-REPEATS:]
        idle = [deed for deed in last if (deed.action_type, deed.element_id) == (kind, key) and not deed.changed]
        if kind != "wait" and len(idle) == REPEATS:
            raise AnswerError(f"That was tried {REPEATS} times and the page did not react. Do something else.")
        if kind not in _PATIENT and self._chosen[_identity(move, capture)] >= REPEATS:
            raise AnswerError(f"That was done {REPEATS} times on a page just like this. Do something else.")

    def add(self, move: Move, capture: Capture) -> None:
        """Take note of an action that will be done."""
        self._chosen[_identity(move, capture)] += 1


def _identity(move: Move, capture: Capture) -> tuple[str, ...]:
    page = hashlib.sha256(_ID.sub("", capture.tree_text).encode("utf-8", "replace")).hexdigest()
    element, action = move.element, move.action
    place = (element.role, element.name, element.xpath) if element is not None else ()
    return (
        page,
        capture.observation.url,
        action.action_type,
        *place,
        action.text or "",
        *action.keys,
        action.url or "",
    )
