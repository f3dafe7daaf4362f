"""Claims about the tree of artifacts: where one stands first, and what things are called."""

from __future__ import annotations

import asyncio

from skyvern_tui.tui.screens.run import RunScreen
from skyvern_tui.tui.widgets.artifact_list import ArtifactList
from tests.skyvern_tui.builders import a_block, a_run, an_action, an_artifact
from tests.skyvern_tui.tui.fakes import FakeGateway, app_on, screen_text, settle, until

RUN = "tsk_v2_1"
NAMES = ("Accept all", "Top of the page")


def clicked():
    """Return a server with a run that clicked twice and downloaded a file."""
    file = {"url": "http://x/1", "filename": "invoice.pdf", "artifact_id": "a_9", "checksum": None, "file_size": 1}
    gateway = FakeGateway(a_run(RUN, "completed", downloaded_files=[file]))
    actions = [
        an_action(n, when=2 + n, skyvern_element_data={"name": name}, screenshot_artifact_id=f"a_{n}")
        for n, name in enumerate(NAMES, 1)
    ]
    gateway.timelines[RUN] = [a_block(1, when=2, modified=6, actions=actions)]
    gateway.artifacts[RUN] = [an_artifact(n, when=2.2 + n) for n in (1, 2)]
    return gateway


async def artifacts_of(pilot):
    """Open the run and its artifacts; return their list."""
    app = pilot.app
    await until(pilot, lambda: app.sites and app.focused)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, RunScreen) and "Artifacts 2" in screen_text(app))
    await pilot.press("3")
    listing = app.screen.query_one(ArtifactList)
    await until(pilot, lambda: listing.has_focus)
    return listing


async def test_one_stands_first_on_an_artifact():
    """A group comes first in the tree, but there is nothing to see of it: the cursor stands on what is in it."""
    app = app_on(clicked())
    async with app.run_test(size=(80, 24)) as pilot:
        listing = await artifacts_of(pilot)
        assert listing.row.name == "#1 click “Accept all”"
        assert "#2 click “Top of the page”" in screen_text(app)
        await pilot.press("g", "1", "3")
        await until(pilot, lambda: listing.has_focus)
        assert listing.index == 0, "where one went is where one comes back to"


async def test_a_download_is_saved_under_its_own_name(tmp_path):
    """The list shows the name a file was downloaded under, and it is saved so."""
    gateway = clicked()
    gateway.artifacts[RUN] = [*gateway.artifacts[RUN][:1], an_artifact(9, "download", when=6)]
    gateway.contents["a_9"] = b"%PDF-1.4"
    app = app_on(gateway, downloads=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        listing = await artifacts_of(pilot)
        assert listing.row.name == "download invoice.pdf"
        await pilot.press("s")
        await until(pilot, (tmp_path / RUN / "invoice.pdf").exists)
        assert (tmp_path / RUN / "invoice.pdf").read_bytes() == b"%PDF-1.4"


async def test_what_still_comes_does_not_cover_a_group():
    """A file that arrives when the cursor is on a group already is not shown under the group's name."""
    gateway, gate = clicked(), asyncio.Event()
    fetch = gateway.get_artifact_content

    async def slow(artifact):
        gateway.calls.append(f"began {artifact.artifact_id}")
        await gate.wait()
        return await fetch(artifact)

    gateway.get_artifact_content = slow
    gateway.contents = {"a_1": b"one", "a_2": b"two"}
    app = app_on(gateway)
    async with app.run_test(size=(160, 48)) as pilot:
        listing = await artifacts_of(pilot)
        await until(pilot, lambda: "began a_1" in gateway.calls)
        await pilot.press("k")
        assert listing.row.name == "screenshot action"
        gate.set()
        await settle(pilot, 20)
        assert "2 artifacts: screenshot action" in screen_text(app)
