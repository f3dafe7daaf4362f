"""One-time codes over HTTP: what is taken for a code, how long it is good, whose it is."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mock_server.services import Services

IDENTIFIER = "john.doe@example.com"
FIELDS = [
    "totp_identifier", "task_id", "workflow_id", "workflow_run_id", "source", "content", "expired_at", "type",
    "totp_code_id", "code", "organization_id", "created_at", "modified_at", "otp_type",
]  # fmt: skip
both_dialects = pytest.mark.parametrize("mock", [{"dialect": "cloud"}, {"dialect": "oss"}], indirect=True)


async def push(client: httpx.AsyncClient, content: str = "654321", **more: Any) -> httpx.Response:
    return await client.post("/v1/credentials/totp", json={"totp_identifier": IDENTIFIER, "content": content, **more})


@both_dialects
@pytest.mark.parametrize(
    ("content", "code"), [("654321", "654321"), (" 12 34 ", "12 34"), ("", ""), ("AB-12345", "AB-12345")]
)
async def test_short_content_is_the_code(client: httpx.AsyncClient, content: str, code: str):
    """Up to ten characters are taken as they are, in the order of fields of the wire."""
    answer = await push(client, content)
    assert answer.status_code == 200
    assert list(answer.json()) == FIELDS
    assert (answer.json()["code"], answer.json()["otp_type"], answer.json()["content"]) == (code, "totp", content)


async def test_prose_is_read(client: httpx.AsyncClient):
    """In the cloud's dialect the code is found in a message; a message without one is pending."""
    found = (await push(client, "Hello, your verification code is 123456")).json()
    assert (found["code"], found["otp_type"], "status" in found) == ("123456", "totp", False)
    nothing = (await push(client, "there is nothing in here")).json()
    assert (nothing["code"], nothing["otp_type"], nothing["status"]) == ("", None, "raw_pending")


@pytest.mark.parametrize("mock", [{"dialect": "oss"}], indirect=True)
async def test_prose_is_left_for_later(client: httpx.AsyncClient):
    """A self-hosted server answers every message with raw_pending, and does not list it."""
    answer = (await push(client, "Hello, your verification code is 123456")).json()
    assert list(answer) == [*FIELDS, "status"]
    assert (answer["code"], answer["status"]) == ("", "raw_pending")
    assert (await client.get("/v1/credentials/totp")).json() == []


async def test_identifiers_and_times_are_made_alike(client: httpx.AsyncClient):
    """An email address loses its capitals, a time its zone."""
    sent = {"totp_identifier": " John.Doe@Example.com ", "content": "1", "expired_at": "2027-01-01T01:00:00+01:00"}
    answer = (await client.post("/v1/credentials/totp", json=sent)).json()
    assert (answer["totp_identifier"], answer["expired_at"]) == (IDENTIFIER, "2027-01-01T00:00:00")


async def test_the_list(client: httpx.AsyncClient, clock: Any):
    """It is newest first, narrowed by identifier and kind, cut to the limit, and forgets after ten minutes."""
    await push(client, "1111")
    clock.move(1)
    await push(client, "2222", totp_identifier="+1 415")
    await push(client, "3333", expired_at="2026-11-21T12:05:00")

    async def codes(query: str = "") -> list[str]:
        return [item["code"] for item in (await client.get(f"/v1/credentials/totp?{query}")).json()]

    assert await codes() == ["3333", "2222", "1111"]
    assert await codes("limit=1") == ["3333"]
    assert await codes(f"totp_identifier={IDENTIFIER.upper()}") == ["3333", "1111"]
    assert await codes("otp_type=magic_link") == []
    clock.move(300)
    assert await codes() == ["2222", "1111"]
    clock.move(299.5)
    assert await codes() == ["2222"]
    clock.move(1)
    assert await codes() == []


async def test_codes_for_a_run(client: httpx.AsyncClient, services: Services):
    """The run a code is for has to be the tenant's own."""
    run = services.engine.submit_workflow_run("o_2", {"prompt": "x", "title": "t"})
    for field, sent, text in (
        ("task_id", "tsk_1", "Invalid task id: tsk_1"),
        ("workflow_run_id", run.run_id, f"Invalid workflow run id: {run.run_id}"),
        ("workflow_id", "wpid_1", "Invalid workflow id: wpid_1"),
    ):
        answer = await push(client, **{field: sent})
        assert (answer.status_code, answer.json()) == (400, {"detail": text})
    task = (await client.post("/v1/run/tasks", json={"prompt": "x", "url": "http://127.0.0.1/"})).json()
    assert (await push(client, task_id=task["run_id"])).status_code == 200


async def test_refusals(client: httpx.AsyncClient):
    """No key, wrong types, missing fields, far too much: each in the service's form, without the values."""
    answer = await client.post(
        "/v1/credentials/totp", json={"totp_identifier": "x", "content": "1"}, headers={"x-api-key": ""}
    )
    assert (answer.status_code, answer.json()) == (403, {"detail": "Invalid credentials"})
    answer = await client.post("/v1/credentials/totp", json={"totp_identifier": 5, "content": "123456"})
    fault = {"loc": ["body", "totp_identifier"], "msg": "Input should be a valid string", "type": "string_type"}
    assert (answer.status_code, answer.json()) == (422, {"detail": [fault]})
    answer = await client.post("/v1/credentials/totp", json={"totp_identifier": "a"})
    assert answer.json() == {"detail": [{"loc": ["body", "content"], "msg": "Field required", "type": "missing"}]}
    assert (await push(client, "x" * 65_537)).status_code == 400
    assert (await client.get("/v1/credentials/totp?limit=201")).status_code == 422


async def test_other_tenants_do_not_see_them(client: httpx.AsyncClient):
    """A code is listed for the key that pushed it only."""
    await push(client)
    assert (await client.get("/v1/credentials/totp", headers={"x-api-key": "other-key"})).json() == []
    assert len((await client.get("/v1/credentials/totp")).json()) == 1
