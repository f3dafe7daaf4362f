"""Prompts in many wordings, each with the intents it must be read as."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.agent.goal import Goal, Intent, parse_goal

KINDS: list[tuple[str, list[str]]] = [
    # the documents' own prompts
    ("Get the title of the top post", ["extract"]),
    ("Find the top 3 posts on Hacker News.", ["extract"]),
    ("Extract the name, price, and rating of the top 3 products", ["extract"]),
    ("Log in and download the latest invoice", ["login", "download"]),
    ("Fill out the contact form", ["fill_form"]),
    ("Get the page title", ["extract"]),
    ("Fill out the contact form with the provided data", ["fill_form"]),
    ("Extract product data", ["extract"]),
    # clauses
    ("Open the menu, then click Settings", ["open", "click"]),
    ("Click Products and then click the first item", ["click", "click"]),
    (
        "First click Start. After that, type hello in the name field. Finally, submit the form.",
        ["click", "type", "submit"],
    ),
    ("1. Go to example.com\n2. Search for mugs\n3. Tell me the price of the first one", ["open", "search", "extract"]),
    ("- click A button\n- scroll down\n- go back", ["click", "scroll", "back"]),
    ("Step 1: open the cart. Step 2: click Checkout.", ["open", "click"]),
    ("Please could you log out?", ["logout"]),
    ("I want you to download the annual report", ["download"]),
    ("Your task is to select Blue from the colour list and press Save", ["select", "click"]),
    ("Scroll the box to the bottom hit submit", ["scroll", "click"]),
    ("After logging in, go to Invoices", ["login", "open"]),
    ("Before submitting the form, tick the terms checkbox", ["check", "submit"]),
    ('Keep clicking Next until you see "The end"', ["click"]),
    ("Use the search box to find the cheapest lamp", ["extract"]),
    # what lists must not be split into
    ("Extract name, open hours, and rating", ["extract"]),
    ("Get the email, phone and address of the office", ["extract"]),
    ("What is the price, and how many are in stock?", ["extract"]),
    ("Return the title, the author and the date", ["extract"]),
    # single verbs
    ("Press Enter", ["press_key"]),
    ("Hit the escape key", ["press_key"]),
    ("Press Submit", ["click"]),
    ("Hover over Products", ["hover"]),
    ("Wait 3 seconds", ["wait"]),
    ("Wait for the results to appear", ["wait"]),
    ("Sort by price", ["sort"]),
    ("Filter by brand Acme", ["filter"]),
    ("Go to the next page", ["next_page"]),
    ("Go to page 4", ["next_page"]),
    ("Go back", ["back"]),
    ("Reload the page", ["reload"]),
    ("Print the page as PDF", ["print"]),
    ("Save the page as a PDF", ["print"]),
    ("Upload report.pdf", ["upload"]),
    ("Drag the card A to the column Done", ["drag"]),
    ("Uncheck the newsletter box", ["uncheck"]),
    ("Check that the cart is empty", ["verify"]),
    ('Make sure the page says "Welcome"', ["verify"]),
    ("Check the price of the lamp", ["extract"]),
    ("Check the terms box", ["check"]),
    ("Close the popup", ["close"]),
    ("Add the lamp to the cart", ["operate"]),
    ("Delete the second entry", ["operate"]),
    ('Reply to Bob with "See you"', ["compose"]),
    ("Sign up with name Jane Doe and email jane@x.org", ["fill_form"]),
    ("Find the contact page and fill out the form", ["locate", "fill_form"]),
    ("Find the email by Bob and delete it", ["locate", "operate"]),
    ("Find the cheapest lamp and tell me its name", ["extract"]),
    ("Go to the pricing page to find the monthly cost", ["open", "extract"]),
    # no known verb
    ("top 3 posts", ["extract"]),
    ("The price of the lamp?", ["extract"]),
    ("Frobnicate the widget", ["operate"]),
]


@pytest.mark.parametrize(("prompt", "kinds"), KINDS, ids=[prompt[:50] for prompt, _ in KINDS])
def test_each_prompt_becomes_its_intents_in_order(prompt: str, kinds: list[str]) -> None:
    """A prompt is read as these kinds of intents, in the order in which they are to be done."""
    assert [intent.kind for intent in parse_goal(prompt).intents] == kinds


def only(prompt: str) -> Intent:
    intents = parse_goal(prompt).intents
    assert len(intents) == 1
    return intents[0]


FILLED: list[tuple[str, dict[str, str]]] = [
    (
        "Fill in the form with name Jane Doe, email jane@x.org and message 'Hi'",
        {"name": "Jane Doe", "email": "jane@x.org", "message": "Hi"},
    ),
    ("Fill out the contact form using: Name: Jane Doe, Email: jane@x.org", {"Name": "Jane Doe", "Email": "jane@x.org"}),
    (
        "Fill out the form.\nName: Jane\nMessage: Hello, how are you and yours?",
        {"Name": "Jane", "Message": "Hello, how are you and yours?"},
    ),
    ('Enter the username "ann" and the password "UT" into the text fields', {"username": "ann", "password": "UT"}),
    ('Enter jane@x.org for the email and "secret" as the password', {"email": "jane@x.org", "password": "secret"}),
    (
        "Fill in first name Jane, last name Doe and city Bonn",
        {"first name": "Jane", "last name": "Doe", "city": "Bonn"},
    ),
    ("Fill out the form with name = Jane; phone = 123-456", {"name": "Jane", "phone": "123-456"}),
    ('Register with email a@b.co and password "x, and y"', {"email": "a@b.co", "password": "x, and y"}),
    ("Fill in the form with message Hello, it is me, Jane", {"message": "Hello, it is me, Jane"}),
    ('Enter the name "Enola"', {"name": "Enola"}),
]


@pytest.mark.parametrize(("prompt", "values"), FILLED, ids=[prompt[:50] for prompt, _ in FILLED])
def test_values_are_parted_from_the_names_of_their_fields(prompt: str, values: dict[str, str]) -> None:
    """Name-value pairs come out whole, quoted or not, whatever joins them."""
    assert {value.name: value.value for value in only(prompt).fields} == values


@pytest.mark.parametrize(
    ("prompt", "value", "place"),
    [
        ("Type 'hello, world' into the search box", "hello, world", "search box"),
        ("Enter 42 in the quantity field", "42", "quantity field"),
        ("Fill the city field with Bonn", "Bonn", "city field"),
        ("Set the quantity to 3", "3", "quantity"),
        ("Change the e-mail from a@b.co to c@d.co", "c@d.co", "e-mail"),
        ('Put "note" in the "Remarks" box', "note", "Remarks box"),
        ("Type hello", "hello", ""),
    ],
)
def test_a_single_value_knows_its_place(prompt: str, value: str, place: str) -> None:
    """One value and one field, in either order."""
    intent = only(prompt)
    assert (intent.kind, intent.value, intent.target.phrase) == ("type", value, place)


TARGETS: list[tuple[str, dict[str, Any]]] = [
    (
        'Click the third "Delete" button in the row of Jane',
        {"name": "Delete", "quoted": True, "ordinal": 3, "roles": ("button",)},
    ),
    ("Click on Tab #2", {"ordinal": 2, "roles": ("tab",)}),
    ('Click the button labeled "x" in the dialog', {"name": "x", "quoted": True, "roles": ("button",)}),
    ("Click the link below the heading News", {"roles": ("link",)}),
    ("Click the last link", {"ordinal": -1, "roles": ("link",)}),
    ('Click all "Like" buttons', {"name": "Like", "every": True}),
    ('Click the item that starts with "Sa" and ends with "ino"', {"starts": "Sa", "ends": "ino"}),
    ("Click the cheapest product", {"name": "product"}),
    ("Click the menu button", {"name": "menu", "roles": ("button",)}),
    ("Click on the word 'foo'", {"name": "foo", "quoted": True}),
]


@pytest.mark.parametrize(("prompt", "facts"), TARGETS, ids=[prompt for prompt, _ in TARGETS])
def test_targets_are_parted_into_name_role_and_position(prompt: str, facts: dict[str, Any]) -> None:
    """What a thing is called, what it is and where it stands are told apart."""
    target = only(prompt).target
    assert {name: getattr(target, name) for name in facts} == facts


def test_anchors_say_where_to_look() -> None:
    """*In the row of X*, *below Y* and *next to Z* become anchors with their relation."""
    found = [
        only(f"Click the button {place}").target.anchor
        for place in ("in the row of Jane Doe", "below the picture", 'next to "Total"')
    ]
    assert [(anchor.relation, anchor.phrase) for anchor in found if anchor] == [
        ("in", "Jane Doe"),
        ("below", "picture"),
        ("near", "Total"),
    ]


@pytest.mark.parametrize(
    ("prompt", "key", "largest"),
    [
        ("Download the latest invoice", "date", True),
        ("Download the oldest report", "date", False),
        ("Buy the cheapest ticket", "price", False),
        ("Buy the ticket with the shortest duration", "duration", False),
        ("Open the highest rated product", "rating", True),
        ("Open the server with the lowest latency", "latency", False),
    ],
)
def test_superlatives_say_what_is_compared(prompt: str, key: str, largest: bool) -> None:
    """A superlative names the quantity and which end of it is wanted."""
    extreme = only(prompt).target.extreme
    assert extreme is not None
    assert (extreme.key, extreme.largest) == (key, largest)


CREDENTIALS: list[tuple[str, str, str]] = [
    ("Log in with username demo and password demo123", "demo", "demo123"),
    ("Log in as demo/demo123", "demo", "demo123"),
    ("Sign in using demo / s3cret!, then download the report", "demo", "s3cret!"),
    ("Log in (user: ann, pass: x_9)", "ann", "x_9"),
    ("Log in.\nUsername: ann@x.org\nPassword: p.a:ss", "ann@x.org", "p.a:ss"),
    ('Login as alice with the password "two words"', "alice", "two words"),
    ("Sign in with email ann@x.org and password 'a\"b'", "ann@x.org", 'a"b'),
    ("Log in. The username is wrong and the password is bad.", "wrong", "bad"),
    ("Use the credentials demo:demo123 to log in", "demo", "demo123"),
    ("Log in with the username and password", "", ""),
    ("Log in and download the latest invoice", "", ""),
]


@pytest.mark.parametrize(
    ("prompt", "username", "password"), CREDENTIALS, ids=[prompt[:45] for prompt, _, _ in CREDENTIALS]
)
def test_credentials_are_read_in_many_wordings(prompt: str, username: str, password: str) -> None:
    """User name and password are found wherever a person puts them, and never made up."""
    found = parse_goal(prompt).credentials
    assert (found.username, found.password) == (username, password)


def test_a_password_is_not_in_the_repr_of_a_goal() -> None:
    """Printing a goal's credentials does not print the password."""
    assert "hunter22" not in repr(parse_goal("Log in as bob with password hunter22").credentials)


