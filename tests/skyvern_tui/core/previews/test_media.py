"""Claims about pages, archives, traces, PDFs, recordings and files taken apart."""

from __future__ import annotations

import gzip
import io
import json
import struct
import sys
import zipfile

import av
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from skyvern_tui.core.previews import archive as archive_module
from skyvern_tui.core.previews.archive import contents, gunzip, read_member, trace_calls
from skyvern_tui.core.previews.bounds import Unreadable
from skyvern_tui.core.previews.files import ImageFacts, file_facts, image_facts
from skyvern_tui.core.previews.film import Film
from skyvern_tui.core.previews.page import Branch, TextLine, read_page
from skyvern_tui.core.previews.pdf import PdfFile

PAGE = b"""<!doctype html><html><head><title>News &amp; more</title><style>p { color: red }</style>
<script>if (a < b) { document.write("<p>no</p>") }</script></head><body>
<!-- not <p>shown</p> --><h2>Top  posts</h2>
<ul><li><a href="/1">First &lt;post&gt;</a> by jane<li><a href='javascript:alert(1)'>Second</a></ul>
<table><tr><td>a</td><td>b</td></tr></table><p>One<p>Two<br>Three<div hidden>secret <b>x</b></div>
<pre>x = 1
  y</pre><img alt="A cat"><input name=q value=term><input type=password value=hunter2><input type=hidden value=no>
<button>Go</button> 1 < 2\x1b[31m</body></html>"""


def test_a_page_reads_as_text():
    """Headings, items, rows and fields are lines; code, comments and what is hidden is not; links have numbers."""
    page = read_page(PAGE)
    assert page.title == "News & more"
    assert page.links == [("First <post>", "/1"), ("Second", "javascript:alert(1)")]
    assert page.lines == [
        TextLine("Top posts", "heading", 2),
        TextLine("First <post>[1] by jane", "item", 1),
        TextLine("Second[2]", "item", 1),
        TextLine("a | b", "row"),
        TextLine("One"),
        TextLine("Two"),
        TextLine("Three"),
        TextLine("x = 1", "code"),
        TextLine("y", "code"),
        TextLine("[image: A cat][text: q = term][password = •••••••] [button] Go 1 < 2␛[31m"),
    ]


def test_a_page_is_a_tree():
    """Elements stand below the one they are in, also where end tags are left out."""
    tree = read_page(b"<ul id=u><li>a<li class='x y'>b</ul><p>c").tree
    assert tree == [
        Branch(0, '<ul id="u">'),
        Branch(1, "<li>"),
        Branch(2, "a", is_text=True),
        Branch(1, '<li class="x y">'),
        Branch(2, "b", is_text=True),
        Branch(0, "<p>"),
        Branch(1, "c", is_text=True),
    ]


TAGS = st.sampled_from(
    ["<", ">", "</", "<a ", "<p>", "</p>", "<!--", "-->", "<script>", "='", '"', "&#x1b;", "\x1b[2J", "\u202e"]
)


@given(st.lists(st.one_of(TAGS, st.text(max_size=5)), max_size=40).map("".join))
@example("<a b='")
@example("</script ")
@example("<td><td><ul></td>")
def test_any_text_is_a_page(text):
    """Whatever claims to be a page is read, and nothing of it can act on a terminal."""
    page = read_page(text.encode(errors="surrogatepass"))
    texts = [page.title, *(line.text for line in page.lines), *(branch.text for branch in page.tree)]
    texts += [part for link in page.links for part in link]
    assert all(part.isprintable() for part in texts)


