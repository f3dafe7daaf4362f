"""The conversation with a model: one question a look, one chance to put an answer right.

Owns: how often it is asked, what it is told of its mistakes, and when it is given up and
the rules decide. Must not: act, or raise for anything a model does.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from mock_server.agent.events import Ask, ModelError, Task, Usage
from mock_server.agent.goal import Goal
from mock_server.agent.llm.actions import Reader
from mock_server.agent.llm.answer import AnswerError, parse_answer
from mock_server.agent.llm.exchange import Exchange
from mock_server.agent.llm.extracted import Shown
from mock_server.agent.llm.placeholders import Placeholders
from mock_server.agent.llm.prompt import as_text, messages_for, repair_messages
from mock_server.agent.llm.rounds import Rounds
from mock_server.agent.observation import Capture
from mock_server.agent.planner import Decision, Memory
from mock_server.agent.planner.model import Situation

ATTEMPTS: Final = 2
"""The answer, and the one that puts it right."""
SILENCES: Final = 3
"""After so many looks in a row without an answer the model is not asked any more in this run."""
_ANSWER_KEPT: Final = 4_000
"""Characters of an unusable answer that are shown to the model again."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What came of asking."""

    decision: Decision | None
    """None: the rules decide."""
    memory: Memory
    exchanges: tuple[Exchange, ...] = ()
    usage: Usage = field(default_factory=Usage)
    model: str | None = None
    trouble: str = ""
    """Why the rules decide."""
    notes: tuple[str, ...] = ()
    """Values the model extracted that no page shows."""


class Adviser:
    """Asks the model of one run."""

    def __init__(self, task: Task, goal: Goal, ask: Ask) -> None:
        self._task = task
        self._goal = goal
        self._ask = ask
        self._shown = Shown()
        self._rounds = Rounds()
        self._silences = 0
        self._over = False
        """It is not asked any more."""

    async def advise(self, capture: Capture, picture: bytes | None, memory: Memory) -> Advice:
        """Return what the model would do on the page, or that the rules are to decide. Never raises."""
        self._shown.add(capture)
        if self._over:
            return Advice(None, memory)
        look = _Look(self._task, self._goal, self._ask, self._rounds, capture=capture, memory=memory, shown=self._shown)
        decision = await look.converse(picture)
        self._silences = self._silences + 1 if look.silence is not None else 0
        self._over = self._silences >= SILENCES or (look.silence is not None and look.silence.lasting)
        trouble, notes = "", look.unproven if decision is not None else ()
        if decision is None:
            trouble = f"{look.error} The rules {'do the rest of the run' if self._over else 'decide this step'}."
        else:
            memory = self._after(memory, decision, notes)
            for move in decision.moves:
                self._rounds.add(move, capture)
        return Advice(decision, memory, tuple(look.exchanges), look.usage, look.model, trouble, notes)

    def _after(self, memory: Memory, decision: Decision, notes: Sequence[str]) -> Memory:
        """Return the memory that goes with a decision: where in the task it is, and what is doubtful."""
        position = len(self._goal.intents) if decision.ending == "completed" else memory.position
        if decision.moves:
            position = max(position, decision.moves[0].intent)
        said = (f"No page shows as such what the model extracted: {'; '.join(notes)}.",) if notes else ()
        return replace(memory, position=position, notes=(*memory.notes, *said))


class _Look:
    """The questions about one look at a page."""

    def __init__(
        self, task: Task, goal: Goal, ask: Ask, rounds: Rounds, *, capture: Capture, memory: Memory, shown: Shown
    ) -> None:
        self._task = task
        self._goal = goal
        self._ask = ask
        self._rounds = rounds
        self._capture = capture
        self._memory = memory
        self._shown = shown
        self._secrets = Placeholders.of(goal, memory.code, gives_codes=memory.asks_for_codes)
        self._messages = messages_for(task, goal, capture, memory, self._secrets)
        self.exchanges: list[Exchange] = []
        self.usage = Usage()
        self.model: str | None = None
        self.error = ""
        """What is wrong with the last answer."""
        self.silence: ModelError | None = None
        """There was no answer at all."""
        self.unproven: tuple[str, ...] = ()
        """Values in the decision that no page shows."""

    async def converse(self, picture: bytes | None) -> Decision | None:
        """Return the model's decision, or None if it comes to none."""
        page = self._capture.observation
        # A secret that can be read on the page can be read in its picture.
        secret = self._secrets.shown_in(f"{self._capture.tree_text}\n{page.title}\n{page.url}")
        pictures = [picture] if picture is not None and not secret else []
        doubtful: Decision | None = None
        for _ in range(ATTEMPTS):
            text = await self._asked(pictures)
            if text is None:
                break
            decision = self._read(text)
            if decision is not None and (not self.unproven or doubtful is not None):
                return decision
            doubtful = decision or doubtful
            answer = self._secrets.hide(text[:_ANSWER_KEPT])
            self._messages = repair_messages(self._messages, answer, self._secrets.hide(self.error))
        return doubtful

    async def _asked(self, pictures: Sequence[bytes]) -> str | None:
        """Return the text of the model's answer, or None if there was none; either way the exchange is noted."""
        prompt = as_text(self._messages)
        try:
            reply = await self._ask(self._messages, pictures)
        except ModelError as error:
            self.silence, self.error = error, str(error)
            response = error.raw or json.dumps({"error": str(error)}).encode()
            self.exchanges.append(Exchange(prompt, error.request, response))
            return None
        self.usage += reply.usage
        self.model = reply.model
        self.exchanges.append(Exchange(prompt, reply.request, reply.raw))
        return reply.text

    def _read(self, text: str) -> Decision | None:
        """Return what an answer decides, or None with ``error`` set; ``error`` also tells what is doubtful about it."""
        page, first = self._capture.observation, self._goal.intents[0]
        at = Situation(self._goal, first, 0, page, self._memory, self._task.schema)
        reader = Reader(
            self._task, self._goal, self._memory, situation=at, placeholders=self._secrets, shown=self._shown
        )
        try:
            answer = parse_answer(text)
            self.exchanges[-1] = replace(self.exchanges[-1], parsed=answer)
            decision = reader.decision(answer)
            for move in decision.moves:
                self._rounds.check(move, self._capture, self._memory)
        except AnswerError as error:
            self.error = str(error)
            return None
        self.unproven = tuple(reader.unproven)
        self.error = (
            f"No page of this run shows {'; '.join(reader.unproven)}. Copy values as they stand there, and give "
            "null for what is nowhere. Repeat a value only if the task asks to compute or reword it."
        )
        return decision
