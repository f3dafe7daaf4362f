"""The container file, as far as it can be held true without building it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mock_server.cli import main, serve
from mock_server.settings import DEFAULT_PORT

FOLDER = Path(__file__).parents[2] / "docs" / "container"
FILE = (FOLDER / "Containerfile").read_text(encoding="utf-8")


def entry_point() -> list[str]:
    found = re.search(r"^ENTRYPOINT (\[.*\])$", FILE, re.MULTILINE)
    assert found
    return json.loads(found[1])


def test_the_entry_point_is_a_command_there_is():
    """The image starts ``skyvern-mock serve`` with options it takes, on the port that is exposed."""
    program, command, *options = entry_point()
    assert (program, command) == ("skyvern-mock", "serve")
    assert command in main.commands
    parsed = serve.make_context("serve", [*options, "--progression", "polls=2", "--clock", "auto"])
    assert (parsed.params["host"], parsed.params["port"]) == ("0.0.0.0", DEFAULT_PORT)
    assert f"EXPOSE {DEFAULT_PORT}\n" in FILE
    assert parsed.params["data_dir"].as_posix() in re.findall(r"^VOLUME (\S+)$", FILE, re.MULTILINE)


@pytest.mark.parametrize("name", ["PACKAGE", "BROWSER"])
def test_arguments_are_used(name):
    """Each build argument the file declares has an effect."""
    assert f"ARG {name}=" in FILE
    assert re.search(rf"\$\{{?{name}\b", FILE)


def test_it_does_not_run_as_root():
    """The server, and the pages its browser opens, have no rights beyond their own user's."""
    assert FILE.index("\nUSER mock\n") < FILE.index("\nENTRYPOINT ")