@pytest.mark.parametrize(
    "unit", ["<a ", "<", "<a x='", "<div>", '<a b="c" ', "<!--", "<script>", "</p>", "<a b=>", "&amp;"]
)
def test_reading_takes_linear_time(unit):
    """Twice the page is read in about twice the steps: a text that repeats is cut or read, never searched again."""
    steps = []
    for size in (3_000, 12_000):
        count = 0

        def counted(_frame, _event, _argument):
            nonlocal count
            count += 1

        sys.setprofile(counted)
        try:
            read_page((unit * (size // len(unit))).encode())
        finally:
            sys.setprofile(None)
        steps.append(count)
    assert steps[1] <= steps[0] * 5 + 500


def a_zip(**members: bytes) -> bytes:
    """Return a zip archive; in a name a double underscore stands for a dot."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name.replace("__", "."), data)
    return buffer.getvalue()


def test_an_archive_is_listed_and_read():
    """Members are listed with safe names and read by place, whatever they are called."""
    buffer = io.BytesIO(a_zip(a__txt=b"hello"))
    with zipfile.ZipFile(buffer, "a") as made:
        made.writestr("../../etc/\x1b[2Jpasswd", b"outside")
        made.writestr("folder/", b"")
    data = buffer.getvalue()
    members = contents(data)
    assert [(m.name, m.size, m.is_folder) for m in members] == [
        ("a.txt", 5, False),
        ("../../etc/␛[2Jpasswd", 7, False),
        ("folder/", 0, True),
    ]
    assert read_member(data, 0) == (b"hello", True)
    assert read_member(data, 1, limit=3) == (b"out", False)
    for place in (-1, 3):
        with pytest.raises(Unreadable, match="no such file"):
            read_member(data, place)
    with pytest.raises(Unreadable, match="not a zip"):
        contents(b"PK\x03\x04nonsense")


def test_bombs_are_marked_and_cut():
    """A member that unpacks to far more than it is, is marked, and read no further than asked for."""
    data = a_zip(bomb=b"\0" * (archive_module.MAX_MEMBER + 1))
    assert contents(data)[0].is_bomb
    assert read_member(data, 0, limit=1000) == (b"\0" * 1000, False)
    assert gunzip(gzip.compress(b"\0" * 1_000_000), limit=10) == (b"\0" * 10, False)
    assert gunzip(gzip.compress(b"all")) == (b"all", True)
    with pytest.raises(Unreadable):
        gunzip(b"\x1f\x8bnonsense")


def test_a_trace_lists_its_calls():
    """Calls have their time since the first, what they were about and how they failed."""
    events = [
        {
            "type": "before",
            "callId": "c2",
            "startTime": 120.0,
            "class": "Frame",
            "method": "click",
            "params": {"selector": "#a"},
        },
        {
            "type": "before",
            "callId": "c1",
            "startTime": 100.0,
            "class": "Frame",
            "method": "goto",
            "params": {"url": "x\x1b"},
        },
        {"type": "after", "callId": "c2", "endTime": 150.0, "error": {"message": "Timeout"}},
        {"type": "after", "callId": "c1"},
        {"type": "before"},
        3,
    ]
    data = a_zip(trace__trace="\n".join(map(json.dumps, events)).encode() + b"\n{oops\n")
    first, second = trace_calls(data)
    assert (first.at, first.duration, first.name, first.detail, first.error) == (0.0, None, "Frame.goto", "url=x␛", "")
    assert (second.at, second.duration, second.detail, second.error) == (20.0, 30.0, "selector=#a", "Timeout")
    with pytest.raises(Unreadable, match="no trace"):
        trace_calls(a_zip(a=b""))


def a_pdf(text: str) -> bytes:
    """Return a PDF of one page."""
    stream = f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET".encode()
    fonts = b"<< /Font << /F1 5 0 R >> >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources %s >>" % fonts,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return body + head + table + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)


def test_a_pdf_has_text_and_pictures():
    """The text of a page is safe lines, its picture a PNG no larger than the bound."""
    with PdfFile(a_pdf("Invoice 4711")) as pdf:
        assert pdf.pages == 1
        assert pdf.text(0) == ["Invoice 4711"]
        picture = image_facts(pdf.picture(0, width=300))
        assert (picture.format, picture.width) == ("PNG", 300)
        large = image_facts(pdf.picture(0, width=100_000))
        assert large.width * large.height <= 4_100_000
        with pytest.raises(Unreadable, match="no page 2"):
            pdf.text(1)


@pytest.mark.parametrize("paper", ["9000000 9000000", "9000000 1", "1 9000000", "0.001 9000000", "1e30 1e30"])
def test_a_page_of_any_paper_is_drawn_within_bounds(paper):
    """No size a file claims makes a picture that takes a machine's memory, or minutes, to draw."""
    with PdfFile(a_pdf("Invoice").replace(b"612 792", paper.encode())) as pdf:
        picture = image_facts(pdf.picture(0))
    assert 0 < picture.width * picture.height <= 4_100_000
    assert max(picture.width, picture.height) <= 20_000


@pytest.fixture(scope="module")
def recording():
    """Return a WebM of four pictures, red, green, blue and white, at 0, 0.5, 1 and 2 seconds."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="webm") as container:
        stream = container.add_stream("libvpx", rate=1000)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for colour, milliseconds in (("red", 0), ("lime", 500), ("blue", 1000), ("white", 2000)):
            frame = av.VideoFrame.from_image(Image.new("RGB", (64, 48), colour))
            frame.pts = milliseconds
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def colour_of(picture: bytes) -> tuple[int, ...]:
    """Return the colour of a picture of one colour, rounded to full parts."""
    return tuple(round(part / 255) for part in Image.open(io.BytesIO(picture)).convert("RGB").getpixel((32, 24)))


def test_a_recording_shows_the_picture_of_any_second(recording):
    """Between two pictures the earlier is shown, before the first the first, after the last the last."""
    with Film(recording) as film:
        assert film.moments == pytest.approx([0, 0.5, 1, 2], abs=0.01)
        assert (film.width, film.height, film.duration) == (64, 48, pytest.approx(2, abs=0.01))
        seen = {seconds: colour_of(film.picture(seconds)) for seconds in (1.7, -1, 0.2, 0.5, 99, 0.9)}
    red, lime, blue, white = (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)
    assert seen == {-1: red, 0.2: red, 0.5: lime, 0.9: lime, 1.7: blue, 99: white}


def test_a_recording_cut_short_shows_what_it_has(recording):
    """A recording that is still written is shown as far as it goes, or refused; it never crashes."""
    shown = 0
    for size in range(0, len(recording), 199):
        try:
            with Film(recording[:size]) as film:
                film.picture(film.duration)
                shown += 1
        except Unreadable:
            pass
    assert shown


def test_libraries_that_are_absent_are_named(monkeypatch, recording):
    """Without the optional libraries the reason says what to install."""
    for name, use, data in (("av", Film, recording), ("pypdfium2", PdfFile, a_pdf("x"))):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(Unreadable, match=r"skyvern-tui\[images\]"):
            use(data)


def test_pictures_tell_their_size():
    """The header of each format is read, and only the header."""
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 12, 34)
    assert image_facts(png) == ImageFacts("PNG", 12, 34)
    assert image_facts(b"GIF89a" + struct.pack("<HH", 12, 34)) == ImageFacts("GIF", 12, 34)
    jpeg = b"\xff\xd8\xff\xe0\0\4xx\xff\xc0\0\x11\x08" + struct.pack(">HH", 34, 12) + b"\0\0"
    assert image_facts(jpeg) == ImageFacts("JPEG", 12, 34)
    webp = b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0" + (11).to_bytes(3, "little") + (33).to_bytes(3, "little")
    assert image_facts(webp) == ImageFacts("WEBP", 12, 34)
    assert image_facts(b"text") is image_facts(png[:18]) is image_facts(png.replace(b"IHDR", b"IDAT")) is None


@pytest.mark.parametrize(
    ("data", "name", "kind", "warning"),
    [
        (b"%PDF-1.4", "a.pdf", "PDF document", ""),
        (b"PK\x03\x04", "a.xlsx", "Excel workbook", ""),
        (b"a,b\n1,2\n", "a.csv", "text", ""),
        (b"MZ\x90", "invoice.pdf", "Windows program", "this is a program"),
        (b"%PDF-1.4", "photo.png", "PDF document", "named like image/png, but it is application/pdf"),
        (b"\0\1\2", "a.bin", "binary data", ""),
        (b"\xff\xfe\xfd text", "a.bin", "binary data", ""),
        (b"a" * 4095 + "ä".encode(), "cut.txt", "text", ""),
        (b"", "a.txt", "empty file", ""),
    ],
)
def test_a_file_is_what_its_bytes_say(data, name, kind, warning):
    """The kind comes from the content; a name that says otherwise and programs are warned of."""
    facts = file_facts(data, name)
    assert (facts.kind, facts.warning, facts.size) == (kind, warning, len(data))


def test_a_checksum_is_compared():
    """A file that is not what the server told is warned of."""
    good = file_facts(b"x").sha256
    assert file_facts(b"x", expected=good.upper()).warning == ""
    assert "checksum" in file_facts(b"x", expected="0" * 64).warning


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"%PDF-1.4\n", b"\x1aE\xdf\xa3", b"PK\x03\x04", b"\x1f\x8b", b"\xff\xd8"]),
)
def test_any_bytes_are_read_or_refused(data, magic):
    """Every reader either reads any bytes or says with Unreadable that it can't."""
    whole = magic + data
    image_facts(whole)
    assert file_facts(whole, "a\x1b.pdf").size == len(whole)
    for read in (contents, gunzip, trace_calls, PdfFile, Film):
        try:
            read(whole)
        except Unreadable as reason:
            assert str(reason).isprintable()  # noqa: PT017 - that it is refused is fine, what is said is the claim
