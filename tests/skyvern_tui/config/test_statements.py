"""Claims about finding and changing settings in a TOML text."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.config.statements import changed, line_of, lines_of, value_text

TEXT = '''# who: me
profile = "work"   # mine

[profiles.work]
base_url = "https://x"
api_key_command = """
base_url = "no"
[keys]
"""
[keys]
"runs.cancel" = ["x",
  "y"]  # two
'''


def test_each_setting_has_its_line():
    """Values over several lines, and texts that look like settings, are read as TOML reads them."""
    lines = lines_of(TEXT)
    assert lines == {
        ("profile",): 2,
        ("profiles",): 4,
        ("profiles", "work"): 4,
        ("profiles", "work", "base_url"): 5,
        ("profiles", "work", "api_key_command"): 6,
        ("keys",): 10,
        ("keys", "runs.cancel"): 11,
    }
    assert line_of(lines, ("profiles", "work", "unknown")) == 4
    assert line_of(lines, ("unknown",)) is None


@pytest.mark.parametrize(
    ("place", "value", "before", "after"),
    [
        (("profile",), "home", 'profile = "work"   # mine', 'profile = "home"'),
        (("keys", "runs.cancel"), ["z"], '"runs.cancel" = ["x",\n  "y"]  # two', '"runs.cancel" = ["z"]'),
        (("keys", "runs.sort"), "o", '"y"]  # two\n', '"y"]  # two\n"runs.sort" = "o"\n'),
        (("profiles", "work", "read_only"), True, '[keys]\n"""\n', '[keys]\n"""\nread_only = true\n'),
        (("profiles", "two", "base_url"), "h", "# two\n", '# two\n\n[profiles.two]\nbase_url = "h"\n'),
        (("profiles", "work", "base_url"), None, 'base_url = "https://x"\n', ""),
    ],
)
def test_only_what_was_asked_for_changes(place, value, before, after):
    """Setting, adding and taking out leave every other line, comment and order as it was."""
    assert changed(TEXT, place, value) == TEXT.replace(before, after, 1)


def test_a_first_setting_stands_above_every_table():
    """At its own commented line if there is one, else on top: further down it would belong to a table."""
    assert changed('[keys]\na = "b"\n', ("theme",), "x") == 'theme = "x"\n[keys]\na = "b"\n'
    assert changed('# hello\n# theme = "auto"\n# [keys]\n', ("theme",), "x") == (
        '# hello\n# theme = "auto"\ntheme = "x"\n# [keys]\n'
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [('profile = "x"\n', ("profile", "deep")), ("[a]\nb = {c = 1, d = 2}\n", ("a", "b", "c")), ("", ("nothing",))],
)
def test_what_cannot_be_changed_safely_is_refused(text, place):
    """A value inside an inline table, below a text, or not there at all: an error instead of another meaning."""
    with pytest.raises(ValueError, match=r"."):
        changed(text, place, 3 if place != ("nothing",) else None)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
VALUES = TEXTS | st.booleans() | st.integers(-(2**40), 2**40) | st.lists(TEXTS, max_size=3)


@given(st.dictionaries(TEXTS, VALUES, max_size=4), TEXTS, VALUES)
def test_any_name_and_value_come_back(before, name, value):
    """Whatever is set is read back as it was set, and nothing else changes."""
    text = ""
    for key, inner in before.items():
        text = changed(text, ("keys", key), inner)
    after = tomllib.loads(changed(text, ("keys", name), value))
    assert after == {"keys": before | {name: value}}
    assert tomllib.loads(f"v = {value_text(value)}") == {"v": value}
