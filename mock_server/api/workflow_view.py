"""Published workflows and scripts as the API shows them.

Owns: the fields of their answers, in the order of the wire. Must not: read the store.
"""

from __future__ import annotations

from typing import Any, Final

from mock_server.store.records import ResourceRecord

Json = dict[str, Any]


def workflow(record: ResourceRecord) -> Json:
    """Return a workflow."""
    body = record.body
    shown = _of_run(record)
    # One that was sent as a definition says all of this itself.
    return shown | {name: body[name] for name in shown if name in body and name not in _MADE_HERE}


def created(record: ResourceRecord) -> Json:
    """Return the answer to the request that made a workflow: what is only known of stored ones is not in it."""
    shown = workflow(record)
    del shown["effective_default_engine"]
    return shown


_MADE_HERE: Final = frozenset(("created_at", "modified_at", "organization_id", "workflow_permanent_id", "agent_id"))


def _of_run(record: ResourceRecord) -> Json:
    body = record.body
    return {
        "workflow_id": body["workflow_id"],
        "organization_id": record.organization_id,
        "title": body["title"],
        "workflow_permanent_id": record.resource_id,
        "version": 1,
        "is_saved_task": False,
        "is_template": False,
        "description": None,
        "workflow_definition": body["definition"],
        "proxy_location": body["proxy_location"],
        "webhook_callback_url": body["webhook_callback_url"],
        "totp_verification_url": body["totp_verification_url"],
        "totp_identifier": body["totp_identifier"],
        "persist_browser_session": False,
        "reuse_browser_session": False,
        "mask_secrets": False,
        "pin_saved_session_ip": False,
        "browser_profile_id": None,
        "browser_profile_key": None,
        "model": body["model"],
        "status": "published",
        "max_screenshot_scrolls": body["max_screenshot_scrolls"],
        "max_elapsed_time_minutes": None,
        "extra_http_headers": body["extra_http_headers"],
        "cdp_connect_headers": None,
        "run_with": body["run_with"],
        "browser_type": None,
        "ai_fallback": True,
        "cache_key": "default",
        "adaptive_caching": False,
        "enable_self_healing": False,
        "code_version": 2,
        "generate_script_on_terminal": False,
        "run_sequentially": False,
        "sequential_key": None,
        "folder_id": None,
        "import_error": None,
        "created_by": None,
        "edited_by": None,
        "copilot_authored": False,
        "effective_default_engine": None,
        "original_created_by": None,
        "original_created_at": None,
        "created_at": record.created_at,
        "modified_at": record.modified_at,
        "deleted_at": None,
        "agent_id": record.resource_id,
    }


def script(record: ResourceRecord) -> Json:
    """Return a revision of a script."""
    return {
        "script_revision_id": record.resource_id,
        "script_id": record.parent_id,
        "organization_id": record.organization_id,
        "run_id": record.body["run_id"],
        "version": record.body["version"],
        "created_at": record.created_at,
        "modified_at": record.modified_at,
        "deleted_at": None,
    }


def script_made(record: ResourceRecord) -> Json:
    """Return the answer to the request that made a revision."""
    files = record.body["files"]
    return {
        "script_id": record.parent_id,
        "version": record.body["version"],
        "run_id": record.body["run_id"],
        "file_count": len(files),
        "file_tree": _tree(files, record.created_at.isoformat()),
        "created_at": record.created_at,
    }


def _tree(files: list[Json], created_at: str) -> Json:
    """Return files as the tree of directories their paths make."""
    root: Json = {}
    for file in files:
        *folders, name = file["path"].split("/")
        level = root
        for folder in folders:
            node = level.setdefault(folder, _node("directory", created_at))
            level = node["children"]
        level[name] = _node("file", file["created_at"]) | {
            "size": file["size"],
            "mime_type": file["mime_type"],
            "content_hash": file["content_hash"],
            "children": None,
        }
    return root


def _node(kind: str, created_at: str) -> Json:
    return {
        "type": kind,
        "size": None,
        "mime_type": None,
        "content_hash": None,
        "created_at": created_at,
        "children": {},
    }
