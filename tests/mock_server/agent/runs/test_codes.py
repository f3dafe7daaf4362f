"""Runs that are asked for a one-time code: the bundled portal, in a real browser."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mock_server.agent.events import ActionStarted, Login, NoCodeError, NoFileError, SecretKnown

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

MILO = Login("milo", "mill-race-42")


async def test_a_code_is_asked_for_and_concealed(do: Any, origin: str):
    """The run asks when the page does, is in, and tells the code as a secret before it types it."""

    async def code() -> str:
        async with httpx.AsyncClient() as client:
            return str((await client.get(f"{origin}/sites/portal/phone.json")).json()[0]["code"])

    told = await do("Go to Invoices", "/sites/portal/", login=MILO, one_time_code=code)
    assert told.finished.ending == "completed"
    used = await code()
    position = next(
        at for at, event in enumerate(told.events) if isinstance(event, SecretKnown) and event.value == used
    )
    typed = [
        at
        for at, event in enumerate(told.events)
        if isinstance(event, ActionStarted) and event.action.action_type == "input_text"
    ]
    assert [at for at in typed if at > position] == typed[2:]
    assert len(typed) == 8
    for event in told.events:
        if not isinstance(event, SecretKnown):
            assert used not in repr(event)


async def test_no_code_comes(do: Any):
    """The run is terminated with the error the source gives, in the form of a caller's code, and its reason."""

    async def code() -> str:
        raise NoCodeError("OTP_TIMEOUT", "No one-time code came within 15 minutes.")

    told = await do("Log in", "/sites/portal/", login=MILO, one_time_code=code)
    assert (told.finished.ending, told.actions[-1]) == ("terminated", "terminate")
    assert told.finished.failure_reason == "No one-time code came within 15 minutes."
    (error,) = told.finished.errors
    assert (error["error_code"], error["error_type"], error["confidence_float"]) == (
        "OTP_TIMEOUT",
        "USER_DEFINED_ERROR",
        1.0,
    )


async def test_no_way_to_a_code(do: Any):
    """Without a source the run is terminated with MISSING_TOTP_SOURCE and says what could be given."""
    told = await do("Log in", "/sites/portal/", login=MILO)
    assert told.finished.ending == "terminated"
    assert [error["error_code"] for error in told.finished.errors] == ["MISSING_TOTP_SOURCE"]
    assert "totp_url" in (told.finished.failure_reason or "")


async def test_a_file_that_cannot_be_fetched(do: Any, origin: str):
    """The run is terminated with the reason the file could not be had, after one try."""

    async def fetch(address: str) -> str:
        assert address == "http://h.test/report.pdf"
        raise NoFileError("The file at http://h.test/report.pdf cannot be fetched: status 404.")

    told = await do("Upload http://h.test/report.pdf", "/pages/controls.html", fetch_file=fetch)
    assert (told.finished.ending, told.actions.count("upload_file")) == ("terminated", 1)
    assert "status 404" in (told.finished.failure_reason or "")
