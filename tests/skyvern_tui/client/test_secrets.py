"""Claims about secrets: neither what is printed nor what is logged holds a key or a signature."""

from __future__ import annotations

import logging
import traceback

import httpx
import pytest

from skyvern_tui.client import ApiError, ResponseParseError, Skyvern
from skyvern_tui.client.secrets import REDACTED, Headers
from tests.skyvern_tui.client.playground import BASE, KEY, RUN_ID, Answer, json_answer, run_body

SIGNED = "https://files.example.com/a.png?X-Amz-Signature=s3cr3t&expires=1"


def test_headers_print_without_what_is_secret():
    """The values are there for sending; a debugger, a traceback with locals or a log shows them redacted."""
    headers = Headers({"accept": "*/*"}, {"x-api-key": KEY, "authorization": f"Bearer {KEY}", "cookie": "a=b"})
    assert headers["x-api-key"] == KEY
    assert KEY not in repr(headers)
    assert repr(headers).count(REDACTED) == 3
    assert "*/*" in repr(headers)


def test_nothing_a_client_holds_prints_the_key():
    """Its attributes, and those of its calls, can be looked at safely, whatever headers were given."""
    with Skyvern(api_key=KEY, base_url=BASE, headers={"Authorization": f"Bearer {KEY}"}) as client:
        assert KEY not in repr(vars(client))
        assert KEY not in repr(vars(client.calls))
        client.calls.headers["x-new"] = "1"
        assert KEY not in repr(client.calls.request)


def test_no_log_of_any_library_holds_a_key_or_a_signature(face, caplog):
    """At DEBUG, with retries, polls and a signed URL: neither our log nor httpx's nor httpcore's."""
    artifact = {
        "artifact_id": "a_1",
        "artifact_type": "screenshot_final",
        "uri": "s3://x",
        "organization_id": "o_1",
        "created_at": "2026-01-20T11:53:46",
        "modified_at": "2026-01-20T11:53:46",
        "signed_url": SIGNED,
    }
    with caplog.at_level(logging.DEBUG):
        it = face(Answer(500), json_answer([artifact]))
        (found,) = it.call("get_run_artifacts", RUN_ID)
        face(Answer(200, b"PNG")).call("get_artifact_content", found)
        face(Answer(503), json_answer(run_body("completed"))).call("wait_for_run", RUN_ID)
    text = "\n".join(record.getMessage() for record in caplog.records)
    assert "files.example.com" in text
    assert KEY not in text
    assert "s3cr3t" not in text


@pytest.mark.parametrize("answer", [Answer(500, headers={"x-echo": KEY}), Answer(200, b"<html>", {"x-echo": KEY})])
def test_a_server_that_echoes_the_key_gets_it_into_no_error(face, answer):
    """Headers and bodies of errors are redacted, whichever error it is, and so is its traceback."""
    with pytest.raises((ApiError, ResponseParseError)) as caught:
        face(answer).call("get_run", RUN_ID, request_options={"max_retries": 0})
    assert caught.value.headers["x-echo"] == REDACTED
    shown = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    assert KEY not in shown


def test_an_error_of_the_transport_has_no_signed_url(face):
    """A broken download does not tell where it was downloaded from in full."""
    it = face(Answer(error=httpx.ReadError))
    with pytest.raises(Exception, match="connection broke") as caught:
        it.call("get_file", SIGNED, request_options={"max_retries": 0})
    assert "s3cr3t" not in "".join(traceback.format_exception(caught.value))
