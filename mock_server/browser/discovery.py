"""Finding a browser on this machine.

Owns: where browsers are looked for and in which order, and the one message for when there
is none. Must not: start a browser, install one, or print.

Everything asked of the machine goes through :class:`Machine`, so that every kind of
machine can be described in a test.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

ENV_VAR: Final = "SKYVERN_MOCK_BROWSER"

Kind = Literal["chromium", "chrome", "edge", "playwright"]
Source = Literal["environment", "playwright", "installed"]

_PATH_NAMES: Final[tuple[tuple[str, Kind], ...]] = (
    ("chromium", "chromium"),
    ("chromium-browser", "chromium"),
    ("google-chrome-stable", "chrome"),
    ("google-chrome", "chrome"),
    ("chrome", "chrome"),
    ("microsoft-edge-stable", "edge"),
    ("microsoft-edge", "edge"),
    ("msedge", "edge"),
)

_LINUX_PLACES: Final[tuple[tuple[str, Kind], ...]] = (
    ("/usr/bin/chromium", "chromium"),
    ("/usr/lib/chromium/chromium", "chromium"),
    ("/snap/bin/chromium", "chromium"),
    ("/opt/google/chrome/chrome", "chrome"),
    ("/opt/microsoft/msedge/msedge", "edge"),
)

_MAC_PLACES: Final[tuple[tuple[str, Kind], ...]] = (
    ("Chromium.app/Contents/MacOS/Chromium", "chromium"),
    ("Google Chrome.app/Contents/MacOS/Google Chrome", "chrome"),
    ("Microsoft Edge.app/Contents/MacOS/Microsoft Edge", "edge"),
)

_WINDOWS_ROOTS: Final = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
_WINDOWS_PLACES: Final[tuple[tuple[str, Kind], ...]] = (
    ("Google/Chrome/Application/chrome.exe", "chrome"),
    ("Chromium/Application/chrome.exe", "chromium"),
    ("Microsoft/Edge/Application/msedge.exe", "edge"),
)

_VERSION: Final = re.compile(r"\d+(?:\.\d+){1,3}")
_VERSION_SECONDS: Final = 15.0

Run = Callable[[Sequence[str], float, Mapping[str, str]], "Ran"]


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended: its exit code (None: it did not start, or was stopped at its time limit) and its output."""

    code: int | None
    output: str


@dataclass(frozen=True, slots=True)
class BrowserFound:
    """A browser that is there; whether it works is seen when it starts."""

    path: Path | None
    """Its executable; None for the one Playwright starts when it is told nothing."""
    kind: Kind
    version: str | None
    """As it says itself; None where asking would open a window."""
    source: Source

    def __str__(self) -> str:
        where = str(self.path) if self.path is not None else "where Playwright expects it"
        return f"{self.kind} {self.version or '(version unknown)'}, {where} (from: {self.source})"


class BrowserNotFoundError(Exception):
    """There is no browser, or not the one that was named; the message says what to do."""


def run_command(command: Sequence[str], seconds: float, env: Mapping[str, str]) -> Ran:
    """Run ``command`` for at most ``seconds``, with ``env`` added to the environment."""
    try:
        done = subprocess.run(  # noqa: S603  # our own command lines, no shell
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            env={**os.environ, **env},
        )
    except subprocess.TimeoutExpired as error:
        said = (error.output or b"").decode(errors="replace")
        return Ran(None, f"{said}\nstopped after {seconds:.0f} seconds without an end".strip())
    except OSError as error:
        return Ran(None, str(error))
    return Ran(done.returncode, done.stdout.decode(errors="replace"))


def _read_text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None


def _is_executable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _playwright_package() -> Path | None:
    spec = find_spec("playwright")
    return Path(spec.origin).parent if spec is not None and spec.origin else None


@dataclass(frozen=True, slots=True)
class Machine:
    """What discovery and installation ask of the machine."""

    system: str = field(default_factory=lambda: sys.platform)
    env: Mapping[str, str] = field(default_factory=lambda: os.environ)
    home: Path = field(default_factory=Path.home)
    which: Callable[[str], str | None] = shutil.which
    is_executable: Callable[[Path], bool] = _is_executable
    exists: Callable[[Path], bool] = Path.exists
    read_text: Callable[[Path], str | None] = _read_text
    run: Run = run_command
    user_id: int | None = field(default_factory=lambda: os.geteuid() if hasattr(os, "geteuid") else None)
    playwright_package: Path | None = field(default_factory=_playwright_package)


def find_browser(machine: Machine | None = None) -> BrowserFound:
    """Return the browser to use: the one named by SKYVERN_MOCK_BROWSER, Playwright's own, an installed one.

    Raises:
        BrowserNotFoundError: None of these is there, or the variable names something that is
            not an executable: then nothing else is tried.
    """
    machine = machine or Machine()
    named = machine.env.get(ENV_VAR)
    if named:
        return _named(machine, named)
    found = _playwrights_own(machine) or _installed(machine)
    if found is None:
        raise BrowserNotFoundError(advice(machine))
    return found


def advice(machine: Machine | None = None) -> str:
    """Return what to do on this machine when there is no browser."""
    machine = machine or Machine()
    return (
        "No Chromium, Chrome or Edge was found, and the mock server needs one to do tasks. "
        f"{_how_to_install(machine)} Or run `playwright install chromium` where there is a network, "
        f"or set {ENV_VAR} to the executable of a browser."
    )


