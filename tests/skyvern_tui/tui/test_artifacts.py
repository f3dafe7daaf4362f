"""Claims about looking at the artifacts of a run."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest
from PIL import Image

from skyvern_tui.core.journal import ArtifactsSeen
from skyvern_tui.core.shelf import Group, Item
from skyvern_tui.tui.previews.archive import ArchiveView
from skyvern_tui.tui.previews.film import FilmView
from skyvern_tui.tui.previews.har import HarTable, HarView
from skyvern_tui.tui.previews.image import ImageView
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.widgets.artifact_list import ArtifactList
from skyvern_tui.tui.widgets.artifacts_pane import ArtifactsPane
from skyvern_tui.tui.widgets.preview_pane import PreviewPane
from tests.skyvern_tui.builders import a_run, an_artifact
from tests.skyvern_tui.tui.fakes import FakeGateway, app_on, screen_text, settle, until

pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")  # textual-image's half-blocks

RUN = "tsk_v2_1"


def picture(colour="#ff0000", size=(64, 48)):
    """Return the bytes of a picture of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def recording(seconds=4):
    """Return the bytes of a recording with a picture each second."""
    av = pytest.importorskip("av")
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="webm") as container:
        stream = container.add_stream("libvpx", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(seconds):
            frame = av.VideoFrame.from_image(Image.new("RGB", (64, 48), (number * 40, 0, 0)))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()


def har():
    """Return a HAR file of two requests, one of which failed and has a credential."""
    answered = {
        "startedDateTime": "2026-01-01T00:00:00Z",
        "time": 100,
        "request": {
            "method": "GET",
            "url": "http://shop.example/items?page=2",
            "queryString": [{"name": "page", "value": "2"}],
            "headers": [{"name": "Authorization", "value": "Bearer hush-hush"}],
        },
        "response": {
            "status": 200,
            "statusText": "OK",
            "content": {"mimeType": "application/json", "text": '{"lamp": 12}', "size": 12},
        },
        "timings": {"wait": 80, "receive": 20},
    }
    lost = {
        "startedDateTime": "2026-01-01T00:00:00.100Z",
        "time": 50,
        "request": {"method": "POST", "url": "http://shop.example/pay"},
        "response": {"status": 503, "content": {}},
    }
    return json.dumps({"log": {"entries": [answered, lost]}}).encode()


def document(*pages):
    """Return a PDF with a line of text on each page."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>"]
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects += [f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    for number, text in enumerate(pages):
        drawn = f"BT /F1 24 Tf 20 100 Td ({text}) Tj ET"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents {5 + 2 * number} 0 R"
            "/Resources<</Font<</F1 3 0 R>>>>>>"
        )
        objects.append(f"<</Length {len(drawn)}>>\nstream\n{drawn}\nendstream")
    body, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer <</Size {len(objects) + 1}/Root 1 0 R>>\n"
    return body + f"{head}startxref\n{len(body)}\n%%EOF\n".encode()


def zipped(**files):
    """Return the bytes of an archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_", "."), data)
    return buffer.getvalue()


class Looking:
    """An app with the artifacts of one run, by type."""

    def __init__(self, clock, *contents, steps=(), **over):
        self.gateway = FakeGateway(a_run(RUN, "completed", modified=14))
        self.gateway.artifacts[RUN] = [
            an_artifact(n, kind, when=n, step_id=steps[n] if steps else None) for n, (kind, _) in enumerate(contents)
        ]
        self.gateway.contents = {f"a_{n}": data for n, (_, data) in enumerate(contents)}
        self.app = app_on(self.gateway, clock, **over)

    async def begin(self, pilot, *keys):
        """Show the artifacts, and press keys."""
        await until(pilot, lambda: self.app.server is not None)
        self.app.open_run(RUN)
        await until(pilot, lambda: isinstance(self.app.screen, RunScreen) and self.app.screen.is_live)
        await until(pilot, lambda: self.listing.rows)
        await pilot.press("3", *keys)
        await settle(pilot)

    @property
    def listing(self):
        return self.app.screen.query_one(ArtifactList)

    @property
    def pane(self):
        return self.app.screen.query_one(PreviewPane)

    @property
    def text(self):
        return screen_text(self.app)


@pytest.fixture
def looking(clock):
    """Make an app that shows artifacts."""
    return lambda *contents, **over: Looking(clock, *contents, **over)


async def test_the_tree_goes_by_type_or_by_step(looking):
    """``t`` turns between the two; the cursor stays on its artifact; steps are numbered as they came."""
    look = looking(("har", b"{}"), ("llm_prompt", b"one"), ("llm_prompt", b"two"), steps=(None, "stp_a", "stp_b"))
    async with look.app.run_test(size=(120, 30)) as pilot:
        await look.begin(pilot, "end")
        assert [type(row) for row in look.listing.rows] == [Item, Group, Item, Item]
        assert look.listing.row.fact.id == "a_2"
        await pilot.press("t")
        await settle(pilot)
        names = [row.name for row in look.listing.rows]
        assert names == ["the whole run", "har", "step 1", "llm prompt", "step 2", "llm prompt"]
        assert look.listing.row.fact.id == "a_2"
        await pilot.press("t")
        assert look.listing.row.fact.id == "a_2"


async def test_brackets_go_from_artifact_to_artifact(looking):
    """The heads of groups are stepped over, the ends are ends, and the keys of what is shown stand in the key bar."""
    look = looking(("html_action", b"<p>one</p>"), ("llm_prompt", b"two"), ("llm_prompt", b"three"))
    async with look.app.run_test(size=(80, 24)) as pilot:
        await look.begin(pilot, "home", "enter")
        await until(pilot, lambda: "one" in look.text)
        assert "m show as" in look.text.splitlines()[-1]
        shown = []
        for key in (*["right_square_bracket"] * 3, *["left_square_bracket"] * 3):
            await pilot.press(key)
            await settle(pilot)
            shown.append(look.listing.row.fact.id)
        assert shown == ["a_1", "a_2", "a_2", "a_1", "a_0", "a_0"]


async def test_screenshots_are_gone_through_in_the_order_of_time(looking):
    """Comma and full stop show the screenshot before or after, over all types; the ends are ends."""
    kinds = ("screenshot_llm", "screenshot_action", "har", "screenshot_final")
    look = looking(*((kind, picture()) for kind in kinds))
    async with look.app.run_test(size=(120, 30)) as pilot:
        await look.begin(pilot)
        seen = [look.listing.row.fact.id]
        for key in ("comma", "comma", "comma", "full_stop"):
            await pilot.press(key)
            await settle(pilot)
            seen.append(look.listing.row.fact.id)
        assert seen == ["a_3", "a_1", "a_0", "a_0", "a_1"]


async def test_a_picture_is_made_larger_and_moved(looking):
    """Plus, minus and 0 zoom; arrows move what is in sight, and mean what they meant when nothing is zoomed."""
    look = looking(("screenshot_final", picture(size=(400, 300))))
    async with look.app.run_test(size=(120, 30)) as pilot:
        await look.begin(pilot, "enter")
        await until(pilot, lambda: isinstance(look.pane.view, ImageView) and look.app.focused is look.pane.body)
        assert "PNG 400 x 300" in look.text
        await pilot.press("plus", "plus")
        await until(pilot, lambda: "2.2x" in look.text)
        centre = look.pane.view._centre
        await pilot.press("right")
        assert look.pane.view._centre[0] > centre[0]
        await pilot.press("minus", "0")
        await until(pilot, lambda: "2.2x" not in look.text)
        assert look.pane.view.zoom == 1
        await pilot.press("right")
        await until(pilot, lambda: look.app.screen.tab == "request")


async def test_before_and_after_stand_side_by_side(looking):
    """``b`` shows the screenshot beside the one before it, and alone again."""
    look = looking(("screenshot_action", picture("#ff0000")), ("screenshot_action", picture("#0000ff")))
    async with look.app.run_test(size=(140, 30)) as pilot:
        await look.begin(pilot, "end", "b")
        await until(pilot, lambda: "before" in look.text and "after" in look.text)
        assert look.pane.view.is_comparing
        assert not look.pane.view.query_one("#picture").display
        await pilot.press("b")
        await until(pilot, lambda: not look.pane.view.is_comparing)
        await pilot.press("k", "b")
        await until(pilot, lambda: look.app._notifications)
        assert next(iter(look.app._notifications)).message == "This is the first screenshot."


async def test_a_recording_is_gone_through_and_played(looking):
    """The scrubber says where one is; comma and full stop go picture by picture, end and home to the edges."""
    look = looking(("recording", recording()))
    async with look.app.run_test(size=(120, 30)) as pilot:
        await look.begin(pilot, "enter")
        await until(pilot, lambda: isinstance(look.pane.view, FilmView) and look.app.focused is look.pane.body)
        await until(pilot, lambda: "4 pictures" in look.text)
        assert "‖ 0:00" in look.text
        await pilot.press("full_stop", "full_stop")
        await until(pilot, lambda: "‖ 0:02" in look.text)
        await pilot.press("end")
        await until(pilot, lambda: look.pane.view.at == 3)
        await pilot.press("comma")
        assert look.pane.view.at == 2
        await pilot.press("space")
        await until(pilot, lambda: look.pane.view.at == 3 and "‖ 0:03" in look.text)


async def test_requests_are_a_table_a_waterfall_and_each_in_full(looking):
    """``m`` turns to bars over time, enter shows one request, escape goes back; ``u`` uncovers credentials."""
    look = looking(("har", har()))
    async with look.app.run_test(size=(140, 44)) as pilot:
        await look.begin(pilot, "enter")
        await until(pilot, lambda: isinstance(look.pane.view, HarView) and look.app.focused is look.pane.body)
        row = next(line for line in look.text.splitlines() if "shop.example/items" in line)
        assert row.rpartition("│")[2].split() == [
            "GET",
            "200",
            "json",
            "12",
            "B",
            "100",
            "ms",
            "shop.example/items?page=2",
        ]
        lost = next(line for line in look.text.splitlines() if "shop.example/pay" in line)
        assert lost.rpartition("│")[2].split()[:2] == ["POST", "503"]
        await pilot.press("m")
        await until(pilot, lambda: "░░" in look.text)
        await pilot.press("enter")
        await until(pilot, lambda: "Where the time went" in look.text)
        assert '"lamp": 12' in look.text
        assert "hush-hush" not in look.text
        await pilot.press("u")
        await until(pilot, lambda: "hush-hush" in look.text)
        await pilot.press("escape")
        await until(pilot, lambda: look.pane.view.mode == "waterfall")
        assert look.app.screen.tab == "artifacts"


async def test_requests_are_filtered_by_what_they_are(looking):
    """A filter of requests understands conditions, and keeps no neighbours."""
    look = looking(("har", har()))
    async with look.app.run_test(size=(140, 30)) as pilot:
        await look.begin(pilot, "enter")
        await until(pilot, lambda: isinstance(look.pane.view, HarView) and look.app.focused is look.pane.body)
        await pilot.press("ampersand", *"status:5xx")
        await until(pilot, lambda: "1 line hidden" in look.text)
        assert look.app.screen.query_one(HarTable).found.total == 1
        assert "shop.example/pay" in look.text
        assert "shop.example/items" not in look.text


async def test_the_find_bar_is_there_while_what_it_looks_through_is(looking):
    """On another tab the line is gone; back again it is there, with what was found."""
    look = looking(("har", har()), ("llm_prompt", b"x"))
    async with look.app.run_test(size=(140, 30)) as pilot:
        await look.begin(pilot, "slash", *"prompt", "enter")
        await until(pilot, lambda: "find / prompt" in look.text)
        await pilot.press("2")
        await until(pilot, lambda: "find /" not in look.text)
        await pilot.press("3")
        await until(pilot, lambda: "find / prompt" in look.text and "1 of 1" in look.text)


async def test_files_of_an_archive_are_artifacts_of_their_own(looking, tmp_path):
    """Enter shows one as what it is, ``s`` saves that one, escape goes back to the archive, then to the tree."""
    look = looking(("trace", zipped(page_html=b"<h1>Lamps</h1>", data_json=b'{"n": 1}')), downloads=tmp_path)
    async with look.app.run_test(size=(140, 30)) as pilot:
        await look.begin(pilot, "enter")
        await until(pilot, lambda: isinstance(look.pane.view, ArchiveView) and look.app.focused is look.pane.body)
        await pilot.press("enter")
        await until(pilot, lambda: "# Lamps" in look.text)
        assert "trace > page.html" in look.text
        await pilot.press("s")
        await until(pilot, (tmp_path / RUN / "page.html").exists)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(look.pane.view, ArchiveView))
        await pilot.press("escape")
        await settle(pilot)
        assert look.app.focused is look.listing


