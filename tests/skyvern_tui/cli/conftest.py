"""What the tests of the command line share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def own_memory(monkeypatch, tmp_path_factory):
    """What this machine remembers of runs stays out of the tests, and theirs out of it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
