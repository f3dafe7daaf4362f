"""An adapter for ``skyvern_tui.client``: what ``skyvern-mock contract`` asks, done with our own client.

With ``--async`` it is done with the awaitable face.
"""

from __future__ import annotations

import base64
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from mock_server.testing.contract.adapter import Command, answer_commands
from skyvern_tui.client import AsyncSkyvern, Skyvern, WebhookBodyError, WebhookError, verify_webhook


def told(run: Any) -> dict[str, Any]:
    return {"run_id": run.run_id, "status": str(getattr(run.status, "value", run.status)), "output": run.output}


def client_of(command: Command) -> Skyvern:
    # Virtual time replaces the functions of the module time, so they are looked up here, within it.
    clock, sleep = time.monotonic, time.sleep
    return Skyvern(api_key=command["api_key"], base_url=command["base_url"], clock=clock, sleep=sleep)


def async_client_of(command: Command) -> AsyncSkyvern:
    return AsyncSkyvern(api_key=command["api_key"], base_url=command["base_url"])


def task(command: Command) -> dict[str, Any]:
    return {"url": command["url"], "wait_for_completion": True, "timeout": command["timeout_seconds"]}


def run_and_wait(command: Command) -> dict[str, Any]:
    with client_of(command) as client:
        return told(client.run_task(command["prompt"], **task(command)))


async def run_and_wait_async(command: Command) -> dict[str, Any]:
    async with async_client_of(command) as client:
        return told(await client.run_task(command["prompt"], **task(command)))


def download(command: Command) -> dict[str, Any]:
    with client_of(command) as client, tempfile.TemporaryDirectory() as folder:
        files = client.get_run(command["run_id"]).downloaded_files or []
        path = client.download_artifact(files[0], Path(folder) / "file")
        return {"run_id": command["run_id"], "content": path.read_bytes()}


async def download_async(command: Command) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        async with async_client_of(command) as client:
            files = (await client.get_run(command["run_id"])).downloaded_files or []
            path = await client.download_artifact(files[0], Path(folder) / "file")
        return {"run_id": command["run_id"], "content": path.read_bytes()}


def verify(command: Command) -> dict[str, Any]:
    body = base64.b64decode(command["body_base64"])
    try:
        verify_webhook(body, command["headers"], command["api_key"], tolerance=None)
    except WebhookBodyError:
        return {"valid": True}  # genuine; that it is too short for a run is another matter
    except WebhookError:
        return {"valid": False}
    return {"valid": True}


if __name__ == "__main__":
    if "--async" in sys.argv:
        answer_commands(
            "skyvern_tui.client (async)",
            run_and_wait=run_and_wait_async,
            download=download_async,
            verify_webhook=verify,
        )
    else:
        answer_commands("skyvern_tui.client", run_and_wait=run_and_wait, download=download, verify_webhook=verify)
