"""The film of a run: what it shows, how long, and that it seeks."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import pytest
from PIL import Image

from mock_server.artifacts import recording
from mock_server.artifacts.recording import FilmWriter, Recorder, RecordingError

SIZE = (320, 180)
CUES = b"\x1c\x53\xbb\x6b"
CLUSTER = b"\x1f\x43\xb6\x75"


def jpeg(colour: tuple[int, int, int], size: tuple[int, int] = SIZE) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "jpeg", quality=90)
    return file.getvalue()


RED, GREEN, BLUE = jpeg((255, 0, 0)), jpeg((0, 255, 0)), jpeg((0, 0, 255))


def frames_of(path: Path) -> list[tuple[int, tuple[int, int, int]]]:
    """Return time in ms and colour in the middle of each frame."""
    with av.open(str(path)) as film:
        frames = []
        for frame in film.decode(video=0):
            image = frame.to_image()
            frames.append((frame.pts, image.getpixel((image.width // 2, image.height // 2))))
        return frames


def is_near(colour: tuple[int, int, int], wanted: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(colour, wanted, strict=True))


def film(path: Path, *frames: tuple[bytes, float], end: float, size: tuple[int, int] = SIZE) -> Path:
    writer = FilmWriter(path, size)
    for data, at in frames:
        assert writer.write(data, at)
    assert writer.close(end)
    return path


def test_frames_keep_their_times(tmp_path):
    """Each frame is shown from the millisecond it appeared, counted from the first; what is decoded is what went in."""
    path = film(tmp_path / "f.webm", (RED, 5000.0), (GREEN, 5100.0), (BLUE, 6734.0), end=8000.0)
    frames = frames_of(path)
    assert [at for at, _ in frames] == [0, 100, 1734, 3000]
    wanted = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 255)]
    assert all(is_near(colour, want) for (_, colour), want in zip(frames, wanted, strict=True))


def test_a_film_lasts_until_its_end(tmp_path):
    """A page that does not change for a minute still gives a film of a minute: the last frame is shown again."""
    with av.open(str(film(tmp_path / "f.webm", (RED, 0.0), end=60_000.0))) as container:
        assert container.duration / 1e6 == pytest.approx(60, abs=0.01)


def test_dimensions_are_those_asked_for(tmp_path):
    """The film has the viewport's size, made even as the codec wants it."""
    with av.open(str(film(tmp_path / "f.webm", (RED, 0.0), end=10.0, size=(321, 181)))) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.codec_context.name) == (320, 180, "vp8")


def test_a_frame_of_another_shape_is_fitted_in(tmp_path):
    """A narrow frame keeps its shape, between black bars."""
    narrow = jpeg((255, 0, 0), (90, 180))
    with av.open(str(film(tmp_path / "f.webm", (RED, 0.0), (narrow, 100.0), end=200.0))) as container:
        image = list(container.decode(video=0))[-1].to_image()
    assert image.size == SIZE
    assert is_near(image.getpixel((160, 90)), (255, 0, 0))
    assert is_near(image.getpixel((20, 90)), (0, 0, 0))
    assert is_near(image.getpixel((300, 90)), (0, 0, 0))


def test_time_that_steps_back_does_not_break_the_film(tmp_path):
    """A clock that is set back gives frames in the order in which they came."""
    path = film(tmp_path / "f.webm", (RED, 1000.0), (GREEN, 900.0), (BLUE, 1000.0), end=900.0)
    assert [at for at, _ in frames_of(path)] == [0, 1, 2]


def test_what_is_no_jpeg_is_left_out(tmp_path):
    """A damaged frame is told and skipped; the film goes on."""
    writer = FilmWriter(tmp_path / "f.webm", SIZE)
    assert writer.write(RED, 0.0)
    assert not writer.write(b"no jpeg at all", 100.0)
    assert writer.write(GREEN, 200.0)
    assert writer.close(300.0)
    assert [at for at, _ in frames_of(tmp_path / "f.webm")] == [0, 200, 300]


def test_a_film_without_frames_is_no_file(tmp_path):
    """Nothing was seen, so nothing is left, not even a partial file."""
    assert not FilmWriter(tmp_path / "f.webm", SIZE).close(1000.0)
    assert list(tmp_path.iterdir()) == []


def test_a_film_appears_when_it_is_complete(tmp_path):
    """Until it is closed there is no file of its name; a discarded one leaves nothing."""
    writer = FilmWriter(tmp_path / "f.webm", SIZE)
    writer.write(RED, 0.0)
    assert not (tmp_path / "f.webm").exists()
    writer.discard()
    assert list(tmp_path.iterdir()) == []


def test_cues_come_before_the_pictures(tmp_path):
    """The index is at the front and has a key frame every two seconds, so a player seeks before it has the end."""
    frames = [((RED, GREEN, BLUE)[n % 3], n * 100.0) for n in range(100)]
    path = film(tmp_path / "f.webm", *frames, end=10_000.0)
    data = path.read_bytes()
    assert 0 < data.find(CUES) < data.find(CLUSTER)
    with av.open(str(path)) as container:
        keys = [frame.pts for frame in container.decode(video=0) if frame.key_frame]
    assert keys == [0, 2000, 4000, 6000, 8000, 10_000]


def test_seeking_lands_on_the_right_frame(tmp_path):
    """A seek to a time gives the frame that is shown then, without decoding from the start."""
    frames = [((RED, GREEN, BLUE)[n % 3], n * 1000.0) for n in range(30)]
    with av.open(str(film(tmp_path / "f.webm", *frames, end=30_000.0))) as container:
        container.seek(20_000, stream=container.streams.video[0])
        first = next(container.decode(video=0))
        assert 18_000 <= first.pts <= 20_000


