"""The portal's second step, as plain HTTP clients see it: who is asked, which codes are right, how often."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pyotp
import pytest

from mock_server.sites.portal import create_app
from mock_server.sites.portal.accounts import ACCOUNTS


class Clock:
    """Moves when it is told to."""

    def __init__(self) -> None:
        self._now = datetime.fromisoformat("2026-11-21T12:00:00")

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()

    async def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def portal(clock: Clock, open_client: Any) -> httpx.AsyncClient:
    client: httpx.AsyncClient = open_client(create_app(clock), base_url="http://portal.test")
    return client


async def ask(portal: httpx.AsyncClient, factor: str) -> httpx.Response:
    """Give the password of the account with that factor and look at what is asked next."""
    account = next(account for account in ACCOUNTS if account.factor == factor)
    sent = {"username": account.username, "password": account.password, "next": "/invoices"}
    return await portal.post("/login", data=sent, follow_redirects=True)


async def give(portal: httpx.AsyncClient, code: str) -> httpx.Response:
    return await portal.post("/two-step", data={"code": code, "next": "/invoices"}, follow_redirects=True)


async def texted(portal: httpx.AsyncClient) -> str:
    return str((await portal.get("/phone.json")).json()[0]["code"])


async def test_an_app_code(portal: httpx.AsyncClient, clock: Clock):
    """The account with an authenticator is in with the code of now; the page does not tell it."""
    secret = next(account.secret for account in ACCOUNTS if account.factor == "app")
    code = pyotp.TOTP(secret).at(clock.now().timestamp())
    page = await ask(portal, "app")
    assert 'autocomplete="one-time-code"' in page.text
    assert secret not in page.text
    assert (await portal.get("/invoices")).headers["location"] == "/login?next=/invoices"
    assert (await give(portal, code)).url.path == "/invoices"


async def test_a_texted_code(portal: httpx.AsyncClient):
    """The text is in phone.json, the page has six boxes and not the code; blanks in it do not matter."""
    page = await ask(portal, "text")
    code = await texted(portal)
    assert page.text.count('maxlength="1"') == 6
    assert code not in page.text
    assert (await give(portal, f"{code[:3]} {code[3:]}")).url.path == "/invoices"


async def test_wrong_and_old_codes(portal: httpx.AsyncClient, clock: Clock):
    """A wrong code is refused with an alert, the third leads back to the start; an old one is as good as wrong."""
    await ask(portal, "text")
    good = await texted(portal)
    wrong = "000000" if good != "000000" else "111111"
    for _ in range(2):
        assert "That code is wrong or has expired" in (await give(portal, wrong)).text
    assert (await give(portal, wrong)).url.path == "/login"
    assert (await give(portal, good)).url.path == "/login"
    await ask(portal, "text")
    await clock.sleep(601)
    assert "That code is wrong or has expired" in (await give(portal, await texted(portal))).text


async def test_the_second_step_needs_the_first(portal: httpx.AsyncClient):
    """Without a password there is no second step, and the demo account is not asked for one."""
    assert (await portal.get("/two-step", follow_redirects=True)).url.path == "/login"
    assert (await give(portal, "123456")).url.path == "/login"
    assert (await ask(portal, "none")).url.path == "/invoices"
