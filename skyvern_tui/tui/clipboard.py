"""Text to the clipboard of the person at the terminal, also over ssh and inside tmux.

Owns: choosing the way, and how much may go it. Must not: say anything; it answers whether
the text went.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from textual.app import App

LONGEST: Final = 74_994
"""Bytes: terminals drop an OSC 52 sequence of more than 100,000 characters, and base64 makes four of three."""


async def put(app: App[None], text: str) -> str:
    """Copy ``text``; return why it can't be, empty if it was sent: OSC 52 has no answer."""
    data = text.encode("utf-8", "replace")
    if os.environ.get("TMUX") and not app.is_web and not app.is_headless:
        # tmux ignores what programs inside it send (set-clipboard external), but takes it from its own command.
        tmux = shutil.which("tmux")
        if tmux is not None and await _piped(tmux, "load-buffer", "-w", "-", data=data):
            return ""
    if len(data) > LONGEST:
        return f"{len(data):,} bytes are more than a terminal takes ({LONGEST:,}); save it to a file instead."
    app.copy_to_clipboard(text)
    return ""


async def _piped(*command: str, data: bytes) -> bool:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    await process.communicate(data)
    return process.returncode == 0
