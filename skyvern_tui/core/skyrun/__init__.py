"""A run kept as one file, to be opened again with no server.

Owns: the ``.skyrun`` format: a zip with the run, its request, its timeline, what the journal
saw of it, and its artifacts with their contents. Must not: unpack anything to disk, trust a
file, or write a secret into one.

::

    skyrun.json       format, version, when and where it was saved, a note
    run.json          the run as the server sent it
    request.json      the request as it was sent, if known
    timeline.json     the timeline as the server sent it; missing for runs that have none
    events.json       what only the journal knows: outages, and statuses seen in passing
    artifacts.json    the artifacts, each with the name and the checksum of its content
    artifacts/…       the contents
"""

from __future__ import annotations

from skyvern_tui.core.skyrun.collecting import Collected, Progress, collect
from skyvern_tui.core.skyrun.gateway import SavedGateway
from skyvern_tui.core.skyrun.reading import open_run, read_run
from skyvern_tui.core.skyrun.saved import SUFFIX, VERSION, NotSaved, SavedArtifact, SavedRun
from skyvern_tui.core.skyrun.writing import RunWriter

__all__ = [
    "SUFFIX",
    "VERSION",
    "Collected",
    "NotSaved",
    "Progress",
    "RunWriter",
    "SavedArtifact",
    "SavedGateway",
    "SavedRun",
    "collect",
    "open_run",
    "read_run",
]
