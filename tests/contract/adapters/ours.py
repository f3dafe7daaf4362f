"""An adapter for ``skyvern_tui.client``: what ``skyvern-mock contract`` asks, done with our own client."""

from __future__ import annotations

import sys
import time
from typing import Any

from mock_server.testing.contract.adapter import Command, answer_commands
from skyvern_tui.client import AsyncSkyvern, Skyvern


def told(run: Any) -> dict[str, Any]:
    return {"run_id": run.run_id, "status": str(getattr(run.status, "value", run.status)), "output": run.output}


def run_and_wait(command: Command) -> dict[str, Any]:
    # Virtual time replaces the functions of the module time, so they are looked up here, within it.
    client = Skyvern(
        api_key=command["api_key"],
        base_url=command["base_url"],
        clock=time.monotonic,
        sleep=time.sleep,
    )
    with client:
        return told(
            client.run_task(
                command["prompt"],
                url=command["url"],
                wait_for_completion=True,
                timeout=command["timeout_seconds"],
            )
        )


async def run_and_wait_async(command: Command) -> dict[str, Any]:
    async with AsyncSkyvern(api_key=command["api_key"], base_url=command["base_url"]) as client:
        return told(
            await client.run_task(
                command["prompt"],
                url=command["url"],
                wait_for_completion=True,
                timeout=command["timeout_seconds"],
            )
        )


if __name__ == "__main__":
    face = run_and_wait_async if "--async" in sys.argv else run_and_wait
    answer_commands("skyvern_tui.client", run_and_wait=face)
