"""Pages from templates, with the headers that keep them safe.

Owns: the template environment (everything is escaped), the policies, and the parts of a
page that are sent again when they change. Must not: know what is on a page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import jinja2
import orjson
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from mock_server.viewer import words

_HERE: Final = Path(__file__).parent
_STATIC: Final = ("viewer.css", "viewer.js")
_DIGEST_CHARACTERS: Final = 16

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DATA_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"

PAGE_HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": PAGE_POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    # With no-referrer a browser would send its forms with the origin "null".
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, no-store",
}


class Pages:
    """Makes the viewer's answers. ``base`` is the path the server is reached under, without a slash at the end."""

    def __init__(self, base: str) -> None:
        self.base: Final = base
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            auto_reload=False,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["base"] = base
        # Part of the addresses of script and style, so that no browser uses those of an earlier release.
        static = b"".join((_HERE / "static" / name).read_bytes() for name in _STATIC)
        self._templates.globals["version"] = _digest(static)
        for name in ("tone", "sign", "plain", "text", "pretty", "stamp", "clock_time", "span", "size", "web_address"):
            self._templates.filters[name] = getattr(words, name)

    def page(self, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """Render a whole page."""
        return HTMLResponse(self._render(template, context), status, headers=dict(PAGE_HEADERS))

    def parts(self, folder: str, names: Sequence[str], **context: Any) -> dict[str, dict[str, str]]:
        """Render the parts of a page: name -> its html and a digest that changes when the html does."""
        made = {}
        for name in names:
            html = self._render(f"{folder}/{name}.html", context)
            made[name] = {"digest": _digest(html), "html": html.decode()}
        return made

    @staticmethod
    def data(value: Any, status: int = 200) -> Response:
        """Return JSON for the page's own script."""
        headers = {**PAGE_HEADERS, "content-security-policy": DATA_POLICY}
        return Response(orjson.dumps(value), status, headers=headers, media_type="application/json")

    @staticmethod
    def static() -> StaticFiles:
        """Return the script, style and icon."""
        return StaticFiles(directory=_HERE / "static")

    def _render(self, template: str, context: Mapping[str, Any]) -> bytes:
        # Half of a surrogate pair, which JSON can carry, has no form in UTF-8.
        return self._templates.get_template(template).render(context).encode("utf-8", "replace")


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:_DIGEST_CHARACTERS]
