"""Claims about writing a task."""

from __future__ import annotations

import ast

import pytest
from textual.events import Key
from textual.widgets import Input, Select, TextArea

from skyvern_tui.client.errors import (
    BadRequestError,
    ConnectError,
    ForbiddenError,
    UnprocessableEntityError,
)
from skyvern_tui.core.exports import export
from skyvern_tui.core.parameters import BY_NAME
from skyvern_tui.tui.screens.compose import ComposeScreen
from skyvern_tui.tui.screens.confirm import ConfirmScreen
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.screens.runs import RunsScreen
from skyvern_tui.tui.widgets.field import Field
from tests.skyvern_tui.tui.fakes import app_on, screen_text, settle, until


def reasons(app):
    """Return the reasons shown at the fields there are, by parameter."""
    faulty = [field for field in app.screen.query(Field) if field.has_class("-faulty")]
    return {field.parameter: str(field.query_one(".reason").render()).removeprefix("✗ ") for field in faulty}


async def put(app, pilot, name, text):
    """Put a text into a parameter's field, as typing it would."""
    await app.screen.show_group(BY_NAME[name].group)
    control = app.screen.query_one(f"#{name}")
    if isinstance(control, TextArea):
        control.text = text
    else:
        control.value = text
    await settle(pilot)


async def opened(app, pilot, **texts):
    """Show the form with a draft, once the server and its sites are known."""
    await until(pilot, lambda: app.sites or app.status.failure)
    app.compose_task(texts)
    await until(pilot, lambda: isinstance(app.screen, ComposeScreen) and app.screen.is_live)
    return app.screen


async def test_a_task_is_typed_and_sent(gateway, clock):
    """What is typed into the form is what the server gets, and its run is shown with a fresh draft for the next."""
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await opened(app, pilot)
        await pilot.press(*"Get it", "enter", *"all", "tab", *"example.com")
        await pilot.press(*["tab"] * 5, "left_curly_bracket", "right_curly_bracket")
        assert app.focused.id == "data_extraction_schema"
        await pilot.press("shift+tab", "shift+tab", "f8", "f7", "f7", *"7", "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        assert gateway.submitted == [
            {
                "prompt": "Get it\nall",
                "url": "example.com",
                "engine": "skyvern-2.0",
                "max_steps": 7,
                "data_extraction_schema": {},
            }
        ]
        assert app.screen.run_id == "tsk_v2_new1"
        assert app.memory.request("tsk_v2_new1")["max_steps"] == 7, "what was sent is remembered"
        assert app.draft == {}
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))


async def test_what_has_no_room_beside_a_field_is_said_below(gateway, clock):
    """At 80 columns the words of the field with the keys, and its fault, can be read whole; then what else is sent."""
    app = app_on(gateway, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot, prompt="p")
        await screen.show_parameter("browser_session_id")
        whole = BY_NAME["browser_session_id"].help
        await until(pilot, lambda: whole in str(screen.query_one("#also").content))
        assert whole not in "".join(screen_text(app).splitlines()[:-2])
        await screen.show_parameter("browser_address")
        await pilot.press(*"many")
        await until(pilot, lambda: "✗ start it with http:// or ws://; example:" in screen_text(app).splitlines()[-2])
        await screen.show_parameter("proxy_location")
        await until(pilot, lambda: "where the browser appears to be" in screen_text(app).splitlines()[-2])
        await screen.show_parameter("extra_http_headers")
        await until(pilot, lambda: "also sent: Prompt" in screen_text(app))


async def test_keys_that_come_faster_than_the_form_find_their_fields(gateway, clock):
    """A task typed in one burst, tab and submit among the keys, is sent as typed."""
    keys = [*"Get it", "tab", *"example.com", "ctrl+s"]
    app = app_on(gateway, clock)
    async with app.run_test(size=(150, 30)) as pilot:
        await opened(app, pilot)
        for key in keys:
            app.post_message(Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: bool(gateway.submitted))
        assert gateway.submitted[0]["prompt"] == "Get it"
        assert gateway.submitted[0]["url"] == "example.com"


async def test_reasons_stand_beside_their_fields_while_typing(gateway, clock):
    """A fault shows its reason at its field at once, and goes with the fault; an empty prompt is not nagged about."""
    app = app_on(gateway, clock)
    async with app.run_test(size=(150, 30)) as pilot:
        await opened(app, pilot)
        assert reasons(app) == {}
        await put(app, pilot, "max_steps", "0")
        await put(app, pilot, "data_extraction_schema", '{"a" 1}')
        await put(app, pilot, "url", "localhost:3000")
        assert reasons(app) == {
            "url": "start it with http:// or https://",
            "max_steps": "must be 1 or more",
            "data_extraction_schema": "line 1, column 6: a colon is missing",
        }
        await put(app, pilot, "url", "http://localhost:3000")
        assert "url" not in reasons(app)
        assert "Data ✗1" in screen_text(app)
        assert "Data, Data schema: line 1, column 6" in screen_text(app)


async def test_a_faulty_draft_is_not_sent(gateway, clock):
    """Submitting goes to the first faulty field, an empty prompt included, and asks nothing of the server."""
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        screen = await opened(app, pilot, max_steps="x")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: reasons(app) == {"prompt": "say what the run should do"})
        assert app.focused.id == "prompt"
        assert screen.reasons()["max_steps"] == "must be a whole number"
        await put(app, pilot, "prompt", "p")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.focused.id == "max_steps")
        assert reasons(app) == {"max_steps": "must be a whole number"}
        assert gateway.submitted == []


