"""Which browser is found on which machine, and what is said when there is none."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mock_server.browser.discovery import (
    BrowserFound,
    BrowserNotFoundError,
    Machine,
    Ran,
    advice,
    find_browser,
    run_command,
)

PACKAGE = Path("/site-packages/playwright")
BROWSERS_JSON = json.dumps(
    {
        "browsers": [
            {"name": "chromium", "revision": "1255", "browserVersion": "159.0.1"},
            {"name": "chromium-headless-shell", "revision": "1255", "browserVersion": "159.0.1"},
        ]
    }
)


def machine(
    *present: str,
    system: str = "linux",
    env: Mapping[str, str] | None = None,
    paths: Mapping[str, str] | None = None,
    os_release: str = "ID=debian\n",
    versions: Mapping[str, Ran] | None = None,
    **more: Any,
) -> Machine:
    """Describe a machine by the files that are on it; all of them are executable."""
    files = {Path(path) for path in present}
    texts = {PACKAGE / "driver/package/browsers.json": BROWSERS_JSON, Path("/etc/os-release"): os_release}

    def run(command: Sequence[str], seconds: float, env: Mapping[str, str]) -> Ran:
        return (versions or {}).get(command[0], Ran(0, "Chromium 150.0.7000.1 built on Debian"))

    return Machine(
        **{
            "system": system,
            "env": env or {},
            "home": Path("/home/me"),
            "which": (paths or {}).get,
            "is_executable": files.__contains__,
            "exists": files.__contains__,
            "read_text": texts.get,
            "run": run,
            "user_id": 1000,
            "playwright_package": PACKAGE,
            **more,
        }
    )


CACHE = "/home/me/.cache/ms-playwright"
SHELL = f"{CACHE}/chromium_headless_shell-1255/INSTALLATION_COMPLETE"
FULL = f"{CACHE}/chromium-1255/INSTALLATION_COMPLETE"


def test_the_environment_comes_first():
    """SKYVERN_MOCK_BROWSER wins over every browser that is there."""
    found = find_browser(
        machine("/opt/mine", SHELL, "/usr/bin/chromium", env={"SKYVERN_MOCK_BROWSER": "/opt/mine"}),
    )
    assert found == BrowserFound(Path("/opt/mine"), "chromium", "150.0.7000.1", "environment")


@pytest.mark.parametrize(
    ("files", "problem"), [((), "does not exist"), (("/opt/mine",), "is not executable")], ids=["missing", "no program"]
)
def test_a_wrong_environment_is_an_error(files, problem):
    """A variable that names no executable is said, with what to do; nothing else is silently taken."""
    described = machine(SHELL, "/usr/bin/chromium", env={"SKYVERN_MOCK_BROWSER": "/opt/mine"})
    described = replace(described, exists={Path(path) for path in files}.__contains__)
    with pytest.raises(BrowserNotFoundError, match=problem) as caught:
        find_browser(described)
    assert "/opt/mine" in str(caught.value)
    assert "unset it" in str(caught.value)


def test_playwrights_own_comes_before_an_installed_one():
    """The browser Playwright was made for is preferred; it needs no path, and is not started to find out."""
    found = find_browser(machine(SHELL, "/usr/bin/chromium"))
    assert found == BrowserFound(None, "playwright", "159.0.1", "playwright")


def test_playwrights_full_browser_without_its_shell_needs_its_path():
    """Headless, Playwright would look for the shell, so the full browser is named to it."""
    path = f"{CACHE}/chromium-1255/chrome-linux64/chrome"
    assert find_browser(machine(FULL, path)).path == Path(path)


def test_another_revision_of_playwrights_browser_does_not_count():
    """A browser an older Playwright left behind is not the one this one would start."""
    other = SHELL.replace("1255", "1100")
    with pytest.raises(BrowserNotFoundError):
        find_browser(machine(other))


@pytest.mark.parametrize(
    ("system", "env", "registry"),
    [
        ("linux", {"PLAYWRIGHT_BROWSERS_PATH": "/srv/pw"}, "/srv/pw"),
        ("linux", {"PLAYWRIGHT_BROWSERS_PATH": "0"}, f"{PACKAGE}/driver/package/.local-browsers"),
        ("linux", {"XDG_CACHE_HOME": "/var/cache/me"}, "/var/cache/me/ms-playwright"),
        ("darwin", {}, "/home/me/Library/Caches/ms-playwright"),
        ("win32", {"LOCALAPPDATA": "/c/local"}, "/c/local/ms-playwright"),
    ],
)
def test_where_playwright_keeps_its_browsers(system, env, registry):
    """The directory follows Playwright's own rules on each system."""
    marker = f"{registry}/chromium_headless_shell-1255/INSTALLATION_COMPLETE"
    assert find_browser(machine(marker, system=system, env=env)).source == "playwright"


