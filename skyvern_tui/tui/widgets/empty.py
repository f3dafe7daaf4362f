"""What is said where there are no runs to list, and what to do about it.

Owns: the wording. Must not: draw or fetch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content

from skyvern_tui.core.text import inert, one_line

if TYPE_CHECKING:
    from skyvern_tui.tui.app import SkyvernApp
    from skyvern_tui.tui.poller import RunsPoller

FIRST_PROMPT: Final = "Get the title of the top post"
"""The first task of the service's documentation."""
FIRST_SITE: Final = "news"


def empty_words(app: SkyvernApp, poller: RunsPoller | None, needle: str) -> Content:
    """Return what stands in the place of the list."""
    status = app.status
    if status.failure:
        return Content.assemble(("No server\n\n", "bold $error"), status.failure)
    trouble = None if poller is None else poller.trouble
    if trouble is not None:
        return Content.assemble(("The runs can't be listed\n\n", "bold $error"), trouble.message, "\n", trouble.hint)
    away = None if status.server is None else status.server.link.trouble
    if away is not None and (poller is None or not poller.loaded):
        again = f"The palette ({app.key_of('app.palette')}) starts the local mock again."
        is_mock = status.connection is not None and status.connection.embedded
        return Content.assemble((f"{away.message}\n", "bold"), (again if is_mock else away.hint, "$text-muted"))
    if poller is None or not poller.loaded:
        return Content.assemble((status.starting if status.connection is None else "connecting…", "$text-muted"))
    if needle:
        return Content.assemble(
            "No run has ", (inert(needle), "bold"), "\n\n", (app.key_of("runs.unfilter"), "$primary"), "  show all runs"
        )
    parts: list[str | tuple[str, str]] = [
        ("No runs yet\n\n", "bold"),
        ("A run is one task done by an agent in a browser.\n\n", "$text-muted"),
        (app.key_of("runs.new", typing=False), "$primary"),
        "  write a task",
    ]
    site = app.site(FIRST_SITE)
    if site is not None:
        parts += [
            "\n",
            (app.key_of("runs.first", typing=False), "$primary"),
            f"  try the first one of the docs: “{FIRST_PROMPT}”\n",
            (f"   on {one_line(site.url)}", "$text-muted"),
        ]
    return Content.assemble(*parts)