def test_log_in_swallows_the_instructions_that_only_spell_it_out() -> None:
    """*Log in. Enter user x and password y. Press login.* is one intent."""
    goal = parse_goal(
        "Log in to the site. Enter username ann and password xyz99. Then click Log in. Then open Reports."
    )
    assert [intent.kind for intent in goal.intents] == ["login", "open"]


@pytest.mark.parametrize(
    "prompt",
    [
        "Fill in the contact form but do not submit it",
        "Fill out the form without submitting it. ",
        "Don't send the form. Fill it in with name Bob.",
    ],
)
def test_negation_keeps_a_form_from_being_sent(prompt: str) -> None:
    """A prompt that forbids sending is obeyed."""
    goal = parse_goal(prompt)
    assert [intent.submit for intent in goal.intents if intent.kind == "fill_form"] == [False]
    assert goal.forbidden


def test_a_form_is_not_sent_twice_where_the_prompt_sends_it_itself() -> None:
    """*Fill in the form and click Submit* leaves the sending to the click."""
    fill, click = parse_goal("Fill in the form with name Bob and click Submit").intents
    assert (fill.submit, click.kind) == (False, "click")


def test_conditions_belong_to_the_clause_after_them() -> None:
    """*If there is X, do Y* makes Y conditional, and *otherwise* negates it."""
    close, other, last = parse_goal(
        "If there is a cookie banner, close it, otherwise click Start. Then click Products."
    ).intents
    assert (close.condition, close.unless, other.condition, other.unless, last.condition) == (
        "cookie banner",
        False,
        "cookie banner",
        True,
        "",
    )


