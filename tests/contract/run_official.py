"""Run the official SDK's suite: ``python tests/contract/run_official.py [--dialect cloud|oss] [pytest arguments]``.

Against the server ``SKYVERN_BASE_URL`` and ``SKYVERN_API_KEY`` name, if they are set: then nothing is done that costs
more than one short task. Otherwise against a mock server started for it, in one dialect or in both.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
SUITE: Final = HERE / "official"
PYTHON: Final = HERE.parents[1] / ".venv-sdk" / ("Scripts" if os.name == "nt" else "bin") / "python"
DIALECTS: Final = ("cloud", "oss")
AT_ONCE: Final = ("-n", "3")
"""On a mock: the SDK waits 10 s between two looks at a run, and each worker has a tenant of its own."""


@contextmanager
def mock(dialect: str) -> Iterator[str]:
    """Run a mock server and yield its address."""
    options = ["--port", "0", "--dialect", dialect, "--tied", "--warm"]
    with (
        tempfile.TemporaryDirectory(prefix="skyvern-contract-") as data_dir,
        subprocess.Popen(
            [sys.executable, "-m", "mock_server", "serve", *options, "--data-dir", data_dir],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.stdin.close()
            process.wait(30)


def run_suite(environment: dict[str, str], arguments: list[str]) -> int:
    """Run the suite in the SDK's own environment; return its exit code."""
    if not PYTHON.exists():
        sys.exit(f"There is no {PYTHON}: `make contract` or `make test` makes the environment of the official SDK.")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SKYVERN_"))}
    return subprocess.run(
        [PYTHON, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=SUITE,
        env={**inherited, **environment},
        check=False,
    ).returncode


def main() -> int:
    """Run the suite as asked; return 0 if all of it passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dialect", choices=DIALECTS, action="append")
    options, arguments = parser.parse_known_args()
    known = {name: os.environ.get(name, "") for name in ("SKYVERN_BASE_URL", "SKYVERN_API_KEY")}
    if all(known.values()) and not options.dialect:
        task_url = os.environ.get("SKYVERN_TASK_URL")
        return run_suite(known | ({"SKYVERN_TASK_URL": task_url} if task_url else {}), arguments)
    worst = 0
    for dialect in options.dialect or DIALECTS:
        with mock(dialect) as url:
            print(f"The official SDK against the mock server, {dialect} dialect", flush=True)
            environment = {
                "SKYVERN_BASE_URL": url,
                "SKYVERN_MOCK": dialect,
                "SKYVERN_TASK_URL": f"{url}/sites/news/",
            }
            worst = max(worst, run_suite(environment, [*AT_ONCE, *arguments]))
    return worst


if __name__ == "__main__":
    sys.exit(main())
