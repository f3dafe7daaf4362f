"""The agent uses controls of many kinds, and knows whether they worked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

Do = Callable[..., Awaitable[Any]]

SAID = "document.getElementById('said').textContent"


def value(key: str) -> str:
    return f"document.getElementById('{key}').value"


CONTROLS: list[tuple[str, str, Any]] = [
    ("Type Ann Lee into the full name field", value("name"), "Ann Lee"),
    ("Enter 5551234 as the phone", value("phone"), "555-1234"),
    ("Select Germany from the country list", value("country"), "de"),
    (
        "Select English and German from the languages list",
        "[...document.getElementById('langs').selectedOptions].map(o => o.label)",
        ["English", "German"],
    ),
    ("Tick the terms box", "document.getElementById('terms').checked", True),
    ("Uncheck the newsletter box", "document.getElementById('news').checked", False),
    ("Choose Large", "document.querySelector('[name=size]:checked').value", "l"),
    ("Set the day to 2026-11-12", value("day"), "2026-11-12"),
    ("Enter 12 November 2026 as the day", value("day"), "2026-11-12"),
    ("Set seats to 4", value("seats"), "4"),
    ("Select Green as the colour", "document.getElementById('colour').textContent", "Green"),
    ('Type "remember the milk" into Notes', "document.getElementById('notes').innerText", "remember the milk"),
    ("Hover over Products and click Lamps", "document.title", "Lamps"),
    ("Scroll to the bottom", "scrollY > 500", True),
    ('Scroll down until you see "The very end"', "true", True),
    (
        "Enter Ann as the full name, choose Small, tick the terms box and click Send form",
        "document.getElementById('sent').textContent",
        "Form sent: name=Ann&phone=&country=&terms=on&news=on&size=s&day=&seats=",
    ),
    (
        "Type Ann into the full name field and press Enter",
        "document.getElementById('sent').textContent.slice(0, 19)",
        "Form sent: name=Ann",
    ),
]


@pytest.mark.parametrize(("prompt", "state", "wanted"), CONTROLS, ids=[prompt[:60] for prompt, _, _ in CONTROLS])
async def test_each_control_is_used_its_own_way(do: Do, prompt: str, state: str, wanted: Any) -> None:
    """Native and home-made controls end in the state that was asked for."""
    told = await do(prompt, "/pages/controls.html", state=state)
    assert told.finished.ending == "completed", told.finished.failure_reason
    assert told.state == wanted


REACTIONS: list[tuple[str, str, Any]] = [
    ("Click Load data", SAID, "Data of the server"),
    ("Click Load later", SAID, "Late news"),
    ("Click Delete", SAID, "Deleted"),
    ("Click Delete and dismiss the question", SAID, "Kept"),
    ("Click Save", SAID, "Saved by alert"),
    ("Click Load more 2 times", SAID, "Rows: 2"),
    ('Click Load more until you see "No more rows"', SAID, "No more rows"),
    ("Click Settings", SAID, "Settings view"),
    ("Click Leave by script", "document.title", "Second page"),
    ("Click Leave soon", "document.title", "Second page"),
    ("Click Open window", "document.title", "Second page"),
    ('Click "Second in a new tab"', "document.title", "Second page"),
    ("Click Shadow button", SAID, "From the shadow"),
    ("Enter X-9 as the voucher code and click Redeem voucher", SAID, "Voucher X-9"),
    ("Click Leave by script, then go back and click Settings", SAID, "Settings view"),
]


@pytest.mark.parametrize(("prompt", "state", "wanted"), REACTIONS, ids=[prompt[:60] for prompt, _, _ in REACTIONS])
async def test_what_a_click_sets_off_is_waited_for(do: Do, prompt: str, state: str, wanted: Any) -> None:
    """Answers of a server, timers, dialogs, navigations, new tabs, frames and shadow roots are all seen through."""
    told = await do(prompt, "/pages/reactions.html", state=state)
    assert told.finished.ending == "completed", told.finished.failure_reason
    assert told.state == wanted


async def test_the_check_says_what_was_seen(do: Do) -> None:
    """Each action's response names the effect, or that there was none."""
    assert (
        "the field now holds 'Ann'" in (await do("Type Ann into the full name field", "/pages/controls.html")).responses
    )
    assert any("a dialog said 'Saved'" in text for text in (await do("Click Save", "/pages/reactions.html")).responses)
    assert any(
        "nothing on the page changed" in text
        for text in (await do("Click Nothing happens", "/pages/reactions.html")).responses
    )
    assert any(
        "a new tab opened" in text for text in (await do("Click Open window", "/pages/reactions.html")).responses
    )


async def test_a_disabled_button_ends_with_that_reason(do: Do) -> None:
    """What cannot be used is not claimed to be done."""
    told = await do("Click Not yet", "/pages/reactions.html")
    assert told.finished.ending == "terminated"
    assert "disabled" in told.finished.failure_reason


