"""What is recorded of the client talking to the mock server, and how secrets are kept out of it.

Owns: the scenarios, written once for recording and replaying and for both faces, and the
scrubbing of cassettes. ``record_cassettes.py`` records, ``test_cassettes.py`` replays.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import vcr
from vcr.request import Request

from skyvern_tui.client import AsyncSkyvern, PollPolicy, Skyvern, SkyvernError

CASSETTES: Final = Path(__file__).parents[2] / "fixtures" / "cassettes"
FOLDERS: Final = {"cloud": "", "oss": "oss/"}
"""By dialect of the mock, where under :data:`CASSETTES` its cassettes lie."""
BASE: Final = "http://mock.test"
"""Stands in every cassette for the address that was recorded from."""
KEY: Final = "cassette-key-4f1d2c3b5a69788796a5"
"""Used to record and to replay; must be in no cassette."""
SCRUBBED: Final = "SCRUBBED"

_ADDRESS: Final = re.compile(rb"(https?://)(?:127\.0\.0\.1|localhost):\d+")
_SIGNATURE: Final = re.compile(
    rb"(\b(?:sig|kid|signature|x-amz-(?:signature|credential|security-token)|token|access_token|api_key)=)[^&\"\\\s]+",
    re.IGNORECASE,
)
_JWT: Final = re.compile(rb"\beyJ[\w-]{8,}(?:\.[\w-]+)+")
_USER: Final = re.compile(rb"(https?://)[^/\s\"@?#]+@")
_MEMBER: Final = re.compile(
    rb"""((?<!\\)"(?:password|passwd|secret|secret_value|token|access_token|api_key|x-api-key|authorization|cookie"""
    rb"""|card_number|card_cvv|totp|x-skyvern-signature)":\s*")[^"]*(")""",
    re.IGNORECASE,
)
_DATA_DIR: Final = re.compile(rb"file://[^\"\s]*?/artifacts/")
_KEPT_HEADERS: Final = frozenset({"content-type", "location", "retry-after", "accept-ranges", "content-disposition"})


class Call(Protocol):
    """Calls a method of the client by name, whichever face it is; an error is returned, not raised."""

    def __call__(self, method: str, *args: Any, **kwargs: Any) -> Any: ...


def scrub(data: bytes) -> bytes:
    """Return ``data`` without address, key, signatures and directories of the machine it was recorded on."""
    data = _ADDRESS.sub(rb"\1" + BASE.partition("://")[2].encode(), data)
    data = _SIGNATURE.sub(rb"\1" + SCRUBBED.encode(), data)
    data = _JWT.sub(SCRUBBED.encode(), data)
    data = _USER.sub(rb"\1" + SCRUBBED.encode() + b"@", data)
    data = _MEMBER.sub(rb"\1" + SCRUBBED.encode() + rb"\2", data)
    data = _DATA_DIR.sub(b"file:///data/artifacts/", data)
    return data.replace(KEY.encode(), SCRUBBED.encode())


def scrub_request(request: Request) -> Request:
    """Return a request as it may be kept."""
    request.uri = scrub(request.uri.encode()).decode()
    if request.body:
        request.body = scrub(request.body if isinstance(request.body, bytes) else str(request.body).encode())
    request.headers = {"content-type": request.headers["content-type"]} if "content-type" in request.headers else {}
    return request


def scrub_response(response: dict[str, Any]) -> dict[str, Any]:
    """Return a response as it may be kept."""
    headers = {
        name.lower(): [scrub(value.encode()).decode() for value in values]
        for name, values in response["headers"].items()
        if name.lower() in _KEPT_HEADERS
    }
    return {**response, "headers": headers, "body": {"string": scrub(response["body"]["string"])}}


def recorder(mode: str) -> vcr.VCR:
    """Return the VCR for recording (``all``) or replaying (``none``). Requests must match in every part but headers."""
    return vcr.VCR(
        cassette_library_dir=str(CASSETTES),
        record_mode=mode,
        match_on=["method", "scheme", "host", "port", "path", "query", "body"],
        before_record_request=scrub_request,
        before_record_response=scrub_response,
        decode_compressed_response=True,
    )