def test_repetition_has_its_count_or_its_end() -> None:
    """*Three times* counts, *until* names what ends it, also in a sentence of its own."""
    assert only('Click "Load more" 3 times').count == 3
    assert only('Click Next until you see "The end"').until == "The end"
    assert only('Click Next. Stop when you see "The end".').until == "The end"
    assert only('Scroll down until "Contact" appears').until == "Contact"


def test_a_phrase_before_the_verb_says_what_it_is_about() -> None:
    """*For the user X, click Y* and *find X and click Y* both look for Y at X first."""
    assert only('For the user @ann, click on the "Like" button').about == "user @ann"
    assert parse_goal("Find the email by Bob and click the star icon").intents[1].about == "email by Bob"


def test_choices_are_listed_one_by_one() -> None:
    """Selecting several things gives one choice each; *nothing* gives none."""
    assert [choice.name for choice in only("Select Brazil, Peru and Chile from the list").choices] == [
        "Brazil",
        "Peru",
        "Chile",
    ]
    assert only("Select nothing").value == "nothing"
    everything = only('Uncheck all checkboxes except "News"').choices[0]
    assert (everything.every, everything.excluded) == (True, ("News",))


def test_an_address_in_the_prompt_is_found_but_not_one_that_is_typed() -> None:
    """A prompt may say where to start; an address that is a value to fill in does not count."""
    assert parse_goal("Find the top 3 posts on https://news.test/front").url == "https://news.test/front"
    assert parse_goal("Go to localhost:8000/shop and get the title").url == "localhost:8000/shop"
    assert parse_goal("Type https://x.test into the address field").url is None


