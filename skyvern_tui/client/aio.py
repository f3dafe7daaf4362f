"""The awaitable face.

Owns: ``AsyncSkyvern``: sending with ``httpx.AsyncClient`` and sleeping on asyncio. Must
not: decide anything; what to send and when is in ``calls.py``.
"""

from __future__ import annotations

import inspect
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

import httpx

from skyvern_tui.client import faults
from skyvern_tui.client.calls import Calls
from skyvern_tui.client.effects import Flow, Reply, Send, Sleep
from skyvern_tui.client.errors import TransportError
from skyvern_tui.client.exchange import DEFAULT_TIMEOUT
from skyvern_tui.client.faces import awaiting
from skyvern_tui.client.hooks import OnRetry
from skyvern_tui.client.options import SkyvernEnvironment, resolve_endpoint
from skyvern_tui.client.polling import PollPolicy
from skyvern_tui.client.retry import RetryPolicy
from skyvern_tui.client.transport import UNPROXIED, Body, build

if TYPE_CHECKING:
    from skyvern_tui.client.changes import Position
    from skyvern_tui.client.handle import AsyncRunHandle
    from skyvern_tui.client.models import Run
    from skyvern_tui.client.raw import AsyncRawSkyvern

T = TypeVar("T")


async def _sleep(seconds: float) -> None:
    # Imported here: asyncio costs a tenth of importing httpx, and whoever awaits has paid for it already.
    import asyncio  # noqa: PLC0415

    await asyncio.sleep(seconds)


