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
from tests.contract.cassettes import CASSETTES, FOLDERS, KEY, KEYS, SCENARIOS, SCRUBBED, calling, recorder, scrub
from tests.contract.real_server import TAPES

FILES = sorted(CASSETTES.rglob("*.yaml"))
FACES = ["sync", "async"]


@cache
def replayed(name: str, kind: str, dialect: str = "cloud") -> dict[str, Any]:
    """Play a scenario from its cassette; nothing reaches a network."""
    with (
        recorder("none").use_cassette(f"{FOLDERS[dialect]}{name}.yaml") as cassette,
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
    expected = {f"{folder}{name}.yaml" for folder in FOLDERS.values() for name in SCENARIOS}
    expected |= {f"real/{tape}.yaml" for tape in TAPES}
    assert {path.relative_to(CASSETTES).as_posix() for path in FILES} == expected


@pytest.mark.parametrize("dialect", FOLDERS)
@pytest.mark.parametrize("name", SCENARIOS)
def test_both_faces_make_the_same_of_it(name, dialect):
    """Requests match the recorded ones in every part, all are played, and the results are equal."""
    assert plain(replayed(name, "sync", dialect)) == plain(replayed(name, "async", dialect))


@pytest.mark.parametrize("dialect", FOLDERS)
@pytest.mark.parametrize("kind", FACES)
def test_the_first_task_of_the_documentation(kind, dialect):
    """Its run, answer, timeline and artifacts come out typed, and the answer is that of the page's own feed."""
    got = replayed("top_post", kind, dialect)
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


@pytest.mark.parametrize("dialect", FOLDERS)
@pytest.mark.parametrize("kind", FACES)
def test_cancel_of_a_finished_run_changes_nothing(kind, dialect):
    """As the SDK pages have it and as a self-hosted server does with such a run, it is a no-op."""
    got = replayed("top_post", kind, dialect)
    assert got["cancel"] is None
    assert (got["after"].status, got["after"].output) == (RunStatus.completed, got["run"].output)


@pytest.mark.parametrize("kind", FACES)
def test_a_self_hosted_servers_own_ways_do_not_matter(kind):
    """It hands out paths on its disk instead of links, and lists artifacts under another id; the content is had."""
    got = replayed("top_post", kind, "oss")
    assert got["one"].signed_url.startswith("file://")
    assert {artifact.run_id for artifact in got["artifacts"]} == {got["run"].run_id}


@pytest.mark.parametrize("dialect", FOLDERS)
@pytest.mark.parametrize("kind", FACES)
def test_a_page_that_does_not_answer_fails_the_run(kind, dialect):
    """The run is returned, not raised, with a reason and without an output."""
    run = replayed("unreachable_page", kind, dialect)["run"]
    assert run.status is RunStatus.failed
    assert "unreachable.invalid" in run.failure_reason
    assert run.output is None


@pytest.mark.parametrize("dialect", FOLDERS)
@pytest.mark.parametrize("kind", FACES)
def test_a_canceled_run_stays_canceled(kind, dialect):
    """Canceling is seen by the next poll, may be repeated, and the list knows it."""
    got = replayed("canceled", kind, dialect)
    assert got["created"].status is RunStatus.queued
    assert (got["cancel"], got["again"]) == (None, None)
    assert got["run"].status is RunStatus.canceled
    assert got["listed"][0].run_id == got["run"].run_id
    assert got["listed"][0].title == "Cancel me"
    assert len(got["page"]) == 1


@pytest.mark.parametrize("dialect", FOLDERS)
@pytest.mark.parametrize("kind", FACES)
def test_refusals_are_typed(kind, dialect):
    """Each refusal has its class and names what is wrong."""
    got = replayed("refused", kind, dialect)
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


@pytest.mark.parametrize("dialect", FOLDERS)
@pytest.mark.parametrize("kind", FACES)
def test_without_a_key_only_the_door_is_open(kind, dialect):
    """Runs need a key, the version does not."""
    got = replayed("no_key", kind, dialect)
    assert type(got["run"]) is AuthenticationError
    assert type(got["created"]) is AuthenticationError
    assert "No key was sent" in got["run"].hint
    assert isinstance(got["version"], str)


SECRETS = {
    "the key": re.escape(KEY),
    "a recorded key": r"recorded-key",
    "a JWT": r"\beyJ[\w-]{8,}\.[\w-]",
    "a signature of a link": (
        rf"(?i)\b(?:sig|kid|signature|x-amz-\w+|access_token|token|api_key)=(?!{SCRUBBED})[\w%+/-]{{6,}}"
    ),
    "a member that is a secret": (
        r"(?i)\b(?:password|passwd|secret(?:_value)?|access_token|api_?key|authorization|cookie|card_(?:number|cvv)"
        rf"|x-api-key|x-skyvern-signature)\\?\"\s*:\s*\\?\"(?!{SCRUBBED})[^\"\\]"
    ),
    "a password in an address": rf"https?://(?!{SCRUBBED})[^/\s\"'@?#]+:[^/\s\"'@?#]+@",
    "a bearer": r"(?i)\bbearer\s+[\w.-]{8,}",
    "a key of a cloud": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bsk-[\w-]{16,}|\bgh[pousr]_\w{20,}",
    "an address of a machine": r"//(?:127\.0\.0\.1|localhost):\d{5}",
    "a directory of a machine": r"/home/|/root/|/work/|file:///tmp/",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(CASSETTES).as_posix())
def test_no_cassette_holds_a_secret(path):
    """No key, token, signature, password, cookie, address or directory of a machine, in headers or bodies."""
    for exchange in yaml.safe_load(path.read_text(encoding="utf-8"))["interactions"]:
        asked, answered = exchange["request"], exchange["response"]
        assert set(asked["headers"]) <= {"content-type"}
        assert set(answered["headers"]) <= {
            "content-type",
            "location",
            "retry-after",
            "accept-ranges",
            "content-disposition",
        }
        parts = [asked["uri"], asked["body"], answered["body"]["string"], json.dumps(answered["headers"])]
        for part in parts:
            text = part.decode("latin-1") if isinstance(part, bytes) else part or ""
            found = {what: match[0] for what, pattern in SECRETS.items() if (match := re.search(pattern, text))}
            assert not found, (asked["uri"], found)


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("the key", KEY),
        ("a JWT", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIi"),
        ("a signature of a link", "https://b.example/x?expiry=1&kid=key-2026&sig=abcDEF123"),
        ("a signature of a link", "https://b.example/x?X-Amz-Signature=0123456789abcdef"),
        ("a member that is a secret", '{"password":"hunter2"}'),
        ("a member that is a secret", '{"headers": {"x-skyvern-signature": "58d1e4497a"}}'),
        ("a password in an address", "http://user:hunter2@proxy.example/"),
        ("a bearer", "Bearer abcdefgh12345678"),
        ("a key of a cloud", "AKIAIOSFODNN7EXAMPLE"),
        ("an address of a machine", "http://127.0.0.1:45123/"),
        ("a directory of a machine", "file:///tmp/x/mock"),
    ],
)
def test_a_secret_would_be_found(what, text):
    """The test above sees each kind of secret, and what scrubbing leaves of it passes."""
    assert re.search(SECRETS[what], text)
    cleaned = scrub(text.encode()).decode()
    if what in ("the key", "a JWT", "a signature of a link", "a member that is a secret", "a password in an address"):
        assert not re.search(SECRETS[what], cleaned)


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
