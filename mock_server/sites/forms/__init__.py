"""The conference site: every kind of form field, a wizard, custom controls and an editable grid.

Owns: its pages and ``data.json``. What a registration and a claim are lives in ``registration`` and ``claim``, what
scripts send in ``desk``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mock_server.sites.forms import claim, desk, registration
from mock_server.sites.site import Site, read_form, read_json, read_upload_form, see_other
from mock_server.sites.visits import Visits

MAX_KEPT: Final = 20
"""Of each kind, per visitor; the oldest go first."""

_site = Site(
    "forms",
    shared={
        "name": "Harrowby Commons",
        "links": (("/register", "Register"), ("/claim", "Expense claim"), ("/rooms", "Rooms"), ("/sheet", "Budget")),
        "foot": "Harrowby Commons, 10 to 16 May 2027 in the old mill.",
    },
)


@dataclass(slots=True)
class Folder:
    """What one visitor has sent."""

    registrations: dict[str, dict[str, str]] = field(default_factory=dict)
    claims: dict[str, dict[str, str]] = field(default_factory=dict)
    draft: dict[str, str] = field(default_factory=dict)
    """The claim that is being filled in."""
    bookings: list[dict[str, Any]] = field(default_factory=list)
    sheet: list[dict[str, Any]] = field(default_factory=lambda: [asdict(row) for row in desk.BUDGET])


def create_app() -> ASGIApp:
    """Return the site with nothing sent."""
    site = _Conference()
    return _site.app(
        [
            Route("/", site.home),
            Route("/register", site.register),
            Route("/register", site.send_registration, methods=["POST"]),
            Route("/registered/{reference}", site.registered),
            Route("/claim", site.start_claim),
            Route("/claim/{step:int}", site.claim),
            Route("/claim/{step:int}", site.send_claim, methods=["POST"]),
            Route("/claims/{reference}", site.claimed),
            Route("/rooms", site.rooms),
            Route("/rooms/book", site.book, methods=["POST"]),
            Route("/people.json", site.people),
            Route("/sheet", site.sheet),
            Route("/sheet/save", site.save_sheet, methods=["POST"]),
            Route("/data.json", site.data),
        ]
    )


class _Conference:
    """The pages, and what the visitors have sent."""

    def __init__(self) -> None:
        self._visits: Visits[Folder] = Visits("forms_visit", Folder)

    async def home(self, request: Request) -> Response:
        return _site.page(request, "home.html", tickets=registration.TICKETS)

    # -- registration: every native field --------------------------------------------------

    async def register(self, request: Request) -> Response:
        return self._registration(request, {"experience": ["3"], "badge_colour": ["#3366cc"]}, {})

    def _registration(self, request: Request, form: dict[str, list[str]], errors: dict[str, str]) -> Response:
        status = 422 if errors else 200
        return _site.page(request, "register.html", status=status, form=form, errors=errors, choices=registration)

    async def send_registration(self, request: Request) -> Response:
        form, files = await read_upload_form(request)
        errors = registration.check(form)
        if errors:
            return self._registration(request, form, errors)
        folder = self._visits.of(request)
        told = registration.told(form, files)
        reference = registration.reference_of("HC", told, len(folder.registrations))
        _put(folder.registrations, reference, told)
        return self._keep(request, see_other(request, f"/registered/{reference}"), folder)

    async def registered(self, request: Request) -> Response:
        told = self._visits.of(request).registrations.get(request.path_params["reference"])
        if told is None:
            raise HTTPException(404)
        return _site.page(request, "registered.html", reference=request.path_params["reference"], told=told)

    # -- claim: a form of several pages ----------------------------------------------------

    async def start_claim(self, request: Request) -> Response:
        return see_other(request, "/claim/1")

    async def claim(self, request: Request) -> Response:
        step = request.path_params["step"]
        draft = self._visits.of(request).draft
        if step not in range(1, len(claim.STEPS) + 1):
            raise HTTPException(404)
        if step > (reached := claim.reached(draft)):
            return see_other(request, f"/claim/{reached}")
        return self._claim(request, step, draft, {})

    def _claim(self, request: Request, step: int, form: dict[str, str], errors: dict[str, str]) -> Response:
        status = 422 if errors else 200
        return _site.page(request, "claim.html", status=status, step=step, form=form, errors=errors, rules=claim)

    async def send_claim(self, request: Request) -> Response:
        step = request.path_params["step"]
        form = await read_form(request)
        folder = self._visits.of(request)
        if step not in range(1, len(claim.STEPS) + 1) or step > claim.reached(folder.draft):
            raise HTTPException(404)
        errors = claim.check(step, form)
        if errors:
            return self._claim(request, step, folder.draft | form, errors)
        folder.draft |= claim.fields_of(step, form)
        if step < len(claim.STEPS):
            return self._keep(request, see_other(request, f"/claim/{step + 1}"), folder)
        told = claim.told(folder.draft)
        reference = registration.reference_of("EX", told, len(folder.claims))
        _put(folder.claims, reference, told)
        folder.draft = {}
        return self._keep(request, see_other(request, f"/claims/{reference}"), folder)

    async def claimed(self, request: Request) -> Response:
        told = self._visits.of(request).claims.get(request.path_params["reference"])
        if told is None:
            raise HTTPException(404)
        return _site.page(request, "claimed.html", reference=request.path_params["reference"], told=told)

    # -- rooms and sheet: controls made by scripts -----------------------------------------

    async def rooms(self, request: Request) -> Response:
        return _site.page(request, "rooms.html", rooms=desk.ROOMS, layouts=desk.LAYOUTS)

    async def people(self, request: Request) -> Response:
        return JSONResponse(desk.people(request.query_params.get("q", "")[:100]))

    async def book(self, request: Request) -> Response:
        booking, problem = desk.booking(await read_json(request))
        if booking is None:
            return JSONResponse({"problem": problem}, status_code=422)
        folder = self._visits.of(request)
        folder.bookings = [*folder.bookings, booking][-MAX_KEPT:]
        return self._keep(request, JSONResponse(booking), folder)

    async def sheet(self, request: Request) -> Response:
        rows = self._visits.of(request).sheet
        return _site.page(request, "sheet.html", rows=rows, total=sum(row["amount"] for row in rows))

    async def save_sheet(self, request: Request) -> Response:
        rows = desk.budget(await read_json(request))
        if rows is None:
            return JSONResponse({"problem": "Each line needs a name and an amount."}, status_code=422)
        folder = self._visits.of(request)
        folder.sheet = rows
        return self._keep(request, JSONResponse({"total": sum(row["amount"] for row in rows)}), folder)

    async def data(self, request: Request) -> Response:
        """What can be chosen, and what this visitor has sent."""
        folder = self._visits.of(request)
        return JSONResponse(
            {
                "tickets": registration.TICKETS,
                "workshops": list(registration.WORKSHOPS.values()),
                "meals": list(registration.MEALS.values()),
                "countries": list(registration.COUNTRIES),
                "rooms": list(desk.ROOMS),
                "people": list(desk.PEOPLE),
                "budget": [asdict(row) for row in desk.BUDGET],
                "registrations": folder.registrations,
                "claims": folder.claims,
                "bookings": folder.bookings,
                "sheet": folder.sheet,
            }
        )

    def _keep(self, request: Request, response: Response, folder: Folder) -> Response:
        self._visits.keep(request, response, folder)
        return response


def _put(kept: dict[str, dict[str, str]], reference: str, told: dict[str, str]) -> None:
    kept[reference] = told
    while len(kept) > MAX_KEPT:
        del kept[next(iter(kept))]
