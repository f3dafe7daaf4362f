"""Carrying out a move, whatever it takes: hands on the page, a pause, a code, a file from an address.

Owns: what is done for each kind of move, and the one-time code the task was given. Must not:
decide on moves, tell events, or touch the page in any way but through the hands.
"""

from __future__ import annotations

from dataclasses import replace

from mock_server.agent.acting import Hands, Outcome
from mock_server.agent.events import NoCodeError, NoFileError, Task
from mock_server.agent.goal import Credentials
from mock_server.agent.observation import Observation
from mock_server.agent.picturing import pdf_of
from mock_server.agent.planner import Move
from mock_server.agent.planner.transfers import is_address
from mock_server.agent.receiving import File
from mock_server.clock import Clock


class Deeds:
    """Does the moves of one task."""

    def __init__(self, task: Task, known: Credentials, hands: Hands, clock: Clock) -> None:
        self._task = task
        self._known = known
        self._hands = hands
        self._clock = clock
        self.code = ""
        """The one-time code that was asked for and given; empty without one."""
        self.no_code: tuple[str, str] | None = None
        """Error code and reason why none was given, the last time it was asked for in vain."""

    async def do(self, move: Move, seen: Observation) -> Outcome:
        """Carry out a move; ``seen`` is the page as the decision saw it. What goes wrong is in the outcome."""
        here, kind = self._hands.page.url, move.action.action_type
        if kind == "extract":
            return Outcome(ok=True, effect=move.action.reasoning, before=here, after=here)
        if kind == "wait":
            await self._clock.sleep(move.seconds)
            return Outcome(ok=True, effect=f"waited {move.seconds:g} s", before=here, after=here)
        if kind == "download_file" and move.element is None:
            return await self._print(seen.title, here)
        if kind == "verification_code":
            return await self._ask_for_code(here)
        if kind == "upload_file" and is_address(move.values[0]):
            return await self._upload_from(move, here)
        return await self._hands.do(self._with_code(move) if move.code else move)

    async def _print(self, title: str, here: str) -> Outcome:
        """Save the page itself."""
        data = await pdf_of(self._hands.page)
        name = "".join(letter if letter.isalnum() or letter in " -_" else "_" for letter in title).strip()
        files = (File(f"{name or 'page'}.pdf", data, here, printed=True),) if data else ()
        effect = "the page was saved as PDF" if data else "this browser cannot save the page as PDF"
        return Outcome(bool(data), effect, before=here, after=here, files=files)

    async def _ask_for_code(self, here: str) -> Outcome:
        ask = self._task.one_time_code
        assert ask is not None, "only a task that can ask is told to"
        try:
            self.code = await ask()
        except NoCodeError as error:
            self.no_code = (error.error_code, str(error))
            return Outcome(ok=False, effect=str(error), before=here, after=here)
        return Outcome(ok=True, effect="a code was given", before=here, after=here)

    def _with_code(self, move: Move) -> Move:
        code = self._known.code or self.code
        return replace(move, text=code if move.code_part is None else code[move.code_part : move.code_part + 1])

    async def _upload_from(self, move: Move, here: str) -> Outcome:
        fetch = self._task.fetch_file
        assert fetch is not None, "only a task that can fetch is told to"
        try:
            path = await fetch(move.values[0])
        except NoFileError as error:
            return Outcome(ok=False, effect=str(error), changed=False, before=here, after=here)
        return await self._hands.do(replace(move, values=(path,)))
