"""The conference site: what it takes, refuses and tells, and that its own controls work by mouse and keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from mock_server.sites.site import MAX_UPLOAD_BYTES

Visitor = Callable[[], httpx.AsyncClient]

REGISTRATION = {
    "name": "Ada",
    "email": "a@b.example",
    "arrival": "2027-05-11",
    "ticket": "Regular",
    "meal": "vegan",
    "terms": "yes",
    "workshops": ["maps", "dyes"],
    "guests": "",
}
NO_FILE = {"badge_file": ("", b"")}


async def test_a_registration_tells_what_was_received(visitor: Visitor):
    """Several choices, a file's name and size, and what was left out: all is on the confirmation."""
    client = visitor()
    answer = await client.post(
        "forms/register", data=REGISTRATION, files={"badge_file": ("me.txt", b"hello")}, follow_redirects=True
    )
    assert answer.url.path.startswith("/sites/forms/registered/HC-")
    (told,) = (await client.get("forms/data.json")).json()["registrations"].values()
    assert told["Workshops"] == "Drawing maps by hand, Plant dyes"
    assert told["Photo or CV"] == "me.txt (5 bytes)"
    assert (told["Meal"], told["Ticket"], told["Phone"]) == ("Vegan", "Regular ($120)", "-")
    assert all(text in answer.text for text in ("me.txt (5 bytes)", "Drawing maps by hand, Plant dyes"))


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("name", "", "Enter your full name."),
        ("email", "a@b", "Enter an email address"),
        ("arrival", "2027-05-17", "Choose a day from 10 to 16 May 2027."),
        ("arrival", "soon", "Choose a day from 10 to 16 May 2027."),
        ("guests", "5", "At most 4 guests."),
        ("ticket", "Gold", "Choose a ticket."),
        ("website", "example", "Enter an address that starts with https://"),
        ("country", "Atlantis", "Choose a country of the list."),
        ("terms", "", "Accept the house rules."),
        ("comments", "x" * 1001, "Use at most 1000 characters."),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_kept(visitor: Visitor, field: str, value: str, problem: str):
    """Each rule holds on the server too, and the answers given are still in the form."""
    client = visitor()
    answer = await client.post("forms/register", data=REGISTRATION | {field: value}, files=NO_FILE)
    assert answer.status_code == 422
    assert problem in answer.text
    assert 'value="a@b' in answer.text
    assert (await client.get("forms/data.json")).json()["registrations"] == {}


async def test_uploads_are_bounded_and_of_this_site(visitor: Visitor):
    """Too much, an ordinary form, and a form of another origin are refused."""
    client = visitor()
    file = {"badge_file": ("big.bin", bytes(MAX_UPLOAD_BYTES))}
    assert (await client.post("forms/register", data=REGISTRATION, files=file)).status_code == 413
    assert (await client.post("forms/register", data=REGISTRATION)).status_code == 415
    foreign = {"origin": "http://evil.example"}
    answer = await client.post("forms/register", data=REGISTRATION, files=NO_FILE, headers=foreign)
    assert answer.status_code == 403


async def test_a_claim_goes_page_by_page(visitor: Visitor):
    """No page can be skipped, each is checked, and the total is that of the parts."""
    client = visitor()
    assert (await client.get("forms/claim/3")).url.path == "/sites/forms/claim/1"
    wrong = await client.post("forms/claim/1", data={"name": "Ada", "number": "12"})
    assert (wrong.status_code, "M-1234" in wrong.text) == (422, True)
    await client.post("forms/claim/1", data={"name": "Ada", "number": "M-1234"})
    trip = {"destination": "Oslo", "start": "2027-05-10", "end": "2027-05-09", "purpose": "Speaker"}
    assert "cannot be before" in (await client.post("forms/claim/2", data=trip)).text
    await client.post("forms/claim/2", data=trip | {"end": "2027-05-12"})
    review = await client.post("forms/claim/3", data={"currency": "EUR", "transport": "120", "hotel": "99.50"})
    assert review.url.path == "/sites/forms/claim/4"
    assert "219.50 EUR" in review.text
    done = await client.post("forms/claim/4", data={"sure": "yes"})
    assert done.url.path.startswith("/sites/forms/claims/EX-")
    (told,) = (await client.get("forms/data.json")).json()["claims"].values()
    assert (told["Destination"], told["Total"]) == ("Oslo", "219.50 EUR")


@pytest.mark.parametrize("sent", [None, [], {}, {"room": "Attic"}, [{"item": "x", "owner": "y", "amount": "7"}], "no"])
async def test_what_scripts_send_is_checked_too(visitor: Visitor, sent: object):
    """Nothing odd becomes a booking or a budget."""
    client = visitor()
    before = (await client.get("forms/data.json")).json()
    for path in ("forms/rooms/book", "forms/sheet/save"):
        body = json.dumps(sent)
        assert (await client.post(path, content=body, headers={"content-type": "application/json"})).status_code == 422
    assert (await client.get("forms/data.json")).json() == before


@pytest.mark.browser
def test_a_room_is_booked_with_the_custom_controls(watched: Page, sites: str):
    """List, suggestions, calendar, slider, steps, radios, switch and free text reach the server."""
    watched.goto(f"{sites}/forms/rooms")
    watched.get_by_role("combobox", name="Room").click()
    watched.get_by_role("option", name="Cedar hall").click()
    watched.get_by_role("combobox", name="Host").press_sequentially("Mar")
    expect(watched.get_by_role("option", name="Maria Fernandes")).to_be_visible()
    watched.get_by_role("option", name="Maria Fernandes").click()
    watched.get_by_role("button", name="Choose day").click()
    watched.get_by_role("button", name="Next month").click()
    watched.get_by_role("button", name="3 June 2027", exact=True).click()
    watched.get_by_role("slider").press("ArrowRight")
    watched.get_by_role("button", name="More seats").click()
    watched.get_by_role("radio", name="Tables").click()
    watched.get_by_role("switch", name="Catering").click()
    watched.get_by_role("textbox", name="Agenda").fill("Tea first")
    watched.get_by_role("button", name="Book room").click()
    expect(watched.get_by_role("heading", name="Your room is booked")).to_be_visible()
    (booking,) = watched.evaluate(f"fetch('{sites}/forms/data.json').then((answer) => answer.json())")["bookings"]
    del booking["reference"]
    assert booking == {
        "room": "Cedar hall", "host": "Maria Fernandes", "day": "2027-06-03", "minutes": 75, "seats": 7,
        "layout": "Tables", "catering": True, "agenda": "Tea first",
    }  # fmt: skip


@pytest.mark.browser
def test_the_budget_is_changed_in_its_cells(watched: Page, sites: str):
    """A double click opens a cell, Enter keeps, Escape drops, the total follows, and saving saves."""
    watched.goto(f"{sites}/forms/sheet")
    watched.get_by_role("gridcell", name="320").dblclick()
    watched.get_by_role("textbox").fill("500")
    watched.keyboard.press("Enter")
    expect(watched.locator("#total")).to_have_text("6435")
    watched.get_by_role("gridcell", name="410").dblclick()
    watched.get_by_role("textbox").fill("9")
    watched.keyboard.press("Escape")
    watched.get_by_role("button", name="Save budget").click()
    expect(watched.get_by_text("Budget saved. The total is $6435.")).to_be_visible()
