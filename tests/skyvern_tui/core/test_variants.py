"""Claims about submitting one draft as many."""

from __future__ import annotations

import pytest

from skyvern_tui.core.draft import Draft
from skyvern_tui.core.variants import MAX_VARIANTS, axis, variants

GOOD = Draft({"prompt": "p", "title": "t"})


def test_every_combination_is_made_once():
    """Two axes give their product, in order, with what was shared kept."""
    made = variants(GOOD, {"url": ["a.com", "b.com"], "engine": ["skyvern-1.0", "skyvern-2.0"], "title": []})
    assert [(v.draft.text("url"), v.draft.text("engine")) for v in made] == [
        ("a.com", "skyvern-1.0"),
        ("a.com", "skyvern-2.0"),
        ("b.com", "skyvern-1.0"),
        ("b.com", "skyvern-2.0"),
    ]
    assert {v.draft.text("title") for v in made} == {"t"}
    assert made[0].name == "a.com, skyvern-1.0"
    assert all(not v.reasons for v in made)


def test_copies_are_numbered():
    """The same draft can be wanted several times."""
    assert [v.name for v in variants(GOOD, {}, copies=2)] == ["as written #1", "as written #2"]


def test_a_faulty_variant_says_why():
    """A value that cannot be sent is found before any is."""
    bad, good = variants(GOOD, {"url": ["not a url", "a.com"]})
    assert "url" in bad.reasons
    assert good.reasons == {}


def test_too_many_or_none_are_refused():
    """What can only be a mistake is not submitted."""
    with pytest.raises(ValueError, match="between 1 and"):
        variants(GOOD, {"url": [f"{n}.com" for n in range(MAX_VARIANTS + 1)]})
    with pytest.raises(ValueError, match="0 variants"):
        variants(GOOD, {}, copies=0)
    with pytest.raises(KeyError):
        variants(GOOD, {"nonsense": ["x"]})


def test_an_axis_is_typed_a_line_each():
    """Blank lines and repetitions don't count."""
    assert axis(" a.com\n\nb.com\r\na.com\n") == ["a.com", "b.com"]
