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
from skyvern_tui.core.preview import ImagePreview, JsonPreview, PagePreview, Preview, TextPreview, preview
from skyvern_tui.core.previews.files import file_facts
from skyvern_tui.core.text import one_line, shorten
from skyvern_tui.tui.highlight import Painter, painter
from skyvern_tui.tui.server import Server
from skyvern_tui.tui.widgets.picture import PictureRefused, decode_all

KEPT_BYTES: Final = 64_000_000
"""Bytes of artifacts kept, so that going back and forth doesn't fetch again."""
_CHECKED: Final = frozenset({"download", "pdf"})
"""Types whose files came from a site: what they are is compared with what they claim to be."""
_Key = tuple[str, object, object]


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview ready to be drawn."""

    fact: ArtifactFact
    preview: Preview
    data: bytes
    name: str
    """What a file with it would be called, as it came: not safe."""
    title: str
    painter: Painter | None = None
    picture: Any = None
    """A Pillow image of a picture, as large as a terminal shows it; None for anything else."""
    full: Any = None
    """The same with all pixels that are kept."""
    notes: tuple[str, ...] = ()
    warning: str = ""
    """What one should know before opening the file."""


class Viewer:
    """Shows artifacts of one run."""

    def __init__(self, server: Server, journal: Journal) -> None:
        self._server = server
        self._journal = journal
        self._kept: OrderedDict[_Key, bytes] = OrderedDict()

    @property
    def run_id(self) -> str:
        """Id of the run, for the folder its files are saved in."""
        run = self._journal.run
        return "run" if run is None else run.run_id

    async def content(self, fact: ArtifactFact) -> bytes:
        """Return the bytes of an artifact. Raises :class:`~skyvern_tui.tui.server.Troubled`."""
        # What grew while the run goes on is fetched again.
        key = (fact.id, fact.modified_at, fact.size)
        data = self._kept.get(key)
        if data is None:
            artifact = self._journal.latest_artifacts[fact.id]
            data = await self._server.call(lambda gateway: gateway.get_artifact_content(artifact))
            # A recording grows while the run goes on: what is fetched then is not the whole.
            whole = self._journal.is_final or fact.type != "recording"
            if whole and len(data) <= KEPT_BYTES:
                self._kept[key] = data
                while sum(map(len, self._kept.values())) > KEPT_BYTES:
                    self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return data

    async def shown(self, fact: ArtifactFact) -> Shown:
        """Return an artifact ready to be drawn."""
        return await asyncio.to_thread(build, fact, await self.content(fact))

    async def inside(self, fact: ArtifactFact, name: str, data: bytes, kind: str = "", note: str = "") -> Shown:
        """Return something that is inside an artifact, ready to be drawn."""
        return await asyncio.to_thread(build, fact, data, name, kind, note)


def build(fact: ArtifactFact, data: bytes, name: str | None = None, kind: str = "", note: str = "") -> Shown:
    """Return bytes ready to be drawn; takes its time. ``name`` and ``kind`` are those of something inside it."""
    inside = name is not None
    name = fact.name if name is None else name
    kind = kind if inside else fact.type
    model = preview(data, kind, name)
    title = shorten(one_line(name if inside else fact.type.replace("_", " ")), 80)
    warning = ""
    downloaded: tuple[str, ...] = ()
    if kind in _CHECKED or inside:
        facts = file_facts(data, name, expected=None if inside else fact.checksum)
        warning = facts.warning
        if not inside:
            told = ", as the server says" if fact.checksum and not warning else ""
            downloaded = (facts.kind, f"SHA-256 {facts.sha256[:16]}…{told}")
    paint, picture, full = None, None, None
    notes = (*((note,) if note else ()), *downloaded, *model.notes)
    match model:
        case TextPreview():
            paint = painter(model.lines, model.language)
        case JsonPreview():
            paint = painter(model.lines, "json")
        case PagePreview():
            paint = painter(model.source, "html")
        case ImagePreview():
            try:
                picture, full, size = decode_all(model.data)
            except PictureRefused as refused:
                notes = (*notes, str(refused))
            else:
                notes = (*notes, f"{model.format} {size}")
        case _:
            pass
    return Shown(fact, model, data, name, title, paint, picture, full, notes, warning)
