"""Secrets are kept out of what the agent tells."""

from __future__ import annotations

from mock_server.agent.events import Action, ActionFinished, ActionStarted, ArtifactMade, BlockOpened, Finished, Log
from mock_server.agent.secrecy import MASK, Secrets


def test_a_secret_is_replaced_in_every_kind_of_event() -> None:
    """Reasons, texts, fields, nested mappings and text artifacts lose it."""
    secrets = Secrets('s3cr&t"x')
    action = Action("input_text", 'type s3cr&t"x', element={"name": 's3cr&t"x', "box": {"x": 1}}, text='s3cr&t"x')
    events = [
        ActionStarted(1, action),
        BlockOpened("login", "log_in", 'log in with s3cr&t"x', navigation_goal='s3cr&t"x'),
        Log("info", 'typed s3cr&t"x', {"list": ['s3cr&t"x'], "deep": {"it": 's3cr&t"x'}}),
        ArtifactMade("html_scrape", b'<input value="s3cr&amp;t&quot;x">'),
        ArtifactMade("llm_response", b'{"text": "s3cr&t\\"x"}'),
    ]
    for event in events:
        told = repr(secrets.event(event))
        assert "s3cr" not in told
        assert MASK in told


def test_pictures_files_and_the_output_asked_for_are_left_alone() -> None:
    """Bytes of pictures and downloads, and what the caller asked to be told, pass unchanged."""
    secrets = Secrets("open-sesame")
    picture = ArtifactMade("screenshot_action", b"open-sesame")
    download = ArtifactMade("download", b"open-sesame", filename="x.txt")
    assert secrets.event(picture) == picture
    assert secrets.event(download).data == b"open-sesame"
    told = secrets.event(Finished("completed", output={"hint": "open-sesame"}, summary="it is open-sesame"))
    assert isinstance(told, Finished)
    assert (told.output, told.summary) == ({"hint": "open-sesame"}, f"it is {MASK}")
    done = secrets.event(ActionFinished(1, "completed", "saw open-sesame", output="open-sesame"))
    assert isinstance(done, ActionFinished)
    assert (done.response, done.output) == (f"saw {MASK}", "open-sesame")


def test_only_whole_words_are_replaced() -> None:
    """A short password does not blot out the words it is part of."""
    assert Secrets("a1").text("a1 a11 ba1 (a1)") == f"{MASK} a11 ba1 ({MASK})"


def test_without_secrets_events_pass_as_they_are() -> None:
    """No password, no work."""
    event = Log("info", "hello")
    assert Secrets("", "").event(event) is event
