"""Which web pages may use the API."""

from __future__ import annotations

import httpx
import pytest

from mock_server.api.origins import OriginRule


def preflight(client: httpx.AsyncClient, origin: str):
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-api-key",
    }
    return client.options("/v1/run/tasks", headers=headers)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:3000", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:9", True),
        ("https://app.localhost", True),
        ("https://app.example.com", False),
        ("http://localhost.evil.example", False),
        ("http://[::1", False),
        ("null", False),
    ],
)
async def test_cloud_lets_pages_of_this_machine_in(origin: str, *, allowed: bool, client: httpx.AsyncClient):
    """Any key is a tenant here, so by default a page from elsewhere may not send one; a local one may."""
    answer = await preflight(client, origin)
    assert answer.status_code == (200 if allowed else 400)
    assert ("access-control-allow-origin" in answer.headers) == allowed
    plain = await client.get("/v1/runs", headers={"origin": origin})
    assert ("access-control-allow-origin" in plain.headers) == allowed


@pytest.mark.parametrize("mock", [{"dialect": "oss"}, {"allowed_origins": ("*",)}], indirect=True)
async def test_oss_and_a_star_let_every_page_in(client: httpx.AsyncClient):
    """A self-hosted server lets every origin in, as recorded; so does the setting."""
    answer = await preflight(client, "https://app.example.com")
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")


@pytest.mark.parametrize("mock", [{"dialect": "oss", "allowed_origins": ("https://a.example",)}], indirect=True)
async def test_settings_win_over_the_dialect(client: httpx.AsyncClient):
    """Origins that are named are let in, and only those, whatever the dialect."""
    assert (await preflight(client, "https://a.example")).status_code == 200
    refused = await preflight(client, "https://b.example")
    assert (refused.status_code, refused.text) == (400, "Disallowed CORS origin")


def test_nothing_is_said_to_no_origin():
    """Without an Origin header there is nothing to add."""
    assert OriginRule(["*"]).headers(b"") == []
