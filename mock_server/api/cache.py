"""Answers that are good until something changes.

Owns: keeping finished answers by what they show and the revision they show. Must not:
know what they say.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mock_server.api.wire import Answer

_BOUND: Final = 2048
_LARGEST_KEPT_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class _Kept:
    revision: int
    good_until: float
    answer: Answer


class AnswerCache:
    """Keeps the last answer per key, for as long as its revision and its links are current."""

    def __init__(self, good_for_seconds: float) -> None:
        self._good_for = good_for_seconds
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: str, revision: int, now: float, make: Callable[[], Answer]) -> Answer:
        """Return the answer kept under ``key`` if it shows ``revision`` and is still good; else make and keep one.

        ``now`` is the monotonic time of whoever the answer belongs to, as its links live by it.
        """
        kept = self._kept.get(key)
        if kept is not None and kept.revision == revision and now < kept.good_until:
            return kept.answer
        answer = make()
        if len(answer.body) > _LARGEST_KEPT_BYTES:
            self._kept.pop(key, None)
            return answer
        self._kept[key] = _Kept(revision, now + self._good_for, answer)
        self._kept.move_to_end(key)
        if len(self._kept) > _BOUND:
            self._kept.popitem(last=False)
        return answer
