"""What a task asks for: its prompt, its schema and its stored credentials, as one goal.

Owns: putting the three together. Pure. Must not: read the prompt itself (``goal`` does).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from mock_server.agent.events import Login, Task
from mock_server.agent.goal import Credentials, Goal, Intent, parse_goal

_ABOUT: Final = frozenset(("download", "operate", "locate"))
"""Intents whose object is what a schema beside them asks about."""


def goal_of(task: Task) -> Goal:
    """Return the goal of a task: its prompt, read; a schema always asks for an extraction."""
    goal = _with_login(parse_goal(task.prompt), task.login)
    asks = task.schema not in (None, "", {}, []) and task.prompt.strip()
    if asks and not any(intent.kind == "extract" for intent in goal.intents):
        reading = Intent("extract", "Read the data the schema asks for", value=_in_words(task.schema, goal.intents))
        goal = replace(goal, intents=(*goal.intents, reading))
    return goal


def _with_login(goal: Goal, login: Login | None) -> Goal:
    """Return the goal with stored credentials in place of the prompt's; they are there to be used, so it logs in."""
    if login is None:
        return goal
    stored = Credentials(login.username, login.password, goal.credentials.code, stored=True)
    intents = goal.intents
    if not any(intent.kind == "login" for intent in intents):
        at = next(
            (index for index, intent in enumerate(intents) if intent.kind != "open" or not intent.value), len(intents)
        )
        intents = (*intents[:at], Intent("login", "Log in"), *intents[at:])
    return replace(goal, credentials=stored, intents=intents)


def _in_words(schema: Any, intents: Sequence[Intent]) -> str:
    """Say what a schema asks for, where the prompt itself asks nothing: of the thing that was dealt with, if any."""
    node = schema
    while isinstance(node, dict) and isinstance(node.get("items"), dict):
        node = node["items"]
    names = node.get("properties") if isinstance(node, dict) else None
    wanted = (
        ", ".join(str(name).replace("_", " ") for name in names) if isinstance(names, dict) and names else "the data"
    )
    about = next(
        (intent.target.phrase for intent in reversed(intents) if intent.kind in _ABOUT and intent.target.phrase), ""
    )
    return f"Extract {wanted} of the {about}" if about else f"Extract {wanted}"
