"""Deliveries of a server to a webhook: whether to believe them, and what they say.

Owns: the check of signature and age, and the event as a model. Must not: do I/O beyond
reading the clock that is handed in, keep a key, or tell in an error what a right signature
would have been.

The signature covers the raw bytes of the body and nothing else: JSON that was parsed and
written again has other bytes. It does not cover the timestamp, so whoever once saw a
delivery can send it again with a fresh one; see :attr:`WebhookEvent.replay_key`.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any, Final

from skyvern_tui.client.errors import WebhookBodyError, WebhookSignatureError, WebhookTimestampError
from skyvern_tui.client.models import Run

SIGNATURE_HEADER: Final = "x-skyvern-signature"
TIMESTAMP_HEADER: Final = "x-skyvern-timestamp"
DEFAULT_TOLERANCE: Final = 300.0
"""Seconds a delivery may be old or, as clocks differ, ahead. A server's last attempt bears the time of its first."""

_DIGEST_LENGTH: Final = 64
_QUARTER_HOUR: Final = 900.0
_MOST_OFFSET: Final = 14 * 3600.0


class WebhookEvent(Run):
    """A delivery that was found genuine: the run as it ended, and fields that only deliveries have.

    Which of them are there depends on the engine; unknown fields are kept as attributes.
    """

    task_id: str | None = None
    organization_id: str | None = None
    workflow_id: str | None = None
    workflow_run_id: str | None = None
    workflow_permanent_id: str | None = None
    prompt: str | None = None
    url: str | None = None
    summary: str | None = None
    webhook_callback_url: str | None = None
    webhook_failure_reason: str | None = None

    @property
    def replay_key(self) -> str:
        """What two deliveries of the same news have in common: run and status.

        A server sends some news twice by itself (after a cancel, after a retry), and anybody who saw a delivery can
        send it again. Keep the keys of what was handled, and answer 200 to a known one without doing anything.
        """
        return f"{self.run_id}:{self.status}"


def verify_webhook(
    body: bytes,
    headers: Mapping[str, str] | None = None,
    secret: str | Iterable[str] = (),
    *,
    signature: str | None = None,
    timestamp: str | None = None,
    tolerance: float | None = DEFAULT_TOLERANCE,
    clock: Callable[[], float] = time.time,
) -> WebhookEvent:
    """Return what a delivery says if it is genuine.

    ``body`` is the request's body as it arrived, as bytes. Give the request's ``headers`` (of any framework; case does
    not matter) or, instead, ``signature`` and ``timestamp``. ``secret`` is the API key that started the run; give
    several if you have several, as a replayed delivery is signed with the key that asked for the replay.
    ``tolerance`` is how many seconds the timestamp may be off, None to not look at it. ``clock`` tells Unix seconds.

    Raises:
        TypeError: ``body`` is not bytes, as after ``request.json()``.
        ValueError: No secret was given.
        WebhookSignatureError: The signature is missing or wrong.
        WebhookTimestampError: The delivery is too old, or from the future, or bears no time.
        WebhookBodyError: The delivery is genuine, but its body is not a run.
    """
    raw = _raw(body)
    given = {str(name).lower(): str(value) for name, value in (headers or {}).items()}
    signature = given.get(SIGNATURE_HEADER) if signature is None else signature
    timestamp = given.get(TIMESTAMP_HEADER) if timestamp is None else timestamp
    _check_signature(raw, signature, _keys(secret))
    if tolerance is not None:
        _check_age(timestamp, tolerance, clock())
    try:
        return WebhookEvent.model_validate_json(raw)
    except ValueError as problem:
        raise WebhookBodyError(
            "The delivery is genuine, but its body is not a run.",
            hint="Is this the URL of another service's webhook? Otherwise the server is newer than this client.",
        ) from problem


def sign_webhook(body: bytes, secret: str) -> str:
    """Return the signature a server sends with ``body``: for tests of a receiver."""
    return hmac.new(secret.encode(), _raw(body), sha256).hexdigest()


def _raw(body: Any) -> bytes:
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    what = "parsed JSON" if isinstance(body, (dict, list)) else type(body).__name__
    raise TypeError(
        f"verify_webhook needs the raw bytes of the request's body, not {what}: the signature covers the bytes as they "
        "were sent. Read them before anything parses them: await request.body() (Starlette, FastAPI), "
        "request.get_data() (Flask), request.body (Django)."
    )


def _keys(secret: str | Iterable[str]) -> list[str]:
    keys = [key for key in ([secret] if isinstance(secret, str) else secret) if key]
    if not keys:
        # An empty key signs as well as any; with it, everybody could.
        raise ValueError("verify_webhook needs the API key that started the run as its secret; none was given.")
    return keys


def _check_signature(body: bytes, signature: str | None, keys: list[str]) -> None:
    if not signature:
        raise WebhookSignatureError(
            f"The delivery has no {SIGNATURE_HEADER}.",
            hint="It did not come from a Skyvern server, or a proxy on the way takes headers out.",
        )
    claimed = signature.strip().encode()
    # Every key is tried whatever came of those before, so that the time taken tells nothing.
    matches = [hmac.compare_digest(hmac.new(key.encode(), body, sha256).hexdigest().encode(), claimed) for key in keys]
    if not any(matches):
        raise WebhookSignatureError("The delivery's signature is not that of its body.", hint=_why(body, claimed))


def _why(body: bytes, claimed: bytes) -> str:
    if len(claimed) != _DIGEST_LENGTH:
        return (
            f"It has {len(claimed)} characters; a signature is {_DIGEST_LENGTH} hex digits, with nothing before them."
        )
    if not body:
        return "The body is empty: something read it before."
    if _looks_rewritten(body):
        return (
            "The body has spaces as Python's json.dumps writes them: pass the bytes that arrived, not JSON made anew."
        )
    return "Is the secret the API key that started the run, and the body untouched?"


def _looks_rewritten(body: bytes) -> bool:
    try:
        return json.dumps(json.loads(body)).encode() == body
    except (ValueError, RecursionError):
        return False


def _check_age(timestamp: str | None, tolerance: float, now: float) -> None:
    try:
        sent = float(timestamp or "")
    except ValueError:
        sent = float("nan")
    age = now - sent
    if age != age or abs(age) == float("inf"):  # noqa: PLR0124 - what is not a number differs from itself
        what = f"a {TIMESTAMP_HEADER} that is no time" if timestamp else f"no {TIMESTAMP_HEADER}"
        raise WebhookTimestampError(f"The delivery has {what}.", age=None, hint="tolerance=None accepts it.")
    if abs(age) <= tolerance:
        return
    hint = f"tolerance={abs(age):.0f} would accept it, and so replays of that age."
    if _is_offset(age):
        # A self-hosted server whose host is not on UTC writes its local time as if it were UTC.
        hint = f"The difference looks like a time zone: set the server's host to UTC, or pass tolerance=None. {hint}"
    when = f"{age:.0f} s old" if age > 0 else f"{-age:.0f} s in the future"
    raise WebhookTimestampError(f"The delivery is {when}, more than {tolerance:g} s.", age=age, hint=hint)


def _is_offset(age: float) -> bool:
    """Tell whether an age is, give or take half a minute, a whole number of quarters of an hour: an offset of UTC."""
    off = abs(age) % _QUARTER_HOUR
    return _QUARTER_HOUR / 2 < abs(age) <= _MOST_OFFSET and min(off, _QUARTER_HOUR - off) < 30  # noqa: PLR2004 - half a minute
