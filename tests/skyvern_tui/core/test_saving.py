"""Claims about saved files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyvern_tui.core.saving import safe_name, save, write_whole


@given(st.text())
def test_any_name_stays_in_its_folder(name):
    """Whatever a server calls a file, the name has no separators, no leading dot and a bounded length."""
    safe = safe_name(name)
    assert safe
    assert not set(safe) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert not safe.startswith(".")
    assert len(safe) <= 151


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\2026-01-20T11:53:42_a_1_har.har", "2026-01-20T11-53-42_a_1_har.har"),
        ("con.txt", "_con.txt"),
        ("..", "artifact"),
        ("x" * 300 + ".webm", "x" * 145 + ".webm"),
    ],
)
def test_names_keep_what_is_safe_of_them(name, safe):
    """The last part and the suffix survive."""
    assert safe_name(name) == safe


def test_nothing_is_overwritten(tmp_path):
    """Another file under the name gets a neighbour; the same bytes are not written twice; nothing is left behind."""
    folder = tmp_path / "runs" / "r1"
    assert save(folder, "a.txt", b"one").name == "a.txt"
    assert save(folder, "a.txt", b"two").name == "a-1.txt"
    assert save(folder, "a.txt", b"two").name == "a-1.txt"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"a.txt": b"one", "a-1.txt": b"two"}


def test_a_folder_that_cannot_be_made_is_an_os_error(tmp_path):
    """The caller gets the operating system's reason."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        save(tmp_path / "file", "a.txt", b"x")


def test_a_file_is_replaced_whole_or_stays_as_it_was(tmp_path, monkeypatch):
    """What is named is replaced, folders and all; a disk that refuses leaves the old file, and nothing beside it."""
    path = tmp_path / "new" / "run.json"
    assert write_whole(path, b"old") == path
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"

    def full(self, data):
        with self.open("wb") as file:
            file.write(data[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(path), "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"newer")
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]
