"""The cases of a contract report, in the order in which they are shown.

Owns: which there are and choosing among them. Must not: run one.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from mock_server.testing.contract.case import Case
from mock_server.testing.contract.catalogue import endings, files, polling, submitting, webhooks

CASES: tuple[Case, ...] = (
    *endings.CASES,
    *polling.CASES,
    *submitting.CASES,
    *files.CASES,
    *webhooks.CASES,
)


def chosen(patterns: Iterable[str]) -> tuple[Case, ...]:
    """Return the cases whose id fits one of the patterns, such as ``polling.*``; all of them for no pattern.

    Raises:
        ValueError: A pattern fits none.
    """
    wanted = tuple(patterns)
    for pattern in wanted:
        if not any(fnmatchcase(case.id, pattern) for case in CASES):
            groups = ", ".join(dict.fromkeys(f"{case.group}.*" for case in CASES))
            raise ValueError(f"No case is called {pattern}. There are {groups}; --list shows all.")
    return tuple(case for case in CASES if not wanted or any(fnmatchcase(case.id, each) for each in wanted))
