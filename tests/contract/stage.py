"""A server put into the state in which a recorded request found the real one.

Owns: making what the request's path and body name, and translating the recorded ids into those made here. What only
a page or a model could have said (outputs, reasons, errors) is taken over from the recording; the forms are the
server's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx

from mock_server.agent.events import (
    Action,
    ActionFinished,
    ActionStarted,
    BlockClosed,
    BlockOpened,
    StepOpened,
    Thought,
)
from mock_server.artifacts.kinds import KINDS
from mock_server.artifacts.writer import Belonging
from mock_server.engine.block_events import WorkflowBlockOpened
from mock_server.engine.lifecycle import FINAL, NEEDS_REASON, advance
from mock_server.engine.timeline import Timeline
from mock_server.store.records import RunRecord

ENGINES = {
    "task_v1": "skyvern-1.0",
    "task_v2": "skyvern-2.0",
    "task_v3": "skyvern-3.0",
    "openai_cua": "openai-cua",
    "anthropic_cua": "anthropic-cua",
    "yutori_navigator": "yutori-navigator",
}
RECEIVER = "http://127.0.0.1:9/"
STEP = "stp_599640413222917560"

_ID = re.compile(r"\b(tsk_v2|tsk|wr|wpid|pbs|a)_(\d{17,19})\b")
_REFUSED_CANCEL = re.compile(r"transition (?:from (\w+) )?to canceled")


class Stage:
    """Makes what one exchange needs. ``agent`` is the recorded definition of the workflow that was run."""

    def __init__(self, seeds: Any, client: httpx.AsyncClient, agent: dict[str, Any]) -> None:
        self._seeds = seeds
        self._services = seeds.services
        self._client = client
        self._agent = agent
        self.ids: dict[str, str] = {}
        """Recorded id -> id here."""

    async def set_for(self, exchange: dict[str, Any]) -> None:
        """Make everything the request names."""
        request, body = exchange["request"], _json(exchange["response"]["body"])
        named = list(_ids(request["path"], request["query"], _text(request["body"])))
        for prefix, whole in dict.fromkeys(named):
            if prefix in ("tsk", "tsk_v2", "wr"):
                await self._run(whole, exchange, body)
            elif prefix == "wpid":
                self.ids[whole] = (await self._client.post("/v1/agents", json=self._agent)).json()["agent_id"]
            elif prefix == "pbs":
                await self._session(whole, exchange)
            elif prefix == "a":
                self._artifact(whole, exchange, body)
        await self._lists(request["path"], request["query"], body)

    def translated(self, text: str) -> str:
        """Return a text with the ids made here."""
        for recorded, here in self.ids.items():
            text = text.replace(recorded, here)
        return text

    # -- what can be named --------------------------------------------------------------

    async def _run(self, whole: str, exchange: dict[str, Any], body: Any) -> None:
        shown = body if isinstance(body, dict) and "status" in body else {}
        status = shown.get("status") or _status_before(exchange)
        family = shown.get("run_type") or _family(whole, exchange["name"])
        if family == "workflow_run":
            run = await self._workflow_run(status, (shown.get("run_request") or {}).get("parameters"))
        else:
            run = self._seeds.run(status, ENGINES[family], **_request(shown))
            self.ids[whole] = (run.workflow_run_id if whole.startswith("wr_") else run.run_id) or ""
        if shown:
            _take_over(run, shown)
            self._picture(run)
            self._services.store.save_run(run)
            self._leave(run, shown)
        if exchange["request"]["path"].endswith("/artifacts"):
            for kind in dict.fromkeys(item["artifact_type"] for item in body if isinstance(item, dict)):
                self._services.artifacts.write(kind, kind.encode(), _belonging(run))
        if exchange["request"]["path"].endswith("/timeline"):
            self._tell(run, body if isinstance(body, list) else [])
        self.ids.setdefault(whole, run.run_id)

    def _leave(self, run: RunRecord, shown: dict[str, Any]) -> None:
        """Leave the artifacts a recorded answer has the addresses of."""
        kinds = {
            "recording": shown.get("recording_url"),
            "screenshot_action": shown.get("screenshot_urls") or shown.get("action_screenshot_urls"),
            "screenshot_final": shown.get("screenshot_url"),
            "browser_console_log": shown.get("browser_console_log_url"),
        }
        for kind, there in kinds.items():
            if there:
                self._services.artifacts.write(kind, b"x", _belonging(run))

    def _picture(self, run: RunRecord) -> None:
        """Make the screenshots the outputs of a workflow's blocks name."""
        for output in (run.output or {}).values() if run.run_type == "workflow_run" else ():
            for field in ("task_screenshot_artifact_ids", "workflow_screenshot_artifact_ids"):
                if isinstance(output, dict) and output.get(field):
                    made = [
                        self._services.artifacts.write("screenshot_final", b"x", _belonging(run)) for _ in output[field]
                    ]
                    output[field] = [record.artifact_id for record in made]

    def _tell(self, run: RunRecord, items: list[dict[str, Any]]) -> None:
        """Let the run's timeline be told as the recorded one was."""
        clock = self._services.clock
        timeline = Timeline(run, self._services.store, self._services.ids, clock, lambda: "http://127.0.0.1:18802/")
        for item in reversed(items):
            if thought := item["thought"]:
                said = (thought[name] or "" for name in ("observation", "thought", "answer"))
                timeline.think(Thought(thought["thought_type"], thought["thought_scenario"], *said, thought["output"]))
                continue
            block = item["block"]
            if block["block_type"] == "wait":
                timeline.open_defined_block(WorkflowBlockOpened("wait", block["label"], "stub", on_page=False))
            else:
                goals = block["navigation_goal"], block["data_extraction_goal"], block["data_schema"]
                timeline.open_block(BlockOpened(block["block_type"], block["label"], "stub", block["url"], *goals))
            timeline.open_step(StepOpened(timeline.steps))
            for key, action in enumerate(block["actions"]):
                goal = action["data_extraction_goal"]
                timeline.start_action(
                    ActionStarted(key, Action(action["action_type"], action["reasoning"], extraction_goal=goal))
                )
                timeline.finish_action(ActionFinished(key, action["status"]))
            if block["output"] is None:
                timeline.abandon(block["status"], block["failure_reason"])
            else:
                read = block["output"]["extracted_information"]
                timeline.close_block(BlockClosed(block["status"], read, block["failure_reason"]))

    async def _workflow_run(self, status: str, parameters: dict[str, Any] | None = None) -> RunRecord:
        agent = self._agent if parameters else _without_parameters(self._agent)
        made_of = (await self._client.post("/v1/agents", json=agent)).json()["agent_id"]
        asked = {"agent_id": made_of, "parameters": parameters, "webhook_url": RECEIVER}
        made = (await self._client.post("/v1/run/agents", json=asked)).json()
        run: RunRecord = self._services.store.run(self._seeds.organization, made["run_id"])
        way = ["queued", "running", *([status] if status in FINAL else [])]
        for following in way:
            reason = {"failure_reason": "It took too long."} if following in NEEDS_REASON else {}
            advance(run, following, self._services.clock.now() + timedelta(milliseconds=9), **reason)  # type: ignore[arg-type]  # statuses
        self._services.store.save_run(run)
        return run

    async def _session(self, whole: str, exchange: dict[str, Any]) -> None:
        made = (await self._client.post("/v1/browser_sessions", json={"timeout": 15})).json()
        self.ids[whole] = made["browser_session_id"]
        if "clos" in exchange["name"]:
            await self._client.post(f"/v1/browser_sessions/{self.ids[whole]}/close")

    def _artifact(self, whole: str, exchange: dict[str, Any], body: Any) -> None:
        kind = body.get("artifact_type") if isinstance(body, dict) else None
        kind = kind or exchange["name"].removeprefix("artifact_signed_url_")
        run = self._seeds.run("completed", "skyvern-1.0")
        known = kind if kind in KINDS else "recording"
        self.ids[whole] = self._services.artifacts.write(known, b"0123456789" * 200, _belonging(run)).artifact_id

    async def _lists(self, path: str, query: str, body: Any) -> None:
        if path.rstrip("/") in ("/v1/runs", "/api/v1/runs") and isinstance(body, list):
            for listed in reversed(body):
                if listed.get("task_run_type") == "workflow_run":
                    await self._workflow_run(listed["status"])
                else:
                    engine = ENGINES[listed.get("task_run_type", "task_v2")]
                    asked = {"run_request": {"title": listed.get("title")}}
                    run = self._seeds.run(listed["status"], engine, **_request(asked))
                    if "run_id" in listed:
                        self.ids[listed["run_id"]] = run.run_id
            for _ in range(2 if "page=2" in query else 0):
                self._seeds.run("canceled", "skyvern-1.0", **_request({}))
        elif path == "/v1/browser_sessions" and isinstance(body, list):
            await self._client.post(path, json={"timeout": 15})
        elif path == "/v1/credentials/totp" and isinstance(body, list):
            await self._client.post(path, json={"totp_identifier": "a@b.c", "content": "654321"})


