"""What the page of a run says, whatever the run says about itself."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e\x00{{ 7*7 }}{% raw %}"


class Tags(HTMLParser):
    """Collects what a browser would make of a page: tags with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def assert_inert(html: str) -> Tags:
    """Fail if a page has any script, handler, style or address it should not have."""
    page = Tags(html)
    scripts = page.all("script")
    assert all(str(script.get("src")).startswith("/viewer/static/viewer.js") for script in scripts)
    for tag, attributes in page.tags:
        assert tag not in {"style", "object", "embed", "base"}
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name != "style"
            if name in {"href", "src", "action"}:
                assert str(value).startswith(("/", "#", "http://", "https://")), (tag, name, value)
    return page


def action(**fields: Any) -> dict[str, Any]:
    return {
        "action_type": "click",
        "status": "completed",
        "action_id": "act_1",
        "step_id": "stp_1",
        "step_order": 0,
        "reasoning": "The form wants to be sent.",
        "intention": "send the form",
        "response": "the page thanks you",
        "skyvern_element_data": {"role": "button", "name": "Send"},
        "screenshot_artifact_id": None,
        "started_at": "2026-11-21T12:00:01",
        "finished_at": "2026-11-21T12:00:03.500000",
        "created_at": "2026-11-21T12:00:01",
        **fields,
    }


def block(*actions: Any, **fields: Any) -> dict[str, Any]:
    return {
        "block_type": "navigation",
        "label": "navigation_1",
        "description": "Send the form",
        "status": "completed",
        "duration": 4.25,
        "actions": list(actions),
        "output": {"extracted_information": {"sent": True}},
        **fields,
    }


@pytest.mark.parametrize(
    ("status", "tone"),
    [
        ("created", "wait"),
        ("queued", "wait"),
        ("running", "live"),
        ("paused", "warn"),
        ("completed", "good"),
        ("failed", "bad"),
        ("terminated", "bad"),
        ("timed_out", "warn"),
        ("canceled", "mute"),
        ("reticulating_splines", "odd"),
        (HOSTILE, "odd"),
    ],
)
async def test_every_status(status: str, tone: str, visitor: httpx.AsyncClient, make: Any):
    """Every status, one nobody knows too, is shown in words with its look; only what goes on can be canceled."""
    run = make.run(status=status)
    page = assert_inert((await visitor.get(f"/runs/{run.run_id}")).text)
    chips = [tag["class"] for tag in page.all("span") if str(tag.get("class")).startswith("chip")]
    assert chips[0] == f"chip {tone}"
    assert status.replace("_", " ").replace("\x00", "\ufffd") in page.text.replace("\x00", "\ufffd")
    over = status in {"completed", "failed", "terminated", "timed_out", "canceled"}
    assert ("Cancel run" in page.text) is not over
    listed = assert_inert((await visitor.get("/runs")).text)
    assert any(tag["class"] == f"chip {tone}" for tag in listed.all("span") if tag.get("class"))


async def test_header_of_a_run(visitor: httpx.AsyncClient, make: Any, clock: Any):
    """The head tells what was asked, how it ended, with which engine, when, how long it took and what went wrong."""
    started = clock.now()
    run = make.run(
        status="failed",
        title="A title",
        queued_at=started,
        started_at=started,
        finished_at=started + timedelta(seconds=65),
        failure_reason="The page was gone.",
        errors=[{"error_code": "GONE", "reasoning": "It answered 404.", "confidence_float": 0.75}],
        step_count=3,
        attempt=2,
        browser_session_id="pbs_1",
        request={"prompt": "Read the page"},
    )
    page = assert_inert((await visitor.get(f"/runs/{run.run_id}")).text)
    for said in (
        "A title", "Read the page", "The page was gone.", "GONE", "It answered 404.", "0.75", "skyvern-2.0", "task_v2",
        "1 min 5 s", "21 Nov 2026, 12:01:05 UTC", run.run_id, run.workflow_run_id,
    ):  # fmt: skip
        assert said in page.text, said
    assert {"href": "/browser-session/pbs_1"} in page.all("a")


async def test_empty_run(visitor: httpx.AsyncClient, make: Any):
    """A run that has done nothing yet says so in every part; one that is over says it left nothing."""
    waiting = make.run(status="queued")
    page = (await visitor.get(f"/runs/{waiting.run_id}")).text
    for said in ("Nothing has happened yet.", "Not yet.", "None yet.", "named no <code>webhook_url</code>"):
        assert said in page
    assert "<video" not in page
    over = make.run(status="canceled")
    page = (await visitor.get(f"/runs/{over.run_id}")).text
    for said in ("left no timeline", "has no output", "left no screenshots", "left nothing"):
        assert said in page


