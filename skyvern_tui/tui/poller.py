"""Asking the server again and again, without getting in its way or losing track of it.

Owns: when runs and lists are polled: quickly while things change, slowly while they don't,
patiently while the server is away, and once more after the end for files that come late.
Must not: draw; whoever starts a poller is called when something is new.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

from skyvern_tui.client.models import Artifact, TimelineItem
from skyvern_tui.core.clock import Clock
from skyvern_tui.core.journal import ArtifactsSeen, Journal, OutageSeen, RunSeen, Snapshot, TimelineSeen
from skyvern_tui.core.pace import Pace
from skyvern_tui.core.runs import RunBook, RunLine
from skyvern_tui.core.trouble import Kind, Trouble
from skyvern_tui.tui.server import Server, Troubled

PAGE_SIZE: Final = 100
"""Runs asked for at once; the most the service gives."""
DETAILS: Final = 40
"""Runs of a list whose details are kept fresh."""
TOGETHER: Final = 4
"""Details asked for at the same time."""
SETTLING: Final = 3
"""Polls without news after the end of a run, before polling it stops: recordings and logs come late."""


PART: Final = 100
"""Items of a long answer taken in at once."""
T = TypeVar("T")


class Alarm:
    """A sleep that can be cut short."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._event = asyncio.Event()

    def ring(self) -> None:
        """End the rest that is going on, or the next one."""
        self._event.set()

    async def rest(self, seconds: float) -> None:
        """Wait for so long, or until rung."""
        naps = {asyncio.ensure_future(self._clock.sleep(seconds)), asyncio.ensure_future(self._event.wait())}
        try:
            await asyncio.wait(naps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for nap in naps:
                nap.cancel()
        self._event.clear()


class _Poller:
    """The loop both pollers share."""

    def __init__(self, server: Server, changed: Callable[[], None], pace: Pace) -> None:
        self.server = server
        self.trouble: Trouble | None = None
        """Why polling was given up: the server answers, but not with what was asked for."""
        self._changed = changed
        self._pace = pace
        self.alarm = Alarm(server.clock)

    async def run(self) -> None:
        """Poll until there is nothing more to learn."""
        while True:
            try:
                rest = await self._poll()
            except Troubled as error:
                if error.trouble.kind in {Kind.missing, Kind.rejected}:
                    self.trouble = error.trouble
                    self._changed()
                    return
                self._lost()
                self._pace.interval = 0.0
                rest = self.server.link.retry_in(self.server.clock.monotonic())
            if rest is None:
                return
            await self.alarm.rest(rest)

    async def _poll(self) -> float | None:
        """Ask once; return seconds to the next time, None for never."""
        raise NotImplementedError

    def _lost(self) -> None:
        """The server did not answer."""


class RunPoller(_Poller):
    """Follows one run into its journal."""

    def __init__(self, server: Server, run_id: str, journal: Journal, changed: Callable[[], None]) -> None:
        super().__init__(server, changed, Pace())
        self.run_id = run_id
        self.journal = journal
        self.has_timeline = True
        """False once the server said that runs of this type have none."""
        self.settled = False
        """True when the run is over and nothing more is expected of it."""
        self._still = 0
        self._missed = False
        self._timeline: Sequence[TimelineItem] | None = None
        self._artifacts: Sequence[Artifact] | None = None
        """The last answers, to tell whether one is another."""

    async def _poll(self) -> float | None:
        run = await self.server.call(lambda gateway: gateway.get_run(self.run_id))
        news = self._take_outage()
        news |= bool(self.journal.apply(RunSeen(run)))
        if self.has_timeline:
            try:
                items = await self.server.call(lambda gateway: gateway.get_run_timeline(self.run_id))
                news |= await self._take_timeline(items)
            except Troubled as error:
                if error.trouble.kind not in {Kind.missing, Kind.rejected}:
                    raise
                self.has_timeline, news = False, True
        artifacts = await self.server.call(lambda gateway: gateway.get_run_artifacts(self.run_id))
        news |= await self._take_artifacts(artifacts)
        self._still = 0 if news else self._still + 1
        if self.journal.is_final and self._still >= SETTLING:
            self.settled = news = True
        if news:
            self._changed()
        return None if self.settled else self._pace.after(news=news)

    async def _take_timeline(self, items: Sequence[TimelineItem]) -> bool:
        if items is self._timeline:
            return False  # the gateway had the same answer as before
        self._timeline = items
        # The newest comes first; taken in from the oldest on, it goes to the end of what is known.
        return await self._take(TimelineSeen(part) for part in reversed(list(_parts(items))))

    async def _take_artifacts(self, artifacts: Sequence[Artifact]) -> bool:
        if artifacts is self._artifacts:
            return False
        self._artifacts = artifacts
        return await self._take(ArtifactsSeen(part) for part in _parts(artifacts))

    async def _take(self, snapshots: Iterable[Snapshot]) -> bool:
        """Take in a long answer part by part (the journal does not mind), so that no key has to wait for all of it."""
        news = False
        for snapshot in snapshots:
            news |= bool(self.journal.apply(snapshot))
            await asyncio.sleep(0)
        return news

    def _lost(self) -> None:
        outage = self.server.link.outage
        if outage is not None:
            self._missed = True
            self.journal.apply(OutageSeen(outage))
            self._changed()

    def _take_outage(self) -> bool:
        """Note the end of an outage this poller met."""
        outage = self.server.link.outage
        if not self._missed or outage is None:
            return False
        self._missed = False
        return bool(self.journal.apply(OutageSeen(outage)))


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut a long answer into parts; an empty one is one part."""
    for start in range(0, max(1, len(items)), PART):
        yield items[start : start + PART]


class RunsPoller(_Poller):
    """Follows the list of runs into a book."""

    def __init__(self, server: Server, book: RunBook, changed: Callable[[], None]) -> None:
        super().__init__(server, changed, Pace(quick=0.5))
        self.book = book
        self.loaded = False
        """True once the list was answered."""
        self.more = False
        """True when the server has more runs than were asked for."""
        self.pages = 1
        """Pages of the list taken in so far."""
        self.sight: Callable[[], Sequence[RunLine]] = lambda: self.book.lines()[:DETAILS]
        """Returns the runs whose details are wanted most."""

    async def _poll(self) -> float | None:
        items = await self.server.call(lambda gateway: gateway.get_runs(page=1, page_size=PAGE_SIZE))
        news = self.book.take_items(items) or not self.loaded
        self.loaded = True
        if self.pages == 1:
            self.more = len(items) >= PAGE_SIZE
        if news:
            self._changed()
        if await self._take_details():
            news = True
            self._changed()
        return self._pace.after(news=news)

    async def older(self) -> None:
        """Take in one more page. Raises :class:`~skyvern_tui.tui.server.Troubled`.

        Runs made meanwhile push others to later pages: those are met twice, and none is missed.
        """
        page = self.pages + 1
        items = await self.server.call(lambda gateway: gateway.get_runs(page=page, page_size=PAGE_SIZE))
        self.pages, self.more = page, len(items) >= PAGE_SIZE
        self.book.take_items(items)
        self._changed()
        self.alarm.ring()

    async def _take_details(self) -> bool:
        limit = asyncio.Semaphore(TOGETHER)

        async def take(run_id: str) -> bool:
            async with limit:
                try:
                    run = await self.server.call(lambda gateway: gateway.get_run(run_id), aside=True)
                except Troubled:
                    return False  # the row stays as the list gave it; the next round asks again
            return self.book.take_run(run)

        seen = self.book.wanting(self.sight())[:DETAILS]
        live = [line.id for line in self.book.lines() if not line.is_final][:DETAILS]
        wanted = list(dict.fromkeys((*seen, *live)))
        asked: list[Coroutine[Any, Any, bool]] = [take(run_id) for run_id in wanted]
        return any(await asyncio.gather(*asked))
