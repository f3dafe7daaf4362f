"""Where runs work, with the real browser: sessions, profiles, proxies, other people's browsers."""

from __future__ import annotations

import asyncio
import base64
import re
import socket
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from mock_server.agent.events import BlockClosed, BlockOpened, Event, Finished, StepOpened, Task
from mock_server.app import Composition
from mock_server.browser.provider import BrowserProvider
from mock_server.clock import Clock
from mock_server.engine.proxies import parse_proxy
from mock_server.ids import organization_for
from mock_server.settings import Settings
from mock_server.sites import create_sites
from mock_server.sites.portal import PASSWORD, USERNAME

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

FINAL = {"completed", "failed", "terminated", "timed_out", "canceled"}
PATIENCE = 60.0

Work = Callable[[Task, Any], Any]


async def _echo(request: Request) -> Response:
    return JSONResponse({"headers": dict(request.headers), "cookies": request.cookies})


async def _set(request: Request) -> Response:
    answer = HTMLResponse("<!doctype html><title>Set</title><script>localStorage.mark = 'stored'</script>")
    answer.set_cookie("mark", request.path_params["value"], max_age=3600)
    return answer


@pytest.fixture(scope="session")
def web() -> Iterator[str]:
    """Serve the bundled sites and two pages, one that tells what it was sent and one that sets a cookie."""
    sites = [Mount(f"/sites/{name}", site) for name, site in create_sites()]
    app = Starlette(routes=[Route("/echo", _echo), Route("/set/{value}", _set), *sites])
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


class Served:
    """A server whose runs do what the test says, and a client of it."""

    def __init__(self, settings: Settings) -> None:
        self.work: Work = self.look
        self.composition = Composition(settings, perform=self._perform)
        self.settings = settings
        transport = httpx.ASGITransport(self.composition.application())
        self.client = httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", headers={"x-api-key": "k"}, timeout=PATIENCE
        )

    async def _perform(self, task: Task, page: Any, clock: Clock) -> AsyncIterator[Event]:
        yield BlockOpened("navigation", "work", "work")
        yield StepOpened(0)
        output = await self.work(task, page)
        yield BlockClosed("completed")
        yield Finished("completed", output)

    @staticmethod
    async def look(task: Task, page: Any) -> Any:
        await page.goto(task.url)
        return await page.evaluate("JSON.parse(document.body.innerText)")

    async def start(self, **request: Any) -> str:
        answer = await self.client.post("/v1/run/tasks", json={"prompt": "p", "engine": "skyvern-2.0", **request})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["run_id"])

    async def end(self, run_id: str) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            await self.composition.services.engine.wait_idle()
        run = (await self.client.get(f"/v1/runs/{run_id}")).json()
        assert run["status"] in FINAL
        return run

    async def do(self, **request: Any) -> dict[str, Any]:
        return await self.end(await self.start(**request))

    async def until(self, path: str, statuses: set[str]) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            while (found := (await self.client.get(path)).json())["status"] not in statuses:  # noqa: ASYNC110  # polls
                await asyncio.sleep(0.05)
        return found

    async def session(self, **request: Any) -> str:
        return str((await self.client.post("/v1/browser_sessions", json=request)).json()["browser_session_id"])

    async def log(self, run: dict[str, Any]) -> str:
        return (await self.kept(run, "skyvern_log")).decode()

    async def kept(self, run: dict[str, Any], kind: str) -> bytes:
        services = self.composition.services
        (record,) = services.store.artifacts(organization_for("k"), run["run_id"], [kind])
        return services.artifacts.path(record).read_bytes()

    @property
    def provider(self) -> BrowserProvider:
        provider = self.composition._provider
        assert isinstance(provider, BrowserProvider)
        return provider


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Return a function that starts a server with those settings."""
    running: list[Served] = []

    async def serve(**settings: Any) -> Served:
        served = Served(Settings(data_dir=tmp_path / str(len(running)), record=False, **settings))
        await served.composition.start()
        running.append(served)
        return served

    yield serve
    for served in running:
        await served.client.aclose()
        await served.composition.close()


async def test_a_session_is_one_browser_for_many_runs(serve: Any, web: str):
    """Cookies, storage and tabs of a run are there for the next; they are nobody else's, and gone with the session."""
    served = await serve()
    session = await served.session()

    async def leave(task: Task, page: Any) -> Any:
        await page.goto(f"{web}/set/first")
        async with page.context.expect_page() as opened:
            await page.evaluate("window.open('about:blank')")
        await (await opened.value).goto(f"{web}/set/second")
        return {}

    async def find(task: Task, page: Any) -> Any:
        return {"url": page.url, "tabs": len(page.context.pages), "stored": await page.evaluate("localStorage.mark")}

    served.work = leave
    assert (await served.do(browser_session_id=session))["status"] == "completed"
    served.work = find
    found = await served.do(browser_session_id=session)
    assert found["output"] == {"url": f"{web}/set/second", "tabs": 2, "stored": "stored"}
    served.work = served.look
    inside = await served.do(url=f"{web}/echo", browser_session_id=session, extra_http_headers={"X-One-Run": "only"})
    assert inside["output"]["cookies"] == {"mark": "second"}
    assert inside["output"]["headers"]["x-one-run"] == "only"
    again = await served.do(url=f"{web}/echo", browser_session_id=session)
    assert "x-one-run" not in again["output"]["headers"]
    outside = await served.do(url=f"{web}/echo")
    assert outside["output"]["cookies"] == {}
    kinds = [
        item["artifact_type"] for item in (await served.client.get(f"/v1/runs/{inside['run_id']}/artifacts")).json()
    ]
    assert {"har", "trace", "browser_console_log"} <= set(kinds)
    assert b"/set/second" not in await served.kept(inside, "har")  # of an earlier run
    await served.client.post(f"/v1/browser_sessions/{session}/close")
    spare = await served.provider._spare
    assert served.provider._chromium.browser.contexts == [spare.context]


