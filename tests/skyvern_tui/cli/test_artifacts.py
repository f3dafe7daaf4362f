"""Claims about the commands that list, save, show and open what a run left, on a real mock server."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from skyvern_tui.cli.exits import Exit
from tests.skyvern_tui.cli.real import answered, cli, finished, records

NOWHERE = {"SKYVERN_BASE_URL": "http://127.0.0.1:1", "SKYVERN_API_KEY": None}
EVIL = "\x1b]0;owned\x07\u202e[b]x[/b]"
HAR = {
    "log": {
        "entries": [
            {
                "startedDateTime": "2026-01-20T11:52:00Z",
                "time": 12.5,
                "request": {"method": "GET", "url": f"https://example.com/{EVIL}", "headers": []},
                "response": {"status": 404, "content": {"size": 7, "mimeType": "text/html"}, "headers": []},
            }
        ]
    }
}


@pytest.fixture(autouse=True)
def own_folder(monkeypatch, tmp_path):
    """Files go to a folder of the test."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run_id(skyvern_mock):
    """A run that left a page, a log of requests, a log, JSON, a picture and two downloads."""
    artifacts = [
        {"type": "html_scrape", "content": f"<title>T</title><h1>Shop {EVIL}</h1><script>evil()</script><p>Tea</p>"},
        {"type": "har", "content": json.dumps(HAR)},
        {"type": "browser_console_log", "content": f"[error] {EVIL}\n[info] fine\n"},
        {"type": "llm_request", "content": json.dumps({"a": [1, EVIL]})},
        "screenshot_final",
    ]
    script = skyvern_mock.script().running(polls=1).artifacts(*artifacts)
    script.completed(output={"title": "Hello"}, downloads={"invoice.pdf": b"%PDF-1.4 broken", "run.sh": "echo 1"})
    return json.loads(cli(skyvern_mock, "run", "Get the title", "--json").stdout)["data"]["run_id"]


def id_of(mock, run, kind):
    (record,) = answered(cli(mock, "artifacts", "list", run, "--type", kind, "--json"))
    return record["artifact_id"]


def test_listing_narrows_by_type_step_and_name(skyvern_mock, run_id):
    """Types are exact, names a pattern or a part; nothing that fits is no error."""
    everything = cli(skyvern_mock, "artifacts", "list", run_id).stdout.splitlines()
    assert len(everything) == 7
    assert len(cli(skyvern_mock, "artifacts", "list", run_id, "--name", "*.pdf").stdout.splitlines()) == 1
    assert len(cli(skyvern_mock, "artifacts", "list", run_id, "--name", "INVOICE").stdout.splitlines()) == 1
    assert len(records(cli(skyvern_mock, "artifacts", "list", run_id, "--type", "har", "--jsonl"))) == 1
    none = cli(skyvern_mock, "artifacts", "list", run_id, "--step", "stp_unknown")
    assert (none.exit_code, none.stdout) == (0, "")


def test_one_is_saved_where_it_is_wanted(skyvern_mock, run_id, tmp_path):
    """By its id into a file of any name, into a folder under its own, and to stdout byte for byte."""
    har = id_of(skyvern_mock, run_id, "har")
    assert cli(skyvern_mock, "artifacts", "get", har, "--out", "a/log").stdout == "a/log\n"
    assert json.loads((tmp_path / "a/log").read_text()) == HAR
    assert cli(skyvern_mock, "artifacts", "get", har).stdout == "har.har\n"
    assert cli(skyvern_mock, "artifacts", "get", har, "--out", "-").stdout_bytes == (tmp_path / "har.har").read_bytes()
    saved = cli(skyvern_mock, "artifacts", "get", run_id, "--name", "invoice.pdf", "--out", "b/")
    assert Path(saved.stdout.strip()).parent == Path("b")


