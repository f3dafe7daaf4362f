"""The same report in four forms."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest

from mock_server.testing.contract.catalogue import CASES
from mock_server.testing.contract.examiner import Report, Result
from mock_server.testing.contract.protocol import Answer, Hello
from mock_server.testing.contract.report import as_json, html, junit, text
from mock_server.testing.contract.verdict import Kind, Verdict

HOSTILE = "<script>alert(1)</script> & \x07"


@pytest.fixture
def report() -> Report:
    verdicts = [
        Verdict(Kind.HANDLED),
        Verdict(Kind.LOST_RUN, f"raised {HOSTILE}"),
        Verdict(Kind.NOT_OFFERED),
    ]
    answer = Answer("raised", error="ReadError", message="cut")
    results = [Result(case, verdict, 0.5, answer, 2) for case, verdict in zip(CASES, verdicts, strict=False)]
    return Report(Hello(HOSTILE, is_virtual=True, does=frozenset({"run_and_wait"})), results)


def test_text_says_each_case_and_the_totals(report):
    """The table has a line for each case with its verdict, and a line of totals."""
    shown = text(report)
    assert re.search(r"✓ The run completes +handled\n", shown)
    assert re.search(r"✗ The run ends failed +lost run +raised", shown)
    assert shown.endswith("1 handled, 1 not offered, 1 lost run\n")


def test_json_has_all_of_it(report):
    """A program finds verdict, reason, answer and totals under stable names."""
    data = json.loads(as_json(report))
    assert (data["version"], data["passed"]) == (1, False)
    assert data["totals"] == {"handled": 1, "not offered": 1, "lost run": 1}
    assert data["cases"][1]["verdict"] == "lost run"
    assert data["cases"][1]["answer"] == {"outcome": "raised", "error": "ReadError", "message": "cut"}


def test_junit_counts_failures(report):
    """A CI service sees what is not handled as failures and what is not offered as skipped."""
    suite = ET.fromstring(junit(report))
    assert {name: suite.get(name) for name in ("tests", "failures", "skipped")} == {
        "tests": "3",
        "failures": "1",
        "skipped": "1",
    }
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.get("type") == "lost run"


def test_html_is_inert(report):
    """What a client says about itself runs nothing in the page."""
    page = html(report)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert page.count('<tr id="') == 3
