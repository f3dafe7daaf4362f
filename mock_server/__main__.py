"""``python -m mock_server`` is ``skyvern-mock``."""

from __future__ import annotations

from mock_server.cli import main

if __name__ == "__main__":
    main()
