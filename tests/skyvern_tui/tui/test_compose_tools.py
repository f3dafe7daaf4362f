"""Claims about what helps in writing a task: preview, undo, import, templates, variants, the editor, kept drafts."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext

import pytest
from textual.widgets import Input, TextArea

from skyvern_tui.core.drafts import DraftStore
from skyvern_tui.core.templates import TemplateStore
from skyvern_tui.tui.screens.compose import ComposeScreen
from skyvern_tui.tui.screens.importing import ImportScreen, looks_like_request
from skyvern_tui.tui.screens.runs import RunsScreen
from skyvern_tui.tui.screens.templates import TemplatesScreen
from skyvern_tui.tui.screens.variants import VariantsScreen
from skyvern_tui.tui.widgets.request_preview import RequestPreview
from skyvern_tui.tui.widgets.split import Split
from tests.skyvern_tui.builders import a_run
from tests.skyvern_tui.tui.fakes import app_on, screen_text, settle, until

CURL = """curl -X POST https://api.skyvern.com/v1/run/tasks -H 'x-api-key: k' \\
  -d '{"prompt": "From curl", "max_steps": 4}'"""


async def opened(app, pilot, **texts):
    """Show the form with a draft."""
    await until(pilot, lambda: app.sites or app.status.failure)
    app.compose_task(texts)
    await until(pilot, lambda: isinstance(app.screen, ComposeScreen) and app.screen.is_live and app.focused)
    return app.screen


async def dialog(app, pilot, key, kind):
    """Press a key that opens a dialog, and wait for it."""
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, kind) and app.focused)
    return app.screen


async def test_the_request_is_shown_while_it_is_typed(gateway, clock):
    """On a wide screen the preview stands beside the form, follows the typing and goes through its forms."""
    app = app_on(gateway, clock)
    async with app.run_test(size=(160, 40)) as pilot:
        await opened(app, pilot)
        await pilot.press(*"Do it")
        await until(pilot, lambda: '"prompt": "Do it"' in screen_text(app))
        for words in (
            "curl --fail-with-body",
            "from skyvern import",
            "from skyvern_tui.client import",
            "@skyvern/client",
        ):
            await pilot.press("f3")
            await until(pilot, lambda words=words: words in screen_text(app), words)
        assert "key-1" not in screen_text(app)


async def test_a_schema_is_shown_as_its_empty_result(gateway, clock):
    """A good schema can be seen as the result it asks for; a faulty one says where it is wrong."""
    app = app_on(gateway, clock)
    schema = '{"type": "object", "properties": {"price": {"type": "number"}}}'
    async with app.run_test(size=(160, 40)) as pilot:
        screen = await opened(app, pilot, prompt="p", data_extraction_schema=schema)
        screen.query_one(RequestPreview).turn_to("result")
        await until(pilot, lambda: '"price": 0' in screen_text(app))
        await screen.show_parameter("data_extraction_schema")
        screen.query_one("#data_extraction_schema", TextArea).text = schema.replace("number", "numbr")
        await until(pilot, lambda: "properties.price.type" in screen_text(app))


async def test_a_narrow_screen_shows_form_or_preview(gateway, clock):
    """Where there is no room for both, a key opens the preview over the form and escape comes back."""
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot, prompt="p")
        assert not screen.query_one(RequestPreview).display
        await pilot.press("f3")
        await until(pilot, lambda: '"prompt": "p"' in screen_text(app))
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is screen
        assert "Prompt" in screen_text(app)


async def test_undo_takes_back_whatever_was_done_to_the_form(gateway, clock):
    """Typing in any field, emptying the form and another draft are undone and done again by the same keys."""
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        screen = await opened(app, pilot, prompt="first")
        await pilot.press(*"a.b", "shift+tab", *"X")
        await settle(pilot)
        typed = {"prompt": app.draft["prompt"], "url": "a.b"}
        await pilot.press("ctrl+z")
        await settle(pilot)
        assert app.draft == {"prompt": "first", "url": "a.b"}
        assert screen.query_one("#prompt", TextArea).text == "first"
        await pilot.press("ctrl+z")
        await settle(pilot)
        assert app.draft == {"prompt": "first"}
        assert screen.query_one("#url", Input).value == ""
        await pilot.press("ctrl+y", "ctrl+y")
        await settle(pilot)
        assert app.draft == typed


async def test_a_draft_that_is_replaced_comes_back_with_undo(gateway, clock):
    """Editing an earlier run does not cost the draft there was."""
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await opened(app, pilot, prompt="mine")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))
        await opened(app, pilot, prompt="other")
        assert any("^z brings it back" in toast.message for toast in app._notifications)
        await pilot.press("ctrl+z")
        await settle(pilot)
        assert app.draft == {"prompt": "mine"}


async def test_a_curl_command_is_imported(gateway, clock):
    """What is pasted is understood at once, or it is said why not; taking it fills the form, undo empties it."""
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(app, pilot)
        await dialog(app, pilot, "ctrl+l", ImportScreen)
        area = app.screen.query_one(TextArea)
        area.text = "curl https://example.com"
        await settle(pilot)
        await pilot.press("ctrl+s")
        assert isinstance(app.screen, ImportScreen)
        area.text = CURL
        await until(pilot, lambda: "curl: prompt, max_steps" in screen_text(app))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen))
        await until(pilot, lambda: app.draft == {"prompt": "From curl", "max_steps": "4"})
        await pilot.press("ctrl+z")
        await settle(pilot)
        assert app.draft == {}


async def test_a_command_pasted_into_the_prompt_is_found_by_the_import(gateway, clock):
    """Import begins with the prompt where that is no prompt."""
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(app, pilot, prompt=CURL)
        await dialog(app, pilot, "ctrl+l", ImportScreen)
        await until(pilot, lambda: "curl: prompt, max_steps" in screen_text(app))
    assert not looks_like_request("Get the title of the top post")
    assert looks_like_request("client.run_task(prompt='x')")


async def test_a_run_is_imported_by_its_id(gateway, clock):
    """The id of a run on this server brings what was asked for in it."""
    gateway.runs["tsk_v2_9"] = a_run("tsk_v2_9", "completed", run_request={"prompt": "Earlier", "url": "http://e/"})
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(app, pilot)
        await dialog(app, pilot, "ctrl+l", ImportScreen)
        app.screen.query_one(TextArea).text = "tsk_v2_404"
        await settle(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "not found" in screen_text(app))
        app.screen.query_one(TextArea).text = "tsk_v2_9"
        await settle(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.draft == {"prompt": "Earlier", "url": "http://e/"})


async def test_a_task_starts_from_a_template_and_is_kept_as_one(gateway, clock, tmp_path):
    """Templates are found by words; one's own task is kept as one, comes first and is removed after asking."""
    app = app_on(gateway, clock, home=tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(app, pilot)
        await dialog(app, pilot, "ctrl+t", TemplatesScreen)
        assert "remove" not in screen_text(app)
        await pilot.press(*"products", "enter")
        await until(pilot, lambda: "first 5 products" in app.draft.get("prompt", ""))
        app.screen.action_keep()
        await until(pilot, lambda: "Name of the template" in screen_text(app) and app.focused)
        await pilot.press(*"Mine", "enter")
        await until(pilot, lambda: TemplateStore(tmp_path / "templates").all()[0].name == "Mine")
        await dialog(app, pilot, "ctrl+t", TemplatesScreen)
        assert "● Mine" in screen_text(app)
        assert "del remove" in screen_text(app)
        await pilot.press(*"Min", "left", "delete")
        await until(pilot, lambda: app.screen.query_one(Input).value == "Mi")
        assert isinstance(app.screen, TemplatesScreen)
        await pilot.press("delete")
        await until(pilot, lambda: "Remove this template?" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, TemplatesScreen))
        await pilot.press("delete")
        await until(pilot, lambda: "Remove this template?" in screen_text(app))
        await pilot.press("y")
        await until(pilot, lambda: not any(one.is_own for one in TemplateStore(tmp_path / "templates").all()))
        await pilot.press(*"xyz")
        await until(pilot, lambda: "No template has this." in screen_text(app))


