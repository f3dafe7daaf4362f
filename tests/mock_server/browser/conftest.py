"""What the tests of the browser room share: a web server with a few pages, and a provider."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import pytest_asyncio

from mock_server.browser.provider import BrowserProvider
from mock_server.clock import RealClock

PAGES = {
    "/": "<!doctype html><title>Home</title><link rel=icon href=data:,><h1>Hello</h1><input id=q>"
    "<button onclick=\"document.querySelector('h1').textContent = 'Clicked'\">Go</button>",
    "/noisy": "<!doctype html><title>Noisy</title><link rel=icon href=data:,><script src=/noise.js></script>"
    "<img src=http://127.0.0.1:9/x.png>",
    "/noise.js": "console.log('first\\nsecond');\nconsole.warn('careful');\n"
    "setTimeout(() => { throw new Error('boom') });",
    "/popup": "<!doctype html><title>Popup</title><link rel=icon href=data:,>"
    "<script>console.log('from the popup')</script>",
    "/opener": "<!doctype html><title>Opener</title><link rel=icon href=data:,>"
    "<button onclick=\"window.open('/popup')\">Open</button>",
    "/busy": "<!doctype html><title>Busy</title><link rel=icon href=data:,><body style='margin:0'>"
    "<div id=d style='height:100vh'></div><script>let n = 0; function step() { if (window.still) return;"
    " n += 7; d.style.background = `hsl(${n % 360}, 90%, 50%)`; d.textContent = n; requestAnimationFrame(step) }"
    " step()</script>",
}


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """Serve the pages above; yield the address, without a trailing slash. Unknown paths echo the request's headers."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536

        def do_GET(self) -> None:
            page = PAGES.get(self.path)
            data = (page if page is not None else f"<!doctype html><pre>{self.headers}</pre>").encode()
            self.send_response(200)
            self.send_header("content-type", "text/javascript" if self.path.endswith(".js") else "text/html")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def warm(browser_path: Path | None) -> AsyncIterator[BrowserProvider]:
    """A started provider for all tests of a module, whose event loop they share."""
    provider = BrowserProvider(browser_path, clock=RealClock())
    await provider.start()
    yield provider
    await provider.close()


@pytest.fixture
async def provider(browser_path: Path | None) -> AsyncIterator[BrowserProvider]:
    """A provider of the test's own, not started."""
    provider = BrowserProvider(browser_path, clock=RealClock())
    yield provider
    await provider.close()


class Processes:
    """Looks at processes, for tests that ask which of them are left."""

    def below(self, pid: int) -> dict[int, str]:
        """Return the processes below ``pid``, with their command lines; those of zombies are empty."""
        command = ["ps", "-wweo", "pid=,ppid=,stat=,args="]
        listing = subprocess.run(command, check=True, capture_output=True, text=True)
        rows = [line.split(None, 3) for line in listing.stdout.splitlines()]
        below: dict[int, str] = {}
        parents = {pid}
        while True:
            found = {
                int(row[0]): row[3] if not row[2].startswith("Z") and len(row) > 3 else ""
                for row in rows
                if int(row[1]) in parents and int(row[0]) not in below
            }
            if not found:
                return below
            below.update(found)
            parents = set(found)

    def drivers(self, pid: int) -> list[int]:
        return [child for child, args in self.below(pid).items() if "run-driver" in args]

    def browsers(self, pid: int) -> list[int]:
        below = self.below(pid).items()
        return [child for child, args in below if "--remote-debugging-pipe" in args and "--type=" not in args]

    def renderers(self, pid: int) -> list[int]:
        return [child for child, args in self.below(pid).items() if "--type=renderer" in args]

    def left(self, pids: list[int], seconds: float = 15.0) -> list[int]:
        """Return which of ``pids`` are there when all are gone or the time is up."""
        end = time.monotonic() + seconds
        while (left := [pid for pid in pids if self._runs(pid)]) and time.monotonic() < end:
            time.sleep(0.1)  # other processes' time
        return left

    def _runs(self, pid: int) -> bool:
        """Whether the process is there and not just waiting to be collected."""
        state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], check=False, capture_output=True, text=True)
        return bool(state.stdout.strip()) and not state.stdout.strip().startswith("Z")


@pytest.fixture(scope="session")
def processes() -> Processes:
    return Processes()
