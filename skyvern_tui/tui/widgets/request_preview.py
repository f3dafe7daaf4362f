"""The request as it would be sent, written for one tool or another, while it is typed.

Owns: choosing the form and showing it. Must not: write requests (the core does), or show a
secret: the core puts a variable in its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from skyvern_tui.core.exports import CLOUD, FORMATS, export
from skyvern_tui.core.text import inert_lines
from skyvern_tui.tui.highlight import painter
from skyvern_tui.tui.widgets.bars import Choice, ChoiceBar
from skyvern_tui.tui.widgets.text_view import TextView

RESULT: Final = "result"
"""The one form that is no request: the empty result of the schema."""
_LABELS: Final = {"python": "Python", "python-client": "ours", "typescript": "TS", "powershell": "PS", "httpx": "httpx"}
NAMES: Final = ("json", "curl", "python", "python-client", "typescript", RESULT, "powershell", "httpx")
REQUESTS: Final = tuple(name for name in NAMES if name != RESULT)
"""The forms of a request that was sent already."""


class FormatBar(ChoiceBar):
    """The forms, to be clicked."""

    DEFAULT_CSS = """
    FormatBar { background: $surface; & > .tone--strong { color: $primary; text-style: bold; } }
    """

    def __init__(self, forms: Sequence[str] = NAMES) -> None:
        super().__init__()
        self.forms = forms
        self.current = forms[0]

    def choices(self, width: int) -> Iterable[Choice]:  # noqa: ARG002 - what has no room is not drawn
        labels = {form.name: form.label for form in FORMATS} | _LABELS | {RESULT: "result"}
        for name in self.forms:
            yield [(labels[name], "strong" if name == self.current else "quiet")], name


class RequestPreview(Vertical):
    """A bar of forms and the text of the chosen one."""

    DEFAULT_CSS = """
    RequestPreview { background: $background; TextView { padding: 1 1 0 1; } }
    """

    def __init__(self, *, id: str, forms: Sequence[str] = NAMES) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._forms = forms
        self._request: Mapping[str, Any] = {}
        self._base_url = CLOUD
        self._secrets: Mapping[str, str] = {}

    def compose(self) -> ComposeResult:
        yield FormatBar(self._forms)
        yield TextView(id="request-text")

    @property
    def form(self) -> str:
        """Name of the form that is shown."""
        return self.query_one(FormatBar).current

    @property
    def suffix(self) -> str:
        """How the name of a file with the text ends."""
        return next((form.suffix for form in FORMATS if form.name == self.form), ".json")

    def focus_text(self) -> None:
        """Give the text the keys."""
        self.query_one(TextView).focus()

    def show(self, request: Mapping[str, Any], base_url: str, secrets: Mapping[str, str]) -> None:
        """Show a request for a server; ``secrets`` are values that must not appear."""
        self._request, self._base_url, self._secrets = request, base_url or CLOUD, secrets
        self._draw()

    def text(self) -> str:
        """Return what is shown."""
        if self.form == RESULT:
            from skyvern_tui.core.schema import empty_result  # noqa: PLC0415 - loaded when first needed

            schema = self._request.get("data_extraction_schema")
            if not isinstance(schema, Mapping):
                return "Write a JSON schema (group Data) to see here what its result looks like.\n"
            return json.dumps(empty_result(schema), indent=2, ensure_ascii=False) + "\n"
        return export(self._request, self.form, base_url=self._base_url, secrets=self._secrets).text

    def turn_to(self, name: str) -> None:
        """Show another form."""
        bar = self.query_one(FormatBar)
        bar.current = name
        bar.refresh()
        self._draw()

    def next_form(self) -> bool:
        """Show the next form; False when it is the first again."""
        place = (self._forms.index(self.form) + 1) % len(self._forms)
        self.turn_to(self._forms[place])
        return place > 0

    @on(ChoiceBar.Picked)
    def _picked(self, event: ChoiceBar.Picked) -> None:
        event.stop()
        self.turn_to(event.value)

    def _draw(self) -> None:
        lines = inert_lines(self.text().rstrip("\n"))
        is_json = self.form in {"json", RESULT}
        self.query_one(TextView).show(lines, painter(lines, "json") if is_json else None)
