"""Credentials over HTTP: what is kept, what is shown, what is never shown."""

from __future__ import annotations

import logging
import stat
from typing import Any

import httpx
import pytest

from mock_server.services import Services

KEY = {"x-api-key": "test-key"}
OTHER = {"x-api-key": "other-key"}
PASSWORD = {"username": "dana", "password": "hunter-2222", "totp": "JBSWY3DPEHPK3PXP", "totp_type": "authenticator"}
CARD = {
    "card_number": "4242424242424242",
    "card_cvv": "987",
    "card_exp_month": "12",
    "card_exp_year": "2030",
    "card_brand": "visa",
    "card_holder_name": "Dana W",
}
FIELDS = [
    "credential_id", "credential", "credential_type", "name", "vault_type", "browser_profile_id",
    "auto_profile_disabled", "pin_saved_session_ip", "tested_url", "user_context", "save_browser_session_intent",
    "run_sequentially", "folder_id", "proxy_location", "proxy_session_id", "created_by",
]  # fmt: skip


def body(kind: str = "password", **changes: Any) -> dict[str, Any]:
    secret = {"password": PASSWORD, "credit_card": CARD, "secret": {"secret_value": "top-secret-77"}}[kind]
    return {"name": "Portal", "credential_type": kind, "credential": secret, **changes}


async def create(client: httpx.AsyncClient, kind: str = "password", **changes: Any) -> dict[str, Any]:
    answer = await client.post("/v1/credentials", json=body(kind, **changes))
    assert answer.status_code == 201
    return dict(answer.json())


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("password", {"username": "dana", "totp_type": "authenticator", "totp_identifier": None, "has_totp": True}),
        ("credit_card", {"last_four": "4242", "brand": "visa"}),
        ("secret", {"secret_label": None}),
    ],
)
async def test_what_is_shown(client: httpx.AsyncClient, kind: str, shown: dict[str, Any]):
    """Every answer has all fields and only the public part of each kind; no secret value is in any of them."""
    made = await create(client, kind)
    assert list(made) == FIELDS
    assert made["credential"] == shown
    assert made["credential_id"].startswith("cred_")
    one = await client.get(f"/v1/credentials/{made['credential_id']}")
    listed = await client.get("/v1/credentials")
    assert one.json() == made
    assert listed.json() == [made]
    for secret in ("hunter-2222", "JBSWY3DPEHPK3PXP", "424242424242", "987", "top-secret-77"):
        assert secret not in one.text + listed.text


async def test_update_rename_delete(client: httpx.AsyncClient):
    """An update replaces all but the id, a rename only the name, a deleted one is unknown."""
    path = f"/v1/credentials/{(await create(client))['credential_id']}"
    updated = await client.post(f"{path}/update", json=body("secret", name="Other"))
    assert (updated.status_code, updated.json()["credential"]) == (200, {"secret_label": None})
    renamed = await client.patch(path, json={"name": "Third"})
    assert (renamed.json()["name"], renamed.json()["credential_type"]) == ("Third", "secret")
    deleted = await client.post(f"{path}/delete")
    assert (deleted.status_code, deleted.content) == (204, b"")
    for answer in (
        await client.get(path),
        await client.post(f"{path}/delete"),
        await client.patch(path, json={"name": "x"}),
    ):
        assert (answer.status_code, answer.json()) == (404, {"detail": "Credential not found"})


async def test_the_list(client: httpx.AsyncClient):
    """It is paged, newest first, and narrowed by kind, vault and words."""
    for name, kind in (("One", "password"), ("Two", "secret"), ("Three", "password")):
        await create(client, kind, name=name)

    async def names(query: str) -> list[str]:
        return [item["name"] for item in (await client.get(f"/v1/credentials?{query}")).json()]

    assert await names("") == ["Three", "Two", "One"]
    assert await names("page=2&page_size=2") == ["One"]
    assert await names("credential_type=password") == ["Three", "One"]
    assert await names("search=TW") == ["Two"]
    assert await names("search=dana") == ["Three", "One"]
    assert await names("vault_type=bitwarden") == []
    assert await names("folder_id=fld_1") == []


@pytest.mark.parametrize(
    ("request_body", "loc", "kind"),
    [
        ({}, ["body", "name"], "missing"),
        (
            body(credential={"password": "hunter-2222"}),
            ["body", "credential", "NonEmptyPasswordCredential", "username"],
            "missing",
        ),
        (body("secret", credential_type="password"), ["body"], "value_error"),
        (body(credential_type="key"), ["body", "credential_type"], "enum"),
        (body(vault_type="shoebox"), ["body", "vault_type"], "enum"),
    ],
)
async def test_faults_do_not_repeat_what_was_sent(
    client: httpx.AsyncClient, request_body: Any, loc: list[str], kind: str
):
    """A 422 says where and why, with these three keys, and nothing of the values."""
    answer = await client.post("/v1/credentials", json=request_body)
    assert answer.status_code == 422
    faults = answer.json()["detail"]
    assert all(list(fault) == ["loc", "msg", "type"] for fault in faults)
    assert (loc, kind) in [(fault["loc"], fault["type"]) for fault in faults]
    assert "hunter-2222" not in answer.text
    assert "JBSWY3DPEHPK3PXP" not in answer.text


async def test_half_json_does_not_come_back(client: httpx.AsyncClient):
    """JSON that breaks off after a password is refused without it."""
    headers = {**KEY, "content-type": "application/json"}
    answer = await client.post("/v1/credentials", content=b'{"password": "hunter-2222",', headers=headers)
    assert answer.status_code == 422
    assert "hunter-2222" not in answer.text


async def test_other_vaults_are_not_configured(client: httpx.AsyncClient):
    """A vault the server does not have is named in a 400."""
    answer = await client.post("/v1/credentials", json=body(vault_type="bitwarden"))
    assert answer.status_code == 400
    assert "bitwarden is not configured" in answer.json()["detail"]


async def test_without_a_key_and_with_another(client: httpx.AsyncClient):
    """Without a key everything is 403, with another tenant's everything is as if there were nothing."""
    path = f"/v1/credentials/{(await create(client))['credential_id']}"
    calls = (
        ("GET", path),
        ("POST", f"{path}/update"),
        ("POST", f"{path}/delete"),
        ("PATCH", path),
        ("GET", "/v1/credentials"),
    )
    for method, address in calls:
        sent = {"json": body()} if method != "GET" else {}
        answer = await client.request(method, address, headers={"x-api-key": ""}, **sent)
        assert (answer.status_code, answer.json()) == (403, {"detail": "Invalid credentials"})
    for method, address in calls[:4]:
        sent = {"json": body()} if method != "GET" else {}
        assert (await client.request(method, address, headers=OTHER, **sent)).status_code == 404
    assert (await client.get("/v1/credentials", headers=OTHER)).json() == []
    assert (await client.get(path)).status_code == 200


async def test_nothing_secret_is_logged_and_only_the_owner_reads_the_files(
    client: httpx.AsyncClient, services: Services, caplog: pytest.LogCaptureFixture
):
    """No log line has the secret, and what lies in the data directory is readable by its owner only."""
    with caplog.at_level(logging.DEBUG):
        await create(client)
    assert "hunter-2222" not in caplog.text
    directory = services.settings.data_dir
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    for path in directory.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name
