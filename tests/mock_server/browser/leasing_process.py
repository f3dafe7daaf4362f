"""A process that leases a browser and then waits, for tests that kill it. Writes one line when it is ready."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from mock_server.browser.provider import BrowserProvider, LeaseSpec
from mock_server.clock import RealClock


async def main(work_dir: Path, executable: Path | None) -> None:
    provider = BrowserProvider(executable, clock=RealClock())
    stopping = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stopping.set)
    async with provider.lease(LeaseSpec(work_dir)) as lease:
        await lease.page.set_content("<h1>Hello</h1>")
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await stopping.wait()
        await provider.close()
    sys.stdout.write("closed\n")


asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
