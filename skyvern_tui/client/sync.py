"""The blocking face.

Owns: ``Skyvern``: sending with ``httpx.Client``, sleeping with ``time.sleep``. Must not:
decide anything; what to send and when is in ``calls.py``.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

import httpx

from skyvern_tui.client import faults
from skyvern_tui.client.calls import Calls
from skyvern_tui.client.effects import Flow, Reply, Send
from skyvern_tui.client.errors import TransportError
from skyvern_tui.client.exchange import DEFAULT_TIMEOUT
from skyvern_tui.client.faces import blocking
from skyvern_tui.client.options import SkyvernEnvironment, resolve_endpoint
from skyvern_tui.client.polling import PollPolicy
from skyvern_tui.client.retry import RetryPolicy
from skyvern_tui.client.transport import UNPROXIED, Body, build

if TYPE_CHECKING:
    from skyvern_tui.client.changes import Position
    from skyvern_tui.client.handle import RunHandle
    from skyvern_tui.client.models import Run

T = TypeVar("T")


class Skyvern:
    """A client of Skyvern's task API that blocks.

    ``api_key`` and ``base_url`` fall back on ``SKYVERN_API_KEY`` and ``SKYVERN_BASE_URL``, the latter on the cloud;
    ``timeout`` is seconds per network operation; ``headers`` go with every request. Give ``httpx_client`` (which
    stays yours to close) or ``transport`` for proxies, certificates and tests; ``clock``, ``sleep`` and ``random``
    for tests of time. Use it as a context manager, or ``close()`` it. Safe to share between threads.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        environment: SkyvernEnvironment | None = None,
        timeout: float | None = DEFAULT_TIMEOUT,
        max_retries: int = RetryPolicy().max_retries,
        headers: Mapping[str, str] | None = None,
        httpx_client: httpx.Client | None = None,
        transport: httpx.BaseTransport | None = None,
        poll_policy: PollPolicy | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        random: Callable[[], float] = random.random,
    ) -> None:
        self.calls = Calls(
            resolve_endpoint(api_key, base_url, environment, None),
            clock=clock,
            random=random,
            timeout=timeout,
            headers=headers,
            retry_policy=RetryPolicy(max_retries=max_retries),
            poll_policy=poll_policy,
        )
        self._owns_client = httpx_client is None
        self._http = httpx_client or httpx.Client(transport=transport, mounts=dict(UNPROXIED))
        self._sleep = sleep

    run_task = blocking(Calls.run_task)
    wait_for_run = blocking(Calls.wait_for_run)
    get_run = blocking(Calls.get_run)
    get_runs = blocking(Calls.get_runs)
    cancel_run = blocking(Calls.cancel_run)
    get_run_timeline = blocking(Calls.get_run_timeline)
    get_run_artifacts = blocking(Calls.get_run_artifacts)
    get_artifact = blocking(Calls.get_artifact)
    get_artifact_content = blocking(Calls.get_artifact_content)
    download_artifact = blocking(Calls.download_artifact)
    get_file = blocking(Calls.get_file)
    get_version = blocking(Calls.get_version)
    heartbeat = blocking(Calls.heartbeat)
    get_mock_sites = blocking(Calls.get_mock_sites)

    def run(self, run: Run | str, *, position: Position | str | None = None) -> RunHandle:
        """Return a handle on a run, given it or its id, to wait for, watch, cancel or download; asks nothing.

        With the ``position`` of an earlier handle (or ``str()`` of it) its watch goes on where that one's ended.
        """
        # Handles are loaded when one is made: a program that only starts tasks does without.
        from skyvern_tui.client.handle import RunHandle, run_calls  # noqa: PLC0415

        return RunHandle(self, run_calls(self.calls, run, position))

    @property
    def base_url(self) -> str:
        """The server's root, without ``/v1``."""
        return self.calls.endpoint.base_url

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
                else:
                    self._sleep(effect.seconds)
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
            for chunk in response.iter_bytes():
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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"
