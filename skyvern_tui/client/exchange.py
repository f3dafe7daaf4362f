"""One request, its repetitions and its answer.

Owns: making the request of an operation for a server, sending it again where that is safe
and useful, turning its answer into a result or an error. Must not: do I/O, or know what
the operations are for.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, overload
from urllib.parse import urlencode, urljoin, urlsplit

from skyvern_tui.client import faults, polling, retry
from skyvern_tui.client.effects import Flow, Reply, Send, Sleep, Tell
from skyvern_tui.client.errors import ApiError, ConnectError, ResponseParseError, SkyvernError, TransportError
from skyvern_tui.client.hooks import OnRetry, RetryReport, Tracing
from skyvern_tui.client.operations import Operation
from skyvern_tui.client.options import Endpoint, RequestOptions
from skyvern_tui.client.secrets import Headers, redact_url

T = TypeVar("T")

LOG: Final = logging.getLogger("skyvern_tui.client")
DEFAULT_TIMEOUT: Final = 60.0
USER_AGENT: Final = "skyvern-tui-client/0.1"
_MOST_REDIRECTS: Final = 5
_GOOD: Final = range(200, 300)
_REDIRECTS: Final = range(300, 400)


class Exchange:
    """Sends for one endpoint. ``clock`` is monotonic seconds, ``random`` draws from [0, 1)."""

    tracing: Tracing | None = None
    """What watches over the calls, if :mod:`~skyvern_tui.client.telemetry` was asked to."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        clock: Callable[[], float],
        random: Callable[[], float],
        timeout: float | None = DEFAULT_TIMEOUT,
        headers: Mapping[str, str] | None = None,
        retry_policy: retry.RetryPolicy | None = None,
        poll_policy: polling.PollPolicy | None = None,
        on_retry: OnRetry | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.clock = clock
        self.random = random
        self.timeout = timeout
        self.retry_policy = retry_policy or retry.RetryPolicy()
        self.poll_policy = poll_policy or polling.PollPolicy()
        self.on_retry = on_retry
        # What any host may see; signed URLs can lead anywhere.
        self.public_headers = {"user-agent": USER_AGENT, "accept": "*/*", "accept-encoding": "gzip, deflate"}
        self.headers = Headers(self.public_headers, {name.lower(): value for name, value in (headers or {}).items()})
        if endpoint.api_key:
            self.headers["x-api-key"] = endpoint.api_key
        self._body_headers = Headers(self.headers, {"content-type": "application/json"})

    def fetch(self, url: str, headers: Mapping[str, str], options: RequestOptions | None) -> Flow[Reply]:
        """GET bytes, following redirects; the key never goes to another origin."""
        timeout = options.get("timeout_in_seconds", self.timeout) if options else self.timeout
        for _ in range(_MOST_REDIRECTS):
            request = Send("GET", url, headers, timeout=timeout)
            reply = yield from self._repeat(request, retry.Kind.read, None, options, name="fetch")
            if reply.status not in _REDIRECTS:
                return reply
            target = urljoin(url, reply.headers.get("location", ""))
            headers = headers if origin_of(target) == origin_of(url) else self.public_headers
            url = target
        raise faults.refused(request, reply, self.endpoint)

    def execute(
        self, operation: Operation[T], options: RequestOptions | None, on_retry: OnRetry | None = None
    ) -> Flow[T]:
        """Send an operation, again where that is safe and useful, and return its parsed answer.

        ``on_retry`` is told of each repetition beside the client's own hook.
        """
        request = self.request(operation, options, None)
        return self._repeat(request, operation.kind, operation.parse, options, name=operation.name, on_retry=on_retry)

    @overload
    def _repeat(
        self,
        request: Send,
        kind: retry.Kind,
        parse: Callable[[bytes], T],
        options: RequestOptions | None,
        *,
        name: str,
        on_retry: OnRetry | None = None,
    ) -> Flow[T]: ...
    @overload
    def _repeat(
        self, request: Send, kind: retry.Kind, parse: None, options: RequestOptions | None, *, name: str
    ) -> Flow[Reply]: ...
    def _repeat(
        self,
        request: Send,
        kind: retry.Kind,
        parse: Callable[[bytes], Any] | None,
        options: RequestOptions | None,
        *,
        name: str,
        on_retry: OnRetry | None = None,
    ) -> Flow[Any]:
        policy = self.retry_policy
        if options and "max_retries" in options:
            policy = policy._replace(max_retries=options["max_retries"])
        attempt = 0
        while True:
            attempt += 1
            answer = yield request
            try:
                return self.read(request, answer, parse)
            except SkyvernError as error:
                delay = retry.decide(kind, outcome_of(error), attempt, policy, self.random())
                if delay is None:
                    raise
                problem = error
            LOG.info("%s Trying again in %.1f s.", problem.message, delay)
            yield from self.tell_of_retry(RetryReport(name, attempt, delay, problem), on_retry)
            yield Sleep(delay)

    def tell_of_retry(self, report: RetryReport, on_retry: OnRetry | None) -> Flow[None]:
        """Tell the client's hook and the call's own, where there are any."""
        for hook in (self.on_retry, on_retry):
            if hook is not None:
                yield Tell(hook, report)

    def request(self, operation: Operation[Any], options: RequestOptions | None, limit: float | None) -> Send:
        """Make the request of an operation for this server."""
        url = self.endpoint.base_url + operation.path
        body, query, timeout = operation.body, operation.query, self.timeout
        more: Mapping[str, str] = {}
        if options:
            timeout = options.get("timeout_in_seconds", timeout)
            query = {**(query or {}), **options.get("additional_query_parameters", {})}
            more = {name.lower(): value for name, value in options.get("additional_headers", {}).items()}
            if operation.method != "GET" and operation.content is None:
                body = {**(body or {}), **options.get("additional_body_parameters", {})} or body
        headers: Mapping[str, str] = self.headers if body is None else self._body_headers
        if operation.headers or more:
            headers = Headers(headers, operation.headers or {}, more)
        if query:
            url = f"{url}?{urlencode(_query_texts(query), doseq=True)}"
        content = operation.content
        if body is not None:
            content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return Send(
            operation.method, url, headers, content=content, timeout=timeout, limit=limit, run_id=operation.run_id
        )

    def read(self, request: Send, answer: Reply | TransportError, parse: Callable[[bytes], Any] | None) -> Any:
        """Return the parsed answer (the reply itself without ``parse``), or raise what is wrong with it."""
        if isinstance(answer, TransportError):
            raise answer
        status = answer.status
        if LOG.isEnabledFor(logging.DEBUG):
            LOG.debug("%s %s: %d, %d bytes", request.method, redact_url(request.url), status, len(answer.content))
        if parse is None:
            if status in _GOOD or (status in _REDIRECTS and answer.headers.get("location")):
                return answer
        elif status in _GOOD:
            try:
                return parse(answer.content)
            except ValueError as problem:
                raise faults.unreadable(request, answer, problem, self.endpoint) from problem
        raise faults.refused(request, answer, self.endpoint)


def _query_texts(query: Mapping[str, Any]) -> dict[str, Any]:
    """Write truth values as JSON does, and leave out what is None."""
    words = {True: "true", False: "false"}
    return {
        name: words[value] if isinstance(value, bool) else value for name, value in query.items() if value is not None
    }


def outcome_of(problem: SkyvernError) -> retry.Outcome:
    """Say what the retry and polling rules need to know of an error."""
    if isinstance(problem, ConnectError):
        return retry.Outcome(sent=False)
    if isinstance(problem, ApiError):
        return retry.Outcome(problem.status_code, retry_after=retry.parse_retry_after(problem.headers))
    if isinstance(problem, ResponseParseError):
        return retry.Outcome(problem.status_code, readable=False)
    return retry.Outcome()


def origin_of(url: str) -> tuple[str, str]:
    """Return what decides whether two URLs are the same server's: scheme, host and port."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
