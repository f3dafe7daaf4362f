"""The client against what a real server was recorded to answer, through both faces, from cassettes."""

from __future__ import annotations

import json
from functools import cache

import pytest
import yaml

from skyvern_tui.client import (
    ApiError,
    BadRequestError,
    ForbiddenError,
    NotFoundError,
    Run,
    SkyvernError,
    UnprocessableEntityError,
)
from tests.contract.cassettes import calling, recorder, scrub
from tests.contract.real_server import REAL, TAPES, asked, exchanges, write

FACES = ["sync", "async"]
TELL_NOTHING = ("get_version", "cancel_run", "close_browser_session")
"""Calls that return less than the answer: a word, or that it is done."""
CLASSES = {400: BadRequestError, 403: ForbiddenError, 404: NotFoundError, 422: UnprocessableEntityError, 410: ApiError}


def sent(exchange):
    """What the server sent, as JSON."""
    return json.loads(scrub(exchange["response"]["body"].encode()))


@cache
def played(tape, kind):
    """Make every call of a tape from its cassette; return each with what was recorded and what came of it."""
    came = []
    with recorder("none").use_cassette(f"real/{tape}.yaml") as cassette, calling(kind, quick=True) as call:
        for what, exchange in exchanges(tape):
            came.append((what, exchange, call(what.name, *what.args, **what.kwargs)))
        assert cassette.all_played
    return came


def wire(value):
    """A result as JSON, as far as it was sent."""
    if isinstance(value, (list, tuple)):
        return [wire(item) for item in value]
    return value.model_dump(mode="json", exclude_unset=True) if hasattr(value, "model_dump") else value


@pytest.mark.parametrize("kind", FACES)
@pytest.mark.parametrize("tape", TAPES)
def test_every_good_answer_is_read_whole(tape, kind):
    """What a real server sent comes out of the models as it went in: no field lost, no value bent."""
    count = 0
    for what, exchange, came in played(tape, kind):
        if exchange["response"]["status"] != 200 or what.name in TELL_NOTHING:
            continue
        count += 1
        assert not isinstance(came, SkyvernError), (exchange["name"], came)
        assert wire(came) == sent(exchange), exchange["name"]
    assert count > 60


@pytest.mark.parametrize("kind", FACES)
@pytest.mark.parametrize("tape", TAPES)
def test_every_refusal_is_typed_and_quotes_the_server(tape, kind):
    """Each recorded refusal is the error of its status, with the server's words and a run's id where one was asked."""
    count = 0
    for what, exchange, came in played(tape, kind):
        status = exchange["response"]["status"]
        if status < 400:
            continue
        count += 1
        assert isinstance(came, CLASSES[status]), (exchange["name"], came)
        body = sent(exchange)
        assert (came.status_code, came.body) == (status, body)
        if isinstance(body["detail"], str):
            assert body["detail"][:80] in came.message
        else:
            assert came.problems
        if what.name in ("get_run", "cancel_run", "get_run_timeline"):
            assert came.run_id == what.args[0]
    assert count > 20


@pytest.mark.parametrize("tape", TAPES)
def test_both_faces_make_the_same_of_a_real_server(tape):
    """Call by call, results and errors are equal."""
    for (what, exchange, one), (_, _, other) in zip(played(tape, "sync"), played(tape, "async"), strict=True):
        assert type(one) is type(other), (what, exchange["name"])
        assert wire(one) == wire(other) if not isinstance(one, SkyvernError) else str(one) == str(other)


def test_runs_of_every_kind_and_status_were_recorded():
    """What is replayed is worth it: every engine's type, and every ending the real server gave."""
    runs = [came for tape in TAPES for _, _, came in played(tape, "sync") if isinstance(came, Run)]
    assert {"task_v1", "task_v2", "task_v3", "workflow_run"} <= {str(run.run_type) for run in runs}
    assert {"running", "completed", "failed", "terminated", "canceled"} <= {str(run.status) for run in runs}


@pytest.mark.parametrize("tape", TAPES)
def test_the_cassettes_are_those_of_the_recordings(tape, tmp_path, monkeypatch):
    """Converted anew they are the same, so that nobody edits them by hand."""
    monkeypatch.setattr("tests.contract.real_server.REAL", tmp_path)
    assert write(tape).read_text(encoding="utf-8") == (REAL / f"{tape}.yaml").read_text(encoding="utf-8")


def test_only_what_the_client_sends_is_replayed():
    """A request the client does not make belongs to no call, however much it looks like one."""
    request = {"method": "GET", "path": "/v1/runs/tsk_1", "query": "", "headers": {}, "body": None}
    assert asked(request).name == "get_run"
    assert asked(request | {"query": "attempt=1"}) is None
    assert asked(request | {"method": "PATCH"}) is None
    task = request | {"method": "POST", "path": "/v1/run/tasks", "body": '{"prompt":"x","max_steps":3}'}
    assert dict(asked(task).kwargs) == {"prompt": "x", "max_steps": 3, "engine": None}
    assert asked(task | {"body": '{"prompt":"x","max_steps":"7"}'}) is None
    assert asked(task | {"body": "[1]"}) is None


def test_each_cassette_is_one_yaml_of_plain_data():
    """No Python object is in them, so that reading one runs nothing."""
    for path in REAL.glob("*.yaml"):
        assert yaml.safe_load(path.read_text(encoding="utf-8"))["interactions"]