class AsyncSkyvern:
    """A client of Skyvern's task API for asyncio; what ``skyvern.Skyvern`` is in the official SDK.

    Arguments as for :class:`skyvern_tui.client.Skyvern`, with async counterparts of ``httpx_client``, ``transport``
    and ``sleep``; hooks may be coroutine functions. Use it as an async context manager, or ``await close()`` it.
    Canceling the task that awaits a call cancels the call; the run goes on.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        environment: SkyvernEnvironment | None = None,
        profile: str | None = None,
        timeout: float | None = DEFAULT_TIMEOUT,
        max_retries: int = RetryPolicy().max_retries,
        headers: Mapping[str, str] | None = None,
        httpx_client: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        poll_policy: PollPolicy | None = None,
        on_retry: OnRetry | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = _sleep,
        random: Callable[[], float] = random.random,
    ) -> None:
        self.calls = Calls(
            resolve_endpoint(api_key, base_url, environment, profile=profile),
            clock=clock,
            random=random,
            timeout=timeout,
            headers=headers,
            retry_policy=RetryPolicy(max_retries=max_retries),
            poll_policy=poll_policy,
            on_retry=on_retry,
        )
        self._owns_client = httpx_client is None
        self._http = httpx_client or httpx.AsyncClient(transport=transport, mounts=dict(UNPROXIED))
        self._sleep = sleep

    run_task = awaiting(Calls.run_task)
    wait_for_run = awaiting(Calls.wait_for_run)
    get_run = awaiting(Calls.get_run)
    get_runs = awaiting(Calls.get_runs)
    cancel_run = awaiting(Calls.cancel_run)
    bulk_cancel_runs = awaiting(Calls.bulk_cancel_runs)
    retry_run_webhook = awaiting(Calls.retry_run_webhook)
    get_run_timeline = awaiting(Calls.get_run_timeline)
    get_run_artifacts = awaiting(Calls.get_run_artifacts)
    get_artifact = awaiting(Calls.get_artifact)
    get_artifact_content = awaiting(Calls.get_artifact_content)
    download_artifact = awaiting(Calls.download_artifact)
    get_file = awaiting(Calls.get_file)
    run_workflow = awaiting(Calls.run_workflow)
    login = awaiting(Calls.login)
    download_files = awaiting(Calls.download_files)
    upload_file = awaiting(Calls.upload_file)
    create_browser_session = awaiting(Calls.create_browser_session)
    get_browser_session = awaiting(Calls.get_browser_session)
    get_browser_sessions = awaiting(Calls.get_browser_sessions)
    update_browser_session = awaiting(Calls.update_browser_session)
    close_browser_session = awaiting(Calls.close_browser_session)
    create_browser_profile = awaiting(Calls.create_browser_profile)
    get_browser_profile = awaiting(Calls.get_browser_profile)
    list_browser_profiles = awaiting(Calls.list_browser_profiles)
    update_browser_profile = awaiting(Calls.update_browser_profile)
    delete_browser_profile = awaiting(Calls.delete_browser_profile)
    create_credential = awaiting(Calls.create_credential)
    get_credential = awaiting(Calls.get_credential)
    get_credentials = awaiting(Calls.get_credentials)
    update_credential = awaiting(Calls.update_credential)
    delete_credential = awaiting(Calls.delete_credential)
    send_totp_code = awaiting(Calls.send_totp_code)
    get_version = awaiting(Calls.get_version)
    heartbeat = awaiting(Calls.heartbeat)
    get_mock_sites = awaiting(Calls.get_mock_sites)

    def run(self, run: Run | str, *, position: Position | str | None = None) -> AsyncRunHandle:
        """Return a handle on a run, given it or its id, to wait for, watch, cancel or download; asks nothing.

        With the ``position`` of an earlier handle (or ``str()`` of it) its watch goes on where that one's ended.
        """
        # Handles are loaded when one is made: a program that only starts tasks does without.
        from skyvern_tui.client.handle import AsyncRunHandle, run_calls  # noqa: PLC0415

        return AsyncRunHandle(self, run_calls(self.calls, run, position))

    @property
    def base_url(self) -> str:
        """The server's root, without ``/v1``."""
        return self.calls.endpoint.base_url

    @property
    def with_raw_response(self) -> AsyncRawSkyvern:
        """The same calls, giving status, headers and bytes of the last answer beside what was read out of it."""
        from skyvern_tui.client.raw import AsyncRawSkyvern  # noqa: PLC0415 - few want it

        return AsyncRawSkyvern(self)

    @classmethod
    def sharing(cls, calls: Calls) -> Self:
        """Return a client with the settings of another that needs no closing: it keeps no connection open."""
        plain = httpx.AsyncClient(mounts=dict(UNPROXIED), limits=httpx.Limits(max_keepalive_connections=0))
        client = cls(api_key="", base_url=calls.endpoint.base_url, httpx_client=plain)
        client.calls, client._owns_client = calls, True
        return client

    async def drive(self, flow: Flow[T]) -> T:
        """Carry a flow's effects out and return its result."""
        answer: Reply | TransportError | None = None
        try:
            while True:
                try:
                    effect = flow.send(answer)
                except StopIteration as stop:
                    result: T = stop.value
                    return result
                if isinstance(effect, Send):
                    answer = await self._send(effect)
                elif isinstance(effect, Sleep):
                    await self._sleep(effect.seconds)
                    answer = None
                else:
                    told = effect.hook(effect.news)
                    if inspect.isawaitable(told):
                        await told
                    answer = None
        finally:
            flow.close()

    async def _send(self, request: Send) -> Reply | TransportError:
        try:
            built = build(self._http, request, plain=self._owns_client)
            if request.limit is None and request.sink is None:
                response = await self._http.send(built, follow_redirects=False)
                return Reply(response.status_code, response.headers, response.content)
            if self._sleep is not _sleep:
                return await self._stream(request, built)  # where time is not the loop's, its timers say nothing
            import asyncio  # noqa: PLC0415 - as above

            async with asyncio.timeout(request.limit):
                return await self._stream(request, built)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, TimeoutError) as problem:
            return faults.unanswered(request, problem)

    async def _stream(self, request: Send, built: httpx.Request) -> Reply:
        """Read the answer piece by piece, into a sink or watching the limit."""
        clock = self.calls.clock
        end = None if request.limit is None else clock() + request.limit
        response = await self._http.send(built, stream=True, follow_redirects=False)
        try:
            body = Body(request, response)
            async for chunk in response.aiter_bytes(request.chunk_size):
                body.write(chunk)
                if end is not None and clock() > end:
                    raise httpx.ReadTimeout("the answer took longer than it may", request=built)
            return body.reply()
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close the connections, unless they belong to an ``httpx_client`` that was handed in."""
        if self._owns_client:
            await self._http.aclose()

    aclose = close

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"