async def test_one_run_at_a_time_and_a_close_in_the_middle(serve: Any, web: str):
    """A second run fails naming the first; closing the session fails the first with the reason, at once."""
    served = await serve()
    session, entered = await served.session(), asyncio.Event()

    async def wait(task: Task, page: Any) -> Any:
        entered.set()
        await page.wait_for_selector("#never", timeout=0)

    served.work = wait
    first = await served.start(browser_session_id=session)
    async with asyncio.timeout(PATIENCE):
        await entered.wait()
    shown = (await served.client.get(f"/v1/browser_sessions/{session}")).json()
    second = await served.start(browser_session_id=session)
    run = await served.until(f"/v1/runs/{second}", FINAL)
    assert run["status"] == "failed"
    assert f"already occupied by {shown['runnable_id']}" in run["failure_reason"]
    await served.client.post(f"/v1/browser_sessions/{session}/close")
    ended = await served.end(first)
    assert (ended["status"], "session was closed" in ended["failure_reason"]) == ("failed", True)


async def test_a_crash_fails_the_session_honestly(serve: Any, web: str):
    """When the browser dies the session is failed and says so, a run is refused, and the next session works."""
    served = await serve()
    session = await served.session()
    await served.do(url=f"{web}/echo", browser_session_id=session)
    await served.provider._chromium.browser.close()
    shown = await served.until(f"/v1/browser_sessions/{session}", {"failed"})
    assert "browser of this session ended" in shown["warning"]
    task = {"prompt": "p", "browser_session_id": session}
    assert (await served.client.post("/v1/run/tasks", json=task)).status_code == 410
    another = await served.session(url=f"{web}/set/x")
    assert (await served.do(url=f"{web}/echo", browser_session_id=another))["output"]["cookies"] == {"mark": "x"}


