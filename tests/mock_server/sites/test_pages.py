"""What holds for every page of every site: names, labels, links, and that nothing comes from elsewhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PAGES = {
    "index": ("",),
    "news": ("news/", "news/newest", "news/ask", "news/guidelines", "news/search?q=a", "news/user/tidewater"),
    "shop": (
        "shop/",
        "shop/products",
        "shop/products/floor-lamp",
        "shop/products/neck-pillow",
        "shop/cart",
        "shop/help",
    ),
    "contact": ("contact/", "contact/about", "contact/pricing", "contact/contact", "contact/privacy"),
    "portal": ("portal/login", "portal/help"),
    "forms": ("forms/", "forms/register", "forms/claim", "forms/rooms", "forms/sheet"),
    "depot": ("depot/", "depot/orders", "depot/orders?page=2", "depot/orders/QD-7301"),
    "board": ("board/", "board/projects", "board/projects/reading-room", "board/activity", "board/help"),
    "clinic": (
        "clinic/",
        "clinic/doctors",
        "clinic/prices",
        "clinic/frames/appointment",
        "clinic/frames/hours",
        "clinic/frames/holidays",
    ),
    "weather": ("weather/", "weather/forecast", "weather/stations", "weather/radar"),
}

FRONT = (
    "", "news/", "shop/products", "contact/contact", "portal/login", "forms/register", "forms/rooms", "depot/",
    "board/projects", "clinic/", "weather/forecast",
)  # fmt: skip

FAULTS = """() => {
    const faults = [];
    const name = (element) => element.outerHTML.slice(0, 100);
    for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
        if (!field.labels.length && !field.ariaLabel) faults.push("no label: " + name(field));
    for (const image of document.images) {
        if (!image.hasAttribute("alt")) faults.push("no alt: " + name(image));
        if (!image.complete || !image.naturalWidth) faults.push("not shown: " + name(image));
    }
    for (const control of document.querySelectorAll("a, button"))
        if (!control.textContent.trim() && !control.ariaLabel && !control.querySelector("img[alt]"))
            faults.push("no name: " + name(control));
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push("twice: " + id);
    if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
    if (document.querySelectorAll("main").length !== 1) faults.push("not one main");
    if (document.documentElement.lang !== "en") faults.push("no language");
    if (!document.title.trim()) faults.push("no title");
    if (document.documentElement.scrollWidth > innerWidth) faults.push("wider than the window");
    return faults;
}"""


def faults(page: Page) -> list[str]:
    page.wait_for_load_state()
    return page.evaluate(FAULTS)


@pytest.mark.parametrize("site", PAGES)
def test_pages_are_well_made(watched: Page, sites: str, site: str):
    """Each page has a title of its own, a language, one heading; its fields have labels, its pictures show."""
    titles = []
    for path in PAGES[site]:
        watched.goto(f"{sites}/{path}")
        assert faults(watched) == [], path
        titles.append(watched.title())
    assert len(set(titles)) == len(titles)


def test_pages_behind_a_step_are_well_made(watched: Page, sites: str):
    """The same holds for checkout, its problems, thread, message and what is behind the login."""
    watched.goto(f"{sites}/shop/products/floor-lamp")
    watched.get_by_role("button", name="Add to cart").click()
    assert faults(watched) == []
    watched.get_by_role("link", name="Go to checkout").click()
    assert faults(watched) == []
    watched.evaluate("() => { document.querySelector('main form').noValidate = true }")
    watched.get_by_role("button", name="Place order").click()
    expect(watched.get_by_role("alert")).to_be_visible()
    assert faults(watched) == []
    watched.goto(f"{sites}/news/")
    watched.get_by_role("link", name="comments").nth(3).click()
    expect(watched.get_by_role("region", name="Comments")).to_be_visible()
    assert faults(watched) == []
    watched.goto(f"{sites}/portal/login")
    watched.get_by_label("Username", exact=True).fill("demo")
    watched.get_by_label("Password", exact=True).fill("demo-1234")
    watched.get_by_role("button", name="Log in").click()
    for path in ("dashboard", "invoices", "profile"):
        watched.goto(f"{sites}/portal/{path}")
        assert faults(watched) == [], path


@pytest.mark.parametrize("site", [*(site for site in PAGES if site != "index"), "."])
def test_unknown_page_says_so(watched: Page, sites: str, site: str):
    """A wrong address gives 404 with a page in the style of the site, which leads back."""
    reply = watched.goto(f"{sites}/{site}/no-such-page")
    assert reply
    assert reply.status == 404
    expect(watched.get_by_role("heading", level=1)).to_have_text("Page not found")
    assert faults(watched) == []
    with watched.expect_navigation() as onward:
        watched.get_by_role("main").get_by_role("link").click()
    assert onward.value
    assert onward.value.ok


@pytest.mark.parametrize("width", [1920, 800, 390])
def test_front_pages_fit_the_window(watched: Page, sites: str, width: int):
    """The first page of each site needs no sideways scrolling, on a desktop or a phone."""
    watched.set_viewport_size({"width": width, "height": 800})
    for path in FRONT:
        watched.goto(f"{sites}/{path}")
        assert watched.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), path
