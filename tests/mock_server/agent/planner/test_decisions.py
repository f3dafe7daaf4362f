"""What the planner decides, on pages made by hand; nothing here needs a browser."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.agent.goal import Goal, parse_goal
from mock_server.agent.observation import Box, Cell, Element, Line, Observation, Option, Record, RecordGroup
from mock_server.agent.planner import Decision, Memory, decide, note, remember, with_offer

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


def page(
    *elements: Element, title: str = "Site", url: str = "http://site.test/a", lines: tuple[str, ...] = (), **extra: Any
) -> Observation:
    shown = tuple(Line(text, "paragraph") for text in lines)
    return Observation(url=url, title=title, elements=elements, lines=shown, **extra)


def planned(prompt: str, shown: Observation, memory: Memory | None = None) -> list[tuple[str, str, str | None]]:
    """The moves of the next decision as (action, element, text)."""
    decision = decide(parse_goal(prompt), shown, memory or Memory())
    return [(move.action.action_type, move.action.element_id or "", move.action.text) for move in decision.moves]


def act_out(
    goal: Goal, shown: Observation, memory: Memory, decision: Decision, *, after: str = "", changed: bool = True
) -> Memory:
    """The memory after all moves of a decision worked."""
    memory = with_offer(goal, shown, note(memory, decision))
    for move in decision.moves:
        memory = remember(memory, move, ok=True, effect="", before=shown.url, after=after or shown.url, changed=changed)
    return memory


FORM = page(
    element("name", "textbox", "Your name *", required=True, form="f"),
    element("mail", "textbox", "E-mail", input_type="email", required=True, form="f"),
    element("phone", "textbox", "Phone (optional)", form="f"),
    element(
        "topic",
        "combobox",
        "Topic",
        required=True,
        form="f",
        options=(Option("Choose", "", selected=True), Option("Sales", "s"), Option("Help", "h")),
    ),
    element("text", "textbox", "Message", tag="textarea", form="f"),
    element("ok", "checkbox", "I agree to the terms", input_type="checkbox", required=True, checked=False, form="f"),
    element("ads", "checkbox", "Send me offers", input_type="checkbox", checked=False, form="f"),
    element("reset", "button", "Reset", input_type="reset", form="f"),
    element("send", "button", "Send", input_type="submit", form="f"),
    element("q", "searchbox", "Search", tag="input", input_type="search", form="s"),
    title="Contact us",
)


def test_a_form_without_data_gets_samples_for_what_it_needs() -> None:
    """Required and obvious fields are filled, the others left alone, and the form is sent."""
    decision = decide(parse_goal("Fill out the contact form"), FORM, Memory())
    moves = [(move.action.action_type, move.action.element_id, move.sample) for move in decision.moves]
    assert moves == [
        ("input_text", "name", True),
        ("input_text", "mail", True),
        ("select_option", "topic", True),
        ("input_text", "text", True),
        ("checkbox", "ok", True),
        ("click", "send", False),
    ]
    assert "sample" in decision.reasoning


def test_given_data_goes_into_its_fields_and_only_the_rest_is_sampled() -> None:
    """What the prompt gives is used as it is; a required field it says nothing of gets a sample."""
    decision = decide(
        parse_goal("Fill out the contact form with name Ann Lee, email ann@x.org, topic Help and message Hi there"),
        FORM,
        Memory(),
    )
    given_values = {
        move.action.element_id: (move.action.text or move.values[0]) for move in decision.moves[:-1] if not move.sample
    }
    assert given_values == {"name": "Ann Lee", "mail": "ann@x.org", "topic": "Help", "text": "Hi there"}
    assert [move.action.element_id for move in decision.moves if move.sample] == ["ok"]


def test_a_value_the_form_has_no_field_for_is_not_dropped_in_silence() -> None:
    """Data that fits nowhere ends the run with a reason that names it."""
    decision = decide(parse_goal("Fill out the contact form with name Ann and shoe size: 44"), FORM, Memory())
    assert (decision.verdict, decision.ending) == ("end", "terminated")
    assert "shoe size" in decision.reasoning


def test_a_full_name_is_parted_where_the_form_asks_for_its_parts() -> None:
    """*Name: Jane Doe* fills first and last name."""
    shown = page(
        element("first", "textbox", "First name", form="f"),
        element("last", "textbox", "Last name", form="f"),
        element("go", "button", "Send", form="f"),
    )
    moves = planned("Fill in the form with name Jane van Doe", shown)
    assert [(key, text) for action, key, text in moves if action == "input_text"] == [
        ("first", "Jane"),
        ("last", "van Doe"),
    ]


def test_a_form_is_not_sent_where_the_prompt_forbids_it() -> None:
    """Filling ends with the last field."""
    moves = planned("Fill out the contact form but do not submit it", FORM)
    assert moves
    assert all(action != "click" for action, _, _ in moves)


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        (("Thank you. Your message has been sent.",), ("end", "completed")),
        (("Your message could not be sent: the e-mail is invalid.",), ("end", "terminated")),
    ],
)
def test_what_the_page_says_decides_whether_a_form_was_accepted(
    lines: tuple[str, ...], verdict: tuple[str, str]
) -> None:
    """A confirmation completes, a refusal ends with the page's words."""
    goal = parse_goal("Fill out the contact form with name Ann, email ann@x.org, topic Help, message Hello")
    memory = act_out(goal, FORM, Memory(), decide(goal, FORM, Memory()))
    shown = replace(FORM, lines=tuple(Line(text, "paragraph") for text in lines))
    decision = decide(goal, shown, memory)
    assert (decision.verdict, decision.ending) == verdict
    assert lines[0] in decision.reasoning or any(lines[0] in reason for _, reason in decision.skipped)


