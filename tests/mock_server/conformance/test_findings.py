"""Findings are counted by kind, kept apart by tenant, bounded, and logged once."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from mock_server.conformance.findings import MAX_KINDS, MAX_TENANTS, Finding, Ledger, Ledgers

ONE = Finding("mock", "GET /v1/runs", 200, "answer", "/*/status", "this value is not one of 9")


def test_counts_by_kind_and_party():
    """The same finding is one line with a count; each party has its sum."""
    ledger = Ledger()
    for findings in ([ONE], [ONE, replace(ONE, blame="client")], []):
        ledger.add(findings)
    summary = ledger.summary()
    assert (summary["checked"], summary["counts"]) == (3, {"client": 1, "schema": 0, "mock": 2})
    assert [(line["blame"], line["count"]) for line in summary["findings"]] == [("mock", 2), ("client", 1)]
    assert [line["blame"] for line in ledger.summary("client")["findings"]] == ["client"]


def test_bounded_kinds():
    """Kinds beyond the limit are only counted."""
    ledger = Ledger()
    ledger.add(replace(ONE, where=f"/{number}") for number in range(MAX_KINDS + 7))
    assert len(list(ledger)) == MAX_KINDS
    assert ledger.summary()["beyond"] == 7


def test_bounded_tenants():
    """The tenant that was silent longest is given up for a new one."""
    ledgers = Ledgers()
    ledgers.of(None).add([ONE])
    ledgers.of("o_first").add([ONE])
    for number in range(MAX_TENANTS - 2):
        ledgers.of(f"o_{number}")
    ledgers.of(None)
    ledgers.of("o_last")
    assert ledgers.blamed("mock") == [ONE]
    assert ledgers.of("o_first").checked == 0


def test_logged_once_per_kind(caplog: pytest.LogCaptureFixture):
    """The first of a kind is logged, an error if it is the mock's, with everything one needs to find it."""
    caplog.set_level(logging.INFO)
    ledger = Ledger()
    for _ in range(3):
        ledger.add([ONE, replace(ONE, blame="schema", reason="recorded")])
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert "GET /v1/runs -> 200: answer /*/status: this value is not one of 9" in caplog.text
