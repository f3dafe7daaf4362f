"""The everyday language of user interfaces: what the grammar knows about words.

Owns: the tables of verbs, roles, ordinals, numbers and superlatives. Must not: hold a
name, address or wording of any particular site.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "button": ("button",),
    "btn": ("button",),
    "link": ("link",),
    "hyperlink": ("link",),
    "url": ("link",),
    "tab": ("tab",),
    "checkbox": ("checkbox", "switch", "menuitemcheckbox"),
    "check box": ("checkbox", "switch", "menuitemcheckbox"),
    "tickbox": ("checkbox",),
    "switch": ("switch", "checkbox"),
    "toggle": ("switch", "checkbox", "button"),
    "radio": ("radio", "menuitemradio"),
    "radio button": ("radio", "menuitemradio"),
    "text box": ("textbox", "searchbox", "combobox"),
    "textbox": ("textbox", "searchbox", "combobox"),
    "text field": ("textbox", "searchbox", "combobox"),
    "text area": ("textbox",),
    "textarea": ("textbox",),
    "input": ("textbox", "searchbox", "combobox", "spinbutton"),
    "input field": ("textbox", "searchbox", "combobox", "spinbutton"),
    "input box": ("textbox", "searchbox", "combobox", "spinbutton"),
    "input textbox": ("textbox", "searchbox", "combobox"),
    "search box": ("searchbox", "textbox", "combobox"),
    "search bar": ("searchbox", "textbox", "combobox"),
    "search field": ("searchbox", "textbox", "combobox"),
    "field": ("textbox", "searchbox", "combobox", "spinbutton", "listbox"),
    "box": ("textbox", "searchbox", "combobox", "checkbox", "spinbutton"),
    "dropdown": ("combobox", "listbox", "button"),
    "drop-down": ("combobox", "listbox", "button"),
    "drop down": ("combobox", "listbox", "button"),
    "dropdown menu": ("combobox", "listbox", "button"),
    "dropdown list": ("combobox", "listbox", "button"),
    "select box": ("combobox", "listbox"),
    "list box": ("listbox", "combobox"),
    "listbox": ("listbox", "combobox"),
    "scroll list": ("listbox", "combobox"),
    "list": ("listbox", "combobox", "list"),
    "combo box": ("combobox",),
    "combobox": ("combobox",),
    "spinner": ("spinbutton",),
    "slider": ("slider",),
    "menu": ("menu", "button", "menubar", "menuitem"),
    "menu item": ("menuitem", "link", "button"),
    "item": ("menuitem", "option", "listitem", "link", "button"),
    "option": ("option", "radio", "menuitem", "checkbox"),
    "icon": ("button", "link", "img"),
    "image": ("img",),
    "picture": ("img",),
    "photo": ("img",),
    "heading": ("heading",),
    "cell": ("cell", "gridcell"),
    "widget": (),
    "element": (),
    "control": (),
    "section": ("button", "tab", "region", "heading"),
    "date picker": ("textbox", "combobox"),
}
"""What a noun says about an element's role, longest match first; () says nothing."""

ORDINALS: Final[Mapping[str, int]] = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "top": 1,
    "topmost": 1,
    "last": -1,
    "final": -1,
    "bottom": -1,
    "bottommost": -1,
    "penultimate": -2,
    "second to last": -2,
    "second-to-last": -2,
}

NUMBERS: Final[Mapping[str, int]] = {
    "a": 1,
    "an": 1,
    "one": 1,
    "once": 1,
    "two": 2,
    "twice": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
}