def test_a_form_that_shows_no_reaction_is_not_called_sent() -> None:
    """No confirmation, no error, no other page: the run does not claim success."""
    goal = parse_goal("Fill out the contact form")
    filled = replace(
        FORM,
        elements=tuple(replace(one, value="x") if one.tag in ("input", "textarea") else one for one in FORM.elements),
    )
    memory = act_out(goal, FORM, Memory(), decide(goal, FORM, Memory()))
    decision = decide(goal, filled, memory)
    assert (decision.verdict, decision.ending) == ("end", "terminated")


def test_typing_choosing_and_pressing_are_one_step() -> None:
    """As long as the page stays as it was seen, one look serves several instructions; the click ends the step."""
    moves = planned(
        "Enter Ann as the name, select Help from the topic list, tick the terms box and click Send. Then click Search.",
        FORM,
    )
    assert [(action, key) for action, key, _ in moves] == [
        ("input_text", "name"),
        ("select_option", "topic"),
        ("checkbox", "ok"),
        ("click", "send"),
    ]


LOGIN = page(
    element("user", "textbox", "User name", form="f"),
    element("pass", "textbox", "Password", input_type="password", form="f"),
    element("in", "button", "Sign in", input_type="submit", form="f"),
    title="Sign in",
    lines=("Welcome back",),
)


def test_logging_in_fills_the_form_and_hides_the_password() -> None:
    """User name and password go into their fields; what is told of the password is a mask."""
    decision = decide(parse_goal("Log in with username ann and password hunter22"), LOGIN, Memory())
    assert [(move.action.action_type, move.action.element_id) for move in decision.moves] == [
        ("input_text", "user"),
        ("input_text", "pass"),
        ("click", "in"),
    ]
    assert decision.moves[1].text == "hunter22"
    assert not any("hunter22" in f"{move.action.text} {move.action.reasoning}" for move in decision.moves)


