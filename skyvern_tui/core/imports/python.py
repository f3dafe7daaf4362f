"""A program for the Python SDK read as a request.

Owns: finding the call and working out its arguments from the syntax tree: literals, names
bound to literals, environment variables. Must not: execute, import or evaluate anything.
"""

from __future__ import annotations

import ast
import contextlib
import json
import re
import textwrap
from collections.abc import Callable, Mapping
from typing import Any, Final

from skyvern_tui.client.models import RunEngine
from skyvern_tui.core.imports.values import Found, NotUnderstood, Unread

_CALLS: Final = frozenset({"run_task"})
_POSTS: Final = frozenset({"post", "request"})
_MAX_ENDS: Final = 200
"""Closing parentheses tried where the text as a whole is no program."""
_UNREADABLE: Final = (SyntaxError, ValueError, RecursionError, MemoryError)


def read_python(text: str) -> Found:
    """Read the first call of ``run_task`` (or ``httpx.post``) in ``text``. Raises :class:`NotUnderstood`."""
    tree = _parse(text)
    names = _assigned(tree)
    try:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) in _CALLS:
                return _arguments(node, names)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) in _POSTS:
                posted = _posted(node, names)
                if posted is not None:
                    return posted
    except RecursionError as error:
        raise NotUnderstood("nested too deeply") from error
    raise NotUnderstood("no call of run_task was found")


def _parse(text: str) -> ast.Module:
    try:
        return ast.parse(textwrap.dedent(text))
    except _UNREADABLE:
        return _parse_call(text)


def _parse_call(text: str) -> ast.Module:
    """Parse only the call: examples often lose their indentation on the way."""
    found = re.search(r"\brun_task\s*\(", text)
    if found:
        ends = [match.end() for match in re.finditer(r"\)", text[found.start() :])]
        for end in ends[:_MAX_ENDS]:
            try:
                return ast.parse(text[found.start() : found.start() + end])
            except _UNREADABLE:
                continue
    raise NotUnderstood("the Python code can't be read")


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _assigned(tree: ast.Module) -> dict[str, ast.expr]:
    """Return what names are bound to, anywhere; the last binding counts."""
    names: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            names.update({target.id: node.value for target in node.targets if isinstance(target, ast.Name)})
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            names[node.target.id] = node.value
    return names


def _arguments(call: ast.Call, names: Mapping[str, ast.expr]) -> Found:
    reader = _Reader(names)
    values: dict[str, Any] = {"prompt": reader.read(call.args[0])} if call.args else {}
    messages = ["only the first argument without a name was read"] if len(call.args) > 1 else []
    for keyword in call.keywords:
        value = reader.read(keyword.value)
        if keyword.arg is None:  # **fields
            if isinstance(value, dict):
                values.update(value)
            else:
                messages.append(f"could not be read: **{_written(keyword.value)}")
        elif keyword.arg == "request_options" and isinstance(value, dict):
            others = value.get("additional_body_parameters")
            values.update(others if isinstance(others, dict) else {})
        else:
            values[keyword.arg] = value
    return Found(values, tuple(messages))


def _posted(call: ast.Call, names: Mapping[str, ast.expr]) -> Found | None:
    reader = _Reader(names)
    for keyword in call.keywords:
        if keyword.arg in {"json", "data", "content"}:
            value = reader.read(keyword.value)
            if isinstance(value, str):
                try:
                    value = json.loads(value)
                except (ValueError, RecursionError):
                    continue
            if isinstance(value, dict):
                return Found({str(name): item for name, item in value.items()})
    return None


def _written(node: ast.expr) -> str:
    try:
        return ast.unparse(node)[:100]
    except RecursionError:
        return "…"


