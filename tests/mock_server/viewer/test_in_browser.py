"""The viewer in a real Chromium: it keeps up, plays, copies, and lets nothing run that it did not bring."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

pytestmark = pytest.mark.browser

MARKS = "<script>window.ran = 1; parent.ran = 1; top.ran = 1</script><img src=x onerror='window.ran = 1'>"


@pytest.fixture
def watched(page: Page, site: Any) -> Iterator[Page]:
    """A page that is signed in; after the test no request may have left the server and no script failed."""
    strays: list[str] = []
    problems: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            problems.append(message.text)

    page.set_default_timeout(15_000)
    page.goto(f"{site.address}/runs")
    page.get_by_label("API key").fill("test-key")
    page.get_by_role("button", name="Show my runs").click()
    page.get_by_role("heading", name="Runs").wait_for()
    page.on(
        "request", lambda request: None if request.url.startswith(f"{site.address}/") else strays.append(request.url)
    )
    page.on("console", on_console)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    assert strays == []
    assert problems == []


def film(path: Path) -> bytes:
    """Return a WebM of four seconds, a colour for each."""
    import av  # noqa: PLC0415  # only this test makes films

    with av.open(str(path), "w", format="webm") as container:
        stream = container.add_stream("libvpx", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 200, "yuv420p"
        stream.options = {"g": "10"}
        for number in range(40):
            frame = av.VideoFrame(320, 200, "rgb24")
            frame.planes[0].update(bytes((60 * (number // 10), 90, 200)) * (frame.planes[0].buffer_size // 3))
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path.read_bytes()


def png() -> bytes:
    """Return a small blue picture."""
    import struct  # noqa: PLC0415
    import zlib  # noqa: PLC0415

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x30\x60\xc0" * 32 for _ in range(20))
    head = struct.pack(">IIBBBBB", 32, 20, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_default_key_at_a_click(page: Page, site: Any):
    """One click on the page behind app_url opens it, when the run was made with the key everybody knows."""
    run = site.make(lambda make: make.run("mock-local-key", title="Made by default"))
    page.goto(f"{site.address}/runs/{run.workflow_run_id}")
    page.get_by_role("button", name="Use the local default key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Made by default")
    assert page.url.endswith(run.workflow_run_id)
    assert page.evaluate("document.cookie") == ""
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("API key")).to_be_visible()


def test_list_keeps_up(watched: Page, site: Any):
    """New runs and changed statuses appear without a reload, in the chosen filter only."""
    expect(watched.get_by_text("No runs yet")).to_be_visible()
    run = site.make(lambda make: make.run(title="A new run", status="running", started_at=site.services.clock.now()))
    row = watched.get_by_role("row").filter(has_text="A new run")
    expect(row).to_contain_text("running")
    expect(row).to_contain_text(re.compile(r"\d\.\d s"))
    watched.get_by_role("link", name="A new run").focus()
    site.make(lambda make: make.change(run, status="completed", finished_at=run.started_at + timedelta(seconds=7)))
    expect(row).to_contain_text("completed")
    expect(row).to_contain_text("7.0 s")
    expect(watched.get_by_role("link", name="A new run")).to_be_focused()
    watched.get_by_label("Status").select_option("failed")
    expect(watched.get_by_text("No run fits.")).to_be_visible()
    site.make(lambda make: make.run(title="A failed one", status="failed"))
    expect(watched.get_by_role("link", name="A failed one")).to_be_visible()
    expect(watched.get_by_role("link", name="A new run")).to_have_count(0)
    watched.keyboard.press("/")
    watched.keyboard.type("nothing like it")
    watched.keyboard.press("Enter")
    expect(watched.get_by_text("No run fits.")).to_be_visible()


def test_list_survives_the_loss_of_the_server(watched: Page, site: Any):
    """When the server does not answer the page says so, and catches up when it does again."""
    watched.route("**/viewer/live/**", lambda route: route.abort())
    expect(watched.get_by_role("status")).to_contain_text("does not answer")
    site.make(lambda make: make.run(title="Made meanwhile"))
    watched.unroute("**/viewer/live/**")
    expect(watched.get_by_role("link", name="Made meanwhile")).to_be_visible()
    expect(watched.get_by_role("status")).to_have_text("")


def test_run_page_grows(watched: Page, site: Any):
    """Timeline and screenshots come in while the run goes on; what was opened stays open, and its end is announced."""
    run = site.make(lambda make: make.run(title="Grows", status="running", started_at=site.services.clock.now()))
    watched.goto(f"{site.address}/runs/{run.run_id}")
    expect(watched.get_by_text("Nothing has happened yet.")).to_be_visible()
    shot = site.make(lambda make: make.artifact(run, "screenshot_action", png()))
    done = {
        "action_type": "click", "status": "completed", "action_id": "act_1", "reasoning": "It sends the form.",
        "skyvern_element_data": {"role": "button", "name": "Send"}, "screenshot_artifact_id": shot.artifact_id,
    }  # fmt: skip
    body = {"block_type": "navigation", "description": "Send it", "status": "running", "actions": [done]}
    site.make(lambda make: make.item(run, "block", {**body, "output": {"extracted_information": {"found": 1}}}))
    timeline = watched.locator("#timeline")
    expect(timeline).to_contain_text("button “Send”")
    expect(timeline).to_contain_text("It sends the form.")
    timeline.get_by_text("Output").click()
    expect(timeline.get_by_text('"found": 1')).to_be_visible()
    for picture in (timeline.get_by_role("img").first, watched.locator("#screenshots").get_by_role("img").first):
        picture.scroll_into_view_if_needed()
        watched.wait_for_function("image => image.naturalWidth === 32", arg=picture.element_handle())
    site.make(lambda make: make.item(run, "thought", {"thought_scenario": "plan", "answer": "One more thought."}))
    expect(timeline).to_contain_text("One more thought.")
    expect(timeline.get_by_text('"found": 1')).to_be_visible()
    site.make(lambda make: make.change(run, status="completed", output={"title": "Hello"}))
    expect(watched.locator("#output")).to_contain_text('"title": "Hello"')
    expect(watched.locator("#announcer")).to_have_text("The run is completed.")
    expect(watched.get_by_role("button", name="Cancel run")).to_have_count(0)


def test_screenshots_are_leafed_through_by_keyboard(watched: Page, site: Any):
    """A screenshot opens large; the arrow keys go on and back, Escape returns to where one was."""
    run = site.make(lambda make: make.run(title="Pictures"))
    shots = [site.make(lambda make: make.artifact(run, "screenshot_action", png())) for _ in range(3)]
    watched.goto(f"{site.address}/runs/{run.run_id}")
    first = watched.locator("#screenshots a").first
    first.focus()
    watched.keyboard.press("Enter")
    dialog = watched.get_by_role("dialog")
    expect(dialog).to_contain_text("1 / 3")
    watched.keyboard.press("ArrowRight")
    watched.keyboard.press("ArrowRight")
    watched.keyboard.press("ArrowRight")
    expect(dialog).to_contain_text("3 / 3")
    expect(dialog.get_by_role("img")).to_have_attribute("src", re.compile(shots[2].artifact_id))
    watched.keyboard.press("ArrowLeft")
    expect(dialog).to_contain_text("2 / 3")
    watched.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(first).to_be_focused()


def test_recording_plays_and_seeks(watched: Page, site: Any, tmp_path: Path):
    """The recording loads, plays, and stands where it was sought to, with the picture of that moment."""
    run = site.make(lambda make: make.run(title="Filmed"))
    recording = film(tmp_path / "film.webm")
    site.make(lambda make: make.artifact(run, "recording", recording, step=None))
    watched.goto(f"{site.address}/runs/{run.run_id}")
    video = watched.locator("#recording video")
    watched.wait_for_function("video => video.readyState >= 1", arg=video.element_handle())
    assert video.evaluate("video => video.duration") == pytest.approx(4, abs=0.2)
    seek = """async (video, to) => {
        const sought = new Promise((resolve) => video.addEventListener("seeked", resolve, { once: true }));
        video.currentTime = to;
        await sought;
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = 1;
        const pen = canvas.getContext("2d");
        pen.drawImage(video, 0, 0, 1, 1);
        return [video.currentTime, video.readyState, pen.getImageData(0, 0, 1, 1).data[0]];
    }"""
    reds = []
    for to in (3.5, 0.5, 2.5):
        at, ready, red = video.evaluate(seek, to)
        assert at == pytest.approx(to, abs=0.05)
        assert ready >= 2
        reds.append(red)
    assert reds[1] < reds[2] < reds[0]
    video.evaluate("video => { video.muted = true; return video.play(); }")
    watched.wait_for_function("video => video.currentTime > 2.8", arg=video.element_handle())


def test_copy_as_curl_gives_a_command_that_works(watched: Page, site: Any):
    """What the button puts on the clipboard, run by a shell with the key in its environment, makes the same task."""
    watched.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.address)
    prompt = 'It\'s "quoted" $HOME `x` \\ é\n@second line'
    request = {"prompt": prompt, "url": f"{site.address}/", "engine": "skyvern-1.0", "max_steps": 3}
    run = site.make(lambda make: make.run(title="Copied", request=request))
    watched.clock.install()
    watched.goto(f"{site.address}/runs/{run.run_id}")
    watched.clock.pause_at(watched.evaluate("Date.now()") + 60_000)
    watched.get_by_role("button", name="Copy as curl").click()
    expect(watched.get_by_role("button", name="Copied")).to_be_visible()
    watched.clock.run_for(2_000)
    expect(watched.get_by_role("button", name="Copy as curl")).to_be_visible()
    command = watched.evaluate("navigator.clipboard.readText()")
    environment = {**os.environ, "SKYVERN_API_KEY": "test-key", "no_proxy": "*"}
    shell = subprocess.run(["sh", "-c", f"{command} -sS"], env=environment, capture_output=True, text=True, check=True)
    made = re.search(r'"run_id":"(tsk_\d+)"', shell.stdout)
    assert made, shell.stdout + shell.stderr
    again = site.inside(lambda: site.services.store.run(run.organization_id, made[1]))
    assert {name: again.request[name] for name in request} == request


def test_another_tenants_run_is_not_there(watched: Page, site: Any):
    """The address of somebody else's run is a page that says there is nothing."""
    run = site.make(lambda make: make.run("other-key", title="Not yours"))
    answer = watched.goto(f"{site.address}/runs/{run.run_id}")
    assert answer is not None
    assert answer.status == 404
    expect(watched.get_by_role("heading", level=1)).to_have_text("Not found")
    expect(watched.get_by_text("Not yours")).to_have_count(0)


