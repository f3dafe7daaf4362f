"""How a budget is measured: CPU seconds of whole processes, medians, ratios within one run.

Owns: the ways to take a figure. Must not: know what is measured. CPU time is used because
wall time on a shared machine says more about the neighbours than about the code.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Row:
    """One line of the table: a figure, the baseline of the same run, and what the design asks."""

    name: str
    value: float
    baseline: float
    unit: str
    limit: float
    how: str
    most: float = float("inf")
    """What the figure itself may be at most, where the design asks for that, too."""

    @property
    def ratio(self) -> float:
        return self.value / self.baseline

    @property
    def is_kept(self) -> bool:
        return self.ratio <= self.limit and self.value <= self.most

    @property
    def budget(self) -> str:
        """What is asked, as it stands in the table."""
        asked = [f"{self.limit:g}×"] if self.limit < float("inf") else []
        if self.most < float("inf"):
            asked.append(f"{self.most:g} {self.unit}")
        return f"≤ {', '.join(asked)}"


def child_cpu(command: list[str]) -> float:
    """Run a command to its end; return the CPU seconds it and its children used."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def python_cpu(code: str) -> float:
    """CPU seconds of a fresh interpreter running ``code``."""
    return child_cpu([sys.executable, "-c", code])


def own_cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this process while it does ``work``."""
    before = time.process_time()
    work()
    return time.process_time() - before


def median_pair(first: Callable[[], float], second: Callable[[], float], rounds: int) -> tuple[float, float]:
    """Medians of two measurements taken in turn, so that both see the same weather."""
    pairs = [(first(), second()) for _ in range(rounds)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


@dataclass(frozen=True)
class Served:
    """A server process that is ready."""

    url: str
    port: int
    process: psutil.Process
    ready: dict[str, object]

    def cpu(self) -> float:
        times = self.process.cpu_times()
        return times.user + times.system

    def memory(self) -> int:
        """Resident bytes."""
        return self.process.memory_info().rss


@contextmanager
def served(command: list[str]) -> Iterator[Served]:
    """Start a server that prints one JSON line when ready; stop it at the end."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True)
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        yield Served(ready["url"], ready["port"], psutil.Process(process.pid), ready)
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout:
            process.stdout.close()


def request_bytes(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """One HTTP/1.1 request, ready to send as often as wanted."""
    head = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        head += ["content-type: application/json", f"content-length: {len(body)}"]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


async def _drive(port: int, payload: bytes, count: int, connections: int, expect: bytes) -> None:
    async def one(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(number):
            writer.write(payload)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(expect), head
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(one(count // connections) for _ in range(connections)))


def load(port: int, payload: bytes, count: int, connections: int = 8, expect: bytes = b"HTTP/1.1 200") -> None:
    """Send ``payload`` ``count`` times over keep-alive connections; every answer must start as expected."""
    asyncio.run(_drive(port, payload, count, connections, expect))


def cpu_per_request(server: Served, payload: bytes, count: int) -> float:
    """Microseconds of server CPU per request, after a warm-up."""
    load(server.port, payload, max(count // 10, 8))
    before = server.cpu()
    load(server.port, payload, count)
    return (server.cpu() - before) / count * 1e6


def repository() -> Path:
    return Path(__file__).parents[2]
