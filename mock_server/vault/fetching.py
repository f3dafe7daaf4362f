"""Requests to addresses a task names: its code service, the files it is to upload.

Owns: their limits of time and size, and that a blocked host is not reached by a detour of
names or redirects. Must not: know what the answers mean.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import httpx

from mock_server.agent.events import NoFileError
from mock_server.vault.uploads import safe_name
from mock_server.webhooks.destinations import BlockedHost, Forbidden, UnknownHost, addresses_of

MAX_REDIRECTS: Final = 5
MAX_FILE_BYTES: Final = 50 * 1024 * 1024
FILE_SECONDS: Final = 60.0
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_OK: Final = 200


class Fetcher:
    """Makes requests. ``forbidden`` turns hosts down, by name and by what they resolve to."""

    def __init__(
        self, forbidden: Forbidden | None = None, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._forbidden = forbidden
        self._transport = transport

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float, limit: int
    ) -> tuple[httpx.Response, bytes]:
        """Send a body; return the answer and at most ``limit`` bytes of it. Redirects are answers.

        Raises:
            httpx.HTTPError: It could not be sent or answered.
            BlockedHost, UnknownHost: It was not even tried.
            TimeoutError: It took longer than ``seconds``.
        """
        async with asyncio.timeout(seconds), self._open("POST", url, headers, body) as response:
            data = b""
            async for chunk in response.aiter_bytes():
                data += chunk[: limit - len(data)]
                if len(data) >= limit:
                    break
            return response, data

    async def bring(self, url: str, directory: Path) -> Path:
        """Store the file at ``url`` in ``directory``, under the name it is given there; return its path.

        Raises:
            NoFileError: It cannot be had, or is larger than 50 MB.
        """
        try:
            async with asyncio.timeout(FILE_SECONDS):
                return await self._bring(url, directory)
        except (httpx.HTTPError, httpx.InvalidURL, UnknownHost) as error:
            raise NoFileError(
                f"The file at {_short(url)} cannot be fetched: {error or type(error).__name__}."
            ) from error
        except BlockedHost as error:
            raise NoFileError(f"The file at {_short(url)} is not fetched: its host is blocked here.") from error
        except TimeoutError as error:
            raise NoFileError(f"The file at {_short(url)} did not come within {FILE_SECONDS:g} seconds.") from error

    async def _bring(self, url: str, directory: Path) -> Path:
        for _ in range(MAX_REDIRECTS + 1):
            async with self._open("GET", url, {}, None) as response:
                if response.next_request is not None:
                    url = str(httpx.URL(url).join(response.headers["location"]))
                    continue
                if response.status_code != _OK:
                    raise NoFileError(f"The file at {_short(url)} cannot be fetched: status {response.status_code}.")
                path = directory / file_name(response)
                size = 0
                with path.open("wb") as file:
                    async for chunk in response.aiter_bytes():
                        size += len(chunk)
                        if size > MAX_FILE_BYTES:
                            raise NoFileError(f"The file at {_short(url)} is larger than {MAX_FILE_BYTES >> 20} MB.")
                        file.write(chunk)
                return path
        raise NoFileError(f"The file at {_short(url)} cannot be fetched: it redirects more than {MAX_REDIRECTS} times.")

    @asynccontextmanager
    async def _open(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> AsyncIterator[httpx.Response]:
        """Yield the answer, unread. A host that is checked is connected to by the address that was looked at."""
        parsed = httpx.URL(url)
        if parsed.scheme not in _DEFAULT_PORTS:
            raise BlockedHost(parsed.host)
        target, extensions, sent = parsed, {}, dict(headers)
        if is_metadata(parsed.host):
            raise BlockedHost(parsed.host)
        if self._forbidden is not None:
            port = parsed.port or _DEFAULT_PORTS[parsed.scheme]
            address = (await addresses_of(parsed.host, port, self._forbidden))[0]
            target, sent["Host"] = parsed.copy_with(host=address), parsed.netloc.decode()
            extensions = {"sni_hostname": parsed.host}
        # Not the environment's proxy, and no cookies from one service to the next.
        async with (
            httpx.AsyncClient(trust_env=False, transport=self._transport, timeout=FILE_SECONDS) as client,
            client.stream(method, target, headers=sent, content=body, extensions=extensions) as response,
        ):
            yield response


def is_metadata(host: str) -> bool:
    """Whether a host hands out a cloud machine's own credentials; it is never asked, whatever else is allowed."""
    host = host.strip("[]").rstrip(".").lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host in ("metadata.google.internal", "metadata.goog")
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_link_local) or str(mapped) in ("100.100.100.200", "168.63.129.16", "192.0.0.192")


def file_name(response: httpx.Response) -> str:
    """Return the name an answer gives its file, else the last part of its address; never with a path."""
    names: dict[str, str] = {}
    for part in response.headers.get("content-disposition", "").split(";"):
        key, _, value = part.strip().partition("=")
        names[key.lower()] = value.strip('"')
    given = unquote(names["filename*"].rpartition("''")[2]) if "filename*" in names else names.get("filename", "")
    return safe_name(given or unquote(response.url.path.rpartition("/")[2]))


def _short(url: str) -> str:
    """An address without its query, which may hold a signature."""
    return url.partition("?")[0][:200]
