"""A server as it looks after a morning's work, for the pictures of the screens."""

from __future__ import annotations

import io
import json

from PIL import Image, ImageDraw

from skyvern_tui.client.models import Run
from tests.skyvern_tui.builders import a_block, a_run, a_thought, an_action, an_artifact, at
from tests.skyvern_tui.tui.fakes import FakeGateway

NEWS = "http://127.0.0.1:8000/sites/news/"
RUN = "tsk_v2_599641066057945448"
OUTPUT = {"title": "A spreadsheet that counts sheep", "points": 412, "url": None, "tags": ["show", "terminal"]}


def morning() -> FakeGateway:
    """Return a server with runs in every state."""

    def past(number: int, status: str, ago: float, took: float, prompt: str, **over: object) -> Run:
        engine = str(over.pop("engine", "skyvern-2.0"))
        return a_run(
            f"tsk_v2_{number}",
            status,
            created_at=at(60 - ago),
            started_at=at(62 - ago),
            finished_at=at(62 - ago + took),
            run_request={"prompt": prompt, "url": NEWS, "engine": engine},
            **over,
        )

    return FakeGateway(
        a_run("tsk_v2_8", "queued", created_at=at(50), step_count=0),
        a_run("tsk_v2_7", "running", created_at=at(40), started_at=at(41), step_count=2),
        past(6, "completed", 65, 11, "Get the title of the top post", output=OUTPUT, step_count=2),
        past(
            5,
            "failed",
            460,
            98,
            "Find the cheapest laptop with 16 GB of memory",
            failure_reason="The page never loaded.",
        ),
        past(4, "timed_out", 7400, 390, "Download every invoice of 2025", engine="openai-cua", step_count=25),
        past(3, "canceled", 90_000, 90, "Fill in the contact form with the data below"),
        past(2, "terminated", 190_000, 90, "Log in and read the balance of the account"),
        past(1, "completed", 400_000, 3700, "Wähle die grüne Tasse und lege sie in den Korb", step_count=14),
    )


def one_run(status: str, **over: object) -> FakeGateway:
    """Return a server with one run that has a timeline and artifacts of every kind."""
    running = status == "running"
    run = a_run(RUN, status, modified=8 if running else 14, step_count=3, **over)
    gateway = FakeGateway(run)
    broken = "The list of posts never appeared; the page shows “Service unavailable”." if status == "failed" else None
    ended = "failed" if broken else "completed"
    items = [
        a_block(1, when=1.2, block_type="goto_url", navigation_goal=None, label=None, url=NEWS, duration=0.8),
        a_thought(1, when=2.2, thought="Open the page, then look for the list of posts and take the first title."),
        a_block(
            2,
            when=3,
            modified=6,
            navigation_goal="Close the cookie banner and sort the posts by points",
            duration=3.2,
            actions=[
                an_action(
                    1, when=3.2, reasoning="The banner covers the list.", skyvern_element_data={"name": "Accept all"}
                ),
                an_action(2, when=3.9, reasoning="Points decide what is on top.", skyvern_element_data={"name": "Top"}),
                an_action(3, when=4.5, action_type="wait", reasoning="Give the list time to load."),
            ],
        ),
        a_thought(2, when=6.5, thought="The posts are sorted; the first story is the top post."),
        a_block(
            3,
            when=7,
            modified=8.6,
            block_type="extraction",
            navigation_goal=None,
            data_extraction_goal="Extract the title of the top post",
            status=ended,
            failure_reason=broken,
            duration=1.6,
            actions=[an_action(5, when=7.2, action_type="extract", reasoning="The first heading is it.", status=ended)],
        ),
        a_thought(3, when=9, thought_type="user_goal_check", thought="The title was read and fits the goal."),
    ]
    gateway.timelines[RUN] = items[:3] if running else items
    kinds = (
        "recording",
        "screenshot_final",
        "har",
        "browser_console_log",
        "html_scrape",
        "trace",
        "visible_elements_tree",
    )
    gateway.artifacts[RUN] = [
        *(an_artifact(n, "screenshot_action", when=3 + n / 3) for n in range(1, 6)),
        *(an_artifact(10 + n, kind, when=8, file_size=26_132 * (n + 1)) for n, kind in enumerate(kinds)),
        *(an_artifact(30 + n, "llm_prompt", when=4 + n / 5) for n in range(9)),
    ]
    for n in (*range(1, 6), 11):
        gateway.contents[f"a_{n}"] = front_page()
    gateway.contents["a_12"] = har()
    return gateway


def front_page() -> bytes:
    """Return a picture of something like a page."""
    picture = Image.new("RGB", (1280, 720), "#f6f6ef")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 1280, 50), fill="#ff6600")
    for n in range(12):
        draw.rectangle((40, 90 + n * 50, 740 - (n * 37) % 300, 110 + n * 50), fill="#333333")
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def har() -> bytes:
    """Return a HAR file with answers of every class."""

    def entry(request: str, kind: str, size: int, time: float, **answer: object) -> dict[str, object]:
        method, path = request.split(" ")
        response = {"_transferSize": size, "content": {"mimeType": kind}} | answer
        return {"request": {"method": method, "url": NEWS + path}, "time": time, "response": response}

    entries = [
        entry("GET ", "text/html; charset=utf-8", 14_123, 34.2, status=200),
        entry("GET style.css", "text/css", 210, 3.2, status=304),
        entry("POST vote?id=1", "application/json", 123, 1322, status=403),
        entry("GET story/9", "text/html", 900, 20.0, status=500),
        entry("GET x.js", "", -1, 3, status=-1, _failureText="net::ERR_NAME_NOT_RESOLVED"),
    ]
    return json.dumps({"log": {"entries": entries}}).encode()
