"""Opening the terminal app from the command line."""

from __future__ import annotations

from skyvern_tui.cli import app
from skyvern_tui.cli.exits import Exit


def test_without_textual_it_says_how_to_get_it(monkeypatch, capsys):
    """Who installed only the client, beside the official SDK, is told what to install instead of shown a traceback."""
    monkeypatch.setattr(app, "find_spec", lambda name: None if name == "textual" else object())
    assert app.open_app(base_url=None, profile=None, mock=True) == Exit.error
    assert "pipx install 'skyvern-tui[tui,images,mock]'" in capsys.readouterr().err
