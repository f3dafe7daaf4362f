"""Scenario files: scripts in YAML (or JSON, which is YAML).

Owns: finding and reading them, and saying where in a file something is wrong. Must not: know
what a script means.

A file holds one script, or a list of them, or a mapping with the key ``scripts``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from mock_server.scenarios import contents
from mock_server.scenarios.casting import BadScriptError, parse
from mock_server.scenarios.script import MOST_BYTES as MOST_CONTENT_BYTES
from mock_server.scenarios.script import Script

SUFFIXES: Final = (".yaml", ".yml", ".json")
MOST_BYTES: Final = 16 << 20
MOST_VALUES: Final = 200_000
"""An alias is short, and may stand for a thousand others."""


class ScenarioError(Exception):
    """A scenario file cannot be used; the message names file, line and what to write instead."""


class _Loader(yaml.SafeLoader):
    """Reads what JSON can say: a date is a text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(paths: Iterable[Path]) -> list[Script]:
    """Return the scripts of files and directories (their ``*.yaml``, ``*.yml``, ``*.json``, by name), in order.

    Raises:
        ScenarioError: A path does not exist, or a file is wrong.
    """
    return [script for path in paths for file in _files(path) for script in read(file)]


def read(path: Path) -> list[Script]:
    """Return the scripts of one file.

    Raises:
        ScenarioError: It cannot be read, or something in it is wrong.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ScenarioError(f"{path}: larger than {MOST_BYTES:,} bytes, the most a scenario file may have.")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: cannot be read: {error}.") from None
    try:
        node = yaml.compose(text, Loader=_Loader)
        if _size(node, {}) > MOST_VALUES:
            raise ScenarioError(f"{path}: its aliases stand for more than {MOST_VALUES:,} values. Write fewer of them.")
        value = yaml.load(text, Loader=_Loader)  # noqa: S506  # a SafeLoader, less timestamps
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path}: this is no YAML: {error}") from None
    except RecursionError:
        raise ScenarioError(f"{path}: it is nested too deeply, or holds an alias of itself.") from None
    where, many = _scripts(value)
    if many is None:
        return [_script(value, (), path, node)]
    return [_script(each, (*where, number), path, node) for number, each in enumerate(many)]


def _size(node: yaml.Node | None, known: dict[yaml.Node, int]) -> int:
    """Return how many values a node stands for, with every alias written out.

    Raises:
        RecursionError: It holds itself.
    """
    if node not in known and node is not None:
        match node:
            case yaml.SequenceNode():
                parts = list(node.value)
            case yaml.MappingNode():
                parts = [part for pair in node.value for part in pair]
            case _:
                parts = []
        known[node] = 1 + sum(_size(part, known) for part in parts)
    return known[node] if node is not None else 0


def _scripts(value: Any) -> tuple[tuple[str, ...], Sequence[Any] | None]:
    if isinstance(value, list):
        return (), value
    if isinstance(value, dict) and list(value) == ["scripts"] and isinstance(value["scripts"], list):
        return ("scripts",), value["scripts"]
    return (), None


def _script(value: Any, where: tuple[str | int, ...], path: Path, node: yaml.Node | None) -> Script:
    try:
        return parse(_with_files(value, where, path, node), where)
    except BadScriptError as error:
        lines = [
            f"{path}:{_line(node, fault['loc'])}: {_path(fault['loc'])}: {_plain(fault)}" for fault in error.faults
        ]
        raise ScenarioError("\n".join(lines)) from None


def _with_files(value: Any, where: tuple[str | int, ...], path: Path, node: yaml.Node | None) -> Any:
    """Return a script in which every ``{file: PATH}`` of downloads and artifacts is the digest of that file."""
    if not isinstance(value, dict):
        return value
    found = dict(value)

    def known(content: Any, *steps: str | int) -> Any:
        if not isinstance(content, dict) or list(content) != ["file"]:
            return content
        try:
            return {"sha256": contents.register(_beside(path, content["file"]))}
        except (OSError, ValueError) as error:
            place = (*where, *steps, "file")
            reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            raise ScenarioError(f"{path}:{_line(node, place)}: {_path(place)}: {reason}.") from None

    if isinstance(downloads := value.get("downloads"), dict):
        found["downloads"] = {name: known(item, "downloads", name) for name, item in downloads.items()}
    if isinstance(artifacts := value.get("artifacts"), list):
        found["artifacts"] = [
            {**item, "content": known(item["content"], "artifacts", number, "content")}
            if isinstance(item, dict) and "content" in item
            else item
            for number, item in enumerate(artifacts)
        ]
    return found


def _beside(path: Path, name: Any) -> Path:
    """Return a file below the directory a scenario file is in."""
    folder = path.parent.resolve()
    file = (folder / str(name)).resolve()
    if not file.is_relative_to(folder):
        raise ValueError(f"{name} is not below {folder}, where the scenario file is")
    if not file.is_file():
        raise ValueError(f"there is no file {name} beside the scenario file")
    if file.stat().st_size > MOST_CONTENT_BYTES:
        raise ValueError(f"{name} is larger than {MOST_CONTENT_BYTES:,} bytes, the most a script's file may have")
    return file


def _plain(fault: dict[str, Any]) -> str:
    """Return what is wrong and what to write instead."""
    message = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        return f"there is no such key here; leave it out or look for its right name ({message.lower()})."
    if fault["type"] == "missing":
        return "this is missing; add it."
    shown = repr(fault.get("input"))
    return f"{message}" + (f" (it is {shown})" if len(shown) <= 60 else "")  # noqa: PLR2004  # as much as fits the line


def _path(loc: Sequence[str | int]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return text.lstrip(".") or "script"


def _line(node: yaml.Node | None, loc: Sequence[str | int]) -> int:
    """Return the line, from 1, of the value a path leads to, or of as much of it as is there."""
    line = 0 if node is None else node.start_mark.line
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(part)]
            if not found:
                continue  # A step pydantic names and the file does not have, such as the kind of a union.
            line, node = found[0][0].start_mark.line, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
    return line + 1


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES)
        if not files:
            raise ScenarioError(f"{path}: there is no scenario file in this directory ({', '.join(SUFFIXES)}).")
        return files
    if not path.exists():
        raise ScenarioError(f"{path}: there is no such file or directory.")
    return [path]
