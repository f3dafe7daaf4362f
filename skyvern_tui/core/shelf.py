"""The artifacts of a run as a tree: by type, or by step.

Owns: the order of the groups, what is folded away, and the names shown. Must not: fetch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from skyvern_tui.core.facts import ArtifactFact
from skyvern_tui.core.origins import Origins
from skyvern_tui.core.text import one_line, shorten

FOLDED_FROM: Final = 7
"""Groups of this many artifacts are folded until opened."""
OPEN_STEPS: Final = 3
"""Runs of up to this many steps have all of them open."""

_ORDER: Final = (
    "download",
    "pdf",
    "recording",
    "screenshot_final",
    "screenshot_action",
    "screenshot_llm",
    "screenshot",
    "html_scrape",
    "html_action",
    "html",
    "har",
    "browser_console_log",
    "skyvern_log",
    "skyvern_log_raw",
    "trace",
)
_WHOLE: Final = "run"
"""Key of the group of what belongs to no step."""


@dataclass(frozen=True, slots=True)
class Group:
    """Artifacts of one type or step; ``size`` is their bytes together, None while one is not known."""

    type: str
    """What makes them a group: the type, or the id of the step."""
    count: int
    size: int | None
    is_open: bool
    label: str = ""

    @property
    def name(self) -> str:
        """What the group is called."""
        return self.label or words_of(self.type)


@dataclass(frozen=True, slots=True)
class Item:
    """One artifact; ``number`` is its place among those of its type, from 1."""

    fact: ArtifactFact
    number: int
    alone: bool
    """True when it is the only one of its group and stands for the group too."""
    label: str = ""
    origin: str = ""
    """What it belongs to, in safe words; empty where that is not known."""

    @property
    def name(self) -> str:
        """What the artifact is called in its place."""
        name = self.label or (words_of(self.fact.type) if self.alone else f"#{self.number}")
        return f"{name} {self.origin}" if self.origin else name


ShelfRow = Group | Item


@lru_cache(maxsize=256)
def words_of(kind: str) -> str:
    """Return a type in words."""
    return shorten(one_line(kind.replace("_", " ")), 60)


def is_open(count: int, turned: bool) -> bool:  # noqa: FBT001 - a plain predicate
    """Tell whether a group of ``count`` is open; ``turned`` if a person folded or opened it."""
    return (count < FOLDED_FROM) != turned


def _bytes_of(members: Sequence[ArtifactFact]) -> int | None:
    sizes = [member.size for member in members]
    return None if None in sizes else sum(size for size in sizes if size is not None)


@dataclass
class _Pile:
    """Artifacts that stand together; their rows are made when they are first shown."""

    key: str
    members: Sequence[ArtifactFact]
    is_open: bool
    make: Callable[[Sequence[ArtifactFact], Origins | None], list[ShelfRow]]
    origins: Origins | None
    label: str = ""
    has_head: bool = True

    @cached_property
    def items(self) -> list[ShelfRow]:
        return self.make(self.members, self.origins)

    @cached_property
    def size(self) -> int | None:
        return _bytes_of(self.members)


class Shelf:
    """Artifacts in groups that can be folded and opened; what does not change by that is made once.

    Args:
        artifacts: oldest first.
        origins: what the artifacts belong to.
        by_step: in the order in which the steps began, what belongs to the whole run first; else by type: results
            first, then what was seen, then how it was thought of.
    """

    def __init__(
        self, artifacts: Sequence[ArtifactFact], origins: Origins | None = None, *, by_step: bool = False
    ) -> None:
        self._piles = (_by_step if by_step else _by_type)(artifacts, origins)

    def rows(self, turned: Collection[str] = ()) -> list[ShelfRow]:
        """Return the rows; ``turned`` are keys of groups a person folded or opened against their default."""
        rows: list[ShelfRow] = []
        for pile in self._piles:
            opened = not pile.has_head or pile.is_open != (pile.key in turned)
            if pile.has_head:
                rows.append(Group(pile.key, len(pile.members), pile.size, opened, pile.label))
            if opened:
                rows += pile.items
        return rows


def _by_type(artifacts: Sequence[ArtifactFact], origins: Origins | None) -> list[_Pile]:
    groups: dict[str, list[ArtifactFact]] = {}
    for artifact in artifacts:
        groups.setdefault(artifact.type, []).append(artifact)
    rank = {name: place for place, name in enumerate(_ORDER)}
    return [
        _Pile(
            kind,
            groups[kind],
            is_open(len(groups[kind]), turned=False),
            _numbered,
            origins,
            has_head=len(groups[kind]) > 1,
        )
        for kind in sorted(groups, key=lambda name: (rank.get(name, len(rank)), name))
    ]


def _numbered(members: Sequence[ArtifactFact], origins: Origins | None) -> list[ShelfRow]:
    alone = len(members) == 1
    return [
        Item(member, number, alone=alone, origin=_origin(member, origins)) for number, member in enumerate(members, 1)
    ]


def _origin(artifact: ArtifactFact, origins: Origins | None) -> str:
    return "" if origins is None else origins.words_of(artifact)


def step_of(artifact: ArtifactFact) -> str:
    """Return the id of the step an artifact belongs to, or of the block or thought where there are no steps."""
    return artifact.step_id or artifact.block_id or artifact.thought_id or _WHOLE


def _by_step(artifacts: Sequence[ArtifactFact], origins: Origins | None) -> list[_Pile]:
    groups: dict[str, list[ArtifactFact]] = {}
    for artifact in artifacts:
        groups.setdefault(step_of(artifact), []).append(artifact)
    few = len(groups) - (_WHOLE in groups) <= OPEN_STEPS
    piles: list[_Pile] = []
    number = 0
    for key in sorted(groups, key=lambda key: key != _WHOLE):
        members = groups[key]
        number += key != _WHOLE
        block = "" if origins is None else origins.block_of(members[0])
        label = "the whole run" if key == _WHOLE else f"step {number}  {block}".rstrip()
        piles.append(_Pile(key, members, key == _WHOLE or few, _labelled, origins, label))
    return piles


def _labelled(members: Sequence[ArtifactFact], origins: Origins | None) -> list[ShelfRow]:
    """Return the artifacts of a step in the order of time; those of one type are numbered unless named."""
    total: dict[str, int] = {}
    for member in members:
        total[member.type] = total.get(member.type, 0) + 1
    seen: dict[str, int] = {}
    rows: list[ShelfRow] = []
    for member in members:
        number = seen[member.type] = seen.get(member.type, 0) + 1
        origin = _origin(member, origins)
        label = words_of(member.type) + (f" {number}" if total[member.type] > 1 and not origin else "")
        rows.append(Item(member, number, alone=False, label=label, origin=origin))
    return rows


def screenshots(artifacts: Sequence[ArtifactFact]) -> list[ArtifactFact]:
    """Return the screenshots in the order of time, to go through one by one."""
    return sorted((one for one in artifacts if one.type.startswith("screenshot")), key=lambda one: one.at)
