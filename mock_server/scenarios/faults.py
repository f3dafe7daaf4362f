"""When something goes wrong: the rules of one tenant and which of them a call meets.

Owns: the rules, their counts, and the choice of the one a call meets. Must not: know what a
fault does to an answer (``faults_replies``), or do it (``api.faulting``).

The same seed, rules and calls give the same faults. Nothing here is looked at for a tenant
without rules but :attr:`Faults.active`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, Final

from mock_server.scenarios.operations import ANY

if TYPE_CHECKING:
    from mock_server.scenarios.faults_kinds import Fault

MAX_RULES: Final = 1_000
_RUNS_REMEMBERED: Final = 10_000


class FaultError(ValueError):
    """A fault that cannot be; the message says what is wrong with it and what there is instead.

    ``faults`` holds the same as pydantic lists it, if it was pydantic that found it.
    """

    def __init__(self, message: str, faults: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.faults = list(faults)


class ConnectionCutError(ConnectionResetError):
    """Raised instead of an answer where there is no connection that could be cut: under an in-process ASGI client.

    ``kind`` is the fault's; whatever of the answer was to arrive before the cut has been sent as ASGI messages.
    ``reset`` tells a reset from an orderly close. A client's transport can map this to its own error.
    """

    def __init__(self, kind: str, *, reset: bool) -> None:
        super().__init__(f"The mock server was told to cut this connection: {kind}.")
        self.kind = kind
        self.reset = reset


@dataclass(slots=True, eq=False)
class Rule:
    """A fault and what came of it so far."""

    fault: Fault
    rule_id: str
    calls: int = 0
    """Calls of its operation (and run) since it was set."""
    hits: int = 0
    without_effect: int = 0
    """Hits that changed nothing, because the answer had no such field, say."""
    by_run: OrderedDict[str, int] = field(default_factory=OrderedDict)

    @property
    def spent(self) -> bool:
        """Whether it can never hit again."""
        fault = self.fault
        if fault.times is not None and self.hits >= fault.times:
            return True
        return bool(fault.calls) and fault.per == "tenant" and self.calls >= max(fault.calls)


@dataclass(frozen=True, slots=True)
class Hit:
    """A fault that a call has met."""

    fault: Fault
    rule: Rule | None = None
    """None: the request itself asked for it."""
    draw: float = 0.0
    """A number from 0 up to 1 that depends on the seed, the rule and the count of the call alone."""

    def missed(self) -> None:
        """Note that it changed nothing."""
        if self.rule is not None:
            self.rule.without_effect += 1


class Faults:
    """The rules of one tenant, in the order in which they were set; the first that fires is met.

    ``standing`` are those the server was started with; they come back with :meth:`clear`.
    """

    __slots__ = ("_made", "_rules", "_standing", "active", "seed")

    def __init__(self, standing: Sequence[Fault] = (), seed: int | str = 0) -> None:
        self._standing = tuple(standing)
        self._rules: dict[str, Rule] = {}
        self._made = 0
        self.seed = seed
        """What probabilities and jitter are drawn from."""
        self.active = False
        """Whether there is a rule that may still fire."""
        self.clear()

    def add(self, fault: Fault) -> Rule:
        """Set a rule.

        Raises:
            FaultError: Its id is taken, or there are too many.
        """
        if len(self._rules) >= MAX_RULES:
            raise FaultError(f"There are {MAX_RULES} faults already. Remove some with DELETE /_mock/faults.")
        self._made += 1
        rule_id = fault.id or f"fault-{self._made}"
        if rule_id in self._rules:
            raise FaultError(f"There is a fault with the id {rule_id!r} already. Remove it first, or leave the id out.")
        rule = self._rules[rule_id] = Rule(fault, rule_id)
        self.active = True
        return rule

    def rules(self) -> list[Rule]:
        """Return every rule, spent ones too."""
        return list(self._rules.values())

    def remove(self, rule_id: str) -> bool:
        """Remove a rule; tell whether there was one."""
        found = self._rules.pop(rule_id, None) is not None
        self._refresh()
        return found

    def remove_all(self) -> int:
        """Remove every rule, those the server was started with too; return how many there were."""
        count = len(self._rules)
        self._rules.clear()
        self._refresh()
        return count

    def clear(self) -> None:
        """Go back to the beginning: the rules the server was started with, every count at zero."""
        self._rules.clear()
        self._made = 0
        for fault in self._standing:
            self.add(fault)
        self._refresh()

    def pick(self, operation: str, run_id: str | None) -> Hit | None:
        """Count a call and return the fault it meets. Every rule counts it, one is met."""
        met: Hit | None = None
        for rule in self._rules.values():
            fault = rule.fault
            if fault.operation not in (ANY, operation) or (fault.run_id is not None and fault.run_id != run_id):
                continue
            spent = rule.spent
            count = _count(rule, run_id)
            if met is None and not spent:
                draws = Random(f"{self.seed}/{rule.rule_id}/{run_id if fault.per == 'run' else ''}/{count}")  # noqa: S311  # a test's dice
                if _fires(fault, count, draws):
                    rule.hits += 1
                    met = Hit(fault, rule, draws.random())
        if met is not None:
            self._refresh()
        return met

    def _refresh(self) -> None:
        self.active = any(not rule.spent for rule in self._rules.values())


def _count(rule: Rule, run_id: str | None) -> int:
    """Count a call; return the how-manieth it is: of the rule, or of its run if each run is counted by itself."""
    rule.calls += 1
    if rule.fault.per == "tenant":
        return rule.calls
    key = run_id or ""
    count = rule.by_run[key] = rule.by_run.get(key, 0) + 1
    rule.by_run.move_to_end(key)
    if len(rule.by_run) > _RUNS_REMEMBERED:
        rule.by_run.popitem(last=False)
    return count


def _fires(fault: Fault, count: int, draws: Random) -> bool:
    if fault.calls:
        return count in fault.calls
    if fault.every:
        return count % fault.every == 0
    if fault.probability is not None:
        return draws.random() < fault.probability
    return True
