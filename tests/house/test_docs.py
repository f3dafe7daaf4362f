"""The documentation says what the program does, and its links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from skyvern_tui.cli.exits import Exit

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / ".github/CONTRIBUTING.md"])


def test_references_are_up_to_date():
    """Commands, keys, settings and dialects are documented as the registries have them; `make docs` makes it so."""
    # A process of its own: commands remember the first way they were looked at, and other tests look at them too.
    checked = subprocess.run(
        [sys.executable, ROOT / "docs/generate.py", "--check"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path):
    """Every relative link and picture of a page exists."""
    targets = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    missing = [
        target
        for target in targets
        if not target.startswith(("http://", "https://")) and not (page.parent / target).exists()
    ]
    assert not missing


def test_every_exit_status_is_in_the_readme():
    """The README's table has each status the command line can end with."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\d, ]+) \|", text, re.MULTILINE)
    assert {int(number) for row in rows for number in row.split(",")} == {code.value for code in Exit}


def test_make_help_lists_the_promised_targets():
    """`make help` names every target the README and the guide speak of."""
    text = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = set(re.findall(r"make (\w+)", text))
    assert {"run", "demo", "serve", "test", "check", "bench", "snapshots", "docs", "clean", "setup"} <= listed


def test_every_command_of_the_readme_exists():
    """Each `skyvern-tui` and `skyvern-mock` subcommand that a page shows is one of the program's."""
    reference = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^## `(skyvern-(?:tui|mock) [\w-]+)`", reference, re.MULTILINE))
    shown = {
        " ".join(words)
        for page in PAGES
        for words in re.findall(
            r"^(skyvern-(?:tui|mock)) ([a-z][\w-]*)", page.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert shown
    assert shown <= known


def test_a_picture_is_another_only_if_it_shows_something_else():
    """`make docs` replaces what says something else, and not what has other ids, times, durations and ports."""
    spec = importlib.util.spec_from_file_location("sameness", ROOT / "docs/sameness.py")
    assert spec is not None
    assert spec.loader is not None
    sameness = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sameness)

    def take(*lines: str) -> str:
        texts = (f'<text class="r1" x="0" y="{24.4 * n}" clip-path="c">{line}</text>' for n, line in enumerate(lines))
        return sameness.said("".join(texts))

    first = take("tsk_v2_599880081067018240 at 127.0.0.1:35533", "13:21:05 goto url  2.9 s", "recording 475 kB  9 s")
    later = take("tsk_v2_599885688653465600 at 127.0.0.1:41801", "13:42:54 goto url  17 s", "recording 30.1 kB  2 m")
    other = take("tsk_v2_599885688653465600 at 127.0.0.1:41801", "13:42:54 click  17 s", "recording 30.1 kB  2 m")
    assert first == later != other
    assert sameness.lasting("3 of 4 completed") != sameness.lasting("4 of 4 completed")
