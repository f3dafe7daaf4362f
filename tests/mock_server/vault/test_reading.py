"""The code in a message, and not another number."""

from __future__ import annotations

import pytest

from mock_server.vault.reading import code_in


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Hello, your verification code is 123456", "123456"),
        ("Your Acme code: 123 456. It expires in 10 minutes (12:30).", "123456"),
        ("G-482913 is your Google verification code.", "482913"),
        ("Order 20251122 shipped. Use code 9921 to log in. Call +1 415 555 0123", "9921"),
        ("<style>.a{width:4000px}</style><p>Use <b>AB12C9</b> as your one-time code</p>", "AB12C9"),
        ("Use 48-hour code 654321 https://shop.example/999999", "654321"),
        ("In 2026 your PIN is 7731", "7731"),
        ("Sign in with 123-456 before 2026-11-22", "123456"),
    ],
)
def test_the_code_is_found(message: str, code: str):
    """Years, sums, telephone numbers, dates, addresses and styles are passed over; blanks and dashes go."""
    assert code_in(message) == code


@pytest.mark.parametrize(
    "message",
    [
        "there is nothing in here",
        "In 2026 we moved to 1234 Main Street",
        "Your total is $1234.00",
        "",
        "code",
        "1" * 5000,
    ],
)
def test_nothing_is_made_up(message: str):
    """A message without a code, or with a number nobody calls one, brings nothing."""
    assert code_in(message) == ""
