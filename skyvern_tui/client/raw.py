"""The calls with the answer they were read out of.

Owns: ``RawResponse`` and the two namespaces behind ``with_raw_response``. Must not: know how a
call is made: whatever a flow does, its last answer is kept.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar

from skyvern_tui.client.calls import Calls
from skyvern_tui.client.effects import Flow, Reply
from skyvern_tui.client.errors import request_id_of
from skyvern_tui.client.faces import awaiting, either

if TYPE_CHECKING:
    from skyvern_tui.client.aio import AsyncSkyvern
    from skyvern_tui.client.sync import Skyvern

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RawResponse(Generic[T]):
    """What a call returns (``data``) and the last answer behind it; header names are in lower case.

    ``content`` is the body as it came, decompressed, and empty if it went into a file.
    """

    data: T
    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def request_id(self) -> str | None:
        """The server's (or its proxy's) name for the request, if it gave one."""
        return request_id_of(self.headers)

    def __repr__(self) -> str:
        return f"RawResponse({self.status_code}, {self.data!r})"


def keeping(flow: Flow[T]) -> Flow[RawResponse[T]]:
    """Carry a flow on as it is, and keep its last answer."""
    answer: Any = None
    last = Reply(0, {}, b"")
    try:
        while True:
            try:
                effect = flow.send(answer)
            except StopIteration as stop:
                return RawResponse(stop.value, last.status, last.headers, last.content)
            answer = yield effect
            if isinstance(answer, Reply):
                last = answer
    finally:
        flow.close()


def _raw(call: Callable[Concatenate[Calls, P], Flow[T]]) -> Callable[Concatenate[Calls, P], Flow[RawResponse[T]]]:
    """Make the raw counterpart of a call."""

    def method(calls: Calls, /, *args: P.args, **kwargs: P.kwargs) -> Flow[RawResponse[T]]:
        return keeping(call(calls, *args, **kwargs))

    method.__name__, method.__qualname__, method.__doc__ = call.__name__, call.__qualname__, call.__doc__
    signature = inspect.signature(call)
    result = str(signature.return_annotation).removeprefix("Flow[").removesuffix("]")
    setattr(method, "__signature__", signature.replace(return_annotation=f"Flow[RawResponse[{result}]]"))  # noqa: B010
    return method


class RawSkyvern:
    """The calls of ``Skyvern``, each returning a :class:`RawResponse`."""

    def __init__(self, client: Skyvern) -> None:
        self.calls = client.calls
        self.answer = client.answer

    run_task = either(_raw(Calls.run_task))
    wait_for_run = either(_raw(Calls.wait_for_run))
    get_run = either(_raw(Calls.get_run))
    get_runs = either(_raw(Calls.get_runs))
    cancel_run = either(_raw(Calls.cancel_run))
    bulk_cancel_runs = either(_raw(Calls.bulk_cancel_runs))
    retry_run_webhook = either(_raw(Calls.retry_run_webhook))
    get_run_timeline = either(_raw(Calls.get_run_timeline))
    get_run_artifacts = either(_raw(Calls.get_run_artifacts))
    get_artifact = either(_raw(Calls.get_artifact))
    get_artifact_content = either(_raw(Calls.get_artifact_content))
    download_artifact = either(_raw(Calls.download_artifact))
    get_file = either(_raw(Calls.get_file))
    run_workflow = either(_raw(Calls.run_workflow))
    login = either(_raw(Calls.login))
    download_files = either(_raw(Calls.download_files))
    upload_file = either(_raw(Calls.upload_file))
    create_browser_session = either(_raw(Calls.create_browser_session))
    get_browser_session = either(_raw(Calls.get_browser_session))
    get_browser_sessions = either(_raw(Calls.get_browser_sessions))
    update_browser_session = either(_raw(Calls.update_browser_session))
    close_browser_session = either(_raw(Calls.close_browser_session))
    create_browser_profile = either(_raw(Calls.create_browser_profile))
    get_browser_profile = either(_raw(Calls.get_browser_profile))
    list_browser_profiles = either(_raw(Calls.list_browser_profiles))
    update_browser_profile = either(_raw(Calls.update_browser_profile))
    delete_browser_profile = either(_raw(Calls.delete_browser_profile))
    create_credential = either(_raw(Calls.create_credential))
    get_credential = either(_raw(Calls.get_credential))
    get_credentials = either(_raw(Calls.get_credentials))
    update_credential = either(_raw(Calls.update_credential))
    delete_credential = either(_raw(Calls.delete_credential))
    send_totp_code = either(_raw(Calls.send_totp_code))
    get_version = either(_raw(Calls.get_version))
    heartbeat = either(_raw(Calls.heartbeat))
    get_mock_sites = either(_raw(Calls.get_mock_sites))


class AsyncRawSkyvern:
    """The calls of ``AsyncSkyvern``, each returning a :class:`RawResponse`."""

    def __init__(self, client: AsyncSkyvern) -> None:
        self.calls = client.calls
        self.drive = client.drive

    run_task = awaiting(_raw(Calls.run_task))
    wait_for_run = awaiting(_raw(Calls.wait_for_run))
    get_run = awaiting(_raw(Calls.get_run))
    get_runs = awaiting(_raw(Calls.get_runs))
    cancel_run = awaiting(_raw(Calls.cancel_run))
    bulk_cancel_runs = awaiting(_raw(Calls.bulk_cancel_runs))
    retry_run_webhook = awaiting(_raw(Calls.retry_run_webhook))
    get_run_timeline = awaiting(_raw(Calls.get_run_timeline))
    get_run_artifacts = awaiting(_raw(Calls.get_run_artifacts))
    get_artifact = awaiting(_raw(Calls.get_artifact))
    get_artifact_content = awaiting(_raw(Calls.get_artifact_content))
    download_artifact = awaiting(_raw(Calls.download_artifact))
    get_file = awaiting(_raw(Calls.get_file))
    run_workflow = awaiting(_raw(Calls.run_workflow))
    login = awaiting(_raw(Calls.login))
    download_files = awaiting(_raw(Calls.download_files))
    upload_file = awaiting(_raw(Calls.upload_file))
    create_browser_session = awaiting(_raw(Calls.create_browser_session))
    get_browser_session = awaiting(_raw(Calls.get_browser_session))
    get_browser_sessions = awaiting(_raw(Calls.get_browser_sessions))
    update_browser_session = awaiting(_raw(Calls.update_browser_session))
    close_browser_session = awaiting(_raw(Calls.close_browser_session))
    create_browser_profile = awaiting(_raw(Calls.create_browser_profile))
    get_browser_profile = awaiting(_raw(Calls.get_browser_profile))
    list_browser_profiles = awaiting(_raw(Calls.list_browser_profiles))
    update_browser_profile = awaiting(_raw(Calls.update_browser_profile))
    delete_browser_profile = awaiting(_raw(Calls.delete_browser_profile))
    create_credential = awaiting(_raw(Calls.create_credential))
    get_credential = awaiting(_raw(Calls.get_credential))
    get_credentials = awaiting(_raw(Calls.get_credentials))
    update_credential = awaiting(_raw(Calls.update_credential))
    delete_credential = awaiting(_raw(Calls.delete_credential))
    send_totp_code = awaiting(_raw(Calls.send_totp_code))
    get_version = awaiting(_raw(Calls.get_version))
    heartbeat = awaiting(_raw(Calls.heartbeat))
    get_mock_sites = awaiting(_raw(Calls.get_mock_sites))
