"""A chat-completions server on a real socket that answers as the test says."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USAGE = {
    "prompt_tokens": 1200,
    "completion_tokens": 40,
    "total_tokens": 1240,
    "completion_tokens_details": {"reasoning_tokens": 7},
    "prompt_tokens_details": {"cached_tokens": 900},
}


@dataclass
class Answer:
    """One answer of the service."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    """It never comes."""


def completion(text: str | None, **message: Any) -> Answer:
    """Return a completion as a service sends it."""
    said = {"role": "assistant", "content": text, **message}
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1790000000,
        "model": "stub-model-2026",
        "choices": [{"index": 0, "finish_reason": "stop", "message": said}],
        "usage": USAGE,
    }
    return Answer(body=json.dumps(body).encode(), headers={"Content-Type": "application/json"})


@dataclass
class Asked:
    """One request that arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    raw: bytes

    @property
    def texts(self) -> list[str]:
        """The text of each message."""
        contents = [message["content"] for message in self.body["messages"]]
        return [content if isinstance(content, str) else content[0]["text"] for content in contents]

    @property
    def page(self) -> str:
        """The page and the task it was asked about."""
        return self.texts[1]

    @property
    def pictures(self) -> list[str]:
        contents = [message["content"] for message in self.body["messages"]]
        parts = [part for content in contents if isinstance(content, list) for part in content]
        return [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]

    def element(self, pattern: str) -> str:
        """Return the id of the first element whose tag and text match."""
        for match in re.finditer(r'<\w+ id="(\w+)"[^<]*', self.page):
            if re.search(pattern, match[0]):
                return match[1]
        raise AssertionError(f"no element {pattern!r} in {self.page}")


Think = Callable[[Asked], Answer | str | dict[str, Any]]


class ChatStub:
    """The service. ``think`` says what it answers; a list is worked through, its last entry again and again."""

    silence = Answer(hangs=True)

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.think: Think | list[Any] = [completion("")]
        self.released = threading.Event()
        self.arrived = threading.Event()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                asked = Asked(
                    self.path, {name.lower(): value for name, value in self.headers.items()}, json.loads(raw), raw
                )
                stub.asked.append(asked)
                stub.arrived.set()
                answer = stub.answer_to(asked)
                if answer.hangs:
                    stub.released.wait(30)
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def answer_to(self, asked: Asked) -> Answer:
        """Return the answer to a request."""
        if isinstance(self.think, list):
            said = self.think.pop(0) if len(self.think) > 1 else self.think[0]
        else:
            said = self.think(asked)
        if isinstance(said, dict):
            said = json.dumps(said)
        return completion(said) if isinstance(said, str) else said

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
