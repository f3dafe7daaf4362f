"""The client against what the mock server was recorded to answer, through both faces.

A cassette that no longer fits the client fails here; one that no longer fits the server is
noticed when it is recorded anew (``make cassettes``) and its diff is read.
"""

from __future__ import annotations

import json
import re
from datetime import UTC
from functools import cache
from typing import Any

import pytest
import yaml
from vcr.errors import CannotOverwriteExistingCassetteException

from skyvern_tui.client import (
    AuthenticationError,
    BadRequestError,
    NotFoundError,
    RunEngine,
    RunStatus,
    RunType,
    SkyvernError,
    UnprocessableEntityError,
)
from tests.contract.cassettes import CASSETTES, KEY, KEYS, SCENARIOS, SCRUBBED, calling, recorder, scrub

FILES = sorted(CASSETTES.glob("*.yaml"))
FACES = ["sync", "async"]


@cache
def replayed(name: str, kind: str) -> dict[str, Any]:
    """Play a scenario from its cassette; nothing reaches a network."""
    with (
        recorder("none").use_cassette(f"{name}.yaml") as cassette,
        calling(kind, quick=True, key=KEYS.get(name, KEY)) as call,
    ):
        result = SCENARIOS[name](call)
        assert cassette.all_played
    return result


def plain(value: Any) -> Any:
    """Return a scenario's result as plain data, errors with all they carry."""
    if isinstance(value, SkyvernError):
        return {"error": type(value).__name__, "text": str(value), **{k: plain(v) for k, v in vars(value).items()}}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value


def test_every_scenario_has_its_cassette():
    """None is missing, none is left over."""
    assert {path.stem for path in FILES} == set(SCENARIOS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_both_faces_make_the_same_of_it(name):
    """Requests match the recorded ones in every part, all are played, and the results are equal."""
    assert plain(replayed(name, "sync")) == plain(replayed(name, "async"))


@pytest.mark.parametrize("kind", FACES)
def test_the_first_task_of_the_documentation(kind):
    """Its run, answer, timeline and artifacts come out typed, and the answer is that of the page's own feed."""
    got = replayed("top_post", kind)
    run = got["run"]
    assert run.status is RunStatus.completed
    assert run.run_type is RunType.task_v2
    assert run.created_at.tzinfo is UTC
    assert run.started_at <= run.finished_at
    assert run.run_request["engine"] == RunEngine.skyvern_v2
    assert json.loads(got["feed"])["posts"][0]["title"] in run.output.values()
    blocks = [item.block for item in got["timeline"] if item.block]
    assert {"goto_url", "extraction"} <= {block.block_type for block in blocks}
    assert all(action.reasoning for block in blocks for action in block.actions)
    assert {"recording", "screenshot_final", "har"} <= {artifact.artifact_type for artifact in got["artifacts"]}
    assert {artifact.artifact_type for artifact in got["logs"]} == {"skyvern_log", "llm_response"}
    assert got["one"].artifact_id == got["logs"][0].artifact_id
    assert got["signed"] == got["content"]
    assert len(got["content"]) == got["one"].file_size


@pytest.mark.parametrize("kind", FACES)
def test_cancel_of_a_finished_run_changes_nothing(kind):
    """As the SDK pages have it, it is a no-op."""
    got = replayed("top_post", kind)
    assert got["cancel"] is None
    assert (got["after"].status, got["after"].output) == (RunStatus.completed, got["run"].output)


@pytest.mark.parametrize("kind", FACES)
def test_a_page_that_does_not_answer_fails_the_run(kind):
    """The run is returned, not raised, with a reason and without an output."""
    run = replayed("unreachable_page", kind)["run"]
    assert run.status is RunStatus.failed
    assert "unreachable.invalid" in run.failure_reason
    assert run.output is None


@pytest.mark.parametrize("kind", FACES)
def test_a_canceled_run_stays_canceled(kind):
    """Canceling is seen by the next poll, may be repeated, and the list knows it."""
    got = replayed("canceled", kind)
    assert got["created"].status is RunStatus.queued
    assert (got["cancel"], got["again"]) == (None, None)
    assert got["run"].status is RunStatus.canceled
    assert got["listed"][0].run_id == got["run"].run_id
    assert got["listed"][0].title == "Cancel me"
    assert len(got["page"]) == 1


@pytest.mark.parametrize("kind", FACES)
def test_refusals_are_typed(kind):
    """Each refusal has its class and names what is wrong."""
    got = replayed("refused", kind)
    expected = {
        "engine": UnprocessableEntityError,
        "url": BadRequestError,
        "unknown_run": NotFoundError,
        "unknown_timeline": NotFoundError,
        "unknown_cancel": NotFoundError,
        "unknown_artifact": NotFoundError,
        "unknown_content": NotFoundError,
        "artifact_type": UnprocessableEntityError,
        "page": UnprocessableEntityError,
    }
    assert {name: type(got[name]) for name in expected} == expected
    assert got["no_artifacts"] == []
    assert "body.engine" in got["engine"].problems
    assert got["unknown_run"].run_id == "tsk_v2_1"


@pytest.mark.parametrize("kind", FACES)
def test_without_a_key_only_the_door_is_open(kind):
    """Runs need a key, the version does not."""
    got = replayed("no_key", kind)
    assert type(got["run"]) is AuthenticationError
    assert type(got["created"]) is AuthenticationError
    assert "No key was sent" in got["run"].hint
    assert isinstance(got["version"], str)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_cassette_holds_a_secret(path):
    """No key, signature, cookie, address or directory of a machine is in a cassette, in headers or bodies."""
    text = path.read_text(encoding="utf-8")
    assert KEY not in text
    assert set(re.findall(r"\b(?:sig|kid)=([^&\"\\\s]+)", text)) <= {SCRUBBED}
    assert not re.search(r"127\.0\.0\.1:\d|localhost:\d|eyJ[A-Za-z0-9_-]{8,}\.", text)
    for exchange in yaml.safe_load(text)["interactions"]:
        assert set(exchange["request"]["headers"]) <= {"content-type"}
        assert not {"set-cookie", "authorization", "x-api-key"} & set(exchange["response"]["headers"])
        body = exchange["response"]["body"]["string"]
        assert not re.search(r"file:///(?!data/artifacts/)", body if isinstance(body, str) else body.decode("latin-1"))


def test_scrubbing_takes_out_what_a_server_echoes():
    """A key in a body, a signed URL, an address and a directory are all replaced, and the rest is left."""
    data = (
        b'{"detail":"bad key ' + KEY.encode() + b'","signed_url":"http://127.0.0.1:4711/v1/artifacts/a_1/content'
        b'?expiry=1&kid=k1&sig=abc-DEF_1","uri":"file:///tmp/x/mock/artifacts/o_1/a.png","title":"file: a sign=x"}'
    )
    assert scrub(data) == (
        b'{"detail":"bad key SCRUBBED","signed_url":"http://mock.test/v1/artifacts/a_1/content'
        b'?expiry=1&kid=SCRUBBED&sig=SCRUBBED","uri":"file:///data/artifacts/o_1/a.png","title":"file: a sign=x"}'
    )


def test_a_request_that_was_not_recorded_is_refused():
    """Replaying sends nothing: what is not in the cassette is an error."""
    with (
        recorder("none").use_cassette("service.yaml"),
        calling("sync", quick=True) as call,
        pytest.raises(CannotOverwriteExistingCassetteException, match="record_mode"),
    ):
        call("get_run", "tsk_never_recorded")
