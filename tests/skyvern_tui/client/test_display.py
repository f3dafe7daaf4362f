"""Claims about how things show themselves in a notebook: legible, harmless, in place, and without IPython at all."""

from __future__ import annotations

import asyncio
import re
import sys
from html.parser import HTMLParser
from types import SimpleNamespace

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skyvern_tui.client import AsyncSkyvern, Skyvern
from skyvern_tui.client.display import RunView
from skyvern_tui.client.listings import Artifacts, Timeline
from skyvern_tui.client.models import ARTIFACT, ARTIFACTS, RUN, TIMELINE, FileInfo
from skyvern_tui.client.pictures import LARGEST, picture_type
from tests.skyvern_tui.client.playground import BASE, KEY, RUN_ID, Answer, VirtualTime, json_answer, run_body

AT = "2026-01-20T11:53:46"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
HOSTILE = "https://[x?sig=1 <script>alert(1)</script><img src=x onerror=alert(2)>\" ' onload='x'"


def artifact(**over):
    wire = {
        "artifact_id": "a_1",
        "artifact_type": "screenshot_final",
        "uri": "s3://b/1.png",
        "organization_id": "o_1",
        "created_at": AT,
        "modified_at": AT,
        "file_size": 12345,
    }
    return ARTIFACT.validate_python(wire | over)


def timeline(**block):
    at = {"created_at": AT, "modified_at": AT}
    action = {"action_type": "click", "status": "completed", "reasoning": "Press the button"}
    wire = {
        "workflow_run_block_id": "wrb_1",
        "block_type": "navigation",
        "status": "completed",
        "actions": [action],
        **at,
    }
    thought = {"thought_id": "ot_1", "answer": "First, look.", **at}
    return Timeline(
        TIMELINE.validate_python(
            [
                {"type": "block", **at, "block": wire | block, "children": []},
                {"type": "thought", **at, "thought": thought},
            ]
        )
    )


def shown(thing):
    return thing._repr_mimebundle_(include=None, exclude=None)


