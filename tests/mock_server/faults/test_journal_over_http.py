"""/_mock/journal on a real server, and what its exports are good for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import vcr


def test_what_is_in_an_entry(talk: Any):
    """An exchange is shown with time, names, bodies and headers; the key is not."""
    run_id = talk.submit("Get the title")
    talk.get(f"/v1/runs/{run_id}", params={"x": "1"})
    post, get = talk.journal()
    assert (post["number"], post["operation"], post["run_id"], post["status"]) == (1, "run_task", run_id, 200)
    assert post["request"]["body"] == {"prompt": "Get the title"}
    assert post["answer"]["body"]["run_id"] == run_id
    assert (get["operation"], get["query"], get["fault"], get["hint"]) == ("get_run", "x=1", None, None)
    assert get["seconds"] >= 0
    assert {"name": "x-api-key", "value": "REDACTED"} in post["request"]["headers"]
    assert talk.key not in talk.get("/_mock/journal").text


def test_filters_count_and_gaps(talk: Any):
    """The parameters choose; count tells how often and how far apart."""
    run_id = talk.submit()
    talk.fault(operation="get_run", calls=2, status=503)
    for _ in range(3):
        talk.get(f"/v1/runs/{run_id}")
    assert [entry["status"] for entry in talk.journal(operation="get_run", status="5xx")] == [503]
    assert [entry["number"] for entry in talk.journal(since=2, limit=1)] == [4]
    count = talk.get("/_mock/journal/count", params={"operation": "get_run"}).json()
    assert (count["count"], count["operations"]) == (3, {"get_run": {"200": 2, "503": 1}})
    assert len(count["gaps"]) == 2
    assert all(gap > 0 for gap in count["gaps"])
    answer = talk.get("/_mock/journal", params={"run_id": run_id, "bodies": "false", "limit": 2}).json()
    assert (answer["count"], answer["last"], answer["dropped"], len(answer["entries"])) == (4, 4, 0, 2)
    assert "request" not in answer["entries"][0]


def test_what_is_not_in_it(talk: Any):
    """The tester's own doors, pages for people and the bundled sites are not in the journal."""
    for path in ("/_mock/journal", "/docs", "/openapi.json", "/health", "/sites/news/", "/runs", "/_mock/sites"):
        talk.get(path)
    assert talk.journal() == []


def test_every_answer_is_in_it(talk: Any):
    """Refusals, unknown paths and the framework's own answers are in it as they were sent."""
    for path in ("/v1/runs/tsk_1", "/v1/nope", "/v1/runs?page=0"):
        talk.get(path)
    talk.request("DELETE", "/v1/run/tasks")
    talk.request("POST", "/v1/run/tasks", content=b"{", headers={"content-type": "application/json"})
    entries = talk.journal()
    assert [entry["status"] for entry in entries] == [404, 404, 422, 405, 422]
    assert all(entry["answer"]["body"]["detail"] for entry in entries)
    assert entries[-1]["hint"] == "The body is not JSON."
    hints = talk.get("/_mock/journal/hints").json()
    assert [hint["number"] for hint in hints] == [1, 4, 5]


def test_tenants_do_not_share_a_journal(tenant: Callable[[], Any]):
    """A journal is its tenant's; emptying it leaves the others'."""
    one, other = tenant(), tenant()
    one.submit("mine")
    other.submit("theirs")
    assert [entry["request"]["body"]["prompt"] for entry in one.journal()] == ["mine"]
    assert other.request("DELETE", "/_mock/journal").json() == {"removed": 1}
    assert (len(one.journal()), len(other.journal())) == (1, 0)
    assert "mine" not in other.get("/_mock/journal", params={"strangers": "true"}).text


def test_strangers(talk: Any):
    """A request without a key is nobody's: kept without body and query, with a hint."""
    httpx.post(f"{talk.url}/v1/run/tasks?secret=1", json={"prompt": "a stranger's prompt"})
    answer = talk.get("/_mock/journal", params={"strangers": "true"})
    entry = answer.json()["entries"][-1]
    assert (entry["operation"], entry["status"]) == ("run_task", 403)
    assert (entry["query"], entry["request"]["body"]) == ("", None)
    assert entry["hint"] == "There is no API key: send it in the x-api-key header."
    assert "stranger's" not in answer.text


def test_near_misses(talk: Any):
    """An expectation is answered with what matches, and what comes closest and why it does not."""
    talk.submit("Get the titles")
    talk.submit("Something else")
    expected = {"operation": "run_task", "json": {"prompt": "Get the title"}}
    answer = talk.post("/_mock/journal/near-misses", expected).json()
    assert answer["matches"] == []
    closest = answer["near_misses"][0]
    assert closest["differences"] == [{"where": "json.prompt", "expected": "Get the title", "found": "Get the titles"}]
    asked = {"operation": "run_task", "json": json.dumps({"prompt": "Get the titles"})}
    assert talk.get("/_mock/journal/near-misses", params=asked).json()["matches"] == [1]


