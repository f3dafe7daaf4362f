"""Claims about the registry of settings, where values come from, and what is told about faulty ones."""

from __future__ import annotations

import tomllib

import jsonschema_rs
import pytest

from skyvern_tui.client.secrets import describe_key
from skyvern_tui.config import resolve_connection
from skyvern_tui.config.checking import problems
from skyvern_tui.config.origins import connection_in_force, settings_in_force
from skyvern_tui.config.registry import commented_file, reference, schema, settings_known
from skyvern_tui.config.settings import Profile, Settings, load_settings

KEY = "secret-key-of-somebody-1234"


@pytest.fixture(autouse=True)
def file(monkeypatch, tmp_path):
    """A home without settings or variables; returns where the file would be."""
    for name in ("SKYVERN_API_KEY", "SKYVERN_BASE_URL", *(f"SKYVERN_TUI_{f.upper()}" for f in Settings.model_fields)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SKYVERN_TUI_CONFIG", str(tmp_path / "config.toml"))
    return tmp_path / "config.toml"


def test_every_setting_is_known_and_explained():
    """The registry has all fields of the models, each with a sentence about it."""
    known = {setting.path: setting for setting in settings_known()}
    assert {path for path in known if len(path) == 1} == {(name,) for name in Settings.model_fields}
    assert {path[-1] for path in known if len(path) == 3} == set(Profile.model_fields)
    assert all(setting.help.endswith(".") for setting in known.values())
    assert all(f"`{setting.written}`" in reference() for setting in known.values())


def test_the_new_file_says_nothing_until_its_lines_are_uncommented(file):
    """As written it is empty; with its comment signs taken off it is a file that can be used, and keeps the schema."""
    text = commented_file()
    assert tomllib.loads(text) == {}
    lines = [line.removeprefix("# ") if "=" in line or line.startswith("# [") else line for line in text.splitlines()]
    file.write_text("\n".join(lines))
    assert load_settings().profile == "work"
    jsonschema_rs.validate(schema(), tomllib.loads(file.read_text()))
    used = tomllib.loads(file.read_text())
    assert set(used) == set(Settings.model_fields)
    assert set(used["profiles"]["work"]) == set(Profile.model_fields)


@pytest.mark.parametrize("wrong", [{"profil": "x"}, {"notice": "bel"}, {"profiles": {"a": {"base": 1}}}])
def test_the_schema_refuses_what_the_program_does(wrong):
    """An editor that knows the schema marks unknown names and values."""
    assert not jsonschema_rs.is_valid(schema(), wrong)


@pytest.mark.parametrize(
    ("text", "line", "key", "told"),
    [
        ('\nprofil = "x"', 2, "profil", "Did you mean profile?"),
        ('[profiles.a]\n\nbase_ur = "x"', 3, "profiles.a.base_ur", "Did you mean base_url?"),
        ('[profiles.a]\nbase_url = "h"', 2, "profiles.a.base_url", "needs a scheme"),
        ('notice = "Bel"', 1, "notice", "Did you mean bell?"),
        ('notice = "xyz"', 1, "notice", "off, bell, notify, both"),
        ('[profiles.a]\nembedded = "maybe"', 2, "profiles.a.embedded", "unable to interpret"),
        ('[keys]\n"runs.cancel" = 3', 2, "keys.runs.cancel", "a list of keys"),
        ("profiles = 3", 1, "profiles", "has to be a table"),
        ('profile = "wrk"\n[profiles.work]\n', 1, "profile", "Did you mean work?"),
        ("profile =", 1, "", "is not TOML"),
    ],
)
def test_a_fault_is_told_with_line_key_and_what_was_meant(file, text, line, key, told):
    """Everything that keeps the settings from being used is found in its place."""
    file.write_text(text)
    (problem,) = problems({})
    assert (problem.line, problem.key, problem.severe) == (line, key, True)
    assert told in str(problem)
    assert f"{file}:{line}" in str(problem)


def test_all_faults_are_told_at_once(file):
    """One look is enough, in the order of the file."""
    file.write_text('notice = "x"\n[profiles.a]\nbase_url = "x"\nnonsense = 1\n')
    assert [problem.line for problem in problems({})] == [1, 3, 4]


@pytest.mark.parametrize("line", [f'api_key = "{KEY}"', f'api_key_env = "{KEY}"', f'api_key_keyring = "{KEY}"'])
def test_a_key_in_the_file_is_named_and_not_shown(file, line):
    """Whoever writes a key into the file is told where it belongs, without the key."""
    file.write_text(f"[profiles.work]\n{line}\n")
    (problem,) = problems({})
    assert problem.severe
    assert KEY not in repr(problem)
    assert KEY not in str(problem)


def test_variables_are_looked_at_too():
    """A faulty variable is named as the place."""
    found = problems({"SKYVERN_TUI_NOTICE": "bel", "SKYVERN_TUI_KEYS": "{", "SKYVERN_TUI_PROFILES": '{"a": {"b": 1}}'})
    assert {problem.where for problem in found} == {"SKYVERN_TUI_NOTICE", "SKYVERN_TUI_KEYS", "SKYVERN_TUI_PROFILES"}
    assert all(problem.severe for problem in found)


def test_a_variable_that_holds_no_key_is_only_odd(file):
    """A profile whose key is not there now may be used elsewhere; it is a note."""
    file.write_text(
        '[profiles.work]\napi_key_env = "WORK_KEY"\n[profiles.other]\napi_key_env = "O"\napi_key_keyring=true'
    )
    (problem,) = problems({})
    assert (problem.severe, "WORK_KEY is not set" in problem.text) == (False, True)
    assert problems({"WORK_KEY": "x"}) == []


@pytest.mark.parametrize("make", [lambda file: file.mkdir(), lambda file: file.write_bytes(b"\xff\xfe")])
def test_a_file_that_is_none_is_told(file, make):
    """A directory or bytes in its place are an error with a reason."""
    make(file)
    (problem,) = problems({})
    assert problem.severe


def test_a_missing_file_is_no_problem():
    """Nothing has to be configured."""
    assert problems({}) == []


def test_each_value_says_what_set_it(file, monkeypatch):
    """Default, file with line, and variable, also for entries of tables; keys are described."""
    file.write_text(
        'theme = "a"\n[profiles.work]\nbase_url = "https://x"\napi_key_env = "WORK_KEY"\n[keys]\nb = ["c"]\n'
    )
    monkeypatch.setenv("SKYVERN_TUI_NOTICE", "bell")
    monkeypatch.setenv("SKYVERN_TUI_KEYS", '{"d": "e"}')
    monkeypatch.setenv("WORK_KEY", KEY)
    found = {o.name: (o.value, o.source, o.where) for o in settings_in_force(describe_key)}
    assert found == {
        "profile": (None, "default", ""),
        "theme": ("a", "file", f"{file}:1"),
        "notice": ("bell", "environment", "SKYVERN_TUI_NOTICE"),
        "profiles.work.base_url": ("https://x", "file", f"{file}:3"),
        "profiles.work.api_key_env": (
            "WORK_KEY (set: a key of 27 characters, ending in 1234)",
            "file",
            f"{file}:4",
        ),
        "keys.b": (["c"], "file", f"{file}:6"),
        "keys.d": ("e", "environment", "SKYVERN_TUI_KEYS"),
    }


FLAGS = [{}, {"mock": True}, {"base_url": "http://h"}, {"profile": "work"}, {"profile": "mock"}]
VARIABLES = [
    {},
    {"SKYVERN_API_KEY": KEY},
    {"SKYVERN_BASE_URL": "http://env"},
    {"SKYVERN_TUI_PROFILE": "work", "SKYVERN_API_KEY": KEY},
]


@pytest.mark.parametrize("flags", FLAGS)
@pytest.mark.parametrize("variables", VARIABLES)
@pytest.mark.parametrize("chosen", ["", 'profile = "work"\n'])
def test_the_server_told_is_the_server_used(file, flags, variables, chosen, monkeypatch):
    """Whatever combination of flag, variable and file: what is shown is what a command would connect to."""
    file.write_text(f'{chosen}[profiles.work]\nbase_url = "https://work"\napi_key_env = "WORK_KEY"\n')
    env = variables | {"WORK_KEY": "w" * 30}
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    used = resolve_connection(**flags)
    told = {o.name: o for o in connection_in_force(describe_key, **flags)}
    if used is None:
        assert told["server"].value.startswith("none named")
    elif used.embedded:
        assert told["server"].value == "a mock on this machine"
    else:
        assert told["server"].value == used.base_url
        assert (describe_key(used.api_key) in told["key"].value) is bool(used.api_key)
    assert all(key not in repr(told) for key in (KEY, "w" * 30))


def test_what_costs_something_is_not_done_to_tell(file):
    """Telling about settings runs no key command and opens no keyring."""
    file.write_text(
        'profile = "a"\n[profiles.a]\napi_key_command = "false"\n'
        "[profiles.b]\napi_key_keyring = true\nread_only = true\n"
    )
    told = {o.name: o.value for o in connection_in_force(describe_key)}
    assert told["key"] == "from a command (not run)"
    told = {o.name: o.value for o in connection_in_force(describe_key, profile="b")}
    assert (told["key"], told["read_only"]) == ("in the system's keyring (not looked at)", True)