async def test_what_lies_over_the_page_is_put_away_first(do: Do) -> None:
    """A banner over the page does not keep the agent from the button under it."""
    told = await do("If a cookie dialog appears, accept it. Then click Buy now.", "/pages/popups.html", state=SAID)
    assert (told.finished.ending, told.state) == ("completed", "Bought")


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("Click Delete in the row of Bob", "Delete Bob"),
        ("Find Eve and click Edit", "Edit Eve"),
        ("Click the second Edit button", "Edit Bob"),
        ("Go to the next page and delete Dan", "Delete Dan"),
        ("Find Fay in the list and delete her", "Delete Fay"),
    ],
)
async def test_entries_are_found_by_their_words_over_several_pages(do: Do, prompt: str, said: str) -> None:
    """The button of the entry that is meant is pressed, also when it is on a later page."""
    told = await do(prompt, "/pages/list.html", state=SAID)
    assert told.finished.ending == "completed", told.finished.failure_reason
    assert told.state == said


@pytest.mark.parametrize(
    ("prompt", "name", "start"),
    [
        ("Download the latest annual report", "annual-2025.pdf", b"%PDF"),
        ("Download the annual report 2024", "annual-2024.pdf", b"%PDF"),
        ("Download the terms and conditions", "terms.pdf", b"%PDF"),
        ("Download the price list", "prices.csv", b"a,b"),
        ("Export the contacts", "contacts.csv", b"name"),
    ],
)
async def test_files_are_kept_however_the_page_hands_them_out(do: Do, prompt: str, name: str, start: bytes) -> None:
    """Attachments, documents shown in the browser, new tabs and files made by script all become downloads."""
    told = await do(prompt, "/pages/files.html")
    assert told.finished.ending == "completed", told.finished.failure_reason
    (file,) = told.artifacts("download")
    assert file.filename == name
    assert file.data.startswith(start)
    assert told.finished.output == {"downloaded_files": [name]}
    assert [made.filename for made in told.artifacts("pdf")] == ([name] if name.endswith(".pdf") else [])


async def test_a_page_can_be_kept_as_pdf(do: Do) -> None:
    """Printing leaves a PDF artifact and no download."""
    told = await do("Save the page as a PDF", "/pages/second.html")
    assert told.finished.ending == "completed"
    (printed,) = told.artifacts("pdf")
    assert printed.data.startswith(b"%PDF")
    assert printed.filename == "Second page.pdf"
    assert not told.artifacts("download")


async def test_a_file_of_the_task_is_uploaded(do: Do, tmp_path: Path) -> None:
    """The file field holds the file that was named; without files the reason says what is missing."""
    path = tmp_path / "cv.txt"
    path.write_text("hello")
    told = await do(
        "Upload cv.txt as the attachment",
        "/pages/controls.html",
        state="document.getElementById('file').files[0].name",
        files=(str(path),),
    )
    assert told.state == "cv.txt"
    missing = await do("Upload cv.txt as the attachment", "/pages/controls.html")
    assert missing.finished.ending == "terminated"
    assert "no file" in missing.finished.failure_reason


@pytest.mark.parametrize(
    ("prompt", "address", "ending", "words"),
    [
        ("Log in with email ann@x.org and password pass-77", "/pages/account.html", "completed", ""),
        ("Log in with email ann@x.org and password wrong-1", "/pages/account.html", "terminated", "Wrong password"),
        ("Log in with email ann@x.org and password pass-77", "/pages/account.html?code", "terminated", "code"),
        (
            "Log in with email ann@x.org and password pass-77, verification code 123456",
            "/pages/account.html?code",
            "completed",
            "",
        ),
        ("Log in", "/pages/account.html", "terminated", "prompt"),
        ("Log in", "/pages/second.html", "terminated", "log in"),
    ],
)
async def test_signing_in_takes_as_many_steps_as_the_site_wants(
    do: Do, prompt: str, address: str, ending: str, words: str
) -> None:
    """User name first, password next, a code if asked; the end says what the site said."""
    told = await do(prompt, address)
    assert told.finished.ending == ending, told.finished.failure_reason
    assert words in (told.finished.failure_reason or "")


async def test_a_password_is_nowhere_in_what_is_told(do: Do) -> None:
    """Events, artifacts and reasons are free of it; the file of pictures is not searched."""
    told = await do("Log in with email ann@x.org and password pass-77", "/pages/account.html")
    texts = [repr(event) for event in told.events if not hasattr(event, "data")]
    texts += [made.data.decode() for made in told.artifacts() if not made.artifact_type.startswith("screenshot")]
    leaks = [text for text in texts if "pass-77" in text and "password !==" not in text]
    assert not leaks


async def test_an_application_that_is_still_starting_is_waited_for(do: Do) -> None:
    """A document that shows nothing yet, and asks for nothing, is not taken for one that has nothing."""
    told = await do("Click Open project", "/pages/booting.html", state="document.title")
    assert told.finished.ending == "completed", told.finished.failure_reason
    assert told.state == "Opened"
