"""What the doctor finds out about this machine: installation, terminal, settings.

Owns: these checks, and the shape of a finding. Must not: ask a server (``serverchecks`` does),
change anything, or raise: what cannot be found out is a finding, too.
"""

from __future__ import annotations

import json
import locale
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any, Final, NamedTuple

import skyvern_tui
from skyvern_tui.cli.background import missing_parts, running
from skyvern_tui.cli.exits import Exit
from skyvern_tui.config.locations import config_file, mock_data_dir, state_dir

EXTRAS: Final = {
    "tui": (("textual",), "the terminal app"),
    "mock": (("fastapi", "uvicorn", "playwright", "av"), "the mock server and its browser"),
    "images": (("PIL", "textual_image", "pypdfium2", "av"), "pictures, recordings and PDFs in the terminal"),
    "keyring": (("keyring",), "keys in the system's keyring"),
    "web": (("textual_serve",), "the app in a browser"),
    "telemetry": (("opentelemetry",), "calls as OpenTelemetry spans"),
}
"""By extra: the libraries it brings and what they are for."""
_BROWSER_SECONDS: Final = 60.0
_OF_THE_BROWSER: Final = ("browser", "start", "recording")
_TMUX_SECONDS: Final = 5.0
_LEAST_SIZE: Final = (80, 24)


class Finding(NamedTuple):
    """One line of the report. ``code`` other than completed is a fault; ``hint`` says what to do.

    ``is_note`` marks what is no fault and may still matter.
    """

    what: str
    text: str
    code: Exit = Exit.completed
    hint: str = ""
    is_note: bool = False

    @property
    def mark(self) -> str:
        """What stands before the line."""
        if self.code is not Exit.completed:
            return "FAIL"
        return "note" if self.is_note else "ok"

    def as_dict(self) -> dict[str, Any]:
        """Return it for a program."""
        return {"what": self.what, "result": self.mark.lower(), "text": self.text, "hint": self.hint}


def installation() -> Iterator[Finding]:
    """Find out what is installed, and whether a browser is there."""
    machine = f"{platform.system()} {platform.machine()}"
    yield Finding("version", f"skyvern-tui {skyvern_tui.__version__}, Python {platform.python_version()}, {machine}")
    yield _extras()
    missing = [name for name in missing_parts() if name != "mock_server"]
    if missing:
        hint = "pip install 'skyvern-tui[mock]', if you want a Skyvern on this machine."
        yield Finding("mock", f"not installed ({', '.join(missing)} missing)", hint=hint)
        return
    found = running(mock_data_dir())
    state = f"runs at {found.url}" if found is not None else "installed, not running"
    yield Finding("mock", f"{state}; its data is in {mock_data_dir()}")
    yield from browser()


def _extras() -> Finding:
    missing = [name for name, (parts, _) in EXTRAS.items() if not all(map(find_spec, parts))]
    have = ", ".join(name for name in EXTRAS if name not in missing) or "none"
    if not missing:
        return Finding("extras", have)
    hint = "; ".join(f"pip install 'skyvern-tui[{name}]' for {EXTRAS[name][1]}" for name in missing)
    return Finding("extras", f"{have}; not installed: {', '.join(missing)}", hint=hint)


