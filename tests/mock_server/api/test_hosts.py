"""Which names the server answers to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mock_server.api.hosts import HostRule
from mock_server.api.refusals import Refusal
from mock_server.settings import Settings


@pytest.mark.parametrize(
    "host",
    [b"localhost", b"LocalHost:8000", b"127.0.0.1:8000", b"[::1]:8000", b"app.localhost", b"192.168.1.7:80", b""],
)
def test_own_names_pass(host: bytes):
    """Loopback names, any address (no name can be rebound to it) and a missing header pass."""
    HostRule(Settings()).check(host)


@pytest.mark.parametrize("host", [b"evil.example", b"127.0.0.1.evil.example", b"localhost.evil.example:8000", b"[::1"])
def test_other_names_are_refused(host: bytes):
    """A name that is not the server's own is refused, every time it comes, with a text that says what to do."""
    rule = HostRule(Settings())
    for _ in range(2):
        if host == b"[::1":
            rule.check(host)  # an address all the same
            continue
        with pytest.raises(Refusal) as caught:
            rule.check(host)
        assert caught.value.status == 400
        assert "--allow-host" in caught.value.body["detail"]
        assert "http://127.0.0.1:8000" in caught.value.body["detail"]


def test_names_from_the_settings_pass():
    """The bound name, the public address and the names that were allowed pass; ``*`` lets all pass."""
    settings = Settings(host="mock.lan", public_url="https://Mock.example:444/x", allowed_hosts=("testserver",))
    rule = HostRule(settings)
    for host in (b"mock.lan:8000", b"mock.example", b"TESTSERVER"):
        rule.check(host)
    anything = HostRule(Settings(allowed_hosts=("*",)))
    for number in range(200):
        anything.check(b"host%d.example" % number)
    assert len(anything._known) < 100


async def test_sites_are_guarded_as_well(open_mock: Callable[..., Any], open_client: Callable[..., httpx.AsyncClient]):
    """A foreign name reaches neither the API nor the bundled sites."""
    client = open_client(open_mock().application(), base_url="http://evil.example")
    for path in ("/v1/runs", "/sites/news/", "/openapi.json"):
        assert (await client.get(path)).status_code == 400
