"""Plain text, and the first bytes of what is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.widget import Widget

from skyvern_tui.core.preview import BinaryPreview, TextPreview
from skyvern_tui.core.text import size_words
from skyvern_tui.tui.previews.base import PreviewView
from skyvern_tui.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from skyvern_tui.tui.viewing import Shown


class TextPreviewView(PreviewView):
    """Lines to read."""

    def parts(self) -> Mapping[str, Widget]:
        return {"text": TextView(id="text")}

    async def show(self, shown: Shown) -> None:
        """Show the lines, under what is known of a file that is no text."""
        text, model = self.query_one(TextView), shown.preview
        if isinstance(model, BinaryPreview):
            facts = model.facts
            head = [f"{facts.kind}  ({facts.mime}), {size_words(facts.size)}", f"SHA-256  {facts.sha256}"]
            head += [f"⚠ {facts.warning}"] if facts.warning else []
            text.show([*head, "", *model.lines])
        elif isinstance(model, TextPreview):
            text.show(model.lines, shown.painter)
