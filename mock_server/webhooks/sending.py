"""One attempt: a request to the receiver and the beginning of its answer.

Owns: the request on the wire, the limits of time and size. Must not: decide whether it is
tried again.

It speaks to the transport rather than to a client of httpx, which would follow
environment variables to a proxy and keep the cookies of one receiver for the next. A
redirect is an answer like any other.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Final

import httpx

from mock_server.clock import Clock
from mock_server.webhooks.destinations import BlockedHost, Forbidden, Resolve, UnknownHost, addresses_of, look_up
from mock_server.webhooks.policy import Outcome

MAX_RESPONSE_BYTES: Final = 2048
"""How much of an answer is read and kept."""

_USER_AGENT: Final = f"python-httpx/{httpx.__version__}"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_GZIP_OR_ZLIB: Final = 47
"""zlib's way to say: whichever of the two it is."""


class Sender:
    """Makes attempts.

    ``forbidden`` turns hosts down by name and by what they resolve to. ``transport`` stands in for the network.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        forbidden: Forbidden | None = None,
        resolve: Resolve = look_up,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._clock = clock
        self._forbidden = forbidden
        self._resolve = resolve
        self._transport = transport

    async def check(self, url: str) -> None:
        """Look the host of an address up.

        Raises:
            BlockedHost: It is not to be sent to.
            UnknownHost: It does not exist.
        """
        await self._addresses(httpx.URL(url))

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Outcome:
        """Send a body and return what came of it; nothing that goes wrong on the way is raised.

        All of it, from the look-up to the last byte that is read, takes ``seconds`` at most.
        """
        begun = self._clock.monotonic()
        try:
            async with asyncio.timeout(seconds):
                response = await self._exchange(httpx.URL(url.strip()), headers, body, seconds)
        except TimeoutError:
            return self._failed(begun, "ReadTimeout", f"The receiver did not answer within {seconds:g} seconds.")
        except BlockedHost:
            return self._failed(begun, "BlockedHost", "The host is private, and those are blocked.", refused=True)
        except UnknownHost:
            return self._failed(begun, "ConnectError", "The name of the host could not be resolved.")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return self._failed(begun, type(error).__name__, str(error) or "no message")
        response_headers, status, text = response
        return Outcome(status, self._since(begun), response_body=text, retry_after=response_headers.get("retry-after"))

    # -- inside -------------------------------------------------------------------------

    async def _exchange(
        self, url: httpx.URL, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> tuple[httpx.Headers, int, str]:
        """Return headers, status and the beginning of the body of the answer."""
        all_headers = _headers(url, headers, body)
        if self._forbidden is None:
            return await self._round_trip(_request(url, url, all_headers, body, seconds))
        refused: httpx.ConnectError | None = None
        for address in await self._addresses(url):
            try:
                return await self._round_trip(_request(url, url.copy_with(host=address), all_headers, body, seconds))
            except httpx.ConnectError as error:
                refused = error
        assert refused is not None  # there is always an address
        raise refused

    async def _round_trip(self, request: httpx.Request) -> tuple[httpx.Headers, int, str]:
        if self._transport is not None:
            return await _answer(await self._transport.handle_async_request(request))
        async with httpx.AsyncHTTPTransport(verify=_trust()) as transport:
            return await _answer(await transport.handle_async_request(request))

    async def _addresses(self, url: httpx.URL) -> list[str]:
        port = url.port or _DEFAULT_PORTS.get(url.scheme, 0)
        return await addresses_of(url.host, port, self._forbidden, self._resolve)

    def _failed(self, begun: float, kind: str, message: str, *, refused: bool = False) -> Outcome:
        return Outcome(None, self._since(begun), error=message, error_kind=kind, refused=refused)

    def _since(self, begun: float) -> int:
        return round((self._clock.monotonic() - begun) * 1000)


def _headers(url: httpx.URL, headers: Mapping[str, str], body: bytes) -> list[tuple[str, str]]:
    """Return all headers in the order and spelling in which they are known to arrive."""
    found = [
        ("Host", url.netloc.decode()),
        ("Accept", "*/*"),
        ("Accept-Encoding", "gzip, deflate, zstd"),
        ("Connection", "keep-alive"),
        ("User-Agent", _USER_AGENT),
        *headers.items(),
        ("Content-Length", str(len(body))),
    ]
    if url.userinfo:
        credentials = f"{url.username}:{url.password}".encode()
        found.append(("Authorization", f"Basic {b64encode(credentials).decode()}"))
    return found


def _request(
    url: httpx.URL, target: httpx.URL, headers: list[tuple[str, str]], body: bytes, seconds: float
) -> httpx.Request:
    """Return the request for ``url``, to be sent to ``target``, which may name an address instead of the host."""
    extensions = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds)}
    if target.host != url.host:
        # The certificate is checked against the name, whatever address is connected to.
        extensions["sni_hostname"] = url.raw_host.decode()  # type: ignore[assignment]  # httpx's own loose dictionary
    return httpx.Request("POST", target, headers=headers, content=body, extensions=extensions)


async def _answer(response: httpx.Response) -> tuple[httpx.Headers, int, str]:
    """Read the beginning of an answer and let go of the rest."""
    data = b""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    try:
        async for chunk in response.stream:
            data += chunk[: MAX_RESPONSE_BYTES - len(data)]
            if len(data) >= MAX_RESPONSE_BYTES:
                break
    finally:
        await response.aclose()
    return response.headers, response.status_code, _text(data, response.headers.get("content-encoding", ""))


def _text(data: bytes, encoding: str) -> str:
    """Return the text of a body; it is unpacked no further than it is kept, however much it would become."""
    if encoding.strip().lower() in ("gzip", "deflate"):
        with suppress(zlib.error):
            data = zlib.decompressobj(_GZIP_OR_ZLIB).decompress(data, MAX_RESPONSE_BYTES)
    return data.decode(errors="replace")


@cache
def _trust() -> ssl.SSLContext:
    """Return the certificates to trust; loading them takes longer than a delivery."""
    return httpx.create_ssl_context(trust_env=False)
