"""The client's calls, once for both faces.

Owns: the surface (names, parameters, defaults, docstrings) and what each call consists of,
as a generator of effects. ``sync.py`` and ``aio.py`` only carry the effects out. Must not:
do I/O; how a request is sent and repeated is in ``exchange.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from skyvern_tui.client import operations
from skyvern_tui.client.downloads import OnProgress, download
from skyvern_tui.client.effects import Flow, Reply
from skyvern_tui.client.errors import SkyvernError
from skyvern_tui.client.exchange import LOG, Exchange, origin_of
from skyvern_tui.client.operations import DEFAULT_ENGINE, MockSite
from skyvern_tui.client.options import RequestOptions
from skyvern_tui.client.waiting import OnPoll, wait

if TYPE_CHECKING:
    from skyvern_tui.client.models import Artifact, FileInfo, Run, RunEngine, RunListItem, TimelineItem

DEFAULT_WAIT: Final = 1800.0
"""Seconds a wait may take, as in the official SDK."""


class Calls(Exchange):
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
        start_fresh_browser: bool = False,
        cdp_connect_headers: dict[str, str] | None = None,
        file_ids: list[str] | None = None,
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
            start_fresh_browser=start_fresh_browser or None,
            cdp_connect_headers=cdp_connect_headers,
            file_ids=file_ids,
        )
        run = yield from self.execute(operation, request_options)
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
        return wait(self, run_id, timeout, on_poll, request_options)

    def get_run(self, run_id: str, *, request_options: RequestOptions | None = None) -> Flow[Run]:
        """Return the run as it is now. Raises NotFoundError for an unknown id."""
        return self.execute(operations.get_run(run_id), request_options)

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
        return self.execute(operations.get_runs(page, page_size, status, run_type, search_key), request_options)

    def cancel_run(self, run_id: str, *, request_options: RequestOptions | None = None) -> Flow[None]:
        """Ask for the run to be canceled. What the browser is doing may still be finished."""
        return self.execute(operations.cancel_run(run_id), request_options)

    def get_run_timeline(
        self, run_id: str, *, request_options: RequestOptions | None = None
    ) -> Flow[list[TimelineItem]]:
        """Return what happened so far, newest first at every level. Raises BadRequestError if the run has none."""
        return self.execute(operations.get_run_timeline(run_id), request_options)

    def get_run_artifacts(
        self,
        run_id: str,
        *,
        artifact_type: str | Sequence[str] | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[list[Artifact]]:
        """Return the records of the run's artifacts, oldest first; an unknown run has none."""
        return self.execute(operations.get_run_artifacts(run_id, artifact_type), request_options)

    def get_artifact(self, artifact_id: str, *, request_options: RequestOptions | None = None) -> Flow[Artifact]:
        """Return one artifact's record, with a fresh ``signed_url``."""
        return self.execute(operations.get_artifact(artifact_id), request_options)

    def get_artifact_content(
        self, artifact: Artifact | str, *, request_options: RequestOptions | None = None
    ) -> Flow[bytes]:
        """Return an artifact's content, given its record or its id.

        A signed URL is tried first, without the key; where there is none or it fails, the server itself is asked.
        """
        reply = yield from self._content(artifact, request_options)
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
