"""Trees of nodes from HTML text, without a browser."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from mock_server.agent.records.nodes import Node, build, locate, settle
from mock_server.agent.records.repeats import sign

_VOID = {"img", "br", "input", "hr"}
_INLINE = {"a", "b", "i", "em", "strong", "span", "img", "input", "label", "small", "time", "br"}


class _Builder(HTMLParser):
    """Makes what the page-side script would send; every element is visible and a line high."""

    def __init__(self) -> None:
        super().__init__()
        self.root: dict[str, Any] = {"g": "body", "n": 1, "a": {}, "b": 1, "z": 16, "c": []}
        self._open = [self.root]
        self._count = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._count += 1
        node: dict[str, Any] = {
            "g": tag,
            "n": self._count,
            "a": {name: value or "" for name, value in attrs},
            "z": 16,
            "c": [],
        }
        node["r"] = [0, 20 * self._count, 200, 20]
        if tag not in _INLINE:
            node["b"] = 1
        if tag in ("b", "strong", "th") or tag.startswith("h"):
            node["w"] = 1
        self._open[-1]["c"].append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        while len(self._open) > 1 and self._open.pop()["g"] != tag:
            pass

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text:
            lead, trail = data[0].isspace(), data[-1].isspace()
            self._open[-1]["c"].append(" " * lead + text + " " * trail)


Render = Callable[[str], list[Node]]


@pytest.fixture
def render() -> Render:
    """Return the nodes of some HTML in reading order, regions and selectors filled in."""

    def make(html: str) -> list[Node]:
        builder = _Builder()
        builder.feed(html)
        builder.close()
        order = list(build(builder.root, 0).walk())
        settle(order)
        locate(order)
        sign(order)
        return order

    return make