async def test_variants_are_submitted_together(gateway, clock):
    """One value a line for the chosen parameter makes a run each; a fault in one holds all back."""
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(app, pilot, prompt="p", url="http://a.example")
        await dialog(app, pilot, "ctrl+n", VariantsScreen)
        area = app.screen.query_one(TextArea)
        area.text = "http://a.example\nftp://b"
        await until(pilot, lambda: "can't be opened" in screen_text(app))
        await pilot.press("ctrl+s")
        assert isinstance(app.screen, VariantsScreen)
        area.text = "http://a.example\nhttp://b.example"
        await until(pilot, lambda: "2 runs:" in screen_text(app))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: len(gateway.submitted) == 2)
        assert sorted(fields["url"] for fields in gateway.submitted) == ["http://a.example", "http://b.example"]
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))


async def test_a_task_is_submitted_and_the_form_stays(gateway, clock):
    """Submit and stay sends the task and leaves the form as it was, for the next one like it."""
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        screen = await opened(app, pilot, prompt="again")
        await pilot.press("ctrl+g")
        await until(pilot, lambda: len(gateway.submitted) == 1)
        await settle(pilot)
        assert app.screen is screen
        assert app.draft == {"prompt": "again"}


async def test_the_editor_gets_the_text_and_gives_it_back(gateway, clock, monkeypatch, tmp_path):
    """The focused text goes through $EDITOR; one that is not set, or fails, is told and the text is as it was."""
    script = tmp_path / "editor.py"
    script.write_text("import sys; p = sys.argv[1]; t = open(p).read(); open(p, 'w').write(t.upper() + '\\n')")
    app = app_on(gateway, clock)
    monkeypatch.setattr(app, "suspend", nullcontext)
    monkeypatch.delenv("VISUAL", raising=False)
    async with app.run_test() as pilot:
        screen = await opened(app, pilot, prompt="quiet")
        screen.query_one("#prompt").focus()
        monkeypatch.delenv("EDITOR", raising=False)
        await pilot.press("f4")
        await until(pilot, lambda: any("EDITOR" in toast.message for toast in app._notifications))
        monkeypatch.setenv("EDITOR", f"'{sys.executable}' -c 'import sys; sys.exit(3)'")
        await pilot.press("f4")
        await until(pilot, lambda: any("status 3" in toast.message for toast in app._notifications))
        assert app.draft["prompt"] == "quiet"
        monkeypatch.setenv("EDITOR", f"'{sys.executable}' '{script}'")
        await pilot.press("f4")
        await until(pilot, lambda: app.draft["prompt"] == "QUIET")


