"""What one attempt puts on the wire, and what it lets a receiver do to the server."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_server.api.addresses import is_private
from mock_server.clock import RealClock
from mock_server.webhooks import sending
from mock_server.webhooks.sending import Sender
from mock_server.webhooks.signature import headers

RECORDED = Path(__file__).parents[3] / "fixtures" / "oracle" / "webhooks.jsonl"
BODY = '{"output":"ü"}'.encode()
SIGNED = {"x-skyvern-timestamp": "1", "x-skyvern-signature": "00", "Content-Type": "application/json"}


@pytest.fixture
def sender() -> Sender:
    return Sender(RealClock())


async def test_headers_arrive_in_the_recorded_order_and_spelling(receiver: Any, sender: Sender):
    """Names and values are those of a recorded request, but for what differs from run to run."""
    outcome = await sender.post(receiver.url, SIGNED, BODY, 5)
    (request,) = receiver.received
    assert (outcome.status_code, outcome.response_body, outcome.error) == (200, '{"received": true}', None)
    assert (request.line, request.body) == ("POST /hook HTTP/1.1", BODY)
    recorded = json.loads(RECORDED.read_text(encoding="utf-8").splitlines()[0])["request"]["headers"]
    assert [name for name, _ in request.headers] == [name for name, _ in recorded]
    same = ("Accept", "Accept-Encoding", "Connection", "Content-Type")
    assert {name: request.header(name) for name in same} == {name: dict(recorded)[name] for name in same}
    assert request.header("User-Agent") == f"python-httpx/{httpx.__version__}"
    assert request.header("Host") == httpx.URL(receiver.url).netloc.decode()
    assert int(request.header("Content-Length")) == len(BODY)


async def test_credentials_in_the_address_become_a_header(receiver: Any, sender: Sender):
    """They are sent as basic authorization and are not part of Host."""
    await sender.post(receiver.url.replace("//", "//user:p%20w@"), SIGNED, BODY, 5)
    (request,) = receiver.received
    assert request.header("Authorization") == "Basic dXNlcjpwIHc="
    assert "@" not in request.header("Host")


@pytest.mark.parametrize("status", [204, 301, 302, 307, 308, 404, 500])
async def test_an_answer_is_taken_as_it_is(receiver: Any, sender: Sender, status: int):
    """Nothing is followed: a redirect to another address of the same receiver is one request and a 3xx."""
    receiver.replies = [receiver_reply(status, b"", f"Location: {receiver.url}/elsewhere", "Retry-After: 7")]
    outcome = await sender.post(receiver.url, SIGNED, BODY, 5)
    assert (outcome.status_code, outcome.retry_after, len(receiver.received)) == (status, "7", 1)


def receiver_reply(status: int, body: bytes, *lines: str) -> bytes:
    head = [f"HTTP/1.1 {status} X", *lines]
    if status != 204:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode() + body


async def test_nobody_listening_is_said_in_the_recorded_words(sender: Sender, unused_tcp_port: int):
    """A refused connection is an outcome, not an exception."""
    outcome = await sender.post(f"http://127.0.0.1:{unused_tcp_port}/x", SIGNED, BODY, 5)
    assert (outcome.status_code, outcome.response_body) == (None, None)
    assert (outcome.error_kind, outcome.error) == ("ConnectError", "All connection attempts failed")


async def test_a_receiver_that_hangs_is_cut_off(receiver: Any, sender: Sender):
    """The attempt ends at its limit, without an answer."""

    async def hang(_: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    receiver.replies = [hang]
    outcome = await sender.post(receiver.url, SIGNED, BODY, 0.2)
    assert (outcome.status_code, outcome.error_kind) == (None, "ReadTimeout")
    assert 150 <= outcome.latency_ms < 5000


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"])
async def test_a_receiver_that_drips_is_cut_off(receiver: Any, sender: Sender, head: bytes):
    """A byte now and then, in head or body, does not prolong the attempt, though each read succeeds."""

    async def drip(writer: asyncio.StreamWriter) -> None:
        for byte in head or b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 100:
            writer.write(bytes([byte]))
            if not head:
                await asyncio.sleep(0.02)
        for _ in range(100):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    receiver.replies = [drip]
    outcome = await sender.post(receiver.url, SIGNED, BODY, 0.2)
    assert (outcome.status_code, outcome.error_kind) == (None, "ReadTimeout")


async def test_two_kilobytes_of_an_answer_are_read_and_the_rest_is_let_go(receiver: Any, sender: Sender):
    """A receiver that would send without end is hung up on, and its answer counts."""
    sent = 0

    async def flood(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            sent += 65536
            await writer.drain()

    receiver.replies = [flood]
    outcome = await sender.post(receiver.url, SIGNED, BODY, 5)
    assert (outcome.status_code, outcome.response_body) == (200, "x" * 2048)
    assert sent < 64 * 1024 * 1024


async def test_a_small_answer_that_unpacks_to_a_huge_one_is_cut(receiver: Any, sender: Sender):
    """No more is unpacked than is kept."""
    packed = gzip.compress(b"x" * 1_000_000)
    assert len(packed) < 2048
    receiver.replies = [receiver_reply(200, packed, "Content-Encoding: gzip")]
    outcome = await sender.post(receiver.url, SIGNED, BODY, 5)
    assert outcome.response_body == "x" * 2048


@pytest.mark.parametrize(
    "answer", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", b"HTTP/9.9 abc\r\n\r\n"]
)
async def test_a_receiver_that_does_not_speak_http_is_an_error_of_protocol(
    receiver: Any, sender: Sender, answer: bytes
):
    """Nothing, garbage, or a body cut short: no answer, no exception."""
    receiver.replies = [answer]
    outcome = await sender.post(receiver.url, SIGNED, BODY, 5)
    assert (outcome.status_code, outcome.error_kind) == (None, "RemoteProtocolError")


async def test_bytes_that_are_no_text_are_shown_as_such(receiver: Any, sender: Sender):
    """A binary answer is kept with replacement characters."""
    receiver.replies = [receiver_reply(200, b"\xff\x00ok")]
    outcome = await sender.post(receiver.url, SIGNED, BODY, 5)
    assert outcome.response_body == "\ufffd\x00ok"


class Wire(httpx.AsyncBaseTransport):
    """A network that takes everything and remembers it; addresses in ``down`` refuse."""

    def __init__(self, *down: str) -> None:
        self.down = down
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.host in self.down:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, content=b"ok")


def guarded(wire: Wire, *addresses: str) -> Sender:
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return Sender(RealClock(), forbidden=is_private, resolve=resolve, transport=wire)


async def test_a_blocked_host_is_not_connected_to():
    """Under the rule, a name that resolves to a private address gets no request and is not worth another attempt."""
    wire = Wire()
    outcome = await guarded(wire, "10.0.0.1").post("https://rebind.example.com/x", SIGNED, BODY, 5)
    assert wire.requests == []
    assert (outcome.status_code, outcome.error_kind, outcome.refused) == (None, "BlockedHost", True)


async def test_a_checked_host_is_connected_to_by_its_checked_address():
    """The address is pinned, Host and certificate stay those of the name; if one is down, the next is tried."""
    wire = Wire("93.184.215.14")
    outcome = await guarded(wire, "93.184.215.14", "2606:2800:21f::1").post(
        "https://Example.com:8443/a?b=c", SIGNED, BODY, 5
    )
    assert outcome.status_code == 200
    assert [str(request.url) for request in wire.requests] == [
        "https://93.184.215.14:8443/a?b=c",
        "https://[2606:2800:21f::1]:8443/a?b=c",
    ]
    last = wire.requests[-1]
    assert (last.headers["host"], last.extensions["sni_hostname"]) == ("example.com:8443", "example.com")


async def test_every_address_down_is_the_last_ones_error():
    """If none of the checked addresses can be reached, that is said."""
    wire = Wire("93.184.215.14", "93.184.215.15")
    outcome = await guarded(wire, *wire.down).post("http://example.com/", SIGNED, BODY, 5)
    assert (outcome.error_kind, outcome.error, len(wire.requests)) == ("ConnectError", "refused", 2)


async def test_the_environments_proxy_is_not_used(receiver: Any, sender: Sender, monkeypatch: Any):
    """What is signed for a receiver is not shown to whatever HTTP_PROXY names."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    outcome = await sender.post(receiver.url, headers("key", BODY, RealClock().now()), BODY, 5)
    assert outcome.status_code == 200


def test_the_trusted_certificates_are_loaded_once():
    """Loading them is slow, so every attempt shares them."""
    assert sending._trust() is sending._trust()
