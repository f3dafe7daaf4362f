"""Claims about the models: open, exact, and true to the wire in both directions."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.client import Run, RunEngine, RunStatus, RunType, TaskRun, TaskRunRequest, WorkflowRun
from skyvern_tui.client.models import ARTIFACTS, RUN, RUN_LIST, TIMELINE
from skyvern_tui.client.resources import BULK_CANCEL, SESSION, SESSIONS, TOTP_CODE, WEBHOOK_REPLAY
from tests.skyvern_tui.client.playground import run_body

ORACLE = Path(__file__).parents[3] / "fixtures" / "oracle"
READERS = {
    "POST run/tasks": RUN,
    "POST run/tasks/login": RUN,
    "POST run/tasks/download_files": RUN,
    "POST run/agents": RUN,
    "POST run/workflows": RUN,
    "GET runs": RUN_LIST,
    "GET runs/ID": RUN,
    "GET runs/ID/timeline": TIMELINE,
    "GET runs/ID/artifacts": ARTIFACTS,
    "POST runs/cancel": BULK_CANCEL,
    "POST runs/ID/retry_webhook": WEBHOOK_REPLAY,
    "POST browser_sessions": SESSION,
    "GET browser_sessions": SESSIONS,
    "GET browser_sessions/ID": SESSION,
    "POST credentials/totp": TOTP_CODE,
}


def recorded():
    """What a real server answered, and the reader of each answer."""
    texts = [(ORACLE / f"{name}.jsonl").read_text(encoding="utf-8") for name in ("exchanges", "stateful")]
    for line in "".join(texts).splitlines():
        exchange = json.loads(line)
        request, response = exchange["request"], exchange["response"]
        path = re.sub(
            r"(runs|browser_sessions)/(?!cancel)[^/]+", r"\1/ID", request["path"].strip("/").removeprefix("v1/")
        )
        reader = READERS.get(f"{request['method']} {path}")
        if reader is not None and response["status"] == 200:
            yield pytest.param(reader, response["body"], id=exchange["name"])


@pytest.mark.parametrize(("reader", "body"), recorded())
def test_what_a_real_server_sent_is_read_and_written_alike(reader, body):
    """Every recorded answer is read, and dumping it gives back what came, to the microsecond and the last field."""
    body = body if isinstance(body, str) else json.dumps(body)
    wire = json.loads(body)
    dumped = reader.dump_python(reader.validate_json(body), mode="json", exclude_unset=True)
    assert dumped == wire


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
TIMES = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1))  # noqa: DTZ001 - naive as the wire is
RUNS = st.fixed_dictionaries(
    {
        "run_id": st.text(min_size=1),
        "status": st.sampled_from(RunStatus).map(str) | st.text(max_size=12),
        "created_at": TIMES.map(datetime.isoformat),
        "modified_at": TIMES.map(datetime.isoformat),
    },
    optional={
        "run_type": st.sampled_from(RunType).map(str) | st.text(max_size=12),
        "output": JSON,
        "finished_at": st.none() | TIMES.map(datetime.isoformat),
        "errors": st.none() | st.lists(st.dictionaries(st.text(max_size=5), JSON, max_size=2), max_size=2),
        "step_count": st.none() | st.integers(0, 2**70),
        "run_request": st.none() | st.dictionaries(st.text(max_size=8), JSON, max_size=3),
        "brand_new": JSON,
    },
)


@given(RUNS)
def test_any_run_survives_the_round_trip(wire):
    """Known and unknown words, numbers of any size, fields nobody knows: what is dumped is what came."""
    text = json.dumps(wire)
    run = RUN.validate_json(text)
    assert run.model_dump(mode="json", exclude_unset=True) == json.loads(text)
    assert RUN.validate_json(run.model_dump_json()) == run
    assert run.created_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("run_type", "kind"),
    [(str(name), WorkflowRun if name is RunType.workflow_run else TaskRun) for name in RunType]
    + [("task_v9", Run), ("", Run), (None, Run)],
)
def test_the_type_of_a_run_is_its_class(run_type, kind):
    """Known types have their class, an unknown or missing one is a plain run, and each is a Run."""
    body = run_body() if run_type is None else run_body(run_type=run_type)
    if run_type is None:
        del body["run_type"]
    run = RUN.validate_json(json.dumps(body))
    assert type(run) is kind
    assert isinstance(run, Run)


def test_a_workflows_run_has_what_only_it_has():
    """Attempts and how it was run are fields of their own."""
    attempt = {"attempt_number": 1, "status": "novel", "error_codes": [], "started_at": "2026-01-20T11:52:29"}
    run = RUN.validate_json(json.dumps(run_body(run_type="workflow_run", run_with="code", attempts=[attempt])))
    assert isinstance(run, WorkflowRun)
    assert (run.run_with, run.attempts[0].status) == ("code", "novel")


@pytest.mark.parametrize(
    ("status", "finished", "over"),
    [(str(status), False, status.is_final) for status in RunStatus]
    + [("paused", True, True), ("novel", True, True), ("novel", False, False), ("running", True, False)],
)
def test_when_a_run_is_over(status, finished, over):
    """Final statuses end a run; paused and unknown ones only with an end time, which proves nothing of the others."""
    times = {"finished_at": "2026-01-20T11:54:08" if finished else None}
    assert Run.model_validate(run_body(status, **times)).is_final is over


@pytest.mark.parametrize(
    ("wire", "hour"), [("2026-01-20T11:52:29", 11), ("2026-01-20T11:52:29Z", 11), ("2026-01-20T11:52:29+02:00", 9)]
)
def test_times_are_aware_utc(wire, hour):
    """A time without a zone is UTC, any other becomes it; dumped, it has a zone if it came with one."""
    run = Run.model_validate(run_body(created_at=wire))
    assert run.created_at == datetime(2026, 1, 20, hour, 52, 29, tzinfo=UTC)
    assert run.created_at.utcoffset() == timedelta(0)
    assert run.model_dump(mode="json")["created_at"] == f"2026-01-20T{hour:02}:52:29" + ("Z" if len(wire) > 19 else "")
    assert run.model_dump()["created_at"] is run.created_at


def test_a_request_shows_no_headers():
    """Headers may hold tokens: they are sent, not printed."""
    request = TaskRunRequest(
        prompt="x",
        engine=RunEngine.skyvern_v1,
        extra_http_headers={"authorization": "t0k3n"},
        cdp_connect_headers={"k": "t0k3n"},
    )
    assert "t0k3n" not in repr(request)
    assert request.model_dump(mode="json", exclude_unset=True)["extra_http_headers"] == {"authorization": "t0k3n"}
