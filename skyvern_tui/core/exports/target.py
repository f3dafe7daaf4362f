"""Where an exported request goes.

Owns: the address, the path and the name of the variable that holds the key. Must not: hold
a key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CLOUD: Final = "https://api.skyvern.com"
KEY_VARIABLE: Final = "SKYVERN_API_KEY"


@dataclass(frozen=True, slots=True)
class Target:
    """The server a request is for."""

    base_url: str = CLOUD

    @property
    def is_cloud(self) -> bool:
        """True for the address the SDKs use by themselves."""
        return self.base_url == CLOUD

    @property
    def url(self) -> str:
        """Where a task is posted to."""
        return f"{self.base_url}/v1/run/tasks"
