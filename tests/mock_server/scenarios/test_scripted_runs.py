"""A scripted run goes the way its script says, by polls, by time and by hand, and ends as it says."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import Any

import httpx
import pytest

from mock_server.artifacts.kinds import KINDS
from mock_server.engine.lifecycle import FINAL, NEEDS_REASON

Stage = Any
"""What ``conftest`` makes; a test module cannot import it."""
START = "2026-03-01T12:00:00"

ENGINES = ["skyvern-1.0", "skyvern-2.0", "openai-cua"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("status", sorted(FINAL))
async def test_every_ending(stage: Stage, status: str, engine: str):
    """A run ends as scripted, with a reason where one is due, its times in order, and its output if it has one."""
    output = {"title": "Hello"} if status == "completed" else None
    ending = {"status": status, "output": output, "step_count": 4, "errors": [{"error_code": "none_left"}]}
    run_id = await stage.submit({"ending": ending}, engine=engine)
    run = await stage.run(run_id)
    assert (run["status"], run["output"], run["step_count"]) == (status, output, 4)
    assert bool(run["failure_reason"]) == (status in NEEDS_REASON)
    assert [error["error_code"] for error in run["errors"]] == ["none_left"]
    times = [run[name] for name in ("created_at", "queued_at", "started_at", "finished_at")]
    assert None not in times or (status == "canceled" and run["started_at"] is None)
    assert [time for time in times if time] == sorted(time for time in times if time)
    assert (await stage.listed(run_id))["status"] == status
    assert stage.webhooks == [(run_id, status)]


@pytest.mark.parametrize("engine", ENGINES)
async def test_polls_move_a_run(stage: Stage, engine: str):
    """polls=3 shows the unfinished run to exactly three polls, queued once; the list does not count."""
    run_id = await stage.submit(headers={"x-mock-progression": "polls=3"}, engine=engine)
    for _ in range(3):
        await stage.ok("GET", "/v1/runs")
    assert await stage.statuses(run_id, 5) == ["queued", "running", "running", "completed", "completed"]


async def test_two_runs_have_two_states(stage: Stage):
    """Runs of one script polled in turn go on independently: the state belongs to the run."""
    runs = [await stage.submit(headers={"x-mock-progression": "polls=2"}) for _ in range(2)]
    seen = [await stage.statuses(run_id, 1) for run_id in runs * 3]
    assert [status for (status,) in seen] == ["queued", "queued", "running", "running", "completed", "completed"]


async def test_seconds_move_a_run_at_their_exact_times(stage: Stage):
    """Phases of seconds begin and end to the microsecond on virtual time, polled or not, and the webhook goes out."""
    await stage.freeze()
    phases = [{"status": "queued", "seconds": 30}, {"status": "running", "seconds": 60.5}]
    run_id = await stage.submit({"phases": phases})
    await stage.advance(29.999)
    assert (await stage.run(run_id))["status"] == "queued"
    await stage.advance(3600)
    assert stage.webhooks == [(run_id, "completed")]
    run = await stage.run(run_id)
    began = datetime.fromisoformat(START)
    times = [(datetime.fromisoformat(run[name]) - began).total_seconds() for name in ("started_at", "finished_at")]
    assert times == [30, 90.5]


async def test_real_seconds_pass_without_polls(stage: Stage):
    """On real time a run ends by itself, and its webhook goes out, though nobody asks for it."""
    run_id = await stage.submit(headers={"x-mock-progression": "seconds=0.05"})
    async with asyncio.timeout(10):
        while not stage.webhooks:
            await stage.tenant.clock.sleep(0.01)
    run = await stage.run(run_id)
    took = datetime.fromisoformat(run["finished_at"]) - datetime.fromisoformat(run["created_at"])
    assert run["status"] == "completed"
    assert 0.05 <= took.total_seconds() < 1


async def test_a_run_is_moved_by_hand(stage: Stage):
    """A manual run stays until it is advanced, phase by phase, to its end; then there is nothing to go on to."""
    run_id = await stage.submit(headers={"x-mock-progression": "manual"})
    seen = []
    for _ in range(2):
        seen += await stage.statuses(run_id, 2)
        seen.append((await stage.ok("POST", f"/_mock/runs/{run_id}/advance"))["status"])
    assert seen == ["queued", "queued", "running", "running", "running", "completed"]
    refused = await stage.client.post(f"/_mock/runs/{run_id}/advance")
    assert (refused.status_code, "completed" in refused.json()["detail"]) == (409, True)


async def test_a_run_is_given_a_status_by_hand(stage: Stage):
    """By hand a run is paused, resumed and ended with its own reason; what cannot follow is refused, without effect."""
    run_id = await stage.submit(headers={"x-mock-progression": "manual"})
    path = f"/_mock/runs/{run_id}/advance"
    for status in ("running", "paused", "running"):
        assert (await stage.ok("POST", path, json={"status": status}))["status"] == status
    refused = await stage.client.post(path, json={"status": "queued"})
    assert (refused.status_code, "unchecked" in refused.json()["detail"]) == (409, True)
    assert (await stage.run(run_id))["status"] == "running"
    await stage.ok("POST", path, json={"status": "failed", "failure_reason": "The shop is closed."})
    run = await stage.run(run_id)
    assert (run["status"], run["failure_reason"]) == ("failed", "The shop is closed.")
    final = await stage.client.post(path, json={"status": "running"})
    assert final.status_code == 409


async def test_a_run_the_agent_does_cannot_be_advanced(stage: Stage):
    """Advancing a run without a script says why not and how to script one."""
    run_id = await stage.submit()
    refused = await stage.client.post(f"/_mock/runs/{run_id}/advance")
    assert refused.status_code == 409
    assert "x-mock-progression: manual" in refused.json()["detail"]


@pytest.mark.parametrize("status", ["paused", "running", "queued"])
async def test_a_run_that_never_ends(stage: Stage, status: str):
    """An ending that is not final is where the run stays, however long one waits; it can still be canceled."""
    await stage.freeze()
    run_id = await stage.submit({"phases": [{"status": "queued", "polls": 1}], "ending": {"status": status}})
    assert await stage.statuses(run_id, 3) == ["queued", status, status]
    await stage.advance(86_400)
    run = await stage.run(run_id)
    assert (run["status"], run["finished_at"]) == (status, None)
    await stage.ok("POST", f"/v1/runs/{run_id}/cancel")
    assert (await stage.run(run_id))["status"] == "canceled"


async def test_statuses_nobody_knows(stage: Stage):
    """An unchecked script shows any text as status, and the run is over when it ends with one."""
    script = {"unchecked": True, "phases": [{"status": "warming_up", "polls": 1}], "ending": {"status": "exploded"}}
    run_id = await stage.submit(script)
    first, second = await stage.run(run_id), await stage.run(run_id)
    assert (first["status"], first["finished_at"]) == ("warming_up", None)
    assert second["status"] == "exploded"
    assert second["finished_at"] is not None


async def test_a_run_with_a_status_nobody_knows_can_be_stopped(stage: Stage):
    """Such a run is canceled while it goes on, left alone when it is over, and gone after a reset."""
    script = {"unchecked": True, "phases": [{"status": "warming_up", "manual": True}], "ending": {"status": "exploded"}}
    going_on, over = await stage.submit(script), await stage.submit({**script, "phases": []})
    for run_id in (going_on, over):
        await stage.ok("POST", f"/v1/runs/{run_id}/cancel")
    assert (await stage.run(going_on))["status"] == "canceled"
    assert (await stage.run(over))["status"] == "exploded"
    await stage.submit(script)
    await stage.ok("POST", "/_mock/reset")
    assert await stage.ok("GET", "/v1/runs") == []


async def test_illegal_ways_need_the_one_door(stage: Stage):
    """A finished run that goes on running is refused in a script, and done if the script is unchecked."""
    script = {"phases": [{"status": "completed", "polls": 1}, {"status": "running", "polls": 1}]}
    refused = await stage.client.post("/_mock/scripts", json=script)
    assert refused.status_code == 422
    assert "unchecked" in refused.json()["detail"][0]["msg"]
    run_id = await stage.submit({**script, "unchecked": True})
    assert await stage.statuses(run_id, 3) == ["completed", "running", "completed"]


async def test_headers_script_a_run(stage: Stage):
    """Progression, ending and a whole script can be said in the headers of the request alone."""
    end = 'failed; reason=The shop; is closed.; output={"a": 1}; steps=7'
    run = await stage.run(await stage.submit(headers={"x-mock-end": "terminated; reason=No; really.; steps=7"}))
    assert (run["status"], run["failure_reason"], run["step_count"]) == ("terminated", "No; really.", 7)
    run = await stage.run(await stage.submit(headers={"x-mock-end": end}))
    assert (run["failure_reason"], run["output"]) == ("The shop; is closed.", {"a": 1})
    whole = json.dumps({"progression": "polls=1", "ending": {"output": ["é"]}})
    run_id = await stage.submit(headers={"x-mock-script": whole, "x-mock-progression": "immediate"})
    assert (await stage.run(run_id))["output"] == ["é"]


async def test_the_agent_is_asked_for_by_header(stage: Stage):
    """x-mock-progression: agent leaves a task to the agent though a script fits it."""
    await stage.ok("POST", "/_mock/scripts", json={"progression": "immediate"})
    run_id = await stage.submit(headers={"x-mock-progression": "agent"})
    assert (await stage.run(run_id))["status"] == "queued"


@pytest.mark.parametrize(
    ("header", "value", "hint"),
    [
        ("x-mock-progression", "poll=2", "polls=N"),
        ("x-mock-progression", "polls=-1", "seconds=T"),
        ("x-mock-end", "", "write a status"),
        ("x-mock-end", "weird", "unchecked"),
        ("x-mock-end", "completed; output={", "no JSON"),
        ("x-mock-end", "completed; reason=why", "failure_reason"),
        ("x-mock-end", "failed; colour=red", "write a status"),
        ("x-mock-script", "{", "no JSON"),
        ("x-mock-script", "[]", "Script"),
        ("x-mock-script", '{"ending": {"state": "failed"}}', "Extra inputs"),
        ("x-mock-script", '{"phases": [{"status": "running"}]}', "exactly one"),
    ],
)
async def test_headers_that_make_no_sense(stage: Stage, header: str, value: str, hint: str):
    """A header that cannot be understood is a 422 in the service's form that names it and helps; no run is made."""
    answer = await stage.client.post("/v1/run/tasks", json={"prompt": "x"}, headers={header: value})
    assert answer.status_code == 422
    fault = answer.json()["detail"][0]
    assert fault["loc"][:2] == ["header", header]
    assert hint in fault["msg"]
    assert await stage.ok("GET", "/v1/runs") == []


