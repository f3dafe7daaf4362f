"""Claims about settings of the app that come from variables."""

from __future__ import annotations

from skyvern_tui.config.connection import Connection
from skyvern_tui.tui import run_app


def test_a_variable_counts_without_a_file(monkeypatch, tmp_path):
    """SKYVERN_TUI_THEME is heard by whoever has no configuration file, too."""
    monkeypatch.setenv("SKYVERN_TUI_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.setenv("SKYVERN_TUI_THEME", "skyvern-light")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    started = []
    monkeypatch.setattr("skyvern_tui.tui.app.SkyvernApp.run", lambda app: started.append(app.preferences.theme))
    assert run_app(Connection("http://127.0.0.1:1", "key-of-nobody")) == 0
    assert started == ["skyvern-light"]