def browser() -> Iterator[Finding]:
    """Ask the mock's own doctor, in a process of its own, about the browser and what it is used for."""
    command = [sys.executable, "-m", "mock_server", "doctor", "--json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_BROWSER_SECONDS, check=False)  # noqa: S603 - our own command
        checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
        shown = [checks[name]["detail"] for name in _OF_THE_BROWSER if name in checks and checks[name]["state"] == "ok"]
    except subprocess.TimeoutExpired:
        yield Finding("browser", "`skyvern-mock doctor` does not end", Exit.error)
        return
    except (OSError, ValueError, LookupError, TypeError):
        hint = "`skyvern-mock doctor` shows what it stumbled over."
        yield Finding("browser", "could not be looked at", Exit.error, hint)
        return
    if shown:
        yield Finding("browser", "; ".join(shown))
    for name, check in checks.items():
        if check["state"] == "fail":
            yield Finding(name, check["detail"], Exit.error)


def terminal(env: Mapping[str, str] | None = None, *, is_terminal: bool | None = None) -> Iterator[Finding]:
    """Find out what the app can count on: size, colours, pictures, clipboard, characters."""
    env = os.environ if env is None else env
    is_terminal = sys.stdout.isatty() if is_terminal is None else is_terminal
    if not is_terminal:
        yield Finding("terminal", "none here (the app needs one; commands do not)")
        return
    size = shutil.get_terminal_size()
    shown = f"{env.get('TERM_PROGRAM') or env.get('TERM') or 'unknown'}, {size.columns}x{size.lines}"
    if size.columns < _LEAST_SIZE[0] or size.lines < _LEAST_SIZE[1]:
        yield Finding(
            "terminal", shown, hint="The app is made for 80x24 and more; make the window larger.", is_note=True
        )
    else:
        yield Finding("terminal", shown)
    yield _colours(env)
    yield _pictures(env)
    if env.get("TMUX"):
        yield _tmux()
    encoding = (getattr(sys.stdout, "encoding", "") or locale.getpreferredencoding(do_setlocale=False)).lower()
    if "utf" not in encoding:
        hint = "export LANG=C.UTF-8, or your language's own UTF-8."
        yield Finding("characters", f"{encoding}: signs beyond it are shown as ?", hint=hint, is_note=True)


def _colours(env: Mapping[str, str]) -> Finding:
    if env.get("NO_COLOR"):
        return Finding("colours", "none, as NO_COLOR asks for")
    if env.get("TERM") in ("dumb", "", None):
        hint = "Set TERM to what the terminal is, such as xterm-256color."
        return Finding("colours", "the terminal says it can do nothing (TERM)", hint=hint, is_note=True)
    if env.get("COLORTERM") in ("truecolor", "24bit"):
        return Finding("colours", "16 million")
    many = "256" if "256" in env.get("TERM", "") else "16"
    return Finding("colours", many, hint="export COLORTERM=truecolor, if the terminal can do more.")


def _pictures(env: Mapping[str, str]) -> Finding:
    if not all(map(find_spec, EXTRAS["images"][0])):
        return Finding("pictures", "not installed", hint="pip install 'skyvern-tui[images]'")
    if env.get("TMUX"):
        return Finding(
            "pictures", "in half-blocks, since tmux passes no pixels on", hint="Outside tmux they are sharper."
        )
    name = f"{env.get('TERM', '')} {env.get('TERM_PROGRAM', '')}".lower()
    if env.get("KITTY_WINDOW_ID") or any(known in name for known in ("kitty", "ghostty", "wezterm")):
        return Finding("pictures", "in pixels (Kitty)")
    if any(known in name for known in ("iterm", "foot", "mlterm", "contour")) or env.get("WT_SESSION"):
        return Finding("pictures", "in pixels (Sixel)")
    return Finding("pictures", "in half-blocks, unless the terminal answers that it can do more when the app asks")


def _tmux() -> Finding:
    try:
        command = ["tmux", "show-options", "-gv", "set-clipboard"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TMUX_SECONDS, check=False)  # noqa: S603 - the user's own tmux
    except (OSError, subprocess.TimeoutExpired):
        return Finding("clipboard", "tmux does not answer", is_note=True)
    setting = done.stdout.strip()
    if setting == "off":
        hint = "tmux set -g set-clipboard on, and the same line in ~/.tmux.conf."
        return Finding("clipboard", "tmux keeps what is copied to itself (set-clipboard off)", hint=hint, is_note=True)
    return Finding("clipboard", f"through tmux (set-clipboard {setting or 'unknown'})")


def settings() -> Iterator[Finding]:
    """Find out whether the settings can be used, and what in them does not do what was meant."""
    from skyvern_tui.cli.appsettings import app_problems  # noqa: PLC0415 - loads the app's own lists
    from skyvern_tui.config.checking import problems  # noqa: PLC0415 - as above

    file = config_file()
    found = problems()
    yield Finding("settings", f"{file}{'' if file.exists() else ' (not there; not needed)'}")
    for problem in (*found, *app_problems()):
        text = f"{problem.where}: {problem.key}: {problem.text}" if problem.key else f"{problem.where}: {problem.text}"
        code = Exit.bad_input if problem.severe else Exit.completed
        yield Finding("settings", text, code, problem.hint, is_note=not problem.severe)
    home = state_dir()
    place = next((path for path in (home, *home.parents) if path.exists()), home)
    if not os.access(place, os.W_OK):
        hint = "Give yourself the right to write there, or set XDG_STATE_HOME."
        yield Finding("state", f"{home} can't be written: drafts and history are not kept", hint=hint, is_note=True)
