"""What is made of a client's behaviour.

Owns: the kinds of verdict and the rules that many cases share. Must not: know one case from another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from mock_server.testing.contract.protocol import Answer

FINAL: Final = frozenset({"completed", "failed", "terminated", "timed_out", "canceled"})


class Kind(StrEnum):
    """The kinds, from the best to the worst; only the first two let a report pass."""

    HANDLED = "handled"
    NOT_OFFERED = "not offered"
    IMPATIENT = "impatient"
    """It came back before it was asked to, or kept asking about a run that was over."""
    WRONG = "wrong"
    """It said what is not so."""
    LOST_RUN = "lost run"
    """It gave up on a run that goes on, and did not even say which."""
    DUPLICATE_RUN = "duplicate run"
    HUNG = "hung"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A kind and, in a few words, why."""

    kind: Kind
    why: str = ""

    @property
    def is_good(self) -> bool:
        return self.kind in {Kind.HANDLED, Kind.NOT_OFFERED}


@dataclass(frozen=True, slots=True)
class Seen:
    """What can be known after a command: the answer (None: none came), the runs there are, the exchanges."""

    answer: Answer | None
    runs: Sequence[Mapping[str, Any]]
    exchanges: Sequence[Mapping[str, Any]]
    """Entries of the journal, oldest first."""
    gaps: Mapping[str, Sequence[float]]
    """By operation, the seconds between one call's end and the next one's beginning."""

    def calls(self, operation: str) -> list[Mapping[str, Any]]:
        """Return the exchanges of one operation."""
        return [exchange for exchange in self.exchanges if exchange["operation"] == operation]

    def polls_after_the_end(self) -> int:
        """Return how often the run was asked for after an undisturbed answer had said that it is over."""
        polls = self.calls("get_run")
        for count, poll in enumerate(polls):
            if poll["fault"] is None and _is_over(poll["answer"]["body"]):
                return len(polls) - count - 1
        return 0


Judge = Callable[[Seen], Verdict]


def _is_over(run: object) -> bool:
    return isinstance(run, Mapping) and (run.get("status") in FINAL or bool(run.get("finished_at")))


def followed(status: str, *, output: Any = None, waits: Mapping[str, float] | None = None) -> Judge:
    """Return the judge of a run that ends with ``status``, which the client has to find out.

    To raise an error is as good as to return, if it tells status and run, and the run did not complete.
    ``output`` has to be the same, if it is not None. ``waits`` are the least seconds between the first two calls of
    an operation.
    """

    def judge(seen: Seen) -> Verdict:
        if (early := _early(seen)) is not None:
            return early
        answer, run = seen.answer, seen.runs[0]
        assert answer is not None
        if answer.outcome == "raised" and (status == "completed" or answer.status != status):
            return _gave_up(answer, run["run_id"], f"the run went on to {status}")
        if answer.outcome == "raised" and not answer.knows(run["run_id"]):
            return Verdict(Kind.LOST_RUN, f"{answer.error} does not say which run it is about")
        if answer.status != status:
            return Verdict(Kind.WRONG, f"said {answer.status!r}, and the run is {status!r}")
        if output is not None and answer.output != output:
            return Verdict(Kind.WRONG, f"the output is not the run's: {_short(answer.output)}")
        return _manners(seen, waits or {})

    return judge


def gave_up_knowing(why: str, *, most_polls: int | None = None) -> Judge:
    """Return the judge of a run whose end cannot be had: the client has to stop, and to say which run it was."""

    def judge(seen: Seen) -> Verdict:
        if (early := _early(seen)) is not None:
            return early
        answer, run = seen.answer, seen.runs[0]
        assert answer is not None
        if not answer.knows(run["run_id"]):
            said = answer.error or f"what was returned ({answer.status})"
            return Verdict(Kind.LOST_RUN, f"{said} does not say which run it is about")
        if answer.outcome == "returned" and answer.status in FINAL:
            return Verdict(Kind.WRONG, f"said {answer.status!r}, and {why}")
        polls = len(seen.calls("get_run"))
        if most_polls is not None and polls > most_polls:
            return Verdict(Kind.IMPATIENT, f"asked {polls} times for what will not change")
        return Verdict(Kind.HANDLED, answer.error or f"returned the run, {answer.status}")

    return judge