async def test_scripts_are_tried_in_order(stage: Stage):
    """The first script that fits and has room is followed: by prompt, url, title, engine and place in the order."""
    await stage.ok(
        "POST",
        "/_mock/scripts",
        json=[
            {"name": "second", "match": {"order": 2}, "ending": {"output": "second"}},
            {"name": "prompt", "match": {"prompt": "INVOICE"}, "times": 1, "ending": {"output": "prompt"}},
            {"name": "url", "match": {"url": {"regex": r":\d+/cart$"}}, "ending": {"output": "url"}},
            {"name": "engine", "match": {"engine": "ui-tars", "title": {"exact": "T"}}, "ending": {"output": "engine"}},
            {"name": "rest", "ending": {"output": "rest"}},
        ],
    )
    tasks: list[dict[str, Any]] = [
        {"prompt": "get the invoice"},
        {"prompt": "get the invoice"},
        {"prompt": "get the invoice"},
        {"url": "http://127.0.0.1:9/cart"},
        {"engine": "ui-tars", "title": "T"},
        {"engine": "ui-tars", "title": "t"},
    ]
    outputs = [(await stage.run(await stage.submit(**task)))["output"] for task in tasks]
    assert outputs == ["prompt", "second", "rest", "url", "engine", "rest"]
    used = {entry["script"]["name"]: entry["used"] for entry in await stage.ok("GET", "/_mock/scripts")}
    assert used == {"second": 1, "prompt": 1, "url": 1, "engine": 1, "rest": 2}


