"""Uploads over HTTP: what comes back, who may read it, how long, and with which run it goes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mock_server.services import Services

MB = 1024 * 1024


async def upload(
    client: httpx.AsyncClient, data: bytes = b"hello", name: str = "report.txt", **form: Any
) -> httpx.Response:
    return await client.post("/v1/upload_file", files={"file": (name, data, "text/html")}, data=form)


async def test_an_upload_and_its_link(client: httpx.AsyncClient, clock: Any):
    """The link reads the file without a key, as a file to save and never as a page, for twelve hours."""
    kept = (await upload(client, name="a/b\u00e9.txt")).json()
    assert list(kept) == ["s3_uri", "presigned_url", "file_id", "expires_at"]
    assert (kept["file_id"][:5], kept["expires_at"]) == ("file_", None)
    read = await client.get(kept["presigned_url"], headers={"x-api-key": ""})
    assert (read.status_code, read.content) == (200, b"hello")
    assert read.headers["content-disposition"].startswith('attachment; filename="a_b_.txt"')
    assert read.headers["x-content-type-options"] == "nosniff"
    clock.move(12 * 3600)
    assert (await client.get(kept["presigned_url"])).status_code == 403


async def test_forged_links(client: httpx.AsyncClient):
    """A link with another file, time, tenant or signature in it reads nothing."""
    first, second = (await upload(client)).json(), (await upload(client)).json()
    good = httpx.URL(first["presigned_url"])
    for name, value in (("expiry", "99999999999"), ("expiry", "x"), ("org", "o_2"), ("sig", "0" * 64), ("sig", "")):
        answer = await client.get(good.copy_merge_params({name: value}))
        assert (answer.status_code, answer.json()) == (403, {"detail": "Invalid or expired file URL"})
    moved = str(good).replace(first["file_id"], second["file_id"])
    assert (await client.get(moved)).status_code == 403


async def test_deleting(client: httpx.AsyncClient, services: Services):
    """Only its tenant can delete a file; then it is gone from disk and for its link."""
    kept = (await upload(client)).json()
    path = f"/v1/files/{kept['file_id']}"
    assert (await client.delete(path, headers={"x-api-key": "other-key"})).status_code == 404
    assert (await client.delete(path, headers={"x-api-key": ""})).status_code == 403
    assert (await client.delete(path)).status_code == 204
    assert (await client.delete(path)).json() == {"detail": f"File not found {kept['file_id']}"}
    assert (await client.get(kept["presigned_url"])).status_code == 403
    assert list(services.settings.upload_root.iterdir()) == []


async def test_retention(client: httpx.AsyncClient, services: Services, clock: Any):
    """A file is kept for the days that were asked for, and cleared away with the next upload."""
    kept = (await upload(client, retention_days="1")).json()
    assert kept["expires_at"] == "2026-11-22T12:00:00.123456"
    clock.move(86_400)
    assert (await client.delete(f"/v1/files/{kept['file_id']}")).status_code == 404
    await upload(client)
    assert len(list(services.settings.upload_root.iterdir())) == 1


@pytest.mark.parametrize("days", ["0", "366", "many"])
async def test_unheard_of_retention(client: httpx.AsyncClient, days: str):
    """Anything but 1 to 365 days is a fault of the form."""
    answer = await upload(client, retention_days=days)
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", "retention_days"])


async def test_sizes(client: httpx.AsyncClient, services: Services):
    """Ten megabytes are kept, one byte more is 413 and leaves nothing, declared or not."""
    assert (await upload(client, b"x" * 10 * MB)).status_code == 200
    assert (await upload(client, b"x" * (10 * MB + 1))).status_code == 413
    assert (await upload(client, b"x" * 12 * MB)).status_code == 413
    assert len(list(services.settings.upload_root.iterdir())) == 1


async def test_what_is_no_file(client: httpx.AsyncClient):
    """No key is 403; no file, and text in the place of a file, are faults."""
    assert (await client.post("/v1/upload_file", files={"file": b"x"}, headers={"x-api-key": ""})).status_code == 403
    answer = await client.post("/v1/upload_file", data={"file": "aGVsbG8="})
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", "file"])
    assert (await client.post("/v1/upload_file")).status_code == 422


@pytest.mark.parametrize("mock", [{"dialect": "oss"}], indirect=True)
async def test_a_self_hosted_server_has_no_storage(client: httpx.AsyncClient):
    """There the answer is the 500 of a part that is not implemented."""
    answer = await upload(client)
    assert (answer.status_code, answer.json()) == (500, {"error": "Unexpected error: NotImplementedError"})


async def test_a_file_goes_with_one_run(client: httpx.AsyncClient):
    """A task takes the tenant's file once; a second task, and another tenant's, are told which ids they cannot have."""
    file_id = (await upload(client)).json()["file_id"]
    sent = {"prompt": "Upload report.txt", "url": "http://127.0.0.1/", "file_ids": [file_id]}
    other = await client.post("/v1/run/tasks", json=sent, headers={"x-api-key": "other-key"})
    assert other.status_code == 422
    assert (await client.post("/v1/run/tasks", json=sent)).status_code == 200
    again = await client.post("/v1/run/tasks", json=sent)
    assert again.status_code == 422
    assert file_id in again.json()["detail"]


async def test_a_reset_takes_the_files(client, services):
    """A tenant that begins again has its files removed from the disk, not only from the list."""
    sent = await client.post("/v1/upload_file", files={"file": ("a.txt", b"hello")})
    assert sent.status_code == 200
    assert list(services.settings.upload_root.iterdir())
    assert (await client.post("/_mock/reset")).status_code in (200, 204)
    assert not list(services.settings.upload_root.iterdir())
