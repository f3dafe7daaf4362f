"""The project board: one page whose script makes all the views, from data that arrives late.

Owns: its page, what the script fetches, and ``data.json``. What the projects are lives in ``projects``.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mock_server.clock import Clock, RealClock
from mock_server.sites.board.projects import ACTIVITY, PEOPLE, PRIORITIES, PROJECTS, QUESTIONS
from mock_server.sites.site import Site, read_json
from mock_server.sites.visits import Visits

DELAY_SECONDS: Final = 0.2
PER_LOAD: Final = 15
"""Entries of the activity that come at a time."""
MAX_TASKS: Final = 50

_site = Site(
    "board",
    shared={
        "name": "Tidework",
        "links": (("/", "Overview"), ("/projects", "Projects"), ("/activity", "Activity"), ("/help", "Help")),
        "foot": "Tidework keeps projects moving.",
    },
)


@dataclass(slots=True)
class Work:
    """The projects as one visitor has left them."""

    projects: list[dict[str, Any]] = field(default_factory=lambda: deepcopy(PROJECTS))

    def project(self, slug: str) -> dict[str, Any]:
        """Return a project; 404 for one that does not exist."""
        for project in self.projects:
            if project["slug"] == slug:
                return project
        raise HTTPException(404)


def create_app(clock: Clock | None = None) -> ASGIApp:
    """Return the site with the projects as they are at first; ``clock`` times what comes late."""
    board = _Board(clock or RealClock())
    return _site.app(
        [
            *(Route(path, board.shell) for path in ("/", "/projects", "/projects/{slug}", "/activity", "/help")),
            Route("/api/projects", board.projects),
            Route("/api/projects/{slug}", board.project),
            Route("/api/projects/{slug}/tasks", board.add_task, methods=["POST"]),
            Route("/api/projects/{slug}/tasks/{number:int}", board.change_task, methods=["POST"]),
            Route("/api/activity", board.activity),
            Route("/api/questions", board.questions),
            Route("/data.json", board.data),
        ]
    )


class _Board:
    """What the script asks for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._visits: Visits[Work] = Visits("board_visit", Work)

    async def shell(self, request: Request) -> Response:
        slug = request.path_params.get("slug")
        if slug is not None:
            self._visits.of(request).project(slug)
        return _site.page(request, "shell.html", people=PEOPLE, priorities=PRIORITIES)

    async def _answer(self, value: Any) -> Response:
        await self._clock.sleep(DELAY_SECONDS)
        return JSONResponse(value)

    async def projects(self, request: Request) -> Response:
        return await self._answer(self._visits.of(request).projects)

    async def project(self, request: Request) -> Response:
        return await self._answer(self._visits.of(request).project(request.path_params["slug"]))

    async def add_task(self, request: Request) -> Response:
        sent = await read_json(request)
        work = self._visits.of(request)
        project = work.project(request.path_params["slug"])
        title = " ".join(str(sent.get("title", "")).split())[:120] if isinstance(sent, dict) else ""
        if not title or sent.get("assignee") not in PEOPLE or sent.get("priority") not in PRIORITIES:
            return JSONResponse({"problem": "Enter a title and choose who does it."}, status_code=422)
        number = max((task["number"] for task in project["tasks"]), default=0) + 1
        task = {
            "number": number,
            "title": title,
            "assignee": sent["assignee"],
            "priority": sent["priority"],
            "done": False,
        }
        project["tasks"] = [*project["tasks"], task][-MAX_TASKS:]
        return self._keep(request, work, project)

    async def change_task(self, request: Request) -> Response:
        sent = await read_json(request)
        work = self._visits.of(request)
        project = work.project(request.path_params["slug"])
        number = request.path_params["number"]
        if isinstance(sent, dict) and sent.get("delete") is True:
            project["tasks"] = [task for task in project["tasks"] if task["number"] != number]
        else:
            for task in project["tasks"]:
                if task["number"] == number and isinstance(sent, dict):
                    task["done"] = sent.get("done") is True
        return self._keep(request, work, project)

    async def activity(self, request: Request) -> Response:
        text = request.query_params.get("from", "0")
        first = int(text) if text.isdecimal() and len(text) < 5 else 0  # noqa: PLR2004 - there are far fewer entries
        return await self._answer({"entries": ACTIVITY[first : first + PER_LOAD], "total": len(ACTIVITY)})

    async def questions(self, request: Request) -> Response:
        del request
        return await self._answer(QUESTIONS)

    async def data(self, request: Request) -> Response:
        """The projects as this visitor has left them, the activity and the questions."""
        return JSONResponse(
            {
                "projects": self._visits.of(request).projects,
                "activity": ACTIVITY,
                "questions": QUESTIONS,
                "people": list(PEOPLE),
            }
        )

    def _keep(self, request: Request, work: Work, project: dict[str, Any]) -> Response:
        response = JSONResponse(project)
        self._visits.keep(request, response, work)
        return response
