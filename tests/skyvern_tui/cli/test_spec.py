"""Claims about the command line as a whole: help in sections, the commands as data, the page of the manual."""

from __future__ import annotations

import json

import click
import pytest

from skyvern_tui.cli import main
from skyvern_tui.cli.entry import _SECTIONS, _TREE
from skyvern_tui.cli.exits import Exit
from skyvern_tui.cli.groups import Branch
from skyvern_tui.cli.spec import every_command, manual, spec
from tests.skyvern_tui.cli.service import Service, command


@pytest.fixture(scope="module")
def told():
    return spec(main)


def test_every_command_stands_under_one_heading():
    """The help text lists all commands once, in the order of the table."""
    names = [name for section in _SECTIONS.values() for name in section]
    assert names == list(_TREE)
    text = command(Service(), "--help", base_url=None).stdout
    assert [heading for heading in _SECTIONS if f"\n{heading}:\n" in text] == list(_SECTIONS)


def test_the_spec_has_every_command(told):
    """All paths of the table, each with words about it."""
    paths = set()
    for name, part in _TREE.items():
        paths |= {(name, child) for child in part.parts} if isinstance(part, Branch) else {(name,)}
    assert {tuple(entry["path"]) for entry in told["commands"]} == paths
    assert all(entry["help"] and entry["summary"] for entry in told["commands"])
    assert {status["code"] for status in told["exit_statuses"]} == {int(code) for code in Exit}


def test_the_spec_says_what_a_command_takes(told):
    """Arguments, options with values, choices and defaults are those the command really has."""
    by_path = {" ".join(entry["path"]): entry for entry in told["commands"]}
    listen = {option["names"][0]: option for option in by_path["webhook listen"]["options"]}
    assert (listen["--port"]["default"], listen["--port"]["takes_value"]) == (8787, True)
    assert (listen["--once"]["takes_value"], listen["--key-env"]["many"]) == (False, True)
    assert by_path["completion"]["arguments"][0]["required"] is True
    assert by_path["runs cancel"]["arguments"][0]["many"] is True
    formats = {option["names"][0]: option for option in by_path["export"]["options"]}["--format"]["choices"]
    assert {"curl", "python", "skyrun"} <= set(formats)


def test_every_option_is_explained(told):
    """No option without words, and none whose words do not end as a sentence."""
    for entry in told["commands"]:
        for option in entry["options"]:
            assert option["help"].endswith((".", ")")), (entry["path"], option["names"])


def test_what_the_spec_says_can_be_typed(told):
    """Each command of the spec is found under its words and shows its help."""
    context = click.Context(main, info_name="skyvern-tui", **main.context_settings)
    for path, found, inner in every_command(main, context):
        assert found.get_usage(inner).startswith(f"Usage: skyvern-tui {' '.join(path)}")
    result = command(Service(), "--spec", base_url=None)
    assert json.loads(result.stdout) == told


def test_the_manual_has_its_parts(told):
    """The parts a manual's page has, with every command, variable and exit status."""
    page = manual(main)
    parts = ["Name", "Synopsis", "Description", "Options", "Commands", "Environment", "Files", "Exit status"]
    assert [line[3:] for line in page.splitlines() if line.startswith("## ")] == parts
    for entry in told["commands"]:
        assert f"**{' '.join(entry['path'])}** - " in page
        assert f"skyvern-tui {' '.join(entry['path'])} [OPTIONS]" in page
    assert all(f"`{name}`" in page for name in ("SKYVERN_API_KEY", "SKYVERN_TUI_THEME", "NO_COLOR"))
