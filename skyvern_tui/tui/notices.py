"""Telling somebody who looks elsewhere that a run ended.

Owns: when to ring or notify, and how a terminal is asked to. Must not: do either while the
terminal is looked at: the screen shows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from skyvern_tui.core.text import one_line, shorten

if TYPE_CHECKING:
    from skyvern_tui.config.preferences import Notice
    from skyvern_tui.tui.app import SkyvernApp

LONGEST: Final = 120


def run_ended(app: SkyvernApp, name: str, status: str, notice: Notice) -> bool:
    """Ring, notify, both or neither; True when something was done."""
    if app.app_focus or notice == "off":
        return False
    if notice in {"bell", "both"}:
        app.bell()
    if notice in {"notify", "both"}:
        words = shorten(one_line(f"{status.replace('_', ' ')}: {name}"), LONGEST)
        # OSC 9, which iTerm2, WezTerm, Kitty, Ghostty and Windows Terminal show. The text is inert: no escapes get out.
        write_terminal(app, f"\x1b]9;Skyvern - {words}\x1b\\")
    return True


def write_terminal(app: SkyvernApp, sequence: str) -> None:
    """Send a control sequence to the terminal, if there is one."""
    if app._driver is not None and not app.is_web:  # noqa: SLF001 - Textual's own copy_to_clipboard does the same
        app._driver.write(sequence)  # noqa: SLF001 - as above
