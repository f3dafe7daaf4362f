"""A request written for other tools: JSON, shells and programs.

Owns: the list of formats and the one way to write a request in any of them. Must not: write
a secret: an environment variable stands in its place.

Whatever the request holds, the text is safe to show (printable characters and line feeds)
and means exactly that request to the tool it is for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from skyvern_tui.core.exports import code, shell
from skyvern_tui.core.exports.literals import json_text
from skyvern_tui.core.exports.target import CLOUD, KEY_VARIABLE, Target
from skyvern_tui.core.masking import Masked, mask

__all__ = ["CLOUD", "FORMATS", "KEY_VARIABLE", "Exported", "Format", "Target", "export"]


@dataclass(frozen=True, slots=True)
class Format:
    """A form a request can be written in. ``language`` is for highlighting, ``suffix`` for a file."""

    name: str
    label: str
    language: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Exported:
    """A written request, and the environment variables it asks for."""

    text: str
    format: Format
    variables: tuple[str, ...]


def _json(masked: Masked, target: Target) -> str:  # noqa: ARG001 - all writers are called alike
    return json_text(masked.value) + "\n"


_WRITERS: Final[Mapping[str, tuple[Format, Callable[[Masked, Target], str]]]] = {
    format_.name: (format_, writer)
    for format_, writer in (
        (Format("json", "JSON", "json", ".json"), _json),
        (Format("curl", "curl", "bash", ".sh"), shell.curl),
        (Format("powershell", "PowerShell", "powershell", ".ps1"), shell.powershell),
        (Format("python", "Python (official SDK)", "python", ".py"), code.official_sdk),
        (Format("python-client", "Python (skyvern_tui.client)", "python", ".py"), code.own_client),
        (Format("typescript", "TypeScript", "typescript", ".ts"), code.typescript),
        (Format("httpx", "Python (httpx)", "python", ".py"), code.httpx),
    )
}
FORMATS: Final = tuple(format_ for format_, _ in _WRITERS.values())


def export(
    request: Mapping[str, Any],
    name: str,
    *,
    base_url: str = CLOUD,
    secrets: Mapping[str, str] | None = None,
) -> Exported:
    """Write ``request`` in the format called ``name``.

    Args:
        request: JSON values by wire name, as ``TaskRunRequest.model_dump(mode="json", exclude_unset=True)`` or what
            :func:`~skyvern_tui.core.draft.readable` returns.
        name: of a :data:`FORMATS` member.
        base_url: the server's root, without ``/v1``.
        secrets: values that must not appear, by the variable to write instead (such as the API key in use).

    Raises:
        KeyError: there is no such format.
    """
    format_, writer = _WRITERS[name]
    masked = mask({key: value for key, value in request.items() if value is not None}, secrets)
    needed = () if name == "json" else (KEY_VARIABLE,)
    variables = tuple(dict.fromkeys((*needed, *masked.names)))
    return Exported(writer(masked, Target(base_url.rstrip("/"))), format_, variables)
