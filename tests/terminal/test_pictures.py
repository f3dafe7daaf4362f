"""Claims about pictures in terminals that draw pixels."""

from __future__ import annotations

import re

from tests.terminal.conftest import Account
from tests.terminal.emulator import STAIN, Terminal, installed

KITTY = "\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1b[?62;c"
SIXEL = "\x1b[6;20;10t\x1b[?62;4;22c"
PLACE = "\U0010eeee"
"""Stands in every cell in which Kitty draws a piece of a picture."""


def looking(environment: dict[str, str], account: Account, answer: str, **variables: str) -> Terminal:
    """Return a terminal that gave an answer when asked what it can draw, with a run in it that has a screenshot."""
    account.run("Take a picture", progression="immediate", artifacts="all")
    command = [installed("skyvern-tui"), "--base-url", account.url]
    terminal = Terminal(
        command, environment | {"SKYVERN_API_KEY": account.key} | variables, size=(160, 48), answers=False
    )
    terminal.until(lambda _: "\x1b[c" in terminal.raw)
    terminal.type(answer)
    terminal.until("Take a picture")
    terminal.press("enter")
    terminal.until("Timeline")
    return terminal


def test_kitty_is_sent_a_picture_and_frees_it(environment: dict[str, str], account: Account) -> None:
    """The pixels go to the terminal in their turn; another tab leaves no piece of them, leaving the run frees them."""
    with looking(environment, account, KITTY, TERM="xterm-kitty") as terminal:
        terminal.until(PLACE)
        sent = re.findall(r"\x1b_Gi=(\d+),m=[01],f=100,q=2;[A-Za-z0-9+/=]+\x1b\\", terminal.raw)
        assert sent
        number = sent[0]
        assert re.search(rf"\x1b_Ga=p,i={number},c=\d+,r=\d+,U=1,q=2\x1b\\", terminal.raw)
        begun = [piece for piece in terminal.raw.split("\x1b_G")[1:] if "\x1b\\" not in piece.split("\x1b[")[0]]
        assert begun == [], "nothing was written into the middle of a message"
        terminal.press("4")
        terminal.until(lambda screen: PLACE not in screen)
        terminal.press("1")
        terminal.until(PLACE)
        terminal.press("escape")
        terminal.until(lambda screen: "n new task" in screen and PLACE not in screen)
        everything = set(re.findall(r"\x1b_Gi=(\d+),m=", terminal.raw))
        terminal.until(lambda _: set(re.findall(r"\x1b_Ga=d,d=I,i=(\d+),q=2\x1b\\", terminal.raw)) >= everything)
        terminal.press("ctrl+q")
        assert terminal.wait() == 0


def test_sixels_are_drawn_over(environment: dict[str, str], account: Account) -> None:
    """A terminal with Sixel gets pixels; what comes after is written over every cell they may have been in."""
    with looking(environment, account, SIXEL) as terminal:
        terminal.until(lambda _: re.search(r"\x1bP[\d;]*q[^\x1b]+\x1b\\", terminal.raw))
        terminal.until("id")
        terminal.stain()
        terminal.press("4")
        terminal.until(lambda screen: STAIN not in "".join(line[108:] for line in screen.split("\n")[5:47]))
        drawn = terminal.raw.count("\x1bP")
        terminal.press("escape")
        terminal.until("n new task")
        assert terminal.raw.count("\x1bP") == drawn, "it is not drawn where it is not looked at"
