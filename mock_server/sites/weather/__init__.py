"""The weather service: pages that are slow, come late, or work at the second try only; the same way for each visitor.

Owns: its pages and ``data.json``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mock_server.clock import Clock, RealClock
from mock_server.sites.site import Site
from mock_server.sites.visits import Visits

LATE_SECONDS: Final = 0.6
SLOW_SECONDS: Final = 1.0

NOW: Final = {"Temperature": "7 °C", "Wind": "22 km/h from the west", "Pressure": "1009 hPa", "Visibility": "14 km"}
FORECAST: Final = (
    {"day": "Monday", "high": "9 °C", "low": "4 °C", "sky": "Showers"},
    {"day": "Tuesday", "high": "11 °C", "low": "5 °C", "sky": "Cloudy"},
    {"day": "Wednesday", "high": "13 °C", "low": "6 °C", "sky": "Sunny"},
    {"day": "Thursday", "high": "8 °C", "low": "2 °C", "sky": "Fog"},
    {"day": "Friday", "high": "6 °C", "low": "-1 °C", "sky": "Snow"},
)
WARNINGS: Final = (
    {"area": "Outer banks", "level": "Amber", "reason": "Gusts up to 90 km/h"},
    {"area": "Saltmarsh harbour", "level": "Yellow", "reason": "High tide at 21:40"},
)
STATIONS: Final = (
    {"name": "Gull Rock", "height": "12 m", "since": "1958"},
    {"name": "Mill Hill", "height": "143 m", "since": "1987"},
    {"name": "Pier Head", "height": "4 m", "since": "2011"},
)

_site = Site(
    "weather",
    shared={
        "name": "Saltmarsh Weather",
        "links": (
            ("/", "Now"),
            ("/forecast", "Forecast"),
            ("/warnings", "Warnings"),
            ("/stations", "Stations"),
            ("/radar", "Radar"),
        ),
        "foot": "Measured every ten minutes.",
    },
)


@dataclass(slots=True)
class Tries:
    """How often one visitor has asked for what fails at first."""

    asked: dict[str, int] = field(default_factory=dict)

    def first(self, what: str) -> bool:
        """Count a try; tell whether it was the first."""
        self.asked[what] = self.asked.get(what, 0) + 1
        return self.asked[what] == 1


def create_app(clock: Clock | None = None) -> ASGIApp:
    """Return the site as an app; ``clock`` times what is slow."""
    service = _Service(clock or RealClock())
    return _site.app(
        [
            Route("/", service.now),
            Route("/now.json", service.measured),
            Route("/forecast", service.forecast),
            Route("/warnings", service.warnings),
            Route("/stations", service.stations),
            Route("/stations.json", service.station_list),
            Route("/radar", service.radar),
            Route("/data.json", service.data),
        ]
    )


class _Service:
    """The pages, and how often each visitor has tried."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._visits: Visits[Tries] = Visits("weather_visit", Tries)

    async def now(self, request: Request) -> Response:
        return _site.page(request, "now.html")

    async def measured(self, request: Request) -> Response:
        """What the start page fetches: it takes a while."""
        del request
        await self._clock.sleep(LATE_SECONDS)
        return JSONResponse(NOW)

    async def forecast(self, request: Request) -> Response:
        """A page that is slow."""
        await self._clock.sleep(SLOW_SECONDS)
        return _site.page(request, "forecast.html", days=FORECAST)

    async def warnings(self, request: Request) -> Response:
        """A page that is being worked on at the first try."""
        tries = self._visits.of(request)
        if tries.first("warnings"):
            title, text = "Back in a moment", "Our warnings are being updated. Please load the page again."
            response = _site.page(request, "error.html", status=503, code=503, title=title, text=text)
        else:
            response = _site.page(request, "warnings.html", warnings=WARNINGS)
        self._visits.keep(request, response, tries)
        return response

    async def stations(self, request: Request) -> Response:
        return _site.page(request, "stations.html")

    async def station_list(self, request: Request) -> Response:
        """What the stations page fetches: it fails at the first try."""
        tries = self._visits.of(request)
        first = tries.first("stations")
        response = JSONResponse({"detail": "overloaded"}, status_code=503) if first else JSONResponse(list(STATIONS))
        self._visits.keep(request, response, tries)
        return response

    async def radar(self, request: Request) -> Response:
        """A page that is never there."""
        del request
        raise HTTPException(503)

    async def data(self, request: Request) -> Response:
        """What the pages show once they do."""
        del request
        return JSONResponse(
            {"now": NOW, "forecast": list(FORECAST), "warnings": list(WARNINGS), "stations": list(STATIONS)}
        )
