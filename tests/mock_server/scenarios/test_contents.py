"""Scripts may lean on files beside their scenario file, and on no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_server.scenarios.files import ScenarioError, load

SCRIPT: dict[str, Any] = {
    "downloads": {"a.txt": {"file": "files/a.txt"}},
    "artifacts": [{"type": "har", "content": {"file": "files/a.har"}}, "recording"],
}


def scenario(directory: Path, script: dict[str, Any]) -> Path:
    files = directory / "files"
    files.mkdir(parents=True)
    (files / "a.txt").write_text("from a file")
    (files / "a.har").write_bytes(b"\x00\xff")
    path = directory / "scenario.yaml"
    path.write_text(yaml.safe_dump(script))
    return path


async def test_files_are_what_the_run_leaves(tmp_path: Path, stage: Any):
    """A file named in a scenario is the artifact's content, byte for byte; the run's row holds its digest only."""
    (script,) = load([scenario(tmp_path / "s", SCRIPT)])
    dumped = script.dump()
    assert set(dumped["downloads"]["a.txt"]) == {"sha256"}
    run_id = await stage.submit(dumped)
    contents = {}
    for artifact in await stage.ok("GET", f"/v1/runs/{run_id}/artifacts"):
        answer = await stage.client.get(f"/v1/artifacts/{artifact['artifact_id']}/content")
        contents[artifact["artifact_type"]] = answer.content
    assert (contents["download"], contents["har"]) == (b"from a file", b"\x00\xff")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../outside.txt", "not below"),
        ("/etc/hostname", "not below"),
        ("files/missing.txt", "no file files/missing.txt"),
        ("files", "no file files"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, name: str, message: str):
    """What is not a file beside the scenario file is refused, with the line it is named in."""
    (tmp_path / "outside.txt").write_text("private")
    path = scenario(tmp_path / "s", {"name": "n", "downloads": {"a.txt": {"file": name}}})
    with pytest.raises(ScenarioError, match=message) as raised:
        load([path])
    assert f"{path}:3: downloads.a.txt.file" in str(raised.value)


def test_a_link_out_of_the_directory_is_refused(tmp_path: Path):
    """A symbolic link leads nowhere else either."""
    path = scenario(tmp_path / "s", {"downloads": {"a.txt": {"file": "files/link"}}})
    (tmp_path / "outside.txt").write_text("private")
    (path.parent / "files" / "link").symlink_to(tmp_path / "outside.txt")
    with pytest.raises(ScenarioError, match="not below"):
        load([path])


async def test_nobody_names_a_file_over_the_network(stage: Any):
    """A script that comes by request knows no ``file``, and a digest nobody registered fails the run with a reason."""
    answer = await stage.client.post("/_mock/scripts", json={"downloads": {"x": {"file": "/etc/hostname"}}})
    assert answer.status_code == 422
    run = await stage.run(await stage.submit({"downloads": {"x": {"sha256": "0" * 64}}}))
    assert run["status"] == "failed"
    assert "000000000000… is not there" in run["failure_reason"]


async def test_a_file_that_changed(tmp_path: Path, stage: Any):
    """A file that is not what it was when the scenario was loaded fails the run rather than being passed off as it."""
    path = scenario(tmp_path / "s", SCRIPT)
    (script,) = load([path])
    (path.parent / "files" / "a.txt").write_text("something else")
    run = await stage.run(await stage.submit(script.dump()))
    assert (run["status"], "leave the files beside that as they are" in run["failure_reason"]) == ("failed", True)