def test_saving_tells_what_was_written(skyvern_mock, run_id, tmp_path):
    """--json has path, size and checksum of each file; saving again changes nothing."""
    for _ in range(2):
        files = answered(cli(skyvern_mock, "artifacts", "get", run_id, "--out", "all", "--json"))
        assert len(files) == len(list((tmp_path / "all").iterdir())) == 7
        for file in files:
            data = Path(file["path"]).read_bytes()
            assert (file["size"], file["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())


def test_what_can_not_be_saved_is_told(skyvern_mock, run_id, tmp_path):
    """Nothing that fits, several for stdout, bytes beside JSON, a folder that is a file: each has its message."""
    nothing = cli(skyvern_mock, "artifacts", "get", run_id, "--name", "*.exe")
    assert (nothing.exit_code, "artifacts list" in nothing.stderr) == (Exit.not_found, True)
    several = cli(skyvern_mock, "artifacts", "get", run_id, "--out", "-")
    assert (several.exit_code, "7 artifacts fit" in several.stderr) == (Exit.bad_input, True)
    both = cli(skyvern_mock, "artifacts", "get", run_id, "--type", "har", "--out", "-", "--json")
    assert both.exit_code == Exit.bad_input
    (tmp_path / "file").write_text("")
    blocked = cli(skyvern_mock, "artifacts", "get", run_id, "--out", "file/x")
    assert blocked.exit_code == Exit.error
    assert "file" in blocked.stderr
    unknown = cli(skyvern_mock, "artifacts", "get", "a_1")
    assert unknown.exit_code == Exit.not_found


@pytest.mark.parametrize(
    ("kind", "says", "says_not"),
    [
        ("html_scrape", "# Shop", "evil()"),
        ("har", "404", ""),
        ("browser_console_log", "[info] fine", ""),
        ("llm_request", '"a": [', ""),
        ("screenshot_final", "PNG picture", ""),
    ],
)
def test_showing_is_text_that_can_not_act(skyvern_mock, run_id, kind, says, says_not):
    """Each kind has a form to read in a pipe, and nothing in it reaches the terminal as more than text."""
    shown = cli(skyvern_mock, "artifacts", "show", run_id, "--type", kind).stdout
    assert says in shown
    assert not says_not or says_not not in shown
    assert all(line.isprintable() for line in shown.splitlines())
    lines = answered(cli(skyvern_mock, "artifacts", "show", run_id, "--type", kind, "--json"))["lines"]
    assert lines == shown.splitlines()


def test_a_page_as_it_is(skyvern_mock, run_id):
    """--source shows the markup itself, inert."""
    shown = cli(skyvern_mock, "artifacts", "show", run_id, "--type", "html_scrape", "--source").stdout
    assert "<script>evil()</script>" in shown
    assert "\x1b" not in shown


def test_showing_takes_one(skyvern_mock, run_id):
    """Of several that fit, the ids are named."""
    result = cli(skyvern_mock, "artifacts", "show", run_id)
    assert result.exit_code == Exit.bad_input
    assert id_of(skyvern_mock, run_id, "har") in result.stderr


def test_opening_starts_no_programs_from_a_run(skyvern_mock, run_id, monkeypatch):
    """A picture is handed to the system, a page without its scripts, and a script not at all."""
    launched = []
    monkeypatch.setattr("click.launch", lambda path: launched.append(path) or 0)
    opened = cli(skyvern_mock, "artifacts", "open", run_id, "--type", "screenshot_final")
    assert (opened.exit_code, launched) == (0, [opened.stdout.strip()])
    assert Path(launched[0]).read_bytes().startswith(b"\x89PNG")
    page = cli(skyvern_mock, "artifacts", "open", run_id, "--type", "html_scrape", "--out", "kept")
    assert b"Content-Security-Policy" in Path(page.stdout.strip()).read_bytes()
    script = cli(skyvern_mock, "artifacts", "open", run_id, "--name", "run.sh")
    assert (script.exit_code, script.stdout) == (Exit.error, "")
    assert "does something when it is opened" in script.stderr
    assert len(launched) == 2


def test_a_saved_run_has_its_artifacts(skyvern_mock, run_id, tmp_path):
    """All of it works on a .skyrun file without a server, and gives the same bytes."""
    cli(skyvern_mock, "export", run_id, "--format", "skyrun", "--out", "r.skyrun")
    listed = cli(skyvern_mock, "artifacts", "list", "r.skyrun", env=NOWHERE)
    assert listed.stdout == cli(skyvern_mock, "artifacts", "list", run_id).stdout
    live = answered(cli(skyvern_mock, "artifacts", "get", run_id, "--out", "live", "--json"))
    saved = answered(cli(skyvern_mock, "artifacts", "get", "r.skyrun", "--out", "saved", "--json", env=NOWHERE))
    assert [file["sha256"] for file in live] == [file["sha256"] for file in saved]
    har = id_of(skyvern_mock, run_id, "har")
    assert "404" in cli(skyvern_mock, "artifacts", "show", "r.skyrun", har, env=NOWHERE).stdout
    assert cli(skyvern_mock, "artifacts", "show", "r.skyrun", "a_1", env=NOWHERE).exit_code == Exit.not_found
    card = cli(skyvern_mock, "runs", "get", "r.skyrun", "--out", "everything", env=NOWHERE)
    assert '"title": "Hello"' in card.stdout
    assert {"run.json", "timeline.json"} < {path.name for path in (tmp_path / "everything").iterdir()}


def test_an_export_is_what_its_format_says(skyvern_mock):
    """Requests carry no key, a cassette and a test replay the run; --out writes a file and prints its name."""
    run_id = finished(skyvern_mock)
    for name, says in [
        ("curl", "curl "),
        ("python", "run_task"),
        ("typescript", "runTask"),
        ("json", '"prompt"'),
        ("cassette", "interactions:"),
        ("pytest", "def test_"),
    ]:
        text = cli(skyvern_mock, "export", run_id, "--format", name).stdout
        assert says in text
        assert skyvern_mock.api_key not in text
    written = cli(skyvern_mock, "export", run_id, "--format", "curl", "--out", "request.sh")
    assert written.stdout == "request.sh\n"
    assert Path("request.sh").read_text() == cli(skyvern_mock, "export", run_id).stdout


def test_an_export_comes_back(skyvern_mock):
    """What is written for another tool is read again as the same request."""
    run_id = finished(skyvern_mock)
    asked = json.loads(cli(skyvern_mock, "runs", "rerun", run_id, "--dry-run").stdout)
    for name in ("curl", "json", "python", "python-client", "typescript", "httpx"):
        text = cli(skyvern_mock, "export", run_id, "--format", name).stdout
        read = json.loads(cli(skyvern_mock, "import", "-", input=text).stdout)
        assert {key: read.get(key) for key in asked} == asked, name
    cli(skyvern_mock, "export", run_id, "--format", "skyrun", "--out", "r.skyrun")
    assert json.loads(cli(skyvern_mock, "import", "r.skyrun", env=NOWHERE).stdout) == asked


def test_an_import_that_can_not_be_sent_is_told(skyvern_mock):
    """What was understood is printed all the same, what is missing or unknown is said."""
    result = cli(skyvern_mock, "import", "-", input='{"prompt": "x", "max_steps": "many", "colour": "red"}')
    assert result.exit_code == Exit.bad_input
    assert json.loads(result.stdout) == {"prompt": "x"}
    assert "--max-steps" in result.stderr
    assert "colour" in result.stderr
    assert cli(skyvern_mock, "import", "-", input="hello").exit_code == Exit.bad_input
    assert cli(skyvern_mock, "import", "no.json").exit_code == Exit.bad_input


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nonsense", b"no zip"])
def test_a_file_that_is_no_saved_run_is_told(skyvern_mock, tmp_path, content):
    """Its name, the reason and how such a file is made."""
    (tmp_path / "x.skyrun").write_bytes(content)
    for words in (["runs", "get"], ["watch"], ["artifacts", "list"], ["export"]):
        result = cli(skyvern_mock, *words, "x.skyrun", env=NOWHERE)
        assert result.exit_code == Exit.bad_input
        assert "x.skyrun" in result.stderr
        assert "--format skyrun" in result.stderr
