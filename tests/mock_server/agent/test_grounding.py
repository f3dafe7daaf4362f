"""Words matched to elements, on observations made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mock_server.agent.goal import Target, parse_goal
from mock_server.agent.grounding import ground
from mock_server.agent.observation import Box, Cell, Element, Observation, Record, RecordGroup
from mock_server.agent.recognition import find_record, ground_record

TAGS = {
    "button": "button",
    "link": "a",
    "textbox": "input",
    "checkbox": "input",
    "radio": "input",
    "combobox": "select",
}


def element(key: str, role: str, name: str, **extra: Any) -> Element:
    return Element(id=key, tag=extra.pop("tag", TAGS.get(role, "div")), role=role, name=name, **extra)


def page(*elements: Element, **extra: Any) -> Observation:
    return Observation(url="http://site.test/", title="Site", elements=elements, **extra)


def target_of(prompt: str) -> Target:
    return parse_goal(prompt).intents[0].target


def best(prompt: str, observation: Observation, use: Any = "click", about: str = "") -> str:
    found = ground(target_of(prompt), observation, use, about=about).best
    return found.element.id if found else ""


SHOP = page(
    element("home", "link", "Home"),
    element("login", "link", "Sign in"),
    element("basket", "link", "Basket (2)"),
    element("search", "textbox", "Search products", input_type="search"),
    element("go", "button", "Search"),
    element("news", "checkbox", "Subscribe to our newsletter", input_type="checkbox"),
    element("send", "button", "Send message"),
    element("off", "button", "Delete account", disabled=True),
    element("text", "generic", "Search tips for beginners", interactable=False),
    element("trash", "generic", "", attributes={"class": "icon trash"}),
)


@pytest.mark.parametrize(
    ("prompt", "key"),
    [
        ("Click Home", "home"),
        ("Click the log in link", "login"),
        ("Press the cart link", "basket"),
        ("Click the Search button", "go"),
        ('Click "Search"', "go"),
        ("Click Submit", "send"),
        ("Click the trash icon", "trash"),
        ("Click the delete acount button", "off"),
        ("Click the frobnicator", ""),
    ],
)
def test_names_synonyms_and_roles_lead_to_the_element(prompt: str, key: str) -> None:
    """The element that is called so, or by another word for it, is found; nothing is found where nothing fits."""
    assert best(prompt, SHOP) == key


def test_a_real_control_is_preferred_to_text_of_the_same_name() -> None:
    """Text that cannot be acted on only counts where nothing else is called so."""
    text = element("t", "generic", "Details", interactable=False)
    assert best("Click Details", page(text, element("b", "button", "Details"))) == "b"
    assert best("Click Details", page(text)) == "t"


def test_a_quotation_is_meant_to_the_letter() -> None:
    """Of several similar names the quoted one wins, and a sentence that mentions it does not."""
    shown = page(
        element("a", "button", "OK, got it"),
        element("b", "button", "OK"),
        element("c", "generic", "Press the button OK to go on with what you wanted to do here", interactable=False),
    )
    assert best('Click "OK"', shown) == "b"


@pytest.mark.parametrize(
    ("prompt", "key"),
    [
        ("Click the second link", "b"),
        ("Click the last link", "c"),
        ("Click the 3rd link", "c"),
        ("Click the 4th link", ""),
    ],
)
def test_positions_count_in_document_order(prompt: str, key: str) -> None:
    """Ordinals count the alike in the order of the document; one that is not there is not replaced by another."""
    assert best(prompt, page(*(element(name, "link", f"Story {name}") for name in "abc"))) == key


def rows() -> Observation:
    names = ("Ann", "Bob", "Cyd")
    elements = [
        element(f"{name}-{verb}", "button", verb, context=f"{name} member {verb}")
        for name in names
        for verb in ("Edit", "Delete")
    ]
    records = tuple(
        Record(
            (Cell(name, key="name"),),
            f"{name} member Edit Delete",
            element_ids=(f"{name}-Edit", f"{name}-Delete"),
            index=index,
        )
        for index, name in enumerate(names)
    )
    return page(*elements, groups=(RecordGroup("rows", "table", records, header=("Name", "Actions")),))


def test_an_anchor_limits_the_choice_to_its_entry() -> None:
    """*In the row of Bob* means the button of that row; so does what the talk is about."""
    assert best("Click Delete in the row of Bob", rows()) == "Bob-Delete"
    assert best("Click Edit", rows(), about="Cyd") == "Cyd-Edit"


def test_without_an_anchor_equal_names_are_not_sure() -> None:
    """Names that differ little leave the choice unsure; the same name in several places does not."""
    assert not ground(
        target_of("Click Story"), page(element("a", "link", "Story one"), element("b", "link", "Story two"))
    ).sure
    assert ground(target_of("Click Delete"), rows()).sure


def test_place_words_order_by_distance() -> None:
    """*Below X* and *left of X* take the nearest on that side."""
    shown = page(
        element("above", "button", "Buy", box=Box(0, 0, 50, 20)),
        element("mark", "heading", "Lamp", interactable=False, box=Box(0, 100, 50, 20)),
        element("near", "button", "Buy", box=Box(0, 140, 50, 20)),
        element("far", "button", "Buy", box=Box(0, 400, 50, 20)),
    )
    assert best("Click the Buy button below Lamp", shown) == "near"
    assert best("Click the Buy button above Lamp", shown) == "above"


def test_fields_are_found_by_any_label() -> None:
    """Labels, placeholder, purpose and type all name a field."""
    shown = page(
        element("q", "searchbox", "", placeholder="Find anything", tag="input", input_type="search"),
        element("m", "textbox", "", labels=("Your e-mail",), input_type="email"),
        element("p", "textbox", "", autocomplete="tel", input_type="tel"),
        element("c", "textbox", "Comments", tag="textarea"),
    )
    prompts = {
        "Type x into the email field": "m",
        "Type x into the phone field": "p",
        "Type x into the message box": "c",
        "Type x into the search box": "q",
    }
    assert {prompt: best(prompt, shown, "type") for prompt in prompts} == prompts


def test_what_a_dialog_covers_is_second_choice() -> None:
    """While a dialog is open, its button is meant rather than the one under it."""
    shown = page(
        element("under", "button", "Continue", obscured=True),
        element("dialog", "button", "Continue", in_dialog=True),
        dialog_open=True,
    )
    assert best("Click Continue", shown) == "dialog"
    assert best("Click the Continue button in the dialog", shown) == "dialog"


def test_patterns_compare_the_ends_of_names() -> None:
    """*Starts with* and *ends with* read the name itself."""
    shown = page(*(element(name, "option", name) for name in ("Samoa", "San Marino", "Senegal")))
    assert best('Click the option that starts with "Sa" and ends with "ino"', shown) == "San Marino"


def invoices(*, order: tuple[int, ...] = (0, 1, 2)) -> Observation:
    days = ("2026-03-01", "2026-11-12", "2026-07-09")
    totals = ("$96.37", "$12.00", "$140.99")
    records = tuple(
        Record(
            (
                Cell(f"INV-{number}", key="number"),
                Cell(days[number], key="date", kind="date"),
                Cell(totals[number], key="amount", kind="price"),
            ),
            f"INV-{number} {days[number]} {totals[number]}",
            element_ids=(f"get-{number}",),
            index=place,
        )
        for place, number in enumerate(order)
    )
    return page(
        *(element(f"get-{number}", "link", "Download") for number in order),
        groups=(
            RecordGroup(
                "t", "table", records, header=("Number", "Date", "Amount"), title="Invoices", region="main", area=0.5
            ),
        ),
    )


@pytest.mark.parametrize(
    ("prompt", "key"),
    [
        ("Download the latest invoice", "INV-1"),
        ("Download the oldest invoice", "INV-0"),
        ("Download the cheapest invoice", "INV-1"),
        ("Download the invoice with the highest amount", "INV-2"),
        ("Download the second invoice", "second"),
        ("Download the invoice INV-2", "INV-2"),
    ],
)
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_a_superlative_compares_what_it_names(prompt: str, key: str, order: tuple[int, ...]) -> None:
    """The latest is the newest date, wherever it stands in the list."""
    found = ground_record(target_of(prompt), invoices(order=order))
    assert found is not None
    wanted = f"INV-{order[1]}" if key == "second" else key
    assert found[1].cells[0].text == wanted


def test_an_entry_is_found_by_a_rare_word_of_a_longer_phrase() -> None:
    """*The email by Bob* finds the entry that says Bob."""
    found = find_record("email by Bob", rows())
    assert found is not None
    assert found[1].text.startswith("Bob")
    assert find_record("Dora", rows()) is None


def test_grounding_is_the_same_every_time() -> None:
    """The same words on the same page give the same answer, reasons included."""
    assert ground(target_of("Click Search"), SHOP) == ground(target_of("Click Search"), replace(SHOP))
