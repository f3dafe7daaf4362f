"""JSON values as literals of JSON, Python and TypeScript.

Owns: writing any JSON value, with variables in place of secrets, so that the language reads
the same value back. Must not: know what the value is for.

Only printable characters and line feeds are written; every other one is written as its
escape, half a character (a lone surrogate) too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from skyvern_tui.core.masking import Env, Secret

_WIDTH: Final = 88
_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")

Segment = str | Env
"""A piece of text to be quoted, or a variable to be left for the tool to fill in."""


def json_segments(value: Any, *, ascii_only: bool = False, depth: int = 0) -> Iterator[Segment]:
    """Yield a JSON value, indented by two, with its variables as segments of their own."""
    pad, inner = "  " * depth, "  " * (depth + 1)
    match value:
        case Secret():
            yield '"'
            for part in value.parts:
                yield part if isinstance(part, Env) else json_string(part, ascii_only=ascii_only)[1:-1]
            yield '"'
        case dict() if value:
            for place, (key, item) in enumerate(value.items()):
                yield "{\n" if place == 0 else ",\n"
                yield f"{inner}{json_string(str(key), ascii_only=ascii_only)}: "
                yield from json_segments(item, ascii_only=ascii_only, depth=depth + 1)
            yield f"\n{pad}}}"
        case list() if value:
            for place, item in enumerate(value):
                yield "[\n" if place == 0 else ",\n"
                yield inner
                yield from json_segments(item, ascii_only=ascii_only, depth=depth + 1)
            yield f"\n{pad}]"
        case str():
            yield json_string(value, ascii_only=ascii_only)
        case _:
            yield json.dumps(value)


def json_string(text: str, *, ascii_only: bool = False) -> str:
    """Return a JSON string of printable characters; it is a JavaScript string too."""
    if ascii_only:
        return json.dumps(text)
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in json.dumps(text, ensure_ascii=False))


def json_text(value: Any) -> str:
    """Return JSON in which ``${NAME}`` stands for a variable."""
    return "".join(f"${{{part.name}}}" if isinstance(part, Env) else part for part in json_segments(value))


def python(value: Any, depth: int = 0) -> str:
    """Return a Python expression; variables are read from ``os.environ``. ``depth`` is in levels of four spaces."""
    match value:
        case Secret():
            parts = [f'os.environ["{p.name}"]' if isinstance(p, Env) else _python_string(p) for p in value.parts]
            return " + ".join(parts)
        case dict():
            return _nested(
                "{", "}", [f"{_python_string(str(k))}: {python(v, depth + 1)}" for k, v in value.items()], depth
            )
        case list():
            return _nested("[", "]", [python(item, depth + 1) for item in value], depth)
        case str():
            return _python_text(value, depth)
        case _:
            return repr(value)


def _python_string(text: str) -> str:
    """Return ``text`` in double quotes where that needs no more escapes."""
    plain = repr(text)
    if plain.startswith("'") and '"' not in plain:
        return f'"{plain[1:-1]}"'
    return plain


def _python_text(text: str, depth: int) -> str:
    """Return a string, one with line feeds as a string per line, in parentheses."""
    lines = text.splitlines(keepends=True)
    if len(lines) < 2 or "".join(lines) != text:  # noqa: PLR2004 - one line needs no parentheses
        return _python_string(text)
    inner = "    " * (depth + 1)
    return "(\n" + "".join(f"{inner}{_python_string(line)}\n" for line in lines) + "    " * depth + ")"


def javascript(value: Any, depth: int = 0) -> str:
    """Return a TypeScript expression; variables are read from ``process.env``. ``depth`` is in levels of two spaces."""
    match value:
        case Secret():
            parts = [f"process.env.{p.name}!" if isinstance(p, Env) else json_string(p) for p in value.parts]
            return " + ".join(parts)
        case dict():
            items = [f"{_javascript_key(str(k))}: {javascript(v, depth + 1)}" for k, v in value.items()]
            return _nested("{", "}", items, depth, unit="  ", spaced=True)
        case list():
            return _nested("[", "]", [javascript(item, depth + 1) for item in value], depth, unit="  ")
        case str():
            return json_string(value)
        case _:
            return json.dumps(value)


def _javascript_key(key: str) -> str:
    if key == "__proto__":  # written plainly it would set the prototype
        return '["__proto__"]'
    return key if _IDENTIFIER.fullmatch(key) else json_string(key)


def _nested(
    opening: str, closing: str, items: Sequence[str], depth: int, unit: str = "    ", *, spaced: bool = False
) -> str:
    """Put items on one line if they fit, otherwise each on its own."""
    space = " " if spaced and items else ""
    short = f"{opening}{space}{', '.join(items)}{space}{closing}"
    if len(short) + len(unit) * depth <= _WIDTH - 20 and "\n" not in short:  # room for the name before it
        return short
    inner = unit * (depth + 1)
    return opening + "\n" + "".join(f"{inner}{item},\n" for item in items) + unit * depth + closing


def quoted(segments: Iterator[Segment], quote: Callable[[str], str], variable: Callable[[str], str]) -> list[str]:
    """Quote runs of text and write variables, each as a word of its own, in order."""
    words: list[str] = []
    run = ""
    for segment in segments:
        if isinstance(segment, str):
            run += segment
            continue
        if run:
            words.append(quote(run))
        words.append(variable(segment.name))
        run = ""
    return [*words, quote(run)] if run else words
