"""A data directory belongs to one server, or the claim fails with what to do."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from mock_server.datadir import DataDir, DataDirError, DataDirInUseError


def test_it_is_made_for_its_owner_only(tmp_path: Path):
    """Screenshots and recordings of one user's runs are not for the others of the machine."""
    data_dir = DataDir(tmp_path / "a" / "b")
    data_dir.release()
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


def test_a_second_claim_names_the_first(tmp_path: Path):
    """The refusal tells process and address of the holder; after the release the directory is free."""
    first = DataDir(tmp_path)
    first.announce("http://127.0.0.1:1234")
    with pytest.raises(DataDirInUseError, match=rf"process {os.getpid()}, http://127.0.0.1:1234.*--data-dir"):
        DataDir(tmp_path)
    first.release()
    DataDir(tmp_path).release()


@pytest.mark.parametrize("note", ["", "{", "[]", json.dumps({"pid": 1})])
def test_a_damaged_note_does_not_hide_the_refusal(tmp_path: Path, note: str):
    """Without a readable note the holder is unnamed, but the claim is refused all the same."""
    first = DataDir(tmp_path)
    (tmp_path / "server.json").write_text(note)
    with pytest.raises(DataDirInUseError, match="Another server uses"):
        DataDir(tmp_path)
    first.release()


def test_a_directory_without_the_right_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The system's reason and the option to choose another are in the message."""

    def denied(*_arguments: Any, **_named: Any) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(DataDirError, match=r"cannot be used: Permission denied.*--data-dir"):
        DataDir(tmp_path)
