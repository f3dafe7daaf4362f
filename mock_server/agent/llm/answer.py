"""From the text of a model to one JSON object.

Owns: the ways models wrap what they were asked for: fences, prose around it, thinking
aloud, the form of a tool call, a list of one. Must not: judge what the answer says.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import orjson

ACTION: Final = "action_type"
_THINKING: Final = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.IGNORECASE | re.DOTALL)
_START: Final = re.compile(r"[{\[]")
_LONGEST: Final = 200_000
_MOST_STARTS: Final = 200
"""How many braces of a text are tried as the beginning of the answer."""
_DEEPEST: Final = 4


class AnswerError(Exception):
    """An answer that cannot be used; the message tells the model why."""


def parse_answer(text: str) -> dict[str, Any]:
    """Return the action a model answered with, as an object with ``action_type``.

    Raises:
        AnswerError: There is none, or more than one.
    """
    text = _THINKING.sub(" ", text[:_LONGEST])
    found = [action for action in (_action(value, 0) for value in _objects(text)) if action is not None]
    if not found:
        raise AnswerError(
            f"The answer holds no JSON object with {ACTION!r}. Answer with that one object and nothing else."
        )
    if any(action != found[0] for action in found):
        raise AnswerError(f"The answer holds {len(found)} actions. Answer with one action, the next one.")
    try:
        orjson.dumps(found[0])
    except orjson.JSONEncodeError as error:
        raise AnswerError(f"The answer holds what cannot be kept: {error}.") from None
    return found[0]


def _objects(text: str) -> list[Any]:
    """Return the JSON objects and lists of a text that do not lie in one another."""
    decoder, values, position = json.JSONDecoder(parse_constant=_no_number), [], 0
    for _ in range(_MOST_STARTS):
        match = _START.search(text, position)
        if match is None:
            break
        try:
            value, position = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            position = match.start() + 1
            continue
        values.append(value)
    return values


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON.")


def _action(value: Any, depth: int) -> dict[str, Any] | None:
    """Return the action in a value: itself, the only one of a list, or what a tool call carries."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, list):
        return _only(value, depth)
    if not isinstance(value, dict):
        return None
    said = value.get(ACTION, value.get("action"))
    if isinstance(said, str):
        return {**value, ACTION: said}
    for name in ("actions", "tool_calls", "action", "function", "function_call"):
        inner = _action(value.get(name), depth + 1)
        if inner is not None:
            return {**{key: entry for key, entry in value.items() if key in ("thought", "part")}, **inner}
    return _called(value)


def _only(values: list[Any], depth: int) -> dict[str, Any] | None:
    actions = [action for action in (_action(value, depth + 1) for value in values) if action is not None]
    if any(action != actions[0] for action in actions):
        raise AnswerError(f"The answer holds {len(actions)} actions. Answer with one action, the next one.")
    return actions[0] if actions else None


def _called(value: dict[str, Any]) -> dict[str, Any] | None:
    """Return the action of ``{"name": …, "arguments": …}``."""
    name = value.get("name")
    arguments = next((value[key] for key in ("arguments", "parameters", "input") if key in value), None)
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            return None
    return {ACTION: name, **arguments} if isinstance(name, str) and isinstance(arguments, dict) else None
