"""The client of the chat API against a service on a real socket, each way it can fail."""

from __future__ import annotations

import asyncio
import json
import socket
from datetime import datetime, timedelta
from typing import Any

import pytest

from mock_server.agent.events import ModelError, Reply, Usage
from mock_server.models.chat import LONGEST_WAIT_S, ChatModel, address_of
from tests.mock_server.models.chat_stub import Answer, ChatStub, completion

KEY = "sk-7f1e0c"
MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello?"}]


class QuickClock:
    """Sleeps at once, and notes for how long."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime.fromisoformat("2026-11-22T04:00:00") + timedelta(seconds=sum(self.slept))

    def monotonic(self) -> float:
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def clock() -> QuickClock:
    """A clock for the waits between tries."""
    return QuickClock()


def model_of(chat: ChatStub, clock: QuickClock, **more: Any) -> ChatModel:
    return ChatModel(chat.url, "small", clock, key=KEY, **({"seconds": 10.0} | more))


async def error_of(model: ChatModel) -> ModelError:
    with pytest.raises(ModelError) as raised:
        await model.ask(MESSAGES, [])
    return raised.value


def busy(status: int, **headers: str) -> Answer:
    body = json.dumps({"error": {"message": "Too much to do."}}).encode()
    return Answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


async def test_a_question_and_its_answer(chat: ChatStub, clock: QuickClock):
    """Messages, model, key and picture go out; text, tokens, model and the provider's own words come back."""
    chat.think = [completion("Hi.")]
    reply = await model_of(chat, clock).ask(MESSAGES, [b"\x89PNG"])
    (asked,) = chat.asked
    assert (asked.path, asked.headers["authorization"]) == ("/v1/chat/completions", f"Bearer {KEY}")
    assert (asked.body["model"], asked.body["temperature"], asked.texts) == ("small", 0, ["Be brief.", "Hello?"])
    assert asked.pictures == ["data:image/png;base64,iVBORw=="]
    assert (reply.text, reply.usage, reply.model) == ("Hi.", Usage(1200, 40, 7, 900), "stub-model-2026")
    assert json.loads(reply.raw)["id"] == "chatcmpl-1"
    kept = json.loads(reply.request)
    assert kept["messages"][1]["content"][1]["image_url"]["url"] == "screenshot_llm"
    assert KEY not in repr(reply) + reply.request.decode()


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": [{"type": "text", "text": "Hi"}, {"type": "text", "text": "!"}]}, "Hi!"),
        ({"refusal": "I can't."}, "I can't."),
        ({"tool_calls": [{"function": {"name": "click"}}]}, '[{"function": {"name": "click"}}]'),
    ],
)
async def test_other_forms_of_a_message(chat: ChatStub, clock: QuickClock, message: dict[str, Any], text: str):
    """Parts are joined; a refusal or a call of a function stands in for a text."""
    chat.think = [completion(None, **message)]
    assert (await model_of(chat, clock).ask(MESSAGES, [])).text == text


async def test_a_busy_service_is_asked_again_when_it_says(chat: ChatStub, clock: QuickClock):
    """Retry-After is honoured as a number and as a date; without it the waits grow."""
    chat.think = [busy(429, Retry_After="7"), busy(503, Retry_After="Sun, 22 Nov 2026 04:00:09 GMT"), completion("Hi.")]
    assert (await model_of(chat, clock).ask(MESSAGES, [])).text == "Hi."
    assert clock.slept == [7.0, 2.0]
    chat.think = [busy(500), busy(502), completion("Hi.")]
    clock.slept.clear()
    await model_of(chat, clock).ask(MESSAGES, [])
    assert clock.slept == [1.0, 2.0]


async def test_waiting_is_bounded(chat: ChatStub, clock: QuickClock):
    """Asked to wait for longer than the bound it gives up at once, and after three tries anyway."""
    chat.think = [busy(429, Retry_After=str(int(LONGEST_WAIT_S) + 1))]
    error = await error_of(model_of(chat, clock))
    assert "Too much to do" in str(error)
    assert (clock.slept, len(chat.asked), error.lasting) == ([], 1, False)
    chat.think = [busy(429, Retry_After="0")]
    assert "429" in str(await error_of(model_of(chat, clock)))
    assert len(chat.asked) == 1 + 3