async def test_a_page_is_read_four_ways(looking):
    """Outline, source, elements and links; none of it is acted on."""
    page = b"<html><body><h1>Lamps</h1><ul><li><a href='/a'>Desk lamp</a></ul><script>alert(1)</script></body></html>"
    look = looking(("html_scrape", page))
    async with look.app.run_test(size=(140, 30)) as pilot:
        await look.begin(pilot)
        await until(pilot, lambda: "# Lamps" in look.text)
        assert "• Desk lamp[1]" in look.text
        assert "alert" not in look.text
        await pilot.press("m")
        await until(pilot, lambda: "alert(1)" in look.text)
        await pilot.press("m")
        await until(pilot, lambda: "<h1>" in look.text and "</h1>" not in look.text)
        await pilot.press("m")
        await until(pilot, lambda: "/a" in look.text and "<h1>" not in look.text)
        await pilot.press("m")
        await until(pilot, lambda: "# Lamps" in look.text)


async def test_a_log_is_shown_from_a_level_on(looking):
    """``v`` goes through the levels; what belongs to a line stays with it."""
    log = b"INFO begun\nERROR broke\n  Traceback of it\nDEBUG x\n"
    look = looking(("skyvern_log", log))
    async with look.app.run_test(size=(140, 30)) as pilot:
        await look.begin(pilot, "enter")
        await until(pilot, lambda: "DEBUG x" in look.text and look.app.focused is look.pane.body)
        await pilot.press("v")
        await until(pilot, lambda: "DEBUG x" not in look.text)
        await pilot.press("v", "v")
        await until(pilot, lambda: "error and above" in look.text)
        assert "Traceback of it" in look.text
        assert "INFO begun" not in look.text


