"""One-time codes: the page asks for one, the run gets it, types it and sends it.

Owns: recognising that a page asks for a code, in one field or in one box for each
character, the moves that answer, and when a code counts as refused. Must not: know where
codes come from; whoever gave the task does.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from mock_server.agent.evidence import alerts, errors_in
from mock_server.agent.grounding import is_text_field
from mock_server.agent.observation import Element
from mock_server.agent.planner.fields import SECRET, submit_button
from mock_server.agent.planner.model import Decision, Move, Situation, act, give_up

MISSING_SOURCE: Final = "MISSING_TOTP_SOURCE"

_SURE: Final = re.compile(
    r"\b(?:verification|one[\s-]?time|2fa|mfa|t?otp|two[\s-](?:factor|step)|second[\s-]factor|passcode|"
    r"(?:security|authentication|authenticator|confirmation|log[\s-]?in|sign[\s-]?in|access|sms)\s+code|"
    r"(?:\d|four|five|six|seven|eight)[\s-](?:digit|character)s?\b.{0,20}\bcode|code\s+(?:we\s+)?(?:just\s+)?sent|"
    r"code\s+from\s+(?:your|the)\b)",
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"\b(?:code|pin)\b", re.IGNORECASE)
_OTHER_CODE: Final = re.compile(
    r"\b(?:promo\w*|coupon|voucher|discount|gift|zip|post(?:al)?|country|area|dial\w*|product|item|referral|"
    r"invit\w+|source|bar|bank|sort|swift|tax|currency|language|colou?r)\b",
    re.IGNORECASE,
)
_FEWEST_BOXES: Final = 4
_MOST_BOXES: Final = 8
_BOX_WIDTH: Final = 90.0
"""No wider than this is a box for one character."""


def code_fields(at: Situation) -> list[Element]:
    """Return what takes a one-time code: one field, or the boxes of a code in their order; nothing if no code is asked.

    A field that is merely called *code* counts only on a page that speaks of signing in with one.
    """
    fields = [element for element in at.page.elements if is_text_field(element) and not element.disabled]
    boxes = _boxes(at, fields)
    if boxes:
        return boxes
    sure = [element for element in fields if is_code_field(element)]
    if sure:
        return sure[:1]
    if not _speaks_of_codes(at):
        return []
    return [
        element
        for element in fields
        if any(_CODE.search(text) and not _OTHER_CODE.search(text) for text in _names(element))
    ][:1]


def is_code_field(element: Element) -> bool:
    """Whether a field says by itself that it takes a one-time code."""
    if element.autocomplete == "one-time-code":
        return True
    return any(_SURE.search(text) and not _OTHER_CODE.search(text) for text in _names(element))


def give_code(at: Situation, fields: list[Element]) -> Decision:
    """Type the code and send it; ask for one first if none is in hand."""
    if any(deed.code for deed in at.deeds):
        return _refused(at, fields)
    moves = code_moves(at, fields)
    if not moves:
        return _without(at, fields[0])
    button = submit_button(at, fields[-1:])
    then = (
        at.move("click", f"{button.name!r} sends the code.", button, completes=False, sends=True)
        if button is not None
        else at.move("keypress", "Enter sends the code.", fields[-1], keys=("Enter",), completes=False, sends=True)
    )
    return act(f"The page asks for a one-time code ({_called(fields[0])}); give it.", *moves, then)


def code_moves(at: Situation, fields: list[Element]) -> list[Move]:
    """Return the moves that get the code and put it into the fields; nothing if there is no way to get one."""
    given = at.goal.credentials.code
    code = given or at.memory.code
    if not code and (not at.memory.asks_for_codes or at.memory.no_code):
        return []
    moves: list[Move] = []
    if not code:
        why = f"The page asks for a code ({_called(fields[0])}); get the one that belongs to this log-in."
        moves.append(at.move("verification_code", why, fields[0], completes=False))
    source = "The code from the prompt" if given else "The code"
    for index, field in enumerate(fields):
        part = index if len(fields) > 1 else None
        reason = f"{source} goes here." if part is None else f"Character {index + 1} of the code goes here."
        moves.append(at.move("input_text", reason, field, text=SECRET, completes=False, code=True, code_part=part))
    return moves


def _without(at: Situation, field: Element) -> Decision:
    """End because there is no code: none came, or nobody said where to get one."""
    if at.memory.no_code is not None:
        error_code, reason = at.memory.no_code
        return replace(give_up(reason, reason, "A verification code is missing."), error_code=error_code)
    return replace(
        give_up(
            (
                f"The site asks for a code ({_called(field)}), and the prompt gives none. Put the code into the "
                "prompt, give the task a totp_url or a totp_identifier, or keep the secret with the credential."
            ),
            "A verification code is missing.",
        ),
        error_code=MISSING_SOURCE,
    )


def _refused(at: Situation, fields: list[Element]) -> Decision:
    said = "; ".join(dict.fromkeys((*alerts(at.page), *errors_in(at.news()))))[:300]
    words = f" and says: {said!r}" if said else f": it still asks for one ({_called(fields[0])})"
    return give_up(
        f"The site did not accept the code{words}. Give a fresh one, and check what it is made from.",
        *([said] if said else []),
        "The verification code was not accepted.",
    )


def _boxes(at: Situation, fields: list[Element]) -> list[Element]:
    """Return the boxes that take one character each, if the page asks for a code in that way."""
    run: list[Element] = []
    best: list[Element] = []
    for field in fields:
        if _is_box(field) and (not run or _beside(run[-1], field)):
            run.append(field)
        else:
            run = [field] if _is_box(field) else []
        best = run[:] if len(run) > len(best) else best
    if not _FEWEST_BOXES <= len(best) <= _MOST_BOXES:
        return []
    return best if any(is_code_field(box) for box in best) or _speaks_of_codes(at) else []


def _is_box(field: Element) -> bool:
    narrow = 0 < field.box.width <= _BOX_WIDTH
    return field.tag == "input" and (
        field.max_length == 1 or (narrow and field.input_type in ("text", "tel", "number", "password", ""))
    )


def _beside(left: Element, right: Element) -> bool:
    same = left.form == right.form and left.frame == right.frame and left.input_type == right.input_type
    return same and abs(left.box.y - right.box.y) <= left.box.height / 2


def _speaks_of_codes(at: Situation) -> bool:
    return any(_SURE.search(text) for text in (at.page.title, *(line.text[:300] for line in at.page.lines)))


def _names(element: Element) -> tuple[str, ...]:
    own = (element.attributes.get(name, "") for name in ("name", "id"))
    texts = (
        element.name,
        *element.labels[:2],
        element.placeholder,
        *(text.replace("_", " ").replace("-", " ") for text in own),
    )
    return tuple(text[:120] for text in texts if text)


def _called(field: Element) -> str:
    return repr((field.name or field.placeholder or field.role)[:80])
