"""The client's calls, once for both faces.

Owns: the surface (names, parameters, defaults, docstrings) and what each call consists of,
as a generator of effects. ``sync.py`` and ``aio.py`` only carry the effects out. Must not:
do I/O; how a request is sent and repeated is in ``exchange.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skyvern_tui.client import operations
from skyvern_tui.client.browsers import BrowserCalls
from skyvern_tui.client.downloads import OnProgress, download
from skyvern_tui.client.effects import Flow, Reply
from skyvern_tui.client.errors import SkyvernError
from skyvern_tui.client.exchange import LOG, origin_of
from skyvern_tui.client.hooks import OnPoll, OnRetry, OnRunProgress
from skyvern_tui.client.operations import DEFAULT_ENGINE, MockSite
from skyvern_tui.client.options import RequestOptions
from skyvern_tui.client.proxies import GeoTarget, ProxyLocation
from skyvern_tui.client.vault import VaultCalls
from skyvern_tui.client.waiting import DEFAULT_WAIT, Wait, start, until_over
from skyvern_tui.client.workflows import WorkflowCalls

if TYPE_CHECKING:
    from pydantic import BaseModel

    from skyvern_tui.client.models import Artifact, FileInfo, Run, RunEngine, RunListItem, TimelineItem
    from skyvern_tui.client.resources import BulkCancel, WebhookReplay


class Calls(BrowserCalls, VaultCalls, WorkflowCalls):
    """Every call of the client as a flow of effects."""

    def run_task(
        self,
        prompt: str,
        *,
        url: str | None = None,
        engine: RunEngine | str | None = DEFAULT_ENGINE,
        wait_for_completion: bool = False,
        timeout: float | None = DEFAULT_WAIT,
        max_steps: int | None = None,
        data_extraction_schema: dict[str, Any] | list[Any] | str | type[BaseModel] | None = None,
        proxy_location: ProxyLocation | GeoTarget | dict[str, Any] | str | None = None,
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
        start_fresh_browser: bool = False,
        cdp_connect_headers: dict[str, str] | None = None,
        file_ids: list[str] | None = None,
        cancel_on_timeout: bool = False,
        on_poll: OnPoll | None = None,
        on_progress: OnRunProgress | None = None,
        on_retry: OnRetry | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[Run]:
        """Start a task: ``prompt`` says what to do, ``url`` where to begin.

        Returns the run as it was created or, with ``wait_for_completion``, as it ended, whichever way it ended.
        ``timeout`` is the longest wait in seconds; it and what follows ``file_ids`` are as in :meth:`wait_for_run`.
        ``data_extraction_schema`` is a JSON schema or a pydantic model. Fields left at None are left to the server.
        The request is never sent twice if the server may have received it, so that no task is started twice.

        Raises ApiError (400, 403, 422, ...), TransportError, RunTimeoutError (with the run's id).

        Source: SDK reference, run_task; API reference, POST /v1/run/tasks.
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
            start_fresh_browser=start_fresh_browser or None,
            cdp_connect_headers=cdp_connect_headers,
            file_ids=file_ids,
        )
        wait = Wait(timeout, cancel_on_timeout, on_poll, on_progress, on_retry)
        return start(self, operation, wait_for_completion, wait, request_options)

    def wait_for_run(
        self,
        run_id: str,
        timeout: float | None = DEFAULT_WAIT,
        *,
        cancel_on_timeout: bool = False,
        on_poll: OnPoll | None = None,
        on_progress: OnRunProgress | None = None,
        on_retry: OnRetry | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[Run]:
        """Poll until the run is over and return it, whichever way it ended: look at ``run.status``.

        ``timeout`` is in seconds, None waits for ever. When the time is up the run goes on, unless
        ``cancel_on_timeout`` has it canceled. Single bad polls are waited out. ``on_poll`` is told of every poll,
        ``on_progress`` of the run whenever its status or step count is another, ``on_retry`` of what is asked again.

        Raises RunTimeoutError when the time is up (with the last run; wait again with its id), ApiError at once for
        an answer that makes waiting pointless, and the last error after too many failed polls in a row.

        Source: SDK reference, wait_for_completion.
        """
        wait = Wait(timeout, cancel_on_timeout, on_poll, on_progress, on_retry)
        return until_over(self, run_id, wait, request_options)

    def get_run(self, run_id: str, *, request_options: RequestOptions | None = None) -> Flow[Run]:
        """Return the run as it is now, a ``TaskRun`` or a ``WorkflowRun`` by its type.

        Raises NotFoundError for an unknown id. Source: Run from code, polling.
        """
        return self.execute(operations.get_run(run_id), request_options)

    def get_runs(
        self,
        *,
        page: int = 1,
        page_size: int = 10,
        status: str | Sequence[str] | None = None,
        run_type: str | Sequence[str] | None = None,
        search_key: str | None = None,
        workflow_permanent_id: str | Sequence[str] | None = None,
        tags: Sequence[str] | None = None,
        failure_category: str | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[list[RunListItem]]:
        """Return one page of runs, newest first; pages count from 1, ``page_size`` is at most 100.

        ``search_key`` (at least 3 characters) looks in titles, URLs and ids. What may be a list means: any of these.

        Raises UnprocessableEntityError for a page or a status that cannot be. Source: GET /v1/runs.
        """
        operation = operations.get_runs(
            page,
            page_size,
            status,
            run_type,
            search_key,
            workflow_permanent_id=workflow_permanent_id,
            tags=tags,
            failure_category=failure_category,
        )
        return self.execute(operation, request_options)

    def cancel_run(self, run_id: str, *, request_options: RequestOptions | None = None) -> Flow[None]:
        """Ask for the run to be canceled. What the browser is doing may still be finished.

        Canceling a finished run does nothing in the cloud; a self-hosted server may refuse it with BadRequestError.
        Raises NotFoundError for an unknown id. Source: SDK reference, cancel_run.
        """
        return self.execute(operations.cancel_run(run_id), request_options)

    def bulk_cancel_runs(
        self, *, run_ids: Sequence[str], request_options: RequestOptions | None = None
    ) -> Flow[BulkCancel]:
        """Ask for up to 100 runs to be canceled; the answer names those that could not be.

        Raises UnprocessableEntityError for more than 100. Source: POST /v1/runs/cancel.
        """
        return self.execute(operations.bulk_cancel_runs(run_ids), request_options)

    def retry_run_webhook(
        self, run_id: str, *, webhook_url: str | None = None, request_options: RequestOptions | None = None
    ) -> Flow[WebhookReplay]:
        """Have a finished run's webhook sent once more, to its own receiver or to ``webhook_url``.

        The answer says what the receiver did; a receiver that fails is no error here. Raises BadRequestError if the
        run has no webhook or is not over, NotFoundError for an unknown id. Source: SDK reference, retry_run_webhook.
        """
        return self.execute(operations.retry_run_webhook(run_id, webhook_url), request_options)

    def get_run_timeline(
        self, run_id: str, *, request_options: RequestOptions | None = None
    ) -> Flow[list[TimelineItem]]:
        """Return what happened so far, newest first at every level.

        Raises BadRequestError for a kind of run that has none on this server. Source: SDK reference, get_run_timeline.
        """
        return self.execute(operations.get_run_timeline(run_id), request_options)

    def get_run_artifacts(
        self,
        run_id: str,
        *,
        artifact_type: str | Sequence[str] | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[list[Artifact]]:
        """Return the records of the run's artifacts, oldest first; an unknown run has none.

        ``artifact_type`` is one type or several (``recording``, ``screenshot_final``, ``har``, ...). Source: Run a
        task, artifacts.
        """
        return self.execute(operations.get_run_artifacts(run_id, artifact_type), request_options)

    def get_artifact(self, artifact_id: str, *, request_options: RequestOptions | None = None) -> Flow[Artifact]:
        """Return one artifact's record, with a fresh ``signed_url``.

        Raises NotFoundError for an unknown id. Source: SDK reference, get_artifact.
        """
        return self.execute(operations.get_artifact(artifact_id), request_options)

    def get_artifact_content(
        self, artifact: Artifact | str, *, request_options: RequestOptions | None = None
    ) -> Flow[bytes]:
        """Return an artifact's content, given its record or its id.

        A signed URL is tried first, without the key; where there is none or it fails, the server itself is asked.
        A record remembers its image, so that a notebook shows it.
        """
        reply = yield from self._content(artifact, request_options)
        if not isinstance(artifact, str):
            artifact.remember(reply.content)
        return reply.content

    def download_artifact(
        self,
        artifact: Artifact | FileInfo | str,
        path: str | Path,
        *,
        on_progress: OnProgress | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[Path]:
        """Stream an artifact, or a file that a run downloaded, into the file ``path`` and return it.

        The file appears only when it is complete and has the size and checksum of its record. A broken connection is
        taken up where it broke, here or by the next call; an expired link is renewed. ``on_progress`` is told of
        each piece.

        Raises DownloadError for wrong bytes, OSError if the file cannot be written, and ApiError and TransportError.
        """
        return download(self, artifact, Path(path), on_progress, request_options)

    def get_file(self, url: str, *, request_options: RequestOptions | None = None) -> Flow[bytes]:
        """Return what lies at a URL that the server handed out: a recording, a screenshot, a downloaded file.

        The key goes along only if the URL is on the server itself.
        """
        headers = self.headers if origin_of(url) == origin_of(self.endpoint.base_url) else self.public_headers
        reply = yield from self.fetch(url, headers, request_options)
        return reply.content

    def get_version(self, *, request_options: RequestOptions | None = None) -> Flow[str]:
        """Return the server's version; works without a key."""
        return self.execute(operations.get_version(), request_options)

    def heartbeat(self, *, request_options: RequestOptions | None = None) -> Flow[str]:
        """Return the server's sign of life; works without a key."""
        return self.execute(operations.heartbeat(), request_options)

    def get_mock_sites(self, *, request_options: RequestOptions | None = None) -> Flow[list[MockSite]]:
        """Return the practice sites of a mock server. Raises NotFoundError from any other server."""
        return self.execute(operations.get_mock_sites(), request_options)

    def _content(self, artifact: Artifact | str, options: RequestOptions | None) -> Flow[Reply]:
        """Fetch an artifact's bytes from the first place that has them."""
        artifact_id = artifact if isinstance(artifact, str) else artifact.artifact_id
        signed = None if isinstance(artifact, str) else artifact.signed_url
        if signed and signed.startswith(("http://", "https://")):
            try:
                return (yield from self.fetch(signed, self.public_headers, options))
            except SkyvernError as problem:
                # An expired URL, or one on a host that only the server can reach; the server itself still can.
                LOG.debug("signed URL of %s failed (%s); asking the server", artifact_id, problem.message)
        operation = operations.get_artifact_content(artifact_id)
        request = self.request(operation, options, None)
        return (yield from self.fetch(request.url, request.headers, options))