@pytest.mark.parametrize(
    ("system", "path", "kind"),
    [
        ("linux", "/usr/bin/chromium", "chromium"),
        ("linux", "/opt/google/chrome/chrome", "chrome"),
        ("linux", "/opt/microsoft/msedge/msedge", "edge"),
        ("darwin", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "chrome"),
        ("darwin", "/home/me/Applications/Chromium.app/Contents/MacOS/Chromium", "chromium"),
        ("win32", "/pf86/Microsoft/Edge/Application/msedge.exe", "edge"),
        ("win32", "/local/Google/Chrome/Application/chrome.exe", "chrome"),
    ],
)
def test_an_installed_browser_is_found_in_its_usual_place(system, path, kind):
    """Chrome, Chromium and Edge are found where their installers put them, without PATH."""
    env = {"PROGRAMFILES": "/pf", "PROGRAMFILES(X86)": "/pf86", "LOCALAPPDATA": "/local"} if system == "win32" else {}
    found = find_browser(machine(path, system=system, env=env))
    assert (found.path, found.kind, found.source) == (Path(path), kind, "installed")


def test_a_browser_on_the_path_is_found():
    """A name on PATH is enough, wherever it leads."""
    found = find_browser(machine("/nix/store/x/chrome", paths={"google-chrome-stable": "/nix/store/x/chrome"}))
    assert (found.path, found.kind) == (Path("/nix/store/x/chrome"), "chrome")


def test_a_stub_is_passed_over():
    """Ubuntu's chromium-browser only says that a snap should be installed; the next candidate is taken."""
    found = find_browser(
        machine(
            "/usr/bin/chromium-browser",
            "/opt/google/chrome/chrome",
            paths={"chromium-browser": "/usr/bin/chromium-browser"},
            versions={"/usr/bin/chromium-browser": Ran(1, "requires the chromium snap to be installed")},
        )
    )
    assert found.path == Path("/opt/google/chrome/chrome")


def test_windows_browsers_are_not_asked_for_their_version():
    """There --version opens a window, so the version stays unknown."""
    path = "/pf/Google/Chrome/Application/chrome.exe"
    found = find_browser(machine(path, system="win32", env={"PROGRAMFILES": "/pf"}))
    assert found.version is None
    assert "version unknown" in str(found)


@pytest.mark.parametrize(
    ("system", "os_release", "hint"),
    [
        ("linux", "ID=debian\n", "sudo apt-get install chromium"),
        ("linux", 'ID=pop\nID_LIKE="ubuntu debian"\n', "snap install chromium"),
        ("linux", "ID=fedora\n", "dnf install chromium"),
        ("linux", 'ID="manjaro"\nID_LIKE=arch\n', "pacman -S chromium"),
        ("linux", "ID=alpine\n", "apk add chromium"),
        ("linux", "", "package manager"),
        ("darwin", "", "brew install --cask chromium"),
        ("win32", "", "Microsoft Edge"),
    ],
)
def test_without_a_browser_one_message_says_what_to_do(system, os_release, hint):
    """The message fits the system and names the variable as the other way out."""
    described = machine(system=system, os_release=os_release)
    with pytest.raises(BrowserNotFoundError) as caught:
        find_browser(described)
    assert str(caught.value) == advice(described)
    assert hint in str(caught.value)
    assert "SKYVERN_MOCK_BROWSER" in str(caught.value)


def test_a_machine_without_playwright_still_has_its_own_browser():
    """Discovery does not need Playwright to be installed."""
    assert find_browser(machine("/usr/bin/chromium", playwright_package=None)).source == "installed"


def test_a_command_has_a_time_limit():
    """What hangs is stopped and said so, with what it printed before."""
    ran = run_command([sys.executable, "-uc", "print('begun'); import time; time.sleep(60)"], 3.0, {})
    assert ran.code is None
    assert "begun" in ran.output
    assert "stopped after 3 seconds" in ran.output


def test_a_command_that_is_not_there():
    """A missing program is a failure that is told, not an exception."""
    ran = run_command(["/nonexistent/program"], 3.0, {})
    assert ran.code is None
    assert "/nonexistent/program" in ran.output


def test_this_machine_has_a_browser(browser_path):
    """What discovery finds here really is a program; the other browser tests rely on it."""
    assert browser_path is None or browser_path.is_file()
