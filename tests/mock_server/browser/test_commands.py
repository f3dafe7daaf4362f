"""``skyvern-mock doctor`` and ``skyvern-mock install-browser``, as a user calls them."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mock_server.browser import commands
from mock_server.browser.discovery import BrowserFound, BrowserNotFoundError
from mock_server.browser.installation import InstallationError
from mock_server.browser.probe import Probed, probe
from mock_server.cli import main

FOUND = BrowserFound(Path("/usr/bin/some-chromium"), "chromium", "150.0.1", "installed")


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture
def healthy(monkeypatch) -> None:
    """A machine on which a browser is found and works, without starting one."""

    async def works(found: BrowserFound) -> Probed:
        return Probed(None, "150.0.1", has_fonts=True)

    monkeypatch.setattr(commands, "find_browser", lambda: FOUND)
    monkeypatch.setattr(commands, "probe", works)


def report(*arguments: str) -> dict[str, dict[str, Any]]:
    result = invoke("doctor", "--json", *arguments)
    whole = json.loads(result.output)
    assert whole["ok"] is (result.exit_code == 0)
    return {check["name"]: check for check in whole["checks"]}


def test_a_healthy_machine(healthy, tmp_path):
    """Every check is listed with what was found, and the exit code is 0."""
    result = invoke("doctor", "--data-dir", str(tmp_path), "--port", "1")
    assert result.exit_code == 0, result.output
    for word in ("python", "platform", "packages", "browser", "start", "recording", "data dir", "port"):
        assert word in result.output
    assert "/usr/bin/some-chromium" in result.output
    assert "playwright 1." in result.output


def test_no_browser(healthy, monkeypatch, tmp_path):
    """The advice is in the report and the exit code is 1; the other checks are made all the same."""

    def none() -> BrowserFound:
        raise BrowserNotFoundError("install one like this")

    monkeypatch.setattr(commands, "find_browser", none)
    checks = report("--data-dir", str(tmp_path))
    assert checks["browser"] == {"name": "browser", "state": "fail", "detail": "install one like this"}
    assert checks["recording"]["state"] == "ok"
    assert "start" not in checks


def test_a_browser_that_does_not_start(healthy, monkeypatch, tmp_path):
    """What it said is shown, with a way out."""

    async def fails(found: BrowserFound) -> Probed:
        return Probed("libnss3.so: cannot open shared object file")

    monkeypatch.setattr(commands, "probe", fails)
    check = report("--data-dir", str(tmp_path))["start"]
    assert check["state"] == "fail"
    assert "libnss3.so" in check["detail"]
    assert "SKYVERN_MOCK_BROWSER" in check["detail"]


def test_a_machine_without_fonts(healthy, monkeypatch, tmp_path):
    """Text without a font is worth a note, but runs go on."""

    async def fontless(found: BrowserFound) -> Probed:
        return Probed(None, "150.0.1", has_fonts=False)

    monkeypatch.setattr(commands, "probe", fontless)
    assert report("--data-dir", str(tmp_path))["fonts"]["state"] == "note"


def test_a_data_directory_that_cannot_be_made(healthy, tmp_path):
    """It is said which one and what to do; nothing is created by looking."""
    (tmp_path / "file").write_text("")
    check = report("--data-dir", str(tmp_path / "file" / "data"))["data dir"]
    assert check["state"] == "fail"
    assert "--data-dir" in check["detail"]
    assert report("--data-dir", str(tmp_path / "new" / "data"))["data dir"]["state"] == "ok"
    assert not (tmp_path / "new").exists()


def test_a_port_in_use_is_a_note(healthy, tmp_path):
    """The server itself may be running: that is no fault, but said with the way around it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        check = report("--data-dir", str(tmp_path), "--port", str(port))["port"]
    assert check["state"] == "note"
    assert f"{port} is in use" in check["detail"]
    assert report("--data-dir", str(tmp_path), "--port", str(port))["port"]["state"] == "ok"


def test_a_missing_package(healthy, monkeypatch, tmp_path):
    """A package that is not installed is named, with the command that installs it."""
    monkeypatch.setattr(commands, "_PACKAGES", ("playwright", "no-such-package"))
    check = report("--data-dir", str(tmp_path))["packages"]
    assert check["state"] == "fail"
    assert "missing: no-such-package" in check["detail"]
    assert "pip install" in check["detail"]


def test_install_browser_says_which_one_there_is(monkeypatch):
    """The browser goes to stdout, what is done on the way to stderr, and the exit code is 0."""

    def install(machine: Any, works: Any, tell: Any) -> BrowserFound:
        tell("running: something")
        return FOUND

    monkeypatch.setattr(commands, "install", install)
    result = invoke("install-browser")
    assert result.exit_code == 0
    assert result.stdout == "browser: chromium 150.0.1, /usr/bin/some-chromium (from: installed)\n"
    assert result.stderr == "running: something\n"


def test_install_browser_says_what_to_install(monkeypatch):
    """When no way led to a browser, one message says so and the exit code is 1."""

    def install(machine: Any, works: Any, tell: Any) -> BrowserFound:
        raise InstallationError("install it yourself")

    monkeypatch.setattr(commands, "install", install)
    result = invoke("install-browser")
    assert result.exit_code == 1
    assert result.stderr == "skyvern-mock: install it yourself\n"


def test_install_browser_with_a_wrong_variable(monkeypatch):
    """A wrong SKYVERN_MOCK_BROWSER is told and nothing is installed."""
    monkeypatch.setenv("SKYVERN_MOCK_BROWSER", "/nonexistent/chromium")
    result = invoke("install-browser")
    assert result.exit_code == 1
    assert "SKYVERN_MOCK_BROWSER is set to /nonexistent/chromium" in result.stderr


@pytest.mark.browser
def test_doctor_really_starts_the_browser_here(tmp_path):
    """With nothing replaced, the browser of this machine starts and renders; its version is in the report."""
    checks = report("--data-dir", str(tmp_path))
    assert checks["start"]["state"] == "ok", checks
    assert "renders a page" in checks["start"]["detail"]
    assert checks["recording"]["state"] == "ok"


@pytest.mark.browser
async def test_a_program_that_is_no_browser_is_found_out():
    """A probe of something that starts but is no browser ends with a problem, not with a wait."""
    probed = await probe(BrowserFound(Path(sys.executable), "chromium", None, "environment"))
    assert probed.problem
