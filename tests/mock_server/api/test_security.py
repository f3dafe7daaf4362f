"""Hostile requests: refused in the service's form, or served like any other; never obeyed."""

from __future__ import annotations

import gzip
import re
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

JSON = {"content-type": "application/json"}
TRAVERSALS = (
    "../../../../etc/passwd",
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%5c..%5cwindows%5cwin.ini",
    "%252e%252e%252fetc%252fpasswd",
    "....//....//etc/passwd",
    "%00",
    "a%00.html",
    "~root",
    "file:///etc/passwd",
)
STATIC = ("/sites/news/static", "/sites/shop/static", "/sites/static", "/viewer/static", "/static", "/sites")


@pytest.mark.parametrize("attempt", TRAVERSALS)
async def test_path_parameters_lead_nowhere(attempt: str, client: httpx.AsyncClient):
    """In every path parameter of every route a path is an id nobody has: no file's content, and no failure."""
    for method, path in await _routes_with_parameters(client):
        target = re.sub(r"\{[^}]+\}", attempt, path)
        answer = await client.request(method, target, json={} if method != "GET" else None)
        assert answer.status_code < 500, f"{method} {target}: {answer.text}"
        assert "root:" not in answer.text
        assert "[fonts]" not in answer.text


@pytest.mark.parametrize("attempt", TRAVERSALS)
@pytest.mark.parametrize("base", STATIC)
async def test_static_files_stay_in_their_directory(base: str, attempt: str, client: httpx.AsyncClient):
    """Nothing above a directory of files is served from it."""
    answer = await client.get(f"{base}/{attempt}")
    assert answer.status_code in (301, 302, 303, 307, 400, 403, 404)
    assert "root:" not in answer.text


async def test_chunked_body_without_end_is_cut(client: httpx.AsyncClient):
    """A body that names no length is read no further than the largest there may be."""
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while True:
            sent += 1 << 20
            yield b" " * (1 << 20)

    answer = await client.post("/v1/run/tasks", content=endless(), headers=JSON)
    assert answer.status_code == 413
    assert sent < 100 << 20  # what is thrown away so that the client hears of it


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("path", ["/v1/run/tasks", "/v1/browser_sessions", "/v1/credentials", "/_mock/scripts"])
async def test_deep_nesting_is_refused(path: str, opening: bytes, client: httpx.AsyncClient):
    """A hundred thousand levels of JSON are refused; they neither fail nor stop the server."""
    answer = await client.post(path, content=opening * 100_000, headers=JSON)
    assert 400 <= answer.status_code < 500


async def test_packed_bodies_are_not_unpacked(client: httpx.AsyncClient):
    """A small body that would be a gigabyte unpacked is what it is: no JSON."""
    packed = gzip.compress(b'{"prompt": "' + b"a" * (64 << 20) + b'"}')
    answer = await client.post("/v1/run/tasks", content=packed, headers=JSON | {"content-encoding": "gzip"})
    assert 400 <= answer.status_code < 500


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1, max_size=80), value=st.text(max_size=80))
async def test_names_of_downloads_break_no_header(name: str, value: str, submit: Any, keep: Any, client: Any):
    """Whatever a page calls its file, the answer has the same headers as for any other, and the name on one line."""
    run = await submit()
    record = keep(run, "download", b"data", filename=f"{name}\r\nset-cookie: a=b\r\n{value}")
    answer = await client.get(f"/v1/artifacts/{record.artifact_id}/content")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert not re.search(r"[\x00-\x1f\x7f]", answer.headers["content-disposition"])


@pytest.mark.parametrize("place", ["/v1/runs%0d%0aset-cookie:%20a=b/", "/sites/%0d%0aset-cookie:%20a=b", "/%0d%0aa/"])
async def test_addresses_are_not_reflected_as_headers(place: str, client: httpx.AsyncClient):
    """Line breaks in an address end up in no header of a redirect."""
    answer = await client.get(place)
    assert answer.status_code < 500
    assert "set-cookie" not in answer.headers
    assert "\n" not in answer.headers.get("location", "")


@pytest.mark.parametrize("header", ["x-http-method-override", "x-method-override", "x-http-method"])
async def test_methods_cannot_be_overridden(header: str, client: httpx.AsyncClient, submit: Any):
    """A GET stays a GET, whatever a header says; the run it would delete or cancel goes on."""
    run = await submit()
    for wanted in ("DELETE", "POST"):
        answer = await client.get(f"/v1/runs/{run.run_id}", headers={header: wanted})
        assert answer.json()["status"] in ("created", "queued")


@pytest.mark.parametrize("host", ["attacker.example", "127.0.0.1.attacker.example", "localhost.attacker.example:8000"])
@pytest.mark.parametrize("path", ["/v1/runs", "/docs", "/openapi.json", "/_mock/scripts", "/sites/news/", "/viewer"])
async def test_rebound_names_reach_nothing(path: str, host: str, client: httpx.AsyncClient):
    """A name somebody else's web page was loaded under opens no route of any kind."""
    answer = await client.get(path, headers={"host": host})
    assert 400 <= answer.status_code < 500
    assert "attacker" not in answer.headers.get("location", "")


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/hook",
        "http://2130706433/hook",
        "http://0x7f.1/hook",
        "http://[::ffff:127.0.0.1]/hook",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost.:80/hook",
        "http://user:password@10.0.0.1/hook",
        "http://[fd00::1]/hook",
    ],
)
@pytest.mark.parametrize("field", ["url", "webhook_url", "totp_url"])
@pytest.mark.parametrize("mock", [{"block_private_hosts": True}], indirect=True)
async def test_private_addresses_in_every_spelling(field: str, address: str, client: httpx.AsyncClient):
    """With private hosts blocked, none of a task's addresses may name one, however it is spelt."""
    request = {"prompt": "p", "url": "https://example.com/", field: address}
    answer = await client.post("/v1/run/tasks", json=request)
    assert answer.status_code in (400, 422), answer.text


_DESCRIBED: list[tuple[str, str]] = []
"""What the description says, which is the same in every test and takes a second to make."""


async def _routes_with_parameters(client: httpx.AsyncClient) -> list[tuple[str, str]]:
    """Return method and path of every route that has a parameter in its path."""
    if not _DESCRIBED:
        paths = (await client.get("/openapi.json")).json()["paths"]
        _DESCRIBED.extend((verb.upper(), path) for path, verbs in paths.items() if "{" in path for verb in verbs)
    assert len(_DESCRIBED) > 20
    return _DESCRIBED
