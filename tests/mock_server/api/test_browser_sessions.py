"""The routes of browser sessions; nothing is executed, so no browser is opened."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

PATH = "/v1/browser_sessions"
OTHER = {"x-api-key": "another-key"}

FIELDS = [
    "browser_session_id", "organization_id", "status", "runnable_type", "runnable_id", "timeout", "browser_address",
    "app_url", "extensions", "browser_type", "browser_profile_id", "generate_browser_profile", "browser_settings",
    "browser_settings_receipt", "vnc_streaming_supported", "stream_transport", "download_path", "downloaded_files",
    "recordings", "started_at", "completed_at", "created_by", "created_at", "modified_at", "deleted_at", "warning",
    "source", "remaining_lifetime_seconds",
]  # fmt: skip
"""In the order in which a real server was recorded to send them."""


async def made(client: httpx.AsyncClient, **request: Any) -> dict[str, Any]:
    """Create a session."""
    answer = await client.post(PATH, json=request)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("body", [b"", b"{}", b"null"])
async def test_defaults(client: httpx.AsyncClient, body: bytes):
    """No body, an empty one and null make the same session: an hour, nothing asked for, all fields in order."""
    answer = await client.post(PATH, content=body, headers={"content-type": "application/json"} if body else {})
    session = answer.json()
    assert (answer.status_code, list(session)) == (200, FIELDS)
    assert session["browser_session_id"].startswith("pbs_")
    assert session["app_url"].endswith(f"/browser-session/{session['browser_session_id']}")
    assert (session["status"], session["timeout"], session["warning"]) == ("created", 60, None)
    assert session["downloaded_files"] == session["recordings"] == []


async def test_everything_asked_for_comes_back(client: httpx.AsyncClient):
    """What was chosen is shown, by the answer to the creation and later."""
    profile = (await client.post("/v1/browser_profiles", json={"name": "p"})).json()["browser_profile_id"]
    asked = {
        "timeout": 15,
        "extensions": ["ad-blocker"],
        "browser_type": "chrome",
        "browser_profile_id": profile,
        "generate_browser_profile": True,
        "browser_settings": {"timezone_id": "Europe/Berlin"},
    }
    session = await made(client, **asked, url="site.test", proxy_location={"country": "de"}, needs_live_view=True)
    assert {name: session[name] for name in asked} == asked
    assert (await client.get(f"{PATH}/{session['browser_session_id']}")).json() == session


@pytest.mark.parametrize(
    ("request_body", "loc", "kind"),
    [
        ({"timeout": 1}, ["body", "timeout"], "greater_than_equal"),
        ({"extensions": ["zzz"]}, ["body", "extensions", 0], "enum"),
        ({"browser_type": "zzz"}, ["body", "browser_type"], "enum"),
        ({"browser_profile_id": "x_1"}, ["body", "browser_profile_id"], "string_pattern_mismatch"),
        ({"proxy_session_id": "\ud800"}, ["body", "proxy_session_id"], "value_error"),
    ],
)
async def test_faults(client: httpx.AsyncClient, request_body: dict[str, Any], loc: list[Any], kind: str):
    """A field that is wrong is refused in the service's form."""
    content = json.dumps(request_body).encode()  # escaped, as httpx would not send half characters
    answer = await client.post(PATH, content=content, headers={"content-type": "application/json"})
    (fault,) = answer.json()["detail"]
    assert (answer.status_code, fault["loc"], fault["type"]) == (422, loc, kind)


async def test_an_address_that_is_none(client: httpx.AsyncClient):
    """The page to open is held to the rules of a task's url."""
    answer = await client.post(PATH, json={"url": "ftp://x"})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("Invalid url: unsupported scheme.")


