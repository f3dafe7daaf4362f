"""What makes two takes of the same thing differ without meaning anything: ids, addresses, times, durations, sizes.

Owns: telling whether a picture or a notebook has to be replaced. Must not: write anything.
"""

from __future__ import annotations

import html
import re
from typing import Final

_VOLATILE: Final = re.compile(
    r"""(tsk_v2|wr|o|a)_\d+                         # ids
      | 127\.0\.0\.1:\d+
      | \d+:\d\d(:\d\d)?(\ [AP]M)? | \d{4}-\d\d-\d\d
      | ([\d.,]+\ (ms|s|m|h|bytes|[kM]?B|[KM]iB)\b\ *)+  # durations and sizes
      | (?<=timings:).*$ | ^(\ *≠)?\ *(waiting|working|in\ all|per\ step)\b.*$  # how two runs compare in speed
      | (?<=Artifacts\s)\d+ | (?<=Screenshots\s)\d+  # a slow page leaves one more
      | data:image/png;base64,[\w+/=]+ | 'image/png':\ '[^']*' | "image/png":\ "[^"]*" """,
    re.VERBOSE | re.MULTILINE,
)
_TEXT: Final = re.compile(r'<text[^>]* x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>')


def lasting(text: str) -> str:
    """Return a text without what differs from one time to the next."""
    return re.sub(r"\s+", " ", _VOLATILE.sub("~", text.replace("\xa0", " ")))


def said(svg: str) -> str:
    """Return what a picture of the app says, line by line, without what differs from one time to the next.

    Screenshots in it, drawn with half blocks, are not looked at: a page that came a moment later is another picture.
    """
    lines: dict[float, list[tuple[float, str]]] = {}
    for x, y, text in _TEXT.findall(svg):
        lines.setdefault(float(y), []).append((float(x), html.unescape(text).replace("▀", "")))
    return "\n".join(lasting("".join(text for _, text in sorted(line))) for _, line in sorted(lines.items()))
