"""The commands ``doctor`` and ``install-browser``.

Owns: what they check and print, and their exit codes. Must not: look for browsers or
install them itself; ``discovery`` and ``installation`` do.
"""

from __future__ import annotations

import asyncio
import json
import platform
import socket
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Final, Literal

import click

from mock_server.browser.discovery import BrowserFound, BrowserNotFoundError, Machine, find_browser
from mock_server.browser.installation import InstallationError, install
from mock_server.browser.probe import Probed, probe
from mock_server.settings import DEFAULT_PORT, default_data_dir

State = Literal["ok", "note", "fail"]

_PACKAGES: Final = ("skyvern-tui", "playwright", "av", "fastapi", "uvicorn", "httpx", "pydantic", "textual")

_MARKS: Final[dict[State, tuple[str, str]]] = {
    "ok": ("ok  ", "green"),
    "note": ("note", "yellow"),
    "fail": ("FAIL", "red"),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's report. ``note`` is worth knowing; only ``fail`` makes the exit code 1."""

    name: str
    state: State
    detail: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=default_data_dir,
    show_default="per-user data directory",
    help="The directory to check.",
)
@click.option(
    "--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT, show_default=True, help="The port to check."
)
def doctor(*, as_json: bool, data_dir: Path, port: int) -> None:
    """Check that the mock server can do its work on this machine.

    Exit codes: 0 it can, 1 something is missing or broken (the line says what to do).
    """
    checks = []
    for check in examine(data_dir, port):
        checks.append(check)
        if not as_json:
            mark, colour = _MARKS[check.state]
            click.echo(f"{click.style(mark, fg=colour)}  {check.name:<12}  {check.detail}")
    healthy = all(check.state != "fail" for check in checks)
    if as_json:
        click.echo(json.dumps({"ok": healthy, "checks": [asdict(check) for check in checks]}, indent=2))
    sys.exit(0 if healthy else 1)


@click.command("install-browser")
def install_browser() -> None:
    """Make sure there is a browser: say which one is found, or install one.

    Playwright's Chromium is tried first; then, on Debian and Ubuntu and with the right to
    do so, the distribution's. Exit codes: 0 there is one, 1 there is none (the message
    says what to install).
    """

    def works(found: BrowserFound) -> str | None:
        return asyncio.run(probe(found)).problem

    try:
        found = install(Machine(), works, lambda line: click.echo(line, err=True))
    except (BrowserNotFoundError, InstallationError) as error:
        click.echo(f"skyvern-mock: {error}", err=True)
        sys.exit(1)
    click.echo(f"browser: {found}")


def examine(data_dir: Path, port: int) -> Iterator[Check]:
    """Yield the checks in the order in which they are made; the browser's take a second or two."""
    yield Check("python", "ok", f"{platform.python_version()} ({sys.executable})")
    yield Check("platform", "ok", f"{platform.platform()}, {platform.machine()}")
    yield _packages()
    yield from _browser()
    yield _encoder()
    yield _directory(data_dir)
    yield _port(port)


def _packages() -> Check:
    versions = {name: _version(name) for name in _PACKAGES}
    missing = [name for name, version in versions.items() if version is None]
    detail = ", ".join(f"{name} {version}" for name, version in versions.items() if version is not None)
    if missing:
        return Check(
            "packages", "fail", f"missing: {', '.join(missing)}. Run `pip install 'skyvern-tui[mock]'`. {detail}"
        )
    return Check("packages", "ok", detail)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _browser() -> Iterator[Check]:
    try:
        found = find_browser()
    except BrowserNotFoundError as error:
        yield Check("browser", "fail", str(error))
        return
    yield Check("browser", "ok", str(found))
    probed = asyncio.run(probe(found))
    yield _start(found, probed)
    if probed.problem is None and not probed.has_fonts:
        yield Check("fonts", "note", "Pages have no font to be drawn with: install one, such as fonts-liberation.")


def _start(found: BrowserFound, probed: Probed) -> Check:
    if probed.problem is None:
        return Check("start", "ok", f"version {probed.version} starts, renders a page and takes a screenshot")
    hint = (
        "Its system libraries may be missing: `sudo playwright install-deps chromium` installs them."
        if found.kind == "playwright"
        else "Try another one with SKYVERN_MOCK_BROWSER, or `playwright install chromium`."
    )
    return Check("start", "fail", f"{probed.problem}. {hint}")


def _encoder() -> Check:
    try:
        import av  # noqa: PLC0415  # what is examined is whether it can be imported

        av.codec.Codec("libvpx", "w")
        av.codec.Codec("mjpeg", "r")
    except (ImportError, ValueError) as error:
        return Check("recording", "fail", f"The video encoder does not work: {error}. Run `pip install av`.")
    return Check("recording", "ok", f"PyAV {av.__version__} with VP8")


def _directory(path: Path) -> Check:
    # The directory is made by the server; a check should leave nothing behind.
    place = next(place for place in (path, *path.absolute().parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"x")
    except OSError as error:
        reason = error.strerror or str(error)
        return Check(
            "data dir", "fail", f"{path} cannot be written: {reason}. Choose another for serve with --data-dir."
        )
    return Check("data dir", "ok", f"{path} can be {'written' if place == path else 'made'}")


def _port(port: int) -> Check:
    with socket.socket() as probing:
        probing.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probing.bind(("127.0.0.1", port))
        except OSError:
            return Check(
                "port", "note", f"{port} is in use, perhaps by this server; serve with --port 0 takes a free one."
            )
    return Check("port", "ok", f"{port} is free")
