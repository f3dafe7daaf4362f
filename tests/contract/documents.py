"""The code the documentation shows, as data.

Owns: finding the Python and curl examples in the seed documents. Run by hand when the documents change:
``python tests/contract/documents.py DIRECTORY`` writes ``fixtures/seed-docs/blocks.json``; the tests run what is there.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

BLOCKS: Final = Path(__file__).parents[2] / "fixtures" / "seed-docs" / "blocks.json"

_FENCE: Final = re.compile(r"^ *```(python|bash)[^\n]*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_OPENING: Final = re.compile(r"^(?P<python>import |result = |run_id = |artifacts = )|^(?P<bash>curl )")
_PROSE: Final = re.compile(r"^(?:[A-Z][\w\u2019\u2014]*[ .]|\{|\[|/\w+$)")


def fenced(text: str) -> Iterator[tuple[str, str]]:
    """Yield language and code of the blocks between fences."""
    for language, code in _FENCE.findall(text):
        yield language, textwrap.dedent(code)


def bare(text: str) -> Iterator[tuple[str, str]]:
    """Yield language and code of the blocks of a page without fences: from a line of code to the next of prose."""
    language, lines, quoted = "", [], False
    for line in text.splitlines():
        opening = None if language else _OPENING.match(line)
        if opening:
            language = str(opening.lastgroup)
        elif language and not quoted and _PROSE.match(line):
            yield language, "\n".join(lines).strip() + "\n"
            language, lines = "", []
        if language:
            lines.append(line)
            quoted ^= language == "bash" and line.count("'") % 2 == 1


def blocks(directory: Path) -> list[dict[str, str]]:
    """Return every block of the documents in a directory: document, language, code."""
    found = []
    for path in sorted(directory.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        for language, code in fenced(text) if "```" in text else bare(text):
            found.append({"document": path.stem, "language": language, "code": code})
    return found


if __name__ == "__main__":
    BLOCKS.write_text(json.dumps(blocks(Path(sys.argv[1])), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