async def test_the_button_submits(gateway, clock):
    """The form can be sent with the mouse."""
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await opened(app, pilot, prompt="p")
        await pilot.click("#submit")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))


async def test_what_was_sent_exports_as_code(gateway, clock):
    """A request that was just sent holds plain values: the run's export as Python can be read by Python."""
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await opened(app, pilot, prompt="p", engine="skyvern-1.0")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        request = app.memory.request(app.screen.run_id)
        assert request == {"prompt": "p", "engine": "skyvern-1.0"}
        ast.parse(export(request, "python").text)


async def test_leaving_keeps_the_draft(gateway, clock):
    """Escape goes back; what was typed is there the next time."""
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await opened(app, pilot)
        await pilot.press(*"half a thou")
        screen = app.screen
        screen.query_one("#engine", Select).value = "openai-cua"
        await settle(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, ComposeScreen) and app.screen.is_live)
        assert app.screen.query_one("#prompt", TextArea).text == "half a thou"
        assert app.screen.query_one("#engine", Select).value == "openai-cua"


@pytest.mark.parametrize(
    ("error", "at"),
    [
        (
            UnprocessableEntityError("m", status_code=422, problems={"body.max_steps": "too many"}),
            {"max_steps": "too many"},
        ),
        (BadRequestError("Invalid url: blocked host.", status_code=400), {"url": "Invalid url: blocked host."}),
    ],
)
async def test_a_refusal_stands_at_its_field_until_edited(gateway, clock, error, at):
    """What the server refuses is shown at the field it named, and goes when that field is edited."""
    gateway.refusal = error
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        await opened(app, pilot, prompt="p", url="http://h/", max_steps="9999")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: reasons(app) == at)
        await until(pilot, lambda: app.focused.id == next(iter(at)))
        await put(app, pilot, next(iter(at)), "http://other/" if "url" in at else "5")
        assert reasons(app) == {}
        gateway.refusal = None
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))


@pytest.mark.parametrize(
    "error",
    [
        ForbiddenError("Not allowed here", status_code=403, hint="Ask the owner."),
        ConnectError("h refused the connection.", hint="Start the server."),
    ],
)
async def test_other_refusals_are_told_and_nothing_is_lost(gateway, clock, error):
    """A refusal of no field is a toast with its hint; the form stays as it was."""
    gateway.refusal = error
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        screen = await opened(app, pilot, prompt="precious")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: len(app._notifications) > 0)
        assert next(iter(app._notifications)).message == f"{error.message}\n{error.hint}"
        assert screen.query_one("#prompt", TextArea).text == "precious"
        assert app.draft["prompt"] == "precious"


async def test_practice_sites_are_offered(gateway, clock):
    """Arrow keys in the address go through the mock's sites, typing one completes it, a click picks one."""
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        screen = await opened(app, pilot, prompt="p")
        url = screen.query_one("#url", Input)
        url.focus()
        seen = []
        for key in ("down", "down", "down", "up"):
            await pilot.press(key)
            seen.append(url.value.rstrip("/").rpartition("/")[2])
        assert seen == ["news", "shop", "news", "shop"]
        url.value = ""
        await pilot.press(*"http", "end")
        await until(pilot, lambda: url._suggestion != "")
        await pilot.press("right")
        assert url.value == "http://127.0.0.1:8000/_sites/news/"
        await pilot.click("SiteBar", offset=(26, 0))
        await settle(pilot)
        assert url.value == "http://127.0.0.1:8000/_sites/shop/"


async def test_emptying_the_form_asks_when_there_is_something_to_lose(gateway, clock):
    """ctrl+r empties after a yes, and leaves everything after a no."""
    app = app_on(gateway, clock)
    async with app.run_test() as pilot:
        screen = await opened(app, pilot, prompt="p", max_steps="3", engine="openai-cua")
        await screen.show_parameter("max_steps")
        for answer, left in (("n", "p"), ("y", "")):
            await pilot.press("ctrl+r")
            await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
            await pilot.press(answer)
            await until(pilot, lambda: app.screen is screen)
            await settle(pilot)
            assert screen.query_one("#prompt", TextArea).text == left
        assert screen.query_one("#engine", Select).value == "skyvern-2.0"
        assert screen.query_one("#max_steps", Input).value == ""


async def test_parameters_of_other_groups_are_named_and_sent(gateway, clock):
    """A draft made from a run keeps what the group in sight does not show, says so, and sends it."""
    app = app_on(gateway, clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(app, pilot, prompt="p", proxy_location="RESIDENTIAL", engine="novel-engine")
        assert "also sent: Proxy" in screen_text(app)
        assert "Browser 1" in screen_text(app)
        assert "novel-engine" in screen_text(app)
        app.screen.query_one("#engine", Select).value = "skyvern-1.0"
        await settle(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: gateway.submitted)
        assert gateway.submitted[0]["proxy_location"] == "RESIDENTIAL"


async def test_a_hundred_kilobytes_can_be_pasted(gateway, clock):
    """A long prompt is taken whole and sent whole."""
    app = app_on(gateway, clock)
    text = "Read this line. " * 6_400
    async with app.run_test() as pilot:
        screen = await opened(app, pilot)
        screen.query_one("#prompt", TextArea).insert(text)
        await settle(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: gateway.submitted)
        assert gateway.submitted[0]["prompt"] == text
