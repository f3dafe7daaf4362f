"""The customer portal, as a customer uses it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def log_in(page: Page, sites: str) -> None:
    """Log in with what the help box of the login page says."""
    page.goto(f"{sites}/portal/login")
    demo = page.get_by_role("complementary", name="Demo access").inner_text()
    words = re.search(r"username (\S+), password (\S+)", demo)
    assert words
    page.get_by_label("Username", exact=True).fill(words[1])
    page.get_by_label("Password", exact=True).fill(words[2])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Good to see you, Dana")


def shown(page: Page) -> list[dict]:
    return page.evaluate(
        """() => [...document.querySelectorAll("tbody tr")].map((row) => {
            const [number, date, amount, status, file] = row.cells;
            return {number: number.innerText, date: date.innerText, amount: amount.innerText,
                    iso_date: date.querySelector("time").dateTime, status: status.innerText,
                    url: file.querySelector("a").href};
        })"""
    )


@pytest.fixture
def facts(watched: Page, sites: str) -> list[dict]:
    return watched.request.get(f"{sites}/portal/data.json").json()["invoices"]


def test_table_shows_what_the_data_says(watched: Page, sites: str, facts: list[dict]):
    """Twelve invoices with the facts of data.json, and not in the order of their dates."""
    log_in(watched, sites)
    watched.get_by_role("navigation", name="Account").get_by_role("link", name="Invoices").click()
    expect(watched.get_by_role("heading", level=1)).to_have_text("Invoices")
    seen = shown(watched)
    assert seen == [{name: invoice[name] for name in seen[0]} for invoice in facts]
    assert len(seen) == 12
    dates = [invoice["iso_date"] for invoice in seen]
    assert dates != sorted(dates)
    assert dates != sorted(dates, reverse=True)
    assert max(dates) not in (dates[0], dates[-1])


@pytest.mark.parametrize(("header", "key"), [("Date", "iso_date"), ("Invoice", "number"), ("Status", "status")])
def test_headers_sort_both_ways(watched: Page, sites: str, facts: list[dict], header: str, key: str):
    """A click on a column's header sorts by it, a second click turns the order round."""
    log_in(watched, sites)
    watched.goto(f"{sites}/portal/invoices")
    for direction in ("ascending", "descending"):
        watched.get_by_role("columnheader").get_by_role("link", name=header).click()
        expect(watched.locator(f"th[aria-sort={direction}]")).to_contain_text(header)
        values = [invoice[key] for invoice in shown(watched)]
        assert values == sorted((invoice[key] for invoice in facts), reverse=direction == "descending")


