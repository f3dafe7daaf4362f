"""``python -m skyvern_tui``: the command line without its script. Must not: do anything when imported."""

from __future__ import annotations

from skyvern_tui.cli import main

if __name__ == "__main__":
    main(prog_name="skyvern-tui")
