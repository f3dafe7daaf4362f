"""Claims about a terminal that is far away."""

from __future__ import annotations

from tests.terminal.conftest import Account
from tests.terminal.emulator import Terminal, installed

COMMAND = [installed("skyvern-tui"), "--base-url"]


def test_an_answer_of_the_terminal_is_not_taken_for_keys(environment: dict[str, str], account: Account) -> None:
    """What the terminal answers when asked what it can draw never acts as keys, however many things it answers."""
    account.run("Keep me running", phases=[{"status": "running", "manual": True}])
    variables = environment | {"SKYVERN_API_KEY": account.key}
    with Terminal([*COMMAND, account.url], variables, answers=False) as terminal:
        terminal.until(lambda _: "\x1b[c" in terminal.raw)
        terminal.type("\x1b[6;20;10t\x1b[?62")
        terminal.type(";4;22c")
        terminal.until("Keep me running")
        terminal.press("?")
        terminal.until("esc close")
        terminal.press("escape")
        screen = terminal.until(lambda screen: "esc close" not in screen)
        assert "Cancel this run?" not in screen
        terminal.press("ctrl+q")
        assert terminal.wait() == 0
