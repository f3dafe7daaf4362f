"""The customer portal: log in, look at invoices, download them as PDF.

Owns: its pages, who is logged in, and ``data.json``. Invoices live in ``invoices``, their
files in ``pdf``.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any, Final
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mock_server.clock import Clock, RealClock
from mock_server.sites.portal.accounts import (
    ACCOUNTS,
    DEMO,
    MAX_CODE_TRIES,
    Account,
    Texts,
    account_for,
    is_app_code,
)
from mock_server.sites.portal.invoices import BY_NUMBER, CUSTOMER, INVOICES, SORTS, ordered
from mock_server.sites.portal.pdf import invoice_pdf
from mock_server.sites.site import Site, base_path, inner_path, read_form, see_other
from mock_server.sites.visits import Visits

USERNAME: Final = DEMO.username
PASSWORD: Final = DEMO.password
MAX_TRIES: Final = 5

_site = Site("portal", shared={"customer": CUSTOMER})


@dataclass(slots=True)
class Access:
    """What the portal knows of one visitor."""

    logged_in: bool = False
    failures: int = 0
    pending: Account | None = None
    """Whose password was right and whose code is waited for."""
    code: str = ""
    """The code that was texted, and until when it is good."""
    code_until: datetime | None = None
    code_tries: int = 0
    email: str = "dana.whitfield@mail.example"
    phone: str = "+44 1632 960 388"
    paperless: bool = True
    notice: str = ""
    """Shown once, on the next page."""

    @property
    def locked(self) -> bool:
        return self.failures >= MAX_TRIES


Handler = Callable[[Request], Awaitable[Response]]


def create_app(clock: Clock | None = None) -> ASGIApp:
    """Return the portal with nobody logged in."""
    portal = _Portal(clock or RealClock())
    member = portal.members_only
    return _site.app(
        [
            Route("/", portal.start),
            Route("/login", portal.login),
            Route("/login", portal.try_login, methods=["POST"]),
            Route("/two-step", portal.two_step),
            Route("/two-step", portal.try_code, methods=["POST"]),
            Route("/logout", portal.logout, methods=["POST"]),
            Route("/dashboard", member(portal.dashboard)),
            Route("/invoices", member(portal.invoices)),
            Route("/invoices/{number}/pdf", member(portal.download)),
            Route("/profile", member(portal.profile)),
            Route("/profile", member(portal.save_profile), methods=["POST"]),
            Route("/help", portal.help),
            Route("/data.json", portal.data),
            Route("/phone.json", portal.phone),
        ]
    )


class _Portal:
    """The pages, and the state of the visitors."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._texts = Texts(clock)
        self._visits: Visits[Access] = Visits("portal_session", Access)

    def _page(self, request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
        access = self._visits.of(request)
        notice, access.notice = access.notice, ""
        return _site.page(request, template, status=status, access=access, notice=notice, **context)

    def members_only(self, handler: Handler) -> Handler:
        """Send visitors who are not logged in to the login page, which brings them back."""

        async def guarded(request: Request) -> Response:
            if self._visits.of(request).logged_in:
                return await handler(request)
            wanted = inner_path(request) if request.method == "GET" else "/dashboard"
            if request.url.query and request.method == "GET":
                wanted += f"?{request.url.query}"
            return see_other(request, f"/login?next={quote(wanted, safe='/')}")

        return guarded

    async def start(self, request: Request) -> Response:
        return see_other(request, "/dashboard")

    async def login(self, request: Request) -> Response:
        access = self._visits.of(request)
        if access.logged_in:
            return see_other(request, _inside(request.query_params.get("next", "")))
        return self._login_page(request, access, "", request.query_params.get("next", ""))

    def _login_page(
        self, request: Request, access: Access, username: str, wanted: str, *, failed: bool = False
    ) -> Response:
        return self._page(
            request,
            "login.html",
            status=429 if access.locked else 200,
            username=username,
            wanted=_inside(wanted),
            failed=failed,
            demo=(USERNAME, PASSWORD),
        )

    async def try_login(self, request: Request) -> Response:
        form = await read_form(request)
        access = self._visits.of(request)
        username, wanted = form.get("username", "")[:100], form.get("next", "")
        if access.locked:
            return self._login_page(request, access, username, wanted)
        account = account_for(username, form.get("password", ""))
        if account is not None:
            access.failures = 0
            if account.factor == "none":
                return self._let_in(request, access, wanted)
            return self._ask_for_code(request, access, account, wanted)
        access.failures += 1
        response = self._login_page(request, access, username, wanted, failed=True)
        self._visits.keep(request, response, access)
        return response

    def _let_in(self, request: Request, access: Access, wanted: str) -> Response:
        access.logged_in, access.pending, access.code = True, None, ""
        onward = see_other(request, _inside(wanted))
        self._visits.keep(request, onward, access, renew=True)
        return onward

    def _ask_for_code(self, request: Request, access: Access, account: Account, wanted: str) -> Response:
        access.pending, access.code_tries = account, 0
        if account.factor == "text":
            access.code, access.code_until = self._texts.send(account)
        onward = see_other(request, f"/two-step?next={quote(_inside(wanted), safe='/')}")
        self._visits.keep(request, onward, access, renew=True)
        return onward

    async def two_step(self, request: Request) -> Response:
        access = self._visits.of(request)
        if access.pending is None:
            return see_other(request, "/login")
        wanted = _inside(request.query_params.get("next", ""))
        return self._page(request, "two_step.html", account=access.pending, wanted=wanted, failed=False)

    async def try_code(self, request: Request) -> Response:
        form = await read_form(request)
        access, wanted = self._visits.of(request), _inside(form.get("next", ""))
        account = access.pending
        if account is None:
            return see_other(request, "/login")
        if self._is_right(access, account, re.sub(r"\D", "", form.get("code", "")[:20])):
            return self._let_in(request, access, wanted)
        access.code_tries += 1
        if access.code_tries >= MAX_CODE_TRIES:
            access.pending, access.code = None, ""
            return see_other(request, "/login")
        return self._page(request, "two_step.html", account=account, wanted=wanted, failed=True)

    def _is_right(self, access: Access, account: Account, code: str) -> bool:
        if account.factor == "app":
            return is_app_code(account, code, self._clock)
        return (
            bool(access.code)
            and compare_digest(code, access.code)
            and access.code_until is not None
            and self._clock.now() < access.code_until
        )

    async def logout(self, request: Request) -> Response:
        await read_form(request)
        response = see_other(request, "/login?bye=1")
        self._visits.forget(request, response)
        return response

    async def dashboard(self, request: Request) -> Response:
        months = ordered("date")
        top = max(invoice.kwh for invoice in months)
        bars = [(invoice, round(150 * invoice.kwh / top)) for invoice in months]
        unpaid = [invoice for invoice in months if invoice.status != "Paid"]
        balance = sum(invoice.amount for invoice in unpaid)
        return self._page(
            request, "dashboard.html", bars=bars, unpaid=unpaid, balance=f"${balance // 100:,}.{balance % 100:02d}"
        )

    async def invoices(self, request: Request) -> Response:
        sort = request.query_params.get("sort", "")
        descending = request.query_params.get("order") == "desc"
        invoices = ordered(sort, descending=descending)
        return self._page(request, "invoices.html", invoices=invoices, sorts=SORTS, sort=sort, descending=descending)

    async def download(self, request: Request) -> Response:
        invoice = BY_NUMBER.get(request.path_params["number"])
        if invoice is None:
            raise HTTPException(404)
        disposition = f'attachment; filename="{invoice.file_name}"'
        return Response(
            invoice_pdf(invoice), media_type="application/pdf", headers={"content-disposition": disposition}
        )

    async def profile(self, request: Request) -> Response:
        access = self._visits.of(request)
        form = {"email": access.email, "phone": access.phone, "paperless": "yes" if access.paperless else ""}
        return self._page(request, "profile.html", form=form, errors={})

    async def save_profile(self, request: Request) -> Response:
        form = await read_form(request)
        errors = _check_profile(form)
        if errors:
            return self._page(request, "profile.html", status=422, form=form, errors=errors)
        access = self._visits.of(request)
        access.email, access.phone, access.paperless = form["email"], form["phone"], bool(form.get("paperless"))
        access.notice = "Your profile has been saved."
        return see_other(request, "/profile")

    async def help(self, request: Request) -> Response:
        return self._page(request, "help.html")

    async def data(self, request: Request) -> Response:
        """The customer and the invoices in table order; open to all, as nothing here is real."""
        origin = f"{request.url.scheme}://{request.url.netloc}{base_path(request)}"
        invoices = [
            {
                "number": invoice.number,
                "date": invoice.day_text,
                "iso_date": invoice.day.isoformat(),
                "amount": invoice.amount_text,
                "status": invoice.status,
                "file_name": invoice.file_name,
                "url": f"{origin}/invoices/{invoice.number}/pdf",
            }
            for invoice in INVOICES
        ]
        accounts = [
            {
                "username": account.username,
                "password": account.password,
                "factor": account.factor,
                "secret": account.secret,
            }
            for account in ACCOUNTS
        ]
        return JSONResponse({"customer": CUSTOMER, "invoices": invoices, "accounts": accounts})

    async def phone(self, request: Request) -> Response:
        """What was texted to the phones of the accounts, newest first; for tests and demos to push on."""
        del request
        return JSONResponse(self._texts.shown())


def _inside(wanted: str) -> str:
    """Return ``wanted`` if it is a page of this site, else the dashboard: a login must not lead elsewhere."""
    return wanted if re.fullmatch(r"/[a-z][\w/.?=&%-]*", wanted) and wanted != "/login" else "/dashboard"


def _check_profile(form: dict[str, str]) -> dict[str, str]:
    errors = {}
    if re.fullmatch(r"[^@\s]{1,100}@[^@\s.]+(\.[^@\s.]+)+", form.get("email", "")[:200]) is None:
        errors["email"] = "Enter an email address like name@example.com."
    if re.fullmatch(r"\+?[0-9 ()/.-]{6,30}", form.get("phone", "")) is None:
        errors["phone"] = "Enter a phone number of at least 6 digits."
    return errors
