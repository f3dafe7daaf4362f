"""What works here and what does not, without leaving the app.

Owns: having the command line's ``doctor`` look at the server in use, and showing what it
says. Must not: check anything itself.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical

from skyvern_tui.config.connection import API_KEY_VARIABLE, BASE_URL_VARIABLE, PROFILE_VARIABLE
from skyvern_tui.core.text import inert_lines
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.screens.dialog import Dialog
from skyvern_tui.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from skyvern_tui.config import Connection

COMMAND: Final = (sys.executable, "-m", "skyvern_tui", "doctor")
PATIENCE: Final = 60.0
"""Seconds the checks may take."""
_NO_TERMINAL: Final = "none here (the app needs one"
_HEAD: Final = re.compile(r"\w+ +\w+ {2,}(?=\S)")
"""How a finding begins: what came of it, and what was looked at."""


def hung(line: str, width: int) -> list[str]:
    """Return the lines a finding takes; those after the first begin under its words."""
    head = _HEAD.match(line)
    indent = " " * (head.end() if head else 0)
    return textwrap.wrap(line, max(width, 2 * len(indent), 20), subsequent_indent=indent, break_on_hyphens=False)


class DoctorScreen(Dialog[None]):
    """The findings of ``skyvern-tui doctor``."""

    scopes = (Scope.doctor, Scope.dialog)
    title_words = "Doctor"
    named = ("doctor.again", "doctor.copy", "dialog.close")
    DEFAULT_CSS = """
    DoctorScreen {
        #dialog { width: 110; height: 80%; padding: 1 1; }
        TextView { background: $panel; }
    }
    """
    BINDINGS = bindings(Scope.doctor)

    def __init__(self, connection: Connection | None, command: Sequence[str] = COMMAND) -> None:
        super().__init__()
        self._connection = connection
        self._command = command
        self._found: list[str] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield TextView()

    def on_mount(self) -> None:
        self.query_one(TextView).focus()
        self.action_again()

    @work(group="doctor", exclusive=True)
    async def action_again(self) -> None:
        """Have everything looked at."""
        view = self.query_one(TextView)
        view.show(["looking…"])
        text = await self._findings()
        # The checks run beside the app, away from its terminal: what they say of theirs is of no use.
        self._found = [line for line in inert_lines(text.rstrip("\n")) if _NO_TERMINAL not in line]
        self._found = self._found or ["It said nothing."]
        if self.is_attached:
            self._show()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        """Lay the findings out for the width there is; none while it is not known."""
        view = self.query_one(TextView)
        width = view.scrollable_content_region.width
        if width > 0 and self._found:
            view.show([part for line in self._found for part in hung(line, width)])

    async def _findings(self) -> str:
        """Return what the command prints; a key goes there by the environment, where no list of processes shows it."""
        command, environment = list(self._command), dict(os.environ)
        connection = self._connection
        if connection is not None and connection.base_url:
            command += ["--base-url", connection.base_url]
            for name in (PROFILE_VARIABLE, BASE_URL_VARIABLE, API_KEY_VARIABLE):
                environment.pop(name, None)
            if connection.api_key:
                environment[API_KEY_VARIABLE] = connection.api_key
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
        except OSError as error:
            return f"The checks could not be started: {error.strerror or error}."
        try:
            async with asyncio.timeout(PATIENCE):
                said, _ = await process.communicate()
        except TimeoutError:
            return f"The checks took longer than {PATIENCE:.0f} seconds. In a terminal: skyvern-tui doctor"
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return said.decode("utf-8", "replace")

    def action_copy(self) -> None:
        """Copy what was found."""
        self.skyvern.copy("\n".join(self._found), "what the doctor found")