def test_without_credentials_the_run_ends_and_says_where_to_put_them() -> None:
    """Credentials are never invented."""
    decision = decide(parse_goal("Log in and download the latest invoice"), LOGIN, Memory())
    assert (decision.verdict, decision.ending) == ("end", "terminated")
    assert "prompt" in decision.reasoning


@pytest.mark.parametrize(
    "lines",
    [
        ("Demo access: username guest, password guest-1",),
        ("Username: guest", "Password: guest-1"),
        ("Try it: guest / guest-1",),
        ("Log in as guest/guest-1 to look around",),
    ],
)
def test_credentials_the_page_openly_offers_are_used(lines: tuple[str, ...]) -> None:
    """What a page shows to everyone may be used, in whatever form it is written."""
    shown = replace(LOGIN, lines=tuple(Line(text, "paragraph") for text in lines))
    decision = decide(parse_goal("Log in"), shown, Memory())
    texts = [move.text for move in decision.moves if move.action.action_type == "input_text"]
    assert texts == (["guest", "guest-1"] if not lines[0].startswith("Try") else texts)
    assert decision.verdict == ("act" if texts else "end")


def test_a_refused_login_ends_with_the_pages_own_words() -> None:
    """The site's message is the reason, and evidence for the caller's error codes."""
    goal = parse_goal("Log in with username ann and password wrong-one")
    memory = act_out(goal, LOGIN, Memory(), decide(goal, LOGIN, Memory()))
    refused = replace(LOGIN, lines=(Line("Invalid username or password.", "alert"),))
    decision = decide(goal, refused, memory)
    assert (decision.verdict, decision.ending) == ("end", "terminated")
    assert "Invalid username or password." in decision.reasoning
    assert decision.evidence


def test_someone_already_logged_in_need_not_log_in() -> None:
    """A page that offers to log out is proof enough."""
    shown = page(element("out", "link", "Log out"), element("inv", "link", "Invoices"))
    decision = decide(parse_goal("Log in and download the latest invoice"), shown, Memory())
    assert decision.skipped[0][0] == 0
    assert [move.action.element_id for move in decision.moves] == ["inv"]


def invoices(*elements: Element) -> Observation:
    days = ("12 Jan 2026", "9 Nov 2026", "3 Aug 2026")
    records = tuple(
        Record(
            (Cell(f"A-{index}"), Cell(day, key="Date", kind="date")),
            f"Invoice A-{index} {day}",
            element_ids=(f"get{index}",),
            index=index,
        )
        for index, day in enumerate(days)
    )
    links = tuple(element(f"get{index}", "link", "PDF", href=f"http://site.test/a{index}.pdf") for index in range(3))
    group = RecordGroup(
        "g", "table", records, header=("Invoice", "Date", ""), title="Invoices", region="main", area=0.6
    )
    return page(*elements, *links, title="Invoices", groups=(group,))


def test_the_latest_is_the_one_with_the_newest_date() -> None:
    """Not the first of the list, but the newest."""
    moves = planned("Download the latest invoice", invoices())
    assert [(action, key) for action, key, _ in moves] == [("download_file", "get1")]


def test_a_list_of_something_else_is_not_taken_for_the_one_that_is_meant() -> None:
    """A page of products hands out no invoice; the way is looked for, and without one the run says what it saw."""
    products = replace(
        invoices(),
        title="Products",
        groups=(
            replace(
                invoices().groups[0],
                title="Products",
                header=(),
                records=(
                    Record((Cell("Lamp"),), "Lamp manual", element_ids=("get0",)),
                    Record((Cell("Mug"),), "Mug manual", element_ids=("get1",), index=1),
                ),
            ),
        ),
    )
    decision = decide(parse_goal("Download the latest invoice"), products, Memory())
    assert decision.ending == "terminated" or all(move.explores for move in decision.moves)


