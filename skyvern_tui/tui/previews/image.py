"""A picture, as a whole or a part of it made larger."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import work
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from skyvern_tui.core.preview import ImagePreview
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.previews.base import PreviewView
from skyvern_tui.tui.widgets.picture import MAX_SIDE, PictureView

if TYPE_CHECKING:
    from skyvern_tui.tui.viewing import Shown

_STEP: Final = 1.5
_MOST: Final = 12.0
_PAN: Final = 0.25
"""Part of what is in sight that one key moves."""


class ImageView(PreviewView):
    """A picture with a zoom that outlives the picture: the next screenshot shows the same part."""

    DEFAULT_CSS = """
    ImageView {
        #sides { display: none; & > * { width: 1fr; } }
        #captions { display: none; height: 1; color: $text-muted; & > * { width: 1fr; padding: 0 1; } }
        &.-comparing { #sides, #captions { display: block; layout: horizontal; } #picture { display: none; } }
    }
    """
    has_text: ClassVar = False
    modes: ClassVar = ("picture",)
    scope: ClassVar = Scope.picture
    BINDINGS: ClassVar = bindings(Scope.picture)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._whole: Any = None
        self._zoom = 1.0
        self._centre = (0.5, 0.5)
        self._pixels = (0, 0)

    def parts(self) -> Mapping[str, Widget]:
        return {"picture": PictureView(id="picture", can_focus=True)}

    def compose(self) -> Iterable[Widget]:
        yield from super().compose()
        with Horizontal(id="captions"):
            yield Static("before", markup=False)
            yield Static("after", markup=False)
        with Horizontal(id="sides"):
            yield PictureView(id="before")
            yield PictureView(id="after", can_focus=True)

    @property
    def is_comparing(self) -> bool:
        """True while two pictures are shown."""
        return self.has_class("-comparing")

    @property
    def part(self) -> Widget:
        return self.query_one("#after") if self.is_comparing else super().part

    async def compare(self, before: Shown | None) -> None:
        """Show another picture on the left of this one; None shows this one alone."""
        focused = self.screen.focused
        had_focus = focused is not None and self in focused.ancestors
        if before is not None and before.picture is not None and self._whole is not None:
            await self.query_one("#before", PictureView).show(before.picture)
            await self.query_one("#after", PictureView).show(self._whole)
            self.add_class("-comparing")
        else:
            self.remove_class("-comparing")
        self._apply()
        if had_focus:
            self.part.focus()
        self.post_message(self.Told())

    @property
    def notes(self) -> tuple[str, ...]:
        return (f"{self._zoom:.1f}x",) if self._zoom > 1 and not self.is_comparing else ()

    @property
    def zoom(self) -> float:
        """How many times larger than fitting the pane."""
        return self._zoom

    async def show(self, shown: Shown) -> None:
        """Show a picture that was decoded."""
        view = self.query_one("#picture", PictureView)
        self.remove_class("-comparing")
        self._apply()
        if not isinstance(shown.preview, ImagePreview) or shown.picture is None:
            self._whole = None
            await view.say("\n".join(shown.notes))
            return
        self._whole = shown.full
        if shown.full.size != self._pixels:
            self._pixels, self._zoom, self._centre = shown.full.size, 1.0, (0.5, 0.5)
        await view.show(shown.picture if self._zoom <= 1 else await asyncio.to_thread(self._part))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Arrows mean something only while there is something to move."""
        return self._zoom > 1 if action == "pan" else super().check_action(action, parameters)

    def _part(self) -> Any:
        """Return the part in sight."""
        width, height = self._whole.size
        across, down = width / self._zoom, height / self._zoom
        left = min(max(0.0, self._centre[0] * width - across / 2), width - across)
        top = min(max(0.0, self._centre[1] * height - down / 2), height - down)
        cut = self._whole.crop(
            (int(left), int(top), max(int(left) + 1, int(left + across)), max(int(top) + 1, int(top + down)))
        )
        cut.thumbnail((MAX_SIDE, MAX_SIDE))
        return cut

    @work(group="zoom", exclusive=True)
    async def _draw(self) -> None:
        if self._whole is not None:
            picture = await asyncio.to_thread(self._part)
            await self.query_one("#picture", PictureView).show(picture)
            self.post_message(self.Told())

    def action_zoom(self, way: int) -> None:
        """Larger, smaller, or as it fits."""
        self._zoom = 1.0 if way == 0 else min(_MOST, max(1.0, self._zoom * _STEP**way))
        if self._zoom == 1:
            self._centre = (0.5, 0.5)
        self._draw()

    def action_pan(self, across: int, down: int) -> None:
        """Move what is in sight."""
        half = 0.5 / self._zoom
        x, y = (old + way * _PAN / self._zoom for old, way in zip(self._centre, (across, down), strict=True))
        self._centre = (min(max(x, half), 1 - half), min(max(y, half), 1 - half))
        self._draw()

    def action_edge(self, where: int) -> None:
        """To the first or last screenshot."""
        self.post_message(self.Edge(where))
