"""The clinic: pages in frames, frames in frames, and components with shadow roots.

Owns: its pages and ``data.json``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mock_server.sites.site import Site, read_form
from mock_server.sites.visits import Visits

DOCTORS: Final = (
    {"name": "Dr. Ines Calloway", "field": "General practice", "phone": "01632 960 201"},
    {"name": "Dr. Petr Havel", "field": "Eyes", "phone": "01632 960 202"},
    {"name": "Dr. Ruth Okafor", "field": "Children", "phone": "01632 960 203"},
)
DAYS: Final = ("Monday", "Tuesday", "Thursday", "Friday")
HOURS: Final = {
    "Monday": "8:00 to 12:00",
    "Tuesday": "8:00 to 18:00",
    "Wednesday": "closed",
    "Thursday": "10:00 to 18:00",
    "Friday": "8:00 to 14:00",
}
HOLIDAYS: Final = {"New Year": "1 January 2027", "Spring holiday": "3 May 2027", "Christmas": "24 to 27 December 2027"}
VACCINES: Final = {"Influenza": 28, "Tetanus": 34, "Hepatitis A": 61}
"""Name -> price of a dose in dollars."""
MAX_APPOINTMENTS: Final = 20

_site = Site(
    "clinic",
    shared={
        "name": "Saltgate Clinic",
        "links": (("/", "Appointments"), ("/doctors", "Doctors"), ("/prices", "Prices")),
        "foot": "Saltgate Clinic, 3 Salt Lane.",
    },
)


@dataclass(slots=True)
class Diary:
    """The appointments of one visitor."""

    appointments: list[dict[str, str]] = field(default_factory=list)


def create_app() -> ASGIApp:
    """Return the site without appointments."""
    clinic = _Clinic()
    return _site.app(
        [
            Route("/", clinic.home),
            Route("/doctors", clinic.doctors),
            Route("/prices", clinic.prices),
            Route("/frames/appointment", clinic.appointment),
            Route("/frames/appointment", clinic.make_appointment, methods=["POST"]),
            Route("/frames/hours", clinic.hours),
            Route("/frames/holidays", clinic.holidays),
            Route("/data.json", clinic.data),
        ]
    )


class _Clinic:
    """The pages, and the appointments of the visitors."""

    def __init__(self) -> None:
        self._visits: Visits[Diary] = Visits("clinic_visit", Diary)

    async def home(self, request: Request) -> Response:
        return _site.page(request, "home.html")

    async def doctors(self, request: Request) -> Response:
        return _site.page(request, "doctors.html", doctors=DOCTORS)

    async def prices(self, request: Request) -> Response:
        return _site.page(request, "prices.html", vaccines=VACCINES)

    async def appointment(self, request: Request) -> Response:
        return self._appointment(request)

    def _appointment(self, request: Request, *, status: int = 200, **shown: Any) -> Response:
        shown = {"form": {}, "problem": "", "made": None, **shown}
        return _site.page(request, "appointment.html", status=status, doctors=DOCTORS, days=DAYS, **shown)

    async def make_appointment(self, request: Request) -> Response:
        form = await read_form(request)
        names = [doctor["name"] for doctor in DOCTORS]
        if not form.get("patient") or form.get("doctor") not in names or form.get("day") not in DAYS:
            problem = "Enter your name and choose a doctor and a day."
            return self._appointment(request, status=422, form=form, problem=problem)
        diary = self._visits.of(request)
        made = {"patient": form["patient"][:100], "doctor": form["doctor"], "day": form["day"]}
        digest = blake2b(repr((len(diary.appointments), made)).encode(), digest_size=3).hexdigest().upper()
        diary.appointments = [*diary.appointments, {"number": f"A-{digest}", **made}][-MAX_APPOINTMENTS:]
        response = self._appointment(request, made=diary.appointments[-1])
        self._visits.keep(request, response, diary)
        return response

    async def hours(self, request: Request) -> Response:
        return _site.page(request, "hours.html", hours=HOURS)

    async def holidays(self, request: Request) -> Response:
        return _site.page(request, "holidays.html", holidays=HOLIDAYS)

    async def data(self, request: Request) -> Response:
        """What the pages, their frames and components show, and this visitor's appointments."""
        return JSONResponse(
            {
                "doctors": list(DOCTORS),
                "days": list(DAYS),
                "hours": HOURS,
                "holidays": HOLIDAYS,
                "vaccines": VACCINES,
                "appointments": self._visits.of(request).appointments,
            }
        )