def test_exploring_follows_words_and_never_loops() -> None:
    """A link called like what is wanted is followed once; then the run gives up and names what it saw."""
    shown = page(
        element("bills", "link", "Billing & invoices", href="http://site.test/bills"),
        element("out", "link", "Delete account", href="http://site.test/x"),
    )
    goal = parse_goal("Download the latest invoice")
    first = decide(goal, shown, Memory())
    assert [move.action.element_id for move in first.moves] == ["bills"]
    memory = act_out(goal, shown, Memory(), first, after="http://site.test/bills")
    again = decide(goal, replace(shown, url="http://site.test/bills"), replace(memory, visited=("http://site.test/a",)))
    assert (again.verdict, again.ending) == ("end", "terminated")
    assert "Billing & invoices" in again.reasoning


def test_a_condition_that_is_not_met_skips_its_instruction() -> None:
    """*If there is a cookie banner, close it* does nothing where there is none."""
    shown = page(element("p", "link", "Products"), element("x", "button", "Close"))
    assert [key for _, key, _ in planned("If there is a cookie banner, close it. Click Products.", shown)] == ["p"]


def test_until_ends_when_it_is_seen() -> None:
    """Clicking goes on until the words are there, and not for ever."""
    goal = parse_goal('Click Next until you see "The end"')
    shown = page(element("n", "button", "Next"))
    memory = Memory()
    for _ in range(3):
        decision = decide(goal, shown, memory)
        assert [move.action.element_id for move in decision.moves] == ["n"]
        memory = act_out(goal, shown, memory, decision)
    assert decide(goal, replace(shown, lines=(Line("The end", "paragraph"),)), memory).ending == "completed"


def test_the_same_move_without_effect_is_not_made_for_ever() -> None:
    """After three tries that changed nothing the run ends and says so."""
    goal = parse_goal('Click Next until you see "The end"')
    shown, memory = page(element("n", "button", "Next")), Memory()
    for _ in range(3):
        memory = act_out(goal, shown, memory, decide(goal, shown, memory), changed=False)
    decision = decide(goal, shown, memory)
    assert (decision.verdict, decision.ending) == ("end", "terminated")
    assert "did not react" in decision.reasoning


def test_what_is_ticked_already_is_left_alone() -> None:
    """Ticking a ticked box would untick it."""
    shown = page(element("a", "checkbox", "News", checked=True), element("b", "checkbox", "Offers", checked=False))
    assert planned("Check the News box", shown) == []
    assert [key for _, key, _ in planned("Check all boxes", shown)] == ["b"]
    assert [key for _, key, _ in planned("Uncheck all boxes", shown)] == ["a"]


def test_a_page_that_repeats_the_prompt_is_not_misled_by_it() -> None:
    """Text that echoes the whole task names nothing on the page."""
    prompt = "Click the button Blue whale and nothing else"
    shown = page(
        element("echo", "generic", prompt, text=prompt, interactable=False),
        element("b", "button", "Blue whale"),
        lines=(prompt,),
    )
    assert [key for _, key, _ in planned(prompt, shown)] == ["b"]


def test_a_disabled_target_is_reported_instead_of_clicked() -> None:
    """A control that can't be used ends the run with that reason."""
    decision = decide(parse_goal("Click Buy"), page(element("b", "button", "Buy", disabled=True)), Memory())
    assert decision.ending == "terminated"
    assert "disabled" in decision.reasoning


def test_what_is_not_on_the_page_is_said_with_what_is() -> None:
    """The reason helps: it names what was looked for and what there is."""
    decision = decide(
        parse_goal("Click Frobnicate"), page(element("a", "link", "About"), element("b", "link", "Help")), Memory()
    )
    assert decision.ending == "terminated"
    assert all(word in decision.reasoning for word in ("Frobnicate", "About", "Help"))


_NAMES = st.sampled_from(
    [
        "",
        "Log in",
        "Search",
        "Next",
        "Name",
        "Password",
        "Invoices",
        "Submit",
        "Menu",
        "x",
        "Add to cart",
        "Download PDF",
        "E-mail",
    ]
)
_ROLES = st.sampled_from(
    [
        "button",
        "link",
        "textbox",
        "checkbox",
        "radio",
        "combobox",
        "tab",
        "generic",
        "option",
        "slider",
        "file",
        "searchbox",
    ]
)


