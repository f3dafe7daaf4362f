"""The client's calls, once for both faces.

Owns: what a call does, as a generator of effects: prepare, send, try again, wait for a
run, find an artifact's bytes. ``sync.py`` and ``aio.py`` only carry the effects out.
Must not: do I/O.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, overload
from urllib.parse import urlencode, urljoin, urlsplit

from skyvern_tui.client import faults, operations, polling, retry
from skyvern_tui.client.effects import Flow, Reply, Send, Sleep
from skyvern_tui.client.errors import (
    ApiError,
    ConnectError,
    ResponseParseError,
    RunTimeoutError,
    SkyvernError,
    TransportError,
)
from skyvern_tui.client.operations import DEFAULT_ENGINE, MockSite, Operation
from skyvern_tui.client.options import Endpoint, RequestOptions
from skyvern_tui.client.secrets import redact_url

if TYPE_CHECKING:
    from skyvern_tui.client.models import Artifact, Run, RunEngine, RunListItem, TimelineItem

T = TypeVar("T")

LOG: Final = logging.getLogger("skyvern_tui.client")
DEFAULT_TIMEOUT: Final = 60.0
DEFAULT_WAIT: Final = 1800.0
USER_AGENT: Final = "skyvern-tui-client/0.1"
_MOST_REDIRECTS: Final = 5
_GOOD: Final = range(200, 300)
_REDIRECTS: Final = range(300, 400)


class PollReport(NamedTuple):
    """What ``on_poll`` is told after each poll: either ``run`` or ``error`` is set; times in seconds."""

    run_id: str
    run: Run | None
    error: SkyvernError | None
    attempts: int
    elapsed: float
    next_in: float | None
    """Seconds until the next poll; None after the last one."""


OnPoll = Callable[[PollReport], object]


class Calls:
    """Every call of the client as a flow of effects. ``clock`` is monotonic seconds, ``random`` draws from [0, 1)."""

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
    ) -> None:
        self.endpoint = endpoint
        self.clock = clock
        self.random = random
        self.timeout = timeout
        self.retry_policy = retry_policy or retry.RetryPolicy()
        self.poll_policy = poll_policy or polling.PollPolicy()
        # What any host may see; signed URLs can lead anywhere.
        self._public_headers = {"user-agent": USER_AGENT, "accept": "*/*", "accept-encoding": "gzip, deflate"}
        self._headers = {**self._public_headers, **{name.lower(): value for name, value in (headers or {}).items()}}
        if endpoint.api_key:
            self._headers["x-api-key"] = endpoint.api_key
        self._body_headers = {**self._headers, "content-type": "application/json"}

    def run_task(
        self,
        prompt: str,
        *,
        url: str | None = None,
        engine: RunEngine | str | None = DEFAULT_ENGINE,
        wait_for_completion: bool = False,
        timeout: float | None = DEFAULT_WAIT,
        max_steps: int | None = None,
        data_extraction_schema: dict[str, Any] | list[Any] | str | None = None,
        proxy_location: str | dict[str, Any] | None = None,
        browser_session_id: str | None = None,
        browser_profile_id: str | None = None,
        publish_workflow: bool = False,
        webhook_url: str | None = None,
        error_code_mapping: dict[str, str] | None = None,
        totp_identifier: str | None = None,
        totp_url: str | None = None,
        title: str | None = None,
        model: dict[str, Any] | None = None,
        user_agent: str | None = None,
        extra_http_headers: dict[str, str] | None = None,
        include_action_history_in_verification: bool | None = None,
        max_screenshot_scrolls: int | None = None,
        browser_address: str | None = None,
        run_with: str | None = None,
        on_poll: OnPoll | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[Run]:
        """Start a task: ``prompt`` says what to do, ``url`` where to begin.

        Returns the run as it was created or, with ``wait_for_completion``, as it ended (whichever way it ended; see
        :meth:`wait_for_run`). ``timeout`` is the longest wait in seconds. The request is never sent twice if the
        server may have received it, so that no task is started twice. Fields left at None are left to the server.

        Raises ApiError (400, 403, 422, ...), TransportError, RunTimeoutError (with the run's id).
        """
        operation = operations.run_task(
            prompt,
            user_agent=user_agent,
            url=url,
            engine=engine,
            title=title,
            proxy_location=proxy_location,
            data_extraction_schema=data_extraction_schema,
            error_code_mapping=error_code_mapping,
            max_steps=max_steps,
            webhook_url=webhook_url,
            totp_identifier=totp_identifier,
            totp_url=totp_url,
            browser_session_id=browser_session_id,
            browser_profile_id=browser_profile_id,
            model=model,
            extra_http_headers=extra_http_headers,
            publish_workflow=publish_workflow or None,
            include_action_history_in_verification=include_action_history_in_verification,
            max_screenshot_scrolls=max_screenshot_scrolls,
            browser_address=browser_address,
            run_with=run_with,
        )
        run = yield from self._execute(operation, request_options)
        if not wait_for_completion or run.is_final:
            return run
        return (yield from self.wait_for_run(run.run_id, timeout, on_poll=on_poll, request_options=request_options))

    def wait_for_run(
        self,
        run_id: str,
        timeout: float | None = DEFAULT_WAIT,
        *,
        on_poll: OnPoll | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[Run]:
        """Poll until the run is over and return it, whichever way it ended: look at ``run.status``.

        ``timeout`` is in seconds, None waits for ever. Single bad polls are waited out; ``on_poll`` is told of each.

        Raises RunTimeoutError when the time is up (the run goes on; wait again with its id), ApiError at once for
        an answer that makes waiting pointless, and the last error after too many failed polls in a row.
        """
        operation = operations.get_run(run_id)
        started = self.clock()
        poller = polling.Poller(started, timeout, self.poll_policy)
        last: Run | None = None
        error: SkyvernError | None = None
        step = poller.step(started, polling.Begun())
        while True:
            if isinstance(step, polling.Wait):
                yield Sleep(step.seconds)
                step = poller.step(self.clock(), polling.Begun())
                continue
            if not isinstance(step, polling.Poll):
                break
            event: polling.Event
            try:
                request = self._request(operation, request_options, step.limit)
                last = run = self._read(request, (yield request), operation.parse)
                error, event = None, polling.Answered(run.is_final)
            except SkyvernError as problem:
                run, error = None, problem
                outcome = _outcome(problem)
                event = polling.Failed(retry.is_transient(outcome), outcome.retry_after)
            now = self.clock()
            step = poller.step(now, event, self.random())
            if on_poll is not None:
                next_in = step.seconds if isinstance(step, polling.Wait) else None
                on_poll(PollReport(run_id, run, error, poller.attempts, now - started, next_in))
        return self._waited(run_id, step, poller, last, error)

    def _waited(
        self, run_id: str, stop: polling.Stop, poller: polling.Poller, last: Run | None, error: SkyvernError | None
    ) -> Run:
        """Turn the end of a wait into its result or its error."""
        if stop is polling.Stop.finished and last is not None:
            return last
        if stop is polling.Stop.expired or error is None:
            elapsed = self.clock() - poller.started
            status = f"its last known status is {last.status}" if last else "no poll was answered"
            raise RunTimeoutError(
                f"Run {run_id} was not over after {elapsed:.1f} s ({poller.attempts} polls); {status}.",
                run_id=run_id,
                run=last,
                attempts=poller.attempts,
                elapsed=elapsed,
                timeout=poller.timeout or 0.0,
                hint=f"It goes on by itself: wait_for_run({run_id!r}) waits again, cancel_run({run_id!r}) stops it.",
            ) from error
        if stop is polling.Stop.exhausted:
            again = f"{poller.failures} polls in a row failed; the run may go on: wait_for_run({run_id!r}) waits again."
            error.hint = f"{error.hint} {again}".strip()
        raise error

    def get_run(self, run_id: str, *, request_options: RequestOptions | None = None) -> Flow[Run]:
        """Return the run as it is now. Raises NotFoundError for an unknown id."""
        return self._execute(operations.get_run(run_id), request_options)

    def get_runs(
        self,
        *,
        page: int = 1,
        page_size: int = 10,
        status: str | Sequence[str] | None = None,
        run_type: str | Sequence[str] | None = None,
        search_key: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[list[RunListItem]]:
        """Return one page of runs, newest first; pages count from 1, ``page_size`` is at most 100.

        ``search_key`` (at least 3 characters) looks in titles, URLs and ids.
        """
        return self._execute(operations.get_runs(page, page_size, status, run_type, search_key), request_options)

    def cancel_run(self, run_id: str, *, request_options: RequestOptions | None = None) -> Flow[None]:
        """Ask for the run to be canceled. What the browser is doing may still be finished."""
        return self._execute(operations.cancel_run(run_id), request_options)

    def get_run_timeline(
        self, run_id: str, *, request_options: RequestOptions | None = None
    ) -> Flow[list[TimelineItem]]:
        """Return what happened so far, newest first at every level. Raises BadRequestError if the run has none."""
        return self._execute(operations.get_run_timeline(run_id), request_options)

    def get_run_artifacts(
        self,
        run_id: str,
        *,
        artifact_type: str | Sequence[str] | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[list[Artifact]]:
        """Return the records of the run's artifacts, oldest first; an unknown run has none."""
        return self._execute(operations.get_run_artifacts(run_id, artifact_type), request_options)

    def get_artifact(self, artifact_id: str, *, request_options: RequestOptions | None = None) -> Flow[Artifact]:
        """Return one artifact's record, with a fresh ``signed_url``."""
        return self._execute(operations.get_artifact(artifact_id), request_options)

    def get_artifact_content(
        self, artifact: Artifact | str, *, request_options: RequestOptions | None = None
    ) -> Flow[bytes]:
        """Return an artifact's content, given its record or its id.

        A signed URL is tried first, without the key; where there is none or it fails, the server itself is asked.
        """
        reply = yield from self._content(artifact, None, request_options)
        return reply.content

    def download_artifact(
        self, artifact: Artifact | str, path: str | Path, *, request_options: RequestOptions | None = None
    ) -> Flow[Path]:
        """Stream an artifact's content into the file ``path`` and return it.

        The file appears only when it is complete. Raises OSError if it cannot be written.
        """
        target = Path(path)
        yield from self._content(artifact, target, request_options)
        return target

    def get_file(self, url: str, *, request_options: RequestOptions | None = None) -> Flow[bytes]:
        """Return what lies at a URL that the server handed out: a recording, a screenshot, a downloaded file.

        The key goes along only if the URL is on the server itself.
        """
        headers = self._headers if _origin(url) == _origin(self.endpoint.base_url) else self._public_headers
        reply = yield from self._fetch(url, headers, None, request_options)
        return reply.content

    def get_version(self, *, request_options: RequestOptions | None = None) -> Flow[str]:
        """Return the server's version; works without a key."""
        return self._execute(operations.get_version(), request_options)

    def heartbeat(self, *, request_options: RequestOptions | None = None) -> Flow[str]:
        """Return the server's sign of life; works without a key."""
        return self._execute(operations.heartbeat(), request_options)

    def get_mock_sites(self, *, request_options: RequestOptions | None = None) -> Flow[list[MockSite]]:
        """Return the practice sites of a mock server. Raises NotFoundError from any other server."""
        return self._execute(operations.get_mock_sites(), request_options)

    def _content(self, artifact: Artifact | str, save_to: Path | None, options: RequestOptions | None) -> Flow[Reply]:
        """Fetch an artifact's bytes from the first place that has them."""
        artifact_id = artifact if isinstance(artifact, str) else artifact.artifact_id
        signed = None if isinstance(artifact, str) else artifact.signed_url
        if signed and signed.startswith(("http://", "https://")):
            try:
                return (yield from self._fetch(signed, self._public_headers, save_to, options))
            except SkyvernError as problem:
                # An expired URL, or one on a host that only the server can reach; the server itself still can.
                LOG.debug("signed URL of %s failed (%s); asking the server", artifact_id, problem.message)
        operation = operations.get_artifact_content(artifact_id)
        request = self._request(operation, options, None)
        return (yield from self._fetch(request.url, request.headers, save_to, options))

    def _fetch(
        self, url: str, headers: Mapping[str, str], save_to: Path | None, options: RequestOptions | None
    ) -> Flow[Reply]:
        """GET bytes, following redirects; the key never goes to another origin."""
        timeout = options.get("timeout_in_seconds", self.timeout) if options else self.timeout
        for _ in range(_MOST_REDIRECTS):
            request = Send("GET", url, headers, timeout=timeout, save_to=save_to)
            reply = yield from self._repeat(request, retry.Kind.read, None, options)
            if reply.status not in _REDIRECTS:
                return reply
            target = urljoin(url, reply.headers.get("location", ""))
            headers = headers if _origin(target) == _origin(url) else self._public_headers
            url = target
        raise faults.refused(request, reply, self.endpoint)

    def _execute(self, operation: Operation[T], options: RequestOptions | None) -> Flow[T]:
        """Send an operation, again where that is safe and useful, and return its parsed answer."""
        return self._repeat(self._request(operation, options, None), operation.kind, operation.parse, options)

    @overload
    def _repeat(
        self, request: Send, kind: retry.Kind, parse: Callable[[bytes], T], options: RequestOptions | None
    ) -> Flow[T]: ...
    @overload
    def _repeat(self, request: Send, kind: retry.Kind, parse: None, options: RequestOptions | None) -> Flow[Reply]: ...
    def _repeat(
        self, request: Send, kind: retry.Kind, parse: Callable[[bytes], Any] | None, options: RequestOptions | None
    ) -> Flow[Any]:
        policy = self.retry_policy
        if options and "max_retries" in options:
            policy = policy._replace(max_retries=options["max_retries"])
        attempt = 0
        while True:
            attempt += 1
            answer = yield request
            try:
                return self._read(request, answer, parse)
            except SkyvernError as problem:
                delay = retry.decide(kind, _outcome(problem), attempt, policy, self.random())
                if delay is None:
                    raise
                LOG.info("%s Trying again in %.1f s.", problem.message, delay)
            yield Sleep(delay)

    def _request(self, operation: Operation[Any], options: RequestOptions | None, limit: float | None) -> Send:
        """Make the request of an operation for this server."""
        url = self.endpoint.base_url + operation.path
        headers: Mapping[str, str] = self._headers if operation.body is None else self._body_headers
        body, query, timeout = operation.body, operation.query, self.timeout
        if operation.headers:
            headers = {**headers, **operation.headers}
        if options:
            timeout = options.get("timeout_in_seconds", timeout)
            query = {**(query or {}), **options.get("additional_query_parameters", {})}
            headers = {**headers, **{k.lower(): v for k, v in options.get("additional_headers", {}).items()}}
            if body is not None:
                body = {**body, **options.get("additional_body_parameters", {})}
        if query:
            url = f"{url}?{urlencode(query, doseq=True)}"
        content = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return Send(
            operation.method, url, headers, content=content, timeout=timeout, limit=limit, run_id=operation.run_id
        )

    def _read(self, request: Send, answer: Reply | TransportError, parse: Callable[[bytes], Any] | None) -> Any:
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


def _outcome(problem: SkyvernError) -> retry.Outcome:
    """Say what the retry and polling rules need to know of an error."""
    if isinstance(problem, ConnectError):
        return retry.Outcome(sent=False)
    if isinstance(problem, ApiError):
        return retry.Outcome(problem.status_code, retry_after=retry.parse_retry_after(problem.headers))
    if isinstance(problem, ResponseParseError):
        return retry.Outcome(problem.status_code, readable=False)
    return retry.Outcome()


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
