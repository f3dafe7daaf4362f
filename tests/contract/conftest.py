"""Runs in every state, put straight into the store, for the tests of answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mock_server.agent.events import Action, BlockOpened, Thought
from mock_server.api.task_request import request_model, validate
from mock_server.app import Composition
from mock_server.artifacts.kinds import KINDS
from mock_server.artifacts.writer import Belonging
from mock_server.engine.bodies import action_body, block_body, thought_body
from mock_server.engine.lifecycle import FINAL, NEEDS_REASON, advance
from mock_server.ids import organization_for
from mock_server.services import Services
from mock_server.store.records import RunRecord, TimelineRecord

collect_ignore = ["official"]
"""Runs in the official SDK's own environment: see run_official.py."""

FULL_REQUEST = {
    "prompt": "Get the title of the top post — “news”",
    "url": "http://127.0.0.1:8000/sites/news/",
    "title": "A title",
    "proxy_location": {"country": "us", "subdivision": "US-CA"},
    "data_extraction_schema": {"type": "object", "properties": {"title": {"type": "string"}}},
    "error_code_mapping": {"not_found": "there is no such post"},
    "max_steps": 4,
    "webhook_url": "http://127.0.0.1:9/hook",
    "totp_identifier": "a@b.c",
    "totp_url": "http://127.0.0.1:9/totp",
    "model": {"model_name": "any"},
    "extra_http_headers": {"x-a": "b"},
    "cdp_connect_headers": {"authorization": "secret"},
    "include_action_history_in_verification": True,
    "max_screenshot_scrolls": 2,
    "run_with": "agent",
}


class Seeds:
    """Puts runs into a server that executes nothing."""

    full_request = FULL_REQUEST

    def __init__(self, composition: Composition, key: str = "test-key") -> None:
        self.composition = composition
        self.services: Services = composition.services
        self.organization = organization_for(key)

    def run(self, status: str, engine: str, **request: Any) -> RunRecord:
        """Return a run that has got as far as ``status``."""
        asked = validate(
            request_model(self.services.dialect.default_engine),
            {**FULL_REQUEST, "engine": engine, **request},
            block_private_hosts=False,
        )
        run = self.services.store.run(self.organization, self.services.engine.submit(self.organization, asked).run_id)
        assert run is not None
        for following in _way_to(status, run.status):
            details: dict[str, Any] = {}
            if following in NEEDS_REASON:
                details["failure_reason"] = "The page has no such post. Check the address."
            elif following == "completed":
                details = {"output": {"title": "Höchster Beitrag", "points": 7, "tags": ["a"]}, "summary": "Done."}
            advance(run, following, self.services.clock.now() + timedelta(milliseconds=20), **details)
        if status != "created":
            run.step_count = 1
        if status == "failed":
            run.errors = [{"error_code": "not_found", "reasoning": "none", "error_type": "USER_DEFINED_ERROR"}]
        self.services.store.save_run(run)
        return run

    def artifacts(self, run: RunRecord) -> None:
        """Give the run one artifact of every type."""
        belonging = Belonging(
            run.organization_id, run.run_id, run.task_id, "stp_1", workflow_run_id=run.workflow_run_id
        )
        for kind in KINDS:
            self.services.artifacts.write(kind, kind.encode() * 3, belonging, filename=f"{kind}.bin")

    def timeline(self, run: RunRecord) -> None:
        """Give the run a block with a nested block and actions, and a thought."""
        moment = run.created_at
        opened = BlockOpened("navigation", "click", "Clicks", url="http://127.0.0.1/", navigation_goal="go")
        ids = [self.services.ids.new("wrb") for _ in range(2)]
        for block_id, parent in ((ids[0], None), (ids[1], ids[0])):
            moment += timedelta(seconds=1)
            body = block_body(run, opened, block_id, "tsk_1", moment.isoformat(), page_url="http://127.0.0.1/")
            for order in range(2):
                later = (moment + timedelta(milliseconds=order)).isoformat()
                action = Action("click", "It is the first link.", option={"label": "a", "index": 0, "value": "a"})
                body["actions"].append(
                    action_body(
                        run, action, later, action_id=f"act_{order}", task_id="tsk_1", step_id="stp_1",
                        step_order=0, action_order=order, page_url="http://127.0.0.1/",
                    )
                )  # fmt: skip
            self.services.store.put_timeline(
                TimelineRecord(block_id, run.run_id, "block", parent, 1, body, moment, moment)
            )
        thought = Thought("plan", "generate_plan", "A list of posts", "The first is the top", "Read it", {"a": 1})
        moment += timedelta(seconds=1)
        thought_id = self.services.ids.new("ot")
        body = thought_body(run, thought, thought_id, None, moment.isoformat())
        self.services.store.put_timeline(
            TimelineRecord(thought_id, run.run_id, "thought", None, 1, body, moment, moment)
        )


def _way_to(status: str, present: str) -> list[str]:
    """Return the statuses a run passes from ``present`` on to ``status``."""
    way = ["queued", "running", status] if status in FINAL else ["queued", "running", "paused"]
    way = way[: way.index(status) + 1] if status in way else []
    return way[way.index(present) + 1 :] if present in way else way


@pytest.fixture
def make_seeds(open_mock: Any) -> Any:
    """Return a function: settings -> Seeds."""
    return lambda **settings: Seeds(open_mock(**settings))
