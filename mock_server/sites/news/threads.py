"""The comments under the posts of the news site.

Owns: who says what under which post, and who answers whom. A thread is computed from the
post's number alone, so it is the same on every visit and as long as the front page says.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

from mock_server.sites.news.posts import POSTS, Post

_MAX_DEPTH: Final = 4


@dataclass(slots=True)
class Comment:
    """One comment; ``age`` in minutes, always less than that of what it answers."""

    id: int
    author: str
    age: int
    text: str
    depth: int
    replies: list[Comment] = field(default_factory=list)


def thread(post: Post) -> list[Comment]:
    """Return the top-level comments of ``post``, each with its replies, ``post.comments`` in all."""
    return list(_thread(post))


@lru_cache(maxsize=len(POSTS))
def _thread(post: Post) -> tuple[Comment, ...]:
    roots: list[Comment] = []
    everyone: list[Comment] = []
    first_text = _pick(len(_TEXTS), post.id, "first")
    for number in range(post.comments):
        parent = _parent(everyone, post.id, number)
        limit = parent.age if parent else post.age
        author = _AUTHORS[_pick(len(_AUTHORS), post.id, "author", number)]
        if parent is not None and author == parent.author:
            author = post.author if parent.author != post.author else "cobaltmouse"
        comment = Comment(
            id=post.id + 1 + number,
            author=author,
            age=max(1, limit * (40 + _pick(55, post.id, "age", number)) // 100),
            text=_TEXTS[(first_text + number * _STRIDE) % len(_TEXTS)],
            depth=parent.depth + 1 if parent else 0,
        )
        (parent.replies if parent else roots).append(comment)
        everyone.append(comment)
    return tuple(roots)


def _parent(earlier: list[Comment], post_id: int, number: int) -> Comment | None:
    """Choose what comment ``number`` answers: the post in two cases of five, else a recent comment."""
    if not earlier or _pick(5, post_id, "root", number) < 2:  # noqa: PLR2004 - two in five
        return None
    candidate = earlier[-1 - _pick(min(6, len(earlier)), post_id, "parent", number)]
    return candidate if candidate.depth < _MAX_DEPTH and candidate.age > 2 else None  # noqa: PLR2004 - leave time to answer


def _pick(choices: int, *key: object) -> int:
    """Return a number below ``choices`` that depends on ``key`` only."""
    digest = blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % choices


_BANK: Final = json.loads((Path(__file__).parent / "comments.json").read_text(encoding="utf-8"))
_TEXTS: Final[list[str]] = _BANK["texts"]
_AUTHORS: Final[list[str]] = [*sorted({post.author for post in POSTS}), *_BANK["commenters"]]
_STRIDE: Final = 7
"""Coprime to the number of texts, so that no text repeats within one thread."""
