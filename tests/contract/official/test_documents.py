"""Every Python and curl example of the documentation, run as it is printed.

Only addresses are exchanged: the API's, the webhook receiver's and those of the pages, which become the bundled sites.
Examples that go on from an earlier one are given what that one made.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import io
import json
import os
import shutil
import textwrap
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from skyvern import Skyvern

pytestmark = pytest.mark.mock

BLOCKS = json.loads((Path(__file__).parents[3] / "fixtures" / "seed-docs" / "blocks.json").read_text())
FINAL = {"completed", "failed", "terminated", "timed_out", "canceled"}


def indented(code: str) -> str:
    """Return code whose document lost its indentation with it given back, as far as these examples need it."""
    try:
        ast.parse(textwrap.dedent(code).replace("await ", ""))
    except SyntaxError:
        pass
    else:
        return code
    lines, depth, brackets = [], 0, 0
    for line in code.splitlines():
        if line.startswith(("asyncio.run(", 'print(f"Output')):
            depth = 0
        lines.append("    " * (depth if not brackets else depth + 1) + line)
        brackets += sum(line.count(mark) for mark in "([{") - sum(line.count(mark) for mark in ")]}")
        if line.endswith(":") and not brackets:
            depth += 1
        elif line == "break":
            depth -= 1
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def webhook():
    """Address of a receiver, and what it has received."""
    received: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/webhook", received
    server.shutdown()
    thread.join()
    server.server_close()


def redirected(code: str, base_url: str, webhook_url: str) -> str:
    """Return an example with this machine's addresses."""
    for there, here in (
        ("https://api.skyvern.com", base_url),
        ("https://your-server.com/webhook", webhook_url),
        ("https://my-site.com/webhook", webhook_url),
        ("https://news.ycombinator.com", f"{base_url}/sites/news/"),
        ("https://www.hackernews.com", f"{base_url}/sites/news/"),
        ("https://example.com/products", f"{base_url}/sites/shop/"),
        ("https://example.com/contact", f"{base_url}/sites/contact/"),
        ("https://app.example.com/login", f"{base_url}/sites/portal/login"),
        ("https://example.com", f"{base_url}/sites/news/"),
        ("Skyvern(api_key=", f"Skyvern(base_url={base_url!r}, api_key="),
    ):
        code = code.replace(there, here)
    return code