@contextmanager
def calling(kind: str, *, quick: bool, base_url: str = BASE, key: str = KEY) -> Iterator[Call]:
    """Yield a :class:`Call` on a face of that kind. ``quick`` lets no time pass between polls."""
    policy = PollPolicy(jitter=0.0)
    options: dict[str, Any] = {"base_url": base_url, "api_key": key, "poll_policy": policy, "random": lambda: 0.0}
    if kind == "sync":
        sleep = {"sleep": lambda seconds: None} if quick else {}
        with Skyvern(**options, **sleep) as client:
            yield lambda method, *args, **kwargs: _caught(lambda: getattr(client, method)(*args, **kwargs))
        return

    async def no_sleep(seconds: float) -> None:
        del seconds

    with asyncio.Runner() as runner:
        aclient = AsyncSkyvern(**options, **({"sleep": no_sleep} if quick else {}))
        yield lambda method, *args, **kwargs: _caught(lambda: runner.run(getattr(aclient, method)(*args, **kwargs)))
        runner.run(aclient.close())


def _caught(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except SkyvernError as error:
        return error


def _site(call: Call, name: str) -> str:
    return next(site.url for site in call("get_mock_sites") if site.name == name)


def service(call: Call) -> dict[str, Any]:
    """What needs no run."""
    return {"version": call("get_version"), "heartbeat": call("heartbeat"), "sites": call("get_mock_sites")}


def top_post(call: Call) -> dict[str, Any]:
    """The first task of the documentation, seen through, and everything it leaves behind looked up."""
    url = _site(call, "news")
    run = call("run_task", "Get the title of the top post", url=url, wait_for_completion=True, timeout=120)
    # A self-hosted server keeps the artifacts of such a run under the id of the workflow run behind it.
    owner = run.run_id
    artifacts = call("get_run_artifacts", owner)
    if not artifacts:
        owner = run.app_url.rsplit("/", 1)[-1]
        artifacts = call("get_run_artifacts", owner)
    logs = call("get_run_artifacts", owner, artifact_type=["skyvern_log", "llm_response"])
    return {
        "run": run,
        "feed": call("get_file", f"{url}data.json"),
        "timeline": call("get_run_timeline", run.run_id),
        "artifacts": artifacts,
        "logs": logs,
        "one": call("get_artifact", logs[0].artifact_id),
        "signed": call("get_artifact_content", logs[0]),
        "content": call("get_artifact_content", logs[0].artifact_id),
        "cancel": call("cancel_run", run.run_id),
        "after": call("get_run", run.run_id),
    }


def unreachable_page(call: Call) -> dict[str, Any]:
    """A task on an address where nothing answers."""
    fields = {"url": "http://unreachable.invalid/", "max_steps": 3}
    run = call("run_task", "Get the page title", **fields, wait_for_completion=True, timeout=120)
    return {"run": run}


def canceled(call: Call) -> dict[str, Any]:
    """A task canceled while it is queued or running."""
    url = _site(call, "shop")
    created = call("run_task", "Extract the name, price, and rating of the top 3 products", url=url, title="Cancel me")
    return {
        "created": created,
        "cancel": call("cancel_run", created.run_id),
        "run": call("wait_for_run", created.run_id, 60),
        "again": call("cancel_run", created.run_id),
        "listed": call("get_runs", status="canceled", page_size=5),
        "page": call("get_runs", page=2, page_size=1),
    }


def refused(call: Call) -> dict[str, Any]:
    """Requests that the server refuses."""
    return {
        "engine": call("run_task", "x", engine="skyvern-9"),
        "url": call("run_task", "x", url="ftp://example.com"),
        "unknown_run": call("get_run", "tsk_v2_1"),
        "unknown_timeline": call("get_run_timeline", "tsk_v2_1"),
        "unknown_cancel": call("cancel_run", "tsk_v2_1"),
        "unknown_artifact": call("get_artifact", "a_1"),
        "unknown_content": call("get_artifact_content", "a_1"),
        "no_artifacts": call("get_run_artifacts", "tsk_v2_1"),
        "artifact_type": call("get_run_artifacts", "tsk_v2_1", artifact_type="nonsense"),
        "page": call("get_runs", page=0),
    }


def no_key(call: Call) -> dict[str, Any]:
    """A client without a key."""
    return {"run": call("get_run", "tsk_v2_1"), "created": call("run_task", "x"), "version": call("get_version")}


SCENARIOS: Final = {
    scenario.__name__: scenario for scenario in (service, top_post, unreachable_page, canceled, refused, no_key)
}
KEYS: Final = {"no_key": ""}
"""Scenarios that are played with another key than :data:`KEY`."""
