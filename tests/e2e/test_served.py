"""The served app in a real Chromium: a task is typed, submitted and seen to its end on the terminal's canvas."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PROMPT = "Get the title of the top post"
SECONDS = 100
SEEN = """() => {
  const buffer = window.served?.terminal.buffer.active;
  if (!buffer) return "";
  return Array.from({length: buffer.length}, (_, n) => buffer.getLine(n).translateToString(true)).join("\\n");
}"""
"""What stands on the terminal, read from the buffer that its canvas is painted from."""
LOOK = """(label) => {
  const buffer = window.served.terminal.buffer.active;
  const at = Array.from({length: buffer.length}, (_, n) => n).find(
    (n) => buffer.getLine(n).translateToString(true).trim().startsWith(label));
  const cells = Array.from({length: 80}, (_, n) => buffer.getLine(at + 1).getCell(n));
  return JSON.stringify(cells.map((cell) => [cell.getFgColor(), cell.getBgColor()]));
}"""
"""The colours of the field below a label, by which one sees whether it has the focus."""
CATCH_THE_TERMINAL = """Object.defineProperty(Object.prototype, "fitAddon", {
  configurable: true,
  set(value) {
    window.served = this;
    Object.defineProperty(this, "fitAddon", {value, writable: true, enumerable: true, configurable: true});
  },
});"""
"""The page keeps its terminal to itself; the first thing it gives to it leads to it."""


@pytest.fixture
def served(mock, tmp_path: Path) -> Iterator[str]:
    """Serve the app on the test's own tenant, with a home of its own; return the address."""
    homes = {name: str(tmp_path / name) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")}
    with (tmp_path / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "skyvern_tui", "serve", "--port", "0", "--base-url", mock.url],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=os.environ | homes | {"SKYVERN_API_KEY": mock.api_key},
        )
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(60)
            process.stdout.close()


class Terminal:
    """The terminal in the page: what it shows, and typing into it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.add_init_script(CATCH_THE_TERMINAL)
        page.set_viewport_size({"width": 1300, "height": 900})
        page.goto(address, wait_until="commit")

    def shows(self, *texts: str) -> None:
        """Wait until all of these stand there at once."""
        wanted = "(texts) => { const seen = (" + SEEN + ")(); return texts.every((text) => seen.includes(text)); }"
        try:
            self.page.wait_for_function(wanted, arg=list(texts), timeout=SECONDS * 1000, polling=200)
        except Exception as error:
            raise AssertionError(f"{texts} did not come up on:\n{self.page.evaluate(SEEN)}") from error

    def type(self, text: str) -> None:
        """Type text, key by key."""
        self.page.keyboard.type(text)

    def tab_to(self, label: str) -> None:
        """Press tab, and wait until the field below ``label`` looks another: what is typed sooner goes elsewhere."""
        before = self.page.evaluate(LOOK, label)
        self.press("Tab")
        self.page.wait_for_function(
            f"([label, before]) => ({LOOK})(label) !== before", arg=[label, before], timeout=SECONDS * 1000, polling=200
        )

    def press(self, key: str) -> None:
        """Press a key by its name."""
        self.page.keyboard.press(key)


def test_a_task_is_composed_submitted_and_seen_in_the_browser(page, served, mock):
    """Typed into the served app, a task is done by the mock, and the finished run stands on the canvas."""
    terminal = Terminal(page, served)
    terminal.shows("No runs yet")
    terminal.press("n")
    terminal.shows("Prompt")
    terminal.type(PROMPT)
    terminal.shows(PROMPT)
    terminal.tab_to("URL")
    terminal.type(mock.site("news"))
    terminal.shows(f'"url": "{mock.site("news")}"')
    terminal.press("Control+s")
    terminal.shows("completed", PROMPT)
    runs = httpx.get(f"{mock.url}/v1/runs", headers={"x-api-key": mock.api_key}).json()
    assert [run["status"] for run in runs] == ["completed"]
    run = httpx.get(f"{mock.url}/v1/runs/{runs[0]['run_id']}", headers={"x-api-key": mock.api_key}).json()
    assert run["run_request"]["prompt"] == PROMPT
    title = next(iter(run["output"].values())) if isinstance(run["output"], dict) else run["output"]
    terminal.press("2")
    terminal.shows(str(title))