async def test_a_draft_survives_the_program(gateway, clock, tmp_path):
    """What is typed is on disk while the form is open, is there in the next app, and gone once it was sent."""
    app = app_on(gateway, clock, home=tmp_path)
    async with app.run_test() as pilot:
        screen = await opened(app, pilot)
        await pilot.press(*"half a thought")
        await settle(pilot)
        screen._keep()
        (kept,) = DraftStore(tmp_path / "drafts").load()
        assert kept.draft.to_dict() == {"prompt": "half a thought"}
    again = app_on(gateway, clock, home=tmp_path)
    async with again.run_test() as pilot:
        await until(pilot, lambda: again.sites)
        await pilot.press("n")
        await until(pilot, lambda: "half a thought" in screen_text(again))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: gateway.submitted)
        await until(pilot, lambda: not isinstance(again.screen, ComposeScreen))
        await until(pilot, lambda: DraftStore(tmp_path / "drafts").load() == [])


@pytest.mark.parametrize("text", ["\x1b[31m]0;x\x07", "\u202eevil", "[red]x[/]", "a" * 100_000, "\ud800"])
async def test_any_text_can_be_typed_previewed_and_kept(gateway, clock, tmp_path, text):
    """Escapes, markup, half characters and very long texts are shown inert in every form of the preview."""
    app = app_on(gateway, clock, home=tmp_path)
    async with app.run_test(size=(160, 40)) as pilot:
        screen = await opened(app, pilot, prompt=text, title=text, url=text)
        await settle(pilot)
        split = screen.query_one("#compose", Split)
        assert split.second.display
        for _ in range(8):
            await pilot.press("f3")
            await settle(pilot, 2)
            assert "\x1b" not in screen_text(app)
            assert "\u202e" not in screen_text(app)
        json.dumps(app.draft)
