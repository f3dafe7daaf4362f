"""Which proxy a place means."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.engine.proxies import Proxies, parse_proxy

NAMED = Proxies(
    parse_proxy(f"{name}=http://user:secret@proxy.test:{port}")
    for port, name in enumerate(["RESIDENTIAL_DE", "US-CA", "US-CA-Los Angeles", "RESIDENTIAL", "FR"], 1)
)


def target(country: str, subdivision: str | None = None, city: str | None = None, *, isp: bool = False) -> Any:
    """A place as a request has it after validation."""
    return {"country": country, "subdivision": subdivision, "city": city, "isISP": isp}


@pytest.mark.parametrize(
    ("location", "port"),
    [
        ("RESIDENTIAL_DE", 1),
        ("US-CA", 2),
        ("RESIDENTIAL", 4),
        (None, 4),
        ("RESIDENTIAL_FR", 5),
        (target("DE"), 1),
        (target("DE", "BE", "Berlin"), 1),
        (target("US", "CA", "los angeles"), 3),
        (target("US", "CA", "Fresno"), 2),
        (target("US", "NY"), 4),
        (target("FR"), 5),
        ("NONE", None),
        ("RESIDENTIAL_GB", None),
        (target("GB"), None),
    ],
)
def test_the_most_exact_proxy_is_taken(location: Any, port: int | None):
    """A city before its region before its country, a default only for the default place, and NONE never."""
    proxy = NAMED.route(location).proxy
    assert (proxy and proxy.server) == (port and f"http://proxy.test:{port}")


def test_one_for_all_others():
    """``*`` stands for every place without a proxy of its own, but not for NONE."""
    proxies = Proxies([parse_proxy("*=http://all.test:1"), parse_proxy("DE=http://de.test:2")])
    assert proxies.route("RESIDENTIAL_GB").proxy.server == "http://all.test:1"
    assert proxies.route("RESIDENTIAL_DE").proxy.server == "http://de.test:2"
    assert proxies.route("NONE").proxy is None


@pytest.mark.parametrize(
    ("location", "missing"), [("RESIDENTIAL_GB", True), (target("GB"), True), ("RESIDENTIAL", False), (None, False)]
)
def test_only_a_certain_place_is_missed(location: Any, missing: bool):
    """Going directly is worth a word only to who asked for a certain place."""
    assert Proxies().route(location).missing is missing


def test_credentials_are_read_and_in_no_repr():
    """User and password may be percent-encoded; what is printed has neither."""
    name, proxy = parse_proxy("US-CA-Los Angeles=socks5://me:p%40ss@[::1]:1080")
    assert (name, proxy.server, proxy.username, proxy.password) == (
        "US-CA-Los Angeles", "socks5://[::1]:1080", "me", "p@ss",
    )  # fmt: skip
    assert "p@ss" not in repr(proxy)
    assert "me" not in repr(proxy)


@pytest.mark.parametrize(
    "text",
    ["RESIDENTIAL_DE", "mars=http://h:1", "DE=h:1", "DE=ftp://h:1", "DE=http://u:secret@h", "DE=http://u:secret@h:x"],
)
def test_what_is_no_proxy_is_refused_without_its_password(text: str):
    """The message says what form is wanted and repeats no credentials."""
    with pytest.raises(ValueError, match=r"PLACE=URL|http://user:password@host:port") as caught:
        parse_proxy(text)
    assert "secret" not in str(caught.value)
