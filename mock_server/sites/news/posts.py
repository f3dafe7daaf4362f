"""The posts of the news site, in the order of its front page.

Owns: the facts. Ages are fixed, so that every visit sees the same page. Hosts end in
``.example``, a name nobody can own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Post:
    """One submitted link or question. ``age`` is in minutes; an empty ``host`` means a text post."""

    title: str
    host: str
    author: str
    points: int
    age: int
    comments: int
    summary: str

    @property
    def id(self) -> int:
        """Number in addresses: newer posts have higher ones, with room between them for their comments."""
        return 7_300_000 - self.age * 100


def _load() -> tuple[Post, ...]:
    text = (Path(__file__).parent / "posts.json").read_text(encoding="utf-8")
    return tuple(Post(**entry) for entry in json.loads(text))


POSTS: Final = _load()
