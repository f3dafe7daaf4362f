"""A recording: its pictures one by one, or played."""

from __future__ import annotations

import asyncio
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import work
from textual.timer import Timer
from textual.widget import Widget

from skyvern_tui.core.preview import FilmPreview
from skyvern_tui.core.previews.bounds import Unreadable
from skyvern_tui.core.previews.film import Film
from skyvern_tui.core.text import clock_words, plural
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Span
from skyvern_tui.tui.previews.base import PreviewView
from skyvern_tui.tui.widgets.bars import Bar
from skyvern_tui.tui.widgets.picture import PictureRefused, PictureView, decode

if TYPE_CHECKING:
    from skyvern_tui.tui.viewing import Shown

_BEAT: Final = 0.2
"""Seconds between pictures while it plays; a terminal takes no more."""
_LEAP: Final = 5.0
"""Seconds of one leap."""


class Position(Bar):
    """Where in the recording one is."""

    at = 0.0
    duration = 0.0
    is_playing = False

    def pieces(self, width: int) -> list[Span]:
        left = f" {'▶' if self.is_playing else '‖'} {clock_words(self.at)} "
        right = f" {clock_words(self.duration)} "
        room = max(1, width - len(left) - len(right))
        done = round(self.at / self.duration * room) if self.duration else 0
        return [(left, "strong"), ("━" * done, "busy"), ("─" * (room - done), "quiet"), (right, "quiet")]


class FilmView(PreviewView):
    """A recording with a scrubber."""

    DEFAULT_CSS = """
    FilmView Position { height: 1; background: $surface; }
    """
    has_text: ClassVar = False
    modes: ClassVar = ("recording",)
    can_scrub: ClassVar = True
    scope: ClassVar = Scope.film
    BINDINGS: ClassVar = bindings(Scope.film)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._film: Film | None = None
        self._moments: list[float] = []
        self._at = 0.0
        self._played = 0.0
        """Seconds to which it was played."""
        self._timer: Timer | None = None
        self._lock = threading.Lock()
        """Held by the thread that reads the file: one at a time, even after its worker was cancelled."""
        self._pixels = (0, 0)

    def parts(self) -> Mapping[str, Widget]:
        return {"recording": PictureView(id="frame", can_focus=True)}

    def compose(self) -> Iterable[Widget]:
        yield from super().compose()
        yield Position(id="position")

    @property
    def notes(self) -> tuple[str, ...]:
        if not self._moments:
            return ()
        return (
            clock_words(self._moments[-1]),
            plural(len(self._moments), "picture"),
            f"{self._pixels[0]} x {self._pixels[1]}",
        )

    @property
    def at(self) -> float:
        """Seconds from the beginning to the picture shown."""
        return self._at

    async def show(self, shown: Shown) -> None:
        """Show a recording from its beginning; one that grew, from where one was."""
        if not isinstance(shown.preview, FilmPreview):
            return
        self._stop()
        self._close()
        try:
            self._film = await asyncio.to_thread(Film, shown.preview.data)
        except Unreadable as reason:
            self._moments = []
            await self.query_one(PictureView).say(f"{reason}\n\no opens it in a player, s saves it")
            return
        self._moments, self._pixels = self._film.moments, (self._film.width, self._film.height)
        self._at = 0.0
        self._draw()

    @work(group="frame", exclusive=True)
    async def _draw(self) -> None:
        position = self.query_one(Position)
        position.at, position.duration = self._at, self._moments[-1] if self._moments else 0.0
        position.is_playing = self._timer is not None
        position.refresh()
        if self._film is None:
            return
        try:
            picture = await asyncio.to_thread(_frame, self._film, self._lock, self._at)
        except (Unreadable, PictureRefused) as reason:
            await self.query_one(PictureView).say(str(reason))
        else:
            await self.query_one(PictureView).show(picture)

    def _go(self, seconds: float) -> None:
        if self._moments:
            place = max(0, bisect_right(self._moments, seconds + 1e-6) - 1)
            self._at = self._moments[place]
            self._draw()

    def scrub(self, step: int) -> None:
        """To the next or previous picture."""
        if self._moments:
            place = bisect_left(self._moments, self._at - 1e-6) + step
            self._go(self._moments[min(max(0, place), len(self._moments) - 1)])

    def action_leap(self, way: int) -> None:
        """Some seconds on or back."""
        self._go(min(max(0.0, self._at + way * _LEAP), self._moments[-1] if self._moments else 0.0))

    def action_edge(self, where: int) -> None:
        """To the beginning or the end."""
        self._go(self._moments[where] if self._moments else 0.0)

    def action_play(self) -> None:
        """Play, or pause."""
        if self._timer is not None:
            self._stop()
            self._draw()
        elif self._moments:
            if self._at >= self._moments[-1]:
                self._at = 0.0
            self._played = self._at
            self._timer = self.set_interval(_BEAT, self._beat)
            self._draw()

    def _beat(self) -> None:
        # The picture before is not drawn yet: time goes on, pictures are left out.
        self._played += _BEAT
        if self._played >= self._moments[-1]:
            self._stop()
            self._go(self._moments[-1])
        elif not self._lock.locked():
            before = self._at
            at = self._moments[max(0, bisect_right(self._moments, self._played) - 1)]
            if at != before:
                self._at = at
                self._draw()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _close(self) -> None:
        film, self._film = self._film, None
        # A thread that reads it still has it; then it is closed with its last reference.
        if film is not None and self._lock.acquire(blocking=False):
            try:
                film.close()
            finally:
                self._lock.release()

    def forget(self) -> None:
        """Stop playing, and give the file back."""
        self._stop()
        self._close()

    def on_unmount(self) -> None:
        self.forget()


def _frame(film: Film, lock: threading.Lock, seconds: float) -> Any:
    with lock:
        encoded = film.picture(seconds)
    return decode(encoded)[0]
