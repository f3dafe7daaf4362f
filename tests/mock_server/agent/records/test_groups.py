"""Repeated structures, found by shape."""

from __future__ import annotations

import pytest

from mock_server.agent.records.groups import groups_of


def found(render, html):
    """Return the groups of a page."""
    return groups_of(render(html), 1280 * 720)[0]


def largest(render, html):
    """Return the group with the most text."""
    return max(found(render, html), key=lambda group: sum(len(record.text) for record in group.records))


def test_like_siblings_are_records(render):
    """Entries of a list are one group, whatever state classes they carry."""
    group = largest(
        render, "<ul><li class='odd first'><a href='/1'>One</a></li><li class='even'><a href='/2'>Two</a></li></ul>"
    )
    assert [record.text for record in group.records] == ["One", "Two"]


def test_alternating_siblings_are_one_record(render):
    """A title row and the row about it, with a spacer between entries, make one record."""
    rows = "".join(
        f"<tr class='t'><td>{n}.</td><td><a href='/{n}'>Title {n}</a></td></tr>"
        f"<tr><td></td><td class='m'>{n} points by <a href='/u'>user{n}</a></td></tr><tr class='gap'></tr>"
        for n in range(1, 5)
    )
    group = largest(render, f"<table>{rows}</table>")
    assert len(group.records) == 4
    cells = {cell.key: cell.text for cell in group.records[1].cells if cell.key}
    assert cells == {"points": "2 points", "by": "user2"}


def test_flat_headings_begin_records(render):
    """Headings followed by paragraphs of any number are records that begin at the heading."""
    html = "<div><h3>A</h3><p>one</p><h3>B</h3><p>two</p><p>three</p><h3>C</h3><p>four</p></div>"
    group = largest(render, html)
    assert [record.text for record in group.records] == ["A one", "B two three", "C four"]


def test_cards_spread_over_rows_are_one_group(render):
    """Three cards to a row and two rows are six records, not two."""
    card = "<div class='card'><h3>{0}</h3><p class='price'>${0}.00</p></div>"
    rows = "".join("<div class='row'>" + "".join(card.format(n) for n in range(r, r + 3)) + "</div>" for r in (10, 20))
    groups = found(render, f"<main>{rows}</main>")
    assert 6 in [len(group.records) for group in groups]


def test_a_table_gives_its_column_names_to_the_cells(render):
    """Cells of a table with a header are named by their column; title rows and spanning cells are allowed for."""
    html = (
        "<table><caption>Orders</caption><thead><tr><th>No</th><th colspan='2'>Customer</th></tr></thead>"
        "<tbody><tr><td>1</td><td>Ada</td><td>Ltd</td></tr><tr><td>2</td><td>Bo</td><td>AG</td></tr></tbody></table>"
    )
    group = next(group for group in found(render, html) if group.kind == "table")
    assert (group.title, group.header) == ("Orders", ("No", "Customer", "Customer"))
    assert [(cell.key, cell.text) for cell in group.records[1].cells] == [
        ("No", "2"),
        ("Customer", "Bo"),
        ("Customer", "AG"),
    ]


def test_a_layout_table_is_not_a_data_table(render):
    """A table that only places another table is not read as records of its own."""
    inner = "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>"
    html = f"<table><tr><th>x</th><td>{inner}</td></tr></table>"
    assert [group.header for group in found(render, html) if group.kind == "table"] == [("A", "B")]


def test_columns_of_a_list_are_not_lists_themselves(render):
    """The prices of six cards are told as part of the cards only."""
    cards = "".join(f"<li class='c'><h3>Thing {n}</h3><p class='price'>${n}.00</p></li>" for n in range(6))
    assert len(found(render, f"<ul>{cards}</ul>")) == 1


def test_menus_are_known_by_their_region(render):
    """A list inside nav, or in a block that an older page calls menu, lies in the navigation region."""
    entries = "<ul><li><a href='/a'>A</a></li><li><a href='/b'>B</a></li><li><a href='/c'>C</a></li></ul>"
    filler = "<p>" + "words of the page " * 20 + "</p>"
    for menu in (f"<nav>{entries}</nav>", f"<div id='main-menu'>{entries}</div>"):
        groups = found(render, menu + filler)
        assert {group.region for group in groups} == {"navigation"}


@pytest.mark.parametrize(
    ("html", "rating"),
    [
        ("<p class='star-rating Three'><i class='star'></i> <i class='star'></i></p>", "3"),
        ("<span class='stars' style='width: 80%'></span>", "4 out of 5"),
        ("<span class='r'>4.5 out of 5</span>", "4.5 out of 5"),
        ("<span class='r'>\u2605\u2605\u2605\u2606\u2606</span>", "\u2605\u2605\u2605\u2606\u2606"),
        (
            "<span class='stars'>" + "<i class='star full'></i>" * 4 + "<i class='star empty'></i></span>",
            "4 out of 5",
        ),
    ],
)
def test_drawn_ratings_are_read(render, html, rating):
    """A class word, a width, a text, star characters and rows of icons all say a rating."""
    group = largest(render, f"<ul><li><b>One</b>{html}</li><li><b>Two</b>{html}</li></ul>")
    assert [cell.text for cell in group.records[0].cells if cell.kind == "rating"] == [rating]


def test_labels_units_and_bylines_name_cells(render):
    """ "Beds: 3", "14 photos", "3 / votes" and "by Ada" give their cells a key."""
    entry = (
        "<li><h4>{0}</h4><p>Beds: 3</p><p>14 photos</p><div><b>7</b><span>votes</span></div>"
        "<p>by <a href='/u'>Ada</a></p></li>"
    )
    group = largest(render, f"<ul>{entry.format('One')}{entry.format('Two')}</ul>")
    keys = {cell.key: cell.text for cell in group.records[0].cells if cell.key}
    assert {"Beds": "3", "photos": "14 photos", "votes": "7", "by": "Ada"}.items() <= keys.items()