async def test_a_log_that_grows_is_followed(looking):
    """While the run goes on, new lines appear, and the end is followed by one who is there."""
    look = looking(("skyvern_log", b"INFO one\n"))
    async with look.app.run_test(size=(140, 30)) as pilot:
        await look.begin(pilot, "enter")
        await until(pilot, lambda: "INFO one" in look.text and look.app.focused is look.pane.body)
        await pilot.press("end")
        look.gateway.contents["a_0"] = b"INFO one\n" + b"INFO more\n" * 50 + b"INFO last\n"
        grown = an_artifact(0, "skyvern_log", when=0, file_size=600)
        look.app.screen.journal.latest_artifacts[grown.artifact_id] = grown
        look.app.screen.journal.apply(ArtifactsSeen([grown]))
        look.app.screen._draw()
        await until(pilot, lambda: "INFO last" in look.text)


async def test_elements_are_found_by_id_and_their_way_down_is_said(looking):
    """A search goes to the element with an id, and the path above it is shown."""
    tree = [{"id": "AA1", "tagName": "body", "children": [{"id": "AB2", "tagName": "a", "text": "Sign in"}]}]
    look = looking(("visible_elements_tree", json.dumps(tree).encode()))
    async with look.app.run_test(size=(140, 30)) as pilot:
        await look.begin(pilot, "enter")
        await until(pilot, lambda: "#AB2" in look.text and look.app.focused is look.pane.body)
        await pilot.press("slash", *"AB2", "enter")
        await until(pilot, lambda: "body > a #AB2 “Sign in”" in look.text)


