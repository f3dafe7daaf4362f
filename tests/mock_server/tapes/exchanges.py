"""Exchanges to try recordings with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mock_server.scenarios.journal import Entry

START = datetime.fromisoformat("2026-11-21T12:00:00")


def entry(**parts: Any) -> Entry:
    """Return an exchange, a poll unless told otherwise."""
    whole: dict[str, Any] = {
        "number": 1,
        "at": START,
        "seconds": 0.0,
        "method": "GET",
        "path": "/v1/runs/tsk_v2_1",
        "query": b"",
        "headers": [],
        "body": b"",
        "status": 200,
        "answer_headers": [(b"content-type", b"application/json")],
        "answer": b"{}",
        "fault": None,
    } | parts
    whole.setdefault("body_length", len(whole["body"]))
    whole.setdefault("answer_length", len(whole["answer"]))
    return Entry(**whole)
