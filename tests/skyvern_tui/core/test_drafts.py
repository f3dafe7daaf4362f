"""Claims about drafts and templates that survive."""

from __future__ import annotations

import json
import stat
import sys
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.core.draft import BY_NAME, Draft, validate
from skyvern_tui.core.drafts import DraftStore, Edits
from skyvern_tui.core.schema import schema_fault
from skyvern_tui.core.templates import TEMPLATES, TemplateStore
from tests.skyvern_tui.builders import START


def later(seconds):
    return START + timedelta(seconds=seconds)


def test_typing_on_is_one_edit_and_other_edits_are_their_own():
    """Keys in a row in one field are undone together; a pause, a paste and another field each begin a new edit."""
    edits = Edits(Draft())
    for place, text in enumerate(("a", "ab", "abc")):
        edits.record(Draft({"prompt": text}), later(place))
    edits.record(Draft({"prompt": "abcd"}), later(60))
    edits.record(Draft({"prompt": "abcd and a whole sentence pasted"}), later(61))
    edits.record(Draft({"prompt": "abcd and a whole sentence pasted", "url": "x"}), later(61))
    seen = []
    while edits.undo():
        seen.append(edits.current.to_dict())
    assert seen == [{"prompt": "abcd and a whole sentence pasted"}, {"prompt": "abcd"}, {"prompt": "abc"}, {}]
    while edits.redo():
        pass
    assert edits.current.text("url") == "x"


@given(
    st.lists(st.one_of(st.tuples(st.sampled_from(["prompt", "url"]), st.text(max_size=6)), st.booleans()), max_size=25)
)
def test_undo_and_redo_are_inverse(steps):
    """After any edits, undos and redos: undoing all and redoing all ends where it began."""
    edits = Edits(Draft())
    for number, step in enumerate(steps):
        if step is True:
            edits.undo()
        elif step is False:
            edits.redo()
        else:
            edits.record(edits.current.typed(*step), later(number * 3))
    while edits.redo():
        pass
    end = edits.current.to_dict()
    while edits.undo():
        pass
    assert edits.current.to_dict() == {}
    while edits.redo():
        pass
    assert edits.current.to_dict() == end


def test_drafts_outlive_the_program_without_their_secrets(tmp_path):
    """What was kept is there again, the latest first, readable by its owner only; secrets were not written."""
    store = DraftStore(tmp_path / "drafts")
    assert store.load() == []
    store.keep("current", Draft({"prompt": "p\ud800", "cdp_connect_headers": '{"A": "secret"}'}), later(0))
    store.keep("../other", Draft({"url": "u"}), later(5))
    assert [(one.id, one.draft.to_dict()) for one in DraftStore(tmp_path / "drafts").load()] == [
        ("../other", {"url": "u"}),
        ("current", {"prompt": "p\ud800"}),
    ]
    files = list((tmp_path / "drafts").iterdir())
    assert len(files) == 2
    assert not any(b"secret" in file.read_bytes() for file in files)
    if sys.platform != "win32":
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    store.drop("current")
    store.drop("current")
    assert [one.id for one in store.load()] == ["../other"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff", b'{"id": 1}', b'{"id":"x","texts":{},"saved_at":"soon"}']
)
def test_files_that_can_not_be_read_are_passed_over(tmp_path, content):
    """A broken file costs that draft or template only."""
    store, templates = DraftStore(tmp_path), TemplateStore(tmp_path)
    store.keep("good", Draft({"prompt": "p"}), later(0))
    (tmp_path / "broken.json").write_bytes(content)
    assert [one.id for one in store.load()] == ["good"]
    assert templates.all() == list(TEMPLATES)


def test_templates_of_ones_own_come_first(tmp_path):
    """A template is kept under its name, replaced under the same name, and gone once removed."""
    store = TemplateStore(tmp_path)
    store.save("  My  task ", Draft({"prompt": "one"}))
    store.save("My task", Draft({"prompt": "two"}))
    first = store.all()[0]
    assert (first.name, first.draft.text("prompt"), first.is_own) == ("My task", "two", True)
    store.remove("My task")
    assert store.all() == list(TEMPLATES)
    with pytest.raises(ValueError, match="name"):
        store.save(" ", Draft())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_bundled_templates_can_be_sent(template):
    """Each is a draft without a fault, its schema included, and says what it is for."""
    assert validate(template.draft) == {}
    assert set(template.draft.texts) <= set(BY_NAME)
    assert template.summary
    schema = template.draft.text("data_extraction_schema")
    assert not schema or schema_fault(json.loads(schema)) == ""


@pytest.mark.parametrize("name", ["\ud800", "\x1b[2J", "../../x", "", "Ä" * 300])
def test_any_name_can_be_kept_under(name, tmp_path):
    """A draft is kept and found again whatever its id is, within its folder."""
    store = DraftStore(tmp_path / "drafts")
    store.keep(name, Draft({"prompt": "p"}), START)
    assert [kept.id for kept in store.load()] == [name]
    assert [path.parent for path in tmp_path.rglob("*.json")] == [tmp_path / "drafts"]
    store.drop(name)
    assert store.load() == []
