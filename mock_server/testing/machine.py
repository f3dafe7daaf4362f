"""A state machine that drives somebody's client and holds it to what the mock knows.

Owns: the rules and invariants, for Hypothesis. Must not: know a client; whoever uses it says how theirs is asked.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, precondition, rule

from mock_server.engine.lifecycle import FINAL
from mock_server.testing import strategies
from mock_server.testing.mock import SkyvernMock
from mock_server.testing.opening import open_mock, open_server
from mock_server.testing.server import Server


class ClientMachine(RuleBasedStateMachine):
    """Subclass it, say how your client does four things, and run ``YourMachine.TestCase``.

    >>> class MyMachine(ClientMachine):
    ...     def connect(self, mock): self.client = mock.client()
    ...     def submit(self, request): return self.client.run_task(**request).run_id
    ...     def status(self, run_id): return str(self.client.get_run(run_id).status)
    ...     def cancel(self, run_id): self.client.cancel_run(run_id)
    ...     def wait(self, run_id): return str(self.client.wait_for_run(run_id, timeout=7200).status)

    Time is skipped. Reads meet passing faults that a client has to survive; a task is never refused, so that each
    ``submit`` has to make exactly one run. ``where`` is that of ``open_mock``.
    """

    where: ClassVar[str] = "asgi"
    survives_faults: ClassVar[bool] = True
    """Whether the client is expected to get over faults of reads; False sets none."""
    _server: ClassVar[Server | None] = None
    submitted = Bundle("submitted")

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.mock: SkyvernMock = self._stack.enter_context(open_mock(self._shared_server()))
        self.known: dict[str, str] = {}
        """What the client was last told of each run."""
        self.finished: dict[str, str] = {}
        self.connect(self.mock)

    # -- how the client is asked ------------------------------------------------------------

    def connect(self, mock: SkyvernMock) -> None:
        """Make a client of ``mock.base_url`` and ``mock.api_key``, or take ``mock.client()``."""
        raise NotImplementedError

    def submit(self, request: dict[str, Any]) -> str:
        """Submit a task; return its run id."""
        raise NotImplementedError

    def status(self, run_id: str) -> str:
        """Return the status of a run."""
        raise NotImplementedError

    def cancel(self, run_id: str) -> None:
        """Cancel a run."""
        raise NotImplementedError

    def wait(self, run_id: str) -> str:
        """Wait until a run has ended, for two hours at least; return its status."""
        raise NotImplementedError

    # -- what happens -----------------------------------------------------------------------

    @rule(target=submitted, request=strategies.task_requests(), script=strategies.scripts())
    def a_task_is_submitted(self, request: dict[str, Any], script: dict[str, Any]) -> str:
        self.mock.scenario({**script, "times": 1})
        run_id = self.submit(request)
        assert run_id not in self.known, f"{run_id} is the id of an earlier run"
        self.known[run_id] = "created"
        return run_id

    @precondition(lambda self: self.survives_faults)
    @rule(plan=strategies.fault_plans())
    def reads_are_going_to_fail(self, plan: list[dict[str, Any]]) -> None:
        self.mock.clear_faults()
        for fault in plan:
            self.mock.fault(fault["operation"], **{name: value for name, value in fault.items() if name != "operation"})

    @rule(run_id=submitted)
    def a_run_is_looked_at(self, run_id: str) -> None:
        self._learns(run_id, self.status(run_id))

    @rule(seconds=st.integers(1, 1800))
    def time_passes(self, seconds: int) -> None:
        self.mock.clock.advance(seconds)

    @rule(target=submitted, run_id=consumes(submitted))
    def a_run_is_canceled(self, run_id: str) -> Any:
        self.mock.clear_faults()
        self.cancel(run_id)
        self._learns(run_id, self.status(run_id))
        assert self.known[run_id] in FINAL, f"{run_id} is {self.known[run_id]} after it was canceled"
        return multiple(run_id)

    @rule(run_id=submitted)
    def a_run_is_waited_for(self, run_id: str) -> None:
        status = self.wait(run_id)
        assert status in FINAL, f"wait returned {status!r} for {run_id}, which is not over"
        self._learns(run_id, status)

    @invariant()
    def each_submit_made_one_run(self) -> None:
        made = self.mock.journal.entries("run_task", status="200")
        assert len(made) == len(self.known), f"{len(self.known)} tasks were submitted and {len(made)} runs made"

    def teardown(self) -> None:
        self._stack.close()

    # -- inside -----------------------------------------------------------------------------

    def _learns(self, run_id: str, status: str) -> None:
        """Hold what the client says to what the mock said last, and to what it said before."""
        answers = [one.answer for one in self.mock.journal.of(run_id).entries("get_run", status="200")]
        truths = [answer["status"] for answer in answers if isinstance(answer, dict) and "status" in answer]
        assert not truths or status == truths[-1], f"the client says {status}, the server said {truths[-1]}"
        before = self.finished.get(run_id)
        assert before in (None, status), f"{run_id} was {before}, which is final, and is {status} now"
        self.known[run_id] = status
        if status in FINAL:
            self.finished[run_id] = status

    @classmethod
    def _shared_server(cls) -> Server:
        """Return the server of all machines: starting one for each example would be most of the time."""
        if ClientMachine._server is None:
            ClientMachine._server = open_server(cls.where)
        return ClientMachine._server