async def test_a_file_that_is_not_what_it_says_is_warned_of(looking):
    """A program that came as a download is named as one, and is not opened."""
    look = looking(("download", b"MZ\x90\0" + bytes(40)))
    async with look.app.run_test(size=(140, 30)) as pilot:
        await look.begin(pilot)
        await until(pilot, lambda: "this is a program" in look.text)
        await pilot.press("o")
        await until(pilot, lambda: look.app._notifications)
        assert "Not opened" in next(iter(look.app._notifications)).message


async def test_a_download_says_what_it_is(looking):
    """Kind and checksum stand beside its name; one that is not what the server told is warned of."""
    data = b"name,price\nlamp,12\n"
    look = looking(("download", data), ("pdf", b"other"))
    right, wrong = look.gateway.artifacts[RUN]
    look.gateway.artifacts[RUN] = [
        right.model_copy(update={"checksum": hashlib.sha256(data).hexdigest()}),
        wrong.model_copy(update={"checksum": "0" * 64}),
    ]
    async with look.app.run_test(size=(170, 30)) as pilot:
        await look.begin(pilot)
        await until(pilot, lambda: "lamp,12" in look.text)
        assert f"text  ·  SHA-256 {hashlib.sha256(data).hexdigest()[:16]}…, as the server says" in look.text
        await pilot.press("j")
        await until(pilot, lambda: "the checksum is not the one the server told" in look.text)


