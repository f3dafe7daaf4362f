"""Claims about fetching what lies behind artifacts and URLs."""

from __future__ import annotations

import hashlib

import httpx
import pytest

from skyvern_tui.client import Artifact, NotFoundError, SkyvernError, TransportError
from tests.skyvern_tui.client.playground import BASE, KEY, Answer

CONTENT = f"{BASE}/v1/artifacts/a_1/content"


def artifact(signed_url):
    return Artifact(
        artifact_id="a_1",
        artifact_type="recording",
        uri="s3://bucket/x.webm",
        organization_id="o_1",
        created_at="2026-01-20T11:53:46",
        modified_at="2026-01-20T11:53:46",
        signed_url=signed_url,
    )


def serving(places, seen):
    """A handler with a body, a status or an exception per URL; notes (URL, was the key sent)."""

    def handler(request):
        url = str(request.url)
        seen.append((url, "x-api-key" in request.headers))
        what = places[url]
        if isinstance(what, int):
            return httpx.Response(what)
        if isinstance(what, type):
            raise what("broken")
        if isinstance(what, str):
            return httpx.Response(302, headers={"location": what})
        return httpx.Response(200, content=what)

    return handler


@pytest.mark.parametrize("signed", [None, "", "file:///srv/artifacts/x.webm", "s3://bucket/x.webm"])
def test_without_a_usable_signed_url_the_server_is_asked(face, signed):
    """No URL, a path on the server's disk or a bucket name: the content endpoint, with the key."""
    seen = []
    it = face(handler=serving({CONTENT: b"webm"}, seen))
    assert it.call("get_artifact_content", artifact(signed)) == b"webm"
    assert seen == [(CONTENT, True)]


def test_a_signed_url_is_fetched_without_the_key(face):
    """Whoever holds the files never sees the key."""
    seen = []
    url = "https://bucket.example/x.webm?X-Amz-Signature=1"
    it = face(handler=serving({url: b"webm"}, seen), headers={"authorization": "secret"})
    assert it.call("get_artifact_content", artifact(url)) == b"webm"
    assert seen == [(url, False)]


@pytest.mark.parametrize("fault", [403, 404, 500, httpx.ConnectError, httpx.ReadTimeout])
def test_a_signed_url_that_fails_is_replaced_by_the_server(face, fault):
    """An expired URL and one on a host that cannot be reached from here do not matter."""
    seen = []
    url = "https://wrong-host.example/x.webm?sig=1"
    it = face(handler=serving({url: fault, CONTENT: b"webm"}, seen), max_retries=0)
    assert it.call("get_artifact_content", artifact(url)) == b"webm"
    assert seen == [(url, False), (CONTENT, True)]


def test_if_no_place_has_it_the_servers_answer_is_the_error(face):
    """The error is that of the server itself, not that of the signed URL."""
    url = "https://bucket.example/x.webm"
    it = face(handler=serving({url: 403, CONTENT: 404}, []))
    with pytest.raises(NotFoundError) as caught:
        it.call("get_artifact_content", artifact(url))
    assert caught.value.url == CONTENT


def test_the_key_does_not_follow_a_redirect_to_another_host(face):
    """A server that stores its files elsewhere may point there; the key stays."""
    seen = []
    there = "https://bucket.example/x.webm?sig=1"
    it = face(handler=serving({CONTENT: there, there: b"webm"}, seen))
    assert it.call("get_artifact_content", "a_1") == b"webm"
    assert seen == [(CONTENT, True), (there, False)]


def test_redirects_have_an_end(face):
    """A circle of redirects is an error, not an endless loop."""
    seen = []
    it = face(handler=serving({CONTENT: CONTENT}, seen))
    with pytest.raises(SkyvernError):
        it.call("get_artifact_content", "a_1")
    assert len(seen) == 5


def test_the_key_goes_with_the_servers_own_urls_only(face):
    """get_file sends the key to the server itself and to nobody else."""
    seen = []
    own, other = f"{BASE}/files/shot.png", "https://bucket.example/shot.png"
    it = face(handler=serving({own: b"1", other: b"2"}, seen))
    assert (it.call("get_file", own), it.call("get_file", other)) == (b"1", b"2")
    assert seen == [(own, True), (other, False)]


def test_a_download_is_the_exact_bytes(face, tmp_path):
    """What is written is what was sent, whatever its size and content."""
    data = bytes(range(256)) * 5000
    path = face(Answer(200, data)).call("download_artifact", artifact(None), tmp_path / "x.webm")
    assert path == tmp_path / "x.webm"
    assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(data).digest()
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.webm"]


def test_a_broken_download_leaves_nothing_behind(face, tmp_path):
    """A connection that breaks in mid-file leaves neither half a file nor the temporary one; an old file stays."""

    class Breaking(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self):
            yield b"half"
            raise httpx.ReadError("broken")

        async def __aiter__(self):
            yield b"half"
            raise httpx.ReadError("broken")

    (tmp_path / "old.webm").write_bytes(b"old")
    it = face(handler=lambda request: httpx.Response(200, stream=Breaking()), max_retries=1)
    for name in ("new.webm", "old.webm"):
        with pytest.raises(TransportError):
            it.call("download_artifact", artifact(None), tmp_path / name)
    assert [entry.name for entry in tmp_path.iterdir()] == ["old.webm"]
    assert (tmp_path / "old.webm").read_bytes() == b"old"


def test_an_error_page_is_not_saved_as_the_file(face, tmp_path):
    """A refusal becomes an error with its body, not a file."""
    it = face(Answer(404, b'{"detail": "Artifact not found a_1"}'))
    with pytest.raises(NotFoundError, match="Artifact not found"):
        it.call("download_artifact", "a_1", tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_an_os_error(face, tmp_path):
    """A missing directory is the caller's to see as such."""
    with pytest.raises(FileNotFoundError):
        face(Answer(200, b"x")).call("download_artifact", "a_1", tmp_path / "no" / "x")


def test_the_key_is_in_no_log(face, caplog):
    """Logging at its most talkative shows neither key nor signature."""
    caplog.set_level("DEBUG", logger="skyvern_tui.client")
    url = "https://bucket.example/x.webm?sig=SIGNATURE"
    face(handler=serving({url: 403, CONTENT: b"x"}, [])).call("get_artifact_content", artifact(url))
    assert "a_1" in caplog.text
    assert KEY not in caplog.text
    assert "SIGNATURE" not in caplog.text