def linux_family(machine: Machine) -> frozenset[str]:
    """Return the names this Linux goes by, its own and those it is like, from os-release; lower case."""
    text = machine.read_text(Path("/etc/os-release")) or ""
    fields = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    names = f"{fields.get('ID', '')} {fields.get('ID_LIKE', '')}".replace('"', " ").replace("'", " ")
    return frozenset(names.lower().split())


def _named(machine: Machine, named: str) -> BrowserFound:
    path = Path(named).expanduser()
    if not machine.is_executable(path):
        problem = "is not executable" if machine.exists(path) else "does not exist"
        raise BrowserNotFoundError(
            f"{ENV_VAR} is set to {named}, but that {problem}. "
            "Set it to the executable of Chromium, Chrome or Edge, or unset it to let one be looked for."
        )
    return BrowserFound(path, _kind_of(path), _version(machine, path), "environment")


def _playwrights_own(machine: Machine) -> BrowserFound | None:
    """Look where the installed Playwright expects its browsers, without starting it (300 ms)."""
    package = machine.playwright_package
    registry = _registry(machine)
    text = machine.read_text(package / "driver/package/browsers.json") if package else None
    if text is None or registry is None:
        return None
    entries = {entry["name"]: entry for entry in json.loads(text)["browsers"]}
    for name in ("chromium-headless-shell", "chromium"):
        entry = entries.get(name)
        if entry is None:
            continue
        directory = registry / f"{name.replace('-', '_')}-{entry['revision']}"
        if not machine.exists(directory / "INSTALLATION_COMPLETE"):
            continue
        if name == "chromium-headless-shell":
            return BrowserFound(None, "playwright", entry.get("browserVersion"), "playwright")
        # Without the shell, Playwright does not start this one by itself when headless.
        inside = next(_inside(directory, machine), None)
        if inside is not None:
            return BrowserFound(inside, "playwright", entry.get("browserVersion"), "playwright")
    return None


def _registry(machine: Machine) -> Path | None:
    chosen = machine.env.get("PLAYWRIGHT_BROWSERS_PATH")
    if chosen == "0":
        return machine.playwright_package / "driver/package/.local-browsers" if machine.playwright_package else None
    if chosen:
        return Path(chosen)
    if machine.system == "darwin":
        return machine.home / "Library/Caches/ms-playwright"
    if machine.system == "win32":
        local = machine.env.get("LOCALAPPDATA")
        return (Path(local) if local else machine.home / "AppData/Local") / "ms-playwright"
    cache = machine.env.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else machine.home / ".cache") / "ms-playwright"


def _inside(directory: Path, machine: Machine) -> Iterator[Path]:
    app = "Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing"
    for place in (
        "chrome-linux64/chrome",
        "chrome-linux-arm64/chrome",
        "chrome-linux/chrome",
        f"chrome-mac-arm64/{app}",
        f"chrome-mac-x64/{app}",
        "chrome-win64/chrome.exe",
    ):
        if machine.is_executable(directory / place):
            yield directory / place


def _installed(machine: Machine) -> BrowserFound | None:
    for path, kind in _candidates(machine):
        if not machine.is_executable(path):
            continue
        version = _version(machine, path)
        if version is None and machine.system == "linux":
            continue  # Ubuntu's /usr/bin/chromium-browser may only say that a snap should be installed.
        return BrowserFound(path, kind, version, "installed")
    return None


def _candidates(machine: Machine) -> Iterator[tuple[Path, Kind]]:
    for name, kind in _PATH_NAMES:
        if found := machine.which(name):
            yield Path(found), kind
    if machine.system == "darwin":
        for root in (Path("/Applications"), machine.home / "Applications"):
            yield from ((root / place, kind) for place, kind in _MAC_PLACES)
    elif machine.system == "win32":
        roots = [Path(folder) for name in _WINDOWS_ROOTS if (folder := machine.env.get(name))]
        # By browser first: Chrome for one user comes before Edge for all.
        yield from ((root / place, kind) for place, kind in _WINDOWS_PLACES for root in roots)
    else:
        yield from ((Path(place), kind) for place, kind in _LINUX_PLACES)


def _version(machine: Machine, path: Path) -> str | None:
    if machine.system == "win32":
        return None  # There, --version opens a window.
    ran = machine.run([str(path), "--version"], _VERSION_SECONDS, {})
    match = _VERSION.search(ran.output) if ran.code == 0 else None
    return match.group() if match else None


def _kind_of(path: Path) -> Kind:
    name = path.name.lower()
    if "edge" in name:
        return "edge"
    return "chrome" if "chrome" in name else "chromium"


def _how_to_install(machine: Machine) -> str:
    if machine.system == "darwin":
        return "Install Google Chrome from https://www.google.com/chrome/, or `brew install --cask chromium`."
    if machine.system == "win32":
        return "Install Google Chrome from https://www.google.com/chrome/, or Microsoft Edge."
    family = linux_family(machine)
    for names, command in (
        ({"ubuntu"}, "sudo snap install chromium"),
        ({"debian"}, "sudo apt-get install chromium fonts-liberation"),
        ({"fedora", "rhel", "centos"}, "sudo dnf install chromium"),
        ({"arch"}, "sudo pacman -S chromium"),
        ({"suse", "opensuse"}, "sudo zypper install chromium"),
        ({"alpine"}, "apk add chromium"),
    ):
        if names & family:
            return f"Install one with `{command}`."
    return f"Install Chromium or Google Chrome with the package manager of this system ({platform.system()})."
