"""Depot, board, clinic and weather: tables and files, late views, frames and shadow roots, second tries."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from mock_server.sites.board import PER_LOAD

Visitor = Callable[[], httpx.AsyncClient]


async def test_orders_are_narrowed_sorted_and_paged_by_the_server(visitor: Visitor):
    """Each order with the status is on exactly one page, and the dearest comes first when asked."""
    client = visitor()
    orders = (await client.get("depot/data.json")).json()["orders"]
    packed = [order["number"] for order in orders if order["status"] == "Packed"]
    assert len(packed) > 10
    pages = [(await client.get(f"depot/orders?status=Packed&page={page}")).text for page in (1, 2)]
    assert [sum(f">{number}<" in page for page in pages) for number in packed] == [1] * len(packed)
    dearest = max(orders, key=lambda order: float(order["total"].strip("$").replace(",", "")))
    first = (await client.get("depot/orders?sort=total&order=desc")).text.split("<tbody>")[1].split("</tr>")[0]
    assert dearest["number"] in first


async def test_files_of_the_depot_hold_what_its_pages_say(visitor: Visitor):
    """The export has a row for each order, an invoice adds up to the order's total, both have names."""
    client = visitor()
    orders = (await client.get("depot/data.json")).json()["orders"]
    export = await client.get("depot/orders.csv")
    assert export.headers["content-disposition"] == 'attachment; filename="orders.csv"'
    rows = list(csv.DictReader(io.StringIO(export.text)))
    assert [(row["Order"], row["Total"]) for row in rows] == [(order["number"], order["total"]) for order in orders]
    invoice = await client.get(f"depot/orders/{orders[2]['number']}/invoice.csv")
    assert list(csv.reader(io.StringIO(invoice.text)))[-1] == ["Total", "", orders[2]["total"]]


@pytest.mark.browser
def test_the_stock_is_narrowed_sorted_and_turned_by_its_script(watched: Page, sites: str):
    """Filter, sorting both ways, and the last page."""
    items = httpx.get(f"{sites}/depot/data.json").json()["items"]
    watched.goto(f"{sites}/depot/")
    first = watched.locator("tbody tr").first
    expect(first).to_contain_text(items[0]["sku"])
    watched.get_by_role("button", name="Quantity").click()
    watched.get_by_role("button", name="Quantity").click()
    expect(first).to_contain_text(max(items, key=lambda item: item["quantity"])["sku"])
    watched.get_by_label("Filter items").fill("rope")
    expect(watched.locator("tbody tr")).to_have_count(sum("Rope" in item["name"] for item in items))
    watched.get_by_label("Filter items").fill("")
    for _ in range(3):
        watched.get_by_role("button", name="Next").click()
    expect(watched.get_by_text("Page 4 of 4")).to_be_visible()
    expect(watched.get_by_role("button", name="Next")).to_be_disabled()


@pytest.mark.browser
def test_the_board_changes_views_without_loading(watched: Page, sites: str):
    """Links, tabs, dialogs and the back button work on one page; a new task is kept for this visitor."""
    watched.goto(f"{sites}/board/")
    watched.evaluate("() => { window.stayed = true }")
    watched.get_by_role("link", name="Projects", exact=True).click()
    watched.get_by_role("link", name="Seed library").click()
    expect(watched.get_by_role("heading", level=1)).to_have_text("Seed library")
    watched.get_by_role("button", name="New task").click()
    watched.get_by_role("button", name="Create task").click()
    expect(watched.get_by_role("alert")).to_have_text("Enter a title and choose who does it.")
    watched.get_by_label("Title").fill("Buy envelopes")
    watched.get_by_role("button", name="Create task").click()
    expect(watched.get_by_text("Buy envelopes was added.")).to_be_visible()
    watched.get_by_role("button", name="Delete Label the drawers").click()
    watched.get_by_role("button", name="Delete it").click()
    expect(watched.get_by_text("Label the drawers was deleted.")).to_be_visible()
    watched.get_by_role("tab", name="Notes").click()
    expect(watched.get_by_role("tabpanel")).to_contain_text("Members may take five bags a year.")
    watched.go_back()
    expect(watched.get_by_role("link", name="Seed library")).to_be_visible()
    assert watched.evaluate("window.stayed")
    projects = watched.evaluate(f"fetch('{sites}/board/data.json').then((answer) => answer.json())")["projects"]
    titles = [task["title"] for task in projects[2]["tasks"]]
    assert titles[-1] == "Buy envelopes"
    assert "Label the drawers" not in titles


@pytest.mark.browser
def test_the_activity_goes_on_while_one_scrolls(watched: Page, sites: str):
    """Entries come a screenful at a time until all are there."""
    total = len(httpx.get(f"{sites}/board/data.json").json()["activity"])
    watched.goto(f"{sites}/board/activity")
    entries = watched.locator("ol.activity li")
    expect(entries).not_to_have_count(0)
    while entries.count() < total:
        count = entries.count()
        assert count % PER_LOAD == 0
        watched.mouse.wheel(0, 5000)
        expect(entries).not_to_have_count(count)
    expect(watched.get_by_text("That is all")).to_be_visible()


@pytest.mark.browser
def test_the_clinic_works_through_frames_and_shadow_roots(watched: Page, sites: str):
    """An appointment is made in a frame, holidays read two frames deep, a price told in nested shadow roots."""
    watched.goto(f"{sites}/clinic/")
    frame = watched.frame_locator("iframe").first
    frame.get_by_label("Patient name").fill("Ada")
    frame.get_by_label("Doctor").select_option("Dr. Petr Havel")
    frame.get_by_label("Day").select_option("Friday")
    frame.get_by_role("button", name="Make appointment").click()
    expect(frame.get_by_role("status")).to_contain_text("for Ada with Dr. Petr Havel on Friday")
    expect(watched.frame_locator("iframe").nth(1).frame_locator("iframe").get_by_text("3 May 2027")).to_be_visible()
    watched.goto(f"{sites}/clinic/prices")
    watched.get_by_label("Vaccine").select_option("Tetanus")
    watched.get_by_label("Doses").fill("3")
    watched.get_by_role("button", name="Calculate price").click()
    expect(watched.get_by_role("status")).to_have_text("Total price: $102")


async def test_warnings_come_at_the_second_try_of_each_visitor(visitor: Visitor):
    """A visitor's first request gets a 503, the next the page; others start anew. The radar never comes."""
    ada, bob = visitor(), visitor()
    assert [(await ada.get("weather/warnings")).status_code for _ in range(3)] == [503, 200, 200]
    assert (await bob.get("weather/warnings")).status_code == 503
    assert [(await bob.get("weather/stations.json")).status_code for _ in range(2)] == [503, 200]
    assert [(await bob.get("weather/radar")).status_code for _ in range(2)] == [503, 503]


@pytest.mark.browser
def test_late_figures_arrive(watched: Page, sites: str):
    """The start page shows its figures after a while, and the stations after another try."""
    truth = httpx.get(f"{sites}/weather/data.json").json()
    watched.goto(f"{sites}/weather/")
    expect(watched.get_by_text(truth["now"]["Pressure"])).to_be_visible()
    watched.goto(f"{sites}/weather/stations")
    watched.get_by_role("button", name="Try again").click()
    expect(watched.locator("tbody tr")).to_have_count(len(truth["stations"]))