@pytest.mark.parametrize(("status", "lasting"), [(401, True), (403, True), (404, True), (400, False), (302, False)])
async def test_answers_that_are_errors(chat: ChatStub, clock: QuickClock, status: int, lasting: bool):
    """They are not tried again; those that would stay the same say so. A redirect is not followed."""
    body = json.dumps({"error": {"message": f"Wrong key {KEY}."}}).encode()
    chat.think = [Answer(status, body, {"Location": chat.url})]
    error = await error_of(model_of(chat, clock))
    assert (error.lasting, len(chat.asked)) == (lasting, 1)
    assert str(status) in str(error)
    assert KEY not in str(error) + error.raw.decode() + error.request.decode()
    assert "Wrong key ********" in str(error)


@pytest.mark.parametrize(
    "body", [b"", b"<html>Hello</html>", b"[]", b'{"choices": []}', b'{"choices": [{"message": 1}]}']
)
async def test_what_is_no_completion(chat: ChatStub, clock: QuickClock, body: bytes):
    """It is an error that keeps what came."""
    chat.think = [Answer(200, body)]
    error = await error_of(model_of(chat, clock))
    assert "no completion" in str(error)
    assert json.loads(error.raw)["answer"] == body.decode()


async def test_an_answer_that_does_not_come(chat: ChatStub, clock: QuickClock):
    """The time limit ends it."""
    chat.think = [chat.silence]
    assert str(await error_of(model_of(chat, clock, seconds=0.2))) == "The model gave no answer within 0.2 s."


async def test_nobody_listens(clock: QuickClock):
    """The error names the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = await error_of(ChatModel(f"http://127.0.0.1:{port}/v1", "small", clock))
    assert f"http://127.0.0.1:{port}/v1/chat/completions cannot be reached" in str(error)


async def test_an_endless_answer(chat: ChatStub, clock: QuickClock):
    """More than four megabytes are not read."""
    chat.think = [Answer(200, b"x" * (4 * 1024 * 1024 + 1))]
    assert "larger than 4 MB" in str(await error_of(model_of(chat, clock)))


async def test_what_a_service_does_not_take_is_left_out(chat: ChatStub, clock: QuickClock):
    """Pictures and the temperature are dropped when it complains of them, for later questions as well."""
    complaints = [
        Answer(400, b'{"error": {"message": "image input is not supported"}}'),
        Answer(400, b'{"error": {"message": "Unsupported value: temperature"}}'),
        completion("Hi."),
    ]
    chat.think = list(complaints)
    model = model_of(chat, clock)
    assert (await model.ask(MESSAGES, [b"\x89PNG"])).text == "Hi."
    await model.ask(MESSAGES, [b"\x89PNG"])
    assert [len(asked.pictures) for asked in chat.asked] == [1, 0, 0, 0]
    assert ["temperature" in asked.body for asked in chat.asked] == [True, True, False, False]


async def test_pictures_off(chat: ChatStub, clock: QuickClock):
    """A service that is to see none gets none."""
    chat.think = [completion("Hi.")]
    await model_of(chat, clock, pictures=False).ask(MESSAGES, [b"\x89PNG"])
    assert chat.asked[0].pictures == []


async def test_a_question_can_be_called_off(chat: ChatStub, clock: QuickClock):
    """Cancelling the caller ends it while the service is still thinking."""
    chat.think = [chat.silence]
    asking: asyncio.Task[Reply] = asyncio.create_task(model_of(chat, clock, seconds=60.0).ask(MESSAGES, []))
    assert await asyncio.to_thread(chat.arrived.wait, 10)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(asking, 5)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1/chat/completions"),
        ("https://models.test/api/v1/", "https://models.test/api/v1/chat/completions"),
        ("http://models.test/v1/chat/completions", "http://models.test/v1/chat/completions"),
        ("http://models.test/v1?api-version=1", "http://models.test/v1/chat/completions?api-version=1"),
    ],
)
def test_addresses(given: str, address: str):
    """The base address and the whole one are understood, with what they ask beside."""
    assert address_of(given) == address


@pytest.mark.parametrize("given", ["", "models.test", "ftp://models.test", "http://", "http://me:key@models.test/v1"])
def test_what_is_no_address(given: str):
    """It is refused, and so is a key in it."""
    with pytest.raises(ValueError, match=r"address"):
        address_of(given)
