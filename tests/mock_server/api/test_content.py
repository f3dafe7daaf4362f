"""The bytes of an artifact: who gets them, which of them, and how safe they are to look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.api.byte_range import Span, UnsatisfiableError, parse
from mock_server.artifacts.kinds import KINDS

OSS = pytest.mark.parametrize("mock", [{"dialect": "oss"}], indirect=True)
DATA = bytes(range(256)) * 4
NO_KEY = {"x-api-key": ""}


@pytest.fixture
async def recording(submit: Callable[..., Any], keep: Callable[..., Any]) -> str:
    """Return the path of a recording's content, which is ``DATA``."""
    return f"/v1/artifacts/{keep(await submit(), 'recording', DATA).artifact_id}/content"


async def test_all_of_it(recording: str, client: httpx.AsyncClient):
    """Without a range the whole file comes, with the headers in the service's order."""
    answer = await client.get(recording)
    assert (answer.status_code, answer.content) == (200, DATA)
    assert list(answer.headers) == [
        "content-disposition", "cache-control", "x-content-type-options", "accept-ranges", "etag", "last-modified",
        "content-length", "content-type", "x-frame-options", "content-security-policy",
    ]  # fmt: skip
    assert answer.headers["content-type"] == "video/webm"
    assert answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("header", "content", "described"),
    [
        ("bytes=0-4", DATA[:5], "bytes 0-4/1024"),
        ("bytes=1020-", DATA[1020:], "bytes 1020-1023/1024"),
        ("bytes=-5", DATA[-5:], "bytes 1019-1023/1024"),
        ("bytes=-5000", DATA, "bytes 0-1023/1024"),
        ("bytes=10-99999", DATA[10:], "bytes 10-1023/1024"),
    ],
)
async def test_one_range(*, header: str, content: bytes, described: str, recording: str, client: httpx.AsyncClient):
    """One range gives exactly its bytes, so that a video player can seek."""
    answer = await client.get(recording, headers={"range": header})
    assert (answer.status_code, answer.content, answer.headers["content-range"]) == (206, content, described)
    assert answer.headers["content-length"] == str(len(content))


@pytest.mark.parametrize("header", ["bytes=0-1,5-6", "bytes=a-b", "bytes=-", "items=0-1", "bytes=5-2", "x"])
async def test_what_is_no_single_range_is_ignored(header: str, recording: str, client: httpx.AsyncClient):
    """Several ranges, and what is no range, give everything."""
    answer = await client.get(recording, headers={"range": header})
    assert (answer.status_code, answer.content) == (200, DATA)


@pytest.mark.parametrize("header", ["bytes=1024-", "bytes=99999999-", "bytes=-0"])
async def test_range_outside(header: str, recording: str, client: httpx.AsyncClient):
    """A range outside the file is a 416 without a body that tells the size."""
    answer = await client.get(recording, headers={"range": header})
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == "bytes */1024"
    assert "content-type" not in answer.headers


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_range_is_what_slicing_says(size: int, first: int, last: int):
    """For any file and any two numbers the span is the slice of those bytes; an empty slice cannot be satisfied."""
    wanted = list(range(size))[first : last + 1]
    if last < first:
        assert parse(f"bytes={first}-{last}", size) is None
    elif not wanted:
        with pytest.raises(UnsatisfiableError):
            parse(f"bytes={first}-{last}", size)
    else:
        assert parse(f"bytes={first}-{last}", size) == Span(wanted[0], wanted[-1])


async def test_large_file_comes_in_pieces(submit: Callable[..., Any], keep: Callable[..., Any], client: Any):
    """A file of several pieces arrives whole, and so does a range across their seams."""
    data = b"0123456789abcdef" * 60_000
    path = f"/v1/artifacts/{keep(await submit(), 'trace', data).artifact_id}/content"
    assert (await client.get(path)).content == data
    answer = await client.get(path, headers={"range": "bytes=262140-524299"})
    assert answer.content == data[262140:524300]


async def test_empty_file(submit: Callable[..., Any], keep: Callable[..., Any], client: httpx.AsyncClient):
    """An empty artifact is an empty 200, and no range of it can be had."""
    path = f"/v1/artifacts/{keep(await submit(), 'browser_console_log', b'').artifact_id}/content"
    answer = await client.get(path)
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")
    assert (await client.get(path, headers={"range": "bytes=0-0"})).status_code == 416


async def test_unchanged_content_is_not_sent_again(recording: str, client: httpx.AsyncClient):
    """A client that has it is told so; a range is only given of the content it was started on."""
    first = await client.get(recording)
    etag, changed = first.headers["etag"], first.headers["last-modified"]
    for headers in ({"if-none-match": etag}, {"if-none-match": f'"x", W/{etag}'}, {"if-modified-since": changed}):
        answer = await client.get(recording, headers=headers)
        assert (answer.status_code, answer.content) == (304, b"")
    other = {"if-none-match": '"other"', "if-modified-since": changed}
    assert (await client.get(recording, headers=other)).status_code == 200
    for guard, status in ((etag, 206), (changed, 206), ('"other"', 200)):
        answer = await client.get(recording, headers={"range": "bytes=0-0", "if-range": guard})
        assert answer.status_code == status


