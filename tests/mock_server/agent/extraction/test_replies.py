"""Answers from what a page asks and answers itself, and from entries told by an extreme, a state or a role."""

from __future__ import annotations

import pytest

from mock_server.agent.extraction import extract, parse_request
from mock_server.agent.extraction.replies import reply_to
from mock_server.agent.observation import Cell, Fact, Line, Observation, Record, RecordGroup

ASKED = Observation(
    url="http://site.test/help",
    title="Help",
    lines=(
        Line("Questions", "heading", level=1),
        Line("Do you post to Malta?", "paragraph"),
        Line("Yes. It takes nine days.", "paragraph"),
        Line("Can I send back worn boots?", "paragraph"),
        Line("We can't take back boots that were worn. New ones can come back.", "paragraph"),
        Line("How long do the soles last?", "paragraph"),
        Line("About two winters.", "paragraph"),
        Line("Is there a repair service?", "paragraph"),
        Line("Where do you make them?", "paragraph"),
        Line("In Porto.", "paragraph"),
    ),
)


def yes_or_no(name: str) -> dict[str, object]:
    return {"type": "object", "properties": {name: {"type": "boolean"}}, "required": [name]}


def boots(*rows: dict[str, str]) -> Observation:
    """Return a page with a table of these rows."""
    records = tuple(
        Record(
            tuple(Cell(text, key=name, path=name) for name, text in row.items()), " ".join(row.values()), index=number
        )
        for number, row in enumerate(rows)
    )
    group = RecordGroup("table>tr", "table", records, title="Boots", area=0.3, header=tuple(rows[0]))
    return Observation(url="http://site.test/boots", title="Boots", groups=(group,))


@pytest.mark.parametrize(
    ("prompt", "name", "so"),
    [
        ("Do they post to Malta?", "posts_to_malta", True),
        ("Can worn boots be sent back?", "worn_boots_can_be_sent_back", False),
    ],
)
def test_a_question_of_the_page_is_answered_by_its_reply(prompt, name, so):
    """The reply's first word, or a first sentence that denies it, makes the yes or no."""
    assert extract(parse_request(prompt, yes_or_no(name)), ASKED).output == {name: so}


def test_a_question_without_a_reply_is_not_answered():
    """A question that nothing follows says neither yes nor no, and the next question is no reply to it."""
    answer = extract(parse_request("Is there a repair service?", yes_or_no("repair_service")), ASKED)
    assert not answer.found


def test_a_question_is_never_the_answer():
    """The reply is told, not the question that has the same words."""
    schema = {"type": "object", "properties": {"soles_last": {"type": "string"}}, "required": ["soles_last"]}
    answer = extract(parse_request("Find out how long the soles last", schema), ASKED)
    assert answer.output == {"soles_last": "About two winters."}


def test_another_question_is_not_replied_to():
    """Half of the words are another question."""
    assert reply_to("Do they post to Japan?", ASKED) == ""
    assert reply_to("Where do they make them?", ASKED) == "In Porto."


def test_two_questions_are_about_one_entry():
    """The second question is about the answer to the first, not about the first entry of the list."""
    page = boots(
        {"Model": "Tarn", "Weight": "900 g", "Maker": "Lund"},
        {"Model": "Scree", "Weight": "1,400 g", "Maker": "Oss"},
        {"Model": "Fell", "Weight": "1,100 g", "Maker": "Lund"},
    )
    answer = extract(parse_request("Which model has the highest weight and who is its maker?"), page)
    assert list(answer.output.values()) == ["Scree", "Oss"]


def test_an_extreme_without_a_measure_is_not_guessed():
    """Where nothing says which is the heaviest, the first one is no answer."""
    page = boots(
        {"Model": "Tarn", "Maker": "Lund"}, {"Model": "Scree", "Maker": "Oss"}, {"Model": "Fell", "Maker": "Oss"}
    )
    schema = {"type": "object", "properties": {"model": {"type": "string"}}, "required": ["model"]}
    assert not extract(parse_request("What is the heaviest model?", schema), page).found


def test_the_oldest_goes_by_a_column_of_years():
    """A column that holds nothing but years orders entries that have no dates."""
    page = boots(
        {"Model": "Tarn", "Since": "2011"}, {"Model": "Scree", "Since": "1998"}, {"Model": "Fell", "Since": "2020"}
    )
    schema = {"type": "object", "properties": {"model": {"type": "string"}}, "required": ["model"]}
    assert extract(parse_request("Which model is the oldest?", schema), page).output == {"model": "Scree"}