def test_invoice_downloads_as_pdf(watched: Page, sites: str, facts: list[dict], tmp_path: Path):
    """The link in the row of the latest invoice downloads that invoice: its name, its bytes, its number inside."""
    log_in(watched, sites)
    watched.goto(f"{sites}/portal/invoices")
    latest = max(facts, key=lambda invoice: invoice["iso_date"])
    row = watched.get_by_role("row").filter(has_text=latest["number"])
    with watched.expect_download() as started:
        row.get_by_role("link", name="Download PDF").click()
    assert started.value.suggested_filename == latest["file_name"]
    started.value.save_as(tmp_path / "invoice.pdf")
    content = (tmp_path / "invoice.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    for text in (latest["number"], latest["date"], latest["amount"]):
        assert text.encode() in content


def test_wrong_password_is_refused(watched: Page, sites: str):
    """Wrong credentials give one message that does not say which was wrong; the right ones work afterwards."""
    watched.goto(f"{sites}/portal/login")
    for username, password in (("demo", "guess"), ("nobody", "demo-1234")):
        watched.get_by_label("Username", exact=True).fill(username)
        watched.get_by_label("Password", exact=True).fill(password)
        with watched.expect_navigation():
            watched.get_by_role("button", name="Log in").click()
        expect(watched.get_by_role("alert")).to_have_text("Invalid username or password.")
        expect(watched.get_by_label("Username", exact=True)).to_have_value(username)
        expect(watched.get_by_label("Password", exact=True)).to_have_value("")
    log_in(watched, sites)


def test_five_wrong_tries_lock(watched: Page, sites: str):
    """After the fifth wrong try the account is locked for this visitor, whatever is sent."""
    watched.goto(f"{sites}/portal/login")
    for _ in range(5):
        watched.get_by_label("Username", exact=True).fill("demo")
        watched.get_by_label("Password", exact=True).fill("guess")
        with watched.expect_navigation():
            watched.get_by_role("button", name="Log in").click()
    expect(watched.get_by_role("alert")).to_contain_text("This account is locked after 5 failed attempts.")
    expect(watched.get_by_role("button", name="Log in")).to_be_disabled()
    reply = watched.request.post(
        f"{sites}/portal/login", form={"username": "demo", "password": "demo-1234"}, max_redirects=0
    )
    assert reply.status == 429


def test_login_returns_to_the_wanted_page(watched: Page, sites: str):
    """Someone who asks for a page while logged out gets it after logging in, query included."""
    watched.goto(f"{sites}/portal/invoices?sort=date&order=desc")
    expect(watched.get_by_role("heading", level=1)).to_have_text("Log in to your account")
    watched.get_by_label("Username", exact=True).fill("demo")
    watched.get_by_label("Password", exact=True).fill("demo-1234")
    watched.get_by_role("button", name="Log in").click()
    expect(watched).to_have_url(f"{sites}/portal/invoices?sort=date&order=desc")
    dates = [invoice["iso_date"] for invoice in shown(watched)]
    assert dates == sorted(dates, reverse=True)


def test_log_out_closes_the_door(watched: Page, sites: str):
    """After logging out the pages and the files ask for a login again."""
    log_in(watched, sites)
    watched.get_by_role("button", name="Log out").click()
    expect(watched.get_by_role("heading", level=1)).to_have_text("Log in to your account")
    for path in ("dashboard", "invoices", "profile", "invoices/BW-20476/pdf"):
        watched.goto(f"{sites}/portal/{path}")
        expect(watched).to_have_url(f"{sites}/portal/login?next=/{path}")


def test_dashboard_agrees_with_the_invoices(watched: Page, sites: str, facts: list[dict]):
    """The balance is the sum of what is not paid, and the number of unpaid invoices is right."""
    log_in(watched, sites)
    unpaid = [invoice for invoice in facts if invoice["status"] != "Paid"]
    total = sum(int(invoice["amount"].replace("$", "").replace(".", "")) for invoice in unpaid)
    expect(watched.get_by_role("main")).to_contain_text(f"${total / 100:.2f}")
    expect(watched.get_by_role("main")).to_contain_text(f"{len(unpaid)} unpaid invoices")


def test_profile_is_saved(watched: Page, sites: str):
    """A changed profile is confirmed and still there on the next visit; a broken address is refused."""
    log_in(watched, sites)
    watched.get_by_role("link", name="Profile").click()
    watched.get_by_label("Email address").fill("dana@home")
    watched.get_by_role("button", name="Save changes").click()
    expect(watched.get_by_role("alert")).to_be_visible()
    expect(watched.get_by_label("Email address")).to_have_attribute("aria-invalid", "true")
    watched.get_by_label("Email address").fill("dana@home.example")
    watched.get_by_label("Send invoices by email only").uncheck()
    watched.get_by_role("button", name="Save changes").click()
    expect(watched.get_by_role("status")).to_have_text("Your profile has been saved.")
    watched.reload()
    expect(watched.get_by_label("Email address")).to_have_value("dana@home.example")
    expect(watched.get_by_label("Send invoices by email only")).not_to_be_checked()
    expect(watched.get_by_role("status")).to_have_count(0)