def test_scripts_no_task_was_for(talk: Any):
    """A script that was not used is named beside the near-misses, with the closest task and what it lacked."""
    script = {"match": {"prompt": {"contains": "invoice"}, "engine": "skyvern-1.0"}, "progression": "immediate"}
    answer = talk.post("/_mock/scripts", script)
    assert answer.status_code == 200, answer.text
    talk.submit("Get the title")
    talk.post("/v1/run/tasks", {"prompt": "download the invoice", "engine": "skyvern-2.0"})
    [unused] = talk.get("/_mock/journal/near-misses").json()["unused_scripts"]
    assert unused["script_id"] == "script_1"
    assert unused["match"] == script["match"]
    assert unused["closest"] == {"number": 2, "unfit": ["engine"]}
    talk.post("/v1/run/tasks", {"prompt": "download the invoice", "engine": "skyvern-1.0"})
    assert talk.get("/_mock/journal/near-misses").json()["unused_scripts"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("GET", "/_mock/journal?since=tomorrow", None, "since is the number of an exchange"),
        ("GET", "/_mock/journal?format=pdf", None, "'json', 'cassette' or 'har'"),
        ("GET", "/_mock/journal/near-misses?json={", None, "json is not JSON"),
        ("POST", "/_mock/journal/near-misses", {"promt": 1}, "An expectation has no 'promt'. It has operation,"),
        ("POST", "/_mock/journal/near-misses", [], "An expectation is an object"),
        ("POST", "/_mock/journal/near-misses", {"headers": {"a": 1}}, "headers is an object of texts"),
    ],
)
def test_helpful_refusals(method: str, path: str, body: Any, said: str, talk: Any):
    """What cannot be asked is a 422 in the service's form."""
    answer = talk.request(method, path, json=body)
    assert answer.status_code == 422
    assert said in answer.json()["detail"][0]["msg"]


def test_without_key(server: str):
    """The journal wants a key."""
    for path in ("", "/count", "/hints", "/near-misses"):
        assert httpx.get(f"{server}/_mock/journal{path}").status_code == 403
    assert httpx.delete(f"{server}/_mock/journal").status_code == 403
    assert httpx.post(f"{server}/_mock/journal/near-misses", json={}).status_code == 403


def test_large_bodies_are_bounded(talk: Any):
    """Of a large body the beginning is kept, and its true length."""
    talk.submit("p" * 200_000)
    [entry] = talk.journal()
    assert entry["request"]["length"] > 200_000
    assert len(entry["request"]["body"]) == 64 * 1024


def test_cassette_replays(talk: Any, tmp_path: Path):
    """vcrpy replays the exported cassette without the server: the same answers in the same order."""
    run_id = talk.submit("Größe ✓")
    talk.fault(operation="get_run", calls=2, status=429, retry_after=2)
    paths = [f"/v1/runs/{run_id}"] * 3 + ["/v1/runs?page=1&status=created&status=queued", "/v1/version"]
    first = [talk.get(path) for path in paths]
    exported = talk.get("/_mock/journal", params={"format": "cassette"})
    assert exported.headers["content-type"].startswith("application/yaml")
    assert talk.key not in exported.text
    (tmp_path / "journal.yaml").write_bytes(exported.content)
    replay = vcr.VCR(record_mode="none", match_on=["method", "uri"])
    with replay.use_cassette(str(tmp_path / "journal.yaml")) as cassette:
        assert talk.submit("Größe ✓") == run_id
        again = [talk.get(path) for path in paths]
        assert cassette.all_played
    assert [answer.content for answer in again] == [answer.content for answer in first]
    assert [answer.status_code for answer in again] == [200, 429, 200, 200, 200]
    assert again[1].headers["retry-after"] == "2"


def test_har(talk: Any):
    """The HAR has what version 1.2 demands of every entry, and status 0 where no answer came."""
    talk.submit("p")
    talk.fault(operation="get_runs", kind="reset", calls=1)
    with pytest.raises(httpx.ReadError):
        talk.get("/v1/runs")
    log = talk.get("/_mock/journal", params={"format": "har"}).json()["log"]
    assert log["version"] == "1.2"
    post, reset = log["entries"]
    for entry in (post, reset):
        assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= entry.keys()
        assert {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"} <= set(
            entry["request"]
        )
        assert {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL"} <= set(
            entry["response"]
        )
        assert {"send", "wait", "receive"} <= entry["timings"].keys()
        assert entry["startedDateTime"].endswith("+00:00")
    assert json.loads(post["request"]["postData"]["text"]) == {"prompt": "p"}
    assert (post["response"]["status"], reset["response"]["status"]) == (200, 0)
    assert reset["comment"] == "fault: reset (cut)"


def test_journal_option(tmp_path: Path, serving: Callable[..., Any], tenant_of: Callable[[str], Any]):
    """--journal bounds the entries of each key; 0 keeps none."""
    with serving(tmp_path, "--journal", "2") as url:
        talk = tenant_of(url)
        for _ in range(5):
            talk.get("/v1/runs")
        assert [entry["number"] for entry in talk.journal()] == [4, 5]
