"""Record every cassette anew: ``make cassettes``.

Starts a mock server with data of its own, in each dialect, and plays each scenario on it. The
server keeps real time here, so that a run takes the polls it takes. What a real server was
recorded to answer is turned into cassettes as well.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from skyvern_tui.embedded import COMMAND, EmbeddedMock
from tests.contract import real_server
from tests.contract.cassettes import CASSETTES, FOLDERS, KEY, KEYS, SCENARIOS, calling, recorder


def main() -> None:
    """Record all, or the scenarios named on the command line."""
    names = sys.argv[1:] or list(SCENARIOS)
    for dialect in FOLDERS:
        _record(dialect, names)
    for tape in real_server.TAPES:
        click.echo(f"{real_server.write(tape).relative_to(Path.cwd())}: converted")


def _record(dialect: str, names: list[str]) -> None:
    command = (*COMMAND, "--dialect", dialect)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as data,
        EmbeddedMock(Path(data) / "mock", command=command) as server,
    ):
        for name in names:
            path = CASSETTES / f"{FOLDERS[dialect]}{name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            key = KEYS.get(name, KEY)
            with (
                recorder("all").use_cassette(str(path)) as cassette,
                calling("sync", quick=False, base_url=server.base_url, key=key) as call,
            ):
                SCENARIOS[name](call)
            click.echo(f"{path.relative_to(Path.cwd())}: {len(cassette)} exchanges, {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
