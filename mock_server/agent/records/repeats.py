"""Repeated structures that are not tables: lists, grids, feeds, rows that span several elements.

Owns: finding siblings and cousins of one shape. Must not: know what a record is about.

Three ways in which pages repeat: children of one parent that look alike; children that
alternate (a title row, then a row about it); and like things in like parents (three cards to
a row). All are found; which one answers a question is decided where the question is known.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from mock_server.agent.records.nodes import Node

MAX_GROUP: Final = 1000
_STATE_WORDS: Final = re.compile(
    r"^(?:odd|even|first|last|active|selected|current|open|hover|focus|new|visited|featured|promoted|sticky|clearfix|cf|row-?\d*|col-.*|"
    r"(?:nth|item|post|product|entry|id|node|row|comment)[-_]?\d+|js-.*|is-.*|has-.*|.*\d{3,}.*)$",
    re.IGNORECASE,
)
_DIGITS: Final = re.compile(r"\d+")
_ALWAYS_ALIKE: Final = frozenset({"li", "article", "option", "dt", "dd"})
"""Tags that say themselves that siblings are entries of one list."""
_CLASS_LIKENESS: Final = 0.5
_SHAPE_LIKENESS: Final = 0.5
_MAX_PERIOD: Final = 12
_MAJORITY: Final = 0.6

Parts = tuple[Node, ...]


@lru_cache(maxsize=8192)
def _kept_classes(classes: str) -> tuple[str, ...]:
    """Return the classes that do not merely say a state, numbers cut out, in their order."""
    return tuple(dict.fromkeys(_DIGITS.sub("", name) for name in classes.split() if not _STATE_WORDS.match(name)))


def sign(order: Iterable[Node]) -> None:
    """Give every node its signature: the tag and the first class that does not merely say its state.

    The first class says what a thing is, later ones how it looks: "badge badge-green", "price reduced".
    """
    for node in order:
        classes = node.attrs.get("class")
        kept = _kept_classes(classes) if classes else ()
        node.sig = f"{node.tag}.{kept[0]}" if kept else node.tag


def shape(node: Node) -> frozenset[str]:
    """Return the set of signature paths below a node, three levels deep."""
    out: set[str] = set()

    def visit(parent: Node, prefix: str, depth: int) -> None:
        for child in parent.nodes():
            path = f"{prefix}/{child.sig}"
            out.add(path)
            if depth and len(out) < 48:  # enough to tell shapes apart
                visit(child, path, depth - 1)

    visit(node, "", 2)
    return frozenset(out)


class _Kinds:
    """Sorts siblings into kinds of like shape."""

    def __init__(self) -> None:
        self._known: list[tuple[str, frozenset[str], frozenset[str]]] = []
        self._by_classes: dict[tuple[str, frozenset[str]], int] = {}

    def of(self, node: Node) -> int:
        names = frozenset(_kept_classes(node.attrs.get("class", "")))
        key = (node.tag, names)
        if (names or node.tag in _ALWAYS_ALIKE) and key in self._by_classes:
            return self._by_classes[key]
        form = shape(node)
        for number, (tag, other_names, other_form) in enumerate(self._known):
            if tag == node.tag and _alike(names, form, other_names, other_form):
                self._by_classes.setdefault(key, number)
                return number
        self._known.append((node.tag, names, form))
        self._by_classes[key] = len(self._known) - 1
        return len(self._known) - 1


def _alike(
    names: frozenset[str], form: frozenset[str], other_names: frozenset[str], other_form: frozenset[str]
) -> bool:
    if names or other_names:
        shared = len(names & other_names) / len(names | other_names)
        return shared == 1.0 or (shared >= _CLASS_LIKENESS and _likeness(form, other_form) >= _SHAPE_LIKENESS / 2)
    return _likeness(form, other_form) >= _SHAPE_LIKENESS


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    union = len(one | other)
    return len(one & other) / union if union else 1.0


def _has_content(node: Node) -> bool:
    if node.length and node.tag != "br":
        return True
    return any(below.tag == "img" or below.control for below in node.walk())


def find(root: Node, skip: set[int]) -> list[list[Parts]]:
    """Return the groups of like records; each record is one or more sibling nodes.

    ``skip`` holds ``id()`` of the tables already read as tables; their rows are left alone.
    """
    groups: list[list[Parts]] = []
    cousins: dict[tuple[str, ...], list[Node]] = defaultdict(list)
    stack = [root]
    while stack:
        node = stack.pop()
        if id(node) in skip:
            continue
        children = list(node.nodes())
        stack.extend(reversed(children))
        content = [child for child in children if child.tag != "br" and _has_content(child)]
        if len(content) >= 2:  # one of a kind repeats nothing
            groups.extend(_among(content))
        _note_cousins(node, content, cousins)
    groups.extend([(node,) for node in bucket[:MAX_GROUP]] for bucket in cousins.values() if _spreads(bucket))
    return groups


def _spreads(bucket: Sequence[Node]) -> bool:
    """Return True for cousins: several, and not all of one parent."""
    return len(bucket) > 2 and len({id(node.parent) for node in bucket}) > 1  # more than a pair


def _note_cousins(parent: Node, content: Sequence[Node], cousins: dict[tuple[str, ...], list[Node]]) -> None:
    above = parent.parent
    if above is None:
        return
    higher = above.parent
    for child in content:
        if "." in child.sig or child.tag in ("li", "td", "article", "a", "dd", "tr"):
            cousins[(child.sig, parent.sig, str(id(above)))].append(child)
            if higher is not None:
                cousins[(child.sig, parent.sig, above.sig, str(id(higher)))].append(child)


def _among(content: list[Node]) -> list[list[Parts]]:
    kinds = _Kinds()
    marks = [kinds.of(node) for node in content]
    counts = Counter(marks)
    if max(counts.values()) < 2:
        return []
    out: list[list[Parts]] = []
    periodic = _alternating(content, marks, counts)
    if periodic:
        out.append(periodic)
    inside = {id(part) for record in periodic for part in record}
    for mark, count in counts.items():
        alike: list[Parts] = [(node,) for node, own in zip(content, marks, strict=True) if own == mark]
        several = any(sum(part is node for part in record for (node,) in alike) > 1 for record in periodic)
        covered = sum(id(record[0]) in inside for record in alike) if not several else 0
        if count > 1 and covered < count:
            out.append(alike[:MAX_GROUP])
    return out


def _alternating(content: list[Node], marks: list[int], counts: Counter[int]) -> list[Parts]:
    """Cut the children where the first kind that recurs recurs, if the pieces then look alike."""
    if len(counts) < 2:
        return []
    for anchor in dict.fromkeys(marks):
        if counts[anchor] < 2:
            continue
        starts = [position for position, mark in enumerate(marks) if mark == anchor]
        headed = _is_headed(content[starts[0]])
        pieces = [
            (start, end)
            for start, end in zip(starts, [*starts[1:], len(marks)], strict=True)
            if headed or end - start <= _MAX_PERIOD
        ]
        if len(pieces) < 2:
            continue
        usual, times = Counter(tuple(marks[start:end]) for start, end in pieces).most_common(1)[0]
        regular = times >= _MAJORITY * len(pieces) and len(usual) > 1
        if not regular and not (headed and sum(end - start > 1 for start, end in pieces) >= _MAJORITY * len(pieces)):
            continue
        # what follows the last record (a "more" link, a footer) is not part of it
        longest = max(end - start for start, end in pieces[:-1])
        most = len(usual) if regular and not headed else min(longest, _MAX_PERIOD)
        return [tuple(content[start : min(end, start + most)]) for start, end in pieces][:MAX_GROUP]
    return []


def _is_headed(node: Node) -> bool:
    return node.is_heading or any(child.is_heading for child in node.nodes())
