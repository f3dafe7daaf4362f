"""Published workflows and the code that belongs to them.

Owns: what is kept of a workflow and of a script with its revisions, publishing a run, and
finding the code a run is to be done with. Must not: do runs, or know HTTP.

A workflow, published from a run or sent as a definition, is a resource of kind ``workflow``
under its ``wpid_`` id, a revision of a script one of kind ``script`` under its ``sr_`` id, with the
script's ``s_`` id as parent. The prompt of a workflow is kept as the request had it, as the
run itself is; its definition, which answers show, has no secrets in it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Any, Final

from mock_server.agent.events import ScriptMade, Task
from mock_server.engine.admission import WORKFLOW_RUN, title_of
from mock_server.engine.definition import definition_of
from mock_server.engine.parameters import values_for
from mock_server.store.records import ResourceRecord, RunRecord
from mock_server.store.store import Store
from mock_server.tenancy import Owners

Json = dict[str, Any]

WORKFLOW: Final = "workflow"
SCRIPT: Final = "script"
CODE: Final = "code"
"""Value of ``run_with`` that asks for stored code."""
MAIN_FILE: Final = "main.py"
RECIPE_VERSION: Final = 1

_TASK_FIELDS: Final = ("prompt", "url", "data_extraction_schema", "error_code_mapping", "max_steps")
_SAME_TASK: Final = ("prompt", "url", "data_extraction_schema")
_SAID_BY_WORKFLOW: Final = {
    "webhook_url": "webhook_callback_url",
    "totp_url": "totp_verification_url",
    "totp_identifier": "totp_identifier",
    "browser_profile_id": "browser_profile_id",
    "max_screenshot_scrolls": "max_screenshot_scrolls",
    "max_elapsed_time_minutes": "max_elapsed_time_minutes",
    "extra_http_headers": "extra_http_headers",
    "browser_type": "browser_type",
}
"""What a run takes from its workflow unless it says otherwise: field of the run -> field of the workflow."""
_FOLLOWED: Final = ("parameters", "blocks", "finally_block_label", "error_code_mapping")
_ANY_PLACE: Final = "RESIDENTIAL"
_PARAMETER: Final = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")


def file_of(path: str, content: bytes, mime_type: str | None, file_id: str, created_at: str) -> Json:
    """Return a file as a revision keeps it: text as it is, anything else is refused by the caller before."""
    return {
        "file_id": file_id,
        "path": path,
        "mime_type": mime_type,
        "size": len(content),
        "content_hash": hashlib.sha256(content).hexdigest(),
        "content": content.decode("utf-8", "backslashreplace"),
        "created_at": created_at,
    }


class Published:
    """The published workflows and scripts of all organizations.

    Raises:
        StoreError: From every method.
    """

    def __init__(self, store: Store, owners: Owners) -> None:
        self._store = store
        self._owners = owners

    # -- what a run is done with ------------------------------------------------------------

    def fit(self, task: Task, run: RunRecord) -> Task:
        """Return the task with the code it is to be done with, if it asks for code and there is some.

        ``run.script_run`` then names it; the caller saves the run.
        """
        run.script_run = None
        if run.request.get("run_with") != CODE:
            return task
        workflow = self._workflow_of(run)
        script_id = workflow.body["script_id"] if workflow is not None else None
        revision = self.newest(run.organization_id, script_id) if script_id else None
        if workflow is None or revision is None or not _is_usable(revision.body.get("recipe")):
            return task
        if any(run.request.get(name) != workflow.body["task"].get(name) for name in ("prompt", "url")):
            return task  # parameters made another task of it than the one the code was made from
        run.script_run = {
            "ai_fallback_triggered": False,
            "script_id": revision.parent_id,
            "script_revision_id": revision.resource_id,
        }
        return replace(task, recipe=revision.body["recipe"], falls_back=run.request.get("ai_fallback") is not False)

    def _workflow_of(self, run: RunRecord) -> ResourceRecord | None:
        if run.run_type == WORKFLOW_RUN:
            return self._store.resource(run.organization_id, WORKFLOW, run.workflow_permanent_id or "")
        for workflow in reversed(self._store.resources(run.organization_id, WORKFLOW)):
            if all(run.request.get(name) == workflow.body["task"].get(name) for name in _SAME_TASK):
                return workflow
        return None

    # -- what a run leaves ------------------------------------------------------------------

    def keep(self, run: RunRecord, script: ScriptMade) -> None:
        """Publish a completed run that asked for it; keep the code of one whose stored code no longer was right."""
        if run.script_run is None:
            if run.request.get("publish_workflow"):
                self._publish(run, script)
        elif not script.replayed:
            self.revise(run.organization_id, run.script_run["script_id"], run.run_id, script)

    def _publish(self, run: RunRecord, script: ScriptMade) -> None:
        owner = self._owners.of(run.organization_id)
        now, wpid = owner.clock.now(), run.workflow_permanent_id or owner.ids.new("wpid")
        workflow_id = run.workflow_id or owner.ids.new("w")
        script_id = owner.ids.new("s")
        blocks = [record.body for record in self._store.timeline(run.run_id) if record.kind == "block"]
        request = run.request
        body = {
            "workflow_id": workflow_id,
            # The prompt as the script has it, that is, without what is secret in it.
            "title": title_of({"title": request.get("title"), "prompt": script.recipe.get("prompt")}) or "New Workflow",
            "task": {name: request.get(name) for name in _TASK_FIELDS},
            "definition": definition_of(blocks, request.get("error_code_mapping"), workflow_id, owner.ids, now),
            "proxy_location": request.get("proxy_location"),
            "webhook_callback_url": request.get("webhook_url"),
            "totp_verification_url": request.get("totp_url"),
            "totp_identifier": request.get("totp_identifier"),
            "model": request.get("model"),
            "max_screenshot_scrolls": request.get("max_screenshot_scrolls"),
            "extra_http_headers": request.get("extra_http_headers"),
            "run_with": CODE if request.get("run_with") == CODE else "agent",
            "script_id": script_id,
            "run_id": run.run_id,
        }
        self._store.put_resource(ResourceRecord(wpid, run.organization_id, WORKFLOW, run.run_id, body, now, now))
        self.revise(run.organization_id, script_id, run.run_id, script)

    def define(self, organization_id: str, body: Json, workflow_permanent_id: str) -> ResourceRecord:
        """Keep a workflow that was sent as a definition; ``body`` has its fields as answers have them.

        A workflow that was published from a run has a task to be done again; this one has its definition.
        """
        now = self._owners.of(organization_id).clock.now()
        kept = {**body, "task": dict.fromkeys(_TASK_FIELDS), "script_id": None, "run_id": None}
        record = ResourceRecord(workflow_permanent_id, organization_id, WORKFLOW, None, kept, now, now)
        self._store.put_resource(record)
        return record

    def revise(self, organization_id: str, script_id: str, run_id: str, script: ScriptMade) -> ResourceRecord:
        """Keep code as the newest revision of a script, which may be its first."""
        owner = self._owners.of(organization_id)
        now = owner.clock.now().isoformat()
        source = script.source.encode("utf-8", "backslashreplace")
        file = file_of(MAIN_FILE, source, "text/x-python", owner.ids.new("sf"), now)
        return self.add_revision(organization_id, script_id, run_id, [file], dict(script.recipe))

    def add_revision(
        self, organization_id: str, script_id: str, run_id: str | None, files: list[Json], recipe: Json | None = None
    ) -> ResourceRecord:
        """Keep files as the newest revision of a script; only one with a recipe can be run."""
        owner = self._owners.of(organization_id)
        now = owner.clock.now()
        version = len(self.revisions(organization_id, script_id)) + 1
        body = {"version": version, "run_id": run_id, "files": files, "recipe": recipe}
        record = ResourceRecord(owner.ids.new("sr"), organization_id, SCRIPT, script_id, body, now, now)
        self._store.put_resource(record)
        return record

    # -- what there is ----------------------------------------------------------------------

    def workflow(self, organization_id: str, workflow_permanent_id: str) -> ResourceRecord | None:
        """Return the workflow of that id; None if the organization has none."""
        return self._store.resource(organization_id, WORKFLOW, workflow_permanent_id)

    def workflows(self, organization_id: str) -> list[ResourceRecord]:
        """Return the organization's workflows, newest first."""
        return self._store.resources(organization_id, WORKFLOW)[::-1]

    def revisions(self, organization_id: str, script_id: str) -> list[ResourceRecord]:
        """Return a script's revisions, oldest first; none if the organization has no such script."""
        found = self._store.resources(organization_id, SCRIPT, parent_id=script_id)
        return sorted(found, key=lambda record: int(record.body["version"]))

    def newest(self, organization_id: str, script_id: str) -> ResourceRecord | None:
        """Return a script's newest revision."""
        found = self.revisions(organization_id, script_id)
        return found[-1] if found else None

    def scripts(self, organization_id: str) -> list[ResourceRecord]:
        """Return the newest revision of each script, the script that was made last first."""
        newest: dict[str, ResourceRecord] = {}
        for record in self._store.resources(organization_id, SCRIPT):
            kept = newest.get(record.parent_id or "")
            if kept is None or record.body["version"] > kept.body["version"]:
                newest[record.parent_id or ""] = record
        return [newest[script_id] for script_id in sorted(newest, reverse=True)]


