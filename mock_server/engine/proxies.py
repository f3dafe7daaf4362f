"""Which proxy stands for which place.

Owns: the table of ``--proxy`` options, and finding the entry for a ``proxy_location``. Must
not: connect to anything, or show a proxy's credentials.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from mock_server.browser.spec import Proxy
from mock_server.store.records import Json

ANYWHERE: Final = "*"
"""The name of the proxy for every place that has none of its own."""
DIRECT: Final = "NONE"
"""The place that is this machine."""
DEFAULT: Final = "RESIDENTIAL"
"""What a request that names no place means."""

_SCHEMES: Final = frozenset({"http", "https", "socks5"})
_NAME: Final = re.compile(r"\*|RESIDENTIAL(_[A-Z]{2,3})?|[A-Z]{2}(-[^=]{1,120})?")


@dataclass(frozen=True, slots=True)
class Route:
    """How a browser gets to the web. ``place`` is what was asked for, in words."""

    proxy: Proxy | None
    place: str
    missing: bool = False
    """Whether a certain place was asked for, and there is no proxy for it."""


class Proxies:
    """Proxies by the names of places: ``RESIDENTIAL_DE``, ``DE``, ``US-CA``, ``US-CA-Los Angeles``, ``*``."""

    def __init__(self, entries: Iterable[tuple[str, Proxy]] = ()) -> None:
        self._by_place = {name.casefold(): proxy for name, proxy in entries}

    def route(self, location: Json) -> Route:
        """Return the way for a ``proxy_location`` as the API has it: a name, a target (a mapping), or None."""
        if location == DIRECT:
            return Route(None, DIRECT)
        names = list(_names(location))
        for name in (*names, ANYWHERE):
            if (proxy := self._by_place.get(name.casefold())) is not None:
                return Route(proxy, names[0])
        return Route(None, names[0], missing=location is not None and location != DEFAULT)


def parse_proxy(text: str) -> tuple[str, Proxy]:
    """Return the place and the proxy of an option ``PLACE=URL``.

    Raises:
        ValueError: It is not of that form. The message repeats no credentials.
    """
    name, separator, address = text.partition("=")
    if not separator or not _NAME.fullmatch(name):
        raise ValueError(
            "say PLACE=URL, where PLACE is a proxy_location such as RESIDENTIAL_DE or US-CA, "
            "a country such as DE, or * for all others"
        )
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
        parts = urlsplit("")
    if parts.scheme not in _SCHEMES or not host or port is None:
        raise ValueError(
            f"the proxy for {name} needs a URL such as http://user:password@host:port (http, https, socks5)"
        )
    host = f"[{host}]" if ":" in host else host
    return name, Proxy(f"{parts.scheme}://{host}:{port}", _plain(parts.username), _plain(parts.password))


def _plain(text: str | None) -> str | None:
    return None if text is None else unquote(text)


def _names(location: Json) -> Iterator[str]:
    """Yield the names a location goes by, the most exact first."""
    if not isinstance(location, dict):
        name = location or DEFAULT
        yield name
        if (country := name.removeprefix("RESIDENTIAL_")) != name and len(country) == 2:  # noqa: PLR2004  # DE, not ISP
            yield country
        return
    country = location["country"]
    subdivision, city = location.get("subdivision"), location.get("city")
    if city:
        yield f"{country}-{subdivision}-{city}" if subdivision else f"{country}-{city}"
    if subdivision:
        yield f"{country}-{subdivision}"
    if location.get("isISP"):
        yield "RESIDENTIAL_ISP"
    yield country
    yield f"RESIDENTIAL_{country}"
    if country == "US":
        yield DEFAULT
