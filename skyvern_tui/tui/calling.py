"""The async client as the app sees it.

Owns: the adapter from the client to the app's :class:`~skyvern_tui.core.gateway.Gateway`, and
keeping the answers as they came. Must not: retry (the pollers do) or speak HTTP: the client
does.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from skyvern_tui.client import Artifact, AsyncSkyvern, Run, RunListItem, TimelineItem, operations
from skyvern_tui.client.errors import ApiError, NotFoundError, ResponseParseError, SkyvernError
from skyvern_tui.client.models import ARTIFACTS, TIMELINE
from skyvern_tui.client.operations import Operation
from skyvern_tui.client.raw import keeping
from skyvern_tui.client.resources import WebhookReplay
from skyvern_tui.core.answers import Answer, Answers
from skyvern_tui.core.clock import Clock, RealClock
from skyvern_tui.core.gateway import Site

T = TypeVar("T")
LARGE: Final = 200_000
"""Bytes of a list from which on it is read in parts."""
PART: Final = 50
"""Items read at once: a few milliseconds."""
_LISTS: Final[Mapping[str, TypeAdapter[Any]]] = {"get_run_timeline": TIMELINE, "get_run_artifacts": ARTIFACTS}


class _Unread(NamedTuple):
    """A long list that was answered."""

    content: bytes


async def _read_in_parts(operation: Operation[Any], unread: _Unread) -> list[Any]:
    """Read a long list so that no key has to wait for all of it. Raises ResponseParseError."""
    adapter = _LISTS[operation.name]
    read: list[Any] = []
    try:
        told = json.loads(unread.content)
        parts = [told[at : at + PART] for at in range(0, len(told), PART)] if isinstance(told, list) else [told]
        for part in parts:
            read += adapter.validate_python(part)
            await asyncio.sleep(0)
    except (ValueError, RecursionError) as problem:
        first = str(problem).split("\n", 1)[0]
        raise ResponseParseError(
            f"{operation.method} {operation.path} was answered with JSON of another shape ({first}).",
            hint="Is this a Skyvern server, or a page in front of it?",
            status_code=200,
            body=unread.content.decode("utf-8", "replace"),
            method=operation.method,
            url=operation.path,
            run_id=operation.run_id,
        ) from problem
    return read


class ClientGateway:
    """The async client as the app sees it."""

    def __init__(self, client: AsyncSkyvern, *, has_sites: bool, clock: Clock | None = None) -> None:
        self._client = client
        self._has_sites = has_sites
        """Whether it may be a mock, which tells more than the service does."""
        self._clock = clock or RealClock()
        self._answers = Answers()

    async def run_task(self, prompt: str, **fields: Any) -> Run:
        return await self._client.run_task(prompt, **fields)

    async def get_run(self, run_id: str) -> Run:
        return await self._told(run_id, operations.get_run(run_id))

    async def get_runs(self, *, page: int, page_size: int) -> Sequence[RunListItem]:
        return await self._client.get_runs(page=page, page_size=page_size)

    async def cancel_run(self, run_id: str) -> None:
        await self._client.cancel_run(run_id)

    async def get_run_timeline(self, run_id: str) -> Sequence[TimelineItem]:
        return await self._told(run_id, operations.get_run_timeline(run_id))

    async def get_run_artifacts(self, run_id: str) -> Sequence[Artifact]:
        return await self._told(run_id, operations.get_run_artifacts(run_id, None))

    async def get_artifact_content(self, artifact: Artifact) -> bytes:
        return await self._client.get_artifact_content(artifact)

    async def _told(self, run_id: str, operation: Operation[T]) -> T:
        """Make a call and keep its answer as it came. One that is the same as before is not read anew.

        So a long timeline that stands still costs next to nothing, and what is returned is the same object.
        """
        path = urlsplit(operation.path).path
        at, began = self._clock.now(), self._clock.monotonic()

        def parse(content: bytes) -> T | _Unread:
            known: T | None = self._answers.read(run_id, operation.name, content)
            if known is None and len(content) > LARGE and operation.name in _LISTS:
                return _Unread(content)
            return operation.parse(content) if known is None else known

        def keep(status: int, content: bytes, value: T | None = None) -> None:
            took = self._clock.monotonic() - began
            answer = Answer(operation.name, operation.method, path, status, at, took, content)
            self._answers.keep(run_id, answer, value)

        plain: Operation[T | _Unread] = Operation(
            operation.name, operation.method, operation.path, parse, query=operation.query, run_id=operation.run_id
        )
        try:
            raw = await self._client.drive(keeping(self._client.calls.execute(plain, None)))
            value: Any = raw.data
            if isinstance(value, _Unread):
                value = await _read_in_parts(operation, value)
        except (ApiError, ResponseParseError) as error:
            body = error.body if isinstance(error.body, str) else json.dumps(error.body)
            keep(error.status_code, body.encode(errors="backslashreplace"))
            raise
        keep(raw.status_code, raw.content, value)
        read: T = value
        return read

    def answers(self, run_id: str) -> Sequence[Answer]:
        return self._answers.of(run_id)

    async def retry_run_webhook(self, run_id: str, *, webhook_url: str | None = None) -> WebhookReplay:
        return await self._client.retry_run_webhook(run_id, webhook_url=webhook_url)

    async def get_deliveries(self, run_id: str) -> Sequence[Mapping[str, Any]]:
        """Ask a mock for the deliveries of a run; a server that doesn't tell answers 404, which is no trouble."""
        if not self._has_sites:
            return ()
        try:
            return await self._client.drive(self._client.calls.execute(operations.get_mock_deliveries(run_id), None))
        except NotFoundError:
            return ()

    async def get_sites(self) -> Sequence[Site]:
        """Ask a mock for its practice sites; a server that has none answers 404, which is no trouble."""
        if not self._has_sites:
            return ()
        try:
            return [Site(*site) for site in await self._client.get_mock_sites()]
        except SkyvernError:
            return ()

    async def aclose(self) -> None:
        await self._client.close()
