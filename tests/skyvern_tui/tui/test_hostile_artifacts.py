"""Claims about artifacts that mean harm: nothing of them acts on a terminal, and they cost what is allowed."""

from __future__ import annotations

import asyncio
import gzip
import io
import struct
import zipfile
import zlib
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.app import App

from skyvern_tui.core.facts import EARLIEST, ArtifactFact
from skyvern_tui.core.opening import NotOpened, to_open
from skyvern_tui.tui.viewing import build
from skyvern_tui.tui.widgets.preview_pane import PreviewPane
from tests.skyvern_tui.tui.fakes import screen_text, settle

pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")  # textual-image's half-blocks

FACT = ArtifactFact("a_1", EARLIEST, EARLIEST, "x", "file:///x", None, None, None, None, None)
TYPES = [
    "har", "html_scrape", "llm_response", "visible_elements_tree", "trace", "screenshot_final", "skyvern_log",
    "recording", "download", "pdf", "\x1b[2J\u202e", "[red]",
]  # fmt: skip
ACTING = "\x1b]0;x\x07\x1b[2J\u202e\u2066\u200b\u2028\x9b31m[bold red]x[/] \x85\x00\t\r\n"
PARTS = [
    b'{"log":{"entries":[{"request":{"method":"G","url":"',
    b'[{"id":"',
    b"<html><title>",
    b"<a href='",
    b"\x89PNG\r\n\x1a\n",
    b"\x1aE\xdf\xa3",
    b"%PDF-1.7\n",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"ERROR ",
    b'"}]}}]}',
    ACTING.encode("utf-8"),
    ACTING.encode("utf-16"),
    b"\xff\xfe\xfd" * 40,
]
BYTES = st.lists(st.sampled_from(PARTS) | st.binary(max_size=60), max_size=8).map(b"".join)


class Stage(App[None]):
    """A pane that previews."""

    def compose(self):
        yield PreviewPane()


async def drawn(artifacts, size=(70, 16)):
    """Show artifacts one after another, in each of their ways, and return every screen there was."""
    app, seen = Stage(), []
    async with app.run_test(size=size) as pilot:
        pane = app.query_one(PreviewPane)
        for kind, name, data in artifacts:
            shown = await asyncio.to_thread(build, replace(FACT, type=kind, uri=f"file:///{name}"), data)
            await pane.show(shown)
            for _ in pane.view.available:
                await settle(pilot, 2)
                seen.append(screen_text(app))
                pane.view.turn_mode()
    return seen


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(TYPES), st.text(max_size=12), BYTES), min_size=3, max_size=6))
def test_nothing_an_artifact_holds_acts_on_the_terminal(artifacts):
    """Any bytes of any type and name are drawn, in every way there is, in printable characters only."""
    for screen in asyncio.run(drawn(artifacts)):
        assert all(line.isprintable() for line in screen.split("\n"))


def png_bomb():
    """Return a PNG of a few kilobytes that claims 60,000 by 60,000 pixels."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(2_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def zip_bomb():
    """Return an archive that unpacks to 100 MB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("0.trace", "w") as member:
        for _ in range(100):
            member.write(bytes(1_000_000))
    return buffer.getvalue()


def pdf_bomb():
    """Return a PDF whose one page is larger than any paper."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9000000 9000000]>>endobj\ntrailer<</Root 1 0 R>>\n"
    )


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("screenshot_final", png_bomb),
        ("trace", zip_bomb),
        ("pdf", pdf_bomb),
        ("llm_response", lambda: gzip.compress(bytes(100_000_000))),
        ("skyvern_log", lambda: b"x" * 1_000_000),
        ("html_scrape", lambda: b"<b>" * 300_000),
        ("llm_response", lambda: b'{"a":' * 200_000),
        ("llm_prompt", lambda: b"\xff\xfe" * 500_000),
    ],
    ids=["png", "zip", "pdf", "gzip", "line", "tags", "depth", "invalid"],
)
async def test_bombs_are_shown_within_bounds(kind, make):
    """What would unpack, decode or lay out to gigabytes is drawn from its first part, or refused with a reason."""
    for screen in await drawn([(kind, "x", make())]):
        assert all(line.isprintable() for line in screen.split("\n"))
        assert len(screen) <= 70 * 16 + 16


@given(st.text(max_size=30), BYTES)
def test_what_is_handed_to_another_program_cannot_act(name, data):
    """The name is a plain one; a program is refused; anything that looks like a page carries the policy."""
    try:
        safe, written = to_open(name, data)
    except NotOpened:
        return
    assert safe.isascii()
    assert not safe.startswith((".", "-"))
    assert "/" not in safe
    if data.lstrip().lower().startswith((b"<html", b"<!doctype")):
        assert written.startswith(b"<!doctype html><meta http-equiv")
        assert safe.endswith(".html")


@pytest.mark.parametrize("suffix", ["html", "HTM", "xhtml", "xht", "svg", "Xml", "mht", "mhtml", "shtml"])
def test_a_page_is_opened_with_the_policy_whatever_it_begins_with(suffix):
    """A file a browser would take for a page by its name gets the policy before anything of its own."""
    name, written = to_open(f"report.{suffix}", b"\xef\xbb\xbf text <script>")
    assert name == "report.html"
    assert written.startswith(b"<!doctype html><meta http-equiv")
    assert written.endswith(b"\xef\xbb\xbf text <script>")


@pytest.mark.parametrize("name", ["run.desktop", "a.EXE", "b.sh", "c.lnk", "../d.bat", "e.docm", "f.html.js"])
def test_files_that_act_are_not_opened(name):
    """A suffix by which a system runs a file is refused, however it is written."""
    with pytest.raises(NotOpened, match="s saves it"):
        to_open(name, b"text")