async def test_hostile_text_is_text(visitor: httpx.AsyncClient, make: Any, clock: Any):
    """Markup, quotes, template signs and control characters are shown and do nothing, wherever they stand."""
    hostile = HOSTILE
    run = make.run(
        title=hostile,
        status="failed",
        engine=hostile,
        run_type=hostile,
        request={"prompt": hostile, "url": "javascript:alert(1)", "webhook_url": hostile},
        failure_reason=hostile,
        summary=hostile,
        output={hostile: hostile},
        errors=[{"error_code": hostile, "reasoning": hostile}, hostile, {"reasoning": None}],
        browser_session_id=hostile,
    )
    shot = make.artifact(run, "screenshot_action", b"\x89PNG")
    make.artifact(run, "download", b"x", filename=hostile.replace("/", ""))
    entry = action(
        **dict.fromkeys(("action_type", "status", "action_id", "reasoning", "text", "response"), hostile),
        skyvern_element_data={"role": hostile, "name": hostile},
        screenshot_artifact_id=hostile,
    )
    make.item(
        run, "block", block(entry, block_type=hostile, description=hostile, url="javascript:alert(1)", output=hostile)
    )
    make.item(
        run, "thought", {"thought_scenario": hostile, "observation": hostile, "answer": hostile, "output": [hostile]}
    )
    make.delivery(
        run, url=hostile, state=hostile, headers={hostile: hostile}, payload=hostile, attempts=[{"error": hostile}]
    )
    for path in (
        "/runs",
        f"/runs/{run.run_id}",
        f"/runs/{run.run_id}?order=newest",
        f"/viewer/artifacts/{shot.artifact_id}",
    ):
        page = assert_inert((await visitor.get(path)).text)
        assert "<script>alert(1)</script>" in page.text
    assert page.all("a")
    live = (await visitor.get(f"/viewer/live/runs/{run.run_id}")).json()
    assert_inert("".join(part["html"] for part in live["parts"].values()))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"actions": None, "output": 3, "status": None},
        {"actions": ["x", None, 4, {}], "output": [], "duration": "long"},
        {"actions": {"a": 1}, "status": ["completed"], "block_type": {"a": 1}, "description": 7},
        {"actions": [{"step_order": "one", "started_at": 5, "skyvern_element_data": "x", "screenshot_artifact_id": 1}]},
        [1, 2],
        "text",
    ],
)
async def test_shapeless_timelines(body: Any, visitor: httpx.AsyncClient, make: Any):
    """A timeline whose items have nothing of what they should have is shown as far as it goes."""
    run = make.run()
    make.item(run, "block", body)
    make.item(run, "thought", body)
    make.artifact(run, "llm_prompt")
    answer = await visitor.get(f"/runs/{run.run_id}")
    assert answer.status_code == 200
    assert_inert(answer.text)


async def test_timeline_tells_what_and_why(visitor: httpx.AsyncClient, make: Any, clock: Any):
    """Blocks hold their actions and thoughts, with element, reason, result, duration and screenshot."""
    run = make.run()
    shot = make.artifact(run, "screenshot_action", b"\x89PNG")
    filled = action(
        action_id="act_2", action_type="input_text", text="Ada", step_order=1, screenshot_artifact_id=shot.artifact_id,
        skyvern_element_data={"role": "textbox", "name": "Name"}, started_at="2026-11-21T12:00:00",
    )  # fmt: skip
    record = make.item(run, "block", block(action(), filled))
    clock.move(1)
    make.item(run, "thought", {
        "thought_scenario": "user_goal_check", "answer": "It is done.", "thought": "The page says thanks.",
        "observation": "Thank you, Ada", "workflow_run_block_id": record.item_id,
    })  # fmt: skip
    html = (await visitor.get(f"/runs/{run.run_id}")).text
    page = assert_inert(html)
    for said in (
        "button “Send”", "textbox “Name”", "Ada", "The form wants to be sent.", "the page thanks you", "2.5 s", "4.2 s",
        "step 2", "user goal check", "It is done.", "The page says thanks.", "Thank you, Ada", '"sent": true',
        "1 block, 2 actions, 1 thought",
    ):  # fmt: skip
        assert said in page.text, said
    assert any(tag.get("href") == f"/viewer/artifacts/{shot.artifact_id}/content" for tag in page.all("a"))
    assert html.index("textbox “Name”") < html.index("button “Send”") < html.index("It is done.")
    newest = (await visitor.get(f"/runs/{run.run_id}?order=newest")).text
    assert newest.index("It is done.") < newest.index("button “Send”") < newest.index("textbox “Name”")


