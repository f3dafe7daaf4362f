"""Installing a browser: which ways are tried, in which order, and how they end."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from mock_server.browser.discovery import BrowserFound, BrowserNotFoundError, Machine, Ran
from mock_server.browser.installation import DOWNLOAD_SECONDS, InstallationError, install

CHROMIUM = Path("/usr/bin/chromium")
OFFLINE = Ran(1, "Downloading Chrome\nError: getaddrinfo ENOTFOUND cdn\n  at foo\nFailed to install browsers\n")


class Box:
    """A machine on which commands have the effects they are given."""

    def __init__(self, *, system: str = "linux", os_release: str = "ID=debian\n", user_id: int = 0, sudo: bool = False):
        self.commands: list[str] = []
        self.limits: list[float] = []
        self.files: set[Path] = set()
        self.results: dict[str, Ran] = {"-m playwright": OFFLINE}
        self.installs: dict[str, Path] = {}
        self.told: list[str] = []
        self.env: dict[str, str] = {}
        programs = {"apt-get": "/usr/bin/apt-get"} if "debian" in os_release or "ubuntu" in os_release else {}
        if sudo or user_id:
            programs["sudo"] = "/usr/bin/sudo"
        if not sudo:
            self.results["sudo -n true"] = Ran(1, "sudo: a password is required")
        self.machine = Machine(
            system=system,
            env=self.env,
            home=Path("/home/me"),
            which=programs.get,
            is_executable=self.files.__contains__,
            exists=self.files.__contains__,
            read_text=lambda path: os_release if path == Path("/etc/os-release") else None,
            run=self.run,
            user_id=user_id,
            playwright_package=None,
        )

    def run(self, command: Sequence[str], seconds: float, env: Mapping[str, str]) -> Ran:
        line = " ".join(command)
        if line.endswith("--version"):
            return Ran(0, "Chromium 150.0.1.1")
        self.commands.append(line)
        self.limits.append(seconds)
        for part, path in self.installs.items():
            if part in line:
                self.files.add(path)
                return Ran(0, "")
        return next((result for part, result in self.results.items() if part in line), Ran(0, ""))

    def install(self, problem: str | None = None) -> BrowserFound:
        return install(self.machine, lambda _: problem, self.told.append)


def test_a_browser_that_is_there_is_enough():
    """The second time nothing is run, downloaded or started."""
    box = Box()
    box.files.add(CHROMIUM)
    found = install(box.machine, lambda _: pytest.fail("was started"), box.told.append)
    assert found.path == CHROMIUM
    assert box.commands == []
    assert box.told == []


def test_playwrights_browser_is_tried_first():
    """Playwright's own installer comes first, with a time limit."""
    box = Box()
    box.installs = {"-m playwright install chromium": CHROMIUM}
    assert box.install().path == CHROMIUM
    assert box.commands == [f"{sys.executable} -m playwright install chromium"]
    assert box.limits == [DOWNLOAD_SECONDS]


def test_then_the_distributions():
    """Offline for Playwright but not for apt: on Debian as root Chromium and a font are installed."""
    box = Box()
    box.installs = {"apt-get install": CHROMIUM}
    assert box.install().path == CHROMIUM
    assert box.commands[1:] == [
        "apt-get update",
        "apt-get install -y --no-install-recommends chromium fonts-liberation",
    ]
    assert any("ENOTFOUND" in line for line in box.told)


def test_with_sudo_that_asks_nothing():
    """Somebody who may is spared the typing; nobody is asked for a password."""
    box = Box(user_id=1000, sudo=True)
    box.installs = {"apt-get install": CHROMIUM}
    assert box.install().path == CHROMIUM
    assert box.commands[-1].startswith("sudo -n apt-get install")


@pytest.mark.parametrize(
    "box",
    [
        Box(user_id=1000),
        Box(os_release="ID=fedora\n"),
        Box(system="darwin", os_release=""),
        Box(system="win32", os_release=""),
    ],
    ids=["no right", "fedora", "macos", "windows"],
)
def test_elsewhere_apt_is_left_alone(box):
    """Without the right to do so, or on another system, only Playwright is tried; the message says what to install."""
    with pytest.raises(InstallationError) as caught:
        box.install()
    assert not any("apt-get" in command for command in box.commands)
    assert "Install" in str(caught.value)
    assert "ENOTFOUND" in str(caught.value)


def test_a_download_that_hangs_is_reported():
    """A time limit that ran out is told, and the next way is tried."""
    box = Box()
    box.results["-m playwright"] = Ran(None, "stopped after 600 seconds without an end")
    box.installs = {"apt-get install": CHROMIUM}
    assert box.install().path == CHROMIUM
    assert any("stopped after 600 seconds" in line for line in box.told)


def test_an_installed_browser_that_does_not_start_is_not_enough():
    """A browser without its system libraries is said not to work; nothing is claimed to be done."""
    box = Box(user_id=1000)
    box.installs = {"-m playwright install chromium": CHROMIUM}
    with pytest.raises(InstallationError):
        box.install(problem="libnss3.so is missing")
    assert any("libnss3.so" in line for line in box.told)


def test_a_failed_update_ends_that_way():
    """When the package lists cannot be had, installing is not tried; the message has apt's own error."""
    box = Box()
    box.results["apt-get update"] = Ran(100, "Err:1 http://deb\nE: Failed to fetch http://deb\n")
    with pytest.raises(InstallationError, match="E: Failed to fetch"):
        box.install()
    assert not any("apt-get install" in command for command in box.commands)


def test_a_browser_the_user_named_is_not_replaced():
    """A wrong SKYVERN_MOCK_BROWSER is the user's to correct: nothing is installed beside it."""
    box = Box()
    box.env["SKYVERN_MOCK_BROWSER"] = "/opt/mine"
    with pytest.raises(BrowserNotFoundError, match="/opt/mine"):
        box.install()
    assert box.commands == []
