"""What the tests of the browser room share: a web server with a few pages, and a provider."""

from __future__ import annotations

import threading
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
