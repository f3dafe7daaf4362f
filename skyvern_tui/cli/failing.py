"""How a command ends when it cannot do what was asked.

Owns: turning every expected error into one message, one hint and one exit status. Must
not: hide an unexpected one, whose traceback is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

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


@contextmanager
def reported() -> Iterator[None]:
    """Turn the errors a user can do something about into a :class:`Failure`."""
    try:
        yield
    except SkyvernError as error:
        raise Failure(error.message, of_error(error), error.hint) from error
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
