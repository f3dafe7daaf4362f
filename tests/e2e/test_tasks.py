"""Sixty tasks on the bundled sites through the public API, one server, a real browser: each as expected, twice.

One test, because the tasks share a server and a browser and are done several at a time.
"""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.e2e.tasks import TASKS, Case, Truth

AT_A_TIME = 4
"""More than the server does at once, so that it never waits for us."""
PATIENCE = 900.0
"""For one task on a machine shared with others; alone it takes about a second."""
CHANGING = re.compile(r"(?:created|modified|started|finished|queued|expires)_at$|_ms$|^duration$")
"""Fields that tell when and where, not what."""
IDS = re.compile(r"\b(?:[a-z]{1,5}(?:_v\d)?_[0-9A-Za-z]{12,}|\d{15,})\b")
MOMENTS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)?")
LENGTHS = re.compile(r"\b\d+(?:\.\d+)? (?:ms|s|seconds?)\b")


class Api:
    """The server under one key."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, headers={"x-api-key": key}, timeout=120)

    def truth(self) -> Truth:
        """What the sites say about themselves."""
        names = [site["name"] for site in self.http.get("/_mock/sites").json()]
        return {name: self.http.get(f"/sites/{name}/data.json").json() for name in names}

    def do(self, case: Case) -> dict[str, Any]:
        """Do a task to its end; return the run and the text of its last page."""
        body = {"prompt": case.prompt, "url": case.address or f"{self.url}/sites/{case.at}", **case.request}
        answer = self.http.post("/v1/run/tasks", json=body)
        assert answer.status_code == 200, answer.text
        address = f"/v1/runs/{answer.json()['run_id']}"
        end = time.monotonic() + PATIENCE
        run = self.http.get(address).json()
        canceled = False
        while run["finished_at"] is None:
            assert time.monotonic() < end, f"{case.name} does not end"
            if case.cancel and not canceled and _is_acting(self.http.get(f"{address}/timeline").json()):
                self.http.post(f"{address}/cancel").raise_for_status()
                canceled = True
            time.sleep(0.05)
            run = self.http.get(address).json()
        artifacts = self.http.get(f"{address}/artifacts").json()
        pages = [artifact for artifact in artifacts if artifact["artifact_type"].startswith("html_")]
        content = self.http.get(f"/v1/artifacts/{pages[-1]['artifact_id']}/content").text if pages else ""
        return {"run": run, "page": _text(content)}


@contextmanager
def tenant(url: str, key: str) -> Iterator[Api]:
    api = Api(url, key)
    yield api
    api.http.close()


def _is_acting(timeline: list[dict[str, Any]]) -> bool:
    """Whether the run waits, as its prompt says."""
    return '"wait"' in json.dumps(timeline)


def _text(page: str) -> str:
    bare = re.sub(r"(?s)<(script|style|template)\b.*?</\1>", " ", page)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def wrong(case: Case, told: dict[str, Any], truth: Truth) -> list[str]:
    """What is not as the table says."""
    run, found = told["run"], []
    if run["status"] != case.status:
        found.append(f"{run['status']} instead of {case.status}: {run['failure_reason']}")
    if case.reason not in (run["failure_reason"] or ""):
        found.append(f"the reason does not name {case.reason!r}: {run['failure_reason']}")
    if case.output is not None and run["output"] != (wanted := case.output(truth)):
        found.append(f"output {run['output']!r} instead of {wanted!r}")
    codes = [error["error_code"] for error in run["errors"] or []]
    if codes != list(case.codes):
        found.append(f"error codes {codes} instead of {list(case.codes)}")
    files = [file["filename"] for file in run["downloaded_files"] or []]
    if case.files is not None and files != (names := case.files(truth)):
        found.append(f"downloaded {files} instead of {names}")
    at = 0
    for text in case.shows(truth) if case.shows else []:
        if (place := told["page"].find(text, at)) < 0:
            found.append(f"the last page does not show {text!r} (in its place): {told['page'][:500]}")
            break
        at = place + len(text)
    return found


def normal(value: Any, ids: dict[str, str]) -> Any:
    """The value without what differs from run to run: ids by their order, no times, no addresses of files."""
    if isinstance(value, dict):
        return {key: normal(entry, ids) for key, entry in value.items() if not CHANGING.search(key)}
    if isinstance(value, list):
        return [normal(entry, ids) for entry in value]
    if not isinstance(value, str):
        return value
    value = LENGTHS.sub("<time>", MOMENTS.sub("<moment>", value))
    return IDS.sub(lambda match: ids.setdefault(match[0], f"<id {len(ids)}>"), value)


def ending(told: dict[str, Any]) -> Any:
    """What two passes must agree on."""
    names = ("status", "output", "failure_reason", "errors")
    files = [file["filename"] for file in told["run"]["downloaded_files"] or []]
    return normal([{name: told["run"][name] for name in names}, files], {})


def difference(one: Any, other: Any, path: str = "") -> str:
    """Where two values differ first."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return next((found for key in one if (found := difference(one[key], other[key], f"{path}.{key}"))), "")
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return next((found for index, pair in pairs if (found := difference(*pair, f"{path}[{index}]"))), "")
    return "" if one == other else f"{path}: {str(one)[:300]!r} and then {str(other)[:300]!r}"


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_tasks_end_as_the_table_says_and_the_same_way_twice(unfilmed):
    """Status, output, files, codes and what the site received are right; a second pass ends the same to the letter."""
    with (
        tenant(unfilmed.url, unfilmed.api_key) as first,
        tenant(unfilmed.url, f"{unfilmed.api_key}-again") as second,
    ):
        truth = first.truth()
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            passes = [list(pool.map(api.do, TASKS)) for api in (first, second)]
    failures = [
        f"{case.name}: {'; '.join(found)}"
        for done in passes
        for case, told in zip(TASKS, done, strict=True)
        if (found := wrong(case, told, truth))
    ]
    changes = [
        f"{case.name}: {found}"
        for case, one, other in zip(TASKS, *passes, strict=True)
        if (found := difference(ending(one), ending(other)))
    ]
    assert not failures, "\n".join([f"{len(failures)} of {len(TASKS)} tasks are not as expected:", *failures])
    assert not changes, "\n".join([f"{len(changes)} of {len(TASKS)} tasks did not go the same way again:", *changes])
    assert len(TASKS) >= 60
