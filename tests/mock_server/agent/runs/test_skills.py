"""Skills of everyday interfaces, each on a small page of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

Do = Callable[..., Awaitable[Any]]


def value(key: str) -> str:
    return f"document.getElementById('{key}').value"


def text(key: str) -> str:
    return f"document.getElementById('{key}').textContent"


def sent(*names: str) -> str:
    """What the form sent under these names."""
    return f"{list(names)}.map(name => JSON.parse(document.getElementById('got').textContent)[name]).join('|')"


def order(key: str) -> str:
    return f"[...document.getElementById('{key}').children].map(one => one.textContent).join()"


SIGN_IN = "Log in with customer number 40071 and password kelp-92"
SKILLS: list[tuple[str, str, str, Any]] = [
    # days, in a calendar that has to be turned
    ("pickers", "Choose 17 March 2023 as the arrival date and click Keep these", value("arrival"), "2023-03-17"),
    ("pickers", "Select 09/02/2024 as the leaving date", value("leaving"), "2024-09-02"),
    ("pickers", "Set the arrival to December 5, 2024", value("arrival"), "2024-12-05"),
    # suggestions, sliders, numbers with plus and minus, times
    ("pickers", 'Choose a town that starts with "Lo" and ends with "rry"', value("town"), "Londonderry"),
    ("pickers", "Set the volume to 33", value("volume"), "33"),
    ("pickers", "Select 12 with the heat slider and press Keep these", "heat.getAttribute('aria-valuenow')", "12"),
    ("pickers", "Move the speed slider to 73", text("speed"), "73"),
    ("pickers", "Set the number of guests to 5", value("guests"), "5"),
    ("pickers", "Increase guests by 2", value("guests"), "4"),
    ("pickers", "Enter 7:45 PM as the alarm time", value("alarm"), "19:45"),
    # texts of the page
    ("texts", "Type the third word of the paragraph into the note field", value("note"), "where"),
    ("texts", "Copy the text of the first text area and paste it into Note", value("note"), "first draft of a letter"),
    ("texts", "Copy the text in the 2nd textarea and paste it into Note", value("note"), "second thoughts"),
    ("texts", "Enter the value of Country of birth into the note field", value("note"), "Norway"),
    ("texts", "Solve the sum and type the answer into the note field", value("note"), "16"),
    ("texts", 'Type "Rain" in upper case letters into the note field', value("note"), "RAIN"),
    ("texts", 'Enter the password "kx7" into both text fields', "one.value + two.value", "kx7kx7"),
    ("texts", 'Select the text "throws crumbs" in the paragraph and press Done', "window.picked", "throws crumbs"),
    (
        "texts",
        "Highlight the paragraph and click Done",
        "window.picked",
        "Sparrows gather where the baker throws crumbs every morning.",
    ),
    ("texts", 'Make the text "old harbour" bold', "pad.querySelector('b,strong').textContent", "old harbour"),
    # dragging
    ("dragging", "Drag Plums to the first position", order("order"), "Plums,Pears,Figs,Dates"),
    ("dragging", "Drag Pears to the 3rd position and click Send", order("order"), "Figs,Dates,Pears,Plums"),
    ("dragging", "Move Dates above Figs by dragging", order("order"), "Pears,Dates,Figs,Plums"),
    ("dragging", "Sort the numbers in increasing order by dragging", order("digits"), "7,15,23,41"),
    ("dragging", "Drag Glass into the recycling bin", "bin.textContent.includes('Glass')", True),
    ("dragging", "Drag all the cards to the bin and press Send", "bin.children.length", 3),
    ("dragging", "Drag the ball to the left", "ball.offsetLeft < 480", True),
    # entries of a list
    ("mailbox", "Star the email from Ivo", text("log"), "star Ivo;"),
    ("mailbox", "Delete the message from Hank", text("log"), "delete Hank;"),
    ("mailbox", "Find the email by Ivo and forward it to Lena", text("log"), "forward Ivo to Lena;"),
    ("mailbox", "Forward the email from Hank to Ivo", text("log"), "forward Hank to Ivo;"),
    ("mailbox", 'Reply to Ivo\'s email with the text "Paid today."', text("log"), "reply Ivo: Paid today.;"),
    ("mailbox", "Mark the mail by Hank as important", text("log"), "star Hank;"),
    ("board", "Like the post by @bo", "did.join()", "like1"),
    ("board", 'Click the "Share" button on all posts by @ada', "did.join()", "share0,share2,share4"),
    ("board", 'Click "Like" on 2 posts by @ada and click Finish', text("said"), "Finished like0 like2"),
    ("board", "For the user @cy, click More and then Report", "did.join()", "report3"),
    # orders
    ("market", "Order 3 pears", text("said"), "Ordered Pear x3"),
    ("market", "Buy 2 bananas and 1 rye loaf", text("said"), "Ordered Banana x2, Rye loaf x1"),
    ("market", "Order 2 products that are vegan", text("said"), "Ordered Rye loaf x1, Seed loaf x1"),
    ("market", "Order one of each: Red apple, Butter roll", text("said"), "Ordered Butter roll x1, Red apple x1"),
    # menus, trees and tabs
    ("menus", "Select File > Export > As PDF", text("said"), "pdf"),
    ("menus", "Click Edit, then Undo", text("said"), "undo"),
    ("menus", "Find monk.mp3 in the file tree and click it", text("said"), "file monk.mp3"),
    (
        "menus",
        'Navigate the file tree, find and click on the file named "archive.zip"',
        text("said"),
        "file archive.zip",
    ),
    ("menus", 'Click on the folder "Music"', text("said"), "folder Music"),
    ("menus", 'Switch between the tabs to find and click on the link "cedar"', text("said"), "cedar"),
    # forms of many parts: what a group and a choice say together, lists of fields, terms, steps
    (
        "hire",
        "Enter Bo Ek as skipper, choose full insurance, accept the harbour rules and request the boat",
        sent("skipper", "ins", "rules"),
        "Bo Ek|full|yes",
    ),
    (
        "hire",
        (
            "Fill in the form: Skipper: Ada Lund, Name on licence: A Lund. Choose Yard, check Oars and Anchor, accept "
            "the harbour rules and request the boat"
        ),
        sent("skipper", "licence", "col", "ex", "rules"),
        "Ada Lund|A Lund|yard|oars+anchor|yes",
    ),
    (
        "hire",
        (
            "Enter skipper Ada, name on licence Ada Lund, set hours to 7, set flag colour to #ff8800, choose the "
            "Cushions seating, check the harbour rules box and press Request the boat"
        ),
        sent("skipper", "licence", "hours", "flag", "seat", "rules"),
        "Ada|Ada Lund|7|#ff8800|Cushions|yes",
    ),
    (
        "move",
        (
            "Enter subscriber Ada Lovell and subscription number S-77 and continue, then enter street Quay 3 and town "
            "Oslo and continue, confirm that the new address is right and send"
        ),
        sent("who", "no", "street", "town", "ok"),
        "Ada Lovell|S-77|Quay 3|Oslo|on",
    ),
    (
        "move",
        (
            "Fill in all the steps: Subscriber: Ada Lovell, Subscription number: S-77, Street: Quay 3, Town: Oslo, "
            "From when: Next month. Tick the confirmation and send it."
        ),
        sent("who", "no", "street", "town", "when", "ok"),
        "Ada Lovell|S-77|Quay 3|Oslo|Next month|on",
    ),
    # a shop, a job board and a customer's account
    (
        "bakery",
        "Accept all cookies, add a country loaf and two lemon tarts to the basket",
        text("sum"),
        "$45.50",
    ),
    (
        "openings",
        "Apply for the Tour guide position with full name Sam Dorr, email sam@dorr.example and start 2027-02-01",
        text("ok"),
        "Application received for Tour guide: Sam Dorr, sam@dorr.example, 2027-02-01",
    ),
    (
        "energy",
        f"{SIGN_IN}, go to the meter tab and submit a reading of 20417 for 2026-11-20",
        text("mo"),
        "Reading 20417 recorded for 2026-11-20.",
    ),
    (
        "energy",
        (
            f"{SIGN_IN}, go to settings, turn off paper bills, turn on usage alerts, choose Cymraeg as the language "
            "and save the changes"
        ),
        text("so"),
        "Saved: paper false, alerts true, Cymraeg",
    ),
    # an application that fills the window from a body without height, and files that a double click opens
    ("desk", "Open ledger.csv", text("open"), "open: ledger.csv"),
    ("desk", "Open the File menu", text("said"), "File"),
    # entries by their number, over pages; a page that asks back; a cell by what it says
    ("loans", "Open loan LN-206 and get the fee", "document.title", "Loan LN-206"),
    ("loans", "Filter by state Returned", "document.querySelectorAll('tbody tr').length", 2),
    ("crew", "Remove Ina and confirm", text("got"), "Bo Cook; Olaf Deckhand"),
    ("crew", "Remove Bo from the crew, then confirm in the dialog", text("got"), "Ina Mate; Olaf Deckhand"),
    ("crew", "Remove Olaf", text("got"), "Bo Cook; Ina Mate"),
    (
        "crew",
        "Click the button that removes Olaf and then click Keep",
        text("got"),
        "Bo Cook; Ina Mate; Olaf Deckhand",
    ),
    (
        "sheet",
        "Double-click the cell 340, type 500 and press Enter",
        text("got"),
        "R1,Tar rope,14,210;R2,Hemp rope,9,500;B1,Brass bell,2,115",
    ),
]


@pytest.mark.parametrize(("page", "prompt", "state", "wanted"), SKILLS, ids=[skill[1][:60] for skill in SKILLS])
async def test_each_skill_ends_in_what_was_asked_for(do: Do, page: str, prompt: str, state: str, wanted: Any) -> None:
    """The page is in the state the prompt describes, and the run says completed."""
    told = await do(prompt, f"/pages/{page}.html", state=state)
    assert told.finished.ending == "completed", told.finished.failure_reason
    assert told.state == wanted


async def test_a_refusal_after_a_click_ends_the_run_with_its_words(do: Do) -> None:
    """A page that answers a click with *members only* did not do what was asked."""
    told = await do("Upvote the second post", "/pages/board.html")
    assert told.finished.ending == "terminated"
    assert "Members only" in (told.finished.failure_reason or "")


async def test_the_bundled_news_site_refuses_votes(do: Do) -> None:
    """What a new page says at its top counts as its answer to the click that led there."""
    told = await do("Upvote the second post", "/sites/news/")
    assert told.finished.ending == "terminated"
    assert "Members only" in (told.finished.failure_reason or "")


async def test_a_form_the_browser_does_not_send_ends_the_run_with_the_fields(do: Do) -> None:
    """A click on a button whose form the browser refuses to send did nothing, and the run names the fields."""
    told = await do('Type "Bo Ek" into Full name and click Send registration', "/sites/forms/register")
    assert told.finished.ending == "terminated"
    assert "'Email address'" in (told.finished.failure_reason or "")
    assert "'Full name'" not in (told.finished.failure_reason or "").partition("does not accept")[2]