async def test_a_document_is_text_and_pages(looking):
    """A PDF shows its text, ``m`` its pages as pictures, full stop the next page."""
    look = looking(("pdf", document("Two lamps", "One cup")))
    async with look.app.run_test(size=(140, 30)) as pilot:
        await look.begin(pilot)
        await until(pilot, lambda: "Two lamps" in look.text and "One cup" in look.text)
        assert "page 1 of 2" in look.text
        await pilot.press("m")
        await until(pilot, lambda: "▀▀▀" in look.text)
        await pilot.press("full_stop")
        await until(pilot, lambda: "page 2 of 2" in look.text)


async def test_json_is_a_tree_a_table_and_text(looking):
    """A list of alike objects turns from tree to table to text; the tree copies values."""
    look = looking(("llm_response", b'[{"name": "lamp", "price": 12}, {"name": "cup"}]'))
    async with look.app.run_test(size=(140, 30)) as pilot:
        await look.begin(pilot, "enter")
        await until(pilot, lambda: 'name: "lamp"' in look.text and look.app.focused is look.pane.body)
        await pilot.press("down", "y")
        await until(pilot, lambda: look.app.clipboard == "lamp")
        await pilot.press("m")
        await until(pilot, lambda: "name  price" in look.text)
        await pilot.press("m")
        await until(pilot, lambda: '"name": "lamp",' in look.text)


async def test_text_selected_by_the_mouse_is_copied(looking):
    """What is selected across wrapped lines is copied as it is in the text."""
    look = looking(("llm_prompt", b"w" * 150 + b"\nsecond line\n"))
    async with look.app.run_test(size=(140, 30)) as pilot:
        await look.begin(pilot, "enter")
        await until(pilot, lambda: "second line" in look.text and look.app.focused is look.pane.body)
        view = look.pane.body
        await pilot.mouse_down(view, offset=(3, 0))
        await pilot.hover(view, offset=(7, 2))
        await pilot.mouse_up(view, offset=(7, 2))
        await pilot.press("y")
        await until(pilot, lambda: look.app.clipboard)
        first, second = look.app.clipboard.split("\n")
        assert set(first) == {"w"}
        assert len(first) >= 145
        assert "second line".startswith(second[:5])


async def test_a_page_is_opened_as_an_inert_copy(looking, tmp_path, monkeypatch):
    """The system's program gets a saved copy under a safe name in which nothing can act."""
    opened = []
    monkeypatch.setattr("skyvern_tui.tui.external.open_file", opened.append)
    look = looking(("html_scrape", b"<script>steal()</script>"), downloads=tmp_path)
    async with look.app.run_test(size=(140, 30)) as pilot:
        await look.begin(pilot, "o")
        await until(pilot, lambda: opened)
    assert opened[0].suffix == ".html"
    assert opened[0].is_relative_to(tmp_path)
    assert b"default-src 'none'" in opened[0].read_bytes()[:200]


async def test_the_text_goes_to_the_pager_without_escapes(looking, monkeypatch):
    """``|`` hands over all lines of what is shown, printable only."""
    paged = []
    monkeypatch.setattr("skyvern_tui.tui.external.page", lambda _app, lines: paged.append(lines))
    look = looking(("llm_prompt", b"one\x1b[31m\ntwo\n"))
    async with look.app.run_test(size=(140, 30)) as pilot:
        await look.begin(pilot)
        await until(pilot, lambda: "two" in look.text)
        await pilot.press("vertical_line")
        await until(pilot, lambda: paged)
    assert paged[0][:2] == ["one␛[31m", "two"]


async def test_five_thousand_artifacts_cost_what_a_screenful_does(looking):
    """Moving in a tree of 5,000 artifacts draws the lines in sight and sorts nothing."""
    look = looking(*(("llm_prompt", b"x") for _ in range(5000)))
    async with look.app.run_test(size=(140, 30)) as pilot:
        await look.begin(pilot, "enter")
        assert len(look.listing.rows) == 5001
        drawn = []
        real = ArtifactList.spans
        try:
            ArtifactList.spans = lambda self, row, width: drawn.append(row) or real(self, row, width)
            await pilot.press(*["j"] * 10)
            await settle(pilot)
        finally:
            ArtifactList.spans = real
        assert len(drawn) <= 200
        assert isinstance(look.app.screen.query_one(ArtifactsPane).selected.id, str)