def test_nothing_hostile_runs(page: Page, site: Any):
    """Titles, timelines, names and scraped pages with scripts in them run nothing and reach nothing."""
    run = site.make(
        lambda make: make.run(title=MARKS, request={"prompt": MARKS}, failure_reason=MARKS, status="failed")
    )
    site.make(
        lambda make: make.item(run, "thought", {"thought_scenario": MARKS, "answer": MARKS, "observation": MARKS})
    )
    scraped = (
        f"<body style='background:rgb(1,2,3)'><h1>Scraped</h1>{MARKS}"
        "<form action=/viewer/sign-out method=post><button>go</button></form>"
        "<link rel=stylesheet href=http://evil.example/x.css><img src=http://evil.example/x.png>"
        "<meta http-equiv=refresh content='0;url=http://evil.example/'><iframe src=/runs></iframe>"
    )
    html = site.make(lambda make: make.artifact(run, "html_scrape", scraped.encode()))
    site.make(lambda make: make.artifact(run, "download", scraped.encode(), filename="evil.svg"))
    asked: list[tuple[str, str | None]] = []
    page.on("requestfinished", lambda request: asked.append((request.url, None)))
    page.on("requestfailed", lambda request: asked.append((request.url, request.failure)))
    page.on("dialog", lambda dialog: asked.append((dialog.message, "dialog")))
    page.goto(f"{site.address}/runs")
    page.get_by_label("API key").fill("test-key")
    page.get_by_role("button", name="Show my runs").click()
    expect(page.get_by_role("link", name="<script>window.ran")).to_be_visible()
    page.goto(f"{site.address}/runs/{run.run_id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("<script>window.ran")
    page.locator("#artifacts").get_by_text("html scrape").click()
    frame = page.frame_locator("iframe.frame")
    expect(frame.get_by_role("heading", name="Scraped")).to_be_visible()
    page.locator("#artifacts").get_by_text("evil.svg").click()
    expect(page.locator("#artifacts pre")).to_contain_text("<h1>Scraped</h1>")
    page.wait_for_timeout(500)  # whatever would run has had its time
    assert page.evaluate("window.ran") is None
    content = f"{site.address}/viewer/artifacts/{html.artifact_id}/content"
    framed = next(frame for frame in page.frames if frame.url == content)
    assert framed.evaluate("[origin, getComputedStyle(document.body).backgroundColor]") == ["null", "rgb(1, 2, 3)"]
    page.goto(content)
    page.wait_for_timeout(500)
    assert page.url == content
    assert page.evaluate("[window.ran ?? null, origin]") == [None, "null"]
    outside = [(url, failure) for url, failure in asked if not url.startswith(f"{site.address}/")]
    assert {failure for _, failure in outside} == {"csp"}  # the browser itself did not let them out


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "light")])
def test_pages_fit_the_screen(*, width: int, scheme: Any, watched: Page, site: Any):
    """No page has to be scrolled sideways, on a phone neither, however long the words are; all that acts has a name."""
    long_words = "supercalifragilistic" * 12
    run = site.make(
        lambda make: make.run(
            title=long_words, request={"prompt": long_words}, failure_reason=long_words, engine="e" * 60
        )
    )
    shot = site.make(lambda make: make.artifact(run, "screenshot_action", png(), filename=f"{long_words[:100]}.png"))
    site.make(lambda make: make.item(run, "thought", {"answer": long_words, "thought": long_words}))
    site.make(
        lambda make: make.delivery(run, url=f"http://{long_words}/", state="failed", attempts=[{"error": long_words}])
    )
    watched.emulate_media(color_scheme=scheme)
    watched.set_viewport_size({"width": width, "height": 800})
    for path in ("/runs", f"/runs/{run.run_id}", f"/viewer/artifacts/{shot.artifact_id}"):
        watched.goto(site.address + path)
        for summary in watched.locator("summary").all():
            summary.click()
        sizes = watched.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert sizes[0] <= sizes[1], path
        nameless = watched.evaluate(
            "[...document.querySelectorAll('a, button, input:not([type=hidden]), select, img')].filter(e =>"
            "!(e.textContent.trim() || e.ariaLabel || e.alt || e.labels?.length || e.querySelector('img')))"
            ".filter(e => !e.matches('.brand img')).map(e => e.outerHTML)"
        )
        assert nameless == []
