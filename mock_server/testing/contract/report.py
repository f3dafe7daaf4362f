"""The forms of a report.

Owns: text, JSON, JUnit XML and HTML of one. Must not: change what it says from form to form.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final
from xml.etree import ElementTree as ET

import jinja2

from mock_server.testing.contract.examiner import Report, Result
from mock_server.testing.contract.verdict import Kind

_MARKS: Final = {Kind.HANDLED: "✓", Kind.NOT_OFFERED: "-"}


def text(report: Report) -> str:
    """Return a table, grouped, with a line of totals."""
    results = report.results
    width = max((len(result.case.title) for result in results), default=0)
    lines = [f"{report.target.name}: {len(results)} cases"]
    group = ""
    for result in results:
        if result.case.group != group:
            group = result.case.group
            lines += ["", group]
        lines.append(_line(result, width))
    return "\n".join([*lines, "", _totals(report), ""])


def _line(result: Result, width: int) -> str:
    verdict = result.verdict
    mark = _MARKS.get(verdict.kind, "✗")
    why = f"  {verdict.why}" if verdict.why else ""
    return f"  {mark} {result.case.title.ljust(width)}  {verdict.kind.value.ljust(13)}{why}".rstrip()


def _totals(report: Report) -> str:
    counts = _counts(report)
    return ", ".join(f"{count} {kind}" for kind, count in counts.items())


def _counts(report: Report) -> dict[str, int]:
    counted = Counter(result.verdict.kind for result in report.results)
    return {kind.value: counted[kind] for kind in Kind if counted[kind]}


def as_data(report: Report) -> dict[str, Any]:
    """Return it as what JSON can hold; ``version`` changes when members go or change their meaning."""
    return {
        "version": 1,
        "target": {"name": report.target.name, "time": "virtual" if report.target.is_virtual else "machine"},
        "passed": report.has_passed,
        "totals": _counts(report),
        "cases": [_case(result) for result in report.results],
    }


def _case(result: Result) -> dict[str, Any]:
    answer = result.answer
    return {
        "id": result.case.id,
        "title": result.case.title,
        "verdict": result.verdict.kind.value,
        "why": result.verdict.why,
        "matters_because": result.case.why,
        "seconds": round(result.seconds, 3),
        "polls": result.polls,
        "answer": answer
        and {
            name: value
            for name in ("outcome", "status", "run_id", "error", "message")
            if (value := getattr(answer, name)) not in (None, "")
        },
    }


def as_json(report: Report) -> str:
    """Return it as JSON."""
    return json.dumps(as_data(report), indent=2, ensure_ascii=False) + "\n"


def junit(report: Report) -> str:
    """Return it as JUnit XML: what is not handled is a failure, what is not offered is skipped."""
    failures = sum(not result.verdict.is_good for result in report.results)
    skipped = sum(result.verdict.kind is Kind.NOT_OFFERED for result in report.results)
    suite = ET.Element(
        "testsuite",
        name=f"skyvern contract: {_printable(report.target.name)}",
        tests=str(len(report.results)),
        failures=str(failures),
        skipped=str(skipped),
        time=f"{sum(result.seconds for result in report.results):.3f}",
    )
    for result in report.results:
        group, _, name = result.case.id.partition(".")
        case = ET.SubElement(suite, "testcase", classname=group, name=name, time=f"{result.seconds:.3f}")
        kind, why = result.verdict.kind, _printable(result.verdict.why)
        if kind is Kind.NOT_OFFERED:
            ET.SubElement(case, "skipped", message=why or kind.value)
        elif not result.verdict.is_good:
            told = ET.SubElement(case, "failure", type=kind.value, message=why)
            told.text = f"{result.case.title}\n{result.case.why}"
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _printable(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\N{REPLACEMENT CHARACTER}" for sign in text)


def html(report: Report) -> str:
    """Return it as one page that needs nothing else."""
    environment = jinja2.Environment(autoescape=True, loader=jinja2.PackageLoader("mock_server.testing.contract", "."))
    return environment.get_template("report.html").render(data=as_data(report), totals=_totals(report))


FORMS: Final[Mapping[str, Callable[[Report], str]]] = {"text": text, "json": as_json, "junit": junit, "html": html}