async def test_link_stands_for_the_key(
    recording: str, client: httpx.AsyncClient, clock: Any, submit: Callable[..., Any], keep: Callable[..., Any]
):
    """A signed link works without a key until it expires, may be kept that long, and opens nothing else."""
    asked = (await client.get(recording.replace("content", "signed-url"))).json()
    link = asked["signed_url"]
    answer = await client.get(link, headers=NO_KEY)
    assert (answer.content, answer.headers["cache-control"]) == (DATA, "private, max-age=300")
    assert asked["expires_at"] == 1795262401 + 300  # a second after noon, and five minutes
    other = keep(await submit(), "har").artifact_id
    query = link.partition("?")[2]
    refused = await client.get(f"/v1/artifacts/{other}/content?{query}", headers=NO_KEY)
    assert (refused.status_code, refused.json()) == (403, {"detail": "Invalid or expired artifact URL"})
    clock.move(300)
    assert (await client.get(link, headers=NO_KEY)).status_code == 403


@pytest.mark.parametrize("query", ["expiry=1&kid=x&sig=y", "sig=é", "expiry=1", "kid=a"])
async def test_forged_links(query: str, recording: str, client: httpx.AsyncClient):
    """A link that was not signed here, whole or in part, is refused, even with a good key beside it."""
    assert (await client.get(f"{recording}?{query}")).status_code == 403


@OSS
async def test_self_hosted_server_signs_nothing(recording: str, client: httpx.AsyncClient):
    """In the oss dialect content is read by key; a signed query finds signing not configured."""
    assert (await client.get(recording)).content == DATA
    answer = await client.get(f"{recording}?expiry=1&kid=x&sig=y", headers=NO_KEY)
    assert (answer.status_code, answer.json()) == (
        503,
        {"detail": "Artifact URL signing is not configured on this server"},
    )
    link = (await client.get(recording.replace("content", "signed-url"))).json()
    assert (link["signed_url"][:8], link["expires_at"]) == ("file:///", None)


@pytest.mark.parametrize("kind", ["html_scrape", "html_action"])
async def test_scraped_pages_are_inert(kind: str, submit: Callable[..., Any], keep: Callable[..., Any], client: Any):
    """A page that was scraped is shown without scripts and outside this server's origin."""
    record = keep(await submit(), kind, b"<script>alert(1)</script>")
    answer = await client.get(f"/v1/artifacts/{record.artifact_id}/content")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers.get_list("content-security-policy") == [
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    ]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("mock", "expected"),
    [
        ({"dialect": "cloud"}, {"har": "application/json", "trace": "application/zip", "pdf": "application/pdf"}),
        ({"dialect": "oss"}, {"har": "application/json", "trace": "application/json", "pdf": "application/json"}),
    ],
    indirect=["mock"],
)
async def test_content_types(
    *, expected: dict[str, str], submit: Callable[..., Any], keep: Callable[..., Any], client: httpx.AsyncClient
):
    """Archives and documents have their own type in the cloud dialect, and JSON's on a self-hosted server."""
    run = await submit()
    for kind in KINDS:
        record = keep(run, kind)
        answer = await client.get(f"/v1/artifacts/{record.artifact_id}/content")
        assert answer.content == b"content"
        if kind in expected:
            assert answer.headers["content-type"] == expected[kind]


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("a b.csv", "attachment; filename=\"a b.csv\"; filename*=UTF-8''a%20b.csv"),
        ('é"\r\nx: y.csv', "attachment; filename=\"____x: y.csv\"; filename*=UTF-8''%C3%A9%22%0D%0Ax%3A%20y.csv"),
        ("../../etc/passwd", "attachment; filename=\".._.._etc_passwd\"; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd"),
    ],
)
async def test_downloads_are_saved_under_a_harmless_name(
    *, name: str, disposition: str, submit: Callable[..., Any], keep: Callable[..., Any], client: httpx.AsyncClient
):
    """A downloaded file is an attachment under its own name, which cannot break out of the header or a directory."""
    record = keep(await submit(), "download", b"<script>", filename=name)
    answer = await client.get(f"/v1/artifacts/{record.artifact_id}/content")
    assert answer.headers["content-disposition"] == disposition
    assert answer.headers["content-type"] == "application/octet-stream"


async def test_file_that_is_gone(
    submit: Callable[..., Any], keep: Callable[..., Any], client: httpx.AsyncClient, services: Any
):
    """An artifact whose file was deleted is a 404 that says so."""
    record = keep(await submit(), "har")
    services.artifacts.path(record).unlink()
    answer = await client.get(f"/v1/artifacts/{record.artifact_id}/content")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Artifact content not available"})
