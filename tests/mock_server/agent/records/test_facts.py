"""Named single values, however a page writes them."""

from __future__ import annotations

import pytest

from mock_server.agent.records.facts import facts_of, flatten
from mock_server.agent.records.lines import lines_of


@pytest.mark.parametrize(
    "html",
    [
        "<dl><dt>Status</dt><dd>Approved</dd></dl>",
        "<table><tr><th>Status</th><td>Approved</td></tr></table>",
        "<table><tr><td>Status:</td><td>Approved</td><td>Fee:</td><td>12</td></tr></table>",
        "<p>Status: Approved</p>",
        "<p><b>Status:</b> Approved <b>Fee:</b> 12</p>",
        "<p>Place: Here | Status: Approved</p>",
        "<div><span class='label'>Status</span><span class='value'>Approved</span></div>",
        "<h4>Status</h4><p>Approved</p>",
        "<p>Status:</p><p>Approved</p>",
        "<span itemprop='status'>Approved</span>",
    ],
)
def test_every_way_of_naming_a_value_is_a_fact(render, html):
    """Definition lists, rows, colons, bold labels, label classes, small headings and microdata all name values."""
    facts = facts_of(render(f"<div>{html}</div>"), "", [])
    assert ("status", "Approved") in [(fact.name.lower(), fact.value) for fact in facts]


def test_a_label_is_not_the_value_of_the_one_before(render):
    """Two bold labels in a line do not become name and value of each other."""
    facts = facts_of(render("<p><b>Officer:</b> J. Okafor <b>Fee:</b> 12</p>"), "", [])
    assert ("Officer", "Fee:") not in [(fact.name, fact.value) for fact in facts]


def test_the_figures_of_a_dashboard_are_named_by_the_words_beside_them(render):
    """Tiles of a few words and a measure, with or without a remark, are facts; tiles of prose are none."""
    tiles = (
        "<div class='k'><div>Scrap rate</div><div>1.7 %</div><div>target 2 %</div></div>"
        "<div class='k'><div>Lines</div><div>5 / 6</div></div>"
        "<div class='k'><div>Energy</div><div>412 MWh</div></div>"
    )
    told = {(fact.name, fact.value) for fact in facts_of(render(f"<div>{tiles}</div>"), "", [])}
    assert {("Scrap rate", "1.7 %"), ("Lines", "5 / 6"), ("Energy", "412 MWh")} <= told
    prose = tiles.replace("1.7 %", "is low today").replace("5 / 6", "all run").replace("412 MWh", "as ever")
    assert not any(fact.name == "Energy" for fact in facts_of(render(f"<div>{prose}</div>"), "", []))


def test_title_headings_and_meta_are_facts(render):
    """What a page is called, and what it says of itself in its head, can be asked for."""
    facts = facts_of(render("<h1>Big</h1>"), "The title", [("og:type", "article")])
    assert [(fact.name, fact.value, fact.source) for fact in facts] == [
        ("title", "The title", "title"),
        ("h1", "Big", "heading"),
        ("og:type", "article", "meta"),
    ]


def test_nested_data_is_flattened_by_path():
    """Scalars are named by the keys that lead to them; lists of scalars give one fact each."""
    value = {"offers": {"price": 3, "tags": ["a", "b"]}, "open": True, "none": None}
    assert [(fact.name, fact.value) for fact in flatten(value, "json")] == [
        ("offers price", "3"),
        ("offers tags", "a"),
        ("offers tags", "b"),
        ("open", "true"),
    ]


def test_lines_are_what_the_eye_takes_in(render):
    """Inline parts are joined, blocks and line breaks divide; each line knows its heading and kind."""
    lines = lines_of(render("<h2>News</h2><p>One <b>two</b> three<br>four</p><ul><li>five</li></ul>")[0])
    assert [(line.text, line.kind, line.level, line.section) for line in lines] == [
        ("News", "heading", 2, ""),
        ("One two three", "paragraph", 0, "News"),
        ("four", "paragraph", 0, "News"),
        ("five", "item", 0, "News"),
    ]