async def test_lists(client: httpx.AsyncClient):
    """Open ones are listed, newest first; closed ones are in the history only, which is paged."""
    ids = [(await made(client))["browser_session_id"] for _ in range(3)]
    assert (await client.post(f"{PATH}/{ids[1]}/close")).json() == {"message": "Browser session closed"}
    assert [session["browser_session_id"] for session in (await client.get(PATH)).json()] == [ids[2], ids[0]]
    history = (await client.get(f"{PATH}/history", params={"page": 1, "page_size": 2})).json()
    assert [session["browser_session_id"] for session in history] == [ids[2], ids[1]]
    assert (await client.get(f"{PATH}/history", params={"page_size": 101})).status_code == 422


async def test_closing_and_changing(client: httpx.AsyncClient):
    """Closing again is fine; changing a closed session is a conflict."""
    session = (await made(client))["browser_session_id"]
    changed = await client.patch(f"{PATH}/{session}", json={"generate_browser_profile": True})
    assert changed.json()["generate_browser_profile"] is True
    for _ in range(2):
        assert (await client.post(f"{PATH}/{session}/close")).status_code == 200
    closed = (await client.get(f"{PATH}/{session}")).json()
    assert (closed["status"], closed["completed_at"] is None) == ("completed", False)
    refused = await client.patch(f"{PATH}/{session}", json={"generate_browser_profile": False})
    assert refused.status_code == 409
    assert (await client.patch(f"{PATH}/{session}", json={})).status_code == 422


async def test_time_passes(client: httpx.AsyncClient, clock: Any):
    """A session whose time is up says so to whoever asks."""
    session = (await made(client, timeout=5))["browser_session_id"]
    clock.move(301)
    assert (await client.get(f"{PATH}/{session}")).json()["status"] == "timeout"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "", None), ("POST", "", {}), ("GET", "/history", None), ("GET", "/pbs_1", None),
     ("PATCH", "/pbs_1", {"generate_browser_profile": True}), ("POST", "/pbs_1/close", None)],
)  # fmt: skip
async def test_without_a_key(client: httpx.AsyncClient, method: str, path: str, body: Any):
    """Every route asks for a key before anything else."""
    answer = await client.request(method, PATH + path, json=body, headers={"x-api-key": ""})
    assert (answer.status_code, answer.json()) == (403, {"detail": "Invalid credentials"})


async def test_of_another_tenant(client: httpx.AsyncClient):
    """A session of another key is unknown: to look at, change, close and work in."""
    session = (await made(client))["browser_session_id"]
    unknown = (404, {"detail": f"Browser session {session} not found"})
    for method, path, body in (
        ("GET", "", None), ("PATCH", "", {"generate_browser_profile": True}), ("POST", "/close", None)
    ):  # fmt: skip
        answer = await client.request(method, f"{PATH}/{session}{path}", json=body, headers=OTHER)
        assert (answer.status_code, answer.json()) == unknown
    assert (await client.get(PATH, headers=OTHER)).json() == []
    task = {"prompt": "p", "browser_session_id": session}
    answer = await client.post("/v1/run/tasks", json=task, headers=OTHER)
    assert answer.json() == {"detail": f"Browser session {session} does not exist or is not live."}


@pytest.mark.parametrize("engine", ["skyvern-1.0", "skyvern-2.0"])
async def test_a_task_in_a_session(client: httpx.AsyncClient, engine: str):
    """A task is taken while the session is open and refused with 410 when it is not."""
    session = (await made(client))["browser_session_id"]
    task = {"prompt": "p", "browser_session_id": session, "engine": engine}
    taken = await client.post("/v1/run/tasks", json=task)
    assert (taken.status_code, taken.json()["run_request"]["browser_session_id"]) == (200, session)
    await client.post(f"{PATH}/{session}/close")
    refused = await client.post("/v1/run/tasks", json=task)
    assert (refused.status_code, refused.json()) == (
        410,
        {
            "detail": f"Browser session {session} is no longer usable (status: completed). "
            "Create a new browser session and retry."
        },
    )


@pytest.mark.parametrize("mock", [{"dialect": "oss"}], indirect=True)
async def test_a_self_hosted_server_names_the_path_of_downloads(client: httpx.AsyncClient, services: Any):
    """In that dialect files are paths on the server's disk."""
    session = await made(client)
    assert session["download_path"].startswith(str(services.settings.artifact_root))
