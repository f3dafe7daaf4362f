"""What can be done with runs of the list: marks, cancelling, running again, notes, exports, comparing.

Owns: these actions of the list. Must not: decide which runs are shown, or do the work (bulk and exchange do).
"""

from __future__ import annotations

from textual import work

from skyvern_tui.core.text import plural
from skyvern_tui.tui.screens.filtering import SievedRuns


class HandledRuns(SievedRuns):
    """A screen with runs that something can be done with."""

    def action_refresh(self) -> None:
        """Ask now."""
        raise NotImplementedError

    def action_mark(self) -> None:
        """Mark the run under the cursor."""
        self.listing.toggle_mark()
        self.marks_changed()

    def action_mark_range(self) -> None:
        """Mark from the last mark to the cursor."""
        self.listing.mark_range()
        self.marks_changed()

    def action_mark_all(self) -> None:
        """Mark all, or none."""
        self.listing.mark_all()
        self.marks_changed()

    @work(group="cancel")
    async def action_cancel_run(self) -> None:
        """Cancel the run under the cursor, or all that are marked."""
        from skyvern_tui.tui.bulk import cancel_all  # noqa: PLC0415 - loads the client

        lines = [line for line in self.listing.chosen() if not line.is_final]
        if len(lines) == 1 and not self.listing.marked:
            if await self.cancel(lines[0].id, lines[0].name):
                self.action_refresh()
        elif lines and await cancel_all(self, lines):
            self.action_unfilter()
            self.action_refresh()

    @work(group="rerun")
    async def action_rerun(self) -> None:
        """Run again what is under the cursor, or all that are marked, as it was."""
        from skyvern_tui.tui.bulk import rerun_all  # noqa: PLC0415 - loads the client

        book = self.book
        if book is not None and await rerun_all(self, self.listing.chosen(), book):
            self.listing.unmark()
            self.marks_changed()
            self.action_refresh()

    @work(group="edit")
    async def action_edit(self) -> None:
        """Write a task that starts from the run under the cursor."""
        from skyvern_tui.core.draft import Draft  # noqa: PLC0415 - loads the wire models
        from skyvern_tui.tui.bulk import request_of  # noqa: PLC0415 - loads the client

        line, book = self.listing.row, self.book
        request = None if line is None or book is None else await request_of(self, line, book)
        if request:
            self.skyvern.compose_task(Draft.from_request(request).to_dict())

    @work(group="note", exclusive=True)
    async def action_note(self) -> None:
        """Ask for a note on the run under the cursor."""
        from skyvern_tui.tui.screens.ask import AskScreen  # noqa: PLC0415 - loaded when first shown

        line, memory = self.listing.row, self.skyvern.memory
        if line is None:
            return
        question = AskScreen(
            "Note", "It stays on this machine. Empty takes it away.", text=memory.notes.get(line.id, "")
        )
        text = await self.app.push_screen_wait(question)
        if text is not None:
            memory.note(line.id, text)
            self.show_runs()

    def action_export(self) -> None:
        """Offer the run under the cursor for other tools, or as a file."""
        if self.listing.row is not None:
            self.skyvern.export_run(self.listing.row.id)

    def action_compare(self) -> None:
        """Compare the two marked runs; or the one under the cursor with the one marked, or one that is asked for."""
        row, marked = self.listing.row, self.listing.marked_rows()
        if len(marked) == 2:  # noqa: PLR2004 - a pair
            self.skyvern.compare_run(marked[0].id, marked[1].id)
        elif len(marked) > 2:  # noqa: PLR2004 - as above
            self.notify("Two runs can be compared; mark two.", severity="warning", markup=False)
        elif row is not None:
            others = [line for line in marked if line.id != row.id]
            self.skyvern.compare_run(row.id, others[0].id if others else None)

    @work(group="open", exclusive=True)
    async def action_open_saved(self) -> None:
        """Ask for a file and show the run in it."""
        from skyvern_tui.tui.screens.opening import OpenScreen  # noqa: PLC0415 - loaded when first shown

        path = await self.app.push_screen_wait(OpenScreen(self.skyvern.downloads))
        if path is not None:
            self.skyvern.open_saved(path)

    def action_copy(self) -> None:
        """Copy the id, or ids."""
        lines = self.listing.chosen()
        if lines:
            self.skyvern.copy("\n".join(line.id for line in lines), plural(len(lines), "run id"))

    def action_open_browser(self) -> None:
        """Open the run's page."""
        line = self.listing.row
        run = None if line is None or self.book is None else self.book.run(line.id)
        if run is not None and run.app_url:
            self.app.open_url(run.app_url)
