"""A model that says what the test says, and a page to ask it about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from mock_server.agent.asking import goal_of
from mock_server.agent.events import ModelError, Reply, Task, Usage
from mock_server.agent.llm import Advice, Adviser
from mock_server.agent.observation import Capture, Element, Line, Observation, Option
from mock_server.agent.planner import Memory

ELEMENTS = (
    Element(id="AAA", tag="a", role="link", name="News", href="http://site.test/news"),
    Element(id="AAB", tag="input", role="textbox", name="User name", input_type="text", form="f"),
    Element(id="AAC", tag="input", role="textbox", name="Password", input_type="password", form="f"),
    Element(id="AAD", tag="button", role="button", name="Log in", input_type="submit", form="f"),
    Element(id="AAE", tag="select", role="combobox", name="Topic", options=(Option("Sales", "s"), Option("Help", "h"))),
    Element(id="AAF", tag="input", role="checkbox", name="Agree", input_type="checkbox", checked=False),
    Element(id="AAG", tag="button", role="button", name="Delete", disabled=True),
    Element(id="AAH", tag="input", role="file", name="Attachment", input_type="file"),
    Element(id="AAI", tag="input", role="textbox", name="One-time code", autocomplete="one-time-code"),
    Element(id="AAJ", tag="p", role="paragraph", name="", text="Just text", interactable=False),
)


def page(*lines: str, url: str = "http://site.test/", alert: str = "") -> Capture:
    """Return a look at a page with the elements above and these lines."""
    shown = [Line(text, "paragraph") for text in lines] + ([Line(alert, "alert")] if alert else [])
    tree = "".join(f'<{element.tag} id="{element.id}">{element.name}</{element.tag}>' for element in ELEMENTS)
    tree += "".join(f"<p>{line.text}</p>" for line in shown)
    seen = Observation(url=url, title="Acme", elements=ELEMENTS, lines=tuple(shown))
    return Capture(seen, "", [], [], tree, {}, {}, {})


class Model:
    """Answers in turn with what it was given: objects as JSON, texts, errors; and notes what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[list[dict[str, str]]] = []
        self.pictures: list[int] = []

    async def __call__(self, messages: Sequence[Mapping[str, str]], pictures: Sequence[bytes]) -> Reply:
        self.asked.append([dict(message) for message in messages])
        self.pictures.append(len(pictures))
        answer = self.answers.pop(0)
        if isinstance(answer, ModelError):
            raise answer
        text = answer if isinstance(answer, str) else json.dumps(answer)
        return Reply(text, Usage(100, 10), "test-model", b'{"model": "test-model"}', b'{"id": "x"}')

    @property
    def everything(self) -> str:
        """All it was ever told."""
        return "\n".join(message["content"] for messages in self.asked for message in messages)


class Session:
    """One run's adviser with its model."""

    def __init__(self, prompt: str, *answers: Any, **task: Any) -> None:
        self.model = Model(*answers)
        self.task = Task(prompt, "http://site.test/", ask_model=self.model, **task)
        self.adviser = Adviser(self.task, goal_of(self.task), self.model)
        self.memory = Memory(files=self.task.files, asks_for_codes=self.task.one_time_code is not None)

    async def advise(self, *lines: str, **shown: Any) -> Advice:
        advice = await self.adviser.advise(page(*lines, **shown), b"picture", self.memory)
        self.memory = advice.memory
        return advice


@pytest.fixture
def session() -> type[Session]:
    """Return what makes a session: a prompt, the model's answers, fields of the task."""
    return Session