def _belonging(run: RunRecord) -> Belonging:
    return Belonging(run.organization_id, run.run_id, run.task_id, STEP, workflow_run_id=run.workflow_run_id)


def _without_parameters(agent: dict[str, Any]) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(agent))
    copy["json_definition"]["workflow_definition"]["parameters"] = []
    return copy


def _request(shown: dict[str, Any]) -> dict[str, Any]:
    """Return the request of a run: what the recorded answer shows of it, and nothing else."""
    asked = shown.get("run_request") or {}
    if older := shown.get("request"):
        asked = {"title": older["title"], "url": older["url"], "webhook_url": older["webhook_callback_url"]}
    empty = dict.fromkeys(
        ("title", "data_extraction_schema", "error_code_mapping", "max_steps", "webhook_url", "totp_identifier",
         "totp_url", "model", "extra_http_headers", "cdp_connect_headers", "max_screenshot_scrolls", "run_with")
    )  # fmt: skip
    known = {name: value for name, value in asked.items() if name in empty or name in ("prompt", "url")}
    return {**empty, "proxy_location": "RESIDENTIAL", "include_action_history_in_verification": False, **known}


def _take_over(run: RunRecord, shown: dict[str, Any]) -> None:
    for name in ("output", "failure_reason", "errors", "step_count"):
        if name in shown:
            setattr(run, name, shown[name])
    if "extracted_information" in shown:
        run.output = shown["extracted_information"]
    run.errors = run.errors or []
    if run.workflow_run_id is None:
        run.queued_at = None  # as the engine leaves it in this dialect: test_oracle_states


def _status_before(exchange: dict[str, Any]) -> str:
    """Return the status a run had when it was asked to do something."""
    name, said = exchange["name"], _text(exchange["response"]["body"])
    if (found := _REFUSED_CANCEL.search(said)) is not None:
        return found[1] or "canceled"
    if "running" in name or (name.startswith("cancel_") and "finished" not in name):
        return "running"
    if "timed_out" in name:
        return "timed_out"
    return "completed"


def _family(whole: str, name: str) -> str:
    if whole.startswith("wr_"):
        return "task_v2" if "v2" in name else "workflow_run"
    if whole.startswith("tsk_v2_"):
        return "task_v2"
    return "task_v3" if "v3" in name else "task_v1"


def _ids(*texts: str) -> Iterator[tuple[str, str]]:
    for text in texts:
        for found in _ID.finditer(text or ""):
            yield found[1], found[0]


def _json(text: str | None) -> Any:
    try:
        return json.loads(text or "")
    except ValueError:
        return None


def _text(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body) if body is not None else ""
