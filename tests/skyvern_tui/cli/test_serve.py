"""Claims about ``serve`` without a browser: who is let in, what is said, and that it all ends with it.

``tests/e2e/test_served.py`` works in the served app.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys

import aiohttp
import pytest

from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.served import Served, as_command, listening
from skyvern_tui.config.connection import is_loopback
from tests.skyvern_tui.cli.service import BASE, Service, command


def served(host="127.0.0.1", public_url=None):
    with listening("127.0.0.1", 0) as listener:
        return Served("true", listener, host=host, public_url=public_url)


@pytest.mark.parametrize(
    ("host", "origin", "lets_in"),
    [
        ("127.0.0.1:1", None, True),
        ("localhost:1", "http://localhost:1", True),
        ("[::1]:1", "http://[::1]:1", True),
        ("127.0.0.1:1", "http://evil.example", False),
        ("127.0.0.1:1", "http://127.0.0.1:2", False),
        ("127.0.0.1:1", "null", False),
        ("rebound.example:1", None, False),
        ("rebound.example:1", "http://rebound.example:1", False),
        ("192.168.0.9:1", "http://192.168.0.9:1", False),
    ],
)
def test_only_its_own_pages_are_let_in(host, origin, lets_in):
    """A page of another site, another port, or a name that was made to lead here cannot work the app."""
    assert served().lets_in(host, origin) is lets_in


@pytest.mark.parametrize(
    ("host", "origin", "lets_in"),
    [
        ("192.168.0.9:1", "http://192.168.0.9:1", True),
        ("192.168.0.9:1", "http://evil.example", False),
        ("rebound.example:1", "http://rebound.example:1", False),
        ("app.example", "https://app.example", True),
        ("127.0.0.1:1", "https://app.example", True),
    ],
)
def test_open_to_a_network_it_goes_by_address_or_its_public_name(host, origin, lets_in):
    """Any address of this machine, and the name that --public-url gives; a name of somebody else's does not do."""
    assert served("0.0.0.0", "https://app.example/").lets_in(host, origin) is lets_in


def test_pages_name_the_address_they_were_asked_under():
    """Scripts and socket are asked from where the page came from; a page may be framed by nobody."""

    async def look():
        with listening("127.0.0.1", 0) as listener:
            server = Served("true", listener, host="127.0.0.1")
            runner = aiohttp.web.AppRunner(await server._make_app())
            await runner.setup()
            await aiohttp.web.SockSite(runner, listener).start()
            port = listener.getsockname()[1]
            async with aiohttp.ClientSession() as session:
                for name in ("127.0.0.1", "localhost"):
                    async with session.get(f"http://127.0.0.1:{port}/", headers={"Host": f"{name}:{port}"}) as answer:
                        page = await answer.text()
                        assert f"ws://{name}:{port}/ws" in page
                        assert f"http://{name}:{port}/static/js/textual.js" in page
                        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
                async with session.get(f"http://127.0.0.1:{port}/", headers={"Host": "evil.example"}) as answer:
                    assert answer.status == 403
                with pytest.raises(aiohttp.WSServerHandshakeError):
                    await session.ws_connect(f"http://127.0.0.1:{port}/ws", origin="http://evil.example")
            await runner.cleanup()

    asyncio.run(look())


def test_a_visitors_app_ends_with_the_server(tmp_path):
    """When the server ends, what it started for visitors ends, too."""
    script = tmp_path / "app.py"
    script.write_text(
        "import os, sys\n"
        "pid = str(os.getpid()).encode()\n"
        "out = sys.stdout.buffer\n"
        "out.write(b'__GANGLION__\\nD' + len(pid).to_bytes(4, 'big') + pid)\n"
        "out.flush()\n"
        "sys.stdin.buffer.read(1)\n"
    )

    async def visit():
        with listening("127.0.0.1", 0) as listener:
            words = as_command([sys.executable, str(script)], windows=False)
            server = Served(words, listener, host="127.0.0.1")
            runner = aiohttp.web.AppRunner(await server._make_app(), shutdown_timeout=1)
            await runner.setup()
            await aiohttp.web.SockSite(runner, listener).start()
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/ws", origin=url) as socket:
                pid = int(await socket.receive_bytes())
                os.kill(pid, 0)
                await runner.cleanup()
        return pid

    with pytest.raises(ProcessLookupError):
        os.kill(asyncio.run(visit()), 0)


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("example.org", False)],
)
def test_loopback_is_told_apart(host, local):
    """Only what other machines cannot reach counts."""
    assert is_loopback(host) is local


def test_without_the_extra_it_says_how_to_get_it(monkeypatch):
    """The library is named before anything is started."""
    monkeypatch.setattr("skyvern_tui.cli.commands.serve.find_spec", lambda name: None)
    result = command(Service(), "serve")
    assert (result.exit_code, "skyvern-tui[tui,web]" in result.stderr) == (Exit.error, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [(["--profile", "nobody"], "There is no profile"), (["--public-url", "example.org"], "needs a scheme")],
)
def test_what_cannot_be_served_is_told_at_once(words, told):
    """A faulty profile is an error here, not a broken page for every visitor."""
    result = command(Service(), "serve", *words, base_url=None)
    assert (result.exit_code, told in result.stderr) == (Exit.bad_input, True)


def test_the_server_meant_and_the_warning_are_handed_on(monkeypatch):
    """Each visitor's app gets the same flags; an address others can reach is warned about."""
    made = []

    class Noted(Served):
        def run(self):
            made.append(self.command)

    monkeypatch.setattr("skyvern_tui.cli.served.Served", Noted)
    result = command(Service(), "serve", "--host", "0.0.0.0", "--port", "0")
    assert made[0].endswith(f"-m skyvern_tui --base-url {BASE}")
    assert "works with your key" in result.stderr
    quiet = command(Service(), "--mock", "serve", "--port", "0", "--jsonl", base_url=None)
    assert made[1].endswith("-m skyvern_tui --mock")
    assert "works with your key" not in quiet.stderr
    assert json.loads(quiet.stdout)["url"].startswith("http://127.0.0.1:")


def test_it_ends_in_order_when_told_to():
    """The address is the line on stdout; SIGINT ends it with status 0 and no traceback."""
    process = subprocess.Popen(
        [sys.executable, "-m", "skyvern_tui", "serve", "--port", "0", "--base-url", BASE],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (0, False)
