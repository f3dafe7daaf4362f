"""Claims about ``sessions`` and ``browser-profiles``: what they ask of a server and print.

``tests/e2e/test_sessions_by_command.py`` does it on a real mock with a real browser.
"""

from __future__ import annotations

import json

import httpx
import pytest

from skyvern_tui.cli.exits import Exit
from tests.skyvern_tui.cli.service import TIME, Service, command

TIMES = {"organization_id": "o_1", "created_at": TIME.format(0), "modified_at": TIME.format(5)}
SESSION = {"browser_session_id": "pbs_1", "status": "running", "timeout": 60, "runnable_id": "wr_1", **TIMES}
PROFILE = {"browser_profile_id": "bp_1", "name": "a\x1b[31mshop", **TIMES}


class Browsers:
    """Answers the calls about sessions and profiles, and notes them."""

    def __init__(self, **session):
        self.asked = []
        self.session = SESSION | session

    def __call__(self, request):
        path = request.url.path.removeprefix("/v1/")
        self.asked.append((request.method, path, json.loads(request.content or b"null")))
        if request.method == "DELETE" or path.endswith("/close"):
            return httpx.Response(200, json={})
        one = self.session if path.startswith("browser_sessions") else PROFILE
        is_list = request.method == "GET" and path in ("browser_sessions", "browser_profiles")
        return httpx.Response(200, json=[one] if is_list else one)


def test_sessions_are_a_line_each():
    """Id, status, since when, how long, and the run that has it; records for programs."""
    assert command(Browsers(), "sessions", "list").stdout == ("pbs_1  running     2026-01-20 11:52:00  60 min  wr_1\n")
    listed = json.loads(command(Browsers(), "sessions", "list", "--json").stdout)["data"]
    assert listed[0]["browser_session_id"] == "pbs_1"


def test_create_prints_the_id_and_sends_what_was_asked():
    """The id alone is data, so that it can be put into a variable; what was not given is not sent."""
    browsers = Browsers(warning="No place for it.")
    words = ["--timeout", "30", "--url", "http://x/", "--keep", "--extension", "ad-blocker"]
    result = command(browsers, "sessions", "create", *words)
    assert result.stdout == "pbs_1\n"
    assert "--browser-session-id pbs_1" in result.stderr
    assert "No place for it." in result.stderr
    assert command(browsers, "sessions", "create").exit_code == 0
    given = {"timeout": 30, "url": "http://x/", "generate_browser_profile": True, "extensions": ["ad-blocker"]}
    assert browsers.asked == [
        ("POST", "browser_sessions", given),
        ("POST", "browser_sessions", None),
    ]


def test_close_and_delete_take_several():
    """Each is asked for, and told."""
    browsers = Browsers()
    closed = command(browsers, "sessions", "close", "pbs_1", "pbs_2", "--json")
    deleted = command(browsers, "browser-profiles", "delete", "bp_1")
    assert [entry["browser_session_id"] for entry in json.loads(closed.stdout)["data"]] == ["pbs_1", "pbs_2"]
    assert "Profile bp_1 is deleted." in deleted.stderr
    assert [path for _, path, _ in browsers.asked] == [
        "browser_sessions/pbs_1/close",
        "browser_sessions/pbs_2/close",
        "browser_profiles/bp_1",
    ]


def test_a_profile_is_kept_of_a_session():
    """Name and origin are sent; the id is printed; what a server sends cannot act on the terminal."""
    browsers = Browsers()
    made = command(browsers, "browser-profiles", "create", "shop", "--session", "pbs_1")
    assert (made.stdout, browsers.asked[0][2]) == ("bp_1\n", {"name": "shop", "browser_session_id": "pbs_1"})
    assert command(browsers, "browser-profiles", "list").stdout == "bp_1  2026-01-20 11:52:00  a␛[31mshop\n"
    both = command(browsers, "browser-profiles", "create", "x", "--session", "a", "--run", "b")
    assert both.exit_code == Exit.bad_input


@pytest.mark.parametrize("group", ["sessions", "browser-profiles"])
def test_get_prints_the_record_and_an_unknown_one_is_status_10(group):
    """As JSON, or an error as for runs."""
    assert command(Browsers(), group, "get", "x").stdout.startswith("{")
    assert command(Service(), group, "get", "x").exit_code == Exit.not_found


@pytest.mark.parametrize(
    "words",
    [
        ["sessions", "create"],
        ["sessions", "close", "x"],
        ["browser-profiles", "create", "x"],
        ["browser-profiles", "delete", "x"],
        ["webhook", "resend", "x"],
    ],
)
def test_a_read_only_profile_changes_nothing(tmp_path, words):
    """What changes something on the server is refused before it is asked."""
    (tmp_path / "config.toml").write_text('[profiles.look]\nbase_url = "http://service.example"\nread_only = true\n')
    browsers = Browsers()
    env = {"SKYVERN_TUI_CONFIG": str(tmp_path / "config.toml")}
    result = command(browsers, *words, "--profile", "look", base_url=None, env=env)
    assert (result.exit_code, browsers.asked) == (Exit.bad_input, [])
    assert "read-only" in result.stderr
