"""``make real-apps``: tasks in applications nobody of this project wrote; not part of the tests.

Installs them into an environment of their own (``--environment`` keeps it for the next time), starts each on a free
port, has its tasks done through the public API, asks the application whether they were, and prints a table.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from apps import APPS, App, Task

from skyvern_tui.client import Run, Skyvern

STARTING_SECONDS = 180
TASK_SECONDS = 300


def install(folder: Path, apps: list[App]) -> Path:
    """Make the environment if need be; return where its executables are."""
    executables = folder / ("Scripts" if os.name == "nt" else "bin")
    if not executables.is_dir():
        venv.create(folder, with_pip=True)
    packages = sorted({package for app in apps for package in app.packages})
    subprocess.run([executables / "python", "-m", "pip", "install", "-q", *packages], check=True)
    return executables


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def running(app: App, executables: Path, folder: Path) -> Iterator[str]:
    """Start an application in ``folder``; yield its address once it answers."""
    port = free_port()

    def filled(command: tuple[str, ...]) -> list[str]:
        return [part.format(bin=executables, port=port, folder=folder) for part in command]

    environment = os.environ | {"HOME": str(folder.parent)} | app.environment
    app.prepare(folder)
    for command in app.setup:
        subprocess.run(filled(command), check=True, cwd=folder, env=environment)
    with (folder.parent / f"{folder.name}.log").open("w") as log:
        process = subprocess.Popen(filled(app.command), cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(address, process)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until something answers at ``address``."""
    end = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"{process.args} ended with {process.returncode}.")
        try:
            with urlopen(address, timeout=5):
                return
        except HTTPError:
            return
        except (URLError, OSError):
            time.sleep(0.3)
    raise SystemExit(f"Nothing answered at {address} within {STARTING_SECONDS} s.")


def do(client: Skyvern, task: Task, address: str) -> tuple[Run, float]:
    """Have a task done; return how its run ended, and after how many seconds."""
    began = time.perf_counter()
    run = client.run_task(task.prompt, url=address + task.at, data_extraction_schema=task.schema, max_steps=25)
    while not (run := client.get_run(run.run_id)).is_final and time.perf_counter() - began < TASK_SECONDS:
        time.sleep(0.1)
    return run, time.perf_counter() - began


@contextlib.contextmanager
def server(data_dir: Path) -> Iterator[str]:
    """A mock server; yield its address."""
    command = [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--data-dir", str(data_dir)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def main() -> int:
    """Do the tasks of the chosen applications; the number of those that were not done is the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--environment", type=Path, help="Where to install the applications; a temporary one if left out."
    )
    parser.add_argument("--only", default="", help="Applications whose name holds this.")
    parser.add_argument("--task", type=int, help="Only this task of each, from 1.")
    options = parser.parse_args()
    apps = [app for app in APPS if options.only.lower() in app.name.lower()]
    lines, missed = [], 0
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        executables = install(options.environment or home / "environment", apps)
        with server(home / "mock") as url, Skyvern(api_key="real-apps", base_url=url) as client:
            for app in apps:
                folder = home / app.name.replace(" ", "-").lower()
                folder.mkdir()
                with running(app, executables, folder) as address:
                    for number, task in enumerate(app.tasks, 1):
                        if options.task not in (None, number):
                            continue
                        run, seconds = do(client, task, address)
                        done = run.status == "completed" and bool(task.check(run.output, folder))
                        missed += not done
                        why = "" if done else (run.failure_reason or f"output {run.output!r}")[:200]
                        lines.append(
                            (app.name, task.prompt, "done" if done else str(run.status), f"{seconds:.1f} s", why)
                        )
                        print(*lines[-1], sep=" | ", file=sys.stderr, flush=True)
    print("| application | task | | time | |\n|---|---|---|---:|---|")
    for line in lines:
        print("|", " | ".join(part.replace("|", "/") for part in line), "|")
    print(f"\n{len(lines) - missed} of {len(lines)} done; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")
    return missed


if __name__ == "__main__":
    sys.exit(main())
