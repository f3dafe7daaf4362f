"""Cassettes of a polled service: without secrets, replayed in any number of polls, and turned into scenarios."""

from __future__ import annotations

import httpx
import pytest
from vcr.errors import CannotOverwriteExistingCassetteException

from mock_server.testing import open_mock
from mock_server.testing.cassettes import SkyvernVCR, write_cassette, write_scenario

KEY = "a-secret-key-of-somebody-123456"
TASK = {
    "prompt": "Write to jane.doe@example.org or call +49 170 1234567",
    "url": "https://files.example.com/a.pdf?X-Amz-Signature=abcdef0123456789",
    "extra_http_headers": {"authorization": "Bearer very-secret-token"},
}
SECRETS = (KEY, "jane.doe", "1234567", "abcdef0123456789", "very-secret-token")


def talk(client, polls):
    """Submit a task and poll it; return what each poll saw."""
    run_id = client.post("/v1/run/tasks", json=TASK).json()["run_id"]
    return [client.get(f"/v1/runs/{run_id}").json()["status"] for _ in range(polls)]


def client(base_url, key=KEY):
    return httpx.Client(base_url=base_url, headers={"x-api-key": key}, trust_env=False)


@pytest.fixture
def recorded(tmp_path, listening_server):
    """Return a folder with a cassette that was recorded from a mock over a socket."""
    with open_mock(listening_server, api_key=KEY, time="real") as mock:
        mock.script().queued(polls=1).running(polls=1).completed(output={"phone": "+49 170 1234567"})
        recording = SkyvernVCR(tmp_path, record_mode="once")
        with recording.use_cassette("talk.yaml"), client(mock.base_url) as asking:
            assert talk(asking, 3) == ["queued", "running", "completed"]
    return tmp_path


def test_no_secret_is_written(recorded):
    """Keys, signed links, headers for the browser, addresses and numbers of people are not in the file."""
    text = (recorded / "talk.yaml").read_text(encoding="utf-8")
    assert "run_id" in text
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.mark.parametrize("polls", [1, 3, 9])
def test_polls_may_be_more_or_fewer(recorded, polls):
    """Replayed at another address, with another key, fewer polls pass and more see the last answer again."""
    seen = ["queued", "running", "completed"]
    replaying = SkyvernVCR(recorded)
    with replaying.use_cassette("talk.yaml"), client("http://nowhere.invalid", "another-key-99") as asking:
        assert talk(asking, polls) == (seen + ["completed"] * 9)[:polls]


def test_a_second_submission_is_an_error(recorded):
    """A task that was recorded once is not answered twice; one that was not recorded is not answered at all."""
    replaying = SkyvernVCR(recorded)
    with replaying.use_cassette("talk.yaml"), client("http://nowhere.invalid") as asking:
        talk(asking, 1)
        with pytest.raises(CannotOverwriteExistingCassetteException):
            talk(asking, 1)
        with pytest.raises(CannotOverwriteExistingCassetteException):
            asking.post("/v1/run/tasks", json={"prompt": "another"})


def test_from_journal_to_cassette_to_scenario(mock, tmp_path):
    """What was said to one mock replays from a cassette, and as a scenario on another mock."""
    mock.script().queued(polls=1).completed(output={"n": 1})
    with mock.http() as asking:
        assert talk(asking, 2) == ["queued", "completed"]
    cassette = write_cassette(mock.journal, tmp_path / "cassettes" / "talk.yaml")
    assert [secret for secret in (*SECRETS, mock.api_key) if secret in cassette.read_text(encoding="utf-8")] == []
    with SkyvernVCR(cassette.parent).use_cassette("talk.yaml"), client("http://nowhere.invalid") as asking:
        assert talk(asking, 2) == ["queued", "completed"]
    scenario = write_scenario(cassette, tmp_path / "scenario.yaml", pace="polls")
    with open_mock(mock.server) as other, other.http() as asking:
        other.scenario(scenario)
        assert talk(asking, 2) == ["queued", "completed"]
