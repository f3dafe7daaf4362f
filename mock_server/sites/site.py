"""What every demo site is made of: templates, safe headers, form reading.

Owns: rendering with autoescape, the response headers, refusing foreign or oversized form
posts, and the friendly error page. Must not: know what any one site is about.

A site works under any mount: every link in a template starts with ``{{ base }}``, the
path under which the site is mounted (empty when it stands alone).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import jinja2
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HERE: Final = Path(__file__).parent

_PLAIN: Final = "plain"
"""Folder of what the sites without a look of their own have in common."""

MAX_FORM_BYTES: Final = 64 * 1024
MAX_UPLOAD_BYTES: Final = 1024 * 1024
MAX_FORM_FIELDS: Final = 100

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)

_ERROR_TEXTS: Final[Mapping[int, tuple[str, str]]] = {
    403: ("Not allowed", "This form was sent from another site, so it was not accepted."),
    404: ("Page not found", "The page you asked for does not exist or has moved."),
    405: ("Not possible", "This page cannot be used in that way."),
    413: ("Too much data", "The form holds more data than this site accepts."),
    411: ("Length missing", "This form was sent without saying how long it is."),
    415: ("Unknown kind of data", "This site accepts ordinary web forms only."),
    503: ("Back in a moment", "This page is being worked on. Please load it again."),
}


class Site:
    """One demo site: its templates, its static files and the answers made from them.

    ``name`` is the folder under ``templates/`` and ``static/``; every template of the site sees the values
    of ``shared`` and can use the ``filters``. A site without a ``base.html`` of its own gets the plain one, which
    wants ``name``, ``links`` (path and label of each) and ``foot`` among the shared values.
    """

    def __init__(
        self,
        name: str,
        *,
        shared: Mapping[str, Any] | None = None,
        filters: Mapping[str, Callable[[Any], str]] | None = None,
    ) -> None:
        self.name = name
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader([_HERE / "templates" / name, _HERE / "templates" / _PLAIN]),
            autoescape=True,
            auto_reload=False,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(shared or {})
        self._templates.filters.update(filters or {})

    def page(self, request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """Render ``template``; it also sees ``base`` (the mount path) and ``here`` (the path inside the site)."""
        html = self._templates.get_template(template).render(
            base=base_path(request), here=inner_path(request), **context
        )
        return HTMLResponse(html, status_code=status)

    def app(self, routes: Sequence[BaseRoute]) -> ASGIApp:
        """Return the site as an app that can be mounted anywhere."""
        static = [
            Mount(f"/static/{_PLAIN}", StaticFiles(directory=_HERE / "static" / _PLAIN)),
            Mount("/static", StaticFiles(directory=_HERE / "static" / self.name)),
        ]
        return Starlette(
            routes=[*routes, *static],
            middleware=[Middleware(_SafeHeaders)],
            exception_handlers={HTTPException: self._error},
        )

    async def _error(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        title, text = _ERROR_TEXTS.get(status, ("Something went wrong", "This page could not be shown."))
        return self.page(request, "error.html", status=status, code=status, title=title, text=text)


def base_path(request: Request) -> str:
    """Return the path under which the site is mounted, without a slash at the end."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def inner_path(request: Request) -> str:
    """Return the requested path as seen inside the site; starts with a slash."""
    return request.url.path.removeprefix(base_path(request)) or "/"


def see_other(request: Request, path: str) -> RedirectResponse:
    """Send the browser on to ``path`` of the same site with a GET."""
    return RedirectResponse(base_path(request) + path, status_code=303)


def page_number(request: Request) -> int:
    """Return the ``page`` of the query, 1 for anything that is not a small positive number."""
    text = request.query_params.get("page", "1")
    return int(text) if text.isdecimal() and len(text) < 5 and int(text) > 0 else 1  # noqa: PLR2004 - 9,999 pages are plenty


async def read_form(request: Request) -> dict[str, str]:
    """Return the posted form; the last value of a repeated name wins, white space at the ends is dropped.

    Raises:
        HTTPException: 403 for a form sent by a page of another origin (it would carry this visitor's
            cookie), 415 for anything but an ordinary form, 413 for one that is too large.
    """
    refuse_foreign(request)
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise HTTPException(415)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise HTTPException(413)
    try:
        pairs = parse_qsl(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS)
    except ValueError:
        raise HTTPException(413) from None
    return {name: value.strip() for name, value in pairs}


def refuse_foreign(request: Request) -> None:
    """Refuse what a page of another origin sends: it would carry this visitor's cookie.

    Raises:
        HTTPException: 403.
    """
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403)


async def read_upload_form(request: Request) -> tuple[dict[str, list[str]], dict[str, tuple[str, int]]]:
    """Return the values of a posted form with files, and of each file its name and its size in bytes.

    A name may have several values. A file field that was left empty is not among the files.

    Raises:
        HTTPException: 403 for a form of another origin, 415 for anything but a form with files, 411 where its length
            is not told, 413 for one that is too large.
    """
    refuse_foreign(request)
    if request.headers.get("content-type", "").partition(";")[0].strip() != "multipart/form-data":
        raise HTTPException(415)
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise HTTPException(411)
    if int(length) > MAX_UPLOAD_BYTES:
        raise HTTPException(413)
    values: dict[str, list[str]] = {}
    files: dict[str, tuple[str, int]] = {}
    async with request.form(max_files=5, max_fields=MAX_FORM_FIELDS, max_part_size=MAX_FORM_BYTES) as form:
        for name, value in form.multi_items():
            if isinstance(value, str):
                values.setdefault(name, []).append(value.strip())
            elif value.filename:
                files[name] = (value.filename[:200], value.size or 0)
    return values, files


async def read_json(request: Request) -> Any:
    """Return the posted JSON; what is no JSON becomes ``None``.

    Raises:
        HTTPException: 403 for a page of another origin, 415 for another kind of data, 413 for too much of it.
    """
    refuse_foreign(request)
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise HTTPException(413)
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


class _SafeHeaders:
    """Adds the headers a careful site sends with everything."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-security-policy"] = _POLICY
                headers["x-content-type-options"] = "nosniff"
                headers["referrer-policy"] = "same-origin"
                headers.setdefault("cache-control", "private, no-cache")
            await send(message)

        await self._app(scope, receive, send_with_headers)