async def test_downloads_and_artifacts(stage: Stage):
    """A run leaves the files its script gives, with their bytes, and a real one of every other type."""
    downloads = {"a.pdf": "%PDF", "b.bin": {"base64": "AAEC"}, "c.txt": {"size": 100}}
    run_id = await stage.submit({"downloads": downloads, "artifacts": "all"})
    run = await stage.run(run_id)
    files = {file["filename"]: file for file in run["downloaded_files"]}
    contents = {name: (await stage.client.get(file["url"])).content for name, file in files.items()}
    assert (contents["a.pdf"], contents["b.bin"], len(contents["c.txt"])) == (b"%PDF", b"\0\1\2", 100)
    assert {record["artifact_type"] for record in await stage.ok("GET", f"/v1/runs/{run_id}/artifacts")} == set(KINDS)
    recording = await stage.client.get(run["recording_url"], headers={"range": "bytes=0-3"})
    assert (recording.status_code, recording.content) == (206, b"\x1aE\xdf\xa3")
    assert len(run["screenshot_urls"]) == 2


async def test_a_recording_that_appears_late(stage: Stage):
    """An artifact scripted to come after the end is missing in the finished run and there when its time has come."""
    await stage.freeze()
    late = [{"type": "recording", "after": {"seconds": 5}}, {"type": "har", "after": {"polls": 2}}]
    run_id = await stage.submit({"artifacts": late})
    kinds = []
    for seconds in (0, 4, 1, 0):
        await stage.advance(seconds)
        run = await stage.run(run_id)
        listed = await stage.ok("GET", f"/v1/runs/{run_id}/artifacts")
        kinds.append((bool(run["recording_url"]), sorted(record["artifact_type"] for record in listed)))
    assert kinds == [(False, []), (False, []), (True, ["har", "recording"]), (True, ["har", "recording"])]


