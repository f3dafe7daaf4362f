"""The artifacts of a run as a list grouped by type.

Owns: the order of the groups, what is folded away, and the names shown. Must not: fetch.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from skyvern_tui.core.facts import ArtifactFact
from skyvern_tui.core.text import one_line, shorten

FOLDED_FROM: Final = 7
"""Groups of this many artifacts are folded until opened."""

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


@dataclass(frozen=True, slots=True)
class Group:
    """All artifacts of one type; ``size`` is their bytes together, None while one is not known."""

    type: str
    count: int
    size: int | None
    is_open: bool

    @property
    def name(self) -> str:
        """The type in words."""
        return shorten(one_line(self.type.replace("_", " ")), 60)


@dataclass(frozen=True, slots=True)
class Item:
    """One artifact; ``number`` is its place among those of its type, from 1."""

    fact: ArtifactFact
    number: int
    alone: bool
    """True when it is the only one of its type and stands for the group too."""


ShelfRow = Group | Item


def is_open(count: int, turned: bool) -> bool:  # noqa: FBT001 - a plain predicate
    """Tell whether a group of ``count`` is open; ``turned`` if a person folded or opened it."""
    return (count < FOLDED_FROM) != turned


def shelve(artifacts: Sequence[ArtifactFact], turned: Collection[str] = ()) -> list[ShelfRow]:
    """Return the rows: results first, then what was seen, then how it was thought of.

    Args:
        artifacts: oldest first.
        turned: types whose group a person folded or opened against its default.
    """
    groups: dict[str, list[ArtifactFact]] = {}
    for artifact in artifacts:
        groups.setdefault(artifact.type, []).append(artifact)
    rank = {name: place for place, name in enumerate(_ORDER)}
    rows: list[ShelfRow] = []
    for kind in sorted(groups, key=lambda name: (rank.get(name, len(rank)), name)):
        members = groups[kind]
        if len(members) == 1:
            rows.append(Item(members[0], 1, alone=True))
            continue
        sizes = [member.size for member in members]
        known = None if None in sizes else sum(size for size in sizes if size is not None)
        opened = is_open(len(members), kind in turned)
        rows.append(Group(kind, len(members), known, opened))
        if opened:
            rows += [Item(member, number, alone=False) for number, member in enumerate(members, 1)]
    return rows