@st.composite
def elements(draw: st.DrawFn) -> Element:
    role = draw(_ROLES)
    return Element(
        id=draw(st.text("abcdef", min_size=1, max_size=3)),
        tag=TAGS.get(role, "div"),
        role=role,
        name=draw(_NAMES),
        input_type=draw(st.sampled_from(["", "password", "checkbox", "search", "file", "submit"])),
        value=draw(st.sampled_from(["", "x"])),
        href=draw(st.sampled_from(["", "http://site.test/b", "http://site.test/c.pdf", "#"])),
        form=draw(st.sampled_from(["", "f", "g"])),
        options=draw(st.sampled_from([(), (Option("One", "1"), Option("Two", "2", selected=True))])),
        checked=draw(st.sampled_from([None, True, False])),
        expanded=draw(st.sampled_from([None, None, False, True])),
        disabled=draw(st.booleans()),
        required=draw(st.booleans()),
        invalid=draw(st.booleans()),
        interactable=draw(st.booleans()),
        in_dialog=draw(st.booleans()),
        context=draw(st.sampled_from(["", "Jane row", "Invoices"])),
        box=Box(0, draw(st.integers(0, 900)), 10, 10),
    )


@st.composite
def pages(draw: st.DrawFn) -> Observation:
    shown = tuple(draw(st.lists(elements(), max_size=8)))
    records = tuple(
        Record((Cell(text),), text, element_ids=tuple(one.id for one in shown[:2]), index=index)
        for index, text in enumerate(draw(st.lists(st.sampled_from(["Invoice 1 Jan 2026 $3", "Jane", ""]), max_size=3)))
    )
    groups = (RecordGroup("g", "list", records, title="Invoices"),) if records else ()
    lines = tuple(
        Line(text, draw(st.sampled_from(["paragraph", "alert", "heading"])))
        for text in draw(st.lists(_NAMES, max_size=3))
    )
    return Observation(
        url=draw(st.sampled_from(["http://site.test/a", "http://site.test/b"])),
        title=draw(_NAMES),
        elements=shown,
        lines=lines,
        groups=groups,
        page_height=draw(st.sampled_from([100.0, 5000.0])),
        dialog_open=draw(st.booleans()),
    )


_PROMPTS = st.sampled_from(
    [
        "Log in and download the latest invoice",
        "Log in with username a and password b, then open Invoices",
        "Fill out the contact form",
        "Fill in the form with name Jane and email a@b.co",
        'Click Next until you see "x"',
        "Search for mugs and add the first one to the cart",
        "Select Two from the list, tick the box and submit",
        "Download all invoices",
        "Find Jane and click her e-mail",
        "Expand the sections and click Name",
        "If there is a menu, close it, otherwise scroll to the bottom",
        "Sort by price, filter by Name, go to page 2, go back, reload, wait 1 s, press Enter, hover over Menu",
        'Reply to Jane with "hi" and drag Name to Menu and upload x.pdf',
        "Type it into Name. Uncheck everything except x. Make sure that Menu is there. Print the page.",
        "Get the title",
        "Log out",
    ]
)


@given(_PROMPTS, st.lists(pages(), min_size=1, max_size=4), st.lists(st.booleans(), min_size=4, max_size=4))
@settings(max_examples=250)
def test_on_any_pages_the_planner_comes_to_an_end(prompt: str, shown: list[Observation], luck: list[bool]) -> None:
    """Whatever the pages are like and whether moves work or not, every run ends within a bounded number of steps."""
    goal, memory = parse_goal(prompt), Memory()
    for step in range(400):
        here = shown[step % len(shown)]
        decision = decide(goal, here, memory)
        assert decision == decide(goal, here, memory)
        if decision.verdict == "end":
            assert decision.ending in ("completed", "terminated")
            assert decision.reasoning
            return
        assert decision.moves
        memory = with_offer(goal, here, note(memory, decision))
        for move in decision.moves:
            assert move.action.reasoning
            worked = luck[step % len(luck)]
            memory = remember(memory, move, ok=worked, effect="", before=here.url, after=here.url, changed=worked)
    raise AssertionError(f"{prompt!r} did not end in 400 steps; last: {decision.reasoning}")