@pytest.mark.parametrize("by", ["client", "script"])
async def test_canceled_turns_completed(stage: Stage, by: str):
    """A canceled run completes after all if its script says so; finished_at stays, the webhook goes out again."""
    await stage.freeze()
    script: dict[str, Any] = {"late_success": {"after": 10, "output": {"late": True}}}
    if by == "script":
        run_id = await stage.submit({**script, "ending": {"status": "canceled"}})
    else:
        run_id = await stage.submit({**script, "progression": "manual"})
        await stage.ok("POST", f"/v1/runs/{run_id}/cancel")
    canceled = await stage.run(run_id)
    await stage.advance(10)
    completed = await stage.run(run_id)
    assert (canceled["status"], canceled["output"]) == ("canceled", None)
    assert (completed["status"], completed["output"]) == ("completed", {"late": True})
    assert completed["finished_at"] == canceled["finished_at"] < completed["modified_at"]
    assert stage.webhooks == [(run_id, "canceled"), (run_id, "completed")]


async def test_list_and_detail_disagree(stage: Stage):
    """The list shows the old status for as many answers, or seconds, as the script says; the detail does not."""
    await stage.freeze()
    by_polls = await stage.submit({"list_lag": {"status": "queued", "polls": 2}})
    by_time = await stage.submit({"list_lag": {"seconds": 30}})
    seen = []
    for seconds in (0, 29, 1):
        await stage.advance(seconds)
        seen.append(((await stage.listed(by_polls))["status"], (await stage.listed(by_time))["status"]))
        assert (await stage.run(by_time))["status"] == "completed"
    # Each look at the list shows both runs.
    assert seen == [("queued", "running"), ("completed", "running"), ("completed", "completed")]
    assert (await stage.listed(by_time))["finished_at"] == (await stage.run(by_time))["finished_at"]


