"""Looking at processes, for tests that ask which of them are left."""

from __future__ import annotations

import subprocess
import time


def descendants(pid: int) -> dict[int, str]:
    """Return the processes below ``pid``, with their command lines; those of zombies are empty."""
    listing = subprocess.run(
        ["ps", "-wweo", "pid=,ppid=,stat=,args="], check=True, capture_output=True, text=True
    ).stdout
    rows = [line.split(None, 3) for line in listing.splitlines()]
    below: dict[int, str] = {}
    parents = {pid}
    while True:
        found = {
            int(row[0]): row[3] if not row[2].startswith("Z") and len(row) > 3 else ""
            for row in rows
            if int(row[1]) in parents and int(row[0]) not in below
        }
        if not found:
            return below
        below.update(found)
        parents = set(found)


def browsers_below(pid: int) -> list[int]:
    """Return the browser processes below ``pid`` that are not helpers of another one."""
    return [
        child for child, args in descendants(pid).items() if "--remote-debugging-pipe" in args and "--type=" not in args
    ]


def renderers_below(pid: int) -> list[int]:
    return [child for child, args in descendants(pid).items() if "--type=renderer" in args]


def is_running(pid: int) -> bool:
    """Whether the process is there and not just waiting to be collected."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], check=False, capture_output=True, text=True).stdout
    return bool(state.strip()) and not state.strip().startswith("Z")


def still_running(pids: list[int], seconds: float = 15.0) -> list[int]:
    """Return which of ``pids`` are there when all are gone or the time is up."""
    end = time.monotonic() + seconds
    while (left := [pid for pid in pids if is_running(pid)]) and time.monotonic() < end:
        time.sleep(0.1)  # other processes' time
    return left