@pytest.mark.parametrize("source", ["session", "run"])
async def test_a_login_survives_in_a_profile(serve: Any, web: str, source: str):
    """Whoever logged in on the portal is logged in where the profile is used, in a run and in a session."""
    served = await serve()
    portal = f"{web}/sites/portal"

    async def log_in(task: Task, page: Any) -> Any:
        await page.goto(f"{portal}/")
        await page.fill("input[type=text], input[name=username]", USERNAME)
        await page.fill("input[type=password]", PASSWORD)
        await page.click("button[type=submit], input[type=submit]")
        await page.wait_for_selector("input[name=password]", state="detached")
        return {"title": await page.title()}

    async def come_back(task: Task, page: Any) -> Any:
        await page.goto(f"{portal}/")
        return {"asked": await page.locator("input[name=password]").count()}

    served.work = log_in
    session = await served.session() if source == "session" else None
    run = await served.do(browser_session_id=session)
    assert run["status"] == "completed", run["failure_reason"]
    made = {"browser_session_id": session} if session else {"workflow_run_id": run["run_id"]}
    answer = await served.client.post("/v1/browser_profiles", json={"name": "logged in", **made})
    assert answer.status_code == 200, answer.text
    profile = answer.json()["browser_profile_id"]
    served.work = come_back
    assert (await served.do())["output"] == {"asked": 1}
    assert (await served.do(browser_profile_id=profile))["output"] == {"asked": 0}
    restored = await served.session(browser_profile_id=profile)
    assert (await served.do(browser_session_id=restored))["output"] == {"asked": 0}


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A proxy that wants a password and answers everything itself; yields host:port and what it was asked."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            credentials = self.headers.get("proxy-authorization", "")
            asked.append((self.path, credentials))
            body = b'{"seen": "by the proxy"}' if credentials else b""
            self.send_response(200 if credentials else 407)
            if not credentials:
                self.send_header("proxy-authenticate", 'Basic realm="p"')
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


async def test_a_proxy_for_a_place(serve: Any, proxy: Any, caplog: pytest.LogCaptureFixture):
    """A run for the place goes through its proxy, with the password, which is in nothing that is kept or logged."""
    address, asked = proxy
    served = await serve(proxies=(parse_proxy(f"RESIDENTIAL_DE=http://user:pass-w0rd@{address}"),))
    run = await served.do(url="http://pages.test/x", proxy_location={"country": "DE", "city": "Berlin"})
    assert run["output"] == {"seen": "by the proxy"}
    credentials = base64.b64encode(b"user:pass-w0rd").decode()
    assert ("http://pages.test/x", f"Basic {credentials}") in asked
    services = served.composition.services
    for record in services.store.artifacts(organization_for("k"), run["run_id"]):
        content = services.artifacts.path(record).read_bytes()
        assert b"pass-w0rd" not in content
        assert credentials.encode() not in content
    assert "pass-w0rd" not in caplog.text
    assert f"through the proxy http://{address} for DE-Berlin" in await served.log(run)


async def test_a_place_without_a_proxy_is_told(serve: Any, web: str):
    """The run goes directly, and timeline and log say so and what to do; a run that asked for nothing says nothing."""
    served = await serve()
    run = await served.do(url=f"{web}/echo", proxy_location="RESIDENTIAL_DE")
    assert run["status"] == "completed"
    timeline = (await served.client.get(f"/v1/runs/{run['run_id']}/timeline")).json()
    (thought,) = [item["thought"] for item in timeline if item["type"] == "thought"]
    assert "No proxy is set up for proxy_location RESIDENTIAL_DE" in thought["thought"]
    assert "--proxy RESIDENTIAL_DE=" in thought["answer"]
    assert "No proxy is set up" in await served.log(run)
    plain = await served.do(url=f"{web}/echo")
    timeline = (await served.client.get(f"/v1/runs/{plain['run_id']}/timeline")).json()
    assert [item["type"] for item in timeline] == ["block"]


