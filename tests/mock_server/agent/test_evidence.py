"""What counts as an error, as a confirmation, and which of the caller's codes it means."""

from __future__ import annotations

import pytest

from mock_server.agent.evidence import confirmations_in, errors_in, match_error_codes

ERRORS = [
    "Invalid username or password.",
    "Please enter a valid email address",
    "This field is required",
    "Your account is locked",
    "The code you entered is incorrect",
    "Sorry, this item is out of stock",
    "That user name is already taken",
    "We could not find a match",
]
CONFIRMATIONS = [
    "Thank you, Jane. Your message has been sent.",
    "Success! Your order was placed.",
    "We will be in touch soon",
    "Order confirmed",
    "Your changes have been saved",
]
NEITHER = ["About us", "Contact", "Your message", "Prices from $10", "Password", "Opening hours 9 to 5"]


@pytest.mark.parametrize("line", ERRORS)
def test_errors_are_told_from_confirmations(line: str) -> None:
    """A line that reports a problem is an error and no confirmation."""
    assert errors_in([line]) == [line]
    assert not confirmations_in([line])


@pytest.mark.parametrize("line", CONFIRMATIONS)
def test_confirmations_are_told_from_errors(line: str) -> None:
    """A line that reports success is a confirmation and no error."""
    assert confirmations_in([line]) == [line]
    assert not errors_in([line])


@pytest.mark.parametrize("line", NEITHER)
def test_ordinary_text_is_neither(line: str) -> None:
    """Text that reports nothing is not taken for a report."""
    assert not errors_in([line])
    assert not confirmations_in([line])


CODES = {
    "login_failed": "The login credentials are incorrect or the account is locked",
    "out_of_stock": "The product is sold out",
    "no_such_page": "The page does not exist",
}


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("Invalid username or password.", ["login_failed"]),
        ("Your account has been locked after 5 attempts", ["login_failed"]),
        ("This item is currently out of stock", ["out_of_stock"]),
        ("404: the page was not found", ["no_such_page"]),
        ("Login credentials are missing.", []),
        ("Please choose a colour", []),
        ("", []),
    ],
)
def test_a_code_is_given_when_its_description_and_the_page_are_about_the_same(said: str, codes: list[str]) -> None:
    """Codes follow what is said, not whatever was configured; nothing matching gives none."""
    assert [entry["error_code"] for entry in match_error_codes(CODES, [said])] == codes


def test_an_error_code_entry_has_the_shape_of_the_wire() -> None:
    """Code, reason, confidence and type, the reason quoting what was said."""
    (entry,) = match_error_codes(CODES, ["Invalid username or password."])
    assert set(entry) == {"error_code", "reasoning", "confidence_float", "error_type"}
    assert entry["error_type"] == "USER_DEFINED_ERROR"
    assert 0.5 <= entry["confidence_float"] <= 1
    assert "Invalid username or password." in entry["reasoning"]
