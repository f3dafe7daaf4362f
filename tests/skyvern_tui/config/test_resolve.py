"""Claims about which server is meant and with whose key."""

from __future__ import annotations

import sys

import pytest

from skyvern_tui.config import ConfigError, Connection, resolve_connection
from skyvern_tui.config.locations import config_file
from skyvern_tui.config.settings import load_settings

KEY = "secret-key-of-somebody-1234"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch, tmp_path):
    """A home without settings or variables; returns where the file would be."""
    for name in ("SKYVERN_API_KEY", "SKYVERN_BASE_URL", "SKYVERN_TUI_PROFILE", "SKYVERN_TUI_PROFILES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SKYVERN_TUI_CONFIG", str(tmp_path / "config.toml"))
    return tmp_path / "config.toml"


@pytest.fixture
def file(no_settings):
    no_settings.write_text(
        'profile = "work"\n'
        '[profiles.work]\nbase_url = "https://skyvern.work.example/"\napi_key_env = "WORK_KEY"\n'
        '[profiles.open]\nbase_url = "http://open.example"\n'
    )
    return no_settings


def test_nothing_names_nothing():
    """Without flags, variables and a file there is no connection, and the settings reader is not even loaded."""
    assert resolve_connection(env={}) is None


@pytest.mark.parametrize(
    ("arguments", "env", "expected"),
    [
        ({"mock": True}, {"SKYVERN_API_KEY": KEY}, Connection("", "", "mock", embedded=True)),
        ({"profile": "mock"}, {}, Connection("", "", "mock", embedded=True)),
        ({"profile": "cloud"}, {"SKYVERN_API_KEY": KEY}, Connection("https://api.skyvern.com", KEY, "cloud")),
        ({"profile": "open"}, {"SKYVERN_API_KEY": KEY}, Connection("http://open.example", "", "open")),
        ({"base_url": "http://h:1/"}, {"SKYVERN_API_KEY": KEY}, Connection("http://h:1", KEY, "h:1")),
        (
            {"base_url": "http://h:1"},
            {"SKYVERN_TUI_PROFILE": "open", "SKYVERN_BASE_URL": "http://env"},
            Connection("http://h:1", "", "h:1"),
        ),
        (
            {},
            {"SKYVERN_TUI_PROFILE": "open", "SKYVERN_BASE_URL": "http://env", "SKYVERN_API_KEY": KEY},
            Connection("http://open.example", "", "open"),
        ),
        (
            {},
            {"SKYVERN_BASE_URL": "http://env", "SKYVERN_API_KEY": KEY, "WORK_KEY": "w"},
            Connection("http://env", KEY, "env"),
        ),
        ({}, {"SKYVERN_API_KEY": KEY, "WORK_KEY": "w"}, Connection("https://api.skyvern.com", KEY, "cloud")),
        ({}, {"SKYVERN_BASE_URL": "http://env"}, Connection("http://env", "", "env")),
        ({}, {"WORK_KEY": "w"}, Connection("https://skyvern.work.example", "w", "work")),
    ],
)
def test_flags_then_environment_then_profile(file, arguments, env, expected):
    """The first that names a server decides, and gives the key too: none goes to a server it was not set for."""
    assert resolve_connection(**arguments, env=env) == expected


@pytest.mark.parametrize(
    "arguments",
    [
        {"mock": True, "base_url": "http://x"},
        {"base_url": "http://x", "profile": "open"},
        {"mock": True, "profile": "open"},
    ],
)
def test_two_flags_for_one_server_are_refused(arguments):
    """--mock, --base-url and --profile exclude one another."""
    with pytest.raises(ConfigError, match="exclude one another"):
        resolve_connection(**arguments, env={})


def test_an_address_without_a_scheme_is_refused():
    """localhost:8000 is answered with what to write instead."""
    with pytest.raises(ConfigError) as caught:
        resolve_connection(base_url="localhost:8000", env={})
    assert "http://localhost:8000" in caught.value.hint


