"""A recording as pictures at moments in time.

Owns: the moments at which a recording has a new picture, and the picture shown at any
second, by PyAV, which comes with the ``images`` extra. Must not: play sound, or keep more
than the picture asked for.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from types import TracebackType
from typing import Any, Final, Self

from skyvern_tui.core.previews.bounds import Unreadable

MAX_MOMENTS: Final = 50_000
MAX_SIDE: Final = 8192
"""Pixels of a picture's side."""
_MAX_DECODED: Final = 3000
"""Pictures decoded on the way to one that is asked for."""
MISSING: Final = "looking into recordings needs PyAV and Pillow: install skyvern-tui[images]"


class Film:
    """An open recording; use it as a context manager, from one thread at a time. Raises :class:`Unreadable`."""

    def __init__(self, data: bytes) -> None:
        try:
            import av  # noqa: PLC0415 - optional, and slow to load
        except ImportError as error:
            raise Unreadable(MISSING) from error
        self._failures: Any = (av.FFmpegError, ValueError, OSError, MemoryError, EOFError)
        try:
            self._container: Any = av.open(io.BytesIO(data))
        except self._failures as error:
            raise Unreadable(f"not a recording that can be read: {error}") from error
        try:
            self._begin()
        except Unreadable:
            self.close()
            raise
        except self._failures as error:
            self.close()
            raise Unreadable(f"the recording is damaged: {error}") from error

    def _begin(self) -> None:
        if not self._container.streams.video:
            raise Unreadable("there are no pictures in it")
        self._stream: Any = self._container.streams.video[0]
        self.width, self.height = int(self._stream.width), int(self._stream.height)
        if not (0 < self.width <= MAX_SIDE and 0 < self.height <= MAX_SIDE):
            raise Unreadable(f"pictures of {self.width} by {self.height} pixels are not shown")
        self.moments = self._moments()
        """Seconds at which the picture changes, in order; the first is the beginning."""
        if not self.moments:
            raise Unreadable("there are no pictures in it yet")

    @property
    def duration(self) -> float:
        """Seconds from the beginning to the last picture."""
        return self.moments[-1]

    def _moments(self) -> list[float]:
        """Read when each picture is shown, without decoding any; a recording cut short has those up to the cut."""
        found: list[float] = []
        try:
            for packet in self._container.demux(self._stream):
                if packet.pts is not None and packet.size:
                    found.append(float(packet.pts * packet.time_base))
                if len(found) == MAX_MOMENTS:
                    break
        except self._failures:
            pass  # what was read so far can be shown
        first = min(found, default=0.0)
        self._first = first
        return sorted({moment - first for moment in found})

    def at(self, seconds: float) -> float:
        """Return the moment from which the picture shown at ``seconds`` is seen."""
        return self.moments[max(0, bisect_right(self.moments, seconds + 1e-6) - 1)]

    def picture(self, seconds: float) -> bytes:
        """Return the picture shown at ``seconds`` as PNG. Raises :class:`Unreadable` when it can't be decoded."""
        wanted = self.at(seconds)
        try:
            self._container.seek(int((wanted + self._first) / self._stream.time_base), stream=self._stream)
            shown = None
            for number, frame in enumerate(self._container.decode(self._stream)):
                if frame.time is None or frame.time - self._first > wanted + 1e-3 or number == _MAX_DECODED:
                    shown = shown or frame
                    break
                shown = frame
            if shown is None:
                raise Unreadable("there is no picture at that time")
            file = io.BytesIO()
            shown.to_image().save(file, "PNG")
        except self._failures as error:
            if isinstance(error, Unreadable):
                raise
            raise Unreadable(f"the picture can't be decoded: {error}") from error
        return file.getvalue()

    def close(self) -> None:
        """Give the file back."""
        self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
