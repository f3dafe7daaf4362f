"""Claims about downloads: streamed, taken up where they broke, renewed, verified, and well named."""

from __future__ import annotations

import hashlib
import json

import httpx
import pytest

from skyvern_tui.client import Artifact, ConnectionLostError, DownloadError, FileInfo, NotFoundError, ServerError
from skyvern_tui.client.downloads import file_names, is_here, safe_name
from skyvern_tui.client.partial import PartialFile
from tests.skyvern_tui.client.playground import BASE, KEY

CONTENT = f"{BASE}/v1/artifacts/a_1/content"
RECORD = f"{BASE}/v1/artifacts/a_1"
DATA = bytes(range(256)) * 40
SHA = hashlib.sha256(DATA).hexdigest()


def record(**over):
    return {
        "artifact_id": "a_1",
        "artifact_type": "recording",
        "uri": "s3://bucket/x.webm",
        "organization_id": "o_1",
        "created_at": "2026-01-20T11:53:46",
        "modified_at": "2026-01-20T11:53:46",
        **over,
    }


def artifact(**over):
    return Artifact.model_validate(record(**over))


class Cut(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks after some of its bytes."""

    def __init__(self, data):
        self.data = data

    def __iter__(self):
        yield self.data
        raise httpx.ReadError("broken")

    async def __aiter__(self):
        yield self.data
        raise httpx.ReadError("broken")


class Store:
    """A server with one file: it honours ranges, breaks off after ``cuts`` bytes in turn, and notes each request."""

    def __init__(self, data=DATA, *, cuts=(), etag='"v1"', ranges=True, **record_over):
        self.data, self.cuts, self.etag, self.ranges = data, list(cuts), etag, ranges
        self.record = record(**record_over)
        self.asked = []

    def __call__(self, request):
        url = str(request.url)
        self.asked.append((url, request.headers.get("range"), request.headers.get("if-range")))
        if url == RECORD:
            return httpx.Response(200, json=self.record)
        start, status, headers = 0, 200, {"etag": self.etag} if self.etag else {}
        wanted = request.headers.get("range")
        if wanted and self.ranges and request.headers.get("if-range", self.etag) == self.etag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(self.data):
                return httpx.Response(416, headers={"content-range": f"bytes */{len(self.data)}"})
            status = 206
            headers["content-range"] = f"bytes {start}-{len(self.data) - 1}/{len(self.data)}"
        body = self.data[start:]
        headers["content-length"] = str(len(body))
        if self.cuts:
            return httpx.Response(status, headers=headers, stream=Cut(body[: self.cuts.pop(0)]))
        return httpx.Response(status, headers=headers, content=body)

    @property
    def ranges_asked(self):
        return [wanted for url, wanted, _ in self.asked if url != RECORD]


def names(directory):
    return sorted(entry.name for entry in directory.iterdir())


def test_a_broken_connection_is_taken_up_where_it_broke(face, tmp_path):
    """Only the missing bytes are asked for, of the same version, and the file is whole; more breaks than retries do
    not matter as long as bytes arrive."""
    store = Store(cuts=[1000, 1, 2000, 3000], checksum=SHA, file_size=len(DATA))
    path = face(handler=store, max_retries=1).call("download_artifact", artifact(**store.record), tmp_path / "x.webm")
    assert path.read_bytes() == DATA
    assert store.asked == [
        (CONTENT, None, None),
        *((CONTENT, f"bytes={at}-", '"v1"') for at in (1000, 1001, 3001, 6001)),
    ]
    assert names(tmp_path) == ["x.webm"]


def test_a_server_without_ranges_sends_all_of_it_again(face, tmp_path):
    """A 200 to a request for the rest is the whole file, not more of it."""
    store = Store(cuts=[1000], ranges=False)
    assert face(handler=store).call("download_artifact", artifact(), tmp_path / "x").read_bytes() == DATA
    assert store.ranges_asked == [None, "bytes=1000-"]


def test_without_a_word_for_the_version_nothing_is_joined(face, tmp_path):
    """Neither ETag nor checksum: the file is fetched from its beginning, as two versions must not be mixed."""
    store = Store(cuts=[1000], etag=None)
    assert face(handler=store).call("download_artifact", artifact(), tmp_path / "x").read_bytes() == DATA
    assert store.ranges_asked == [None, None]


def test_a_weak_etag_is_no_word_for_bytes(face, tmp_path):
    """What is only equivalent may differ in its bytes."""
    store = Store(cuts=[1000], etag='W/"v1"')
    assert face(handler=store).call("download_artifact", artifact(), tmp_path / "x").read_bytes() == DATA
    assert store.ranges_asked == [None, None]


def test_a_checksum_makes_a_server_without_etags_resumable(face, tmp_path):
    """What was joined is proven afterwards."""
    store = Store(cuts=[1000], etag=None, checksum=SHA)
    path = face(handler=store).call("download_artifact", artifact(**store.record), tmp_path / "x")
    assert path.read_bytes() == DATA
    assert store.ranges_asked == [None, "bytes=1000-"]


def test_a_file_that_changed_meanwhile_is_fetched_anew(face, tmp_path):
    """If-Range fails, the server sends the new version whole, and nothing of the old one is in the file."""
    store = Store(b"old" * 2000, cuts=[1000])
    new = b"new!" * 3000

    def changing(request):
        answer = store(request)
        store.data, store.etag = new, '"v2"'
        return answer

    assert face(handler=changing).call("download_artifact", artifact(), tmp_path / "x").read_bytes() == new
    assert store.ranges_asked == [None, "bytes=1000-"]


def test_a_range_that_does_not_fit_is_not_believed(face, tmp_path):
    """A 206 that begins elsewhere or is of another version is let go by; the next request asks for everything."""
    answers = [
        httpx.Response(200, headers={"etag": '"v1"', "content-length": "9000"}, stream=Cut(DATA[:1000])),
        httpx.Response(206, headers={"content-range": f"bytes 0-99/{len(DATA)}"}, content=b"x" * 100),
        httpx.Response(200, content=DATA),
    ]
    seen = []

    def handler(request):
        seen.append(request.headers.get("range"))
        return answers[len(seen) - 1]

    assert face(handler=handler).call("download_artifact", artifact(), tmp_path / "x").read_bytes() == DATA
    assert seen == [None, "bytes=1000-", None]


def test_what_a_broken_download_left_is_used_by_the_next(face, tmp_path):
    """Another call, as in another process, asks for the rest only; nothing is left when it is done."""
    store = Store(cuts=[1000], checksum=SHA)
    it = face(handler=store, max_retries=0)
    with pytest.raises(ConnectionLostError):
        it.call("download_artifact", artifact(**store.record), tmp_path / "x.webm")
    assert names(tmp_path) == [".x.webm.part", ".x.webm.part.json"]
    assert it.call("download_artifact", artifact(**store.record), tmp_path / "x.webm").read_bytes() == DATA
    assert store.ranges_asked[-1] == "bytes=1000-"
    assert names(tmp_path) == ["x.webm"]


def test_leftovers_of_another_kind_are_not_used(tmp_path):
    """A part without a readable note, and one whose note names no version, are thrown away."""
    target = tmp_path / "x"
    for note in (None, "nonsense", "[]", json.dumps({"validator": None, "checksum": SHA[::-1]})):
        (tmp_path / ".x.part").write_bytes(b"old")
        if note is not None:
            (tmp_path / ".x.part.json").write_text(note)
        partial = PartialFile(target, SHA)
        assert (partial.size, partial.range_headers()) == (0, {})
        partial.close()
        assert not (tmp_path / ".x.part").exists()


def test_two_downloads_of_one_file_do_not_meet(tmp_path):
    """What was kept goes to one of them; the other begins at the beginning, in a file of its own."""
    (tmp_path / ".x.part").write_bytes(b"kept")
    (tmp_path / ".x.part.json").write_text(json.dumps({"validator": '"v1"'}))
    one, two = PartialFile(tmp_path / "x"), PartialFile(tmp_path / "x")
    assert (one.size, two.size) == (4, 0)
    two.begin(200, {"content-length": "3"})(b"two")
    one.begin(206, {"content-range": "bytes 4-6/7"})(b"one")
    assert two.finish().read_bytes() == b"two"
    assert one.finish().read_bytes() == b"keptone"


def test_an_unsatisfiable_range_begins_anew(face, tmp_path):
    """A file that has become shorter than what is here is fetched whole."""
    store = Store(cuts=[1000])

    def shrinking(request):
        answer = store(request)
        store.data = b"short"
        return answer

    assert face(handler=shrinking).call("download_artifact", artifact(), tmp_path / "x").read_bytes() == b"short"
    assert store.ranges_asked == [None, "bytes=1000-", None]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_an_expired_link_is_renewed(face, tmp_path, status):
    """The record is asked for again, and its fresh link brings the bytes; the key goes to the server alone."""
    old, new = "https://bucket.example/x?sig=OLD", "https://bucket.example/x?sig=NEW"
    seen = []

    def handler(request):
        url = str(request.url)
        seen.append((url, "x-api-key" in request.headers))
        if url == RECORD:
            return httpx.Response(200, json=record(signed_url=new, checksum=SHA))
        return httpx.Response(200, content=DATA) if url == new else httpx.Response(status)

    path = face(handler=handler).call("download_artifact", artifact(signed_url=old), tmp_path / "x")
    assert path.read_bytes() == DATA
    assert seen == [(old, False), (RECORD, True), (new, False)]


def test_a_link_that_expires_in_mid_file_is_renewed_and_taken_up(face, tmp_path):
    """What is here is kept across the change of link."""
    old, new = "https://bucket.example/x?sig=OLD", "https://bucket.example/x?sig=NEW"
    store = Store(cuts=[4000], checksum=SHA, signed_url=new)

    def handler(request):
        answer = store(request)
        expired = str(request.url) == old and request.headers.get("range")
        return httpx.Response(403, text="Request has expired") if expired else answer

    path = face(handler=handler).call("download_artifact", artifact(signed_url=old, checksum=SHA), tmp_path / "x")
    assert path.read_bytes() == DATA
    assert [url for url, _, _ in store.asked] == [old, old, RECORD, new]
    assert store.asked[-1][1] == "bytes=4000-"


def test_if_no_link_works_the_server_is_asked_itself(face, tmp_path):
    """A renewed link that fails too, as on a wrong host, does not matter."""
    old = "https://bucket.example/x?sig=OLD"

    def handler(request):
        url = str(request.url)
        if url == RECORD:
            return httpx.Response(200, json=record(signed_url="https://bucket.example/x?sig=NEW"))
        return httpx.Response(200, content=DATA) if url == CONTENT else httpx.Response(403)

    assert (
        face(handler=handler).call("download_artifact", artifact(signed_url=old), tmp_path / "x").read_bytes() == DATA
    )


@pytest.mark.parametrize("wrong", [{"checksum": "0" * 64}, {"file_size": 5}])
def test_wrong_bytes_are_not_kept(face, tmp_path, wrong):
    """After a second look at record and content, an error that names the file; an older file stays as it was."""
    (tmp_path / "x").write_bytes(b"old")
    store = Store(**wrong)
    with pytest.raises(DownloadError, match="not what the server's record says") as caught:
        face(handler=store).call("download_artifact", artifact(**wrong), tmp_path / "x")
    assert (caught.value.path, caught.value.artifact_id) == (tmp_path / "x", "a_1")
    assert store.ranges_asked == [None, None]
    assert (tmp_path / "x").read_bytes() == b"old"
    assert names(tmp_path) == ["x"]


def test_a_record_that_was_out_of_date_is_no_error(face, tmp_path):
    """A recording that grew between record and download is right by the new record; nothing is fetched twice."""
    store = Store(checksum=SHA, file_size=len(DATA))
    path = face(handler=store).call("download_artifact", artifact(checksum="0" * 64, file_size=1), tmp_path / "x")
    assert path.read_bytes() == DATA
    assert store.ranges_asked == [None]


def test_a_checksum_outweighs_a_size(face, tmp_path):
    """Stores count differently; the bytes are what matters. Of what lies compressed the record says nothing."""
    store = Store()
    for number, known in enumerate(
        [{"checksum": SHA.upper(), "file_size": 1}, {"uri": "s3://b/x.har.zst", "file_size": 1}]
    ):
        face(handler=store).call("download_artifact", artifact(**known), tmp_path / str(number))
    assert names(tmp_path) == ["0", "1"]


def test_a_cut_answer_without_an_error_is_noticed(face, tmp_path):
    """Fewer bytes than announced are a broken connection, whatever the transport makes of it."""
    it = face(handler=lambda request: httpx.Response(200, headers={"content-length": "900"}, stream=Whole(b"x" * 100)))
    with pytest.raises(ConnectionLostError, match="cut off"):
        it.call("download_artifact", artifact(), tmp_path / "x")
    assert names(tmp_path) == []


class Whole(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body without a fault of its own."""

    def __init__(self, data):
        self.data = data

    def __iter__(self):
        yield self.data

    async def __aiter__(self):
        yield self.data


def test_progress_is_told(face, tmp_path):
    """Each piece is reported, with what there is and will be; the last report is the whole."""
    told = []
    store = Store(cuts=[1000])
    face(handler=store).call("download_artifact", artifact(), tmp_path / "x", on_progress=told.append)
    assert [(report.received, report.total) for report in told] == [(1000, len(DATA)), (len(DATA), len(DATA))]
    assert {(report.path, report.artifact_id) for report in told} == {(tmp_path / "x", "a_1")}


def test_a_server_that_stays_broken_is_an_error(face, tmp_path):
    """The retries have an end, and there is nothing on disk."""
    it = face(handler=lambda request: httpx.Response(500), max_retries=2)
    with pytest.raises(ServerError):
        it.call("download_artifact", "a_1", tmp_path / "x")
    assert it.time.sleeps == [0.5, 1.0]
    assert names(tmp_path) == []


def test_a_file_that_a_run_downloaded_is_fetched_from_its_url(face, tmp_path):
    """With the key, if the URL is the server's own; its checksum counts. A file without an artifact is nowhere else."""
    url = f"{BASE}/files/a.pdf"
    seen = []

    def handler(request):
        seen.append((str(request.url), request.headers.get("x-api-key")))
        return httpx.Response(200, content=DATA) if str(request.url) == url else httpx.Response(404)

    it = face(handler=handler)
    file = FileInfo(url=url, checksum=SHA, filename="a.pdf")
    assert it.call("download_artifact", file, tmp_path / "a.pdf").read_bytes() == DATA
    with pytest.raises(NotFoundError):
        it.call("download_artifact", FileInfo(url="https://elsewhere.example/b.pdf"), tmp_path / "b.pdf")
    assert seen == [(url, KEY), ("https://elsewhere.example/b.pdf", None)]


def test_only_a_checksum_tells_that_a_file_is_here(tmp_path):
    """The same name or size is not enough; nor is a link that leads elsewhere."""
    (tmp_path / "x").write_bytes(DATA)
    (tmp_path / "link").symlink_to(tmp_path / "x")
    assert is_here(artifact(checksum=SHA), tmp_path / "x")
    assert not is_here(artifact(checksum="0" * 64), tmp_path / "x")
    assert not is_here(artifact(file_size=len(DATA)), tmp_path / "x")
    assert not is_here(artifact(checksum=SHA), tmp_path / "link")
    assert not is_here(artifact(checksum=SHA), tmp_path / "none")


@pytest.mark.parametrize(
    ("hostile", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/shadow", "shadow"),
        ("..", "file"),
        ("", "file"),
        (".bashrc", "bashrc"),
        ("a\x00b\x1b[31m.pdf", "a-b-31m.pdf"),
        ("con.txt", "_con.txt"),
        ("Rechnung März.pdf", "Rechnung März.pdf"),
        ("a:b*c?.pdf", "a-b-c-.pdf"),
        ("名" * 200 + ".pdf", "名" * 48 + ".pdf"),
    ],
)
def test_names_stay_in_their_folder(hostile, safe):
    """No path, no hidden file, no device, no control character, no name too long; the rest of it is kept."""
    assert safe_name(hostile) == safe
    assert len(safe_name(hostile).encode()) <= 150


def test_every_artifact_gets_a_name_of_its_own():
    """Downloads keep their own names, the rest is called by type and id; equal names are numbered."""
    artifacts = [
        artifact(artifact_id=f"a_{number}", artifact_type="download", uri=f"s3://b/{number}") for number in range(3)
    ] + [artifact(artifact_id="a_9", uri="file:///x/..%2f..%2f2026_recording.webm")]
    files = [
        FileInfo(url="u", filename=name, artifact_id=f"a_{n}") for n, name in enumerate(["A.pdf", "a.pdf", "../a.pdf"])
    ]
    assert file_names(artifacts, files) == ["A.pdf", "a-2.pdf", "a-3.pdf", "recording-a_9.webm"]
