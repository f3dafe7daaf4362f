"""The company site: home, about, pricing, and a contact form.

Owns: its pages and ``data.json``. What a message is, and when it is complete, lives in ``message``.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mock_server.sites.contact.message import SUBJECTS, Mailbox, check
from mock_server.sites.site import Site, read_form, see_other
from mock_server.sites.visits import Visits

COMPANY: Final = {
    "name": "Larkfield",
    "email": "hello@larkfield.example",
    "phone": "+44 1632 960 147",
    "address": "7 Mill Lane, Harrowby HB4\u00a02LF, United\u00a0Kingdom",
    "hours": "Monday to Friday, 8:30 to 17:30",
    "founded": "2014",
}

PLANS: Final[tuple[dict[str, str], ...]] = (
    {"name": "Starter", "price": "$19", "vehicles": "Up to 3", "support": "Email", "history": "30 days", "api": "No"},
    {
        "name": "Team",
        "price": "$49",
        "vehicles": "Up to 12",
        "support": "Email, chat",
        "history": "1 year",
        "api": "Yes",
    },
    {
        "name": "Fleet",
        "price": "$129",
        "vehicles": "Up to 50",
        "support": "Phone",
        "history": "Unlimited",
        "api": "Yes",
    },
)

TEAM: Final = (
    ("Imogen Hale", "Managing director", "Drove a bakery van for six years before she wrote the first version."),
    ("Rafael Ortega", "Engineering", "Makes routes shorter and meetings shorter still."),
    ("Sunniva Dahl", "Customer support", "Answers most questions before lunch."),
    ("Kwame Boateng", "Data and maps", "Knows every one-way street in four counties."),
)

_site = Site("contact", shared={"company": COMPANY})


def create_app() -> ASGIApp:
    """Return the site with no messages."""
    site = _Company()
    return _site.app(
        [
            Route("/", site.home),
            Route("/about", site.about),
            Route("/pricing", site.pricing),
            Route("/contact", site.contact),
            Route("/contact", site.send, methods=["POST"]),
            Route("/contact/sent/{reference}", site.sent),
            Route("/privacy", site.privacy),
            Route("/data.json", site.data),
        ]
    )


class _Company:
    """The pages, and the messages of the visitors."""

    def __init__(self) -> None:
        self._visits: Visits[Mailbox] = Visits("larkfield_visit", Mailbox)

    async def home(self, request: Request) -> Response:
        return _site.page(request, "home.html")

    async def about(self, request: Request) -> Response:
        return _site.page(request, "about.html", team=TEAM)

    async def pricing(self, request: Request) -> Response:
        return _site.page(request, "pricing.html", plans=PLANS)

    async def privacy(self, request: Request) -> Response:
        return _site.page(request, "privacy.html")

    async def contact(self, request: Request) -> Response:
        return self._form(request, {"subject": request.query_params.get("subject", "")}, {})

    async def send(self, request: Request) -> Response:
        form = await read_form(request)
        errors = check(form)
        if errors:
            return self._form(request, form, errors)
        mailbox = self._visits.of(request)
        message = mailbox.send(form)
        response = see_other(request, f"/contact/sent/{message.reference}")
        self._visits.keep(request, response, mailbox)
        return response

    def _form(self, request: Request, form: dict[str, str], errors: dict[str, str]) -> Response:
        status = 422 if errors else 200
        return _site.page(request, "contact.html", status=status, form=form, errors=errors, subjects=SUBJECTS)

    async def sent(self, request: Request) -> Response:
        message = self._visits.of(request).messages.get(request.path_params["reference"])
        if message is None:
            raise HTTPException(404)
        return _site.page(request, "sent.html", message=message)

    async def data(self, request: Request) -> Response:
        """The company's facts, its plans, and the messages this visitor has sent."""
        messages = [asdict(message) for message in self._visits.of(request).messages.values()]
        return JSONResponse(
            {"company": COMPANY, "plans": list(PLANS), "subjects": list(SUBJECTS.values()), "messages": messages}
        )
