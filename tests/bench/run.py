"""`make bench`: the budgets of the design, each as a ratio to a baseline measured in the same run.

``--quick`` takes fewer samples; ``--only WORD`` runs the groups whose name holds the word. Exits 1 if a budget is
exceeded, so that it can be used as a gate; it is not part of the tests.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable

import agent
import client
import large
import server
import tui
from measure import Row

GROUPS: dict[str, Callable[[bool], list[Row]]] = {
    "server requests": server.requests,
    "server start": lambda _: server.start(),
    "server memory": server.memory,
    "agent": agent.runs,
    "agent throughput": agent.throughput,
    "client import": lambda _: client.imports(),
    "client calls": client.calls,
    "client polling": lambda _: client.polling(),
    "tui start": lambda _: tui.start(),
    "tui tail": lambda _: tui.tail(),
    "tui keys": large.keys,
    "tui memory": large.memory,
}


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| what | figure | baseline | ratio | budget | |",
        "|---|---:|---:|---:|---:|---|",
        *(
            f"| {row.name} | {row.value:.1f} {row.unit} | {row.baseline:.1f} {row.unit} | {row.ratio:.2f}× "
            f"| {row.budget} | {'ok' if row.is_kept else 'OVER'} |"
            for row in rows
        ),
        "",
        *dict.fromkeys(f"- {row.name.split(':')[0]}: {row.how}." for row in rows),
    ]
    return "\n".join(lines)


def main() -> int:
    """Run the groups asked for and print their table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    rows: list[Row] = []
    for name, group in GROUPS.items():
        if options.only in name:
            print(f"measuring: {name} ...", file=sys.stderr, flush=True)
            rows += group(options.quick)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}\n")
    print(table(rows))
    return int(not all(row.is_kept for row in rows))


if __name__ == "__main__":
    sys.exit(main())