@given(st.text(max_size=80), pages())
@settings(max_examples=200)
def test_any_prompt_on_any_page_gives_a_decision(prompt: str, shown: Observation) -> None:
    """No text and no page make the planner raise."""
    decision = decide(parse_goal(prompt), shown, Memory())
    assert decision.verdict in ("act", "end")


def test_parts_of_what_is_to_be_shown_are_set_where_the_page_filters_by_them():
    """A choice of a list and a box are both set, when both are words of the one phrase."""
    shown = page(
        element("where", "combobox", "Where", options=(Option("Anywhere", ""), Option("Bergen", "b"))),
        element("full", "checkbox", "Full-time only", checked=False),
        element("remote", "checkbox", "Remote only", checked=False),
    )
    moves = planned("Show only full-time jobs in Bergen and list their titles", shown)
    assert [(kind, key) for kind, key, _ in moves] == [("select_option", "where"), ("checkbox", "full")]


def test_a_list_that_takes_no_text_is_opened():
    """A combobox that is no field is chosen from, even where the prompt says *set*."""
    shown = page(element("lang", "combobox", "Language", tag="div", expanded=False))
    assert planned("Set the language to Magyar", shown)[0][:2] == ("click", "lang")


def test_a_choice_is_found_by_the_plain_text_before_it():
    """*The dark theme* is the choice *Dark* in the row that begins with *Theme*; the row itself is no choice."""
    row = Box(0, 0, 400, 20)
    shown = page(
        element("row", "paragraph", "Theme: Light Dark", tag="p", interactable=False, box=row),
        element("light", "radio", "Light", checked=True, box=Box(60, 0, 20, 20), labels=("Light",)),
        element("dark", "radio", "Dark", checked=False, box=Box(120, 0, 20, 20), labels=("Dark",)),
    )
    assert planned("Choose the dark theme", shown)[0][:2] == ("checkbox", "dark")


def test_the_way_to_the_checkout_leads_over_the_basket():
    """Where no checkout is in sight, the basket is where shops let people pay."""
    shown = page(element("teas", "link", "Teas"), element("cart", "link", "Basket (1)"))
    assert planned("Check out with name Ida Moor and town Whitby", shown)[0][:2] == ("click", "cart")


def test_what_is_set_beside_a_text_is_set_before_it_is_sent():
    """A reply waits for the state that the next words give it."""
    kinds = [intent.kind for intent in parse_goal('Reply "Done." and set the state to Closed').intents]
    assert kinds == ["compose", "type", "submit"]


def test_a_name_with_and_in_it_is_one_field():
    """*Street and number* stays together where the form has a field of that name."""
    shown = page(
        element("name", "textbox", "Name", form="f"),
        element("street", "textbox", "Street and number", form="f"),
        element("go", "button", "Send", form="f", input_type="submit"),
    )
    filled = {key: text for _, key, text in planned("Fill in name Ida Moor, street and number 7 Low Lane", shown)}
    assert filled["street"] == "7 Low Lane"


def test_the_question_that_is_asked_is_unfolded_first():
    """Of several folded questions the one with the most words of the prompt is opened."""
    shown = page(
        element("a", "button", "How do I pay?", expanded=False),
        element("b", "button", "Do you ship to Ireland?", expanded=False),
    )
    assert planned("Do they ship to Ireland?", shown)[0][:2] == ("click", "b")
