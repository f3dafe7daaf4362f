"""What every request passes, whatever its route."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from mock_server.api.body import MAX_BODY_BYTES

SECURITY = {
    "x-frame-options": "DENY",
    "content-security-policy": "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/version"),
        ("GET", "/v1/runs"),
        ("GET", "/v1/runs/tsk_1"),
        ("POST", "/v1/run/tasks"),
        ("GET", "/v1/nope"),
        ("PUT", "/v1/run/tasks"),
        ("GET", "/docs"),
        ("GET", "/v1/artifacts/a_1/content/"),
    ],
)
async def test_security_headers_on_every_answer(method: str, path: str, client: httpx.AsyncClient):
    """Answers, refusals, redirects and pages all carry the three security headers, once."""
    answer = await client.request(method, path)
    for name, value in SECURITY.items():
        assert answer.headers.get_list(name) == [value]


@pytest.mark.parametrize("path", ["/v1/runs/tsk_1", "/v1/runs"])
@pytest.mark.wrong_on_purpose
async def test_unforeseen_exception(
    path: str,
    *,
    client: httpx.AsyncClient,
    services: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    """What nobody foresaw is a 500 in the service's form, its traceback is logged, and the server goes on."""
    with monkeypatch.context() as broken:
        broken.setattr(services.store, "run", lambda *_: {}["no such thing"])
        broken.setattr(services.store, "runs", lambda *_, **__: {}["no such thing"])
        with caplog.at_level(logging.ERROR):
            answer = await client.get(path, headers={"origin": "http://localhost:3000"})
    assert (answer.status_code, answer.text) == (500, '{"error":"Unexpected error: KeyError"}')
    assert [name for name, _ in answer.headers.raw][:3] == [name.encode() for name in SECURITY]
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Traceback" in caplog.text
    assert (await client.get("/v1/runs")).status_code == 200


@pytest.mark.wrong_on_purpose
async def test_broken_store(client: httpx.AsyncClient, services: Any):
    """A store that cannot be read is a 500 whose text says what to look at."""
    services.store._connection.close()
    answer = await client.get("/v1/runs")
    assert (answer.status_code, list(answer.json())) == (500, ["error"])
    assert "Check the free space and the permissions" in answer.json()["error"]


async def chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b" " * 1_000_000


@pytest.mark.parametrize("path", ["/v1/run/tasks", "/v1/runs/cancel"])
async def test_oversized_body(path: str, client: httpx.AsyncClient):
    """A body beyond the limit is refused with 413, with a declared length and without; the next request is served."""
    headers = {"content-type": "application/json"}
    declared = await client.post(path, content=b" " * (MAX_BODY_BYTES + 1), headers=headers)
    streamed = await client.post(path, content=chunks(11), headers=headers)
    for answer in (declared, streamed):
        assert answer.status_code == 413
        assert (
            answer.json()["detail"] == "The request body is larger than 10,551,296 bytes, the most this server reads."
        )
    assert (await client.post(path, json={})).status_code == 422


async def test_body_of_the_largest_size_is_read(client: httpx.AsyncClient):
    """A body of exactly the limit is read."""
    start = b'{"prompt": "p", "data_extraction_schema": "'
    body = start + b"x" * (MAX_BODY_BYTES - len(start) - 2) + b'"}'
    answer = await client.post("/v1/run/tasks", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200


async def test_absurd_length_is_refused(client: httpx.AsyncClient):
    """A length of more digits than any size has is too large, not a crash."""
    answer = await client.post("/v1/run/tasks", content=b"", headers={"content-length": "9" * 400})
    assert answer.status_code == 413


async def test_client_that_goes_away(mock: Any):
    """A client that hangs up in the middle of its body leaves nothing behind but a 499 nobody reads."""
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/run/tasks",
        "headers": [(b"host", b"127.0.0.1"), (b"x-api-key", b"k")],
    }
    messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    await mock.application()(scope, receive, send)
    assert sent[0]["status"] == 499


async def test_trailing_slash(client: httpx.AsyncClient, submit: Callable[..., Any]):
    """Documented paths answer with a slash at the end like without; content redirects."""
    run = await submit()
    for path in ("/v1/version", "/v1/runs", f"/v1/runs/{run.run_id}", f"/v1/runs/{run.run_id}/timeline"):
        assert (await client.get(f"{path}/")).content == (await client.get(path)).content
    assert (await client.post("/v1/run/tasks/", json={"prompt": "p"})).status_code == 200
    moved = await client.get("/v1/artifacts/a_1/content/")
    assert (moved.status_code, moved.headers["location"]) == (307, "http://127.0.0.1:8000/v1/artifacts/a_1/content")


async def test_method_of_no_route(client: httpx.AsyncClient):
    """A known path refuses other methods and says which it has; HEAD is one of those refused."""
    for method, path, allowed in (
        ("HEAD", "/v1/version", "GET"),
        ("DELETE", "/v1/runs/tsk_1", "GET"),
        ("GET", "/v1/run/tasks", "POST"),
    ):
        answer = await client.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


async def test_sites_bring_their_own_headers(client: httpx.AsyncClient):
    """The bundled sites are not covered by the API's headers: they may frame one another."""
    answer = await client.get("/sites/news/")
    assert answer.status_code == 200
    assert "x-frame-options" not in answer.headers
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
