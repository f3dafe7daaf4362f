"""Files at addresses: fetched within limits, and not from where it is forbidden."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from mock_server.agent.events import NoFileError
from mock_server.vault import fetching
from mock_server.vault.fetching import Fetcher, is_metadata


def serving(answer: Callable[[httpx.Request], httpx.Response]) -> Fetcher:
    return Fetcher(transport=httpx.MockTransport(answer))


async def test_a_file_gets_its_own_name(tmp_path: Path):
    """The name comes from the answer or the address, without anything that leads elsewhere."""
    named = {"content-disposition": "attachment; filename*=UTF-8''..%2F..%2Fr%C3%A9port.pdf"}
    path = await serving(lambda _: httpx.Response(200, content=b"x", headers=named)).bring("http://h.test/a", tmp_path)
    assert (path.parent, path.name) == (tmp_path, "_.._r\u00e9port.pdf")
    path = await serving(lambda _: httpx.Response(200, content=b"yz")).bring("http://h.test/d/b.csv?x=1", tmp_path)
    assert (path.name, path.read_bytes()) == ("b.csv", b"yz")


async def test_redirects_are_followed_so_far(tmp_path: Path):
    """Five redirects lead to the file, endless ones to an error."""

    def answer(request: httpx.Request) -> httpx.Response:
        left = int(request.url.path[1:])
        return httpx.Response(302, headers={"location": f"/{left - 1}"}) if left else httpx.Response(200, content=b"x")

    assert (await serving(answer).bring("http://h.test/5", tmp_path)).read_bytes() == b"x"
    with pytest.raises(NoFileError, match="redirects more than 5 times"):
        await serving(answer).bring("http://h.test/6", tmp_path)


async def test_what_is_not_brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Errors, files beyond the limit, other schemes and the hosts of cloud credentials, also behind a redirect."""
    monkeypatch.setattr(fetching, "MAX_FILE_BYTES", 10)
    with pytest.raises(NoFileError, match="status 404"):
        await serving(lambda _: httpx.Response(404)).bring("http://h.test/?sig=secret", tmp_path)
    with pytest.raises(NoFileError, match="larger than"):
        await serving(lambda _: httpx.Response(200, content=b"x" * 11)).bring("http://h.test/", tmp_path)
    away = {"location": "http://169.254.169.254/latest"}
    for url, headers in (
        ("file:///etc/passwd", {}),
        ("http://metadata.google.internal/", {}),
        ("http://h.test/", away),
    ):
        with pytest.raises(NoFileError, match="blocked"):
            await serving(lambda _, headers=headers: httpx.Response(302, headers=headers)).bring(url, tmp_path)


async def test_forbidden_hosts(tmp_path: Path):
    """Where private hosts are blocked, a name that resolves to one is not reached."""
    fetcher = Fetcher(
        lambda host: host in {"127.0.0.1", "localhost"},
        transport=httpx.MockTransport(lambda _: httpx.Response(200)),
    )
    for url in ("http://127.0.0.1/a", "http://localhost/a"):
        with pytest.raises(NoFileError, match="blocked"):
            await fetcher.bring(url, tmp_path)


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        ("169.254.1.1", True),
        ("[::ffff:169.254.169.254]", True),
        ("100.100.100.200", True),
        ("metadata.goog.", True),
        ("127.0.0.1", False),
        ("example.com", False),
    ],
)
def test_hosts_of_cloud_credentials(host: str, is_one: bool):
    """They are known in every spelling an address has."""
    assert is_metadata(host) is is_one
