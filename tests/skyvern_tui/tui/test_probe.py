"""Claims about asking the terminal what it can draw."""

from __future__ import annotations

import pytest

from skyvern_tui.tui.graphics import kitty_message
from skyvern_tui.tui.probe import Graphics, question, read_answer


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"", None),
        (b"\x1b[6;20;10t", None),
        (b"\x1b[?62", None),
        (b"\x1b[?62;22c", Graphics()),
        (b"\x1b[?1;2c", Graphics()),
        (b"\x1b[?62;4;22c", Graphics(sixel=True)),
        (b"\x1b[6;20;10t\x1b[?62;4c", Graphics(sixel=True, cell=(10, 20))),
        (b"\x1b[6;0;0t\x1b[?62c", Graphics()),
        (b"\x1b_Gi=31;OK\x1b\\\x1b[?62c", Graphics(kitty=True)),
        (b"\x1b_Gi=31;ENOTSUPPORTED:no\x1b\\\x1b[?62c", Graphics()),
        (b"typed ahead\x1b[?62;4c", Graphics(sixel=True)),
    ],
)
def test_an_answer_is_understood_once_it_is_whole(said, expected):
    """The last question is answered by every terminal; until then nothing is concluded."""
    assert read_answer(said) == expected


@pytest.mark.parametrize(
    ("environment", "asked"),
    [
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm-ghostty"}, True),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, True),
        ({"TERM": "tmux-256color", "KITTY_WINDOW_ID": "1", "TMUX": "/tmp/s,1,0"}, False),
        ({}, False),
    ],
)
def test_only_kittys_are_asked_for_kittys_protocol(environment, asked):
    """A terminal that does not know the protocol would print the question, and tmux would take it for a title."""
    assert ("_G" in question(environment)) == asked
    assert question(environment).endswith("\x1b[c")


def test_a_picture_that_goes_is_freed_by_its_number():
    """What is drawn is sent as the library has it; what it frees is named, and the terminal answers neither."""
    assert kitty_message("AAAA", {"a": "T", "i": 7, "q": 2, "z": None}) == "\x1b_Ga=T,i=7,q=2;AAAA\x1b\\"
    assert kitty_message(None, {"a": "d", "I": 7}) == "\x1b_Ga=d,d=I,i=7,q=2\x1b\\"
