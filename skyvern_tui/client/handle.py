"""One run, to be taken up by its id.

Owns: what can be done with a run, for both faces at once, and the position up to which its
changes have been told. Must not: do I/O; each call is a flow of effects.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from skyvern_tui.client.calls import Calls
from skyvern_tui.client.changes import Change, Position
from skyvern_tui.client.downloads import OnProgress, download, file_names, is_here
from skyvern_tui.client.effects import Flow, Sleep
from skyvern_tui.client.errors import SkyvernError
from skyvern_tui.client.faces import Awaiting, Blocking, awaiting, blocking
from skyvern_tui.client.hooks import OnPoll, Tracing
from skyvern_tui.client.options import RequestOptions
from skyvern_tui.client.waiting import DEFAULT_WAIT
from skyvern_tui.client.watching import Scope, Watch, told, told_async, watch

if TYPE_CHECKING:
    from skyvern_tui.client.display import RunView
    from skyvern_tui.client.models import Artifact, FileInfo, Run, TimelineItem
    from skyvern_tui.client.resources import WebhookReplay

_EVERYTHING: Final = Scope()


class RunCalls:
    """The calls about one run, as flows of effects. ``last`` is the run as it was last seen."""

    def __init__(self, calls: Calls, run_id: str, last: Run | None, position: Position) -> None:
        self.calls = calls
        self.run_id = run_id
        self.last = last
        self.position = position

    @property
    def tracing(self) -> Tracing | None:
        """What watches over the client's calls."""
        return self.calls.tracing

    def get(self, *, request_options: RequestOptions | None = None) -> Flow[Run]:
        """Ask for the run as it is now."""
        self.last = yield from self.calls.get_run(self.run_id, request_options=request_options)
        return self.last

    refresh = get

    def wait(
        self,
        timeout: float | None = DEFAULT_WAIT,
        *,
        on_poll: OnPoll | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[Run]:
        """Wait for the end of the run and return it, whichever way it ended; as ``wait_for_run``."""
        self.last = yield from self.calls.wait_for_run(
            self.run_id, timeout, on_poll=on_poll, request_options=request_options
        )
        return self.last

    def cancel(self, *, request_options: RequestOptions | None = None) -> Flow[None]:
        """Ask for the run to be canceled. What the browser is doing may still be finished."""
        return self.calls.cancel_run(self.run_id, request_options=request_options)

    def timeline(self, *, request_options: RequestOptions | None = None) -> Flow[list[TimelineItem]]:
        """Return what happened so far, newest first at every level. Raises BadRequestError if the run has none."""
        return self.calls.get_run_timeline(self.run_id, request_options=request_options)

    def artifacts(
        self, artifact_type: str | Sequence[str] | None = None, *, request_options: RequestOptions | None = None
    ) -> Flow[list[Artifact]]:
        """Return the records of what the run has left, oldest first."""
        return self.calls.get_run_artifacts(self.run_id, artifact_type=artifact_type, request_options=request_options)

    def download(
        self,
        artifact: Artifact | FileInfo | str,
        path: str | Path,
        *,
        on_progress: OnProgress | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[Path]:
        """Stream one artifact of the run into the file ``path`` and return it; as ``download_artifact``."""
        return download(self.calls, artifact, Path(path), on_progress, request_options)

    def download_all(
        self,
        directory: str | Path,
        artifact_type: str | Sequence[str] | None = None,
        *,
        on_progress: OnProgress | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[list[Path]]:
        """Stream everything the run has left, or what is of some type, into a directory and return the files.

        The directory is made if need be. Files that a run downloaded keep their names, as far as those are safe; the
        rest is called by type and id. What is there already, by its checksum, is not fetched again; any other file
        of the same name is replaced.
        """
        folder = Path(directory)
        folder.mkdir(parents=True, exist_ok=True)
        run = yield from self.get(request_options=request_options)
        artifacts = yield from self.artifacts(artifact_type, request_options=request_options)
        paths = [folder / name for name in file_names(artifacts, run.downloaded_files or ())]
        for artifact, path in zip(artifacts, paths, strict=True):
            if not is_here(artifact, path):
                yield from download(self.calls, artifact, path, on_progress, request_options)
        return paths

    def retry_webhook(
        self, webhook_url: str | None = None, *, request_options: RequestOptions | None = None
    ) -> Flow[WebhookReplay]:
        """Have the run's webhook sent again, to its own URL or another; as ``retry_run_webhook``."""
        return self.calls.retry_run_webhook(self.run_id, webhook_url=webhook_url, request_options=request_options)

    def show(
        self,
        timeout: float | None = None,
        *,
        screenshots: bool = True,
        request_options: RequestOptions | None = None,
    ) -> Flow[Run]:
        """Watch the run to its end and return it; in a notebook, one display follows it in place.

        ``screenshots`` fetches the newest one as the run goes on. Raises what :meth:`watch` raises.
        """
        from skyvern_tui.client.display import RunView  # noqa: PLC0415 - loaded in notebooks only

        view = RunView(self.run_id)
        # From the beginning, whatever was told before: the display is to have all of it.
        flow = RunCalls(self.calls, self.run_id, self.last, Position()).changes(timeout, _EVERYTHING, request_options)
        answer: Any = None
        try:
            while True:
                try:
                    step = flow.send(answer)
                except StopIteration:
                    break
                if isinstance(step, Change):
                    view.take(step)
                    answer = None
                    continue
                if isinstance(step, Sleep):
                    yield from self._picture(view, screenshots, request_options)
                    view.show()
                answer = yield step
            yield from self._picture(view, screenshots, request_options)
        finally:
            flow.close()
            view.show()
        self.last = view.run or self.last
        assert self.last is not None  # a watch that ends without an error has seen the run
        return self.last

    def _picture(self, view: RunView, wanted: bool, options: RequestOptions | None) -> Flow[None]:  # noqa: FBT001 - as given
        """Fetch the newest screenshot for the view, once; one that cannot be had is left out."""
        newest = next((one for one in reversed(view.artifacts) if one.artifact_type.startswith("screenshot")), None)
        if not wanted or newest is None or newest is view.picture:
            return
        try:
            yield from self.calls.get_artifact_content(newest, request_options=options)
        except SkyvernError:
            return
        view.picture = newest

    def changes(self, timeout: float | None, scope: Scope, options: RequestOptions | None) -> Watch:
        """Watch the run from where its last watch ended."""
        flow = watch(self.calls, self.run_id, self.position, timeout, scope=scope, options=options)
        # A span is that of a whole watch; what it yields beside its effects passes through.
        return flow if self.tracing is None else self.tracing("watch", cast("Flow[None]", flow))


class _Handle:
    """What both faces of a handle know of their run without asking."""

    calls: RunCalls

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.calls.run_id

    @property
    def last(self) -> Run | None:
        """The run as this handle saw it last; None if it was not asked for yet."""
        return self.calls.last

    @property
    def position(self) -> Position:
        """How far :meth:`watch` has told the run's changes; keep ``str()`` of it to go on in another process."""
        return self.calls.position

    def __repr__(self) -> str:
        status = f", last seen {self.last.status}" if self.last else ""
        return f"<{type(self).__name__} {self.run_id}{status}>"


class RunHandle(_Handle):
    """A run of a :class:`~skyvern_tui.client.Skyvern`; made by ``client.run(run_id)``, which asks nothing."""

    def __init__(self, client: Blocking[Calls], calls: RunCalls) -> None:
        self.calls = calls
        self.drive = client.drive

    get = blocking(RunCalls.get)
    refresh = blocking(RunCalls.refresh)
    wait = blocking(RunCalls.wait)
    cancel = blocking(RunCalls.cancel)
    timeline = blocking(RunCalls.timeline)
    artifacts = blocking(RunCalls.artifacts)
    download = blocking(RunCalls.download)
    download_all = blocking(RunCalls.download_all)
    retry_webhook = blocking(RunCalls.retry_webhook)
    show = blocking(RunCalls.show)

    def watch(
        self,
        timeout: float | None = None,
        *,
        timeline: bool = True,
        artifacts: bool = True,
        request_options: RequestOptions | None = None,
    ) -> Iterator[Change]:
        """Yield what happens to the run, each change once, until it is over.

        The first watch begins with all that happened before; the next goes on where the last was broken off. An
        outage of the server is two of the changes and not an error, unless it outlasts the client's ``poll_policy``.
        ``timeout`` is in seconds, None watches to the end.

        Raises RunTimeoutError, ApiError for an answer that makes watching pointless, and after too many failed polls
        in a row the last one's error; each of them can be watched on from.
        """
        return told(self.drive, self.calls.changes(timeout, Scope(timeline, artifacts), request_options))


class AsyncRunHandle(_Handle):
    """A run of an :class:`~skyvern_tui.client.AsyncSkyvern`; made by ``client.run(run_id)``, which asks nothing."""

    def __init__(self, client: Awaiting[Calls], calls: RunCalls) -> None:
        self.calls = calls
        self.drive = client.drive

    get = awaiting(RunCalls.get)
    refresh = awaiting(RunCalls.refresh)
    wait = awaiting(RunCalls.wait)
    cancel = awaiting(RunCalls.cancel)
    timeline = awaiting(RunCalls.timeline)
    artifacts = awaiting(RunCalls.artifacts)
    download = awaiting(RunCalls.download)
    download_all = awaiting(RunCalls.download_all)
    retry_webhook = awaiting(RunCalls.retry_webhook)
    show = awaiting(RunCalls.show)

    def watch(
        self,
        timeout: float | None = None,
        *,
        timeline: bool = True,
        artifacts: bool = True,
        request_options: RequestOptions | None = None,
    ) -> AsyncIterator[Change]:
        """Yield what happens to the run, each change once, until it is over; see :meth:`RunHandle.watch`.

        Canceling the task that iterates ends the watch at once; nothing runs in the background.
        """
        return told_async(self.drive, self.calls.changes(timeout, Scope(timeline, artifacts), request_options))


def run_calls(calls: Calls, run: Run | str, position: Position | str | None) -> RunCalls:
    """Make the calls about a run, given it or its id, and optionally how far its changes have been told."""
    at: Any = Position.parse(position) if isinstance(position, str) else position
    if isinstance(run, str):
        return RunCalls(calls, run, None, at or Position())
    return RunCalls(calls, run.run_id, run, at or Position())
