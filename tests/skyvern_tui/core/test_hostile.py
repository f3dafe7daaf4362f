"""Claims about hostile text: whatever a server or a page says, nothing crashes and nothing of it reaches a terminal.

What is safe to show is ``str.isprintable``: no control character, escape, direction mark or line break is.
"""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skyvern_tui.core.compare import Side, compare
from skyvern_tui.core.draft import Draft, hints, readable, validate
from skyvern_tui.core.exports import FORMATS, export
from skyvern_tui.core.exports.runs import cassette, contract_test
from skyvern_tui.core.find import Finder, gathered
from skyvern_tui.core.imports import from_run
from skyvern_tui.core.imports.values import NotUnderstood
from skyvern_tui.core.journal import ArtifactsSeen, Journal, RunSeen, TimelineSeen
from skyvern_tui.core.preview import preview
from skyvern_tui.core.previews.bounds import Unreadable
from skyvern_tui.core.previews.elements import read_elements
from skyvern_tui.core.previews.files import file_facts
from skyvern_tui.core.previews.hardetail import chosen, read_har
from skyvern_tui.core.previews.jsontree import opened_to, parse_json, rows, table
from skyvern_tui.core.previews.logs import read_log
from skyvern_tui.core.previews.page import read_page
from skyvern_tui.core.runs import line_of
from skyvern_tui.core.saving import safe_name
from skyvern_tui.core.schema import verdict
from skyvern_tui.core.shelf import Shelf
from skyvern_tui.core.timeline import Timeline, details
from tests.skyvern_tui.builders import a_block, a_run, a_thought, an_action, an_artifact
from tests.skyvern_tui.core.requests import JSON
from tests.skyvern_tui.core.shown import texts_of

SIGNS = (
    "\x00\x07\x08\x0d\x1b\x7f\x80\x85\x9b\x9d\u061c\u200b\u200e\u202a\u202e\u2066\u2069\u2028\ufeff"
    "\ud800\udfff\U000e0041[]<>&\\"
)
ESCAPES = [
    "\x1b[2J\x1b]0;title\x07",
    "\x1b]52;c;aGk=\x07",
    "\x1bP+q544e\x1b\\",
    "\x9b31m",
    "[bold red]markup[/]",
    "[@click=app.quit]x[/]",
    "\r\n\x0b\x0c",
    "\u202egnp.exe",
    "a\u0300" * 20,
    "👩\u200d👩\u200d👧",
]
TEXT = st.one_of(st.sampled_from(ESCAPES), st.text(st.sampled_from(SIGNS) | st.characters(), max_size=20))
PREVIEWED = ["har", "html_scrape", "skyvern_log", "llm_response", "download", "pdf", "trace", "unheard_of"]


def all_safe(*texts: str) -> bool:
    """Tell whether all of these are safe to show."""
    return all(text.isprintable() for text in texts)


@settings(max_examples=60)
@given(TEXT, TEXT, TEXT, TEXT, JSON)
def test_any_text_of_a_server_is_safe_in_every_view_of_a_run(one, two, three, name, output):
    """Prompt, title, status, reason, thoughts, actions, blocks, artifacts and output are safe in rows and details."""
    asked = {"prompt": one, "title": two, "url": three, "engine": name, "max_steps": one}
    run = a_run(status="failed", failure_reason=one, output=output, run_request=asked, step_count=1)
    action = an_action(1, when=3, action_type=name or "x", reasoning=one, text=two, element_id=three)
    action |= {"skyvern_element_data": {"name": one, "attributes": {"aria-label": two}}}
    block = a_block(1, when=2, status=two, block_type=one, failure_reason=three, url=name, actions=[action])
    thought = a_thought(1, when=1, thought=one, observation=two, answer=three, thought_type=name, output=output)
    artifact = an_artifact(1, kind=name or "x", uri=f"file:///{two}/{three}")
    journal = Journal()
    for snapshot in (RunSeen(run), TimelineSeen([block, thought]), ArtifactsSeen([artifact])):
        journal.apply(snapshot)
    timeline = Timeline(journal).rows(evidence=True)
    for row in timeline:
        assert all_safe(row.head, row.text)
        assert all_safe(*(part for _, text in details(row) for part in text.split("\n")))
    line = line_of(run)
    assert all_safe(line.title, line.prompt, line.url, line.engine, line.type)
    assert all_safe(*(row.name for row in Shelf(journal.artifacts).rows() if hasattr(row, "name")))
    side = Side(run, timeline, journal.artifacts)
    found = compare(side, Side(a_run(), (), ()))
    parts = (*found.request, *found.outcome, *found.output)
    assert all_safe(*(d.path + d.left + d.right for d in parts), *(shot.place for shot in found.screenshots))
    assert all_safe(*(str(fault) for fault in verdict(output, {"type": "string"}).faults))


