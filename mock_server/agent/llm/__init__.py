"""A language model in the place of the rules, where the user has one: the page in, one action out.

Owns: what the model is told, how its answer is read and checked, and when the rules step
in. Pure but for the callable it is given to ask with. Must not: speak HTTP, touch a
browser, or let the model see a secret or act on anything but what the page shows.
"""

from __future__ import annotations

from mock_server.agent.llm.adviser import Advice, Adviser
from mock_server.agent.llm.exchange import Exchange

__all__ = ["Advice", "Adviser", "Exchange"]
