"""A catalogue of what clients of Skyvern get wrong, and a report of how one does.

>>> report = examine("python -m myapp.adapter", chosen(["polling.*"]), server="http://127.0.0.1:8000")

Owns: the names for use from Python. The command is ``skyvern-mock contract``; what an adapter is, is told in
:mod:`mock_server.testing.contract.protocol`. Must not: import anything before it is asked for, since an
adapter is imported where only the standard library is sure to be.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mock_server.testing.contract.catalogue import CASES, chosen
    from mock_server.testing.contract.examiner import Report, Result, examine
    from mock_server.testing.contract.protocol import ProtocolError
    from mock_server.testing.contract.verdict import Kind, Verdict

__all__ = ["CASES", "Kind", "ProtocolError", "Report", "Result", "Verdict", "chosen", "examine"]

_HOMES: Final = {
    "CASES": "catalogue",
    "chosen": "catalogue",
    "Report": "examiner",
    "Result": "examiner",
    "examine": "examiner",
    "ProtocolError": "protocol",
    "Kind": "verdict",
    "Verdict": "verdict",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value