EXTREMES: Final[Mapping[str, tuple[str, bool]]] = {
    "latest": ("date", True),
    "newest": ("date", True),
    "most recent": ("date", True),
    "recent": ("date", True),
    "oldest": ("date", False),
    "earliest": ("date", False),
    "cheapest": ("price", False),
    "least expensive": ("price", False),
    "lowest priced": ("price", False),
    "lowest-priced": ("price", False),
    "most expensive": ("price", True),
    "priciest": ("price", True),
    "highest priced": ("price", True),
    "best rated": ("rating", True),
    "best-rated": ("rating", True),
    "highest rated": ("rating", True),
    "highest-rated": ("rating", True),
    "top rated": ("rating", True),
    "top-rated": ("rating", True),
    "worst rated": ("rating", False),
    "lowest rated": ("rating", False),
    "most popular": ("popularity", True),
    "largest": ("size", True),
    "biggest": ("size", True),
    "smallest": ("size", False),
    "longest": ("duration", True),
    "shortest": ("duration", False),
    "fastest": ("duration", False),
    "slowest": ("duration", True),
    "highest": ("", True),
    "greatest": ("", True),
    "lowest": ("", False),
    "most": ("", True),
    "fewest": ("", False),
    "least": ("", False),
}
"""Word -> (what is compared, largest wins). An empty key means the noun after it (*lowest latency*)."""

KEYS: Final[Mapping[str, str]] = {
    "enter": "Enter",
    "return": "Enter",
    "tab": "Tab",
    "escape": "Escape",
    "esc": "Escape",
    "space": "Space",
    "spacebar": "Space",
    "space bar": "Space",
    "backspace": "Backspace",
    "delete": "Delete",
    "up": "ArrowUp",
    "down": "ArrowDown",
    "left": "ArrowLeft",
    "right": "ArrowRight",
    "arrow up": "ArrowUp",
    "arrow down": "ArrowDown",
    "arrow left": "ArrowLeft",
    "arrow right": "ArrowRight",
    "up arrow": "ArrowUp",
    "down arrow": "ArrowDown",
    "left arrow": "ArrowLeft",
    "right arrow": "ArrowRight",
    "page up": "PageUp",
    "page down": "PageDown",
    "home": "Home",
    "end": "End",
}

ARTICLES: Final = frozenset(
    [
        "the",
        "a",
        "an",
        "this",
        "that",
        "these",
        "those",
        "my",
        "your",
        "our",
        "their",
        "his",
        "her",
        "its",
        "any",
        "some",
    ]
)
PRONOUNS: Final = frozenset(
    ["it", "its", "them", "their", "they", "that", "this", "one", "him", "his", "her", "these", "those"]
)
EVERY: Final = frozenset(["all", "every", "each", "both"])

_FIELD_NAMES: Final = """
    first name, given name, forename, last name, family name, surname, middle name, full name, your name, user name,
    username, user id, user, login name, nickname, display name, name, e-mail address, email address, e-mail, email,
    mail, password, passcode, pin code, pin, confirm password, repeat password, phone number, telephone number,
    mobile number, phone, telephone, mobile, tel, cell, fax, street address, address line 1, address line 2,
    address, street, house number, city, town, state, province, region, county, zip code, postal code, postcode,
    zip, country, company name, company, organisation, organization, employer, job title, position, department,
    subject line, subject, topic, title, message, comments, comment, question, enquiry, inquiry, description,
    details, feedback, body, text, notes, note, reason, budget, amount, quantity, qty, number of guests, guests,
    number, date of birth, birth date, birthday, dob, start date, end date, arrival date, departure date, check-in
    date, check-out date, check-in, check-out, date, time, age, gender, website, url, card number, credit card
    number, card holder, cardholder name, expiry date, expiration date, cvv, cvc, security code, verification code,
    code, coupon code, coupon, promo code, search term, keyword, query, from, origin, destination, departure,
    arrival, language, currency, color, colour, size, order number, invoice number, reference number, reference,
    account number, account, destination city, departure city
"""
FIELD_WORDS: Final = tuple(sorted((" ".join(name.split()) for name in _FIELD_NAMES.split(",")), key=len, reverse=True))
"""What form fields are commonly called, longest first; used to part a label from a value that follows it unquoted."""


def number_of(word: str) -> int | None:
    """Return the number ``word`` writes in digits or letters, or None."""
    bare = word.strip().lower().lstrip("#")
    if re.fullmatch(r"\d{1,9}", bare):
        return int(bare)
    return NUMBERS.get(bare)


def ordinal_of(word: str) -> int | None:
    """Return the position ``word`` names: ``3rd`` -> 3, ``last`` -> -1; None if it names none."""
    bare = word.strip().lower()
    match = re.fullmatch(r"(\d{1,4})(?:st|nd|rd|th)", bare)
    return int(match[1]) if match else ORDINALS.get(bare)
