"""A run for other tools, for tests, or as one file.

Owns: choosing the form, the preview, saving and copying, and what is said while everything
of a run is fetched. Must not: write a form (the core does) or fetch artifacts one by one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from skyvern_tui.client.errors import SkyvernError
from skyvern_tui.core.exports.offers import FILE, OFFERS, Material, Offer, written
from skyvern_tui.core.journal import Journal
from skyvern_tui.core.runs import line_of
from skyvern_tui.core.saving import free_path, safe_name, save, write_whole
from skyvern_tui.core.skyrun.collecting import Collected, Progress, collect
from skyvern_tui.core.text import inert, inert_lines, one_line, plural, size_words
from skyvern_tui.core.trouble import trouble_of
from skyvern_tui.tui.actions import Scope, bindings
from skyvern_tui.tui.drawing import Span, fit
from skyvern_tui.tui.highlight import painter
from skyvern_tui.tui.screens.ask import AskScreen
from skyvern_tui.tui.screens.base import Page
from skyvern_tui.tui.screens.confirm import ConfirmScreen
from skyvern_tui.tui.server import Server, Troubled
from skyvern_tui.tui.widgets.lines import LineList
from skyvern_tui.tui.widgets.text_view import TextView

MAX_SHOWN = 300_000
"""Characters of a preview; what is copied or saved is whole."""
_BAR = 30


class OfferList(LineList[Offer]):
    """The forms; the first of a kind says what it is of."""

    def spans(self, row: Offer, width: int) -> Iterable[Span]:
        yield f" {fit(row.label, width - 1)}", "plain" if row.of_request else "strong"


class ExportScreen(Page):
    """The forms a run can have outside, each with its text."""

    scope = Scope.export
    more_scopes = (Scope.lists, Scope.text)
    BINDINGS: ClassVar = bindings(Scope.export)
    DEFAULT_CSS = """
    ExportScreen {
        #forms { width: 32; border-right: solid $border-blurred; }
        &.-narrow #forms { width: 26; }
        #text { padding: 0 1; }
        #about { height: auto; max-height: 5; padding: 0 1; color: $text-muted; background: $surface; }
        #prose { display: none; height: 1fr; padding: 1 2; }
        &.-prose #prose { display: block; }
        &.-prose #text { display: none; }
    }
    """

    def __init__(self, page: Page, run_id: str, journal: Journal | None = None) -> None:
        """Offer a run of the server that ``page`` shows; ``journal`` is what was seen of it there."""
        super().__init__(f"Export  {inert(run_id)}")
        self.run_id = run_id
        self._page = page
        self._journal = journal
        self._material: Material | None = None
        self._text = ""
        self._path: Path | None = None
        self._saving = False

    @property
    def server(self) -> Server | None:
        return self._page.server

    @property
    def base_url(self) -> str:
        return self._page.base_url

    def link_spans(self, width: int) -> list[Span]:
        return self._page.link_spans(width)

    @property
    def where(self) -> str:
        return self._page.where

    def banner(self) -> str:
        return self._page.banner()

    def body(self) -> Iterable[Widget]:
        yield Horizontal(
            OfferList(id="forms"),
            Vertical(TextView(id="text"), VerticalScroll(Static(markup=False), id="prose")),
            id="export",
        )
        yield Static("reading the run…", id="about", markup=False)

    def on_mount(self) -> None:
        self._forms.set_rows(OFFERS)
        self._forms.focus()
        self._read()

    @property
    def _forms(self) -> OfferList:
        return self.query_one(OfferList)

    @property
    def is_saving(self) -> bool:
        """True while everything of the run is being fetched."""
        return self._saving

    @work(group="read", exclusive=True)
    async def _read(self) -> None:
        """Fetch what the texts are made of; the contents of artifacts only once a file is wanted."""
        server = self.server
        if server is None:
            self._about("There is no server to read the run from.")
            return
        connection = self.skyvern.status.connection
        key = "" if connection is None else connection.api_key
        try:
            run = await server.call(lambda gateway: gateway.get_run(self.run_id))
            material = Material(
                run, request=self._page.sent(self.run_id), base_url=self.base_url,
                secrets={"SKYVERN_API_KEY": key} if key else {},
            )  # fmt: skip
            await self._show_material(material)
            try:
                timeline = await server.call(lambda gateway: gateway.get_run_timeline(self.run_id))
            except Troubled as error:
                if error.trouble.kind not in {"missing", "rejected"}:
                    raise
                timeline = None
            artifacts = await server.call(lambda gateway: gateway.get_run_artifacts(self.run_id))
        except Troubled as error:
            self._about(f"{error.trouble.message} {error.trouble.hint}".strip())
            return
        await self._show_material(
            Material(run, timeline, artifacts, material.request, material.base_url, material.secrets)
        )

    async def _show_material(self, material: Material) -> None:
        self._material = material
        await self._draw()

    @on(LineList.Moved, "#forms")
    def _moved(self) -> None:
        self._draw_soon()

    @work(group="draw", exclusive=True)
    async def _draw_soon(self) -> None:
        await self._draw()

    async def _draw(self) -> None:
        offer, material = self._forms.row, self._material
        if offer is None or material is None or self.is_leaving or self._saving:
            return
        if offer.name == FILE:
            self._text = ""
            self._say(self._file_words(material))
            self._about("No key or other secret goes into the file, nor signatures of addresses.")
        else:
            text, variables = await asyncio.to_thread(written, offer, material)
            lines = await asyncio.to_thread(inert_lines, text[:MAX_SHOWN].rstrip("\n"))
            if self.is_leaving or self._forms.row is not offer:
                return
            self._text = text
            if len(text) > MAX_SHOWN:
                lines = [*lines, f"… and {len(text) - MAX_SHOWN:,} more characters: copied and saved whole"]
            self.remove_class("-prose")
            self.query_one("#text", TextView).show(lines, painter(lines, offer.language))
            self._about(_variables_words(variables, material))
        self.refresh_bindings()

    def _file_words(self, material: Material) -> list[str]:
        run, count = material.run, len(material.artifacts)
        opens, saves = (self.skyvern.key_of(name, typing=False) for name in ("runs.saved", "export.save"))
        known = sum(artifact.file_size or 0 for artifact in material.artifacts)
        sent = "as it was sent from here" if material.request is not None else "as the server repeats it"
        there = "none: runs of this type have no timeline" if material.timeline is None else "as the server tells it"
        return [
            "Everything of the run in one file. It opens again with no server:",
            f"{opens} in the list of runs, or: skyvern-tui {one_line(self.run_id)}.skyrun",
            "",
            f"run        {one_line(line_of(run).name)}",
            f"           {str(run.status).replace('_', ' ')}" + ("" if run.is_final else ", not over yet"),
            f"request    {sent}",
            f"timeline   {there}",
            f"artifacts  {plural(count, 'file')}" + (f", about {size_words(known)}" if known else ""),
            "",
            f"{saves} fetches and saves it as {self._wanted()}",
        ]

    def _say(self, lines: Sequence[str]) -> None:
        """Show words instead of a text that is written."""
        self.add_class("-prose")
        self.query_one("#prose Static", Static).update("\n".join(lines))

    def _about(self, words: str) -> None:
        if not self.is_leaving:
            self.query_one("#about", Static).update(Content(one_line(words)))

    def _wanted(self) -> Path:
        offer = self._forms.row or OFFERS[0]
        return self.skyvern.downloads / safe_name(self.run_id) / offer.file_name(self.run_id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's signature
        if not self.is_live:
            return True
        usable = {
            "copy": bool(self._text) and not self.is_saving,
            "save": self._material is not None and not self.is_saving,
            "save_as": self._material is not None and not self.is_saving,
            "copy_path": self._path is not None,
        }
        return usable.get(action, True)

    def action_back(self) -> None:
        """Stop saving; otherwise leave."""
        if self.is_saving:
            self.workers.cancel_group(self, "save")
        else:
            self.dismiss()

    def action_copy(self) -> None:
        """Copy the whole text."""
        offer = self._forms.row
        if self._text and offer is not None:
            self.skyvern.copy(self._text, f"the run as {offer.label}")

    def action_copy_path(self) -> None:
        """Copy where it was saved last."""
        if self._path is not None:
            self.skyvern.copy(str(self._path), "the path")

    def action_save(self) -> None:
        """Save it among the downloads, over nothing."""
        self._save(None)

    @work(group="ask", exclusive=True)
    async def action_save_as(self) -> None:
        """Ask for a path and save it there."""
        question = AskScreen("Save as", "A file that is there is replaced only after asking.", text=str(self._wanted()))
        answer = await self.app.push_screen_wait(question)
        if not answer:
            return
        path = Path(answer).expanduser()  # noqa: ASYNC240 - looks a name up, once, after a person typed it
        if path.is_dir():
            path /= self._wanted().name
        if path.exists():
            replace = ConfirmScreen("Replace this file?", inert(str(path)), yes="replace it", no="keep it")
            if not await self.app.push_screen_wait(replace):
                return
        self._save(path)

    @work(group="save", exclusive=True)
    async def _save(self, path: Path | None) -> None:
        offer = self._forms.row
        if offer is None or self._material is None:
            return
        try:
            if offer.name == FILE:
                await self._save_file(path)
            elif path is None:
                text = self._text.encode("utf-8", "replace")
                wanted = self._wanted()
                self._saved(await asyncio.to_thread(save, wanted.parent, wanted.name, text))
            else:
                text = self._text.encode("utf-8", "replace")
                await asyncio.to_thread(write_whole, path, text)
                self._saved(path)
        except SkyvernError as error:
            self.tell(trouble_of(error))
        except OSError as error:
            self.notify(f"Not saved: {error}", severity="error", markup=False)

    async def _save_file(self, path: Path | None) -> None:
        server, material = self.server, self._material
        if server is None or material is None:
            return
        target = path or free_path(self._wanted())
        self._saving = True
        self.refresh_bindings()
        try:
            collected = await collect(
                server.gateway, self.run_id, target, saved_at=self.skyvern.clock.now(), journal=self._journal,
                request=material.request, server=self.base_url, note=self.skyvern.memory.notes.get(self.run_id, ""),
                secrets=material.secrets, told=self._show_progress,
            )  # fmt: skip
        except asyncio.CancelledError:
            if not self.is_leaving:
                self.notify("Stopped; nothing was left behind.", markup=False)
            raise
        finally:
            self._saving = False
            if not self.is_leaving:
                await self._draw()
        self._saved(collected.path)
        self._say(_collected_words(collected))

    def _show_progress(self, progress: Progress) -> None:
        if self.is_leaving:
            return
        filled = _BAR * progress.done // progress.total if progress.total else _BAR
        track = "━" * filled + "─" * (_BAR - filled)
        so_far = f"{track}  {progress.done} of {plural(progress.total, 'artifact')}, {size_words(progress.size)}"
        self._say([so_far, one_line(progress.name), "", f"{self.skyvern.key_of('export.back')} stops it"])

    def _saved(self, path: Path) -> None:
        self._path = path
        self.notify(f"Saved to {path}", markup=False)
        self.refresh_bindings()


def _variables_words(variables: tuple[str, ...], material: Material) -> str:
    sent = "" if material.request is not None else " The request is what the server repeats of it."
    if not variables:
        return f"No secret is in it.{sent}"
    return f"Set before use: {', '.join(variables)}. The values of secrets are not written.{sent}"


def _collected_words(collected: Collected) -> list[str]:
    have = collected.artifacts - len(collected.missing)
    words = [
        f"Saved {plural(have, 'artifact')}, {size_words(collected.size)}:",
        inert(str(collected.path)),
    ]
    if collected.missing:
        words += ["", f"{plural(len(collected.missing), 'artifact')} could not be fetched; the file says so:"]
        words += [f"  {one_line(name)}: {reason}" for name, reason in collected.missing]
    return words
