"""Logging in for real: stored credentials, one-time codes by every way, files that go up and come down.

A server process, a browser, the bundled portal with its two accounts that are asked for a code.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.browser

PATIENCE = 180.0
PASSWORD = "mill-race-42"
PAGE = """<!doctype html><title>Send a file</title><h1>Send a file</h1>
<form method="post" enctype="multipart/form-data"><label for="f">Attachment</label>
<input type="file" id="f" name="attachment"><button>Send</button></form>"""


class Api:
    """A client of the server under the test's own key."""

    def __init__(self, mock: Any) -> None:
        self.mock = mock
        self.portal = mock.site("portal")
        self._http = httpx.Client(base_url=mock.url, headers={"x-api-key": mock.api_key}, timeout=30)

    def close(self) -> None:
        self._http.close()

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self._http.post(path, json=body)
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json())

    def upload(self, name: str, data: bytes) -> dict[str, Any]:
        answer = self._http.post("/v1/upload_file", files={"file": (name, data)})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def get(self, path: str) -> Any:
        return self._http.get(path).json()

    def ended(self, run: dict[str, Any]) -> dict[str, Any]:
        """Wait until a run has ended."""
        found: dict[str, Any] = {}

        def is_over() -> bool:
            found.update(self.get(f"/v1/runs/{run['run_id']}"))
            return found["finished_at"] is not None

        wait(is_over)
        return found

    def account(self, factor: str) -> dict[str, str]:
        accounts = httpx.get(f"{self.portal}data.json").json()["accounts"]
        return dict(next(account for account in accounts if account["factor"] == factor))

    def credential(self, factor: str, **more: Any) -> str:
        account = self.account(factor)
        secret = {"username": account["username"], "password": account["password"], **more}
        kept = self.post("/v1/credentials", name="Portal", credential_type="password", credential=secret)
        return str(kept["credential_id"])

    def texts(self) -> list[dict[str, str]]:
        return list(httpx.get(f"{self.portal}phone.json").json())

    def everything(self, run: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
        """Yield every text there is of a run: answers, and artifacts with what is inside archives."""
        for what in ("", "/timeline", "/artifacts"):
            yield what, json.dumps(self.get(f"/v1/runs/{run['run_id']}{what}")).encode()
        for artifact in self.get(f"/v1/runs/{run['run_id']}/artifacts"):
            data = self._http.get(f"/v1/artifacts/{artifact['artifact_id']}/content").content
            if data.startswith(b"PK"):
                with zipfile.ZipFile(io.BytesIO(data)) as archive:
                    for name in archive.namelist():
                        yield f"{artifact['artifact_type']}: {name}", archive.read(name)
            else:
                yield artifact["artifact_type"], data


@pytest.fixture
def api(mock: Any) -> Iterator[Api]:
    client = Api(mock)
    yield client
    client.close()


def wait(until: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.2)


class Receiver:
    """A local service: hands out the code of ``code()``, serves a page that takes a file, keeps what was sent."""

    def __init__(self) -> None:
        self.code: Callable[[], str | None] = lambda: None
        self.asked: list[tuple[dict[str, str], bytes]] = []
        self.sent: list[bytes] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.path == "/totp":
                    owner.asked.append(({name.lower(): value for name, value in self.headers.items()}, body))
                    self._answer("application/json", json.dumps({"verification_code": owner.code()}).encode())
                else:
                    owner.sent.append(body)
                    self._answer(
                        "text/html", b"<title>Sent</title><p role=status>Thank you, your file was received.</p>"
                    )

            def do_GET(self) -> None:
                self._answer("text/html", PAGE.encode())

            def _answer(self, kind: str, body: bytes) -> None:
                self.send_response(200)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                del args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def test_a_login_with_a_secret(api: Api):
    """A stored credential with its authenticator's secret logs in; the run is a workflow's, of one block."""
    credential = api.credential("app", totp=api.account("app")["secret"], totp_type="authenticator")
    made = api.post("/v1/run/tasks/login", credential_type="skyvern", credential_id=credential, url=api.portal)
    assert (made["status"], made["run_type"], made["run_id"][:3]) == ("created", "workflow_run", "wr_")
    run = api.ended(made)
    assert (run["status"], run["failure_reason"]) == ("completed", None)
    (item,) = api.get(f"/v1/runs/{run['run_id']}/timeline")
    assert (item["block"]["block_type"], item["block"]["status"]) == ("login", "completed")
    assert item["block"]["final_url"].endswith("/dashboard")
    kinds = [action["action_type"] for action in reversed(item["block"]["actions"])]
    assert kinds == ["goto_url", "input_text", "input_text", "click", "verification_code", "input_text", "click"]


def test_a_login_with_a_pushed_code(api: Api):
    """The run waits until the whole text message is pushed, then types its code into six boxes and is in.

    Neither the password nor the code is in any artifact, answer or part of the trace.
    """
    credential = api.credential("text", totp_type="text", totp_identifier="milo@brightwater.example")
    before = len(api.texts())
    made = api.post("/v1/run/tasks/login", credential_type="skyvern", credential_id=credential, url=api.portal)
    wait(lambda: len(api.texts()) > before)
    text = api.texts()[0]
    pushed = api.post("/v1/credentials/totp", totp_identifier="Milo@Brightwater.example", content=text["text"])
    assert (pushed["code"], pushed["otp_type"]) == (text["code"], "totp")
    run = api.ended(made)
    assert (run["status"], run["failure_reason"]) == ("completed", None)
    found = [what for what, data in api.everything(run) if PASSWORD.encode() in data]
    assert found == []
    assert [what for what, data in api.everything(run) if text["code"].encode() in data] == []


def test_a_task_whose_code_comes_from_its_own_service(api: Api, receiver: Receiver):
    """totp_url is asked with a genuine signature and the run's id; its answer logs the task in, which goes on."""
    before = len(api.texts())
    receiver.code = lambda: api.texts()[0]["code"] if len(api.texts()) > before else None
    account = api.account("text")
    made = api.post(
        "/v1/run/tasks",
        prompt=f"Log in as {account['username']} with password {account['password']} and get the balance due",
        url=api.portal,
        totp_url=f"{receiver.url}/totp",
    )
    run = api.ended(made)
    assert (run["status"], run["failure_reason"]) == ("completed", None)
    assert "$" in json.dumps(run["output"])
    headers, body = receiver.asked[0]
    expected = hmac.new(api.mock.api_key.encode(), body, hashlib.sha256).hexdigest()
    assert headers["x-skyvern-signature"] == expected
    assert json.loads(body)["task_id"] == run["run_id"]


def test_a_wrong_code(api: Api):
    """A code the site refuses ends the task as terminated, with the site's words and the caller's own error code."""
    account = api.account("text")
    api.post("/v1/credentials/totp", totp_identifier="+441632960712", content="000001")
    made = api.post(
        "/v1/run/tasks",
        prompt=f"Log in as {account['username']} with password {account['password']}",
        url=api.portal,
        totp_identifier="+441632960712",
        error_code_mapping={"bad_code": "The one-time code was wrong or expired"},
    )
    run = api.ended(made)
    assert run["status"] == "terminated"
    assert "That code is wrong or has expired" in run["failure_reason"]
    assert [error["error_code"] for error in run["errors"]] == ["bad_code"]


def test_a_login_leaves_no_password_behind(api: Api):
    """A password in the prompt stands in the prompt and nowhere else: HAR, trace with its resources, logs, pages."""
    account = api.account("none")
    prompt = f"Log in with username {account['username']} and password {account['password']} and go to Invoices"
    run = api.ended(api.post("/v1/run/tasks", prompt=prompt, url=api.portal))
    assert run["status"] == "completed"
    kinds = set()
    for what, data in api.everything(run):
        kinds.add(what.partition(":")[0])
        assert account["password"].encode() not in data.replace(prompt.encode(), b""), what
    assert {"har", "trace", "skyvern_log", "html_action", "llm_request", "llm_response"} <= kinds


def test_downloading(api: Api):
    """download_files logs in as its goal says and brings the file; the run is a workflow's."""
    goal = "Log in with username demo and password demo-1234, go to Invoices and download the latest invoice"
    made = api.post("/v1/run/tasks/download_files", navigation_goal=goal, url=api.portal, max_steps_per_run=15)
    assert made["run_request"]["title"] == "File Download"
    run = api.ended(made)
    assert (run["status"], run["failure_reason"]) == ("completed", None)
    (file,) = run["downloaded_files"]
    assert file["filename"].endswith(".pdf")
    assert httpx.get(file["url"]).content.startswith(b"%PDF")


def test_an_upload_by_id_and_by_link(api: Api, receiver: Receiver):
    """A run hands the page a file that was uploaded here, named by its id or by its link in the prompt."""
    first = api.upload("report.txt", b"first contents")
    prompt = "Upload report.txt to the attachment field and click Send"
    run = api.ended(api.post("/v1/run/tasks", prompt=prompt, url=receiver.url, file_ids=[first["file_id"]]))
    assert (run["status"], run["failure_reason"]) == ("completed", None)
    second = api.upload("other.txt", b"second contents")
    prompt = f"Upload {second['presigned_url']} to the attachment field and click Send"
    run = api.ended(api.post("/v1/run/tasks", prompt=prompt, url=receiver.url))
    assert (run["status"], run["failure_reason"]) == ("completed", None)
    assert b'filename="report.txt"' in receiver.sent[0]
    assert b"first contents" in receiver.sent[0]
    assert b"second contents" in receiver.sent[1]
