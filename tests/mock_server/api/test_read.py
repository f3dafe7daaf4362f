"""GET /v1/runs/{run_id}: what it says as the run goes on, and when an answer is given again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from mock_server.api.cache import AnswerCache
from mock_server.api.wire import Answer
from mock_server.engine.lifecycle import advance


async def test_new_planner_run(client: httpx.AsyncClient, submit: Callable[..., Any]):
    """Before the first step, lists are empty rather than null, there is no screenshot, later times are null."""
    run = await submit()
    body = (await client.get(f"/v1/runs/{run.run_id}")).json()
    assert (body["errors"], body["downloaded_files"], body["screenshot_urls"], body["step_count"]) == ([], [], None, 0)
    assert (body["queued_at"], body["started_at"]) == ("2026-11-21T12:00:00.123456", None)
    assert (await client.get(f"/v1/runs/{run.workflow_run_id}")).json() == body


async def test_unknown_run(client: httpx.AsyncClient):
    """Any unknown id is a 404 that repeats it, whatever it looks like, percent-decoded."""
    for path, name in (("tsk_1", "tsk_1"), ("!!!bad%20id", "!!!bad id"), ("cancel", "cancel"), ("ü", "ü")):
        answer = await client.get(f"/v1/runs/{path}")
        assert (answer.status_code, answer.json()) == (404, {"detail": f"Task run not found {name}"})


async def test_answer_follows_the_run(client: httpx.AsyncClient, services: Any, submit: Callable[..., Any]):
    """Every saved change is in the next answer, in between the same bytes are sent."""
    run = await submit()
    path = f"/v1/runs/{run.run_id}"
    seen = [(await client.get(path)).content]
    for status in ("running", "completed"):
        details = {"output": {"title": "T"}} if status == "completed" else {}
        advance(run, status, services.clock.now() + timedelta(seconds=1), **details)
        services.store.save_run(run)
        answer = await client.get(path)
        assert answer.json()["status"] == status
        assert answer.content == (await client.get(path)).content
        seen.append(answer.content)
    assert len(set(seen)) == 3
    assert answer.json()["output"] == {"title": "T"}


async def test_answer_follows_the_artifacts(
    client: httpx.AsyncClient, submit: Callable[..., Any], keep: Callable[..., Any]
):
    """Recording, screenshots and downloads are in the answer as soon as they are stored."""
    run = await submit()
    path = f"/v1/runs/{run.run_id}"
    assert (await client.get(path)).json()["recording_url"] is None
    recording = keep(run, "recording")
    download = keep(run, "download", b"a,b", filename="Invoice é.csv")
    body = (await client.get(path)).json()
    assert body["recording_url"].startswith(f"http://127.0.0.1:8000/v1/artifacts/{recording.artifact_id}/content?")
    (file,) = body["downloaded_files"]
    assert list(file) == ["url", "checksum", "filename", "file_size", "modified_at", "artifact_id"]
    assert (file["filename"], file["file_size"], file["artifact_id"]) == ("Invoice é.csv", 3, download.artifact_id)
    assert (await client.get(file["url"], headers={"x-api-key": ""})).content == b"a,b"


async def test_screenshots_newest_first(
    client: httpx.AsyncClient, submit: Callable[..., Any], keep: Callable[..., Any]
):
    """A planner run shows its last three, the final one in front; a step run shows those of actions only."""
    for engine, expected in (("skyvern-2.0", [5, 4, 3]), ("skyvern-1.0", [4, 3, 2])):
        run = await submit(engine=engine)
        kinds = ["screenshot_llm", "screenshot_action", "screenshot_action", "screenshot_action", "screenshot_action"]
        shots = [keep(run, kind) for kind in [*kinds, "screenshot_final"]]
        urls = (await client.get(f"/v1/runs/{run.run_id}")).json()["screenshot_urls"]
        assert [url.split("/")[5] for url in urls] == [shots[number].artifact_id for number in expected]


async def test_links_in_an_answer_are_always_good(
    client: httpx.AsyncClient, submit: Callable[..., Any], keep: Callable[..., Any], clock: Any
):
    """An answer that is given again never holds a link that is about to expire, though nothing else has changed."""
    run = await submit()
    keep(run, "recording")
    path = f"/v1/runs/{run.run_id}"
    for _ in range(10):
        link = (await client.get(path)).json()["recording_url"]
        clock.move(600)
        assert (await client.get(link, headers={"x-api-key": ""})).status_code == 200


@pytest.mark.parametrize("mock", [{"dialect": "oss"}], indirect=True)
async def test_self_hosted_links_are_files(
    client: httpx.AsyncClient, submit: Callable[..., Any], keep: Callable[..., Any], services: Any
):
    """In the oss dialect links are the files' own addresses, and a step run's page moves to /tasks/."""
    run = await submit(engine="skyvern-1.0")
    record = keep(run, "recording")
    body = (await client.get(f"/v1/runs/{run.run_id}")).json()
    assert body["recording_url"] == services.artifacts.path(record).as_uri()
    assert body["app_url"] == f"http://127.0.0.1:8000/tasks/{run.run_id}"


async def test_forgotten_and_read_again(client: httpx.AsyncClient, services: Any, submit: Callable[..., Any]):
    """A run that fell out of the store's memory is answered from disk, as it is there."""
    run = await submit()
    path = f"/v1/runs/{run.run_id}"
    before = (await client.get(path)).json()
    services.store._hot.clear()
    services.store._alias.clear()
    services.store._connection.execute("UPDATE runs SET status = 'running' WHERE run_id = ?", (run.run_id,))
    assert (await client.get(path)).json() == {**before, "status": "running"}


def test_cache_is_bounded():
    """The cache keeps a bounded number of answers and none that are huge; it makes anew what it dropped."""
    cache = AnswerCache(60)
    for number in range(4000):
        cache.get(str(number), 1, 0.0, lambda: Answer(200, b"small"))
    assert len(cache) < 3000
    made = []

    def huge() -> Answer:
        made.append(1)
        return Answer(200, b"x" * 1_000_000)

    for _ in range(3):
        cache.get("huge", 1, 0.0, huge)
    assert len(made) == 3