def test_a_recorder_writes_what_it_was_given(tmp_path):
    """Frames handed over one by one come out in order, up to the end of the run."""
    recorder = Recorder(tmp_path / "f.webm", SIZE)
    for number, data in enumerate((RED, GREEN, BLUE)):
        recorder.add(data, number * 500.0)
    assert recorder.finish(2000.0) == tmp_path / "f.webm"
    assert [at for at, _ in frames_of(tmp_path / "f.webm")] == [0, 500, 1000, 2000]


def test_a_burst_is_thinned_and_its_end_kept(tmp_path):
    """Sixty frames a second become fifteen or so; the last of a burst is never among those left out."""
    recorder = Recorder(tmp_path / "f.webm", SIZE)
    recorder._waiting = type(recorder._waiting)(maxlen=1000)
    for number in range(60):
        recorder.add(RED if number < 59 else BLUE, number * 1000 / 60)
    recorder.finish(5000.0)
    frames = frames_of(tmp_path / "f.webm")
    assert len(frames) < 20
    assert is_near(frames[-2][1], (0, 0, 255))
    assert frames[-2][0] == pytest.approx(59 * 1000 / 60, abs=1)


def test_an_encoder_that_cannot_keep_up_drops_the_oldest(tmp_path, monkeypatch):
    """With a full queue adding never waits, and what is dropped is the oldest, so the film ends at the truth."""
    behind = threading.Event()
    write = FilmWriter.write

    def slow_write(self: FilmWriter, data: bytes, at_ms: float) -> bool:
        behind.wait()
        return write(self, data, at_ms)

    monkeypatch.setattr(FilmWriter, "write", slow_write)
    recorder = Recorder(tmp_path / "f.webm", SIZE)
    for number in range(100):
        recorder.add(RED if number < 99 else BLUE, number * 100.0)
    assert len(recorder._waiting) <= recording.QUEUE_FRAMES
    behind.set()
    recorder.finish(12_000.0)
    assert recorder.dropped >= 100 - recording.QUEUE_FRAMES - 2
    assert is_near(frames_of(tmp_path / "f.webm")[-1][1], (0, 0, 255))


def test_a_recorder_without_frames_has_no_film(tmp_path):
    """No frame, no file, no thread."""
    recorder = Recorder(tmp_path / "f.webm", SIZE)
    assert recorder.finish(1000.0) is None
    assert list(tmp_path.iterdir()) == []


def test_a_discarded_recording_leaves_nothing(tmp_path):
    """The thread is gone when discard returns, and with it the partial file; later frames are ignored."""
    recorder = Recorder(tmp_path / "f.webm", SIZE)
    recorder.add(RED, 0.0)
    recorder.discard()
    recorder.add(GREEN, 100.0)
    assert list(tmp_path.iterdir()) == []
    assert not [thread for thread in threading.enumerate() if thread.name == "recording"]


def test_a_place_that_cannot_be_written(tmp_path):
    """A directory that is not there is said when the film is asked for; no thread dies of it."""
    recorder = Recorder(tmp_path / "missing" / "f.webm", SIZE)
    recorder.add(RED, 0.0)
    with pytest.raises(RecordingError, match="could not be written"):
        recorder.finish(1000.0)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """Serve ``tmp_path`` with Range, as the artifact routes do; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536

        def do_GET(self) -> None:
            if self.path == "/":
                data, kind = b"<!doctype html><video muted src='f.webm'></video>", "text/html"
            elif self.path == "/f.webm":
                data, kind = (tmp_path / "f.webm").read_bytes(), "video/webm"
            else:
                data, kind = b"", "text/plain"
            first, last = 0, len(data) - 1
            asked = self.headers.get("range")
            if asked:
                start, _, end = asked.removeprefix("bytes=").partition("-")
                first, last = int(start), int(end or last)
            self.send_response(206 if asked else 200)
            self.send_header("content-type", kind)
            self.send_header("accept-ranges", "bytes")
            if asked:
                self.send_header("content-range", f"bytes {first}-{last}/{len(data)}")
            self.send_header("content-length", str(last - first + 1))
            self.end_headers()
            self.wfile.write(data[first : last + 1])

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.browser
def test_chromium_knows_its_length_and_seeks_in_it(tmp_path, served, page):
    """A real player shows the right duration, and jumping to a time shows the picture of that time."""
    colours = [((RED, GREEN, BLUE)[n // 4 % 3], n * 1000.0) for n in range(12)]
    film(tmp_path / "f.webm", *colours, end=25_000.0)
    page.goto(served)
    duration = page.evaluate(
        "() => new Promise((done, fail) => { const v = document.querySelector('video');"
        " v.onerror = () => fail(v.error.message); if (v.readyState) done(v.duration);"
        " v.onloadedmetadata = () => done(v.duration) })"
    )
    assert duration == pytest.approx(25, abs=0.01)
    jump = """(time) => new Promise((done) => {
        const video = document.querySelector('video');
        video.onseeked = () => {
            const canvas = document.createElement('canvas');
            canvas.width = video.videoWidth; canvas.height = video.videoHeight;
            const context = canvas.getContext('2d');
            context.drawImage(video, 0, 0);
            done([video.currentTime, ...context.getImageData(160, 90, 1, 1).data.slice(0, 3)]);
        };
        video.currentTime = time;
    })"""
    for time, wanted in ((5.5, (0, 255, 0)), (20.0, (0, 0, 255)), (1.5, (255, 0, 0)), (9.5, (0, 0, 255))):
        at, *colour = page.evaluate(jump, time)
        assert at == pytest.approx(time, abs=0.01)
        assert is_near(tuple(colour), wanted), (time, colour)
