"""Record every cassette anew: ``make cassettes``.

Starts a mock server with data of its own and plays each scenario on it. The server keeps
real time here, so that a run takes the polls it takes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from skyvern_tui.embedded import EmbeddedMock
from tests.contract.cassettes import CASSETTES, KEY, KEYS, SCENARIOS, calling, recorder


def main() -> None:
    """Record all, or the scenarios named on the command line."""
    CASSETTES.mkdir(parents=True, exist_ok=True)
    names = sys.argv[1:] or list(SCENARIOS)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as data, EmbeddedMock(Path(data) / "mock") as server:
        for name in names:
            path = CASSETTES / f"{name}.yaml"
            path.unlink(missing_ok=True)
            key = KEYS.get(name, KEY)
            with (
                recorder("all").use_cassette(path.name) as cassette,
                calling("sync", quick=False, base_url=server.base_url, key=key) as call,
            ):
                SCENARIOS[name](call)
            click.echo(f"{path.relative_to(Path.cwd())}: {len(cassette)} exchanges, {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
