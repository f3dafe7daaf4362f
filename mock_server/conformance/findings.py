"""What was found, and who is to blame.

Owns: :class:`Finding`, and keeping findings apart by API key and bounded: one line per kind
with a count. Must not: find anything.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

_LOG: Final = logging.getLogger("mock_server.conformance")

Blame = Literal["client", "schema", "mock"]
BLAMES: Final[tuple[Blame, ...]] = ("client", "schema", "mock")

MAX_KINDS: Final = 200
MAX_TENANTS: Final = 1000
_LEVELS: Final = {"client": logging.WARNING, "schema": logging.INFO, "mock": logging.ERROR}


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of thing that is not as published. Holds no value of a request or an answer."""

    blame: Blame
    """``client``: the request does not fit; ``schema``: the real service departs from its own schema
    in this way; ``mock``: this server's answer is wrong."""
    operation: str
    """Method and path template."""
    status: int
    part: Literal["request", "query", "status", "answer"]
    where: str
    """JSON pointer into that part, indexes as ``*``."""
    message: str
    reason: str | None = None
    """For ``schema``: how it is known."""

    def __str__(self) -> str:
        told = f"{self.operation} -> {self.status}: {self.part}{self.where and ' ' + self.where}: {self.message}"
        return f"{told} ({self.reason})" if self.reason else told


class Ledger:
    """The findings of one tenant."""

    def __init__(self) -> None:
        self.checked = 0
        """Exchanges that were looked at."""
        self._counts: dict[Finding, int] = {}
        self._beyond = 0

    def add(self, findings: Iterable[Finding]) -> None:
        """Take down the findings of one exchange; each kind is logged when it is first met."""
        self.checked += 1
        for finding in findings:
            if finding in self._counts:
                self._counts[finding] += 1
            elif len(self._counts) < MAX_KINDS:
                self._counts[finding] = 1
                _LOG.log(_LEVELS[finding.blame], "Self-check blames the %s: %s", finding.blame, finding)
            else:
                self._beyond += 1

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._counts)

    def blamed(self, blame: Blame) -> list[Finding]:
        """Return the kinds one party is to blame for."""
        return [finding for finding in self._counts if finding.blame == blame]

    def summary(self, blame: Blame | None = None) -> dict[str, Any]:
        """Return everything as JSON values; ``blame`` picks the findings of one party."""
        return {
            "checked": self.checked,
            "counts": {party: sum(n for kind, n in self._counts.items() if kind.blame == party) for party in BLAMES},
            "findings": [
                {**asdict(finding), "count": count}
                for finding, count in self._counts.items()
                if blame in (None, finding.blame)
            ],
            "beyond": self._beyond,
        }


class Ledgers:
    """The findings of every tenant, the longest silent ones given up first. None is whoever had no key."""

    def __init__(self) -> None:
        self._ledgers: OrderedDict[str | None, Ledger] = OrderedDict()

    def of(self, organization: str | None) -> Ledger:
        """Return a tenant's findings."""
        ledger = self._ledgers.get(organization)
        if ledger is None:
            ledger = self._ledgers[organization] = Ledger()
            if len(self._ledgers) > MAX_TENANTS:
                self._ledgers.popitem(last=False)
        else:
            self._ledgers.move_to_end(organization)
        return ledger

    def clear(self, organization: str | None) -> None:
        """Forget a tenant's findings."""
        self._ledgers.pop(organization, None)

    def blamed(self, blame: Blame) -> list[Finding]:
        """Return what one party is to blame for, whoever asked."""
        return [finding for ledger in self._ledgers.values() for finding in ledger.blamed(blame)]
