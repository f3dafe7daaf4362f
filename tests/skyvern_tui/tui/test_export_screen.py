"""Claims about taking a run out of the app: for other tools, for tests, as a file."""

from __future__ import annotations

import asyncio

import pytest
from textual.command import CommandPalette

from skyvern_tui.client.errors import ConnectError
from skyvern_tui.core.exports.offers import OFFERS
from skyvern_tui.core.skyrun import open_run
from skyvern_tui.tui.screens.ask import AskScreen
from skyvern_tui.tui.screens.confirm import ConfirmScreen
from skyvern_tui.tui.screens.exporting import ExportScreen
from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.screens.runs import RunsScreen
from tests.skyvern_tui.builders import a_block, a_run, an_artifact
from tests.skyvern_tui.tui.fakes import MOCK, FakeGateway, app_on, screen_text, settle, until

RUN = "tsk_v2_1"


def a_server():
    """Return a server with one finished run that was sent with a secret."""
    request = {
        "prompt": "Get the title",
        "url": "https://example.com",
        "extra_http_headers": {"Authorization": "B tok3n"},
    }
    gateway = FakeGateway(a_run(RUN, "completed", modified=9, output={"title": "Ä"}, run_request=request))
    gateway.timelines[RUN] = [a_block(1, when=2)]
    gateway.artifacts[RUN] = [an_artifact(1), an_artifact(2)]
    gateway.contents = {"a_1": b"\x89PNG one", "a_2": b"two"}
    return gateway


@pytest.fixture
def copied(monkeypatch):
    """Return what is put on the clipboard."""
    texts = []

    async def put(_app, text):
        texts.append(text)
        return ""

    monkeypatch.setattr("skyvern_tui.tui.clipboard.put", put)
    return texts


async def exporting(app, pilot):
    """Open the export of the only run."""
    await until(pilot, lambda: "Runs  1" in screen_text(app) and app.screen.listing.row.prompt)
    await pilot.press("X")
    await until(pilot, lambda: isinstance(app.screen, ExportScreen) and '"prompt"' in screen_text(app))


def messages(app):
    """Return the toasts."""
    return [toast.message for toast in app._notifications]


async def test_every_form_is_shown_and_copied_without_its_secrets(clock, tmp_path, copied):
    """Each form has its text; it can be copied whole, and the secret of the request and the key are in none."""
    app = app_on(a_server(), clock, downloads=tmp_path)
    async with app.run_test(size=(120, 36)) as pilot:
        await exporting(app, pilot)
        signs = {
            "json": '"prompt"', "curl": "curl ", "powershell": "Invoke-RestMethod", "python": "from skyvern import",
            "python-client": "skyvern_tui.client", "typescript": "runTask", "httpx": "import httpx",
            "cassette": "interactions:", "test": "def test_run_",
        }  # fmt: skip
        for offer in OFFERS[:-1]:
            await until(pilot, lambda sign=signs[offer.name]: sign in screen_text(app), offer.name)
            await pilot.press("y")
            await until(pilot, lambda sign=signs[offer.name]: copied and sign in copied[-1], offer.name)
            await pilot.press("j")
        assert len(copied) == len(OFFERS) - 1
        assert not [text for text in copied if "tok3n" in text or MOCK.api_key in text]
        assert [text for text in copied if "SKYVERN_EXTRA_HTTP_HEADERS_AUTHORIZATION" in text]


