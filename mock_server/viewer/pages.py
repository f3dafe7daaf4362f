"""The viewer, put together: its addresses, who is let in, signing in and out.

Owns: the routes, what somebody who is not signed in gets, and the answers to errors. Must
not: know what a page of a run shows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mock_server.scenarios.tenants import Tenant
from mock_server.services import Services
from mock_server.viewer.browser_page import BrowserPage
from mock_server.viewer.file_page import FilePage
from mock_server.viewer.list_page import ListPage
from mock_server.viewer.rendering import Pages
from mock_server.viewer.run_page import RunPage
from mock_server.viewer.signin import SignIn, Visitor

MAX_FORM_BYTES: Final = 16 * 1024
_MAX_FORM_FIELDS: Final = 20

_FAULTS: Final = {
    403: ("Not allowed", "This form is out of date, or no page of this server sent it. Go back, reload and try again."),
    404: ("Not found", "There is nothing here, or it belongs to another API key."),
    405: ("Not possible", "This address cannot be used in that way."),
    413: ("Too much", "The form holds more data than it should."),
}

Show = Callable[[Request, Visitor], Awaitable[Response]]
"""A page for somebody who is signed in."""


def create_viewer(services: Services, admit: Callable[[bytes], Tenant | None]) -> ASGIApp:
    """Return the viewer as an application that answers the paths of ``mock_server.viewer.create_routes``."""
    return _Viewer(services, admit).app()


class _Viewer:
    def __init__(self, services: Services, admit: Callable[[bytes], Tenant | None]) -> None:
        base = urlsplit(services.base_url).path.rstrip("/")
        self._services = services
        self._pages = Pages(base)
        self._sign_in = SignIn(services, admit)

    def app(self) -> ASGIApp:
        pages, services = self._pages, self._services
        runs, files = RunPage(services, pages, self._sign_in), FilePage(services, pages)
        lists, browsers = ListPage(services, pages), BrowserPage(services, pages)
        routes: list[BaseRoute] = [
            Route("/", self._home),
            self._get("/runs", lists.page),
            self._get("/runs/{run_id}", runs.page),
            self._get("/tasks/{run_id}", runs.page),
            self._post("/runs/{run_id}/cancel", runs.cancel),
            self._get("/browser-session/{session_id}", browsers.page),
            self._get("/viewer/live/runs", lists.live),
            self._get("/viewer/live/runs/{run_id}", runs.live),
            self._get("/viewer/artifacts/{artifact_id}", files.page),
            self._get("/viewer/artifacts/{artifact_id}/look", files.look),
            self._get("/viewer/artifacts/{artifact_id}/content", files.content),
            Route("/viewer", self._home),
            Route("/viewer/sign-in", self._let_in, methods=["POST"]),
            self._post("/viewer/sign-out", self._let_out),
            Mount("/viewer/static", pages.static()),
        ]
        app = Starlette(routes=routes, exception_handlers={HTTPException: self._fault})
        # A redirect to or from a slash would lose the headers of this place; there are no such links.
        app.router.redirect_slashes = False
        return partial(_at_the_root, app)

    # -- who is it ----------------------------------------------------------------------

    def _get(self, path: str, show: Show) -> Route:
        async def endpoint(request: Request) -> Response:
            visitor = self._sign_in.visitor(request)
            if visitor is None:
                return self._ask_for_key(request, _place(request), status=401)
            return await show(request, visitor)

        return Route(path, endpoint, methods=["GET"])

    def _post(self, path: str, do: Show) -> Route:
        async def endpoint(request: Request) -> Response:
            visitor = self._sign_in.visitor(request)
            if visitor is None:
                return self._ask_for_key(request, f"{self._pages.base}/runs", status=401)
            form = await _form(request)
            if not self._sign_in.is_own_form(request) or not SignIn.is_genuine(visitor, form.get("token", "")):
                raise HTTPException(403)
            return await do(request, visitor)

        return Route(path, endpoint, methods=["POST"])

    async def _home(self, request: Request) -> Response:
        del request
        return RedirectResponse(f"{self._pages.base}/runs", 303)

    def _ask_for_key(self, request: Request, place: str, *, status: int, refused: bool = False) -> Response:
        if request.url.path.startswith("/viewer/live/"):
            return self._pages.data({"error": "signed out"}, status)
        return self._pages.page(
            "sign_in.html",
            status=status,
            visitor=None,
            place=place,
            refused=refused,
            offers_default=self._sign_in.offers_default,
        )

    async def _let_in(self, request: Request) -> Response:
        form = await _form(request)
        if not self._sign_in.is_own_form(request):
            raise HTTPException(403)
        place = form.get("place", "")
        if not _is_place(place):
            place = f"{self._pages.base}/runs"
        response = RedirectResponse(place, 303)
        signed_in = (
            self._sign_in.sign_in_by_default(response)
            if "default" in form
            else self._sign_in.sign_in(form.get("key", "").strip(), response)
        )
        return response if signed_in else self._ask_for_key(request, place, status=403, refused=True)

    async def _let_out(self, request: Request, visitor: Visitor) -> Response:
        del request, visitor
        response = RedirectResponse(f"{self._pages.base}/runs", 303)
        self._sign_in.sign_out(response)
        return response

    async def _fault(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if request.url.path.startswith("/viewer/live/"):
            return self._pages.data({"error": "not found"}, status)
        title, text = _FAULTS.get(status, ("Something went wrong", "This page could not be shown."))
        return self._pages.page(
            "fault.html", status=status, visitor=self._sign_in.visitor(request), title=title, text=text
        )


async def _at_the_root(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Pass a request on as if nothing was mounted around the application; a slash at the end does not matter."""
    path = scope["path"].rstrip("/") or "/"
    await app({**scope, "root_path": "", "path": path}, receive, send)


def _place(request: Request) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _is_place(text: str) -> bool:
    """Tell whether a text is a path on this server, and nothing a browser takes for another one."""
    return text.startswith("/") and not text.startswith("//") and text.isprintable() and "\\" not in text


async def _form(request: Request) -> dict[str, str]:
    """Return a posted form; the last value of a repeated name wins.

    Raises:
        HTTPException: 413, it is too large.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise HTTPException(413)
    try:
        return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=_MAX_FORM_FIELDS))
    except ValueError:
        raise HTTPException(413) from None
