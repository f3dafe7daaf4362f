"""A request as a program: Python with either client or plain httpx, and TypeScript.

Owns: the programs. Each sends the request, waits for the end where its library can, and
prints what came of it. Must not: hold a secret; all read the key from the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from skyvern_tui.core.exports.literals import javascript, json_string, python
from skyvern_tui.core.exports.target import KEY_VARIABLE, Target
from skyvern_tui.core.masking import Masked

_NOT_IN_THE_SDK: Final = frozenset({"browser_profile_id", "start_fresh_browser", "cdp_connect_headers", "file_ids"})
"""Parameters the service takes and the official SDK's ``run_task`` has no argument for."""


def _key() -> str:
    return f'os.environ["{KEY_VARIABLE}"]'


def _arguments(values: Mapping[str, Any], depth: int) -> str:
    pad = "    " * depth
    return "".join(f"{pad}{name}={python(value, depth)},\n" for name, value in values.items())


def _client(target: Target) -> str:
    base = "" if target.is_cloud else f", base_url={python(target.base_url)}"
    return f"api_key={_key()}{base}"


def official_sdk(masked: Masked, target: Target) -> str:
    """Return a program for the official Python SDK."""
    values = {name: value for name, value in masked.value.items() if name not in _NOT_IN_THE_SDK}
    others = {name: value for name, value in masked.value.items() if name in _NOT_IN_THE_SDK}
    if others:
        values["request_options"] = {"additional_body_parameters": others}
    return (
        "import asyncio\n"
        "import os\n"
        "\n"
        "from skyvern import Skyvern\n"
        "\n"
        "\n"
        "async def main() -> None:\n"
        f"    client = Skyvern({_client(target)})\n"
        "    run = await client.run_task(\n"
        f"{_arguments(values, 2)}"
        "        wait_for_completion=True,\n"
        "    )\n"
        "    print(run.run_id, run.status)\n"
        "    print(run.output)\n"
        "\n"
        "\n"
        "asyncio.run(main())\n"
    )


def own_client(masked: Masked, target: Target) -> str:
    """Return a program for ``skyvern_tui.client``."""
    return (
        "import os\n"
        "\n"
        "from skyvern_tui.client import Skyvern\n"
        "\n"
        f"with Skyvern({_client(target)}) as client:\n"
        "    run = client.run_task(\n"
        f"{_arguments(masked.value, 2)}"
        "        wait_for_completion=True,\n"
        "    )\n"
        "    print(run.run_id, run.status)\n"
        "    print(run.output)\n"
    )


def httpx(masked: Masked, target: Target) -> str:
    """Return a program that needs nothing but httpx. It does not wait for the end."""
    return (
        "import os\n"
        "\n"
        "import httpx\n"
        "\n"
        "response = httpx.post(\n"
        f"    {python(target.url)},\n"
        f'    headers={{"x-api-key": {_key()}}},\n'
        f"    json={python(masked.value, 1)},\n"
        "    timeout=60,\n"
        ")\n"
        "response.raise_for_status()\n"
        'print(response.json()["run_id"])\n'
    )


def typescript(masked: Masked, target: Target) -> str:
    """Return a program for the official TypeScript SDK."""
    base = "" if target.is_cloud else f"  baseUrl: {json_string(target.base_url)},\n"
    body = javascript({**masked.value, "waitForCompletion": True})
    return (
        'import { Skyvern } from "@skyvern/client";\n'
        "\n"
        "const client = new Skyvern({\n"
        f"  apiKey: process.env.{KEY_VARIABLE}!,\n"
        f"{base}"
        "});\n"
        "\n"
        f"const run = await client.runTask({body});\n"
        "\n"
        "console.log(run.run_id, run.status);\n"
        "console.log(run.output);\n"
    )
