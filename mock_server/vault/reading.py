"""A one-time code in a message.

Owns: telling the code from the other numbers in an email or a text message. Must not:
know who sent it.
"""

from __future__ import annotations

import html
import re
from typing import Final

_TAGS: Final = re.compile(r"<(?:style|script)\b.*?</(?:style|script)>|<[^>]+>", re.DOTALL | re.IGNORECASE)
_ADDRESSES: Final = re.compile(r"https?://\S+|\S+@\S+")
_CANDIDATE: Final = re.compile(
    r"(?<![\w.,:/$€£#+-])(?:[A-Z]{1,2}-)?"
    r"(?P<code>\d{3}[ -]\d{3}|\d{4,8}|(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z\d]{5,8})"
    r"(?![\w/:%]|[.,]\d)"
)
_KEYWORD: Final = re.compile(
    r"\b(?:codes?|passcode|otp|pin|one[\s-]?time|verif\w+|2fa|mfa|security|authenticat\w+|log[\s-]?in|sign[\s-]?in)\b",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_FAR: Final = 120
"""Characters beyond which a keyword says nothing about a number."""


def code_in(message: str) -> str:
    """Return the code a message brings, without blanks and dashes; nothing if there is none to be sure of."""
    text = html.unescape(_ADDRESSES.sub(" ", _TAGS.sub(" ", message)))
    keywords = [(match.start(), match.end()) for match in _KEYWORD.finditer(text)]
    best, nearest = "", float(_FAR)
    for match in _CANDIDATE.finditer(text):
        code = match["code"]
        # What stands before the number weighs more than what follows it.
        gaps = [match.start() - end if end <= match.start() else 1.5 * (start - match.end()) for start, end in keywords]
        distance = min((gap for gap in gaps if gap >= 0), default=float(_FAR))
        if _YEAR.fullmatch(code):
            distance += 20
        if distance < nearest:
            best, nearest = code, distance
    return re.sub(r"[ -]", "", best)
