"""What a run amounts to as code: kept while it goes on, written as a script, done again without planning.

The recipe is the form in between: plain JSON, made by :class:`Scribe` from what was really
done, turned into Python by :func:`source_of` and done again by :class:`Replay`.
"""

from __future__ import annotations

from mock_server.agent.scripting.recipe import Recipe, is_replayable
from mock_server.agent.scripting.replay import Replay
from mock_server.agent.scripting.scribe import Scribe, Spots
from mock_server.agent.scripting.source import source_of

__all__ = ["Recipe", "Replay", "Scribe", "Spots", "is_replayable", "source_of"]
