"""The script of a recipe: every kind of step as a person would write it, no secret in it, and valid Python."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.agent.scripting import is_replayable, source_of
from mock_server.agent.scripting.recipe import quoted

BUTTON = {"frames": [], "chain": [{"by": "role", "role": "button", "name": 'Say "yes"'}], "nth": None}
FIELD = {"frames": ["#inner"], "chain": [{"by": "label", "text": "Name"}], "nth": None}
BARE = {"frames": [], "chain": [{"by": "css", "css": "#x"}], "nth": 2}
ROW = {
    "frames": [],
    "chain": [{"by": "role", "role": "row", "has_text": "B-2"}, {"by": "role", "role": "link", "name": "PDF"}],
    "nth": None,
}


def script(*steps: dict[str, Any], prompt: str = "Do it", dialogs: bool = False) -> str:
    block = {"block_type": "navigation", "label": "navigate", "description": "Do it", "steps": list(steps)}
    recipe = {"version": 1, "prompt": prompt, "url": None, "blocks": [block], "dialogs": dialogs}
    source = source_of(recipe)
    compile(source, "script.py", "exec")
    return source


def step(do: str, at: Any = None, **more: Any) -> dict[str, Any]:
    return {"do": do, "intent": 0, "reasoning": "It fits.", "at": at, **more}


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (step("goto_url", url="http://a.test/"), 'page.goto("http://a.test/")'),
        (step("click", BUTTON), 'page.get_by_role("button", name="Say \\"yes\\"", exact=True).click()'),
        (step("click", BUTTON, keys=["double"]), ".dblclick()"),
        (step("click", BUTTON, navigates=True), "with page.expect_navigation():\n        page.get_by_role"),
        (step("click", BUTTON, new_tab=True), "page = opened.value"),
        (step("click", BARE), '# It fits.\n    page.locator("#x").nth(2).click()'),
        (step("click", ROW), 'page.get_by_role("row").filter(has_text="B-2").get_by_role("link", name="PDF"'),
        (step("input_text", FIELD, text="A"), 'page.frame_locator("#inner").get_by_label("Name", exact=True)'),
        (step("input_text", FIELD, text="Ada", by_key=True), '.press_sequentially("Ada")'),
        (step("input_text", FIELD, text="Ada", then_press="Enter"), '.press("Enter")'),
        (step("input_text", FIELD, secret="password"), '.fill(os.environ["SKYVERN_PASSWORD"])'),
        (step("input_text", FIELD, secret="code", part=3), '.fill(os.environ["SKYVERN_CODE"][3])'),
        (step("select_option", FIELD, labels=["Two"]), '.select_option(label=["Two"])'),
        (step("checkbox", FIELD, wanted=True), ".set_checked(True)"),
        (step("hover", BUTTON), ".hover()"),
        (step("upload_file", FIELD, files=["/tmp/a.txt"]), '.set_input_files(["/tmp/a.txt"])'),
        (step("drag", BUTTON, to=BARE), '.drag_to(page.locator("#x").nth(2))'),
        (step("keypress", keys=["Escape"]), 'page.keyboard.press("Escape")'),
        (step("scroll", way="bottom"), "scrollHeight"),
        (step("scroll", BUTTON), ".scroll_into_view_if_needed()"),
        (step("go_back"), "page.go_back()"),
        (step("reload_page"), "page.reload()"),
        (step("wait", seconds=1.5), "page.wait_for_timeout(1500)"),
        (step("download_file", saves=[["a.pdf", ""]]), 'saved.append(save("a.pdf", page.pdf()))'),
        (step("click", BUTTON, downloads=True, saves=[["a.pdf", "http://a.test/"]]), "with page.expect_download()"),
        (step("click", BUTTON, saves=[["a.pdf", "http://a.test/a.pdf"]]), 'request.get("http://a.test/a.pdf")'),
    ],
)  # fmt: skip
def test_steps(made: dict[str, Any], line: str):
    """Each step is the call a person would make."""
    assert line in script(made)


@pytest.mark.parametrize(
    ("plan", "text"),
    [
        ({"kind": "title"}, "output = page.title()"),
        ({"kind": "address"}, "output = page.url"),
        ({"kind": "empty"}, "output = []"),
        ({"kind": "lost", "value": 12}, "no one place shows it: 12\n    output = None"),
        (
            {"kind": "value", "at": {"css": "dt", "text": "Total (net)", "next": "dd"}, "read": {"how": "number"}},
            '.filter(has_text=re.compile(r"^\\s*Total \\(net\\)\\s*$")).locator("xpath=following-sibling::dd[1]")',
        ),
        (
            {"kind": "value", "at": {"css": "b"}, "read": {"how": "says", "map": {"In stock": True, "Gone": False}}},
            '{"In stock": True, "Gone": False}.get(text(page.locator("b")))',
        ),
        (
            {
                "kind": "rows", "css": "li", "start": 1, "stop": 4, "step": 1, "total": 9, "pick": None, "scalar": True,
                "optional": [], "fields": [["", {"kind": "value", "at": {"css": ""}, "read": {"how": "text"}}]],
            },
            'for entry in page.locator("li").all()[1:4]:\n        entries.append(text(entry))',
        ),
        (
            {
                "kind": "rows", "css": "li", "start": 0, "stop": 6, "step": 0, "total": 9, "pick": [0, 5],
                "scalar": True, "optional": [],
                "fields": [["", {"kind": "value", "at": {"css": "a"}, "read": {"how": "prop", "name": "href"}}]],
            },
            "for index in [0, 5]]",
        ),
    ],
)  # fmt: skip
def test_readings(plan: dict[str, Any], text: str):
    """Each plan of a reading is code that reads it, or a comment that says why not."""
    assert text in script(step("extract", goal="it", plan=plan))


def test_reading_without_a_plan():
    """A reading whose places were not found is said to be one."""
    assert "could not be traced back" in script(step("extract", goal="it", plan=None))


def test_head():
    """The head says what the script is for and which variables it takes, whatever the prompt holds."""
    source = script(step("input_text", FIELD, secret="password"), prompt='Say """hello""" \\ and\nmore', dialogs=True)
    assert "SKYVERN_PASSWORD" in source.split('"""')[1]
    assert "dialog.accept()" in source
    assert "Secrets" not in script(step("click", BUTTON)).split('"""')[1]


def test_what_can_be_done_again():
    """A recipe of another release, and one without steps, are none."""
    assert is_replayable({"version": 1, "blocks": [{}]})
    assert not is_replayable({"version": 2, "blocks": [{}]})
    assert not is_replayable({"version": 1, "blocks": []})
    assert not is_replayable(None)


@pytest.mark.parametrize("text", ["plain", 'say "x"', "back\\slash", "line\nend", "tab\t", "ümläut", "\x07"])
def test_quoted_text_is_python(text: str):
    """What is quoted reads back as it was."""
    assert eval(quoted(text)) == text  # our own quoting, tried on our own texts
