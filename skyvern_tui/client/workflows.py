"""Runs of workflows, the two ready-made ones (log in, download files), and files for runs to use.

Owns: these calls and the requests behind them. Must not: do I/O but for reading the file that
is to be uploaded; a run's waiting is in ``waiting.py``.

Source: the SDK reference (``wait_for_completion`` names ``run_workflow`` and ``login``);
parameters of the published v1 schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from skyvern_tui.client.effects import Flow
from skyvern_tui.client.exchange import Exchange
from skyvern_tui.client.hooks import OnPoll, OnRetry, OnRunProgress
from skyvern_tui.client.operations import Operation, given, read_run
from skyvern_tui.client.options import RequestOptions
from skyvern_tui.client.proxies import GeoTarget, ProxyLocation
from skyvern_tui.client.waiting import DEFAULT_WAIT, Wait, start

if TYPE_CHECKING:
    from skyvern_tui.client.models import Run
    from skyvern_tui.client.resources import UploadedFile

    Uploadable = str | Path | bytes | IO[bytes] | tuple[str, bytes]

_UPLOAD: Final = "/v1/upload_file"
_UNNAMED: Final = "upload.bin"


class WorkflowCalls(Exchange):
    """Calls that start workflow runs, and the upload of files, as flows of effects."""

    def run_workflow(
        self,
        workflow_id: str,
        *,
        parameters: dict[str, Any] | None = None,
        template: bool | None = None,
        title: str | None = None,
        proxy_location: ProxyLocation | GeoTarget | dict[str, Any] | str | None = None,
        webhook_url: str | None = None,
        totp_url: str | None = None,
        totp_identifier: str | None = None,
        browser_session_id: str | None = None,
        browser_profile_id: str | None = None,
        max_steps_override: int | None = None,
        user_agent: str | None = None,
        max_screenshot_scrolls: int | None = None,
        max_elapsed_time_minutes: int | None = None,
        extra_http_headers: dict[str, str] | None = None,
        browser_address: str | None = None,
        ai_fallback: bool | None = None,
        run_with: str | None = None,
        run_metadata: dict[str, str] | None = None,
        file_ids: Sequence[str] | None = None,
        wait_for_completion: bool = False,
        timeout: float | None = DEFAULT_WAIT,
        cancel_on_timeout: bool = False,
        on_poll: OnPoll | None = None,
        on_progress: OnRunProgress | None = None,
        on_retry: OnRetry | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[Run]:
        """Run a saved workflow (``wpid_...``) with ``parameters``; a ``WorkflowRun`` comes back.

        ``run_with`` is ``agent`` or ``code``; ``max_elapsed_time_minutes`` is 1 to 480, after which the run ends
        ``timed_out``. Waiting is as in :meth:`run_task`.

        Raises NotFoundError for an unknown workflow, otherwise as :meth:`run_task`.
        """
        body = given(
            workflow_id=workflow_id,
            parameters=parameters,
            title=title,
            proxy_location=proxy_location,
            webhook_url=webhook_url,
            totp_url=totp_url,
            totp_identifier=totp_identifier,
            browser_session_id=browser_session_id,
            browser_profile_id=browser_profile_id,
            max_screenshot_scrolls=max_screenshot_scrolls,
            max_elapsed_time_minutes=max_elapsed_time_minutes,
            extra_http_headers=extra_http_headers,
            browser_address=browser_address,
            ai_fallback=ai_fallback,
            run_with=run_with,
            run_metadata=run_metadata,
            file_ids=None if file_ids is None else list(file_ids),
        )
        steps = None if max_steps_override is None else str(max_steps_override)
        headers = given(**{"x-user-agent": user_agent, "x-max-steps-override": steps})
        query = given(template=template)
        # The path of every version: newer servers call it /v1/run/agents and still answer to this.
        operation = Operation(
            "run_workflow", "POST", "/v1/run/workflows", read_run, query=query, body=body, headers=headers
        )
        wait = Wait(timeout, cancel_on_timeout, on_poll, on_progress, on_retry)
        return start(self, operation, wait_for_completion, wait, request_options)

    def login(
        self,
        *,
        credential_type: str,
        url: str | None = None,
        prompt: str | None = None,
        credential_id: str | None = None,
        webhook_url: str | None = None,
        proxy_location: ProxyLocation | str | None = None,
        totp_identifier: str | None = None,
        totp_url: str | None = None,
        browser_session_id: str | None = None,
        browser_profile_id: str | None = None,
        browser_address: str | None = None,
        extra_http_headers: dict[str, str] | None = None,
        max_screenshot_scrolling_times: int | None = None,
        bitwarden_collection_id: str | None = None,
        bitwarden_item_id: str | None = None,
        onepassword_vault_id: str | None = None,
        onepassword_item_id: str | None = None,
        azure_vault_name: str | None = None,
        azure_vault_username_key: str | None = None,
        azure_vault_password_key: str | None = None,
        azure_vault_totp_secret_key: str | None = None,
        wait_for_completion: bool = False,
        timeout: float | None = DEFAULT_WAIT,
        cancel_on_timeout: bool = False,
        on_poll: OnPoll | None = None,
        on_progress: OnRunProgress | None = None,
        on_retry: OnRetry | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[Run]:
        """Log in at ``url`` with a stored credential; a ``WorkflowRun`` comes back.

        ``credential_type`` is ``skyvern`` (with ``credential_id``), ``bitwarden``, ``1password`` or ``azure_vault``
        (each with the ids that name the item there). With a ``browser_session_id`` later runs go on logged in.
        Waiting is as in :meth:`run_task`.

        Raises BadRequestError if an id is lacking, NotFoundError for an unknown credential, else as :meth:`run_task`.
        """
        body = given(
            credential_type=credential_type,
            url=url,
            prompt=prompt,
            credential_id=credential_id,
            webhook_url=webhook_url,
            proxy_location=proxy_location,
            totp_identifier=totp_identifier,
            totp_url=totp_url,
            browser_session_id=browser_session_id,
            browser_profile_id=browser_profile_id,
            browser_address=browser_address,
            extra_http_headers=extra_http_headers,
            max_screenshot_scrolling_times=max_screenshot_scrolling_times,
            bitwarden_collection_id=bitwarden_collection_id,
            bitwarden_item_id=bitwarden_item_id,
            onepassword_vault_id=onepassword_vault_id,
            onepassword_item_id=onepassword_item_id,
            azure_vault_name=azure_vault_name,
            azure_vault_username_key=azure_vault_username_key,
            azure_vault_password_key=azure_vault_password_key,
            azure_vault_totp_secret_key=azure_vault_totp_secret_key,
        )
        operation = Operation("login", "POST", "/v1/run/tasks/login", read_run, body=body)
        wait = Wait(timeout, cancel_on_timeout, on_poll, on_progress, on_retry)
        return start(self, operation, wait_for_completion, wait, request_options)

    def download_files(
        self,
        *,
        navigation_goal: str,
        url: str | None = None,
        webhook_url: str | None = None,
        proxy_location: ProxyLocation | str | None = None,
        totp_identifier: str | None = None,
        totp_url: str | None = None,
        browser_session_id: str | None = None,
        browser_profile_id: str | None = None,
        browser_address: str | None = None,
        extra_http_headers: dict[str, str] | None = None,
        max_screenshot_scrolling_times: int | None = None,
        download_suffix: str | None = None,
        download_timeout: float | None = None,
        max_steps_per_run: int | None = None,
        wait_for_completion: bool = False,
        timeout: float | None = DEFAULT_WAIT,
        cancel_on_timeout: bool = False,
        on_poll: OnPoll | None = None,
        on_progress: OnRunProgress | None = None,
        on_retry: OnRetry | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[Run]:
        """Have files downloaded, as ``navigation_goal`` says; a ``WorkflowRun`` comes back.

        When it is over its ``downloaded_files`` name them. ``download_timeout`` is seconds for one file,
        ``download_suffix`` the name it gets. Waiting is as in :meth:`run_task`, and so are the errors.
        """
        body = given(
            navigation_goal=navigation_goal,
            url=url,
            webhook_url=webhook_url,
            proxy_location=proxy_location,
            totp_identifier=totp_identifier,
            totp_url=totp_url,
            browser_session_id=browser_session_id,
            browser_profile_id=browser_profile_id,
            browser_address=browser_address,
            extra_http_headers=extra_http_headers,
            max_screenshot_scrolling_times=max_screenshot_scrolling_times,
            download_suffix=download_suffix,
            download_timeout=download_timeout,
            max_steps_per_run=max_steps_per_run,
        )
        operation = Operation("download_files", "POST", "/v1/run/tasks/download_files", read_run, body=body)
        wait = Wait(timeout, cancel_on_timeout, on_poll, on_progress, on_retry)
        return start(self, operation, wait_for_completion, wait, request_options)

    def upload_file(
        self,
        file: Uploadable,
        *,
        retention_days: int | None = None,
        request_options: RequestOptions | None = None,
    ) -> Flow[UploadedFile]:
        """Upload a file (at most 10 MB) for runs to use: a path, bytes, an open binary file, or ``(name, bytes)``.

        ``retention_days`` is 1 to 365. Raises OSError if it cannot be read, ApiError (413) if it is too large.
        """
        content, content_type = _form(file, retention_days)
        headers = {"content-type": content_type}
        operation = Operation("upload_file", "POST", _UPLOAD, _uploaded, content=content, headers=headers)
        return self.execute(operation, request_options)


def _form(file: Uploadable, retention_days: int | None) -> tuple[bytes, str]:
    """Return a multipart form with the file in it, and its content type."""
    import httpx  # noqa: PLC0415 - whoever has only the calls has not loaded it

    if isinstance(file, str | Path):
        path = Path(file)
        name, content = path.name, path.read_bytes()
    elif isinstance(file, bytes):
        name, content = _UNNAMED, file
    elif isinstance(file, tuple):
        name, content = file
    else:
        name, content = Path(str(getattr(file, "name", _UNNAMED))).name, file.read()
    fields = {} if retention_days is None else {"retention_days": str(retention_days)}
    form = httpx.Request("POST", "http://form", files={"file": (name, content)}, data=fields)
    return form.read(), form.headers["content-type"]


def _uploaded(content: bytes) -> UploadedFile:
    from skyvern_tui.client.resources import UPLOADED_FILE  # noqa: PLC0415 - models load when first needed

    return UPLOADED_FILE.validate_json(content)
