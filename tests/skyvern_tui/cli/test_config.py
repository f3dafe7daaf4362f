"""Claims about ``config``: it shows, checks and changes the file, and never endangers it."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest

from skyvern_tui.cli.exits import Exit
from skyvern_tui.config.settings import load_settings
from tests.skyvern_tui.cli.service import Service, command


@pytest.fixture
def file(tmp_path):
    return tmp_path / "sub" / "config.toml"


@pytest.fixture
def config(file, monkeypatch):
    """Return a function that runs ``config`` on a file of the test's own."""
    monkeypatch.setenv("SKYVERN_TUI_CONFIG", str(file))

    def run(*words, **env):
        env = {"SKYVERN_TUI_CONFIG": str(file), "SKYVERN_API_KEY": None} | env
        return command(Service(), "config", *words, base_url=None, env=env)

    return run


def test_path_is_one_line(config, file):
    """The file's place is data, whether it exists or not; --all names the other places."""
    assert config("path").stdout == f"{file}\n"
    assert set(json.loads(config("path", "--all", "--json").stdout)["data"]) == {"configuration", "state", "mock"}


def test_init_writes_a_file_once(config, file):
    """A new file can be used as it is; an existing one is left alone."""
    assert config("init").stdout == f"{file}\n"
    assert config("validate").exit_code == 0
    file.write_text('theme = "mine"\n')
    refused = config("init")
    assert (refused.exit_code, "There is a file already" in refused.stderr) == (Exit.bad_input, True)
    assert file.read_text() == 'theme = "mine"\n'


def test_set_and_unset_change_one_line(config, file):
    """A new file has just what was set; taking it out leaves the rest."""
    assert config("set", "profiles.work.base_url", "https://x").exit_code == 0
    assert config("set", "profiles.work.read_only", "true").exit_code == 0
    assert config("set", "keys.runs.cancel", '["x", "ctrl+x"]').stdout == "keys.runs.cancel = x, ctrl+x\n"
    assert config("set", "profile", "work").exit_code == 0
    settings = load_settings()
    assert settings.profile == "work"
    assert settings.keys == {"runs.cancel": ["x", "ctrl+x"]}
    assert settings.profiles["work"].read_only is True
    assert config("unset", "profiles.work.read_only").exit_code == 0
    assert load_settings().profiles["work"].read_only is False
    assert config("unset", "profiles.work.read_only").exit_code == Exit.bad_input


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("notice", "bel", "Did you mean bell?"),
        ("profile", "nobody", "There are: cloud, mock"),
        ("profiles.work.api_key", "secret", "Keys do not go into the file"),
        ("profiles.work.api_key_env", "eyJ.secret", "the name of a variable"),
        ("profiles.work.read_only", "perhaps", "true or false"),
        ("profiles", "x", "is a table"),
        ("keys.runs.cancel", "[x", "is no list"),
        ("themee", "x", "Did you mean theme?"),
        ("a..b", "x", "is no setting"),
    ],
)
def test_a_value_that_would_break_the_file_is_refused(config, file, key, value, told):
    """The reason is told, a secret is not, and the file stays byte for byte as it was."""
    file.parent.mkdir()
    file.write_text('# mine\ntheme = "x"\n')
    result = config("set", key, value)
    assert (result.exit_code, file.read_text()) == (Exit.bad_input, '# mine\ntheme = "x"\n')
    assert told in result.stderr
    assert "secret" not in result.output


def test_a_file_that_is_broken_already_can_be_mended(config, file):
    """A fault elsewhere does not keep a setting from being changed; a file that is no TOML is left alone."""
    file.parent.mkdir()
    file.write_text('notice = "x"\ntheme = "y"\n')
    assert config("set", "theme", "z").exit_code == 0
    assert config("set", "notice", "off").exit_code == 0
    file.write_text("notice =")
    assert config("set", "notice", "off").exit_code == Exit.bad_input
    assert file.read_text() == "notice ="


def test_a_link_stays_one(config, file, tmp_path):
    """A file kept elsewhere, as in a repository of dotfiles, is changed where it is; its mode stays."""
    kept = tmp_path / "kept.toml"
    kept.write_text("")
    kept.chmod(0o600)
    file.parent.mkdir()
    file.symlink_to(kept)
    assert config("set", "theme", "x").exit_code == 0
    assert (file.is_symlink(), kept.read_text(), kept.stat().st_mode & 0o777) == (True, 'theme = "x"\n', 0o600)


def test_validate_tells_what_the_app_would_stumble_over(config, file):
    """Unknown actions, keys that mean two things and unknown themes are notes with lines; faults are status 2."""
    file.parent.mkdir()
    file.write_text('theme = "skyvern-lite"\n[keys]\n"runs.cancl" = "x"\n"runs.cancel" = "q"\n')
    result = config("validate")
    assert result.exit_code == 0
    assert f"note   {file}:1: theme: there is no such theme. Did you mean skyvern-light?" in result.stdout
    assert f"{file}:3: keys.runs.cancl: there is no such action. Did you mean runs.cancel?" in result.stdout
    assert "q is both" in result.stdout
    file.write_text('notice = "bel"\n')
    faulty = config("validate", "--json")
    (problem,) = json.loads(faulty.stdout)["data"]
    assert faulty.exit_code == Exit.bad_input
    assert (problem["line"], problem["key"], problem["severe"]) == (1, "notice", True)


def test_setting_an_odd_key_is_done_and_told(config, file):
    """An action that does not exist is set, since another version may have it, and warned about."""
    result = config("set", "keys.runs.cancl", "x")
    assert (result.exit_code, "Did you mean runs.cancel?" in result.stderr) == (0, True)


def test_show_says_why_and_shows_no_key(config, file):
    """Every setting with what set it; a faulty file is status 2."""
    file.parent.mkdir()
    file.write_text('profile = "work"\n[profiles.work]\nbase_url = "https://x"\napi_key_env = "WORK_KEY"\n')
    result = config("show", WORK_KEY="key-of-work-that-nobody-sees")
    assert result.exit_code == 0
    assert f"{file}:1" in result.stdout
    assert "a key of 28 characters, ending in sees" in result.stdout
    assert "key-of-work" not in result.output
    flagged = json.loads(config("show", "--mock", "--json").stdout)["data"]
    assert flagged["server"][0] == {
        "name": "server",
        "value": "a mock on this machine",
        "source": "flag",
        "where": "--mock",
    }
    file.write_text("profile = 3\n")
    assert config("show").exit_code == Exit.bad_input


def test_schema_is_a_schema(config):
    """What is printed is a JSON Schema that takes a good file and refuses a bad one."""
    schema = json.loads(config("schema").stdout)
    jsonschema_rs.meta.validate(schema)
    assert jsonschema_rs.is_valid(schema, {"theme": "x"})
    assert not jsonschema_rs.is_valid(schema, {"themee": "x"})
