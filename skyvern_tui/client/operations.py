"""The endpoints: for each, how a request is built and how its answer is read.

Owns: methods, paths, parameters and parsers. Must not: send anything, or know of keys,
servers, retries and waiting.

The models are imported where they are first needed: building their schemas costs half as
much as importing httpx, and a program that only starts should not pay for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar
from urllib.parse import quote

from skyvern_tui.client.retry import Kind

if TYPE_CHECKING:
    from skyvern_tui.client.models import Artifact, Run, RunListItem, TimelineItem
    from skyvern_tui.client.resources import BulkCancel, WebhookReplay

T = TypeVar("T")

DEFAULT_ENGINE: Final = "skyvern-2.0"


class MockSite(NamedTuple):
    """A practice site that a mock server serves beside its API."""

    name: str
    url: str


class Operation(Generic[T]):
    """One request to an endpoint: ``path`` is percent-encoded, ``parse`` reads a 2xx body.

    What is sent is ``body`` as JSON, or ``content`` as it is (with its type in ``headers``), or nothing.

    ``parse`` raises ValueError (of which pydantic's ValidationError is one) for a body it cannot read.
    """

    __slots__ = ("body", "content", "headers", "kind", "method", "name", "parse", "path", "query", "run_id")

    def __init__(
        self,
        name: str,
        method: str,
        path: str,
        parse: Callable[[bytes], T],
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        run_id: str | None = None,
    ) -> None:
        self.name = name
        self.method = method
        self.path = path
        self.parse = parse
        self.query = query
        self.body = body
        self.content = content
        self.headers = headers
        self.run_id = run_id
        self.kind = Kind.read if method == "GET" else Kind.write

    def __repr__(self) -> str:
        return f"<{self.name}: {self.method} {self.path}>"


def run_task(prompt: str, *, user_agent: str | None = None, **fields: Any) -> Operation[Run]:
    """Create a task run. ``fields`` are those of ``TaskRunRequest``; None means: leave it to the server.

    A pydantic model as ``data_extraction_schema`` stands for its JSON schema.
    """
    from skyvern_tui.client.models import RunEngine, TaskRunRequest  # noqa: PLC0415 - see the module docstring

    engine = fields.get("engine")
    if (
        isinstance(engine, str) and engine in RunEngine.__members__
    ):  # the documentation writes skyvern_v2 where the wire has skyvern-2.0
        fields["engine"] = RunEngine[engine]
    schema = fields.get("data_extraction_schema")
    if isinstance(schema, type) and hasattr(schema, "model_json_schema"):
        fields["data_extraction_schema"] = schema.model_json_schema()
    body = TaskRunRequest(prompt=prompt, **given(**fields)).model_dump(mode="json", exclude_unset=True)
    headers = {"x-user-agent": user_agent} if user_agent else None
    return Operation("run_task", "POST", "/v1/run/tasks", read_run, body=body, headers=headers)


def get_run(run_id: str) -> Operation[Run]:
    """Read a run of any type."""
    return Operation("get_run", "GET", f"/v1/runs/{segment('run_id', run_id)}", read_run, run_id=run_id)


def get_runs(
    page: int,
    page_size: int,
    status: str | Sequence[str] | None,
    run_type: str | Sequence[str] | None,
    search: str | None,
    **more: Any,
) -> Operation[list[RunListItem]]:
    """Read one page of the list of runs, newest first."""
    query: dict[str, Any] = {"page": page, "page_size": page_size}
    if status:
        query["status"] = _texts(status)
    if run_type:
        query["run_type"] = _texts(run_type)
    if search:
        query["search_key"] = search
    query |= given(**more)
    return Operation("get_runs", "GET", "/v1/runs", _run_list, query=query)


def cancel_run(run_id: str) -> Operation[None]:
    """Ask for a run to be canceled."""
    path = f"/v1/runs/{segment('run_id', run_id)}/cancel"
    return Operation("cancel_run", "POST", path, done, run_id=run_id)


def bulk_cancel_runs(run_ids: Sequence[str]) -> Operation[BulkCancel]:
    """Ask for several runs to be canceled."""
    if isinstance(run_ids, str):
        raise TypeError(f"run_ids is a list of ids; for one run there is cancel_run({run_ids!r}).")
    return Operation("bulk_cancel_runs", "POST", "/v1/runs/cancel", _bulk_cancel, body={"run_ids": list(run_ids)})


def retry_run_webhook(run_id: str, webhook_url: str | None) -> Operation[WebhookReplay]:
    """Have a finished run's webhook sent again."""
    path = f"/v1/runs/{segment('run_id', run_id)}/retry_webhook"
    body = given(webhook_url=webhook_url) or None
    return Operation("retry_run_webhook", "POST", path, _webhook_replay, body=body, run_id=run_id)


def get_run_timeline(run_id: str) -> Operation[list[TimelineItem]]:
    """Read what happened in a run, newest first."""
    path = f"/v1/runs/{segment('run_id', run_id)}/timeline"
    return Operation("get_run_timeline", "GET", path, _timeline, run_id=run_id)


def get_run_artifacts(run_id: str, artifact_type: str | Sequence[str] | None) -> Operation[list[Artifact]]:
    """List a run's artifacts, oldest first."""
    path = f"/v1/runs/{segment('run_id', run_id)}/artifacts"
    query = {"artifact_type": _texts(artifact_type)} if artifact_type else None
    return Operation("get_run_artifacts", "GET", path, _artifacts, query=query, run_id=run_id)


def get_artifact(artifact_id: str) -> Operation[Artifact]:
    """Read one artifact's record (not its content)."""
    return Operation("get_artifact", "GET", f"/v1/artifacts/{segment('artifact_id', artifact_id)}", _artifact)


def get_artifact_content(artifact_id: str) -> Operation[bytes]:
    """Read an artifact's content."""
    path = f"/v1/artifacts/{segment('artifact_id', artifact_id)}/content"
    return Operation("get_artifact_content", "GET", path, bytes)


def get_version() -> Operation[str]:
    """Read the server's version; needs no key."""
    return Operation("get_version", "GET", "/v1/version", _version)


def heartbeat() -> Operation[str]:
    """Ask whether the server is up; needs no key."""
    return Operation("heartbeat", "GET", "/api/v1/heartbeat", _text)


def get_mock_sites() -> Operation[list[MockSite]]:
    """List a mock server's practice sites; any other server has no such path."""
    return Operation("get_mock_sites", "GET", "/_mock/sites", _sites)


def get_mock_deliveries(run_id: str) -> Operation[list[dict[str, Any]]]:
    """List the webhooks of a run as a mock server tells of them; any other server has no such path."""
    query = {"run_id": run_id}
    return Operation("get_mock_deliveries", "GET", "/_mock/deliveries", _objects, query=query, run_id=run_id)


def given(**values: Any) -> dict[str, Any]:
    """Return the values that are not None: what is left out is left to the server."""
    return {name: value for name, value in values.items() if value is not None}


def segment(name: str, value: str) -> str:
    """Encode an id as one path segment, so that no id can reach another path. Raises ValueError for what is no id."""
    if not isinstance(value, str) or value.strip(".") == "":
        raise ValueError(f"{name} must be an id such as tsk_v2_486305187432193504, not {value!r}.")
    return quote(value, safe="")


def _texts(values: str | Sequence[str]) -> list[str]:
    """Accept one value or several; enum members go out by their value."""
    return [str(values)] if isinstance(values, str) else [str(value) for value in values]


def read_run(content: bytes) -> Run:
    """Read an answer that is a run, as the class its type says."""
    from skyvern_tui.client.models import RUN  # noqa: PLC0415 - see the module docstring

    return RUN.validate_json(content)


def _run_list(content: bytes) -> list[RunListItem]:
    from skyvern_tui.client.models import RUN_LIST  # noqa: PLC0415 - see the module docstring

    return RUN_LIST.validate_json(content)


def _bulk_cancel(content: bytes) -> BulkCancel:
    from skyvern_tui.client.resources import BULK_CANCEL  # noqa: PLC0415 - see the module docstring

    return BULK_CANCEL.validate_json(content)


def _webhook_replay(content: bytes) -> WebhookReplay:
    from skyvern_tui.client.resources import WEBHOOK_REPLAY  # noqa: PLC0415 - see the module docstring

    return WEBHOOK_REPLAY.validate_json(content)


def _timeline(content: bytes) -> list[TimelineItem]:
    from skyvern_tui.client.listings import Timeline  # noqa: PLC0415 - see the module docstring
    from skyvern_tui.client.models import TIMELINE  # noqa: PLC0415

    return Timeline(TIMELINE.validate_json(content))


def _artifact(content: bytes) -> Artifact:
    from skyvern_tui.client.models import ARTIFACT  # noqa: PLC0415 - see the module docstring

    return ARTIFACT.validate_json(content)


def _artifacts(content: bytes) -> list[Artifact]:
    from skyvern_tui.client.listings import Artifacts  # noqa: PLC0415 - see the module docstring
    from skyvern_tui.client.models import ARTIFACTS  # noqa: PLC0415

    return Artifacts(ARTIFACTS.validate_json(content))


def _version(content: bytes) -> str:
    answer = json.loads(content)
    if not isinstance(answer, dict) or "version" not in answer:
        raise ValueError("no version in the answer")
    return str(answer["version"])


def _objects(content: bytes) -> list[dict[str, Any]]:
    answer = json.loads(content)
    if not isinstance(answer, list) or not all(isinstance(item, dict) for item in answer):
        raise ValueError("not a list of objects")
    return answer


def _sites(content: bytes) -> list[MockSite]:
    answer = json.loads(content)
    if not isinstance(answer, list) or not all(
        isinstance(site, dict) and {"name", "url"} <= site.keys() for site in answer
    ):
        raise ValueError("not a list of sites")
    return [MockSite(str(site["name"]), str(site["url"])) for site in answer]


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def done(_content: bytes) -> None:
    """Read an answer that says nothing beyond its status: ``null``, empty, or a message."""
