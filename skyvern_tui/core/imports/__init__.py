"""A request somebody wrote elsewhere, read back into a draft.

Owns: telling what a pasted text is (a curl command, JSON, a program for the Python or the
TypeScript SDK, a run) and reading it. Must not: execute or fetch anything, keep an API key,
or leave out silently what it did not understand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from skyvern_tui.client.models import Run
from skyvern_tui.core.draft import Draft
from skyvern_tui.core.imports.curl import read_curl
from skyvern_tui.core.imports.python import read_python
from skyvern_tui.core.imports.typescript import read_typescript
from skyvern_tui.core.imports.values import Found, NotUnderstood, draft_of
from skyvern_tui.core.reading import read_json

__all__ = ["Imported", "NotUnderstood", "from_run", "read_request"]

MAX_TEXT: Final = 2_000_000
"""Characters that are looked at."""
_CURL: Final = re.compile(r"\A[\s$>%#]*(?:\w+=\S*\s+)*curl(?:\.exe)?\s")
_TYPESCRIPT: Final = re.compile(r"\brunTask\s*\(")
_PYTHON: Final = re.compile(r"\b(?:run_task|httpx|requests)\b[^\n]*\(|\brun_task\s*\(")


@dataclass(frozen=True, slots=True)
class Imported:
    """What was read: a draft, where it came from, and what a person should know about it (safe text)."""

    draft: Draft
    source: str
    """``curl``, ``JSON``, ``Python``, ``TypeScript`` or ``run``."""
    messages: tuple[str, ...]


def read_request(text: str) -> Imported:
    """Read a pasted text. Raises :class:`NotUnderstood` when there is no request in it."""
    if len(text) > MAX_TEXT:
        raise NotUnderstood(f"longer than {MAX_TEXT:,} characters")
    stripped = text.strip()
    if not stripped:
        raise NotUnderstood("nothing was pasted")
    if _CURL.match(text):
        return _imported("curl", read_curl(text))
    if stripped.startswith("{"):
        return _from_json(stripped)
    if _TYPESCRIPT.search(text):
        return _imported("TypeScript", read_typescript(text))
    if _PYTHON.search(text):
        return _imported("Python", read_python(text))
    raise NotUnderstood("no curl command, JSON, or call of run_task or runTask was found")


def from_run(run: Run) -> Imported:
    """Return the draft that asks for what an earlier run was asked for, as far as the server tells."""
    return _imported(
        "run", Found(dict(run.run_request or {}), ("server does not repeat all of a request",), quiet=True)
    )


def _from_json(text: str) -> Imported:
    try:
        value = read_json(text)
    except ValueError as error:
        raise NotUnderstood(f"not readable as JSON: {error}") from error
    assert isinstance(value, dict)  # it begins with a brace
    for envelope in ("run_request", "body", "request", "data"):
        inner = value.get(envelope)
        if isinstance(inner, dict) and "prompt" not in value:
            return _imported("run" if envelope == "run_request" else "JSON", Found(inner, quiet="run_id" in value))
    is_run = "run_id" in value or "run_request" in value
    asked: dict[str, Any] = value["run_request"] if isinstance(value.get("run_request"), dict) else value
    return _imported("run" if is_run else "JSON", Found(asked, quiet=is_run))


def _imported(source: str, found: Found) -> Imported:
    draft, messages = draft_of(found)
    return Imported(draft, source, messages)