async def test_the_variables_to_set_are_said(clock, tmp_path):
    """Beside a form that reads secrets from the environment stands which."""
    app = app_on(a_server(), clock, downloads=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await exporting(app, pilot)
        await pilot.press("j")
        await until(pilot, lambda: "Set before use: SKYVERN_API_KEY, SKYVERN_EXTRA_HTTP" in screen_text(app))
        assert "as the server repeats it" not in screen_text(app)


async def test_a_text_is_saved_among_the_downloads_and_nothing_overwritten(clock, tmp_path):
    """``s`` saves with the name of the form; a file that is there stays, and the same text is not saved twice."""
    app = app_on(a_server(), clock, downloads=tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await exporting(app, pilot)
        await pilot.press("j")
        await until(pilot, lambda: "curl " in screen_text(app))
        (tmp_path / RUN).mkdir()
        (tmp_path / RUN / "request-curl.sh").write_text("mine")
        await pilot.press("s")
        await until(pilot, lambda: messages(app))
        await pilot.press("s")
        await until(pilot, lambda: len(messages(app)) == 2)
    assert (tmp_path / RUN / "request-curl.sh").read_text() == "mine"
    assert sorted(path.name for path in (tmp_path / RUN).iterdir()) == ["request-curl-1.sh", "request-curl.sh"]


async def test_saving_elsewhere_asks_before_it_replaces(clock, tmp_path):
    """``S`` asks for a path; what is there is replaced only after a yes."""
    app = app_on(a_server(), clock, downloads=tmp_path)
    target = tmp_path / "mine.json"
    target.write_text("old")
    async with app.run_test(size=(100, 30)) as pilot:
        await exporting(app, pilot)
        for answer in ("n", "y"):
            await pilot.press("S")
            await until(pilot, lambda: isinstance(app.screen, AskScreen) and app.focused)
            app.focused.value = str(target)
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
            assert target.read_text() == "old"
            await pilot.press(answer)
            await until(pilot, lambda: isinstance(app.screen, ExportScreen))
        await until(pilot, lambda: messages(app))
    assert '"prompt": "Get the title"' in target.read_text()


async def test_everything_is_saved_as_one_file(clock, tmp_path):
    """The file holds the run, its note and its artifacts, says what is missing, and does not hold the secret."""
    gateway = a_server()
    del gateway.contents["a_2"]
    app = app_on(gateway, clock, downloads=tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await exporting(app, pilot)
        app.memory.note(RUN, "ask Jo")
        await pilot.press("G")
        await until(pilot, lambda: "artifacts  2 files" in screen_text(app))
        await pilot.press("s")
        await until(pilot, lambda: "1 artifact could not be fetched" in screen_text(app))
        assert "Artifact not found a_2" in str(app.screen.query_one("#prose Static").render())
    saved = open_run(tmp_path / RUN / f"{RUN}.skyrun")
    assert saved.content("a_1") == b"\x89PNG one"
    assert (saved.note, saved.server) == ("ask Jo", MOCK.base_url)
    assert b"tok3n" not in (tmp_path / RUN / f"{RUN}.skyrun").read_bytes()


async def test_saving_everything_shows_how_far_it_is_and_can_be_stopped(clock, tmp_path):
    """While artifacts come their number is shown; escape stops it, nothing is left, and once more escape leaves."""
    gateway = a_server()
    gone_on = asyncio.Event()

    async def slow(artifact):
        if artifact.artifact_id == "a_2":
            await gone_on.wait()
        return b"x"

    gateway.get_artifact_content = slow
    app = app_on(gateway, clock, downloads=tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await exporting(app, pilot)
        await pilot.press("G")
        await until(pilot, lambda: "artifacts  2 files" in screen_text(app))
        await pilot.press("s")
        await until(pilot, lambda: "1 of 2 artifacts" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: "Stopped; nothing was left behind." in messages(app))
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
        assert isinstance(app.screen, ExportScreen)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))


async def test_a_server_that_is_away_is_said(clock, tmp_path):
    """Without the run there is nothing to export, and the reason is there."""
    gateway = a_server()
    app = app_on(gateway, clock, downloads=tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "Runs  1" in screen_text(app))
        gateway.fault = ConnectError("127.0.0.1:8000 refused the connection.")
        await pilot.press("X")
        await until(pilot, lambda: isinstance(app.screen, ExportScreen))
        await until(pilot, lambda: "refused the connection" in str(app.screen.query_one("#about").render()))
        await settle(pilot)
        assert not app.screen.check_action("save", ())


async def test_export_and_comparing_are_at_hand_while_a_run_is_looked_at(clock, tmp_path):
    """On a run ``X`` exports it, ``d`` asks what to compare it with, and the palette finds both by their words."""
    app = app_on(a_server(), clock, downloads=tmp_path)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "Runs  1" in screen_text(app) and app.screen.listing.row.prompt)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.journal.is_final)
        await pilot.press("X")
        await until(pilot, lambda: isinstance(app.screen, ExportScreen) and '"prompt"' in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette) and "saved to a file" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        found = {action.id for action, _ in app.screen.offered()}
        assert {"run.export", "run.compare"} <= found
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunsScreen))
        assert {"runs.export", "runs.compare", "runs.saved"} <= {action.id for action, _ in app.screen.offered()}
