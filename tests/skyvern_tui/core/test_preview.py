"""Claims about previews of artifacts."""

from __future__ import annotations

import gzip
import io
import json
import unicodedata
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.core.har import MAX_ENTRIES, NotHar, parse_har
from skyvern_tui.core.jsontext import MAX_LINE, MAX_LINES, json_lines
from skyvern_tui.core.preview import (
    ArchivePreview,
    BinaryPreview,
    ElementsPreview,
    FilmPreview,
    ImagePreview,
    JsonPreview,
    Language,
    LogPreview,
    PagePreview,
    PdfPreview,
    TextPreview,
    preview,
)
from skyvern_tui.core.previews.archive import MAX_MEMBER
from skyvern_tui.core.previews.logs import log_level
from tests.skyvern_tui.core.shown import texts_of

TYPES = ["har", "html_scrape", "llm_response", "visible_elements_tree", "trace", "screenshot_final", "skyvern_log", "x"]
NAMES = ["", "a.json", "b.html", "c.log", "d.zip", "e\0f", "/", "..", "g.HAR"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def zipped(files):
    """Return the bytes of an archive of ``files``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


PREFIXES = [
    b"",
    b"\x89PNG\r\n\x1a\n",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"{",
    b"[",
    b"<html>",
    b'{"log":{"entries":[',
    b"%PDF-",
]


@given(
    st.sampled_from(PREFIXES),
    st.binary(max_size=600) | st.text().map(lambda t: t.encode("utf-8", "surrogatepass")),
    st.sampled_from(TYPES) | st.text(),
    st.sampled_from(NAMES) | st.text(),
)
def test_any_bytes_make_a_preview_without_control_characters(prefix, data, artifact_type, name):
    """Whatever an artifact holds and is called, a preview comes out and its text is printable."""
    assert all(text.isprintable() for text in texts_of(preview(prefix + data, artifact_type, name)))


@given(json_values)
def test_any_json_is_laid_out_safely(value):
    """A JSON artifact of any value is shown as JSON and holds no character that acts."""
    shown = preview(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"), "llm_response")
    assert isinstance(shown, (JsonPreview, TextPreview, BinaryPreview))
    assert all(text.isprintable() for text in texts_of(shown))


@given(json_values)
def test_laid_out_json_of_plain_values_reads_back(value):
    """Where nothing had to be marked or cut, the lines are the value itself."""
    lines, whole = json_lines(value)
    # A space of another width becomes a plain one: no mark, but another text.
    odd_spaces = any(c != " " and unicodedata.category(c) == "Zs" for c in json.dumps(value, ensure_ascii=False))
    text = "".join(lines)
    if whole and not odd_spaces and "⟨" not in text and " … " not in text and max(map(len, lines)) < MAX_LINE:
        assert repr(json.loads("\n".join(lines))) == repr(json.loads(json.dumps(value)))


@given(st.binary(max_size=400))
def test_a_damaged_archive_never_raises(noise):
    """An archive with bytes overwritten anywhere is a listing or is shown as damaged."""
    whole = zipped({"a/b.txt": b"hello" * 50, "ü\x1b[2J.png": b"x"})
    for place in range(0, len(whole), 37):
        shown = preview(whole[:place] + noise + whole[place + len(noise) :], "trace", "trace.zip")
        assert all(text.isprintable() for text in texts_of(shown))


@pytest.mark.parametrize(
    ("data", "artifact_type", "name", "kind"),
    [
        (b'{"a": 1}', "llm_response", "", JsonPreview),
        (b'{"a": 1}', "download", "", JsonPreview),
        (b'{"a": 1}\n{"a": 2}\n', "download", "x.jsonl", JsonPreview),
        (b"<!DOCTYPE html><p>x", "download", "x.bin", PagePreview),
        (b"<p>x", "html_action", "", PagePreview),
        (b"ERROR x", "browser_console_log", "", LogPreview),
        (b"ERROR x", "download", "x.log", LogPreview),
        (b'[{"event": "x", "level": "info"}]', "skyvern_log_raw", "", LogPreview),
        (b'[{"id": "a", "tagName": "a"}]', "visible_elements_tree", "", ElementsPreview),
        (b'{"a": "b"}', "visible_elements_id_css_map", "", JsonPreview),
        (b"a,b\n1,2", "download", "t.csv", TextPreview),
        (b"", "llm_prompt", "", TextPreview),
        ("größe".encode(), "llm_prompt", "", TextPreview),
        (b"%PDF-1.7", "x", "", PdfPreview),
        (b"\x1aE\xdf\xa3abc", "recording", "", FilmPreview),
        (b"\0\1\2", "download", "", BinaryPreview),
    ],
)
def test_artifacts_are_recognised(data, artifact_type, name, kind):
    """Content, then type, then suffix decide how an artifact is shown."""
    assert type(preview(data, artifact_type, name)) is kind


def test_an_empty_artifact_says_so():
    """No bytes are not a failure of the preview: the note says that there is nothing."""
    assert preview(b"", "har") == TextPreview(Language.text, (), ("empty",))


def test_content_wins_over_what_the_type_claims():
    """A picture filed as HAR is a picture; a HAR with no entries list is text that says why."""
    assert isinstance(preview(b"\xff\xd8\xff\xe0", "har"), ImagePreview)
    shown = preview(b'{"log": 3}', "har")
    assert isinstance(shown, TextPreview)
    assert shown.notes == ("not a HAR file: no log.entries",)
    assert isinstance(preview(b"RIFF\0\0\0\0WEBPVP8 ", "x"), ImagePreview)


def test_broken_json_is_shown_as_it_came():
    """JSON that can't be parsed is shown as text, and the preview says so."""
    shown = preview(b'{"a": [1,\n2', "llm_response")
    assert isinstance(shown, TextPreview)
    assert shown.lines == ('{"a": [1,', "2")
    assert "not readable as JSON" in shown.notes[0]


def test_bounds_hold_and_are_said():
    """Many lines, long lines, deep nesting and wide values are cut, with a note of what is missing."""
    many = preview(b"x\n" * 30_000, "llm_prompt")
    assert len(many.lines) == 20_000
    assert "first 20000 lines of 60.0 kB shown" in many.notes
    long = preview(b"y" * 1_000_000, "llm_prompt")
    assert long.lines[0].endswith("… (998000 more characters)")
    wide = preview(json.dumps(list(range(9000))).encode(), "llm_response")
    assert len(wide.lines) == MAX_LINES
    assert wide.notes == ("as text only the first 5000 lines",)
    bomb = preview(b"[" * 900 + b"]" * 900, "llm_response")
    assert sum(map(len, bomb.lines)) < 10_000
    assert len(preview(b"[" * 500_000, "llm_response").lines) == 1


def test_archives_are_listed_and_not_unpacked():
    """A zip shows names and sizes; a bomb costs nothing and a hostile name is inert."""
    shown = preview(zipped({"trace/\x1bevil": b"\0" * 5_000_000, "b.txt": b"hi"}), "trace")
    assert isinstance(shown, ArchivePreview)
    assert [(m.name, m.size) for m in shown.members] == [("trace/␛evil", 5_000_000), ("b.txt", 2)]


def test_binary_shows_its_first_bytes_in_hexadecimal():
    """Unknown bytes are shown as offset, hexadecimal and ASCII, and named where recognised."""
    shown = preview(bytes(range(32)) * 100, "download", "x.dat")
    assert isinstance(shown, BinaryPreview)
    assert shown.facts.kind == "binary data"
    assert shown.lines[1] == "000008  08 09 0a 0b 0c 0d 0e 0f  ........"
    assert shown.notes == ("first 1024 bytes of 3.2 kB shown",)


def test_what_is_packed_is_unpacked_and_bombs_are_not():
    """A gzip file is shown as what is in it; one that unpacks to gigabytes is cut at the bound, and says so."""
    shown = preview(gzip.compress(b'{"a": 1}'), "llm_response", "x.json.gz")
    assert isinstance(shown, JsonPreview)
    assert shown.notes == ("unpacked",)
    bomb = gzip.compress(bytes(MAX_MEMBER + 10_000_000))
    shown = preview(bomb, "download", "x.gz")
    assert isinstance(shown, BinaryPreview)
    assert shown.notes[0] == "the beginning, unpacked"
    assert shown.facts.size == MAX_MEMBER


def test_a_trace_has_its_calls():
    """The calls of a browser's trace are read with the files of its archive."""
    events = [
        {"type": "before", "callId": "c1", "startTime": 5.0, "class": "Page", "method": "goto", "params": {"url": "u"}},
        {"type": "after", "callId": "c1", "endTime": 9.0},
    ]
    shown = preview(zipped({"0-trace.trace": "\n".join(map(json.dumps, events)).encode()}), "trace")
    assert isinstance(shown, ArchivePreview)
    assert [(call.name, call.detail, call.duration) for call in shown.calls] == [("Page.goto", "url=u", 4.0)]


def entry(**over):
    """Return a HAR entry as browsers write them."""
    return {
        "startedDateTime": "2026-01-01T00:00:00Z",
        "time": 12.5,
        "request": {"method": "GET", "url": "http://h/a"},
        "response": {"status": 200, "bodySize": -1, "content": {"size": 20, "mimeType": "text/html; charset=utf-8"}},
    } | over


def test_a_har_is_a_table_of_requests():
    """Method, status, type, size, time and url are taken from where browsers put them."""
    har = parse_har(json.dumps({"log": {"entries": [entry()]}}).encode())
    (only,) = har.entries
    assert (only.method, only.status, only.mime, only.size, only.time, only.url, only.failed) == (
        "GET", 200, "text/html", 20, 12.5, "http://h/a", False,
    )  # fmt: skip


def test_a_tolerant_har_reading_keeps_what_it_can():
    """Entries with wrong parts keep the right ones; what is no entry is counted; long files are cut with a note."""
    strange = [entry(response=7, time="x"), "no", entry(request=None, time=1e999), entry(time=True)]
    har = parse_har(json.dumps({"log": {"entries": strange}}).encode())
    assert [(e.method, e.status, e.time) for e in har.entries] == [
        ("GET", None, None),
        ("?", 200, None),
        ("GET", 200, None),
    ]
    assert (har.total, har.unreadable) == (4, 1)
    shown = preview(json.dumps({"log": {"entries": [entry()] * 3000 + [1]}}).encode(), "har")
    assert len(shown.waterfall.calls) == MAX_ENTRIES
    assert shown.notes == ("first 2000 of 3001 requests shown", "1 could not be read")


@given(json_values)
def test_any_json_is_a_har_or_refused_as_one(value):
    """No value inside log.entries makes reading raise anything but NotHar."""
    for document in ({"log": {"entries": [value, {"request": value, "response": value, "time": value}]}}, value):
        try:
            har = parse_har(json.dumps(document).encode())
        except NotHar:
            continue
        assert all(e.url.isprintable() and e.method.isprintable() for e in har.entries)


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("2026 [ERROR] x", "error"),
        ("warn: y", "warning"),
        ("terror", ""),
        ("fatal", "error"),
        ("INFO", "info"),
        ("", ""),
    ],
)
def test_log_levels_are_words_of_their_own(line, level):
    """A level is recognised as a word in any case, not inside another word."""
    assert log_level(line) == level
