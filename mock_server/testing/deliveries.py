"""Webhook deliveries made without a server: genuine ones, and those a receiver must not believe.

Owns: making them and the ways to spoil them. Must not: send them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from mock_server.webhooks.body import canonical
from mock_server.webhooks.signature import SIGNATURE, TIMESTAMP, headers, sign

Forgery = Literal["body", "key", "signature", "unsigned", "pretty", "prefixed"]
FORGERIES: Final[tuple[Forgery, ...]] = ("body", "key", "signature", "unsigned", "pretty", "prefixed")
"""What can be wrong: the body, whose signature it is, one of its digits, none at all, JSON written anew, a ``v0=``."""
_MOMENT: Final = datetime(2026, 1, 1)  # noqa: DTZ001  # naive UTC, as everywhere


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST to a receiver: give ``body`` and ``headers`` to the code under test as they are."""

    body: bytes
    headers: Mapping[str, str]
    genuine: bool = True
    """Whether it comes from whoever has the key, unchanged."""
    how: str = "genuine"
    """In which way it is not as it should be."""


def genuine(payload: Mapping[str, Any], api_key: str, at: datetime = _MOMENT) -> Delivery:
    """Return a delivery of a payload as the service signs it. ``at`` is naive UTC."""
    body = canonical(dict(payload))
    return Delivery(body, headers(api_key, body, at))


def forged(delivery: Delivery, how: Forgery = "body", *, api_key: str = "somebody else's key") -> Delivery:
    """Return a delivery that is not genuine; ``api_key`` is the forger's."""
    body, spoiled = delivery.body, dict(delivery.headers)
    if how == "body":
        body = body[:-1] + b',"forged":true}' if body.endswith(b"}") else body + b" "
    elif how == "pretty":
        # What a receiver signs that parses the body and writes it again.
        body = body.replace(b":", b": ", 1)
    elif how == "key":
        spoiled[SIGNATURE] = sign(api_key, body)
    elif how == "signature":
        last = spoiled[SIGNATURE][-1]
        spoiled[SIGNATURE] = spoiled[SIGNATURE][:-1] + ("0" if last != "0" else "1")
    elif how == "prefixed":
        spoiled[SIGNATURE] = f"v0={spoiled[SIGNATURE]}"
    else:
        del spoiled[SIGNATURE]
    return Delivery(body, spoiled, genuine=False, how=how)


def replayed(delivery: Delivery, at: datetime) -> Delivery:
    """Return the same delivery once more with a new timestamp, which the signature does not cover.

    It looks genuine; only a receiver that remembers run ids can tell.
    """
    again = {**delivery.headers, TIMESTAMP: headers("", b"", at)[TIMESTAMP]}
    return replace(delivery, headers=again, how="replayed")


def reordered(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Return deliveries as they may come in: the last one first."""
    return [replace(delivery, how="reordered") for delivery in reversed(list(deliveries))]