@pytest.mark.parametrize(("webhook", "times"), [(False, 0), (True, 1), (3, 3), ({"times": 2}, 2)])
async def test_how_often_the_webhook_goes_out(stage: Stage, webhook: Any, times: int):
    """The end of a run is told as often as the script says, also when a client cancels it."""
    ended = await stage.submit({"webhook": webhook})
    canceled = await stage.submit({"webhook": webhook, "progression": "manual"})
    await stage.ok("POST", f"/v1/runs/{canceled}/cancel")
    assert stage.webhooks == [(ended, "completed")] * times + [(canceled, "canceled")] * times


@pytest.mark.parametrize("status", ["completed", "failed", "terminated", "timed_out", "canceled"])
async def test_a_plausible_timeline(stage: Stage, status: str):
    """A generated timeline has a plan first, then a block with its actions that ends as the run does."""
    run_id = await stage.submit({"phases": [{"status": "running", "polls": 1}], "ending": {"status": status}})
    assert [item["type"] for item in await stage.ok("GET", f"/v1/runs/{run_id}/timeline")] == ["thought"]
    await stage.statuses(run_id, 2)
    block, thought = await stage.ok("GET", f"/v1/runs/{run_id}/timeline")
    assert thought["thought"]["thought_type"] == "plan"
    assert block["block"]["status"] == status
    assert block["block"]["actions"][-1]["action_type"] == "goto_url"


async def test_a_given_timeline(stage: Stage):
    """A timeline that is given is shown with its words, completed to whole wire objects."""
    timeline = [
        {"thought": {"thought": "I should look at the list."}},
        {
            "block": {
                "label": "look",
                "status": "completed",
                "actions": [{"action_type": "click"}, {"action_type": "scroll"}],
            }
        },
    ]
    run_id = await stage.submit({"timeline": timeline})
    items = await stage.ok("GET", f"/v1/runs/{run_id}/timeline")
    (block,) = [item["block"] for item in items if item["type"] == "block"]
    (thought,) = [item["thought"] for item in items if item["type"] == "thought"]
    assert (block["label"], [action["action_type"] for action in block["actions"]]) == ("look", ["scroll", "click"])
    assert thought["thought"] == "I should look at the list."
    assert await stage.ok("GET", f"/v1/runs/{await stage.submit({'timeline': 'none'})}/timeline") == []


@pytest.mark.parametrize("stage", [{"dialect": "oss"}], indirect=True)
async def test_the_self_hosted_dialect_does_not_queue(stage: Stage):
    """Where step-engine runs are never queued, a scripted one is not either unless its script says so."""
    run_id = await stage.submit(headers={"x-mock-progression": "immediate"}, engine="skyvern-1.0")
    assert (await stage.run(run_id))["queued_at"] is None


async def test_a_file_too_large_to_keep_fails_the_run(stage: Stage):
    """A run whose scripted file cannot be stored ends failed with the reason, as one of the agent does."""
    stage.composition.services.artifacts._limit = 10
    run = await stage.run(await stage.submit({"downloads": {"big": {"size": 11}}}))
    assert run["status"] == "failed"
    assert "11 bytes" in run["failure_reason"]


async def test_list_can_count_as_poll(stage: Stage):
    """A script may let answers of the list move its run as polls do, for clients that only look at the list."""
    run_id = await stage.submit({"progression": "polls=2", "list_counts_as_poll": True})
    assert [(await stage.listed(run_id))["status"] for _ in range(3)] == ["queued", "running", "completed"]


async def test_other_keys_have_other_scripts(stage: Stage):
    """A script is for the runs of the key that laid it ready only."""
    await stage.ok("POST", "/_mock/scripts", json={"progression": "immediate"})
    async with stage.client_of("other") as other:
        assert (await other.get("/_mock/scripts")).json() == []
        run_id = (await other.post("/v1/run/tasks", json={"prompt": "x"})).json()["run_id"]
        assert (await other.get(f"/v1/runs/{run_id}")).json()["status"] == "queued"
        assert isinstance(other, httpx.AsyncClient)