async def run_python(code: str, names: dict[str, Any]) -> str:
    """Run an example, top-level ``await`` and all; what it leaves is in ``names``. Return what it printed."""
    printed = io.StringIO()
    names["print"] = lambda *values: print(*values, file=printed)
    compiled = compile(code, "example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if compiled.co_flags & inspect.CO_COROUTINE:
        await eval(compiled, names)
    else:
        # A whole program: it brings its own event loop.
        await asyncio.to_thread(exec, compiled, names)
    return printed.getvalue()


async def ended(client: Skyvern, run_id: str) -> Any:
    """Return a run once it has ended."""
    while (run := await client.get_run(run_id)).status not in FINAL:
        await asyncio.sleep(0.2)  # the server is asked, there is no event to wait for
    return run


class Results(dict[int, Any]):
    """What came of each example; asking for one that raised raises that."""

    first: Any = None
    """The finished run that the examples which go on from an earlier one are given."""

    def __getitem__(self, number: int) -> Any:
        found = super().__getitem__(number)
        if isinstance(found, BaseException):
            raise found
        return found


@pytest.fixture(scope="module")
async def ran(client, base_url, api_key, webhook):
    """What came of every example: its names and what it printed, by its number."""
    os.environ["SKYVERN_API_KEY"] = api_key
    first = await client.run_task(prompt="Get the title of the top post", url=f"{base_url}/sites/news/")
    first = await ended(client, first.run_id)

    async def example(block: dict[str, str]) -> tuple[dict[str, Any], str]:
        code = redirected(indented(block["code"]), base_url, webhook[0])
        given = {"client": client, "asyncio": asyncio, "result": first, "run_id": first.run_id, "Skyvern": Skyvern}
        if block["language"] == "python":
            return given, await run_python(code, given)
        code = code.replace("YOUR_RUN_ID", first.run_id).replace("RUN_ID/", f"{first.run_id}/")
        shell = await asyncio.create_subprocess_exec(
            shutil.which("bash") or "sh",
            "-c",
            code,
            env={**os.environ, "SKYVERN_API_KEY": api_key},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, _ = await shell.communicate()
        return {}, out.decode()

    outcomes = await asyncio.gather(*map(example, BLOCKS), return_exceptions=True)
    results = Results(enumerate(outcomes))
    results.first = first
    return results


def numbers(language: str, having: str = "", lacking: str = "\0") -> list[int]:
    """Return the numbers of the examples in a language whose code has one text and lacks another."""
    return [
        number
        for number, block in enumerate(BLOCKS)
        if block["language"] == language and having in block["code"] and lacking not in block["code"]
    ]


def test_no_example_is_left_out():
    """Every example is held to one of the claims below."""
    assert sorted(WAITING + POLLING + WEBHOOKS + FIRST_STEPS + LISTING + OPTIONS + numbers("bash")) == list(
        range(len(BLOCKS))
    )


WAITING = numbers("python", "wait_for_completion")
POLLING = numbers("python", "client.get_run(run_id)") + numbers("python", "client.get_run(task.run_id)\n    if")
WEBHOOKS = numbers("python", "webhook_url")
FIRST_STEPS = numbers("python", "import os\n")
LISTING = numbers("python", "get_run_artifacts")
OPTIONS = numbers("python", "RequestOptions(")


@pytest.mark.parametrize("number", WAITING)
async def test_examples_that_wait(ran, number):
    """The example ends with a completed run."""
    names, _ = ran[number]
    assert names["result"].status == "completed", names["result"].failure_reason


@pytest.mark.parametrize("number", POLLING)
async def test_examples_that_poll(ran, number):
    """The loop ends, with the run completed and its output printed."""
    names, printed = ran[number]
    assert names["run"].status == "completed", names["run"].failure_reason
    assert str(names["run"].output) in printed


async def test_the_products(ran):
    """The structured example gives three products in the shape its schema asks for."""
    (number,) = numbers("python", "top 3 products")
    products = ran[number][0]["result"].output
    assert len(products) == 3
    assert all(isinstance(p["name"], str) and isinstance(p["price"], str) for p in products)
    assert all(isinstance(p["rating"], float | int) for p in products)


@pytest.mark.parametrize("number", FIRST_STEPS)
async def test_the_first_program(ran, number):
    """The first program of the documentation prints the new run's id and status."""
    printed = ran[number][1]
    assert printed.startswith("Run ID: tsk_")
    assert "Status: " in printed


@pytest.mark.parametrize("number", WEBHOOKS)
async def test_examples_with_a_webhook(ran, client, webhook, number):
    """The receiver is told of the end of the run."""
    run = await ended(client, ran[number][0]["result"].run_id)
    for _ in range(50):
        if run.run_id in {payload["run_id"] for payload in webhook[1]}:
            break
        await asyncio.sleep(0.2)
    (payload,) = [payload for payload in webhook[1] if payload["run_id"] == run.run_id]
    assert payload["status"] == run.status == "completed"
    assert payload["output"] == run.output


@pytest.mark.parametrize("number", LISTING)
async def test_examples_that_list_artifacts(ran, number):
    """Each artifact's type is printed, with a link that leads to its bytes in the cloud dialect."""
    lines = ran[number][1].splitlines()
    assert {"recording", "screenshot_final"} <= {line.partition(":")[0] for line in lines}
    assert all(line.partition(": ")[2].startswith(("http://", "file://")) for line in lines)


@pytest.mark.parametrize("number", OPTIONS)
async def test_request_options(ran, client, number):
    """The options of the documentation are taken by a call."""
    options = ran[number][0]["request_options"]
    assert (await client.get_version(request_options=options))["version"]


@pytest.mark.parametrize("number", numbers("bash", "Content-Type: application/json", "--url"))
async def test_curl_that_starts_a_task(ran, number):
    """curl gets the new run."""
    assert json.loads(ran[number][1])["run_id"].startswith("tsk_")


@pytest.mark.parametrize("number", numbers("bash", "while true"))
async def test_curl_that_polls(ran, number):
    """The shell loop ends and prints the output."""
    lines = ran[number][1].splitlines()
    assert lines[0] == "Status: completed"
    assert json.loads("".join(lines[1:])) == ran.first.output


@pytest.mark.parametrize("number", numbers("bash", "artifact_type=recording"))
async def test_curl_that_lists_artifacts(ran, number):
    """curl gets the artifacts of the types it asked for."""
    assert {artifact["artifact_type"] for artifact in json.loads(ran[number][1])} == {"recording"}


@pytest.mark.parametrize("number", numbers("bash", "--url"))
async def test_curl_without_a_key(ran, number):
    """The reference's own example sends no key and is refused for that alone."""
    assert json.loads(ran[number][1]) == {"detail": "Invalid credentials"}
