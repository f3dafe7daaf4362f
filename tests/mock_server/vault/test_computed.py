"""Codes computed from a secret agree with the standard, and are good for a while when they are handed out."""

from __future__ import annotations

from base64 import b32encode
from datetime import datetime
from typing import Any

import pytest

from mock_server.agent.events import NoCodeError
from mock_server.vault.computed import computed_code

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The key of RFC 6238's test vectors."""


class At:
    """A clock at a moment; sleeping moves it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def now(self) -> datetime:
        return datetime.utcfromtimestamp(self.seconds)  # noqa: DTZ004  # naive UTC is what clocks give

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.mark.parametrize(("moment", "code"), [(1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")])
async def test_the_vectors_of_the_standard(moment: int, code: str):
    """The last six digits of RFC 6238's SHA-1 vectors come out, however the secret is written."""
    assert await computed_code(SECRET, At(moment)) == code
    assert await computed_code("gezd gnbv-gy3t qojq GEZD GNBV GY3T QOJQ", At(moment)) == code
    assert await computed_code(f"otpauth://totp/Acme:dana?secret={SECRET}&issuer=Acme", At(moment)) == code


async def test_other_settings_of_an_authenticator():
    """Digits, period and algorithm of an otpauth address count; a short secret of 80 bits is one."""
    address = f"otpauth://totp/Acme:dana?secret={SECRET}&digits=8"
    assert await computed_code(address, At(1234567890)) == "89005924"
    key = b32encode(b"12345678901234567890123456789012").decode()
    address = f"otpauth://totp/x?secret={key}&digits=8&algorithm=SHA256"
    assert await computed_code(address, At(1234567890)) == "91819424"
    assert await computed_code(f"{address}&period=60", At(1234567890)) != "91819424"
    assert len(await computed_code("JBSWY3DPEHPK3PXP", At(5))) == 6


async def test_a_code_that_runs_out_is_waited_out():
    """In the last moment of a step the next step's code is given; so is it when this one was used."""
    clock = At(1111111109)  # one second before the step of the vector begins
    assert await computed_code(SECRET, clock) == "050471"
    assert clock.seconds >= 1111111110
    later = await computed_code(SECRET, clock, used={"050471"})
    assert later != "050471"
    assert clock.seconds >= 1111111140


@pytest.mark.parametrize(
    "secret",
    [
        "not base 32!",
        "otpauth://hotp/x?secret=GEZDGNBV&counter=1",
        "otpauth://nonsense",
        "otpauth://totp/x?secret=GEZDGNBV&digits=99",
        " ",
    ],
)
async def test_what_is_no_secret(secret: str):
    """Anything else is OTP_ERROR, with what to do and without the secret."""
    clock: Any = At(0)
    with pytest.raises(NoCodeError) as caught:
        await computed_code(secret, clock)
    assert caught.value.error_code == "OTP_ERROR"
    assert not secret.strip() or secret not in str(caught.value)
