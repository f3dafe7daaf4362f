"""Element trees: what the agent saw of a page.

Owns: reading ``visible_elements_*`` artifacts, the rows of the tree, and finding an element
by its id or by words. Must not: know which step it is of.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from skyvern_tui.core.find import Finder
from skyvern_tui.core.previews.bounds import MAX_ROWS, MAX_TEXT, Unreadable, cell

MAX_DEPTH: Final = 200
_SHORT: Final = 200
_SHOWN: Final = ("type", "name", "role", "aria-label", "placeholder", "value", "href", "alt", "title")
"""Attributes that tell elements apart, in this order."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element; texts are safe. ``line`` is how a person would point at it: ``a #a006 “Sign in” href=/login``."""

    id: str
    depth: int
    tag: str
    text: str
    line: str
    attributes: Mapping[str, str]
    frame: str
    interactable: bool
    count: int
    """Elements directly below."""
    parent: int | None
    """Place of its parent in :attr:`Elements.all`."""


@dataclass(frozen=True, slots=True)
class Elements:
    """All elements of a page in the order of the document."""

    all: tuple[Element, ...]
    notes: tuple[str, ...] = ()

    def place(self, element_id: str) -> int | None:
        """Return where the element with this id is; None when it is not there."""
        return next((place for place, element in enumerate(self.all) if element.id == element_id), None)

    def search(self, finder: Finder) -> list[int]:
        """Return the places of elements whose id, tag, text or attributes have what is looked for."""
        return [
            place
            for place, element in enumerate(self.all)
            if finder.is_in(element.line) or any(finder.is_in(value) for value in element.attributes.values())
        ]

    def above(self, place: int) -> list[int]:
        """Return the places that must be open for one to be in sight, the top first."""
        found: list[int] = []
        parent = self.all[place].parent
        while parent is not None:
            found.append(parent)
            parent = self.all[parent].parent
        return found[::-1]

    def rows(self, closed: Collection[int] = (), *, only_interactable: bool = False) -> list[int]:
        """Return the places of the rows in sight when what is in ``closed`` is folded."""
        shown: list[int] = []
        hidden_below: int | None = None
        for place, element in enumerate(self.all):
            if hidden_below is not None and element.depth > hidden_below:
                continue
            hidden_below = element.depth if place in closed else None
            if element.interactable or not only_interactable:
                shown.append(place)
        return shown


def read_elements(data: bytes) -> Elements:
    """Read an element tree. Raises :class:`Unreadable` for anything else."""
    forest = _json(data)
    if isinstance(forest, dict):
        forest = [forest]
    if not isinstance(forest, list) or not any(isinstance(node, dict) for node in forest):
        raise Unreadable("no list of elements")
    found: list[Element] = []
    cut = False
    stack: list[tuple[Iterator[Any], int | None]] = [(iter(forest), None)]
    while stack:
        node = next(stack[-1][0], None)
        if node is None:
            stack.pop()
            continue
        if not isinstance(node, dict):
            continue
        if len(found) == MAX_ROWS:
            cut = True
            break
        children = node.get("children")
        below = children if isinstance(children, list) else []
        place = len(found)
        found.append(_element(node, len(stack) - 1, sum(isinstance(child, dict) for child in below), stack[-1][1]))
        if len(stack) < MAX_DEPTH:
            stack.append((iter(below), place))
    return Elements(tuple(found), (f"first {MAX_ROWS} elements",) if cut else ())


def _json(data: bytes) -> Any:
    if len(data) > MAX_TEXT:
        raise Unreadable("too large to be taken apart")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not readable as JSON") from error


def _element(node: Mapping[str, Any], depth: int, count: int, parent: int | None) -> Element:
    given = node.get("attributes")
    attributes = {
        cell(name, _SHORT): cell(json.dumps(value) if isinstance(value, (dict, list)) else value)
        for name, value in list(given.items() if isinstance(given, dict) else ())[:_SHORT]
    }
    tag, text = cell(node.get("tagName"), _SHORT) or "?", cell(node.get("text"), _SHORT)
    element_id = cell(node.get("id"), _SHORT)
    words = [tag, f"#{element_id}" if element_id else "", f"“{text}”" if text else ""]
    words += [f"{name}={attributes[name]}" for name in _SHOWN if attributes.get(name)]
    return Element(
        id=element_id,
        depth=depth,
        tag=tag,
        text=text,
        line=cell(" ".join(filter(None, words))),
        attributes=attributes,
        frame=cell(node.get("frame"), _SHORT),
        interactable=node.get("interactable") is True,
        count=count,
        parent=parent,
    )