async def test_timeline_that_goes_in_circles(visitor: httpx.AsyncClient, make: Any, services: Any):
    """Items that are one another's parents, or nested without end, are all shown."""
    run = make.run()
    first = make.item(run, "block", block(description="first of two"))
    second = make.item(run, "block", block(description="second of two"), parent_id=first.item_id)
    first.parent_id = second.item_id
    first.body["parent_workflow_run_block_id"] = second.item_id
    services.store.put_timeline(first)
    above = None
    for depth in range(40):
        above = make.item(run, "block", block(description=f"depth {depth} "), parent_id=above and above.item_id)
    page = (await visitor.get(f"/runs/{run.run_id}")).text
    assert all(said in page for said in ("first of two", "second of two", *(f"depth {depth} " for depth in range(40))))


async def test_endless_timelines_are_cut(visitor: httpx.AsyncClient, make: Any):
    """A page shows so many entries and says how many more there are and where."""
    run = make.run()
    make.item(run, "block", block(*(action(action_id=f"act_{n}") for n in range(2000))))
    page = (await visitor.get(f"/runs/{run.run_id}")).text
    assert page.count('class="entry action') == 1499
    assert "501 more are not shown" in page


async def test_request_and_curl_hold_no_secret_of_somebodys_browser(visitor: httpx.AsyncClient, make: Any):
    """The request is shown but for the headers that open a remote browser; the key is a variable in the command."""
    run = make.run(
        request={"cdp_connect_headers": {"authorization": "open-sesame"}, "max_steps": 7, "prompt": "It's @x"}
    )
    page = Tags((await visitor.get(f"/runs/{run.run_id}")).text)
    assert "open-sesame" not in page.text
    assert "test-key" not in page.text
    assert 'x-api-key: $SKYVERN_API_KEY"' in page.text
    assert '"max_steps": 7' in page.text


async def test_curl_of_workflow_runs(visitor: httpx.AsyncClient, make: Any):
    """The run of a workflow is started by the workflow's id; one of a throw-away workflow has no command."""
    request = {"workflow_id": "wpid_1", "parameters": {"a": 1}, "block": {"label": "x"}, "prompt": "From the workflow"}
    run = make.run(run_type="workflow_run", title="A workflow", request=request)
    page = (await visitor.get(f"/runs/{run.run_id}")).text
    command = page.partition('id="curl"')[2].partition("</pre>")[0]
    assert "/v1/run/agents" in command
    assert "wpid_1" in command
    assert "From the workflow" not in command
    run = make.run(run_type="workflow_run", request={"block": {"block_type": "login", "label": "login"}})
    assert "Copy as curl" not in (await visitor.get(f"/runs/{run.run_id}")).text


async def test_webhooks_are_shown(visitor: httpx.AsyncClient, make: Any):
    """Every delivery tells where it went, how each attempt was answered, what was sent and how it ended."""
    run = make.run(request={"webhook_url": "https://hooks.example/x"})
    make.delivery(
        run,
        url="https://hooks.example/x",
        state="failed",
        trigger="original",
        webhook_failure_reason="The receiver answered 503.",
        headers={"x-skyvern-signature": "abc123"},
        payload='{"run_id":"tsk_1","n":1}',
        attempts=[
            {"at": "2026-11-21T12:00:09", "status_code": 503, "latency_ms": 12, "error": None, "response_body": "busy"},
            {"at": "2026-11-21T12:00:10", "status_code": None, "latency_ms": 3, "error": "refused"},
        ],
    )  # fmt: skip
    page = assert_inert((await visitor.get(f"/runs/{run.run_id}")).text)
    for said in (
        "https://hooks.example/x", "failed", "2 attempts", "The receiver answered 503.", "x-skyvern-signature: abc123",
        '"run_id": "tsk_1"', "503", "12 ms", "busy", "refused",
    ):  # fmt: skip
        assert said in page.text, said


async def test_live_parts_come_when_they_changed(visitor: httpx.AsyncClient, make: Any, clock: Any):
    """A page that has the present revision is sent no parts; after any change it gets those that differ."""
    run = make.run(status="running", started_at=clock.now())
    clock.move(3)
    path = f"/viewer/live/runs/{run.run_id}"
    first = (await visitor.get(path)).json()
    assert (first["status"], first["final"], first["elapsed"]) == ("running", False, {run.run_id: 3.0})
    again = (await visitor.get(path, params={"have": first["revision"]})).json()
    assert (again["parts"], again["revision"]) == ({}, first["revision"])
    changes = [
        (lambda: make.item(run, "thought", {"answer": "A thought"}), {"head", "timeline"}, "timeline"),
        (
            lambda: make.artifact(run, "screenshot_action", b"\x89PNG"),
            {"head", "screenshots", "artifacts"},
            "screenshots",
        ),
        (lambda: make.artifact(run, "recording", b"\x1a"), {"head", "recording", "artifacts"}, "recording"),
        (lambda: make.delivery(run, url="http://x.example/"), {"head", "webhooks"}, "webhooks"),
        (lambda: make.change(run, status="completed", output={"a": 1}, finished_at=clock.now()), None, "output"),
    ]
    before = first
    for change, allowed, expected in changes:
        clock.move(1)
        change()
        now = (await visitor.get(path, params={"have": before["revision"]})).json()
        differing = {name for name, part in now["parts"].items() if part != before["parts"][name]}
        assert expected in differing
        assert allowed is None or differing <= allowed
        before = now
    assert (before["final"], before["elapsed"]) == (True, {})


