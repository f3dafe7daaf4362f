"""Our client and the official SDK side by side: ``python tests/contract/compare.py [--only CASE] [--json FILE]``.

Every ending and fault of the catalogue behind ``skyvern-mock contract`` is put to both faces of our client and to the
official SDK, each in a process of its own and in virtual time, against one mock server. Fails if ours does not handle
one. The SDK runs in its own environment (``make contract`` makes it); without that, ours is examined alone.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from mock_server.testing.contract import CASES, Kind, Report, chosen, examine
from tests.contract.run_official import PYTHON, mock

HERE: Final = Path(__file__).parent
ADAPTERS: Final = HERE / "adapters"
LIMIT_SECONDS: Final = 240.0
"""Of the machine's time, for one case; a machine that is busy is slow, not wrong."""

OURS: Final = {"our client": (sys.executable, "ours.py"), "our client, async": (sys.executable, "ours.py", "--async")}
OFFICIAL: Final = {"official SDK": (str(PYTHON), "official.py")}


def compare(server: str, only: Sequence[str], jobs: int) -> dict[str, Report]:
    """Return the report of each client on the mock server at that address."""
    # The adapters need the kit's side of the conversation; the SDK's environment holds nothing of ours.
    os.environ["PYTHONPATH"] = str(HERE.parents[1])
    clients = OURS | (OFFICIAL if PYTHON.exists() else {})
    cases = chosen(only) if only else CASES
    reports = {}
    for name, (python, adapter, *options) in clients.items():
        click.echo(f"{name} ...", err=True)
        command = shlex.join([python, str(ADAPTERS / adapter), *options])
        reports[name] = examine(command, cases, server=server, jobs=jobs, limit_seconds=LIMIT_SECONDS)
    return reports


def table(reports: dict[str, Report]) -> str:
    """Return a row for each case, a column for each client, and the totals; what is not handled says why."""
    columns = list(reports.values())
    titles = [result.case.title for result in columns[0].results]
    first = max(len(title) for title in titles) + 2
    width = 24
    lines = [" " * first + "".join(name.ljust(width) for name in reports)]
    group = ""
    for row in zip(*(report.results for report in columns), strict=True):
        case = row[0].case
        if case.group != group:
            group = case.group
            lines += ["", group]
        cells = [("" if result.verdict.is_good else "✗ ") + result.verdict.kind.value for result in row]
        lines.append((case.title.ljust(first) + "".join(cell.ljust(width) for cell in cells)).rstrip())
        for name, result in zip(reports, row, strict=True):
            if not result.verdict.is_good:
                error = f"{result.answer.error}: " if result.answer and result.answer.error else ""
                lines.append(f"    {name}: {error}{result.verdict.why}")
    counts = [sum(result.verdict.kind is Kind.HANDLED for result in report.results) for report in columns]
    offered = [sum(result.verdict.kind is not Kind.NOT_OFFERED for result in report.results) for report in columns]
    totals = [f"{count} of {all_}" for count, all_ in zip(counts, offered, strict=True)]
    return "\n".join([*lines, "", "handled".ljust(first) + "".join(total.ljust(width) for total in totals)])


def main() -> int:
    """Compare and print; return 0 if our client handled everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", default=[], metavar="CASE", help="such as polling.*; repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the verdicts here as well")
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--dialect", choices=["cloud", "oss"], default="cloud")
    options = parser.parse_args()
    with mock(options.dialect) as server:
        reports = compare(server, options.only, options.jobs)
    click.echo(table(reports))
    if options.json:
        verdicts = {
            name: {result.case.id: result.verdict.kind.value for result in report.results}
            for name, report in reports.items()
        }
        options.json.write_text(json.dumps(verdicts, indent=2) + "\n", encoding="utf-8")
    return 0 if all(reports[name].has_passed for name in OURS) else 1


if __name__ == "__main__":
    sys.exit(main())