@pytest.mark.parametrize(
    "prompt",
    [
        "List the models that are discontinued",
        "Show all discontinued models first, then list their names",
        "Which models are discontinued?",
    ],
)
def test_what_entries_are_like_is_a_condition(prompt):
    """Entries that are not like that are left out, however it is said."""
    page = boots(
        {"Model": "Tarn", "Status": "on sale"},
        {"Model": "Scree", "Status": "discontinued"},
        {"Model": "Fell", "Status": "on sale"},
    )
    answer = extract(parse_request(prompt), page)
    assert "Scree" in str(answer.output)
    assert "Tarn" not in str(answer.output)


STAFF = boots(
    {"Name": "Ada Okoro", "Role": "Head of acoustics", "Mail": "ada@quill.test"},
    {"Name": "Lin Wei", "Role": "Director", "Mail": "lin@quill.test"},
    {"Name": "Greta Moll", "Role": "Office manager", "Mail": "greta@quill.test"},
)


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("What is the mail of the office manager?", "greta@quill.test"),
        ("Who is the director?", "Lin Wei"),
    ],
)
def test_somebody_is_told_by_the_role_of_one_entry(prompt, told):
    """The entry whose cell is just that role is meant, not the first of the list."""
    assert list(extract(parse_request(prompt), STAFF).output.values()) == [told]


@pytest.mark.parametrize(
    "prompt",
    [
        "Which name has written the most letters?",
        "What model is used the least?",
        "How many people are retired?",
    ],
)
def test_what_is_not_understood_of_a_question_is_no_reason_to_tell_the_first(prompt):
    """An extreme that was not read, or a state that no entry has, gives no answer."""
    assert not extract(parse_request(prompt), STAFF).found


@pytest.mark.parametrize(
    ("prompt", "fields"),
    [
        ("How heavy is it?", ("weight",)),
        ("How long does the soup take to cook?", ("cook time",)),
        ("How many stars and forks does it have?", ("stars", "forks")),
        ("Who wrote the recipe and when was it updated?", ("author", "date")),
        ("How much VAT is charged?", ("VAT",)),
        ("On which shelf is Moss and Fern?", ("shelf",)),
    ],
)
def test_questions_are_read_into_the_fields_they_ask_for(prompt, fields):
    """Measures, two things at once and questions that begin with a preposition name their fields."""
    assert parse_request(prompt).fields == fields


def test_the_end_of_a_list_is_a_place_in_it():
    """The bottom of the table is its last entry, the top its first."""
    assert parse_request("Who is at the bottom of the table?").ordinal == -1
    assert parse_request("Which team is first in the league?").ordinal == 1


def test_a_limit_goes_by_the_number_that_counts_the_thing():
    """Of several numbers in one text the one before the field's name is compared, not the first."""
    page = boots(
        {"Model": "Attic", "Facts": "780 a month, 48 m², 1 bedroom"},
        {"Model": "Corner", "Facts": "1,150 a month, 82 m², 2 bedrooms"},
        {"Model": "Loft", "Facts": "1,690 a month, 120 m², 3 bedrooms"},
    )
    told = str(extract(parse_request("List the models with at least 2 bedrooms"), page).output)
    assert "Corner" in told
    assert "Loft" in told
    assert "Attic" not in told


def test_what_the_page_names_itself_is_no_entry():
    """A name with its value ("Spring holiday: 3 May") is read as such, though a list has it as an entry, too."""
    rows = tuple(
        Record((Cell(name, path="a"), Cell(day, path="b")), f"{name} {day}", index=number)
        for number, (name, day) in enumerate((("Spring holiday", "3 May 2027"), ("Summer break", "2 August 2027")))
    )
    facts = (Fact("Spring holiday", "3 May 2027", "dl"), Fact("Summer break", "2 August 2027", "dl"))
    page = Observation("http://site.test/", "Days", groups=(RecordGroup("dl>dt", "list", rows, area=0.2),), facts=facts)
    schema = {"type": "object", "properties": {"date": {"type": "string", "format": "date"}}, "required": ["date"]}
    answer = extract(parse_request("Get the date of the spring holiday", schema), page)
    assert answer.output == {"date": "2027-05-03"}
