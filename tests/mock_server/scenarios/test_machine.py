"""Whatever is done with scripted runs in whatever order, over a restart as well, the API tells one sound history."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mock_server.app import Composition
from mock_server.engine.lifecycle import FINAL, TRANSITIONS
from mock_server.settings import Settings

ENDINGS = [*sorted(FINAL), "paused", "running"]
STAMPS = ("created_at", "queued_at", "started_at", "finished_at", "modified_at")

PHASES = st.lists(
    st.tuples(
        st.sampled_from(["queued", "running"]),
        st.one_of(
            st.integers(0, 3).map(lambda n: {"polls": n}),
            st.sampled_from([0, 1, 7.5, 60]).map(lambda t: {"seconds": t}),
            st.just({"manual": True}),
        ),
    ),
    max_size=3,
).map(lambda phases: [{"status": status, **length} for status, length in sorted(phases, key=lambda phase: phase[0])])
EXTRAS = st.fixed_dictionaries(
    {},
    optional={
        "late_success": st.just({"after": {"seconds": 30}}),
        "list_lag": st.sampled_from([{"polls": 2}, {"seconds": 20}]),
        "artifacts": st.just(["har", {"type": "recording", "after": {"seconds": 10}}]),
        "downloads": st.just({"a.txt": "a"}),
    },
)


@dataclass
class Known:
    """What the model knows of a run: its script, what was seen of it, and the moment it ended at the latest."""

    script: dict[str, Any]
    seen: dict[str, Any]
    statuses: list[str] = field(default_factory=list)
    canceled: bool = False


def reachable(before: str, after: str, *, late: bool) -> bool:
    """Tell whether the table leads from one status to the other, over any number of steps nobody saw."""
    if before == after:
        return True
    if late and before == "canceled" and after == "completed":
        return True
    todo, done = [before], set()
    while todo:
        status = todo.pop()
        done.add(status)
        todo += [following for following in TRANSITIONS[status] if following not in done]
    return after in done or (late and "canceled" in done and after == "completed")


class ScriptedRuns(RuleBasedStateMachine):
    """Makes scripted runs, looks at them, moves time and runs, cancels, and restarts the server on the same data."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.directory = tempfile.TemporaryDirectory()
        self.runs: dict[str, Known] = {}
        self.open()

    def open(self) -> None:
        self.composition = Composition(Settings(data_dir=Path(self.directory.name), parallel_runs=0))
        self.do(self.composition.start())
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.composition.application()),
            base_url="http://127.0.0.1:8000",
            headers={"x-api-key": "k"},
        )

    def do(self, work: Any) -> Any:
        return self.runner.run(work)

    def ask(self, method: str, path: str, expected: tuple[int, ...] = (200,), **options: Any) -> Any:
        answer = self.do(self.client.request(method, path, **options))
        assert answer.status_code in expected, (method, path, answer.text)
        return answer.json()

    def stop(self) -> None:
        self.do(self.client.aclose())
        self.do(self.composition.close())

    def teardown(self) -> None:
        self.stop()
        self.runner.close()
        self.directory.cleanup()

    # -- what is done -----------------------------------------------------------------------

    @initialize(auto=st.booleans())
    def begin(self, auto: bool) -> None:
        self.ask("PUT", "/_mock/clock", json={"mode": "frozen", "now": "2026-03-01T12:00:00"})
        if auto:
            self.ask("PUT", "/_mock/clock", json={"mode": "auto"})

    @rule(
        phases=PHASES,
        ending=st.sampled_from(ENDINGS),
        extras=EXTRAS,
        engine=st.sampled_from(["skyvern-1.0", "skyvern-2.0"]),
    )
    def submit(self, phases: list[dict[str, Any]], ending: str, extras: dict[str, Any], engine: str) -> None:
        script = {"phases": phases, "ending": {"status": ending}, **extras}
        self.ask("POST", "/_mock/scripts", json={**script, "times": 1})
        run = self.ask("POST", "/v1/run/tasks", json={"prompt": "x", "engine": engine})
        self.runs[run["run_id"]] = Known(script, run)
        assert run["status"] in ("created", "queued")

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), times=st.integers(1, 4))
    def poll(self, data: st.DataObject, times: int) -> None:
        run_id = data.draw(st.sampled_from(list(self.runs)))
        for _ in range(times):
            self.look(run_id)

    @rule(seconds=st.sampled_from([0, 0.5, 1, 10, 100]))
    def time_passes(self, seconds: float) -> None:
        self.ask("POST", "/_mock/clock/advance", json={"seconds": seconds})

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        run_id = data.draw(st.sampled_from(list(self.runs)))
        before = self.look(run_id)
        self.runs[run_id].canceled |= before["status"] not in FINAL
        self.ask("POST", f"/v1/runs/{run_id}/cancel")
        after = self.look(run_id)
        if before["status"] not in FINAL:
            # In auto mode the look itself may skip to a late success.
            assert after["status"] == "canceled" or "late_success" in self.runs[run_id].script

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def cancel_several(self, data: st.DataObject) -> None:
        chosen = data.draw(st.lists(st.sampled_from(list(self.runs)), max_size=4))
        answer = self.ask("POST", "/v1/runs/cancel", json={"run_ids": [*chosen, "tsk_0"]})
        assert answer["failed"] == ["tsk_0"]
        assert set(answer["cancelled"]) == set(chosen)
        for run_id in chosen:
            self.runs[run_id].canceled |= self.runs[run_id].seen["status"] not in FINAL
            assert self.look(run_id)["status"] in FINAL

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def advance_by_hand(self, data: st.DataObject) -> None:
        run_id = data.draw(st.sampled_from(list(self.runs)))
        self.ask("POST", f"/_mock/runs/{run_id}/advance", expected=(200, 409))
        self.look(run_id)

    @precondition(lambda self: self.runs)
    @rule()
    def restart(self) -> None:
        self.stop()
        self.open()

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def read_timeline(self, data: st.DataObject) -> None:
        run_id = data.draw(st.sampled_from(list(self.runs)))
        run = self.look(run_id)
        items = self.ask("GET", f"/v1/runs/{run_id}/timeline")
        assert bool(items) == (run["started_at"] is not None)
        blocks = [item["block"]["status"] for item in items if item["type"] == "block"]
        assert len(blocks) <= 1
        assert "running" not in blocks

    # -- what must hold ---------------------------------------------------------------------

    def look(self, run_id: str) -> dict[str, Any]:
        """Read a run, and hold it to what was seen of it before."""
        known = self.runs[run_id]
        run: dict[str, Any] = self.ask("GET", f"/v1/runs/{run_id}")
        before, late = known.seen, "late_success" in known.script
        assert reachable(before["status"], run["status"], late=late), (before["status"], run["status"])
        times = [run[name] for name in STAMPS if run[name] is not None]
        assert times == sorted(times)
        for name in ("created_at", "queued_at", "started_at", "finished_at"):
            assert before[name] is None or run[name] == before[name]
        assert run["modified_at"] >= before["modified_at"]
        assert (run["finished_at"] is not None) == (run["status"] in FINAL)
        if run["status"] in FINAL and not known.canceled:
            assert run["status"] == known.script["ending"]["status"] or late
        if run["status"] in ("completed", "failed") and not known.canceled and "downloads" in known.script:
            assert [file["filename"] for file in run["downloaded_files"]] == ["a.txt"]
        known.seen = run
        return run

    @invariant()
    def no_run_is_lost_and_the_list_agrees(self) -> None:
        listed = {item["run_id"]: item for item in self.ask("GET", "/v1/runs?page_size=100")}
        assert set(listed) == set(self.runs)
        for run_id, item in listed.items():
            known = self.runs[run_id]
            # The record itself, so that looking does not count as a poll.
            record = self.composition.services.store.run(
                self.composition.services.tenants.with_key(b"k").organization_id, run_id
            )
            assert record is not None
            assert item["status"] == record.status or ("list_lag" in known.script and item["status"] == "running")
            assert reachable(known.seen["status"], record.status, late="late_success" in known.script)


TestScriptedRuns = pytest.mark.timeout(400)(ScriptedRuns.TestCase)
TestScriptedRuns.settings = settings(max_examples=10, stateful_step_count=15, phases=[Phase.generate], database=None)
# Not shrunk: an example takes seconds, most of them for making the server anew.