def not_made_twice(*, most_calls: int | None = None, wait: float | None = None) -> Judge:
    """Return the judge of a submission that is answered badly: there is one run at most, however it ends."""

    def judge(seen: Seen) -> Verdict:
        if (early := _early(seen, needs_run=False)) is not None:
            return early
        assert seen.answer is not None
        calls = len(seen.calls("run_task"))
        if most_calls is not None and calls > most_calls:
            return Verdict(Kind.IMPATIENT, f"sent {calls} times what was refused for good")
        if seen.answer.outcome == "returned" and not seen.runs:
            return Verdict(Kind.WRONG, "returned, and there is no run")
        if wait is not None and (early := _too_early(seen, "run_task", wait)) is not None:
            return early
        return Verdict(Kind.HANDLED, seen.answer.error or "")

    return judge


def either(*judges: Judge) -> Judge:
    """Return the judge who is content when one of these is, and says what the last one says otherwise."""

    def judge(seen: Seen) -> Verdict:
        verdicts = [each(seen) for each in judges]
        return next((verdict for verdict in verdicts if verdict.is_good), verdicts[-1])

    return judge


def verified(*, genuine: bool) -> Judge:
    """Return the judge of a delivery: a client says whether it is genuine; to raise is to say that it is not."""

    def judge(seen: Seen) -> Verdict:
        answer = seen.answer
        if answer is None:
            return Verdict(Kind.HUNG, "no answer")
        if answer.outcome == "unsupported":
            return Verdict(Kind.NOT_OFFERED)
        said = answer.outcome == "returned" and bool(answer.valid)
        if said != genuine:
            return Verdict(Kind.WRONG, "a forgery was accepted" if said else "a genuine delivery was refused")
        return Verdict(Kind.HANDLED)

    return judge


def downloaded(size: int, sha256: str, *, may_raise: bool) -> Judge:
    """Return the judge of a file: it is whole, or the client says that it is not."""

    def judge(seen: Seen) -> Verdict:
        answer = seen.answer
        if answer is None:
            return Verdict(Kind.HUNG, "no answer")
        if answer.outcome == "unsupported":
            return Verdict(Kind.NOT_OFFERED)
        if answer.outcome == "raised":
            return Verdict(Kind.HANDLED if may_raise else Kind.WRONG, f"{answer.error}: {answer.message}"[:160])
        if answer.size != size or (answer.sha256 or sha256) != sha256:
            return Verdict(Kind.WRONG, f"{answer.size} bytes were taken for the whole of {size}")
        return Verdict(Kind.HANDLED)

    return judge


def _early(seen: Seen, *, needs_run: bool = True) -> Verdict | None:
    """Return the verdict of what needs no knowledge of the case."""
    if len(seen.runs) > 1:
        return Verdict(Kind.DUPLICATE_RUN, f"{len(seen.runs)} runs were made of one task")
    if seen.answer is None:
        return Verdict(Kind.HUNG, f"no answer; {len(seen.calls('get_run'))} polls")
    if seen.answer.outcome == "unsupported":
        return Verdict(Kind.NOT_OFFERED)
    if needs_run and not seen.runs:
        return Verdict(Kind.WRONG, f"no run was made: {seen.answer.error} {seen.answer.message}"[:160])
    return None


def _gave_up(answer: Answer, run_id: str, why: str) -> Verdict:
    if not answer.knows(run_id):
        return Verdict(Kind.LOST_RUN, f"raised {answer.error}, and {why}")
    return Verdict(Kind.WRONG, f"raised {answer.error}, and {why}; the run's id is told")


def _manners(seen: Seen, waits: Mapping[str, float]) -> Verdict:
    for operation, least in waits.items():
        if (early := _too_early(seen, operation, least)) is not None:
            return early
    if after := seen.polls_after_the_end():
        return Verdict(Kind.IMPATIENT, f"asked {after} times more after the run was over")
    return Verdict(Kind.HANDLED)


def _too_early(seen: Seen, operation: str, least: float) -> Verdict | None:
    gaps = seen.gaps.get(operation) or ()
    # A clock that is read with limited precision may show a hair less than was slept.
    if gaps and gaps[0] < least - 0.01:
        return Verdict(Kind.IMPATIENT, f"came back after {gaps[0]:.1f} s, and was asked to after {least:g} s")
    return None


def _short(value: object, most: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"
