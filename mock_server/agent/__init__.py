"""Does a task on a page, and says why: goal -> look -> plan -> act -> check -> extract.

The engine knows :func:`perform` and the vocabulary in ``events``; everything else in here
is the agent's own affair.
"""

from __future__ import annotations

from mock_server.agent.loop import perform

__all__ = ["perform"]