class Tags(HTMLParser):
    """Collects the tags, attributes and text of HTML."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


HARMLESS_TAGS = {"div", "span", "code", "b", "pre", "a", "ol", "ul", "li", "img", "table", "tr", "td"}


def assert_harmless(html):
    seen = Tags(html)
    assert set(seen.tags) <= HARMLESS_TAGS
    assert {name for name, _ in seen.attributes} <= {"style", "href", "rel", "src", "alt"}
    for name, value in seen.attributes:
        assert name != "href" or value.startswith(("http://", "https://"))
        assert name != "src" or value.startswith("data:image/")
    return seen


def test_a_run_shows_status_output_and_what_is_known():
    """The status as a badge, the answer as JSON, the prompt, the reason, files and time; the text says the same."""
    run = RUN.validate_python(
        run_body(
            "failed",
            output={"title": "Zähler"},
            failure_reason="No such page",
            started_at="2026-01-20T11:54:00",
            step_count=3,
            run_request={"prompt": "Get the title"},
            downloaded_files=[FileInfo(url="u", filename="a.pdf")],
            app_url="https://app.example/runs/1",
        )
    )
    both = shown(run)
    text = Tags(both["text/html"]).text
    for part in (RUN_ID, "failed", '"title": "Zähler"', "No such page", "3 steps", "8.8 s", "Get the title", "a.pdf"):
        assert part in text
    for part in (RUN_ID, "failed", "Zähler", "No such page", "3 steps"):
        assert part in both["text/plain"]
    assert_harmless(both["text/html"])


def test_a_timeline_reads_from_old_to_new():
    """Thoughts, blocks and their actions, in the order they happened."""
    both = shown(timeline())
    for text in (Tags(both["text/html"]).text, both["text/plain"]):
        assert re.search(r"First, look\..*navigation completed.*click completed Press the button", text, re.DOTALL)
    assert shown(Timeline())["text/plain"] == "Nothing happened yet."
    assert "navigation" in shown(timeline()[0])["text/plain"]


def test_ipython_shows_the_same_text():
    """Its own printer of lists does not get in the way: no model, and no link in one, is printed whole."""
    from IPython.core.formatters import DisplayFormatter  # noqa: PLC0415 - slow, and for this test only

    both = [
        timeline(),
        Artifacts([artifact(signed_url="https://b.example/1?sig=SECRET")]),
        RUN.validate_python(run_body()),
    ]
    for thing in both:
        data, _ = DisplayFormatter(active_types=["text/plain", "text/html"]).format(thing)
        assert data == shown(thing)
        assert "SECRET" not in str(data)


@given(st.text(max_size=60).map(lambda text: HOSTILE + text))
@settings(max_examples=60, deadline=None)
def test_whatever_a_page_says_is_shown_and_not_run(text):
    """In any field of a run, a timeline or an artifact: no tag, attribute or link comes out of it."""
    fields = {
        "run_id": text,
        "status": text,
        "output": {text: text},
        "failure_reason": text,
        "app_url": f"javascript:{text}",
    }
    things = [
        RUN.validate_python(run_body() | fields | {"run_request": {"prompt": text}, "run_type": text}),
        RUN.validate_python(run_body() | {"app_url": f"https://x.example/'{text}"}),
        timeline(
            block_type=text, status=text, navigation_goal=text, actions=[{"action_type": text, "reasoning": text}]
        ),
        Artifacts([artifact(artifact_id=text, artifact_type=text)]),
        artifact(artifact_id=text),
    ]
    for thing in things:
        seen = assert_harmless(shown(thing)["text/html"])
        assert "img" not in seen.tags
        assert not [letter for letter in shown(thing)["text/plain"] if not letter.isprintable() and letter != "\n"]


def test_links_lose_their_signatures():
    """A notebook is saved and passed on; what is signed in an output or a prompt does not go with it."""
    url = "https://bucket.example/shot.png?X-Amz-Signature=SECRET&x=1"
    run = RUN.validate_python(run_body(output={"shot": url}, recording_url=url, app_url=url))
    for text in shown(run).values():
        assert "SECRET" not in text
        assert "https://bucket.example/shot.png" in text
    assert "SECRET" not in str(shown(Artifacts([artifact(signed_url=url)])))


def test_a_fetched_screenshot_is_shown_inline(face):
    """Fetching an image by its record is what shows it; the record itself is the same as before."""
    one, same = artifact(), artifact()
    assert "<img" not in shown(one)["text/html"]
    assert face(Answer(200, PNG)).call("get_artifact_content", one) == PNG
    for thing in (one, Artifacts([one])):
        seen = assert_harmless(shown(thing)["text/html"])
        assert seen.tags.count("img") == 1
    assert one == same
    assert one.model_dump() == same.model_dump()
    assert repr(one) == repr(same)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"<svg onload=alert(1)>", None),
        (b"<html>", None),
        (b"", None),
        (PNG + b"\x00" * LARGEST, None),
    ],
)
def test_only_images_are_images(content, kind):
    """By their bytes, not by what a server calls them; SVG can hold scripts; a huge one stays where it is."""
    assert picture_type(content) == kind


def test_it_is_legible_on_dark_and_on_light():
    """Text has the notebook's own colour on the notebook's own ground; only the badge brings both of its own."""
    view = RunView(RUN_ID)
    things = [RUN.validate_python(run_body(output=1)), timeline(), Artifacts([artifact()]), view]
    for thing in things:
        for style in re.findall(r"style='([^']*)'", shown(thing)["text/html"]):
            colours = re.findall(r"(?<![\w-])(color|background):([^;]+)", style)
            fixed = [name for name, value in colours if value.startswith("#")]
            assert sorted(fixed) in ([], ["background", "color"])
            grounds = [value for name, value in colours if name == "background" and not value.startswith("#")]
            assert all(value == "transparent" or value.startswith("rgba(128,128,128") for value in grounds)


def test_long_things_are_cut():
    """A huge answer, a long timeline and many artifacts do not make a notebook unusable."""
    run = RUN.validate_python(run_body(output="x" * 1_000_000))
    long = Timeline(list(timeline()) * 5000)
    many = Artifacts(ARTIFACTS.validate_python([artifact().model_dump()] * 5000))
    assert "1,000,000 characters" in shown(run)["text/plain"]
    for thing in (run, long, many):
        assert len(shown(thing)["text/html"]) < 100_000


class Notebook:
    """Stands in for IPython: notes what is displayed and each update of it."""

    def __init__(self, monkeypatch):
        self.shown = []
        module = SimpleNamespace(get_ipython=lambda: self)
        monkeypatch.setitem(sys.modules, "IPython", module)
        monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=self.display))

    def display(self, view, *, display_id):
        assert display_id is True
        self.shown.append(("display", shown(view)))
        return SimpleNamespace(update=lambda again: self.shown.append(("update", shown(again))))


def show(kind):
    """Run ``handle.show()`` on either face, over a run of three looks and an outage."""
    item = timeline()[0].model_dump(mode="json")
    shot = artifact().model_dump(mode="json")
    looks = [("queued", [], []), ("running", [item], [shot]), ("completed", [item], [shot])]
    at, outage = [-1], [True]

    def server(request):
        path = request.url.path
        if path.endswith("/content"):
            return httpx.Response(200, content=PNG)
        if path.endswith("/timeline"):
            return httpx.Response(200, json=looks[at[0]][1])
        if path.endswith("/artifacts"):
            return httpx.Response(200, json=looks[at[0]][2])
        if at[0] == 1 and outage.pop():
            outage.append(False)
            raise httpx.ReadError("broken", request=request)
        at[0] += 1
        return httpx.Response(200, json=run_body(looks[at[0]][0]))

    time = VirtualTime()
    options = {"api_key": KEY, "base_url": BASE, "transport": httpx.MockTransport(server), "clock": time.clock}
    if kind == "sync":
        with Skyvern(sleep=time.sleep, **options) as client:
            return client.run(RUN_ID).show()

    async def main():
        async with AsyncSkyvern(sleep=time.asleep, **options) as client:
            return await client.run(RUN_ID).show()

    return asyncio.run(main())


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_watched_run_updates_in_place(kind, monkeypatch):
    """One display, updated with each look that brought something, an outage among them; the last has the picture."""
    notebook = Notebook(monkeypatch)
    assert show(kind).status == "completed"
    assert [how for how, _ in notebook.shown] == ["display", "update", "update", "update"]
    texts = [Tags(bundle["text/html"]).text for _, bundle in notebook.shown]
    assert "queued" in texts[0]
    assert "running" in texts[1]
    assert "no answer" in texts[2]
    assert "completed" in texts[3]
    assert "no answer" not in texts[3]
    for _, bundle in notebook.shown[1:]:
        assert assert_harmless(bundle["text/html"]).tags.count("img") == 1


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_outside_a_notebook_show_waits_and_shows_nothing(kind, monkeypatch, capsys):
    """Neither without IPython nor with it loaded but not running is anything displayed."""
    for module in (None, SimpleNamespace(get_ipython=lambda: None)):
        monkeypatch.setitem(sys.modules, "IPython", module)
        assert show(kind).status == "completed"
    assert capsys.readouterr() == ("", "")


def test_a_handle_in_a_running_loop_is_awaited():
    """As in a notebook, where a loop always runs: the handle of the blocking client is awaited, too."""

    async def main():
        transport = httpx.MockTransport(lambda request: httpx.Response(200, json=run_body("completed")))
        client = Skyvern(api_key=KEY, base_url=BASE, httpx_client=None, transport=None)
        client._twin = (asyncio.get_running_loop(), AsyncSkyvern(api_key=KEY, base_url=BASE, transport=transport))
        return await client.run(RUN_ID).get()

    assert asyncio.run(main()).status == "completed"


def test_lists_are_lists(face):
    """What the calls return is shown otherwise, but is equal to a list and made of the same models."""
    one = artifact().model_dump(mode="json")
    got = face(json_answer([one])).call("get_run_artifacts", RUN_ID)
    assert got == [artifact()]
    assert isinstance(got, Artifacts)
    assert isinstance(face(json_answer([])).call("get_run_timeline", RUN_ID), Timeline)
