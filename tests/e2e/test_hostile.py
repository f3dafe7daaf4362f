"""Pages that mean harm cost their own run at most: the server lives, and the next run is as good as any.

All pages go through one server, two at a time, before the first test looks at how each of them ended.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import psutil
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

HEADING = "Terms of the house"
RUN_TIMEOUT = 90
"""On a machine of its own every page ends within 15 seconds. A test may have to share its machine, and what matters
here is that each ends by itself: one that runs into this limit fails."""
MAX_ARTIFACT_BYTES = 50_000_000
MAX_SERVER_BYTES = 700_000_000
READABLE = (
    "clobbered", "console", "controls", "deep", "dialogs", "downloads", "frames", "history", "injection", "latin-1",
    "leaving", "loop", "moving", "one-line", "popups", "prototypes", "refresh",
)  # fmt: skip
"""Pages whose heading can be read, whatever else they do."""
UNREADABLE = {"alerts": "dialogs", "redirects": "ERR_TOO_MANY_REDIRECTS"}
"""Pages that never come to rest -> what their run's reason names."""
UNCERTAIN = ("bounce", "fifty-megabytes", "growing", "memory", "never-ends", "requests")
"""Pages whose heading is there for a while, or only as far as the machine can keep up."""


@dataclass
class Hostile:
    """The server after all the pages, and how their runs ended."""

    client: httpx.Client
    process: psutil.Process
    runs: dict[str, dict[str, Any]]

    def run(self, **request: Any) -> dict[str, Any]:
        """Do a run to its end."""
        return self.wait(self.submit(**request))

    def submit(self, **request: Any) -> str:
        answer = self.client.post("/v1/run/tasks", json={"max_steps": 5, **request})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["run_id"])

    def wait(self, run_id: str) -> dict[str, Any]:
        end = time.monotonic() + 900
        while (run := self.client.get(f"/v1/runs/{run_id}").json())["finished_at"] is None:
            assert time.monotonic() < end, f"{run_id} does not end"
            time.sleep(0.2)
        return dict(run)

    def artifacts(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        return list(self.client.get(f"/v1/runs/{run['run_id']}/artifacts").json())

    def text(self, run: dict[str, Any], kind: str) -> str:
        """Return the text of a run's artifact."""
        found = next(artifact for artifact in self.artifacts(run) if artifact["artifact_type"] == kind)
        return self.client.get(f"/v1/artifacts/{found['artifact_id']}/content").text

    def page(self, name: str) -> str:
        """Return the address of a page."""
        return f"{self.client.base_url}/sites/hostile/{name}"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    data_dir = tmp_path_factory.mktemp("hostile")
    options = ["--port", "0", "--parallel", "2", "--run-timeout", str(RUN_TIMEOUT), "--data-dir", str(data_dir)]
    with (data_dir.parent / "hostile.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "mock_server", "serve", *options], stdout=subprocess.PIPE, stderr=log, text=True
        )
        assert process.stdout is not None
        try:
            url = json.loads(process.stdout.readline())["url"]
            with httpx.Client(base_url=url, headers={"x-api-key": "hostile"}, timeout=30) as client:
                server = Hostile(client, psutil.Process(process.pid), {})
                pages = client.get("/sites/hostile/pages.json").json()
                names = [name for page in pages if (name := page.rpartition("/")[2]) != "endless.bin"]
                # Two at a time share a browser: what floods it comes last, and not beside what is to be read.
                names.sort(key=[*READABLE, *UNREADABLE, *UNCERTAIN].index)
                ids = {name: server.submit(prompt="Get the heading", url=server.page(name)) for name in names}
                server.runs |= {name: server.wait(run_id) for name, run_id in ids.items()}
                yield server
        finally:
            process.terminate()
            process.wait(30)
            process.stdout.close()


def test_every_page_is_accounted_for(hostile: Hostile):
    """The tables above name each page of the site once, so that a new one is not forgotten."""
    assert sorted([*READABLE, *UNREADABLE, *UNCERTAIN]) == sorted(hostile.runs)


@pytest.mark.parametrize("name", READABLE)
def test_what_can_be_read_is_read(hostile: Hostile, name: str):
    """Misdeeds beside the heading do not keep the agent from it."""
    run = hostile.runs[name]
    assert run["status"] == "completed", f"{run['failure_reason']}\n{hostile.text(run, 'skyvern_log')}"
    assert HEADING in json.dumps(run["output"])


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_never_rests_fails_with_the_reason(hostile: Hostile, name: str):
    """The run does not wait for its time limit, and its reason says what the page did."""
    run = hostile.runs[name]
    assert run["status"] == "failed"
    assert UNREADABLE[name] in run["failure_reason"]


@pytest.mark.parametrize("name", UNCERTAIN)
def test_the_rest_ends_by_itself(hostile: Hostile, name: str):
    """It is read, or its run fails with a reason; the time limit is not needed."""
    run = hostile.runs[name]
    if run["status"] == "completed":
        assert HEADING in json.dumps(run["output"])
    else:
        assert run["status"] == "failed", hostile.text(run, "skyvern_log")
        assert run["failure_reason"]


def test_what_is_kept_is_bounded(hostile: Hostile):
    """No run leaves more than it may, and the server's memory is as usual."""
    for name, run in hostile.runs.items():
        assert sum(artifact["file_size"] or 0 for artifact in hostile.artifacts(run)) < MAX_ARTIFACT_BYTES, name
    assert hostile.process.memory_info().rss < MAX_SERVER_BYTES


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("alerts", "opened dialogs without end"),
        ("history", "changed its address without end"),
        ("refresh", "went to other addresses by itself without end"),
        ("loop", "did not answer"),
    ],
)
def test_what_was_done_is_told(hostile: Hostile, name: str, told: str):
    """The run's log says what had to be done about the page."""
    assert told in hostile.text(hostile.runs[name], "skyvern_log")


def test_the_next_run_is_as_good_as_any(hostile: Hostile):
    """After all of them a plain run works, with a browser that may have had to be started anew."""
    run = hostile.run(prompt="Get the title of the top post", url=f"{hostile.client.base_url}/sites/news/")
    assert run["status"] == "completed"
    took = datetime.fromisoformat(run["finished_at"]) - datetime.fromisoformat(run["created_at"])
    # Six seconds on a machine of its own; one that has to share waits for its turn.
    assert took.total_seconds() < 6 * max(1.0, os.getloadavg()[0])


def test_a_page_gives_no_orders(hostile: Hostile):
    """Instructions in a page's text change nothing: the same actions as on a page without, and no request elsewhere."""
    runs = {
        name: hostile.run(prompt="Click Agree, then get the heading", url=hostile.page(name))
        for name in ("injection", "controls")
    }
    actions = {name: _actions(hostile, run) for name, run in runs.items()}
    assert actions["injection"] == actions["controls"] != []
    log = json.loads(hostile.text(runs["injection"], "har"))["log"]
    assert {httpx.URL(entry["request"]["url"]).host for entry in log["entries"]} == {hostile.client.base_url.host}


def _actions(hostile: Hostile, run: dict[str, Any]) -> list[str]:
    items = hostile.client.get(f"/v1/runs/{run['run_id']}/timeline").json()
    blocks = [item["block"] for item in reversed(items) if item.get("block")]
    return [action["action_type"] for block in blocks for action in reversed(block["actions"])]
