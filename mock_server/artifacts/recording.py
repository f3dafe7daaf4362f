"""Turning JPEG frames into a WebM film that seeks.

Owns: the VP8 encoder, its thread and the bounded queue in front of it. Frames come when
the page changes, so the film has a variable frame rate with millisecond timestamps, and
its last frame is shown again at the end: without that it would end at the last change
instead of at the end of the run. Must not: know Playwright, or where frames come from.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import av.error
import av.filter
from av.codec.context import CodecContext
from av.video.frame import PictureType, VideoFrame

MILLISECOND: Final = Fraction(1, 1000)

MIN_GAP_MS: Final = 80.0
"""Of frames closer together than this only the last is encoded (12 ms each at 1280x720)."""

KEY_FRAME_MS: Final = 2000
"""A seek decodes from the last key frame; by time, since frames are far apart or dense."""

QUEUE_FRAMES: Final = 16
"""About 1 MB of JPEG. What waits here is also what a stop has to wait for."""

_ENCODER_OPTIONS: Final = {
    "deadline": "realtime",
    "cpu-used": "16",
    "lag-in-frames": "0",  # each frame is out at once: nothing is held back at the end
    "auto-alt-ref": "0",
    "qmin": "4",
    "qmax": "36",  # the default lets text dissolve for a second after each new page
}

_BIT_RATE: Final = 1_500_000


class RecordingError(Exception):
    """The film could not be written; the message says why."""


class FilmWriter:
    """Writes one WebM file from JPEG frames; for one thread at a time.

    The file appears under its name only when it is complete. ``size`` is the film's
    width and height in pixels; frames of another shape are fitted in, with black bars.
    """

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        self._path = path
        self._partial = path.with_name(path.name + ".part")
        self._width, self._height = (side & ~1 for side in size)
        self._origin: float | None = None
        self._last_pts = -1
        self._last_key_pts = 0
        self._last_frame: VideoFrame | None = None
        self._fitters: dict[tuple[int, int, str], av.filter.Graph] = {}
        self._jpeg = CodecContext.create("mjpeg", "r")
        # The cues go to the front, so that a player can seek before it has the end.
        self._container = av.open(self._partial, "w", format="webm", options={"cues_to_front": "1"})
        self._stream = self._container.add_stream("libvpx", rate=1000, options=_ENCODER_OPTIONS)
        self._stream.width, self._stream.height = self._width, self._height
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = MILLISECOND
        self._stream.codec_context.time_base = MILLISECOND
        self._stream.codec_context.bit_rate = _BIT_RATE
        # The codec's own threads spin while they wait for each other: on a busy machine a
        # frame then costs five times the CPU, and the run pays for it.
        self._stream.codec_context.thread_count = 1

    def write(self, jpeg: bytes, at_ms: float) -> bool:
        """Append a frame that appeared at ``at_ms``; return whether it was a readable JPEG.

        The first frame is the film's zero, whatever its time.
        """
        try:
            decoded = self._jpeg.decode(av.Packet(jpeg))
        except av.error.InvalidDataError:
            return False
        for picture in decoded:
            assert isinstance(picture, VideoFrame)
            if self._origin is None:
                self._origin = at_ms
            self._last_frame = self._fit(picture)
            self._encode(self._last_frame, round(at_ms - self._origin))
        return bool(decoded)

    def close(self, end_ms: float) -> bool:
        """Show the last frame until ``end_ms``, finish the file, return whether there is one.

        A film without a single frame leaves no file.
        """
        if self._last_frame is None or self._origin is None:
            self.discard()
            return False
        end = round(end_ms - self._origin)
        if end > self._last_pts:
            self._encode(self._last_frame, end)
        for packet in self._stream.encode(None):
            self._container.mux(packet)
        self._container.close()
        self._partial.replace(self._path)
        return True

    def discard(self) -> None:
        """Drop what was written."""
        with suppress(OSError, av.error.FFmpegError):  # A full disk fails again when the container is closed.
            self._container.close()
        with suppress(OSError):  # Nor may it be there, or be ours to remove.
            self._partial.unlink()

    def _encode(self, frame: VideoFrame, pts: int) -> None:
        frame.pts = max(pts, self._last_pts + 1)
        frame.time_base = MILLISECOND
        due = frame.pts - self._last_key_pts >= KEY_FRAME_MS
        frame.pict_type = PictureType.I if due else PictureType.NONE
        if due:
            self._last_key_pts = frame.pts
        self._last_pts = frame.pts
        for packet in self._stream.encode(frame):
            self._container.mux(packet)

    def _fit(self, picture: VideoFrame) -> VideoFrame:
        if (picture.width, picture.height) == (self._width, self._height):
            return picture.reformat(format="yuv420p")
        shape = (picture.width, picture.height, picture.format.name)
        graph = self._fitters.get(shape) or self._fitters.setdefault(shape, self._fitter(picture))
        graph.push(picture)
        fitted = graph.pull()
        assert isinstance(fitted, VideoFrame)
        return fitted

    def _fitter(self, picture: VideoFrame) -> av.filter.Graph:
        graph = av.filter.Graph()
        size = f"{self._width}:{self._height}"
        graph.link_nodes(
            graph.add_buffer(width=picture.width, height=picture.height, format=picture.format, time_base=MILLISECOND),
            graph.add("scale", f"{size}:force_original_aspect_ratio=decrease"),
            graph.add("pad", f"{size}:-1:-1"),
            graph.add("format", "yuv420p"),
            graph.add("buffersink"),
        ).configure()
        return graph


class Recorder:
    """A :class:`FilmWriter` in its own thread, behind a bounded queue.

    :meth:`add` never waits. When the encoder falls behind, the oldest waiting frame is
    dropped, never the newest: the film then skips, but always arrives at what the page
    really looked like. A dropped frame costs no time in the film, since each frame
    carries its own.
    """

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        self._path = path
        self._size = size
        self._waiting: deque[tuple[bytes, float]] = deque(maxlen=QUEUE_FRAMES)
        self._changed = threading.Condition()
        self._end_ms: float | None = None
        self._keep = True
        self._written = False
        self._failure: Exception | None = None
        self._thread: threading.Thread | None = None
        self.dropped = 0

    def add(self, jpeg: bytes, at_ms: float) -> None:
        """Queue a frame; ``at_ms`` is its time on any clock that counts milliseconds."""
        with self._changed:
            if self._end_ms is not None or self._failure is not None:
                return
            self.dropped += len(self._waiting) == QUEUE_FRAMES
            self._waiting.append((jpeg, at_ms))
            if self._thread is None:
                # A daemon: a process that dies without finish() must not wait for a film.
                self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
                self._thread.start()
            self._changed.notify()

    def finish(self, end_ms: float) -> Path | None:
        """Encode what waits, end the film at ``end_ms`` and return it; None if it has no frame.

        Blocks until the file is complete.

        Raises:
            RecordingError: the film could not be encoded or written.
        """
        self._stop(end_ms, keep=True)
        if self._failure is not None:
            raise RecordingError(f"The recording could not be written: {self._failure}") from self._failure
        return self._path if self._written else None

    def discard(self) -> None:
        """Stop without leaving a file. Blocks until the thread is gone."""
        self._stop(0.0, keep=False)

    def _stop(self, end_ms: float, *, keep: bool) -> None:
        with self._changed:
            if self._end_ms is None:
                self._end_ms, self._keep = end_ms, keep
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        film: FilmWriter | None = None
        try:
            film = FilmWriter(self._path, self._size)
            for jpeg, at_ms in self._frames():
                film.write(jpeg, at_ms)
            if self._keep and self._end_ms is not None:
                self._written = film.close(self._end_ms)
            else:
                film.discard()
        except (OSError, av.error.FFmpegError) as error:
            self._failure = error
            if film is not None:
                film.discard()

    def _frames(self) -> Iterator[tuple[bytes, float]]:
        """Yield the frames worth encoding, in order, until the film is stopped.

        A frame is worth it when the next one is far enough from the last that was
        encoded, so a burst is thinned evenly and its end is never lost.
        """
        latest: tuple[bytes, float] | None = None
        encoded_ms = float("-inf")
        while (frame := self._next()) is not None:
            if latest is not None and frame[1] - encoded_ms >= MIN_GAP_MS:
                encoded_ms = latest[1]
                yield latest
            latest = frame
        if latest is not None and self._keep:
            yield latest

    def _next(self) -> tuple[bytes, float] | None:
        with self._changed:
            while not self._waiting and self._end_ms is None:
                self._changed.wait()
            return self._waiting.popleft() if self._waiting and self._keep else None
