"""Log-ins and downloads over HTTP: what they become, and what they are refused for."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mock_server.ids import organization_for
from mock_server.services import Services

LOGIN = "/v1/run/tasks/login"
DOWNLOAD = "/v1/run/tasks/download_files"
URL = "http://127.0.0.1:18802/"


@pytest.fixture
def credential_id(services: Services) -> str:
    secret = {"username": "dana", "password": "hunter-2222"}
    request = {"name": "Portal", "credential_type": "password", "credential": secret}
    return services.vault.credentials.create(organization_for("test-key"), request).resource_id


async def test_a_login(client: httpx.AsyncClient, services: Services, credential_id: str):
    """It is a workflow run of one block; the stored request names the credential and holds nothing of it."""
    sent = {"credential_type": "skyvern", "credential_id": credential_id, "url": URL, "totp_identifier": "a@b.c"}
    answer = await client.post(LOGIN, json=sent)
    assert answer.status_code == 200
    run = answer.json()
    assert (run["status"], run["run_type"], run["run_request"]["title"]) == ("created", "workflow_run", "Login")
    assert (run["run_request"]["totp_identifier"], run["run_request"]["proxy_location"]) == ("a@b.c", None)
    stored = services.store.run(organization_for("test-key"), run["run_id"])
    assert stored is not None
    assert stored.request["credential_id"] == credential_id
    assert (stored.request["block"]["block_type"], stored.request["max_steps"]) == ("login", 10)
    assert "hunter-2222" not in repr(stored)


async def test_a_download(client: httpx.AsyncClient, services: Services):
    """It is a workflow run titled as the service titles it, with the goal as what is to be done."""
    sent = {"navigation_goal": "the csv", "url": URL, "max_steps_per_run": 3, "max_screenshot_scrolling_times": 2}
    run = (await client.post(DOWNLOAD, json=sent)).json()
    assert run["run_request"]["title"] == "File Download"
    assert (run["run_request"]["max_screenshot_scrolls"], run["max_screenshot_scrolls"]) == (2, 2)
    stored = services.store.run(organization_for("test-key"), run["run_id"])
    assert stored is not None
    assert (stored.request["prompt"], stored.request["max_steps"]) == ("the csv", 3)


@pytest.mark.parametrize(
    ("sent", "status", "detail"),
    [
        ({"credential_type": "skyvern", "url": URL}, 400, "credential_id is required to login with Skyvern credential"),
        ({"credential_type": "skyvern", "credential_id": "cred_1"}, 404, "Credential cred_1 not found"),
        ({"credential_type": "bitwarden"}, 400, "bitwarden_item_id is required to login with Bitwarden credential"),
        (
            {"credential_type": "skyvern", "url": "ftp://x"},
            400,
            "Invalid url: unsupported scheme. Use an HTTP or HTTPS URL with at most 2083 characters.",
        ),
    ],
)
async def test_what_a_login_is_refused_for(client: httpx.AsyncClient, sent: Any, status: int, detail: str):
    """A missing or unknown credential and a bad address are answered as the service answers them."""
    answer = await client.post(LOGIN, json=sent)
    assert (answer.status_code, answer.json()) == (status, {"detail": detail})


async def test_a_vault_of_somebody_else(client: httpx.AsyncClient):
    """A vault that is told everything it needs is still not there; the answer says what to do."""
    answer = await client.post(LOGIN, json={"credential_type": "bitwarden", "bitwarden_item_id": "i"})
    assert answer.status_code == 400
    assert "POST /v1/credentials" in answer.json()["detail"]


async def test_a_login_needs_a_password(client: httpx.AsyncClient, services: Services):
    """A card is no credential to log in with."""
    request = {"name": "S", "credential_type": "secret", "credential": {"secret_value": "x"}}
    kept = services.vault.credentials.create(organization_for("test-key"), request)
    answer = await client.post(LOGIN, json={"credential_type": "skyvern", "credential_id": kept.resource_id})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("path", "sent", "loc", "kind"),
    [
        (LOGIN, {}, ["body", "credential_type"], "missing"),
        (LOGIN, {"credential_type": "zzz"}, ["body", "credential_type"], "enum"),
        (DOWNLOAD, {}, ["body", "navigation_goal"], "missing"),
        (DOWNLOAD, {"navigation_goal": "x", "proxy_location": {"country": "DE"}}, ["body", "proxy_location"], "enum"),
        (
            DOWNLOAD,
            {"navigation_goal": "x", "start_fresh_browser": True, "browser_address": "http://h:1"},
            ["body"],
            "value_error",
        ),
    ],
)
async def test_faults(client: httpx.AsyncClient, path: str, sent: Any, loc: list[str], kind: str):
    """Faults come in the service's form."""
    answer = await client.post(path, json=sent)
    assert answer.status_code == 422
    assert (answer.json()["detail"][0]["loc"], answer.json()["detail"][0]["type"]) == (loc, kind)


async def test_keys_and_tenants(client: httpx.AsyncClient, credential_id: str):
    """Without a key it is 403 before anything else; another tenant's credential is unknown."""
    for path in (LOGIN, DOWNLOAD):
        assert (await client.post(path, json={}, headers={"x-api-key": ""})).status_code == 403
    sent = {"credential_type": "skyvern", "credential_id": credential_id}
    answer = await client.post(LOGIN, json=sent, headers={"x-api-key": "other-key"})
    assert (answer.status_code, answer.json()) == (404, {"detail": f"Credential {credential_id} not found"})


@pytest.mark.parametrize("path", [LOGIN, DOWNLOAD])
async def test_a_scripted_one(client: httpx.AsyncClient, credential_id: str, path: str):
    """The headers that script a task script these runs as well, and nonsense in them is refused."""
    sent = {"credential_type": "skyvern", "credential_id": credential_id, "navigation_goal": "the csv", "url": URL}
    headers = {"x-mock-progression": "immediate", "x-mock-end": "terminated; reason=No such account"}
    run_id = (await client.post(path, json=sent, headers=headers)).json()["run_id"]
    run = (await client.get(f"/v1/runs/{run_id}")).json()
    assert (run["status"], run["failure_reason"]) == ("terminated", "No such account")
    assert (await client.post(path, json=sent, headers={"x-mock-progression": "soon"})).status_code == 422