def test_an_unknown_profile_is_answered_with_the_known_ones(file):
    """A typo shows what there is and where more go."""
    with pytest.raises(ConfigError) as caught:
        resolve_connection(profile="wrok", env={})
    assert "cloud, mock, open, work" in caught.value.hint
    assert str(file) in caught.value.hint


def test_a_variable_that_is_not_set_is_named(file):
    """A profile whose key is missing says which variable it wants."""
    with pytest.raises(ConfigError, match="WORK_KEY"):
        resolve_connection(profile="work", env={})


def command_profile(file, *words):
    quoted = " ".join(f"'{word}'" for word in words)
    file.write_text(f'[profiles.c]\nbase_url = "http://c.example"\napi_key_command = """{quoted}"""\n')


def test_a_key_comes_from_a_command(no_settings):
    """What the command prints is the key, without the line's end; no shell is involved."""
    command_profile(no_settings, sys.executable, "-c", f'print("{KEY}")')
    assert resolve_connection(profile="c", env={}).api_key == KEY


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((sys.executable, "-c", f'import sys; print("{KEY}"); sys.exit(4)'), "status 4"),
        ((sys.executable, "-c", "pass"), "printed nothing"),
        (("no-such-command-anywhere",), "could not be run"),
    ],
)
def test_a_key_command_that_fails_is_explained_without_its_output(no_settings, words, says):
    """What went wrong is said; what was printed may be a secret and is not."""
    command_profile(no_settings, *words)
    with pytest.raises(ConfigError, match=says) as caught:
        resolve_connection(profile="c", env={})
    assert KEY not in caught.value.message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("profile = ", "not TOML"),
        ("nonsense = 1", "nonsense"),
        ('[profiles.x]\nbase_url = "x.example"', "needs a scheme"),
        (f'[profiles.x]\napi_key = "{KEY}"', "api_key"),
        ("profiles = 3", "profiles"),
    ],
)
def test_a_faulty_file_is_explained(no_settings, text, says):
    """The message names the file and the place in it, and shows no value: it may be a key."""
    no_settings.write_text(text)
    with pytest.raises(ConfigError, match=says) as caught:
        resolve_connection(env={})
    assert str(no_settings) in caught.value.message
    assert KEY not in caught.value.message


def test_a_key_in_the_file_is_answered_with_where_it_belongs(no_settings):
    """Keys do not go into the file."""
    no_settings.write_text(f'[profiles.x]\napi_key = "{KEY}"')
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert "api_key_command" in caught.value.hint


def test_a_file_that_is_no_text_is_explained(no_settings):
    """Bytes that are no UTF-8 are no traceback."""
    no_settings.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="UTF-8"):
        resolve_connection(profile="cloud", env={"SKYVERN_API_KEY": KEY})


def test_a_variable_that_is_no_json_is_explained(monkeypatch):
    """Profiles may come as JSON in a variable; a fault in it names the variable."""
    monkeypatch.setenv("SKYVERN_TUI_PROFILES", "{")
    with pytest.raises(ConfigError) as caught:
        resolve_connection(profile="cloud", env={"SKYVERN_API_KEY": KEY})
    assert "SKYVERN_TUI_PROFILES" in caught.value.hint


def test_the_repr_of_a_connection_has_no_key():
    """A connection can be logged."""
    assert KEY not in repr(Connection("http://x", KEY, "x"))


def test_the_file_lies_where_the_platform_has_it(monkeypatch, tmp_path):
    """XDG_CONFIG_HOME is respected, and SKYVERN_TUI_CONFIG wins over it."""
    assert config_file() == tmp_path / "config.toml"
    monkeypatch.delenv("SKYVERN_TUI_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    if sys.platform == "linux":
        assert config_file() == tmp_path / "xdg" / "skyvern-tui" / "config.toml"