def request_of(workflow: ResourceRecord, sent: Json) -> Json:
    """Return what ``Engine.submit_workflow_run`` takes for a run of a published workflow.

    ``sent`` is the request of the run, every field given. Names in double braces in the
    workflow's prompt and url stand for parameters. What the request leaves open, the
    workflow says; its title always does.

    Raises:
        ParameterFault: A parameter of its definition has no value, or one of the wrong type.
    """
    if workflow.body["run_id"] is None:
        return _request_of_definition(workflow.body, sent)
    values = {name: str(value) for name, value in (sent.get("parameters") or {}).items()}
    task = dict(workflow.body["task"])
    for name in ("prompt", "url"):
        if task.get(name):
            task[name] = _PARAMETER.sub(lambda found: values.get(found[1], found[0]), task[name])
    return {
        **sent,
        **task,
        "title": workflow.body["title"],
        "run_with": sent.get("run_with") or (CODE if workflow.body["run_with"] == CODE else None),
        "max_steps": sent.get("max_steps") or task.get("max_steps"),
    }


def _request_of_definition(body: Json, sent: Json) -> Json:
    definition = body["definition"]
    unsaid = {name: body[kept] for name, kept in _SAID_BY_WORKFLOW.items() if sent.get(name) is None}
    if sent.get("proxy_location") in (None, _ANY_PLACE):
        unsaid["proxy_location"] = body["proxy_location"] or sent.get("proxy_location")
    return {
        **sent,
        **unsaid,
        "title": body["title"],
        "definition": {name: definition[name] for name in _FOLLOWED},
        "values": values_for(definition, sent.get("parameters")),
    }


def _is_usable(recipe: Any) -> bool:
    return isinstance(recipe, dict) and recipe.get("version") == RECIPE_VERSION