def test_unknown_wording_is_taken_with_less_confidence() -> None:
    """What the grammar doesn't know becomes the nearest intent, and says that it is unsure."""
    assert parse_goal("Frobnicate the widget").confidence < 0.5 < parse_goal("Click the widget").confidence


def test_a_question_alone_keeps_the_whole_prompt() -> None:
    """The reader gets all of the words when there is nothing but a question."""
    prompt = "Get the price of the lamp. Use dollars. Ignore sold-out ones."
    assert only(prompt).value == prompt


@pytest.mark.parametrize("prompt", ["", "   ", "\n\n", "...", "-", "'"])
def test_a_blank_prompt_has_no_intents(prompt: str) -> None:
    """Nothing is read into nothing."""
    assert not parse_goal(prompt).intents


@given(st.text(max_size=300))
@settings(max_examples=300)
def test_any_text_can_be_read(prompt: str) -> None:
    """No prompt makes the grammar raise, and reading it twice gives the same goal."""
    goal = parse_goal(prompt)
    assert isinstance(goal, Goal)
    assert goal == parse_goal(prompt)


_VOCABULARY = """
    click type enter select find get log in out if then and or , . ; : " ' the a first last 3 all except until with
    username password name email = a@b.co https://x.test into from row of next to below not do before after using
    - 1. file download
"""
_WORDS = st.sampled_from(["\n", *_VOCABULARY.split()])


@given(st.lists(_WORDS, max_size=60).map(" ".join))
@settings(max_examples=300)
def test_any_order_of_the_grammars_own_words_can_be_read(prompt: str) -> None:
    """The grammar's own words in any order are read without an error and within bounds."""
    goal = parse_goal(prompt)
    assert len(goal.intents) <= 250
    assert all(0.0 <= intent.confidence <= 1.0 for intent in goal.intents)


@pytest.mark.parametrize(
    "piece", ['"', "a and ", "find the ", "'x", "name: ", "(", "click " * 5, "if ", "with ", "0 ", "a, "]
)
def test_long_prompts_do_not_take_for_ever(piece: str) -> None:
    """Twenty thousand letters of anything are read in bounded time (the test's own limit)."""
    parse_goal(piece * (20_000 // len(piece)))
