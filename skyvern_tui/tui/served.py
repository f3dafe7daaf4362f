"""The app in a browser, and what happens when the server between them is gone.

Owns: noticing that. Must not: serve anything; that is the server's, which started this program.
"""

from __future__ import annotations

from textual.drivers.web_driver import WebDriver

from skyvern_tui.tui.terminal import hang_up


class ServedDriver(WebDriver):
    """Textual's driver for an app that is drawn in a browser."""

    def run_input_thread(self) -> None:
        super().run_input_thread()
        # Nothing more will be said to an app that was not left: its server was killed. Textual would wait for ever.
        if not self.exit_event.is_set():
            hang_up()

    def leave(self) -> None:
        """Leave no thread behind, which would keep the program."""
        self.exit_event.set()
        self._input_reader.close()
