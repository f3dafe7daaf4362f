"""From an artifact to something a pane can show.

Owns: fetching an artifact once, and turning its bytes into a preview, off the event loop.
Must not: draw, or keep more bytes than it says.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

from skyvern_tui.core.facts import ArtifactFact
from skyvern_tui.core.journal import Journal
from skyvern_tui.core.preview import ImagePreview, Preview, TextPreview, preview
from skyvern_tui.tui.highlight import Painter, painter
from skyvern_tui.tui.server import Server
from skyvern_tui.tui.widgets.picture import PictureRefused, decode

KEPT_BYTES: Final = 64_000_000
"""Bytes of artifacts kept, so that going back and forth doesn't fetch again."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview ready to be drawn."""

    fact: ArtifactFact
    preview: Preview
    painter: Painter | None = None
    picture: Any = None
    notes: tuple[str, ...] = ()


class Viewer:
    """Shows artifacts of one run."""

    def __init__(self, server: Server, journal: Journal) -> None:
        self._server = server
        self._journal = journal
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    async def content(self, fact: ArtifactFact) -> bytes:
        """Return the bytes of an artifact. Raises :class:`~skyvern_tui.tui.server.Troubled`."""
        data = self._kept.get(fact.id)
        if data is None:
            artifact = self._journal.latest_artifacts[fact.id]
            data = await self._server.call(lambda gateway: gateway.get_artifact_content(artifact))
            # A recording grows while the run goes on: what is fetched then is not the whole.
            whole = self._journal.is_final or fact.type != "recording"
            if whole and len(data) <= KEPT_BYTES:
                self._kept[fact.id] = data
                while sum(map(len, self._kept.values())) > KEPT_BYTES:
                    self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(fact.id)
        return data

    async def shown(self, fact: ArtifactFact) -> Shown:
        """Return an artifact ready to be drawn."""
        return await asyncio.to_thread(_build, fact, await self.content(fact))


def _build(fact: ArtifactFact, data: bytes) -> Shown:
    model = preview(data, fact.type, fact.name)
    match model:
        case TextPreview():
            return Shown(fact, model, painter=painter(model.lines, model.language), notes=model.notes)
        case ImagePreview():
            try:
                picture, size = decode(model.data)
            except PictureRefused as refused:
                return Shown(fact, model, notes=(str(refused),))
            return Shown(fact, model, picture=picture, notes=(f"{model.format} {size}",))
        case _:
            return Shown(fact, model, notes=model.notes)
