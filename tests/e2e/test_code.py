"""Runs as code: published, done again without planning, handed back where a page changed, and run by themselves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from mock_server.ids import organization_for

pytestmark = pytest.mark.browser

PATIENCE = 120.0
FINAL = ("completed", "failed", "terminated", "timed_out", "canceled")
SECRET = "demo-1234"


def schema_of(**fields: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": kind} for name, kind in fields.items()}}


PRODUCTS = {
    "type": "object",
    "properties": {
        "products": {
            "type": "array",
            "items": {"type": "object", "properties": {"name": {"type": "string"}, "price": {"type": "number"}}},
        }
    },
}
CASES = {
    "shop": (
        "shop",
        {
            "prompt": "Search for lamp and extract the name and price of the first 3 products",
            "data_extraction_schema": PRODUCTS,
        },
    ),
    "contact": (
        "contact",
        {
            "prompt": (
                "Open the contact page, fill out the contact form with name Ada Lovelace, email ada@example.org, "
                "subject Technical support and message Hello there, submit it and get the heading of the page"
            ),
            "data_extraction_schema": schema_of(heading="string"),
        },
    ),
    "portal": (
        "portal",
        {
            "prompt": f"Log in with username demo and password {SECRET} and get the balance due",
            "data_extraction_schema": schema_of(balance_due="string"),
        },
    ),
}


@dataclass
class Client:
    """The API, with a key of the test's own."""

    url: str
    key: str
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.url, headers={"x-api-key": self.key}, timeout=PATIENCE)

    def get(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def run(self, path: str = "/v1/run/tasks", **request: Any) -> dict[str, Any]:
        """Start a run and return it when it has ended."""
        answer = self.http.post(path, json=request)
        assert answer.status_code == 200, answer.text
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            run = self.get(f"/v1/runs/{answer.json()['run_id']}")
            if run["status"] in FINAL:
                return run
            time.sleep(0.1)
        raise AssertionError(f"{run['run_id']} is still {run['status']}")

    def thoughts(self, run: dict[str, Any]) -> list[Any]:
        return [item for item in self.get(f"/v1/runs/{run['run_id']}/timeline") if item["type"] == "thought"]

    def script(self, run: dict[str, Any]) -> str:
        """Return the run's script."""
        (artifact,) = self.get(f"/v1/runs/{run['run_id']}/artifacts?artifact_type=script_file")
        return self.http.get(f"/v1/artifacts/{artifact['artifact_id']}/content").text


@pytest.fixture
def client(mock: Any) -> Iterator[Client]:
    client = Client(mock.url, mock.api_key)
    yield client
    client.http.close()


def run_alone(source: str, directory: Path, browser_path: Path | None, **environment: str) -> Any:
    """Run a script as its reader would, and return what it prints."""
    (directory / "script.py").write_text(source)
    chromium = {} if browser_path is None else {"CHROMIUM_PATH": str(browser_path)}
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=directory, capture_output=True, text=True, timeout=PATIENCE, check=False,
        env=os.environ | chromium | environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", CASES)
def test_published_and_done_again(client: Client, mock: Any, tmp_path: Path, browser_path: Path | None, name: str):
    """A published run is an agent; as code it does the same without a thought; its script prints the same by itself."""
    site, request = CASES[name]
    request = request | {"url": mock.site(site)}
    first = client.run(**request, publish_workflow=True)
    assert (first["status"], first["failure_reason"]) == ("completed", None)
    assert first["output"]
    assert client.thoughts(first)
    (agent,) = client.get("/v1/agents")
    (script,) = client.get("/v1/scripts")
    assert script["run_id"] == first["run_id"]

    again = client.run(**request, engine="skyvern-2.0", run_with="code")
    assert (again["status"], again["output"]) == ("completed", first["output"])
    assert client.thoughts(again) == []
    expected = {key: script[key] for key in ("script_id", "script_revision_id")} | {"ai_fallback_triggered": False}
    assert again["script_run"] == expected

    by_agent = client.run("/v1/run/agents", agent_id=agent["agent_id"], run_with="code")
    assert (by_agent["status"], by_agent["script_run"]) == ("completed", expected)
    assert by_agent["script_id"] == script["script_id"]
    assert by_agent["output"]["extracted_information"] == [first["output"]]
    assert client.thoughts(by_agent) == []
    rows = {row["run_id"]: row["script_run"] for row in client.get("/v1/runs")}
    assert rows == {first["run_id"]: False, again["run_id"]: True, by_agent["run_id"]: True}
    assert len(client.get("/v1/agents")) == 1

    source = client.script(first)
    assert SECRET not in source
    assert SECRET not in json.dumps(agent)
    assert run_alone(source, tmp_path, browser_path, SKYVERN_PASSWORD=SECRET) == first["output"]


def test_an_agent_without_code(client: Client, mock: Any):
    """Run by the agent, a published workflow plans: the same output, no script_run, an output for every block."""
    first = client.run(prompt="Get the title of the top post", url=mock.site("news"), publish_workflow=True)
    (agent,) = client.get("/v1/agents")
    run = client.run("/v1/run/workflows", workflow_id=agent["workflow_permanent_id"])
    assert (run["status"], run["script_run"], run["run_with"]) == ("completed", None, "agent")
    assert run["output"]["extracted_information"] == [first["output"]]
    labels = [block["label"] for block in agent["workflow_definition"]["blocks"]]
    assert [f"{label}_output" for label in labels] == [key for key in run["output"] if key.endswith("_output")]


class ChangingSite:
    """A form whose button is renamed when the test says so, and an answer to it."""

    def __init__(self) -> None:
        self.button = "Send"
        self.sent: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                place = urlsplit(self.path)
                if place.path == "/sent":
                    site.sent.append(parse_qs(place.query)["name"][0])
                    body = "<h1>Thanks</h1><p>Reference number: <b>R-77</b></p>"
                else:
                    body = (
                        '<h1>Call me back</h1><form action="/sent"><label>Your name <input name="name"></label>'
                        f"<button>{site.button}</button></form>"
                    )
                data = f"<!DOCTYPE html><title>Calls</title><main>{body}</main>".encode()
                self.send_response(200)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"


@pytest.fixture
def changing() -> Iterator[ChangingSite]:
    site = ChangingSite()
    thread = threading.Thread(target=site.server.serve_forever)
    thread.start()
    yield site
    site.server.shutdown()
    site.server.server_close()
    thread.join()


def test_where_the_page_changed(client: Client, changing: ChangingSite):
    """A renamed button breaks the code; the agent goes on from there, and the code it leaves fits the next time."""
    request = {
        "prompt": "Enter Ada as your name, submit the form and get the reference number",
        "url": changing.url,
        "data_extraction_schema": schema_of(reference_number="string"),
    }
    first = client.run(**request, publish_workflow=True)
    assert (first["status"], first["output"]) == ("completed", {"reference_number": "R-77"})
    changing.button = "Submit request"

    second = client.run(**request, engine="skyvern-2.0", run_with="code")
    assert (second["status"], second["output"]) == ("completed", first["output"])
    assert second["script_run"]["ai_fallback_triggered"] is True
    assert client.thoughts(second)
    assert changing.sent == ["Ada", "Ada"]

    third = client.run(**request, engine="skyvern-2.0", run_with="code")
    assert (third["status"], third["output"]) == ("completed", first["output"])
    assert third["script_run"]["ai_fallback_triggered"] is False
    assert third["script_run"]["script_id"] == second["script_run"]["script_id"]
    assert third["script_run"]["script_revision_id"] != second["script_run"]["script_revision_id"]
    assert client.thoughts(third) == []


def test_no_falling_back(client: Client, changing: ChangingSite):
    """With ai_fallback false the broken code fails the run and says what it missed."""
    prompt = "Enter Ada as your name and submit the form"
    client.run(prompt=prompt, url=changing.url, publish_workflow=True)
    (agent,) = client.get("/v1/agents")
    changing.button = "Submit request"
    run = client.run("/v1/run/agents", agent_id=agent["agent_id"], run_with="code", ai_fallback=False)
    assert run["status"] == "failed"
    assert "'Send'" in run["failure_reason"]
    assert run["script_run"]["ai_fallback_triggered"] is True


def test_a_downloading_script(client: Client, mock: Any, tmp_path: Path, browser_path: Path | None):
    """A run that only downloads has a script that downloads the same file."""
    run = client.run(prompt="Log in and download the latest invoice", url=mock.site("portal"))
    assert run["status"] == "completed"
    output = run_alone(client.script(run), tmp_path, browser_path, SKYVERN_PASSWORD=SECRET)
    assert output == run["output"]
    (file,) = run["downloaded_files"]
    assert (tmp_path / file["filename"]).stat().st_size == file["file_size"]


def test_other_tenants_have_no_code(client: Client, mock: Any):
    """The same task under another key is planned: code belongs to the tenant that published it."""
    request = {"prompt": "Get the title of the top post", "url": mock.site("news")}
    client.run(**request, publish_workflow=True)
    other = Client(mock.url, f"{mock.api_key}-other")
    run = other.run(**request, engine="skyvern-2.0", run_with="code")
    assert (run["status"], run["script_run"]) == ("completed", None)
    assert other.thoughts(run)
    assert organization_for(other.key) != organization_for(mock.api_key)
    other.http.close()
