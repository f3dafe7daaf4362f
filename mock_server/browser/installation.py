"""Getting a browser onto this machine.

Owns: the steps of an installation, in order, and what each of them reported. Must not:
print, or install anything where a browser already works.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mock_server.browser.discovery import (
    ENV_VAR,
    BrowserFound,
    BrowserNotFoundError,
    Machine,
    Ran,
    advice,
    find_browser,
    linux_family,
)

DOWNLOAD_SECONDS: Final = 600.0
"""For 280 MB on a slow line; without a network it gives up long before."""

_CONNECT_MS: Final = "10000"
"""Playwright waits 30 s for each of its addresses, several times over; a firewall that
drops packets would make that minutes."""

_APT_SECONDS: Final = 900.0
_APT_PACKAGES: Final = ("chromium", "fonts-liberation")
"""The fonts because Debian's Chromium recommends none that pages would be readable with."""

_LAST_LINES: Final = 3

Works = Callable[[BrowserFound], str | None]
"""Tries a browser; returns what is wrong with it, or None."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried."""

    command: str
    ok: bool
    report: str


class InstallationError(Exception):
    """No browser could be installed; the message says what was tried and what to do."""


def install(machine: Machine, works: Works, tell: Callable[[str], None]) -> BrowserFound:
    """Return a browser that is there, after installing one if need be.

    ``tell`` gets a line before each step and one after it.

    Raises:
        InstallationError: No way led to a browser.
        BrowserNotFoundError: SKYVERN_MOCK_BROWSER names something wrong; that is not ours to replace.
    """
    try:
        return find_browser(machine)
    except BrowserNotFoundError:
        if machine.env.get(ENV_VAR):
            raise
    tried: list[Step] = []
    for way in _ways(machine):
        if not all(_done(command, way, machine, tell, tried) for command in way.commands):
            continue
        found, problem = _look(machine, works)
        if found is not None and problem is None:
            return found
        tell(f"  but {problem}")
    raise InstallationError(_gave_up(machine, tried))


@dataclass(frozen=True, slots=True)
class _Way:
    commands: Sequence[Sequence[str]]
    seconds: float
    env: Mapping[str, str]


def _ways(machine: Machine) -> Iterator[_Way]:
    env = {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": _CONNECT_MS}
    yield _Way([[sys.executable, "-m", "playwright", "install", "chromium"]], DOWNLOAD_SECONDS, env)
    root = _as_root(machine)
    if root is not None:
        install = [*root, "apt-get", "install", "-y", "--no-install-recommends", *_APT_PACKAGES]
        yield _Way([[*root, "apt-get", "update"], install], _APT_SECONDS, {"DEBIAN_FRONTEND": "noninteractive"})


def _as_root(machine: Machine) -> list[str] | None:
    """Return what to put before a command to run it as root on Debian or Ubuntu; None if that cannot be."""
    if machine.system != "linux" or not machine.which("apt-get"):
        return None
    if not {"debian", "ubuntu"} & linux_family(machine):
        return None
    if machine.user_id == 0:
        return []
    if machine.which("sudo") and machine.run(["sudo", "-n", "true"], 10, {}).code == 0:
        return ["sudo", "-n"]
    return None


def _done(command: Sequence[str], way: _Way, machine: Machine, tell: Callable[[str], None], tried: list[Step]) -> bool:
    """Run ``command`` and note how it went."""
    shown = " ".join(["playwright", *command[3:]] if command[1:3] == ["-m", "playwright"] else command)
    tell(f"running: {shown}")
    ran = machine.run(command, way.seconds, way.env)
    step = Step(shown, ran.code == 0, _gist(ran))
    tried.append(step)
    tell("  done" if step.ok else f"  failed: {step.report}")
    return step.ok


def _look(machine: Machine, works: Works) -> tuple[BrowserFound | None, str | None]:
    try:
        found = find_browser(machine)
    except BrowserNotFoundError:
        return None, "no browser was found after that"
    problem = works(found)
    return found, problem and f"it does not work: {problem}"


def _gist(ran: Ran) -> str:
    """Return the lines of a failure that tell most: those that name an error, else the last."""
    lines = [line.strip() for line in ran.output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("E:", "Error", "Failed"))]
    return " / ".join(dict.fromkeys(errors or lines[-_LAST_LINES:]).keys()) or "it said nothing"


def _gave_up(machine: Machine, tried: Sequence[Step]) -> str:
    steps = "; ".join(f"`{step.command}`: {step.report if not step.ok else 'done, without result'}" for step in tried)
    return f"{advice(machine)}\nTried: {steps}."