async def test_cancel(visitor: httpx.AsyncClient, make: Any, services: Any):
    """The button cancels through the engine; on a run that is over it changes nothing."""
    page = await visitor.get(f"/runs/{make.run(status='queued').run_id}")
    token = next(tag["value"] for tag in Tags(page.text).all("input") if tag.get("name") == "token")
    admitted = services.engine.submit(make.run().organization_id, {"prompt": "x", "engine": "skyvern-2.0", "url": None})
    for _ in range(2):
        answer = await visitor.post(f"/runs/{admitted.run_id}/cancel", data={"token": token})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/runs/{admitted.run_id}")
        assert "canceled" in (await visitor.get(answer.headers["location"])).text
    done = make.run(status="completed")
    await visitor.post(f"/runs/{done.run_id}/cancel", data={"token": token})
    assert done.status == "completed"


async def test_session_page(visitor: httpx.AsyncClient, make: Any, services: Any, clock: Any, visit: Any):
    """A browser session has a page with its facts and the runs that worked in it, for its own tenant only."""
    from mock_server.store.records import ResourceRecord  # noqa: PLC0415  # the only test that makes one

    run = make.run(title="Worked in it", browser_session_id="pbs_7")
    make.run(title="Worked elsewhere")
    services.store.put_resource(
        ResourceRecord(
            "pbs_7", run.organization_id, "browser_session", None,
            {"status": "running", "timeout": 60, "url": HOSTILE, "run_ids": [run.run_id, "tsk_gone", 7]},
            clock.now(), clock.now(),
        )
    )  # fmt: skip
    page = assert_inert((await visitor.get("/browser-session/pbs_7")).text)
    assert all(said in page.text for said in ("pbs_7", "running", "60", "Worked in it", "<script>alert(1)"))
    assert "Worked elsewhere" not in page.text
    assert (await visitor.get("/browser-session/pbs_8")).status_code == 404
    assert (await (await visit("other-key")).get("/browser-session/pbs_7")).status_code == 404


@pytest.mark.parametrize(
    "path", ["/runs/tsk_1", "/tasks/tsk_1", "/runs/a/b", "/viewer/x", "/viewer/artifacts/a_1", "/tasks"]
)
async def test_what_is_not_there(path: str, visitor: httpx.AsyncClient):
    """An unknown address is a page that says so, with the headers of a page."""
    answer = await visitor.get(path)
    assert answer.status_code == 404
    assert "belongs to another API key" in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]


async def test_headers_of_pages(visitor: httpx.AsyncClient, make: Any):
    """Pages run no foreign script, stand in no frame and are kept by no cache."""
    run = make.run()
    for path in ("/runs", f"/runs/{run.run_id}", f"/viewer/live/runs/{run.run_id}"):
        headers = (await visitor.get(path)).headers
        (policy,) = headers.get_list("content-security-policy")
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers.get_list("x-frame-options") == ["DENY"]
        assert headers.get_list("x-content-type-options") == ["nosniff"]
        assert headers["cache-control"] == "private, no-store"
        assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("mock", [{"dialect": "oss"}, {"dialect": "cloud"}], indirect=True)
async def test_every_app_url_opens(mock: Any, visitor: httpx.AsyncClient):
    """What any answer calls app_url is the run's page, in both dialects, for both families of engines."""
    key = {"x-api-key": "test-key"}
    for engine in ("skyvern-1.0", "skyvern-2.0"):
        body = {"prompt": f"Look with {engine}", "url": "http://127.0.0.1:8000/", "engine": engine}
        created = (await visitor.post("/v1/run/tasks", json=body, headers=key)).json()
        current = (await visitor.get(f"/v1/runs/{created['run_id']}", headers=key)).json()
        for answer in (created, current):
            page = await visitor.get(answer["app_url"])
            assert page.status_code == 200
            assert f"Look with {engine}" in page.text


@pytest.mark.parametrize("mock", [{"public_url": "https://mock.example/skyvern"}], indirect=True)
async def test_links_below_a_path(visitor: httpx.AsyncClient, make: Any):
    """Behind a proxy that adds a path, every link of the page starts with that path."""
    run = make.run()
    page = Tags((await visitor.get(f"/runs/{run.run_id}")).text)
    for tag, attributes in page.tags:
        for name in ("href", "src", "action"):
            if str(attributes.get(name, "")).startswith("/"):
                assert str(attributes[name]).startswith("/skyvern/"), (tag, attributes)
