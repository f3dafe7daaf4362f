"""The definition of a workflow a run has made: its blocks, from the blocks of the run's timeline.

Owns: the wire form of blocks and their output parameters. Must not: store anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from mock_server.ids import IdFactory

Json = dict[str, Any]

_TASK_LIKE: Final = frozenset(("goto_url", "navigation", "extraction", "login", "file_download", "validation"))
_MORE: Final[dict[str, Json]] = {
    "extraction": {
        "export_enabled": False, "export_data_schema": None, "export_file_name": None, "export_records": None,
    },
    "wait": {"wait_sec": 1, "parameters": []},
    "print_page": {
        "include_timestamp": True, "custom_filename": None, "format": "A4", "landscape": False,
        "print_background": True, "parameters": [],
    },
}  # fmt: skip
"""Fields a kind of block has beyond those of all, or of all that work on a page."""


def definition_of(
    blocks: Iterable[Json], error_codes: dict[str, str] | None, workflow_id: str, ids: IdFactory, now: datetime
) -> Json:
    """Return the definition. ``blocks`` are block bodies of a timeline, in the order in which they were done."""
    made: list[Json] = []
    parameters: list[Json] = []
    labels: dict[str, int] = {}
    for body in blocks:
        count = labels[body["label"]] = labels.get(body["label"], 0) + 1
        label = body["label"] if count == 1 else f"{body['label']}_{count}"
        output = {
            "parameter_type": "output",
            "key": f"{label}_output",
            "description": f"Output parameter for block {label}",
            "output_parameter_id": ids.new("op"),
            "workflow_id": workflow_id,
            "created_at": now.isoformat(),
            "modified_at": now.isoformat(),
            "deleted_at": None,
        }
        parameters.append(output)
        made.append(_block(body, label, output))
    return {
        "version": 1,
        "parameters": parameters,
        "blocks": made,
        "finally_block_label": None,
        "error_code_mapping": error_codes or None,
        "retry_policy": None,
        "workflow_system_prompt": None,
        "completion_contract": None,
    }


def _block(body: Json, label: str, output: Json) -> Json:
    kind = body["block_type"] if body["block_type"] in _TASK_LIKE or body["block_type"] in _MORE else "navigation"
    block: Json = {
        "label": label,
        "next_block_label": None,
        "block_type": kind,
        "output_parameter": output,
        "continue_on_failure": False,
        "model": None,
        "disable_cache": False,
        "ignore_workflow_system_prompt": False,
        "next_loop_on_failure": False,
    }
    if kind in _TASK_LIKE:
        block |= _task_fields(body, kind)
    return block | _MORE.get(kind, {})


def _task_fields(body: Json, kind: str) -> Json:
    goal = body["navigation_goal"] or body["description"] or body["label"]
    return {
        "task_type": "general",
        "url": body["url"] if kind != "goto_url" else body["url"] or "",
        "title": "",
        **({"engine": "skyvern-1.0"} if kind == "goto_url" else {}),
        "complete_criterion": None,
        "complete_criterion_is_untrusted": False,
        "terminate_criterion": None,
        "navigation_goal": None if kind in ("goto_url", "extraction") else goal,
        "data_extraction_goal": (body["data_extraction_goal"] or goal) if kind == "extraction" else None,
        "data_schema": body["data_schema"],
        "error_code_mapping": None,
        "max_retries": 0,
        "max_steps_per_run": None,
        "parameters": [],
        "complete_on_download": kind == "file_download",
        "download_suffix": None,
        "totp_verification_url": None,
        "totp_identifier": None,
        "complete_verification": False,
        "include_action_history_in_verification": False,
        "download_timeout": None,
        "include_extracted_text": kind != "extraction",
    }
