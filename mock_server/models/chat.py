"""The client of a chat-completions API.

Owns: one question on the wire: the request, waiting and asking again where the service
says so, and reading its answer. The key goes into one header and nowhere else. Must not:
judge the text that comes back.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Final

import httpx

from mock_server.agent.events import ModelError, Reply
from mock_server.clock import Clock
from mock_server.models.reading import read_reply, refuses_pictures, refuses_temperature, said_by

TRIES: Final = 3
"""How often one question is sent when the service is busy."""
LONGEST_WAIT_S: Final = 20.0
"""How long the service may ask to wait, all waits of a question together; asked for more, it counts as silent."""
MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024
_FIRST_WAIT_S: Final = 1.0
_OK: Final = 200
_BUSY: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_COMPLAINTS: Final = frozenset({400, 415, 422, 500})
"""Answers that may be about one part of the request."""
_LASTING: Final = frozenset({401, 402, 403, 404, 405})
"""Answers that would be the same for the next question: no access, no such model or address."""
_MASK: Final = b"********"

Messages = Sequence[Mapping[str, str]]


class ChatModel:
    """Asks one service. ``transport`` stands in for the network.

    It does not follow redirects, use the environment's proxy or read ``.netrc``: the key goes to the address that was
    given, or nowhere.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        clock: Clock,
        *,
        key: str | None = None,
        seconds: float = 60.0,
        pictures: bool = True,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = address_of(base_url)
        self._model = model
        self._clock = clock
        self._key = key
        self._seconds = seconds
        self._pictures = pictures
        self._refused: set[tuple[str, str]] = set()
        """Which model does not take what."""
        self._transport = transport

    async def ask(self, messages: Messages, pictures: Sequence[bytes], *, model: str | None = None) -> Reply:
        """Return the answer to one question; ``model`` instead of the one it was made with.

        Raises:
            ModelError: There is none; the message says why. Asking may take three times the time limit and 20 seconds.
        """
        waited, model = 0.0, model or self._model
        for attempt in range(TRIES + 2):  # two more, for what the service may not take
            body, kept = self._bodies(messages, pictures, model)
            status, headers, data = await self._sent(body, kept)
            if status == _OK:
                return read_reply(data, model, kept)
            if status in _COMPLAINTS and self._gives_in(data, model, pictured=body != kept):
                continue
            if status not in _BUSY or attempt + 1 >= TRIES:
                break
            asked = self._wait(headers.get("retry-after"))
            wait = _FIRST_WAIT_S * 2**attempt if asked is None else asked
            if waited + wait > LONGEST_WAIT_S:
                raise self._error(
                    f"The model's service is busy (status {status}) and asks to wait {wait:g} s", kept, data
                )
            waited += wait
            await self._clock.sleep(wait)
        raise self._error(f"The model's service answered with status {status}", kept, data, lasting=status in _LASTING)

    # -- inside -------------------------------------------------------------------------

    def _bodies(self, messages: Messages, pictures: Sequence[bytes], model: str) -> tuple[bytes, bytes]:
        """Return the request, and the same to keep, where the names of artifacts stand for pictures."""
        body: dict[str, Any] = {"model": model, "messages": [dict(message) for message in messages]}
        if (model, "temperature") not in self._refused:
            body["temperature"] = 0
        kept = body
        if pictures and self._pictures and (model, "pictures") not in self._refused:
            shown = [f"data:image/png;base64,{b64encode(picture).decode()}" for picture in pictures]
            kept = {**body, "messages": _with_pictures(messages, ["screenshot_llm"] * len(pictures))}
            body = {**body, "messages": _with_pictures(messages, shown)}
        return json.dumps(body).encode(), json.dumps(kept).encode()

    async def _sent(self, body: bytes, kept: bytes) -> tuple[int, httpx.Headers, bytes]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            async with (
                asyncio.timeout(self._seconds),
                httpx.AsyncClient(
                    trust_env=False, verify=_trust(), transport=self._transport, timeout=self._seconds
                ) as client,
                client.stream("POST", self._url, content=body, headers=headers) as response,
            ):
                data = b""
                async for chunk in response.aiter_bytes():
                    data += chunk
                    if len(data) > MAX_ANSWER_BYTES:
                        raise self._error("The model's answer is larger than 4 MB", kept)
                return response.status_code, response.headers, self._without_key(data)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise self._error(f"The model gave no answer within {self._seconds:g} s", kept) from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            why = str(error) or type(error).__name__
            where = self._url.partition("?")[0]  # what some services want beside may be a key
            raise self._error(f"The model's service at {where} cannot be reached: {why}", kept) from error

    def _gives_in(self, data: bytes, model: str, *, pictured: bool) -> bool:
        """Whether the service turned something down that can be left out from now on."""
        complaint = "pictures" if pictured and refuses_pictures(data) else ""
        complaint = complaint or ("temperature" if refuses_temperature(data) else "")
        if not complaint or (model, complaint) in self._refused:
            return False
        self._refused.add((model, complaint))
        return True

    def _wait(self, retry_after: str | None) -> float | None:
        """Return the seconds a Retry-After asks to wait: a number, or a date; None if it is neither."""
        text = (retry_after or "").strip()
        if text.isascii() and text.isdigit():
            return float(text)
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
        return max((moment - self._clock.now()).total_seconds(), 0.0)

    def _error(self, what: str, request: bytes, data: bytes = b"", *, lasting: bool = False) -> ModelError:
        said = said_by(data)
        text = self._without_key(f"{what}{f': {said}' if said else ''}".encode()).decode().rstrip(".")
        raw = json.dumps({"error": text, "answer": data[:100_000].decode(errors="replace")}).encode() if data else b""
        return ModelError(f"{text}.", lasting=lasting, request=request, raw=raw)

    def _without_key(self, data: bytes) -> bytes:
        """Services like to repeat the key they turn down."""
        return data.replace(self._key.encode(), _MASK) if self._key else data


def address_of(base_url: str) -> str:
    """Return the address questions go to, from the base address or from that address itself.

    Raises:
        ValueError: It is no http or https address.
    """
    try:
        parsed = httpx.URL(base_url.strip())
    except httpx.InvalidURL as error:
        raise ValueError(f"{base_url!r} is no address: {error}") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError(f"{base_url!r} is no http address, such as http://127.0.0.1:11434/v1")
    if parsed.userinfo:
        raise ValueError("a key or password does not belong into the address; use --llm-key-env")
    path = parsed.path.rstrip("/")
    return str(parsed.copy_with(path=path if path.endswith("/chat/completions") else f"{path}/chat/completions"))


def _with_pictures(messages: Messages, addresses: Sequence[str]) -> list[dict[str, Any]]:
    """Return the messages with pictures in the first of the user's."""
    made: list[dict[str, Any]] = [dict(message) for message in messages]
    first = next(message for message in made if message["role"] == "user")
    first["content"] = [
        {"type": "text", "text": first["content"]},
        *({"type": "image_url", "image_url": {"url": address}} for address in addresses),
    ]
    return made


@cache
def _trust() -> ssl.SSLContext:
    """Return the certificates to trust; loading them takes a while."""
    return httpx.create_ssl_context(trust_env=False)
