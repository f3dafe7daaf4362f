"""Doing something to several runs at once.

Owns: asking first, doing it a few at a time, and saying how it went. Must not: choose the
runs; a screen does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from skyvern_tui.core.draft import Draft, DraftInvalid, to_request
from skyvern_tui.core.text import plural, shorten
from skyvern_tui.tui.screens.confirm import ConfirmScreen
from skyvern_tui.tui.server import Troubled

if TYPE_CHECKING:
    from skyvern_tui.core.runs import RunBook, RunLine
    from skyvern_tui.core.trouble import Trouble
    from skyvern_tui.tui.screens.base import Page

TOGETHER: Final = 4
"""Calls made at the same time."""
_NAMED: Final = 3


async def each(items: Sequence[Any], do: Callable[[Any], Awaitable[object]]) -> list[Trouble]:
    """Do something for each item, a few at a time; return the troubles met."""
    limit = asyncio.Semaphore(TOGETHER)

    async def one(item: Any) -> Trouble | None:
        async with limit:
            try:
                await do(item)
            except Troubled as error:
                return error.trouble
        return None

    return [trouble for trouble in await asyncio.gather(*map(one, items)) if trouble is not None]


def told(page: Page, done: int, what: str, troubles: Sequence[Trouble]) -> None:
    """Say how it went."""
    if done:
        page.notify(f"{plural(done, 'run')} {what}.", markup=False)
    if troubles:
        first = troubles[0]
        page.notify(
            f"{plural(len(troubles), 'run')} not: {first.message} {first.hint}".strip(),
            severity="error",
            timeout=8,
            markup=False,
        )


def names_of(lines: Sequence[RunLine]) -> str:
    """Return the first names, and how many more there are."""
    named = [shorten(line.name, 60) for line in lines[:_NAMED]]
    return "\n".join([*named, *([f"and {len(lines) - _NAMED} more"] if len(lines) > _NAMED else [])])


async def cancel_all(page: Page, lines: Sequence[RunLine]) -> bool:
    """Ask, then cancel several runs; True if it was tried."""
    server = page.skyvern.server
    if server is None or page.denied():
        return False
    question = ConfirmScreen(
        f"Cancel {plural(len(lines), 'run')}?", names_of(lines), yes="cancel them", no="let them run"
    )
    if not await page.app.push_screen_wait(question):
        return False
    troubles = await each(
        lines, lambda line: server.call(lambda gateway: gateway.cancel_run(line.id), aside=len(lines) > 1)
    )
    told(page, len(lines) - len(troubles), "asked to stop", troubles)
    return True


async def request_of(page: Page, line: RunLine, book: RunBook) -> Mapping[str, Any] | None:
    """Return what was asked for in a run, fetched if it is not known yet; None if it can't be told."""
    server, run = page.skyvern.server, book.run(line.id)
    if run is None and server is not None:
        try:
            run = await server.call(lambda gateway: gateway.get_run(line.id))
        except Troubled as error:
            page.tell(error.trouble)
            return None
        book.take_run(run)
    if run is None or not run.run_request:
        page.notify("The server does not say what was asked for in this run.", severity="warning", markup=False)
        return None
    return run.run_request


async def rerun_all(page: Page, lines: Sequence[RunLine], book: RunBook) -> bool:
    """Ask, then submit the requests of some runs again as they were; True if it was tried."""
    server = page.skyvern.server
    if server is None or not lines or page.denied():
        return False
    many = len(lines) > 1
    question = ConfirmScreen(
        f"Run {plural(len(lines), 'task')} again?" if many else "Run this task again?",
        names_of(lines),
        yes="run them" if many else "run it",
        no="leave it",
    )
    if not await page.app.push_screen_wait(question):
        return False
    requests = []
    for line in lines:
        request = await request_of(page, line, book)
        if request is None:
            continue
        try:
            requests.append(to_request(Draft.from_request(request)).model_dump(mode="json", exclude_unset=True))
        except DraftInvalid as invalid:
            page.notify(f"{line.name}: {invalid}", severity="warning", markup=False)
    return bool(await submit_all(page, requests))


async def submit_all(page: Page, requests: Sequence[Mapping[str, Any]]) -> int:
    """Submit several requests and say how it went; return how many were taken."""
    server = page.skyvern.server
    if server is None or page.denied():
        return 0

    async def submit(fields: Mapping[str, Any]) -> None:
        run = await server.call(lambda gateway: gateway.run_task(**fields), aside=len(requests) > 1)
        page.skyvern.submitted(run, fields)

    troubles = await each(requests, submit)
    told(page, len(requests) - len(troubles), "submitted", troubles)
    return len(requests) - len(troubles)
