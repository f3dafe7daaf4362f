"""The company site and its contact form, as a visitor uses them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

PROBLEMS = [
    "Please enter your name.",
    "Please enter a valid email address, like name@example.com.",
    "Please choose a subject.",
    "Please write a message of at least 10 characters.",
    "Please agree to the privacy policy.",
]


def fill(page: Page) -> None:
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_label("Email address").fill("ada@mail.example")
    page.get_by_label("Subject").select_option("Technical support")
    page.get_by_label("Message").fill("The engine stops.\nWhat can I do?")
    page.get_by_label("I agree that my details").check()


def test_message_is_sent_and_confirmed(watched: Page, sites: str):
    """A complete form leads to the thank-you page with a reference number, and data.json holds the message."""
    watched.goto(f"{sites}/contact/")
    watched.get_by_role("navigation", name="Main").get_by_role("link", name="Contact").click()
    watched.get_by_role("button", name="Accept all").click()
    fill(watched)
    watched.get_by_label("Phone number").fill("+44 1632 960 001")
    watched.get_by_label("Send me the monthly newsletter").check()
    watched.get_by_role("button", name="Send message").click()
    expect(watched.get_by_role("heading", level=1)).to_have_text("Thank you, Ada Lovelace. Your message has been sent.")
    reference = re.search(r"Your reference number is (LF-\d{6})\.", watched.get_by_role("main").inner_text())
    assert reference
    assert watched.request.get(f"{sites}/contact/data.json").json()["messages"] == [
        {
            "reference": reference.group(1),
            "name": "Ada Lovelace",
            "email": "ada@mail.example",
            "phone": "+44 1632 960 001",
            "subject": "Technical support",
            "message": "The engine stops.\r\nWhat can I do?",
            "newsletter": True,
        }
    ]


def test_empty_form_lists_every_problem(watched: Page, sites: str):
    """The browser's own check lists what is missing, marks the fields, and sends nothing."""
    watched.goto(f"{sites}/contact/contact")
    watched.get_by_role("button", name="Only necessary").click()
    watched.get_by_role("button", name="Send message").click()
    alert = watched.get_by_role("alert")
    expect(alert.get_by_role("listitem")).to_have_text(PROBLEMS)
    expect(alert).to_be_focused()
    expect(watched.get_by_label("Email address")).to_have_attribute("aria-invalid", "true")
    alert.get_by_role("link", name="Please choose a subject.").click()
    expect(watched.get_by_label("Subject")).to_be_focused()
    assert watched.request.get(f"{sites}/contact/data.json").json()["messages"] == []


def test_corrected_form_goes_through(watched: Page, sites: str):
    """After a refused attempt the corrected form is sent, by Enter in a field."""
    watched.goto(f"{sites}/contact/contact")
    fill(watched)
    watched.get_by_label("Email address").fill("ada at mail")
    watched.get_by_label("Phone number").fill("none")
    watched.keyboard.press("Enter")
    expect(watched.get_by_role("alert").get_by_role("listitem")).to_have_text(
        [PROBLEMS[1], "Please enter a valid phone number, or leave it empty."]
    )
    watched.get_by_label("Phone number").fill("")
    watched.get_by_label("Email address").fill("ada@mail.example")
    watched.keyboard.press("Enter")
    expect(watched.get_by_role("heading", level=1)).to_contain_text("Your message has been sent.")


def test_server_checks_too(browser: Browser, sites: str):
    """Without scripts the server finds the same problems, and keeps what was typed."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{sites}/contact/contact")
    fill(page)
    page.get_by_label("Email address").fill("ada@mail")  # the browser's own rule lets this pass
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_role("alert").get_by_role("listitem")).to_have_text([PROBLEMS[1]])
    expect(page.get_by_label("Your name")).to_have_value("Ada Lovelace")
    expect(page.get_by_label("Subject").locator("option:checked")).to_have_text("Technical support")
    expect(page.get_by_label("Email address")).to_have_attribute("aria-invalid", "true")
    context.close()


def test_cookie_notice_stays_away_after_a_choice(watched: Page, sites: str):
    """The notice covers the foot of each page until a choice is made, and then is gone on all pages."""
    watched.goto(f"{sites}/contact/")
    notice = watched.get_by_role("region", name="Cookie notice")
    expect(notice).to_be_visible()
    watched.goto(f"{sites}/contact/about")
    expect(notice).to_be_visible()
    notice.get_by_role("button", name="Only necessary").click()
    expect(notice).to_be_hidden()
    watched.goto(f"{sites}/contact/pricing")
    expect(notice).to_be_hidden()


def test_pricing_table_says_what_the_data_says(watched: Page, sites: str):
    """The plans in the table are those of data.json, column by column."""
    watched.goto(f"{sites}/contact/pricing")
    rows = watched.evaluate(
        "() => [...document.querySelectorAll('table tr')].map((row) => [...row.cells].map((cell) => cell.innerText))"
    )
    plans = watched.request.get(f"{sites}/contact/data.json").json()["plans"]
    assert [name.split("\n")[0].strip() for name in rows[0][1:]] == [plan["name"] for plan in plans]
    assert rows[1][1:] == [f"{plan['price']} / month" for plan in plans]
    for row, key in zip(rows[2:], ("vehicles", "support", "history", "api"), strict=True):
        assert row[1:] == [plan[key] for plan in plans]


def test_talk_to_sales_chooses_the_subject(watched: Page, sites: str):
    """The link of the pricing page opens the form with its subject chosen."""
    watched.goto(f"{sites}/contact/pricing")
    watched.get_by_role("link", name="Talk to sales").click()
    expect(watched.get_by_label("Subject").locator("option:checked")).to_have_text("Sales question")


def test_message_is_shown_as_text(watched: Page, sites: str):
    """Markup in a message is shown as it was typed."""
    watched.goto(f"{sites}/contact/contact")
    fill(watched)
    watched.get_by_label("Your name").fill("<b>Ada</b>")
    watched.get_by_label("Your name").press("Enter")
    expect(watched.get_by_role("heading", level=1)).to_have_text("Thank you, <b>Ada</b>. Your message has been sent.")
