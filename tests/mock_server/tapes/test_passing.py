"""The proxy passes on what there is, and breaks where the upstream breaks."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from typing import Any

import httpx
import pytest
import yaml

from mock_server.listening import bind
from mock_server.scenarios.files import load
from mock_server.tapes.cassette import read
from tests.mock_server.tapes.upstream import BIG, CHUNK, upstream


async def cassette(studio: Any) -> list[dict[str, Any]]:
    found = yaml.safe_load((studio.out / "cassette.yaml").read_text())["interactions"]
    assert isinstance(found, list)
    return found


async def test_requests_are_passed_on(studio: Any):
    """Method, path, query, body and headers arrive as they were sent; what is about the connection does not."""
    url = await studio.serve(upstream)
    proxy, _ = await studio.record(url)
    async with httpx.AsyncClient(base_url=proxy) as client:
        answer = await client.request(
            "PATCH",
            "/v1/echo?a=1&a=%20b&empty=",
            content=b"body\x00",
            headers={"x-api-key": "key-1234567", "connection": "x-mine", "x-mine": "1", "te": "trailers"},
        )
        chunked = await client.post("/v1/echo", content=_pieces())
    first, _, rest = answer.text.partition("\n")
    assert first == "PATCH /v1/echo?a=1&a=%20b&empty="
    assert rest.endswith("\n\nbody\x00")
    assert "x-api-key: key-1234567" in rest
    assert f"host: {url.removeprefix('http://')}" in rest
    assert "x-mine" not in rest
    assert "te: trailers" not in rest
    assert "x-hop" not in answer.headers
    assert chunked.text.endswith("\n\none two")


async def _pieces() -> Any:
    yield b"one "
    yield b"two"


async def test_the_key_from_the_environment(studio: Any):
    """With a key of its own the proxy sends that one, and neither is in the cassette."""
    proxy, recording = await studio.record(
        await studio.serve(upstream), key="real-upstream-key", secrets=["real-upstream-key"]
    )
    async with httpx.AsyncClient(base_url=proxy, headers={"x-api-key": "dummy-client-key"}) as client:
        answer = await client.get("/v1/echo")
    assert "x-api-key: real-upstream-key" in answer.text
    assert "dummy-client-key" not in answer.text
    recording.close()
    text = (studio.out / "cassette.yaml").read_text()
    assert "real-upstream-key" not in text
    assert "dummy-client-key" not in text


async def test_a_big_answer_streams(studio: Any):
    """50 MB pass whole and in order without being held, and the cassette says that they are left out."""
    proxy, recording = await studio.record(await studio.serve(upstream))
    length, right = 0, True
    tracemalloc.start()
    async with httpx.AsyncClient(base_url=proxy) as client, client.stream("GET", "/v1/big") as answer:
        async for part in answer.aiter_bytes(len(CHUNK)):
            right = right and part == CHUNK
            length += len(part)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (length, right) == (BIG, True)
    assert peak < 20 << 20
    assert recording.left_out == 1
    assert "longer than the 4,194,304 bytes" in (studio.out / "cassette.yaml").read_text()
    assert read(studio.out / "cassette.yaml").entries == ()


async def test_ranges_types_and_redirects_survive(studio: Any):
    """A range is a range, an unknown type stays, bytes are bytes, a redirect is an answer; so too on the cassette."""
    proxy, _ = await studio.record(await studio.serve(upstream))
    async with httpx.AsyncClient(base_url=proxy) as client:
        part = await client.get("/v1/part", headers={"range": "bytes=10-19"})
        odd = await client.get("/v1/odd")
        moved = await client.get("/v1/moved")
        head = await client.head("/v1/moved")
    assert (part.status_code, part.content) == (206, CHUNK[10:20])
    assert (odd.status_code, odd.content) == (418, b"\x00\xff\x85\xe2\x80\xa8")
    assert odd.headers["content-type"] == "application/x-nobody-knows"
    assert odd.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert (moved.status_code, moved.headers["location"]) == (302, "https://elsewhere.example/")
    assert (head.status_code, head.content) == (302, b"")
    kept = read(studio.out / "cassette.yaml").entries
    assert [(each.status, each.answer) for each in kept] == [
        (206, CHUNK[10:20]),
        (418, odd.content),
        (302, b""),
        (302, b""),
    ]


async def test_packed_answers_are_passed_packed_and_kept_plain(studio: Any):
    """A client gets the gzip it asked for; the cassette holds what is in it, scrubbed."""
    proxy, _ = await studio.record(await studio.serve(upstream))
    async with httpx.AsyncClient(base_url=proxy, headers={"accept-encoding": "gzip, br"}) as client:
        answer = await client.get("/v1/packed")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json() == {"password": "hidden-in-gzip"}
    (kept,) = read(studio.out / "cassette.yaml").entries
    assert kept.answer == b'{"password":"REDACTED"}'
    assert kept.answer_header(b"content-encoding") == b""


async def test_what_cannot_be_unpacked_is_not_kept(studio: Any):
    """A body nobody here can read cannot be scrubbed, so it passes and is left out."""
    proxy, recording = await studio.record(await studio.serve(upstream))
    headers = {"accept-encoding": "br"}
    async with (
        httpx.AsyncClient(base_url=proxy) as client,
        client.stream("GET", "/v1/packed", headers=headers) as answer,
    ):
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert gzip.decompress(raw) == b'{"password": "hidden-in-gzip"}'
    assert recording.left_out == 1
    assert "cannot be read" in (studio.out / "cassette.yaml").read_text()


async def test_events_arrive_as_they_are_sent(studio: Any):
    """An answer of unknown length is not held back until it is whole."""
    proxy, _ = await studio.record(await studio.serve(upstream))
    loop = asyncio.get_running_loop()
    async with httpx.AsyncClient(base_url=proxy) as client, client.stream("GET", "/v1/slow") as answer:
        times = [loop.time() async for _ in answer.aiter_raw()]
    assert times[2] - times[0] > 0.25


async def test_pages_are_passed_and_not_kept_unless_asked(studio: Any):
    """What is no API path is passed on, and written down with --all-paths only."""
    url = await studio.serve(upstream)
    proxy, _ = await studio.record(url)
    async with httpx.AsyncClient(base_url=proxy) as client:
        assert (await client.get("/sites/x")).text == "a page"
    assert read(studio.out / "cassette.yaml").entries == ()
    studio.out = studio.out.with_name("all")
    proxy, _ = await studio.record(url, all_paths=True)
    async with httpx.AsyncClient(base_url=proxy) as client:
        assert (await client.get("/sites/x")).text == "a page"
    assert [each.path for each in read(studio.out / "cassette.yaml").entries] == ["/sites/x"]


async def test_an_upstream_that_is_not_there(studio: Any):
    """It is answered with a 502 that says which address and what to check, and the cassette says so."""
    with bind("127.0.0.1", 0) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    proxy, _ = await studio.record(url)
    async with httpx.AsyncClient(base_url=proxy) as client:
        answer = await client.get("/v1/runs/tsk_1")
    assert answer.status_code == 502
    assert url in answer.json()["detail"]
    assert "--upstream" in answer.json()["detail"]
    assert (
        "# left out: number 1, get_run: the upstream could not be reached" in (studio.out / "cassette.yaml").read_text()
    )


async def test_an_upstream_that_dies(studio: Any):
    """Its client sees the break, later exchanges are recorded, and the files are valid throughout."""
    proxy, recording = await studio.record(await studio.serve(upstream))
    async with httpx.AsyncClient(base_url=proxy) as client:
        await client.get("/v1/echo")
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("/v1/dies")
        assert len(await cassette(studio)) == 1
        await client.get("/v1/echo")
    recording.close()
    assert len(await cassette(studio)) == 2
    assert "broke off" in (studio.out / "cassette.yaml").read_text()
    assert load([studio.out / "scenarios.yaml"]) == []
    assert recording.trouble is None


async def test_a_client_that_leaves(studio: Any):
    """One that leaves in the middle of an answer costs the recording nothing but, at most, that exchange."""
    proxy, recording = await studio.record(await studio.serve(upstream))
    async with httpx.AsyncClient(base_url=proxy) as client:
        async with client.stream("GET", "/v1/slow") as answer:
            await anext(answer.aiter_raw())
        async with client.stream("GET", "/v1/big") as answer:
            await anext(answer.aiter_raw())
        await client.get("/v1/echo")
    for _ in range(100):
        if recording.left_out and len(await cassette(studio)) == 2:
            break
        await asyncio.sleep(0.05)
    paths = sorted(item["request"]["uri"].rpartition("/")[2] for item in await cassette(studio))
    assert paths == ["echo", "slow"]
    assert recording.left_out == 1


async def test_strange_host_names_are_refused(studio: Any):
    """A web page that had its name point here cannot use the proxy, and the key it may hold."""
    proxy, _ = await studio.record(await studio.serve(upstream), key="real-upstream-key")
    async with httpx.AsyncClient(base_url=proxy) as client:
        answer = await client.get("/v1/echo", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" in answer.json()["detail"]


async def test_a_full_disk_does_not_stop_the_client(studio: Any, monkeypatch: pytest.MonkeyPatch):
    """What cannot be written is reported at the end; answers go on, and what was written stays whole."""
    proxy, recording = await studio.record(await studio.serve(upstream))
    async with httpx.AsyncClient(base_url=proxy) as client:
        await client.get("/v1/echo")

        def full(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as broken:
            broken.setattr("mock_server.tapes.cassette.shutil.copyfile", full)
            assert (await client.get("/v1/echo")).status_code == 200
    assert "No space left on device" in recording.close()
    assert len(await cassette(studio)) == 1


async def test_a_full_cassette_is_said_to_be_full(studio: Any, monkeypatch: pytest.MonkeyPatch):
    """Beyond its bound nothing is added, neither to the cassette nor to the scenarios, and the reason is in it."""
    monkeypatch.setattr("mock_server.tapes.cassette.MOST_BYTES", 6_000)
    proxy, recording = await studio.record(await studio.mock(progression="immediate"))
    async with httpx.AsyncClient(base_url=proxy, headers={"x-api-key": "key-1234567"}) as client:
        for n in range(5):
            assert (await client.post("/v1/run/tasks", json={"prompt": f"task {n}"})).status_code == 200
    recording.close()
    kept = len(read(studio.out / "cassette.yaml").entries)
    assert 0 < kept < 5
    assert recording.left_out == 5 - kept
    assert len(load([studio.out / "scenarios.yaml"])) == kept
    assert "would be larger than 6,000 bytes" in (studio.out / "cassette.yaml").read_text()
