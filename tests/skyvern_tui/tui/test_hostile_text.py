"""Claims about texts nobody has vetted: whatever they hold, the terminal gets plain characters."""

from __future__ import annotations

import ast
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from textual.app import App
from textual.suggester import SuggestFromList

import skyvern_tui.tui
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.widgets.field import ChoiceInput
from skyvern_tui.tui.widgets.line_input import Editor, LineInput
from tests.skyvern_tui.builders import a_block, a_run, a_thought, an_action, an_artifact
from tests.skyvern_tui.tui.fakes import FakeGateway, app_on, settle, until

ESCAPES = [
    "\x1b]0;evil\x07",
    "\x1b[2J\x1b[31m",
    "\x9b31m",
    "\x1b]52;c;ZXZpbA==\x07",
    "\u202egnp.exe\u2066",
    "\u200b\u200d\ufeff\u2028",
    "\x00\x08\x7f\r\n\t",
    "\ud800",
    "[bold red]not markup[/] [@click=app.quit]x[/] [link=http://e]",
    "👩‍👩‍👧‍👦 e\u0301 日本語 ﷽",
    "\U000e0041",
]
HOSTILE = st.lists(st.one_of(st.sampled_from(ESCAPES), st.text(max_size=8)), max_size=5).map("".join)


def leaks(app):
    """Return what the terminal would get that is no plain character, or does not fill the line exactly."""
    width = app.size.width
    strips = app.screen._compositor.render_strips()
    texts = [segment.text for strip in strips for segment in strip if not segment.control]
    controls = [segment for strip in strips for segment in strip if segment.control]
    return [text for text in texts if not text.isprintable()] + controls + [s for s in strips if s.cell_length != width]


def server(text):
    """Return a server with one run all of whose texts are the given one."""
    run = a_run(
        "r1",
        "failed",
        run_request={"prompt": f"p{text}", "url": text, "engine": text or "e"},
        failure_reason=f"f{text}",
        output={"k" + text: [text]},
        errors=[{"error_code": text, "reasoning": text}],
        app_url=None,
    )
    gateway = FakeGateway(run)
    action = an_action(1, when=2, reasoning=text, action_type=text or "click", skyvern_element_data={"name": text})
    gateway.timelines["r1"] = [
        a_thought(1, when=1, thought=f"t{text}", thought_type=text or "x"),
        a_block(2, when=2, navigation_goal=text, label=text, failure_reason=text, status="failed", actions=[action]),
    ]
    gateway.artifacts["r1"] = [an_artifact(1, "skyvern_log"), an_artifact(2, text or "odd kind")]
    gateway.contents = {f"a_{n}": text.encode("utf-8", "surrogatepass") * 3 for n in (1, 2)}
    return gateway


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(HOSTILE)
@example("".join(ESCAPES))
@example("[/]")
async def test_no_text_of_a_run_reaches_the_terminal_as_it_came(text):
    """As prompt, title, reason, output, timeline, error, kind of artifact and log it is drawn inertly everywhere."""
    app = app_on(server(text))
    async with app.run_test(size=(130, 36)) as pilot:
        await until(pilot, lambda: app.sites and app.server)
        await settle(pilot, 8)
        assert leaks(app) == []
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.is_live)
        for key in ("1", "2", "3", "down", "enter", "4", "5", "6"):
            await pilot.press(key)
            await settle(pilot, 6)
            assert leaks(app) == [], key
        await pilot.press("question_mark")
        await settle(pilot)
        assert leaks(app) == []


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(HOSTILE)
@example("".join(ESCAPES))
async def test_no_text_that_is_typed_or_pasted_reaches_the_terminal_as_it_came(text):
    """In the form, the filter and the note; what is typed is what is meant, character by character."""
    app = app_on(server(text))
    async with app.run_test(size=(130, 36)) as pilot:
        await until(pilot, lambda: app.sites and app.server)
        await pilot.press("slash")
        await settle(pilot)
        app.screen.query_one("#filter").value = text
        await settle(pilot)
        assert leaks(app) == []
        app.screen.query_one("#filter").value = ""
        await pilot.press("escape", "a")
        await settle(pilot, 6)
        app.screen.query_one(LineInput).value = text
        await settle(pilot)
        assert leaks(app) == []
        await pilot.press("enter")
        await settle(pilot, 6)
        assert leaks(app) == []
        app.compose_task({"prompt": text, "url": text, "title": text, "error_code_mapping": text})
        await until(pilot, lambda: app.screen.query("#prompt"))
        await settle(pilot, 6)
        assert leaks(app) == []
        assert app.draft.get("prompt", "") == text


class Stage(App[None]):
    """A line, a line with choices, and lines."""

    def compose(self):
        yield LineInput(placeholder="\x1b[31mexample\t", id="line")
        choices = ChoiceInput(id="choices")
        choices.offer_values(["a\x1b[31mb"])
        yield choices
        yield Editor(id="text")


async def test_typing_is_as_in_any_line():
    """The value, the cursor and what is deleted are those of the text that was typed, whatever stands in for it."""
    app = Stage()
    async with app.run_test(size=(40, 12)) as pilot:
        line = app.query_one("#line", LineInput)
        await settle(pilot)
        assert leaks(app) == []
        line.value = "a\x1b\u202eb\tc"
        await settle(pilot)
        assert leaks(app) == []
        assert "a␛▯b␉c" in app.screen._compositor.render_strips()[1].text
        line.focus()
        await pilot.press("end", "left", "left", "backspace", "backspace", "x")
        await settle(pilot)
        assert line.value == "a\x1bx\tc"


async def test_a_choice_that_cannot_be_shown_is_not_suggested():
    """A suggestion is drawn as it is taken over, so one with an escape in it is not made."""
    app = Stage()
    async with app.run_test(size=(40, 12)) as pilot:
        line = app.query_one("#choices", ChoiceInput)
        line.focus()
        await pilot.press("a")
        await settle(pilot, 6)
        assert leaks(app) == []
        line.suggester = SuggestFromList(["b plain"])
        line.value = ""
        await pilot.press("b")
        await until(pilot, lambda: "b plain" in app.screen._compositor.render_strips()[4].text)


def test_there_is_no_other_way_to_type():
    """No screen makes a plain input or text area of Textual's, which would draw escapes as they are."""
    plain = [
        f"{path.name}:{node.lineno}"
        for path in Path(skyvern_tui.tui.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"Input", "TextArea"}
    ]
    assert plain == []
