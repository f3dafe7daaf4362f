"""An adapter for the official SDK; it runs in the environment of that, with this repository on its path."""

from __future__ import annotations

from typing import Any

from skyvern import Skyvern

from mock_server.testing.contract.adapter import Command, answer_commands


def told(run: Any) -> dict[str, Any]:
    return {"run_id": run.run_id, "status": str(getattr(run.status, "value", run.status)), "output": run.output}


async def run_and_wait(command: Command) -> dict[str, Any]:
    client = Skyvern(api_key=command["api_key"], base_url=command["base_url"])
    try:
        return told(
            await client.run_task(
                prompt=command["prompt"],
                url=command["url"],
                wait_for_completion=True,
                timeout=command["timeout_seconds"],
            )
        )
    finally:
        await client.aclose()


if __name__ == "__main__":
    answer_commands("official SDK", run_and_wait=run_and_wait)
