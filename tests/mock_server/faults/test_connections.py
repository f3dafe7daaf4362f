"""Faults of the connection, as a client of a real server sees them: byte by byte, and through httpx."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import httpx
import pytest

PROMPT = b'{"prompt": "Get the title"}'


def parts(received: bytes) -> tuple[bytes, dict[str, str], bytes]:
    """Status line, headers and body."""
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    return first.encode(), dict(line.split(": ", 1) for line in lines), body


def alive(talk: Any) -> bool:
    """Tell whether the server answers, over a connection of its own."""
    return talk.get("/v1/version").status_code == 200


def test_reset_before_any_byte(talk: Any):
    """A reset gives not one byte, the request is not executed, and the server goes on."""
    talk.fault(operation="run_task", kind="reset", calls=[1])
    assert talk.raw("POST", "/v1/run/tasks", PROMPT) == (b"", "reset")
    assert talk.get("/v1/runs").json() == []
    assert talk.submit()
    assert alive(talk)


def test_reset_as_httpx_has_it(talk: Any):
    """httpx raises ReadError for a reset."""
    talk.fault(kind="reset", operation="get_run")
    with pytest.raises(httpx.ReadError):
        talk.get("/v1/runs/tsk_1")


def test_lost_reply_is_executed(talk: Any):
    """With lost_reply, as with a reset afterwards, the task is started though its answer never comes."""
    talk.fault(operation="run_task", kind="lost_reply", calls=1)
    assert talk.raw("POST", "/v1/run/tasks", PROMPT) == (b"", "reset")
    assert len(talk.get("/v1/runs").json()) == 1
    talk.fault(operation="run_task", kind="reset", when="after", times=1)
    assert talk.raw("POST", "/v1/run/tasks", PROMPT) == (b"", "reset")
    assert len(talk.get("/v1/runs").json()) == 2


def test_truncated(talk: Any):
    """A truncated answer promises its whole length, brings what was asked for and ends in order."""
    run_id = talk.submit()
    whole = talk.get(f"/v1/runs/{run_id}")
    talk.fault(operation="get_run", kind="truncated", bytes=40)
    first, headers, body = parts(talk.raw("GET", f"/v1/runs/{run_id}")[0])
    assert first == b"HTTP/1.1 200 OK"
    assert headers["content-length"] == whole.headers["content-length"]
    assert body == whole.content[:40]
    assert talk.raw("GET", f"/v1/runs/{run_id}")[1] == "eof"
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
        talk.get(f"/v1/runs/{run_id}")
    assert alive(talk)


def test_reset_mid_body(talk: Any):
    """Half of the body arrives, then the reset."""
    run_id = talk.submit()
    whole = talk.get(f"/v1/runs/{run_id}").content
    talk.fault(operation="get_run", kind="reset_mid_body")
    received, end = talk.raw("GET", f"/v1/runs/{run_id}")
    assert (parts(received)[2], end) == (whole[: len(whole) // 2], "reset")
    with pytest.raises(httpx.ReadError):
        talk.get(f"/v1/runs/{run_id}")
    assert alive(talk)


@pytest.mark.parametrize("kind", ["truncated", "reset_mid_body"])
def test_never_all_of_it(kind: str, talk: Any):
    """An answer that is to be cut is never whole, however many bytes are asked for."""
    run_id = talk.submit()
    whole = talk.get(f"/v1/runs/{run_id}").content
    talk.fault(operation="get_run", kind=kind, bytes=1_000_000)
    assert parts(talk.raw("GET", f"/v1/runs/{run_id}")[0])[2] == whole[:-1]


def test_garbage(talk: Any):
    """Bytes that are no HTTP are the first thing that comes."""
    talk.fault(operation="get_run", kind="garbage", calls=1)
    assert talk.raw("GET", "/v1/runs/tsk_1") == (b"\x00\xff not HTTP\r\n\r\n", "eof")
    talk.fault(operation="get_run", kind="garbage", text="SSH-2.0-nope\r\n", id="ssh")
    assert talk.raw("GET", "/v1/runs/tsk_1") == (b"SSH-2.0-nope\r\n", "eof")
    with pytest.raises(httpx.RemoteProtocolError):
        talk.get("/v1/runs/tsk_1")
    assert alive(talk)


def test_hang_until_the_client_leaves(talk: Any):
    """A hanging request brings nothing; when the client has left it is over, and in the journal."""
    talk.fault(operation="get_run", kind="hang")
    with pytest.raises(httpx.ReadTimeout):
        talk.get("/v1/runs/tsk_1", timeout=0.3)
    deadline = time.monotonic() + 30
    while not (entries := talk.journal(operation="get_run")) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [entry["status"] for entry in entries] == [None]
    assert entries[0]["fault"]["effect"] == "cut"
    assert alive(talk)


def test_hang_until_its_bound(talk: Any):
    """A hang that is bounded ends with the connection closed without a byte."""
    talk.fault(operation="get_run", kind="hang", seconds=0.2, clock="real")
    start = time.monotonic()
    assert talk.raw("GET", "/v1/runs/tsk_1") == (b"", "eof")
    assert time.monotonic() - start >= 0.2


def test_latency(talk: Any):
    """Latency delays the true answer."""
    talk.fault(operation="get_runs", kind="latency", seconds=0.25, calls=2)
    start = time.monotonic()
    assert talk.get("/v1/runs").json() == []
    quick = time.monotonic() - start
    start = time.monotonic()
    assert talk.get("/v1/runs").json() == []
    assert time.monotonic() - start >= max(0.25, quick * 0.1)


def test_latency_afterwards(talk: Any):
    """With when=after the task is started before the wait: a client that gives up too early leaves it behind."""
    talk.fault(operation="run_task", kind="latency", seconds=20, when="after")
    with pytest.raises(httpx.ReadTimeout):
        talk.post("/v1/run/tasks", {"prompt": "p"}, timeout=0.5)
    assert len(talk.get("/v1/runs").json()) == 1


def test_slow_body(talk: Any):
    """A slow body comes in drips and is whole in the end."""
    run_id = talk.submit()
    whole = talk.get(f"/v1/runs/{run_id}").content
    chunk = len(whole) // 4 + 1
    talk.fault(operation="get_run", kind="slow_body", chunk=chunk, interval=0.1)
    arrivals: list[float] = []
    body = b""
    with httpx.stream("GET", f"{talk.url}/v1/runs/{run_id}", headers={"x-api-key": talk.key}, timeout=30) as answer:
        for piece in answer.iter_raw():
            arrivals.append(time.monotonic())
            body += piece
    assert body == whole
    assert arrivals[-1] - arrivals[0] >= 0.25


def test_slow_body_without_a_reader(talk: Any):
    """A client that leaves in the middle of a slow body stops the drip."""
    run_id = talk.submit()
    talk.fault(operation="get_run", kind="slow_body", chunk=1, interval=0.05)
    port = int(talk.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        request = f"GET /v1/runs/{run_id} HTTP/1.1\r\nhost: localhost\r\nx-api-key: {talk.key}\r\n\r\n"
        connection.sendall(request.encode())
        assert connection.recv(100)
    deadline = time.monotonic() + 30
    while not (entries := talk.journal(operation="get_run")) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert entries[0]["fault"]["kind"] == "slow_body"
    assert entries[0]["answer"]["length"] < 200


def test_keep_alive_survives(talk: Any):
    """After a fault that is only another answer the same connection goes on; after a cut the client opens another."""
    with httpx.Client(base_url=talk.url, headers={"x-api-key": talk.key}, timeout=30) as client:
        talk.fault(operation="run_task", kind="status", status=503, calls=1)
        assert client.post("/v1/run/tasks", json={"prompt": "p" * 100_000}).status_code == 503
        assert client.post("/v1/run/tasks", json={"prompt": "p"}).status_code == 200
        talk.fault(operation="get_runs", kind="reset", calls=1)
        with pytest.raises(httpx.ReadError):
            client.get("/v1/runs")
        assert len(client.get("/v1/runs").json()) == 1


def test_delay_before_anything(talk: Any):
    """Any kind can be late."""
    talk.fault(operation="get_runs", kind="error", delay=0.2)
    start = time.monotonic()
    assert talk.get("/v1/runs").status_code == 500
    assert time.monotonic() - start >= 0.2


def test_many_cuts_leave_a_server(talk: Any):
    """A hundred cut connections of every kind leave the server answering, and quietly."""
    run_id = talk.submit()
    for kind in ("reset", "garbage", "truncated", "reset_mid_body", "lost_reply"):
        rule = talk.fault(operation="get_run", kind=kind)
        for _ in range(20):
            talk.raw("GET", f"/v1/runs/{run_id}")
        assert talk.request("DELETE", f"/_mock/faults/{rule['id']}").status_code == 200
    assert json.loads(talk.get(f"/v1/runs/{run_id}").content)["run_id"] == run_id
