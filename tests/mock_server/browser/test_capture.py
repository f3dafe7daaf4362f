"""What a lease leaves behind, in a real browser."""

from __future__ import annotations

import asyncio
import json
import zipfile

import av
import pytest

from mock_server.browser.provider import Captured, LeaseSpec

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def captured_of(warm, spec: LeaseSpec, *urls: str) -> Captured:
    async with warm.lease(spec) as lease:
        for url in urls:
            await lease.page.goto(url)
        return await lease.finish()


async def test_the_recording_is_a_film_of_the_page(warm, site, tmp_path):
    """It has the viewport's size, lasts as long as the lease and ends with what the page looked like."""
    loop = asyncio.get_running_loop()
    async with warm.lease(LeaseSpec(tmp_path)) as lease:
        began = loop.time()
        await lease.page.goto(f"{site}/")
        await lease.page.evaluate("document.body.style.background = 'rgb(255, 0, 0)'")
        await asyncio.sleep(1.5)  # the page's time, which no clock of ours drives
        captured = await lease.finish()
        took = loop.time() - began
    with av.open(str(captured.recording)) as film:
        frames = list(film.decode(video=0))
        seconds = film.duration / 1e6
    assert (frames[0].width, frames[0].height) == (1280, 720)
    assert 1.5 <= seconds <= took + 0.5
    red, green, blue = frames[-1].to_image().getpixel((1200, 700))
    assert red > 200
    assert green < 60
    assert blue < 60


async def test_the_har_has_requests_bodies_and_timings(warm, site, tmp_path):
    """It is one file with what devtools show: pages, requests, embedded bodies, timings, sizes."""
    captured = await captured_of(warm, LeaseSpec(tmp_path), f"{site}/noisy")
    log = json.loads(captured.har.read_text())["log"]
    assert log["pages"][0]["title"] == "Noisy"
    entries = {entry["request"]["url"].removeprefix(site): entry for entry in log["entries"]}
    assert entries["/noisy"]["response"]["status"] == 200
    assert "/noise.js" in entries["/noisy"]["response"]["content"]["text"]
    assert "careful" in entries["/noise.js"]["response"]["content"]["text"]
    assert entries["/noise.js"]["time"] > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["har.har", "recording.webm", "trace.zip"]


async def test_the_trace_has_each_action_with_snapshots(warm, site, tmp_path):
    """Playwright's viewer finds the actions, the DOM before and after them, and the network; no film strip."""
    async with warm.lease(LeaseSpec(tmp_path)) as lease:
        await lease.page.goto(f"{site}/")
        await lease.page.fill("#q", "something typed")
        await lease.page.click("button")
        captured = await lease.finish()
    with zipfile.ZipFile(captured.trace) as archive:
        assert archive.testzip() is None
        events = [json.loads(line) for line in archive.read("trace.trace").splitlines()]
        network = archive.read("trace.network").decode()
        names = archive.namelist()
    assert events[0]["type"] == "context-options"
    actions = {event["method"]: event["callId"] for event in events if event["type"] == "before"}
    assert list(actions) == ["goto", "fill", "click"]
    snapshots = [event["snapshot"] for event in events if event["type"] == "frame-snapshot"]
    taken = {(snapshot["callId"], snapshot["phase"]) for snapshot in snapshots}
    assert {(call, phase) for call in actions.values() for phase in ("before", "after")} <= taken
    assert "something typed" in json.dumps(snapshots)
    assert f"{site}/" in network
    assert not any(name.startswith("screencast") for name in names)


async def test_two_leases_do_not_share_what_they_capture(warm, site, tmp_path):
    """Neither cookies nor captures go from one run to another, even at the same time."""
    first, second = tmp_path / "1", tmp_path / "2"
    first.mkdir()
    second.mkdir()
    one, two = await asyncio.gather(
        captured_of(warm, LeaseSpec(first), f"{site}/only-one"),
        captured_of(warm, LeaseSpec(second), f"{site}/only-two"),
    )
    assert "only-one" in one.har.read_text()
    assert "only-two" not in one.har.read_text()
    assert "only-one" not in two.har.read_text()


