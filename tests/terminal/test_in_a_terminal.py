"""Claims about the installed program in a real terminal: keys are typed, the screen is read."""

from __future__ import annotations

import re

from tests.terminal.conftest import Account, Opening, Server

THOUGHTS = [{"thought": {"thought": f"Thought number {number} of the page."}} for number in range(1, 4)]
BY_HAND = [{"status": "queued", "manual": True}, {"status": "running", "manual": True}]


def test_it_starts_and_quits(open_app: Opening, inside: str) -> None:
    """The app comes up with the connection and what can be pressed, and ctrl+q leaves the terminal as it was."""
    terminal = open_app()
    screen = terminal.until("n new task")
    assert "Skyvern  Runs" in screen
    assert terminal.modes >= {"mouse", "other screen", "paste"}
    terminal.press("ctrl+q")
    assert terminal.wait() == 0
    assert terminal.modes == set()
    assert terminal.settings_now == terminal.settings


def test_a_task_is_written_submitted_and_followed(open_app: Opening, account: Account) -> None:
    """Typing a prompt and submitting shows the run, whose end is seen without a key."""
    account.call(
        "POST", "/_mock/scripts", {"progression": "polls=2", "ending": {"output": {"title": "Typed and done"}}}
    )
    terminal = open_app()
    terminal.until("n new task")
    terminal.press("n")
    terminal.until("Prompt")
    terminal.type("Get the title, bitte: größer 日本")
    terminal.until("größer 日本")
    terminal.press("ctrl+s")
    terminal.until("completed")
    terminal.press("2")
    terminal.until("Typed and done")
    assert account.prompts() == ["Get the title, bitte: größer 日本"]


def test_a_run_is_followed_to_its_end(open_app: Opening, account: Account) -> None:
    """Statuses and timeline come as the run goes on."""
    ending = {"status": "failed", "failure_reason": "The shop is closed."}
    run_id = account.run("Follow me", phases=BY_HAND, ending=ending, timeline=THOUGHTS)
    terminal = open_app()
    terminal.until("queued")
    terminal.press("enter")
    terminal.until("Follow me")
    account.advance(run_id)
    terminal.until(lambda screen: "running" in screen and "Thought number 3" in screen)
    account.advance(run_id)
    terminal.until(lambda screen: "failed" in screen and "The shop is closed." in screen)


def test_an_artifact_is_looked_at(open_app: Opening, account: Account) -> None:
    """A file the run left is found in the list, opened and left again."""
    account.run("With files", progression="immediate", downloads={"receipt.txt": "1 x tea\n2 x cake"})
    terminal = open_app()
    terminal.until("completed")
    terminal.press("enter")
    terminal.until("Timeline")
    terminal.press("3")
    terminal.until("t by step")  # the timeline names the file, too
    terminal.until("download")
    terminal.press("enter")
    screen = terminal.until("2 x cake")
    assert "1 x tea" in screen


def test_it_follows_the_size_of_the_window(open_app: Opening, account: Account) -> None:
    """A window made larger shows both panes, one made smaller shows one, and nothing is left of the other size."""
    account.run("Resize me", progression="immediate", ending={"output": {"width": "any"}})
    terminal = open_app()
    terminal.until("completed")
    assert '"width"' not in terminal.text
    terminal.resize(160, 48)
    terminal.until('"width"')
    terminal.until(lambda screen: "quit" in screen.split("\n")[47])
    terminal.resize(60, 20)
    terminal.until(lambda screen: '"width"' not in screen and "palette" in screen.split("\n")[19])
    assert "completed" in terminal.text
    assert len(terminal.text.split("\n")) == 20


def test_the_server_goes_and_comes_back(open_app: Opening, server: Server, account: Account) -> None:
    """While it is away a banner says since when and counts down; once it is back the timeline has no gap."""
    run_id = account.run("Outlive the server", phases=BY_HAND, timeline=THOUGHTS)
    account.advance(run_id)
    terminal = open_app(size=(120, 40))
    terminal.until("running")
    terminal.press("enter")
    terminal.until("Thought number 3")
    server.kill()
    screen = terminal.until("retrying in")
    assert re.search(r"since \d\d:\d\d", screen), screen
    first = re.search(r"retrying in \d+ s", screen)
    assert first is not None
    terminal.until(lambda screen: "retrying" in screen and first.group() not in screen)
    server.start()
    terminal.until(lambda screen: "retrying" not in screen and "● " in screen)
    account.advance(run_id)
    screen = terminal.until("completed")
    assert [number for number in range(1, 4) if f"Thought number {number} " in screen] == [1, 2, 3]


def test_a_hundred_kilobytes_are_pasted(open_app: Opening, account: Account) -> None:
    """A long paste arrives whole in the prompt, at once, and the app goes on to take keys."""
    words = "".join(f"word {number:06d}\n" for number in range(9000))
    assert len(words) > 100_000
    account.call("POST", "/_mock/scripts", {"progression": "immediate", "ending": {"output": {"pasted": True}}})
    terminal = open_app()
    terminal.until("n new task")
    terminal.press("n")
    terminal.until("Prompt")
    terminal.paste(words)
    terminal.until("word 008999")
    terminal.type("the end")
    terminal.until("the end")
    terminal.press("ctrl+s")
    terminal.until("completed")
    assert account.prompts() == [words + "the end"]
