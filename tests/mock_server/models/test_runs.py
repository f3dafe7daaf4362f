"""Whole runs planned by a model: the server as a process, real pages, a chat service on a real socket."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.mock_server.models.chat_stub import Asked, ChatStub

pytestmark = pytest.mark.browser

PATIENCE = 60.0
KEY = "sk-llm-5d0c1f77b2"
PASSWORD = "demo-1234"


class Server:
    """``skyvern-mock serve --planner openai`` and a client of it."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url
        self.client = httpx.Client(base_url=url, headers={"x-api-key": "a-key"}, timeout=PATIENCE)

    def post(self, prompt: str, site: str, **more: Any) -> str:
        body = {"prompt": prompt, "url": f"{self.url}/sites/{site}", **more}
        answer = self.client.post("/v1/run/tasks", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["run_id"])

    def ended(self, run_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            run: dict[str, Any] = self.client.get(f"/v1/runs/{run_id}").json()
            if run["status"] not in ("created", "queued", "running"):
                return run
            time.sleep(0.05)
        raise AssertionError(f"{run_id} did not end")

    def run(self, prompt: str, site: str, **more: Any) -> dict[str, Any]:
        return self.ended(self.post(prompt, site, **more))

    def thoughts(self, run_id: str) -> list[dict[str, Any]]:
        items = self.client.get(f"/v1/runs/{run_id}/timeline").json()
        return [item["thought"] for item in reversed(items) if item["type"] == "thought"]

    def actions(self, run_id: str) -> list[dict[str, Any]]:
        items = self.client.get(f"/v1/runs/{run_id}/timeline").json()
        blocks = [item["block"] for item in reversed(items) if item["type"] == "block"]
        return [action for block in blocks for action in reversed(block["actions"])]

    def artifacts(self, run_id: str, kind: str) -> list[bytes]:
        found = self.client.get(f"/v1/runs/{run_id}/artifacts", params={"artifact_type": kind}).json()
        return [
            self.client.get(artifact["signed_url"]).content
            for artifact in sorted(found, key=lambda artifact: artifact["created_at"])
        ]


@pytest.fixture(scope="module")
def service() -> Iterator[ChatStub]:
    """The chat service of the module's server."""
    stub = ChatStub()
    yield stub
    stub.close()


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps its data and its log."""
    return tmp_path_factory.mktemp("model")


@pytest.fixture(scope="module")
def server(service: ChatStub, directory: Path) -> Iterator[Server]:
    """A server whose planner is the chat service; it is stopped at the end."""
    command = [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--data-dir", str(directory / "data")]
    command += ["--planner", "openai", "--llm-base-url", service.url, "--llm-model", "stub-model"]
    command += ["--llm-key-env", "TEST_LLM_KEY", "--no-record", "--tied", "--verbose", "--self-check"]
    with (directory / "log").open("w") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=os.environ | {"TEST_LLM_KEY": KEY},
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, (directory / "log").read_text()
    server = Server(process, json.loads(line)["url"])
    yield server
    server.client.close()
    process.terminate()
    process.communicate(timeout=PATIENCE)


@pytest.fixture
def chat(service: ChatStub) -> ChatStub:
    """The service, with nothing asked yet."""
    service.asked.clear()
    service.arrived.clear()
    return service


def test_the_title_of_the_top_post(server: Server, chat: ChatStub, directory: Path):
    """The model reads, the run gives its data; prompt, request, answer and tokens are those that went over the wire."""
    title = ""

    def think(asked: Any) -> dict[str, Any]:
        nonlocal title
        if "# Extracted so far" in asked.page:
            return {"action_type": "complete", "reasoning": "The title was read."}
        title = re.findall(r'<a id="\w+"[^>]*href="[^"]*"[^>]*>([^<]{25,})</a>', asked.page)[0]
        return {"action_type": "extract", "data": {"title": title}, "reasoning": "It stands first.", "part": 1}

    chat.think = think
    schema = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
    run = server.run("Get the title of the top post", "news/", data_extraction_schema=schema)
    assert (run["status"], run["output"]) == ("completed", {"title": title})
    assert [action["action_type"] for action in server.actions(run["run_id"])] == ["goto_url", "extract"]

    assert [asked.path for asked in chat.asked] == ["/v1/chat/completions"] * 2
    assert {asked.headers["authorization"] for asked in chat.asked} == {f"Bearer {KEY}"}
    assert {asked.body["model"] for asked in chat.asked} == {"stub-model"}
    assert all(
        len(asked.pictures) == 1 and asked.pictures[0].startswith("data:image/png;base64,") for asked in chat.asked
    )
    assert '"required": ["title"]' in chat.asked[0].page

    prompts = server.artifacts(run["run_id"], "llm_prompt")
    assert len(prompts) == 2
    assert chat.asked[0].page.strip() in prompts[0].decode()
    requests = [json.loads(data) for data in server.artifacts(run["run_id"], "llm_request")]
    assert requests[0]["messages"][0] == chat.asked[0].body["messages"][0]
    assert requests[0]["messages"][1]["content"][1]["image_url"]["url"] == "screenshot_llm"
    answers = [json.loads(data) for data in server.artifacts(run["run_id"], "llm_response")]
    assert [answer["id"] for answer in answers] == ["chatcmpl-1"] * 2
    assert answers[0]["usage"]["prompt_tokens"] == 1200
    parsed = [json.loads(data) for data in server.artifacts(run["run_id"], "llm_response_parsed")]
    assert [answer["action_type"] for answer in parsed] == ["extract", "complete"]

    signed = [thought for thought in server.thoughts(run["run_id"]) if thought["last_llm_model"]]
    assert {thought["last_llm_model"] for thought in signed} == {"stub-model-2026"}
    names = ("input_token_count", "output_token_count", "reasoning_token_count", "cached_token_count")
    assert [tuple(thought[name] for name in names) for thought in signed] == [(1200, 40, 7, 900)] * 2

    found = server.client.get("/_mock/conformance").json()
    assert found["on"]
    assert [finding for finding in found["findings"] if finding["blame"] != "client"] == []

    kept = b"".join(path.read_bytes() for path in (directory / "data").rglob("*") if path.is_file())
    assert KEY.encode() not in kept + (directory / "log").read_bytes()


def test_a_contact_form(server: Server, chat: ChatStub):
    """The model fills in a form field by field and sends it; the page's confirmation is what completes the run."""
    values = {"[Nn]ame": "Ada Byron", "[Ee]mail": "ada@example.org", "[Mm]essage": "Please call me back."}

    def think(asked: Any) -> dict[str, Any]:
        typed = asked.page.count(" input_text ")
        if re.search(r"[Tt]hank", asked.page.split("# Page")[1]):
            return {"action_type": "complete", "reasoning": "The page thanks for the message."}
        if typed < len(values):
            name, text = list(values.items())[typed]
            field = asked.element(rf'<(?:input|textarea)[^>]* name="{name}')
            return {"action_type": "input_text", "id": field, "text": text}
        if "select_option" not in asked.page:
            return {"action_type": "select_option", "id": asked.element("<select"), "option": "Sales"}
        if " checkbox " not in asked.page:
            return {"action_type": "checkbox", "id": asked.element('name="consent"'), "is_checked": True}
        return {"action_type": "click", "id": asked.element("<button[^>]*>(?:Send|Submit)"), "reasoning": "Send it."}

    chat.think = think
    prompt = "Fill out the contact form with name Ada Byron, email ada@example.org and message Please call me back."
    run = server.run(prompt, "contact/contact")
    assert run["status"] == "completed", chat.asked[-1].page
    actions = server.actions(run["run_id"])
    assert [action["action_type"] for action in actions] == [
        "goto_url",
        *["input_text"] * 3,
        "select_option",
        "checkbox",
        "click",
    ]
    assert [action["text"] for action in actions[1:4]] == list(values.values())
    assert all(action["response"].startswith("the field now holds") for action in actions[1:4])
    (script,) = server.artifacts(run["run_id"], "script_file")
    assert b"ada@example.org" in script


def test_a_log_in_never_shows_the_model_the_password(server: Server, chat: ChatStub):
    """The model names the password, the field gets it, and no request or artifact of the exchange holds it."""

    def think(asked: Any) -> dict[str, Any]:
        page = asked.page.split("# Page")[1]
        if re.search(r"(?:Log|Sign) out", page):
            return {"action_type": "complete", "reasoning": "The page offers to log out."}
        if 'type="password"' not in page:
            return {"action_type": "click", "id": asked.element("(?:Log|Sign) in")}
        done = asked.page.count(" input_text ")
        if done == 0:
            return {"action_type": "input_text", "id": asked.element('name="username"'), "text": "{{username}}"}
        if done == 1:
            return {"action_type": "input_text", "id": asked.element('type="password"'), "text": "{{password}}"}
        return {"action_type": "click", "id": asked.element("<button[^>]*>(?:Log|Sign) in")}

    chat.think = think
    run = server.run(f"Log in with username demo and password {PASSWORD}", "portal/")
    assert run["status"] == "completed", chat.asked[-1].page
    assert "{{password}}" in chat.asked[0].page
    assert not any(PASSWORD.encode() in asked.raw for asked in chat.asked)
    for kind in ("llm_prompt", "llm_request", "llm_response", "llm_response_parsed"):
        assert PASSWORD.encode() not in b"".join(server.artifacts(run["run_id"], kind))
    typed = [action["text"] for action in server.actions(run["run_id"]) if action["action_type"] == "input_text"]
    assert typed == ["demo", "********"]


def test_a_log_in_with_stored_credentials_and_a_second_step(server: Server, chat: ChatStub):
    """The model knows none of user name, password and code; it names them, and the run gets the code when asked."""
    secret = {"username": "dana", "password": "weir-house-7", "totp": "JBSWY3DPEHPK3PXPBW3TEZLT"}
    body = {"name": "Portal", "credential_type": "password", "credential": secret}
    credential_id = server.client.post("/v1/credentials", json=body).json()["credential_id"]

    def think(asked: Asked) -> dict[str, Any]:
        page, done = asked.page.split("# Page")[1], asked.page.split("# Page")[0]
        if re.search(r"(?:Log|Sign) out", page):
            return {"action_type": "complete", "reasoning": "The page offers to log out."}
        if 'autocomplete="one-time-code"' in page:
            if "verification_code" in done:
                return {"action_type": "keypress", "keys": ["Enter"], "id": asked.element("one-time-code")}
            return {"action_type": "input_text", "id": asked.element("one-time-code"), "text": "{{code}}"}
        typed = done.count(" input_text ")
        name, field = [("username", 'name="username"'), ("password", 'type="password"'), ("", "")][min(typed, 2)]
        if name:
            return {"action_type": "input_text", "id": asked.element(field), "text": "{{" + name + "}}"}
        return {"action_type": "click", "id": asked.element("<button[^>]*>(?:Log|Sign) in")}

    chat.think = think
    request = {"credential_type": "skyvern", "credential_id": credential_id, "url": f"{server.url}/sites/portal/"}
    run = server.ended(server.client.post("/v1/run/tasks/login", json=request).json()["run_id"])
    assert run["status"] == "completed", chat.asked[-1].page
    assert not any(value.encode() in asked.raw for value in secret.values() if value != "dana" for asked in chat.asked)
    kinds = [action["action_type"] for action in server.actions(run["run_id"])]
    assert kinds[-4:] == ["click", "verification_code", "input_text", "keypress"]


def test_a_model_that_talks_nonsense_does_not_stop_a_run(server: Server, chat: ChatStub):
    """It is told once what is wrong; then the rules do the step, and a thought says so, with the tokens it cost."""
    chat.think = ["I would click the first link.", "Sorry! Let me think about it."] * 20
    run = server.run("Get the title of the top post", "news/")
    assert run["status"] == "completed"
    assert run["output"]["top_post_title"]
    assert "holds no JSON object" in chat.asked[1].texts[-1]
    assert chat.asked[1].texts[-2] == "I would click the first link."
    told = [thought for thought in server.thoughts(run["run_id"]) if "nothing that can be used" in thought["thought"]]
    assert told
    assert (told[0]["answer"], told[0]["input_token_count"], told[0]["last_llm_model"]) == (
        "The rules decide.",
        2400,
        "stub-model-2026",
    )
    prompts = server.artifacts(run["run_id"], "llm_prompt")
    assert sum(b"# Understood as" in prompt for prompt in prompts) >= 1
    assert len(server.artifacts(run["run_id"], "llm_response_parsed")) == len(prompts) - len(chat.asked)


def test_a_cancel_while_the_model_is_asked(server: Server, chat: ChatStub):
    """The run is canceled at once, not when the answer comes."""
    chat.think = [chat.silence]
    run_id = server.post("Get the title of the top post", "news/")
    assert chat.arrived.wait(PATIENCE)
    begun = time.monotonic()
    assert server.client.post(f"/v1/runs/{run_id}/cancel").status_code == 200
    assert server.ended(run_id)["status"] == "canceled"
    assert time.monotonic() - begun < 5


def test_steps_bound_what_a_model_is_asked(server: Server, chat: ChatStub):
    """A model that only ever scrolls is asked no more often than there are steps."""
    chat.think = lambda asked: {"action_type": "scroll", "direction": "down" if len(asked.page) % 2 else "up"}
    run = server.run("Get the title of the top post", "news/", max_steps=4)
    assert run["status"] in ("timed_out", "failed")
    assert len(chat.asked) <= 2 * 4


def test_a_tasks_own_model(server: Server, chat: ChatStub):
    """``model`` in the request names the model that is asked."""
    chat.think = [{"action_type": "terminate", "reasoning": "Not today."}]
    run = server.run("Get the title of the top post", "news/", model={"model_name": "another-model"})
    assert (run["status"], run["failure_reason"]) == ("terminated", "Not today.")
    assert {asked.body["model"] for asked in chat.asked} == {"another-model"}
