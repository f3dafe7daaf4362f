"""What goes wrong while the files of a run are downloaded.

Owns: these cases. Must not: disturb the run.
"""

from __future__ import annotations

import base64
import hashlib
import random
from typing import Any, Final

from mock_server.testing.contract.case import Case
from mock_server.testing.contract.verdict import downloaded

CONTENT: Final = random.Random(2).randbytes(200_000)  # noqa: S311  # content, not a secret
_SUM: Final = hashlib.sha256(CONTENT).hexdigest()
_SCRIPT: Final = {
    "progression": "immediate",
    "downloads": {"invoice 7.pdf": {"base64": base64.b64encode(CONTENT).decode()}},
}


def _case(name: str, title: str, why: str, *, may_raise: bool, **fault: Any) -> Case:
    faults = ({"operation": "get_artifact_content", "calls": [1], **fault},) if fault else ()
    judge = downloaded(len(CONTENT), _SUM, may_raise=may_raise)
    return Case(id=f"files.{name}", title=title, why=why, do="download", script=_SCRIPT, faults=faults, judge=judge)


_PART: Final = "A part that is taken for the whole is found out when somebody opens the file."

CASES: Final = (
    _case("whole", "The file arrives", "What the others are measured against.", may_raise=False),
    _case("truncated", "The file ends too early", _PART, may_raise=True, kind="truncated", bytes=50_000),
    _case("reset", "The connection is reset in the file", _PART, may_raise=True, kind="reset_mid_body", bytes=50_000),
    _case("502", "502 with a page of HTML instead of the file", _PART, may_raise=True, kind="html", status=502),
    _case("200_html", "A page of HTML under the file's address", _PART, may_raise=True, kind="html", status=200),
    _case(
        "expired",
        "The link has expired",
        "Links are signed for a time; what the service says about it must not be saved as the file.",
        may_raise=True,
        kind="status",
        status=403,
        body={"detail": "Signature expired"},
    ),
)
