"""The timeline blocks of a run: which intents share one, and how each is opened.

Owns: their types' labels and what they say of themselves. Pure. Must not: know which is
open.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mock_server.agent.events import BlockOpened, Json
from mock_server.agent.goal import Intent
from mock_server.agent.planner import block_of

_LABELS: Final = {
    "goto_url": "open_page",
    "navigation": "navigate",
    "extraction": "extract_data",
    "login": "log_in",
    "file_download": "download_file",
    "validation": "check",
    "wait": "wait",
    "print_page": "print_page",
}


def grouped(intents: Sequence[Intent]) -> list[int]:
    """Number the blocks: neighbouring navigation shares one, everything else has its own."""
    groups: list[int] = []
    previous = ""
    for intent in intents:
        kind = block_of(intent)
        shared = bool(groups) and kind == previous == "navigation"
        groups.append(groups[-1] if shared else len(set(groups)))
        previous = kind
    return groups


def first_page(url: str) -> BlockOpened:
    """Return the block that opens the page a task starts at."""
    return BlockOpened("goto_url", _LABELS["goto_url"], f"Open {url}", url=url)


def block_for(intents: Sequence[Intent], url: str, schema: Json) -> BlockOpened:
    """Return the block of intents that share one; ``url`` is where it begins."""
    kind, text = block_of(intents[0]), "; ".join(intent.text for intent in intents)
    reads = kind == "extraction"
    return BlockOpened(
        kind,
        _LABELS[kind],
        text,
        url=url,
        navigation_goal=None if reads else text,
        extraction_goal=text if reads else None,
        schema=schema if reads else None,
    )
