"""Who decides what to do next: the rules, or a language model with the rules behind it.

Owns: asking the one or the other, and what is told about a model's part in a decision.
Must not: act, or import anything for a model where there is none.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from mock_server.agent import story
from mock_server.agent.events import Event, Log, Task, Thought
from mock_server.agent.goal import Goal
from mock_server.agent.observation import Capture
from mock_server.agent.planner import Decision, Memory, decide

if TYPE_CHECKING:
    from mock_server.agent.llm import Advice, Adviser, Exchange

Picture = Callable[[], Awaitable[bytes | None]]


class Counsel:
    """Decides for one run."""

    def __init__(self, task: Task, goal: Goal) -> None:
        self._task = task
        self._goal = goal
        self._adviser: Adviser | None = None
        if task.ask_model is not None:
            from mock_server.agent.llm import Adviser  # noqa: PLC0415 - nothing of it may be loaded where no model was asked for

            self._adviser = Adviser(task, goal, task.ask_model)
        self._advice: Advice | None = None
        self._signed = True

    @property
    def has_model(self) -> bool:
        """Whether a model is asked at all."""
        return self._adviser is not None

    @property
    def by_model(self) -> bool:
        """Whether the decision in hand is the model's."""
        return self._advice is not None and self._advice.decision is not None

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What was asked and answered for the decision in hand."""
        return self._advice.exchanges if self._advice is not None else ()

    async def decide(self, capture: Capture, memory: Memory, picture: Picture) -> tuple[Decision, Memory]:
        """Return what to do next, and the memory that goes with it."""
        if self._adviser is not None:
            self._advice = await self._adviser.advise(capture, await picture(), memory)
            self._signed = not self._advice.exchanges
            if self._advice.decision is not None:
                return self._advice.decision, self._advice.memory
        return decide(self._goal, capture.observation, memory, self._task.schema), memory

    def remarks(self, capture: Capture) -> list[Event]:
        """Return what is to be told before the decision is followed: why it is not the model's, what is doubtful."""
        advice = self._advice
        if advice is None or not advice.exchanges:
            return []
        spent = {"input_tokens": advice.usage.input, "output_tokens": advice.usage.output}
        remarks: list[Event] = [
            Log("info", "Model asked", {"model": advice.model, "questions": len(advice.exchanges), **spent})
        ]
        if advice.trouble:
            remarks.append(Log("warning", f"The model's answer cannot be used: {advice.trouble}"))
            remarks.append(self.sign(story.fallback_thought(capture.observation, advice.trouble)))
        if advice.notes:
            text = "No page shows as such what the model extracted."
            remarks.append(Log("warning", text, {"values": list(advice.notes)}))
        return remarks

    def sign(self, thought: Thought) -> Thought:
        """Return the thought with model and tokens of the decision in hand, if it is the first told of it."""
        if self._signed or self._advice is None:
            return thought
        self._signed = True
        return replace(thought, model=self._advice.model, usage=self._advice.usage)

    def unsaid(self, capture: Capture, decision: Decision) -> list[Thought]:
        """Return the thought behind a model's decision that no other thought has told yet."""
        if self._signed or not decision.moves:
            return []
        intents = [self._goal.intents[decision.moves[0].intent]]
        return [self.sign(story.plan_thought(capture.observation, decision, intents))]
