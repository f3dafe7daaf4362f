"""Files the page hands out: downloads, and documents the browser shows instead of saving.

Owns: getting their bytes and names. Must not: fetch anything the page did not lead to.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from playwright.async_api import Error as PlaywrightError

from mock_server.agent.watching import ANSWER_TIMEOUT_S, Watch

DOWNLOAD_WAIT_S: Final = 30.0
_PAGES: Final = ("text/html", "application/xhtml")


@dataclass(frozen=True, slots=True)
class File:
    """A file the page handed out."""

    name: str
    data: bytes
    url: str
    printed: bool = False
    """It is the page itself, printed; not a file the page handed out."""


async def downloaded(watch: Watch) -> tuple[File, ...]:
    """Return the downloads that began since the watch was cleared, each when it is complete."""
    files: list[File] = []
    for download in list(watch.downloads):
        name = download.suggested_filename or "download"
        try:
            path = await asyncio.wait_for(download.path(), DOWNLOAD_WAIT_S)
            data = await asyncio.to_thread(path.read_bytes)
            files.append(File(name, data, download.url))
        except TimeoutError:
            watch.restraint.tell(f"The download {name!r} did not end within {DOWNLOAD_WAIT_S:g} s, and was cancelled.")
            with suppress(PlaywrightError):
                await download.cancel()
        except (PlaywrightError, OSError):
            watch.restraint.tell(f"The download {name!r} broke off, or was cancelled because it grew too large.")
    return tuple(files)


async def shown(watch: Watch, wanted: str | None) -> tuple[File, ...]:
    """Return the document the browser shows instead of saving it (a PDF), or the one a link leads to.

    ``wanted`` is the address of the link that was to hand out a file, if there was one.
    """
    kind = await _content_type(watch)
    is_file = kind == "application/pdf" or (wanted is not None and bool(kind) and not kind.startswith(_PAGES))
    address = watch.page.url if is_file else wanted
    if not address or not address.startswith("http"):
        return ()
    if address == wanted and "." not in urlsplit(address).path.rsplit("/", 1)[-1]:
        return ()
    with suppress(PlaywrightError):
        response = await watch.context.request.get(address, timeout=DOWNLOAD_WAIT_S * 1000)
        if response.ok and not response.headers.get("content-type", "").startswith(_PAGES):
            name = _name(response.headers.get("content-disposition", ""), response.url)
            return (File(name, await response.body(), response.url),)
    return ()


async def _content_type(watch: Watch) -> str:
    with suppress(PlaywrightError, TimeoutError):
        return str(await asyncio.wait_for(watch.page.evaluate("document.contentType"), ANSWER_TIMEOUT_S))
    return ""


def _name(disposition: str, url: str) -> str:
    """Return the file's name, from the header that gives it or from the address; never with a path."""
    names: dict[str, str] = {}
    for part in disposition.split(";"):
        key, _, value = part.strip().partition("=")
        names[key.lower()] = value.strip('"')
    given = unquote(names["filename*"].rpartition("''")[2]) if "filename*" in names else names.get("filename", "")
    return (given or unquote(urlsplit(url).path.rpartition("/")[2])).replace("/", "_").replace("\\", "_") or "download"
