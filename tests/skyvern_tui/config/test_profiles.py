"""Claims about profiles, keys in the keyring, and what the user likes."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from skyvern_tui.config import ConfigError, resolve_connection
from skyvern_tui.config.preferences import Preferences, Remembered
from skyvern_tui.config.profiles import ProfileFacts, add_profile, profiles_known
from skyvern_tui.config.secrets import store_key, stored_key
from skyvern_tui.config.settings import load_settings

KEY = "secret-key-of-somebody-1234"


@pytest.fixture(autouse=True)
def file(monkeypatch, tmp_path):
    """A home without settings or variables; returns where the file would be."""
    for name in ("SKYVERN_API_KEY", "SKYVERN_BASE_URL", "SKYVERN_TUI_PROFILE", "SKYVERN_TUI_PROFILES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SKYVERN_TUI_CONFIG", str(tmp_path / "config" / "config.toml"))
    return tmp_path / "config" / "config.toml"


@pytest.fixture
def ring(monkeypatch):
    """A keyring that is a dict."""
    held: dict[tuple[str, str], str] = {}
    module = ModuleType("keyring")
    module.errors = ModuleType("keyring.errors")
    module.errors.KeyringError = type("KeyringError", (Exception,), {})
    module.get_password = lambda service, name: held.get((service, name))
    module.set_password = lambda service, name, key: held.__setitem__((service, name), key)
    module.delete_password = lambda service, name: held.pop((service, name))
    monkeypatch.setitem(sys.modules, "keyring", module)
    return held


def write(file, text):
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)


def test_a_key_comes_from_the_keyring(file, ring):
    """A profile may keep its key in the system's keyring; a variable that is set wins over it."""
    write(file, '[profiles.w]\nbase_url = "http://w.example"\napi_key_env = "W_KEY"\napi_key_keyring = true\n')
    with pytest.raises(ConfigError, match="holds no key"):
        resolve_connection(profile="w", env={})
    store_key("w", KEY)
    assert ring == {("skyvern-tui", "w"): KEY}
    assert resolve_connection(profile="w", env={}).api_key == KEY
    assert resolve_connection(profile="w", env={"W_KEY": "other"}).api_key == "other"
    store_key("w", "")
    assert stored_key("w") == ""


def test_a_keyring_that_is_missing_or_locked_is_explained(monkeypatch, ring):
    """Without the library, or when it fails, the error says what else there is."""
    keyring = sys.modules["keyring"]

    def locked(*_):
        raise keyring.errors.KeyringError(KEY)

    monkeypatch.setattr(keyring, "get_password", locked)
    with pytest.raises(ConfigError, match="can't be read") as caught:
        stored_key("w")
    assert KEY not in str(caught.value)
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigError) as caught:
        stored_key("w")
    assert "skyvern-tui[keyring]" in caught.value.hint


def test_a_profile_can_be_read_only(file):
    """The connection of such a profile carries it."""
    write(file, '[profiles.prod]\nbase_url = "http://p.example"\nread_only = true\n')
    assert resolve_connection(profile="prod", env={}).read_only


def test_profiles_are_listed_without_their_keys(file):
    """The user's own come first, then the built-in ones, each with its place and the way to its key."""
    write(file, '[profiles.w]\nbase_url = "http://w.example"\napi_key_command = "pass x"\nread_only = true\n')
    assert profiles_known() == [
        ProfileFacts("w", "http://w.example", "a command", read_only=True),
        ProfileFacts("cloud", "https://api.skyvern.com", "$SKYVERN_API_KEY", built_in=True),
        ProfileFacts("mock", "a mock on this machine", "its own", embedded=True, built_in=True),
    ]


def test_a_profile_is_added_to_the_file(file):
    """The new profile is at the end; what was in the file stays as it was."""
    write(file, "# mine\n[profiles.a]\nbase_url = 'http://a.example'\n")
    add_profile("b", "http://b.example/", api_key_env="B_KEY", read_only=True)
    assert file.read_text().startswith("# mine\n[profiles.a]\nbase_url = 'http://a.example'\n")
    connection = resolve_connection(profile="b", env={"B_KEY": KEY})
    assert (connection.base_url, connection.api_key, connection.read_only) == ("http://b.example", KEY, True)
    assert KEY not in file.read_text()


@pytest.mark.parametrize(
    ("name", "url", "says"),
    [("b b", "http://b", "name"), ("a", "http://b", "already"), ("b", "b.example", "needs a scheme")],
)
def test_a_profile_that_can_not_be_is_refused(file, name, url, says):
    """Names, addresses and what is there already are checked before anything is written."""
    write(file, "[profiles.a]\nbase_url = 'http://a.example'\n")
    before = file.read_text()
    with pytest.raises(ConfigError, match=says):
        add_profile(name, url)
    assert file.read_text() == before


def test_the_file_says_what_the_user_likes(file):
    """Theme, themes, keys (one or several per action) and notices are read."""
    write(
        file,
        'theme = "mine"\nnotice = "bell"\n[themes.mine]\nprimary = "#ff0000"\ndark = false\n'
        '[keys]\n"runs.new" = ["b", "ctrl+b"]\n"runs.sort" = "x"\n',
    )
    assert load_settings().preferences() == Preferences(
        "mine",
        {"mine": {"primary": "#ff0000", "dark": False}},
        {"runs.new": ("b", "ctrl+b"), "runs.sort": ("x",)},
        "bell",
    )
    write(file, 'notice = "loud"\n')
    with pytest.raises(ConfigError, match="notice"):
        load_settings()


def test_small_things_are_remembered(tmp_path):
    """Sizes and the theme outlive the app; a broken file, or none, is as good as an empty one."""
    path = tmp_path / "state" / "ui.json"
    first = Remembered(path)
    first.keep("theme", "skyvern-light")
    first.keep("pane.panes", 40)
    again = Remembered(path)
    assert (again.text("theme"), again.whole("pane.panes"), again.text("pane.panes")) == ("skyvern-light", 40, "")
    path.write_text("{")
    assert Remembered(path).text("theme") == ""
    nowhere = Remembered(None)
    nowhere.keep("theme", "x")
    assert nowhere.text("theme") == "x"
