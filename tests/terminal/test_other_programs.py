"""Claims about handing what a run left to other programs."""

from __future__ import annotations

from pathlib import Path

from tests.terminal.conftest import Account
from tests.terminal.emulator import Terminal, installed


def program(path: Path, line: str) -> Path:
    """Write a program of one line."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
    return path


def test_a_file_goes_to_the_systems_program_and_its_text_to_the_pager(
    environment: dict[str, str], account: Account, tmp_path: Path
) -> None:
    """``o`` calls the system's opener with a saved copy, ``|`` gives the lines to $PAGER; the app is there again."""
    told, paged = tmp_path / "told", tmp_path / "paged"
    opener = program(tmp_path / "bin" / "xdg-open", f'echo "$@" > {told}.part; mv {told}.part {told}')
    pager = program(tmp_path / "bin" / "pager", f"cat > {paged}; echo PAGER WAS HERE")
    account.run("With files", progression="immediate", downloads={"receipt.txt": "1 x tea\n2 x cake\x1b[31m"})
    variables = {"SKYVERN_API_KEY": account.key, "PAGER": str(pager)}
    variables["PATH"] = f"{opener.parent}:{environment['PATH']}"
    command = [installed("skyvern-tui"), "--base-url", account.url]
    with Terminal(command, environment | variables) as terminal:
        terminal.until("completed")
        terminal.press("enter")
        terminal.until("Artifacts 1")
        terminal.press("3")
        terminal.until("receipt.txt")
        terminal.press("enter")
        terminal.until("2 x cake")
        terminal.press("o")
        terminal.until(lambda _: told.exists())
        copy = Path(told.read_text().strip())
        assert copy.name == "receipt.txt"
        assert copy.read_bytes() == b"1 x tea\n2 x cake\x1b[31m"
        terminal.press("|")
        terminal.until(lambda _: "PAGER WAS HERE" in terminal.raw)
        terminal.until("2 x cake")
        assert paged.read_text() == "1 x tea\n2 x cake␛[31m\n"
        terminal.press("ctrl+q")
        assert terminal.wait() == 0
