"""The receiver in the documentation works."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from mock_server.clock import RealClock
from mock_server.webhooks.sending import Sender
from mock_server.webhooks.signature import headers

DOCS = Path(__file__).parents[3] / "docs" / "mock.md"


@pytest.mark.parametrize(("key", "status"), [("the-key", 200), ("another", 401)])
async def test_the_documented_receiver_believes_what_is_signed_with_its_key_only(
    key: str, status: int, unused_tcp_port: int
):
    """Run as it stands in docs/mock.md, it accepts our signature with the right key and rejects another's."""
    section = DOCS.read_text(encoding="utf-8").split("## Webhooks", 1)[1]
    code = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert code is not None
    environment = os.environ | {"SKYVERN_API_KEY": "the-key", "PORT": str(unused_tcp_port)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code[1], env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    body = '{"output":"ü"}'.encode()
    signed = headers(key, body, RealClock().now())
    post = Sender(RealClock()).post
    try:
        async with asyncio.timeout(30):
            url = f"http://127.0.0.1:{unused_tcp_port}/"
            while (outcome := await post(url, signed, body, 10)).status_code is None:  # noqa: ASYNC110  # it is starting
                await asyncio.sleep(0.05)
    finally:
        process.kill()
        out, _ = await process.communicate()
    assert (outcome.status_code, out.decode().strip()) == (status, body.decode() if status == 200 else "forged")
