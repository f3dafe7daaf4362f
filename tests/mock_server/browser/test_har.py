"""A HAR stays small enough to open."""

from __future__ import annotations

import json
from pathlib import Path

from mock_server.browser.har import bound


def write(path: Path, *bodies: str) -> None:
    entries = [
        {"request": {"url": f"http://x/{n}"}, "response": {"content": {"size": len(body), "text": body}}}
        for n, body in enumerate(bodies)
    ]
    entries.append({"request": {"url": "http://x/204"}, "response": {"content": {"size": 0}}})
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))


def test_a_small_file_is_left_alone(tmp_path):
    """Below the bound not a byte changes."""
    path = tmp_path / "a.har"
    write(path, "small")
    before = path.read_bytes()
    assert bound(path, 10_000) == 0
    assert path.read_bytes() == before


def test_the_largest_bodies_go_first(tmp_path):
    """Beyond it bodies are left out from the largest on, each saying so; sizes and all else stay."""
    path = tmp_path / "a.har"
    write(path, "a" * 100, "b" * 50_000, "c" * 3_000, "d" * 40_000)
    assert bound(path, 10_000) == 2
    contents = [entry["response"]["content"] for entry in json.loads(path.read_text())["log"]["entries"]]
    assert [len(content.get("text", "")) for content in contents] == [100, 0, 3_000, 0, 0]
    assert [content["size"] for content in contents] == [100, 50_000, 3_000, 40_000, 0]
    assert "left out" in contents[1]["comment"]
    assert path.stat().st_size <= 10_000
    assert list(tmp_path.iterdir()) == [path]
