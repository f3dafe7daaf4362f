"""A mock server in a process of its own, whose runs follow scripts, so that no browser is needed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

TITLE = {"title": "The top post"}
PRODUCTS = [{"name": f"Widget {letter}", "price": "$29.99", "rating": 4.5} for letter in "ABC"]
SCRIPTS = {
    "scripts": [
        {"match": {"prompt": "top 3 products"}, "progression": "polls=2", "ending": {"output": PRODUCTS}},
        {"progression": "polls=2", "ending": {"output": TITLE}, "artifacts": "all"},
    ]
}


@contextmanager
def scripted_mock(folder: Path) -> Iterator[str]:
    """Run a server that keeps its data in ``folder``; yield its address."""
    scripts = folder / "scripts.yaml"
    scripts.write_text(yaml.safe_dump(SCRIPTS), encoding="utf-8")
    command = [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--tied", "--scenarios", str(scripts)]
    with subprocess.Popen(
        [*command, "--data-dir", str(folder / "data")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.stdin.close()
            process.wait(60)
