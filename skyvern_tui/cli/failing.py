"""How a command ends when it cannot do what was asked.

Owns: turning every expected error into one message, one hint and one exit status. Must
not: hide an unexpected one, whose traceback is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Final

import click

from skyvern_tui.cli.console import Narrator
from skyvern_tui.cli.exits import Exit, of_error
from skyvern_tui.client.errors import SkyvernError
from skyvern_tui.config import ConfigError
from skyvern_tui.embedded import EmbeddedMockError


class Failure(click.ClickException):
    """A message, what to do about it, and the exit status."""

    def __init__(self, message: str, code: Exit, hint: str = "") -> None:
        super().__init__(message)
        self.exit_code = int(code)  # type: ignore[misc]  # click declares it for the class and reads it here
        self.hint = hint

    def show(self, file: IO[Any] | None = None) -> None:
        """Write message and hint to stderr."""
        del file
        narrator = Narrator()
        narrator.say(f"Error: {self.message}", "bad")
        if self.hint:
            narrator.say(self.hint)


_AS_TYPED: Final = (
    (r"or pass api_key=", "or name a profile with --profile"),
    (r"wait_for_run\('([^']*)'\)", r"`skyvern-tui watch \1`"),
    (r"cancel_run\('([^']*)'\)", r"`skyvern-tui runs cancel \1`"),
    (r"pass httpx_client=httpx\.Client\(verify=\.\.\.\) or set", "set"),
    (r", or pass an httpx_client with higher limits", ""),
    (r"\bbase_url\b", "--base-url"),
)
"""What the client advises to those who write Python, and what that is on the command line."""

_NEXT: Final = {
    Exit.not_found: "`skyvern-tui runs list` shows the runs, `skyvern-tui artifacts list RUN_ID` the files of one.",
    Exit.key_refused: "Set SKYVERN_API_KEY to a key of that server, or name a profile with --profile.",
    Exit.bad_input: "Correct that: --help shows what may be given.",
    Exit.error: "`skyvern-tui doctor` checks the installation, the settings and the server.",
}
"""What to do next where the error itself has no advice."""

_ELSEWHERE: Final = {
    "/v1/browser_sessions": "`skyvern-tui sessions list` shows the sessions that are open.",
    "/v1/browser_profiles": "`skyvern-tui browser-profiles list` shows the profiles there are.",
}
"""The same for what is not there, by a part of the address that was asked."""


def _hint(error: SkyvernError) -> str:
    hint = error.hint
    for python, typed in _AS_TYPED:
        hint = re.sub(python, typed, hint)
    code = of_error(error)
    elsewhere = next((words for part, words in _ELSEWHERE.items() if part in error.message), "")
    return hint or (elsewhere if code is Exit.not_found else "") or _NEXT.get(code, "")


@contextmanager
def reported() -> Iterator[None]:
    """Turn the errors a user can do something about into a :class:`Failure`."""
    try:
        yield
    except SkyvernError as error:
        raise Failure(error.message, of_error(error), _hint(error)) from error
    except ConfigError as error:
        raise Failure(error.message, Exit.bad_input, error.hint) from error
    except EmbeddedMockError as error:
        raise Failure(error.message, Exit.no_server, error.hint) from error
    except BrokenPipeError:
        raise  # the reader of stdout went away; click ends quietly
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise Failure(
            f"{where}{error.strerror or error}", Exit.error, "Check that the place exists and has room."
        ) from error
    except KeyboardInterrupt:
        raise Failure("Interrupted.", Exit.interrupted) from None