class _Reader:
    """Works out what an expression stands for, without evaluating it."""

    def __init__(self, names: Mapping[str, ast.expr]) -> None:
        self._names = names
        self._open: set[str] = set()
        self._readers: dict[type[ast.expr], Callable[[Any], Any]] = {
            ast.Constant: self._constant,
            ast.Dict: self._dict,
            ast.List: self._list,
            ast.Tuple: self._list,
            ast.JoinedStr: self._joined,
            ast.BinOp: self._sum,
            ast.UnaryOp: self._negative,
            ast.Name: self._named,
            ast.Attribute: self._attribute,
            ast.Subscript: self._subscript,
            ast.Call: self._call,
        }

    def read(self, node: ast.expr) -> Any:
        """Return a JSON value, or :class:`Unread`."""
        reader = self._readers.get(type(node))
        return reader(node) if reader else Unread(_written(node))

    def _constant(self, node: ast.Constant) -> Any:
        known = node.value is None or isinstance(node.value, (str, bool, int, float))
        return node.value if known else Unread(_written(node))

    def _dict(self, node: ast.Dict) -> Any:
        values: dict[str, Any] = {}
        for key, item in zip(node.keys, node.values, strict=True):
            value = self.read(item)
            if key is None:
                if not isinstance(value, dict):
                    return Unread(_written(node))
                values.update(value)
                continue
            name = self.read(key)
            if isinstance(name, Unread) or isinstance(value, Unread):
                return Unread(_written(node))
            values[str(name)] = value
        return values

    def _list(self, node: ast.List | ast.Tuple) -> Any:
        items = [self.read(item) for item in node.elts]
        return Unread(_written(node)) if any(isinstance(item, Unread) for item in items) else items

    def _joined(self, node: ast.JoinedStr) -> str:
        return "".join(self._part(part) for part in node.values)

    def _part(self, part: ast.expr) -> str:
        inner = part.value if isinstance(part, ast.FormattedValue) else part
        value = self.read(inner)
        return f"${{{_written(inner)}}}" if isinstance(value, Unread) else str(value)

    def _sum(self, node: ast.BinOp) -> Any:
        left, right = self.read(node.left), self.read(node.right)
        if isinstance(node.op, ast.Add) and isinstance(left, str) and isinstance(right, str):
            return left + right
        return Unread(_written(node))

    def _negative(self, node: ast.UnaryOp) -> Any:
        value = self.read(node.operand)
        number = isinstance(node.op, ast.USub) and isinstance(value, (int, float))
        return -value if number else Unread(_written(node))

    def _named(self, node: ast.Name) -> Any:
        if node.id not in self._names or node.id in self._open:
            return Unread(node.id)
        self._open.add(node.id)
        try:
            return self.read(self._names[node.id])
        finally:
            self._open.discard(node.id)

    def _attribute(self, node: ast.Attribute) -> Any:
        """Read a member of an enum by its name: ``RunEngine.skyvern_v2``, ``ProxyLocation.RESIDENTIAL_DE``."""
        owner = _name(node.value)
        if owner == "RunEngine" and node.attr in RunEngine.__members__:
            return str(RunEngine[node.attr])
        if owner == "ProxyLocation":
            return node.attr.replace("US_", "US-", 1) if node.attr.startswith("US_") else node.attr
        return Unread(_written(node))

    def _subscript(self, node: ast.Subscript) -> Any:
        key = self.read(node.slice)
        if isinstance(key, str) and _name(node.value) == "environ":
            return f"${{{key}}}"
        return Unread(_written(node))

    def _call(self, node: ast.Call) -> Any:
        name = _name(node.func)
        first = self.read(node.args[0]) if node.args else None
        if name in {"getenv", "get"} and isinstance(first, str) and "env" in _written(node.func):
            return f"${{{first}}}"
        value: Any = Unread(_written(node))
        if name == "dict" and not node.args:
            values = {keyword.arg: self.read(keyword.value) for keyword in node.keywords if keyword.arg}
            value = value if any(isinstance(item, Unread) for item in values.values()) else values
        elif name == "dumps" and not isinstance(first, Unread):
            value = first  # what is dumped is what is meant
        elif name == "loads" and isinstance(first, str):
            with contextlib.suppress(ValueError, RecursionError):
                value = json.loads(first)
        elif name == "dedent" and isinstance(first, str):
            value = textwrap.dedent(first)
        elif name == "strip" and isinstance(node.func, ast.Attribute):
            text = self.read(node.func.value)
            value = text.strip() if isinstance(text, str) else value
        return value