async def test_the_console_log(warm, site, tmp_path):
    """Messages, uncaught errors and failed requests are there, one line each, with level and place."""
    async with warm.lease(LeaseSpec(tmp_path)) as lease:
        await lease.page.goto(f"{site}/noisy")
        await lease.page.evaluate("new Promise((done) => setTimeout(done, 100))")
        captured = await lease.finish()
    lines = captured.console_log.splitlines()
    assert any(f"Z log [{site}/noise.js:1:9] first second" in line for line in lines), lines
    assert any(f"Z warning [{site}/noise.js:2:9] careful" in line for line in lines), lines
    assert any("Z pageerror" in line and "Error: boom" in line and "noise.js:3" in line for line in lines), lines
    assert any("Z requestfailed [http://127.0.0.1:9/x.png] GET net::ERR_" in line for line in lines), lines


async def test_a_popup_is_in_the_console_log_har_and_trace(warm, site, tmp_path):
    """A new tab is captured like the first one, except that the film stays with the first."""
    async with warm.lease(LeaseSpec(tmp_path)) as lease:
        await lease.page.goto(f"{site}/opener")
        async with lease.context.expect_page() as opened:
            await lease.page.click("button")
        popup = await opened.value
        await popup.wait_for_load_state()
        assert await popup.title() == "Popup"
        captured = await lease.finish()
    assert "from the popup" in captured.console_log
    assert f"{site}/popup" in captured.har.read_text()
    assert captured.recording is not None


async def test_secret_headers_are_sent_but_not_kept(warm, site, tmp_path):
    """The site gets them; HAR, trace and the spec's repr do not show them. Plain ones stay visible."""
    spec = LeaseSpec(tmp_path, {"Authorization": "Bearer hunter2-hunter2", "X-Plain": "plain-value"})
    async with warm.lease(spec) as lease:
        response = await lease.page.goto(f"{site}/")
        sent = await response.request.all_headers()
        captured = await lease.finish()
    assert sent["authorization"] == "Bearer hunter2-hunter2"
    assert "hunter2" not in captured.har.read_text()
    assert "plain-value" in captured.har.read_text()
    with zipfile.ZipFile(captured.trace) as archive:
        assert not any(b"hunter2" in archive.read(name) for name in archive.namelist())
    assert "hunter2" not in repr(spec)


async def test_without_a_film(warm, site, tmp_path):
    """A run that is not to be filmed has the other captures all the same."""
    captured = await captured_of(warm, LeaseSpec(tmp_path, record=False), f"{site}/")
    assert captured.recording is None
    assert captured.har.exists()
    assert captured.trace.exists()


async def test_a_work_directory_that_cannot_be_used_costs_the_captures_only(warm, site, tmp_path):
    """What cannot be written is None and said in the console log; finishing does not fail."""
    (tmp_path / "no-directory").write_text("")
    captured = await captured_of(warm, LeaseSpec(tmp_path / "no-directory"), f"{site}/noisy")
    assert (captured.recording, captured.har, captured.trace) == (None, None, None)
    for name in ("recording", "HAR", "trace"):
        assert f"The {name} could not be saved" in captured.console_log
    assert "careful" in captured.console_log


async def test_a_page_that_never_stands_still(warm, site, tmp_path):
    """An animation is filmed with a part of its frames, and when it ends the film shows what is there then."""
    async with warm.lease(LeaseSpec(tmp_path)) as lease:
        await lease.page.goto(f"{site}/busy")
        await asyncio.sleep(2)  # the page's time
        await lease.page.evaluate("window.still = true; d.style.background = 'rgb(255, 255, 255)'; d.textContent = ''")
        await asyncio.sleep(1.5)  # the page's time
        captured = await lease.finish()
    with av.open(str(captured.recording)) as film:
        frames = list(film.decode(video=0))
    assert 10 < len(frames) < 80
    assert all(value > 200 for value in frames[-1].to_image().getpixel((640, 360)))
