"""The self-check, tried on the real service: what was recorded of it has nothing a mock would be blamed for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from mock_server.conformance.check import Exchange, check
from mock_server.conformance.deviations import BODY_DEVIATIONS, UNPUBLISHED_STATUSES
from mock_server.conformance.findings import Finding
from mock_server.conformance.published import published

ORACLE = Path(__file__).parents[2] / "fixtures" / "oracle"
RECORDED = [
    json.loads(line)
    for name in ("exchanges.jsonl", "stateful.jsonl")
    for line in (ORACLE / name).read_text(encoding="utf-8").splitlines()
]


def findings(exchange: dict[str, Any]) -> list[Finding]:
    """Return what the self-check says about a recorded exchange; nothing if it is for nothing published."""
    request, response = exchange["request"], exchange["response"]
    operation = published().operation(request["method"], request["path"])
    if operation is None:
        return []
    sent = request["body"]
    body = b"" if sent is None else (sent if isinstance(sent, str) else json.dumps(sent)).encode()
    answer_type = dict(response["headers"]).get("content-type", "")
    return list(
        check(
            Exchange(
                operation,
                response["status"],
                answer_type,
                (response["body"] or "").encode(),
                parse_qs(request["query"], keep_blank_values=True),
                request["headers"].get("content-type", ""),
                body,
            )
        )
    )


def test_the_real_service_passes():
    """No recorded answer of the real service would be called a mistake of the mock."""
    blamed = {exchange["name"]: [str(f) for f in findings(exchange) if f.blame == "mock"] for exchange in RECORDED}
    assert {name: found for name, found in blamed.items() if found} == {}


def test_every_deviation_was_seen():
    """Every way in which the service is said to depart from its schema is in the recording, or is not listed."""
    seen = [finding for exchange in RECORDED for finding in findings(exchange) if finding.blame == "schema"]
    reasons = {finding.reason for finding in seen}
    assert {known.reason for known in BODY_DEVIATIONS} <= reasons
    assert {UNPUBLISHED_STATUSES[status] for status in (400, 403, 404, 410)} <= reasons


def test_most_of_the_recording_is_checked():
    """The check has something to say about nearly everything that was recorded."""
    checked = [e for e in RECORDED if published().operation(e["request"]["method"], e["request"]["path"])]
    assert len(checked) > 300