@settings(max_examples=60)
@given(TEXT, TEXT, TEXT)
def test_any_text_can_be_asked_for_and_written_elsewhere(one, two, three):
    """Drafts of any text are judged, and exported as printable text, runs of any text as cassettes and tests."""
    draft = Draft({"prompt": one, "title": two, "url": three, "extra_http_headers": json.dumps({two: three})})
    assert all_safe(*validate(draft).values(), *hints(draft).values())
    request = readable(draft)
    for format_ in FORMATS:
        assert all_safe(export(request, format_.name).text.replace("\n", ""))
    run = a_run(run_request={"prompt": one, "title": two, "extra_http_headers": {two: three}})
    assert all_safe(cassette(run).replace("\n", ""), contract_test(run).replace("\n", ""))
    try:
        messages = from_run(run).messages
    except NotUnderstood as reason:
        messages = (str(reason),)
    assert all_safe(*messages)


def shown_by_preview(data: bytes, kind: str, name: str) -> list[str]:
    """Return every text a preview would put on a screen."""
    return texts_of(preview(data, kind, name))


def shown_by_parts(data: bytes) -> list[str]:
    """Return every text the readers of single kinds would put on a screen, those that refuse left out."""
    page = read_page(data)
    shown = [page.title, *(line.text for line in page.lines), *(branch.text for branch in page.tree), *page.notes]
    log, notes = read_log(data)
    shown += [part for line in log for part in (line.time, line.text)] + list(notes)
    facts = file_facts(data, "x.pdf")
    shown += [facts.kind, facts.warning]
    try:
        value, note = parse_json(data)
        shown.append(note)
        shown += [node.key + node.text + node.where for node in rows(value, opened_to(3, value))]
        made = table(value)
        shown += [] if made is None else [*made.columns, *(cell for row in made.rows for cell in row)]
    except Unreadable as reason:
        shown.append(str(reason))
    try:
        shown += [element.line for element in read_elements(data).all]
    except Unreadable as reason:
        shown.append(str(reason))
    try:
        for call in chosen(read_har(data).calls, "a"):
            shown += [call.status_text, *(part for pair in call.response_headers for part in pair)]
    except Unreadable as reason:
        shown.append(str(reason))
    return shown


BYTES = st.one_of(
    st.binary(max_size=200),
    TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.lists(TEXT, max_size=4).map(lambda texts: "".join(f"<p {t}>{t}</p>" for t in texts).encode("utf-8", "replace")),
    TEXT.map(lambda t: json.dumps([{"id": t, "tagName": t, "attributes": {t: t}, "children": [{"text": t}]}]).encode()),
    TEXT.map(
        lambda t: json.dumps(
            {
                "log": {
                    "entries": [
                        {
                            "startedDateTime": t,
                            "request": {"url": f"a{t}", "method": t},
                            "response": {"statusText": t, "headers": [{"name": t, "value": t}]},
                        }
                    ]
                }
            }
        ).encode()
    ),
)


@given(BYTES, st.sampled_from(PREVIEWED), TEXT)
def test_any_bytes_of_any_kind_are_safe_to_look_at(data, kind, name):
    """An artifact of any bytes, type and name has a preview whose every text is safe; nothing raises."""
    assert all_safe(*shown_by_preview(data, kind, name))
    assert all_safe(*shown_by_parts(data))


@given(TEXT)
def test_any_name_is_a_file_name(name):
    """A file saved under a name from a server stays in its folder, on any system."""
    saved = safe_name(name)
    assert saved
    assert saved.isascii()
    assert saved.isprintable()
    assert not set(saved) & set('/\\:*?"<>| ')
    assert saved not in {".", ".."}


@pytest.mark.parametrize(
    "data",
    [
        b"x" * 1_000_000,
        b"\x1b[31m" * 200_000,
        "\u202e".encode() * 300_000,
        b'{"a": "' + b"y" * 1_000_000 + b'"}',
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        b"\xff" * 1_000_000,
        b"\n" * 1_000_000,
        b"<b>" * 300_000,
        b"2026-01-20T11:53:40 ERROR " + b"z" * 1_000_000,
    ],
    ids=["line", "escapes", "bidi", "string", "brackets", "objects", "invalid", "breaks", "tags", "log"],
)
def test_a_megabyte_of_one_thing_is_bounded(data):
    """Endless lines, depths and repetitions give few, short and safe lines."""
    for kind in ("html_scrape", "skyvern_log", "llm_response", "har"):
        shown = shown_by_preview(data, kind, "")
        assert len(shown) <= 80_000
        assert all(len(line) <= 25_000 for line in shown)
        assert all_safe(*shown)
    shown = shown_by_parts(data)
    assert all_safe(*shown)
    assert all(len(text) <= 25_000 for text in shown)
    lines = [data[:1_000_000].decode("utf-8", "replace")]
    assert len(Finder("x").spans(lines[0])) <= 200
    assert len(gathered([Finder("zzz").is_in(line) for line in lines])) == 1


def test_bombs_stay_packed():
    """An archive of gigabytes of nothing is listed by its header alone, one in another is a name."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros", "w") as member:
        for _ in range(64):
            member.write(bytes(1_000_000))
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner\x1b.zip", inner.getvalue())
    for data in (inner.getvalue(), outer.getvalue()):
        assert all_safe(*shown_by_preview(data, "trace", "trace.zip"))
        assert len(data) < 200_000
