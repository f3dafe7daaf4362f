"""Runs cases against a target.

Owns: a tenant, a script and faults for each case, several cases at a time, and what is handed to the judge.
Must not: judge, or show.
"""

from __future__ import annotations

import json
import queue
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import httpx

from mock_server.testing import machine_time
from mock_server.testing.contract.case import Case
from mock_server.testing.contract.protocol import Answer, Hello
from mock_server.testing.contract.target import Target, open_target
from mock_server.testing.contract.verdict import Kind, Seen, Verdict

TASK_URL: Final = "http://127.0.0.1/"
_NEEDS_VIRTUAL_TIME: Final = Verdict(Kind.NOT_OFFERED, "takes minutes; the adapter's time is the machine's")


@dataclass(frozen=True, slots=True)
class Result:
    """What a case came to."""

    case: Case
    verdict: Verdict
    seconds: float
    """Of the machine's time."""
    answer: Answer | None = None
    polls: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What all of them came to, in the catalogue's order."""

    target: Hello
    results: Sequence[Result]

    @property
    def has_passed(self) -> bool:
        return all(result.verdict.is_good for result in self.results)


def examine(
    where: str,
    cases: Iterable[Case],
    *,
    server: str,
    jobs: int = 4,
    limit_seconds: float = 60.0,
    on_result: Callable[[Result], None] = lambda _: None,
) -> Report:
    """Put every case to the client at ``where`` (a command line or a URL) and return what came of it.

    ``server`` is the address of a mock server; each case gets a key of its own there. ``jobs`` adapters work side
    by side. Who has not answered after ``limit_seconds`` of the machine's time, hangs.

    Raises:
        ProtocolError: The adapter does not start, ends, or does not answer as documented.
        ValueError: ``where`` is neither a command nor a URL.
    """
    targets: queue.SimpleQueue[Target] = queue.SimpleQueue()
    opened = [open_target(where) for _ in range(jobs)]
    try:
        hello = opened[0].hello()
        for target in opened:
            targets.put(target)

        def put(case: Case) -> Result:
            target = targets.get()
            try:
                result = _put(case, target, hello, server, limit_seconds)
            finally:
                targets.put(target)
            on_result(result)
            return result

        with ThreadPoolExecutor(jobs) as pool:
            return Report(hello, list(pool.map(put, cases)))
    finally:
        for target in opened:
            target.close()


def _put(case: Case, target: Target, hello: Hello, server: str, limit_seconds: float) -> Result:
    if case.do not in hello.does:
        return Result(case, Verdict(Kind.NOT_OFFERED), 0.0)
    if case.needs_virtual_time and not hello.is_virtual:
        return Result(case, _NEEDS_VIRTUAL_TIME, 0.0)
    key = f"contract-{case.id}-{uuid.uuid4().hex[:8]}"
    with httpx.Client(base_url=server, headers={"x-api-key": key}, timeout=30, trust_env=False) as control:
        command = _command(case, key, server, hello) | _prepared(case, control, hello)
        began = machine_time.monotonic()
        answer = target.ask(command, limit_seconds)
        seconds = machine_time.monotonic() - began
        seen = _seen(answer, control)
    verdict = case.judge(seen)
    return Result(case, verdict, seconds, answer, len(seen.calls("get_run")))


def _command(case: Case, key: str, server: str, hello: Hello) -> dict[str, Any]:
    # A machine's second is a second to everybody, a virtual one costs nothing: both get what the case says.
    del hello
    return {
        "do": case.do,
        "base_url": server,
        "api_key": key,
        "clock_url": f"{server}/_mock/clock/advance",
        "prompt": case.title,
        "url": TASK_URL,
        "timeout_seconds": case.timeout_seconds,
        **case.command,
    }


def _prepared(case: Case, control: httpx.Client, hello: Hello) -> dict[str, Any]:
    """Lay script and faults ready; return what the command says of what there is."""
    if case.do == "verify_webhook":
        return {}
    more: dict[str, Any] = {}
    if hello.is_virtual:
        _done(control.put("/_mock/clock", json={"mode": "frozen"}))
    if case.script is not None:
        _done(control.post("/_mock/scripts", json=case.script))
    if case.do == "download":
        run = _done(control.post("/v1/run/tasks", json={"prompt": case.title, "url": TASK_URL}))
        more["run_id"] = run["run_id"]
    if case.faults:
        _done(control.post("/_mock/faults", json=list(case.faults)))
    _done(control.delete("/_mock/journal"))
    return more


def _seen(answer: Answer | None, control: httpx.Client) -> Seen:
    exchanges = _done(control.get("/_mock/journal"))
    own = ("run_task", "get_run")
    gaps = {name: _done(control.get("/_mock/journal/count", params={"operation": name}))["gaps"] for name in own}
    # What is faulty for the client is faulty for its examiner as well.
    _done(control.delete("/_mock/faults"))
    return Seen(answer, _done(control.get("/v1/runs", params={"page_size": 100})), exchanges["entries"], gaps)


def _done(answer: httpx.Response) -> Any:
    if answer.is_error:
        raise RuntimeError(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:300]}")
    return json.loads(answer.content) if answer.content else None
