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

T = TypeVar("T")

DEFAULT_ENGINE: Final = "skyvern-2.0"


class MockSite(NamedTuple):
    """A practice site that a mock server serves beside its API."""

    name: str
    url: str


class Operation(Generic[T]):
    """One request to an endpoint: ``path`` is percent-encoded, ``body`` is JSON or None, ``parse`` reads a 2xx body.

    ``parse`` raises ValueError (of which pydantic's ValidationError is one) for a body it cannot read.
    """

    __slots__ = ("body", "headers", "kind", "method", "name", "parse", "path", "query", "run_id")

    def __init__(
        self,
        name: str,
        method: str,
        path: str,
        parse: Callable[[bytes], T],
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        run_id: str | None = None,
    ) -> None:
        self.name = name
        self.method = method
        self.path = path
        self.parse = parse
        self.query = query
        self.body = body
        self.headers = headers
        self.run_id = run_id
        self.kind = Kind.read if method == "GET" else Kind.write

    def __repr__(self) -> str:
        return f"<{self.name}: {self.method} {self.path}>"


def run_task(prompt: str, *, user_agent: str | None = None, **fields: Any) -> Operation[Run]:
    """Create a task run. ``fields`` are those of ``TaskRunRequest``; None means: leave it to the server."""
    from skyvern_tui.client.models import RunEngine, TaskRunRequest  # noqa: PLC0415 - see the module docstring

    engine = fields.get("engine")
    if (
        isinstance(engine, str) and engine in RunEngine.__members__
    ):  # the documentation writes skyvern_v2 where the wire has skyvern-2.0
        fields["engine"] = RunEngine[engine]
    given = {name: value for name, value in fields.items() if value is not None}
    body = TaskRunRequest(prompt=prompt, **given).model_dump(mode="json", exclude_unset=True)
    headers = {"x-user-agent": user_agent} if user_agent else None
    return Operation("run_task", "POST", "/v1/run/tasks", _run, body=body, headers=headers)


def get_run(run_id: str) -> Operation[Run]:
    """Read a run of any type."""
    return Operation("get_run", "GET", f"/v1/runs/{_segment('run_id', run_id)}", _run, run_id=run_id)


def get_runs(
    page: int,
    page_size: int,
    status: str | Sequence[str] | None,
    run_type: str | Sequence[str] | None,
    search: str | None,
) -> Operation[list[RunListItem]]:
    """Read one page of the list of runs, newest first."""
    query: dict[str, Any] = {"page": page, "page_size": page_size}
    if status:
        query["status"] = _texts(status)
    if run_type:
        query["run_type"] = _texts(run_type)
    if search:
        query["search_key"] = search
    return Operation("get_runs", "GET", "/v1/runs", _run_list, query=query)


def cancel_run(run_id: str) -> Operation[None]:
    """Ask for a run to be canceled."""
    path = f"/v1/runs/{_segment('run_id', run_id)}/cancel"
    return Operation("cancel_run", "POST", path, _nothing, run_id=run_id)


def get_run_timeline(run_id: str) -> Operation[list[TimelineItem]]:
    """Read what happened in a run, newest first."""
    path = f"/v1/runs/{_segment('run_id', run_id)}/timeline"
    return Operation("get_run_timeline", "GET", path, _timeline, run_id=run_id)


def get_run_artifacts(run_id: str, artifact_type: str | Sequence[str] | None) -> Operation[list[Artifact]]:
    """List a run's artifacts, oldest first."""
    path = f"/v1/runs/{_segment('run_id', run_id)}/artifacts"
    query = {"artifact_type": _texts(artifact_type)} if artifact_type else None
    return Operation("get_run_artifacts", "GET", path, _artifacts, query=query, run_id=run_id)


def get_artifact(artifact_id: str) -> Operation[Artifact]:
    """Read one artifact's record (not its content)."""
    return Operation("get_artifact", "GET", f"/v1/artifacts/{_segment('artifact_id', artifact_id)}", _artifact)


def get_artifact_content(artifact_id: str) -> Operation[bytes]:
    """Read an artifact's content."""
    path = f"/v1/artifacts/{_segment('artifact_id', artifact_id)}/content"
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


def _segment(name: str, value: str) -> str:
    """Encode an id as one path segment, so that no id can reach another path."""
    if not isinstance(value, str) or value.strip(".") == "":
        raise ValueError(f"{name} must be an id such as tsk_v2_486305187432193504, not {value!r}.")
    return quote(value, safe="")


def _texts(values: str | Sequence[str]) -> list[str]:
    """Accept one value or several; enum members go out by their value."""
    return [str(values)] if isinstance(values, str) else [str(value) for value in values]


def _run(content: bytes) -> Run:
    from skyvern_tui.client.models import RUN  # noqa: PLC0415 - see the module docstring

    return RUN.validate_json(content)


def _run_list(content: bytes) -> list[RunListItem]:
    from skyvern_tui.client.models import RUN_LIST  # noqa: PLC0415 - see the module docstring

    return RUN_LIST.validate_json(content)


def _timeline(content: bytes) -> list[TimelineItem]:
    from skyvern_tui.client.models import TIMELINE  # noqa: PLC0415 - see the module docstring

    return TIMELINE.validate_json(content)


def _artifact(content: bytes) -> Artifact:
    from skyvern_tui.client.models import ARTIFACT  # noqa: PLC0415 - see the module docstring

    return ARTIFACT.validate_json(content)


def _artifacts(content: bytes) -> list[Artifact]:
    from skyvern_tui.client.models import ARTIFACTS  # noqa: PLC0415 - see the module docstring

    return ARTIFACTS.validate_json(content)


def _version(content: bytes) -> str:
    answer = json.loads(content)
    if not isinstance(answer, dict) or "version" not in answer:
        raise ValueError("no version in the answer")
    return str(answer["version"])


def _sites(content: bytes) -> list[MockSite]:
    answer = json.loads(content)
    if not isinstance(answer, list) or not all(
        isinstance(site, dict) and {"name", "url"} <= site.keys() for site in answer
    ):
        raise ValueError("not a list of sites")
    return [MockSite(str(site["name"]), str(site["url"])) for site in answer]


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _nothing(_content: bytes) -> None:
    """The answer is ``null`` or empty; either means done."""
