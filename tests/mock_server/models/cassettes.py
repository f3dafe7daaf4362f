"""What is recorded of the client talking to the chat service, and how to record it anew.

``python -m tests.mock_server.models.cassettes`` records all of it from the service of the tests.
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any, Final

import vcr
from vcr.request import Request

from mock_server.agent.asking import goal_of
from mock_server.agent.events import Task
from mock_server.agent.llm import Advice, Adviser
from mock_server.agent.planner import Memory
from mock_server.clock import RealClock
from mock_server.models.chat import ChatModel
from tests.mock_server.agent.llm.conftest import page
from tests.mock_server.models.chat_stub import Answer, ChatStub, completion

CASSETTES: Final = Path(__file__).with_name("cassettes")
BASE: Final = "http://model.test/v1"
"""Stands in every cassette for the address that was recorded from."""
KEY: Final = "sk-cassette-1c9d"
PASSWORD: Final = "tr0ub4dor&3"  # in no cassette
PROMPT: Final = f"Log in with username ada and password {PASSWORD}"
_ADDRESS: Final = re.compile(r"http://127\.0\.0\.1:\d+/v1")
_TYPED: Final = json.dumps({"action_type": "input_text", "id": "AAC", "text": "{{password}}", "reasoning": "It asks."})
_BUSY: Final = Answer(429, b'{"error": {"message": "Slow down."}}', {"Retry-After": "0"})
_REFUSED: Final = Answer(401, b'{"error": {"message": "Incorrect API key provided."}}')

SAID: Final[dict[str, list[Any]]] = {
    "answered": [completion(f"```json\n{_TYPED}\n```")],
    "put_right": [completion("I would log in."), completion(_TYPED)],
    "busy": [_BUSY, completion(_TYPED)],
    "refused": [_REFUSED],
}
"""What the service says in each scenario."""


def _without_secrets(request: Request) -> Request:
    request.uri = _ADDRESS.sub(BASE, request.uri)
    request.headers = {"content-type": "application/json"}
    return request


def _plain(response: dict[str, Any]) -> dict[str, Any]:
    kept = {name.lower(): value for name, value in response["headers"].items()}
    headers = {name: kept[name] for name in ("content-type", "retry-after", "content-length") if name in kept}
    return {**response, "headers": headers}


def recorder(mode: str) -> vcr.VCR:
    """Return the VCR for recording (``all``) or replaying (``none``). Requests must match in every part but headers."""
    return vcr.VCR(
        cassette_library_dir=str(CASSETTES),
        record_mode=mode,
        match_on=["method", "scheme", "host", "port", "path", "query", "body"],
        before_record_request=_without_secrets,
        before_record_response=_plain,
    )


async def scenario(base_url: str) -> Advice:
    """Ask about a log-in form."""
    model = ChatModel(base_url, "small", RealClock(), key=KEY)
    task = Task(PROMPT, "http://site.test/", ask_model=model.ask)
    return await Adviser(task, goal_of(task), model.ask).advise(page("Members only"), b"\x89PNG", Memory())


def main() -> None:
    """Record every scenario."""
    CASSETTES.mkdir(exist_ok=True)
    for name, said in SAID.items():
        path = CASSETTES / f"{name}.yaml"
        path.unlink(missing_ok=True)
        stub = ChatStub()
        stub.think = list(said)
        try:
            with recorder("all").use_cassette(path.name):
                asyncio.run(scenario(stub.url))
        finally:
            stub.close()


if __name__ == "__main__":
    main()