@pytest.fixture
def chromium(browser_path: Path | None, tmp_path: Path) -> Iterator[str]:
    """Somebody's own Chromium; yields its DevTools address."""
    process = subprocess.Popen(
        [str(browser_path), "--headless", "--no-sandbox", "--remote-debugging-port=0",
         f"--user-data-dir={tmp_path / 'own'}", "about:blank"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    port = next(found[1] for line in process.stderr if (found := re.search(r"ws://127\.0\.0\.1:(\d+)/", line)))
    drain = threading.Thread(target=process.stderr.read)
    drain.start()
    yield f"http://127.0.0.1:{port}"
    process.kill()
    process.wait()
    drain.join()
    process.stderr.close()


async def test_somebody_elses_browser(serve: Any, web: str, chromium: str):
    """Runs work in a tab of its own in that browser, with its cookies, and leave it as it was, running."""
    served = await serve()

    async def tabs() -> list[str]:
        async with httpx.AsyncClient() as client:
            listed = (await client.get(f"{chromium}/json/list")).json()
        return [target["url"] for target in listed if target["type"] == "page"]

    before = await tabs()

    async def sign(task: Task, page: Any) -> Any:
        await page.goto(f"{web}/set/own")
        return await page.evaluate("[innerWidth, innerHeight]")

    served.work = sign
    run = await served.do(browser_address=chromium, user_agent="Other/1.0")
    assert (run["status"], run["output"]) == ("completed", [1280, 720])
    assert "user_agent has no effect" in await served.log(run)
    served.work = served.look
    headers = {"X-Extra": "extra"}
    again = await served.do(url=f"{web}/echo", browser_address=chromium, extra_http_headers=headers)
    assert again["output"]["cookies"] == {"mark": "own"}
    assert again["output"]["headers"]["x-extra"] == "extra"
    assert await tabs() == before
    assert served.provider._chromium.browser is None  # none of our own was started for it


async def test_a_browser_that_is_not_there(serve: Any):
    """The run fails saying which address could not be reached and how to have one, without the token in it."""
    served = await serve()
    secret = {"cdp_connect_headers": {"Authorization": "Bearer top-secret"}}
    run = await served.do(browser_address="ws://user:hidden@127.0.0.1:9/devtools?token=hidden", **secret)
    assert run["status"] == "failed"
    assert "ws://127.0.0.1:9 cannot be reached" in run["failure_reason"]
    assert "--remote-debugging-port" in run["failure_reason"]
    assert "hidden" not in run["failure_reason"] + await served.log(run)
    assert "top-secret" not in str(run)


async def test_a_user_agent_by_body_and_by_header(serve: Any, web: str):
    """In the cloud's dialect the browser passes for what body or SDK header says; names of tools do not count."""
    served = await serve()

    async def seen(header: str | None = None, **body: Any) -> str:
        served.client.headers.pop("x-user-agent", None)
        if header:
            served.client.headers["x-user-agent"] = header
        run = await served.do(url=f"{web}/echo", **body)
        assert "user_agent" not in run["run_request"]
        return str(run["output"]["headers"]["user-agent"])

    assert await seen(user_agent="Body/1.0") == "Body/1.0"
    assert await seen("Header/1.0") == "Header/1.0"
    assert await seen("Header/1.0", user_agent="Body/1.0") == "Body/1.0"
    for name in ("skyvern-ui", None):
        assert "Chrome" in await seen(name)


async def test_a_self_hosted_server_minds_no_user_agent(serve: Any, web: str):
    """In that dialect neither body nor header changes what the browser passes for."""
    served = await serve(dialect="oss")
    served.client.headers["x-user-agent"] = "Header/1.0"
    schema = {"type": "object"}
    run = await served.do(url=f"{web}/echo", user_agent="Body/1.0", data_extraction_schema=schema)
    assert "Chrome" in run["output"]["headers"]["user-agent"]


async def test_nothing_is_left_when_the_server_stops(tmp_path: Path, web: str):
    """Open sessions do not keep the browser: when the server is closed, its processes are gone."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    served = Served(Settings(data_dir=tmp_path, record=False))
    await served.composition.start()
    session = await served.session(url=f"{web}/set/x")
    await served.do(url=f"{web}/echo", browser_session_id=session)
    ours = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    assert ours
    await served.client.aclose()
    await served.composition.close()
    _, alive = await asyncio.to_thread(psutil.wait_procs, ours, 15)
    assert alive == []
