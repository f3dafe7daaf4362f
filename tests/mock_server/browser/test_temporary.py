"""Where a browser puts its temporary files."""

from __future__ import annotations

import tempfile

import pytest

from mock_server.browser.downloading import Downloads


def test_temporary_files_of_a_browser_go_with_its_downloads() -> None:
    """A browser is started so that what it leaves behind when killed lies in a directory that is deleted."""
    downloads = Downloads()
    assert downloads.environment is not None
    assert downloads.environment["TMPDIR"] == str(downloads.folder)
    (downloads.folder / "org.example.Browser.abc").mkdir()
    downloads.discard()
    assert not downloads.folder.exists()


def test_a_long_path_is_not_used_for_temporary_files(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the directory's path leaves no room for a socket's, the browser keeps to the system's own place."""
    folder = tmp_path / ("long" * 15)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    downloads = Downloads()
    assert downloads.environment is None
    downloads.discard()
