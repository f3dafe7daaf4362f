"""Claims about the handle on a run: what it asks, for both faces, and what it remembers."""

from __future__ import annotations

import asyncio
import hashlib
import inspect

import httpx
import pytest

from skyvern_tui.client import AsyncSkyvern, NotFoundError, Skyvern
from skyvern_tui.client.handle import AsyncRunHandle, RunHandle
from skyvern_tui.client.models import RUN
from tests.skyvern_tui.client.playground import BASE, KEY, RUN_ID, VirtualTime, run_body

AT = "2026-01-20T11:53:46"
REPLAY = {"run_id": RUN_ID, "run_type": "task_v2", "payload": "{}", "headers": {}, "status_code": 204}


def artifact(name, kind="screenshot", data=b"", **over):
    return {
        "artifact_id": name,
        "artifact_type": kind,
        "uri": f"s3://b/{name}.png",
        "organization_id": "o_1",
        "created_at": AT,
        "modified_at": AT,
        "checksum": hashlib.sha256(data).hexdigest(),
        **over,
    }


class Server:
    """A server of fixed answers per method and path that notes what it was asked."""

    def __init__(self, **answers):
        self.answers, self.asked = answers, []

    def __call__(self, request):
        place = f"{request.method} {request.url.path.removeprefix('/v1/')}"
        self.asked.append(place)
        answer = self.answers.get(place, httpx.Response(404, json={"detail": "Run not found"}))
        if isinstance(answer, bytes):
            return httpx.Response(200, content=answer)
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)


@pytest.fixture(params=["sync", "async"])
def using(request):
    """Run ``use(call)`` with a handle of either face; ``call`` runs a method to its end."""

    def run(server, use, about=RUN_ID):
        transport, time = httpx.MockTransport(server), VirtualTime()
        options = {"api_key": KEY, "base_url": BASE, "transport": transport, "clock": time.clock}
        if request.param == "sync":
            with Skyvern(sleep=time.sleep, **options) as client:
                handle = client.run(about)
                return use(handle, lambda name, *a, **k: getattr(handle, name)(*a, **k))
        with asyncio.Runner() as runner:
            client = AsyncSkyvern(sleep=time.asleep, **options)
            handle = client.run(about)
            try:
                return use(handle, lambda name, *a, **k: runner.run(getattr(handle, name)(*a, **k)))
            finally:
                runner.run(client.close())

    return run


def test_a_handle_asks_nothing_until_it_is_used(using):
    """Making one costs no request and needs no event loop; it shows its run, and its status once it is known."""
    server = Server(**{f"GET runs/{RUN_ID}": run_body("running")})

    def use(handle, call):
        assert (server.asked, handle.run_id, handle.last) == ([], RUN_ID, None)
        assert repr(handle).endswith(f"RunHandle {RUN_ID}>")
        assert call("get").status == "running"
        assert repr(handle).endswith(f"{RUN_ID}, last seen running>")

    using(server, use)
    assert server.asked == [f"GET runs/{RUN_ID}"]


def test_a_handle_can_be_made_of_a_run(using):
    """What is known of it is remembered."""
    run = RUN.validate_python(run_body("queued"))
    assert using(Server(), lambda handle, call: (handle.last, handle.run_id), run) == (run, RUN_ID)


def test_each_call_asks_about_its_run(using):
    """get and refresh, wait, cancel, timeline and artifacts go to the run's own addresses."""
    server = Server(
        **{
            f"GET runs/{RUN_ID}": run_body("completed"),
            f"POST runs/{RUN_ID}/cancel": None,
            f"GET runs/{RUN_ID}/timeline": [],
            f"GET runs/{RUN_ID}/artifacts": [artifact("a_1")],
            f"POST runs/{RUN_ID}/retry_webhook": REPLAY,
        }
    )

    def use(handle, call):
        assert call("refresh") == handle.last
        assert call("wait", 60).is_final
        assert call("cancel") is None
        assert call("timeline") == []
        assert [one.artifact_id for one in call("artifacts", "screenshot")] == ["a_1"]
        assert call("retry_webhook", "https://me.example/hook").status_code == 204

    using(server, use)
    assert server.asked == [
        *[f"GET runs/{RUN_ID}"] * 2,
        f"POST runs/{RUN_ID}/cancel",
        f"GET runs/{RUN_ID}/timeline",
        f"GET runs/{RUN_ID}/artifacts",
        f"POST runs/{RUN_ID}/retry_webhook",
    ]


def test_an_unknown_run_is_named_in_the_error(using):
    """The error of a handle's call knows the run."""

    def use(handle, call):
        with pytest.raises(NotFoundError) as caught:
            call("get")
        assert caught.value.run_id == RUN_ID

    using(Server(), use)


def test_everything_a_run_left_is_downloaded_once(using, tmp_path):
    """Into a directory that is made, under safe and telling names; the second time only what is not there."""
    files = [{"url": "u", "filename": "../../Invoice 7.pdf", "artifact_id": "a_2"}]
    shots = [
        artifact("a_1", data=b"png"),
        artifact("a_2", "download", b"pdf"),
        artifact("a_3", data=b"", checksum=None),
    ]
    server = Server(
        **{
            f"GET runs/{RUN_ID}": run_body("completed", downloaded_files=files),
            f"GET runs/{RUN_ID}/artifacts": shots,
            "GET artifacts/a_1/content": b"png",
            "GET artifacts/a_2/content": b"pdf",
            "GET artifacts/a_3/content": b"x",
        }
    )
    folder = tmp_path / "out" / "run"
    told = []

    def use(handle, call):
        expected = [folder / name for name in ("screenshot-a_1.png", "Invoice 7.pdf", "screenshot-a_3.png")]
        assert call("download_all", folder, on_progress=told.append) == expected
        assert [path.read_bytes() for path in expected] == [b"png", b"pdf", b"x"]
        server.asked.clear()
        expected[1].write_bytes(b"not it")
        assert call("download_all", str(folder)) == expected
        assert expected[1].read_bytes() == b"pdf"

    using(server, use)
    assert {report.artifact_id for report in told} == {"a_1", "a_2", "a_3"}
    assert [place for place in server.asked if "content" in place] == [
        "GET artifacts/a_2/content",
        "GET artifacts/a_3/content",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_both_handles_offer_the_same():
    """Names, parameters and defaults of the two faces are equal."""

    def surface(cls):
        public = {name: value for name, value in inspect.getmembers(cls) if not name.startswith("_")}
        return {
            name: str(inspect.signature(value).replace(return_annotation="")) if callable(value) else "property"
            for name, value in public.items()
        }

    assert surface(RunHandle) == surface(AsyncRunHandle)
    assert {
        "get",
        "refresh",
        "wait",
        "cancel",
        "timeline",
        "artifacts",
        "download",
        "download_all",
        "watch",
        "show",
    } <= set(surface(RunHandle))
