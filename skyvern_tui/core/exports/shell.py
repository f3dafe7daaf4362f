"""A request for a shell: curl and PowerShell.

Owns: the two commands and their quoting. Must not: hold a secret; both read the key from
the environment.
"""

from __future__ import annotations

from skyvern_tui.core.exports.literals import json_segments, quoted
from skyvern_tui.core.exports.target import KEY_VARIABLE, Target
from skyvern_tui.core.masking import Masked


def _sh(text: str) -> str:
    """Quote for a POSIX shell: nothing is special between single quotes but their end."""
    return "'" + text.replace("'", "'\\''") + "'"


def curl(masked: Masked, target: Target) -> str:
    """Return a curl command for any POSIX shell."""
    body = "".join(quoted(json_segments(masked.value), _sh, lambda name: f'"${name}"'))
    return (
        f"curl --fail-with-body -X POST {_sh(target.url)} \\\n"
        f'  -H "x-api-key: ${KEY_VARIABLE}" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  --data-raw {body}\n"  # raw: no value of it is the name of a file
    )


def _ps(text: str) -> str:
    """Quote for PowerShell, to which a curly quote is a quote as well; the text has none, being ASCII."""
    return "'" + text.replace("'", "''") + "'"


def powershell(masked: Masked, target: Target) -> str:
    """Return an Invoke-RestMethod command.

    The body is written in ASCII: Windows PowerShell sends other characters in an encoding of its own.
    """
    words = quoted(json_segments(masked.value, ascii_only=True), _ps, lambda name: f"$env:{name}")
    body = words[0] if len(words) == 1 else f"({' + '.join(words)})"
    url = _ps(target.url.encode("ascii", "backslashreplace").decode())
    return (
        f"$body = {body}\n"
        f"Invoke-RestMethod -Method Post -Uri {url} `\n"
        f"  -Headers @{{ 'x-api-key' = $env:{KEY_VARIABLE} }} `\n"
        "  -ContentType 'application/json' `\n"
        "  -Body $body\n"
    )
