"""What can be done with a task beside typing it: undo, import, templates, variants, editor, copying.

Owns: these actions of the form. Must not: know fields or send a single task; the form does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import work
from textual.widgets import Input, TextArea

from skyvern_tui.core.text import one_line
from skyvern_tui.tui.external import EditorError, edit
from skyvern_tui.tui.widgets.request_preview import RequestPreview
from skyvern_tui.tui.widgets.split import Split

if TYPE_CHECKING:
    from skyvern_tui.core.draft import Draft
    from skyvern_tui.tui.screens.compose import ComposeScreen


class ComposeTools:
    """Actions of the form; mixed into its screen."""

    @property
    def _form(self) -> ComposeScreen:
        return cast("ComposeScreen", self)

    async def action_undo(self) -> None:
        """Take back the last edit of the form."""
        if self._form.desk.undo():
            await self._form.show_draft()
        else:
            self._form.notify("There is nothing to take back.", markup=False)

    async def action_redo(self) -> None:
        """Do it again."""
        if self._form.desk.redo():
            await self._form.show_draft()

    def action_preview(self) -> None:
        """Show the next form of the request; on a narrow screen open the preview first, and close it after the last."""
        form = self._form
        split, preview = form.query_one("#compose", Split), form.query_one(RequestPreview)
        if preview.display:
            if not preview.next_form() and split.alone is preview:
                split.zoom(None)
        else:
            split.zoom(preview)

    def action_copy(self) -> None:
        """Copy the request as the preview shows it."""
        preview = self._form.query_one(RequestPreview)
        self._form.skyvern.copy(preview.text(), f"the request as {preview.form}")

    def action_editor(self) -> None:
        """Edit the focused text in the user's editor."""
        form = self._form
        control = form.focused
        if not isinstance(control, Input | TextArea):
            control = form.query_one("#prompt", TextArea)
        text = control.text if isinstance(control, TextArea) else control.value
        looks_json = text.lstrip().startswith(("{", "[")) or (control.id or "").endswith(
            ("schema", "mapping", "headers")
        )
        try:
            edited = edit(form.app, text, ".json" if looks_json else ".md")
        except EditorError as error:
            form.notify(str(error), severity="warning", markup=False)
            return
        if isinstance(control, TextArea):
            control.load_text(edited)
        else:
            control.value = " ".join(edited.split())

    @work(group="dialog", exclusive=True)
    async def action_import(self) -> None:
        """Ask for a request written for another tool, and make fields of it."""
        from skyvern_tui.tui.screens.importing import ImportScreen, looks_like_request  # noqa: PLC0415 - when first shown

        form = self._form
        prompt = form.desk.draft.text("prompt")
        start = prompt if looks_like_request(prompt) else ""
        draft = await form.app.push_screen_wait(ImportScreen(start))
        await self.take(draft, "imported")

    @work(group="dialog", exclusive=True)
    async def action_templates(self) -> None:
        """Choose a task to start from."""
        from skyvern_tui.tui.screens.templates import TemplatesScreen  # noqa: PLC0415 - loaded when first shown

        form = self._form
        await self.take(await form.app.push_screen_wait(TemplatesScreen(form.skyvern.home)), "filled in")

    async def take(self, draft: Draft | None, done: str) -> None:
        """Go on with another draft, if there is one."""
        form = self._form
        if draft is not None:
            form.desk.replace(draft)
            await form.show_draft()
            await form.show_parameter("prompt")
            form.notify(f"The form was {done}; {form.skyvern.key_of('compose.undo')} takes it back.", markup=False)

    @work(group="dialog", exclusive=True)
    async def action_keep(self) -> None:
        """Keep the task as a template."""
        from skyvern_tui.core.templates import TemplateStore  # noqa: PLC0415 - loaded when first needed
        from skyvern_tui.tui.screens.ask import AskScreen  # noqa: PLC0415 - as above

        form = self._form
        if form.skyvern.home is None:
            form.notify("There is no place to keep templates in.", severity="warning", markup=False)
            return
        title = form.desk.draft.text("title")
        name = await form.app.push_screen_wait(AskScreen("Name of the template", "It is found with ^t.", text=title))
        if name:
            try:
                TemplateStore(form.skyvern.home / "templates").save(name, form.desk.draft)
            except (OSError, ValueError) as error:
                form.notify(f"Not kept: {error}", severity="error", markup=False)
            else:
                form.notify(f"Kept as the template {one_line(name)}.", markup=False)

    @work(group="dialog", exclusive=True)
    async def action_variants(self) -> None:
        """Submit several variants of the task."""
        from skyvern_tui.tui.bulk import submit_all  # noqa: PLC0415 - loaded when first needed
        from skyvern_tui.tui.screens.variants import VariantsScreen  # noqa: PLC0415 - as above

        form = self._form
        if form.denied():
            return
        requests = await form.app.push_screen_wait(VariantsScreen(form.desk.draft))
        if requests and await submit_all(form, requests):
            form.dismiss()
