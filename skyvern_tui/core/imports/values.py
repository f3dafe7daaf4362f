"""Values found in a foreign text, turned into a draft.

Owns: other names of parameters, what is left out and the words for it. Must not: parse.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from skyvern_tui.core.draft import Draft
from skyvern_tui.core.parameters import BY_NAME
from skyvern_tui.core.text import one_line, shorten

MAX_MESSAGES: Final = 20
_MESSAGE: Final = 200
_OTHER_NAMES: Final = {
    "webhook_callback_url": "webhook_url",
    "totp_verification_url": "totp_url",
    "extracted_information_schema": "data_extraction_schema",
    "navigation_goal": "prompt",
    "max_steps_per_run": "max_steps",
    "max_screenshot_scrolling_times": "max_screenshot_scrolls",
}
"""Names the older task API has for the same things."""
_OF_THE_CALL: Final = frozenset({"wait_for_completion", "timeout", "request_options", "user_agent", "x-user-agent"})
"""Arguments of an SDK call that are not part of the task."""
_VARIABLE: Final = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")


class NotUnderstood(ValueError):  # noqa: N818 - named for the finding
    """The text holds no request that can be read. The message says why, in safe text."""

    def __init__(self, reason: str) -> None:
        super().__init__(shorten(one_line(reason), _MESSAGE))


@dataclass(frozen=True, slots=True)
class Found:
    """Values by the names they had, and what the parser has to say. ``quiet`` when other names are no surprise."""

    values: Mapping[str, Any]
    messages: tuple[str, ...] = ()
    quiet: bool = False


class Unread:
    """Stands for a value a parser could not read; ``text`` is how it was written."""

    def __init__(self, text: str) -> None:
        self.text = text


def draft_of(found: Found) -> tuple[Draft, tuple[str, ...]]:
    """Return the draft and what to say about it. Raises :class:`NotUnderstood` when nothing of a task is there."""
    values: dict[str, Any] = {}
    messages = list(found.messages)
    for name, value in found.values.items():
        known = _known(name)
        if known is None:
            if not found.quiet and name not in _OF_THE_CALL:
                messages.append(f"{name} is no parameter of a task; left out")
        elif isinstance(value, Unread):
            messages.append(f"{known} could not be read: {value.text}")
        elif known not in values or name == known:
            values[known] = value
            if name in _OTHER_NAMES and value is not None:
                messages.append(f"{name} was taken as {known}")
    try:
        draft = Draft.from_request(values)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood("nested too deeply") from error
    if not draft.to_dict():
        raise NotUnderstood("; ".join(messages) or "no parameter of a task was found")
    variables = dict.fromkeys(name for text in draft.to_dict().values() for name in _VARIABLE.findall(text))
    messages += [f"put in what ${name} stands for" for name in variables]
    return draft, tuple(shorten(one_line(message[: _MESSAGE * 4]), _MESSAGE) for message in messages[:MAX_MESSAGES])


def _known(name: str) -> str | None:
    for candidate in (name, _OTHER_NAMES.get(name), re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()):
        if candidate in BY_NAME:
            return candidate
    return None
