"""The blocking face.

Owns: ``Skyvern``: sending with ``httpx.Client``, sleeping with ``time.sleep``. Must not:
decide anything; what to send and when is in ``calls.py``.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TypeVar, cast

import httpx

from skyvern_tui.client import faults
from skyvern_tui.client.calls import Calls
from skyvern_tui.client.effects import Flow, Reply, Send, Sleep
from skyvern_tui.client.errors import TransportError
from skyvern_tui.client.exchange import DEFAULT_TIMEOUT
from skyvern_tui.client.faces import either
from skyvern_tui.client.hooks import OnRetry
from skyvern_tui.client.options import SkyvernEnvironment, resolve_endpoint
from skyvern_tui.client.polling import PollPolicy
from skyvern_tui.client.retry import RetryPolicy
from skyvern_tui.client.transport import UNPROXIED, Body, build

if TYPE_CHECKING:
    from skyvern_tui.client.aio import AsyncSkyvern
    from skyvern_tui.client.changes import Position
    from skyvern_tui.client.handle import RunHandle
    from skyvern_tui.client.models import Run
    from skyvern_tui.client.raw import RawSkyvern

T = TypeVar("T")

_SLEEP: Final = time.sleep


class Skyvern:
    """A client of Skyvern's task API that blocks; in a coroutine, where blocking stops everything, it is awaited.

    ``api_key`` and ``base_url`` fall back on ``SKYVERN_API_KEY`` and ``SKYVERN_BASE_URL``, the latter on the cloud;
    ``profile`` takes both from the configuration file instead. ``timeout`` is seconds per network operation,
    ``max_retries`` the repetitions of what may be repeated, ``on_retry`` is told of each; ``headers`` go with every
    request. Give ``httpx_client`` (which stays yours to close) or ``transport`` for proxies, certificates and tests;
    ``clock``, ``sleep`` and ``random`` for tests of time. Use it as a context manager, or ``close()`` it. Safe to
    share between threads.

    Where an event loop runs, calls return awaitables, so that the documentation's examples (``await
    client.run_task(...)``) run as they are written. :class:`AsyncSkyvern` is the same with the types to match. With
    an ``httpx_client``, ``transport`` or ``sleep`` of your own, which block, it blocks there too.

    Raises ValueError for an address, a key or a profile that cannot be used.
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
        httpx_client: httpx.Client | None = None,
        transport: httpx.BaseTransport | None = None,
        poll_policy: PollPolicy | None = None,
        on_retry: OnRetry | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = _SLEEP,
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
        self._always_blocks = httpx_client is not None or transport is not None or sleep is not _SLEEP
        self._twin: tuple[object, AsyncSkyvern] | None = None
        self._http = httpx_client or httpx.Client(transport=transport, mounts=dict(UNPROXIED))
        self._sleep = sleep

    run_task = either(Calls.run_task)
    wait_for_run = either(Calls.wait_for_run)
    get_run = either(Calls.get_run)
    get_runs = either(Calls.get_runs)
    cancel_run = either(Calls.cancel_run)
    bulk_cancel_runs = either(Calls.bulk_cancel_runs)
    retry_run_webhook = either(Calls.retry_run_webhook)
    get_run_timeline = either(Calls.get_run_timeline)
    get_run_artifacts = either(Calls.get_run_artifacts)
    get_artifact = either(Calls.get_artifact)
    get_artifact_content = either(Calls.get_artifact_content)
    download_artifact = either(Calls.download_artifact)
    get_file = either(Calls.get_file)
    run_workflow = either(Calls.run_workflow)
    login = either(Calls.login)
    download_files = either(Calls.download_files)
    upload_file = either(Calls.upload_file)
    create_browser_session = either(Calls.create_browser_session)
    get_browser_session = either(Calls.get_browser_session)
    get_browser_sessions = either(Calls.get_browser_sessions)
    update_browser_session = either(Calls.update_browser_session)
    close_browser_session = either(Calls.close_browser_session)
    create_browser_profile = either(Calls.create_browser_profile)
    get_browser_profile = either(Calls.get_browser_profile)
    list_browser_profiles = either(Calls.list_browser_profiles)
    update_browser_profile = either(Calls.update_browser_profile)
    delete_browser_profile = either(Calls.delete_browser_profile)
    create_credential = either(Calls.create_credential)
    get_credential = either(Calls.get_credential)
    get_credentials = either(Calls.get_credentials)
    update_credential = either(Calls.update_credential)
    delete_credential = either(Calls.delete_credential)
    send_totp_code = either(Calls.send_totp_code)
    get_version = either(Calls.get_version)
    heartbeat = either(Calls.heartbeat)
    get_mock_sites = either(Calls.get_mock_sites)

    def run(self, run: Run | str, *, position: Position | str | None = None) -> RunHandle:
        """Return a handle on a run, given it or its id, to wait for, watch, cancel or download; asks nothing.

        With the ``position`` of an earlier handle (or ``str()`` of it) its watch goes on where that one's ended.
        """
        # Handles are loaded when one is made: a program that only starts tasks does without.
        from skyvern_tui.client.handle import RunHandle, run_calls  # noqa: PLC0415

        twin = self._awaited()
        if twin is not None:
            # As with the calls: where an event loop runs, the handle is one to await.
            return cast("RunHandle", twin.run(run, position=position))
        return RunHandle(self, run_calls(self.calls, run, position))

    @property
    def base_url(self) -> str:
        """The server's root, without ``/v1``."""
        return self.calls.endpoint.base_url

    @property
    def with_raw_response(self) -> RawSkyvern:
        """The same calls, giving status, headers and bytes of the last answer beside what was read out of it."""
        from skyvern_tui.client.raw import RawSkyvern  # noqa: PLC0415 - few want it

        return RawSkyvern(self)

    def answer(self, flow: Flow[T]) -> T:
        """Carry a flow out; where an event loop runs, return what the caller has to await instead."""
        twin = self._awaited()
        # The one place where the types do not tell: who awaits a Skyvern knows that it is awaited.
        return self.drive(flow) if twin is None else cast("T", twin.drive(flow))

    def _awaited(self) -> AsyncSkyvern | None:
        """Return the awaitable twin for the event loop that runs in this thread, if one does."""
        asyncio = None if self._always_blocks else sys.modules.get("asyncio")
        loop = asyncio and asyncio._get_running_loop()  # noqa: SLF001 - documented, and free where nothing runs
        if loop is None:
            return None
        if self._twin is None or self._twin[0] is not loop:  # connections belong to the loop that opened them
            from skyvern_tui.client.aio import AsyncSkyvern  # noqa: PLC0415 - most use one face

            self._twin = loop, AsyncSkyvern.sharing(self.calls)
        return self._twin[1]

    def drive(self, flow: Flow[T]) -> T:
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
                    answer = self._send(effect)
                elif isinstance(effect, Sleep):
                    self._sleep(effect.seconds)
                    answer = None
                else:
                    effect.hook(effect.news)
                    answer = None
        finally:
            flow.close()

    def _send(self, request: Send) -> Reply | TransportError:
        try:
            built = build(self._http, request, plain=self._owns_client)
            if request.limit is None and request.sink is None:
                response = self._http.send(built, follow_redirects=False)
                return Reply(response.status_code, response.headers, response.content)
            return self._stream(request, built)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as problem:
            return faults.unanswered(request, problem)

    def _stream(self, request: Send, built: httpx.Request) -> Reply:
        """Read the answer piece by piece, into a sink or watching the limit."""
        clock = self.calls.clock
        end = None if request.limit is None else clock() + request.limit
        response = self._http.send(built, stream=True, follow_redirects=False)
        try:
            body = Body(request, response)
            for chunk in response.iter_bytes(request.chunk_size):
                body.write(chunk)
                if end is not None and clock() > end:
                    raise httpx.ReadTimeout("the answer took longer than it may", request=built)
            return body.reply()
        finally:
            response.close()

    def close(self) -> None:
        """Close the connections, unless they belong to an ``httpx_client`` that was handed in."""
        if self._owns_client:
            self._http.close()

    async def aclose(self) -> None:
        """Close the connections that were opened where an event loop runs, and the others."""
        if self._twin is not None:
            await self._twin[1].close()
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"
