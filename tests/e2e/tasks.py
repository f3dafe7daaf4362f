"""Tasks on the bundled sites as a table: what is asked, where, and what must come of it.

Owns: the table. What is expected is taken from the sites' ``data.json`` (``truth``: name of the site -> its facts), so
that it cannot drift from what the pages show. Must not: run anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Truth = Mapping[str, Any]

LOGIN_FAILED: Final = {"login_failed": "The login credentials are incorrect or the account is locked"}
"""The mapping of the service's documents."""


@dataclass(frozen=True)
class Case:
    """One task; ``at`` is where it starts, below ``/sites/``. What is left out is not looked at."""

    at: str
    prompt: str
    output: Callable[[Truth], Any] | None = None
    """What the run's output must be."""
    shows: Callable[[Truth], list[str]] | None = None
    """Texts, in this order, that the page shows which the run ended on: what the site says it received."""
    files: Callable[[Truth], list[str]] | None = None
    """Names of the files that must have been downloaded."""
    status: str = "completed"
    reason: str = ""
    """What the failure reason must hold."""
    codes: tuple[str, ...] = ()
    """Error codes of the run."""
    request: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of the request."""
    cancel: bool = False
    """Cancel it as soon as it is at work."""
    address: str = ""
    """Where it starts, if that is no bundled site."""

    @property
    def name(self) -> str:
        return f"{self.at or self.address}: {self.prompt[:60]}"


def schema(**properties: str) -> dict[str, Any]:
    """A schema of an object with these fields, all of them required."""
    return {
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in properties.items()},
        "required": list(properties),
    }


def listed(**properties: str) -> dict[str, Any]:
    """A schema of a list of such objects."""
    return {"type": "array", "items": schema(**properties)}


def asking(wanted: dict[str, Any]) -> dict[str, Any]:
    """The request field that asks for data of that shape."""
    return {"data_extraction_schema": wanted}


def pick(entries: Any, *names: str) -> list[dict[str, Any]]:
    """Those fields of each entry."""
    return [{name: entry[name] for name in names} for entry in entries]


def amount(text: str) -> float:
    """The number of a price."""
    return float(text.strip("$").replace(",", ""))


def product(truth: Truth, name: str) -> Any:
    return next(entry for entry in truth["shop"]["products"] if entry["name"] == name)


def order(truth: Truth, number: str) -> Any:
    return next(entry for entry in truth["depot"]["orders"] if entry["number"] == number)


def project(truth: Truth, name: str) -> Any:
    return next(entry for entry in truth["board"]["projects"] if entry["name"] == name)


NEWS: Final = (
    Case("news/", "Get the title of the top post", lambda t: {"top_post_title": t["news"]["posts"][0]["title"]}),
    Case(
        "news/",
        "Find the top 3 posts on Hacker News.",
        lambda t: pick(t["news"]["posts"][:3], "title", "author"),
        request=asking(listed(title="string", author="string")),
    ),
    Case(
        "news/",
        "Get the points and the comments of the first post",
        lambda t: pick(t["news"]["posts"][:1], "points", "comments")[0],
        request=asking(schema(points="integer", comments="integer")),
    ),
    Case(
        "news/",
        "Get the titles of the posts on page 2",
        lambda t: [{"title": post["title"]} for post in t["news"]["posts"][30:60]],
        request=asking(listed(title="string")),
    ),
    Case(
        "news/",
        "Who is the author of the second post?",
        lambda t: {"author": t["news"]["posts"][1]["author"]},
        request=asking(schema(author="string")),
    ),
    Case(
        "news/",
        "Which post has the most points?",
        lambda t: {"title": max(t["news"]["posts"][:30], key=lambda post: post["points"])["title"]},
        request=asking(schema(title="string")),
    ),
    Case("news/", "Get the page title", shows=lambda t: ["Driftwood"]),
)

SHOP: Final = (
    Case(
        "shop/products",
        "Extract the name, price, and rating of the top 3 products",
        lambda t: pick(t["shop"]["products"][:3], "name", "price", "rating"),
        request=asking(listed(name="string", price="string", rating="number")),
    ),
    Case(
        "shop/products",
        "Extract product data",
        lambda t: pick(t["shop"]["products"][:12], "name", "price"),
        request=asking(listed(name="string", price="string")),
    ),
    Case(
        "shop/",
        "Search for lamp and get the name and price of the first result",
        lambda t: pick([product(t, "Linen Shade Desk Lamp")], "name", "price")[0],
    ),
    Case(
        "shop/products",
        "Sort by price from low to high and get the name of the first product",
        lambda t: {"name": min(t["shop"]["products"], key=lambda entry: amount(entry["price"]))["name"]},
        request=asking(schema(name="string")),
    ),
    Case(
        "shop/",
        "Open Kitchen and list the names of all products",
        lambda t: [{"name": entry["name"]} for entry in t["shop"]["products"] if entry["category"] == "Kitchen"],
        request=asking(listed(name="string")),
    ),
    Case(
        "shop/products",
        "Go to the next page and get the name of the last product",
        lambda t: {"name": t["shop"]["products"][-1]["name"]},
        request=asking(schema(name="string")),
    ),
    Case(
        "shop/",
        "Search for floor lamp, open the Arc Floor Lamp and get its weight and height",
        lambda t: {name.lower(): product(t, "Arc Floor Lamp")["specs"][name] for name in ("Weight", "Height")},
    ),
    Case(
        "shop/products",
        "Add the Linen Shade Desk Lamp to the cart and tell me the total",
        lambda t: {"total": f"${amount(product(t, 'Linen Shade Desk Lamp')['price']) + 4.95:.2f}"},
    ),
    Case(
        "shop/products/desk-pad",
        "Add it to the cart, go to checkout, fill in email ada@mail.example, full name Ada Lovell, street address "
        "1 Quay Street, postcode HB4 2LF, town Harrowby, choose the country United Kingdom, choose Express, "
        'enter "Ada Lovell" into Name on card, enter card number 4242 4242 4242 4242, expiry date 12/29 and security '
        "code 123, check I accept the terms and conditions and click Place order",
        shows=lambda t: ["Thank you for your order, Ada Lovell!", "Wool Felt Desk Pad", "Express", "ending in 4242"],
        request={"max_steps": 20},
    ),
    Case(
        "shop/products/neck-pillow",
        "Add the pillow to the cart",
        status="terminated",
        reason="pillow",
    ),
)

CONTACT: Final = (
    Case("contact/contact", "Fill out the contact form", shows=lambda t: ["has been sent"]),
    Case(
        "contact/",
        "Fill out the contact form with the provided data\nName: Ann Lee\nEmail: ann@lee.example\nSubject: Billing\n"
        "Message: Please send me the last bill again.",
        shows=lambda t: ["Ann Lee", "has been sent", "Billing", "Please send me the last bill again."],
    ),
    Case(
        "contact/contact",
        "Fill out the contact form with name Ann Lee and email not-an-address",
        status="terminated",
        reason="valid email address",
    ),
    Case(
        "contact/",
        "What is the price of the Team plan?",
        lambda t: {"price": t["contact"]["plans"][1]["price"]},
    ),
    Case(
        "contact/",
        "Accept cookies, open Pricing, and get the price of each plan",
        lambda t: pick(t["contact"]["plans"], "price"),
        request=asking(listed(price="string")),
    ),
    Case("contact/contact", "Get the opening hours", lambda t: {"opening_hours": t["contact"]["company"]["hours"]}),
)

PORTAL: Final = (
    Case(
        "portal/",
        "Log in and download the latest invoice",
        files=lambda t: [max(t["portal"]["invoices"], key=lambda invoice: invoice["iso_date"])["file_name"]],
    ),
    Case(
        "portal/login",
        "Log in with username demo and password wrong-one and download the latest invoice",
        status="terminated",
        codes=("login_failed",),
        reason="Invalid username or password",
        files=lambda t: [],
        request={"error_code_mapping": LOGIN_FAILED},
    ),
    Case(
        "portal/",
        "Log in, go to Profile, change the phone number to 01632 960 999 and save",
        shows=lambda t: ["Your profile has been saved."],
    ),
    Case("portal/login", "Log in and log out", shows=lambda t: ["Log in"]),
)

FORMS: Final = (
    Case(
        "forms/register",
        "Fill in the form: Full name: Ada Lovell, Email address: ada@mail.example, Phone: 01632 960 111, "
        "Website: https://ada.example, Country: Norway, Date of birth: 1990-02-03, Arrival date: 2027-05-12, "
        "Arrival time: 14:30, Number of guests: 2, Ticket: Patron, Comments: Window seat please",
        shows=lambda t: [
            "You are registered", "Ada Lovell", "ada@mail.example", "01632 960 111", "https://ada.example", "Norway",
            "1990-02-03", "2027-05-12", "14:30", f"Patron ({t['forms']['tickets']['Patron']})", "Window seat please",
        ],
    ),
    Case(
        "forms/register",
        'Enter "Bo Ek" into Full name, enter "bo@mail.example" into Email address, set Arrival date to 2027-05-10, '
        "select Student from Ticket, select Drawing maps by hand and Plant dyes from Workshops, choose No meal, "
        "check Energy and Rivers, check I accept the house rules and click Send registration",
        shows=lambda t: ["You are registered", "Bo Ek", "Student", "Drawing maps by hand, Plant dyes", "No meal",
                         "Energy, Rivers"],
    ),
    Case(
        "forms/claim",
        'Enter "Ada Lovell" into Full name, enter "M-2040" into Member number and click Continue, then '
        'enter "Oslo" into Destination, enter 2027-05-10 into First day, enter 2027-05-12 into Last day, choose '
        "Speaker and click Continue, then select EUR from Currency, enter 120 into Transport, enter 99.50 into Hotel, "
        "click Continue, then click Send claim",
        shows=lambda t: ["Your claim was sent", "Ada Lovell", "M-2040", "Oslo", "Speaker", "219.50 EUR"],
        request={"max_steps": 20},
    ),
    Case(
        "forms/rooms",
        "Choose Cedar hall from Room, type Mar into Host and choose Maria Fernandes, choose 14 May 2027 as the day, "
        "click Tables, click Catering, type Tea first into Agenda and click Book room",
        shows=lambda t: ["Your room is booked", t["forms"]["rooms"][2], "Maria Fernandes", "2027-05-14", "Tables",
                         "Yes", "Tea first"],
        request={"max_steps": 20},
    ),
    Case(
        "forms/sheet",
        "Double-click 320, type 500 and press Enter, then click Save budget",
        shows=lambda t: [f"The total is ${sum(row['amount'] for row in t['forms']['budget']) + 180}."],
    ),
    Case(
        "forms/",
        "How much is the Patron ticket?",
        lambda t: {"price": t["forms"]["tickets"]["Patron"]},
        request=asking(schema(price="string")),
    ),
)  # fmt: skip

DEPOT: Final = (
    Case(
        "depot/",
        "Type rope into Filter items and list the SKU and quantity of every item",
        lambda t: pick((item for item in t["depot"]["items"] if "Rope" in item["name"]), "sku", "quantity"),
        request=asking(listed(sku="string", quantity="integer")),
    ),
    Case(
        "depot/",
        "Sort by quantity, highest first, and get the SKU of the first item",
        lambda t: {"sku": max(t["depot"]["items"], key=lambda item: item["quantity"])["sku"]},
        request=asking(schema(sku="string")),
    ),
    Case(
        "depot/",
        "Check Only low stock and list the SKU of every item",
        lambda t: pick((item for item in t["depot"]["items"] if item["quantity"] < 10), "sku"),
        request=asking(listed(sku="string")),
    ),
    Case(
        "depot/",
        "Go to the next page and get the SKU and price of the first item",
        lambda t: pick(t["depot"]["items"][15:16], "sku", "price")[0],
        request=asking(schema(sku="string", price="string")),
    ),
    Case(
        "depot/orders",
        "Select Returned from Status, click Apply and list the orders",
        lambda t: [{"order": entry["number"]} for entry in t["depot"]["orders"] if entry["status"] == "Returned"],
        request=asking(listed(order="string")),
    ),
    Case(
        "depot/orders",
        "Get the order and customer of every order, on all pages",
        lambda t: [{"order": entry["number"], "customer": entry["customer"]} for entry in t["depot"]["orders"]],
        request=asking(listed(order="string", customer="string")),
    ),
    Case(
        "depot/orders",
        "Click QD-7307 and get the total",
        lambda t: {"total": order(t, "QD-7307")["total"]},
    ),
    Case(
        "depot/orders",
        "Sort by total, highest first, and get the customer of the first order",
        lambda t: {"customer": max(t["depot"]["orders"], key=lambda entry: amount(entry["total"]))["customer"]},
        request=asking(schema(customer="string")),
    ),
    Case("depot/orders", "Export all orders as CSV", files=lambda t: ["orders.csv"]),
    Case("depot/orders", "Click QD-7313, then download the invoice", files=lambda t: ["QD-7313.csv"]),
)

BOARD: Final = (
    Case(
        "board/projects",
        "List the projects with lead, due date and budget",
        lambda t: [
            {"project": p["name"], "lead": p["lead"], "due": p["due"], "budget": p["budget"]}
            for p in t["board"]["projects"]
        ],
        request=asking(listed(project="string", lead="string", due="string", budget="string")),
    ),
    Case(
        "board/",
        "Open Projects, open Seed library, open the Notes tab and get the budget",
        lambda t: {"budget": project(t, "Seed library")["budget"]},
    ),
    Case(
        "board/projects/reading-room",
        "Click New task, enter the title Dust the globes, select Nadia Rahman as assignee, choose High and click "
        "Create task",
        shows=lambda t: ["Dust the globes", "Nadia Rahman, high priority", "Dust the globes was added."],
    ),
    Case(
        "board/projects/seed-library",
        "Click Delete Label the drawers, then click Delete it",
        shows=lambda t: ["Print the catalogue", "Label the drawers was deleted."],
    ),
    Case(
        "board/projects/harbour-bridge",
        "Check Order the steel",
        shows=lambda t: ["Order the steel is done."],
    ),
    Case(
        "board/help",
        "Expand the question Can I undo a deletion?",
        shows=lambda t: [t["board"]["questions"][1]["answer"]],
    ),
    Case(
        "board/activity",
        'Scroll down until you see "That is all"',
        shows=lambda t: [f"{t['board']['activity'][-1]['who']} {t['board']['activity'][-1]['what']}", "That is all"],
    ),
)

CLINIC: Final = (
    Case(
        "clinic/frames/appointment",
        "Enter Ada Lovell into Patient name, select Dr. Petr Havel from Doctor, select Friday from Day and click Make "
        "appointment",
        shows=lambda t: ["Appointment made", f"for Ada Lovell with {t['clinic']['doctors'][1]['name']} on Friday"],
    ),
    Case(
        "clinic/frames/holidays",
        "Get the date of the spring holiday",
        lambda t: {"spring_holiday": t["clinic"]["holidays"]["Spring holiday"]},
        request=asking(schema(spring_holiday="string")),
    ),
    Case(
        "clinic/prices",
        "Select Tetanus from Vaccine, enter 3 into Doses, click Calculate price and get the total price",
        lambda t: {"total_price": f"${3 * t['clinic']['vaccines']['Tetanus']}"},
    ),
    Case(
        "clinic/doctors",
        "Click Show phone number of Dr. Ruth Okafor and get the phone number",
        lambda t: {"phone_number": t["clinic"]["doctors"][2]["phone"]},
    ),
)

WEATHER: Final = (
    Case("weather/", "Get the pressure", lambda t: {"pressure": t["weather"]["now"]["Pressure"]}),
    Case(
        "weather/",
        "Open Warnings, reload the page and get the level of the outer banks",
        lambda t: {"level": t["weather"]["warnings"][0]["level"]},
        request=asking(schema(level="string")),
    ),
    Case(
        "weather/stations",
        "Click Try again and list the stations with their height",
        lambda t: [{"station": s["name"], "height": s["height"]} for s in t["weather"]["stations"]],
        request=asking(listed(station="string", height="string")),
    ),
    Case(
        "weather/forecast",
        "Get the day, high and sky of all days",
        lambda t: [{name: day[name] for name in ("day", "high", "sky")} for day in t["weather"]["forecast"]],
        request=asking(listed(day="string", high="string", sky="string")),
    ),
    Case("weather/radar", "Get the price of the umbrella", status="terminated"),
)

ENDINGS: Final = (
    Case(
        "shop/products",
        "Go to page 2, open the Arc Floor Lamp, add it to the cart and check out",
        status="timed_out",
        reason="max_steps",
        request={"max_steps": 2},
    ),
    Case("news/", "Wait 60 seconds, then get the title of the top post", status="canceled", cancel=True),
    Case("", "Get the title of the top post", status="failed", address="http://127.0.0.1:9/", reason="127.0.0.1:9"),
    Case("news/", "Get the price of the blue bicycle", status="terminated", reason="bicycle"),
    Case("contact/", "Click the Delete everything button", status="terminated", reason="Delete everything"),
)

TASKS: Final = (*NEWS, *SHOP, *CONTACT, *PORTAL, *FORMS, *DEPOT, *BOARD, *CLINIC, *WEATHER, *ENDINGS)
