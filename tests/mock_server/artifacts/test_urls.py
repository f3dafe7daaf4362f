"""A signed link opens its artifact until it expires, and nothing else."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from mock_server.artifacts.urls import UrlSigner, load_secret

NOON = datetime.fromisoformat("2026-11-21T12:00:00")


@dataclass
class SetClock:
    moment: datetime = NOON

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def signer(clock: SetClock) -> UrlSigner:
    return UrlSigner("http://127.0.0.1:8000/", b"s" * 32, clock)


def parts(url: str) -> dict[str, str]:
    query = parse_qs(urlsplit(url).query, strict_parsing=True)
    return {name: values[0] for name, values in query.items()}


def test_a_link_is_good_until_its_hour_is_over(signer: UrlSigner, clock: SetClock):
    """The remaining seconds are told while it is valid, None from the second it expires."""
    query = parts(signer.signed_url("a_1", "screenshot_final"))
    assert signer.verify("a_1", **query) == 3600
    clock.moment += timedelta(seconds=3599)
    assert signer.verify("a_1", **query) == 1
    clock.moment += timedelta(seconds=1)
    assert signer.verify("a_1", **query) is None


@pytest.mark.parametrize(
    ("kind", "hours"), [("recording", 1), ("screenshot_llm", 1), ("har", 12), ("download", 12), ("", 12)]
)
def test_pictures_and_films_have_shorter_links(signer: UrlSigner, kind: str, hours: int):
    """Screenshots and recordings are linked for one hour, the rest for twelve."""
    assert signer.verify("a_1", **parts(signer.signed_url("a_1", kind))) == hours * 3600


def test_a_link_has_the_form_of_the_service(signer: UrlSigner):
    """Path, the three parameters in their order, 43 URL-safe characters of signature."""
    url = signer.signed_url("a_599641109007618540")
    assert url.startswith("http://127.0.0.1:8000/v1/artifacts/a_599641109007618540/content?expiry=1795305600&kid=")
    query = parts(url)
    assert list(query) == ["expiry", "kid", "sig"]
    assert len(query["sig"]) == 43
    assert not set(query["sig"]) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize(
    "change",
    [
        {"expiry": "1895305600"},
        {"expiry": ""},
        {"expiry": "never"},
        {"kid": "other"},
        {"sig": "A" * 43},
        {"sig": ""},
        {"sig": "ü"},
    ],
    ids=str,
)
def test_a_changed_link_is_refused(signer: UrlSigner, change: dict[str, str]):
    """Whatever of the three parameters is altered, the link opens nothing."""
    assert signer.verify("a_1", **{**parts(signer.signed_url("a_1")), **change}) is None


def test_a_link_opens_one_artifact_of_one_server(signer: UrlSigner, clock: SetClock):
    """A signature is worth nothing for another artifact or under another server's secret."""
    query = parts(signer.signed_url("a_1"))
    assert signer.verify("a_2", **query) is None
    assert UrlSigner("http://127.0.0.1:8000", b"t" * 32, clock).verify("a_1", **query) is None


def test_the_secret_is_the_owners_and_stays(tmp_path: Path):
    """It is made once, is not guessable from another server's, and only its owner may read it."""
    path = tmp_path / "signing.key"
    secret = load_secret(path)
    assert len(secret) == 32
    assert load_secret(path) == secret
    assert load_secret(tmp_path / "other.key") != secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_damaged_secret_is_replaced(tmp_path: Path):
    """An empty file, as a crash may leave it, does not become an empty secret."""
    path = tmp_path / "signing.key"
    path.touch()
    assert len(load_secret(path)) == 32
