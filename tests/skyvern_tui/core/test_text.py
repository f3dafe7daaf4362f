"""Claims about safe text and words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.core.text import age_words, clock_words, duration_words, inert, inert_lines, one_line, size_words

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@given(st.text(alphabet=st.characters(codec=None, categories=None)))
def test_inert_text_is_printable_whatever_came_in(text):
    """Any text, lone surrogates included, comes out as printable characters only."""
    assert inert(text).isprintable()
    assert one_line(text).isprintable()
    assert all(line.isprintable() for line in inert_lines(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("a\u202eb", "a⟨RLO⟩b"),
        ("a\u200bb", "a⟨ZWSP⟩b"),
        ("a\x9bb", "a⟨U+009B⟩b"),
        ("a\tb", "a    b"),
        ("a\u00a0b", "a b"),
        ("[bold]x[/]", "[bold]x[/]"),
        ("\ud800", "⟨U+D800⟩"),
    ],
)
def test_dangerous_characters_become_visible_marks(text, shown):
    """What would act on a terminal is shown instead; ordinary text, markup included, is left as it is."""
    assert inert(text) == shown


def test_lines_are_split_at_line_feeds_only():
    """A carriage return or a Unicode separator cannot fake a line."""
    assert inert_lines("a\r\nb\rc\u2028d") == ["a", "b␍c⟨LSEP⟩d"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0 s"),
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1 m 00 s"),
        (3661, "1 h 01 m"),
        (90_000, "1 d 1 h"),
    ],
)
def test_durations_read_as_words(seconds, words):
    """A duration is worded in its two coarsest units, rounding included."""
    assert duration_words(seconds) == words


def test_a_running_clock_keeps_its_width():
    """The ticking form pads its seconds, so that nothing beside it moves."""
    assert [clock_words(s) for s in (0.9, 7, 65, 3725)] == ["0:00", "0:07", "1:05", "1:02:05"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(-5, "now"), (0.5, "now"), (42, "42 s"), (61, "1 m"), (7300, "2 h"), (200_000, "2 d")]
)
def test_ages_read_as_words(seconds, words):
    """An age is worded in its coarsest unit; a clock that is behind gives "now"."""
    assert age_words(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (None, "-"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (26_132, "26.1 kB"),
        (999_600, "1.0 MB"),
        (123_456_789, "123 MB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_sizes_read_as_words(count, words):
    """Sizes use SI prefixes and at most four digits."""
    assert size_words(count) == words
