"""What a page says about how things went.

Owns: telling errors and confirmations from other text, and matching the caller's error
codes against them. Must not: look for wording of a particular site.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from mock_server.agent.lexicon import stem, words
from mock_server.agent.observation import Observation

_ERROR: Final = re.compile(
    r"\b(?:invalid|incorrect|wrong|fail(?:ed|ure)|errors?|denied|refused|rejected|forbidden|unauthori[sz]ed|"
    r"(?:is|are|was|were|does|do|did)(?:\s+not|n't)\s+(?:recogni[sz]ed|found|valid|allowed|match|correct|exist|available|accepted)|not\s+(?:found|valid|allowed|recogni[sz]ed)|"
    r"(?:is|are)\s+(?:required|missing|mandatory|invalid|locked|disabled)|required\s+field|must\s+(?:be|have|contain|not|enter|accept|agree)|"
    r"please\s+(?:enter|fill|provide|correct|check|select|choose|try|accept|agree|complete)|can'?t\s+be\s+(?:blank|empty)|"
    r"too\s+(?:short|long|many|weak|large|small)|expired|locked|suspended|blocked|try\s+again|unable|cannot|can't|could\s?n[o']t|unavailable|"
    r"sold\s+out|out\s+of\s+stock|already\s+(?:exists?|taken|registered|in\s+use|used)|no\s+(?:results?|matches|entries)|oops|sorry|declined|session\s+has\s+ended)\b",
    re.IGNORECASE,
)
_REFUSAL: Final = re.compile(
    r"\b(?:(?:members|subscribers|customers|registered\s+users|staff|admins?|administrators?)\s+only|"
    r"only\s+(?:for\s+|available\s+to\s+)?(?:members|subscribers|registered|logged|signed)|access\s+denied|forbidden|"
    r"not\s+(?:allowed|permitted|authori[sz]ed)|permission|unauthori[sz]ed|(?:log|sign)[\s-]?in\s+(?:first|required|is\s+required|to\s+\w+)|"
    r"you\s+(?:must|need\s+to|have\s+to)\s+(?:be\s+(?:an?\s+)?(?:member|logged|signed|registered|subscribed)|log|sign|register|subscribe)|"
    r"refused|rejected|declined|try\s+again|sold\s+out|out\s+of\s+stock|no\s+longer\s+available)\b",
    re.IGNORECASE,
)
"""What a page says to somebody who may not, or cannot, have what was asked for."""
_SUCCESS: Final = re.compile(
    r"\b(?:thank(?:s|\s+you)|success(?:ful(?:ly)?)?|(?:has|have|was|were|is)\s+(?:been\s+)?(?:sent|submitted|saved|placed|created|added|updated|deleted|removed|"
    r"recorded|received|registered|booked|confirmed|processed|accepted|completed|subscribed)|we(?:'ll|\s+will|'ve|\s+have)\s+(?:be\s+in\s+touch|get\s+back|contact|reply|respond|"
    r"answer|received|sent)|confirmation|congratulations|you(?:'re|\s+are)\s+(?:all\s+set|subscribed|registered|signed\s+up|in)|"
    r"(?:message|order|request|application|response|form|booking|feedback)\s+(?:sent|placed|received|submitted|confirmed|recorded|complete)|all\s+done|welcome)\b",
    re.IGNORECASE,
)
_NEGATED: Final = re.compile(r"\b(?:not|never|no|without|n't)\b", re.IGNORECASE)
_LONGEST: Final = 300


def errors_in(lines: Iterable[str]) -> list[str]:
    """Return the lines that report a problem, in order."""
    return [line for line in lines if len(line) <= _LONGEST and _ERROR.search(line) and not _confirms(line)]


def refusals_in(lines: Iterable[str]) -> list[str]:
    """Return the lines that say that something may not or cannot be done, in order."""
    return [line for line in lines if len(line) <= _LONGEST and _REFUSAL.search(line) and not _confirms(line)]


def confirmations_in(lines: Iterable[str]) -> list[str]:
    """Return the lines that report success, in order."""
    return [line for line in lines if len(line) <= _LONGEST and _confirms(line)]


def _confirms(line: str) -> bool:
    match = _SUCCESS.search(line)
    if match is None:
        return False
    return not (
        _ERROR.search(line) and (_NEGATED.search(line) or not re.match(r"\W*(?:thank|success)", line, re.IGNORECASE))
    )


def alerts(page: Observation) -> list[str]:
    """Return the lines the page itself marks as alerts."""
    return [line.text for line in page.lines if line.kind == "alert"]


_CONCEPTS: Final[tuple[tuple[str, str], ...]] = (
    (
        "login",
        (
            "login|log in|logged|logon|sign in|signing in|credential|username|user name|user id|password|"
            "authentication|authenticate"
        ),
    ),
    (
        "wrong",
        (
            "incorrect|invalid|wrong|bad|failed|fail|failure|not recognised|not recognized|not match|mismatch|"
            "refused|denied|rejected|error"
        ),
    ),
    ("locked", "locked|lock|suspended|blocked|disabled|deactivated|banned"),
    ("account", "account|user|profile|member|customer"),
    (
        "missing",
        (
            "missing|not found|no such|does not exist|doesn't exist|could not be found|not available|unavailable|"
            "nothing|none|no result|no results|404|cannot find|can't find|absent"
        ),
    ),
    ("stock", "stock|sold out|inventory|in stock|availability"),
    ("expired", "expired|expire|timeout|timed out|too late|no longer"),
    ("captcha", "captcha|robot|human verification|not a robot"),
    ("permission", "permission|forbidden|unauthorized|unauthorised|access denied|not allowed|403|401|privilege"),
    ("payment", "payment|card|credit card|declined|billing|funds"),
    ("input", "required|mandatory|field|form|validation|incomplete|fill in|must enter|missing information"),
    (
        "network",
        (
            "connection refused|err_connection|unreachable|connection|dns|network|down|offline|unresponsive|"
            "name not resolved|did not answer|navigate|loading|load"
        ),
    ),
    ("invoice", "invoice|invoices|bill|receipt|statement"),
    ("search", "search|result|results|match|matches|query"),
    ("code", "verification code|one-time|2fa|mfa|otp|totp|two-factor|second factor"),
    ("steps", "steps|step limit|max steps|maximum steps"),
    ("exists", "already exists|already taken|already registered|in use|duplicate"),
)
_MATCHERS: Final = tuple(
    (
        name,
        re.compile(
            r"(?<!\w)(?:" + "|".join(re.escape(word) for word in phrases.split("|")) + r")(?!\w)", re.IGNORECASE
        ),
    )
    for name, phrases in _CONCEPTS
)
_HAPPENINGS: Final = frozenset(
    ["wrong", "locked", "missing", "stock", "expired", "captcha", "permission", "payment", "network", "steps", "exists"]
)
"""What can be the matter, as against what it is the matter with."""
_VAGUE: Final = frozenset(("missing", "input", "search"))
_ENOUGH: Final = 0.5


_OF_THE_SYSTEM: Final = frozenset(("MISSING_TOTP_SOURCE",))


def own_error(error_code: str, reason: str) -> dict[str, Any]:
    """Return an entry of ``errors`` with a code of the service's own; some it gives out in the form of a caller's."""
    if error_code in _OF_THE_SYSTEM:
        return {"error_code": error_code, "reasoning": reason, "error_type": "SYSTEM_DEFINED_ERROR"}
    return {"error_code": error_code, "reasoning": reason, "confidence_float": 1.0, "error_type": "USER_DEFINED_ERROR"}


def match_error_codes(codes: Mapping[str, str], evidence: Sequence[str]) -> tuple[dict[str, Any], ...]:
    """Return the caller's error codes that the evidence bears out, the surest first.

    ``codes`` maps a code to a description of when it applies; a code counts when what it
    describes and what the page (or the reason) says are about the same thing.
    """
    found: list[dict[str, Any]] = []
    for code, description in codes.items():
        wanted = f"{code.replace('_', ' ').replace('-', ' ')}. {description}"
        best, line = max(
            ((_agreement(wanted, text), text) for text in evidence if text), default=(0.0, ""), key=lambda item: item[0]
        )
        if best >= _ENOUGH:
            reasoning = f"{description or code}: {line[:300]!r} was given as the reason."
            found.append(
                {
                    "error_code": code,
                    "reasoning": reasoning,
                    "confidence_float": round(best, 2),
                    "error_type": "USER_DEFINED_ERROR",
                }
            )
    return tuple(sorted(found, key=lambda entry: -float(entry["confidence_float"])))


def _agreement(wanted: str, said: str) -> float:
    """How far two texts are about the same thing: shared subjects first, shared words second."""
    left, right = _subjects(wanted), _subjects(said)
    want = {stem(word) for word in words(wanted)}
    have = {stem(word) for word in words(said)}
    shared_words = len(want & have) / max(1, min(len(want), len(have)))
    if not left or not right:
        return min(0.95, shared_words)
    if left & _HAPPENINGS and right & _HAPPENINGS and not left & right & _HAPPENINGS:
        return 0.0  # the same thing, but something else is the matter with it
    shared = len(left & right) / max(1, min(len(left), len(right)))
    specific = (left & right) - {"wrong", "missing", "input", "account"}
    if not specific and left <= _VAGUE and right <= _VAGUE and left & right:
        return 0.6  # the description is as general as the reason
    if not specific and shared_words < _ENOUGH:
        return min(0.45, shared)
    return min(0.98, 0.75 * shared + 0.35 * shared_words)


def _subjects(text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in _MATCHERS if pattern.search(text))
